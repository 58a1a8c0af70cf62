"""How an arm ends after its steps, also where the script does not want to."""

from __future__ import annotations

import os
from collections.abc import Callable
from time import process_time
from typing import Any


class StepCounter:
    """Counts optimizer steps (of the busiest optimizer), and is the second line of defence.

    `watch_program` raises `attach.script.Stop` after `limit` steps. A bare `except:` in the script swallows it; then steps go on, and `overrun` is
    called after `GRACE` more of them. It must write what is known and leave the process.
    """

    GRACE = 3

    def __init__(self, limit: int | None, overrun: Callable[[], None]) -> None:
        self.limit = limit
        self.overrun = overrun
        self._process = os.getpid()
        self.steps = 0
        #: Seconds of one core that the process had taken when the first step ended.
        self.first: float | None = None
        self._counts: dict[int, int] = {}
        self._depth: dict[int, int] = {}

    def install(self) -> Callable[[], None]:
        """Attach to every optimizer; returns what detaches."""
        from torch.optim.optimizer import register_optimizer_step_post_hook, register_optimizer_step_pre_hook

        # An optimizer whose step() calls super().step() fires twice: the depth tells the outer one.
        pre, post = register_optimizer_step_pre_hook, register_optimizer_step_post_hook
        handles: list[Any] = [pre(self._before), post(self._after)]

        def remove() -> None:
            for handle in handles:
                handle.remove()

        return remove

    def _before(self, optimizer: Any, args: Any, kwargs: Any) -> None:
        self._depth[id(optimizer)] = self._depth.get(id(optimizer), 0) + 1

    def _after(self, optimizer: Any, args: Any, kwargs: Any) -> None:
        depth = self._depth[id(optimizer)] = self._depth.get(id(optimizer), 1) - 1
        if depth > 0 or os.getpid() != self._process:
            return
        self.first = self.first or process_time()
        count = self._counts[id(optimizer)] = self._counts.get(id(optimizer), 0) + 1
        self.steps = max(self.steps, count)
        if self.limit is not None and self.steps >= self.limit + self.GRACE:
            self.overrun()
