"""What the model is given without gradients, beside what it is trained on: moments of the features, and rows that are in both.

A row is known again by two projections on fixed directions, rounded to nine digits: equal rows give equal numbers whatever the batch,
different ones do so once in about 1e9 pairs. Rows that are augmented anew every time are never equal, and are then not called repeated.
"""

from __future__ import annotations

import math
import weakref
from collections import deque
from collections.abc import Collection
from dataclasses import dataclass, field

import numpy as np
import torch

from unstuck.attach.association import Association, compared, followed
from unstuck.attach.excerpts import batch
from unstuck.probes.door import FEATURES, by_feature
from unstuck.records import Place

#: Rows and elements of one forward pass that are looked at; rows remembered in all; phases looked at without a gap. Our choice.
ROWS, ELEMENTS, REMEMBERED, PHASES = 4096, 262_144, 100_000, 3
#: Whole numbers that are told apart; data sets looked at out of turn; batches that tell how much is known. Our choice.
IDS, KEYS, BATCHES = 1024, 8, 8
#: Tensors of the script's own that are told apart; share of rows from which on nearly all are known. Our choice.
TENSORS, KNOWN = 16, 0.95
#: Elements of a row from which on it is told whether they are all equal; positions of a row of whole numbers that are followed. Our choice.
BLANK, POSITIONS = 4, 256
#: Elements that are projected at a time: more would take large blocks of memory from the network's.
CHUNK = 16_384
Table = tuple[str, tuple[Place, ...], list[float]]


@dataclass
class Group:
    """Rows of one data set within one phase."""

    key: object
    samples: int = 0
    #: Samples that were looked at: of one forward pass no more than `ROWS`.
    looked: int = 0
    rows: int = 0
    sums: np.ndarray | None = None
    squares: np.ndarray | None = None
    marks: list[int] = field(default_factory=list)
    #: Frequencies of whole numbers (ids of words), see `counted`.
    ids: np.ndarray | None = None
    padding: Padding | None = None
    association: Association = field(default_factory=Association)


@dataclass
class Padding:
    """Where in rows of equal length the commonest whole number stands (what texts are filled up with)."""

    number: int
    #: Rows that hold it at each position [2, T], those of even and of odd rows apart, and how many rows there were [2].
    counts: np.ndarray
    rows: np.ndarray

    def add(self, inputs: np.ndarray) -> None:
        """Rows [B, T] of the same length."""
        here = inputs == self.number
        self.counts += np.stack([here[i::2].sum(0) for i in range(2)])
        self.rows += [len(here[i::2]) for i in range(2)]

    def shares(self) -> np.ndarray:
        """Share of the rows that hold it at each position [2, T], by halves."""
        share: np.ndarray = self.counts / np.maximum(self.rows, 1)[:, None]
        return share


