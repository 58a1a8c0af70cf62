"""Whole commands: what is passed on, what is said where, and the exit code. The engine is replaced by stand-ins; no script is run."""

from __future__ import annotations

import json
import os
import re
import resource
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import click
import pytest

from unstuck import arguments, cli, language, pages, plugins
from unstuck.errors import TraceError
from unstuck.plugins import Remedy, Rule
from unstuck.records import Facts, Finding, Report, Text

FACTS = Facts(script="train.py", exit="finished", steps=400, overhead=0.01)
FINDING = Finding(rule="dead-units", root_cause="dead-units", message=Text("37 of 64 units are silent.", "64 个单元中有 37 个沉默。"))
HEALTHY = Report(facts=FACTS, clean=("dead-units",))
ILL = Report(facts=FACTS, findings=(FINDING,))
CHINESE = re.compile("[\u4e00-\u9fff]")


class DeadUnits(Rule):
    """Units of a ReLU that output zero for every sample.

    ## What it sees
    A share of silent units.
    """

    zh = "ReLU 神经元对所有样本输出零。\n\n## 看到什么\n沉默神经元的比例。"
    id = "dead-units"
    root_cause = "dead-units"
    needs = ("activation.zero_share",)

    def check(self, trace: object) -> Iterator[Finding]:
        yield FINDING


class Vanishing(DeadUnits):
    """The gradient shrinks layer by layer, so the first layers of [deep] nets stand still."""

    zh = "梯度逐层缩小，靠近输入的层不动。"
    id = "vanishing-gradient"
    root_cause = "vanishing-gradient"
    preview = True


class SmallerLr(Remedy):
    """Multiply the learning rate by a factor."""

    zh = "把学习率乘以一个系数。"
    id = "smaller-lr"
    treats = ("dead-units", "lr-too-high")
    touches = "optimizer"

    def apply(self, training: object) -> None: ...

    def advice(self, facts: Facts) -> Text:
        return Text("", "")


PLUGINS: dict[str, dict[str, Any]] = {
    "rules": {"dead-units": DeadUnits(), "vanishing-gradient": Vanishing()},
    "remedies": {"smaller-lr": SmallerLr()},
    "probes": {},
}


@dataclass
class Engine:
    """Stands in for the rest of unstuck: remembers how it was called, and does what the test wants."""

    report: Report = ILL
    outcome: SimpleNamespace | None = None
    error: BaseException | None = None
    script_says: str = ""
    called: tuple[str, Any, dict[str, Any]] | None = None
    diagnosed: dict[str, Any] | None = None

    def run_script(self, program: Any, **options: Any) -> SimpleNamespace:
        self.called = ("run", program, options)
        print(self.script_says, end="", file=sys.stderr if options["stdout_to_stderr"] else sys.stdout)
        if self.error is not None:
            raise self.error
        return self.outcome or SimpleNamespace(trace=Path("a.trace"), exit_code=0, failed=False)

    def treat(self, program: Any, *, options: SimpleNamespace) -> Report:
        self.called = ("treat", program, vars(options))
        if self.error is not None:
            raise self.error
        return self.report

    def diagnose(self, trace: Path, **options: Any) -> Report:
        self.diagnosed = {"trace": trace, **options}
        return self.report


@dataclass(frozen=True)
class Program:
    path: str | None
    module: str | None
    args: tuple[str, ...]

    def check(self) -> None: ...


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Engine:
    engine = Engine()

    def stand_in(name: str, **content: Any) -> None:
        module = ModuleType(name)
        vars(module).update(content)
        monkeypatch.setitem(sys.modules, name, module)

    stand_in(
        "unstuck.attach.script",
        Program=Program,
        run_script=engine.run_script,
        default_trace=lambda program: Path("own.trace"),
        mine_of=Path,
    )
    stand_in("unstuck.store", load=lambda path: path)
    stand_in("unstuck.diagnosis", diagnose=engine.diagnose)
    stand_in("unstuck.treatment", treat=engine.treat)
    stand_in("unstuck.options", Options=SimpleNamespace)
    return engine


@pytest.fixture(autouse=True)
def surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    monkeypatch.setenv("LC_ALL", "C")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(plugins, "load", PLUGINS.__getitem__)
    monkeypatch.setattr(pages, "topics", dict)
    yield
    language.choose("en")


# ------------------------------------------------------------------------------------------------------ what is passed


