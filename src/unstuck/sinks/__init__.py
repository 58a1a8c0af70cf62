"""Signals and findings into the trackers that people use already: one file each, and none is needed to start."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

from unstuck.errors import UsageError
from unstuck.language import _
from unstuck.records import Report, Trace


def write(tracker: str, trace: Trace, report: Report, folder: Path) -> str:
    """Write a trace and its report for a tracker below `folder`; one sentence about where. UsageError where it is not installed."""
    try:
        module = import_module(f"unstuck.sinks.{tracker}")
        where: str = module.write(trace, report, folder)
    except ModuleNotFoundError as error:
        said = _("Writing for {tracker} needs {module}: pip install 'unstuck[{tracker}]'.")
        raise UsageError(said.format(tracker=tracker, module=error.name)) from error
    return where
