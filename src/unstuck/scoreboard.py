"""How good the rules are: runs a clinic (a folder of scripts with known causes), and counts hits, misses and false alarms.

Every script is watched once per seed, in parallel processes, and its trace is cached by content; a changed rule needs no new run. A fixed
script counts as a healthy control as well.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Callable, Iterable, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from unstuck import plugins
from unstuck.errors import UsageError
from unstuck.language import _

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unstuck.arms.results import ArmResult
    from unstuck.records import Trace

#: Wall-clock seconds after which a script of the clinic is given up.
TIME_LIMIT = 120.0
#: What a rule may cost in alarms on healthy runs before it is only a preview, and on how many runs that must have been counted.
MAX_FALSE_ALARMS, MIN_HEALTHY = 0.02, 150

#: Shares of a healthy run's steps at which it is looked at as if it had been broken off there.
BROKEN_OFF = (0.2, 0.5)

#: A rival: its name -> function of a trace that gives (problem, root cause) pairs, the first one being its first-ranked.
Rivals = dict[str, Callable[["Trace"], list[tuple[str, str]]]]


@dataclass(frozen=True)
class Case:
    """A script with a known cause, or a healthy one."""

    id: str
    folder: Path
    script: Path
    root_cause: str
    also_acceptable: tuple[str, ...] = ()
    half: str = ""

    @property
    def healthy(self) -> bool:
        """Nothing is wrong with it."""
        return self.root_cause == "none"


@dataclass(frozen=True)
class Seen:
    """What one run of a case showed."""

    case: str
    seed: int
    script: str
    root_cause: str
    also_acceptable: tuple[str, ...]
    half: str
    #: Root causes and rules of the alarms, first-ranked first, and the step at which each was complete.
    causes: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    steps: tuple[int, ...] = ()
    notes: tuple[str, ...] = ()
    #: Of a healthy run: the rules that would have alarmed at each of `BROKEN_OFF`.
    broken_off: tuple[tuple[str, ...], ...] = ()
    overhead: float = 0.0
    failed: str = ""
    rivals: dict[str, list[tuple[str, str]]] = field(default_factory=dict)

    @property
    def accepted(self) -> tuple[str, ...]:
        """Root causes that count."""
        return (self.root_cause, *self.also_acceptable)


def cases(folder: Path, half: str | None = None) -> list[Case]:
    """The cases of a clinic, and their fixed twins as healthy controls; UsageError where there are none."""
    found: list[Case] = []
    for path in sorted(folder.glob("*/case.toml")):
        told = tomllib.loads(path.read_text(encoding="utf-8"))
        mine = str(told.get("half", ""))
        if half and mine != half:
            continue
        also = tuple(told.get("also_acceptable", ()))
        found.append(Case(path.parent.name, path.parent, path.parent / "train.py", told["root_cause"], also, mine))
        if (path.parent / "fixed.py").is_file():
            found.append(Case(path.parent.name, path.parent, path.parent / "fixed.py", "none", (), mine))
    if not found:
        raise UsageError(
            _("Expected a folder with cases (NAME/train.py and NAME/case.toml), got {folder!r}, which holds none.").format(
                folder=str(folder)
            )
        )
    return found


@contextmanager
def environment(**values: str) -> Iterator[None]:
    """Environment variables for a while."""
    old = {k: os.environ.get(k) for k in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for key, value in old.items():
            if value is None:
                os.environ.pop(key, None)
            else:
                os.environ[key] = value


def watched(found: Sequence[Case], seed: int, *, jobs: int | None = None, quiet: bool = False) -> list[tuple[Case, ArmResult]]:
    """Run every case with a seed, or take what it gave from the cache."""
    from unstuck.arms.arm import Arm
    from unstuck.arms.cache import Cache
    from unstuck.arms.local import LocalPool
    from unstuck.attach.script import Program
    from unstuck.progress import Progress

    with Progress(quiet=quiet) as progress, environment(SEED=str(seed)):
        arms = {
            Arm(Program(c.script.name), paired=False, seed=None, budget=0.02, time_limit_s=TIME_LIMIT, home=c.folder.resolve()): c
            for c in found
        }
        progress.stage(_("seed {seed}").format(seed=seed), len(arms))
        results = LocalPool(Cache(Path(".unstuck") / "clinic"), jobs=jobs).run(list(arms), lambda arm, result: progress.arm_done())
        return [(arms[arm], result) for arm, result in results.items()]


def look(
    found: Sequence[Case], seeds: Iterable[int], *, jobs: int | None = None, rivals: Rivals | None = None, quiet: bool = False
) -> list[Seen]:
    """Run every case with every seed (or take its trace from the cache), and diagnose it."""
    runs = [(case, seed, result) for seed in seeds for case, result in watched(found, seed, jobs=jobs, quiet=quiet)]
    return sorted((judged(case, seed, result, rivals or {}) for case, seed, result in runs), key=lambda s: (s.case, s.script, s.seed))


def judged(case: Case, seed: int, result: Any, rivals: Rivals) -> Seen:
    """What the rules, and the rivals' rules, say of one trace."""
    from unstuck.diagnosis import diagnose
    from unstuck.store import load

    told = {"case": case.id, "seed": seed, "script": case.script.name, "root_cause": case.root_cause}
    told |= {"also_acceptable": case.also_acceptable, "half": case.half}
    if not result.trace:
        return Seen(**told, failed=result.error or result.exit)  # type: ignore[arg-type]
    trace = load(Path(result.trace))
    report = diagnose(trace)
    return Seen(
        **told,  # type: ignore[arg-type]
        causes=tuple(f.root_cause for f in report.alarms),
        rules=tuple(f.rule for f in report.alarms),
        steps=tuple(f.first_step for f in report.alarms),
        notes=tuple(f.rule for f in report.findings if f.severity == "note"),
        broken_off=tuple(
            tuple(f.rule for f in diagnose(trace.until(int(b * trace.facts.steps))).alarms) for b in BROKEN_OFF if case.healthy
        ),
        overhead=round(trace.facts.overhead, 4),
        failed=trace.facts.error or "",
        rivals={name: rule(trace) for name, rule in rivals.items()},
    )


