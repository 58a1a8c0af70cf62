"""The handbook's contract: every topic complete in both languages, every link and row real, every claim with its rule; slow: every claim runs."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
import pytest

from unstuck import cli, drawing, formulas, lab, lab_table, language, pages, plugins, topics
from unstuck.errors import PluginError, UsageError
from unstuck.lab import Claim, Result, Verdict
from unstuck.records import Text

TOPICS = topics.topics()
CHINESE = re.compile("[\u4e00-\u9fff]")
KNOWN_ROWS = {str(row["id"]) for row in topics.table()["row"]}


@pytest.fixture(autouse=True)
def _english_afterwards() -> Iterator[None]:
    yield
    language.choose("en")


def claims() -> list[type[Claim]]:
    return [kind for topic in TOPICS.values() for kind in topic.claims()]


def by_name(kind: type[Claim]) -> str:
    return f"{kind().topic}/{kind().id}"


# ----------------------------------------------------------------------------------------------------------- contract


@pytest.mark.parametrize("name", TOPICS)
def test_topic_is_complete_in_both_languages(name: str) -> None:
    topic = TOPICS[name]
    assert {p.name for p in topic.folder.iterdir() if p.is_file()} >= {"__init__.py", "page.en.md", "page.zh.md"}
    assert name in topics.planned(), "not in the list of topics (handbook/rows.toml)"
    for lang in language.LANGUAGES:
        assert topic.page(lang).startswith("# ") and topic.title(lang), lang
        assert topic.headings(lang) == topics.HEADINGS[lang], lang
        assert all(topic.section(heading, lang) for heading in topics.HEADINGS[lang]), lang
    assert CHINESE.search(topic.title("zh")) and not CHINESE.search(topic.title("en"))
    assert len(CHINESE.findall(topic.page("zh"))) > 300


@pytest.mark.parametrize("name", TOPICS)
def test_links_and_rows_exist(name: str) -> None:
    topic = TOPICS[name]
    known = {"rule": plugins.rules(), "remedy": plugins.remedies(), "probe": plugins.load("probes"), "topic": topics.planned()}
    for lang in language.LANGUAGES:
        assert [f"{kind}:{target}" for kind, target in topic.links(lang) if target not in known[kind]] == [], lang
        assert [row for row in topics.cited(topic.page(lang)) if row not in KNOWN_ROWS] == [], lang


@pytest.mark.parametrize("name", TOPICS)
def test_formulas_are_closed_and_readable(name: str) -> None:
    for lang in language.LANGUAGES:
        page = re.sub(r"```.*?```|`[^`\n]+`", "", TOPICS[name].page(lang), flags=re.DOTALL)
        assert page.count("$") % 2 == 0, lang
        said = re.sub(r"```.*?```|`[^`\n]+`", "", formulas.in_terminal(TOPICS[name].page(lang)), flags=re.DOTALL)
        left = re.findall(r"\\[A-Za-z]+", said)
        assert left == [], lang
        assert "$" not in said, lang


@pytest.mark.parametrize("name", TOPICS)
def test_pages_list_the_claims(name: str) -> None:
    topic = TOPICS[name]
    ids = [topics.identity(kind) for kind in topic.claims()]
    for lang in language.LANGUAGES:
        told = re.findall(r"^[-*] `?([a-z0-9-]+)`?\s*[:：]", topic.section(topics.HEADINGS[lang][6], lang), flags=re.MULTILINE)
        assert sorted(told) == sorted(ids), lang


@pytest.mark.parametrize("kind", claims(), ids=by_name)
def test_claim_has_statement_rule_and_rows(kind: type[Claim]) -> None:
    claim = kind()
    assert claim.rows or claim.experiment, "which row does it settle?"
    assert set(claim.rows) <= KNOWN_ROWS and (not claim.experiment or re.fullmatch(r"X\d\d", claim.experiment))
    for said in (claim.statement, claim.rule, *([claim.depends] if claim.depends else [])):
        assert said.en and not CHINESE.search(said.en) and CHINESE.search(said.zh)
    assert claim.page().partition("\n")[0].endswith((".", "?")) and "## The set-up" in claim.page() and "## Why" in claim.page()
    knobs = {f.name: f.default for f in fields(kind)}
    assert all(isinstance(value, bool | int | float | str) for value in knobs.values())
    assert set(kind.quick) <= set(knobs) and kind.seeds >= 1
    kind(**kind.quick)


def test_claims_of_a_topic_have_different_ids() -> None:
    """Two topics may use one name; `topic/claim` tells them apart."""
    names = [by_name(kind) for kind in claims()]
    assert sorted(n for n in set(names) if names.count(n) > 1) == []


def test_every_row_is_covered() -> None:
    missing = [name for name in topics.planned() if name not in TOPICS]
    rows = topics.coverage()
    assert len(rows) == 258
    if missing:
        pytest.skip(f"not written yet: {', '.join(missing)}")
    assert [f"{row.id} ({', '.join(row.topics)})" for row in rows if row.covered == "missing"] == []


# -------------------------------------------------------------------------------------------------------- the machine


@dataclass(frozen=True)
class TwiceIsTwo(Claim):
    """A number times itself, and a random one.

    ## The set-up
    None.
    ## Why
    To test the lab.
    """

    rows = ("S0-01",)
    statement = Text("twice {is} two", "两倍为二")
    rule = Text("at least 2", "不小于 2")
    quick = {"factor": 1}
    factor: int = 2
    word: str = "a"
    exact: bool = True

    def measure(self, seed: int) -> dict[str, float]:
        import torch

        return {"product": float(self.factor), "noise": float(torch.rand(1)), "curve": np.arange(3.0) * seed}  # type: ignore[dict-item]

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        return "holds" if measured["product"].min() >= 2 else "fails as stated"

    def plot(self, figure: object, measured: dict[str, np.ndarray], lang: str) -> None:
        axes = figure.add_subplot()  # type: ignore[attr-defined]
        axes.plot(measured["curve"].T, label="梯度消失" if lang == "zh" else "vanishing")
        axes.set_title("每层的梯度范数" if lang == "zh" else "gradient by layer")
        axes.legend()


class Broken(TwiceIsTwo):
    """Raises."""

    def measure(self, seed: int) -> dict[str, float]:
        raise RuntimeError("no such thing")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_run_measures_judges_and_remembers(folder: Path) -> None:
    (first,) = lab.run([TwiceIsTwo])
    assert first.verdict == "holds" and first.seeds == 5 and not first.cached and first.measured["curve"].shape == (5, 3)
    (again,) = lab.run([TwiceIsTwo])
    assert again.cached and again.verdict == "holds"
    assert np.array_equal(again.measured["noise"], first.measured["noise"])
    (fresh,) = lab.run([TwiceIsTwo], keep=False)
    assert not fresh.cached and np.array_equal(fresh.measured["noise"], first.measured["noise"]), "each repeat has its own seed"
    assert len(set(fresh.measured["noise"])) == 5
    (quick,) = lab.run([TwiceIsTwo], quick=True)
    assert quick.seeds == lab.QUICK_SEEDS and quick.verdict == "fails as stated"
    (set_,) = lab.run([TwiceIsTwo], seeds=3, knobs={"factor": "7", "word": "b", "exact": "no"}, quick=True)
    assert set_.seeds == 3 and set_.claim.knobs == {"factor": 7, "word": "b", "exact": False}


def test_a_claim_that_fails_to_run_is_told(folder: Path) -> None:
    broken, sound = lab.run([Broken, TwiceIsTwo])
    assert broken.verdict is None and "no such thing" in broken.error and sound.verdict == "holds"
    assert "no such thing" in lab_table.results_as("text", [broken, sound], "en")


def test_wrong_knobs_are_told() -> None:
    with pytest.raises(UsageError, match="factor"):
        lab.run([TwiceIsTwo], knobs={"nothing": "1"})
    with pytest.raises(UsageError, match="such as 2"):
        lab.run([TwiceIsTwo], knobs={"factor": "two"})
    with pytest.raises(UsageError, match="true or false"):
        lab.run([TwiceIsTwo], knobs={"exact": "maybe"})


def test_json_rows_are_what_the_issue_says(folder: Path) -> None:
    results = lab.run([TwiceIsTwo])
    (row,) = json.loads(lab_table.results_as("json", results, "en"))
    assert {"topic", "claim", "rows", "statement", "measured", "rule", "verdict", "seconds"} <= set(row)
    assert row["statement"] == {"en": "twice {is} two", "zh": "两倍为二"} and row["measured"]["product"]["median"] == 2.0
    assert lab.spread(np.array([np.inf, 1.0]))["values"] == ["inf", 1.0]
    assert "| `twice-is-two` |" in lab_table.results_as("markdown", results, "en")


@pytest.mark.parametrize("lang", language.LANGUAGES)
def test_plots_are_drawn_with_real_characters(folder: Path, lang: str) -> None:
    pytest.importorskip("matplotlib")
    if lang == "zh" and drawing.chinese_font() is None:
        pytest.skip("no font with Chinese characters is installed")
    results = lab.run([TwiceIsTwo])
    (path,) = drawing.save(results, folder / "a.png", lang)  # a missing glyph is a warning, and warnings are errors here
    assert path.stat().st_size > 5000
    with pytest.raises(UsageError):
        drawing.save(results, folder / "a.xyz", lang)


def test_no_chinese_font_means_english_labels(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawing, "chinese_font", lambda: None)
    assert drawing.language("zh") == "en" and drawing.language("en") == "en"


@pytest.mark.parametrize(
    ("latex", "said"),
    [
        (r"\frac{\partial L}{\partial h_{l-1}} = W_l^\top D_l \frac{\partial L}{\partial h_l}", "∂L/∂hₗ₋₁ = Wₗᵀ Dₗ ∂L/∂hₗ"),
        (r"\prod_{l=1}^{n} \lVert J_l\rVert_2 \le 0.25^{30}", "∏ₗ₌₁ⁿ ‖ Jₗ‖₂ ≤ 0.25³⁰"),
        (r"\log\frac{p}{1-p}", "log p/(1-p)"),
        (r"\mathbb{E}[x^2], \lambda_{\max}", "𝔼[x²], λₘₐₓ"),
        (r"\frac{a+b}{c}", "(a+b)/c"),
        (r"\hat y = \sigma(w^\top x + b)", "ŷ = σ(wᵀ x + b)"),
    ],
)
def test_formulas_in_unicode(latex: str, said: str) -> None:
    assert formulas.readable(latex) == said


def test_code_and_marks_survive() -> None:
    assert formulas.in_terminal("`$HOME` costs $a_i * b$") == "`$HOME` costs aᵢ \\* b"


@pytest.mark.skipif("vanishing-gradient" not in TOPICS, reason="not written yet")
def test_explain_finds_topics_in_both_languages() -> None:
    for query in ("vanishing-gradient", "梯度消失", "Vanishing gradients", "vanishing gradient", "topic:vanishing-gradient"):
        (found,) = pages.find(query)
        assert (found.kind, found.plugin.id) == ("topics", "vanishing-gradient"), query
    (found,) = pages.find("rule:vanishing-gradient")
    assert found.kind == "rules"
    assert "training-tricks" in [e.plugin.id for e in pages.find("loss does not go down")]
    assert "training-tricks" in [e.plugin.id for e in pages.find("损失不下降怎么办")]
    assert "∂" in pages.text(pages.find("vanishing-gradient"), "zh")


@pytest.mark.skipif("vanishing-gradient" not in TOPICS, reason="not written yet")
def test_commands(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    assert cli.main(["lab", "--format", "json"]) == 0
    assert [row["topic"] for row in json.loads(capsys.readouterr().out)] == list(TOPICS)
    assert cli.main(["lab", "--coverage", "--format", "json"]) == 0
    assert len(json.loads(capsys.readouterr().out)) == 258
    assert cli.main(["lab", "vanishing-gradiant"]) == 2
    assert "Did you mean vanishing-gradient" in capsys.readouterr().err
    assert cli.main(["lab", "sigmoid-slope-bound", "--set", "depth=4", "width=16", "--seeds", "2", "--quiet", "--format", "json"]) == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert row["knobs"]["depth"] == 4 and row["knobs"]["width"] == 16 and row["seeds"] == 2
    assert cli.main(["lab", "vanishing-gradient/sigmoid-slope-bound", "--set", "nothing=4"]) == 2


def test_a_topic_that_cannot_be_imported_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(topics, "FOLDER", tmp_path)
    (tmp_path / "no_such_topic").mkdir()
    (tmp_path / "no_such_topic" / "experiments.py").write_text("")
    with pytest.raises(PluginError, match="no_such_topic"):
        topics.Topic("no-such-topic").claims()


def test_pages_are_read_without_torch() -> None:
    code = "from unstuck import topics, pages; pages.find('梯度'); import sys; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


# --------------------------------------------------------------------------------------------------------------- slow


@pytest.mark.filterwarnings("ignore:Seems like `optimizer.step:UserWarning")  # a remedy stands around the step of a scheduled optimizer
@pytest.mark.slow
@pytest.mark.parametrize("kind", claims(), ids=by_name)
def test_claim_runs_and_draws(kind: type[Claim], tmp_path: Path) -> None:
    (result,) = lab.run([kind], quick=True, keep=False)
    assert result.error == "" and result.verdict in lab.VERDICTS
    assert result.verdict != "depends" or kind.depends is not None, "depends on what?"
    assert all(values.shape[0] == result.seeds for values in result.measured.values())
    json.dumps(Result.row(result), allow_nan=False)
    if result.claim.draws:
        pytest.importorskip("matplotlib")
        for lang in {drawing.language(wanted) for wanted in language.LANGUAGES}:
            drawing.save([result], tmp_path / f"{lang}.png", lang)
