"""Arms that rest after their steps instead of ending, so that a longer arm of the same kind goes on where this one stopped.

The process waits in the hook behind its last step, with everything written that is known by then; what it waits for is a number of steps.
An arm that has rested gives the same numbers as one that was never held up (`tests/test_arms.py`). It ends with the process that started it.
"""

from __future__ import annotations

import os
from multiprocessing.connection import Connection
from pathlib import Path

#: Processes that may rest at a time, and the share of the machine's memory that must be left for one more. Our choice.
MOST, LEAST_MEMORY = 24, 0.25
#: Seconds between two looks whether the parent is still there.
LOOK = 1.0


def rest(line: Connection) -> int:
    """In the arm's process: tell that its steps are made, and wait for the steps that it is to end after."""
    parent = os.getppid()
    line.send(None)
    while not line.poll(LOOK):
        if os.getppid() != parent:
            os._exit(0)
    try:
        return int(line.recv())
    except EOFError:
        os._exit(0)


def has_rested(line: Connection) -> bool:
    """In the parent: the arm's steps are made."""
    try:
        return line.poll() and line.recv() is None
    except (EOFError, OSError):
        return False


def memory_left(path: Path = Path("/proc/meminfo")) -> float:
    """Share of the machine's memory that is to be had; 1 where that is not known."""
    if not path.is_file():
        return 1.0
    lines = (line.split() for line in path.read_text("ascii").splitlines())
    sizes = {words[0].rstrip(":"): float(words[1]) for words in lines if len(words) > 1}
    return sizes.get("MemAvailable", 1.0) / max(sizes.get("MemTotal", 1.0), 1.0)
