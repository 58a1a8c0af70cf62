"""Small drawings without a library, as text: the pairs of a trial, its effect and interval, a heat map of one pixel per cell.

They are part of a page or of a notebook's output, print sharply and take the page's colours where it names them.
"""

from __future__ import annotations

import base64
import math
import struct
import zlib
from collections.abc import Sequence

import numpy as np

from unstuck.captions import number
from unstuck.charts import bands
from unstuck.records import Verdict

#: Pale to deep: what vanishes fades into the paper. The page's own style sheet has the same colours.
SCALE = ("#f4f1e8", "#d7e3d3", "#a5cbb9", "#69aba3", "#37838b", "#1b5a73", "#0c3452")
_OUTCOME = {"helps": "var(--good,#1a7f4b)", "harms": "var(--bad,#b3261e)", "unclear": "var(--doubt,#9a6700)"}
_QUIET, _INK = "var(--rule,#c9c4b8)", "var(--soft,#6b6559)"


def span(verdicts: Sequence[Verdict]) -> tuple[float, float]:
    """The range of all arms of some verdicts, a little wider."""
    return _wider([v for one in verdicts for v in (*one.trial.control, *one.trial.treated) if v is not None])


def effect_span(verdicts: Sequence[Verdict]) -> tuple[float, float]:
    """The range of all intervals, with zero in it."""
    ends = [e for v in verdicts for e in (*(v.interval or ()), *((v.effect,) if v.effect is not None else ()))]
    return _wider([0.0, *ends])


def pairs(verdict: Verdict, low: float, high: float, *, width: int = 260) -> str:
    """A line for each pair from the untouched arm (ring) to the treated one (dot); a cross at the edge for an arm without a number."""
    trial, color = verdict.trial, _OUTCOME.get(verdict.outcome, _INK)
    rows = max(len(trial.control), 1)
    pitch = 6.0 if rows <= 12 else max(72 / rows, 1.5)
    height = pitch * rows + 6
    parts = []
    for index, (control, treated) in enumerate(zip(trial.control, trial.treated, strict=False)):
        y = 3 + pitch * (index + 0.5)
        a, b = (_at(value, low, high, width) for value in (control, treated))
        if a is not None and b is not None:
            parts.append(f'<line x1="{a:.1f}" y1="{y:.1f}" x2="{b:.1f}" y2="{y:.1f}" style="stroke:{color}" stroke-opacity=".45"/>')
        parts.append(_dot(a, y, f"fill:var(--paper,none);stroke:{_INK}") if a is not None else _cross(4, y, _INK))
        parts.append(_dot(b, y, f"fill:{color};stroke:{color}") if b is not None else _cross(width - 4, y, color))
    return _svg(width, height, parts, "pairs")


def effect(verdict: Verdict, low: float, high: float, *, width: int = 160) -> str:
    """The interval of the effect around zero."""
    color, zero = _OUTCOME.get(verdict.outcome, _INK), _at(0.0, low, high, width) or 0
    parts = [f'<line x1="{zero:.1f}" y1="0" x2="{zero:.1f}" y2="18" style="stroke:{_QUIET}"/>']
    middle = _at(verdict.effect, low, high, width)
    if verdict.interval is not None:
        a, b = (_at(end, low, high, width) or 0 for end in verdict.interval)
        parts.append(f'<line x1="{a:.1f}" y1="9" x2="{b:.1f}" y2="9" stroke-width="5" style="stroke:{color}" stroke-opacity=".3"/>')
    if middle is not None:
        parts.append(_dot(middle, 9, f"fill:{color};stroke:{color}"))
    return _svg(width, 18, parts, "effect")