# ---------------------------------------------------------------------------------------------------------- counting


def upper_limit(alarms: int, runs: int, level: float = 0.95) -> float | None:
    """One-sided upper limit of a rate (Clopper and Pearson 1934); None without runs."""
    if not runs:
        return None
    from scipy.stats import beta

    return 1.0 if alarms == runs else float(beta.ppf(level, alarms + 1, runs - alarms))


def scores(seen: Sequence[Seen]) -> dict[str, Any]:
    """All numbers, each with its denominator."""
    faulty = [s for s in seen if s.root_cause != "none"]
    healthy = [s for s in seen if s.root_cause == "none"]
    strict = [s for s in faulty if s.causes[:1] == (s.root_cause,)]
    right = [s for s in faulty if s.causes and s.causes[0] in s.accepted]
    alarmed = [s for s in healthy if s.causes]
    first = [s.steps[s.causes.index(c)] for s in right for c in s.causes[:1]]
    return {
        "faulty_runs": len(faulty),
        "healthy_runs": len(healthy),
        "first_ranked_strict": len(strict),
        "first_ranked": len(right),
        "named_at_all": sum(any(c in s.accepted for c in s.causes) for s in faulty),
        "false_alarms": len(alarmed),
        "false_alarm_upper_95": upper_limit(len(alarmed), len(healthy)),
        "false_alarms_broken_off": {
            str(b): sum(bool(s.broken_off[i : i + 1] and s.broken_off[i]) for s in healthy) for i, b in enumerate(BROKEN_OFF)
        },
        "findings_per_faulty_run": median([len(s.causes) for s in faulty]) if faulty else None,
        "steps_to_detect_median": median(first) if first else None,
        "steps_to_detect_p90": sorted(first)[int(0.9 * (len(first) - 1))] if first else None,
        "rules": {name: rule_scores(name, faulty, healthy) for name in plugins.rules()},
        "rivals": {name: rival_scores(name, faulty, healthy) for name in next((s.rivals for s in seen if s.rivals), {})},
        "misses": [asdict(s) for s in faulty if s not in right],
        "alarms": [asdict(s) for s in alarmed],
        "failed": [f"{s.case}/{s.script} seed {s.seed}: {s.failed}" for s in seen if s.failed],
    }


def rule_scores(name: str, faulty: Sequence[Seen], healthy: Sequence[Seen]) -> dict[str, Any]:
    """Hits, misses and false alarms of one rule."""
    rule = plugins.rules()[name]
    mine = [s for s in faulty if rule.root_cause == s.root_cause]
    alarms = [s for s in healthy if name in s.rules]
    hits = [s for s in mine if name in s.rules]
    steps = [s.steps[s.rules.index(name)] for s in hits]
    return {
        "runs": len(mine),
        "fired": len(hits),
        "first_ranked": sum(s.rules[:1] == (name,) for s in mine),
        "elsewhere_first": sum(s.rules[:1] == (name,) and rule.root_cause not in s.accepted for s in faulty),
        "false_alarms": len(alarms),
        "false_alarm_upper_95": upper_limit(len(alarms), len(healthy)),
        "steps_median": median(steps) if steps else None,
        "healthy": len(healthy),
        "preview": rule.preview,
    }


