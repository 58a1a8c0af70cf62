"""Which charts stand beside a finding and which show the whole run; the numbers of each are kept once, however often they are drawn.

No rule is known here: a finding is illustrated by the signals that it names as evidence.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from unstuck import captions, charts, wording
from unstuck.charts import CURVES, MAPS, Curve, HeatMap
from unstuck.language import _
from unstuck.records import Finding, Report, Text, Trace

#: Charts beside one finding; places of one chart of curves.
BESIDE, TOGETHER = 3, 6
#: A chain is drawn as a heat map from so many places on.
CHAIN = 3


@dataclass(frozen=True, kw_only=True)
class Illustration:
    """One chart on the page."""

    #: chain: heat maps over places; curves: lines over steps.
    kind: str
    title: Text
    #: For those who cannot see it.
    description: Text
    #: Keys of `Illustrator.data()`: heat maps, or curves.
    of: tuple[str, ...]
    #: A chain also shows the gains, or else the profile of its first map.
    gains: bool = False
    #: Names of the places that a finding is about.
    marked: tuple[str, ...] = ()
    #: Step and value of each piece of evidence.
    points: tuple[tuple[int, float], ...] = ()
    #: The numbers as a table: a row of words and numbers for each place or curve.
    head: tuple[Text, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True)
class Moment:
    """A step that a reader should know of."""

    step: int
    text: Text


@dataclass
class Illustrator:
    """Draws from one trace."""

    trace: Trace
    report: Report
    _maps: dict[str, HeatMap] = field(default_factory=dict)
    _curves: dict[str, list[Curve]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._gains = charts.gains(self.trace)

    def of_finding(self, finding: Finding) -> list[Illustration]:
        """What shows this finding."""
        drawn: dict[tuple[str, ...], Illustration] = {}
        for name in dict.fromkeys(e.signal for e in finding.evidence):
            made = self._evidence(finding, name)
            if made is not None:
                drawn.setdefault(made.of, made)
        return list(drawn.values())[:BESIDE]

    def of_run(self) -> list[Illustration]:
        """The whole run: curves, the chain of places, then every other map."""
        drawn = [made for names in CURVES if (made := self._together(names)) is not None]
        main = [name for name in ("gradient.norm", "activation.std") if self._map(name)]
        if main:
            drawn.append(self._chain(main, gains=len(self._gains) > 1))
        return drawn + [self._chain([name]) for name in MAPS if name not in main and self._worth(name)]

    def map(self, name: str) -> HeatMap:
        """A heat map that an illustration names."""
        return self._maps[name]

    def curves(self, key: str) -> list[Curve]:
        """The curves that an illustration names."""
        return self._curves[key]

    def moments(self) -> list[Moment]:
        """Steps at which something happened, in order."""
        found: dict[int, list[Text]] = {}
        for finding in self.report.findings:
            if finding.first_step > 0:
                name = wording.both(lambda f=finding: wording.cause_names().get(f.root_cause, f.root_cause))  # type: ignore[misc]
                found.setdefault(finding.first_step, []).append(name)
        if (step := charts.first_nonfinite(self.trace)) is not None:
            found.setdefault(step, []).append(wording.both(lambda: _("the loss is not finite for the first time")))
        if (best := charts.best_validation(self.trace)) is not None:
            name = wording.both(lambda: _("best {signal}").format(signal=captions.signal(best[0])))
            found.setdefault(best[1], []).append(name)
        return [Moment(step, Text("; ".join(t.en for t in said), "；".join(t.zh for t in said))) for step, said in sorted(found.items())]

    def data(self) -> dict[str, Any]:
        """The numbers behind every chart that was asked for."""
        return {
            "maps": {name: charts.plain(chart) for name, chart in self._maps.items()},
            "curves": {name: [charts.plain(one) for one in group] for name, group in self._curves.items()},
            "gains": charts.plain(self._gains),
            "moments": [{"step": m.step, "en": m.text.en, "zh": m.text.zh} for m in self.moments()],
            "steps": self.trace.facts.steps,
            "names": {name: _plain(wording.both(lambda n=name: captions.signal(n))) for name in self._named()},  # type: ignore[misc]
        }

    # ------------------------------------------------------------------------------------------------------ charts

    def _evidence(self, finding: Finding, name: str) -> Illustration | None:
        places = tuple(p.name for p in finding.places)
        points = tuple((e.step, e.value) for e in finding.evidence if e.signal == name and e.value is not None)
        where = {e.place for e in finding.evidence if e.signal == name}
        if name == "gradient.gain" and (norms := self._map("gradient.norm")):
            name, where = "gradient.norm", {p.name for p in norms.places}
        found = self._map(name)
        # A map that leaves out what the finding is about (parameters of no layer) shows something else.
        if found is not None and len(found.places) >= CHAIN and any(p.name in where for p in found.places):
            return self._chain([name], gains=name.startswith("gradient.") and len(self._gains) > 1, marked=places)
        group = next((names for names in CURVES if name in names), None)
        if group is not None:
            return self._together(group, points)
        wanted = list(dict.fromkeys(e.place for e in finding.evidence if e.signal == name))[:TOGETHER]
        signals = [s for place in wanted if (s := self.trace.signal(name, place)) is not None]
        return self._lines(f"{name} {' '.join(wanted)}", [charts.curve(s) for s in signals], points) if signals else None

    def _chain(self, names: Sequence[str], *, gains: bool = False, marked: tuple[str, ...] = ()) -> Illustration:
        shown = [self._maps[name] for name in names]
        described = wording.both(lambda: " ".join([*map(captions.of_map, shown), *([captions.of_gains(self._gains)] if gains else [])]))
        gain_of = {g.place.name: g.value for g in self._gains} if gains else {}
        table = {m.signal: {p.name: v for p, v in zip(m.places, m.medians.tolist(), strict=True)} for m in shown}
        rows = [
            (p.name, p.kind, charts.line_of(p), *(captions.number(column.get(p.name)) for column in table.values()),
             *([captions.number(gain_of.get(p.name))] if gains else []))
            for p in shown[0].places
        ]  # fmt: skip
        head = [wording.both(lambda: _("place")), wording.both(lambda: _("kind")), wording.both(lambda: _("made at"))]
        head += [_named(name) for name in (*names, *(["gradient.gain"] if gains else []))]
        title = _named(names[0]) if len(names) == 1 and not gains else wording.both(lambda: _("the network, place by place"))
        return Illustration(
            kind="chain",
            title=title,
            description=described,
            of=tuple(names),
            gains=gains,
            marked=marked,
            head=tuple(head),
            rows=tuple(rows),
        )

    def _together(self, names: Sequence[str], points: tuple[tuple[int, float], ...] = ()) -> Illustration | None:
        signals = [s for name in names if (s := self.trace.signal(name)) is not None and len(s) > 1]
        if not signals or (names[0] == "lr.value" and len(set(signals[0].values.tolist())) < 2):
            return None
        return self._lines(signals[0].name, [charts.curve(s) for s in signals], points)

    def _lines(self, key: str, curves: list[Curve], points: tuple[tuple[int, float], ...]) -> Illustration:
        self._curves[key] = curves
        rows = []
        for one in curves:
            good = one.values[one.values == one.values]
            ends = (good[0], good[-1], good.min(), good.max()) if len(good) else (None,) * 4
            rows.append((one.signal if one.place == "run" else f"{one.signal} {one.place}", *(captions.number(v) for v in ends)))
        words = (lambda: _("signal"), lambda: _("first"), lambda: _("last"), lambda: _("lowest"), lambda: _("highest"))
        return Illustration(
            kind="curves",
            title=_named(curves[0].signal) if len({c.signal for c in curves}) == 1 else _several(curves),
            description=wording.both(lambda: captions.of_curves(curves)),
            of=(key,),
            points=points,
            head=tuple(wording.both(word) for word in words),
            rows=tuple(rows),
        )

    def _map(self, name: str) -> HeatMap | None:
        if name not in self._maps:
            made = charts.layers(self.trace, name)
            if made is None:
                return None
            self._maps[name] = made
        return self._maps[name]

    def _worth(self, name: str) -> bool:
        """A share that is nowhere above one in a hundred is no picture."""
        used = name in self._maps
        found = self._map(name)
        worth = found is not None and (MAPS[name] or bool((found.values > 0.01).any()))
        if found is not None and not worth and not used:
            del self._maps[name]
        return worth

    def _named(self) -> list[str]:
        return list(dict.fromkeys([*self._maps, *(one.signal for group in self._curves.values() for one in group), "gradient.gain"]))


def _named(name: str) -> Text:
    return wording.both(lambda: captions.signal(name))


def _several(curves: Sequence[Curve]) -> Text:
    names = list(dict.fromkeys(c.signal for c in curves))
    return wording.both(lambda: _(", ").join(captions.signal(name) for name in names))


def _plain(text: Text) -> dict[str, str]:
    return {"en": text.en, "zh": text.zh}
