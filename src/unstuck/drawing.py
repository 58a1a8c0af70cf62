"""Figures of the handbook: colours that colour-blind people can tell apart, Chinese characters that are really drawn.

matplotlib is an extra (`pip install "unstuck[plot]"`); it is imported only where something is drawn.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from unstuck.errors import UsageError
from unstuck.language import _

if TYPE_CHECKING:
    from unstuck.lab import Result

#: Okabe and Ito (2008), "Color Universal Design", without its yellow, which is faint on white.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#000000")
#: Fonts with simplified Chinese that systems ship, the most readable first.
CHINESE = (
    "Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "Source Han Sans CN", "PingFang SC", "Hiragino Sans GB", "Microsoft YaHei",
    "WenQuanYi Micro Hei", "WenQuanYi Zen Hei", "Noto Sans CJK JP", "Droid Sans Fallback", "SimHei", "Arial Unicode MS",
)  # fmt: skip
INCHES = (7.2, 4.2)


@cache
def chinese_font() -> str | None:
    """The name of an installed font with Chinese characters, or None."""
    from matplotlib import font_manager

    known = {entry.name for entry in font_manager.fontManager.ttflist}
    return next((name for name in CHINESE if name in known), None)


def language(lang: str) -> str:
    """The language that labels can be drawn in: English where no Chinese font is installed."""
    return "en" if lang == "zh" and chinese_font() is None else lang


@contextmanager
def style(lang: str) -> Iterator[None]:
    """Our look, with a font that has the characters of `lang`."""
    import logging

    import matplotlib
    from cycler import cycler

    logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)  # a font that has one weight only is no news
    fonts = ["DejaVu Sans", *([font] if lang == "zh" and (font := chinese_font()) else [])]
    settings: Any = {
        "font.family": fonts,
        "font.size": 9,
        "axes.prop_cycle": cycler(color=COLOURS, linestyle=["-", "--", "-.", ":", "-", "--", "-."]),
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.grid": True,
        "grid.alpha": 0.25,
        "legend.frameon": False,
        "figure.constrained_layout.use": True,
        "savefig.dpi": 150,
        "svg.hashsalt": "unstuck",
    }
    with matplotlib.rc_context(settings):
        yield


def figure(result: Result, lang: str) -> Any:
    """The figure of one claim; inside `style`."""
    from matplotlib.figure import Figure

    drawn = Figure(figsize=INCHES, layout="constrained")
    result.claim.plot(drawn, result.measured, lang)
    return drawn


def save(results: list[Result], file: Path, lang: str) -> list[Path]:
    """One file per claim that has something to see; `file` itself where there is only one. UsageError where there is none."""
    drawable = _drawable(results)
    written = []
    with style(lang):
        for result in drawable:
            path = file if len(drawable) == 1 else file.with_name(f"{file.stem}-{result.claim.id}{file.suffix or '.png'}")
            try:
                figure(result, lang).savefig(path, metadata={"Date": None} if path.suffix == ".svg" else None)
            except ValueError as error:
                raise UsageError(_("Cannot draw to {path!r}: {error}").format(path=str(path), error=error)) from None
            written.append(path)
    return written


def show(results: list[Result], lang: str) -> None:
    """All figures in windows; UsageError where there is no screen."""
    import matplotlib

    drawable = _drawable(results)
    from matplotlib import pyplot

    if matplotlib.get_backend().lower() in ("agg", "pdf", "svg", "ps", "cairo", "template"):
        raise UsageError(_("There is no screen to show plots on; write them with --plot FILE."))
    with style(lang):
        for result in drawable:
            drawn = pyplot.figure(result.claim.id, figsize=INCHES, layout="constrained")
            result.claim.plot(drawn, result.measured, lang)
        pyplot.show()


def _drawable(results: list[Result]) -> list[Result]:
    found = [r for r in results if r.claim.draws and r.measured]
    if not found:
        raise UsageError(_("None of these claims has something to draw."))
    return found
