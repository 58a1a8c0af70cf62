"""Intervals and exact tests of paired differences and of two rows of values; arithmetic only."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

#: Up to this many pairs all patterns of signs are counted (65 536); beyond it, the t interval is known to be good enough.
EXACT_UP_TO = 16
#: Fewest distinct values in each arm for the test of ranks. Our choice.
DISTINCT = 3
#: Relative size below which two differences are the same number written twice.
SAME = 1e-9


def interval_of(differences: Sequence[float], *, level: float, floor: float = 0.0) -> tuple[float, float] | None:
    """Student's t interval of the mean; None for fewer than two differences."""
    from scipy import special

    n = len(differences)
    if n < 2:
        return None
    mean = math.fsum(differences) / n
    spread = math.sqrt(math.fsum((d - mean) ** 2 for d in differences) / (n - 1))
    half = float(special.stdtrit(n - 1, (1 + level) / 2)) * max(spread, floor) / math.sqrt(n)
    return mean - half, mean + half


def sign_flip_share(differences: Sequence[float]) -> float:
    """Two-sided share of sign patterns whose mean is at least as far from 0 on the side of this one: the exact p-value.

    Flipping the signs of a subset lowers the sum by twice the subset's sum, so the patterns to count are the subsets with a sum <= 0.
    """
    import numpy as np

    mean = math.fsum(differences)
    towards = sorted(differences) if mean >= 0 else sorted(-d for d in differences)
    sums = np.zeros(1)
    for d in towards:
        sums = np.concatenate([sums, sums + d])  # [2 ** pairs]
    return min(1.0, 2 * float(np.mean(sums <= SAME * max(abs(d) for d in towards))))


def rank_interval(control: Sequence[float], treated: Sequence[float], alpha: float) -> tuple[float, float] | None:
    """Hodges and Lehmann's interval of the shift from control to treated, at level 1 - `alpha`, by the exact distribution of Mann and Whitney's U;
    None where so few values have none, or hardly differ between seeds.
    """
    n = len(control)
    if n != len(treated) or n > EXACT_UP_TO or min(len(_distinct(control)), len(_distinct(treated))) < DISTINCT:
        return None
    patterns, total, reached, cut = _rank_patterns(n), math.comb(2 * n, n), 0, 0
    while reached + patterns[cut] <= alpha / 2 * total:
        reached += patterns[cut]
        cut += 1
    if not cut:
        return None
    shifts = sorted(b - a for a in control for b in treated)
    return shifts[cut - 1], shifts[-cut]


def _distinct(values: Sequence[float]) -> list[float]:
    """Values that are not the same number written twice."""
    ordered, scale = sorted(values), max((abs(v) for v in values), default=0.0)
    return [b for a, b in pairwise([-math.inf, *ordered]) if b - a > SAME * scale]


def _rank_patterns(n: int) -> list[int]:
    """In how many of the orders of n and n values U is 0, 1, ...: coefficients of the Gaussian binomial of 2 n over n."""
    found = [1] + [0] * (n * n)
    for k in range(1, n + 1):
        for u in range(n * n, n + k - 1, -1):
            found[u] -= found[u - n - k]
        for u in range(k, n * n + 1):
            found[u] += found[u - k]
    return found


def tail(n: int, k: int, p: float) -> float:
    """P(at least k of n) for independent events of chance p."""
    return math.fsum(math.comb(n, i) * p**i * (1 - p) ** (n - i) for i in range(k, n + 1))
