"""Writing the trace of a running training, in a thread of its own. On the training thread one `write` takes 0.2 us."""

from __future__ import annotations

import atexit
import os
import threading
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np

from unstuck.frames import pack
from unstuck.records import Facts
from unstuck.trace_log import BUDGET, Column, Log

#: Seconds between two writes: what a kill can cost.
PAUSE = 0.2
#: Bytes of rows that are put together at a time.
BATCH = 4_000_000
_Item = Facts | threading.Event | tuple[Sequence[Column], int | np.ndarray, np.ndarray]
_open: set[TraceWriter] = set()


class TraceWriter:
    """Writes the trace of a running training, in a thread of its own; nothing that goes wrong there reaches the training.

    `error` is the first thing that went wrong. Arrays are taken over, not copied: do not change them afterwards.
    A forked child writes nothing.
    """

    def __init__(self, path: Path, facts: Facts, *, budget: int = BUDGET) -> None:
        self.path = Path(os.path.realpath(path))  # the script may change its folder, and thinning opens the file again
        self.error: BaseException | None = None
        self._queue: deque[_Item] = deque()
        self._end = threading.Event()
        self._log = Log(self.path, facts, budget)
        self._on = True
        self._thread = threading.Thread(target=self._run, name="unstuck-trace", daemon=True)
        _open.add(self)
        atexit.register(self.close)
        try:
            self._thread.start()
        except RuntimeError as error:  # no more threads
            self._stop(error)

    def write(self, columns: Sequence[Column], step: int, values: np.ndarray) -> None:
        """One row: values [columns] at one step. Give the same tuple of columns again and again."""
        if self._on:
            self._queue.append((columns, step, values))

    def write_many(self, columns: Sequence[Column], steps: np.ndarray, values: np.ndarray) -> None:
        """Rows of several steps: steps [T], values [T, columns]."""
        if self._on:
            self._queue.append((columns, steps, values))

    def facts(self, facts: Facts) -> None:
        """Replace the facts."""
        if self._on:
            self._queue.append(facts)

    def flush(self, timeout_s: float = 5.0) -> None:
        """Wait until what was queued so far is in the file, at most so long."""
        if self._on:
            written = threading.Event()
            self._queue.append(written)
            written.wait(timeout_s)

    def close(self) -> None:
        """Write what is queued and end the file; again is harmless."""
        atexit.unregister(self.close)
        _open.discard(self)
        if self._on:
            self._end.set()
            self._thread.join(timeout=30)  # seconds; a disk that hangs must not keep the script from ending
            self._on = False
            if self._thread.is_alive():
                self.error = self.error or TimeoutError(f"{self.path} was not written to its end within 30 s")

    def _run(self) -> None:
        try:
            with np.errstate(all="ignore"):
                ended = False
                while not ended:
                    ended = self._end.wait(PAUSE)
                    self._write_queue()
            self._stop(None)
        except BaseException as error:
            self._stop(error)

    def _write_queue(self) -> None:
        while self._queue:
            facts: Facts | None = None
            rows: dict[int, list[bytes]] = {}
            waiting: list[threading.Event] = []
            size = 0
            for _turn in range(len(self._queue)):  # and no more, or a training that writes faster than this reads would never be flushed
                item = self._queue.popleft()
                if isinstance(item, Facts):
                    facts = item
                    continue
                if isinstance(item, threading.Event):
                    waiting.append(item)
                    continue
                try:
                    layout, content = self._log.rows(*item)
                except Exception as error:  # one bad row costs nothing but itself
                    self.error = self.error or error
                    continue
                if content:
                    rows.setdefault(layout, []).append(content)
                size += len(content)
                if size > BATCH:
                    break
            self._log.write(rows, self._packed(facts))
            for event in waiting:
                event.set()

    def _packed(self, facts: Facts | None) -> bytes | None:
        try:
            return None if facts is None else pack(facts)
        except Exception as error:
            self.error = self.error or error
            return None

    def _stop(self, error: BaseException | None) -> None:
        self._on = False
        self.error = self.error or error
        self._queue.clear()
        with suppress(OSError):
            self._log.file.close()


def _stop_in_child() -> None:
    # Only a flag: the child shares the file's position with its parent, and may have been forked in the middle of anything.
    for writer in _open:
        writer._on = False
    _open.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_stop_in_child)
