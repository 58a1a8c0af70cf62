"""The report in a terminal: the answer first, then what was tried, then what is not known."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len

from unstuck import sentences, wording
from unstuck.language import _
from unstuck.records import Finding, Report, Verdict

#: SGR codes: bold, red, yellow, green, cyan, grey.
_STYLES = {
    "title": "1",
    "error": "1;31",
    "warning": "1;33",
    "note": "36",
    "helps": "32",
    "harms": "31",
    "place": "36",
    "quiet": "2",
}


@dataclass(frozen=True)
class _Look:
    lang: str
    width: int
    color: bool
    verbose: bool

    def paint(self, text: str, style: str) -> str:
        code = _STYLES.get(style)
        return f"\x1b[{code}m{text}\x1b[0m" if self.color and code and text else text

    def wrap(self, text: str, indent: int = 0, hanging: int = 0) -> list[str]:
        """Lines of at most `width` cells."""
        return wording.wrap(text, self.width, indent, hanging)


def render(report: Report, lang: str = "en", *, width: int = 100, color: bool = False, verbose: bool = False) -> str:
    """The report as text, `width` cells wide; with ANSI colours where `color`."""
    look = _Look(lang, width, color, verbose)
    with wording.speaking(lang):
        if not report.findings and not report.verdicts:
            return "\n".join(_nothing_found(report, look)) + "\n"
        lines = [look.paint(" · ".join(sentences.headline(report)), "title"), *_ending(report, look), ""]
        for finding, explained in sentences.consequences(report):
            lines += [*_finding(report, finding, explained, look), ""]
        for cause in sentences.without_finding(report):
            lines += [look.paint(wording.root_cause(cause) or _("Also tried"), "title"), *_trials(report, cause, look), ""]
        if told := _checkup(report, look):
            lines += [*told, ""]
        if answers := _answers(report, look):
            lines += [*answers, ""]
        lines += [*_unknown(report, look), *_patch(report, look)]
    return "\n".join(lines).rstrip("\n") + "\n"


def _nothing_found(report: Report, look: _Look) -> list[str]:
    """One line, unless there is more that must be known."""
    answer = sentences.no_problem(report)
    if report.clean and not look.verbose:
        answer += _(" Looked for: {n}, could not look: {skipped}.").format(n=len(report.clean), skipped=len(report.skipped))
    lines = [" · ".join([*sentences.headline(report), answer]), *_ending(report, look), *_checkup(report, look), *_answers(report, look)]
    seen = sentences.silence(report, look.lang, verbose=True) if look.verbose else []
    for sentence in [*seen, *sentences.unseen(report, look.lang)]:
        lines += look.wrap(sentence)
    return [*lines, *_patch(report, look)]


def _ending(report: Report, look: _Look) -> list[str]:
    sentence = sentences.ending(report.facts)
    return look.wrap(sentence) if sentence else []


def _finding(report: Report, finding: Finding, explained: Sequence[Finding], look: _Look) -> list[str]:
    lines = [_title(report, finding, look), *look.wrap(finding.message.in_language(look.lang), 2)]
    if finding.checkup is not None:
        lines += look.wrap(sentences.as_sentence(finding.checkup.in_language(look.lang)), 2)
    for cause in sentences.causes_to_tell(report, (finding, *explained)):
        lines += _trials(report, cause, look, named=cause != finding.root_cause)
    for consequence in explained:
        lines.append("  " + _("Consequence: {finding}").format(finding=_title(report, consequence, look)))
        lines += look.wrap(consequence.message.in_language(look.lang), 4)
    lines.append("  " + look.paint(_("Why: {command}").format(command=f"unstuck explain {finding.rule}"), "quiet"))
    return lines


def _title(report: Report, finding: Finding, look: _Look) -> str:
    parts = [
        look.paint(wording.line_of(finding, report.facts), "place"),
        look.paint(wording.root_cause(finding.root_cause), "title"),
        look.paint(wording.severity(finding.severity, preview=finding.preview), finding.severity),
        wording.where(finding.places),
    ]
    return "  ".join(part for part in parts if part)


def _trials(report: Report, cause: str, look: _Look, *, named: bool = False) -> list[str]:
    verdicts = sentences.verdicts_of(report, cause)
    if not verdicts:
        return []
    of = f"{wording.root_cause(cause)}: " if named else ""
    lines = look.wrap(of + sentences.tried(verdicts) + _(":"), 2)
    rows = [_row(verdict, several=len({v.pairs for v in verdicts}) > 1) for verdict in verdicts]
    widths = [max(cell_len(row[column]) for row in rows) for column in range(len(rows[0]))]
    remarks = [sentences.remarks(verdict, look.lang) for verdict in verdicts]
    shared = [remark for remark, times in Counter(r for own in remarks for r in own).items() if times > 1]
    for verdict, row, own in zip(verdicts, rows, remarks, strict=True):
        cells = [cell + " " * (size - cell_len(cell)) for cell, size in zip(row, widths, strict=True)]
        cells[3] = look.paint(cells[3], verdict.outcome)
        lines.append(("    " + "   ".join(cell for cell, size in zip(cells, widths, strict=True) if size)).rstrip())
        lines += [line for remark in own if remark not in shared for line in look.wrap(remark, 6, 2)]
    for remark in shared:
        of = _("; ").join(row[0] for row, own in zip(rows, remarks, strict=True) if remark in own)
        lines += look.wrap(_("{remedies}: {remark}").format(remedies=of, remark=remark), 4, 2)
    return lines


def _row(verdict: Verdict, *, several: bool) -> tuple[str, ...]:
    means, effect = sentences.measured(verdict)
    pairs = wording.counted(verdict.pairs, _("{n} pair"), _("{n} pairs")) if several else ""
    return " + ".join(verdict.trial.remedies), means, effect, wording.outcome(verdict.outcome), pairs, sentences.symptom(verdict)


def _checkup(report: Report, look: _Look) -> list[str]:
    """A small table: what was asked, the answer in one word, the answer in plain words."""
    if report.checkup is None:
        return []
    if why := sentences.unexamined(report, look.lang):
        return look.wrap(why)
    rows = [(wording.check(c.check), wording.check_outcome(c.outcome)) for c in report.checkup.checks]
    widths = [max((cell_len(row[i]) for row in rows), default=0) for i in (0, 1)]
    lines = [look.paint(sentences.checked(report), "title")]
    styles = {"passed": "helps", "failed": "harms"}
    for (name, word), one in zip(rows, report.checkup.checks, strict=True):
        head = [cell + " " * (size - cell_len(cell)) for cell, size in zip((name, word), widths, strict=True)]
        first = f"  {head[0]}   {head[1]}   "
        said = look.wrap(sentences.as_sentence(one.reading.in_language(look.lang)), cell_len(first))
        lines.append(f"  {head[0]}   {look.paint(head[1], styles.get(one.outcome, 'quiet'))}   {said[0].lstrip()}")
        lines += said[1:]
    return [*lines, *(line for sentence in sentences.pointed(report, look.lang) for line in look.wrap(sentence, 2))]


def _answers(report: Report, look: _Look) -> list[str]:
    lines = []
    for index, sentence in enumerate(sentences.answers(report, look.lang)):
        style = "helps" if report.best and index == 0 else ""
        lines += [look.paint(line, style) for line in look.wrap(sentence, 0, 2)]
    return lines


def _patch(report: Report, look: _Look) -> list[str]:
    """Last, so that `git apply` can read the report."""
    said = [line for sentence in sentences.patch(report, look.lang) for line in look.wrap(sentence, 0, 2)]
    if report.patch is None or not said:
        return []
    styles = {"+": "helps", "-": "harms", "@": "note"}
    shown = [look.paint(line, styles.get(line[:1], "")) for line in report.patch.diff.splitlines()]
    return ["", *said, *([""] if shown else []), *shown]


def _unknown(report: Report, look: _Look) -> list[str]:
    said = [*sentences.silence(report, look.lang, verbose=look.verbose), *sentences.unseen(report, look.lang)]
    return [look.paint(line, "quiet") for sentence in said for line in look.wrap(sentence, 0, 2)]
