"""What the lab says: the topics, the claims with their numbers and verdicts, and which rows of the source documents they cover."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from unstuck import wording
from unstuck.language import _
from unstuck.topics import Row, Topic, coverage, identity, planned, topics

if TYPE_CHECKING:
    from unstuck.lab import Result


def verdict(word: str | None) -> str:
    """A verdict in the language in use."""
    return {"holds": _("holds"), "fails as stated": _("fails as stated"), "depends": _("depends")}.get(word or "", _("failed to run"))


def number(value: float) -> str:
    """Three figures, and no more zeros than a reader needs."""
    if not np.isfinite(value):
        return str(float(value))
    return f"{value:.4g}" if 1e-3 <= abs(value) < 1e5 or value == 0 else f"{value:.2g}"


def measured(values: np.ndarray) -> str:
    """The median over the seeds, and the range where they differ."""
    middle, low, high = number(float(np.median(values))), number(float(values.min())), number(float(values.max()))
    return middle if low == high else f"{middle} [{low}, {high}]"


def numbers(result: Result) -> str:
    """All numbers of a claim in one line; curves are left to the plots."""
    return "  ".join(f"{name} {measured(values)}" for name, values in result.measured.items() if values.ndim == 1)


# ---------------------------------------------------------------------------------------------------------- results


def results_as(form: str, results: Sequence[Result], lang: str, *, width: int = 100, color: bool = False) -> str:
    """Results as text, json or markdown."""
    if form == "json":
        return json.dumps([r.row() for r in results], ensure_ascii=False, indent=1, allow_nan=False) + "\n"
    return markdown(results, lang) if form == "markdown" else text(results, lang, width=width, color=color)


def text(results: Sequence[Result], lang: str, *, width: int = 100, color: bool = False) -> str:
    """Claim, number, verdict; by topic."""
    lines: list[str] = []
    topic = ""
    for result in results:
        claim = result.claim
        if claim.topic != topic:
            topic = claim.topic
            lines += ["", f"{topic}  {Topic(topic).title(lang)}".rstrip()]
        lines += ["", *wording.wrap(f"{_painted(verdict(result.verdict), result.verdict, color)}  {claim.id}", 10**6, 2)]
        lines += wording.wrap(claim.statement.in_language(lang), width, 4)
        if result.error:
            lines += wording.wrap(result.error, width, 4)
        lines += wording.wrap(_("Measured: {numbers}").format(numbers=numbers(result)), width, 4, 2) if result.measured else []
        lines += wording.wrap(_("Rule: {rule}").format(rule=claim.rule.in_language(lang)), width, 4, 2)
        if claim.depends is not None and result.verdict == "depends":
            lines += wording.wrap(claim.depends.in_language(lang), width, 4)
        about = [
            wording.counted(result.seeds, _("{n} seed"), _("{n} seeds")),
            _("measured before") if result.cached else f"{result.seconds:.1f} s",
            *([" ".join(claim.rows)] if claim.rows else []),
        ]
        lines += wording.wrap(" · ".join(about), width, 4, 2)
    return "\n".join([*lines, "", summary(results)]).lstrip("\n") + "\n"


def summary(results: Sequence[Result]) -> str:
    """How many claims, by verdict, and how long it took."""
    counts = Counter(r.verdict for r in results)
    said = [f"{count} {verdict(word)}" for word in ("holds", "fails as stated", "depends", None) if (count := counts[word])]
    spent = sum(r.seconds for r in results if not r.cached)
    return wording.counted(len(results), _("{n} claim"), _("{n} claims")) + f": {', '.join(said) or '-'} · {spent:.1f} s"


def _painted(word: str, kind: str | None, color: bool) -> str:
    code = {"holds": 32, "fails as stated": 33, "depends": 36, None: 31}[kind]
    return f"\033[{code}m{word}\033[0m" if color else word


def markdown(results: Sequence[Result], lang: str) -> str:
    """A table per topic."""
    lines: list[str] = []
    topic = ""
    for result in results:
        claim = result.claim
        if claim.topic != topic:
            topic = claim.topic
            heads = [_("claim"), _("statement"), _("measured"), _("rule"), _("verdict"), "s"]
            lines += ["", f"## {Topic(topic).title(lang) or topic}", "", _row(heads), _row(["---"] * len(heads))]
        cells = [f"`{claim.id}`", claim.statement.in_language(lang), result.error or numbers(result), claim.rule.in_language(lang)]
        lines.append(_row([*cells, verdict(result.verdict), f"{result.seconds:.1f}"]))
    return "\n".join([*lines, "", summary(results)]).lstrip("\n") + "\n"


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"


# ----------------------------------------------------------------------------------------------------------- topics


def topics_as(form: str, known: Sequence[Topic], lang: str) -> str:
    """Every topic with its title and claims."""
    claims = {topic.id: [identity(kind) for kind in topic.claims()] for topic in known}
    if form == "json":
        rows = [{"topic": t.id, "title": {"en": t.title("en"), "zh": t.title("zh")}, "claims": claims[t.id]} for t in known]
        return json.dumps(rows, ensure_ascii=False, indent=1) + "\n"
    if form == "markdown":
        heads = [_("topic"), _("title"), _("claims")]
        return (
            "\n".join([_row(heads), _row(["---"] * 3), *(_row([f"`{t.id}`", t.title(lang), ", ".join(claims[t.id])]) for t in known)])
            + "\n"
        )
    size = max((len(t.id) for t in known), default=0)
    lines = [f"{t.id:<{size}}  {len(claims[t.id]):>2}  {t.title(lang)}" for t in known]
    example = f"unstuck lab {known[0].id if known else 'TOPIC'}"
    return "\n".join([*lines, "", _("The number is that of the claims. Run one topic: {example}").format(example=example)]) + "\n"


# --------------------------------------------------------------------------------------------------------- coverage


def covered(word: str) -> str:
    """How a row is covered, in the language in use."""
    return {
        "claim": _("claim"),
        "page": _("page"),
        "definition only": _("definition only"),
        "not content": _("not content"),
        "missing": _("missing"),
    }[word]


def coverage_as(form: str) -> str:
    """Every row with its topics and claims, and the counts."""
    rows = coverage()
    if form == "json":
        keys = ("id", "kind", "judged", "topics", "covered", "claims")
        return json.dumps([{key: getattr(row, key) for key in keys} for row in rows], ensure_ascii=False, indent=1) + "\n"
    counts = Counter(row.covered for row in rows)
    said = f"{len(rows)}: " + ", ".join(f"{count} {covered(word)}" for word, count in counts.most_common())
    missing = [name for name in planned() if name not in topics()]
    tail = ["", said, *([_("Topics without a page: {names}").format(names=", ".join(missing))] if missing else [])]
    if form == "markdown":
        heads = [_("row"), _("judged"), _("covered by"), _("where")]
        table = [_row(heads), _row(["---"] * 4), *(_row([r.id, r.judged, covered(r.covered), _where(r)]) for r in rows)]
        return "\n".join([*table, *tail]) + "\n"
    return "\n".join([*(f"{row.id}  {covered(row.covered)}  {_where(row)}" for row in rows), *tail]) + "\n"


def _where(row: Row) -> str:
    return ", ".join(row.claims) or ", ".join(row.topics) or "-"
