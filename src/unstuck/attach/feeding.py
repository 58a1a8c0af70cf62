"""What a check feeds a running script, and how: at the loaders, at the doors of the models, at the loss functions.

Every feed keeps to the order of the calls within one optimizer step: the k-th batch, forward pass or loss of a step. What the script gives its
models without gradients stays as it is, and so does everything that a model gets from another model.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

import torch
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.modules.dropout import _DropoutNd
from torch.utils.data.dataloader import _BaseDataLoaderIter

from unstuck.attach.loss_patches import LOSSES, patch_losses
from unstuck.attach.step_hooks import after_step, hold_settings
from unstuck.training import Training

#: Samples that one batch is cut to: TheDeepChecker's 16.
FEW = 16
#: Rows of earlier targets that a shuffled target is drawn from; our choice.
POOL = 512
#: Running statistics of a batch norm count as settled when momentum times steps is above this: exp(-4) = 2 % of the start is left.
SETTLED = 4.0


def mapped(value: Any, change: Callable[[torch.Tensor], torch.Tensor]) -> Any:
    """The same nest of tuples, lists and dicts with every tensor changed."""
    if isinstance(value, torch.Tensor):
        return change(value)
    if isinstance(value, tuple):
        items = [mapped(v, change) for v in value]
        return type(value)(*items) if hasattr(value, "_fields") else tuple(items)
    if isinstance(value, list):
        return [mapped(v, change) for v in value]
    if isinstance(value, Mapping):
        table = {k: mapped(v, change) for k, v in value.items()}
        return table if type(value) is dict else type(value)(table)  # type: ignore[call-arg]
    return value


def tensors_in(value: Any) -> list[torch.Tensor]:
    """All tensors of a nest."""
    found: list[torch.Tensor] = []

    def note(tensor: torch.Tensor) -> torch.Tensor:
        found.append(tensor)
        return tensor

    mapped(value, note)
    return found


def form(batch: Any, *, exact: bool = False) -> Any:
    """What two batches of one loader share: number, type and dimensions of their tensors (`exact`: their shapes but for the first)."""
    return tuple((t.dtype, t.shape[1:] if exact else t.dim()) for t in tensors_in(batch))


def few_samples(batch: Any) -> Any:
    """A copy of a batch in which `FEW` of its samples stand again and again; as it is where the first dimension is not that of samples."""
    sizes = {t.shape[0] if t.dim() else 0 for t in tensors_in(batch)}
    size = sizes.pop() if len(sizes) == 1 else 0
    if size <= FEW:
        return mapped(batch, lambda t: t.detach().clone())
    rows = torch.arange(size) % FEW * (size // FEW)
    return mapped(batch, lambda t: t.detach()[rows.to(t.device)])


class Fed(ABC):
    """What all feeds share: they know the steps, and see every forward pass that trains."""

    #: Why nothing was changed, by a key of `check_reading.WHY_NOT`.
    missing = "no-forward"

    def __init__(self) -> None:
        self.changed = 0
        #: Optimizer steps that are over, and the how-manieth forward pass of the running one it is.
        self.step = 0
        self.calls = 0
        self._stepped = False
        self._began = False

    def add(self, training: Training) -> None:
        """An optimizer was built, with these models."""
        for optimizer in training.optimizers:
            after_step(training, optimizer, lambda _: setattr(self, "_stepped", True))
        for root in training.models:
            hook = root.register_forward_pre_hook(self._pass, with_kwargs=True)
            training.on_undo(hook.remove)
        if not self._began:
            self._began = True
            self.begin(training)

    def begin(self, training: Training) -> None:  # noqa: B027 - most feeds patch nothing
        """With the first optimizer: patches that are made once."""

    def in_force(self, training: Training) -> bool:
        """Something was changed; the reason stands in the failures where nothing was."""
        if not self.changed:
            training.failures.append(self.missing)
        return self.changed > 0

    def answers(self) -> Mapping[str, float]:
        """What was measured beside the trace."""
        return {}

    def next_step(self) -> bool:
        """Is this the first call of a new step? Several optimizers may step one after another."""
        if not self._stepped:
            return False
        self._stepped = False
        self.step += 1
        self.calls = 0
        return True

    def _pass(self, root: nn.Module, args: Any, kwargs: Any) -> Any:
        if not torch.is_grad_enabled():
            return None
        self.next_step()
        number, self.calls = self.calls, self.calls + 1
        if any(t.requires_grad for t in tensors_in((args, kwargs))):  # another model's output, or a point to differentiate at
            return None
        return self.forward(root, number, args, kwargs)

    @abstractmethod
    def forward(self, root: nn.Module, number: int, args: Any, kwargs: Any) -> Any:
        """The `number`-th forward pass of a step begins: other (args, kwargs), or None."""


class OneBatch(Fed):
    """The samples of the first step again and again; the last step's forward passes have dropout and batch norm in eval mode."""

    missing = "no-batch"

    def __init__(self, steps: int) -> None:
        super().__init__()
        self.last = steps - 1
        #: Of the first step, in order: batches of loaders, arguments of forward passes, targets of losses.
        self.batches: list[Any] = []
        self.inputs: list[tuple[Any, Any]] = []
        self.targets: list[torch.Tensor] = []
        self.losses = 0
        #: Batches of the running step, by their form.
        self.asked: Counter[Any] = Counter()
        self.flipped = 0
        self.unsettled = 0

    def begin(self, training: Training) -> None:
        """The loader's batches, and the targets where no loader gives them."""
        original = _BaseDataLoaderIter.__next__

        @wraps(original)
        def __next__(iterator: Any) -> Any:
            batch = original(iterator)
            return self.batch(batch) if torch.is_grad_enabled() else batch

        training.patch(_BaseDataLoaderIter, "__next__", __next__)
        patch_losses(training, LOSSES, self.loss)

    def batch(self, batch: Any) -> Any:
        """A loader gives a batch: the stored one of the same form takes its place."""
        self.next_step()
        if self.step == 0:
            self.batches.append(few_samples(batch))
            return batch
        fitting = [known for known in self.batches if form(known, exact=True) == form(batch, exact=True)]
        fitting = fitting or [known for known in self.batches if form(known) == form(batch)]
        if not fitting:
            return batch
        number = self.asked[form(batch)]
        self.asked[form(batch)] += 1
        self.changed += 1
        return mapped(fitting[number % len(fitting)], torch.clone)

    def _after_first(self) -> None:
        """The first step is over: keep few of its samples."""
        if not (self.step == 0 and self._stepped) or self.batches or not self.inputs:
            return
        sizes = {t.shape[0] if t.dim() else 0 for t in tensors_in((self.inputs, self.targets))}
        if len(sizes) == 1:
            self.inputs = [few_samples(pair) for pair in self.inputs]
            self.targets = [few_samples(t) for t in self.targets]

    def forward(self, root: nn.Module, number: int, args: Any, kwargs: Any) -> Any:
        """The door, where no loader gives the batches."""
        if self.step == self.last:
            self.settle(root)
        if self.batches:
            return None
        if self.step == 0:
            self.inputs.append(mapped((args, kwargs), lambda t: t.detach().clone()))
            return None
        if number >= len(self.inputs) or not self.targets:
            return None
        self.changed += 1
        return mapped(self.inputs[number], torch.clone)

    def loss(self, name: str, original: Any, output: torch.Tensor, target: torch.Tensor, given: dict[str, Any]) -> torch.Tensor | None:
        """A loss is computed: it gets the targets that belong to the inputs."""
        number, self.losses = self.losses, self.losses + 1
        if self.batches or target.requires_grad:
            return None
        if self.step == 0:
            self.targets.append(target.detach().clone())
            return None
        if number >= len(self.targets) or not self.inputs:
            return None
        return original(output, self.targets[number].clone(), **given)  # type: ignore[no-any-return]

    def next_step(self) -> bool:
        """Also the losses are counted anew."""
        self._after_first()
        if super().next_step():
            self.losses = 0
            self.asked.clear()
            return True
        return False

    def settle(self, root: nn.Module) -> None:
        """Dropout and batch norm answer as in evaluation, where the running statistics have had the steps to arrive."""
        layers = [m for m in root.modules() if isinstance(m, (_BatchNorm, _DropoutNd)) and m.training]
        layers = [m for m in layers if not (isinstance(m, _DropoutNd) and m.p == 0)]
        norms = [m for m in layers if isinstance(m, _BatchNorm) and m.running_mean is not None]
        self.unsettled += sum(m.momentum is not None and m.momentum * self.last < SETTLED for m in norms)
        if self.unsettled:
            return
        for module in layers:
            module.training = False
        self.flipped += len(layers)

    def answers(self) -> Mapping[str, float]:
        """How many layers were put into eval mode for the last step, and how many batch norms were not ready for it."""
        return {"flipped": float(self.flipped), "unsettled": float(self.unsettled)}


