"""What a report looks like: whole texts in `tests/golden`.

`UPDATE_GOLDEN=1 pytest tests/test_renderers.py` rewrites them; what changed is read in the diff.
"""

from __future__ import annotations

import json
import os
import re
from dataclasses import replace
from importlib import import_module
from pathlib import Path

import pytest
from rich.cells import cell_len

from unstuck import language, sentences, wording
from unstuck.records import (
    ROOT_CAUSES,
    Blind,
    Cost,
    Evidence,
    Facts,
    Finding,
    Place,
    Report,
    Skipped,
    Text,
    Trial,
    Verdict,
    Yardstick,
)
from unstuck.renderers import as_json, as_jsonl, as_markdown, as_text

GOLDEN = Path(__file__).parent / "golden"
ACCURACY = Yardstick(name="validation accuracy", margin=0.01)
SIGMOIDS = tuple(Place(name=f"net.{2 * i + 1}", kind="Sigmoid", order=2 * i + 1, file="train.py", line=14) for i in range(7))
FACTS = Facts(script="train.py", exit="finished", steps=400, sampled=60, overhead=0.0081, seconds=20.1)


def verdict(remedies: str, outcome: str, treated: tuple[float | None, ...], **more: object) -> Verdict:
    control = (0.11, 0.10, 0.12, 0.09, 0.11, 0.13, 0.10, 0.12)
    both = [(c, t) for c, t in zip(control, treated, strict=True) if t is not None]
    effect = sum(t - c for c, t in both) / len(both) if both else None
    known = {name: more.pop(name) for name in ("reason", "pairs", "interval") if name in more}
    fixed = {"seeds": tuple(range(8)), "steps": 120, "yardstick": ACCURACY, "root_cause": "vanishing-gradient"}
    trial = Trial(remedies=tuple(remedies.split(" + ")), control=control, treated=treated, **(fixed | more))
    interval = (effect - 0.02, effect + 0.02) if effect is not None else None
    return Verdict(trial=trial, outcome=outcome, effect=effect, **({"interval": interval, "pairs": len(both)} | known))


