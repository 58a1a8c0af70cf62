"""The one quiet line under a run on a terminal: `python -m unstuck.status TRACE SINCE LANG`, started by `following` in a process of its own.

The line lies below a scroll region, as that of apt does: what the script prints scrolls above it and is not touched.
"""

from __future__ import annotations

import os
import signal
import sys
from io import StringIO
from pathlib import Path
from time import sleep

from unstuck import wording
from unstuck.following import Follower
from unstuck.language import _, choose
from unstuck.records import Report, Trace

#: Seconds between two updates.
PAUSE = 0.5


def line(trace: Trace, report: Report) -> str:
    """`step 412 · loss 2.31 · vanishing-gradient`."""
    facts = trace.facts
    loss = trace.signal("loss.value")
    steps = max(facts.steps, int(loss.steps[-1]) + 1 if loss is not None else 0)
    parts = [_("step {step}").format(step=steps)]
    if loss is not None:
        parts.append(_("loss {value}").format(value=wording.written_like(loss.last)(loss.last)))
    causes = [wording.spoken(f.root_cause) for f in report.alarms]
    parts.append(", ".join(dict.fromkeys(causes)) if causes else _("nothing found so far"))
    return " · ".join(parts)


def painted(text: str, width: int, *, alarming: bool) -> str:
    """The line in colour, cut to the width."""
    from rich.console import Console
    from rich.text import Text

    console = Console(file=StringIO(), force_terminal=True, width=width, legacy_windows=False)
    shown = Text.assemble(("unstuck ", "dim"), (text, "yellow" if alarming else "dim"))
    shown.truncate(max(width - 1, 1), overflow="ellipsis")
    console.print(shown, end="")
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()


class Footer:
    """The last row of a terminal, kept apart from the rows above."""

    def __init__(self, file: int) -> None:
        self.file, self.rows = file, 0

    def show(self, text: str, *, alarming: bool) -> None:
        """Write the line; sets the region again where the terminal has another size."""
        size = os.get_terminal_size(self.file)
        if size.lines < 3 or size.columns < 20:
            return
        start = ""
        if size.lines != self.rows:
            start = f"\n\x1b7\x1b[1;{size.lines - 1}r\x1b8\x1b[1A"
            self.rows = size.lines
        self._write(f"{start}\x1b7\x1b[{size.lines};1H{painted(text, size.columns, alarming=alarming)}\x1b[K\x1b8")

    def close(self) -> None:
        """Give the row back."""
        if self.rows:
            self._write(f"\x1b7\x1b[1;{self.rows}r\x1b[{self.rows};1H\x1b[K\x1b8")

    def _write(self, text: str) -> None:
        os.write(self.file, text.encode("utf-8", "replace"))  # at once: the script writes to the same terminal


def main(path: Path, since: int, lang: str) -> None:
    """Until the run ends, or the process that started this one does."""
    choose(lang)
    os.nice(10)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    parent, follower, footer = os.getppid(), Follower(path, since=since), Footer(sys.stderr.fileno())
    try:
        while os.getppid() == parent and not follower.ended:
            if follower.look() and follower.trace is not None and follower.report is not None and follower.trace.signals:
                footer.show(line(follower.trace, follower.report), alarming=bool(follower.report.alarms))
            sleep(PAUSE)
    finally:
        footer.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
