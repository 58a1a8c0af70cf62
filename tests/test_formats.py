"""What machines read: SARIF, GitHub annotations, JUnit.

The official SARIF schema may not lie in this repository; `UNSTUCK_SARIF_SCHEMA=FILE pytest tests/test_formats.py` validates against a copy of
https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json. Without it, what the standard asks of every
part that we write is checked by hand.
"""

from __future__ import annotations

import json
import os
import re
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from test_renderers import REPORTS, TREATED, UNSCALED, VANISHING, WATCHED

from unstuck.records import Place, Report, Text
from unstuck.renderers import as_github, as_junit, as_sarif

ODD = replace(
    VANISHING,
    places=(Place(name="a%b\n::error::x", kind="K", file="a dir/ä,b:c.py", line=3), Place(name="n", kind="K", file="/abs/x.py", line=0)),
    message=Text("100 %\nnext \x00 <&>", "百分之百"),
)


def sarif(report: Report, lang: str = "en") -> dict[str, Any]:
    return json.loads(as_sarif.render(report, lang))


# -------------------------------------------------------------------------------------------------------------- SARIF


@pytest.mark.skipif("UNSTUCK_SARIF_SCHEMA" not in os.environ, reason="UNSTUCK_SARIF_SCHEMA names no copy of the official schema")
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_sarif_fits_the_official_schema(lang: str) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    schema = json.loads(Path(os.environ["UNSTUCK_SARIF_SCHEMA"]).read_text(encoding="utf-8"))
    for report in (*REPORTS.values(), replace(TREATED, findings=(ODD,))):
        jsonschema.Draft7Validator(schema, format_checker=jsonschema.FormatChecker()).validate(sarif(report, lang))


@pytest.mark.parametrize("name", REPORTS)
def test_sarif_has_what_the_standard_asks_for(name: str) -> None:
    log = sarif(REPORTS[name])
    assert log["version"] == "2.1.0" and set(log) == {"$schema", "version", "runs"} and len(log["runs"]) == 1
    run = log["runs"][0]
    driver = run["tool"]["driver"]
    ids = [rule["id"] for rule in driver["rules"]]
    assert driver["name"] == "unstuck" and len(ids) == len(set(ids))
    assert isinstance(run["invocations"][0]["executionSuccessful"], bool)
    for result in run["results"]:
        assert ids[result["ruleIndex"]] == result["ruleId"]
        assert result["level"] in ("none", "note", "warning", "error") and result["kind"] == "fail"
        assert result["message"]["text"] and 0 <= result["rank"] <= 100
        for location in (*result["locations"], *result["relatedLocations"]):
            physical = location["physicalLocation"]
            assert re.fullmatch(r"[\w\-./%~!$&'()*+,;=:@]+", physical["artifactLocation"]["uri"], re.ASCII)
            assert physical.get("region", {"startLine": 1})["startLine"] >= 1


def test_sarif_points_at_the_users_lines() -> None:
    first, second = sarif(TREATED)["runs"][0]["results"]
    place = first["locations"][0]["physicalLocation"]
    assert (place["artifactLocation"]["uri"], place["region"]["startLine"]) == ("train.py", 14)
    assert first["message"]["text"].startswith("net.1 … net.13 (Sigmoid): The gradient shrinks 0.21x")
    assert first["level"] == "error" and second["level"] == "warning"
    assert first["partialFingerprints"] != second["partialFingerprints"]


def test_sarif_uris_are_uris() -> None:
    result = sarif(replace(TREATED, findings=(ODD,)))["runs"][0]["results"][0]
    where = [result["locations"][0], *result["relatedLocations"]]
    assert [p["physicalLocation"]["artifactLocation"]["uri"] for p in where] == ["a%20dir/%C3%A4%2Cb%3Ac.py", "file:///abs/x.py"]
    assert "region" not in where[1]["physicalLocation"]


def test_sarif_calls_skipped_rules_notifications_and_previews_notes() -> None:
    run = sarif(WATCHED)["runs"][0]
    told = run["invocations"][0]["toolExecutionNotifications"]
    assert [n["descriptor"]["id"] for n in told] == ["overfitting", "missing-zero-grad"]
    assert next(r for r in run["results"] if r["ruleId"] == UNSCALED.rule)["level"] == "note"


def test_sarif_in_chinese() -> None:
    run = sarif(TREATED, "zh")["runs"][0]
    assert run["language"] == "zh-CN" and "梯度每层缩小" in run["results"][0]["message"]["text"]


# ------------------------------------------------------------------------------------------------------------- GitHub


def test_github_annotations() -> None:
    lines = as_github.render(WATCHED).splitlines()
    assert lines[0].startswith("::error file=train.py,line=14,title=unstuck%3A vanishing-gradient::net.1 … net.13 (Sigmoid): The gradient")
    assert [line.split(" ")[0] for line in lines] == ["::error", "::warning", "::notice"]
    assert "file=train.py,title=" in lines[2], "a finding without a line belongs to the script"


def test_github_commands_cannot_be_forged() -> None:
    text = as_github.render(replace(WATCHED, findings=(ODD,)))
    assert text.count("\n") == 1 and "file=a dir/ä%2Cb%3Ac.py,line=3" in text and "100 %25%0Anext" in text


# -------------------------------------------------------------------------------------------------------------- JUnit


@pytest.mark.parametrize("name", REPORTS)
def test_junit_counts_are_right(name: str) -> None:
    report = REPORTS[name]
    suite = ElementTree.fromstring(as_junit.render(report))[0]
    cases = suite.findall("testcase")
    assert int(suite.get("tests", "")) == len(cases)
    assert int(suite.get("failures", "")) == len(suite.findall("testcase/failure")) == len({f.rule for f in report.alarms})
    assert int(suite.get("skipped", "")) == len(suite.findall("testcase/skipped")) == len(report.skipped)
    assert int(suite.get("errors", "")) == len(suite.findall("testcase/error")) == (report.facts.exit == "failed")


def test_junit_says_what_was_found() -> None:
    suite = ElementTree.fromstring(as_junit.render(TREATED))[0]
    case = suite[0]
    assert (case.get("name"), case.get("file"), case.get("line")) == ("vanishing-gradient", "train.py", "14")
    failure = case.find("failure")
    assert failure is not None and failure.get("type") == "error" and "train.py:14" in (failure.text or "")


def test_junit_is_xml_whatever_the_names() -> None:
    text = as_junit.render(replace(WATCHED, findings=(ODD,)))
    assert "\x00" not in text and ElementTree.fromstring(text) is not None
