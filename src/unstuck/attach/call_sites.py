"""Which line of the user's calls what: functional activations in the first forward passes, and the switches that turn gradients off."""

from __future__ import annotations

import os
import sys
from types import FrameType
from typing import Any

import torch
import torch.nn.functional as F
from torch import nn
from torch.overrides import TorchFunctionMode

from unstuck.attach.discovery import is_users_file, user_site
from unstuck.attach.guard import Guard
from unstuck.attach.observer import Observer

#: Functional activations whose call sites are noted during the first forwards.
ACTIVATION_NAMES = (
    "relu", "relu_", "sigmoid", "sigmoid_", "tanh", "tanh_", "gelu", "silu", "leaky_relu", "elu", "selu", "softplus", "hardtanh", "relu6",
    "mish", "hardswish", "hardsigmoid", "celu", "softsign", "clamp_min",
)  # fmt: skip


def functional_activations() -> dict[Any, str]:
    """Every function of torch that is an activation -> its name."""
    table: dict[Any, str] = {}
    for owner in (torch, F, torch.Tensor):
        for name in ACTIVATION_NAMES:
            function = getattr(owner, name, None)
            if function is not None:
                table[function] = name.rstrip("_")
    return table


def called_by_a_module(frame: FrameType | None) -> bool:
    """The call comes from inside one of PyTorch's own layers (`nn.ReLU` calls `F.relu`), not from the user's code."""
    while frame is not None and not is_users_file(frame.f_code.co_filename):
        if f"{os.sep}nn{os.sep}modules{os.sep}" in frame.f_code.co_filename and frame.f_code.co_name == "forward":
            return True
        frame = frame.f_back
    return False


class CallSites(TorchFunctionMode):
    """Notes the user's line of every functional activation; active only inside the first training forwards."""

    table: dict[Any, str] = {}

    def __init__(self, observer: Observer, guard: Guard, module: nn.Module) -> None:
        """`module`: the model whose forward pass has begun."""
        super().__init__()
        self.module = module
        self._observer, self._guard = observer, guard
        CallSites.table = CallSites.table or functional_activations()

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        kind = CallSites.table.get(func)
        if kind is not None and self._guard.active:
            try:
                if not called_by_a_module(sys._getframe(1)):
                    self._observer.propagation.functional_call(kind, result, user_site(sys._getframe(1)))
            except Exception as error:  # the mode cannot be left from inside itself: that happens at the end of the forward pass
                self._guard.note_error("functional", error)
        return result


#: Code that was seen to be torch's or ours, by its id (a hash would read all of it); looked up before anything else, because optimizers
#: switch gradients off at every step.
LIBRARY_CODE: dict[int, Any] = {}


def users_call(frame: FrameType) -> bool:
    """Gradients are switched off by the user's own code, or around a function of the user's; not by an optimizer or a clipping function."""
    if frame.f_code.co_name == "decorate_context":
        return not str(getattr(frame.f_locals.get("func"), "__module__", "")).startswith("torch.")
    users = not str(frame.f_globals.get("__name__", "")).startswith(("torch.", "unstuck."))
    if not users:
        LIBRARY_CODE[id(frame.f_code)] = frame.f_code
    return users
