"""Remedies on the loss: functions of torch.nn.functional answer differently in training. The loss modules call the same functions."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import torch
import torch.nn.functional as F

from unstuck.attach.surgery import Tally
from unstuck.training import Training

#: Third and later positional arguments of the losses that are patched.
_REST: dict[str, tuple[str, ...]] = {
    "cross_entropy": ("weight", "size_average", "ignore_index", "reduce", "reduction", "label_smoothing"),
    "nll_loss": ("weight", "size_average", "ignore_index", "reduce", "reduction"),
    "binary_cross_entropy": ("weight", "size_average", "reduce", "reduction"),
    "binary_cross_entropy_with_logits": ("weight", "size_average", "reduce", "reduction", "pos_weight"),
    "mse_loss": ("size_average", "reduce", "reduction"),
    "l1_loss": ("size_average", "reduce", "reduction"),
    "smooth_l1_loss": ("size_average", "reduce", "reduction", "beta"),
    "huber_loss": ("reduction", "delta"),
    "kl_div": ("size_average", "reduce", "reduction", "log_target"),
}
#: The losses that can be patched.
LOSSES = tuple(_REST)
#: Nodes that only change a tensor's shape.
_SHAPES = ("View", "Squeeze", "Unsqueeze", "ReshapeAlias", "UnsafeView", "Expand", "Permute", "Transpose", "T", "Select", "Slice", "Clone")

Rewrite = Callable[[str, Any, torch.Tensor, torch.Tensor, dict[str, Any]], torch.Tensor | None]


def patch_losses(training: Training, names: Sequence[str], rewrite: Rewrite) -> Tally:
    """Ask `rewrite` at every training call of these losses; outside training (no gradient) they are themselves."""
    tally = Tally()
    for name in names:
        training.patch(F, name, _patched(name, getattr(F, name), rewrite, tally))
    return tally


def _patched(name: str, original: Any, rewrite: Rewrite, tally: Tally) -> Any:
    @functools.wraps(original)
    def loss(*args: Any, **kwargs: Any) -> Any:
        given = dict(zip(("input", "target", *_REST[name]), args, strict=False)) | kwargs
        output, target = given.pop("input", None), given.pop("target", None)
        if not isinstance(output, torch.Tensor) or not isinstance(target, torch.Tensor) or not output.requires_grad:
            return original(*args, **kwargs)
        tally.seen += 1
        result = rewrite(name, original, output, target, given)
        if result is None:
            return original(*args, **kwargs)
        tally.changed += 1
        return result

    return loss


def watch_losses(training: Training, call: Callable[[float], None]) -> None:
    """Call `call(value)` for every mean loss that is computed without gradients (validation)."""

    def watched(original: Any) -> Any:
        @functools.wraps(original)
        def loss(*args: Any, **kwargs: Any) -> Any:
            result = original(*args, **kwargs)
            if not torch.is_grad_enabled() and isinstance(result, torch.Tensor) and result.numel() == 1:
                call(float(result))
            return result

        return loss

    for name in _REST:
        training.patch(F, name, watched(getattr(F, name)))


def came_from(output: torch.Tensor, *names: str) -> bool:
    """The tensor is, but for its shape, what a function gave: came_from(p, "Softmax")."""
    node = output.grad_fn
    for _ in range(6):
        if node is None:
            return False
        name = node.name().rstrip("01").removesuffix("Backward")
        if name in names:
            return True
        if name not in _SHAPES:
            return False
        node = node.next_functions[0][0]
    return False


def log_of(probabilities: torch.Tensor) -> torch.Tensor:
    """Logarithm that stays finite: log(softmax(z)) differs from z by one number per row, which the next softmax does not see."""
    return probabilities.clamp_min(torch.finfo(probabilities.dtype).tiny).log()


def logit_of(probabilities: torch.Tensor) -> torch.Tensor:
    """What went into the sigmoid; exact within float32's resolution of 1 (|z| < 16)."""
    return torch.logit(probabilities, eps=float(torch.finfo(probabilities.dtype).eps))
