"""Accuracy or R2 recomputed from outputs and targets: the yardsticks that no remedy can bend."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch

from unstuck.attach.windows import window

#: Classes that are counted one by one.
CLASSES = 64


#: Variance over mean square, of what rounding to float32 leaves of numbers that are all alike.
ROUNDING = 1e-12

#: Losses whose outputs are not answers that could be compared with the targets.
UNSCORED = ("poisson-nll", "gaussian-nll", "kl-div")


@dataclass
class Score:
    """Sums over the batches of one phase. Tensors stay on their device until `values` reads them."""

    kind: str = ""
    #: 0/1 targets of several outputs (tags, pixels) are two classes, too.
    pooled: bool = False
    #: Answers that were right or wrong, and real ones: a net with two heads may have both in one phase.
    judged: int = 0
    measured: int = 0
    loss_count: int = 0
    batches: int = 0
    sums: dict[str, Any] = field(default_factory=dict)

    def _add(self, name: str, value: Any) -> None:
        if isinstance(value, torch.Tensor):
            value = value.detach().double()
        self.sums[name] = self.sums[name] + value if name in self.sums else value

    def add(self, outputs: torch.Tensor, targets: torch.Tensor, loss_kind: str = "") -> None:
        """Count one batch in. Shapes: classes [B, C, ...] against [B, ...]; otherwise equal numbers of elements."""
        if not outputs.is_floating_point() or not targets.numel() or loss_kind in UNSCORED:
            return
        given: Any = window(outputs)
        wanted: Any = window(targets)
        if given is None or wanted is None:
            given, wanted = outputs.detach(), targets.detach()
        answered = answers_beside(given, wanted, loss_kind)
        if answered is not None:
            hits = answered[0] == answered[1]
            self.kind = "accuracy"
            self._add("right", hits.sum())
            self.judged += math.prod(hits.shape)
            self._add_classes(answered[0], wanted)
        elif is_real(wanted) and outputs.numel() == targets.numel():
            self.kind = "r2"
            for name, value in zip(("squares", "targets", "target_squares"), square_sums(given, wanted, loss_kind), strict=True):
                if name in self.sums and self.sums[name].shape != value.shape:  # sequences of another length: columns mean nothing
                    self.sums[name], value = self.sums[name].sum(), value.sum()
                self._add(name, value)
            self.measured += targets.numel()

    def _add_classes(self, answers: Any, targets: Any) -> None:
        """Answers by class, for up to `CLASSES` classes of targets; 0/1 targets of a single output are two."""
        if is_real(targets) and math.prod(targets.shape) != targets.shape[0] and not self.pooled:
            return
        on_host = isinstance(targets, np.ndarray)
        classes, answers = ((t.reshape(-1).astype(np.int64) if on_host else t.reshape(-1).long()) for t in (targets, answers))
        classes = classes[classes >= 0]
        if len(classes) == len(answers) > 0 and int(classes.max()) < CLASSES:
            count = np.bincount if on_host else torch.bincount
            self._add("answers", count(answers.clip(max=CLASSES) * CLASSES + classes, minlength=(CLASSES + 1) * CLASSES))

    def _answers(self) -> np.ndarray | None:
        """How often each answer was given to each class [CLASSES + 1, CLASSES], the last row for all other answers; None where there are no classes."""
        return np.array(self.sums["answers"].tolist(), np.float64).reshape(CLASSES + 1, CLASSES) if "answers" in self.sums else None

    def by_class(self) -> tuple[list[int], list[float], list[float]]:
        """The classes that occurred, their shares, and the share of each that was answered rightly."""
        table = self._answers()
        if table is None:
            return [], [], []
        counts, rights = table.sum(0), table.diagonal()
        present = np.flatnonzero(counts)
        return present.tolist(), (counts[present] / counts.sum()).tolist(), (rights[present] / counts[present]).tolist()

    def renamed(self) -> float | None:
        """Accuracy, were every answer read as the class that it is given to most often; None where two answers would be read alike, or none otherwise."""
        table = self._answers()
        if table is None:
            return None
        given = np.flatnonzero(table.sum(1))
        meant = table[given].argmax(1)
        if len(set(meant.tolist())) < len(meant) or (meant == given).all():
            return None
        return float(table[given].max(1).sum()) / self.judged

    def target_moments(self) -> dict[str, float]:
        """Mean and standard deviation of the targets of a regression; empty where there is none."""
        if self.judged or not self.measured:
            return {}
        total, squares = (float(np.array(self.sums[k].tolist(), np.float64).sum()) for k in ("targets", "target_squares"))
        mean = total / self.measured
        return {"target_mean": mean, "target_std": math.sqrt(max(squares / self.measured - mean * mean, 0.0))}

    def add_loss(self, loss: torch.Tensor, weight: int) -> None:
        """Count one batch's mean loss in."""
        if loss.numel() == 1:
            self._add("loss", loss.detach() * weight)
            self.loss_count += weight
            self.batches += 1

    def recall(self) -> float | None:
        """Mean over the classes that occurred of the share answered rightly (balanced accuracy); None where there are no classes."""
        recalls = self.by_class()[2]
        return math.fsum(recalls) / len(recalls) if recalls else None

    def values(self) -> dict[str, float]:
        """ "accuracy" (0..1) or "r2" (1 = perfect, 0 = as good as the mean), and "loss" (mean per batch)."""
        found: dict[str, float] = {}
        if self.loss_count:
            found["loss"] = float(self.sums["loss"]) / self.loss_count
        if self.judged:
            found["accuracy"] = float(self.sums["right"]) / self.judged
        elif self.measured:
            sums = self.sums
            value = explained(sums["squares"], sums["targets"], sums["target_squares"], self.measured)
            if value is not None:
                found["r2"] = value
        return found


