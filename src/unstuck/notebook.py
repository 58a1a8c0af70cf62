"""What a notebook shows for a Run, a Report, a Finding or a Verdict: small, whole in itself, the same after the cell ran again.

No script and no library inside: heat maps are pictures of one pixel per cell, curves and pairs are vector drawings.
"""

from __future__ import annotations

from html import escape
from math import isfinite

from unstuck import captions, charts, pictures, sentences, wording
from unstuck.illustrations import Illustration, Illustrator
from unstuck.language import _, chosen
from unstuck.records import Finding, Report, Trace, Verdict

_STYLE = """<style>
.unstuck{font:14px/1.5 system-ui,sans-serif;max-width:860px;font-variant-numeric:tabular-nums}
.unstuck p{margin:.15em 0}.unstuck .quiet{opacity:.65;font-size:12.5px}.unstuck h4{margin:.2em 0 .35em;font:500 19px/1.25 Georgia,serif}
.unstuck article{border-left:3px solid #3f6486;padding:.1em 0 .3em 12px;margin:.7em 0}.unstuck .error{border-color:#b3261e}
.unstuck .warning{border-color:#9a6700}.unstuck code{font-size:.88em;background:none}.unstuck table{border-collapse:collapse;margin:.3em 0;font-size:13px;white-space:nowrap}
.unstuck td,.unstuck th{text-align:left;padding:2px 14px 2px 0;background:none;font-weight:400;border:0}
.unstuck figure{margin:.5em 0}.unstuck figcaption{font-size:12.5px;opacity:.75}.unstuck img{image-rendering:pixelated;display:block}
.unstuck .map{display:flex;gap:8px;font:11px/1.2 ui-monospace,monospace}.unstuck .ends{display:flex;flex-direction:column;justify-content:space-between;text-align:right}
</style>"""


def html(record: object) -> str:
    """The record as a fragment of HTML."""
    if isinstance(record, Report):
        return run(record, None)
    if isinstance(record, Finding):
        return _framed(_finding(record, [], None))
    assert isinstance(record, Verdict)
    return _framed(_trials([record]))


def run(report: Report, trace: Trace | None) -> str:
    """A report, with charts where there is a trace."""
    lang = chosen()
    illustrator = Illustrator(trace, report) if trace is not None else None
    parts = [f'<p class="quiet">{escape(" · ".join(sentences.headline(report)))}</p>']
    parts.append(f"<h4>{escape(' '.join(sentences.conclusion(report)))}</h4>")
    parts += [f"<p>{escape(answer)}</p>" for answer in sentences.answers(report, lang)]
    for finding in report.findings:
        parts.append(_finding(finding, illustrator.of_finding(finding) if illustrator else [], illustrator))
    causes = dict.fromkeys([*(f.root_cause for f in report.findings), *sentences.without_finding(report)])
    for cause in causes:
        if verdicts := sentences.verdicts_of(report, cause):
            parts.append(
                f'<p class="quiet">{escape(wording.root_cause(cause))}: {escape(sentences.tried(verdicts))}</p>{_trials(verdicts)}'
            )
    if trace is not None and not report.findings:
        loss = trace.signal("loss.value")
        parts.append(_curve(charts.curve(loss)) if loss is not None and len(loss) > 1 else "")
    parts += [f'<p class="quiet">{escape(said)}</p>' for said in (*sentences.silence(report, lang), *sentences.unseen(report, lang))]
    return _framed("".join(parts))


def _framed(content: str) -> str:
    return f'{_STYLE}<div class="unstuck">{content}</div>'


def _finding(finding: Finding, drawn: list[Illustration], illustrator: Illustrator | None) -> str:
    lang = chosen()
    known = next((p for p in finding.places if p.file), None)
    line = f" <code>{escape(charts.line_of(known))}</code>" if known is not None else ""
    severity = wording.severity(finding.severity, preview=finding.preview)
    head = f"<p><b>{escape(wording.root_cause(finding.root_cause))}</b> · {severity} · {escape(wording.where(finding.places))}{line}</p>"
    pictured = "".join(_picture(one, illustrator) for one in drawn) if illustrator is not None else ""
    return f'<article class="{finding.severity}">{head}<p>{escape(finding.message.in_language(lang))}</p>{pictured}</article>'


def _picture(drawn: Illustration, illustrator: Illustrator) -> str:
    if drawn.kind == "chain":
        return "".join(_map(illustrator.map(name)) for name in drawn.of)
    return "".join(_curve(one) for key in drawn.of for one in illustrator.curves(key))


def _map(chart: charts.HeatMap) -> str:
    rows, columns = chart.values.shape
    height = max(48, min(16 * rows, 320))
    ends = "".join(f"<span>{escape(p.name)}</span>" for p in (chart.places[0], chart.places[-1]))
    source = pictures.pixels(chart.values, logarithmic=chart.logarithmic)
    image = f'<img src="{source}" width="{max(240, min(8 * columns, 560))}" height="{height}" alt="{escape(captions.of_map(chart))}">'
    caption = _("{signal}, steps {first} to {last}").format(
        signal=captions.signal(chart.signal), first=int(chart.steps[0]), last=int(chart.steps[-1])
    )
    return f'<figure><figcaption>{escape(caption)}</figcaption><div class="map"><div class="ends">{ends}</div>{image}</div></figure>'


def _curve(one: charts.Curve) -> str:
    values = one.values.tolist()
    good = [v for v in values if isfinite(v)]
    ends = f"{captions.number(good[0])} → {captions.number(good[-1])}" if good else "nan"
    drawing = pictures.line(one.steps.tolist(), values)
    return f"<figure><figcaption>{escape(captions.signal(one.signal))}: {ends}</figcaption>{drawing}</figure>"


def _trials(verdicts: list[Verdict]) -> str:
    arms, effects = pictures.span(verdicts), pictures.effect_span(verdicts)
    rows = []
    for verdict in verdicts:
        means, effect = sentences.measured(verdict)
        cells = [
            f"<b>{escape(' + '.join(verdict.trial.remedies))}</b>",
            wording.outcome(verdict.outcome),
            pictures.pairs(verdict, *arms, width=200),
            means.replace("->", "→"),
            pictures.effect(verdict, *effects, width=110),
            effect,
        ]
        rows.append("<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>")
    return f"<table>{''.join(rows)}</table>"
