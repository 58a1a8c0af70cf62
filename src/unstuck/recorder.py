"""A live training -> a trace: what is sampled is measured by the probes and written, within a budget (`budget.py`) that it keeps by itself."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from unstuck import plugins, run_facts
from unstuck.attach.by_hand import Step as Change
from unstuck.attach.discovery import ModuleSites
from unstuck.attach.held_out import Table
from unstuck.attach.hooks import Hooks
from unstuck.attach.observer import Observer
from unstuck.budget import DENSE, Budget
from unstuck.records import Exit, Facts, LossFacts, Place, TargetFacts
from unstuck.trace_writer import TraceWriter

if TYPE_CHECKING:
    from unstuck.training import Sample


#: Of so many steps one is sampled where batches are to be scored and no loss function shows them. Our choice.
SCORED_EVERY = 4
#: Rows of per-step values, and seconds, after which they go to the file.
BLOCK_ROWS, BLOCK_SECONDS = 256, 0.2
#: Seconds between two writings of the facts.
FACTS_SECONDS = 2.0
DEFAULT_BUDGET = 0.02
RUN = Place(name="run", kind="run")
STARTED = frozenset(sys.modules)
UNITS = {"step.seconds": "s", "loss.value": "loss", "validation.loss": "loss"}


class Recorder:
    """Watches one training and writes its trace."""

    def __init__(
        self,
        path: Path,
        *,
        budget: float | None = DEFAULT_BUDGET,
        dense: int = DENSE,
        scores: bool = False,
        script: str = "",
        arguments: Sequence[str] = (),
        seed: int | None = None,
        folder: str | None = None,
    ):
        self.path = path
        self._base = Facts(script=script, arguments=tuple(arguments), seed=seed, versions=run_facts.versions())
        self.writer = TraceWriter(path, self._base)
        self.observer = Observer(self, ModuleSites(), folder)
        self.observer.doorway.scoring = scores
        self.hooks = Hooks(self.observer)
        self.budget = Budget(budget, dense)
        # Where nothing is sampled at the start, the run is judged by its scores alone, and no rule reads its trace.
        found = {name: p for name, p in plugins.load("probes").items() if dense or name == "scores"}
        self.probes: dict[str, plugins.Probe] = {name: type(p)() for name, p in found.items()}  # type: ignore[misc]
        self.disarmed: dict[str, str] = {}
        self.sampled = 0
        self.phases: dict[str, None] = {}
        #: Told the scores of every validation.
        self.on_validation: Callable[[Mapping[str, float]], None] = lambda _: None
        self._columns: dict[Any, tuple[tuple[str, Place, str], ...]] = {}
        #: By the names of the signals in one sample: the places of each the last time, and the columns that they made.
        self._last_columns: dict[tuple[str, ...], tuple[list[Sequence[Place]], tuple[tuple[str, Place, str], ...]]] = {}
        self._block: list[tuple[Any, ...]] = []
        self._block_names: tuple[str, ...] = ()
        self._block_steps: list[int] = []
        self._flushed = self._facts_written = perf_counter()
        self._units = UNITS | {name: unit for p in self.probes.values() for name, unit in p.emits.items()}
        self._batch_size = 0
        self._target: TargetFacts | None = None
        self._started = perf_counter()
        #: The rule whose certain finding ends the run.
        self.stopped_by = ""

    # ------------------------------------------------------------------------------------------------ on and off

    def start(self) -> None:
        """Attach to torch."""
        self._started = perf_counter()
        try:
            self.hooks.install()
        except Exception as error:  # another torch than those we know: the script runs unwatched
            self.hooks.guard.fail("install", error)
            self.hooks.uninstall()

    def stop(self, exit: Exit, error: str | None = None) -> Facts:
        """Detach and complete the trace; what cannot be written is told by `writer.error`."""
        self.hooks.guard.quietly("end", self.observer.phases.end)
        self.hooks.uninstall()
        self.hooks.guard.run("end", self._flush)
        facts: Facts | None = self.hooks.guard.run("facts", self.facts, exit, error)
        if facts is None:  # something of ours raised: what is left is that
            facts = replace(self._base, exit=exit, error=error, steps=self.observer.step, disarmed={**self.disarmed, **self.hooks.errors})
        self.writer.facts(facts)
        self.writer.close()
        self.hooks.guard.run("release", self.observer.release)
        self.hooks.transforms.release()
        return facts

    # ------------------------------------------------------------------------------------------------ what the observer tells

    def step_done(self, sample: Sample | None, per_step: dict[str, Any]) -> None:
        """Store one step, and decide whether the next is sampled."""
        observer = self.observer
        step = observer.step - 1
        if sample is not None:
            self._record(sample)
        names = tuple(per_step)
        if self._block_names != names:
            self._flush()
            self._block_names = names
        self._block.append(tuple(per_step.values()))
        self._block_steps.append(step)
        now = perf_counter()
        if len(self._block) >= BLOCK_ROWS or now - self._flushed > BLOCK_SECONDS:
            self._flush()
        if now - self._facts_written > FACTS_SECONDS or step in (0, 4, DENSE):
            self._facts_written = now
            self.writer.facts(self.facts("running"))
        # Where the budget has no room before a certain time it is not asked until then.
        if sample is not None or now >= self.budget.no_room_until or step + 1 >= self.budget.next_forced:
            spent = observer.spent_until(perf_counter())
            cost = spent - observer.spent_before if sample is not None else None
            observer.sampling = self.budget.wants(step + 1, spent, cost)
        if observer.doorway.scoring and (step + 1) % SCORED_EVERY == 0 and not any(name.startswith("batch.") for name in per_step):
            observer.sampling = True  # no loss function of PyTorch tells what is compared: only a sampled step shows that

    def step_changed(self, step: int, change: Change) -> None:
        """Store what became of the parameters after a step that the script took itself."""
        norms = change.parameters.changes()
        places = change.parameters.places
        for name, values in zip(("update.norm", "update.ratio"), norms or (), strict=False):
            self.writer.write(self._table(name, places), step, np.asarray(values, np.float32))
        if change.lr is not None:
            self.writer.write(self._table("lr.value", (RUN,)), step, np.asarray([change.lr], np.float32))

    def phase_done(self, step: int, name: str, values: dict[str, float], tables: Sequence[Table] = ()) -> None:
        """Store the scores of a phase without gradients, and what it was given."""
        if not values:
            return
        if values.keys() & {"loss", "accuracy", "r2"}:
            self.phases[name] = None
            if name == "validation":
                self.on_validation(values)
        for signal, places, row in tables:
            table = self._table(signal, places)
            self.writer.write(table, max(step - 1, 0), np.asarray(row, np.float32))
        names = tuple(f"{name}.{k}" for k in values)
        columns = self._columns_for(names, lambda: tuple((n, RUN, self._units.get(n, "")) for n in names))
        self.writer.write(columns, max(step - 1, 0), np.fromiter(values.values(), np.float32))

    def _table(self, signal: str, places: Sequence[Place]) -> tuple[tuple[str, Place, str], ...]:
        """Columns of one quantity at several places."""
        unit = self._units.get(signal, "")
        return self._columns_for((signal, *(p.name for p in places)), lambda: tuple((signal, place, unit) for place in places))

    def _columns_for(self, key: Any, make: Callable[[], tuple[tuple[str, Place, str], ...]]) -> tuple[tuple[str, Place, str], ...]:
        columns = self._columns.get(key)
        if columns is None:
            if len(self._columns) > 512:  # graphs of ever-changing shape
                self._columns.clear()
                self._last_columns.clear()
            columns = self._columns[key] = make()
        return columns

    def _record(self, sample: Sample) -> None:
        self.sampled += 1
        self.phases["training"] = None
        self._note_batch(sample)
        found: list[tuple[str, Sequence[Place], Any]] = []
        with torch.no_grad(), np.errstate(all="ignore"):
            for name, probe in self.probes.items():
                if name in self.disarmed or (self.sampled > DENSE and self.sampled % probe.every):
                    continue
                try:
                    found += list(probe.measure(sample))  # all of it or nothing
                except Exception as error:  # one probe's fault is not another's
                    self.disarmed[name] = f"{type(error).__name__}: {error}"
        if not found:
            return
        self.writer.write(self._sampled_columns(found), sample.step, together([values for _, _, values in found]))

    def _sampled_columns(self, found: list[tuple[str, Sequence[Place], Any]]) -> tuple[tuple[str, Place, str], ...]:
        # Comparing lists of the same places takes a twentieth of what making a key of them takes.
        signals = tuple([signal for signal, _, _ in found])
        known = self._last_columns.get(signals)
        if known is None or any(places != old for (_, places, _), old in zip(found, known[0], strict=True)):
            key = tuple([i for signal, places, _ in found for i in (signal, *map(id, places))])
            columns = self._columns_for(key, lambda: tuple((s, p, self._units.get(s, "")) for s, places, _ in found for p in places))
            known = self._last_columns[signals] = [places for _, places, _ in found], columns
        return known[1]

    def flush(self) -> None:
        """Hand everything to the writer, and wait until it is in the file."""
        self._flush()
        self.writer.facts(self.facts("running"))
        self.writer.flush()

    def _flush(self) -> None:
        self._flushed = perf_counter()
        if not self._block_steps:
            return
        names, rows = self._block_names, self._block
        steps, self._block, self._block_steps = np.asarray(self._block_steps), [], []
        columns = self._columns_for(names, lambda: tuple(self._per_step_column(n) for n in names))
        table = np.empty((len(rows), len(names)), np.float32)
        for j, column in enumerate(zip(*rows, strict=True)):
            values = list(column)
            on_device = [i for i, v in enumerate(values) if isinstance(v, torch.Tensor)]
            if on_device:  # one transfer for the whole block
                for i, value in zip(on_device, torch.stack([values[i].float() for i in on_device]).tolist(), strict=True):
                    values[i] = value
            table[:, j] = values
        self.writer.write_many(columns, steps, table)

    def _per_step_column(self, name: str) -> tuple[str, Place, str]:
        """The column of a per-step value; "signal@place" is one of several groups of parameters."""
        signal, _, group = name.partition("@")
        return signal, Place(name=group, kind="group") if group else RUN, self._units.get(signal, "")

    def _note_batch(self, sample: Sample) -> None:
        self._batch_size = self._batch_size or sample.batch_size
        if self._target is None and sample.targets is not None and sample.targets.size:
            self._target = run_facts.target_facts(sample.targets)

    # ------------------------------------------------------------------------------------------------ facts

    def facts(self, exit: Exit, error: str | None = None) -> Facts:
        """All that is known by now."""
        observer = self.observer
        parameters, places = run_facts.parameters(observer, exit != "running")
        loss = {k: v for k, v in observer.doorway.loss_facts.items()}
        notes: dict[str, Any] = observer.notes()
        drops = [float(getattr(m, "p", 0.0)) for r in observer.models.roots for m in r.modules() if "Dropout" in type(m).__name__]
        if drops:
            notes["dropout.max"] = max(drops)
        for probe in self.probes.values():
            notes |= probe.notes()
        return replace(
            self._base,
            exit=exit,
            steps=observer.step,
            epoch_steps=observer.phases.epoch_steps,
            sampled=self.sampled,
            overhead=self.budget.overhead(observer.spent_until(perf_counter())),
            seconds=perf_counter() - self._started,
            places=(*observer.book.places.values(), *places),
            parameters=parameters,
            optimizers=run_facts.optimizers(observer),
            schedulers=tuple(dict.fromkeys(self.hooks.steps.schedulers)),
            loss=LossFacts(**loss) if loss else None,
            target=self._target,
            batch_size=self._batch_size,
            phases=tuple(self.phases),
            models=tuple(type(r).__name__ for r in observer.models.roots),
            device=next((p.device.type for r in observer.models.roots for p in r.parameters()), "cpu"),
            dtype=next((str(p.dtype).removeprefix("torch.") for r in observer.models.roots for p in r.parameters()), "float32"),
            notes=notes,
            blind=tuple(run_facts.blind(observer, self.hooks.transforms)),
            disarmed={**self.disarmed, **self.hooks.errors},
            imports=run_facts.imported_packages(STARTED),
            error=error,
            stopped_by=self.stopped_by,
        )


def together(values: list[Any]) -> np.ndarray:
    """All values of one sample in one float32 row, with one transfer from the device."""
    tensors = [v for v in values if isinstance(v, torch.Tensor)]
    joined = torch.cat([t.reshape(-1).float() for t in tensors]).cpu().numpy() if tensors else None
    parts: list[Any] = []
    plain: list[float] = []  # of neighbours: many small lists take numpy longer than one
    at = 0
    for value in values:
        if isinstance(value, (list, tuple)):
            plain += value
            continue
        if plain:
            parts.append(plain)
            plain = []
        if joined is not None and isinstance(value, torch.Tensor):
            value = joined[at : at + value.numel()]
            at += value.size
        parts.append(value)
    if plain:
        parts.append(plain)
    return np.concatenate(parts, dtype=np.float32, casting="unsafe")
