"""Trainings of every kind that people write, each a function that trains from a fixed seed and returns all that must not change by watching."""

from __future__ import annotations

import copy
import io
import random
from collections.abc import Callable

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.checkpoint import checkpoint
from torch.utils.data import DataLoader, Dataset, TensorDataset

State = list[torch.Tensor]
LOOPS: dict[str, Callable[[], State]] = {}


def loop(function: Callable[[], State]) -> Callable[[], State]:
    """Register a training under its name."""
    LOOPS[function.__name__] = function
    return function


def seed() -> None:
    torch.manual_seed(0)
    np.random.seed(0)
    random.seed(0)


def data(n: int = 96, features: int = 16, classes: int = 4) -> TensorDataset:
    generator = torch.Generator().manual_seed(5)
    x = torch.randn(n, features, generator=generator)
    return TensorDataset(x, (x[:, 0] > 0).long() + 2 * (x[:, 1] > 0).long())


def state(*things: object) -> State:
    """Weights, buffers, optimizer state, and where the random streams stand."""
    found: State = [
        torch.get_rng_state(),
        torch.tensor(np.random.get_state()[1].astype(np.int64)),
        torch.tensor(random.getstate()[1][:100]),
    ]
    for thing in things:
        if isinstance(thing, nn.Module):
            found += [t.clone() for t in (*thing.parameters(), *thing.buffers())]
        elif isinstance(thing, torch.optim.Optimizer):
            for values in thing.state.values():
                found += [v.clone() for v in values.values() if isinstance(v, torch.Tensor)]
        elif isinstance(thing, torch.Tensor):
            found.append(thing.detach().clone())
    return found


def mlp(*middle: nn.Module) -> nn.Sequential:
    return nn.Sequential(nn.Linear(16, 32), *(middle or (nn.ReLU(), nn.Linear(32, 32), nn.Tanh())), nn.Linear(32, 4))


def train(model: nn.Module, optimizer: torch.optim.Optimizer, epochs: int = 4, **loader: object) -> None:
    batches = DataLoader(data(), batch_size=16, shuffle=True, **loader)  # type: ignore[arg-type]
    for _ in range(epochs):
        model.train()
        for x, y in batches:
            optimizer.zero_grad()
            F.cross_entropy(model(x), y).backward()
            optimizer.step()
        model.eval()
        with torch.no_grad():
            for x, y in DataLoader(data(32), batch_size=16):
                F.cross_entropy(model(x), y)


@loop
def plain() -> State:
    seed()
    model = mlp()
    optimizer = torch.optim.Adam(model.parameters(), 1e-2)
    train(model, optimizer)
    return state(model, optimizer)


class Conv(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(1, 8, 3, padding=1), nn.BatchNorm2d(8), nn.ReLU(inplace=True), nn.Dropout2d(0.2), nn.MaxPool2d(2)
        )
        self.head = nn.Linear(8 * 4, 4)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.body(x.view(-1, 1, 4, 4))
        return self.head(F.dropout(x.flatten(1), 0.3, self.training))


@loop
def cnn_with_dropout_and_bn() -> State:
    seed()
    model = Conv()
    optimizer = torch.optim.SGD(model.parameters(), 0.05, momentum=0.9, weight_decay=1e-3)
    train(model, optimizer)
    return state(model, optimizer)


class Recurrent(nn.Module):
    def __init__(self, kind: type[nn.RNNBase]) -> None:
        super().__init__()
        self.rnn = kind(4, 16, batch_first=True)
        self.head = nn.Linear(16, 4)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.head(self.rnn(x.view(-1, 4, 4))[0][:, -1])


def recurrent(kind: type[nn.RNNBase]) -> State:
    seed()
    model = Recurrent(kind)
    optimizer = torch.optim.RMSprop(model.parameters(), 1e-3)
    train(model, optimizer)
    return state(model, optimizer)


@loop
def lstm() -> State:
    return recurrent(nn.LSTM)


@loop
def gru() -> State:
    return recurrent(nn.GRU)


@loop
def rnn() -> State:
    return recurrent(nn.RNN)


