"""How inputs and targets go together: in training as in validation, unless a vocabulary, the classes or the columns were numbered anew.

Over rows [B, ...] with their targets: a table [F, K] of the correlations of features (up to `FEATURES`; of ids, how often each occurs in a
row, `IDS` of them) with targets. Rows fall into two halves by their marks, so that equal rows stand in the same one. Two tables are compared by
their cosine. Between the halves of one set it tells how much of a table is no luck (Spearman and Brown's formula gives that of the whole); the
cosine between two sets over the root of both is what Spearman (1904), "The proof and measurement of association between two things",
calls corrected for attenuation: about 1 where sets are drawn alike, whatever the net makes of them, and about 0 where the numbers of one mean other things in the other.

Without any association an entry over n rows is off by 1 / sqrt(n), and the product of two halves' tables by sqrt(|C|^2 |D|^2 / n m), C [F, F] and
D [K, K] being the correlations within inputs and targets: what is not `ERRORS` times that counts as luck.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

#: Features, ids and targets that are followed; rows of ids of one batch, and numbers in them, that are counted. Our choice.
FEATURES, IDS, TARGETS, ROWS, ELEMENTS = 64, 256, 16, 512, 65_536
#: Rows of one batch, and in all, from which correlations within inputs and targets are told: those of `IDS` ids cost more than all else here.
EACH, WITHIN = 64, 2048
#: Standard errors; where there is one feature alone, whose product of two normal numbers has long tails, 2 sets in 1,000 pass by luck, of two 4 in 10,000.
ERRORS = 5.0


@dataclass
class Sums:
    """Over some rows: how many, of inputs [F] and targets [K], of their squares, and of their products [F, K]."""

    count: float
    inputs: np.ndarray
    targets: np.ndarray
    input_squares: np.ndarray
    target_squares: np.ndarray
    products: np.ndarray

    def __add__(self, other: Sums) -> Sums:
        return Sums(*(getattr(self, f) + getattr(other, f) for f in self.__dataclass_fields__))


@dataclass
class Within:
    """Correlations within the inputs, or within the targets, over the first rows that come: how many, their sums [F], and their products [F, F]."""

    count: float = 0.0
    sums: np.ndarray | None = None
    products: np.ndarray | None = None

    def add(self, rows: np.ndarray) -> None:
        """Rows [B, F]."""
        if self.count >= WITHIN:
            return
        rows = rows[:EACH]
        sums, products = rows.sum(0, dtype=np.float64), rows.T @ rows
        if self.sums is None or self.products is None:
            self.sums, self.products = sums, products.astype(np.float64)
        else:
            self.sums += sums
            self.products += products
        self.count += len(rows)

    def size(self) -> float:
        """Root of the sum of the squared correlations; 0 where there are none."""
        if self.sums is None or self.products is None or self.count < 2:
            return 0.0
        together = self.products / self.count - np.outer(self.sums / self.count, self.sums / self.count)
        return float(np.linalg.norm(scaled(together, np.diag(together), np.diag(together))))


@dataclass
class Association:
    """Of one set of rows, by halves."""

    #: Ids (of words) rather than quantities; None before the first batch.
    ids: bool | None = None
    #: The targets are classes by their numbers.
    classes: bool = False
    halves: list[Sums | None] = field(default_factory=lambda: [None, None])
    within_inputs: Within = field(default_factory=Within)
    within_targets: Within = field(default_factory=Within)

    def add(self, inputs: np.ndarray, targets: np.ndarray, told: np.ndarray, marks: Sequence[int]) -> None:
        """Rows [B, ...] with targets [B] or [B, K], or ids [B, T] with the class of each; which of them are told apart [R <= B], and the marks of those."""
        ids = are_ids(inputs)
        if self.ids is None:
            self.ids, self.classes = ids, targets.dtype.kind in "iu"
        if ids != self.ids:
            return
        rows = followed(inputs[: len(told)])
        told = told[: len(rows)]
        rows, wanted = rows[told], targets[: len(told)].reshape(len(told), -1)[told]
        halves = np.array(marks[: len(rows)], np.int64) % 2
        if ids and self.classes and rows.shape[1] > 1 and wanted.shape == rows.shape:  # an answer for every id
            halves, rows, wanted = (a.reshape(-1)[:ROWS] for a in (np.repeat(halves, rows.shape[1]), rows, wanted))
            rows, wanted = rows[:, None], wanted[:, None]
        if wanted.shape[1] > (1 if self.classes else TARGETS) or not rows.size:
            return
        features = occurring(rows) if ids else rows.astype(np.float64)
        answers = wanted.astype(np.int64) % TARGETS == np.arange(TARGETS) if self.classes else wanted
        answers = answers.astype(features.dtype)
        known = np.isfinite(answers).all(1) & np.isfinite(features).all(1)
        if any(h is not None and h.products.shape != (features.shape[1], answers.shape[1]) for h in self.halves):
            return
        self.within_inputs.add(features[known])
        self.within_targets.add(answers[known])
        for half in range(2):
            here = known & (halves == half)
            x, y = features[here], answers[here]
            parts = (x.sum(0), y.sum(0), np.einsum("bf,bf->f", x, x), np.einsum("bk,bk->k", y, y), x.T @ y)
            new = Sums(len(x), *(part.astype(np.float64) for part in parts))
            old = self.halves[half]
            self.halves[half] = new if old is None else old + new

    def tables(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, float] | None:
        """Of both halves and of all rows, and sqrt(|C|^2 |D|^2); None where there are too few rows."""
        first, second = self.halves
        if first is None or second is None or min(first.count, second.count) < 2:
            return None
        return correlated(first), correlated(second), correlated(first + second), self.within_inputs.size() * self.within_targets.size()


def are_ids(inputs: np.ndarray) -> bool:
    """Whole numbers that name things; bytes are brightnesses."""
    return inputs.dtype.kind in "iu" and inputs.dtype.itemsize >= 4


def followed(inputs: np.ndarray) -> np.ndarray:
    """Of a batch [B, ...] the features that are followed [B, F], or of ids all those of the first rows. No copy where memory allows it."""
    flat = inputs.reshape(len(inputs), -1)
    if are_ids(inputs):
        return flat[: min(ROWS, ELEMENTS // max(flat.shape[1], 1))]
    return flat[:, :: math.ceil(flat.shape[1] / FEATURES) | 1] if flat.shape[1] > FEATURES else flat


def occurring(rows: np.ndarray) -> np.ndarray:
    """How often each id occurs in each row [B, IDS] of ids [B, T]; those that agree modulo `IDS` count as one."""
    places = rows.astype(np.int64) % IDS + IDS * np.arange(len(rows))[:, None]
    return np.bincount(places.reshape(-1), minlength=IDS * len(rows)).astype(np.float32).reshape(len(rows), IDS)


def correlated(sums: Sums) -> np.ndarray:
    """Correlations of inputs with targets [F, K]; 0 where one of the two does not vary."""
    n = sums.count
    x, y = sums.inputs / n, sums.targets / n
    return scaled(sums.products / n - np.outer(x, y), sums.input_squares / n - x * x, sums.target_squares / n - y * y)


def scaled(together: np.ndarray, first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Covariances over the roots of both variances; 0 where one is not above what rounding leaves."""
    with np.errstate(all="ignore"):
        table = together / np.sqrt(np.outer(first, second))
    return np.where(np.isfinite(table) & (np.abs(table) <= 1.001), table, 0.0)