@pytest.mark.parametrize(
    ("words", "program"),
    [
        ("train.py", Program("train.py", None, ())),
        ("train.py --seed 5 -m x --lang zh --bogus", Program("train.py", None, ("--seed", "5", "-m", "x", "--lang", "zh", "--bogus"))),
        ("-- train.py -- a", Program("train.py", None, ("--", "a"))),
        ("-m pkg.mod --seed 5", Program(None, "pkg.mod", ("--seed", "5"))),
        ("-mpkg --seed 5", Program(None, "pkg", ("--seed", "5"))),
        ("--budget full -m pkg -- a", Program(None, "pkg", ("--", "a"))),
        ("--format text --seed 7 train.py --seed 5", Program("train.py", None, ("--seed", "5"))),
        ("--seed=7 train.py", Program("train.py", None, ())),
    ],
)
@pytest.mark.parametrize("command", ["run", "treat"])
def test_everything_after_the_script_is_the_scripts(engine: Engine, command: str, words: str, program: Program) -> None:
    assert cli.main([command, *words.split()]) == cli.FINDINGS
    assert engine.called is not None and engine.called[1] == program
    assert engine.called[2]["seed"] == (7 if "7" in words else None)
    assert language.chosen() == "en"


def test_run_passes_its_options_on(engine: Engine) -> None:
    words = "--trace t --budget 5% --seed 3 --no-compile --max-steps 9 --select Dead_Units,vanishing-gradient --preview x.py"
    cli.main(["run", *words.split()])
    assert engine.called is not None and engine.diagnosed is not None
    expected = {
        "trace": Path("t"),
        "budget": 0.05,
        "seed": 3,
        "keep_compile": False,
        "max_steps": 9,
        "stdout_to_stderr": False,
        "certain": None,
    }
    assert engine.called[2] == expected
    assert engine.diagnosed == {"trace": Path("a.trace"), "select": ("dead-units", "vanishing-gradient"), "ignore": (), "preview": True}


def test_run_has_quiet_defaults(engine: Engine) -> None:
    cli.main(["run", "x.py"])
    assert engine.called is not None
    assert engine.called[2] == {
        "trace": Path("own.trace"),
        "budget": 0.02,
        "seed": None,
        "keep_compile": True,
        "max_steps": None,
        "stdout_to_stderr": False,
        "certain": None,
    }


def test_stop_early_appoints_a_watchman(engine: Engine) -> None:
    assert cli.main(["run", "--stop-early", "--ignore", "vanishing-gradient", "x.py"]) == cli.FINDINGS
    assert engine.called is not None and engine.called[2]["certain"].ignore == ("vanishing-gradient",)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_checkup_is_made_after_the_run(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], lang: str
) -> None:
    from unstuck import checkup
    from unstuck.records import Checked, Checkup

    asked: list[checkup.Request] = []

    def apart(request: checkup.Request, environment: Any) -> Checkup:
        asked.append(request)
        return Checkup(checks=(Checked(check="one-batch", outcome="passed", reading=Text("by heart", "记住了")),), arms=1, steps=40)

    monkeypatch.setattr(checkup, "examine_apart", apart)
    monkeypatch.setitem(sys.modules, "unstuck.weighing", SimpleNamespace(weighed=lambda report, made: replace(report, checkup=made)))
    monkeypatch.setitem(sys.modules, "unstuck.store", SimpleNamespace(load=lambda path: SimpleNamespace(facts=FACTS)))
    engine.outcome = SimpleNamespace(trace=Path("a.trace"), exit_code=0, failed=False, steps=400)
    assert cli.main(["run", "--lang", lang, "--checkup", "x.py", "a"]) == cli.FINDINGS
    assert (asked[0].path, asked[0].args, asked[0].lang) == ("x.py", ("a",), lang)
    assert {"en": "by heart", "zh": "记住了"}[lang] in capsys.readouterr().out.lower()


def test_treat_passes_its_options_on(engine: Engine) -> None:
    words = "--metric acc.* --pairs 8 --steps 120 --jobs 2 --time-limit 60 --remedy smaller-lr+smaller_lr --no-cache --ignore dead-units"
    cli.main(["treat", *words.split(), "x.py"])
    assert engine.called is not None
    options = engine.called[2]
    assert tuple(options) == cli.TREATMENT
    assert (options["metric"], options["pairs"], options["steps"], options["jobs"], options["time_limit"]) == ("acc.*", 8, 120, 2, 60.0)
    assert options["remedy"] == ("smaller-lr+smaller-lr",) and options["ignore"] == ("dead-units",) and options["select"] == ()
    assert options["no_cache"] is True and options["diff"] is options["apply"] is options["force"] is options["preview"] is False


