"""Remedies at the door of a model: what goes in is scaled or roughened, what comes out is scaled, the mode is set for a pass.

All of them are plain objects registered as hooks of a root module, so that they are pickled and copied with it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import nn

from unstuck.attach.layer_hooks import LAYERS, refuse_checkpoint
from unstuck.attach.surgery import CannotApply
from unstuck.training import Training

#: Training batches from which the mean and the spread of the inputs are taken; frozen afterwards.
BATCHES = 8
#: How often a value comes up that is a mark, not a reading; and interquartile ranges from the median from which on a value is an outlier. Our choice.
MARKED, OUTLYING = 3, 10.0


def trains(root: nn.Module) -> bool:
    """This pass is a training pass."""
    return root.training and torch.is_grad_enabled()


def change_input(training: Training, root: nn.Module, change: Callable[[nn.Module, torch.Tensor], torch.Tensor]) -> None:
    """Let `change(root, x)` answer for the first tensor that enters `root`."""
    training.on_undo(root.register_forward_pre_hook(InputHook(change), with_kwargs=True).remove)


@dataclass
class InputHook:
    """Forward pre-hook that changes the first tensor among the arguments."""

    change: Callable[[nn.Module, torch.Tensor], torch.Tensor]

    def __call__(self, root: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        for i, value in enumerate(args):
            if isinstance(value, torch.Tensor):
                return (*args[:i], self.change(root, value), *args[i + 1 :]), kwargs
        for key, value in kwargs.items():
            if isinstance(value, torch.Tensor):
                return args, {**kwargs, key: self.change(root, value)}
        return args, kwargs


def feature_dimension(root: nn.Module) -> int:
    """1 (channels) where the first layer is a convolution, else the last dimension."""
    first = next((m for m in root.modules() if isinstance(m, (*LAYERS, nn.RNNBase, nn.Embedding))), None)
    return -1 if first is None or isinstance(first, (nn.Linear, nn.RNNBase, nn.Embedding)) else 1


def refuse_other_than_rows(x: torch.Tensor, failures: list[str]) -> None:
    """CannotApply, also told in `failures`, unless it is a batch of floating-point numbers."""
    if not x.is_floating_point() or x.dim() < 2:
        what = f"The model's input has type {x.dtype} and shape {tuple(x.shape)}"
        failures.append(f"{what}; only batches of floating-point numbers can be standardised.")
        raise CannotApply(failures[-1])


@dataclass
class Standardiser:
    """(x - mean)/std by feature, from the first training batches; missing values become the mean."""

    dimension: int
    failures: list[str]
    batches: int = 0
    count: torch.Tensor | float = 0.0
    total: torch.Tensor | float = 0.0
    squares: torch.Tensor | float = 0.0
    passed: int = 0

    def __call__(self, root: nn.Module, x: torch.Tensor) -> torch.Tensor:
        refuse_other_than_rows(x, self.failures)
        # What another model computed (a fake image, a hidden state) is transformed alike, but not counted.
        if trains(root) and self.batches < BATCHES and not x.requires_grad:
            self.add(x)
        if not self.batches:
            return x
        self.passed += 1
        shape = [1] * x.dim()
        shape[self.dimension] = -1
        assert isinstance(self.total, torch.Tensor) and isinstance(self.squares, torch.Tensor)
        mean = self.total / self.count
        std = (self.squares / self.count - mean * mean).clamp_min(0).sqrt()
        std = torch.where(std <= 1e-6 * mean.abs() + 1e-12, torch.ones_like(std), std)  # a constant feature is only centred
        result = (x - mean.to(x.dtype).view(shape)) / std.to(x.dtype).view(shape)
        return torch.nan_to_num(result, nan=0.0, posinf=0.0, neginf=0.0)

    def add(self, x: torch.Tensor) -> None:
        """Count one batch in, finite values only; float64, because features may be large and narrow."""
        with torch.no_grad():
            rows = x.detach().double().movedim(self.dimension, -1).reshape(-1, x.shape[self.dimension])
            finite = rows.isfinite()
            rows = torch.where(finite, rows, torch.zeros_like(rows))
            self.count = self.count + finite.sum(0).clamp_min(1)
            self.total, self.squares = self.total + rows.sum(0), self.squares + (rows * rows).sum(0)
            self.batches += 1


@dataclass
class RobustStandardiser:
    """Standardises by feature what is neither a mark nor an outlier, and puts 0 in the place of these; from the first training batches."""

    dimension: int
    failures: list[str]
    rows: list[torch.Tensor] = field(default_factory=list)
    #: Per feature [F]: least and greatest value that counts, mean and standard deviation of those that do.
    limits: tuple[torch.Tensor, ...] = ()
    #: Values that were missing.
    missing: int = 0

    def __call__(self, root: nn.Module, x: torch.Tensor) -> torch.Tensor:
        refuse_other_than_rows(x, self.failures)
        if trains(root) and len(self.rows) < BATCHES and not x.requires_grad:
            self.rows.append(x.detach().double().movedim(self.dimension, -1).reshape(-1, x.shape[self.dimension]))
            self.limits = robust_limits(torch.cat(self.rows))
        if not self.limits:
            return x
        shape = [1] * x.dim()
        shape[self.dimension] = -1
        least, most, mean, std = (t.view(shape) for t in self.limits)
        counts = (x >= least) & (x <= most)  # in double precision; what is not a number does not count
        self.missing += int((~counts).sum())
        return torch.where(counts, (x - mean) / std, torch.zeros_like(mean)).to(x.dtype)


def robust_limits(rows: torch.Tensor) -> tuple[torch.Tensor, ...]:
    """Of rows [N, F], per feature: least and greatest value that counts, mean and standard deviation of what counts."""
    found = []
    for column in rows.T.cpu():
        values, limits = column[column.isfinite()].sort().values, [-math.inf, math.inf]
        for edge in (0, -1):  # a mark at the lower end, then one at the upper
            others = values[values != values[edge]] if len(values) else values
            apart = abs(float(values[edge] - others[edge])) if len(others) else 0.0
            if len(values) - len(others) >= MARKED and 0 < float(others[-1] - others[0] if len(others) else 0.0) < apart:
                limits[edge] = float(values[edge] + others[edge]) / 2
                values = others
        if len(values):
            low, middle, high = (float(torch.quantile(values, q)) for q in (0.25, 0.5, 0.75))
            reach = OUTLYING * (high - low) if high > low else math.inf
            limits = [max(limits[0], middle - reach), min(limits[1], middle + reach)]
            values = values[(values >= limits[0]) & (values <= limits[1])]
        mean, std = (float(values.mean()), float(values.std(correction=0))) if len(values) else (0.0, 0.0)
        found.append((*limits, mean, std if std > 1e-6 * abs(mean) + 1e-12 else 1.0))
    return tuple(torch.tensor(row, dtype=rows.dtype, device=rows.device) for row in zip(*found, strict=True))


@dataclass
class Noise:
    """x + strength * std(x) * noise in training passes, by a random stream of our own."""

    strength: float
    seed: int
    passed: int = 0

    def __call__(self, root: nn.Module, x: torch.Tensor) -> torch.Tensor:
        if not trains(root) or not x.is_floating_point():
            return x
        self.passed += 1
        generator = torch.Generator().manual_seed(self.seed + self.passed)
        noise = torch.randn(x.shape, generator=generator).to(x.device, x.dtype)
        return x + self.strength * x.detach().std(0, correction=0) * noise


class StreamDropout(nn.Module):
    """Dropout by a random stream of its own, so that the script's stream is not moved."""

    def __init__(self, p: float, seed: int) -> None:
        super().__init__()
        self.p, self.seed, self.passed = p, seed, 0

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Zero a share p of the values in training, scale the others up."""
        if not self.training:
            return x
        refuse_checkpoint(graded=False)
        self.passed += 1
        generator = torch.Generator().manual_seed(self.seed + self.passed)
        kept = torch.rand(x.shape, generator=generator).to(x.device) >= self.p
        return x * kept.to(x.dtype) / (1 - self.p)


class _Scaled(torch.autograd.Function):
    """raw * scale + centre; backward gives the gradient that the loss in standardised units would give."""

    @staticmethod
    def forward(ctx: Any, raw: torch.Tensor, centre: torch.Tensor, scale: torch.Tensor, power: float) -> torch.Tensor:
        ctx.save_for_backward(scale)
        ctx.power = power
        return raw * scale + centre

    @staticmethod
    def backward(ctx: Any, *gradients: Any) -> Any:
        (scale,) = ctx.saved_tensors
        return gradients[0] * scale**ctx.power, None, None, None


@dataclass
class OutputScale:
    """Forward hook of a root: outputs are made in standardised units and handed out in the script's.

    A squared error in standardised units has the gradient 2 (raw - t) = 2 (out - target)/scale: the script's gradient divided by the scale
    (power -1). An absolute error has the sign in both units (power 0).
    """

    power: float
    failures: list[str]
    centre: torch.Tensor | None = None
    scale: torch.Tensor | None = None
    passed: int = 0
    #: Two targets with about the right mean and spread, where the first pass comes before any batch of a loader.
    otherwise: tuple[float, float] | None = None

    def calibrate(self, targets: torch.Tensor) -> None:
        """Take mean and spread from targets [N] or [N, D], once."""
        if self.centre is not None or not targets.is_floating_point() or targets.numel() < 2:
            return
        columns = targets.detach().float().reshape(targets.shape[0], -1)
        columns = columns if targets.dim() == 2 and columns.shape[0] > 1 else columns.reshape(-1, 1)
        scale = columns.std(0, correction=0)
        self.centre, self.scale = columns.mean(0), torch.where(scale < 1e-12, torch.ones_like(scale), scale)

    def __call__(self, root: nn.Module, args: tuple[Any, ...], output: Any) -> Any:
        if self.otherwise is not None and trains(root):
            self.calibrate(torch.tensor(self.otherwise))
        if self.centre is None or self.scale is None or not isinstance(output, torch.Tensor):
            if trains(root):
                self.failures.append("The targets were not seen before the model's first pass, or its output is not one tensor.")
                raise CannotApply(self.failures[-1])
            return output
        self.passed += 1
        several = self.centre.numel() > 1 and output.shape[-1] == self.centre.numel()
        centre = (self.centre if several else self.centre.mean()).to(output.device, output.dtype)
        scale = (self.scale if several else self.scale.mean()).to(output.device, output.dtype)
        return _Scaled.apply(output, centre, scale, self.power)  # type: ignore[no-untyped-call]


@dataclass
class EvaluationMode:
    """Forward pre-hook and hook: a pass without gradients is made in eval mode, whatever the script forgot."""

    changed: int = 0
    _was: list[list[tuple[nn.Module, bool]]] = field(default_factory=list)

    def before(self, root: nn.Module, args: tuple[Any, ...]) -> None:
        """Remember the mode of every module, because some may be in eval mode on purpose."""
        wrong = root.training and not torch.is_grad_enabled()
        self._was.append([(m, m.training) for m in root.modules()] if wrong else [])
        if wrong:
            self.changed += 1
            root.eval()

    def after(self, root: nn.Module, args: tuple[Any, ...], output: Any) -> None:
        """Put the modes back."""
        for module, mode in self._was.pop() if self._was else []:
            module.training = mode


@dataclass
class TrainingMode:
    """A model that makes a step in eval mode is put into training mode; a pass without gradients puts that back."""

    roots: list[nn.Module]
    changed: int = 0
    _ours: set[int] = field(default_factory=set)

    def after_step(self, *_: object) -> None:
        """An optimizer has stepped: this is training."""
        for root in self.roots:
            if not root.training:
                root.train()
                self._ours.add(id(root))
                self.changed += 1

    def before_pass(self, root: nn.Module, args: tuple[Any, ...]) -> None:
        """The script believes that this model is in eval mode, so its validation passes shall be."""
        if id(root) in self._ours and root.training and not torch.is_grad_enabled():
            root.eval()