def curve_span(verdicts: Sequence[Verdict]) -> tuple[float, float]:
    """The range of the curves of some verdicts; what harms (it may have left every scale) does not make the others flat."""

    def known(found: Sequence[Verdict], *names: str) -> list[float]:
        rows = [row for v in found if v.trial.curves is not None for name in names for row in getattr(v.trial.curves, name)]
        return [v for row in rows for v in row if v is not None and math.isfinite(v)]

    everything = known(verdicts, "control", "treated")
    core = known(verdicts, "control") + known([v for v in verdicts if v.outcome != "harms"], "treated")
    if core and max(everything) - min(everything) > 4 * (max(core) - min(core)):
        everything = core
    return _wider(everything)


def curves(verdict: Verdict, low: float, high: float, *, width: int = 290, height: int = 150) -> str:
    """The yardstick over the steps: mean of the pairs without (dashed) and with the remedy, bands from the lowest to the highest pair, a cross
    where a pair ends early; on the right the interval of the effect, counted from what the untouched arms reached.
    """
    trial = verdict.trial
    assert trial.curves is not None
    steps, end = trial.curves.steps, max(trial.steps, trial.curves.steps[-1])
    left, right, top, bottom = 36, width - 16, 6, height - 18
    color = _OUTCOME.get(verdict.outcome, "var(--ink,#1d1b17)")

    def x(step: float) -> float:
        first = min(0, steps[0])
        return left + (right - left) * (step - first) / ((end - first) or 1)

    def y(value: float) -> float:
        return bottom - (bottom - top) * (min(max(value, low), high) - low) / (high - low)

    parts = []
    for tick in _ticks(low, high):
        parts.append(f'<line x1="{left}" y1="{y(tick):.1f}" x2="{right}" y2="{y(tick):.1f}" style="stroke:{_QUIET}" stroke-width=".7"/>')
        parts.append(_label(left - 5, y(tick) + 3.2, number(tick), "end"))
    parts.append(_label(left, height - 4, str(min(0, steps[0])), "start"))
    parts.append(_label(right, height - 4, str(end), "end"))
    for rows, tint, dash in ((trial.curves.control, _INK, ' stroke-dasharray="4 3"'), (trial.curves.treated, color, "")):
        for run in _runs(steps, bands(rows)):
            upper = "L".join(f"{x(s):.1f},{y(b[2]):.1f}" for s, b in run)
            lower = "L".join(f"{x(s):.1f},{y(b[1]):.1f}" for s, b in reversed(run))
            middle = "L".join(f"{x(s):.1f},{y(b[0]):.1f}" for s, b in run)
            parts.append(f'<path class="band" d="M{upper}L{lower}Z" style="fill:{tint}" fill-opacity=".16"/>')
            parts.append(f'<path class="mean" d="M{middle}" style="stroke:{tint}" stroke-width="1.7" stroke-linejoin="round"{dash}/>')
        for row in rows:
            last = max((i for i, v in enumerate(row) if v is not None), default=None)
            if last is not None and last < len(row) - 1:
                parts.append(_cross(round(x(steps[last]), 1), round(y(row[last] or 0.0), 1), tint))
    reached = [c for c, t in zip(trial.control, trial.treated, strict=False) if c is not None and t is not None]
    if verdict.effect is not None and verdict.interval is not None and reached:
        from_here, sign = math.fsum(reached) / len(reached), 1 if trial.yardstick.higher_is_better else -1
        a, b = (y(from_here + sign * edge) for edge in verdict.interval)
        parts.append(
            f'<line class="interval" x1="{right + 8}" y1="{a:.1f}" x2="{right + 8}" y2="{b:.1f}" stroke-width="2" style="stroke:{color}"/>'
        )
        parts.append(_dot(right + 8, y(from_here + sign * verdict.effect), f"fill:{color};stroke:{color}"))
    return _svg(width, height, parts, "paired")


