"""The findings beside the check-up: confirmed or spoken against, each with its reason, and ranked again. Nothing is found here."""

from __future__ import annotations

from dataclasses import replace

from unstuck import plugins
from unstuck.diagnosis import ranked
from unstuck.records import Checkup, Finding, Report, Text

#: Confidence of a finding that the check-up confirms, at least; our choice.
CONFIRMED = 0.9


def weighed(report: Report, checkup: Checkup) -> Report:
    """The report with the check-up, and what follows from it for the findings.

    A finding that it speaks against becomes a note: it is still told, but it is no alarm and proposes nothing. What was observed exactly
    is not argued with.
    """
    findings = [_weighed(f, checkup) for f in report.findings]
    report = replace(report, findings=tuple(ranked(findings)))
    found = {f.root_cause for f in findings}
    kept = {cause: why for cause, why in checkup.confirmed.items() if cause in found or not _explained(cause, report)}
    return replace(report, checkup=replace(checkup, confirmed=kept))


def _explained(cause: str, report: Report) -> bool:
    """A consequence of something that was found: where units are all alike, another rate is faster too, and not the cure."""
    rules = plugins.rules()
    return any(cause in rules[f.rule].explains for f in report.alarms if f.rule in rules and f.root_cause != cause)


def _weighed(finding: Finding, checkup: Checkup) -> Finding:
    cause = finding.root_cause
    if cause in checkup.confirmed:
        reason = Text("confirmed by the check-up: {why}", "检查予以证实：{why}")
        return replace(finding, confidence=max(finding.confidence, CONFIRMED), checkup=_because(reason, checkup.confirmed[cause]))
    if cause in checkup.ruled_out and not finding.certain:
        reason = Text("the check-up speaks against it: {why}", "检查不支持这一判断：{why}")
        halved = round(finding.confidence / 2, 3)
        return replace(finding, severity="note", confidence=halved, checkup=_because(reason, checkup.ruled_out[cause]))
    return finding


def _because(sentence: Text, why: Text) -> Text:
    return Text(sentence.en.format(why=why.en), sentence.zh.format(why=why.zh))


def suspected(report: Report) -> tuple[str, ...]:
    """Root causes that the check-up speaks for: what is tried first."""
    confirmed = report.checkup.confirmed if report.checkup is not None else {}
    return tuple(cause for cause in confirmed if not _explained(cause, report))
