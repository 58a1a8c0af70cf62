"""Which arms a treatment runs and what it concludes: on simulated arms, and once on a real script."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from unstuck import effort, planning, trials
from unstuck.arms.results import ArmResult, Series
from unstuck.bench import reading
from unstuck.errors import UsageError
from unstuck.ledger import FRESH, Candidate, Plan, Reading, Record, Want, best, verdicts
from unstuck.measures import Measure, value_at
from unstuck.options import Options
from unstuck.records import Facts, Finding, Text, Yardstick
from unstuck.search import search
from unstuck.treatment import as_program, treat
from unstuck.yardstick import choose, trains_well

# ---------------------------------------------------------------------------------------------------- the search

Model = Callable[[Want], float | None]
TOUCHES = {"relu": "model", "he-init": "weights", "batch-norm": "model", "higher-lr": "optimizer", "clip": "optimizer"}


def candidates(*names: tuple[str, ...]) -> list[Candidate]:
    return [Candidate(n, frozenset(TOUCHES[i] for i in n), "vanishing-gradient") for n in names]


SINGLES = candidates(*((n,) for n in TOUCHES))


def simulate(model: Model, tried: Sequence[Candidate] = SINGLES, *, margin: float = 0.01, **plan: Any) -> tuple[Record, list[Want]]:
    """A whole treatment where `model` says what an arm gives."""
    record = Record(Plan(screen_steps=50, confirm_steps=100, **plan), Yardstick(name="accuracy", margin=margin))
    asked: list[Want] = []

    def measure(wants: Sequence[Want]) -> None:
        asked.extend(wants)
        for want in wants:
            value = model(want)
            record.readings[want] = Reading(value, diverged=value is None)

    search(tried, record, measure)
    return record, asked


def noise(want: Want, size: float = 0.02) -> float:
    return random.Random(str(want)).gauss(0, size)


def stuck(want: Want) -> float:
    """Neither activation nor initialisation alone, only both; the rest does nothing, clipping harms."""
    both = {"relu", "he-init"} <= set(want.remedies)
    return 0.2 + noise(want) + (0.7 if both else 0.0) - (0.15 if "clip" in want.remedies else 0.0)


def test_a_declared_combination_wins_where_singles_fail() -> None:
    record, _ = simulate(stuck, [*SINGLES, *candidates(("relu", "he-init"))])
    found = {v.trial.remedies: v for v in verdicts(record)}
    assert best(list(found.values())) == ("relu", "he-init")
    assert found["relu", "he-init"].outcome == "helps" and found["relu", "he-init"].pairs == 8
    assert found[("clip",)].outcome == "harms"
    assert {v.outcome for r, v in found.items() if r != ("relu", "he-init")} <= {"harms", "no-difference", "unclear"}


def test_combinations_of_good_singles_are_tried() -> None:
    def model(want: Want) -> float:
        return 0.1 + noise(want, 0.001) + 0.2 * len({"relu", "he-init", "higher-lr"} & set(want.remedies))

    record, _ = simulate(model)
    assert ("relu", "he-init") in record.tried and ("relu", "higher-lr") in record.tried
    assert len(best(verdicts(record))) == 2


def test_the_simpler_of_two_equal_remedies_is_best() -> None:
    def model(want: Want) -> float:
        return 0.1 + noise(want, 0.001) + (0.8 if "relu" in want.remedies else 0.0)

    record, _ = simulate(model, [*SINGLES, *candidates(("relu", "he-init"))])
    assert best(verdicts(record)) == ("relu",)


def test_confirmation_uses_seeds_that_chose_nothing() -> None:
    record, asked = simulate(stuck, [*SINGLES, *candidates(("relu", "he-init"))])
    confirmed = next(v for v in verdicts(record) if v.outcome == "helps")
    assert all(s >= FRESH for s in confirmed.trial.seeds)
    assert len(asked) == len(set(asked)), "no arm is run twice"
    treated = {w.remedies: {x.seed for x in asked if x.remedies == w.remedies} for w in asked}
    assert all(seeds <= treated[()] for seeds in treated.values()), "every treated arm has its untouched twin"


def test_nothing_that_was_tried_helps() -> None:
    record, asked = simulate(lambda w: 0.2 + noise(w))
    found = verdicts(record)
    assert best(found) == () and {v.trial.remedies for v in found} == set(record.tried)
    assert len(asked) < 60


def test_every_control_diverges_and_one_remedy_lives() -> None:
    record, _ = simulate(lambda w: 0.9 + noise(w) if "clip" in w.remedies else None)
    found = {v.trial.remedies: v for v in verdicts(record)}
    assert "clip" in best(list(found.values()))
    assert found[("relu",)].outcome == "no-difference" and found[("relu",)].effect is None


def test_a_remedy_that_diverges_harms() -> None:
    record, _ = simulate(lambda w: None if "higher-lr" in w.remedies else 0.5 + noise(w))
    assert {v.trial.remedies: v.outcome for v in verdicts(record)}[("higher-lr",)] == "harms"


def test_verdicts_in_the_middle() -> None:
    record = Record(Plan(screen_steps=50, confirm_steps=100), Yardstick(name="accuracy"))

    def measure(wants: Sequence[Want]) -> None:
        for want in wants:
            if len(record.readings) == 20:
                raise KeyboardInterrupt
            record.readings[want] = Reading(stuck(want))

    with pytest.raises(KeyboardInterrupt):
        search([*SINGLES, *candidates(("relu", "he-init"))], record, measure)
    found = verdicts(record)
    assert len(found) >= 6 and not [v for v in found if v.outcome == "helps"]


def test_a_lower_is_better_yardstick() -> None:
    record = Record(Plan(screen_steps=50, confirm_steps=100), Yardstick(name="loss", higher_is_better=False))
    search(SINGLES, record, lambda ws: record.readings.update({w: Reading(1.0 + noise(w) - 0.5 * ("relu" in w.remedies)) for w in ws}))
    found = verdicts(record)
    assert "relu" in best(found) and next(v for v in found if v.outcome == "helps").effect == pytest.approx(0.5, abs=0.05)


# ------------------------------------------------------------------------------------------- yardstick and plan


def result(steps: int = 400, seconds: float = 10.0, exit: str = "finished", **series: Series) -> ArmResult:
    named = {k.replace("__", "."): v for k, v in series.items()}
    return ArmResult(key="k", exit=exit, steps=steps, seconds=seconds, startup_s=0.5, series=named)  # type: ignore[arg-type]


def validations(*values: float | None, every: int = 40) -> Series:
    return Series(tuple(every * (i + 1) - 1 for i in range(len(values))), values)


CURVE = validations(*(0.1 + 0.01 * i for i in range(10)))


def test_yardstick_in_order_of_preference() -> None:
    loss = Series(tuple(range(400)), (1.0,) * 400)
    full = {"validation__accuracy": CURVE, "training__accuracy": CURVE, "loss__value": loss, "printed val acc": CURVE}
    assert chosen(full).yardstick.name == "validation accuracy"
    del full["validation__accuracy"]
    assert chosen(full).yardstick.name == "printed val acc"
    full["printed val acc"] = validations(0.3)
    assert chosen(full).yardstick.name == "training accuracy"
    del full["training__accuracy"]
    measure = chosen(full)
    assert measure.yardstick.name == "training loss" and not measure.yardstick.higher_is_better and measure.is_loss
    assert choose(result()) is None


def test_a_run_that_never_was_finite_is_judged_all_the_same() -> None:
    dead = Series((0, 1, 2), (None,) * 3)
    measure = choose(result(steps=3, loss__value=dead))
    assert measure is not None and measure.is_loss and not measure.yardstick.higher_is_better
    assert reading(result(steps=3, loss__value=dead), measure, 3, treated=False).diverged


def chosen(series: dict[str, Series], metric: str | None = None) -> Measure:
    measure = choose(result(**series), metric)
    assert measure is not None
    return measure


def test_the_users_own_yardstick() -> None:
    series = {"validation__accuracy": CURVE, "validation__loss": CURVE, "printed metric": CURVE}
    assert chosen(series, "validation.loss").series == "validation.loss"
    assert chosen(series, r"score=(\S+)").series == "printed metric"
    with pytest.raises(UsageError, match=r"validation\.accuracy"):
        chosen({"validation__accuracy": CURVE}, "bleu")


def test_margin_is_a_share_of_what_is_left_to_gain() -> None:
    assert chosen({"validation__accuracy": validations(0.1, 0.1)}).yardstick.margin == pytest.approx(0.045)
    assert chosen({"validation__accuracy": validations(0.99, 0.99)}).yardstick.margin == pytest.approx(0.005)
    assert chosen({"loss__value": validations(2.0, 2.0)}).yardstick.margin == pytest.approx(0.1)


def test_an_r2_of_two_samples_is_no_yardstick() -> None:
    run = result(training__r2=CURVE, loss__value=CURVE)
    found = {batch: choose(run, batch=batch) for batch in (0, 2, 64)}
    assert [m.series if m else "" for m in found.values()] == ["training.r2", "loss.value", "training.r2"]


def test_where_validations_swing_the_mean_of_the_later_half_counts() -> None:
    steps = tuple(range(9, 129, 10))
    swinging = Series(steps, (0.3, 0.9, 0.4, 0.95, 0.3, 0.9, 0.35, 0.92, 0.4, 0.88, 0.3, 0.94))
    measure = chosen({"validation__accuracy": swinging})
    assert measure.swings and "later half" in measure.yardstick.name
    assert value_at(result(validation__accuracy=swinging), measure, 401) == pytest.approx(sum(swinging.values[6:]) / 6)
    dead = replace(swinging, values=(*swinging.values[:-1], None))
    assert value_at(result(validation__accuracy=dead), measure, 401) is None, "what is not finite in the end is lost"
    for values in ([0.1 + 0.07 * i for i in range(12)], [0.1] * 6 + [0.9] * 6, [0.9, 0.904] * 6):
        assert not chosen({"validation__accuracy": Series(steps, tuple(values))}).swings


def test_a_long_arm_is_read_as_if_it_had_stopped() -> None:
    measure = chosen({"validation__accuracy": CURVE})
    full, short = result(validation__accuracy=CURVE), result(steps=81, exit="stopped", validation__accuracy=validations(0.1, 0.11))
    assert value_at(full, measure, 81) == value_at(short, measure, 81) == pytest.approx(0.11)
    assert value_at(full, measure, 80) == pytest.approx(0.1), "the validation behind step 80 shows with step 81"
    assert value_at(full, measure, 401) == pytest.approx(0.19)


def test_readings() -> None:
    measure = chosen({"validation__accuracy": CURVE, "loss__value": CURVE})
    bad = result(steps=81, exit="stopped", validation__accuracy=validations(0.1, None), loss__value=validations(1.0, None))
    assert reading(bad, measure, 81, treated=True).diverged
    failed = ArmResult(key="k", exit="failed", error="ValueError: x", steps=3)
    assert reading(failed, measure, 81, treated=True).failure == "ValueError: x"
    undone = ArmResult(key="k", exit="stopped", steps=81, remedy_errors=("relu: no activation",), series={"validation.accuracy": CURVE})
    assert reading(undone, measure, 81, treated=True) == Reading(None, failure="relu: no activation")


def test_plan_holds_a_validation_and_the_budget() -> None:
    control = result(steps=10_000, seconds=1000.0, validation__accuracy=validations(*(0.1,) * 25, every=400))
    measure = Measure("validation.accuracy", Yardstick(name="y"))
    budget = effort.make_plan(control, measure, 18)
    assert budget.expected <= 1.25
    assert budget.plan.screen_steps >= 401 and (budget.plan.confirm_steps - 1) % 400 == 0
    assert budget.plan.pairs >= 6


def test_a_dear_validation_narrows_the_plan() -> None:
    control = result(steps=1000, seconds=5000.0, validation__accuracy=validations(0.1, 0.1, every=500))
    budget = effort.make_plan(control, Measure("validation.accuracy", Yardstick(name="y")), 18)
    assert budget.candidates <= 8 and budget.plan.finalists == 1 and budget.plan.confirm_steps == 501


def test_a_busy_machine_changes_nothing_of_the_plan() -> None:
    measure = Measure("validation.accuracy", Yardstick(name="y"))
    for seconds in (0.9, 15.0, 250.0, 5000.0):
        plans = [
            effort.make_plan(
                replace(result(seconds=seconds * busy, validation__accuracy=CURVE), startup_s=0.02 * seconds * busy), measure, 18
            )
            for busy in (0.8, 1.0, 1.2)
        ]
        assert plans[0].plan == plans[1].plan == plans[2].plan and plans[0].candidates == plans[2].candidates


def test_asked_steps_and_pairs_are_kept() -> None:
    control = result(validation__accuracy=CURVE)
    plan = effort.make_plan(control, Measure("validation.accuracy", Yardstick(name="y")), 3, pairs=4, steps=90, seed=7).plan
    assert (plan.screen_steps, plan.confirm_steps, plan.pairs, plan.seed) == (90, 90, 4, 7)


def test_trains_well_only_without_alarms() -> None:
    good, measure = result(validation__accuracy=validations(0.5, 0.97)), Measure("validation.accuracy", Yardstick(name="y"))
    assert trains_well(good, measure, ()) and not trains_well(good, measure, ("alarm",))
    assert not trains_well(result(validation__accuracy=CURVE), measure, ())


# ------------------------------------------------------------------------------------------------- candidates


def finding(cause: str = "vanishing-gradient", **more: Any) -> Finding:
    return Finding(rule=cause, root_cause=cause, message=Text("", ""), **more)


def test_candidates_come_from_findings_and_include_rivals() -> None:
    found = planning.candidates([finding()], Facts())
    names = [c.remedies for c in found]
    assert ("he-init",) in names[:3] and ("batch-norm",) in names and ("lower-lr",) in names
    assert len([n for n in names if len(n) == 1]) <= planning.SINGLES
    assert {"relu", "he-init"} in [set(n) for n in names], "a declared combination"
    assert next(c for c in found if c.remedies == ("lower-lr",)).root_cause == ""
    assert len({frozenset(n) for n in names}) == len(names)


def test_notes_and_previews_propose_nothing() -> None:
    general = planning.candidates([finding(severity="note"), finding("dead-units", preview=True)], Facts())
    assert {c.root_cause for c in general} == {""}


def test_asked_remedies_alone() -> None:
    found = planning.candidates([finding()], Facts(), ("he-init+relu", "clip-gradient-norm"))
    assert [c.remedies for c in found] == [("relu", "he-init"), ("clip-gradient-norm",)]
    with pytest.raises(UsageError, match="remedy"):
        planning.candidates([], Facts(), ("he-intt",))


def test_no_loss_remedy_is_judged_by_the_loss() -> None:
    from unstuck import plugins

    touching = {r.id for r in plugins.remedies().values() if r.touches == "loss"}
    for cause in ("loss-output-mismatch", "class-imbalance"):
        names = {n for c in planning.candidates([finding(cause)], Facts(), judged_by_loss=True) for n in c.remedies}
        assert not names & touching


# ------------------------------------------------------------------------------------------------ the whole way

STUCK = """
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset
torch.manual_seed(0)
X = torch.randn(480, 8); y = (X[:, 0] * X[:, 1] > 0).long() + 2 * (X[:, 2] > 0).long()
train = DataLoader(TensorDataset(X[:320], y[:320]), batch_size=32, shuffle=True)
held_out = DataLoader(TensorDataset(X[320:], y[320:]), batch_size=80)
model = nn.Sequential(*[m for _ in range(6) for m in (nn.Linear(8, 8), nn.Sigmoid())], nn.Linear(8, 4))
optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
for epoch in range(8):
    model.train()
    for xb, yb in train:
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(xb), yb).backward()
        optimizer.step()
    model.eval()
    right = 0
    with torch.no_grad():
        for xb, yb in held_out:
            right += (model(xb).argmax(1) == yb).sum().item()
    print(f"epoch {epoch} val acc {right / 160:.4f}")
