"""Accuracy or R2 recomputed from outputs and targets: the yardsticks that no remedy can bend."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch

#: Classes that are counted one by one.
CLASSES = 64


#: Losses whose outputs are not answers that could be compared with the targets.
UNSCORED = ("poisson-nll", "gaussian-nll", "kl-div")


@dataclass
class Score:
    """Sums over the batches of one phase. Tensors stay on their device until `values` reads them."""

    kind: str = ""
    count: int = 0
    loss_count: int = 0
    batches: int = 0
    sums: dict[str, torch.Tensor] = field(default_factory=dict)

    def _add(self, name: str, value: torch.Tensor) -> None:
        value = value.detach().double()
        self.sums[name] = self.sums[name] + value if name in self.sums else value

    def add(self, outputs: torch.Tensor, targets: torch.Tensor, loss_kind: str = "") -> None:
        """Count one batch in. Shapes: classes [B, C, ...] against [B, ...]; otherwise equal numbers of elements."""
        outputs, targets = outputs.detach(), targets.detach()
        if not outputs.is_floating_point() or not targets.numel():
            return
        if loss_kind in UNSCORED:  # outputs are parameters of a distribution, not answers
            return
        hits = right_answers(outputs, targets, loss_kind)
        if hits is not None:
            self.kind = "accuracy"
            self._add("right", hits.sum())
            self.count += hits.numel()
            self._add_classes(hits, targets)
        elif targets.is_floating_point() and outputs.numel() == targets.numel():
            self.kind = "r2"
            if loss_kind == "bce-with-logits":
                outputs = outputs.sigmoid()
            difference = outputs.double().reshape(-1) - targets.double().reshape(-1)
            self._add("squares", (difference * difference).sum())
            self._add("targets", targets.double().sum())
            self._add("target_squares", (targets.double() ** 2).sum())
            self.count += targets.numel()

    def _add_classes(self, hits: torch.Tensor, targets: torch.Tensor) -> None:
        """Right answers by class, for up to `CLASSES` classes; 0/1 targets of a single output are two."""
        if targets.is_floating_point() and targets.numel() != targets.shape[0]:
            return
        classes = targets.reshape(-1).long()
        classes, hits = classes[classes >= 0], hits.reshape(-1)
        if classes.numel() == hits.numel() and classes.numel() and int(classes.max()) < CLASSES:
            self._add("class_count", torch.bincount(classes, minlength=CLASSES))
            self._add("class_right", torch.bincount(classes[hits], minlength=CLASSES))

    def by_class(self) -> tuple[list[int], list[float], list[float]]:
        """The classes that occurred, their shares, and the share of each that was answered rightly."""
        if "class_count" not in self.sums:
            return [], [], []
        counts, rights = self.sums["class_count"].tolist(), self.sums["class_right"].tolist()
        present = [i for i, n in enumerate(counts) if n]
        total = sum(counts)
        return present, [counts[i] / total for i in present], [rights[i] / counts[i] for i in present]

    def add_loss(self, loss: torch.Tensor, weight: int) -> None:
        """Count one batch's mean loss in."""
        if loss.numel() == 1:
            self._add("loss", loss.detach() * weight)
            self.loss_count += weight
            self.batches += 1

    def values(self) -> dict[str, float]:
        """ "accuracy" (0..1) or "r2" (1 = perfect, 0 = as good as the mean), and "loss" (mean per batch)."""
        found: dict[str, float] = {}
        if self.loss_count:
            found["loss"] = float(self.sums["loss"]) / self.loss_count
        if self.count and "right" in self.sums:
            found["accuracy"] = float(self.sums["right"]) / self.count
        elif self.count:
            sums = self.sums
            value = explained(float(sums["squares"]), float(sums["targets"]), float(sums["target_squares"]), self.count)
            if value is not None:
                found["r2"] = value
        return found


def explained(squares: float, total: float, total_of_squares: float, count: int) -> float | None:
    """R2 from sums over `count` targets: of the squared errors, of the targets, and of their squares; None where the targets do not vary."""
    variance = total_of_squares / count - (total / count) ** 2
    return 1.0 - squares / count / variance if variance > 1e-12 else None


def is_real(array: Any) -> bool:
    """Floating point; of a tensor or a numpy array."""
    return array.is_floating_point() if isinstance(array, torch.Tensor) else array.dtype.kind == "f"


def right_answers(outputs: Any, targets: Any, loss_kind: str) -> Any:
    """Which samples were answered rightly; None for a regression. Tensors or numpy arrays: what is used here they both have.

    Integer targets: the largest output along the class dimension. One-hot targets: the same. Targets of 0 and 1: the side of 0.5
    (of 0 where the loss takes logits). Targets below 0 (`ignore_index`) are left out.
    """
    shape, wanted_shape = tuple(outputs.shape), tuple(targets.shape)
    count, wanted_count = math.prod(shape), math.prod(wanted_shape)
    classes = not is_real(targets) and str(targets.dtype).removeprefix("torch.") != "bool"
    if classes and len(shape) == len(wanted_shape) + 1 and len(shape) >= 2 and count > wanted_count:
        first = shape[:1] + shape[2:] == wanted_shape and (len(shape) == 2 or loss_kind in ("cross-entropy", "nll"))
        return (outputs.argmax(1 if first else -1) == targets)[targets >= 0]
    if count != wanted_count:
        return None
    flat, wanted = outputs.reshape(wanted_shape), targets
    ones = wanted == 1
    if not bool(((wanted == 0) | ones).all()):
        return None
    if len(wanted_shape) == 2 and wanted_shape[1] > 1 and bool((ones.sum(1) == 1).all()):
        return flat.argmax(1) == ones.argmax(1) if isinstance(ones, np.ndarray) else flat.argmax(1) == ones.int().argmax(1)
    if loss_kind in ("mse", "l1", "smooth-l1", "huber") and bool((ones == ones.reshape(-1)[0]).all()):
        return None
    limit = 0.0 if loss_kind == "bce-with-logits" else 0.5
    return (flat > limit) == ones
