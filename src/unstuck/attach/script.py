"""Running a program under observation: the user's script or module, unchanged, in a fresh `__main__`; or a recipe."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import runpy
import sys
import traceback
import types
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from unstuck.attach.processes import Processes, of_rank
from unstuck.errors import UsageError
from unstuck.language import _
from unstuck.records import Exit

if TYPE_CHECKING:
    from unstuck.attach.injection import Injection
    from unstuck.recorder import Recorder
    from unstuck.training import Recipe


#: (recorder, steps made) -> id of the rule whose finding is certain; "" = go on.
Certain = Callable[["Recorder", int], str]


class Stop(BaseException):
    """Ends a program after its last wanted step; a BaseException, so that `except Exception` in a script does not swallow it."""


@dataclass(frozen=True)
class Program:
    """What is to be run: a script, a module (`-m`), or a recipe."""

    path: str | None = None
    module: str | None = None
    args: tuple[str, ...] = ()
    recipe: Recipe | None = None

    @property
    def name(self) -> str:
        """How a report calls it."""
        if self.recipe is not None:
            return getattr(self.recipe, "__name__", "recipe")
        return self.path or f"-m {self.module}"

    def check(self) -> None:
        """UsageError where there is nothing to run."""
        if self.path is not None and not Path(self.path).is_file():
            what = _("a folder") if Path(self.path).is_dir() else _("nothing")
            raise UsageError(
                _(
                    "Expected a Python script, got {path!r}: there is {what} of that name in {folder}. "
                    "Give the path of the script that trains, or `-m MODULE` for a module."
                ).format(path=self.path, what=what, folder=os.getcwd())
            )
        if self.module is not None:
            with contextlib.suppress(ImportError, ValueError):
                sys.path.insert(0, os.getcwd())
                if importlib.util.find_spec(self.module) is not None:
                    return
            raise UsageError(
                _("Expected a module that can be imported, got {module!r}: Python finds none of that name from {folder}.").format(
                    module=self.module, folder=os.getcwd()
                )
            )


@dataclass(frozen=True)
class Outcome:
    """How a watched program ended."""

    trace: Path
    #: 0, the script's own `sys.exit` code, or 1 after an exception.
    exit_code: int
    failed: bool
    steps: int = 0


def execute(program: Program, *, seed: int = 0, steps: int = 200) -> None:
    """Run a program to its end in this process; whatever it raises comes out."""
    if program.recipe is not None:
        program.recipe(seed).fit(steps)
        return
    if program.module is not None:
        sys.argv = [program.module, *program.args]
        runpy.run_module(program.module, run_name="__main__", alter_sys=True)
        return
    path = os.path.abspath(program.path or "")
    sys.argv = [program.path or "", *program.args]
    sys.path[0] = os.path.dirname(path)
    main = types.ModuleType("__main__")  # the real `__main__`, so that spawned workers and pickle find the script's classes
    main.__dict__.update(__file__=path, __builtins__=__builtins__, __spec__=None, __cached__=None)
    sys.modules["__main__"] = main
    exec(compile(Path(path).read_bytes(), path, "exec"), main.__dict__)


@contextlib.contextmanager
def restored_interpreter() -> Iterator[None]:
    """Put argv, path and `__main__` back afterwards."""
    argv, path, main = sys.argv[:], sys.path[:], sys.modules["__main__"]
    try:
        yield
    finally:
        sys.argv[:], sys.path[:], sys.modules["__main__"] = argv, path, main


def show_error(error: BaseException) -> None:
    """The script's own traceback, as Python would print it: our frames at its head are left out."""
    frames = error.__traceback__
    here = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    while frames is not None and (frames.tb_frame.f_code.co_filename.startswith(here) or "runpy" in frames.tb_frame.f_code.co_filename):
        frames = frames.tb_next
    traceback.print_exception(type(error), error, frames or error.__traceback__)


def seed_everything(seed: int) -> None:
    """Seed torch, numpy and random."""
    import random

    import numpy
    import torch

    random.seed(seed)
    numpy.random.seed(seed % 2**32)
    torch.manual_seed(seed)