class HeldOut:
    """Collects over a phase without gradients, and remembers the rows of sampled training batches."""

    def __init__(self) -> None:
        #: Training rows by their marks, each with the mark of the target that it first came with (None: not told).
        self.trained: dict[int, int | None] = {}
        #: The optimizers that those rows were for.
        self.owners: set[int] = set()
        #: Of the newest sampled batches: rows that were known before, rows. How much of the training set is known, that is.
        self.met: deque[tuple[int, int]] = deque(maxlen=BATCHES)
        #: Training rows met again, and those of them that came with another target than before.
        self.again = self.conflicts = 0
        self.ids: np.ndarray | None = None
        #: Of the training rows; None before the first, and for good where their lengths differ.
        self.padding: Padding | None = None
        self.ragged = False
        self.association = Association()
        #: Of the last forward pass that was looked at: its size, its rows (`followed`), which of them vary [R], and the marks of those; None once their targets are known.
        self._given: tuple[int, np.ndarray, np.ndarray, list[int]] | None = None
        #: Share of the rows of the newest training batch whose elements are all equal; None where they are too short to tell.
        self.blank: float | None = None
        self.phases = 0
        self.next_phase = 0
        #: Data sets that were looked at without gradients; a new one is looked at out of turn.
        self.keys: set[object] = set()
        self.groups: list[Group] = []
        #: Tensors of the script's own that were given without gradients, by id, each with whether it is the training set (None: not known).
        self.tensors: dict[int, tuple[weakref.ref[torch.Tensor], bool | None]] = {}
        self._last: set[int] = set()
        self._direction: dict[int, np.ndarray] = {}
        self._places: dict[int, tuple[Place, ...]] = {}

    def train(
        self, inputs: np.ndarray, targets: np.ndarray | None = None, optimizers: Collection[int] = (), several: bool = False
    ) -> float | None:
        """A sampled training batch, with its targets [B, ...] where the model is given nothing but these inputs; `several`: it has others beside them.

        Another optimizer than so far means another training (the next fold, a fine-tuning): what was trained on before does not count.
        Returns the share of the rows that were in the last batch too; None where there is nothing to compare.
        """
        if optimizers and self.owners and not self.owners.intersection(optimizers):
            self.owners.clear()
            self.trained.clear()
            self.met.clear()
            self.ids = self.padding = None
            self.association = Association()
        self.owners.update(optimizers)
        self.ids, self.blank = counted(self.ids, inputs), None
        self._follow_padding(inputs)
        if len(self.trained) >= REMEMBERED:
            return None
        varies, marks = self._marked(inputs)
        self.blank = 1 - float(varies.mean()) if len(varies) and inputs[0].size >= BLANK else None
        if not marks:
            self._last = set()
            return None
        trained, now = self.trained, set(marks)
        self.met.append((sum(m in trained for m in marks), len(marks)))
        if targets is not None and targets.shape[:1] == inputs.shape[:1]:
            if not several:  # validation may be about the others
                self.association.add(inputs, targets, varies, marks)
            for mark, target in zip(marks, self._projected(targets[:ROWS].reshape(len(varies), -1)[varies]), strict=True):
                known = trained.get(mark)
                if known is not None:
                    self.again += 1
                    self.conflicts += known != target
                elif mark not in trained:
                    trained[mark] = target
        else:
            trained.update(dict.fromkeys(now - trained.keys()))
        last, self._last = self._last, now
        return sum(m in last for m in marks) / len(marks) if last else None

    def _follow_padding(self, inputs: np.ndarray) -> None:
        """Rows of whole numbers of one length: where does the commonest of them stand?"""
        if self.ragged or inputs.dtype.kind not in "iu" or inputs.ndim != 2 or not BLANK <= inputs.shape[1] <= POSITIONS:
            return
        if self.padding is None:
            numbers, counts = np.unique(inputs, return_counts=True)
            self.padding = Padding(int(numbers[counts.argmax()]), np.zeros((2, inputs.shape[1])), np.zeros(2))
        if inputs.shape[1] != self.padding.counts.shape[1]:
            self.padding, self.ragged = None, True
            return
        self.padding.add(inputs)

    def see(self, inputs: torch.Tensor, dataset: int | None) -> None:
        """A forward pass without gradients."""
        self._given = None
        if inputs.layout is not torch.strided or inputs.dim() < 2 or not inputs.numel():
            return
        storage = inputs.untyped_storage()
        whole = storage.nbytes() > inputs.numel() * inputs.element_size() or inputs.shape[0] > 512
        key: object = ("loader", dataset) if dataset is not None else ("storage", storage.data_ptr()) if whole else "copies"
        if self.phases < self.next_phase and not self.groups and (key in self.keys or len(self.keys) >= KEYS):
            return
        self.keys.add(key)
        if not self.groups or self.groups[-1].key != key:
            if len(self.groups) >= 16:
                return
            self.groups.append(Group(key))
        group = self.groups[-1]
        if group.rows > ROWS * 16:
            return
        group.samples += int(inputs.shape[0])
        values = batch(inputs)
        group.looked += min(len(values), ROWS)
        varies, marks = self._marked(values)
        group.marks += marks
        self._given = (len(values), followed(values[: len(varies)]).copy(), varies, marks) if marks else None
        group.ids = counted(group.ids, values)
        if self.padding is not None and values.ndim == 2 and values.shape[1] == self.padding.counts.shape[1]:
            group.padding = group.padding or Padding(self.padding.number, np.zeros_like(self.padding.counts), np.zeros(2))
            group.padding.add(values)
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

    def answer(self, targets: torch.Tensor) -> None:
        """The targets of the last forward pass without gradients."""
        given, self._given = self._given, None
        if given is None or not self.groups or not targets.dim():
            return
        size, rows, varies, marks = given
        values = batch(targets)
        if len(values) != size:
            return
        if not self.association.classes and values.dtype.kind in "iub":
            values = values.astype(np.float64)  # 0 and 1 are compared as whole numbers, and trained on as others
        self.groups[-1].association.add(rows, values, varies, marks)

    def training_set(self, inputs: torch.Tensor) -> bool:
        """The model is given the training set itself, by a script that gives it another set as well.

        Told from the second time on that the very same tensor is given, once the training rows are known: nearly all of its rows are
        among them, and it holds most of them (a validation set that was drawn from the training set does not). A script that has
        no other set is evaluated on this one, and nothing is kept from it.
        """
        tensor, verdict = self.tensors.get(id(inputs), (None, None))
        if tensor is None or tensor() is not inputs:  # batches that are cut out anew are never met again
            if len(self.tensors) >= TENSORS:
                self.tensors = {i: known for i, known in self.tensors.items() if known[0]() is not None}
            if len(self.tensors) < TENSORS:
                self.tensors[id(inputs)] = (weakref.ref(inputs), None)
            return False
        if verdict is None and self._known() >= KNOWN:
            marks = self.marks(batch(inputs))
            inside = sum(m in self.trained for m in marks) >= KNOWN * len(marks)
            verdict = bool(marks) and inside and len(self.trained.keys() & set(marks)) >= len(self.trained) / 2
            self.tensors[id(inputs)] = (tensor, verdict)
        return bool(verdict) and any(other is False and t() is not None for t, other in self.tensors.values())

    def _known(self) -> float:
        """Share of the rows of the newest training batches that had been met before."""
        return sum(h for h, _ in self.met) / max(sum(n for _, n in self.met), 1)

    def done(self) -> tuple[dict[str, float], list[Table]]:
        """The phase is over: what it showed, for the group of rows that is least like the training rows."""
        groups, self.groups = [g for g in self.groups if g.samples], []
        self.phases += 1
        if self.phases - 1 >= self.next_phase:
            self.next_phase = self.phases if self.phases < PHASES else math.ceil(self.phases * 1.5)
        if not groups:
            return {}, []
        judged = [(self._covered(g), -i, g) for i, g in enumerate(groups)]
        covered, _, group = min(judged, key=lambda j: j[:2])
        values = {"rows": float(group.samples), "trained_rows": float(len(self.trained)), "covered_share": covered}
        if group.marks:
            distinct = set(group.marks)
            values["repeated_share"] = sum(m in self.trained for m in group.marks) / len(group.marks)
            values["known_share"] = self._known()
            values["own_repeats"] = 1 - len(distinct) / len(group.marks)
        if group.ids is not None and self.ids is not None:
            values |= distances(self.ids, group.ids)
        if group.padding is not None and self.padding is not None:
            values |= places_apart(self.padding.shares(), group.padding.shares())
        values |= compared(self.association, len(self.trained), group.association, len(set(group.marks)))
        tables: list[Table] = []
        if group.sums is not None and group.squares is not None and group.rows > 1:
            mean = group.sums / group.rows
            variance = np.maximum(group.squares / group.rows - np.square(mean), 0)
            count = len(mean)
            places = self._places.setdefault(count, tuple(Place(name=f"input[{i}]", kind="feature") for i in range(count)))
            tables = [("validation.feature_mean", places, mean.tolist()), ("validation.feature_std", places, np.sqrt(variance).tolist())]
        return values, tables

    def _covered(self, group: Group) -> float:
        """Share of the known training rows that the group holds, from the part of it that was looked at: 1 where it is the training set."""
        held = len(self.trained.keys() & set(group.marks)) / len(self.trained) if self.trained else 0.0
        return min(held * group.samples / max(group.looked, 1), 1.0)

    def marks(self, inputs: np.ndarray) -> list[int]:
        """A number for every row that is equal for equal rows; constant rows are left out."""
        return self._marked(inputs)[1]

    def _marked(self, inputs: np.ndarray) -> tuple[np.ndarray, list[int]]:
        """Which rows vary [R], and the marks of those that do."""
        if inputs.ndim < 2 or not inputs.size or inputs.dtype.kind == "c":
            return np.zeros(0, bool), []
        flat = inputs[:ROWS].reshape(min(len(inputs), ROWS), -1)
        varies = (flat != flat[:, :1]).any(1)
        if flat.dtype.kind == "f":
            varies &= np.isfinite(np.add.reduce(flat, 1))  # a sum is not finite where one of its terms is not
        return varies, self._projected(flat if varies.all() else flat[varies])

    def _projected(self, flat: np.ndarray) -> list[int]:
        """A number for every row of [R, F]."""
        if flat.shape[1] > 1024:
            flat = flat[:, :: math.ceil(flat.shape[1] / 1024) | 1]
        width = flat.shape[1]
        directions = self._direction.get(width)
        if directions is None:
            steps = np.arange(width, dtype=np.float64)
            directions = np.stack([np.cos(1.7 * steps + 0.3 * np.sqrt(steps)), np.cos(2.9 * steps + 1.1 * np.sqrt(steps) + 1)], 1)
            self._direction[width] = directions
        marks: list[int] = []
        rows = max(16, CHUNK // max(width, 1))
        for start in range(0, len(flat), rows):
            found = flat[start : start + rows].astype(np.float64) @ directions  # [rows, 2]
            found *= 1e6
            # Beyond that float64 has no digits left; nan becomes a number like any other.
            digits = np.rint(np.minimum(np.maximum(found, -9e15), 9e15)).astype(np.int64)
            marks += (digits[:, 0] * 1_000_003 + digits[:, 1]).tolist()
        return marks


def counted(counts: np.ndarray | None, inputs: np.ndarray) -> np.ndarray | None:
    """Frequencies [2, IDS] of whole numbers, those of even and of odd rows apart; numbers that agree modulo IDS count as one."""
    if inputs.dtype.kind not in "iu" or inputs.ndim < 2 or inputs.size > ELEMENTS:
        return counts
    new = np.stack([np.bincount(inputs[i::2].reshape(-1).astype(np.int64) % IDS, minlength=IDS) for i in range(2)])
    return new if counts is None else counts + new


def places_apart(trained: np.ndarray, given: np.ndarray) -> dict[str, float]:
    """Mean difference over the positions between shares [2, T] of two sets, and the largest one between halves of either."""
    within = max(float(np.abs(s[0] - s[1]).mean()) for s in (trained, given))
    return {"position_distance": float(np.abs(trained.mean(0) - given.mean(0)).mean()), "position_noise": within}


def distances(trained: np.ndarray, given: np.ndarray) -> dict[str, float]:
    """Total variation between the frequencies of the ids in training and in a phase, and the largest one between halves of either."""

    def apart(a: np.ndarray, b: np.ndarray) -> float:
        return float(np.abs(a / max(a.sum(), 1) - b / max(b.sum(), 1)).sum() / 2)

    within = max(apart(trained[0], trained[1]), apart(given[0], given[1]))
    return {"id_distance": apart(trained.sum(0), given.sum(0)), "id_noise": within}
