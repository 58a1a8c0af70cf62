"""What a sampled step makes of the parameters: their gradients, and the parameters before and after the optimizers' steps."""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterator, Sequence

import numpy as np
import torch
from torch.optim import Optimizer

from unstuck.attach.changes import Alterations, Fingerprints
from unstuck.attach.excerpts import GRADIENT_ELEMENTS, Excerpt, elements, joined, landed, number, row_of
from unstuck.attach.models import Models
from unstuck.attach.ownership import Ownership
from unstuck.attach.places import PlaceBook
from unstuck.records import Place
from unstuck.training import Parameters, Sample


class Updates:
    """Collects at the optimizers' steps; for a script that has none, from the gradients that it asked for."""

    def __init__(self, models: Models, ownership: Ownership, book: PlaceBook) -> None:
        self._models, self._ownership, self._book = models, ownership, book
        self.fingerprints = Fingerprints()
        self._alterations = Alterations()
        #: Names of the parameters that have had a gradient in a sampled step.
        self.gradients_seen: set[str] = set()
        self.forget()

    def forget(self) -> None:
        """Forget the step."""
        #: Norms of gradients that earlier steps left behind.
        self.left: list[torch.Tensor | float] = []
        #: By the id of the optimizer.
        self._before: dict[int, Excerpt] = {}
        #: By the id of the optimizer (0: none): rows before and after, parameters, their gradients, their places.
        self._stepped: dict[int, tuple[Excerpt, Excerpt, list[torch.Tensor], list[torch.Tensor | None], list[Place]]] = {}
        self._value_clipped: tuple[float, float] | None = None

    def take_fingerprints(self, parameters: Sequence[torch.Tensor] = ()) -> None:
        """Once, before the first step: of all parameters of the models, the frozen ones too."""
        self.fingerprints.take([*parameters, *self._models.parameters()])

    def after_backward(self) -> None:
        """The outermost backward pass is over."""
        for optimizer in self._ownership.live():
            self._alterations.after_backward(optimizer, self._ownership.of(optimizer)[0])

    def clipping_values(self, parameters: Sequence[torch.Tensor], limit: float) -> None:
        """`clip_grad_value_` is about to be called in a sampled step."""
        gradients = [p.grad for p in parameters if p.grad is not None and not p.grad.is_sparse]
        if gradients and limit > 0:
            row = landed([row_of(gradients, GRADIENT_ELEMENTS)])[0]
            beyond = np.count_nonzero(np.abs(row) > limit) / row.size
            self._value_clipped = (beyond, math.sqrt(float(np.square(row, dtype=np.float64).mean())) / limit)

    def before_step(self, optimizer: Optimizer, scale: float | torch.Tensor) -> None:
        """An optimizer is about to step in a sampled step; the loss was multiplied by `scale`."""
        key, ownership = id(optimizer), self._ownership
        parameters, _ = ownership.of(optimizer)
        divided = 1.0 if isinstance(getattr(optimizer, "grad_scale", None), torch.Tensor) else scale  # fused: in its kernel
        self._alterations.before_step(optimizer, parameters, divided)
        if ownership.renew(optimizer, parameters):
            self.take_fingerprints(parameters)
        self._before[key] = row_of(parameters)
        cleared = ownership.cleared.get(key)
        if cleared is not None:
            self.left.append(0.0 if cleared else ownership.leftover.get(key, 0.0))

    def after_step(self, optimizer: Optimizer) -> None:
        """It has stepped."""
        key = id(optimizer)
        if key in self._before:
            parameters, places = self._ownership.of(optimizer)
            gradients = [g if (g := p.grad) is not None and not g.is_sparse else None for p in parameters]
            self.gradients_seen.update(p.name for p, g in zip(places, gradients, strict=True) if g is not None)
            self._stepped[key] = (self._before[key], row_of(parameters), parameters, gradients, places)
        self._ownership.cleared[key] = False
        self._ownership.leftover.pop(key, None)

    def take(self, found: list[tuple[torch.Tensor, torch.Tensor]], places: list[Place] | None = None) -> None:
        """Parameters with their gradients, of a script without an optimizer; what becomes of them is not known yet."""
        if found:
            nothing, parameters = row_of([]), [p for p, _ in found]
            places = places or self._book.parameter_places(parameters)
            self.gradients_seen.update(place.name for place in places)
            self._stepped[0] = (nothing, nothing, parameters, [g for _, g in found], places)

    # ------------------------------------------------------------------------------------------------ the sample

    def optimizers(self) -> list[int]:
        """Indices of those that have stepped."""
        return [i for i, o in enumerate(self._ownership.optimizers) if id(o()) in self._stepped]

    def rows(self) -> list[Excerpt]:
        """Excerpts that `give` wants on the host, in this order."""
        stepped = self._stepped.values()
        gradients = [g for *_, found, _ in stepped for g in found if g is not None]
        return [*(row for before, after, *_ in stepped for row in (before, after)), row_of(gradients)]

    def tensors(self) -> list[torch.Tensor | None]:
        """Parameters and their gradients, whose norms `give` wants."""
        return [t for _, _, held, found, _ in self._stepped.values() for t in (*held, *found)]

    def give(self, sample: Sample, rows: Iterator[np.ndarray], norms: np.ndarray) -> None:
        """Put it all into the sample."""
        at, parameters = 0, []
        for before, _, held, found, places in self._stepped.values():
            count = len(held)
            counts = elements(held) if len(before) else array("q", bytes(8 * count))
            own = norms[at : at + count], norms[at + count : at + 2 * count]
            parameters.append(Parameters(tuple(places), held, found, *own, next(rows), next(rows), counts))
            at += 2 * count
        sample.parameters = joined(parameters)
        row = next(rows)
        sample.gradient_row = row if any(g is not None for p in parameters for g in p.gradients) else None
        if self.left:
            sample.leftover = max(number(norm) or 0.0 for norm in self.left)
        sample.value_clipped = self._value_clipped
        sample.kept = self._alterations.end_step()
