"""The short way to a proof on simulated arms: what it runs, what it stops, what it claims."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from unstuck import effort, planning
from unstuck.arms.results import ArmResult, Series
from unstuck.confirming import FINISH, LOOKS, PAIRS, PAIRS_FIRST, SHARES, SHARES_PAIRS_FIRST
from unstuck.course import Course
from unstuck.ledger import FRESH, Candidate, Plan, Reading, Record, Want, best, verdicts
from unstuck.measures import Measure, fall
from unstuck.pursuit import next_turn
from unstuck.pursuit import pursue as run_pursuit
from unstuck.records import Facts, Finding, Text, Yardstick
from unstuck.yardstick import choose, of_the_harm, sooner

Model = Callable[[Want], float | None]
TOUCHES = {"zero-grad": "loop", "relu": "model", "he-init": "weights", "lower-lr": "optimizer"}
ROWS = tuple((Candidate((name,), frozenset({kind}), "a-cause"),) for name, kind in TOUCHES.items())


def pursue(model: Model, groups: Sequence[Sequence[Candidate]] = ROWS, **course: Any) -> tuple[Record, list[Want]]:
    """A whole treatment where `model` says what an arm gives."""
    record = Record(Plan(25, 25, pairs=PAIRS), Yardstick(name="accuracy", margin=0.02))
    asked: list[Want] = []

    def measure(wants: Sequence[Want]) -> None:
        for want in wants:
            asked.append(want)
            value = model(want)
            record.readings[want] = Reading(value, diverged=value is None)

    known: dict[str, Any] = {"horizons": (100, 200, 400), "shown": (25, 50, 100, 200, 400)} | course
    run_pursuit(record, measure, Course(**known), groups)
    return record, asked


def noise(want: Want, size: float = 0.01) -> float:
    return random.Random(str(want)).gauss(0, size)


def test_the_shares_of_the_error_rate_add_up() -> None:
    for looks, shares in ((LOOKS, SHARES), (PAIRS_FIRST, SHARES_PAIRS_FIRST)):
        assert [len(row) for row in looks] == [len(row) for row in shares]
        assert sum(1 / share for row in shares for share in row) == pytest.approx(1)
        assert 0.05 / max(share for row in shares for share in row) >= 2 ** (1 - PAIRS), "ten equal signs can pass"


def test_the_first_remedy_that_shows_ends_it_at_the_shortest_length() -> None:
    record, asked = pursue(lambda w: 0.2 + noise(w) + (0.6 if w.remedies == ("zero-grad",) else 0.0))
    found = {v.trial.remedies: v for v in verdicts(record)}
    assert best(list(found.values())) == ("zero-grad",)
    assert found[("zero-grad",)].pairs == LOOKS[0][0][0] and found[("zero-grad",)].trial.steps == 25
    assert {w.remedies for w in asked} == {(), ("zero-grad",)}
    assert {w.seed for w in asked if w.remedies and w.steps == 25} == {0, FRESH, FRESH + 1, FRESH + 2}


def test_pairs_that_are_too_short_go_on_longer() -> None:
    """The second seed shows the effect only in arms of 100 steps."""

    def late(want: Want) -> float:
        shows = "zero-grad" in want.remedies and (want.steps >= 100 or want.seed != FRESH + 1)
        return 0.2 + noise(want, 0.001) + (0.5 if shows else 0.0)

    record, asked = pursue(late)
    assert best(verdicts(record)) == ("zero-grad",)
    assert record.confirmed[("zero-grad",)].steps == 100
    assert not [w for w in asked if w.seed == FRESH + 2 and w.steps < 100], "the third pair is run where the first two show"


def test_the_check_up_is_asked_only_where_nothing_shows_at_once() -> None:
    asked: list[int] = []

    def doubt() -> list[list[Candidate]]:
        asked.append(1)
        return [[Candidate(("relu",), frozenset({"model"}), "a-cause")]]

    pursue(lambda w: 0.2 + noise(w) + (0.6 if w.remedies == ("zero-grad",) else 0.0), doubt=doubt)
    assert not asked
    record, _ = pursue(lambda w: 0.2 + noise(w, 0.001) + (0.6 if w.remedies == ("relu",) else 0.0), ROWS[:1], doubt=doubt)
    assert len(asked) == 1 and best(verdicts(record)) == ("relu",)


def test_the_next_ones_are_tried_where_the_first_does_nothing() -> None:
    record, _ = pursue(lambda w: 0.2 + noise(w, 0.001) + (0.5 if "he-init" in w.remedies else 0.0))
    assert best(verdicts(record)) == ("he-init",)


def test_a_cure_that_costs_at_first_gets_a_longer_arm() -> None:
    def slow(want: Want) -> float:
        return 0.2 + noise(want) + ((0.5 if want.steps > 100 else -0.1) if "zero-grad" in want.remedies else 0.0)

    record, asked = pursue(slow)
    assert best(verdicts(record)) == ("zero-grad",)
    assert not [w for w in asked if "relu" in w.remedies], "the first finding's own remedy goes first"
    assert record.confirmed[("zero-grad",)].steps == 200


def test_an_unlucky_screening_costs_one_pair() -> None:
    record, asked = pursue(lambda w: 0.2 + noise(w, 0.001) + (0.5 if w.remedies == ("zero-grad",) and w.seed == 0 else 0.0))
    assert record.confirmed[("zero-grad",)].pairs == 1
    assert {w.seed for w in asked if w.remedies == ("zero-grad",) and w.seed >= FRESH} == {FRESH}
    assert best(verdicts(record)) == ()


def test_an_untouched_arm_that_does_well_by_chance_ends_no_confirmation() -> None:
    """The untouched training swings from seed to seed, the treated one does not."""

    def lottery(want: Want) -> float:
        if want.remedies == ("zero-grad",):
            return 0.9 + noise(want)
        return {FRESH: 0.93, FRESH + 1: 0.5}.get(want.seed, 0.3) + noise(want)

    record, _ = pursue(lottery)
    assert best(verdicts(record)) == ("zero-grad",) and record.confirmed[("zero-grad",)].pairs > 3

    def luck(want: Want) -> float:  # treated arms that are no better than untouched ones usually are get no second pair
        return 0.3 + noise(want) + (0.6 if want.remedies == ("zero-grad",) and want.seed == 0 else 0.0)

    record, _ = pursue(luck)
    assert best(verdicts(record)) == () and record.confirmed[("zero-grad",)].pairs <= 1


def test_untouched_arms_serve_every_confirmation() -> None:
    def two(want: Want) -> float:
        lucky = want.remedies == ("zero-grad",) and want.seed == 0
        return 0.2 + noise(want, 0.001) + (0.5 if lucky or "relu" in want.remedies else 0.0)

    record, asked = pursue(two)
    assert best(verdicts(record)) == ("relu",) and len(record.confirmed) == 2
    assert len(asked) == len(set(asked)), "no arm is run twice"


RIVAL = Candidate(("adam",), frozenset({"optimizer"}))


def test_what_no_finding_proposes_must_gain_on_a_second_seed_too() -> None:
    def lucky(want: Want) -> float:
        return 0.2 + noise(want, 0.001) + (0.5 if want.remedies == ("adam",) and want.seed == 0 else 0.0)

    record, asked = pursue(lucky, [ROWS[0], (RIVAL,)])
    assert ("adam",) not in record.confirmed and {w.seed for w in asked if w.remedies == ("adam",)} == {0, 1}, (
        "it costs no part of the error rate"
    )
    record, _ = pursue(lambda w: 0.2 + noise(w, 0.001) + (0.5 if w.remedies == ("adam",) else 0.0), [ROWS[0], (RIVAL,)])
    assert best(verdicts(record)) == ("adam",)


def test_a_quick_start_is_no_cure() -> None:
    """A gain that is gone in arms twice as long."""

    def quick(want: Want) -> float:
        return 0.2 + noise(want, 0.001) + (0.5 if want.remedies == ("adam",) and want.steps <= 40 else 0.0)

    record, _ = pursue(quick, [ROWS[0], (RIVAL,)], horizons=(50, 100, 200))
    assert ("adam",) not in record.confirmed


def test_other_steps_must_not_lose_by_the_end_what_they_gain_first() -> None:
    def hasty(want: Want) -> float:
        return 0.2 + noise(want, 0.001) + ((0.5 if want.steps <= 200 else -0.1) if want.remedies == ("adam",) else 0.0)

    late = Candidate(("adam",), frozenset({"optimizer"}), "a-cause")
    record, asked = pursue(hasty, [ROWS[0], (late,)])
    assert ("adam",) not in record.confirmed and max(w.steps for w in asked if w.remedies == ("adam",)) == 400
    record, _ = pursue(hasty, [(late,)])
    assert best(verdicts(record)) == ("adam",), "the first finding's first remedy is believed"


def test_a_sure_findings_remedy_goes_through_the_whole_run_first() -> None:
    def late(want: Want) -> float:
        shows = 0.5 if want.steps > 200 else 0.02
        return 0.2 + noise(want, 0.001) + (shows if "zero-grad" in want.remedies else 0.0)

    sure, asked = pursue(late, sure=True)
    _, others = pursue(late)
    assert best(verdicts(sure)) == ("zero-grad",)
    assert {w.remedies for w in asked} == {(), ("zero-grad",)} and ("relu",) in {w.remedies for w in others}


def test_a_sure_remedy_that_changes_nothing_gives_way() -> None:
    _, asked = pursue(lambda w: 0.2, horizons=(50, 100, 200, 400, 800), shown=(50, 100, 200, 400, 800), sure=True)
    names = [w.remedies for w in asked if w.remedies]
    before = asked[: next(i for i, w in enumerate(asked) if w.remedies == ("relu",))]
    assert {w.steps for w in before if w.remedies == ("zero-grad",)} == {50, 100, 200} and ("relu",) in names


def test_nothing_is_screened_once_no_confirmation_is_left() -> None:
    rows = [(Candidate((f"r{i}",), frozenset({"model"}), "a-cause"),) for i in range(8)]
    record, asked = pursue(lambda w: 0.2 + noise(w, 0.001) + (0.5 if w.seed == 0 and w.remedies else 0.0), rows)
    assert len(record.confirmed) == len(LOOKS)
    assert {w.remedies for w in asked if w.remedies} == {(f"r{i}",) for i in range(len(LOOKS))}


def test_a_confirmation_that_goes_well_is_finished() -> None:
    """Its pairs scatter too much for three of them; what may be spent ends after the fourth."""
    gains = (0.30, 0.12, 0.21, 0.25, 0.15)

    def model(want: Want) -> float:
        return 0.2 + (gains[max(0, want.seed - FRESH) % 5] if want.remedies else 0.0) + noise(Want((), want.seed, want.steps))

    for limit, found in ((FINISH, ("zero-grad",)), (math.inf, ())):
        spent = [0]

        def count(want: Want, spent: list[int] = spent) -> float:
            spent[0] += bool(want.remedies) and want.seed >= FRESH
            return model(want)

        record, _ = pursue(count, ROWS[:1], horizons=(100,), shown=(100,), enough=lambda times, s=spent, m=limit: s[0] >= 4 and times < m)
        assert best(verdicts(record)) == found


@pytest.mark.parametrize(("gain", "found"), [(0.3, ("zero-grad",)), (0.035, ())])
def test_a_confirmation_whose_first_pairs_gain_clearly_comes_to_its_first_look(gain: float, found: tuple[str, ...]) -> None:
    """What may be spent ends after the second pair; a gain of less than two margins of 0.02 is not worth more."""
    spent = [0]

    def count(want: Want) -> float:
        spent[0] += bool(want.remedies) and want.seed >= FRESH
        return 0.2 + noise(want, 0.0005) + (gain if want.remedies else 0.0)

    rows: dict[str, Any] = {"horizons": (100,), "shown": (100,)}
    record, _ = pursue(count, ROWS[:1], enough=lambda times: spent[0] >= 2 and times < FINISH, **rows)
    assert best(verdicts(record)) == found


def test_an_arm_that_outdoes_the_whole_watched_run_need_not_go_on() -> None:
    rows: dict[str, Any] = {"horizons": (400,), "shown": (100, 200, 300, 400)}
    record, asked = pursue(lambda w: 0.2 + noise(w, 0.001) + (0.6 if w.remedies else 0.0), ROWS[:1], **rows)
    assert best(verdicts(record)) == ("zero-grad",) and max(w.steps for w in asked if w.remedies) == 100

    def rising(want: Want) -> float:
        return want.steps / 500 + noise(want, 0.001) + (0.15 if want.remedies else 0.0)

    record, asked = pursue(rising, ROWS[:1], **rows)
    assert ("zero-grad",) in record.confirmed and record.confirmed[("zero-grad",)].steps >= 300, "it is only ahead, not better"


def test_what_does_not_act_gets_no_long_arm() -> None:
    record = Record(Plan(25, 25, pairs=PAIRS), Yardstick(name="accuracy", margin=0.02))
    asked: list[Want] = []

    def measure(wants: Sequence[Want]) -> None:
        asked.extend(wants)
        record.readings.update({w: Reading(0.2, in_force=False if w.remedies else None) for w in wants})

    run_pursuit(record, measure, Course((400,), (100, 200, 400)), ROWS)
    longest = {name: max(w.steps for w in asked if w.remedies == (name,)) for name in TOUCHES}
    assert longest == {"zero-grad": 400, "relu": 100, "he-init": 100, "lower-lr": 100}, "what changes the loop may act only later"


def test_it_ends_when_enough_is_spent() -> None:
    spent = [0]

    def nothing(want: Want) -> float:
        spent[0] += 1
        return 0.2 + noise(want)

    record, _ = pursue(nothing, enough=lambda times: spent[0] > 12 * times)
    assert best(verdicts(record)) == () and spent[0] < 80


def test_a_better_one_is_looked_for_while_that_is_cheap() -> None:
    def model(want: Want) -> float:
        return 0.1 + noise(want, 0.001) + {"zero-grad": 0.3, "relu": 0.8}.get("+".join(want.remedies), 0.0)

    cheap, _ = pursue(model, affordable=lambda arms, steps, times: True)
    dear, _ = pursue(model)
    assert best(verdicts(cheap)) == ("relu",) and best(verdicts(dear)) == ("zero-grad",)


def test_every_control_diverges_and_one_remedy_lives() -> None:
    record, _ = pursue(lambda w: 0.9 + noise(w) if "relu" in w.remedies else None)
    assert best(verdicts(record)) == ("relu",)
    assert next(v for v in verdicts(record) if v.outcome == "helps").interval is None


def test_verdicts_in_the_middle_claim_only_what_a_look_has_settled() -> None:
    record = Record(Plan(25, 25, pairs=PAIRS), Yardstick(name="accuracy"))

    def measure(wants: Sequence[Want]) -> None:
        for want in wants:
            if len([w for w in record.readings if w.seed >= FRESH]) == 5:
                raise KeyboardInterrupt
            record.readings[want] = Reading(0.2 + noise(want) + (0.5 if want.remedies else 0.0))

    with pytest.raises(KeyboardInterrupt):
        run_pursuit(record, measure, Course((100,), (25, 100)), ROWS)
    assert not [v for v in verdicts(record) if v.outcome == "helps"]


def test_groups_at_lengths_in_turns() -> None:
    def order(until: float = math.inf) -> list[tuple[int, int]]:
        done, seen = [0, 0], []
        while (group := next_turn(done, 3, until)) is not None:
            seen.append((group, done[group]))
            done[group] += 1
        return seen

    assert order() == [(0, 0), (0, 1), (1, 0), (0, 2), (1, 1), (1, 2)]
    assert order(3.0) == [(0, 0), (0, 1), (1, 0)]


def test_what_cannot_be_applied_takes_no_turn_from_the_others() -> None:
    doubted: list[int] = []

    def doubt() -> None:
        doubted.append(1)

    def measure(want: Want) -> Reading:
        if "zero-grad" in want.remedies:
            return Reading(None, in_force=False, failure="refused")
        return Reading(0.2 + noise(want, 0.001) + (0.5 if want.remedies == ("he-init",) else 0.0))

    record = Record(Plan(25, 25, pairs=PAIRS), Yardstick(name="accuracy", margin=0.02))

    def fill(wants: Sequence[Want]) -> None:
        record.readings |= {want: measure(want) for want in wants}

    run_pursuit(record, fill, Course((100, 200, 400), (25, 50, 100, 200, 400), doubt=doubt), ROWS)
    assert best(verdicts(record)) == ("he-init",) and not doubted, "the third group comes before the check-up"


def test_a_script_that_validates_once_is_judged_by_its_batches_where_these_are_poor() -> None:
    def run(training: float) -> ArmResult:
        series = {"validation.accuracy": Series((399,), (0.1,)), "training.accuracy": Series(tuple(range(400)), (training,) * 400)}
        return ArmResult(key="k", exit="finished", steps=400, series=series)

    late = Measure("validation.accuracy", Yardstick(name="y"))
    assert sooner(run(0.2), late).series == "training.accuracy"
    assert sooner(run(0.97), late) is late, "only a validation can show what cures overfitting"
    fair = run(0.92)
    fair = replace(fair, series=fair.series | {"validation.accuracy": Series((399,), (0.92,))})
    assert sooner(fair, late) is late and sooner(fair, late, found=True).series == "training.accuracy"
    assert sooner(run(0.92), late, found=True) is late, "they are answered better than the validation"
    assert sooner(replace(fair, series=fair.series | run(0.97).series), late, found=True) is late
    often = Measure("loss.value", Yardstick(name="y"))
    assert sooner(run(0.2), often) is often


def curve(values: Sequence[float], name: str = "validation.accuracy", **more: Sequence[float]) -> ArmResult:
    """An untouched run of 20 steps per value."""
    series = {n: Series(tuple(range(19, 20 * len(v), 20)), tuple(v)) for n, v in {name: values, **more}.items()}
    return ArmResult(key="k", exit="finished", steps=20 * len(values), series=series)


def test_arms_wait_for_the_fall_of_the_untouched_run() -> None:
    measure = Measure("validation.accuracy", Yardstick(name="y", margin=0.02))
    falls = [0.8] * 10 + [0.7, 0.6, 0.5, 0.4, 0.3] + [0.2] * 5
    assert 200 < fall(curve(falls), measure) <= 280
    lengths, _ = effort.lengths(curve(falls), measure, [finding("missing-zero-grad")])
    assert lengths[0] >= 240 and effort.lengths(curve([0.2] * 20), measure, [finding("missing-zero-grad")])[0][0] < 60


def test_no_fall_in_what_rises_or_only_scatters() -> None:
    measure = Measure("validation.accuracy", Yardstick(name="y", margin=0.02))
    assert fall(curve([i / 20 for i in range(20)]), measure) == 0
    assert fall(curve([0.5] * 3), measure) == 0
    found = [fall(curve([random.Random(100 * k + i).gauss(0.5, 0.1) for i in range(20)]), measure) for k in range(200)]
    assert sum(map(bool, found)) <= 8
    losses = Measure("validation.loss", Yardstick(name="y", higher_is_better=False, margin=0.02))
    assert fall(curve([0.2] * 10 + [0.9] * 10, "validation.loss"), losses) > 0, "a loss falls upwards"


def test_the_held_out_loss_is_the_yardstick_where_only_it_shows_the_harm() -> None:
    level, risen = [0.89] * 20, [0.9, 0.5, 0.3, *(0.3 + 0.02 * i for i in range(17))]
    measure = Measure("validation.accuracy", Yardstick(name="y", margin=0.01))

    def chosen(accuracy: Sequence[float], loss: Sequence[float], learned: float) -> str:
        return of_the_harm(curve(accuracy, **{"validation.loss": loss, "batch.accuracy": [learned] * 20}), measure).series

    assert chosen(level, risen, 1.0) == "validation.loss"
    assert chosen(level, risen, 0.6) == "validation.accuracy", "what is not even learned by heart is not spoiled by that"
    assert chosen(level, [0.3] * 20, 1.0) == "validation.accuracy"
    assert chosen([0.9] * 10 + [0.5] * 10, risen, 1.0) == "validation.accuracy", "the accuracy shows it itself"


def test_a_steady_rise_of_the_held_out_loss_at_few_validations_is_a_fall() -> None:
    losses = Measure("validation.loss", Yardstick(name="y", higher_is_better=False, margin=0.035))
    assert fall(curve([0.70, 0.52, 0.53, 0.60, 0.69], "validation.loss"), losses) > 0
    assert fall(curve([0.70, 0.52, 0.62, 0.50, 0.60], "validation.loss"), losses) == 0


def test_what_a_dead_model_scores_is_no_yardstick() -> None:
    def run(dies: int) -> ArmResult:
        loss = Series(tuple(range(400)), tuple(0.5 if i < dies else None for i in range(400)))
        scores = Series((99, 199, 299, 399), (0.6, 0.7, 0.1, 0.1))
        return ArmResult(key="k", exit="finished", steps=400, series={"validation.accuracy": scores, "loss.value": loss})

    assert [getattr(choose(run(dies)), "series", "") for dies in (0, 50, 150, 400)] == [*["loss.value"] * 2, *["validation.accuracy"] * 2]


def test_a_share_of_right_answers_rests_on_enough_samples() -> None:
    single = Series(tuple(range(8000)), tuple(float(i % 3 > 0) for i in range(8000)))
    run = ArmResult(key="k", exit="finished", steps=8000, series={"batch.accuracy": single})
    measure = choose(run)
    assert measure is not None and measure.yardstick.margin == pytest.approx(0.05 / 3, rel=0.01), (
        "not that of the last sample, which is right"
    )
    risen = choose(curve([0.6, 0.2, 3.0, 15.0], "loss.value"))
    assert risen is not None and risen.yardstick.margin == pytest.approx(0.03), "what it began with, not what it rose to"
    shortest = [effort.lengths(run, measure, [finding("batch-too-small")], batch=batch)[0][0] for batch in (1, 4, 64)]
    assert shortest[0] >= 2000 > shortest[1] >= 500 > shortest[2]


def test_what_is_tried_first_where_nothing_was_found() -> None:
    def first(learned: bool | None) -> str:
        return planning.candidates([], Facts(), learned=learned)[0].remedies[0]

    def second(learned: bool | None) -> str:
        return planning.candidates([], Facts(), learned=learned)[1].remedies[0]

    assert [first(learned) for learned in (False, True)] == ["keep-together"] * 2, "free where the script has no place for it"
    assert [second(learned) for learned in (False, True)] == ["wider-layers", "weight-decay"] and first(None) == "he-init"
    assert planning.candidates([finding("missing-zero-grad")], Facts(), learned=False)[0].remedies == ("zero-grad",)


def finding(cause: str, **more: Any) -> Finding:
    return Finding(rule=cause, root_cause=cause, message=Text("", ""), **more)


def test_groups_begin_with_the_first_findings_own_remedy() -> None:
    found = planning.candidates([finding("missing-zero-grad"), finding("dead-units")], Facts())
    groups = planning.in_groups(found)
    assert [c.remedies for c in groups[0]] == [("zero-grad",)]
    assert sorted(c.remedies for g in groups for c in g) == sorted(c.remedies for c in found), "all of them, once"


def test_a_later_finding_keeps_its_places_beside_a_first_one_with_many_remedies() -> None:
    assert planning.shared_out([list("abcdefghij"), list("xyz"), ["u"]], 8) == list("abcdxuyz")
    assert planning.shared_out([list("abcdefghij"), ["x"]], 8) == list("abcdefgx")
    assert planning.shared_out([["a"], list("uvwxyz")], 4) == list("auvw") and planning.shared_out([], 8) == []
    found = planning.candidates([finding("dead-units"), finding("batch-too-small")], Facts())
    assert {"dead-units", "batch-too-small"} <= {c.root_cause for c in found}


def test_random_search_draws_from_all_that_fits() -> None:
    drawn = [c.remedies for g in planning.at_random(Facts(), "a") for c in g]
    again = [c.remedies for g in planning.at_random(Facts(), "b") for c in g]
    assert drawn != again and sorted(drawn) == sorted(again) and len(drawn) > 30


def test_lengths_wait_for_the_symptom_and_grow_slower_than_the_run() -> None:
    def run(steps: int, every: int) -> ArmResult:
        taken = tuple(range(every - 1, steps, every))
        return ArmResult(key="k", exit="finished", steps=steps, series={"validation.accuracy": Series(taken, (0.1,) * len(taken))})

    measure = Measure("validation.accuracy", Yardstick(name="y"))
    short, _ = effort.lengths(run(400, 20), measure, [finding("lr-too-low")])
    late, _ = effort.lengths(run(400, 20), measure, [finding("overfitting", first_step=200)])
    long, shown = effort.lengths(run(100_000, 500), measure, [finding("lr-too-low")])
    restless, _ = effort.lengths(run(400, 20), measure, [finding("lr-too-low")], rests=False)
    assert restless[0] == 101, "a longer arm that begins from the start costs its whole length"
    nothing, _ = effort.lengths(run(400, 20), measure, [finding("lr-too-low", severity="note")])
    assert min(nothing) >= 200, "where nothing was found, a faster start is no cure"
    assert short[0] == 21 and short[-1] == 401 and late[0] >= 300 and long[0] < 2_000
    assert set(long) <= set(shown), "every length ends where the yardstick shows"


def test_a_weak_cure_is_worth_looking_on_for_longer() -> None:
    """+0.1 of 0.9 that could be gained; the rival is only screened where more than the usual may be spent."""

    def model(want: Want) -> float:
        return 0.1 + noise(want, 0.001) + {"zero-grad": 0.1, "relu": 0.8}.get("+".join(want.remedies), 0.0)

    record, _ = pursue(model, affordable=lambda arms, steps, times: times > 1)
    assert best(verdicts(record)) == ("relu",)
    record, _ = pursue(lambda w: model(w) + 0.5 * bool(w.remedies), affordable=lambda arms, steps, times: times > 1)
    assert best(verdicts(record)) == ("zero-grad",), "what gains most of it is settled"


@pytest.mark.parametrize("seed", range(20))
def test_pairs_won_and_lost_by_divergence_do_not_end_the_treatment(seed: int) -> None:
    """Untouched and treated arms both diverge by chance: in some pairs the one, in some the other."""
    record, _ = pursue(lambda w: None if random.Random(f"{seed}{w}").random() < 0.5 else 0.2 + 0.3 * bool(w.remedies) + noise(w))
    assert all(v.outcome != "harms" or v.effect is None or v.effect < 0 for v in verdicts(record))
