"""What a row of pairs may still come to: looked at between the pairs of a confirmation; arithmetic only."""

from __future__ import annotations

import math
from collections.abc import Sequence

from unstuck.intervals import SAME, interval_of, rank_interval
from unstuck.judgement import MIN_PAIRS, Comparison, by_interval


def hopeless(
    differences: Sequence[float], *, pairs: int, comparisons: int = 1, level: float = 0.95, margin: float = 0.0, doubt: float = 0.9,
    control: Sequence[float] = (), treated: Sequence[float] = (),
) -> bool:  # fmt: skip
    """A remedy that cannot come out as "helps" any more: no further pair is worth its cost. Differences are positive = better.

    Either the mean plus its one-sided `doubt` bound is still within the margin, or not even further pairs as good as the best one so far
    would do, nor, where the values of both arms are given (larger = better), ranks with further arms as far apart as any so far. Stopping for this can only turn a "helps" into an "unclear", so it costs nothing of the error rate.
    """
    seen = sorted(differences)
    if not seen:
        return False
    if len(seen) >= 2:
        bounds = interval_of(seen, level=2 * doubt - 1)
        if bounds is not None and bounds[1] <= margin:
            return True
    best_case = sorted(seen + [seen[-1]] * (pairs - len(seen)))
    alpha = (1 - level) / max(1, comparisons)
    interval = interval_of(best_case, level=1 - alpha)
    outcome, _ = by_interval(Comparison(tuple(best_case)), math.fsum(best_case) / len(best_case), interval, margin, alpha)
    return outcome != "helps" and not _ranks_may_tell(control, treated, pairs, alpha)


def _ranks_may_tell(control: Sequence[float], treated: Sequence[float], pairs: int, alpha: float) -> bool:
    """With further arms, each a little farther out than the farthest so far, every rank is in favour."""
    if not control or len(control) != len(treated):
        return False
    apart = max(max(treated) - min(control), SAME)
    low, high = ([v + s * apart * (i + 1) / pairs for i in range(pairs - len(control))] for v, s in ((min(control), -1), (max(treated), 1)))
    interval = rank_interval([*control, *low], [*treated, *high], alpha)
    return interval is not None and interval[0] > 0


def promising(
    differences: Sequence[float], *, pairs: int, comparisons: int = 1, level: float = 0.95, margin: float = 0.0,
    control: Sequence[float] = (), treated: Sequence[float] = (),
) -> bool:  # fmt: skip
    """It comes out as "helps" with so many pairs, if their mean and their spread stay what they are; or, where the values of both arms are given
    (larger = better), if every treated arm goes on being better than every untouched one. Differences are positive = better.
    """
    from scipy import special

    n = len(differences)
    if n < MIN_PAIRS or not all(map(math.isfinite, differences)):
        return False
    mean = math.fsum(differences) / n
    spread = math.sqrt(math.fsum((d - mean) ** 2 for d in differences) / (n - 1))
    alpha = (1 - level) / max(1, comparisons)
    half = float(special.stdtrit(max(pairs, n) - 1, 1 - alpha / 2)) * spread / math.sqrt(max(pairs, n))
    apart = bool(control) and min(treated) > max(control)
    return mean > margin and (mean > half or (apart and _ranks_may_tell(control, treated, pairs, alpha)))
