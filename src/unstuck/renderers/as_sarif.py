"""The report as SARIF 2.1.0 (OASIS standard), which editors and code-scanning services read: results at the user's file and line."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

from unstuck import __version__, plugins, wording
from unstuck.errors import UnstuckError
from unstuck.records import Finding, Place, Report
from unstuck.renderers.as_json import plain

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def render(report: Report, lang: str = "en") -> str:
    """One SARIF log with one run."""
    with wording.speaking(lang):
        return json.dumps(plain(_log(report, lang)), ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def _log(report: Report, lang: str) -> dict[str, Any]:
    asked = list(dict.fromkeys([*(f.rule for f in report.findings), *report.clean, *(s.rule for s in report.skipped)]))
    index = {rule: at for at, rule in enumerate(asked)}
    facts = report.facts
    driver = {"name": "unstuck", "version": __version__, "semanticVersion": __version__, "rules": [_rule(rule, lang) for rule in asked]}
    invocation: dict[str, Any] = {
        "executionSuccessful": facts.exit != "failed",
        "toolExecutionNotifications": [
            {"level": "note", "descriptor": {"id": s.rule}, "message": {"text": s.reason.in_language(lang)}} for s in report.skipped
        ],
    }
    if facts.error:
        invocation["exitCodeDescription"] = facts.error
    run = {
        "tool": {"driver": driver},
        "language": "zh-CN" if lang == "zh" else "en",
        "columnKind": "unicodeCodePoints",
        "invocations": [invocation],
        "results": [_result(report, f, index[f.rule], lang) for f in report.findings],
        "properties": {"script": facts.script, "steps": facts.steps, "best": report.best},
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(name: str, lang: str) -> dict[str, Any]:
    rule: dict[str, Any] = {"id": name}
    try:
        plugin = plugins.get("rules", name)
    except UnstuckError:  # a report of another version
        return rule
    page = plugin.page(lang)
    return {
        **rule,
        "shortDescription": {"text": plugin.summary(lang)},
        "fullDescription": {"text": page},
        "help": {"text": page, "markdown": page},
    }


def _result(report: Report, finding: Finding, index: int, lang: str) -> dict[str, Any]:
    places = [p for p in finding.places if p.file] or (
        [Place(name="run", kind="run", file=report.facts.script)] if report.facts.script else []
    )
    lines = list(dict.fromkeys((str(p.file), p.line) for p in places))
    where = wording.where(finding.places)
    message = finding.message.in_language(lang)
    print_of = hashlib.sha256("\0".join([finding.rule, *(p.name for p in finding.places)]).encode("utf-8", "replace")).hexdigest()[:32]
    return {
        "ruleId": finding.rule,
        "ruleIndex": index,
        "level": "note" if finding.preview else finding.severity,
        "kind": "fail",
        "message": {"text": f"{where}: {message}" if where else message},
        "locations": [_location(*lines[0], finding)] if lines else [],
        "relatedLocations": [{"id": at, **_location(*line, finding)} for at, line in enumerate(lines[1:20], 1)],
        "partialFingerprints": {"ruleAndPlaces/v1": print_of},
        "rank": 100 * finding.confidence,
        "properties": {
            "rootCause": finding.root_cause,
            "firstStep": finding.first_step,
            "remedies": finding.remedies,
            "preview": finding.preview,
        },
    }


def _location(file: str, line: int | None, finding: Finding) -> dict[str, Any]:
    physical: dict[str, Any] = {"artifactLocation": {"uri": _uri(file)}}
    if line is not None and line > 0:
        physical["region"] = {"startLine": line}
    names = [p.name for p in finding.places if p.file == file and p.line == line][:20]
    location: dict[str, Any] = {"physicalLocation": physical}
    if names:
        location["logicalLocations"] = [{"name": name, "kind": "object"} for name in names]
    return location


def _uri(file: str) -> str:
    """A path as a URI reference: relative ones stay relative."""
    path = Path(file)
    return path.as_uri() if path.is_absolute() else quote(path.as_posix().encode("utf-8", "surrogateescape"))