VANISHING = Finding(
    rule="vanishing-gradient",
    root_cause="vanishing-gradient",
    severity="error",
    confidence=0.97,
    places=SIGMOIDS,
    message=Text(
        "The gradient shrinks 0.21x per layer: 3.1e-9 of the output layer's reaches net.0. Of each 0.21x, the sigmoid's slope takes 0.24x "
        "(it cannot exceed 0.25) and the weights 0.87x.",
        "梯度每层缩小为 0.21 倍：输出层梯度只有 3.1e-9 传到 net.0。在每层的 0.21 倍中，sigmoid 的斜率占 0.24 倍（上限 0.25），"
        "权重占 0.87 倍。",
    ),
    evidence=(
        Evidence(signal="gradient.norm", place="net.0", step=40, value=3.1e-9),
        Evidence(signal="gradient.norm", place="net.1", step=40, value=float("nan")),
    ),
    first_step=3,
    remedies=("relu", "he-init"),
    explains=("lr-too-low", "saturated-activation"),
    topic="vanishing-gradient",
)
SATURATED = Finding(
    rule="saturated-activation",
    root_cause="saturated-activation",
    places=(SIGMOIDS[5],),
    message=Text(
        "0.62 of the outputs of net.11 are within 0.02 of a bound (limit 0.5).", "net.11 有 0.62 的输出距边界不到 0.02（上限 0.5）。"
    ),
    confidence=0.61,
)
UNSCALED = Finding(
    rule="inputs-not-normalised",
    root_cause="inputs-not-normalised",
    severity="note",
    places=(Place(name="input", kind="input"),),
    message=Text("The inputs range from 0 to 16.", "输入的范围是 0 到 16。"),
    preview=True,
)
SKIPPED = (
    Skipped(rule="overfitting", reason=Text("no validation phase seen.", "没有看到验证阶段。")),
    Skipped(rule="missing-zero-grad", reason=Text("the gradients were replaced", "梯度被替换")),
)
WATCHED = Report(
    facts=replace(
        FACTS,
        blind=(Blind(what="encoder", reason=Text("a fused LSTM.", "融合的 LSTM。")),),
        disarmed={"gradients": "RuntimeError: shapes differ"},
    ),
    findings=(VANISHING, SATURATED, UNSCALED),
    skipped=SKIPPED,
    clean=("dead-units", "lr-too-high", "non-finite"),
    signals=11,
    measured_places=9,
)
TREATED = replace(
    WATCHED,
    findings=(VANISHING, SATURATED),
    clean=tuple(f"cause-{i}" for i in range(31)),
    verdicts=(
        verdict("larger-lr", "no-difference", (0.11, 0.10, 0.12, 0.09, 0.11, 0.13, 0.10, 0.13), symptom_gone=False),
        verdict("batch-norm", "helps", (0.93, 0.92, 0.94, 0.93, 0.92, 0.95, 0.93, 0.92), symptom_gone=True),
        verdict("relu + he-init", "helps", (0.96, 0.95, 0.97, 0.96, 0.96, 0.95, 0.96, 0.97), symptom_gone=True, in_force=True),
        verdict("residual", "unclear", (0.11, None, 0.31, 0.52, 0.11, None, 0.4, 0.12), failures=("RuntimeError: shapes differ",)),
        verdict("smaller-init", "unclear", (0.12, None, 0.11, 0.12, 0.11, 0.1, None, 0.1), diverged_treated=(1,), in_force=False),
        verdict(
            "clipping",
            "harms",
            (0.01, 0.02, 0.02, None, 0.01, 0.03, 0.02, 0.02),
            diverged_treated=(3,),
            in_force=False,
            reason=Text("the training diverged only with it in 1 of 8 pairs", "8 对之中，1 对只在试验时发散"),
        ),
        verdict("standardise", "unclear", (None,) * 8, root_cause="inputs-not-normalised", failures=("no DataLoader was seen",)),
    ),
    best=("relu", "he-init"),
    cost=Cost(full_run_s=20.1, trials_s=97.4, arms=34),
    treatment_note=Text("Stopped by Ctrl-C after 34 of 48 arms.", "在 48 次运行中的第 34 次后被 Ctrl-C 中断。"),
)
HOPELESS = replace(TREATED, findings=(VANISHING,), verdicts=TREATED.verdicts[:1], best=(), treatment_note=None)
UNSETTLED = replace(
    HOPELESS,
    verdicts=tuple(
        verdict(name, "unclear", (0.47,) + (None,) * 7, root_cause=cause, reason=Text("1 of at least 3 pairs", "只有 1 对，至少需要 3 对"))
        for name, cause in (("relu", "vanishing-gradient"), ("tanh + xavier-init", "vanishing-gradient"), ("weight-decay", ""))
    ),
)
HEALTHY = Report(facts=FACTS, skipped=SKIPPED, clean=("dead-units", "lr-too-high"), signals=11, measured_places=9)
FAILED = replace(HEALTHY, facts=replace(FACTS, exit="failed", steps=12, error="ValueError: no such column"))
EMPTY = Report(facts=replace(FACTS, steps=0))
REPORTS = {
    "treated": TREATED,
    "watched": WATCHED,
    "hopeless": HOPELESS,
    "unsettled": UNSETTLED,
    "healthy": HEALTHY,
    "failed": FAILED,
    "empty": EMPTY,
}


