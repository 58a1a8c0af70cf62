"""Arms of pairs -> the yardstick over the steps of both, aligned and thinned: what a page draws of a trial. Nothing is judged by it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from unstuck.arms.results import ArmResult
from unstuck.measures import Measure, seen
from unstuck.records import Curves

#: Points of a curve: as many as a small drawing shows. Our choice.
POINTS = 60
#: Fewer common points than this are no curve.
LEAST = 3


def paired(arms: Sequence[tuple[ArmResult, ArmResult]], measure: Measure, steps: int) -> Curves | None:
    """The curves of untouched and treated arms after `steps` steps; None below three steps at which both arms of a pair showed a number.

    Within a pair only common steps count. A pair that ends before the others keeps its place, with None from there on.
    """
    kept = []
    for control, treated in arms:
        if treated.remedy_errors:
            continue
        a, b = (dict(seen(arm, measure, steps)) for arm in (control, treated))
        common = sorted(a.keys() & b.keys())
        if len(common) >= LEAST:
            kept.append(({s: a[s] for s in common}, {s: b[s] for s in common}))
    grid = sorted({s for a, _ in kept for s in a})
    if sum(any(a.get(s) is not None and b.get(s) is not None for a, b in kept) for s in grid) < LEAST:
        return None
    chosen = blocks(len(grid)) if measure.noisy else [[i] for i in thinned(len(grid))]

    def rows(who: int) -> tuple[tuple[float | None, ...], ...]:
        return tuple(tuple(mean([pair[who].get(grid[i]) for i in block]) for block in chosen) for pair in kept)

    return Curves(
        steps=tuple(grid[block[-1]] for block in chosen), control=rows(0), treated=rows(1), averaged=max(len(block) for block in chosen)
    )


def thinned(length: int) -> list[int]:
    """Evenly spread places of at most POINTS out of so many, both ends among them."""
    if length <= POINTS:
        return list(range(length))
    return [round(i * (length - 1) / (POINTS - 1)) for i in range(POINTS)]


def blocks(length: int) -> list[list[int]]:
    """So many places in at most POINTS runs of nearly equal length."""
    count = min(POINTS, length)
    edges = [i * length // count for i in range(count + 1)]
    return [list(range(a, b)) for a, b in pairwise(edges)]


def mean(values: Sequence[float | None]) -> float | None:
    """Of all of them; None where one is missing."""
    good = [v for v in values if v is not None]
    return math.fsum(good) / len(good) if good and len(good) == len(values) else None