def watch_program(
    program: Program,
    *,
    trace: Path,
    budget: float | None,
    dense: int | None = None,
    scores: bool = False,
    seed: int | None = None,
    max_steps: int | None = None,
    injection: Injection | None = None,
    certain: Certain | None = None,
    further: Callable[[Recorder], int] | None = None,
) -> Outcome:
    """Run a program in this process under observation, and stop it after `max_steps` optimizer steps, or when a fault is `certain`.

    `dense`: first steps that are all sampled; None = as many as rules need. `scores`: every training batch is scored. `further`: asked after `max_steps` steps for a later end; no later
    one = the program stops here.

    An error of the script is printed as Python would print it and ends in `Outcome.failed`; KeyboardInterrupt comes out once the trace is
    complete.
    """
    from unstuck.budget import DENSE
    from unstuck.recorder import Recorder

    program.check()
    recorder = Recorder(
        trace, budget=budget, dense=DENSE if dense is None else dense, scores=scores, script=program.name, arguments=program.args, seed=seed
    )

    exit_code, how, error = 0, "finished", None
    interrupted: BaseException | None = None
    with restored_interpreter():
        recorder.start()
        # A recipe counts its own steps, then validates.
        stopper = _stop_hook(recorder, None if program.recipe is not None else max_steps, certain, further)
        if injection is not None:
            injection.install()
            recorder.on_validation = injection.validated
        try:
            if seed is not None:
                seed_everything(seed)
            execute(program, seed=seed or 0, steps=max_steps or 200)
        except Stop:
            how = "stopped"
        except SystemExit as end:
            exit_code = end.code if isinstance(end.code, int) else 0 if end.code is None else 1
            if isinstance(end.code, str):
                print(end.code, file=sys.stderr)
            how = "finished" if exit_code == 0 else "failed"
            error = f"sys.exit({end.code!r})" if exit_code else None
        except KeyboardInterrupt as interrupt:
            how, interrupted = "stopped", interrupt
        except BaseException as raised:
            exit_code, how, error = 1, "failed", f"{type(raised).__name__}: {raised}"
            show_error(raised)
        finally:
            stopper()
            if injection is not None:
                injection.uninstall()
            facts = recorder.stop(_exit(how), error)
    if interrupted is not None:
        raise interrupted
    return Outcome(trace, exit_code, how == "failed", facts.steps)


def _exit(how: str) -> Exit:
    return how  # type: ignore[return-value]


def _stop_hook(recorder: Any, max_steps: int | None, certain: Certain | None, further: Callable[[Recorder], int] | None = None) -> Any:
    """Raise Stop from a hook of its own, behind the observer's: it must come out even though errors of the observer do not."""
    from torch.optim.optimizer import register_optimizer_step_post_hook

    if max_steps is None and certain is None:
        return lambda: None

    raised: list[int] = []

    def after(optimizer: Any, args: Any, kwargs: Any) -> None:
        nonlocal max_steps
        step = recorder.observer.step
        if certain is not None and not recorder.stopped_by:
            recorder.stopped_by = certain(recorder, step)
        if further is not None and max_steps is not None and step >= max_steps and not raised:
            max_steps = max(max_steps, further(recorder))
        if recorder.stopped_by or (max_steps is not None and step >= max_steps):
            if raised:  # the script swallowed it, and is ended from outside before long
                recorder.flush()
            raised.append(recorder.observer.step)
            raise Stop

    return register_optimizer_step_post_hook(after).remove


def default_trace(program: Program) -> Path:
    """Where a trace goes: `.unstuck/` beside where the command is run, a temporary folder where that cannot be written."""
    import tempfile
    import time

    stem = Path(program.path).stem if program.path else (program.module or "recipe").replace(".", "-")
    folder = Path(".unstuck")
    try:
        folder.mkdir(exist_ok=True)
        ignore = folder / ".gitignore"
        if not ignore.exists():
            ignore.write_text("*\n")
    except OSError:
        folder = Path(tempfile.mkdtemp(prefix="unstuck-"))
    return mine_of(folder / f"{stem}-{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}.trace")


def mine_of(trace: Path) -> Path:
    """The trace of this process, where torchrun starts one of us per rank."""
    rank = os.environ.get("RANK", "")
    return of_rank(trace, int(rank)) if rank.isdigit() else trace


def run_script(
    program: Program,
    *,
    trace: Path | None = None,
    budget: float | None = 0.02,
    seed: int | None = None,
    keep_compile: bool = True,
    max_steps: int | None = None,
    stdout_to_stderr: bool = False,
    certain: Certain | None = None,
) -> Outcome:
    """`unstuck run`: watch a program in this process."""
    program.check()
    if not keep_compile:
        os.environ["TORCH_COMPILE_DISABLE"] = "1"
    path = trace or default_trace(program)
    processes = Processes(path, budget, program.name, os.getcwd())
    processes.install()
    try:
        with contextlib.redirect_stdout(sys.stderr) if stdout_to_stderr else contextlib.nullcontext():
            outcome = watch_program(program, trace=path, budget=budget, seed=seed, max_steps=max_steps, certain=certain)
    finally:
        processes.uninstall()
    first = next(iter(processes.traces()), None)
    return outcome if outcome.steps or first is None else replace(outcome, trace=first)  # the training was in the processes
