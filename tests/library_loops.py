"""Trainings as popular libraries write them: their wrappers, closures, callbacks and functional styles, rebuilt small. Registered in `loops.LOOPS`."""

from __future__ import annotations

import contextlib
import copy
import functools
import io
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from loops import State, data, loop, mlp, seed, state
from torch import nn
from torch.utils.checkpoint import checkpoint_sequential
from torch.utils.data import DataLoader

Batches = list[tuple[torch.Tensor, torch.Tensor]]


def batches(epochs: int = 3) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    """Mini-batches of 16, shuffled."""
    for _ in range(epochs):
        yield from DataLoader(data(), batch_size=16, shuffle=True)


# ---------------------------------------------------------------------------------------------------- trainers


@dataclass
class Output:
    """As transformers' models answer: an object with the loss and the logits."""

    loss: torch.Tensor | None
    logits: torch.Tensor

    def __getitem__(self, key: str) -> Any:
        return getattr(self, key)


class Classifier(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.body, self.head = mlp(), nn.Linear(4, 4)

    def forward(self, inputs: torch.Tensor, labels: torch.Tensor | None = None) -> Output:
        logits = self.head(torch.relu(self.body(inputs)))
        return Output(None if labels is None else F.cross_entropy(logits, labels), logits)


class AcceleratedOptimizer(torch.optim.Optimizer):
    """A wrapper around another optimizer that is one itself, and steps only when gradients are complete."""

    def __init__(self, optimizer: torch.optim.Optimizer, accelerator: Accelerator) -> None:
        self.optimizer, self.accelerator = optimizer, accelerator

    state = property(lambda self: self.optimizer.state, lambda self, value: None)  # type: ignore[assignment]
    param_groups = property(lambda self: self.optimizer.param_groups, lambda self, value: None)  # type: ignore[assignment]
    defaults = property(lambda self: self.optimizer.defaults, lambda self, value: None)  # type: ignore[assignment]

    def zero_grad(self, set_to_none: bool = True) -> None:
        if self.accelerator.complete:
            self.optimizer.zero_grad(set_to_none)

    def step(self, closure: Any = None) -> None:  # type: ignore[override]
        if self.accelerator.complete:
            self.optimizer.step(closure)


class Accelerator:
    """Accumulates gradients over two batches; the model's `forward` is replaced by one that runs under autocast."""

    complete = True

    def prepare(self, model: nn.Module, optimizer: torch.optim.Optimizer) -> tuple[nn.Module, AcceleratedOptimizer]:
        own = model.forward

        @functools.wraps(own)
        def forward(*args: Any, **kwargs: Any) -> Any:
            with torch.autocast("cpu", dtype=torch.bfloat16):
                output = own(*args, **kwargs)
            output.logits = output.logits.float()
            return output

        model.forward = forward  # type: ignore[method-assign]
        return model, AcceleratedOptimizer(optimizer, self)

    def backward(self, loss: torch.Tensor) -> None:
        (loss / 2).backward()


@loop
def trainer_with_accelerator() -> State:
    seed()
    accelerator = Accelerator()
    model, optimizer = accelerator.prepare(plain_model := Classifier(), torch.optim.AdamW(plain_model.parameters(), 1e-2))
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer.optimizer, lambda i: 1 - i / 20)
    for i, (x, y) in enumerate(batches()):
        model.train()
        accelerator.complete = i % 2 == 1
        loss = model(inputs=x, labels=y).loss
        accelerator.backward(loss)
        if accelerator.complete:
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        if accelerator.complete:
            schedule.step()
        optimizer.zero_grad()
        if i % 6 == 5:
            model.eval()
            with torch.no_grad():
                outputs = [model(inputs=x, labels=y) for x, y in DataLoader(data(32), batch_size=16)]
                torch.cat([o.logits for o in outputs]).argmax(-1)
    return state(model, optimizer.optimizer)


class Cancel(Exception):
    """A callback ends a batch or the training."""


