"""A report to where it is wanted, and the exit code that it means."""

from __future__ import annotations

import os
import shutil
import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from unstuck import arguments
from unstuck.language import _, chosen

if TYPE_CHECKING:
    from unstuck.records import Report, Trace

NOTHING_FOUND, FINDINGS, WRONG_USE = 0, 1, 2


def publish(report: Report, given: dict[str, Any], out: TextIO, trace: Trace | None = None) -> int:
    """Write the report where it is wanted; the exit code that it means. `trace` is drawn where the format has pictures."""
    form, output = form_of(given), given["output"]
    look: dict[str, Any] = {}
    if form == "text":
        look = {"verbose": given["verbose"]} if output is not None else {**terminal(out), "verbose": given["verbose"]}
    if form in arguments.DRAWN:
        look = {"trace": trace}
    rendered = import_module(f"unstuck.renderers.as_{form}").render(report, chosen(), **look)
    if output is not None:
        Path(output).write_text(rendered, encoding="utf-8")
    elif form != "text" or report.findings or report.verdicts or not given["quiet"]:
        say(rendered, out)
    if report.facts.exit == "failed":
        return WRONG_USE
    if not report.facts.steps:
        said = _(
            "No optimizer step was seen in {script}: expected a training with an optimizer of torch.optim. Does it train in this process?"
        )
        return fail(said.format(script=report.facts.script or "-"))
    return FINDINGS if report.alarms and not given["exit_zero"] else NOTHING_FOUND


def form_of(given: dict[str, Any]) -> str:
    """The format that is wanted."""
    return arguments.form(given["format"], given["output"])


def terminal(stream: TextIO) -> dict[str, Any]:
    """Width and colour of where something is written to."""
    tty = stream.isatty()
    return {"width": shutil.get_terminal_size().columns if tty else 100, "color": tty and not os.environ.get("NO_COLOR")}


def say(text: str, out: TextIO) -> int:
    """Write; a character that the stream cannot write becomes a question mark."""
    code = getattr(out, "encoding", None) or "utf-8"
    out.write(text.encode(code, "replace").decode(code))
    out.flush()
    return NOTHING_FOUND


def fail(message: str) -> int:
    """One sentence on standard error."""
    print(f"unstuck: {message}", file=sys.stderr)
    return WRONG_USE
