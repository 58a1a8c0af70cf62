"""What the model is given without gradients, beside what it is trained on: moments of the features, and rows that are in both.

A row is known again by two projections on fixed directions, rounded to nine digits: equal rows give equal numbers whatever the batch,
different ones do so once in about 1e9 pairs. Rows that are augmented anew every time are never equal, and are then not called repeated.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
import torch

from unstuck.attach.excerpts import batch
from unstuck.probes.door import FEATURES, by_feature
from unstuck.records import Place

#: Rows and elements of one forward pass that are looked at; rows remembered in all; phases looked at without a gap. Our choice.
ROWS, ELEMENTS, REMEMBERED, PHASES = 4096, 262_144, 100_000, 3
#: Elements that are projected at a time: more would take large blocks of memory from the network's.
CHUNK = 16_384
Table = tuple[str, tuple[Place, ...], list[float]]


@dataclass
class Group:
    """Rows of one data set within one phase."""

    key: object
    samples: int = 0
    rows: int = 0
    sums: np.ndarray | None = None
    squares: np.ndarray | None = None
    marks: list[int] = field(default_factory=list)


class HeldOut:
    """Collects over a phase without gradients, and remembers the rows of sampled training batches."""

    def __init__(self) -> None:
        self.trained: set[int] = set()
        #: Training rows seen, repetitions counted.
        self.trained_rows = 0
        self.phases = 0
        self.next_phase = 0
        self.groups: list[Group] = []
        self._direction: dict[int, np.ndarray] = {}
        self._places: dict[int, tuple[Place, ...]] = {}

    def train(self, inputs: np.ndarray) -> None:
        """A sampled training batch."""
        if len(self.trained) < REMEMBERED:
            marks = self.marks(inputs)
            self.trained.update(marks)
            self.trained_rows += len(marks)

    def see(self, inputs: torch.Tensor, dataset: int | None) -> None:
        """A forward pass without gradients."""
        if self.phases < self.next_phase or inputs.dim() < 2 or not inputs.numel():
            return
        storage = inputs.untyped_storage()
        whole = storage.nbytes() > inputs.numel() * inputs.element_size() or inputs.shape[0] > 512
        key: object = ("loader", dataset) if dataset is not None else ("storage", storage.data_ptr()) if whole else "copies"
        if not self.groups or self.groups[-1].key != key:
            if len(self.groups) >= 16:
                return
            self.groups.append(Group(key))
        group = self.groups[-1]
        if group.rows > ROWS * 16:
            return
        group.samples += int(inputs.shape[0])
        values = batch(inputs)
        group.marks += self.marks(values)
        if values.dtype.kind != "f":
            return
        part = values[:: math.ceil(values.size / ELEMENTS)] if values.size > ELEMENTS else values
        rows = by_feature(part)
        if rows.shape[1] > FEATURES:
            rows = rows[:, :: math.ceil(rows.shape[1] / FEATURES)]
        rows = rows.astype(np.float64)
        sums, squares = rows.sum(0), np.square(rows).sum(0)
        if group.sums is not None and group.sums.shape != sums.shape:
            return
        group.rows += rows.shape[0]
        group.sums = sums if group.sums is None else group.sums + sums
        group.squares = squares if group.squares is None else group.squares + squares

    def done(self) -> tuple[dict[str, float], list[Table]]:
        """The phase is over: what it showed, for the group of rows that is least like the training rows."""
        groups, self.groups = [g for g in self.groups if g.samples], []
        self.phases += 1
        if self.phases - 1 < self.next_phase:
            return {}, []
        self.next_phase = self.phases if self.phases < PHASES else math.ceil(self.phases * 1.5)
        if not groups:
            return {}, []
        judged = [(self._covered(g), -i, g) for i, g in enumerate(groups)]
        covered, _, group = min(judged, key=lambda j: j[:2])
        values = {"rows": float(group.samples), "trained_rows": float(len(self.trained)), "covered_share": covered}
        if group.marks:
            distinct = set(group.marks)
            values["repeated_share"] = sum(m in self.trained for m in group.marks) / len(group.marks)
            values["own_repeats"] = 1 - len(distinct) / len(group.marks)
        tables: list[Table] = []
        if group.sums is not None and group.squares is not None and group.rows > 1:
            mean = group.sums / group.rows
            variance = np.maximum(group.squares / group.rows - np.square(mean), 0)
            count = len(mean)
            places = self._places.setdefault(count, tuple(Place(name=f"input[{i}]", kind="feature") for i in range(count)))
            tables = [("validation.feature_mean", places, mean.tolist()), ("validation.feature_std", places, np.sqrt(variance).tolist())]
        return values, tables

    def _covered(self, group: Group) -> float:
        """Share of the known training rows that the group holds: 1 where it is the training set."""
        return len(self.trained & set(group.marks)) / len(self.trained) if self.trained else 0.0

    def marks(self, inputs: np.ndarray) -> list[int]:
        """A number for every row that is equal for equal rows; constant rows are left out."""
        if inputs.ndim < 2 or not inputs.size or inputs.dtype.kind == "c":
            return []
        part = inputs[:ROWS]
        flat = part.reshape(part.shape[0], -1)
        if flat.shape[1] > 1024:
            flat = flat[:, :: math.ceil(flat.shape[1] / 1024) | 1]
        width = flat.shape[1]
        directions = self._direction.get(width)
        if directions is None:
            steps = np.arange(width, dtype=np.float64)
            directions = np.stack([np.cos(1.7 * steps + 0.3 * np.sqrt(steps)), np.cos(2.9 * steps + 1.1 * np.sqrt(steps) + 1)], 1)
            self._direction[width] = directions
        marks: list[int] = []
        rows = max(16, CHUNK // width)
        for start in range(0, len(flat), rows):
            wide = flat[start : start + rows].astype(np.float64)
            with np.errstate(all="ignore"):
                found = wide @ directions  # [rows, 2]
            varies = (wide != wide[:, :1]).any(1) & np.isfinite(found).all(1)
            digits = np.clip(np.round(found[varies] * 1e6), -9e15, 9e15).astype(np.int64)
            marks += (digits[:, 0] * 1_000_003 + digits[:, 1]).tolist()
        return marks
