"""Findings as GitHub workflow commands: annotations at the user's lines, in the log of a job."""

from __future__ import annotations

from unstuck import wording
from unstuck.records import Finding, Report

_COMMAND = {"error": "error", "warning": "warning", "note": "notice"}


def render(report: Report, lang: str = "en") -> str:
    """One line per finding; nothing but a line end where nothing was found."""
    with wording.speaking(lang):
        return "".join(_line(report, finding, lang) + "\n" for finding in report.findings) or "\n"


def _line(report: Report, finding: Finding, lang: str) -> str:
    place = next((p for p in finding.places if p.file), None)
    properties = {"file": place.file if place else report.facts.script, "line": place.line if place else None}
    properties["title"] = f"unstuck: {wording.root_cause(finding.root_cause)}"
    command = "notice" if finding.preview else _COMMAND[finding.severity]
    told = ",".join(f"{name}={_property(str(value))}" for name, value in properties.items() if value)
    where = wording.where(finding.places)
    message = finding.message.in_language(lang)
    return f"::{command} {told}::{_escaped(f'{where}: {message}' if where else message)}"


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _escaped(text).replace(":", "%3A").replace(",", "%2C")