class Attention(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Linear(4, 16)
        layer = nn.TransformerEncoderLayer(16, 2, 32, dropout=0.1, batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
        self.head = nn.Linear(16, 4)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.head(self.encoder(self.embed(x.view(-1, 4, 4))).mean(1))


@loop
def transformer() -> State:
    seed()
    model = Attention()
    optimizer = torch.optim.AdamW(model.parameters(), 1e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 1e-2, total_steps=24)
    for x, y in [b for _ in range(4) for b in DataLoader(data(), batch_size=16, shuffle=True)]:
        optimizer.zero_grad(set_to_none=True)
        F.cross_entropy(model(x), y, label_smoothing=0.1).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
    return state(model, optimizer)


@loop
def gan() -> State:
    seed()
    maker = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 16))
    judge = nn.Sequential(nn.Linear(16, 16), nn.LeakyReLU(0.2), nn.Linear(16, 1), nn.Sigmoid())
    of_maker, of_judge = torch.optim.Adam(maker.parameters(), 2e-4), torch.optim.Adam(judge.parameters(), 2e-4)
    bce = nn.BCELoss()
    for x, _ in [b for _ in range(3) for b in DataLoader(data(), batch_size=16, shuffle=True)]:
        z = torch.randn(len(x), 4)
        ones, zeros = torch.ones(len(x), 1), torch.zeros(len(x), 1)
        of_judge.zero_grad()
        bce(judge(x), ones).backward()
        bce(judge(maker(z).detach()), zeros).backward()
        of_judge.step()
        of_maker.zero_grad()
        bce(judge(maker(z)), ones).backward()
        of_maker.step()
    return state(maker, judge, of_maker, of_judge)


@loop
def accumulation() -> State:
    seed()
    model = mlp()
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    for i, (x, y) in enumerate([b for _ in range(6) for b in DataLoader(data(), batch_size=8, shuffle=True)]):
        (F.cross_entropy(model(x), y) / 4).backward()
        if i % 4 == 3:
            optimizer.step()
            optimizer.zero_grad()
    return state(model, optimizer)


@loop
def shared_weights() -> State:
    seed()
    layer, activation = nn.Linear(16, 16), nn.Tanh()
    model = nn.Sequential(layer, activation, layer, activation, layer, activation, nn.Linear(16, 4))
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    train(model, optimizer)
    return state(model, optimizer)


@loop
def lbfgs() -> State:
    seed()
    model = mlp()
    optimizer = torch.optim.LBFGS(model.parameters(), max_iter=4)
    x, y = data().tensors

    def closure() -> torch.Tensor:
        optimizer.zero_grad()
        loss = F.cross_entropy(model(x), y)
        loss.backward()
        return loss

    for _ in range(6):
        optimizer.step(closure)
    return state(model)


def amp(fused: bool) -> State:
    seed()
    model = mlp()
    optimizer = torch.optim.SGD(model.parameters(), 0.1, fused=fused)
    scaler = torch.amp.GradScaler("cpu", init_scale=1024.0)
    for x, y in [b for _ in range(4) for b in DataLoader(data(), batch_size=16, shuffle=True)]:
        optimizer.zero_grad()
        with torch.autocast("cpu", dtype=torch.bfloat16):
            loss = F.cross_entropy(model(x), y)
        scaler.scale(loss).backward()
        scaler.step(optimizer)
        scaler.update()
    return state(model, optimizer)


def amp_skipping(**settings: object) -> State:
    """Some losses are not finite: the scaler leaves these steps out and halves its scale."""
    seed()
    model = mlp()
    optimizer = torch.optim.AdamW(model.parameters(), 0.01, **settings)  # type: ignore[arg-type]
    scaler = torch.amp.GradScaler("cpu", init_scale=2.0**10, growth_interval=4)
    for i, (x, y) in enumerate([b for _ in range(4) for b in DataLoader(data(), batch_size=16, shuffle=True)]):
        optimizer.zero_grad()
        with torch.autocast("cpu", dtype=torch.bfloat16):
            loss = F.cross_entropy(model(x), y) * (float("inf") if i % 7 == 3 else 1.0)
        scaler.scale(loss).backward()
        if i % 2:
            scaler.unscale_(optimizer)
            torch.nn.utils.clip_grad_norm_(model.parameters(), 0.5)
        scaler.step(optimizer)
        scaler.update()
    return state(model, optimizer, torch.tensor(scaler.get_scale()))