def earned(counts: dict[str, Any]) -> bool:
    """May a rule with these `rule_scores` be more than a preview? It was asked of a fault of its own, and is quiet on healthy runs."""
    quiet = counts["healthy"] >= MIN_HEALTHY and counts["false_alarms"] <= MAX_FALSE_ALARMS * counts["healthy"]
    return bool(counts["runs"] and quiet)


def rival_scores(name: str, faulty: Sequence[Seen], healthy: Sequence[Seen]) -> dict[str, Any]:
    """The same for a port of a rival's rules on the same traces."""
    told = [s.rivals.get(name, []) for s in faulty]
    return {
        "first_ranked": sum(bool(t) and t[0][1] in s.accepted for t, s in zip(told, faulty, strict=True)),
        "named_at_all": sum(any(cause in s.accepted for _, cause in t) for t, s in zip(told, faulty, strict=True)),
        "false_alarms": sum(bool(s.rivals.get(name)) for s in healthy),
    }


# ------------------------------------------------------------------------------------------------------------ as text


def share(count: int, of: int) -> str:
    """ "9 of 10 (90%)"."""
    return f"{count} of {of} ({count / of:.0%})" if of else "-"


def table(numbers: dict[str, Any]) -> str:
    """The scores as Markdown: the page that is generated from them."""
    n, h = numbers["faulty_runs"], numbers["healthy_runs"]
    limit = numbers["false_alarm_upper_95"]
    lines = [
        f"- right cause ranked first: {share(numbers['first_ranked'], n)}, strictly {share(numbers['first_ranked_strict'], n)}",
        f"- right cause named at all: {share(numbers['named_at_all'], n)}",
        f"- healthy runs with an alarm: {share(numbers['false_alarms'], h)}"
        + (f", 95 % upper limit {limit:.1%}" if limit is not None else ""),
        "- the same runs, had they been broken off at "
        + ", at ".join(f"{float(b):.0%} of their steps: {share(count, h)}" for b, count in numbers["false_alarms_broken_off"].items()),
        f"- findings per faulty run, median: {numbers['findings_per_faulty_run']}",
        f"- steps to detect: median {numbers['steps_to_detect_median']}, 90 % {numbers['steps_to_detect_p90']}",
        "",
        "| rule | runs | fired | first | first elsewhere | false alarms | upper 95 % | steps |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name, r in numbers["rules"].items():
        upper = "-" if r["false_alarm_upper_95"] is None else f"{r['false_alarm_upper_95']:.1%}"
        mark = " (preview)" if r["preview"] else " (should be a preview)" if h >= MIN_HEALTHY and r["runs"] and not earned(r) else ""
        lines.append(
            f"| {name}{mark} | {r['runs']} | {r['fired']} | {r['first_ranked']} | {r['elsewhere_first']} | {r['false_alarms']} | {upper} "
            f"| {r['steps_median'] if r['steps_median'] is not None else '-'} |"
        )
    if numbers["rivals"]:
        lines += ["", "| port of | right first | named at all | healthy runs with an alarm |", "|---|---|---|---|"]
        lines += [
            f"| {name} | {share(r['first_ranked'], n)} | {share(r['named_at_all'], n)} | {share(r['false_alarms'], h)} |"
            for name, r in numbers["rivals"].items()
        ]
    for title, key in (("Misses", "misses"), ("False alarms", "alarms")):
        lines += ["", f"## {title}", ""]
        lines += [
            f"- {s['case']}/{s['script']} seed {s['seed']} ({s['root_cause']}): {', '.join(s['rules']) or 'nothing'}"
            + (f"; notes: {', '.join(s['notes'])}" if s["notes"] else "")
            for s in numbers[key]
        ]
    if numbers["failed"]:
        lines += ["", "## Scripts that failed by themselves", "", *(f"- {f}" for f in numbers["failed"])]
    return "\n".join(lines) + "\n"


def rivals_beside(folder: Path) -> Rivals:
    """The ports of rivals' rules that lie beside a clinic's cases (`rivals.py` with a table `RIVALS`), or none."""
    import runpy

    path = folder.resolve().parent / "rivals.py"
    return dict(runpy.run_path(str(path))["RIVALS"]) if path.is_file() else {}
