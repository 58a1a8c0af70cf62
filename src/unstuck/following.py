"""Following a run while it trains, from its trace and in other processes, so that the training is not disturbed.

`following` stands around a run: with `--live` it starts the page's server, on a terminal the status line; both read the file.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from time import perf_counter, time_ns

from unstuck.errors import TraceError
from unstuck.language import chosen
from unstuck.records import Report, Trace

#: Seconds between two looks, and how many times its own cost a look waits: at most a twentieth of one core. Our choice.
PAUSE, WAIT = 1.0, 20.0


class Follower:
    """Reads a growing trace and diagnoses it again whenever it has grown."""

    def __init__(self, path: Path, *, select: Collection[str] = (), preview: bool = False, since: int = 0) -> None:
        self.path, self.select, self.preview = path, tuple(select), preview
        #: A file last written before this (ns since 1970) is what an earlier run left there.
        self.since = since
        self.trace: Trace | None = None
        self.report: Report | None = None
        #: Counts the looks that saw something new.
        self.version = 0
        self._seen: tuple[int, int] | None = None
        self._next = 0.0

    def look(self) -> bool:
        """Whether there was something new; looks again only after a pause that fits its cost."""
        from unstuck.diagnosis import diagnose
        from unstuck.store import load

        started = perf_counter()
        if started < self._next:
            return False
        self._next = started + PAUSE / 2
        try:
            status = self.path.stat()
            if (status.st_mtime_ns, status.st_size) == self._seen or status.st_mtime_ns < self.since:
                return False
            trace = load(self.path)
            trace = counted(trace)
            report = diagnose(trace, select=self.select, preview=self.preview)
        except (OSError, TraceError):  # not there yet, or being rewritten
            return False
        self.trace, self.report = trace, report
        self._seen = (status.st_mtime_ns, status.st_size)
        self.version += 1
        self._next = started + max(PAUSE / 2, WAIT * (perf_counter() - started))
        return True

    @property
    def ended(self) -> bool:
        """The run is over, as far as the trace says."""
        return self.report is not None and self.report.facts.exit != "running"


def counted(trace: Trace) -> Trace:
    """The trace with the steps that its loss shows: the facts of a run that goes on are written less often."""
    loss = trace.signal("loss.value")
    steps = max(trace.facts.steps, int(loss.steps[-1]) + 1 if loss is not None and len(loss) else 0)
    return replace(trace, facts=replace(trace.facts, steps=steps))


@contextmanager
def following(trace: Path, *, live: bool, quiet: bool = False) -> Iterator[None]:
    """While a run goes on: its page with `live`, one status line where standard error is a terminal."""
    status = sys.stderr.isatty() and not quiet and os.name == "posix" and os.environ.get("TERM", "dumb") != "dumb"
    if not live and not status:
        yield
        return
    children, since = [], str(time_ns())
    if live:
        _start(["unstuck", "live", os.path.abspath(trace), "--until-closed", "--since", since, "--lang", chosen()])
    if status:
        children.append(_start(["unstuck.status", os.path.abspath(trace), since, chosen()]))
    try:
        yield
    finally:
        for child in children:
            child.terminate()
            with suppress(subprocess.TimeoutExpired):
                child.wait(5)


def _start(words: list[str]) -> subprocess.Popen[bytes]:
    # A session of its own, so that Ctrl-C stops the training and not what reports it; -P, so that no file of the user hides a module.
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-P", "-m", *words]
    return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, env=environment, start_new_session=True)