@loop
def amp_skipping_plain() -> State:
    return amp_skipping()


@loop
def amp_skipping_fused() -> State:
    return amp_skipping(fused=True)


@loop
def amp_switched_off() -> State:
    seed()
    model = mlp()
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    scaler = torch.amp.GradScaler("cpu", enabled=False)
    for x, y in [b for _ in range(4) for b in DataLoader(data(), batch_size=16, shuffle=True)]:
        optimizer.zero_grad()
        scaler.scale(F.cross_entropy(model(x), y)).backward()
        scaler.step(optimizer)
        scaler.update()
    return state(model, optimizer)


@loop
def amp_scaler() -> State:
    return amp(False)


@loop
def amp_scaler_fused() -> State:
    return amp(True)


class Checkpointed(nn.Module):
    def __init__(self, reentrant: bool) -> None:
        super().__init__()
        self.first, self.middle, self.last = (
            nn.Linear(16, 32),
            nn.Sequential(nn.Dropout(0.1), nn.Linear(32, 32), nn.ReLU()),
            nn.Linear(32, 4),
        )
        self.reentrant = reentrant

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        hidden = torch.sigmoid(self.first(x))
        return self.last(checkpoint(self.middle, hidden, use_reentrant=self.reentrant))


def checkpointed(reentrant: bool) -> State:
    seed()
    model = Checkpointed(reentrant)
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    train(model, optimizer)
    return state(model, optimizer)


@loop
def checkpointing() -> State:
    return checkpointed(False)


@loop
def checkpointing_reentrant() -> State:
    return checkpointed(True)


class Square(torch.autograd.Function):
    @staticmethod
    def forward(ctx: object, x: torch.Tensor) -> torch.Tensor:
        ctx.save_for_backward(x)  # type: ignore[attr-defined]
        return x * x

    @staticmethod
    def backward(ctx: object, g: torch.Tensor) -> torch.Tensor:
        return 2 * ctx.saved_tensors[0] * g  # type: ignore[attr-defined]


class Functional(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.a, self.b, self.c = nn.Linear(16, 32), nn.Linear(32, 32), nn.Linear(32, 4)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = F.relu(self.a(x), inplace=True)
        x = x + 0.1 * Square.apply(torch.tanh(self.b(x)))
        x += 1.0
        return self.c(x * torch.sigmoid(x))


@loop
def functional_inplace_custom() -> State:
    seed()
    model = Functional()
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    train(model, optimizer)
    return state(model, optimizer)


class Items(Dataset[tuple[torch.Tensor, torch.Tensor]]):
    def __len__(self) -> int:
        return 48

    def __getitem__(self, i: int) -> tuple[torch.Tensor, torch.Tensor]:
        x = torch.randn(16, generator=torch.Generator().manual_seed(i)) + 0.01 * torch.randn(16)
        return x, torch.tensor(i % 4)


@loop
def workers() -> State:
    seed()
    model = mlp()
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    for x, y in DataLoader(Items(), batch_size=16, shuffle=True, num_workers=2):
        optimizer.zero_grad()
        F.cross_entropy(model(x), y).backward()
        optimizer.step()
    return state(model, optimizer)


@loop
def manual_sgd() -> State:
    seed()
    w = (0.1 * torch.randn(16, 32)).requires_grad_()
    v = (0.1 * torch.randn(32, 4)).requires_grad_()
    for x, y in [b for _ in range(4) for b in DataLoader(data(), batch_size=16, shuffle=True)]:
        loss = F.cross_entropy(torch.tanh(x @ w) @ v, y)
        loss.backward()
        with torch.no_grad():
            for p in (w, v):
                assert p.grad is not None
                p -= 0.1 * p.grad
                p.grad = None
    return state(w, v)


@loop
def ema_and_saving() -> State:
    seed()
    model = mlp()
    average = copy.deepcopy(model)
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    for x, y in [b for _ in range(4) for b in DataLoader(data(), batch_size=16, shuffle=True)]:
        optimizer.zero_grad()
        F.cross_entropy(model(x), y).backward()
        optimizer.step()
        with torch.no_grad():
            for a, p in zip(average.parameters(), model.parameters(), strict=True):
                a.lerp_(p, 0.1)
        kept = copy.deepcopy(model)
        torch.save(model, io.BytesIO())
    return state(model, average, kept)


@loop
def frozen_backbone() -> State:
    seed()
    model = mlp()
    model[0].requires_grad_(False)
    optimizer = torch.optim.SGD([p for p in model.parameters() if p.requires_grad], 0.1)
    train(model, optimizer)
    return state(model, optimizer)


@loop
def gradient_penalty() -> State:
    seed()
    model = mlp()
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    for x, y in [b for _ in range(4) for b in DataLoader(data(), batch_size=16, shuffle=True)]:
        x.requires_grad_()
        optimizer.zero_grad()
        loss = F.cross_entropy(model(x), y)
        (slope,) = torch.autograd.grad(loss, x, create_graph=True)
        (loss + 0.1 * slope.square().sum()).backward()
        optimizer.step()
    return state(model, optimizer)


@loop
def unseeded_validation_without_eval() -> State:
    seed()
    model = mlp()
    optimizer = torch.optim.SGD([{"params": model[0].parameters(), "lr": 0.01}, {"params": model[2:].parameters()}], lr=0.1)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 10)
    x, y = data().tensors
    for i in range(30):
        for j in torch.randperm(96).split(32):
            optimizer.zero_grad()
            F.cross_entropy(model(x[j]), y[j]).backward()
            optimizer.step()
        schedule.step()
        if i % 5 == 0:
            with torch.no_grad():
                model(x).argmax(1).eq(y).float().mean()
    return state(model, optimizer)


