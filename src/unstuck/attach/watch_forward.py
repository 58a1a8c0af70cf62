"""The forward pass: one global hook on all modules, which stands only in sampled steps and in phases without gradients."""

from __future__ import annotations

import os
import sys
from time import perf_counter
from types import FrameType
from typing import Any

import torch
from torch import nn
from torch.nn.modules.module import register_module_forward_hook, register_module_forward_pre_hook

from unstuck.attach.call_sites import LIBRARY_CODE, CallSites, users_call
from unstuck.attach.doors import Doors
from unstuck.attach.guard import Guard
from unstuck.attach.observer import Observer
from unstuck.attach.patches import Patches
from unstuck.attach.transforms import Transforms, active
from unstuck.attach.watch_comparisons import Comparisons

#: Sampled steps during which call sites are noted, and which modules the script itself calls.
SITE_STEPS = 2


class ForwardPasses:
    """Puts the forward hook in place and takes it away."""

    def __init__(self, observer: Observer, guard: Guard, transforms: Transforms) -> None:
        self._observer, self._guard, self._transforms = observer, guard, transforms
        self._models = observer.models
        self.comparisons = Comparisons(observer, guard, transforms)
        #: Handles of the hooks that stand.
        self.handles: list[Any] = []
        self._mode: CallSites | None = None
        self._site_steps = 0
        self._doors = Doors(observer.models)
        #: Something was handed to torch.compile: no forward hook may stand, or Dynamo would trace into it (and break on it).
        self._compiled = False

    def install(self, patches: Patches) -> None:
        """Watch what switches gradients off, and what is compiled."""
        patches.put(nn.Module, "train", self._train_mode)
        for context in (torch.no_grad, torch.inference_mode):
            patches.put(context, "__enter__", self._without_gradients)
        patches.put(torch.set_grad_enabled, "__init__", self._set_grad)
        patches.put(torch, "compile", self._compile)

    # ------------------------------------------------------------------------------------------------ on and off

    def arm(self, frame: FrameType | None = None) -> None:
        """Put the global forward hook in place; where a frame is given, only if it is the user's code that switches gradients off."""
        while frame is not None and frame.f_back is not None and str(frame.f_globals.get("__name__", "")).startswith("unstuck.attach."):
            frame = frame.f_back  # a remedy stands in between
        try:
            if not self.handles and self._guard.active and not self._compiled and (frame is None or users_call(frame)):
                self._arm()
        except Exception as error:
            self._guard.fail("arm", error)

    def _arm(self) -> None:
        self.handles.append(register_module_forward_hook(self._guard.hook("forward", self._forward), with_kwargs=True, always_call=True))
        if self._site_steps < SITE_STEPS:
            self.handles.append(register_module_forward_pre_hook(self._guard.hook("pre_forward", self._pre_forward)))

    def disarm(self) -> None:
        """Take the global forward hook away."""
        for undo in (self._leave_mode, self.comparisons.deafen):
            try:
                undo()
            except Exception as error:
                self._guard.note_error("disarm", error)
        while self.handles:
            self.handles.pop().remove()

    def next_step(self) -> None:
        """The listener has decided whether the next step is sampled: hooks on or off."""
        if not self._guard.active:
            return
        if self._site_steps < SITE_STEPS:
            self._guard.run("doors", self._doors.settle)
        if self._observer.sampling:
            self._site_steps += 1
            if self._site_steps == SITE_STEPS:
                self.disarm()
            self.arm()
        elif self.handles:
            self.disarm()

    # ------------------------------------------------------------------------------------------------ the hooks

    def _pre_forward(self, module: nn.Module, args: Any, *_: None) -> None:
        if not (self._guard.ours() and torch.is_grad_enabled() and self._observer.sampling):
            return
        if self._observer.book.holds_parameters(module):
            self._doors.enter(module)
        if self._mode is None and not self._transforms.inside and self._models.is_root(module):
            self._observer.propagation.functional_calls, self._observer.propagation.following = 0, True
            self._mode = CallSites(self._observer, self._guard, module)
            self._mode.__enter__()  # type: ignore[no-untyped-call]

    def _leave_mode(self) -> None:
        if self._mode is not None:
            mode, self._mode, self._observer.propagation.following = self._mode, None, False
            mode.__exit__(None, None, None)  # type: ignore[no-untyped-call]

    def _forward(self, module: nn.Module, args: Any, *rest: Any) -> None:
        kwargs, output = rest if len(rest) == 2 else ({}, None)  # torch leaves the keyword arguments out where the forward pass has raised
        observer, guard = self._observer, self._guard
        door = self._models.is_door(module)
        if not (observer.sampling or door):
            return  # of a phase without gradients nothing but the whole model's answers is looked at
        if self._site_steps < SITE_STEPS and self._doors.leave(module):
            door = False
        if self._mode is not None and self._mode.module is module:
            self._leave_mode()
        if output is None or observer.in_backward or not guard.ours() or torch.compiler.is_compiling():
            return
        if self._transforms.inside:
            guard.run("forward", self._note_forward, module, args, kwargs, output, door)
            return
        if active():  # under vmap, every number stands for many
            self._transforms.hidden = True
            return
        if door:
            self._models.entered(module)
            guard.quietly("forward", observer.doorway.forward, module, args, kwargs, output, observer.sampling)
        if not observer.sampling or not guard.active:
            pass
        elif guard.depth:
            guard.run("forward", observer.propagation.forward, module, args, output)
        else:  # the same, for what is called for every layer
            began = perf_counter()
            try:
                observer.propagation.forward(module, args, output)
            except Exception as error:
                guard.fail("forward", error)
            observer.spent += perf_counter() - began
        if door and not self.comparisons.undo and guard.active and observer.doorway.awaits_comparison:
            self.comparisons.listen()

    def _note_forward(self, module: nn.Module, args: Any, kwargs: Any, output: Any, door: bool) -> None:
        if door:
            self._transforms.note(self._observer.doorway.forward, module, args, kwargs, output, True)
        self._transforms.note(self._observer.propagation.forward, module, args, output)
        if door and self._observer.sampling and not self.comparisons.undo:
            self.comparisons.listen()

    # ------------------------------------------------------------------------------------------------ what is patched

    def _train_mode(self, original: Any) -> Any:
        def train(module: nn.Module, mode: bool = True) -> Any:
            if not mode and self._guard.ours():
                self.arm()
            return original(module, mode)

        return train

    def _without_gradients(self, original: Any) -> Any:
        def __enter__(context: Any) -> Any:
            if not self.handles and self._guard.active and id(sys._getframe(1).f_code) not in LIBRARY_CODE and self._guard.ours():
                self.arm(sys._getframe(1))
            return original(context)

        return __enter__

    def _set_grad(self, original: Any) -> Any:
        guard = self._guard

        def __init__(context: Any, mode: bool) -> None:
            if not mode and not self.handles and guard.active and id(sys._getframe(1).f_code) not in LIBRARY_CODE and guard.ours():
                self.arm(sys._getframe(1))
            original(context, mode)

        return __init__

    def _compile(self, original: Any) -> Any:
        def compile(*args: Any, **kwargs: Any) -> Any:
            if os.environ.get("TORCH_COMPILE_DISABLE") != "1" and not kwargs.get("disable"):
                self._compiled = True
                self.disarm()
            return original(*args, **kwargs)

        return compile