def golden(name: str, text: str) -> None:
    """The text must be that of the file."""
    path = GOLDEN / f"{name}.txt"
    text = re.sub(r"unstuck(\"?:? \"?)\d+\.\d+\.\d+\w*", r"unstuck\1VERSION", text)
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(text, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == text


@pytest.mark.parametrize("lang", language.LANGUAGES)
@pytest.mark.parametrize("name", REPORTS)
def test_text(name: str, lang: str) -> None:
    golden(f"{name}.{lang}", as_text.render(REPORTS[name], lang))


@pytest.mark.parametrize("lang", language.LANGUAGES)
def test_markdown(lang: str) -> None:
    golden(f"treated.markdown.{lang}", as_markdown.render(TREATED, lang))


def test_json_golden() -> None:
    golden("treated.json", as_json.render(TREATED))


def test_golden_files_are_all_used() -> None:
    names = {f"{name}.{lang}" for name in REPORTS for lang in language.LANGUAGES}
    names |= {f"treated.markdown.{lang}" for lang in language.LANGUAGES} | {"treated.json"}
    assert {path.stem for path in GOLDEN.glob("*.txt")} == names


def test_rendering_leaves_the_language_alone() -> None:
    language.choose("en")
    as_text.render(HEALTHY, "zh")
    as_markdown.render(HEALTHY, "zh")
    assert language.chosen() == "en"


@pytest.mark.parametrize("lang", language.LANGUAGES)
def test_nothing_found_is_one_line(lang: str) -> None:
    assert as_text.render(HEALTHY, lang).count("\n") == 1


def test_skipped_is_not_clean() -> None:
    assert "Looked for: 2, could not look: 2." in as_text.render(HEALTHY)
    assert "no validation phase seen" in as_text.render(HEALTHY, verbose=True)


def test_the_command_that_comes_next_has_the_scripts_own_arguments() -> None:
    facts = replace(WATCHED.facts, arguments=("--name", "a b", "--lr=0.1"))
    assert "unstuck treat train.py --name 'a b' --lr=0.1" in as_text.render(replace(WATCHED, facts=facts))


def test_nothing_watched_is_not_healthy() -> None:
    assert "No problem found" not in as_text.render(EMPTY)
    assert "No problem found" not in as_markdown.render(EMPTY)


@pytest.mark.parametrize("lang", language.LANGUAGES)
def test_sentences_keep_the_width(lang: str) -> None:
    lines = as_text.render(WATCHED, lang, width=60).splitlines()
    own = [line for line in lines if line.startswith("  ") and "Sigmoid" not in line]
    assert len(own) > 5 and max(map(cell_len, own)) <= 60


def test_no_line_begins_with_closing_punctuation() -> None:
    for width in range(30, 100):
        for line in as_text.render(WATCHED, "zh", width=width).splitlines():
            assert not re.match(r"\s*[，。；：、）]", line), (width, line)


def test_colour_is_all_that_colour_adds() -> None:
    coloured = as_text.render(TREATED, color=True)
    assert "\x1b[1;31merror\x1b[0m" in coloured
    assert re.sub(r"\x1b\[[\d;]*m", "", coloured) == as_text.render(TREATED)


def test_consequences_stand_under_their_cause() -> None:
    chain = [replace(UNSCALED, root_cause=c, explains=e) for c, e in (("a", ("b",)), ("b", ("c",)), ("c", ()), ("d", ()), ("a", ()))]
    table = sentences.consequences(Report(facts=FACTS, findings=tuple(chain)))
    assert [(own.root_cause, [f.root_cause for f in under]) for own, under in table] == [("a", ["b", "c"]), ("d", []), ("a", [])]


def test_every_verdict_is_told_once() -> None:
    twice = replace(TREATED, findings=(VANISHING, replace(VANISHING, places=SIGMOIDS[:1]), SATURATED))
    for render in (as_text.render, as_markdown.render):
        text = render(twice)
        assert text.count("larger-lr") == text.count("standardise") == 1


@pytest.mark.parametrize(
    ("places", "text"),
    [
        ((), ""),
        (SIGMOIDS[:1], "net.1 (Sigmoid)"),
        (SIGMOIDS[:2], "net.1, net.3 (Sigmoid)"),
        (SIGMOIDS, "net.1 … net.13 (Sigmoid)"),
        ((SIGMOIDS[0], Place(name="out", kind="Linear")), "net.1, out (Sigmoid, Linear)"),
        ((Place(name="input", kind="input"),), "input"),
        ((Place(name="run", kind="run"),), "the whole run"),
    ],
)
def test_places_are_abbreviated(places: tuple[Place, ...], text: str) -> None:
    assert wording.where(places) == text


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ((0.9612, 0.11), "0.961"),
        ((12.345,), "12.3"),
        ((1.0, 0.474), "1.000"),
        ((1234.5,), "1234"),
        ((2.5e-5,), "2.50e-05"),
        ((0.0,), "0"),
        ((-0.0001, 2.0), "0.00"),
        ((float("nan"),), "nan"),
    ],
)
def test_numbers(values: tuple[float, ...], text: str) -> None:
    assert wording.written_like(*values)(values[0]) == text