"""


@pytest.fixture
def stuck_script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "stuck.py").write_text(STUCK)
    return "stuck.py"


@pytest.mark.slow
def test_a_treatment_of_a_real_script_and_its_resumption(stuck_script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    options = Options(remedy=("relu+he-init", "lower-lr"), pairs=4, steps=41, quiet=True)
    calls = [0]
    real = trials.Bench.done

    def interrupted(bench: Any, *args: Any) -> None:
        real(bench, *args)
        calls[0] += 1
        if calls[0] == 7:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(trials.Bench, "done", interrupted)
        with pytest.raises(KeyboardInterrupt) as stop:
            treat(stuck_script, options=options)
    partial = stop.value.args[0]
    assert partial.verdicts and "interrupted" in partial.treatment_note.en

    report = treat(stuck_script, options=options)
    found = {v.trial.remedies: v for v in report.verdicts}
    assert report.facts.exit == "finished" and report.treatment_note is None
    assert set(found) == {("relu", "he-init"), ("lower-lr",)}
    assert found["relu", "he-init"].trial.in_force is True and found["relu", "he-init"].pairs in range(3, 5)
    assert report.cost is not None and report.cost.arms >= 6

    again = treat(stuck_script, options=options)
    assert again.verdicts == report.verdicts, "everything comes from the cache, and says the same"


def test_a_script_that_fails_is_not_treated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bad.py").write_text("raise RuntimeError('by itself')\n")
    report = treat("bad.py", options=Options(quiet=True))
    assert report.facts.exit == "failed" and not report.verdicts and report.treatment_note is not None


def test_what_may_be_treated() -> None:
    with pytest.raises(UsageError, match="recipe"):
        as_program(3)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="no-such-script"):
        as_program("no-such-script.py")
