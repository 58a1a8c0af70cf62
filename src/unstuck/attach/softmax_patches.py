"""Remedies on a softmax: torch's functions and methods, which the modules call too, answer differently, in training and in validation alike."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import torch

from unstuck.attach.surgery import Tally
from unstuck.training import Training

#: Given scores, dimension and the original function: what it gives instead; None leaves the call as it is.
Rewrite = Callable[[torch.Tensor, int, Callable[..., torch.Tensor], bool], torch.Tensor | None]


def patch_softmax(training: Training, rewrite: Rewrite) -> Tally:
    """Ask `rewrite(scores, dim, softmax, is_log)` at every softmax and log-softmax of a tensor of floating-point numbers."""
    tally = Tally()
    for owner in (torch, torch.Tensor):
        for name in ("softmax", "log_softmax"):
            training.patch(owner, name, _patched(getattr(owner, name), rewrite, tally, name == "log_softmax"))
    return tally


def _patched(original: Any, rewrite: Rewrite, tally: Tally, is_log: bool) -> Any:
    @functools.wraps(original)
    def softmax(scores: torch.Tensor, *args: Any, **kwargs: Any) -> Any:
        dim = kwargs.get("dim", args[0] if args else None)
        if tally.inside or not isinstance(dim, int):
            return original(scores, *args, **kwargs)
        tally.inside = True
        try:
            tally.seen += 1
            result = rewrite(scores, dim, original, is_log)
        finally:
            tally.inside = False
        if result is None:
            return original(scores, *args, **kwargs)
        tally.changed += 1
        return result

    return softmax
