"""Two rows of numbers -> Verdict; arithmetic only.

What a verdict rests on, and the law behind each part (`tests/test_judgement.py` holds them):

- **Pairs.** Only differences within pairs count (same seed, same data order), signed so that positive is better. A pair in which an
  arm gave no number is dropped, unless the arm gave none because it diverged (below).
- **Interval.** Student's t at the level corrected for the comparisons (Bonferroni: 1 - (1 - level) / comparisons). "helps" needs an
  interval above 0 and a mean above the margin, "no-difference" an interval within the margin; swapped arms give the mirrored verdict.
- **Exact test.** Under no effect the two arms of a pair can be exchanged, so every pattern of signs of the differences is equally
  likely, whatever their distribution. From `EXACT_FROM` pairs on, the share of sign patterns with a mean at least as far out must be small
  too, or where so few pairs have no pattern that rare, it must be the rarest one, equal signs: this is what holds the error rate for the lumpy and heavy-tailed values where Student's t promises nothing.
- **Ranks.** Where the untouched arms swing from seed to seed and the treated ones do not, a t interval of few pairs is wide although every
  treated arm is better than every untouched one. So "helps" is also what the exact test of Mann and Whitney says, with the interval of Hodges
  and Lehmann: one side of it for `alpha` / 2, as the one side of the t interval has `alpha` / 2, so that both together spend no more than `alpha`.
  It takes the seeds for independent draws, so it is not asked where the values hardly differ between seeds; that the arms of a pair share a seed
  makes it rarer, not more frequent, that all of one kind lie above all of the other.
- **Floor of the spread.** Equal differences do not mean certainty: they mean that the spread is below what the values can show
  (see `spread_floor`).
- **Divergence is a result.** A treated arm that diverged while its control lived is a lost pair, the other way round a won one, and no size
  can be given to it. Then the signs alone decide (`_by_signs`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from unstuck.intervals import EXACT_UP_TO, SAME, interval_of, rank_interval, sign_flip_share, tail
from unstuck.records import Outcome, Text, Trial, Verdict

#: Fewer pairs than this settle nothing: two points have a direction, hardly a spread.
MIN_PAIRS = 3
#: From this many pairs on, even the sharpest sign pattern (2 of 2**n) can pass a test at 5 %, so the exact test is asked as well.
EXACT_FROM = 6


@dataclass(frozen=True)
class Comparison:
    """A trial's pairs, sorted out."""

    #: Treated minus control in pairs where both arms gave a number, positive = better, ascending (so the order of seeds cannot matter).
    differences: tuple[float, ...]
    #: Pairs in which only the control, or only the treated arm, diverged.
    won: int = 0
    lost: int = 0
    #: Pairs in which both diverged; they count as a difference of 0.
    both: int = 0
    #: Smallest half-width that the values allow to believe in, as a standard deviation of the differences.
    floor: float = 0.0
    #: Values of the pairs in which both arms gave one, larger = better.
    control: tuple[float, ...] = ()
    treated: tuple[float, ...] = ()

    @property
    def pairs(self) -> int:
        """Pairs that say something."""
        return len(self.differences) + self.won + self.lost


def compare(trial: Trial) -> Comparison:
    """Sort out the pairs of a trial."""
    sign = 1.0 if trial.yardstick.higher_is_better else -1.0
    differences, controls, treated, won, lost, both = [], [], [], 0, 0, 0
    for index, (a, b) in enumerate(zip(trial.control, trial.treated, strict=True)):
        a_dead = a is None and index in trial.diverged_control
        b_dead = b is None and index in trial.diverged_treated
        if a is not None and b is not None:
            differences.append(sign * (b - a))
            controls.append(a)
            treated.append(b)
        elif a_dead and b is not None:
            won += 1
        elif b_dead and a is not None:
            lost += 1
        elif a_dead and b_dead:
            both += 1
            differences.append(0.0)
    differences.sort()
    arms = tuple(sign * v for v in controls), tuple(sign * v for v in treated)
    return Comparison(tuple(differences), won, lost, both, spread_floor(differences, controls, treated), *arms)


def spread_floor(differences: Sequence[float], control: Sequence[float], treated: Sequence[float]) -> float:
    """The smallest standard deviation of the differences that the values can vouch for.

    A value known to a resolution r (accuracy on n samples: 1/n) is off by up to r/2, with variance r**2 / 12; a difference of two has
    r**2 / 6. The resolution is the smallest gap between distinct values within an arm. Where neither arm varies at all, the seeds changed
    nothing and there is no gap: the difference itself is then all the resolution that was seen. The gap is never taken across the arms: a
    larger effect must not widen its own interval.
    """
    gaps = [g for g in (_smallest_gap(control), _smallest_gap(treated)) if g is not None]
    if gaps:
        return min(gaps) / math.sqrt(6)
    return max((abs(d) for d in differences), default=0.0) / math.sqrt(6)


def _smallest_gap(values: Sequence[float]) -> float | None:
    scale = max((abs(v) for v in values), default=0.0)
    ordered = sorted(values)
    gaps = [b - a for a, b in pairwise(ordered) if b - a > SAME * scale]
    return min(gaps, default=None)


