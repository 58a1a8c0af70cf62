"""Which steps are sampled: within a share of the training's own time, measured.

The first `DENSE` steps are all sampled; after that a step is sampled when the time spent on watching so far is below the budget, and in any
case at steps that grow geometrically, so that a short run is not left without a look at its end. Samples come in pairs of neighbouring
steps, because some quantities (the agreement of successive gradients) need two.
"""

from __future__ import annotations

import math
from time import perf_counter

#: Steps sampled without a gap at the start; factor between steps that are sampled whatever the budget says. Our choice.
DENSE, GROWTH = 20, 1.4


class Budget:
    """Decides which steps are sampled. `share` of the training's own time; None = every step."""

    def __init__(self, share: float | None, dense: int = DENSE) -> None:
        self.share, self.dense = share, dense
        self.started: float | None = None
        # 0: the first step alone, which tells what the numbers of a validation mean; rules need more.
        self.next_forced = float(dense) if dense else float("inf")
        self.second_of_pair = False
        self.cost = 0.0
        #: Until then (`perf_counter`) the budget allows no sample but the forced ones, whatever is spent in between.
        self.no_room_until = -math.inf

    def wants(self, step: int, spent: float, cost: float | None) -> bool:
        """Is optimizer step `step` to be sampled? `spent`: seconds taken so far; `cost`: of the sample that just ended, if there was one."""
        now = perf_counter()
        if self.started is None:
            self.started = now - spent
        if cost is not None:
            self.cost = cost if not self.cost else 0.7 * self.cost + 0.3 * cost
        if self.share is None or step < self.dense:
            return True
        if self.second_of_pair:
            self.second_of_pair = False
            return True
        own = now - self.started - spent
        forced = step >= self.next_forced
        if forced:
            self.next_forced = max(self.next_forced * GROWTH, step + 1)
        wanted = spent + 2 * self.cost
        self.second_of_pair = forced or wanted <= self.share * own
        if not self.second_of_pair:
            self.no_room_until = self.started + spent + wanted / self.share if self.share else math.inf
        return self.second_of_pair

    def overhead(self, spent: float) -> float:
        """Measured share of the time that watching took."""
        if self.started is None:
            return 0.0
        total = perf_counter() - self.started
        return spent / max(total - spent, 1e-9)
