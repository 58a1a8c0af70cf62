"""Steps that a script takes itself, without an optimizer of PyTorch's: `w -= lr * w.grad`, or new tensors `w = w - lr * g`.

Such a step lies somewhere between one backward pass and the next. What the parameters are is held after a sampled backward pass (strided
copies, no reference), and compared with what they are when the next one begins: what changed them, and whether their gradients were
cleared. The parameters are the leaves of the graph that a step changes; where they are new tensors at every step, the leaf at the same
place in the graph that moved along the gradient, or by little.
"""

from __future__ import annotations

import weakref
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from unstuck.attach.descent import Descent, fit
from unstuck.attach.excerpts import elements, landed, row_of
from unstuck.attach.places import PlaceBook
from unstuck.records import Place
from unstuck.training import Parameters

#: A leaf that takes another's place is the same parameter where it differs by less than this share of it, or moved along the gradient
#: (cosine). Our choice: another batch in the same place differs by about 1.4 times its size, at right angles to the gradient.
MOVED, ALONG = 0.5, 0.9
#: Steps that have to agree before a rate or momentum is believed, by how much (relative), and steps that are kept.
AGREEING, AGREEMENT, KEPT = 3, 0.1, 64
#: A leaf that has a gradient and stays as it is in so many steps that change others is no parameter (inputs whose gradient is asked for).
STILL = 3


@dataclass
class Held:
    """Parameters as a backward pass left them."""

    step: int
    references: list[weakref.ref[torch.Tensor]]
    places: list[Place]
    counts: list[int]
    before: np.ndarray
    gradient: np.ndarray

    def part(self, row: np.ndarray, i: int) -> np.ndarray:
        """The elements of one parameter."""
        start = sum(self.counts[:i])
        return row[start : start + self.counts[i]]


@dataclass
class Step:
    """What the script made of its parameters."""

    step: int
    parameters: Parameters
    #: See `Facts`: the learning rate, where it is known.
    lr: float | None
    #: Norm of the gradients that are still there although the parameters were changed by them; None = no parameter was changed, or it is
    #: not known because something altered the gradients.
    leftover: float | None