class OwnOptimizer:
    """fastai's kind: no subclass of PyTorch's, steppers that write into `p.data`."""

    def __init__(self, parameters: list[nn.Parameter], lr: float) -> None:
        self.parameters, self.lr = parameters, lr
        self.averages = [torch.zeros_like(p) for p in parameters]

    def step(self) -> None:
        for p, average in zip(self.parameters, self.averages, strict=True):
            if p.grad is not None:
                average.mul_(0.9).add_(p.grad.data)
                p.data.add_(average, alpha=-self.lr)

    def zero_grad(self) -> None:
        for p in self.parameters:
            if p.grad is not None:
                p.grad.detach_()
                p.grad.zero_()


@loop
def learner_with_callbacks() -> State:
    seed()
    model = mlp()
    optimizer = OwnOptimizer(list(model.parameters()), 0.05)
    loss_function = nn.CrossEntropyLoss()
    seen: dict[str, float] = {}

    def after_loss(loss: torch.Tensor, i: int) -> None:
        seen["smooth"] = torch.lerp(torch.tensor(seen.get("smooth", 0.0)), loss.detach(), 0.1).item()
        if i % 5 == 4:
            raise Cancel

    for i, (x, y) in enumerate(batches()):
        with contextlib.suppress(Cancel):
            model.train()
            prediction = model(x)
            loss = loss_function(prediction, y)
            after_loss(loss, i)
            loss.backward()
            optimizer.step()
            optimizer.zero_grad()
    return state(model, *optimizer.averages)


class Automatic:
    """Lightning's optimizer: of a class made while running, which hands the step a closure with everything in it."""

    def __init__(self, optimizer: torch.optim.Optimizer) -> None:
        self.__class__ = type("Lightning" + type(optimizer).__name__, (self.__class__, optimizer.__class__), {})
        self.__dict__.update({k: v for k, v in optimizer.__dict__.items() if k != "step"})
        self._optimizer = optimizer

    def step(self, closure: Callable[[], Any]) -> Any:
        def wrapped() -> Any:
            result = closure()
            torch.nn.utils.clip_grad_norm_([p for g in self._optimizer.param_groups for p in g["params"]], 0.5)
            return result

        return self._optimizer.step(wrapped)


