"""`unstuck run --stop-early`: ends a run whose fault is certain, and lets every other run go on.

Certain is what a rule says (`Finding.certain`): an exact observation that no further step can take back. It must be found in two successive
looks, so that nothing ends a run that passes by itself (loss scaling that overflows at first). The looks come at steps that grow
geometrically, from the file: a thousand steps are looked at six times, and what the looks cost counts as watching.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Collection
from time import perf_counter
from typing import TYPE_CHECKING, Any

from unstuck.language import _
from unstuck.records import Trace

if TYPE_CHECKING:
    from unstuck.recorder import Recorder

#: The first look, and the factor between two.
FIRST, GROWTH = 20, 2


class Watchman:
    """Looks now and then; called after every step, and says which rule is certain ("" = none)."""

    def __init__(self, select: Collection[str] = (), ignore: Collection[str] = ()) -> None:
        self.select, self.ignore = tuple(select), tuple(ignore)
        self.next = FIRST
        #: Rules that were certain at the last look.
        self.before: frozenset[str] = frozenset()

    def __call__(self, recorder: Recorder, step: int) -> str:
        """The rule that was certain at this look and at the one before."""
        if step < self.next:
            return ""
        self.next = max(self.next * GROWTH, step + 1)
        started = perf_counter()
        try:
            now = self._look(recorder)
        except Exception as error:  # never reaches the script; the run goes on, and the report says so
            recorder.hooks.errors.setdefault("early stop", f"{type(error).__name__}: {error}")
            self.next = sys.maxsize
            return ""
        finally:
            recorder.observer.spent += perf_counter() - started
        both, self.before = sorted(now & self.before), now
        return both[0] if both else ""

    def _look(self, recorder: Recorder) -> frozenset[str]:
        from unstuck.following import counted
        from unstuck.store import load

        recorder.flush()
        return certain(counted(load(recorder.path)), self.select, self.ignore)


def certain(trace: Trace, select: Collection[str] = (), ignore: Collection[str] = ()) -> frozenset[str]:
    """Rules with a certain finding in a trace."""
    from unstuck.diagnosis import diagnose

    return frozenset(f.rule for f in diagnose(trace, select=select, ignore=ignore).findings if f.certain and not f.preview)


def watchman(given: dict[str, Any]) -> Watchman | None:
    """For the command line; None where several processes train together: one that ends alone would leave the others waiting."""
    if int(os.environ.get("WORLD_SIZE") or 1) > 1:
        said = _("--stop-early does nothing where several processes train together.")
        print(f"unstuck: {said}", file=sys.stderr)
        return None
    settings = given["config"]
    return Watchman(given["select"] or settings.select, (*given["ignore"], *settings.ignore))
