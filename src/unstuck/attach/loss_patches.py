"""Remedies on the loss: functions of torch.nn.functional answer differently in training (the loss modules call the same functions), and so do
differences in losses written by hand."""

from __future__ import annotations

import functools
import math
import sys
from collections.abc import Callable, Sequence
from types import FrameType
from typing import Any

import torch
import torch.nn.functional as F

from unstuck.attach.call_sites import users_call
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


def match_differences(training: Training, tally: Tally) -> None:
    """Where a line of the user's subtracts targets from outputs, or the other way, and the two would broadcast although they hold equally many
    numbers ([N, 1] against [N]), the outputs get the targets' shape. Only in training (gradients are on).
    """

    def matched(original: Any) -> Any:
        @functools.wraps(original)
        def difference(*args: Any, **kwargs: Any) -> Any:
            pair = args[:2]
            if (
                len(pair) == 2
                and all(isinstance(t, torch.Tensor) for t in pair)
                and crossed(*pair)
                and users_call(asking(sys._getframe(1)))
            ):
                tally.changed += 1
                shape = next(t.shape for t in pair if not t.requires_grad)
                args = (*(t.reshape(shape) for t in pair), *args[2:])
            return original(*args, **kwargs)

        return difference

    for owner, names in ((torch, ("sub", "subtract")), (torch.Tensor, ("sub", "subtract", "__sub__"))):
        for name in names:
            training.patch(owner, name, matched(getattr(owner, name)))


def asking(frame: FrameType) -> FrameType:
    """The frame itself, or the next one behind the recorder's, which listens to differences as well."""
    while frame.f_back is not None and str(frame.f_globals.get("__name__", "")).startswith("unstuck."):
        frame = frame.f_back
    return frame


def crossed(one: torch.Tensor, other: torch.Tensor) -> bool:
    """Outputs and targets (one of both has a gradient) of equally many numbers, whose difference has more."""
    if one.dim() == other.dim() or one.numel() != other.numel() or one.requires_grad == other.requires_grad:
        return False
    try:
        return bool(math.prod(torch.broadcast_shapes(one.shape, other.shape)) > one.numel())
    except RuntimeError:  # they do not broadcast: the script's own error
        return False


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