@loop
def compiled() -> State:
    seed()
    model = torch.compile(mlp(), backend="aot_eager")
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    train(model, optimizer, epochs=2)
    return state(model, optimizer)


class Loss(nn.Module):
    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        return F.cross_entropy(self.model(x), y)


@loop
def compiled_with_its_loss() -> State:
    seed()
    model = mlp()
    whole = torch.compile(Loss(model), backend="aot_eager")
    optimizer = torch.optim.AdamW(model.parameters(), 1e-2)
    for x, y in [b for _ in range(4) for b in DataLoader(data(), batch_size=16, shuffle=True)]:
        optimizer.zero_grad()
        whole(x, y).backward()
        optimizer.step()
    return state(model, optimizer)


SCHEDULES: dict[str, Callable[[torch.optim.Optimizer], torch.optim.lr_scheduler.LRScheduler]] = {
    "StepLR": lambda o: torch.optim.lr_scheduler.StepLR(o, 2),
    "MultiStepLR": lambda o: torch.optim.lr_scheduler.MultiStepLR(o, [1, 3]),
    "ConstantLR": lambda o: torch.optim.lr_scheduler.ConstantLR(o),
    "LinearLR": lambda o: torch.optim.lr_scheduler.LinearLR(o, total_iters=4),
    "ExponentialLR": lambda o: torch.optim.lr_scheduler.ExponentialLR(o, 0.9),
    "PolynomialLR": lambda o: torch.optim.lr_scheduler.PolynomialLR(o, 6),
    "CosineAnnealingLR": lambda o: torch.optim.lr_scheduler.CosineAnnealingLR(o, 5),
    "CosineAnnealingWarmRestarts": lambda o: torch.optim.lr_scheduler.CosineAnnealingWarmRestarts(o, 3),
    "CyclicLR": lambda o: torch.optim.lr_scheduler.CyclicLR(o, 0.01, 0.1, 3),
    "OneCycleLR": lambda o: torch.optim.lr_scheduler.OneCycleLR(o, 0.1, total_steps=20),
    "LambdaLR": lambda o: torch.optim.lr_scheduler.LambdaLR(o, lambda i: 1 / (i + 1)),
    "MultiplicativeLR": lambda o: torch.optim.lr_scheduler.MultiplicativeLR(o, lambda i: 0.9),
    "ChainedScheduler": lambda o: torch.optim.lr_scheduler.ChainedScheduler(
        [torch.optim.lr_scheduler.ConstantLR(o), torch.optim.lr_scheduler.ExponentialLR(o, 0.9)]
    ),
    "SequentialLR": lambda o: torch.optim.lr_scheduler.SequentialLR(
        o, [torch.optim.lr_scheduler.ConstantLR(o), torch.optim.lr_scheduler.ExponentialLR(o, 0.9)], [2]
    ),
    "ReduceLROnPlateau": lambda o: torch.optim.lr_scheduler.ReduceLROnPlateau(o, patience=0),
    "SWALR": lambda o: torch.optim.swa_utils.SWALR(o, 0.05, anneal_epochs=3),
}


