"""What rules read from a trace: how well it learned, above all where most of the answer is left to chance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from traces import LossFacts, TargetFacts, parameters, place, trace

from unstuck import plugins, reading
from unstuck.diagnosis import ask
from unstuck.records import Finding, Trace

#: As of letters: very uneven.
SHARES = np.array([1 / (i + 1) for i in range(27)]) / sum(1 / (i + 1) for i in range(27))
ENTROPY = float(-(SHARES * np.log(SHARES)).sum())


def found(rule: str, t: Trace) -> list[Finding]:
    findings, reason = ask(plugins.rules()[rule], t)
    assert reason is None or "failed" not in reason.en, reason
    return findings


def text(last: float, signals: dict[Any, Any] | None = None, *, answers: int = 512, rows: int = 27, **more: Any) -> Trace:
    """A net for the next of 27 letters whose loss falls from ln 27 to `last`."""
    table = parameters(embed=((rows, 16), True, 0, False))
    return trace(
        {
            ("loss.value", "run"): np.geomspace(np.log(27), last, 200),
            ("training.accuracy", "run"): np.full(20, SHARES[0] + 0.05),
            **{("target.class_share", f"target[{i}]"): np.full(20, s) for i, s in enumerate(SHARES)},
            **(signals or {}),
        },
        places=(place("embed", "Embedding"), *more.pop("places", ())),
        parameters=table,
        loss=LossFacts(kind="cross-entropy", input_shape=(answers, 27), target_shape=(answers,)),
        batch_size=32,
        notes={"input.dtype": "int64"},
        **more,
    )


@pytest.mark.parametrize(
    ("t", "expected"),
    [
        (text(2.0), True),
        (text(2.0, answers=32), True),  # one answer a sample, of as many classes as there are tokens
        (text(2.0, answers=32, rows=900), False),  # texts sorted into 27 kinds
    ],
)
def test_what_counts_as_text(t: Trace, expected: bool) -> None:
    assert reading.is_text(t) is expected


def test_a_text_is_learned_once_the_loss_knows_more_than_the_letters_shares() -> None:
    assert reading.learns(text(0.75 * ENTROPY)) is True
    assert reading.learns(text(0.99 * ENTROPY)) is False, "only the letters' shares"
    skill = reading.best_skill(text(0.2 * ENTROPY))
    assert skill is not None and skill < 0.9, "nobody knows how much is left"


@pytest.mark.parametrize(("last", "silent"), [(0.75 * ENTROPY, True), (0.99 * ENTROPY, False)])
def test_saturated_units_of_a_text_model_that_learns_are_left_alone(last: float, silent: bool) -> None:
    t = text(last, {("activation.saturated_share", "mlp.1"): np.full(20, 0.6)}, places=(place("mlp.1", "Tanh"),))
    assert (not found("saturated-activation", t)) is silent


def cell(norms: np.ndarray, last: float, followed: Sequence[int] | None = None) -> Trace:
    """A cell called once for every time step, with the gradient that arrives at each call (at those that are followed, from 1)."""
    numbers = followed or range(1, len(norms) + 1)
    places = tuple(place("cell" if n == 1 else f"cell#{n}", "Linear", order=i) for i, n in enumerate(numbers))
    signals = {("gradient.norm", p.name): np.full(20, n) for p, n in zip(places, norms, strict=True)}
    loss = np.geomspace(1.0, last, 200)
    return trace({**signals, ("gradient.total_norm", "run"): np.full(20, 1.0), ("loss.value", "run"): loss}, places=places)


def test_time_steps_without_a_gradient_are_no_explosion() -> None:
    padded = np.r_[np.linspace(1.0, 0.3, 10), np.zeros(6)]
    assert not found("exploding-gradient", cell(padded, 0.99))
    assert found("exploding-gradient", cell(np.geomspace(1e6, 1.0, 16), 0.99)), "it grows over all of them"


def test_sequences_of_several_lengths_are_compared_batch_by_batch() -> None:
    growing = cell(np.geomspace(1e6, 1.0, 16), 0.99)
    later = replace(growing, signals=tuple(
        replace(s, steps=s.steps[5:], values=s.values[5:]) if s.name == "gradient.norm" and s.place.order < 8 else s for s in growing.signals
    ))  # fmt: skip
    assert found("exploding-gradient", later), "the longer sequences come later"
    never = replace(growing, signals=tuple(
        replace(s, steps=s.steps + 50) if s.name == "gradient.norm" and s.place.order < 8 else s for s in growing.signals
    ))  # fmt: skip
    assert not found("exploding-gradient", never), "no batch that went through all of the calls"


def test_a_gradient_that_overflows_on_its_way_back_explodes() -> None:
    over = cell(np.r_[np.full(8, np.inf), np.geomspace(1e30, 1.0, 8)], 0.99)
    assert "Over 16 time steps" in found("exploding-gradient", over)[0].message.en


def test_the_middle_of_many_time_steps_is_that_in_time() -> None:
    followed = [n for n in range(1, 101) if n <= 32 or n % 4 == 0]  # most of the places are in the first third
    early = np.where(np.array(followed) <= 30, 1e7, 1.0)  # the earlier half of the time, if not of the places
    assert found("exploding-gradient", cell(early, 0.99, followed))
    growing = found("exploding-gradient", cell(np.geomspace(1e8, 1.0, 100)[np.array(followed) - 1], 0.99, followed))
    assert "Over 100 time steps" in growing[0].message.en


def test_a_validation_before_the_training_is_no_part_of_the_skill() -> None:
    look = {("training.accuracy", "run"): 0.9, ("validation.accuracy", "run"): np.full(1, 0.5)}
    assert reading.skill(trace(look, at=[0]), "validation") is None, "a check before the first step"
    assert reading.skill(trace(look, at=[150]), "validation") == 0.0


PATIENT = [name for name, rule in plugins.rules().items() if rule.patience]


@pytest.mark.parametrize("name", PATIENT)
def test_a_run_broken_off_early_is_not_judged(name: str) -> None:
    rule = plugins.rules()[name]
    whole = trace({(needed, "run"): 0.5 for needed in ("loss.value", *rule.needs)}, steps=rule.patience)
    young = replace(whole, facts=replace(whole.facts, steps=rule.patience - 1, exit="stopped"))
    reason = ask(rule, young)[1]
    assert reason is not None and f"after {rule.patience - 1} steps" in reason.en and str(rule.patience - 1) in reason.zh
    for t in (
        whole,
        replace(young, facts=replace(young.facts, exit="finished")),
        replace(whole, facts=replace(whole.facts, exit="stopped")),
    ):
        said = ask(rule, t)[1]
        assert said is None or "healthy ones" not in said.en, "a whole run, however short, and a long one are judged"


def test_a_trace_as_it_was_at_a_step() -> None:
    whole = trace({("loss.value", "run"): np.arange(200.0), ("validation.accuracy", "run"): np.full(2, 0.5)}, steps=200)
    early = whole.until(50)
    assert (early.facts.steps, early.facts.exit) == (50, "running")
    loss = early.signal("loss.value")
    assert loss is not None and list(loss.steps) == list(range(51)) and loss.last == 50.0
    assert early.signal("validation.accuracy") is None, "its first value came at step 99"
    assert whole.until(500).facts.steps == 200


def test_what_the_first_steps_knew_is_no_part_of_the_skill() -> None:
    rights = np.r_[np.full(20, 0.3), np.full(18, 1.0)]  # all of the first 20 steps are sampled, of the rest every 20th
    at = [*range(20), *range(29, 370, 20)]
    t = trace({("training.accuracy", "run"): rights}, at=at, steps=380, batch_size=10)
    assert reading.skill(t) == 1.0


def test_where_all_samples_are_of_one_class_the_loss_tells_what_was_learned() -> None:
    ones = {("target.class_share", "class 1"): 1.0, ("training.accuracy", "run"): 1.0}
    fell = trace({**ones, ("loss.value", "run"): np.geomspace(0.7, 0.002, 200)})
    assert reading.skill(fell) is None
    assert reading.learns(fell) is True
    assert reading.learns(trace({**ones, ("loss.value", "run"): np.full(200, 0.7)})) is False


def test_a_loss_that_is_gone_at_once_was_learned() -> None:
    assert reading.learns(trace({("loss.value", "run"): np.r_[2.3, 0.5, np.full(198, 1e-4)]})) is True
    assert reading.learns(trace({("loss.value", "run"): np.r_[2.3, 0.5, np.full(198, 0.4)]})) is False


@pytest.mark.parametrize(("columns", "expected"), [(80, (0.4 - 1 / 80) / (1 - 1 / 80)), (2, -0.2)])
def test_of_so_many_classes_that_nobody_counts_chance_is_one_of_them(columns: int, expected: float) -> None:
    loss = LossFacts(kind="cross-entropy", input_shape=(75, columns), target_shape=(75,))
    assert reading.skill(trace({("training.accuracy", "run"): 0.4}, loss=loss)) == pytest.approx(expected, abs=1e-6)


def test_calls_for_every_time_step_are_no_depth() -> None:
    t = cell(np.geomspace(1e-9, 1.0, 16), 0.99)
    layer = reading.early(t)
    assert not any(layer(p) for p in t.facts.places)


def remembering(ratio: float, skill: float) -> Trace:
    """A cell over 40 time steps that ends at a skill."""
    t = cell(np.geomspace(ratio, 1.0, 40), 0.5)
    scored = trace({("training.r2", "run"): skill, ("validation.r2", "run"): np.full(8, skill)})
    return replace(t, signals=(*t.signals, *scored.signals))


def test_what_the_last_steps_tell_is_learned_and_the_rest_is_not() -> None:
    assert [f.severity for f in found("long-range-dependency", remembering(1e-9, 0.1))] == ["error"]
    assert [f.severity for f in found("long-range-dependency", remembering(1e-9, 0.4))] == ["warning"], "the samples whose clue comes late"
    assert not found("long-range-dependency", remembering(1e-9, 0.8)), "the last steps are enough"
    assert not found("long-range-dependency", remembering(0.1, 0.4)), "the gradient arrives"
    slow = remembering(1e-9, 0.1)
    tiny = trace({("update.ratio", "w.weight"): 1e-5}).signals
    _, reason = ask(plugins.rules()["long-range-dependency"], replace(slow, signals=(*slow.signals, *tiny)))
    assert reason is not None and "too small" in reason.en


def maps(share: float, accuracy: float) -> Trace:
    """Pictures whose pixels are zeros and ones."""
    signals = {("target.mean", "target"): share, ("target.std", "target"): float(np.sqrt(share * (1 - share)))}
    loss = LossFacts(kind="bce-with-logits", input_shape=(16, 1, 20, 20), target_shape=(16, 1, 20, 20))
    return trace({**signals, ("training.accuracy", "run"): accuracy, ("loss.value", "run"): np.full(200, 0.5)}, loss=loss)


@pytest.mark.parametrize(("share", "accuracy", "expected"), [(0.2, 0.8, 0.0), (0.2, 1.0, 1.0), (0.9, 0.95, 0.5)])
def test_maps_are_scored_against_the_commoner_value(share: float, accuracy: float, expected: float) -> None:
    assert reading.skill(maps(share, accuracy)) == pytest.approx(expected, abs=1e-4)


def stopped(kind: str, gain: float = 0.0, zeros: float = 0.3) -> Trace:
    """fc1 -> an operation -> fc2; no gradient passes the operation."""
    places = (place("fc1", "Linear", 0), place("op", kind, 1), place("fc2", "Linear", 2, role="output"))
    held = parameters(fc1=((8, 4), True, 0, False), fc2=((4, 8), True, 0, False))
    signals: dict[Any, Any] = {
        ("gradient.norm", "fc1"): 0.0,
        ("gradient.norm", "op"): 0.1,
        ("gradient.norm", "fc2"): 0.2,
        ("gradient.gain", "op"): gain,
        ("gradient.gain", "fc2"): 0.5,
        ("activation.zero_share", "op"): zeros,
        ("update.norm", "fc2.weight"): 0.1,
        ("training.accuracy", "run"): 0.3,
        ("loss.value", "run"): np.full(200, 2.0),
    }
    return trace(signals, places=places, parameters=held, notes={"calls.order": ["fc1", "fc2"]})


def test_an_operation_without_a_slope_blocks_what_is_before_it() -> None:
    finding = found("blocked-gradient", stopped("Quantise"))
    assert finding and finding[0].places[0].name == "op"
    assert not found("blocked-gradient", stopped("Quantise", zeros=1.0)), "everything it gives is zero: dead"
    assert not found("blocked-gradient", stopped("ReLU")), "dead units are another cause"


def test_samples_count_for_the_steps_around_them() -> None:
    t = trace({("update.ratio", "a.weight"): [1.0, 1.0, 1.0, 0.1, 0.1]}, at=[0, 1, 2, 10, 90], steps=100)
    signal = t.signals[0]
    assert reading.spans(t, signal) == pytest.approx([0.005, 0.01, 0.045, 0.44, 0.5])
    assert reading.most_of_the_run(t, signal, 0.9) == pytest.approx(0.1), "in most of the run it is small, in most samples it is large"
    assert reading.most_of_the_run(t, signal, 0.99) == 1.0


def contexts(last: float) -> Trace:
    """Words with several right neighbours: what was met again comes with another target in 60 %."""
    shares = {("target.class_share", f"target[{i}]"): np.full(20, 1 / 8) for i in range(8)}
    signals = {
        **shares,
        ("training.accuracy", "run"): 0.15,
        ("update.ratio", "fc.weight"): 0.01,
        ("loss.value", "run"): np.geomspace(np.log(8), last, 400),
    }
    loss = LossFacts(kind="cross-entropy", input_shape=(4, 8), target_shape=(4,))
    notes = {"targets.again": 90, "targets.conflicts": 54}
    return trace(signals, loss=loss, steps=400, batch_size=4, notes=notes)


def test_several_right_answers_are_no_noise() -> None:
    assert not found("label-noise", contexts(1.2)), "far below the loss of knowing only how common they are"
    assert found("label-noise", contexts(2.05))
    assert not found("underfitting", contexts(1.2))


def test_a_branch_of_attention_is_not_the_way_to_the_input() -> None:
    places = (place("table", "Embedding", 0), *(place(f"fc{i}", "Linear", i) for i in range(1, 6)))
    norms = {"table": 0.1, "fc1": 1e-5, "fc2": 0.1, "fc3": 0.2, "fc4": 0.5, "fc5": 1.0}
    signals: dict[Any, Any] = {("gradient.norm", n): v for n, v in norms.items()}
    signals |= {("loss.value", "run"): np.full(200, 2.3), ("training.accuracy", "run"): 0.1}
    assert not found("vanishing-gradient", trace(signals, places=places))
    signals["gradient.norm", "table"] = 1e-6
    assert found("vanishing-gradient", trace(signals, places=places))


@pytest.mark.parametrize(("score", "speaks"), [(0.6, True), (0.7, False)])
def test_of_more_targets_than_units_no_more_than_their_ratio_is_expected(score: float, speaks: bool) -> None:
    places = (place("fc1", "Linear", 0), place("fc2", "Linear", 1, role="output"))
    held = parameters(fc1=((2, 3), True, 0, False), fc2=((3, 2), True, 0, False))
    signals: dict[Any, Any] = {
        ("training.r2", "run"): score,
        ("loss.value", "run"): np.full(400, 0.4),
        ("update.ratio", "fc1.weight"): 1e-3,
    }
    t = trace(
        signals,
        places=places,
        parameters=held,
        steps=400,
        target=TargetFacts(kind="real"),
        loss=LossFacts(kind="mse", input_shape=(64, 3), target_shape=(64, 3)),
    )
    assert bool(found("underfitting", t)) is speaks  # two units pass two thirds of three targets
