"""Arms on this machine: one process each, forked from this one, which has imported torch and run nothing in parallel.

A fork takes 0.03 s where a new interpreter takes 1 s to import torch. It hangs only where the parent has used torch's threads *and* the
child does too; arms compute with one thread. Where forking is impossible (Windows) or wrong (CUDA is initialised here), an arm would have
to be started as a new interpreter; `process_context` is the one place to do that, and says so until then.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import shutil
import signal
import sys
import traceback
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from importlib import import_module
from multiprocessing.connection import wait
from multiprocessing.context import ForkContext, ForkProcess
from pathlib import Path
from time import monotonic

from unstuck import plugins
from unstuck.arms.arm import Arm, run_arm
from unstuck.arms.cache import Cache
from unstuck.arms.results import ArmExit, ArmResult, collect
from unstuck.arms.sources import imports
from unstuck.errors import UnstuckError
from unstuck.language import _
from unstuck.records import Facts

#: Libraries that take long to import, do not build on torch (which must be patched before they see it) and start nothing on import.
PRELOADED = frozenset({"numpy", "scipy", "sklearn", "pandas", "matplotlib", "PIL"})
#: What every arm imports anyway; the first optimizer of a process pulls in torch._dynamo (1-2 s).
OWN = (
    *("torch", "torch._dynamo", "torch.utils.data", "numpy.random"),
    *("unstuck.recorder", "unstuck.attach.injection", "unstuck.attach.streams"),
)
#: Seconds between two looks at the clock while arms run.
TICK = 0.2


def process_context() -> ForkContext:
    """What starts processes; UnstuckError where this process cannot be forked."""
    if "fork" not in multiprocessing.get_all_start_methods():
        raise UnstuckError(_("Trials need a system that can fork (Linux, macOS, WSL); this one cannot. `unstuck run` works without."))
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_available() and torch.cuda.is_initialized():
        raise UnstuckError(_("Trials cannot start here: this process has already used the GPU. Call treat() from a fresh one."))
    return multiprocessing.get_context("fork")


def preload(modules: Iterable[str]) -> None:
    """Import torch, and what the script will import of the slow libraries: once here instead of in every arm."""
    for name in (*OWN, *(m for m in modules if m.partition(".")[0] in PRELOADED)):
        try:
            import_module(name)
        except Exception:  # `from a import b` was read as a module a.b, or the library is broken: the script will say so itself
            continue
    plugins.load("probes")


@dataclass
class _Running:
    arm: Arm
    folder: Path
    process: ForkProcess
    started: float
    deadline: float


class LocalPool:
    """Runs arms, as many at a time as there are cores."""

    def __init__(self, cache: Cache, *, jobs: int | None = None, facts: Facts | None = None) -> None:
        self.cache = cache
        self.jobs = jobs or cores()
        #: Of the untouched run; remedies need them.
        self.facts = facts
        #: Seconds of arms that were run or found in the cache, and how many.
        self.seconds = 0.0
        self.arms = 0

    def run(self, arms: Sequence[Arm], on_done: Callable[[Arm, ArmResult], None] | None = None) -> dict[Arm, ArmResult]:
        """Results of all arms, each also told to `on_done` as it comes. Ctrl-C ends those that run; what is done stays in the cache."""
        results: dict[Arm, ArmResult] = {}
        waiting: list[Arm] = []

        def done(arm: Arm, result: ArmResult) -> None:
            results[arm] = result
            self.seconds += result.seconds
            self.arms += 1
            if on_done is not None:
                on_done(arm, result)

        for arm in dict.fromkeys(arms):
            known = self.cache.get(arm)
            if known is not None:
                done(arm, known)
            else:
                waiting.append(arm)
        if waiting:
            context = process_context()
            preload(imports(waiting[0].program, waiting[0].home))
            self._work_off(context, waiting, done)
        return results

    def _work_off(self, context: ForkContext, waiting: list[Arm], done: Callable[[Arm, ArmResult], None]) -> None:
        running: list[_Running] = []
        # What exists now is no business of the arms: their searches of the heap and collections neither visit nor copy its pages. (A recipe
        # may hold models of this process.)
        if waiting[0].program.recipe is None:
            gc.freeze()
        try:
            while waiting or running:
                while waiting and len(running) < self.jobs:
                    running.append(self._start(context, waiting.pop(0)))
                wait([r.process.sentinel for r in running], timeout=TICK)
                for one in list(running):
                    exit = self._exit_of(one)
                    if exit is not None:
                        running.remove(one)
                        done(one.arm, self._finish(one, exit))
        finally:
            gc.unfreeze()
            for one in running:
                kill(one.process)
                shutil.rmtree(one.folder, ignore_errors=True)

    def _start(self, context: ForkContext, arm: Arm) -> _Running:
        folder = self.cache.clear(arm)
        process = context.Process(target=_child, args=(arm, folder, self.facts), daemon=False)
        for stream in (sys.stdout, sys.stderr):
            stream.flush()  # or the child would write it once more
        process.start()
        now = monotonic()
        return _Running(arm, folder, process, now, now + arm.time_limit_s if arm.time_limit_s else float("inf"))

    @staticmethod
    def _exit_of(one: _Running) -> ArmExit | None:
        if not one.process.is_alive():
            return "killed"
        if monotonic() > one.deadline:
            kill(one.process)
            return "timeout"
        return None

    def _finish(self, one: _Running, exit: ArmExit) -> ArmResult:
        kill(one.process)  # loader workers that the script left behind
        result = collect(one.arm.content_key(), one.folder, exit, monotonic() - one.started)
        shutil.rmtree(one.folder / "work", ignore_errors=True)
        self.cache.put(one.arm, result)
        return result


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def kill(process: ForkProcess) -> None:
    """End a child with all that it started (it leads its own group)."""
    try:
        if process.pid is not None:
            os.killpg(process.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        if process.is_alive():  # it has not come to lead its group yet
            process.kill()
    process.join(5)


def _child(arm: Arm, folder: Path, facts: Facts | None) -> None:
    """In the forked process: its own group, so that Ctrl-C reaches the parent alone."""
    code = 0
    try:
        os.setsid()
        if arm.memory_limit_mb is not None:
            limit_memory(arm.memory_limit_mb)
        run_arm(arm, folder, facts)
    except BaseException:
        (folder / "crash.txt").write_text(traceback.format_exc(), encoding="utf-8")
        code = 1
    finally:
        # Not the script's atexit handlers, nor the parent's: they belong to other runs.
        os._exit(code)


def limit_memory(megabytes: int) -> None:
    """Address space that this process may add to what it has."""
    import resource

    pages = int(Path("/proc/self/statm").read_text("ascii").split()[0]) if Path("/proc/self/statm").is_file() else 0
    limit = pages * os.sysconf("SC_PAGE_SIZE") + megabytes * 2**20
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