def test_treatment_knows_all_options_that_the_command_line_has() -> None:
    from unstuck.options import Options

    assert {*cli.TREATMENT} <= {field.name for field in fields(Options)}


@pytest.mark.parametrize(("text", "share"), [("2%", 0.02), ("0.02", 0.02), ("100%", 1.0), ("full", None)])
def test_budget(text: str, share: float | None) -> None:
    assert arguments.budget(text) == share


@pytest.mark.parametrize("text", ["0", "2", "-1%", "101%", "nan", "", "fast"])
def test_no_budget(text: str) -> None:
    with pytest.raises(ValueError):
        arguments.budget(text)


@pytest.mark.parametrize(
    ("words", "lang"),
    [
        ("--lang zh run x.py", "zh"),
        ("run --lang=zh x.py", "zh"),
        ("run --seed 3 --lang zh x.py --lang en", "zh"),
        ("run x.py --lang zh", "en"),
        ("run -m mod --lang zh", "en"),
        ("explain dead units --lang zh", "zh"),
        ("run --bogus --lang zh x.py", "zh"),
        ("--lang fr rules", "en"),
        ("", "en"),
    ],
)
def test_language_is_read_from_our_own_arguments(words: str, lang: str) -> None:
    assert arguments.language_of(words.split(), cli.commands()) == lang


# ---------------------------------------------------------------------------------------------------------- exit codes


@pytest.mark.parametrize(
    ("report", "words", "code"),
    [
        (HEALTHY, "", 0),
        (ILL, "", 1),
        (ILL, "--exit-zero", 0),
        (replace(ILL, findings=(replace(FINDING, severity="note"),)), "", 0),
        (replace(ILL, findings=(replace(FINDING, preview=True),)), "", 0),
        (replace(ILL, findings=(replace(FINDING, severity="error"),)), "", 1),
        (replace(ILL, facts=replace(FACTS, exit="failed")), "", 2),
        (replace(ILL, facts=replace(FACTS, exit="failed")), "--exit-zero", 2),
        (replace(HEALTHY, facts=replace(FACTS, steps=0)), "", 2),
    ],
)
def test_exit_codes(engine: Engine, report: Report, words: str, code: int) -> None:
    engine.report = report
    for command in (["run"], ["treat"], ["diagnose"]):
        assert cli.main([*command, *words.split(), "a.trace" if command == ["diagnose"] else "x.py"]) == code


