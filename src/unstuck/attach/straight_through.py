"""Steps in a forward pass (round, sign, a comparison, the greatest of several), whose gradient is zero everywhere: answered as before, with the
gradient of a smooth function near them (the straight-through estimator; Bengio, Leonard, Courville 2013).

Only in the user's own lines, and only of tensors that the gradient would come through. What a comparison or `argmax` gives is no number that a
gradient could go through: it remembers what it was made of until it becomes one (`(x > 0).float()`, `one_hot(x.argmax(1))`).
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F

from unstuck.attach.call_sites import users_call
from unstuck.attach.surgery import Tally
from unstuck.training import Training

#: What a tensor of no floating-point numbers would be if it were smooth.
SMOOTH = "_unstuck_smooth"


def let_through(training: Training) -> Tally:
    """From here on steps let gradients through."""
    tally = Tally()

    def graded(t: Any) -> bool:
        return isinstance(t, torch.Tensor) and t.is_floating_point() and t.requires_grad and torch.is_grad_enabled()

    def step(original: Any, smooth: Callable[[torch.Tensor], torch.Tensor]) -> Any:
        @functools.wraps(original)
        def operation(t: Any, *args: Any, **kwargs: Any) -> Any:
            result = original(t, *args, **kwargs)
            if tally.inside or not graded(t) or "out" in kwargs or not users_call(sys._getframe(1)):
                return result
            return passed(result, smooth(t))

        return operation

    def passed(hard: torch.Tensor, smooth: torch.Tensor) -> torch.Tensor:
        tally.seen += 1
        tally.changed += 1
        return hard.detach() + (smooth - smooth.detach())

    def noted(original: Any, smooth: Callable[..., torch.Tensor]) -> Any:
        """`smooth` is called when the result becomes a number."""

        @functools.wraps(original)
        def operation(t: Any, *args: Any, **kwargs: Any) -> Any:
            result = original(t, *args, **kwargs)
            if isinstance(result, torch.Tensor) and (args or kwargs) and graded(t) and users_call(sys._getframe(1)):
                setattr(result, SMOOTH, functools.partial(smooth, t, *args, **kwargs))
            return result

        return operation

    def becoming(original: Any) -> Any:
        @functools.wraps(original)
        def conversion(t: Any, *args: Any, **kwargs: Any) -> Any:
            result = original(t, *args, **kwargs)
            smooth = getattr(t, SMOOTH, None)
            if smooth is None or not isinstance(result, torch.Tensor):
                return result
            if not result.is_floating_point():
                setattr(result, SMOOTH, smooth)
                return result
            try:
                value = smooth().to(result.dtype)
            except Exception:  # a form of the call that has no smooth one
                return result
            return passed(result, value) if value.shape == result.shape else result

        return conversion

    plain = F.one_hot

    @functools.wraps(plain)
    def one_hot(t: Any, *args: Any, **kwargs: Any) -> Any:
        result = plain(t, *args, **kwargs)
        if hasattr(t, SMOOTH):
            setattr(result, SMOOTH, getattr(t, SMOOTH))
        return result

    for owner in (torch, torch.Tensor):
        for name in ("round", "floor", "ceil", "trunc"):
            training.patch(owner, name, step(getattr(owner, name), lambda t: t))
        training.patch(owner, "sign", step(torch.sign if owner is torch else torch.Tensor.sign, lambda t: t.clamp(-1, 1)))
        training.patch(owner, "argmax", noted(owner.argmax, _chosen))
    for name, sign in (("__gt__", 1), ("__ge__", 1), ("__lt__", -1), ("__le__", -1)):
        training.patch(torch.Tensor, name, noted(getattr(torch.Tensor, name), functools.partial(_beyond, sign)))
    training.patch(F, "one_hot", one_hot)
    for name in ("float", "to", "type", "double", "half", "bfloat16"):
        training.patch(torch.Tensor, name, becoming(getattr(torch.Tensor, name)))
    return tally


def _chosen(scores: torch.Tensor, dim: int = -1, keepdim: bool = False) -> torch.Tensor:
    """Shares of the choice, with the classes in the last dimension, as `one_hot` has them."""
    return scores.softmax(dim).movedim(dim, -1)


def _beyond(sign: int, t: torch.Tensor, limit: Any) -> torch.Tensor:
    """How far a number is beyond a limit."""
    return torch.sigmoid(sign * (t - limit))
