"""The report as JSON, version 1: for machines, both languages inside. The keys and their order are a promise."""

from __future__ import annotations

import json
import math
from typing import Any

from unstuck import __version__
from unstuck.records import REPORT_VERSION, Checkup, Finding, Patch, Report, Skipped, Text, Verdict


def render(report: Report, lang: str = "en") -> str:
    """The report as one JSON object; `lang` changes nothing."""
    return json.dumps(plain(document(report)), ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def document(report: Report) -> dict[str, Any]:
    """The whole report in builtins."""
    return {
        **run(report),
        "findings": [finding(f) for f in report.findings],
        "skipped": [skipped(s) for s in report.skipped],
        "clean": report.clean,
        "verdicts": [verdict(v) for v in report.verdicts],
        **outcome(report),
        **({"checkup": checkup(report.checkup)} if report.checkup is not None else {}),
        **({"patch": patch(report.patch)} if report.patch is not None else {}),
    }


def checkup(made: Checkup) -> dict[str, Any]:
    """What the check-up showed; only where one was made."""
    return {
        "checks": [{"check": c.check, "outcome": c.outcome, "reading": _text(c.reading), "numbers": dict(c.numbers)} for c in made.checks],
        "steps": made.steps,
        "arms": made.arms,
        "seconds": made.seconds,
        "confirmed": {cause: _text(why) for cause, why in made.confirmed.items()},
        "ruled_out": {cause: _text(why) for cause, why in made.ruled_out.items()},
    }


def patch(drafted: Patch) -> dict[str, Any]:
    """The proven remedy as a change of the source; only where it was asked for."""
    return {
        "remedies": drafted.remedies,
        "diff": drafted.diff,
        "verdict": verdict(drafted.verdict) if drafted.verdict else None,
        "reason": _text(drafted.reason) if drafted.reason else None,
        "written": drafted.written,
    }


def run(report: Report) -> dict[str, Any]:
    """What was run."""
    facts = report.facts
    return {
        "version": REPORT_VERSION,
        "unstuck": __version__,
        "script": facts.script,
        "exit": facts.exit,
        "steps": facts.steps,
        "overhead": facts.overhead,
    }


def finding(found: Finding) -> dict[str, Any]:
    """One finding."""
    return {
        "rule": found.rule,
        "root_cause": found.root_cause,
        "severity": found.severity,
        "confidence": found.confidence,
        "places": [{"name": p.name, "kind": p.kind, "file": p.file, "line": p.line} for p in found.places],
        "message": _text(found.message),
        "evidence": [{"signal": e.signal, "place": e.place, "step": e.step, "value": e.value} for e in found.evidence],
        "first_step": found.first_step,
        "remedies": found.remedies,
        "explains": found.explains,
        "topic": found.topic,
        **({"checkup": _text(found.checkup)} if found.checkup is not None else {}),
    }


def skipped(rule: Skipped) -> dict[str, Any]:
    """One rule that could not look."""
    return {"rule": rule.rule, "reason": _text(rule.reason)}


def verdict(proven: Verdict) -> dict[str, Any]:
    """One verdict."""
    trial = proven.trial
    return {
        "remedies": trial.remedies,
        "outcome": proven.outcome,
        "yardstick": trial.yardstick.name,
        "control": trial.control,
        "treated": trial.treated,
        "effect": proven.effect,
        "interval": proven.interval,
        "level": proven.level,
        "pairs": proven.pairs,
        "steps": trial.steps,
        "symptom_gone": trial.symptom_gone,
        "root_cause": trial.root_cause,
        "in_force": trial.in_force,
    }


def outcome(report: Report) -> dict[str, Any]:
    """What helps best, and what it cost to know."""
    cost = report.cost
    return {
        "best": report.best,
        "cost": {"full_run_s": cost.full_run_s, "trials_s": cost.trials_s, "arms": cost.arms} if cost else None,
    }


def plain(value: Any) -> Any:
    """Builtins only: numbers with six digits, null for those that are not finite, lists for tuples."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, float):
        return float(f"{value:.6g}") if math.isfinite(value) else None
    return value


def _text(text: Text) -> dict[str, str]:
    return {"en": text.en, "zh": text.zh}
