"""Arms on this machine: one process each, forked from this one, which has imported torch and run nothing in parallel.

A fork takes 0.03 s where a new interpreter takes 1 s and more to import torch. It hangs only where the parent has used torch's threads
*and* the child does too; arms compute with one thread. Where forking is impossible (Windows), unsafe (macOS, whose own libraries may crash
in a fork) or wrong (CUDA is initialised here), each arm is a new interpreter; `UNSTUCK_START=fork` or `spawn` overrides the choice.
"""

from __future__ import annotations

import gc
import importlib.util
import multiprocessing
import os
import shutil
import signal
import sys
import traceback
import types
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from importlib import import_module
from multiprocessing.connection import Connection, wait
from multiprocessing.context import BaseContext
from multiprocessing.process import BaseProcess
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic

from unstuck import plugins
from unstuck.arms.arm import Arm, run_arm
from unstuck.arms.cache import Cache
from unstuck.arms.resting import LEAST_MEMORY, MOST, has_rested, memory_left
from unstuck.arms.results import ArmExit, ArmResult, Ending, collect, write
from unstuck.arms.sources import imports
from unstuck.errors import UnstuckError
from unstuck.language import _
from unstuck.records import Facts

#: Libraries that take long to import, do not build on torch (which must be patched before they see it) and start nothing on import.
PRELOADED = frozenset({"numpy", "scipy", "sklearn", "pandas", "matplotlib", "PIL"})
#: What every arm imports anyway; the first optimizer of a process pulls in torch._dynamo (1-2 s).
OWN = (
    *("torch", "torch._dynamo", "torch.profiler._cupti_monitor", "torch.utils.data", "numpy.random"),
    *("unstuck.recorder", "unstuck.attach.injection", "unstuck.attach.streams"),
    *(f"unstuck.arms.{name}" for name in ("output", "seeding", "stopping", "workplace")),
    *(f"unstuck.attach.{name}" for name in ("activation_swap", "door_hooks", "layer_hooks", "loss_patches", "step_hooks")),
)
#: Seconds between two looks at the clock while arms run.
TICK = 0.2


def process_context() -> BaseContext:
    """What starts processes; UnstuckError where `UNSTUCK_START` asks for something that there is not."""
    methods = multiprocessing.get_all_start_methods()
    torch = sys.modules.get("torch")
    used = torch is not None and torch.cuda.is_available() and torch.cuda.is_initialized()
    can_fork = "fork" in methods and sys.platform != "darwin" and not used
    method = os.environ.get("UNSTUCK_START") or ("fork" if can_fork else "spawn")
    if method not in ("fork", "spawn") or method not in methods:
        raise UnstuckError(_("UNSTUCK_START={method}: this system has {methods}.").format(method=method, methods=", ".join(methods)))
    return multiprocessing.get_context(method)


def refuse(arms: Sequence[Arm], context: BaseContext) -> None:
    """UnstuckError where arms cannot be started this way, or not within their limits."""
    if any(arm.memory_limit_mb is not None for arm in arms) and importlib.util.find_spec("resource") is None:
        raise UnstuckError(_("This system cannot limit the memory of a process; leave the limit out."))
    if context.get_start_method() == "fork":
        return
    recipe = arms[0].program.recipe
    if recipe is not None and getattr(recipe, "__module__", "__main__") == "__main__":
        raise UnstuckError(_("A new process must find the recipe: put it into a module of its own and import it from there."))


def preload(modules: Iterable[str]) -> None:
    """Import torch, and what the script will import of the slow libraries: once here instead of in every arm."""
    for name in (*OWN, *(m for m in modules if m.partition(".")[0] in PRELOADED)):
        try:
            import_module(name)
        except Exception:  # `from a import b` was read as a module a.b, or the library is broken: the script will say so itself
            continue
    plugins.load("probes")
    plugins.load("remedies")
    with TemporaryDirectory() as folder:
        write(Path(folder), Ending())  # the encoder looks into its types once


@dataclass
class _Running:
    arm: Arm
    folder: Path
    process: BaseProcess
    started: float
    deadline: float
    #: To an arm that may rest.
    line: Connection | None = None


