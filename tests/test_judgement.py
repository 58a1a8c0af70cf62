"""The laws of a verdict, and its error rate over whole treatments on noise."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unstuck.confirming import PAIRS
from unstuck.course import Course
from unstuck.intervals import _rank_patterns, interval_of, sign_flip_share
from unstuck.judgement import judge
from unstuck.ledger import Candidate, Plan, Reading, Record, Want, verdicts
from unstuck.outlook import hopeless, promising
from unstuck.pursuit import pursue
from unstuck.records import Trial, Yardstick
from unstuck.search import search

settings.register_profile("laws", deadline=None, derandomize=True)
settings.load_profile("laws")

Values = Sequence[float | None]
#: Numbers as yardsticks give them; the grid makes ties and equal differences common.
NUMBERS = st.one_of(st.floats(-5, 5, allow_nan=False), st.integers(0, 20).map(lambda n: n / 20))
ROWS = st.lists(st.tuples(NUMBERS, NUMBERS), min_size=1, max_size=10)
MIRROR = {"helps": "harms", "harms": "helps", "no-difference": "no-difference", "unclear": "unclear"}


def trial(control: Values, treated: Values, *, higher: bool = True, margin: float = 0.0, **more: object) -> Trial:
    return Trial(
        remedies=("x",),
        seeds=tuple(range(len(control))),
        steps=10,
        yardstick=Yardstick(name="y", higher_is_better=higher, margin=margin),
        control=tuple(control),
        treated=tuple(treated),
        **more,  # type: ignore[arg-type]
    )


def outcome(control: Values, treated: Values, **settings: object) -> str:
    return judge(trial(control, treated, **settings)).outcome  # type: ignore[arg-type]


# ------------------------------------------------------------------------------------------------------------- laws


@given(ROWS, st.floats(0, 0.5), st.booleans(), st.integers(1, 5))
def test_swapped_arms_mirror_the_verdict(rows: list[tuple[float, float]], margin: float, higher: bool, comparisons: int) -> None:
    control, treated = zip(*rows, strict=True)
    one = judge(trial(control, treated, margin=margin, higher=higher), comparisons=comparisons)
    other = judge(trial(treated, control, margin=margin, higher=higher), comparisons=comparisons)
    assert other.outcome == MIRROR[one.outcome]
    assert one.effect is not None and other.effect == pytest.approx(-one.effect)


@given(st.lists(NUMBERS, min_size=1, max_size=12), st.floats(0, 0.5))
def test_equal_arms_make_no_difference(values: list[float], margin: float) -> None:
    verdict = judge(trial(values, values, margin=margin))
    assert verdict.outcome == ("no-difference" if len(values) >= 3 else "unclear") and verdict.effect == 0.0


@given(ROWS, st.randoms(use_true_random=False), st.floats(0, 0.5))
def test_order_of_seeds_does_not_matter(rows: list[tuple[float, float]], random: object, margin: float) -> None:
    shuffled = list(rows)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    verdicts = [judge(trial(*zip(*r, strict=True), margin=margin)) for r in (rows, shuffled)]
    assert verdicts[0].outcome == verdicts[1].outcome and verdicts[0].interval == verdicts[1].interval


@given(ROWS, st.integers(1, 40), st.floats(0, 0.5), st.integers(1, 4))
def test_a_larger_effect_never_weakens(rows: list[tuple[float, float]], more: int, margin: float, comparisons: int) -> None:
    # Multiples of 1/64: the shift is exact, so that equal differences stay equal.
    control = [round(c * 64) / 64 for c, _ in rows]
    treated = [round(t * 64) / 64 for _, t in rows]
    if judge(trial(control, treated, margin=margin), comparisons=comparisons).outcome == "helps":
        shifted = [t + more / 64 for t in treated]
        assert judge(trial(control, shifted, margin=margin), comparisons=comparisons).outcome == "helps"


@given(ROWS, st.floats(0, 0.5))
def test_the_same_pairs_again_never_turn_help_into_less(rows: list[tuple[float, float]], margin: float) -> None:
    control, treated = zip(*rows, strict=True)
    if outcome(control, treated, margin=margin) == "helps":
        assert outcome(control * 2, treated * 2, margin=margin) == "helps"


@given(ROWS)
def test_higher_and_lower_are_two_ways_to_say_it(rows: list[tuple[float, float]]) -> None:
    control, treated = zip(*rows, strict=True)
    assert outcome(control, treated) == MIRROR[outcome(control, treated, higher=False)]


@given(ROWS, st.integers(2, 20))
def test_more_comparisons_never_strengthen(rows: list[tuple[float, float]], comparisons: int) -> None:
    control, treated = zip(*rows, strict=True)
    if judge(trial(control, treated), comparisons=comparisons).outcome == "helps":
        assert judge(trial(control, treated)).outcome == "helps"


@given(st.integers(1, 8), st.floats(0.1, 5), st.floats(0, 0.09), st.integers(1, 3))
def test_a_steady_gain_is_never_hopeless(pairs: int, gain: float, margin: float, comparisons: int) -> None:
    assert not hopeless([gain] * pairs, pairs=8, comparisons=comparisons, margin=margin)


# ------------------------------------------------------------------------------------------------------------ cases


def test_plain_outcomes() -> None:
    control = (0.10, 0.11, 0.09, 0.12, 0.10, 0.11, 0.10, 0.09)
    assert outcome(control, [c + 0.8 + i / 100 for i, c in enumerate(control)]) == "helps"
    assert outcome(control, [c - 0.05 - i / 1000 for i, c in enumerate(control)]) == "harms"
    assert outcome(control, [c + (-1) ** i * 0.002 for i, c in enumerate(control)], margin=0.01) == "no-difference"
    assert outcome(control, [c + (-1) ** i * 0.05 for i, c in enumerate(control)], margin=0.01) == "unclear"


def test_too_few_pairs_are_unclear() -> None:
    assert outcome((0.1, 0.1), (0.9, 0.9)) == "unclear"
    assert outcome((0.1, None, None), (0.9, 0.9, 0.9)) == "unclear"
    assert outcome((0.1,), (0.1,)) == "unclear"
    assert outcome((), ()) == "unclear"


def test_a_proven_but_tiny_effect_is_no_help() -> None:
    control = [0.5 + i / 1000 for i in range(8)]
    assert outcome(control, [c + 0.003 + i / 1e5 for i, c in enumerate(control)], margin=0.01) == "no-difference"


def test_equal_differences_do_not_claim_certainty() -> None:
    three = judge(trial((0.1,) * 3, (0.9,) * 3))
    assert three.outcome == "unclear"
    eight = judge(trial((0.1,) * 8, (0.9,) * 8))
    assert eight.outcome == "helps" and eight.interval is not None
    assert eight.interval[1] - eight.interval[0] > 0.1
    assert eight.reason is not None and "same difference" in eight.reason.en


def test_equal_differences_between_varying_arms_are_good_to_the_resolution() -> None:
    control = [k / 360 for k in (36, 40, 33, 38, 41, 35, 37, 39)]
    verdict = judge(trial(control, [c + 0.5 for c in control]))
    assert verdict.outcome == "helps" and verdict.interval is not None
    assert 1e-4 < verdict.interval[1] - verdict.interval[0] < 0.01


def test_divergence_of_treated_arms_harms() -> None:
    assert outcome((0.5, 0.6, 0.55), (None,) * 3, diverged_treated=(0, 1, 2)) == "harms"
    assert outcome((None,) * 3, (0.5, 0.6, 0.55), diverged_control=(0, 1, 2)) == "helps"
    assert outcome((0.5, 0.6), (None,) * 2, diverged_treated=(0, 1)) == "unclear"
    # One of eight diverged, the others gained: not enough to call it a cure.
    gained = [None, *(0.9 + i / 100 for i in range(7))]
    assert outcome([0.1 + i / 100 for i in range(8)], gained, diverged_treated=(0,)) == "unclear"


def test_arms_that_failed_otherwise_are_dropped_in_pairs() -> None:
    verdict = judge(trial((0.5, 0.6, None, 0.5), (None, None, 0.4, 0.9), failures=("treated, pair 0: OSError",)))
    assert verdict.outcome == "unclear" and verdict.pairs == 1
    assert verdict.reason is not None and "OSError" in verdict.reason.zh


def test_a_remedy_that_was_undone_proves_nothing() -> None:
    assert outcome((0.1,) * 8, [0.9 + i / 100 for i in range(8)], in_force=False) == "unclear"


def test_the_exact_test_counts_sign_patterns() -> None:
    assert sign_flip_share([1.0] * 6) == pytest.approx(2 / 64)
    assert sign_flip_share([-1.0] * 6) == pytest.approx(2 / 64)
    assert sign_flip_share([1.0, -1.0]) == 1.0


def test_every_treated_arm_above_every_untouched_one() -> None:
    """The control swings, so that five differences say little; the exact test of ranks says more."""
    control, cured = [0.75, 0.53, 0.89, 0.23, 0.28], [0.967, 0.955, 0.945, 0.943, 0.937]
    assert judge(trial(control, cured), comparisons=6).outcome == "helps"
    verdict = judge(trial(control, cured), comparisons=6)
    assert verdict.interval is not None and verdict.interval[0] == pytest.approx(0.937 - 0.89)
    assert judge(trial(control, [*cured[:4], 0.8]), comparisons=6).outcome == "unclear", "one of them is not"
    assert judge(trial(control, cured), comparisons=8).outcome == "unclear", "1 of 252 orders is too frequent for that"
    assert judge(trial([0.5, 0.5, 0.5, 0.5, 0.9], cured), comparisons=6).outcome == "unclear", "the seeds hardly change anything"


@pytest.mark.parametrize("n", [1, 2, 3, 5, 8])
def test_the_distribution_of_ranks(n: int) -> None:
    from itertools import combinations

    counts = [0] * (n * n + 1)
    for chosen in combinations(range(2 * n), n):
        counts[sum(place - i for i, place in enumerate(chosen))] += 1
    assert _rank_patterns(n) == counts


def test_pairs_that_share_a_seed_are_no_likelier_to_be_parted() -> None:
    rng = np.random.default_rng(5)

    def parted(share: float) -> float:
        seed = rng.normal(size=(200_000, 4)) * math.sqrt(share)
        a, b = (seed + rng.normal(size=(200_000, 4)) * math.sqrt(1 - share) for _ in range(2))
        return float(np.mean(b.min(1) > a.max(1)))

    assert [parted(share) <= 1.15 / 70 for share in (0.0, 0.3, 0.6, 0.9)] == [True] * 4


def test_hopeless() -> None:
    assert hopeless([-0.1, -0.12, -0.09], pairs=8)
    assert hopeless([0.001, -0.001, 0.0], pairs=8, margin=0.01)
    assert not hopeless([0.5, 0.55], pairs=8)
    assert not hopeless([], pairs=8)
    # One untouched arm did well by chance: no interval of ten pairs will exclude 0 any more, ranks may.
    control, treated = [0.93, 0.5, 0.31, 0.29, 0.3], [0.9, 0.91, 0.89, 0.905, 0.895]
    gains = [b - a for a, b in zip(control, treated, strict=True)]
    assert hopeless(gains, pairs=10, comparisons=24)
    assert not hopeless(gains, pairs=10, comparisons=24, control=control, treated=treated)
    assert hopeless(gains, pairs=6, comparisons=24, control=control, treated=treated), "too few to say so"


@given(st.lists(st.floats(-1, 1), min_size=3, max_size=6), st.integers(3, 10), st.floats(0, 0.2))
def test_what_is_promising_helps_if_it_goes_on_so(differences: list[float], pairs: int, margin: float) -> None:
    """Promising with the pairs that there are = the interval is above 0; never with fewer than a verdict needs, or without a mean gain."""
    n = len(differences)
    if promising(differences, pairs=n, margin=margin):
        interval = interval_of(differences, level=0.95)
        assert interval is not None and interval[0] > 0 and sum(differences) / n > margin
        assert promising(differences, pairs=max(n, pairs), margin=margin), "further pairs of that kind do not make it worse"
    assert not promising(differences[:2], pairs=10) and not promising([math.inf, *differences], pairs=10)


def test_every_treated_arm_above_every_untouched_one_is_promising_by_ranks() -> None:
    control, treated = [0.47, 0.72, 0.58, 0.45], [0.83, 0.79, 0.75, 0.79]
    gains = [b - a for a, b in zip(control, treated, strict=True)]
    assert not promising(gains, pairs=5, comparisons=6, margin=0.01), "their spread is too large for an interval"
    assert promising(gains, pairs=5, comparisons=6, margin=0.01, control=control, treated=treated)
    assert not promising(gains, pairs=4, comparisons=6, margin=0.01, control=control, treated=treated), "four of each come apart by chance"
    assert not promising(gains, pairs=5, comparisons=6, margin=0.01, control=[0.47, 0.76, 0.58, 0.45], treated=treated)


# ------------------------------------------------------------------------------------------------ error rate on noise

KINDS = ("model", "weights", "optimizer", "data")
Noise = Callable[[np.random.Generator], float]


def accuracy_of(samples: int) -> Noise:
    return lambda rng: float(rng.binomial(samples, 0.1)) / samples


NULLS: dict[str, Noise] = {
    "normal": lambda rng: float(rng.normal(0.1, 0.02)),
    "heavy tails": lambda rng: 0.1 + 0.02 * float(rng.standard_t(2)),
    "accuracy on 360 samples": accuracy_of(360),
    "accuracy on 20 samples": accuracy_of(20),
    "nearly constant": lambda rng: 0.1 if rng.random() < 0.9 else 0.15,
    "skewed": lambda rng: float(rng.exponential(0.05)),
    "stuck in every second run": lambda rng: (0.1 if rng.random() < 0.5 else 0.9) + float(rng.normal(0, 0.01)),
    "three levels": lambda rng: float(rng.integers(3)) + float(rng.normal(0, 0.01)),
}


def false_help_rate(noise: Noise, *, treatments: int, remedies: int = 12, pairs: int = 8, margin: float = 0.0) -> float:
    """Share of whole treatments with any "helps", where no remedy does anything: through the same code that chooses in earnest."""
    rng = np.random.default_rng(7)
    wrong = 0
    for _ in range(treatments):
        record = Record(Plan(screen_steps=10, confirm_steps=20, pairs=pairs), Yardstick(name="y", margin=margin))

        def measure(wants: Sequence[Want], record: Record = record) -> None:
            record.readings.update({w: Reading(noise(rng)) for w in wants})

        search([Candidate((f"r{i}",), frozenset({KINDS[i % 4]})) for i in range(remedies)], record, measure)
        wrong += any(v.outcome == "helps" for v in verdicts(record))
    return wrong / treatments


@pytest.mark.slow
@pytest.mark.parametrize("name", NULLS)
def test_false_help_stays_below_five_percent(name: str) -> None:
    # 400 treatments: a true rate of 2.5 % stays below 5 % with certainty for all purposes (3.2 standard errors).
    assert false_help_rate(NULLS[name], treatments=400) <= 0.05


def false_help_rate_of_the_short_way(
    noise: Noise, *, treatments: int, remedies: int = 12, seed: int = 7, kept: float = 0.0, start: float = 0.0
) -> float:
    """The same for `pursuit.py`, which looks at a confirmation more than once, also at longer arms, and stops at the first settled look.

    `kept`: share of an arm's noise that it still has when it is twice as long. `start`: steps that a start costs: arms that are short beside it
    go on longer, others get more pairs.
    """
    rng = np.random.default_rng(seed)
    wrong = 0
    for _ in range(treatments):
        record = Record(Plan(10, 10, pairs=PAIRS), Yardstick(name="y"))

        def measure(wants: Sequence[Want], record: Record = record) -> None:
            for want in wants:
                before = record.readings.get(replace(want, steps=want.steps // 2))
                fresh = noise(rng)
                both = before is None or before.value is None or fresh is None
                record.readings[want] = Reading(fresh if both or rng.random() > kept else before.value, diverged=fresh is None and both)

        # Half of them come from the first finding and need no second seed, which leaves more of them to be confirmed.
        candidates = [Candidate((f"r{i}",), frozenset({KINDS[i % 4]}), "a-cause" if i < remedies / 2 else "") for i in range(remedies)]
        course = Course((10, 20, 40, 80), (10, 20, 40, 80), start=start, affordable=lambda arms, steps, times: True, sure=bool(wrong % 2))
        pursue(record, measure, course, [candidates[i : i + 2] for i in range(0, remedies, 2)])
        wrong += any(v.outcome == "helps" for v in verdicts(record))
    return wrong / treatments


@pytest.mark.slow
@pytest.mark.parametrize("start", [0.0, 1000.0])
@pytest.mark.parametrize("kept", [0.0, 0.5, 0.9])
@pytest.mark.parametrize("name", NULLS)
def test_stopping_early_does_not_raise_it(name: str, kept: float, start: float) -> None:
    # The highest: training that sticks in every second run, in arms whose noise is drawn anew when they are longer: 4.7 % with this seed, 3.1 % of
    # 4,500 treatments with others (three lucky pairs come up in 1 of 64 trials, whatever is divided by).
    assert false_help_rate_of_the_short_way(NULLS[name], treatments=1000, kept=kept, start=start) <= 0.05


@pytest.mark.slow
@pytest.mark.parametrize("name", NULLS)
def test_stopping_early_hardly_raises_it(name: str) -> None:
    # 150 treatments: 3.7 % and 2.6 standard errors.
    assert false_help_rate_of_the_short_way(NULLS[name], treatments=150, kept=0.5) <= 0.08


def test_a_true_effect_is_found() -> None:
    rng = np.random.default_rng(3)
    found = 0
    for _ in range(40):
        record = Record(Plan(screen_steps=10, confirm_steps=20), Yardstick(name="y", margin=0.01))

        def measure(wants: Sequence[Want], record: Record = record) -> None:
            record.readings.update({w: Reading(float(rng.normal(0.2 if "r3" in w.remedies else 0.1, 0.02))) for w in wants})

        search([Candidate((f"r{i}",), frozenset({KINDS[i % 4]})) for i in range(12)], record, measure)
        found += any(v.outcome == "helps" and "r3" in v.trial.remedies for v in verdicts(record))
    assert found >= 38
