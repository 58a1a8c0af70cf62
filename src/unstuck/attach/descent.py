"""What kind of step changed the weights, told from the numbers: plain gradient descent, momentum, weight decay. Arithmetic only.

SGD of PyTorch's form makes u[t] = m u[t-1] - lr g[t] - lr d w[t] of the gradient g, the weights w and the last step u[t-1], whichever way its
velocity is written (with a dampening or a friction, lr is what the gradient is multiplied by in the end). Where the numbers obey that up
to rounding, lr, m and d are known; where they do not (Adam, a Nesterov step), nothing is said.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

#: What may be left of a step that a recursion explains, as a share of it. Our choice: 100 times what float32 leaves of a product.
RESIDUAL = 1e-3
#: Rounding of a float32 weight, relative.
EPSILON = float(np.finfo(np.float32).eps)


@dataclass(frozen=True)
class Descent:
    """Coefficients of one step: learning rate, momentum, weight decay (as `torch.optim.SGD` counts it)."""

    lr: float
    momentum: float = 0.0
    weight_decay: float = 0.0


def fit(update: np.ndarray, gradient: np.ndarray, before: np.ndarray, previous: np.ndarray | None) -> Descent | None:
    """The simplest descent that explains a step [N] by the gradient [N], the last step [N] (None = not known), and the weights before [N].

    None where none does, where the step is too small against the rounding of the weights, and where the elements are too few to tell.
    """
    u, g, w = (row.astype(np.float64) for row in (update, gradient, before))
    size, noise = float(np.linalg.norm(u)), EPSILON * float(np.linalg.norm(w))
    if not (np.isfinite(size) and np.isfinite(g).all() and size > 0 and noise < 0.01 * size):
        return None
    allowed = RESIDUAL * size + noise
    p = np.zeros_like(u) if previous is None else previous.astype(np.float64)
    for columns, place in (((g,), ()), ((g, p), (1,)), ((g, w), (2,)), ((g, p, w), (1, 2))):
        if len(u) <= len(columns) + 1 or any(not c.any() for c in columns):
            continue
        found = _least_squares(u, columns, allowed)
        if found is None or not found[0] < 0:
            continue
        terms = dict(zip(place, found[1:], strict=True))
        momentum, decay = terms.get(1, 0.0), terms.get(2, 0.0) / found[0]
        if 0 <= momentum < 1.5 and decay >= 0:
            return Descent(-found[0], momentum, decay)
    return None


def _least_squares(wanted: np.ndarray, columns: tuple[np.ndarray, ...], allowed: float) -> list[float] | None:
    """Coefficients of the columns whose sum is `wanted` up to `allowed` (norm of what is left); None where there are none, or no single ones."""
    scales = [float(np.linalg.norm(c)) for c in columns]
    table = np.stack([c / s for c, s in zip(columns, scales, strict=True)], 1)
    found, _, rank, _ = np.linalg.lstsq(table, wanted, rcond=1e-4)
    if rank < len(columns) or not float(np.linalg.norm(wanted - table @ found)) <= allowed:
        return None
    return [float(c) / s for c, s in zip(found, scales, strict=True)]