def line(steps: Sequence[float], values: Sequence[float], *, width: int = 420, height: int = 60) -> str:
    """A curve, broken where a value is not finite."""
    left, right = _wider(list(steps))
    low, high = _wider(list(values))
    parts, path = [], ""
    for step, value in zip(steps, values, strict=True):
        x, y = _at(step, left, right, width), _at(value, low, high, height)
        path += f"{'L' if path and not path.endswith(' ') else 'M'}{x:.1f},{height - y:.1f}" if x is not None and y is not None else " "
    parts.append(f'<path d="{path.strip()}" style="stroke:var(--accent,#37838b)" stroke-width="1.3" stroke-linejoin="round"/>')
    return _svg(width, height, parts, "line")


def pixels(values: np.ndarray, *, logarithmic: bool) -> str:
    """A heat map [rows, columns] as a `data:` picture, one pixel per cell; what is not finite is left blank."""
    with np.errstate(all="ignore"):
        scaled = np.log10(values) if logarithmic else values.astype(float)
    good = np.isfinite(scaled)
    low, high = (float(scaled[good].min()), float(scaled[good].max())) if good.any() else (0.0, 1.0)
    share = np.where(good, (scaled - low) / ((high - low) or 1.0), 0) * (len(SCALE) - 1)
    stops = np.array([[int(color[i : i + 2], 16) for i in (1, 3, 5)] for color in SCALE], float)
    below = np.minimum(share.astype(int), len(SCALE) - 2)
    rgb = stops[below] + (stops[below + 1] - stops[below]) * (share - below)[..., None]
    rgba = np.dstack([rgb, np.where(good, 255, 0)]).astype(np.uint8)
    return "data:image/png;base64," + base64.b64encode(_png(rgba)).decode()


def _png(rgba: np.ndarray) -> bytes:
    rows, columns = rgba.shape[:2]

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    head = struct.pack(">IIBBBBB", columns, rows, 8, 6, 0, 0, 0)
    lines = b"".join(b"\0" + row.tobytes() for row in rgba)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(lines, 9)) + chunk(b"IEND", b"")


def _svg(width: float, height: float, parts: Sequence[str], kind: str) -> str:
    size = f'width="{width:g}" height="{height:g}" viewBox="0 0 {width:g} {height:g}"'
    return f'<svg class="{kind}" {size} aria-hidden="true" fill="none">{"".join(parts)}</svg>'


def _label(x: float, y: float, text: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="10" style="fill:{_INK}">{text}</text>'


def _ticks(low: float, high: float) -> list[float]:
    """Two to five round numbers in a range."""
    rough = (high - low) / 3
    power = 10 ** math.floor(math.log10(rough))
    pitch = next(power * m for m in (1, 2, 5, 10) if power * m >= rough * 0.999)
    first = math.ceil(low / pitch)
    return [round(i * pitch, 12) if abs(pitch) > 1e-9 else i * pitch for i in range(first, math.floor(high / pitch) + 1)]


def _runs(steps: Sequence[int], found: Sequence[tuple[float, float, float] | None]) -> list[list[tuple[int, tuple[float, float, float]]]]:
    """What can be drawn without lifting the pen."""
    runs: list[list[tuple[int, tuple[float, float, float]]]] = [[]]
    for step, band in zip(steps, found, strict=True):
        if band is not None:
            runs[-1].append((step, band))
        elif runs[-1]:
            runs.append([])
    return [run for run in runs if run]


def _dot(x: float, y: float, style: str) -> str:
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.4" style="{style}"/>'


def _cross(x: float, y: float, color: str) -> str:
    return f'<path d="M{x - 2} {y - 2}l4 4m0-4l-4 4" style="stroke:{color}"/>'


def _at(value: float | None, low: float, high: float, width: float) -> float | None:
    if value is None or not math.isfinite(value):
        return None
    return 5 + (width - 10) * (min(max(value, low), high) - low) / (high - low)


def _wider(values: Sequence[float]) -> tuple[float, float]:
    good = [v for v in values if math.isfinite(v)] or [0.0]
    low, high = min(good), max(good)
    room = (high - low or abs(high) or 1.0) * 0.04
    return low - room, high + room