@loop
def every_schedule() -> State:
    seed()
    found: State = []
    x, y = data().tensors
    for name, make in SCHEDULES.items():
        model = nn.Linear(16, 4)
        optimizer = torch.optim.SGD(model.parameters(), 0.1, momentum=0.9)
        schedule = make(optimizer)
        for _ in range(5):
            optimizer.zero_grad()
            loss = F.cross_entropy(model(x), y)
            loss.backward()
            optimizer.step()
            schedule.step(loss.detach()) if name == "ReduceLROnPlateau" else schedule.step()  # type: ignore[call-arg, arg-type]
        found += state(model, optimizer, torch.tensor(optimizer.param_groups[0]["lr"]))
    return found


@loop
def weight_averaging() -> State:
    seed()
    model = Conv()
    average = torch.optim.swa_utils.AveragedModel(model)
    optimizer = torch.optim.SGD(model.parameters(), 0.05)
    train(model, optimizer, epochs=2)
    for _ in range(2):
        train(model, optimizer, epochs=1)
        average.update_parameters(model)
    torch.optim.swa_utils.update_bn(DataLoader(data(), batch_size=16), average)
    return state(model, average, optimizer)


@loop
def closure() -> State:
    seed()
    model = mlp()
    optimizer = torch.optim.Adam(model.parameters(), 1e-2)
    for x, y in [b for _ in range(3) for b in DataLoader(data(), batch_size=16, shuffle=True)]:

        def again(x: torch.Tensor = x, y: torch.Tensor = y) -> torch.Tensor:
            optimizer.zero_grad()
            loss = F.cross_entropy(model(x), y)
            loss.backward()
            return loss

        optimizer.step(again)
    return state(model, optimizer)


@loop
def step_in_backward() -> State:
    """One optimizer for each parameter, which steps as soon as the gradient is there."""
    seed()
    model = mlp()
    optimizers = {p: torch.optim.SGD([p], 0.1) for p in model.parameters()}

    def ready(p: torch.Tensor) -> None:
        optimizers[p].step()  # type: ignore[index]
        optimizers[p].zero_grad()  # type: ignore[index]

    for p in model.parameters():
        p.register_post_accumulate_grad_hook(ready)
    for x, y in [b for _ in range(4) for b in DataLoader(data(), batch_size=16, shuffle=True)]:
        F.cross_entropy(model(x), y).backward()
    return state(model)


class Words(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.words, self.head = nn.EmbeddingBag(50, 16, sparse=True), nn.Linear(16, 4)

    def forward(self, *, tokens: torch.Tensor, labels: torch.Tensor) -> dict[str, torch.Tensor]:
        logits = self.head(self.words(tokens))
        return {"loss": F.cross_entropy(logits, labels), "logits": logits}


@loop
def sparse_gradients_and_keyword_arguments() -> State:
    seed()
    model = Words()
    sparse, dense = torch.optim.SparseAdam(model.words.parameters(), 1e-2), torch.optim.Adam(model.head.parameters(), 1e-2)
    for _ in range(12):
        batch = {"tokens": torch.randint(0, 50, (16, 6)), "labels": torch.randint(0, 4, (16,))}
        for optimizer in (sparse, dense):
            optimizer.zero_grad()
        model(**batch)["loss"].backward()
        for optimizer in (sparse, dense):
            optimizer.step()
    return state(model, sparse, dense)


@loop
def parametrised_layers_in_double_precision() -> State:
    seed()
    model = mlp().double()
    nn.utils.parametrizations.weight_norm(model[0])
    nn.utils.parametrizations.spectral_norm(model[2])
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    for x, y in [b for _ in range(4) for b in DataLoader(data(), batch_size=16, shuffle=True)]:
        optimizer.zero_grad()
        F.cross_entropy(model(x.double()), y).backward(retain_graph=True)
        optimizer.step()
    return state(model, optimizer)
