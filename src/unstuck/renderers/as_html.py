"""The report as one page: opens offline, asks nobody for anything, holds both languages; charts where there is a trace to draw from.

The text is complete without scripts. Every name from the user's program passes the template's escaping or is set as text by the script,
and the page's Content-Security-Policy lets nothing run but the two scripts that are named by their hashes.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from functools import cache
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Any

from unstuck import captions, charts, language, pictures, sentences, wording
from unstuck.illustrations import Illustrator
from unstuck.records import Finding, Report, Text, Trace
from unstuck.renderers.as_json import plain

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

FOLDER = Path(__file__).parent / "html"


def render(report: Report, lang: str = "en", *, trace: Trace | None = None) -> str:
    """The page; `lang` is the language it opens in."""
    return page(report, lang, trace)


def page(report: Report, lang: str, trace: Trace | None, *, live: bool = False) -> str:
    """The whole page; a live one goes on asking its own server for `state`."""
    shown = state(report, trace, live=live)
    scripts = [FOLDER.joinpath(name).read_text(encoding="utf-8") for name in ("echarts.js", "page.js")]
    hashes = " ".join(f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'" for text in scripts)
    return _environment().get_template("page.jinja").render(
        lang=lang,
        live=live,
        report=report,
        body=_trusted(shown["body"]),
        data=_trusted(_inside_script({**shown["data"], "live": live})),
        style=_trusted(FOLDER.joinpath("page.css").read_text(encoding="utf-8")),
        scripts=[_trusted(text) for text in scripts],
        policy=f"default-src 'none'; script-src {hashes}; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
        + ("; connect-src 'self'" if live else ""),
    )  # fmt: skip


def state(report: Report, trace: Trace | None, *, live: bool = False) -> dict[str, Any]:
    """What changes while a run goes on: the body of the page, and the numbers of its charts."""
    illustrator = Illustrator(trace, report) if trace is not None else None
    groups = [(f, illustrator.of_finding(f) if illustrator else []) for f in report.findings]
    run = illustrator.of_run() if illustrator else []
    body = _environment().get_template("body.jinja").render(
        report=report,
        facts=report.facts,
        figures=groups,
        explained=_owners(report),
        trials=_trials(report),
        run=run,
        moments=illustrator.moments() if illustrator else [],
        known=_known(report, trace),
        trace=trace,
        going=live and report.facts.exit == "running",
    )  # fmt: skip
    drawn = [
        {"kind": g.kind, "of": g.of, "gains": g.gains, "marked": g.marked, "points": g.points}
        for g in (*(g for _finding, figures in groups for g in figures), *run)
    ]
    data: dict[str, Any] = illustrator.data() if illustrator else {}
    words = {lang: _words(lang) for lang in language.LANGUAGES}
    return {"body": body, "data": {**data, "charts": drawn, "words": words, "exit": report.facts.exit}}


# -------------------------------------------------------------------------------------------------- what is told where


def _owners(report: Report) -> dict[int, Finding]:
    """Of each finding that another one explains: which one (both by identity)."""
    return {id(under): own for own, below in sentences.consequences(report) for under in below}


def _trials(report: Report) -> list[dict[str, Any]]:
    """One table per root cause."""
    causes = dict.fromkeys([*(f.root_cause for f in report.findings), *sentences.without_finding(report)])
    tables = []
    for cause in causes:
        verdicts = sentences.verdicts_of(report, cause)
        if verdicts:
            alike = [v for v in report.verdicts if v.trial.yardstick == verdicts[0].trial.yardstick]  # one scale for all tables
            arms, effects = pictures.span(alike), pictures.effect_span(alike)
            drawn = [v for v in verdicts if charts.has_curves(v)]
            curves = pictures.curve_span([v for v in alike if charts.has_curves(v)])
            tables.append({"cause": cause, "verdicts": verdicts, "arms": arms, "effects": effects, "drawn": drawn, "curves": curves})
    return tables


def _known(report: Report, trace: Trace | None) -> list[tuple[Text, str]]:
    """The run in a few words."""
    _, facts = language._, report.facts
    settings = facts.optimizers[0].settings if facts.optimizers else {}
    numbers = ", ".join(f"{name} {captions.number(float(value))}" for name, value in settings.items() if value)
    rows = [
        (wording.both(lambda: _("model")), ", ".join(facts.models)),
        (wording.both(lambda: _("parameters")), f"{sum(_size(p.shape) for p in facts.parameters):,}" if facts.parameters else ""),
        (wording.both(lambda: _("loss")), facts.loss.kind if facts.loss else ""),
        (wording.both(lambda: _("optimizer")), f"{facts.optimizers[0].kind}({numbers})" if facts.optimizers else ""),
        (wording.both(lambda: _("batch")), str(facts.batch_size or "")),
        (wording.both(lambda: _("steps per epoch")), str(facts.epoch_steps or "")),
        (wording.both(lambda: _("steps sampled")), str(facts.sampled or "")),
        (wording.both(lambda: _("device")), f"{facts.device}, {facts.dtype}" if facts.models else ""),
        (wording.both(lambda: _("time")), f"{facts.seconds:.1f} s" if facts.seconds else ""),
    ]
    loss = trace.signal("loss.value") if trace is not None else None
    if loss is not None and len(loss) > 1:
        way = f"{captions.number(float(loss.values[0]))} → {captions.number(loss.last)}"
        rows.insert(3, (wording.both(lambda: _("loss, first → last step")), way))
    return [(name, value) for name, value in rows if value]


def _size(shape: tuple[int, ...]) -> int:
    size = 1
    for length in shape:
        size *= length
    return size


# ---------------------------------------------------------------------------------------------------------- template


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(FOLDER), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, finalize=_final
    )
    environment.globals["_"] = lambda sentence: wording.both(lambda: language._(sentence))
    environment.globals |= {
        name: _both_module(module) for name, module in (("sentences", sentences), ("wording", wording), ("captions", captions))
    }
    environment.filters |= {
        "pairs": _drawn(pictures.pairs),
        "effect": _drawn(pictures.effect),
        "curves": _drawn(pictures.curves),
        "bands": charts.bands,
        "arrow": _arrow,
        "identity": id,
        "number": captions.number,
    }
    return environment


def _final(value: object) -> object:
    """A Text is written in both languages; the style sheet shows one."""
    from markupsafe import Markup

    if not isinstance(value, Text):
        return value
    if value.en == value.zh:
        return value.en
    return Markup('<span lang="en">{}</span><span lang="zh">{}</span>').format(value.en, value.zh)


class _both_module:
    """Functions that speak the chosen language, as functions whose answer is a Text or a list of Texts."""

    def __init__(self, module: Any) -> None:
        self._module = module

    def __getattr__(self, name: str) -> Callable[..., Any]:
        function = getattr(self._module, name)

        def told(*given: Any, in_language: bool = False, **more: Any) -> Any:
            said = []
            for lang in language.LANGUAGES:
                with wording.speaking(lang):
                    said.append(function(*given, *((lang,) if in_language else ()), **more))
            en, zh = said
            return (
                None if en is None else Text(en, zh) if isinstance(en, str) else [Text(*pair) for pair in zip_longest(en, zh, fillvalue="")]
            )

        return told


def _drawn(draw: Callable[..., str]) -> Callable[..., Markup]:
    return lambda verdict, span: _trusted(draw(verdict, *span))


def _arrow(text: Text) -> Text:
    return Text(text.en.replace("->", "→"), text.zh.replace("->", "→"))


def _trusted(text: str) -> Markup:
    from markupsafe import Markup

    return Markup(text)


def _inside_script(data: dict[str, Any]) -> str:
    """JSON that no sequence of characters can end before its time."""
    text = json.dumps(plain(data), ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def _words(lang: str) -> dict[str, str]:
    with wording.speaking(lang):
        return captions.chart_words()
