"""How far every limit of a rule can be moved before it loses a faulty run of a clinic, or alarms on a healthy one.

`python scripts/margins.py clinic/cases [RULE ...]` runs every script once (or takes its trace from the cache that `unstuck clinic` fills), then asks each rule again with
one limit moved at a time, by factors from a quarter to four; shares between 0.3 and 1 by their odds. Prints, for each value, the change in
detected runs of the rule's own cause / healthy runs with an alarm / runs of other causes in which it speaks. A limit belongs half-way between
the value at which the faulty runs are lost and the one at which the first healthy run alarms: close to either, it was set on single cases.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import fields, replace
from pathlib import Path

from unstuck import plugins, scoreboard
from unstuck.diagnosis import ask
from unstuck.records import Trace
from unstuck.scoreboard import Case
from unstuck.store import load

FACTORS = (0.25, 0.5, 0.67, 0.8, 1.25, 1.5, 2.0, 4.0)
Runs = Sequence[tuple[Case, Trace]]


def moved(value: float) -> list[float]:
    """Other values for a limit, ascending."""
    found: list[float]
    if isinstance(value, int):
        found = [round(value * f) for f in FACTORS]
    elif 0.3 < value < 1:
        odds = value / (1 - value)
        found = [odds * f / (1 + odds * f) for f in FACTORS]
    else:
        found = [value * f for f in FACTORS]
    return [v for v in dict.fromkeys(found) if v != value]


def alarmed(rule: plugins.Rule, runs: Runs) -> int:
    """Runs in which the rule speaks, notes aside."""
    return sum(any(f.severity != "note" for f in ask(rule, trace)[0]) for _, trace in runs)


def limits(rule: plugins.Rule) -> list[tuple[str, float]]:
    """The rule's numeric limits with their values."""
    named = [(f.name, getattr(rule, f.name)) for f in fields(rule)]  # type: ignore[arg-type]
    return [(name, value) for name, value in named if isinstance(value, (int, float)) and not isinstance(value, bool) and value]


def show(rule: plugins.Rule, faulty: Runs, healthy: Runs) -> None:
    """Print the table of one rule."""
    own = [(c, t) for c, t in faulty if rule.root_cause in (c.root_cause, *c.also_acceptable)]
    others = [(c, t) for c, t in faulty if rule.root_cause not in (c.root_cause, *c.also_acceptable)]
    now = [alarmed(rule, runs) for runs in (own, healthy, others)]
    print(f"{rule.id}: own {now[0]} of {len(own)}, healthy {now[1]} of {len(healthy)}, others {now[2]} of {len(others)}")
    for name, value in limits(rule):
        line = []
        for other in moved(value):
            changed = replace(rule, **{name: other})  # type: ignore[type-var]
            counts = [alarmed(changed, runs) - before for runs, before in zip((own, healthy, others), now, strict=True)]
            line.append(f"{other:.3g}: " + "/".join(f"{c:+d}" for c in counts))
        print(f"  {name} {value:g}   " + "   ".join(line), flush=True)


def main(folder: str, *names: str) -> None:
    """Run the clinic, and show the rules named, or all."""
    results = scoreboard.watched(scoreboard.cases(Path(folder)), 0)
    runs = [(case, load(Path(result.trace))) for case, result in results if result.trace]
    faulty, healthy = ([(c, t) for c, t in runs if c.healthy is which] for which in (False, True))
    for name, rule in plugins.rules().items():
        if not names or name in names:
            show(rule, faulty, healthy)


if __name__ == "__main__":
    main(*sys.argv[1:])
