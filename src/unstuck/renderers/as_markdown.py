"""The report as Markdown: for a pull request, an issue, a wiki page."""

from __future__ import annotations

import re
from collections.abc import Sequence

from unstuck import sentences, wording
from unstuck.language import _
from unstuck.records import Finding, Report


def render(report: Report, lang: str = "en") -> str:
    """The report as GitHub-flavoured Markdown."""
    with wording.speaking(lang):
        blocks = ["# unstuck: " + _code(report.facts.script or "-"), " · ".join(_escape(p) for p in sentences.headline(report))]
        if ended := sentences.ending(report.facts):
            blocks.append(_escape(ended))
        if not report.findings:
            blocks.append(f"**{sentences.no_problem(report)}**")
        for finding, explained in sentences.consequences(report):
            blocks += _finding(report, finding, explained, lang)
        for cause in sentences.without_finding(report):
            blocks += [f"## {wording.root_cause(cause) or _('Also tried')}", *_trials(report, cause, lang)]
        blocks += _checkup(report, lang)
        blocks += [f"**{_escape(s)}**" if index == 0 else _escape(s) for index, s in enumerate(sentences.answers(report, lang))]
        blocks += [_escape(sentence) for sentence in sentences.patch(report, lang)]
        if report.patch is not None and report.patch.diff:
            fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", report.patch.diff)), default=0))
            blocks.append(f"{fence}diff\n{report.patch.diff.rstrip(chr(10))}\n{fence}")
        quiet = [*sentences.silence(report, lang, verbose=True), *sentences.unseen(report, lang)]
        blocks.append("\n".join(f"- {_escape(sentence)}" for sentence in quiet))
    return "\n\n".join(block for block in blocks if block) + "\n"


def _finding(report: Report, finding: Finding, explained: Sequence[Finding], lang: str) -> list[str]:
    blocks = [f"## {_title(report, finding)}", _escape(finding.message.in_language(lang))]
    if finding.checkup is not None:
        blocks.append(_escape(sentences.as_sentence(finding.checkup.in_language(lang))))
    for consequence in explained:
        title = _("Consequence: {finding}").format(finding=_title(report, consequence))
        blocks.append(f"- **{title}**\n  {_escape(consequence.message.in_language(lang))}")
    for cause in sentences.causes_to_tell(report, (finding, *explained)):
        blocks += _trials(report, cause, lang, named=cause != finding.root_cause)
    blocks.append(_("Why: {command}").format(command=_code(f"unstuck explain {finding.rule}")))
    return blocks


def _title(report: Report, finding: Finding) -> str:
    severity = wording.severity(finding.severity, preview=finding.preview)
    places = _code(wording.where(finding.places)) if finding.places else ""
    line = _code(wording.line_of(finding, report.facts)) if wording.line_of(finding, report.facts) else ""
    return " · ".join(part for part in (wording.root_cause(finding.root_cause), severity, line, places) if part)


def _trials(report: Report, cause: str, lang: str, *, named: bool = False) -> list[str]:
    verdicts = sentences.verdicts_of(report, cause)
    if not verdicts:
        return []
    head = (_("remedies"), _("without -> with"), _("effect"), _("outcome"), _("symptom"), _("pairs"), _("remarks"))
    rows = [head, ("---",) * len(head)]
    for verdict in verdicts:
        means, effect = sentences.measured(verdict)
        words = f"**{wording.outcome(verdict.outcome)}**"
        symptom = sentences.symptom(verdict)
        remarks = " ".join(sentences.remarks(verdict, lang))
        rows.append((" + ".join(verdict.trial.remedies), means, effect, words, symptom, str(verdict.pairs), _escape(remarks)))
    table = "\n".join("| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in row) + " |" for row in rows)
    heading = f"{wording.root_cause(cause)}: " if named else ""
    return [heading + _escape(sentences.tried(verdicts)) + _(":"), table]


def _checkup(report: Report, lang: str) -> list[str]:
    if report.checkup is None:
        return []
    if why := sentences.unexamined(report, lang):
        return [_escape(why)]
    rows = [(_("check"), _("answer"), _("in words")), ("---",) * 3]
    for one in report.checkup.checks:
        said = sentences.as_sentence(one.reading.in_language(lang))
        rows.append((wording.check(one.check), wording.check_outcome(one.outcome), _escape(said)))
    table = "\n".join("| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in row) + " |" for row in rows)
    return [f"## {sentences.checked(report)}", table, *(_escape(sentence) for sentence in sentences.pointed(report, lang))]


def _code(text: str) -> str:
    return f"`{text.replace('`', chr(39))}`"


def _escape(text: str) -> str:
    """Characters that Markdown would take as its own, in text that only wants to be read."""
    for mark in "\\`*_<[]":
        text = text.replace(mark, f"\\{mark}")
    return text
