"""What a project has decided for all its runs: `[tool.unstuck]` in pyproject.toml, and the baseline file beside it.

    [tool.unstuck]
    select = ["vanishing-gradient"]              # only these rules
    baseline = "unstuck-baseline.json"           # findings that are known already

    [tool.unstuck.ignore]                        # or ignore = ["dead-units"], without reasons
    dead-units = "sparse by design"              # the reason is printed

    [tool.unstuck.places]
    "encoder.*" = ["saturated-activation"]       # nothing of this rule at these places

What was set aside is said in the report, and so is an entry that set nothing aside. Nothing is needed to start.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from pathlib import Path

from unstuck import plugins, wording
from unstuck.errors import UnstuckError, UsageError
from unstuck.language import _
from unstuck.records import Finding, Report, Text

BASELINE_VERSION = 1
#: Where `--write-baseline` writes if nothing else is named.
BASELINE = Path("unstuck-baseline.json")


@dataclass(frozen=True, kw_only=True)
class Config:
    """Decisions of a project."""

    #: Where they were read; None = nowhere.
    path: Path | None = None
    select: tuple[str, ...] = ()
    #: Rule -> reason, "" where none is given.
    ignore: Mapping[str, str] = field(default_factory=dict)
    #: Pattern of a place's name -> rules that are not to speak of it.
    places: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    baseline: Path | None = None

    def applied(self, report: Report, *, asked: bool = True) -> Report:
        """The report without what is set aside, and with notices of that; `asked` = ignored rules were asked all the same."""
        kept, notices = list(report.findings), []
        for rule, reason in self.ignore.items():
            found = [f for f in kept if f.rule == rule]
            kept = [f for f in kept if f.rule != rule]
            notices.append(_ignored(rule, reason) if found or not asked else _unused(f"ignore: {rule}"))
        for pattern, rules in self.places.items():
            for rule in rules:
                lasting = [_without(f, pattern) if f.rule == rule else f for f in kept]
                changed = any(before is not after for before, after in zip(kept, lasting, strict=True))
                kept = [f for f in lasting if f is not None]
                notices.append(_ignored(rule, pattern) if changed else _unused(f"places: {pattern}: {rule}"))
        report = replace(report, findings=tuple(kept), notices=(*report.notices, *notices))
        return self._against_baseline(report)

    def _against_baseline(self, report: Report) -> Report:
        if self.baseline is None:
            return report
        known = read_baseline(self.baseline)
        fresh = [f for f in report.findings if not any(_same(f, rule, places) for rule, places in known)]
        gone = [rule for rule, places in known if not any(_same(f, rule, places) for f in report.findings)]
        notices, name = [], self.baseline.name
        if old := [f.rule for f in report.findings if f not in fresh]:
            rules = ", ".join(dict.fromkeys(old))
            notices.append(wording.both(lambda: _("Known from {file}, not shown: {rules}.").format(file=name, rules=rules)))
        if gone:
            left = ", ".join(dict.fromkeys(gone))
            notices.append(wording.both(lambda: _("In {file} but not found any more: {rules}.").format(file=name, rules=left)))
        return replace(report, findings=tuple(fresh), notices=(*report.notices, *notices))


# ---------------------------------------------------------------------------------------------------------- reading


def load(folder: Path | None = None) -> Config:
    """The decisions of the nearest pyproject.toml with a [tool.unstuck] from `folder` upwards; UsageError where one cannot be read."""
    here = (folder or Path()).resolve()
    for parent in (here, *here.parents):
        path = parent / "pyproject.toml"
        if path.is_file():
            try:
                table = tomllib.loads(path.read_text(encoding="utf-8")).get("tool", {}).get("unstuck")
            except (OSError, ValueError) as error:
                raise UsageError(_("{path} could not be read: {reason}.").format(path=path, reason=error)) from error
            if table is not None:
                return _checked(path, table)
    return Config()


def _checked(path: Path, table: Mapping[str, object]) -> Config:
    known = ("select", "ignore", "places", "baseline")
    for key in table:
        if key not in known:
            said = _("[tool.unstuck] of {path} has the key {key!r}; known are {known}.")
            raise UsageError(said.format(path=path, key=key, known=", ".join(known)))
    ignore = table.get("ignore", {})
    reasons = {name: "" for name in _names(path, "ignore", ignore)} if isinstance(ignore, list) else ignore
    places = table.get("places", {})
    if not isinstance(reasons, dict) or not all(isinstance(r, str) for r in reasons.values()):
        raise _wrong(path, "ignore", _('a list of rules, or a table: rule = "reason"'))
    if not isinstance(places, dict):
        raise _wrong(path, "places", _('a table: "name of a place" = [rules]'))
    baseline = table.get("baseline")
    if baseline is not None and not isinstance(baseline, str):
        raise _wrong(path, "baseline", _("a file"))
    config = Config(
        path=path,
        select=_names(path, "select", table.get("select", [])),
        ignore=reasons,
        places={pattern: _names(path, "places", rules) for pattern, rules in places.items()},
        baseline=path.parent / baseline if baseline else None,
    )
    for rule in (*config.select, *config.ignore, *(r for rules in config.places.values() for r in rules)):
        try:
            plugins.get("rules", rule)
        except UnstuckError as error:
            raise UsageError(f"{path}: {error}") from error
    return config


def _names(path: Path, key: str, value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        raise _wrong(path, key, _("a list of rules"))
    return tuple(value)


def _wrong(path: Path, key: str, expected: str) -> UsageError:
    return UsageError(_("{key} in [tool.unstuck] of {path}: expected {expected}.").format(key=key, path=path, expected=expected))


# --------------------------------------------------------------------------------------------------------- baseline


def write_baseline(path: Path, report: Report) -> None:
    """Remember what is found now."""
    findings = [{"rule": f.rule, "places": [p.name for p in f.places]} for f in report.findings]
    text = json.dumps({"version": BASELINE_VERSION, "findings": findings}, ensure_ascii=False, indent=2) + "\n"
    path.write_text(text, encoding="utf-8")


def read_baseline(path: Path) -> list[tuple[str, frozenset[str]]]:
    """Rule and places of each known finding; UsageError where the file is not a baseline."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if content["version"] != BASELINE_VERSION:
            raise ValueError(f"version {content['version']}")
        return [(entry["rule"], frozenset(entry["places"])) for entry in content["findings"]]
    except (OSError, ValueError, LookupError, TypeError) as error:
        said = _("{path} is not a baseline that can be read: {reason}. Write one with --write-baseline.")
        raise UsageError(said.format(path=path, reason=error)) from error


def _same(finding: Finding, rule: str, places: frozenset[str]) -> bool:
    """The same rule at no other place than before."""
    return finding.rule == rule and {p.name for p in finding.places} <= places


def _without(finding: Finding, pattern: str) -> Finding | None:
    """The finding at its other places; None where no place is left."""
    left = tuple(p for p in finding.places if not fnmatchcase(p.name, pattern))
    if len(left) == len(finding.places):
        return finding
    return replace(finding, places=left) if left else None


def _ignored(rule: str, reason: str) -> Text:
    if not reason:
        return wording.both(lambda: _("Ignored: {rule}.").format(rule=rule))
    return wording.both(lambda: _("Ignored: {rule} ({reason}).").format(rule=rule, reason=reason))


def _unused(entry: str) -> Text:
    return wording.both(lambda: _("Nothing to ignore in this run for [tool.unstuck] {entry}.").format(entry=entry))