def test_a_script_that_fails_is_2_and_still_reported(engine: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    engine.outcome = SimpleNamespace(trace=Path("a.trace"), exit_code=3, failed=True)
    assert cli.main(["run", "x.py"]) == 2
    assert "37 of 64" in capsys.readouterr().out


def test_a_script_that_trains_nothing(engine: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    engine.report = replace(HEALTHY, facts=replace(FACTS, steps=0))
    assert cli.main(["run", "--format", "json", "x.py"]) == 2
    out, err = capsys.readouterr()
    assert json.loads(out)["steps"] == 0 and err.startswith("unstuck: No optimizer step was seen in train.py: expected")


def test_interrupted_run_says_what_is_known(engine: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    engine.error = KeyboardInterrupt()
    assert cli.main(["run", "x.py"]) == 130
    out, err = capsys.readouterr()
    assert "37 of 64" in out and err == "unstuck: interrupted.\n"
    assert engine.diagnosed is not None and engine.diagnosed["trace"] == Path("own.trace")


@pytest.mark.parametrize("known", [(), (ILL,)])
def test_interrupted_treatment_says_what_is_known(engine: Engine, capsys: pytest.CaptureFixture[str], known: tuple[Report, ...]) -> None:
    engine.error = KeyboardInterrupt(*known)
    assert cli.main(["treat", "x.py"]) == 130
    assert ("37 of 64" in capsys.readouterr().out) == bool(known)


def test_our_errors_are_one_message_without_traceback(engine: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    engine.error = TraceError("a.trace is cut off.")
    assert cli.main(["run", "x.py"]) == 2
    assert capsys.readouterr().err == "unstuck: a.trace is cut off.\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("rnu x.py", "no command 'rnu'. Did you mean run?"),
        ("train.py", "Did you mean unstuck run train.py?"),
        ("run", "Expected a script or -m MODULE, got neither."),
        ("run --sed 3 x.py", "There is no option --sed. Did you mean --seed"),
        ("run --seed", "The option --seed needs a value. See"),
        ("run --quiet=3 x.py", "The option --quiet takes no value."),
        ("run --seed x x.py", "--seed: expected a whole number of at least 0, got 'x'. See unstuck run --help."),
        ("run --max-steps 0 x.py", "expected a whole number of at least 1, got '0'"),
        ("run --budget 2 x.py", "--budget: expected a share of the time such as 2% or 0.02, or full, got '2'."),
        ("treat --time-limit inf x.py", "expected a number of seconds above 0, got 'inf'"),
        ("run --format xml x.py", "--format: expected one of github, html, json, jsonl, junit, markdown, sarif, text, got 'xml'."),
        ("run --lang fr x.py", "--lang: expected one of en, zh, got 'fr'."),
        ("run --select dead-unit x.py", "There is no rule 'dead-unit'. Did you mean dead-units?"),
        ("treat --remedy smaller-lr+small-lr x.py", "There is no remedy 'small-lr'. Did you mean smaller-lr?"),
        ("run --output no/such/folder.json x.py", "Expected a file that can be written after --output, got 'no/such/folder.json'."),
        ("diagnose", "TRACE is missing."),
        ("explain", "ID|WORDS... is missing."),
        ("explain xyzzy", "No page has that id or those words: 'xyzzy'."),
        ("explain ded-unts", "Did you mean dead-units?"),
    ],
)
def test_wrong_use(engine: Engine, capsys: pytest.CaptureFixture[str], words: str, said: str) -> None:
    assert cli.main(words.split()) == 2
    out, err = capsys.readouterr()
    assert said in err and err.count("\n") == 1 and not out
    assert engine.called is None


@pytest.mark.parametrize(
    "words", ["rnu", "run", "run --sed 3 x.py", "run --seed", "run --seed x x.py", "run --output no/such x.py", "explain xyzzy"]
)
def test_wrong_use_in_chinese(engine: Engine, capsys: pytest.CaptureFixture[str], words: str) -> None:
    cli.main(["--lang", "zh", *words.split()])
    said = capsys.readouterr().err
    assert CHINESE.search(said) and not re.search(r"\b(expected|got|There|Expected|See)\b", said)


# ---------------------------------------------------------------------------------------------------- where it is said


def test_report_goes_to_standard_output_after_the_script(engine: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    engine.script_says = "epoch 1\n"
    cli.main(["run", "x.py"])
    assert capsys.readouterr().out.startswith("epoch 1\nunstuck ")


@pytest.mark.parametrize("form", ["json", "jsonl", "markdown"])
def test_a_machine_format_has_standard_output_to_itself(engine: Engine, capsys: pytest.CaptureFixture[str], form: str) -> None:
    engine.script_says = "epoch 1\n"
    cli.main(["run", "--format", form, "x.py"])
    out, err = capsys.readouterr()
    assert err == "epoch 1\n" and out[0] in "{#" and "epoch" not in out


@pytest.mark.parametrize(
    ("name", "first"), [("r.json", "{\n"), ("r.jsonl", '{"type": "run"'), ("r.md", "# unstuck"), ("r.txt", "unstuck ")]
)
def test_output_file(engine: Engine, capsys: pytest.CaptureFixture[str], tmp_path: Path, name: str, first: str) -> None:
    engine.script_says = "epoch 1\n"
    assert cli.main(["run", "--output", name, "--lang", "zh", "x.py"]) == 1
    assert (tmp_path / name).read_text(encoding="utf-8").startswith(first)
    assert capsys.readouterr().out == "epoch 1\n"


def test_format_wins_over_the_suffix(engine: Engine, tmp_path: Path) -> None:
    cli.main(["run", "--output", "r.json", "--format", "markdown", "x.py"])
    assert (tmp_path / "r.json").read_text().startswith("# unstuck")


def test_quiet(engine: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    engine.report = HEALTHY
    assert cli.main(["run", "--quiet", "x.py"]) == 0 and capsys.readouterr().out == ""
    cli.main(["run", "--quiet", "--format", "json", "x.py"])
    assert json.loads(capsys.readouterr().out)["clean"] == ["dead-units"]
    engine.report = ILL
    assert cli.main(["run", "--quiet", "x.py"]) == 1 and "37 of 64" in capsys.readouterr().out


def test_report_in_chinese(engine: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    cli.main(["diagnose", "--lang", "zh", "a.trace"])
    assert "64 个单元中有 37 个沉默。" in capsys.readouterr().out


def test_a_terminal_that_cannot_write_a_character_gets_a_question_mark(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open(tmp_path / "out", "w", encoding="ascii") as out:
        monkeypatch.setattr(sys, "stdout", out)
        assert cli.main(["run", "--lang", "zh", "x.py"]) == 1
    assert "37" in (tmp_path / "out").read_text()


# --------------------------------------------------------------------------------------------------------------- pages


def test_lists_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["rules", "--format", "json"]) == 0
    rules = json.loads(capsys.readouterr().out)
    assert [(r["id"], r["root_cause"], r["preview"]) for r in rules] == [
        ("dead-units", "dead-units", False),
        ("vanishing-gradient", "vanishing-gradient", True),
    ]
    assert rules[0]["summary"] == {"en": "Units of a ReLU that output zero for every sample.", "zh": "ReLU 神经元对所有样本输出零。"}
    cli.main(["remedies", "--format", "json"])
    assert [(r["id"], r["treats"]) for r in json.loads(capsys.readouterr().out)] == [("smaller-lr", ["dead-units", "lr-too-high"])]


def test_lists_as_text(capsys: pytest.CaptureFixture[str]) -> None:
    cli.main(["rules"])
    out = capsys.readouterr().out
    assert "Units of a ReLU that output zero for every sample." in out and "[deep]" in out
    assert "(preview)" in re.sub(r"\s+", " ", out) and "\x1b" not in out
    cli.main(["remedies", "--lang", "zh"])
    assert "把学习率乘以一个系数。" in capsys.readouterr().out


@pytest.mark.parametrize("lang", language.LANGUAGES)
def test_explain_shows_the_page(capsys: pytest.CaptureFixture[str], lang: str) -> None:
    assert cli.main(["explain", "dead-units", "--lang", lang]) == 0
    out = capsys.readouterr().out
    assert out.startswith("dead-units  ") and "smaller-lr" in out
    assert ("A share of silent units." if lang == "en" else "沉默神经元的比例。") in out and "##" not in out


def test_explain_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    cli.main(["explain", "dead-units", "--format", "json"])
    (page,) = json.loads(capsys.readouterr().out)
    assert page["kind"] == "rule" and page["page"]["zh"] == DeadUnits.zh


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("dead-units", ["dead-units"]),
        ("Dead Units", ["dead-units"]),
        ("dead_units", ["dead-units"]),
        ("lr-too-high", ["smaller-lr"]),
        ("神经元死亡", ["dead-units"]),
        ("梯度消失", ["vanishing-gradient"]),
        ("学习率", ["smaller-lr"]),
        ("silent units", ["dead-units"]),
        ("why do my first layers stand still", ["vanishing-gradient"]),
        ("沉默的神经元", ["dead-units"]),
    ],
)
def test_find(query: str, ids: list[str]) -> None:
    assert [entry.plugin.id for entry in pages.find(query)] == ids


def test_several_fitting_pages_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    cli.main(["explain", "zero", "factor"])
    out = capsys.readouterr().out
    assert "dead-units" in out and "smaller-lr" in out and "rule" in out and "remedy" in out


# ---------------------------------------------------------------------------------------------------------------- help


def everything_said(command: click.Command) -> list[str]:
    own = [command.help or "", *(p.help or "" for p in command.params if isinstance(p, click.Option))]
    return own + [said for sub in getattr(command, "commands", {}).values() for said in everything_said(sub)]


def test_every_help_text_has_both_languages() -> None:
    language.choose("en")
    english = everything_said(cli.commands())
    language.choose("zh")
    chinese = everything_said(cli.commands())
    assert len(english) == len(chinese) > 50
    assert [said for said in english if CHINESE.search(said) or not said] == []
    assert [said for said in chinese if not CHINESE.search(said)] == []


@pytest.mark.parametrize("words", ["", "run", "treat", "diagnose", "explain", "rules", "remedies"])
def test_help_is_in_one_language(capsys: pytest.CaptureFixture[str], words: str) -> None:
    assert cli.main([*words.split(), "--help"]) == 0
    assert not CHINESE.search(capsys.readouterr().out)
    assert cli.main(["--lang", "zh", *words.split(), "--help"]) == 0
    out = capsys.readouterr().out
    assert "用法：" in out and "选项" in out and not re.search(r"Usage|Options|Commands|Show", out)


def test_help_lines_fit_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    from rich.cells import cell_len

    for lang in language.LANGUAGES:
        cli.main(["treat", "--help", "--lang", lang])
        assert max(cell_len(line) for line in capsys.readouterr().out.splitlines()) <= 80


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--version"]) == 0
    assert re.fullmatch(r"unstuck \d+\.\d+\.\d+\n", capsys.readouterr().out)


def test_nothing_slow_is_imported_for_help() -> None:
    code = "import sys; from unstuck.cli import main; main(['--help']); print(*{'torch', 'scipy', 'numpy', 'rich'} & {*sys.modules}, 'end')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.endswith("\nend\n")


def test_help_answers_in_less_than_0_3_seconds() -> None:
    """Of processor time: the machine may be busy with other things."""

    def seconds() -> float:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        environment = {**os.environ, "LC_ALL": "zh_CN.UTF-8"}
        subprocess.run([sys.executable, "-m", "unstuck", "--help"], capture_output=True, check=True, env=environment)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    assert min(seconds() for _ in range(3)) < 0.3


# ------------------------------------------------------------------------------------- pages, baselines, configuration


def test_a_page_gets_the_trace(engine: Engine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    drawn: dict[str, Any] = {}
    stand_in = ModuleType("unstuck.renderers.as_html")
    vars(stand_in).update(render=lambda report, lang, trace: drawn.update(trace=trace, lang=lang) or "<p>")
    monkeypatch.setitem(sys.modules, "unstuck.renderers.as_html", stand_in)
    for words, trace in (("run", "a.trace"), ("treat", "own.trace"), ("treat --trace t", "t")):
        assert cli.main([*words.split(), "--output", "r.html", "x.py"]) == cli.FINDINGS
        assert drawn.pop("trace") == Path(trace) and (tmp_path / "r.html").read_text() == "<p>"
    assert engine.called is not None and engine.called[2]["trace"] == Path("t")
    assert cli.main(["report", "b.trace"]) == 0 and drawn.pop("trace") == Path("b.trace")
    assert (tmp_path / "b.html").read_text() == "<p>"


@pytest.mark.parametrize(("name", "first"), [("r.sarif", "{"), ("r.xml", "<?xml")])
def test_suffixes_of_machine_formats(engine: Engine, tmp_path: Path, name: str, first: str) -> None:
    assert cli.main(["diagnose", "--output", name, "a.trace"]) == 1
    assert (tmp_path / name).read_text().startswith(first)


def test_baseline_is_written_and_read(engine: Engine, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert cli.main(["run", "--write-baseline", "x.py"]) == 0
    assert "dead-units" in (tmp_path / "unstuck-baseline.json").read_text()
    capsys.readouterr()
    assert cli.main(["run", "--baseline", "unstuck-baseline.json", "x.py"]) == 0
    assert "Known from unstuck-baseline.json, not shown: dead-units." in capsys.readouterr().out


def test_configuration_of_the_project(engine: Engine, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.unstuck]\nselect = ["dead-units"]\n[tool.unstuck.ignore]\ndead-units = "sparse"\n')
    assert cli.main(["run", "x.py"]) == 0
    assert engine.diagnosed is not None and engine.diagnosed["select"] == ("dead-units",) and engine.diagnosed["ignore"] == ()
    assert "Ignored: dead-units (sparse)." in capsys.readouterr().out
    assert cli.main(["treat", "--ignore", "vanishing-gradient", "x.py"]) == 0
    assert engine.called is not None and engine.called[2]["ignore"] == ("vanishing-gradient", "dead-units")
    (tmp_path / "pyproject.toml").write_text("[tool.unstuck]\nignore = 3\n")
    engine.called = None
    assert cli.main(["run", "x.py"]) == 2 and engine.called is None and "pyproject.toml" in capsys.readouterr().err


def test_compare(engine: Engine, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    from drawn import trace

    traces = {Path("a"): trace(), Path("b"): trace(seed=1)}
    monkeypatch.setattr(sys.modules["unstuck.store"], "load", traces.__getitem__)
    assert cli.main(["compare", "a", "b"]) == cli.FINDINGS and "They part at step 0" in capsys.readouterr().out
    assert cli.main(["compare", "a", "b", "--tolerance", "10"]) == 0
    capsys.readouterr()
    assert cli.main(["compare", "a", "b", "--format", "json"]) == 1 and json.loads(capsys.readouterr().out)["first"]["step"] == 0
    assert cli.main(["compare", "a", "a"]) == 2