def test_every_root_cause_has_a_name() -> None:
    assert set(wording.cause_names()) == set(ROOT_CAUSES)


# -------------------------------------------------------------------------------------------------------------- JSON

# architecture.md, section 6
KEYS = "version unstuck script exit steps overhead findings skipped clean verdicts best cost"
FINDING_KEYS = "rule root_cause severity confidence places message evidence first_step remedies explains topic"
VERDICT_KEYS = "remedies outcome yardstick control treated effect interval level pairs steps symptom_gone root_cause in_force"


def test_json_has_exactly_the_promised_keys() -> None:
    report = json.loads(as_json.render(TREATED))
    assert " ".join(report) == KEYS
    assert " ".join(report["findings"][0]) == FINDING_KEYS
    assert " ".join(report["findings"][0]["places"][0]) == "name kind file line"
    assert " ".join(report["findings"][0]["evidence"][0]) == "signal place step value"
    assert " ".join(report["verdicts"][0]) == VERDICT_KEYS
    assert " ".join(report["cost"]) == "full_run_s trials_s arms"
    assert report["skipped"][0] == {"rule": "overfitting", "reason": {"en": "no validation phase seen.", "zh": "没有看到验证阶段。"}}


def test_json_has_no_numbers_that_json_has_not() -> None:
    def refuse(constant: str) -> None:
        raise AssertionError(constant)

    report = json.loads(as_json.render(TREATED), parse_constant=refuse)
    assert [e["value"] for e in report["findings"][0]["evidence"]] == [3.1e-9, None]
    assert report["verdicts"][3]["treated"][1] is None


def test_json_rounds_to_six_digits() -> None:
    assert as_json.plain({"a": (1 / 3, 123456789.0, 5)}) == {"a": [0.333333, 123457000.0, 5]}


def test_jsonl_says_the_same_as_json() -> None:
    lines = [json.loads(line) for line in as_jsonl.render(TREATED).splitlines()]
    whole = json.loads(as_json.render(TREATED))
    kinds = [line.pop("type") for line in lines]
    assert kinds == ["run", "finding", "finding", "skipped", "skipped", *["verdict"] * 7, "summary"]
    assert lines[1:3] == whole["findings"] and lines[3:5] == whole["skipped"] and lines[5:-1] == whole["verdicts"]
    assert {**lines[0], **lines[-1]} == {key: value for key, value in whole.items() if key not in ("findings", "skipped", "verdicts")}


def test_markdown_escapes_what_it_would_take_as_its_own() -> None:
    odd = replace(VANISHING, message=Text("a *b* <c> [d]", ""), places=())
    assert r"a \*b\* \<c> \[d\]" in as_markdown.render(replace(WATCHED, findings=(odd,)))


@pytest.mark.parametrize("name", ["text", "json", "jsonl", "markdown"])
def test_every_renderer_takes_every_report(name: str) -> None:
    render = import_module(f"unstuck.renderers.as_{name}").render
    for report in REPORTS.values():
        assert render(report, "zh").endswith("\n")