class ByHand:
    """Follows the parameters of a script without an optimizer."""

    def __init__(self, book: PlaceBook) -> None:
        self._book = book
        self.held: Held | None = None
        #: Leaves by the place that they have in the graph, from the last walk.
        self.leaves: list[weakref.ref[torch.Tensor]] = []
        #: Names of the parameters that were seen at two steps -> how many updates of others each has missed.
        self.steady: dict[str, int] = {}
        self.fits: list[Descent] = []
        #: Steps that changed a parameter.
        self.updates = 0
        #: The last change [N], and the last step of which we know what it changed.
        self._last: np.ndarray | None = None
        self._through = -1

    # ------------------------------------------------------------------------------------------------ which leaves

    def see(self, leaves: Sequence[torch.Tensor]) -> Step | None:
        """The leaves of a sampled graph, in its order; returns the step that made new ones of the old, where it did."""
        step = self._reborn(leaves) if self.held is not None else None
        self.held = None
        before = {id(t) for r in self.leaves if (t := r()) is not None}
        again = [t for t in leaves if id(t) in before]
        self._book.name_parameters(again if self.leaves else leaves)
        for place in self._book.parameter_places(again):
            self.steady.setdefault(place.name, 0)
        self.leaves = [weakref.ref(t) for t in leaves]
        return step

    def _reborn(self, leaves: Sequence[torch.Tensor]) -> Step | None:
        held = self.held
        assert held is not None
        old = {id(t) for r in self.leaves if (t := r()) is not None}
        if not len(leaves) == len(self.leaves) == len(held.places) or any(id(t) in old for t in leaves):
            return None
        if [tuple(t.shape) for t in leaves] != [p.shape for p in held.places]:
            return None
        after = landed([row_of(list(leaves))])[0]
        moved = [i for i in range(len(leaves)) if self._moved(held, after, i)]
        for i in moved:
            self._book.variables.pass_on(held.places[i].name, leaves[i])
            self.steady.setdefault(held.places[i].name, 0)
        return self._judge(held, after, moved, [])

    @staticmethod
    def _moved(held: Held, after: np.ndarray, i: int) -> bool:
        before, gradient = held.part(held.before, i).astype(np.float64), held.part(held.gradient, i).astype(np.float64)
        update = held.part(after, i) - before
        size = float(np.linalg.norm(update))
        along = -float(update @ gradient) / max(size * float(np.linalg.norm(gradient)), 1e-300)
        return 0 < size <= MOVED * float(np.linalg.norm(before)) or along >= ALONG

    # ------------------------------------------------------------------------------------------------ before and after

    def hold(self, step: int, parameters: Sequence[torch.Tensor], gradients: Sequence[torch.Tensor], places: Sequence[Place] = ()) -> None:
        """A sampled backward pass is over."""
        if not parameters:
            return
        places = places or self._book.parameter_places(parameters)
        before, gradient = landed([row_of(parameters), row_of(gradients)])
        self.held = Held(step, [weakref.ref(p) for p in parameters], list(places), list(elements(parameters)), before, gradient)

    def arrive(self, current: Sequence[torch.Tensor] | None = None) -> Step | None:
        """The next backward pass is about to begin; returns what became of the parameters in between, where any of them was changed.

        `current`: the parameters now, where they are known; otherwise those that were held, as far as they are alive.
        """
        held = self.held
        if held is None:
            return None
        tensors: list[torch.Tensor | None] = list(current) if current is not None else [r() for r in held.references]
        if len(tensors) != len(held.places):
            self.held = None
            return None
        alive = [(i, t) for i, t in enumerate(tensors) if t is not None and tuple(t.shape) == held.places[i].shape]
        if not alive:
            return None
        parts = dict(zip((i for i, _ in alive), landed([row_of([t]) for _, t in alive]), strict=True))
        after = np.concatenate([parts.get(i, held.part(held.before, i)) for i in range(len(tensors))])
        changed = [i for i, _ in alive if not np.array_equal(parts[i], held.part(held.before, i), equal_nan=True)]
        if not changed:
            self._through = held.step
            return None  # still held: the step may have made new tensors
        self.held = None
        left = [] if current is not None else [(i, t.grad) for i, t in alive if i in changed and t.grad is not None]
        return self._judge(held, after, changed, left)

    def _judge(self, held: Held, after: np.ndarray, changed: list[int], left: list[tuple[int, torch.Tensor]]) -> Step | None:
        if not changed:
            return None
        for i, place in enumerate(held.places):
            if place.name in self.steady:  # what has no gradient is rightly left where it is
                still = i not in changed and held.part(held.gradient, i).any()
                self.steady[place.name] = self.steady[place.name] + 1 if still else 0
        self.updates += 1
        rows = np.repeat([i in changed for i in range(len(held.places))], held.counts)
        update = after - held.before
        gapless = self._through == held.step - 1 and self._last is not None and len(self._last) == len(update)
        last, self._last, self._through = (self._last if gapless else None), update, held.step
        found = fit(update[rows], held.gradient[rows], held.before[rows], None if last is None else last[rows])
        lr = None
        if found is not None:
            earlier = self.fits[-1].lr if self.fits else None
            lr = found.lr if earlier is not None and abs(found.lr - earlier) <= AGREEMENT * earlier else None
            if last is not None and len(self.fits) < KEPT:
                self.fits.append(found)
        where = [held.places[i] for i in changed]
        nothing = np.empty(0, np.float32)
        parameters = Parameters(tuple(where), [], [], nothing, nothing, held.before[rows], after[rows], [held.counts[i] for i in changed])
        return Step(held.step, parameters, lr, self._leftover(held, changed, left))

    @staticmethod
    def _leftover(held: Held, changed: list[int], left: list[tuple[int, torch.Tensor]]) -> float | None:
        """Cleared gradients are None or zero; one that was altered in between (scaled, to serve as a momentum) tells nothing."""
        squares = 0.0
        rows = landed([row_of([gradient]) for _, gradient in left])
        for (i, _), row in zip(left, rows, strict=True):
            if np.array_equal(row, held.part(held.gradient, i)):
                squares += float(np.square(row, dtype=np.float64).sum())
            elif row.any():
                return None
        return float(np.sqrt(squares))

    # ------------------------------------------------------------------------------------------------ what is known

    def learning(self) -> list[torch.Tensor]:
        """Leaves that were seen at two steps, and change when others do."""
        alive = [t for r in self.leaves if (t := r()) is not None]
        places = self._book.parameter_places(alive)
        return [t for t, place in zip(alive, places, strict=True) if self.steady.get(place.name, STILL) < STILL]

    def settings(self) -> dict[str, float] | None:
        """lr, momentum, weight_decay of the steps, as an optimizer of PyTorch's would be given them; None where they are not known."""
        if len(self.fits) < AGREEING:
            return None
        lr, momentum, decay = (float(np.median([getattr(f, n) for f in self.fits])) for n in ("lr", "momentum", "weight_decay"))
        first = float(np.median([f.lr for f in self.fits[:AGREEING]]))
        agree = sum(abs(f.momentum - momentum) <= 0.01 + AGREEMENT * momentum for f in self.fits)
        if 2 * agree < len(self.fits) or 2 * len(self.fits) < min(self.updates, KEPT) - 1:
            return None
        return {"lr": first or lr, "momentum": momentum, "weight_decay": decay}