class LocalPool:
    """Runs arms, as many at a time as there are cores."""

    def __init__(self, cache: Cache, *, jobs: int | None = None, facts: Facts | None = None) -> None:
        self.cache = cache
        self.jobs = jobs or cores()
        #: Of the untouched run; remedies need them.
        self.facts = facts
        #: Seconds of arms that were run or found in the cache, and how many. What a resting arm had cost before it went on counts once.
        self.seconds = 0.0
        self.arms = 0
        #: Arms rest after their steps, and longer ones go on from there; until `release`.
        self.rests = False
        #: By the arm without its steps, the one longest at rest first.
        self._resting: dict[Arm, _Running] = {}
        self._counted: dict[Arm, float] = {}

    def run(self, arms: Sequence[Arm], on_done: Callable[[Arm, ArmResult], None] | None = None) -> dict[Arm, ArmResult]:
        """Results of all arms, each also told to `on_done` as it comes. Ctrl-C ends those that run; what is done stays in the cache."""
        results: dict[Arm, ArmResult] = {}
        waiting: list[Arm] = []

        def done(arm: Arm, result: ArmResult) -> None:
            results[arm] = result
            kind = replace(arm, steps=None)
            self.seconds += max(0.0, result.seconds - self._counted.get(kind, 0.0))
            if self.rests:
                self._counted[kind] = result.seconds
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
            refuse(waiting, context)
            if context.get_start_method() == "fork":
                preload(imports(waiting[0].program, waiting[0].home))
            self._work_off(context, waiting, done)
        return results

    def _work_off(self, context: BaseContext, waiting: list[Arm], done: Callable[[Arm, ArmResult], None]) -> None:
        running: list[_Running] = []
        # What exists now is no business of the arms: their searches of the heap and collections neither visit nor copy its pages. (A recipe
        # may hold models of this process.)
        if waiting[0].program.recipe is None:
            gc.freeze()
        try:
            while waiting or running:
                while waiting and len(running) < self.jobs:
                    arm = waiting.pop(0)
                    running.append(self._go_on(arm) or self._start(context, arm))
                lines = [r.line for r in running if r.line is not None]
                wait([*lines, *(r.process.sentinel for r in running)], timeout=TICK)
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

    def release(self) -> None:
        """Let the resting arms go; from here on, arms end after their steps."""
        while self._resting:
            self._end(self._resting.pop(next(iter(self._resting))))
        self.rests = False
        self._counted.clear()

    def _go_on(self, arm: Arm) -> _Running | None:
        """The process of a shorter arm of this kind, sent on."""
        one = self._resting.pop(replace(arm, steps=None), None)
        if one is None or one.line is None:
            return None
        if arm.steps is None or (one.arm.steps or 0) >= arm.steps or not one.process.is_alive():
            self._end(one)
            return None
        (one.folder / "ending.json").unlink(missing_ok=True)
        one.line.send(arm.steps)
        now = monotonic()
        return replace(one, arm=arm, started=now, deadline=now + arm.time_limit_s if arm.time_limit_s else float("inf"))

    def _rest(self, one: _Running) -> None:
        """Keep the process of an arm, where there is room; one of a kind."""
        kind = replace(one.arm, steps=None)
        if kind in self._resting:
            self._end(self._resting.pop(kind))
        self._resting[kind] = one
        while self._resting and (len(self._resting) > MOST or memory_left() < LEAST_MEMORY):
            self._end(self._resting.pop(next(iter(self._resting))))

    @staticmethod
    def _end(one: _Running) -> None:
        kill(one.process)
        shutil.rmtree(one.folder / "work", ignore_errors=True)

    def _start(self, context: BaseContext, arm: Arm) -> _Running:
        folder = self.cache.clear(arm)
        self._counted.pop(replace(arm, steps=None), None)
        # Not where arms hold memory of an accelerator.
        rests = self.rests and arm.steps is not None and context.get_start_method() == "fork"
        line, theirs = context.Pipe() if rests else (None, None)
        start = (arm, folder, self.facts, os.getcwd(), theirs)
        process: BaseProcess = context.Process(target=_child, args=start, daemon=False)  # type: ignore[attr-defined]
        for stream in (sys.stdout, sys.stderr):
            stream.flush()  # or the child would write it once more
        with without_main():
            process.start()
        if theirs is not None:
            theirs.close()
        now = monotonic()
        return _Running(arm, folder, process, now, now + arm.time_limit_s if arm.time_limit_s else float("inf"), line)

    @staticmethod
    def _exit_of(one: _Running) -> ArmExit | None:
        if one.line is not None and has_rested(one.line):
            return "stopped"
        if not one.process.is_alive():
            return "killed"
        if monotonic() > one.deadline:
            kill(one.process)
            return "timeout"
        return None

    def _finish(self, one: _Running, exit: ArmExit) -> ArmResult:
        rested = exit == "stopped"
        if not rested:
            self._end(one)  # with the loader workers that the script left behind
        folder = self.cache.folder_of(one.arm)
        if folder != one.folder:  # it went on from a shorter arm
            shutil.copytree(one.folder, folder, ignore=shutil.ignore_patterns("work", "result.json"), dirs_exist_ok=True)
        result = collect(one.arm.content_key(), folder, exit, monotonic() - one.started)
        self.cache.put(one.arm, result)
        if rested:
            self._rest(one)
        return result


@contextmanager
def without_main() -> Iterator[None]:
    """A new interpreter shall not run the caller's script once more (a fork does not look)."""
    main = sys.modules["__main__"]
    sys.modules["__main__"] = types.ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def kill(process: BaseProcess) -> None:
    """End a child with all that it started (it leads its own group)."""
    try:
        if process.pid is not None and hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        elif process.is_alive():
            process.kill()
    except (ProcessLookupError, PermissionError):
        if process.is_alive():  # it has not come to lead its group yet
            process.kill()
    process.join(5)


def _child(arm: Arm, folder: Path, facts: Facts | None, here: str, line: Connection | None = None) -> None:
    """In the new process: its own group, so that Ctrl-C reaches the parent alone."""
    code = 0
    try:
        if hasattr(os, "setsid"):
            os.setsid()
        os.chdir(here)
        if "torch" not in sys.modules:  # what is imported here is no part of the arm's own memory
            preload(())
        if arm.memory_limit_mb is not None:
            limit_memory(arm.memory_limit_mb)
        run_arm(arm, folder, facts, line)
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
