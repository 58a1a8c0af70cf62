"""Operations that leave the finite numbers, held at the edge of their domain: log, root and power of nothing, exp of too much, division by zero,
the angle of a cosine that rounding has put beyond 1.

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
#: Distance that a cosine keeps from 1, in roundings of its type: the dot product of a unit vector with itself is off by several. Our choice.
ROUNDINGS = 64.0
#: Guards by name: functions of torch and methods of tensors alike, of their first argument.
BELOW, ABOVE = ("log", "log2", "log10", "sqrt", "rsqrt"), ("exp", "exp2", "expm1", "sinh", "cosh")
WITHIN = ("acos", "asin", "arccos", "arcsin", "atanh", "arctanh")


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

    def within_one(t: torch.Tensor) -> torch.Tensor:
        limit = 1 - ROUNDINGS * torch.finfo(t.dtype).eps
        return t.clamp(-limit, limit)

    def for_power(t: torch.Tensor, exponent: Any) -> torch.Tensor:
        if not isinstance(exponent, int | float) or (exponent >= 1 and exponent == int(exponent)):
            return t
        return from_zero(t) if exponent == int(exponent) else from_below(t)

    def guarded(original: Any, guard: Callable[..., torch.Tensor], at: int, *, told: bool = False) -> Any:
        """`at`: argument that is held; `told`: the guard is told the next one."""

        @functools.wraps(original)
        def operation(*args: Any, **kwargs: Any) -> Any:
            t = args[at] if len(args) > at else None
            if not isinstance(t, torch.Tensor) or not t.is_floating_point() or tally.inside or not users_call(sys._getframe(1)):
                return original(*args, **kwargs)
            tally.inside = True
            try:
                held = guard(t, args[at + 1] if len(args) > at + 1 else kwargs.get("exponent")) if told else guard(t)
                tally.seen += held is not t
                tally.changed += bool((held != t).any())
                return original(*args[:at], held, *args[at + 1 :], **kwargs)
            finally:
                tally.inside = False

        return operation

    limited = [
        *((n, from_below) for n in BELOW),
        *((n, from_above) for n in ABOVE),
        *((n, within_one) for n in WITHIN),
        ("reciprocal", from_zero),
    ]
    for name, guard in limited:
        for owner in (torch, torch.Tensor):
            training.patch(owner, name, guarded(getattr(owner, name), guard, 0))
    for name in ("div", "divide", "true_divide"):
        for owner in (torch, torch.Tensor):
            training.patch(owner, name, guarded(getattr(owner, name), from_zero, 1))
    training.patch(torch.Tensor, "__truediv__", guarded(torch.Tensor.__truediv__, from_zero, 1))
    training.patch(torch.Tensor, "__rtruediv__", guarded(torch.Tensor.__rtruediv__, from_zero, 0))
    for owner, name in ((torch, "pow"), (torch.Tensor, "pow"), (torch.Tensor, "__pow__")):
        training.patch(owner, name, guarded(getattr(owner, name), for_power, 0, told=True))
    return tally
