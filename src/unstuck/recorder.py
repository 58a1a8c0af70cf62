"""A live training -> a trace: what is sampled when, within a time budget that the recorder keeps by measuring itself.

The first `DENSE` steps are all sampled; after that a step is sampled when the time spent on watching so far is below the budget, and in any
case at steps that grow geometrically, so that a short run is not left without a look at its end. Samples come in pairs of neighbouring
steps, because some quantities (the agreement of successive gradients) need two.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import islice
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from unstuck import plugins
from unstuck.attach.by_hand import Step as Change
from unstuck.attach.discovery import ModuleSites
from unstuck.attach.held_out import Table
from unstuck.attach.hooks import Hooks
from unstuck.attach.observer import Observer
from unstuck.records import Blind, Exit, Facts, LossFacts, OptimizerFacts, ParameterFacts, Place, TargetFacts, Text
from unstuck.store import TraceWriter

if TYPE_CHECKING:
    from unstuck.training import Sample

#: Steps sampled without a gap at the start; factor between steps that are sampled whatever the budget says. Our choice.
DENSE, GROWTH = 20, 1.4
#: Of so many steps one is sampled where batches are to be scored and no loss function shows them. Our choice.
SCORED_EVERY = 4
#: Rows of per-step values, and seconds, after which they go to the file.
BLOCK_ROWS, BLOCK_SECONDS = 256, 0.2
#: Seconds between two writings of the facts.
FACTS_SECONDS = 2.0
DEFAULT_BUDGET = 0.02
RUN = Place(name="run", kind="run")
UNITS = {"step.seconds": "s", "loss.value": "loss", "validation.loss": "loss"}
STARTED = frozenset(sys.modules)


class Budget:
    """Decides which steps are sampled. `share` of the training's own time; None = every step."""

    def __init__(self, share: float | None, dense: int = DENSE) -> None:
        self.share, self.dense = share, dense
        self.started: float | None = None
        # 0: the first step alone, which tells what the numbers of a validation mean; rules need more.
        self.next_forced = float(dense) if dense else float("inf")
        self.second_of_pair = False
        self.cost = 0.0
        #: Until then (`perf_counter`) the budget allows no sample but the forced ones, whatever is spent in between.
        self.no_room_until = -math.inf

    def wants(self, step: int, spent: float, cost: float | None) -> bool:
        """Is optimizer step `step` to be sampled? `spent`: seconds taken so far; `cost`: of the sample that just ended, if there was one."""
        now = perf_counter()
        if self.started is None:
            self.started = now - spent
        if cost is not None:
            self.cost = cost if not self.cost else 0.7 * self.cost + 0.3 * cost
        if self.share is None or step < self.dense:
            return True
        if self.second_of_pair:
            self.second_of_pair = False
            return True
        own = now - self.started - spent
        forced = step >= self.next_forced
        if forced:
            self.next_forced = max(self.next_forced * GROWTH, step + 1)
        wanted = spent + 2 * self.cost
        self.second_of_pair = forced or wanted <= self.share * own
        if not self.second_of_pair:
            self.no_room_until = self.started + spent + wanted / self.share if self.share else math.inf
        return self.second_of_pair

    def overhead(self, spent: float) -> float:
        """Measured share of the time that watching took."""
        if self.started is None:
            return 0.0
        total = perf_counter() - self.started
        return spent / max(total - spent, 1e-9)


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
        self._base = Facts(script=script, arguments=tuple(arguments), seed=seed, versions=versions())
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
            self.hooks.fail("install", error)
            self.hooks.uninstall()

    def stop(self, exit: Exit, error: str | None = None) -> Facts:
        """Detach and complete the trace; what cannot be written is told by `writer.error`."""
        self.hooks._quietly("end", self.observer.phases.end)
        self.hooks.uninstall()
        self.hooks._guard("end", self._flush)
        facts: Facts | None = self.hooks._guard("facts", self.facts, exit, error)
        if facts is None:  # something of ours raised: what is left is that
            facts = replace(self._base, exit=exit, error=error, steps=self.observer.step, disarmed={**self.disarmed, **self.hooks.errors})
        self.writer.facts(facts)
        self.writer.close()
        self.hooks._guard("release", self.observer.release)
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
            self._target = target_facts(sample.targets)

    # ------------------------------------------------------------------------------------------------ facts

    def facts(self, exit: Exit, error: str | None = None) -> Facts:
        """All that is known by now."""
        observer = self.observer
        parameters, places = self._parameters(exit != "running")
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
            optimizers=self._optimizers(),
            schedulers=tuple(dict.fromkeys(self.hooks.schedulers)),
            loss=LossFacts(**loss) if loss else None,
            target=self._target,
            batch_size=self._batch_size,
            phases=tuple(self.phases),
            models=tuple(type(r).__name__ for r in observer.models.roots),
            device=next((p.device.type for r in observer.models.roots for p in r.parameters()), "cpu"),
            dtype=next((str(p.dtype).removeprefix("torch.") for r in observer.models.roots for p in r.parameters()), "float32"),
            notes=notes,
            blind=tuple(self._blind()),
            disarmed={**self.disarmed, **self.hooks.errors},
            imports=imported_packages(),
            error=error,
            stopped_by=self.stopped_by,
        )

    def _optimizers(self) -> tuple[OptimizerFacts, ...]:
        """As they were built; where there is none, what the script's own steps amount to."""
        found = [OptimizerFacts(kind=k, settings=s, groups=g, file=f, line=n) for k, s, g, (f, n) in self.observer.ownership.facts]
        settings = self.observer.by_hand.settings() if not found else None
        return tuple(found) if settings is None else (OptimizerFacts(kind="SGD", settings=settings, by_hand=True),)

    def _parameters(self, over: bool) -> tuple[tuple[ParameterFacts, ...], tuple[Place, ...]]:
        observer = self.observer
        owner = observer.ownership.owners()
        unique = list({id(p): p for p in observer.models.parameters()}.values())
        places = observer.book.parameter_places(unique)
        facts = [
            ParameterFacts(
                name=place.name,
                shape=place.shape,
                module=place.name.rpartition(".")[0],
                requires_grad=p.requires_grad,
                optimizer=owner.get(id(p)),
                grad_missing=place.name not in observer.updates.gradients_seen and id(p) not in observer.ownership.reached,
                changed=observer.updates.fingerprints.changed(p) if over else None,
            )
            for p, place in zip(unique, places, strict=True)
        ]
        return tuple(facts), tuple(places)

    def _blind(self) -> list[Blind]:
        observer = self.observer
        found = []
        kinds = {type(m).__name__ for r in observer.models.roots for m in r.modules()}
        if kinds & {"LSTM", "GRU"}:
            reason = Text("PyTorch runs the whole sequence in one fused operation", "PyTorch 用一个融合算子计算整个序列")
            found.append(Blind(what="time steps inside LSTM/GRU", reason=reason))
        if "OptimizedModule" in kinds:
            reason = Text(
                "torch.compile makes one operation of it; run with --no-compile", "torch.compile 把它合成一个算子；请加 --no-compile"
            )
            found.append(Blind(what="layers inside compiled regions", reason=reason))
        if observer.propagation.saved_tensor_hooks:
            reason = Text("reading them would run checkpointed segments again", "读取它们会重新执行检查点片段")
            found.append(Blind(what="functional activations under checkpointing", reason=reason))
        if self.hooks.transforms.used:
            reason = Text("torch.func computes them inside a transform", "torch.func 在变换内部计算它们")
            found.append(Blind(what="gradients at the layers", reason=reason))
        if not observer.ownership.optimizers and observer.step:
            found += self._blind_by_hand()
        return found

    def _blind_by_hand(self) -> list[Blind]:
        by_hand = self.observer.by_hand
        if not by_hand.updates:
            reason = Text(
                "the script makes no optimizer, and its parameters were not seen to change", "脚本没有创建优化器，也没有看到其参数发生变化"
            )
            return [Blind(what="learning rate and updates", reason=reason)]
        if by_hand.settings() is None:
            reason = Text(
                "the script takes its steps itself, and no rate and momentum explain them",
                "脚本自行更新参数，没有学习率与动量能解释这些更新",
            )
            return [Blind(what="learning rate", reason=reason)]
        return []


