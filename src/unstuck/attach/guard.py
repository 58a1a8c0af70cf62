"""How we are entered from the script: an error of ours ends the watching and never reaches it, and our time is counted."""

from __future__ import annotations

import math
from collections.abc import Callable
from threading import get_ident
from time import perf_counter
from typing import Any

import numpy as np

from unstuck.attach.observer import Observer


class Guard:
    """Stands around every entry into our code; belongs to the thread that made it."""

    def __init__(self, observer: Observer) -> None:
        self._observer = observer
        self._thread = get_ident()
        #: We watch. False after an error of ours, and in a process forked from this one.
        self.active = False
        #: What raised, by entry point.
        self.errors: dict[str, str] = {}
        #: Depth of our own calls: what they compare is not the script's.
        self.depth = 0
        #: Takes away at once what stands in the script's way (the forward hooks).
        self.withdraw: Callable[[], None] = lambda: None

    def ours(self) -> bool:
        """We watch this thread of this process."""
        return self.active and get_ident() == self._thread

    def run(self, where: str, call: Callable[..., Any], *args: Any) -> Any:
        """Run something of ours, and count its time; an error in it ends the watching, not the script."""
        observer = self._observer
        if not self.depth:
            observer.entered = perf_counter()
        self.depth += 1
        try:
            return call(*args)
        except Exception as error:
            self.fail(where, error)
            return None
        finally:
            self.depth -= 1
            if not self.depth:
                observer.spent += perf_counter() - observer.entered
                observer.entered = math.inf

    def quietly(self, where: str, call: Callable[..., Any], *args: Any) -> Any:
        """The same for what computes: what overflows there is the script's numbers, and it shall hear nothing of ours."""
        with np.errstate(all="ignore"):
            return self.run(where, call, *args)

    def fail(self, where: str, error: BaseException) -> None:
        """Keep the error and stop watching."""
        self.note_error(where, error)
        self.withdraw()

    def note_error(self, where: str, error: BaseException) -> None:
        """Keep the error; nothing of ours runs from now on, though it is not taken out yet."""
        self.errors.setdefault(where, f"{type(error).__name__}: {error}")
        self.active = False

    def hook(self, where: str, call: Callable[..., None]) -> Callable[..., None]:
        """A hook for torch to call, which keeps its errors to itself."""

        def hook(*args: Any) -> None:
            try:
                call(*args)
            except Exception as error:
                self.fail(where, error)

        return hook
