"""The two ways of running the trials of a treatment: everything that fits, or the short way to a proof."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from unstuck import effort, planning, untreatable
from unstuck.arms.local import process_context
from unstuck.arms.results import ArmResult
from unstuck.bench import Bench, OutOfTime
from unstuck.confirming import PAIRS
from unstuck.course import Course
from unstuck.language import _
from unstuck.ledger import Candidate, Plan, Record, Remedies
from unstuck.measures import Measure
from unstuck.pursuit import Groups, pursue
from unstuck.records import Facts, Trace
from unstuck.search import search

if TYPE_CHECKING:
    from unstuck.treatment import Treatment


def everything(treatment: Treatment, control: ArmResult, trace: Trace, measure: Measure, tried: Sequence[Candidate]) -> None:
    """Try and settle all of it (`search.py`)."""
    options = treatment.options
    budget = effort.make_plan(control, measure, len(tried), pairs=options.pairs, steps=options.steps, seed=options.seed or 0)
    record = treatment.record = Record(budget.plan, measure.yardstick)
    treatment.planned = budget.expected
    text = _("judged by {yardstick}; arms of {screen} and {confirm} of {total} steps; about {seconds:.0f} s, {runs:.1f} full runs")
    treatment.progress.line(
        text.format(
            yardstick=measure.yardstick.name, screen=budget.plan.screen_steps, confirm=budget.plan.confirm_steps,
            total=control.steps, seconds=budget.expected * control.seconds, runs=budget.expected,
        )
    )  # fmt: skip
    limits = (budget.arm_limit_s, treatment.progress, treatment.out_of_time)
    bench = treatment.bench = Bench(treatment.pool, treatment.arm, record, measure, *limits, write=treatment.write)
    chosen = list(tried) if options.remedy else list(tried)[: budget.candidates]
    fits = (lambda _: False) if options.remedy else lambda names: all_fit(names, trace.facts)
    try:
        search(chosen, record, bench.measure, enough=treatment.enough, fits=fits, batch=max(2, treatment.pool.jobs // 2))
    except OutOfTime:
        treatment.late()


def short_way(
    treatment: Treatment,
    control: ArmResult,
    trace: Trace,
    measure: Measure,
    groups: Groups,
    doubt: Callable[[], Groups | None] = lambda: None,
    spend: float | None = None,
) -> None:
    """Try until something is proven (`pursuit.py`). `doubt`: see `Course`. `spend`: full runs that the trials may cost, whatever they prove."""
    # Not where arms hold memory of an accelerator: there each is a new interpreter.
    treatment.pool.rests = process_context().get_start_method() == "fork"
    found = treatment.report.findings if treatment.report is not None else ()
    horizons, shown = effort.lengths(control, measure, found, rests=treatment.pool.rests, batch=trace.facts.batch_size)
    least, seed = min((*shown, *horizons)), treatment.options.seed or 0
    record = treatment.record = Record(Plan(least, least, pairs=PAIRS, seed=seed), measure.yardstick)
    text = _("judged by {yardstick}; arms of {least} to {longest} of {total} steps")
    treatment.progress.line(
        text.format(yardstick=measure.yardstick.name, least=least, longest=horizons[-1], total=control.steps),
    )
    limit = float(math.ceil(max(effort.LEAST_PATIENCE_S, effort.PATIENCE * control.seconds)))
    bench = treatment.bench = Bench(
        treatment.pool, treatment.arm, record, measure, limit, treatment.progress, treatment.out_of_time, light=True, write=treatment.write
    )
    bench.results[(), seed] = control.steps + 1, control
    # Where nothing was found, all that is tried is tried on general grounds; where the fault lies in the data, hardly anything can help.
    alarms = planning.alarms(found)
    # A search without a diagnosis is sure of nothing: it must not spend a whole run on the first that it drew.
    sure = spend is None and any(f.confidence >= effort.SURE for f in alarms[:1])
    cheap = control.seconds < effort.SHORT_RUN_S and bool(alarms) and untreatable.lead(alarms) not in untreatable.ADVICE
    limit_runs = effort.PERSIST_SHORT if cheap else effort.PERSIST
    persist = limit_runs if spend is None else spend

    def affordable(arms: int, steps: int, times: float) -> bool:
        cost = treatment.runs + effort.in_runs(control, arms * steps, arms)
        return not treatment.out_of_time() and cost <= times * effort.COMPARE

    course = Course(
        horizons,
        shown,
        shortest=effort.LEAST_SHORT,
        enough=lambda times: treatment.out_of_time() or effort.in_runs(control, bench.steps, bench.starts) > times * persist,
        affordable=affordable,
        fits=lambda names: all_fit(names, trace.facts),
        sure=sure,
        start=effort.start_share(control) * control.steps if treatment.pool.rests else 0.0,
        spent=lambda: treatment.runs,
        doubt=doubt,
    )
    try:
        pursue(record, bench.measure, course, groups)
    except OutOfTime:
        treatment.late()
    finally:
        treatment.pool.release()


def all_fit(names: Remedies, facts: Facts) -> bool:
    """Every remedy of a combination can be applied to this program."""
    from unstuck import plugins

    return all(planning.why_not(plugins.remedies()[name], facts) is None for name in names)
