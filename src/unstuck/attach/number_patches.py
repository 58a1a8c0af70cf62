"""Operations that leave the finite numbers, held at the edge of their domain: log and root of nothing, exp of too much, division by zero.

Only in the user's own lines; where the argument is within the domain, the result and its gradient are what they were.
"""

from __future__ import annotations

import functools
import math
import sys
from collections.abc import Callable
from typing import Any

import torch

from unstuck.attach.call_sites import users_call
from unstuck.attach.surgery import Tally
from unstuck.training import Training

#: Least argument of a logarithm, a root and a divisor in float32; half precision has its own least normal number. Our choice.
LEAST = 1e-7
#: Share of the largest exponent up to which exp is left alone: what follows (a sum, a square) must be finite, too. Our choice.
EXPONENTS = 0.4


def guard_operations(training: Training) -> Tally:
    """From here on these operations give finite numbers with finite gradients."""
    tally = Tally()

    def least(t: torch.Tensor) -> float:
        return max(LEAST, float(torch.finfo(t.dtype).tiny))

    def from_below(t: torch.Tensor) -> torch.Tensor:
        return t.clamp_min(least(t))

    def from_above(t: torch.Tensor) -> torch.Tensor:
        return t.clamp_max(EXPONENTS * math.log(torch.finfo(t.dtype).max))

    def from_zero(t: torch.Tensor) -> torch.Tensor:
        return torch.where(t.abs() < least(t), torch.full_like(t, least(t)), t)

    def guarded(original: Any, guard: Callable[[torch.Tensor], torch.Tensor], at: int) -> Any:
        @functools.wraps(original)
        def operation(*args: Any, **kwargs: Any) -> Any:
            t = args[at] if len(args) > at else None
            if not isinstance(t, torch.Tensor) or not t.is_floating_point() or tally.inside or not users_call(sys._getframe(1)):
                return original(*args, **kwargs)
            tally.inside = True
            try:
                tally.seen += 1
                held = guard(t)
                tally.changed += bool((held != t).any())
                return original(*args[:at], held, *args[at + 1 :], **kwargs)
            finally:
                tally.inside = False

        return operation

    for name, guard in (("log", from_below), ("log2", from_below), ("log10", from_below), ("sqrt", from_below), ("rsqrt", from_below)):
        for owner in (torch, torch.Tensor):
            training.patch(owner, name, guarded(getattr(owner, name), guard, 0))
    for owner in (torch, torch.Tensor):
        training.patch(owner, "exp", guarded(owner.exp, from_above, 0))
        training.patch(owner, "div", guarded(owner.div, from_zero, 1))
    training.patch(torch.Tensor, "__truediv__", guarded(torch.Tensor.__truediv__, from_zero, 1))
    return tally
