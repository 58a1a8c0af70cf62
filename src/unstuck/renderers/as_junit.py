"""The report as JUnit XML, which every CI server reads: a test case per rule; findings fail, rules that could not look are skipped."""

from __future__ import annotations

import re
from collections.abc import Sequence
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from unstuck import sentences, wording
from unstuck.records import Finding, Report

#: Characters that XML 1.0 has no way to write.
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(report: Report, lang: str = "en") -> str:
    """One test suite."""
    with wording.speaking(lang):
        return '<?xml version="1.0" encoding="UTF-8"?>\n' + _suite(report, lang) + "\n"


def _suite(report: Report, lang: str) -> str:
    facts = report.facts
    found: dict[str, list[Finding]] = {}
    for finding in report.findings:
        found.setdefault(finding.rule, []).append(finding)
    failing = {rule for rule, own in found.items() if any(f in report.alarms for f in own)}
    broken = facts.exit == "failed"
    tests = len(found) + len(report.skipped) + len(report.clean) + broken
    suites = Element("testsuites", name="unstuck")
    numbers = {"tests": tests, "failures": len(failing), "errors": int(broken), "skipped": len(report.skipped)}
    attributes = {"name": _text(facts.script or "unstuck"), "time": f"{facts.seconds:.3f}", **{k: str(v) for k, v in numbers.items()}}
    suite = SubElement(suites, "testsuite", attributes)
    for rule, own in found.items():
        _case(suite, report, rule, own, lang, fails=rule in failing)
    for rule in report.clean:
        SubElement(suite, "testcase", classname="unstuck", name=rule)
    for skipped in report.skipped:
        case = SubElement(suite, "testcase", classname="unstuck", name=skipped.rule)
        SubElement(case, "skipped", message=_text(skipped.reason.in_language(lang)))
    if broken:
        case = SubElement(suite, "testcase", classname="unstuck", name="script")
        SubElement(case, "error", message=_text(sentences.ending(facts) or ""))
    indent(suites)
    return tostring(suites, encoding="unicode")


def _case(suite: Element, report: Report, rule: str, own: Sequence[Finding], lang: str, *, fails: bool) -> None:
    case = SubElement(suite, "testcase", classname="unstuck", name=rule)
    first = next((p for f in own for p in f.places if p.file), None)
    if first is not None:
        case.set("file", _text(str(first.file)))
        if first.line is not None:
            case.set("line", str(first.line))
    said = [f"{wording.line_of(f, report.facts)} {wording.where(f.places)}\n{f.message.in_language(lang)}".strip() for f in own]
    if fails:
        failure = SubElement(case, "failure", type=own[0].severity, message=_text(own[0].message.in_language(lang)))
        failure.text = _text("\n\n".join(said))
    else:
        SubElement(case, "system-out").text = _text("\n\n".join(said))


def _text(text: str) -> str:
    return _FORBIDDEN.sub("?", text)