def judge(trial: Trial, *, comparisons: int = 1, level: float = 0.95) -> Verdict:
    """What a trial proves, at `level` over all `comparisons` together (Bonferroni)."""
    seen = compare(trial)
    corrected = 1 - (1 - level) / max(1, comparisons)
    effect = math.fsum(seen.differences) / len(seen.differences) if seen.differences else None
    interval = interval_of(seen.differences, level=corrected, floor=seen.floor)
    reason: Text | None
    if trial.in_force is False:
        outcome, reason = _undone()
    elif seen.won or seen.lost:
        outcome, reason = _by_signs(seen, trial.yardstick.margin, 1 - corrected)
    else:
        outcome, reason = by_interval(seen, effect, interval, trial.yardstick.margin, 1 - corrected)
        by_rank = rank_interval(seen.control, seen.treated, 1 - corrected) if outcome == "unclear" else None
        if by_rank is not None and effect is not None and abs(effect) > trial.yardstick.margin and not by_rank[0] <= 0 <= by_rank[1]:
            outcome, interval = ("helps" if by_rank[0] > 0 else "harms"), by_rank
            reason = Text(
                "by ranks: nearly every arm of one kind is better than every one of the other", "按秩判断：一类臂几乎个个优于另一类"
            )
    if seen.pairs < MIN_PAIRS and trial.failures and outcome == "unclear":
        reason = Text("an arm gave no number: {why}", "有的臂没有给出数值：{why}").format(why=trial.failures[0])
    if seen.both and seen.both == seen.pairs:
        effect = interval = None
        reason = Text("the training diverged with and without the change", "无论有无这项改动，训练都发散了")
    return Verdict(trial=trial, outcome=outcome, effect=effect, interval=interval, level=level, pairs=seen.pairs, reason=reason)


def _undone() -> tuple[Outcome, Text]:
    return "unclear", Text("the script undid the change, so it was not tried", "脚本撤销了这项改动，因此等于没有试过")


def _too_few(pairs: int) -> tuple[Outcome, Text]:
    text = Text("{n} of at least {least} pairs", "只有 {n} 对，至少需要 {least} 对")
    return "unclear", text.format(n=pairs, least=MIN_PAIRS)


def by_interval(
    seen: Comparison, effect: float | None, interval: tuple[float, float] | None, margin: float, alpha: float
) -> tuple[Outcome, Text | None]:
    """What the interval says, and the exact test of signs where there are pairs enough for one; with the reason."""
    differences = seen.differences
    if effect is None or interval is None or len(differences) < MIN_PAIRS:
        return _too_few(len(differences))
    low, high = interval
    if not any(differences) or (-margin <= low and high <= margin):
        return "no-difference", None
    if (low > 0 and effect > margin) or (high < 0 and effect < -margin):
        if _signs_agree(differences, alpha):
            return ("helps" if effect > 0 else "harms"), _constant(differences)
        return "unclear", Text(
            "the interval excludes 0, but too many patterns of signs would look the same",
            "区间不含 0，但同样明显的正负号组合太多，不足为据",
        )
    return "unclear", None


def _signs_agree(differences: Sequence[float], alpha: float) -> bool:
    """The exact test, where the number of pairs allows one."""
    n = len(differences)
    if EXACT_FROM <= n <= EXACT_UP_TO:
        # Where even the sharpest pattern is too frequent for so small an alpha, nothing but that one will do.
        return sign_flip_share(differences) <= max(alpha, 2.0 ** (1 - n))
    if n < EXACT_FROM and differences[-1] - differences[0] <= SAME * max(map(abs, differences)):
        # Equal differences prove their sign and nothing else: n equal signs come up by chance with 2 ** (1 - n).
        return 2.0 ** (1 - n) <= alpha
    return True


def _constant(differences: Sequence[float]) -> Text | None:
    if differences[-1] - differences[0] > SAME * max(map(abs, differences)):
        return None
    return Text("every pair gave the same difference: the seeds change nothing here", "每一对的差值都相同：种子在这里不起作用")


def _by_signs(seen: Comparison, margin: float, alpha: float) -> tuple[Outcome, Text]:
    """Some pairs were won or lost by divergence: a difference without a size, so only signs are counted.

    All pairs as coin tosses (the sign test), or the divergences alone: if both arms diverge with the same chance q, one given arm of a
    pair diverges and the other lives with q (1 - q) <= 1/4, whatever q is; so 3 such pairs of 3 come up by chance with at most 1.6 %.
    """
    plus = seen.won + sum(d > margin for d in seen.differences)
    minus = seen.lost + sum(d < -margin for d in seen.differences)
    more, less = max(plus, minus), min(plus, minus)
    dead, other_dead = max(seen.won, seen.lost), min(seen.won, seen.lost)
    by_toss = 2 * tail(plus + minus, more, 0.5)
    by_death = 2 * tail(seen.pairs, dead, 0.25) if not other_dead and not less and seen.pairs >= MIN_PAIRS else 1.0
    if seen.pairs < MIN_PAIRS:
        text = Text("the training diverged in {won} untouched and {lost} treated arms; {n} pairs are too few",
                    "未处理的臂有 {won} 个发散，处理过的有 {lost} 个；{n} 对太少")  # fmt: skip
        return "unclear", text.format(won=seen.won, lost=seen.lost, n=seen.pairs)
    text = Text("the training diverged only without the change in {won} of {n} pairs, only with it in {lost}",
                "{n} 对之中，{won} 对只在未处理时发散，{lost} 对只在处理后发散")  # fmt: skip
    reason = text.format(won=seen.won, lost=seen.lost, n=seen.pairs)
    if min(by_toss, by_death) <= alpha:
        return ("helps" if plus > minus else "harms"), reason
    return "unclear", reason
