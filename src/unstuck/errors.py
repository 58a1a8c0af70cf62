"""The tree of errors.

UnstuckError
├── UsageError      the caller can fix it: expected, got, likely cause, next step; exit code 2
├── TraceError      a file that is not a trace, is cut off, or comes from a newer version; exit code 2
└── PluginError     a probe, rule, remedy or experiment broke its contract; names the plug-in and its file
"""

from __future__ import annotations

from difflib import get_close_matches

from unstuck.language import _


class UnstuckError(Exception):
    """Anything that unstuck itself raises."""


class UsageError(UnstuckError):
    """The caller can fix it."""


class TraceError(UnstuckError):
    """A trace that cannot be read."""


class PluginError(UnstuckError):
    """A plug-in broke its contract."""


def unknown(kind: str, name: str, known: list[str]) -> UsageError:
    """The error for an id that does not exist, with the nearest ones that do. `kind` is the folder: "rules", "remedies"."""
    near = get_close_matches(name, known, n=3, cutoff=0.5)
    said = {
        "rules": _("There is no rule {name!r}."),
        "remedies": _("There is no remedy {name!r}."),
    }.get(kind, _("There is nothing called {name!r}.")).format(name=name)
    hint = _(" Did you mean {names}?").format(names=_(" or ").join(near)) if near else ""
    return UsageError(said + hint + _(" `unstuck {kind}` lists all {count}.").format(kind=kind, count=len(known)))