# ------------------------------------------------------------------------------------------------ arithmetic, environment


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


def target_facts(targets: np.ndarray) -> TargetFacts:
    """What the targets are, by their type and values."""
    low, high = float(targets.min()), float(targets.max())
    dtype = str(targets.dtype)
    if targets.dtype.kind != "f":
        kind = "classes"
        return TargetFacts(kind=kind, classes=int(high) + 1, minimum=low, maximum=high, dtype=dtype)
    binary = bool(((targets == 0) | (targets == 1)).all())
    if binary and targets.ndim == 2 and targets.shape[1] > 1 and bool((targets.sum(1) == 1).all()):
        return TargetFacts(kind="one-hot", classes=targets.shape[1], minimum=low, maximum=high, dtype=dtype)
    if binary:
        return TargetFacts(kind="binary", classes=2, minimum=low, maximum=high, dtype=dtype)
    return TargetFacts(kind="real", minimum=low, maximum=high, dtype=dtype)


def versions() -> dict[str, str]:
    """Versions of Python, torch and us."""
    import platform

    from unstuck import __version__

    return {"python": platform.python_version(), "torch": str(torch.__version__), "unstuck": __version__}


def imported_packages() -> tuple[str, ...]:
    """Installed packages that were imported since we started; an arm imports them once, before it is forked."""
    return _packages_among(len(sys.modules))


@lru_cache(1)
def _packages_among(count: int) -> tuple[str, ...]:
    """Looked up anew where there are more modules than before.

    The newest come first, and the others are not looked at: in a fork every one of 3000 names that is touched may cost a page.
    """
    marker = "site-packages"
    newest = list(islice(reversed(sys.modules), max(0, count - len(STARTED))))
    names = {n.partition(".")[0] for n in newest if n not in STARTED}
    files = {n: getattr(sys.modules.get(n), "__file__", None) or "" for n in names}
    return tuple(sorted(n for n, f in files.items() if marker in f and not n.startswith("_")))
