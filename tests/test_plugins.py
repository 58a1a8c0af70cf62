"""One contract for every probe and rule: ids, pages, signals that meet, findings that carry their own id. (Remedies: test_remedies.py.)"""

from __future__ import annotations

import re
from dataclasses import fields, is_dataclass
from pathlib import Path

import pytest

from unstuck import diagnosis, plugins
from unstuck.plugins import HEADINGS
from unstuck.records import ROOT_CAUSES, Facts, Trace

RULES, PROBES = plugins.load("rules"), plugins.load("probes")
EMITTED = {name for p in PROBES.values() for name in p.emits}  # type: ignore[attr-defined]
#: Signals that the recorder itself writes at every step.
PER_STEP = {"loss.value", "lr.value", "step.seconds", "clip.norm", "clip.limit"}


@pytest.mark.parametrize("kind", ["rules", "probes", "remedies", "checks"])
@pytest.mark.parametrize("lang", [0, 1])
def test_pages_have_the_headings_in_order(kind: str, lang: int) -> None:
    for name, plugin in plugins.load(kind).items():
        assert plugin.headings("zh" if lang else "en") == HEADINGS[kind][lang], name
        assert plugin.summary("zh" if lang else "en").rstrip().endswith(("。", "？") if lang else (".", "?")), name


@pytest.mark.parametrize("kind", ["rules", "probes", "remedies", "checks"])
def test_chinese_pages_are_chinese(kind: str) -> None:
    for name, plugin in plugins.load(kind).items():
        assert len(re.findall(r"[\u4e00-\u9fff]", plugin.page("zh"))) > 60, name
        assert not re.search(r"[\u4e00-\u9fff]", plugin.page("en")), name


@pytest.mark.parametrize("name", RULES)
def test_rule(name: str) -> None:
    rule = plugins.rules()[name]
    assert rule.root_cause in ROOT_CAUSES
    assert set(rule.explains) <= set(ROOT_CAUSES) and rule.root_cause not in rule.explains
    assert set(rule.needs) <= EMITTED | PER_STEP, "needs a signal that no probe emits"
    assert is_dataclass(rule)
    source = __import__("inspect").getsource(type(rule))
    for limit in fields(rule):
        line = next(line for line in source.splitlines() if re.match(rf"\s+{limit.name}:", line))
        assert "#" in line, f"{limit.name} has no unit and origin"


@pytest.mark.parametrize("name", RULES)
def test_a_rule_survives_an_empty_trace_and_leaves_it_alone(name: str) -> None:
    from unstuck.diagnosis import ask

    trace = Trace(Facts(steps=5))
    findings, reason = ask(plugins.rules()[name], trace)
    assert not findings, "a finding from nothing"
    assert reason is None or "failed" not in reason.en, reason
    assert trace == Trace(Facts(steps=5))


def test_every_root_cause_has_a_rule() -> None:
    assert {r.root_cause for r in plugins.rules().values()} == set(ROOT_CAUSES)


def test_every_detection_of_the_survey_is_mapped_to_rules() -> None:
    text = (Path(__file__).parents[1] / "docs" / "detections.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d+) \| [^|]+ \| ([^|]+) \|$", text, flags=re.MULTILINE)
    assert [int(n) for n, _ in rows] == [*range(1, 69), 74, 75]
    named = {name for _, cell in rows for name in re.findall(r"`([a-z-]+)`", cell) if not name.startswith("-")}
    assert named == set(plugins.rules()), "a rule that detects nothing of it, or no rule"
    assert all("`" in cell or "—" in cell for _, cell in rows)


def test_every_signal_is_read_by_a_rule_or_is_context() -> None:
    import unstuck

    folder = Path(unstuck.__file__).parent
    text = "".join(p.read_text(encoding="utf-8") for p in [*(folder / "rules").glob("*.py"), folder / "reading.py"])
    read = set(re.findall(r"[a-z]+\.[a-z_]+(?=\")", text)) | {f"{a}.{q}" for a in ("training", "validation") for q in ("accuracy", "r2")}
    read |= {f"output.{q}" for q in ("min", "max", "row_sum_error")} | {f"input.{q}" for q in ("mean", "std", "min", "max")}
    for name, probe in PROBES.items():
        unread = set(probe.emits) - read - set(probe.context)  # type: ignore[attr-defined]
        assert not unread, f"{name} emits what nobody reads: {sorted(unread)}"


def test_unknown_ids_are_met_with_near_ones() -> None:
    from unstuck.errors import UsageError

    with pytest.raises(UsageError, match="vanishing-gradient"):
        plugins.get("rules", "vanishing-gradiant")
    with pytest.raises(UsageError, match="he-init"):
        plugins.get("remedies", "he-intit")


@pytest.mark.parametrize("start", diagnosis.ABSENT)
def test_reasons_for_missing_signals_speak_of_signals_that_there_are(start: str) -> None:
    assert any(name.startswith(start) for name in EMITTED | PER_STEP)
    assert any(name.startswith(start) for r in RULES.values() for name in r.needs)  # type: ignore[attr-defined]
