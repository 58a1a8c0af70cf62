"""What the script does to parameters and gradients: did a parameter change at all, and were gradients altered before the step."""

from __future__ import annotations

import math
import weakref
from collections.abc import Iterable, Sequence

import numpy as np
import torch
from torch.optim import Optimizer

from unstuck.attach.excerpts import Excerpt, landed, row_of

#: Elements of one parameter that go into its fingerprint. All of nearly every parameter there is.
FINGERPRINT_ELEMENTS = 2**22
_INTEGERS = {1: torch.uint8, 2: torch.int16, 4: torch.int32, 8: torch.int64}


def fingerprint(t: torch.Tensor) -> torch.Tensor:
    """Sum of the bits, read as integers [], on the tensor's device: any change of a single element changes it, -0.0 and NaN included."""
    flat = torch.view_as_real(t.detach()).reshape(-1) if t.is_complex() else t.detach().reshape(-1)
    if flat.numel() > FINGERPRINT_ELEMENTS:
        flat = flat[:: math.ceil(flat.numel() / FINGERPRINT_ELEMENTS) | 1]
    return flat.contiguous().view(_INTEGERS[flat.element_size()]).sum(dtype=torch.int64)


class Fingerprints:
    """Fingerprints of parameters before their first step; keeps 8 bytes of each, and nothing alive."""

    def __init__(self) -> None:
        self._taken: dict[int, tuple[weakref.ref[torch.Tensor], torch.Tensor]] = {}

    def take(self, parameters: Iterable[torch.Tensor]) -> None:
        """Remember those that are not known yet."""
        for p in parameters:
            known = self._taken.get(id(p))
            if (known is None or known[0]() is not p) and not p.is_sparse and p.numel():
                self._taken[id(p)] = (weakref.ref(p), fingerprint(p))

    def changed(self, parameter: torch.Tensor) -> bool | None:
        """Is it other than it was; None where it was never seen before a step."""
        reference, old = self._taken.get(id(parameter), (None, None))
        if reference is None or old is None or reference() is not parameter:
            return None
        new = fingerprint(parameter)
        return bool(new != old.to(new.device))


class Alterations:
    """Gradients that something alters between the backward pass and the step: a clamp by hand, a clipping function, added noise.

    That they were is seen from the version counters of the gradients, which costs nothing. Only where it was are they copied in later
    samples, to tell by how much.
    """

    def __init__(self) -> None:
        self._versions: dict[int, tuple[int, int]] = {}
        self._rows: dict[int, Excerpt] = {}
        #: Ids of optimizers whose gradients are altered.
        self._altered: set[int] = set()
        #: Of this step: gradients after the backward pass, gradients at the step, and what they were divided by in between.
        self._pairs: list[tuple[Excerpt, Excerpt, float | torch.Tensor]] = []

    def after_backward(self, optimizer: Optimizer, parameters: Sequence[torch.Tensor]) -> None:
        """A sampled backward pass is over."""
        found = _dense_gradients(parameters)
        self._versions.update([(id(p), (id(g), g._version)) for p, g in found])
        if id(optimizer) in self._altered and found:
            self._rows[id(optimizer)] = row_of([g for _, g in found])

    def before_step(self, optimizer: Optimizer, parameters: Sequence[torch.Tensor], scale: float | torch.Tensor) -> None:
        """An optimizer is about to step in a sampled step; `scale` is what its gradients were divided by since."""
        found, versions = _dense_gradients(parameters), self._versions
        if any((known := versions.get(id(p))) is not None and known != (id(g), g._version) for p, g in found):
            self._altered.add(id(optimizer))
        before = self._rows.pop(id(optimizer), None)
        if before is not None and found:
            now = row_of([g for _, g in found])
            if now.shape == before.shape:
                self._pairs.append((before, now, scale))

    def end_step(self) -> float | None:
        """Norm of the gradients at the step over their norm after the backward pass; None = they are not altered. The step is forgotten."""
        pairs, self._pairs = self._pairs, []
        self._versions.clear()
        self._rows.clear()
        norms = [float(np.linalg.norm(row)) for row in landed([row for before, now, _ in pairs for row in (before, now)])]
        before = math.hypot(*(n / float(scale) for n, (*_, scale) in zip(norms[::2], pairs, strict=True)))
        return math.hypot(*norms[1::2]) / before if before > 0 else None


def _dense_gradients(parameters: Sequence[torch.Tensor]) -> list[tuple[torch.Tensor, torch.Tensor]]:
    return [(p, g) for p in parameters if (g := p.grad) is not None and not g.is_sparse]
