"""Remedies around `optimizer.step()`: settings held for the length of a step, gradients changed when they are complete, another optimizer.

The bound `step` of one optimizer is wrapped, instead of a hook registered: a wrapper sees an exception pass, is called once where a
subclass calls `super().step()`, and runs before the global hooks of whoever watches, who then sees what the optimizer really gets.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import MethodType
from typing import Any

import torch
from torch.optim import Optimizer

from unstuck.attach.surgery import CannotApply, Tally
from unstuck.training import Training

#: around(inner, args, kwargs): calls `inner(*args, **kwargs)`, the step itself.
Around = Callable[[Callable[..., Any], tuple[Any, ...], dict[str, Any]], Any]


def wrap_step(training: Training, optimizer: Optimizer, around: Around) -> None:
    """Run `around` instead of this optimizer's step."""
    earlier = vars(optimizer).get("step")

    def inner(*args: Any, **kwargs: Any) -> Any:
        # Looked up when called: another remedy may have changed the optimizer's class.
        return earlier(*args, **kwargs) if earlier is not None else type(optimizer).step(optimizer, *args, **kwargs)

    def step(_: Optimizer, *args: Any, **kwargs: Any) -> Any:
        return around(inner, args, kwargs)

    vars(optimizer)["step"] = MethodType(step, optimizer)  # a bound method, because schedulers read its `__func__`

    def restore() -> None:
        if earlier is None:
            vars(optimizer).pop("step", None)
        else:
            vars(optimizer)["step"] = earlier

    training.on_undo(restore)


def hold_settings(training: Training, optimizer: Optimizer, change: Callable[[Mapping[str, Any], int], dict[str, Any]]) -> Tally:
    """Give every parameter group other settings for the length of each step; the script's own are put back after it."""
    tally = Tally()
    change(optimizer.param_groups[0], 0)  # fails now, with the optimizer's name, rather than in the middle of the script

    def around(inner: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        own: list[tuple[dict[str, Any], dict[str, Any]]] = []
        for group in optimizer.param_groups:
            new = change(group, tally.seen)
            own.append((group, {key: group[key] for key in new}))
            group.update(new)
        tally.seen += 1
        tally.changed += 1
        try:
            return inner(*args, **kwargs)
        finally:
            for group, old in own:
                group.update(old)

    wrap_step(training, optimizer, around)
    return tally


def on_gradients(training: Training, optimizer: Optimizer, call: Callable[[Optimizer], None]) -> Tally:
    """Call `call(optimizer)` whenever this optimizer's gradients are complete: before a step, and after every call of a closure."""
    tally = Tally()

    def changed() -> None:
        tally.changed += 1
        call(optimizer)

    def around(inner: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        tally.seen += 1
        closure = args[0] if args else kwargs.get("closure")
        if closure is None:
            changed()
            return inner(*args, **kwargs)

        def complete() -> Any:
            result = closure()
            changed()
            return result

        rest = {key: value for key, value in kwargs.items() if key != "closure"}
        return inner(complete, *args[1:], **rest)

    wrap_step(training, optimizer, around)
    return tally


def after_step(training: Training, optimizer: Optimizer, call: Callable[[Optimizer], None]) -> Tally:
    """Call `call(optimizer)` after every step, also after the one at which an arm is stopped."""
    tally = Tally()

    def around(inner: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        try:
            return inner(*args, **kwargs)
        finally:
            tally.seen += 1
            tally.changed += 1
            call(optimizer)

    wrap_step(training, optimizer, around)
    return tally


def parameters_of(optimizer: Optimizer) -> list[torch.Tensor]:
    """All parameters of all groups."""
    return [p for group in optimizer.param_groups for p in group["params"]]


@contextmanager
def unpatched_constructor() -> Iterator[None]:
    """An optimizer of ours is made: nobody who watches constructors shall take it for the script's."""
    patched = Optimizer.__init__
    Optimizer.__init__ = inspect.unwrap(patched)  # type: ignore[method-assign]
    try:
        yield
    finally:
        Optimizer.__init__ = patched  # type: ignore[method-assign]


def become(training: Training, optimizer: Optimizer, kind: str, settings: Mapping[str, float]) -> None:
    """Turn an optimizer of torch into another one in place; groups keep their parameters, and their rates relative to each other."""
    source = type(optimizer)
    if not source.__module__.startswith("torch.optim") or source.__name__ in ("LBFGS", "SparseAdam"):
        raise CannotApply(f"{source.__name__} is not one of torch's plain optimizers; only those can be exchanged in a running script.")
    target = getattr(torch.optim, kind)
    with unpatched_constructor():
        fresh = target([torch.zeros(1, requires_grad=True)], **settings)
    first = float(optimizer.param_groups[0]["lr"])
    for group in optimizer.param_groups:
        decay = {} if kind == "AdamW" else {"weight_decay": group.get("weight_decay", 0.0)}
        lr = settings.get("lr", first) * (float(group["lr"]) / first if first else 1.0)
        group.update(fresh.defaults | settings | decay | {"lr": lr})
    optimizer.defaults = fresh.defaults | dict(settings)
    optimizer.__class__ = target
    # Adagrad fills its state when it is built; the new optimizer would take that for its own.
    first_step = Tally()

    def around(inner: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        if not first_step.seen and source.__name__ == "Adagrad":
            optimizer.state.clear()
        first_step.seen += 1
        return inner(*args, **kwargs)

    wrap_step(training, optimizer, around)
