"""`with unstuck.watch(model, optimizer) as run:` around a loop of one's own; also in a notebook cell that is run twice."""

from __future__ import annotations

import tempfile
from collections.abc import Collection
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from unstuck.errors import UsageError
from unstuck.language import _, chosen
from unstuck.records import Report, Trace

if TYPE_CHECKING:
    from torch import nn
    from torch.optim import Optimizer

    from unstuck.recorder import Recorder

_current: list[Run] = []


class Run:
    """One watched training: a context manager, then the trace and its diagnosis."""

    def __init__(self, models: list[nn.Module], optimizers: list[Optimizer], path: Path, budget: float | None) -> None:
        self.path = path
        self._models, self._optimizers, self._budget = models, optimizers, budget
        self._recorder: Recorder | None = None

    def __enter__(self) -> Run:
        from unstuck.recorder import Recorder

        while _current:  # a cell that was interrupted and is run again
            _current.pop().close()
        self._recorder = Recorder(self.path, budget=self._budget, script="watch")
        self._recorder.start()
        observer = self._recorder.observer
        for optimizer in self._optimizers:
            observer.ownership.know(optimizer, None, observer.step)
        observer.models.learn([p for m in self._models for p in m.parameters()])
        _current.append(self)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, frames: TracebackType | None) -> None:
        self.close(error)

    def close(self, error: BaseException | None = None) -> None:
        """Stop watching; calling it again does nothing."""
        if self in _current:
            _current.remove(self)
        recorder, self._recorder = self._recorder, None
        if recorder is not None:
            recorder.stop("failed" if error is not None else "finished", f"{type(error).__name__}: {error}" if error else None)

    @property
    def trace(self) -> Trace:
        """What was seen so far."""
        from unstuck.store import load

        if self._recorder is not None:
            self._recorder.hooks.guard.run("flush", self._recorder.flush)
        return load(self.path)

    def diagnose(self, *, select: Collection[str] = (), ignore: Collection[str] = (), preview: bool = False) -> Report:
        """Let every rule read the trace."""
        from unstuck.diagnosis import diagnose

        return diagnose(self.trace, select=select, ignore=ignore, preview=preview)

    def _repr_html_(self) -> str:
        from unstuck.notebook import run

        return run(self.diagnose(), self.trace)

    def __str__(self) -> str:
        from unstuck.renderers.as_text import render

        return render(self.diagnose(), chosen())


def watch(
    model: nn.Module | list[nn.Module],
    optimizer: Optimizer | list[Optimizer],
    *,
    trace: str | Path | None = None,
    budget: float | None = 0.02,
) -> Run:
    """Watch the training inside a `with` block.

    `budget` is the share of the training's own time that watching may take; None samples every step. UsageError where the optimizer holds
    none of the model's parameters.
    """
    models = model if isinstance(model, list) else [model]
    optimizers = optimizer if isinstance(optimizer, list) else [optimizer]
    of_models = {id(p) for m in models for p in m.parameters()}
    of_optimizers = {id(p) for o in optimizers for g in o.param_groups for p in g["params"]}
    if not of_models & of_optimizers:
        raise UsageError(
            _(
                "watch() got an optimizer that holds none of the model's parameters: {model} in the model, {optimizer} in the optimizer, "
                "0 in both. Was the model rebuilt after the optimizer was made? Build the optimizer last, then call watch()."
            ).format(model=len(of_models), optimizer=len(of_optimizers))
        )
    path = Path(trace) if trace is not None else Path(tempfile.mkdtemp(prefix="unstuck-")) / "watch.trace"
    return Run(models, optimizers, path, budget)
