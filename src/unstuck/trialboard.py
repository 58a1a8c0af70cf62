"""How good the treatments are: treats every script of a clinic, and compares with its recorded fix and with random search.

For a faulty script: does a remedy help, provably; what does it bring on the script's own `final_metric`, as a share of what the recorded fix
brings on the same seeds; what did the trials cost, in full runs of the script; and what would remedies drawn at random have brought for the
same number of full runs (by steps), judged by the same judgement. For a healthy one: is any help claimed, and does it repeat on fresh seeds?
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from fnmatch import fnmatch
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING

from unstuck.language import _
from unstuck.scoreboard import Case, environment
from unstuck.treated import Treated, Tried, gain_share

if TYPE_CHECKING:
    from unstuck.arms.results import ArmResult
    from unstuck.records import Report
    from unstuck.treatment import Treatment

#: Pair numbers of the full runs on which gains are measured, and of the repeats on healthy controls: no trial used them.
FINAL, REPEAT = 300, 400
#: Pairs of a repeat.
REPEATS = 5
#: Where the arms of all cases are kept.
FOLDER = Path(".unstuck") / "clinic-treat"


def chosen(found: Sequence[Case], pattern: str | None) -> list[Case]:
    """The scripts that are treated: no fixed twins, and only those whose name fits one of the patterns (with commas between them)."""
    patterns = ("*" if pattern is None else pattern).split(",")
    return [c for c in found if c.script.name == "train.py" and any(fnmatch(c.id, p.strip()) for p in patterns)]


def look(
    found: Sequence[Case], *, seeds: int = 1, random: bool = False, jobs: int | None = None, quiet: bool = False,
    told: Callable[[Treated], None] = lambda _: None,
) -> list[Treated]:  # fmt: skip
    """Treat every case; every arm is cached by content. Ctrl-C raises KeyboardInterrupt with what was found so far as its argument."""
    from unstuck.progress import Progress

    rows: list[Treated] = []
    home = FOLDER.resolve()
    with Progress(quiet=quiet) as progress:
        progress.stage(_("{n} cases").format(n=len(found)), len(found))
        for case in found:
            progress.stage(case.id, 0)
            try:
                with contextlib.chdir(case.folder), environment(SEED="0"):
                    rows.append(_treated(case, home, seeds, random, jobs))
            except KeyboardInterrupt as stop:
                raise KeyboardInterrupt(rows) from stop
            except Exception as error:  # one case must not cost the others
                rows.append(Treated(case=case.id, half=case.half, root_cause=case.root_cause, failed=f"{type(error).__name__}: {error}"))
            told(rows[-1])
            progress.arm_done()
    return rows


def _treated(case: Case, folder: Path, seeds: int, random: bool, jobs: int | None) -> Treated:
    ours = _treatment(folder, jobs)
    report = ours.run()
    facts = report.facts
    row = Treated(
        case=case.id,
        half=case.half,
        root_cause=case.root_cause,
        found=next((f.root_cause for f in report.alarms), ""),
        steps=facts.steps,
        full_run_s=ours.full_run_s,
        yardstick=ours.record.yardstick.name if ours.record is not None else "",
        ours=_outcome(ours, report),
        note=report.treatment_note.en if report.treatment_note is not None else "",
        failed=facts.error or "" if facts.exit == "failed" else "",
    )
    if case.healthy:
        return replace(row, repeats=_again(ours, row.ours) if row.ours.proven else None)
    drawn = _at_random(case, folder, jobs, ours.runs) if random and ours.record is not None else None
    return _with_gains(row, drawn, ours, seeds)


def _treatment(folder: Path, jobs: int | None) -> Treatment:
    from unstuck.attach.script import Program
    from unstuck.options import Options
    from unstuck.progress import Progress
    from unstuck.treatment import Treatment

    return Treatment(Program("train.py"), Options(folder=folder, jobs=jobs, quiet=True), Progress(quiet=True))


def _outcome(treatment: Treatment, report: Report) -> Tried:
    if treatment.bench is None:
        return Tried()
    checkup = report.checkup
    examined = checkup.arms * checkup.steps if checkup is not None else 0
    spent = Tried(arms=treatment.pool.arms, seconds=treatment.pool.seconds, arm_steps=treatment.bench.steps + examined, runs=treatment.runs)
    verdict = next((v for v in report.verdicts if v.trial.remedies == report.best), None)
    if verdict is None:
        return spent
    interval, steps = verdict.interval, verdict.trial.steps
    looks = treatment.record.confirmed if treatment.record is not None else {}
    helping = [v.trial.remedies for v in report.verdicts if v.outcome == "helps"]
    at = min((looks[r].cost for r in helping if r in looks), default=0.0)
    return replace(spent, best=report.best, effect=verdict.effect, interval=interval, pairs=verdict.pairs, steps=steps, proven_at=at)


def _at_random(case: Case, folder: Path, jobs: int | None, runs: float) -> Tried:
    """Remedies in random order, until as many full runs are spent."""
    from unstuck import planning, trials
    from unstuck.diagnosis import diagnose
    from unstuck.treatment import RARE
    from unstuck.yardstick import choose, of_the_harm, sooner

    treatment = _treatment(folder, jobs)
    control, trace = treatment.watch()
    report = treatment.report = diagnose(trace)
    measure = choose(control, balanced=any(f.root_cause == RARE for f in report.alarms), batch=trace.facts.batch_size)
    assert measure is not None
    measure = sooner(
        control, of_the_harm(control, measure) if report.alarms else measure, found=bool(report.alarms), batch=trace.facts.batch_size
    )
    groups = planning.at_random(trace.facts, case.id, judged_by_loss=measure.is_loss)
    trials.short_way(treatment, control, trace, measure, groups, spend=runs)
    return _outcome(treatment, treatment.with_verdicts(report))


def _with_gains(row: Treated, drawn: Tried | None, treatment: Treatment, seeds: int) -> Treated:
    """Full runs of the script, of its fixed twin, and with what was found, on the same fresh seeds."""
    from unstuck.attach.script import Program

    wanted = {"untouched": (), "fixed": ()} | ({"ours": row.ours.best} if row.ours.proven else {})
    wanted |= {"random": drawn.best} if drawn is not None and drawn.proven else {}
    arms = {
        (who, k): replace(
            treatment.arm(remedies=remedies, seed=FINAL + k, dense=0), program=Program("fixed.py" if who == "fixed" else "train.py")
        )
        for who, remedies in wanted.items()
        for k in range(seeds)
    }
    results = treatment.pool.run(list(arms.values()))
    means: dict[str, float | None] = {}
    for who in wanted:
        values = [final_metric(results[arms[who, k]]) for k in range(seeds)]
        means[who] = fmean(v for v in values if v is not None) if None not in values else None
    # The first run was watched closely; one of the last pairs is nearer to what the script takes by itself.
    bare = min(row.full_run_s, *(results[arms["untouched", k]].seconds for k in range(seeds)))
    row = replace(row, full_run_s=bare, untouched=means["untouched"], fixed=means["fixed"], ours=_with_share(row.ours, means, "ours"))
    return row if drawn is None else replace(row, random=_with_share(drawn, means, "random"))


def _with_share(tried: Tried, means: dict[str, float | None], who: str) -> Tried:
    return replace(tried, final=means.get(who), share=gain_share(means["untouched"], means["fixed"], means.get(who)))


def final_metric(result: ArmResult) -> float | None:
    """The number that a script of the clinic ends with."""
    series = result.series.get("printed final metric")
    return series.values[-1] if series is not None and series.values else None


def _again(treatment: Treatment, claimed: Tried) -> bool:
    """A claim on a healthy script, once more on seeds that had no part in it."""
    from unstuck.judgement import judge
    from unstuck.ledger import Want

    record, bench = treatment.record, treatment.bench
    assert record is not None and bench is not None
    seeds = range(REPEAT, REPEAT + REPEATS)
    bench.measure([Want(who, seed, claimed.steps) for seed in seeds for who in ((), claimed.best)])
    return judge(record.trial(claimed.best, seeds, claimed.steps)).outcome == "helps"