def compared(training: Association, rows: int, given: Association, given_rows: int) -> dict[str, float]:
    """How much of each set's table is no luck, how alike they are beyond that, and how strong training's is; `rows`: different ones in each.

    `association_trained` and `association_given`: 0..1, 0 where it may be luck. `association`: 1 where the sets are alike, 0 where they have
    nothing in common, and only where both can be told. `association_strength`: the slope of training's table on the other's, where
    that can be told: 1 where the sets are alike, 1 - p where a share p of training's targets belongs to other inputs.
    """
    ours, theirs = training.tables(), given.tables()
    if ours is None or theirs is None or ours[2].shape != theirs[2].shape or training.ids != given.ids:
        return {}
    trained, told = surely(*ours, rows), surely(*theirs, given_rows)
    found = {"association_trained": trained, "association_given": told}
    together = cosine(ours[2], theirs[2])
    if min(trained, told) > 0:
        found["association"] = together / math.sqrt(trained * told)
    if told > 0:
        found["association_strength"] = together * float(np.linalg.norm(ours[2]) / np.linalg.norm(theirs[2])) / told
    return found


def surely(first: np.ndarray, second: np.ndarray, _: np.ndarray, within: float, rows: int) -> float:
    """Reliability of a table from its halves over so many rows in all; 0 where their agreement may be luck."""
    half = cosine(first, second)
    errors = rows / 2 * float((first * second).sum()) / within if within > 0 else 0.0
    return 2 * half / (1 + half) if half > 0 and errors >= ERRORS else 0.0


def cosine(a: np.ndarray, b: np.ndarray) -> float:
    """Of two tables; 0 where one is empty."""
    size = math.sqrt(float(np.square(a).sum()) * float(np.square(b).sum()))
    return float((a * b).sum()) / size if size > 0 else 0.0
