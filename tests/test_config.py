"""`[tool.unstuck]`: what a project set aside is not shown, and that is said."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from test_renderers import SATURATED, TREATED, VANISHING

from unstuck import config
from unstuck.config import Config
from unstuck.errors import UsageError
from unstuck.records import Report
from unstuck.renderers import as_markdown, as_text


def project(folder: Path, text: str) -> Config:
    (folder / "pyproject.toml").write_text(text, encoding="utf-8")
    return config.load(folder)


def rules(report: Report) -> list[str]:
    return [f.rule for f in report.findings]


def said(report: Report) -> list[str]:
    return [notice.en for notice in report.notices]


def test_nothing_is_needed(tmp_path: Path) -> None:
    assert config.load(tmp_path) == Config() and project(tmp_path, "[project]\nname = 'x'\n") == Config()
    assert Config().applied(TREATED) == TREATED


def test_the_nearest_file_above_counts(tmp_path: Path) -> None:
    project(tmp_path, "[tool.unstuck]\nselect = ['dead-units']\n")
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    assert config.load(inner).select == ("dead-units",)
    assert project(inner, "[tool.unstuck]\n").select == ()


def test_ignored_with_a_reason(tmp_path: Path) -> None:
    settings = project(tmp_path, '[tool.unstuck.ignore]\nvanishing-gradient = "deep by design"\ndead-units = "sparse"\n')
    report = settings.applied(TREATED)
    assert rules(report) == ["saturated-activation"]
    assert said(report) == [
        "Ignored: vanishing-gradient (deep by design).",
        "Nothing to ignore in this run for [tool.unstuck] ignore: dead-units.",
    ]
    for render in (as_text.render, as_markdown.render):
        assert "deep by design" in render(report)
    assert "已忽略：vanishing-gradient（deep by design）。" in as_text.render(report, "zh")


def test_ignored_without_a_reason(tmp_path: Path) -> None:
    assert said(project(tmp_path, "[tool.unstuck]\nignore = ['vanishing-gradient']\n").applied(TREATED)) == ["Ignored: vanishing-gradient."]


def test_ignored_at_places(tmp_path: Path) -> None:
    settings = project(
        tmp_path, '[tool.unstuck.places]\n"net.1*" = ["vanishing-gradient", "saturated-activation"]\n"x.*" = ["dead-units"]\n'
    )
    report = settings.applied(TREATED)
    assert rules(report) == ["vanishing-gradient"], "net.11 was the only place of the other one"
    assert [p.name for p in report.findings[0].places] == ["net.3", "net.5", "net.7", "net.9"]
    assert said(report)[2] == "Nothing to ignore in this run for [tool.unstuck] places: x.*: dead-units."


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[tool.unstuck]\nignored = []\n", "has the key 'ignored'; known are select, ignore, places, baseline"),
        ("[tool.unstuck]\nselect = 'dead-units'\n", "select in [tool.unstuck] of"),
        ("[tool.unstuck]\nignore = {dead-units = 3}\n", "expected a list of rules, or a table"),
        ("[tool.unstuck]\nplaces = ['x']\n", "expected a table"),
        ("[tool.unstuck]\nbaseline = 3\n", "expected a file"),
        ("[tool.unstuck]\nignore = ['dead-unit']\n", "There is no rule 'dead-unit'. Did you mean dead-units"),
        ("[tool.unstuck\n", "could not be read"),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, text: str, complaint: str) -> None:
    with pytest.raises(UsageError) as error:
        project(tmp_path, text)
    assert complaint in str(error.value) and "pyproject.toml" in str(error.value)


def test_baseline_hides_what_was_there_before(tmp_path: Path) -> None:
    path = tmp_path / "known.json"
    config.write_baseline(path, replace(TREATED, findings=(VANISHING,)))
    assert json.loads(path.read_text())["version"] == config.BASELINE_VERSION
    settings = project(tmp_path, "[tool.unstuck]\nbaseline = 'known.json'\n")
    report = settings.applied(TREATED)
    assert rules(report) == ["saturated-activation"] and said(report) == ["Known from known.json, not shown: vanishing-gradient."]
    wider = replace(VANISHING, places=(*VANISHING.places, replace(VANISHING.places[0], name="new")))
    assert rules(settings.applied(replace(TREATED, findings=(wider,)))) == ["vanishing-gradient"], "a new place is a new finding"
    assert said(settings.applied(replace(TREATED, findings=(SATURATED,)))) == ["In known.json but not found any more: vanishing-gradient."]


@pytest.mark.parametrize("content", ["", "[]", '{"version": 99, "findings": []}', '{"version": 1}'])
def test_a_baseline_that_is_none(tmp_path: Path, content: str) -> None:
    (tmp_path / "b.json").write_text(content)
    with pytest.raises(UsageError, match="--write-baseline"):
        Config(baseline=tmp_path / "b.json").applied(TREATED)
