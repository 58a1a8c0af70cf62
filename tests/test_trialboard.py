"""The scores of whole treatments: what counts as proven, as better than random, and a clinic of one case from end to end."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from test_treatment import STUCK

from unstuck import cli, scoreboard, trialboard
from unstuck.treated import Treated, Tried, gain_share
from unstuck.trialboard import chosen
from unstuck.trialboard_table import scores, table

PROVEN = Tried(best=("relu",), effect=0.5, interval=(0.3, 0.7), pairs=3, steps=50, arms=7, seconds=1.2, final=0.9, share=1.0)
NOTHING = Tried(arms=9, seconds=4.0)


def treated(ours: Tried = PROVEN, random: Tried | None = None, cause: str = "vanishing-gradient", **more: object) -> Treated:
    known = {"case": "c", "half": "tune", "root_cause": cause, "full_run_s": 1.0, "untouched": 0.1, "fixed": 0.9} | more
    return Treated(ours=ours, random=random, **known)  # type: ignore[arg-type]


def test_a_gain_is_a_share_of_the_fixes() -> None:
    assert gain_share(0.2, 1.0, 0.6) == pytest.approx(0.5)
    assert gain_share(0.2, 1.0, 0.1) == pytest.approx(-0.125)
    assert gain_share(0.9, 0.6, 0.95) is None, "a fix that gains nothing (of a leak) is no measure"
    assert gain_share(None, 1.0, 0.6) is None


@pytest.mark.parametrize(
    ("ours", "random", "expected"),
    [
        (PROVEN, NOTHING, 1),
        (PROVEN, replace(PROVEN, share=0.5), 1),
        (PROVEN, replace(PROVEN, share=0.99), 0),
        (replace(PROVEN, share=0.5), PROVEN, -1),
        (NOTHING, PROVEN, -1),
        (NOTHING, NOTHING, 0),
        (PROVEN, None, None),
    ],
)
def test_better_than_random(ours: Tried, random: Tried | None, expected: int | None) -> None:
    assert treated(ours, random).against_random == expected


def test_at_equal_cost_a_later_proof_does_not_count() -> None:
    ours = replace(PROVEN, runs=1.0, proven_at=0.5)
    late, soon = replace(PROVEN, runs=1.8, proven_at=1.2), replace(PROVEN, runs=1.8, proven_at=0.9)
    assert [treated(ours, drawn).at_equal_cost for drawn in (late, soon, None)] == [1, 0, None]
    assert [treated(ours, drawn).against_random for drawn in (late, soon)] == [0, 0]
    assert treated(replace(NOTHING, runs=1.0), late).at_equal_cost == 0, "neither proved anything by then"
    numbers = scores([treated(ours, late), treated(ours, soon)])
    assert (numbers["better_at_equal_cost"], numbers["same_at_equal_cost"], numbers["random_cost_median"]) == (1, 1, 1.8)


def test_every_number_has_its_denominator_and_its_failures() -> None:
    rows = [
        treated(PROVEN, NOTHING),
        treated(replace(PROVEN, share=0.5, seconds=3.0), PROVEN, case="half"),
        treated(NOTHING, NOTHING, case="missed"),
        treated(Tried(), None, case="untried"),
        treated(PROVEN, None, cause="none", case="well", repeats=False),
    ]
    numbers = scores(rows)
    assert (numbers["faulty"], numbers["proven"], numbers["unproven"]) == (4, 2, ["missed", "untried"])
    assert numbers["share_of_fix_median"] == pytest.approx(0.75) and numbers["share_of_fix_median_all"] == pytest.approx(0.25)
    assert (numbers["cost_median"], numbers["cost_cases"]) == (3.0, 3), "what was not tried costs nothing and counts for nothing"
    assert [numbers[f"{k}_than_random"] for k in ("better", "worse")] == [1, 1] and numbers["compared_with_random"] == 3
    assert (numbers["helps_on_healthy"], numbers["not_repeated"]) == (1, 1)
    page = table(numbers)
    assert "2 of 4 (50%)" in page and "- missed" in page and "does not repeat" in page


def test_fixed_twins_are_not_treated(tmp_path: Path) -> None:
    make(tmp_path, "one"), make(tmp_path, "two")
    found = scoreboard.cases(tmp_path)
    assert (
        len(found) == 4
        and [c.id for c in chosen(found, "t*")] == ["two"] == [c.id for c in chosen(found, "x, two")]
        and len(chosen(found, None)) == 2
    )


def make(clinic: Path, name: str) -> None:
    (clinic / name).mkdir()
    script = STUCK.replace("stuck.py", "train.py") + 'print(f"final_metric={right / 160:.4f}")\n'
    (clinic / name / "train.py").write_text(script)
    (clinic / name / "fixed.py").write_text(script.replace("nn.Sigmoid()", "nn.Tanh()").replace("lr=0.05", "lr=0.5"))
    told = f'id = "{name}"\nroot_cause = "vanishing-gradient"\nhalf = "tune"\n'
    (clinic / name / "case.toml").write_text(told)


@pytest.mark.slow
def test_a_clinic_of_one_case(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "cases").mkdir()
    make(tmp_path / "cases", "one")
    assert cli.main(["clinic", "cases", "--treat", "--against", "random", "--seeds", "1", "--quiet"]) == 0
    said = capsys.readouterr().out
    assert "| one | vanishing-gradient | vanishing-gradient |" in said and "of 1" in said


def test_an_interrupted_clinic_tells_what_it_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    make(tmp_path, "one"), make(tmp_path, "two")
    rows = [treated(case="one")]

    def one_then_stop(*_args: object) -> Treated:
        if rows:
            return rows.pop()
        raise KeyboardInterrupt

    monkeypatch.setattr(trialboard, "_treated", one_then_stop)
    assert cli.main(["clinic", str(tmp_path), "--treat", "--quiet"]) == 130
    assert "1 of 1" in capsys.readouterr().out
