"""The scoreboard: what counts as a hit, a miss and a false alarm; and the clinic itself, in small."""

from __future__ import annotations

import json
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

from unstuck import plugins, scoreboard
from unstuck.errors import UsageError
from unstuck.records import ROOT_CAUSES
from unstuck.scoreboard import Seen, scores, upper_limit

CASES = Path(__file__).parents[1] / "clinic" / "cases"


def seen(cause: str, *causes: str, also: tuple[str, ...] = (), script: str = "train.py") -> Seen:
    return Seen("c", 0, script, cause, also, "tune", causes=causes, rules=causes, steps=(5,) * len(causes))


def test_a_hit_is_the_first_ranked_cause() -> None:
    numbers = scores([
        seen("dead-units", "dead-units", "lr-too-low"),
        seen("dead-units", "lr-too-high", "dead-units"),
        seen("dead-units", "lr-too-high", also=("lr-too-high",)),
        seen("dead-units"),
    ])  # fmt: skip
    assert (numbers["first_ranked_strict"], numbers["first_ranked"], numbers["named_at_all"], numbers["faulty_runs"]) == (1, 2, 3, 4)
    assert len(numbers["misses"]) == 2 and numbers["steps_to_detect_median"] == 5


def test_any_alarm_on_a_healthy_run_is_a_false_one() -> None:
    numbers = scores([seen("none", "dead-units"), *(seen("none") for _ in range(59))])
    assert numbers["false_alarms"] == 1 and numbers["rules"]["dead-units"]["false_alarms"] == 1
    assert 0.05 < numbers["false_alarm_upper_95"] < 0.09


def test_a_healthy_run_is_also_looked_at_as_if_broken_off() -> None:
    healthy = [replace(seen("none"), broken_off=b) for b in (((), ("lr-too-low",)), (("lr-too-low",), ("overfitting",)), ((), ()))]
    numbers = scores([seen("dead-units", "dead-units"), *healthy])
    assert numbers["false_alarms_broken_off"] == {"0.2": 1, "0.5": 2} and numbers["false_alarms"] == 0
    assert "at 20% of their steps: 1 of 3 (33%), at 50% of their steps: 2 of 3 (67%)" in scoreboard.table(numbers)


def test_upper_limit_is_clopper_pearsons() -> None:
    assert upper_limit(0, 0) is None
    assert upper_limit(0, 60) == pytest.approx(1 - 0.05 ** (1 / 60))
    assert upper_limit(3, 3) == 1.0


def test_the_page_names_misses_and_alarms() -> None:
    page = scoreboard.table(scores([seen("dead-units"), seen("none", "overfitting")]))
    assert "c/train.py seed 0 (dead-units): nothing" in page and "c/train.py seed 0 (none): overfitting" in page


def test_a_folder_without_cases(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"case\.toml"):
        scoreboard.cases(tmp_path)


def test_every_case_is_complete() -> None:
    paths = sorted(CASES.glob("*/case.toml"))  # one test: a thousand of them would take longer to report than to run
    assert paths
    for path in paths:
        told = tomllib.loads(path.read_text(encoding="utf-8"))
        assert told["id"] == path.parent.name and told["title"] and told["half"] in ("tune", "report"), path
        assert told["root_cause"] in (*ROOT_CAUSES, "none") and set(told["also_acceptable"]) <= set(ROOT_CAUSES), path
        assert (path.parent / "fixed.py").is_file() == (told["root_cause"] != "none"), path
        for script in path.parent.glob("*.py"):
            text = script.read_text(encoding="utf-8")
            assert "final_metric=" in text and "unstuck" not in text, script
            compile(text, str(script), "exec")


def test_the_clinic_is_large_enough() -> None:
    kinds = [tomllib.loads(p.read_text(encoding="utf-8"))["root_cause"] for p in CASES.glob("*/case.toml")]
    assert set(kinds) - {"none"} == set(ROOT_CAUSES)
    assert sum(k != "none" for k in kinds) >= 70 and kinds.count("none") >= 60


@pytest.mark.slow
def test_plain_faults_are_named_and_their_fixed_twins_are_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    plain = (
        "vanishing-sigmoid-stack",
        "zero-grad-no-call",
        "loss-softmax-then-ce",
        "circles-pixel-coordinates",
        "symmetric-constant-hidden",
    )
    found = [c for c in scoreboard.cases(CASES) if c.id in plain]
    assert len(found) == 10
    numbers = scores(scoreboard.look(found, [0], quiet=True))
    assert numbers["first_ranked"] == 5, numbers["misses"]
    assert numbers["false_alarms"] == 0, numbers["alarms"]


@pytest.mark.parametrize("name", plugins.rules())
def test_a_rule_is_a_preview_until_the_clinic_has_shown_that_it_is_quiet(name: str) -> None:
    measured = json.loads((Path(__file__).parents[1] / "clinic" / "measured.json").read_text())
    assert plugins.rules()[name].preview or (name in measured and scoreboard.earned(measured[name])), measured.get(name)


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ({"runs": 2, "healthy": 150, "false_alarms": 3}, True),
        ({"runs": 2, "healthy": 150, "false_alarms": 4}, False),
        ({"runs": 2, "healthy": 149, "false_alarms": 0}, False),
        ({"runs": 0, "healthy": 500, "false_alarms": 0}, False),
    ],
)
def test_what_a_rule_must_show(counts: dict[str, int], expected: bool) -> None:
    assert scoreboard.earned(counts) is expected