def square_sums(given: Any, wanted: Any, loss_kind: str) -> tuple[Any, Any, Any]:
    """Of the squared errors [], of the targets, and of their squares, both [] or, for targets [N, K], of each column [K]; in float64.

    Tensors or numpy arrays with equal numbers of elements.
    """
    columns = wanted.shape[1] if len(wanted.shape) == 2 and wanted.shape[0] > 1 else 1
    if isinstance(given, np.ndarray):
        given, wanted = given.reshape(-1).astype(np.float64), wanted.reshape(-1).astype(np.float64)
        given = 1 / (1 + np.exp(-given)) if loss_kind == "bce-with-logits" else given
    else:
        given, wanted = given.reshape(-1).double(), wanted.reshape(-1).double()
        given = given.sigmoid() if loss_kind == "bce-with-logits" else given
    difference = given - wanted
    if columns == 1:
        return difference @ difference, wanted.sum(), wanted @ wanted
    wanted = wanted.reshape(-1, columns)
    return difference @ difference, wanted.sum(0), (wanted * wanted).sum(0)


def explained(squares: Any, totals: Any, totals_of_squares: Any, count: int) -> float | None:
    """R2 from `square_sums` over `count` targets; None where the targets do not vary.

    Targets with several columns are compared with the mean of each: knowing that one quantity is larger than another explains nothing.
    """
    sums = (squares, totals, totals_of_squares)
    squares, totals, of_squares = (np.array(v.tolist(), np.float64).reshape(-1) for v in sums)
    rows = count / totals.size
    square = of_squares / rows
    variance = float(np.maximum(square - np.square(totals / rows), 0).mean())
    # Targets that are all alike have no variance but what rounding leaves.
    return 1.0 - float(squares[0]) / count / variance if variance > ROUNDING * float(square.mean()) else None


def is_real(array: Any) -> bool:
    """Floating point; of a tensor or a numpy array."""
    return array.is_floating_point() if isinstance(array, torch.Tensor) else array.dtype.kind == "f"


def right_answers(outputs: Any, targets: Any, loss_kind: str) -> Any:
    """Which samples were answered rightly; None for a regression (see `answers_beside`)."""
    answered = answers_beside(outputs, targets, loss_kind)
    return None if answered is None else answered[0] == answered[1]


def answers_beside(outputs: Any, targets: Any, loss_kind: str) -> tuple[Any, Any] | None:
    """The classes that the outputs name, and the right ones; None for a regression. Tensors or numpy arrays: what is used here they both have.

    Integer targets: the largest output along the class dimension. One-hot targets: the same. Targets of 0 and 1: the side of 0.5
    (of 0 where the loss takes logits). Targets below 0 (`ignore_index`) are left out.
    """
    shape, wanted_shape = tuple(outputs.shape), tuple(targets.shape)
    count, wanted_count = math.prod(shape), math.prod(wanted_shape)
    classes = (
        targets.dtype.kind not in "fb" if isinstance(targets, np.ndarray) else not is_real(targets) and targets.dtype is not torch.bool
    )
    if classes and len(shape) == len(wanted_shape) + 1 and len(shape) >= 2 and count > wanted_count:
        first = shape[:1] + shape[2:] == wanted_shape and (len(shape) == 2 or loss_kind in ("cross-entropy", "nll"))
        if not first and shape[:-1] != wanted_shape:  # not the targets of these outputs (a text that is made token by token)
            return None
        named = outputs.argmax(1 if first else -1)
        if isinstance(targets, np.ndarray) and targets.size and np.minimum.reduce(targets, None) >= 0:
            return named.reshape(-1), targets.reshape(-1)
        return named[targets >= 0], targets[targets >= 0]
    if count != wanted_count:
        return None
    flat, wanted = outputs.reshape(wanted_shape), targets
    ones = wanted == 1
    if not bool(((wanted == 0) | ones).all()):
        return None
    if len(wanted_shape) == 2 and wanted_shape[1] > 1 and bool((ones.sum(1) == 1).all()):
        return flat.argmax(1), ones.argmax(1) if isinstance(ones, np.ndarray) else ones.int().argmax(1)
    if loss_kind in ("mse", "l1", "smooth-l1", "huber") and bool((ones == ones.reshape(-1)[0]).all()):
        return None
    return flat > (0.0 if loss_kind == "bce-with-logits" else 0.5), ones
