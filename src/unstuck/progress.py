"""What is seen while trials run: a bar on a terminal, a line now and then elsewhere; always on standard error."""

from __future__ import annotations

import sys
from contextlib import AbstractContextManager
from time import monotonic
from types import TracebackType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress as Bar

#: Seconds between two lines where there is no terminal.
PAUSE = 20.0


class Progress(AbstractContextManager["Progress"]):
    """Counts arms. The bar draws itself only when it is told to: arms are forked, and a drawing thread could hold a lock meanwhile."""

    def __init__(self, *, quiet: bool = False) -> None:
        self._bar: Bar | None = None
        self._quiet = quiet
        self._total = self._done = 0
        self._said = monotonic()
        if not quiet and sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

            columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
            self._bar = Progress(*columns, console=Console(file=sys.stderr), auto_refresh=False, transient=True)
            self._bar.start()
            self._task = self._bar.add_task("", total=None)

    def stage(self, what: str, arms: int) -> None:
        """A part of the treatment begins, with so many arms."""
        self._total += arms
        if self._bar is not None:
            self._bar.update(self._task, description=what, total=self._total, refresh=True)
        elif arms:
            self._say(what)

    def arm_done(self) -> None:
        """One more."""
        self._done += 1
        if self._bar is not None:
            self._bar.update(self._task, completed=self._done, refresh=True)
        elif monotonic() - self._said > PAUSE:
            self._say(f"{self._done}/{self._total}")

    def line(self, text: str) -> None:
        """Something to be read once."""
        if self._bar is not None:
            self._bar.console.print(text, highlight=False, markup=False)
        else:
            self._say(text)

    def _say(self, text: str) -> None:
        self._said = monotonic()
        if not self._quiet:
            print(f"unstuck: {text}", file=sys.stderr, flush=True)

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        if self._bar is not None:
            self._bar.stop()
