"""Processes that the script starts to train in: each gets a trace of its own beside that of the script.

`torch.multiprocessing.spawn`, `multiprocessing.Process(target=train)`, a subclass of `Process` with a `run` of its own: what runs in them is
wrapped as they are started. Only functions of the user's own: workers of a DataLoader or of a pool are no training. What a process imported
before it calls the function is not patched in time (`from torch.nn.functional import cross_entropy`), which costs the loss's name and nothing else.
"""

from __future__ import annotations

import contextlib
import functools
import multiprocessing.process
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from unstuck.attach.discovery import is_users_file


def of_rank(path: Path, rank: int) -> Path:
    """Where a rank's trace goes: "train.trace" -> "train-rank1.trace"."""
    return path.with_name(f"{path.stem}-rank{rank}{path.suffix}")


@dataclass(frozen=True)
class Watched:
    """A process's target under observation; goes to the process by pickle."""

    target: Callable[..., Any]
    trace: Path
    budget: float | None
    script: str
    folder: str

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        try:
            from unstuck.recorder import Recorder

            recorder = Recorder(self.trace, budget=self.budget, script=self.script, folder=self.folder)
            recorder.start()
        except Exception:  # no disk, no permission: the script goes on unwatched
            return self.target(*args, **kwargs)
        error: BaseException | None = None
        try:
            return self.target(*args, **kwargs)
        except SystemExit as end:
            error = end if end.code else None
            raise
        except BaseException as raised:
            error = raised
            raise
        finally:
            facts = recorder.stop("failed" if error else "finished", f"{type(error).__name__}: {error}" if error else None)
            if not facts.steps:  # no training after all
                self.trace.unlink(missing_ok=True)


class Processes:
    """Wraps the targets of processes from `install` to `uninstall`."""

    def __init__(self, trace: Path, budget: float | None, script: str, folder: str) -> None:
        self.trace, self.budget, self.script, self.folder = trace, budget, script, folder
        self.started = 0
        self._original: Any = None

    def install(self) -> None:
        """Patch `Process.start`."""
        original: Any = multiprocessing.process.BaseProcess.start
        self._original = original

        @functools.wraps(original)
        def start(process: Any) -> None:
            with contextlib.suppress(Exception):  # nothing of ours reaches the script
                self.wrap(process)
            original(process)

        multiprocessing.process.BaseProcess.start = start  # type: ignore[method-assign, assignment]

    def wrap(self, process: Any) -> None:
        """Have a process watch itself, where it is about to run a function of the user's."""
        run = type(process).run
        if run is not multiprocessing.process.BaseProcess.run and is_users_file(run.__code__.co_filename):
            process.run = self._watched(process.run, self.started)  # of the instance: the class is the script's
            return
        target: Any = getattr(process, "_target", None)
        args: tuple[Any, ...] = getattr(process, "_args", ())
        spawned = getattr(target, "__module__", "") == "torch.multiprocessing.spawn" and len(args) > 1
        function = args[0] if spawned else target
        code = getattr(getattr(function, "func", function), "__code__", None)
        if target is None or code is None or not is_users_file(code.co_filename):
            return
        process._target = self._watched(target, args[1] if spawned and isinstance(args[1], int) else self.started)

    def _watched(self, target: Callable[..., Any], rank: int) -> Watched:
        self.started += 1
        return Watched(target, of_rank(self.trace, rank).absolute(), self.budget, self.script, self.folder)

    def uninstall(self) -> None:
        """Put the original back."""
        if self._original is not None:
            multiprocessing.process.BaseProcess.start = self._original  # type: ignore[method-assign]
            self._original = None

    def traces(self) -> list[Path]:
        """Traces of the processes that trained, by rank."""
        return [p for rank in range(self.started) if (p := of_rank(self.trace, rank)).exists()]