class BlankInputs(Fed):
    """Every sample becomes the mean of the first batch (its first sample for whole numbers): nothing tells samples apart."""

    missing = "no-forward"

    def __init__(self) -> None:
        super().__init__()
        self.blanks: dict[tuple[int, int], torch.Tensor] = {}

    def forward(self, root: nn.Module, number: int, args: Any, kwargs: Any) -> Any:
        """Every tensor of numbers among the arguments."""
        places = iter(range(1000))
        return mapped((args, kwargs), lambda t: self.blank(t, (number, next(places))))

    def blank(self, values: torch.Tensor, place: tuple[int, int]) -> torch.Tensor:
        """The same row for every sample; masks and single numbers stay."""
        if not values.dim() or not values.shape[0] or values.dtype == torch.bool or values.is_complex():
            return values
        known = self.blanks.get(place)
        if known is None or known.shape[1:] != values.shape[1:] or known.device != values.device:
            row = values.detach().mean(0, keepdim=True) if values.is_floating_point() else values.detach()[:1]
            known = self.blanks[place] = row.clone()
        self.changed += 1
        return known.to(values.dtype).expand_as(values).clone()


class ShuffledTargets(Fed):
    """Every sample keeps a target that belongs to another one: what can be learned of the pairs is gone, all else is as it was."""

    missing = "no-loss"

    def __init__(self, seed: int = 0) -> None:
        super().__init__()
        self.generator = torch.Generator().manual_seed(seed)
        self.rows: list[torch.Tensor] = []
        #: By the bytes of an input row: the target that it got when it was first seen.
        self.given: dict[bytes, torch.Tensor] = {}
        self.inputs: torch.Tensor | None = None

    def begin(self, training: Training) -> None:
        """The targets of PyTorch's own losses."""
        patch_losses(training, LOSSES, self.loss)

    def forward(self, root: nn.Module, number: int, args: Any, kwargs: Any) -> Any:
        """Remember the samples, to know them again."""
        self.inputs = next(iter(tensors_in((args, kwargs))), None)

    def loss(self, name: str, original: Any, output: torch.Tensor, target: torch.Tensor, given: dict[str, Any]) -> torch.Tensor | None:
        """A loss is computed."""
        if target.requires_grad or not target.dim() or not target.shape[0]:
            return None
        self.changed += 1
        return original(output, self.shuffled(target.detach()), **given)  # type: ignore[no-any-return]

    def shuffled(self, target: torch.Tensor) -> torch.Tensor:
        """Targets [N, ...] of other samples, drawn from this batch and the ones before."""
        pool = [t for t in (*self.rows, target) if t.shape[1:] == target.shape[1:]]
        rows = torch.cat(pool)[-POOL - target.shape[0] :]
        drawn = rows[torch.randint(len(rows), (target.shape[0],), generator=self.generator).to(rows.device)].clone()
        self.rows = [rows[-POOL:]]
        inputs = self.inputs
        if inputs is None or not inputs.dim() or inputs.shape[0] != target.shape[0]:
            return drawn
        for i, row in enumerate(inputs.detach().cpu().contiguous()):
            known = self.given.setdefault(row.numpy().tobytes(), drawn[i])
            if known.shape == drawn[i].shape:
                drawn[i] = known
        return drawn


class RateFactor(Fed):
    """Every step is made with the script's learning rate of that moment times a factor."""

    missing = "no-optimizer"

    def __init__(self, factor: float) -> None:
        super().__init__()
        self.factor = factor

    def add(self, training: Training) -> None:
        """Every optimizer."""
        for optimizer in training.optimizers:
            hold_settings(training, optimizer, lambda group, step: {"lr": group["lr"] * self.factor})
            self.changed += 1

    def forward(self, root: nn.Module, number: int, args: Any, kwargs: Any) -> Any:
        """Nothing."""