class Module(nn.Module):
    """Lightning's: holds the model, its loss and its metric, and is never called itself."""

    def __init__(self) -> None:
        super().__init__()
        self.model, self.criterion = mlp(), nn.CrossEntropyLoss()
        self.register_buffer("correct", torch.zeros(()))

    def training_step(self, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        answers = self.model(x)
        self.correct += (answers.argmax(1) == y).sum()
        loss: torch.Tensor = self.criterion(answers, y)
        return loss

    def validation_step(self, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        loss: torch.Tensor = self.criterion(self.model(x), y)
        return loss


@loop
def closure_in_step_of_a_lightning_kind() -> State:
    seed()
    module = Module()
    inner = torch.optim.Adam(module.parameters(), 1e-2)
    optimizer = Automatic(inner)
    schedule = torch.optim.lr_scheduler.ExponentialLR(inner, 0.9)
    for _ in range(3):
        module.train()
        for x, y in batches(1):

            def everything(x: torch.Tensor = x, y: torch.Tensor = y) -> torch.Tensor:
                loss = module.training_step(x, y)
                inner.zero_grad()
                loss.backward()
                return loss.detach().clone()

            optimizer.step(everything)
        schedule.step()
        torch.set_grad_enabled(False)
        module.eval()
        for x, y in DataLoader(data(32), batch_size=16):
            module.validation_step(x, y)
        torch.set_grad_enabled(True)
    return state(module, inner)


# ---------------------------------------------------------------------------------------------------- functional


@loop
def functional_gradients_with_an_optimizer() -> State:
    seed()
    model = mlp()
    optimizer = torch.optim.Adam(model.parameters(), 1e-2)

    def loss_of(parameters: dict[str, torch.Tensor], x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        return F.cross_entropy(torch.func.functional_call(model, parameters, (x,)), y)

    for x, y in batches():
        named = dict(model.named_parameters())
        gradients, _ = torch.func.grad_and_value(loss_of)({k: p.detach() for k, p in named.items()}, x, y)
        for name, p in named.items():
            p.grad = gradients[name]
        optimizer.step()
        optimizer.zero_grad()
    return state(model, optimizer)


@loop
def functional_without_an_optimizer() -> State:
    seed()
    model = mlp()
    parameters = {k: p.detach().clone() for k, p in model.named_parameters()}

    def loss_of(parameters: dict[str, torch.Tensor], x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        return F.cross_entropy(torch.func.functional_call(model, parameters, (x,)), y)

    for x, y in batches():
        gradients, _ = torch.func.grad_and_value(loss_of)(parameters, x, y)
        parameters = {k: p - 0.1 * gradients[k] for k, p in parameters.items()}
    return state(*parameters.values())


@loop
def gradients_of_every_sample() -> State:
    """As in differentially private training: one gradient for each sample, cut, summed, disturbed."""
    seed()
    model = mlp()
    optimizer = torch.optim.SGD(model.parameters(), 0.1)

    def loss_of(parameters: dict[str, torch.Tensor], x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        return F.cross_entropy(torch.func.functional_call(model, parameters, (x[None],)), y[None])

    each = torch.func.vmap(torch.func.grad(loss_of), in_dims=(None, 0, 0))
    for x, y in batches():
        named = dict(model.named_parameters())
        gradients = each({k: p.detach() for k, p in named.items()}, x, y)
        norms = torch.stack([g.flatten(1).norm(dim=1) for g in gradients.values()]).norm(dim=0)
        factor = (1.0 / (norms + 1e-6)).clamp(max=1.0)
        for name, p in named.items():
            p.grad = torch.einsum("n,n...->...", factor, gradients[name]) / len(x) + 0.01 * torch.randn_like(p)
        optimizer.step()
    return state(model, optimizer)


@loop
def inner_steps_of_meta_learning() -> State:
    seed()
    model = mlp()
    optimizer = torch.optim.Adam(model.parameters(), 1e-2)
    for x, y in batches():
        fast = dict(model.named_parameters())
        for _ in range(2):
            inner = F.cross_entropy(torch.func.functional_call(model, fast, (x[:8],)), y[:8])
            gradients = torch.autograd.grad(inner, list(fast.values()), create_graph=True)
            fast = {k: p - 0.1 * g for (k, p), g in zip(fast.items(), gradients, strict=True)}
        optimizer.zero_grad()
        F.cross_entropy(torch.func.functional_call(model, fast, (x[8:],)), y[8:]).backward()
        optimizer.step()
    return state(model, optimizer)


# ---------------------------------------------------------------------------------------------------- optimizers


class Lion(torch.optim.Optimizer):
    """Written by the user."""

    def __init__(self, parameters: Any, lr: float = 1e-3) -> None:
        super().__init__(parameters, {"lr": lr, "betas": (0.9, 0.99), "weight_decay": 0.01})

    @torch.no_grad()
    def step(self, closure: Any = None) -> None:  # type: ignore[override]
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is None:
                    continue
                average = self.state[p].setdefault("exp_avg", torch.zeros_like(p))
                p.mul_(1 - group["lr"] * group["weight_decay"])
                p.add_(average.lerp(p.grad, 0.1).sign_(), alpha=-group["lr"])
                average.lerp_(p.grad, 0.01)


@loop
def optimizer_of_ones_own() -> State:
    seed()
    model = mlp()
    optimizer = Lion(model.parameters())
    for x, y in batches():
        optimizer.zero_grad()
        F.cross_entropy(model(x), y).backward()
        optimizer.step()
    return state(model, optimizer)


class Sharpness(torch.optim.Optimizer):
    """SAM: up the slope, a second gradient there, back, and the inner optimizer's step; both share their groups."""

    def __init__(self, parameters: Any, inner: type[torch.optim.Optimizer], **settings: float) -> None:
        super().__init__(parameters, {"rho": 0.05, **settings})
        self.inner = inner(self.param_groups, **settings)
        self.param_groups = self.inner.param_groups

    @torch.no_grad()
    def first_step(self) -> None:
        found = [p for g in self.param_groups for p in g["params"] if p.grad is not None]
        norm = torch.stack([p.grad.norm() for p in found]).norm()
        for p in found:
            self.state[p]["old"] = p.data.clone()
            p.add_(p.grad, alpha=float(0.05 / (norm + 1e-12)))
        self.zero_grad()

    @torch.no_grad()
    def second_step(self) -> None:
        for p in [p for g in self.param_groups for p in g["params"] if p.grad is not None]:
            p.data = self.state[p]["old"]
        self.inner.step()
        self.zero_grad()

    def step(self, closure: Any = None) -> None:  # type: ignore[override]
        raise NotImplementedError


@loop
def two_gradients_a_step() -> State:
    seed()
    model = mlp()
    optimizer = Sharpness(model.parameters(), torch.optim.SGD, lr=0.1)
    for x, y in batches():
        F.cross_entropy(model(x), y).backward()
        optimizer.first_step()
        F.cross_entropy(model(x), y).backward()
        optimizer.second_step()
    return state(model, optimizer, optimizer.inner)


def optimized(make: Callable[[Any], torch.optim.Optimizer]) -> State:
    seed()
    model = mlp()
    optimizer = make(model.parameters())
    for x, y in batches():
        optimizer.zero_grad()
        F.cross_entropy(model(x), y).backward()
        optimizer.step()
    return state(model, optimizer)


@loop
def fused_adam() -> State:
    return optimized(lambda p: torch.optim.AdamW(p, 1e-2, fused=True))


@loop
def tensor_for_a_rate() -> State:
    return optimized(lambda p: torch.optim.Adam(p, torch.tensor(1e-2), foreach=False))


@loop
def adafactor() -> State:
    return optimized(lambda p: torch.optim.Adafactor(p, 1e-2))


# ---------------------------------------------------------------------------------------------------- layers


class Tokens(nn.Module):
    """Attention with masks and without weights, behind an embedding with sparse gradients."""

    def __init__(self) -> None:
        super().__init__()
        self.words, self.attention = nn.Embedding(40, 16, sparse=True), nn.MultiheadAttention(16, 2, batch_first=True)
        self.norm, self.head = nn.LayerNorm(16), nn.Linear(16, 4)

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        x = self.words(tokens)
        mask = tokens == 0
        x = self.norm(x + self.attention(x, x, x, key_padding_mask=mask, need_weights=False)[0])
        return self.head((x * ~mask[..., None]).mean(1))


@loop
def attention_behind_sparse_embedding() -> State:
    seed()
    model = Tokens()
    dense = [p for n, p in model.named_parameters() if not n.startswith("words")]
    optimizers = torch.optim.SparseAdam(model.words.parameters(), 1e-2), torch.optim.AdamW(dense, 1e-2)
    for i in range(12):
        tokens = torch.randint(0, 40, (16, 7))
        tokens[:, 0] = 1
        for optimizer in optimizers:
            optimizer.zero_grad()
        F.cross_entropy(model(tokens), tokens[:, 1] % 4).backward()
        for optimizer in optimizers:
            optimizer.step()
        if i % 4 == 3:
            model.eval()  # PyTorch's fast path
            with torch.inference_mode():
                F.cross_entropy(model(tokens), tokens[:, 1] % 4)
            model.train()
    return state(model, *optimizers)


class Packed(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.rnn, self.head = nn.LSTM(4, 12, num_layers=2, batch_first=True, bidirectional=True, dropout=0.1), nn.Linear(24, 4)

    def forward(self, x: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        packed = nn.utils.rnn.pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
        out, _ = nn.utils.rnn.pad_packed_sequence(self.rnn(packed)[0], batch_first=True)
        return self.head(out.mean(1))


@loop
def packed_sequences() -> State:
    seed()
    model = Packed()
    optimizer = torch.optim.Adam(model.parameters(), 1e-2)
    for x, y in batches():
        optimizer.zero_grad()
        F.cross_entropy(model(x.view(-1, 4, 4), torch.randint(1, 5, (len(x),))), y).backward()
        optimizer.step()
    return state(model, optimizer)


class Ragged(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.first, self.second, self.head = nn.Linear(4, 16), nn.Linear(16, 16), nn.Linear(16, 4)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = torch.relu(self.second(torch.relu(self.first(x))))
        return self.head(torch.nested.to_padded_tensor(x, 0.0).mean(1))


def ragged(layout: torch.layout) -> State:
    seed()
    model = Ragged()
    optimizer = torch.optim.Adam(model.parameters(), 1e-2)
    for x, y in batches():
        rows = [r[: 1 + i % 4] for i, r in enumerate(x.view(-1, 4, 4))]
        optimizer.zero_grad()
        F.cross_entropy(model(torch.nested.nested_tensor(rows, layout=layout)), y).backward()
        optimizer.step()
    return state(model, optimizer)


@loop
def nested_tensors_jagged() -> State:
    return ragged(torch.jagged)


@loop
def nested_tensors_strided() -> State:
    return ragged(torch.strided)


@loop
def encoder_with_nested_tensors_in_evaluation() -> State:
    seed()
    layer = nn.TransformerEncoderLayer(16, 2, 32, dropout=0.1, batch_first=True)
    encoder, head = nn.TransformerEncoder(layer, 2), nn.Linear(16, 4)
    model = nn.ModuleList([encoder, head])
    optimizer = torch.optim.AdamW(model.parameters(), 1e-3)
    for x, y in batches():
        sequences = x.view(-1, 1, 16).expand(-1, 3, -1) + 0.1 * torch.randn(len(x), 3, 16)
        padding = torch.zeros(len(x), 3, dtype=torch.bool)
        padding[::2, 2] = True
        model.train()
        optimizer.zero_grad()
        F.cross_entropy(head(encoder(sequences, src_key_padding_mask=padding)[:, 0]), y).backward()
        optimizer.step()
        model.eval()
        with torch.no_grad():
            F.cross_entropy(head(encoder(sequences, src_key_padding_mask=padding)[:, 0]), y)
    return state(model, optimizer)


@loop
def orthogonal_and_checkpointed_segments() -> State:
    seed()
    body = nn.Sequential(nn.Linear(16, 16), nn.Tanh(), nn.Linear(16, 16), nn.Dropout(0.1), nn.ReLU(), nn.Linear(16, 4))
    nn.utils.parametrizations.orthogonal(body[0])
    optimizer = torch.optim.SGD(body.parameters(), 0.1)
    for x, y in batches():
        optimizer.zero_grad()
        F.cross_entropy(checkpoint_sequential(body, 2, x, use_reentrant=False), y).backward()
        optimizer.step()
    return state(body, optimizer)


# ---------------------------------------------------------------------------------------------------- the user's own hooks and copies


@loop
def hooks_of_the_script() -> State:
    """Activations taken by forward hooks, gradients read and halved by backward hooks, nodes with hooks of their own."""
    seed()
    model = mlp()
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    taken: dict[str, torch.Tensor] = {}
    model[1].register_forward_hook(lambda m, a, o: taken.update(relu=o))
    model[2].register_forward_pre_hook(lambda m, a: (a[0] * 1.5,))
    model[2].register_full_backward_hook(lambda m, into, out: tuple(None if g is None else g * 0.5 for g in into))
    model[3].register_full_backward_pre_hook(lambda m, out: (out[0] * 2,))
    for x, y in batches():
        optimizer.zero_grad()
        hidden = model[2](model[1](model[0](x)))
        hidden.grad_fn.register_prehook(lambda out: (out[0] * 0.25,))
        answers = model[4](model[3](hidden))
        answers.register_hook(lambda g: g.clamp(-0.1, 0.1))
        (F.cross_entropy(answers, y) + 1e-3 * taken["relu"].abs().mean()).backward()
        optimizer.step()
    return state(model, optimizer)


@loop
def copies_in_the_middle() -> State:
    """Training goes on with a deep copy, then with an unpickled one, each with a new optimizer and the old one's state."""
    seed()
    model: nn.Module = mlp()
    optimizer = torch.optim.Adam(model.parameters(), 1e-2)
    for i, (x, y) in enumerate(batches()):
        if i == 6:
            model = copy.deepcopy(model)
        if i == 12:
            buffer = io.BytesIO()
            torch.save(model, buffer)
            buffer.seek(0)
            model = torch.load(buffer, weights_only=False)
        if i in (6, 12):
            old = optimizer.state_dict()
            optimizer = torch.optim.Adam(model.parameters(), 1e-2)
            optimizer.load_state_dict(old)
        optimizer.zero_grad()
        F.cross_entropy(model(x), y).backward()
        optimizer.step()
    return state(model, optimizer)


# ---------------------------------------------------------------------------------------------------- other problems


@loop
def teacher_and_student() -> State:
    seed()
    teacher, student = mlp().eval(), mlp()
    optimizer = torch.optim.SGD(student.parameters(), 0.1, momentum=0.9, nesterov=True)
    for x, y in batches():
        with torch.no_grad():
            wanted = teacher(x)
        answers = student(x)
        loss = F.kl_div(F.log_softmax(answers / 2, 1), F.softmax(wanted / 2, 1), reduction="batchmean") * 4
        optimizer.zero_grad()
        (0.5 * loss + 0.5 * F.cross_entropy(answers, y)).backward()
        optimizer.step()
    return state(teacher, student, optimizer)


class Actor(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.body, self.policy, self.value = nn.Linear(16, 32), nn.Linear(32, 4), nn.Linear(32, 1)

    def forward(self, x: torch.Tensor) -> tuple[torch.distributions.Categorical, torch.Tensor]:
        x = torch.tanh(self.body(x))
        return torch.distributions.Categorical(logits=self.policy(x)), self.value(x).squeeze(-1)


@loop
def actor_and_critic() -> State:
    seed()
    model = Actor()
    optimizer = torch.optim.Adam(model.parameters(), 3e-3, eps=1e-5)
    for x, y in batches(2):
        with torch.no_grad():
            chances, value = model(x)
            actions = chances.sample()
            before = chances.log_prob(actions)
        reward = (actions == y).float()
        advantage = reward - value
        for part in torch.randperm(len(x)).split(8):
            chances, value = model(x[part])
            ratio = (chances.log_prob(actions[part]) - before[part]).exp()
            gain = torch.min(ratio * advantage[part], ratio.clamp(0.8, 1.2) * advantage[part]).mean()
            loss = -gain + 0.5 * (reward[part] - value).square().mean() - 0.01 * chances.entropy().mean()
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 0.5)
            optimizer.step()
    return state(model, optimizer)


class Autoencoder(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.encoder, self.decoder = nn.Linear(16, 2 * 3), nn.Sequential(nn.Linear(3, 16), nn.Softplus(), nn.Linear(16, 16))

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        mean, log_variance = self.encoder(x).chunk(2, 1)
        return self.decoder(mean + torch.randn_like(mean) * (0.5 * log_variance).exp()), mean, log_variance


@loop
def variational_autoencoder() -> State:
    seed()
    model = Autoencoder()
    optimizer = torch.optim.Adam(model.parameters(), 1e-2)
    for x, _ in batches():
        again, mean, log_variance = model(x)
        divergence = -0.5 * (1 + log_variance - mean.square() - log_variance.exp()).sum(1).mean()
        optimizer.zero_grad()
        (F.mse_loss(again, x, reduction="sum") / len(x) + divergence).backward()
        optimizer.step()
    return state(model, optimizer)


@loop
def images_used_by_both_steps() -> State:
    """As in PyTorch's DCGAN example: one forward pass of the generator, whose graph outlives the judge's step."""
    seed()
    maker = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 16), nn.Tanh())
    judge = nn.Sequential(nn.Linear(16, 16), nn.LeakyReLU(0.2), nn.Linear(16, 1))
    of_maker, of_judge = torch.optim.Adam(maker.parameters(), 2e-4), torch.optim.Adam(judge.parameters(), 2e-4)
    for x, _ in batches():
        fake = maker(torch.randn(len(x), 4))
        of_judge.zero_grad()
        (F.softplus(-judge(x)).mean() + F.softplus(judge(fake.detach())).mean()).backward()
        of_judge.step()
        of_maker.zero_grad()
        F.softplus(-judge(fake)).mean().backward()
        of_maker.step()
    return state(maker, judge, of_maker, of_judge)


@loop
def contrastive() -> State:
    seed()
    model, temperature = mlp(), nn.Parameter(torch.tensor(math.log(10.0)))
    optimizer = torch.optim.AdamW([{"params": model.parameters()}, {"params": [temperature], "weight_decay": 0.0}], 1e-2)
    for x, _ in batches():
        one, two = (F.normalize(model(x + 0.1 * torch.randn_like(x)), dim=1) for _ in range(2))
        logits = one @ two.T * temperature.exp()
        optimizer.zero_grad()
        ((F.cross_entropy(logits, torch.arange(len(x))) + F.cross_entropy(logits.T, torch.arange(len(x)))) / 2).backward()
        optimizer.step()
    return state(model, temperature, optimizer)
