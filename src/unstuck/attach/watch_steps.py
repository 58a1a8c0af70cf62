"""The optimizer's step, and what scripts put around it: schedules, clipping, loss scaling."""

from __future__ import annotations

import sys
from types import FrameType
from typing import Any

import torch
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler, ReduceLROnPlateau
from torch.optim.optimizer import register_optimizer_step_post_hook, register_optimizer_step_pre_hook

from unstuck.attach.discovery import user_site
from unstuck.attach.guard import Guard
from unstuck.attach.observer import Observer
from unstuck.attach.patches import Patches
from unstuck.attach.watch_forward import ForwardPasses


class OptimizerSteps:
    """Global step hooks, and wrappers of what comes before a step."""

    def __init__(self, observer: Observer, guard: Guard, forward: ForwardPasses) -> None:
        self._observer, self._guard, self._forward = observer, guard, forward
        self.schedulers: list[str] = []
        #: By the id of the optimizer: calls of `step` that go on, one inside another.
        self._depth: dict[int, int] = {}

    def install(self, patches: Patches) -> None:
        """Put them there."""
        before, after = self._guard.hook("before_step", self._before), self._guard.hook("after_step", self._after)
        for handle in (register_optimizer_step_pre_hook(before), register_optimizer_step_post_hook(after)):
            patches.on_undo(handle.remove)
        patches.put(Optimizer, "__init__", self._optimizer_init)
        for scheduler in (LRScheduler, ReduceLROnPlateau):  # that one does not call the constructor of the other
            patches.put(scheduler, "__init__", self._scheduler_init)
        patches.put(torch.amp.GradScaler, "scale", self._scale)
        patches.put(torch.amp.GradScaler, "step", self._scaled_step)
        for owner in (torch.nn.utils, torch.nn.utils.clip_grad):
            patches.put(owner, "clip_grad_norm_", self._clip)
            patches.put(owner, "clip_grad_value_", self._clip_value)

    # ------------------------------------------------------------------------------------------------ steps

    def _before(self, optimizer: Optimizer, args: Any, kwargs: Any) -> None:
        if not self._guard.ours():
            return
        key, observer = id(optimizer), self._observer
        depth = self._depth[key] = self._depth.get(key, 0) + 1
        if depth == 1 and (observer.sampling or key not in observer.ownership.counts):
            self._guard.quietly("before_step", observer.before_step, optimizer)

    def _after(self, optimizer: Optimizer, args: Any, kwargs: Any) -> None:
        if not self._guard.ours():
            return
        key, observer = id(optimizer), self._observer
        depth = self._depth[key] = self._depth.get(key, 1) - 1
        if depth == 0:
            (self._guard.quietly if observer.sampling else self._guard.run)("after_step", observer.after_step, optimizer)
            if observer.sampling or self._forward.handles:
                self._forward.next_step()

    def _optimizer_init(self, original: Any) -> Any:
        def __init__(optimizer: Optimizer, params: Any, defaults: Any) -> None:
            original(optimizer, params, defaults)
            if self._guard.ours():
                self._guard.run("optimizer", self._saw_optimizer, optimizer, sys._getframe(1))

        return __init__

    def _saw_optimizer(self, optimizer: Optimizer, frame: FrameType) -> None:
        self._observer.ownership.know(optimizer, user_site(frame), self._observer.step)

    def _scheduler_init(self, original: Any) -> Any:
        def __init__(scheduler: Any, *args: Any, **kwargs: Any) -> None:
            if self._guard.active:
                self.schedulers.append(type(scheduler).__name__)
            original(scheduler, *args, **kwargs)

        return __init__

    # ------------------------------------------------------------------------------------------------ clipping, scaling

    def _clip(self, original: Any) -> Any:
        def clip_grad_norm_(parameters: Any, max_norm: float, *args: Any, **kwargs: Any) -> Any:
            total = original(parameters, max_norm, *args, **kwargs)
            if self._guard.ours():
                self._guard.run("clip", self._observer.saw_clipping, max_norm, total)
            return total

        return clip_grad_norm_

    def _clip_value(self, original: Any) -> Any:
        def clip_grad_value_(parameters: Any, clip_value: float, *args: Any, **kwargs: Any) -> Any:
            if self._observer.sampling and self._guard.ours():
                parameters = [parameters] if isinstance(parameters, torch.Tensor) else list(parameters)
                self._guard.quietly("clip", self._observer.updates.clipping_values, parameters, float(clip_value))
            return original(parameters, clip_value, *args, **kwargs)

        return clip_grad_value_

    def _scale(self, original: Any) -> Any:
        def scale(scaler: Any, outputs: Any) -> Any:
            result = original(scaler, outputs)
            if isinstance(outputs, torch.Tensor) and self._guard.ours():
                self._guard.run("scale", self._observer.scaling.saw_scale, scaler, outputs, result)
            return result

        return scale

    def _scaled_step(self, original: Any) -> Any:
        counts = self._observer.ownership.counts

        def step(scaler: Any, optimizer: Optimizer, *args: Any, **kwargs: Any) -> Any:
            before = counts.get(id(optimizer))
            result = original(scaler, optimizer, *args, **kwargs)
            if before is not None and self._guard.ours() and counts.get(id(optimizer)) == before:
                self._guard.quietly("skip", self._observer.step_skipped, optimizer)
                self._guard.run("next", self._forward.next_step)
            return result

        return step
