"""Where an Observer is tied into PyTorch: what is patched, when, and how it is undone.

All patches are attributes of modules and classes of torch, set in `install` and put back in `uninstall`; each `watch_*` module holds those of
one part of a training. They live in importable modules, never in `__main__` (Dynamo looks a hook's globals up by its module's name). Every
entry into our code runs under a `Guard`: an error there switches the observer off for the rest of the run, is kept in `errors`, and never
reaches the script.
"""

from __future__ import annotations

import os
import weakref

from unstuck.attach.guard import Guard
from unstuck.attach.observer import Observer
from unstuck.attach.patches import Patches
from unstuck.attach.transforms import Transforms
from unstuck.attach.watch_backward import BackwardPasses
from unstuck.attach.watch_forward import ForwardPasses
from unstuck.attach.watch_functions import FunctionCalls
from unstuck.attach.watch_steps import OptimizerSteps


class Hooks:
    """Ties an observer into PyTorch, and takes it out again."""

    def __init__(self, observer: Observer) -> None:
        self._sites = observer.models.sites
        self.guard = Guard(observer)
        self.transforms = Transforms(observer)
        self.forward = ForwardPasses(observer, self.guard, self.transforms)
        self.steps = OptimizerSteps(observer, self.guard, self.forward)
        self._parts = (
            BackwardPasses(observer, self.guard, self.forward, self.transforms),
            self.steps,
            self.forward,
            FunctionCalls(observer, self.guard, self.forward, self.transforms),
        )
        self.guard.withdraw = self.forward.disarm
        self._patches = Patches()

    @property
    def errors(self) -> dict[str, str]:
        """What raised, by entry point."""
        return self.guard.errors

    def install(self) -> None:
        """Patch torch. Before the user's first import, so that `from x import f` gets our wrappers."""
        self.guard.active = True
        self._sites.install()
        self._patches.on_undo(self._sites.uninstall)
        for part in self._parts:
            part.install(self._patches)
        forked = weakref.WeakMethod(self._forked)  # what is registered stays for good, and must not keep the models
        os.register_at_fork(after_in_child=lambda: call() if (call := forked()) is not None else None)
        self.forward.arm()

    def uninstall(self) -> None:
        """Put everything back; nothing of ours is left attached."""
        self.forward.disarm()
        self.guard.active = False
        self._patches.undo()

    def _forked(self) -> None:
        self.guard.active = False
