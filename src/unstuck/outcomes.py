"""The verdicts of a treatment as a report tells them: with curves, and whether the symptom went."""

from __future__ import annotations

from dataclasses import replace

from unstuck import ledger
from unstuck.bench import Bench
from unstuck.records import Cost, Report, Verdict

#: Treated arms in which is looked whether the symptom went.
LOOKED_AT = 3


def told(report: Report, record: ledger.Record, bench: Bench, cost: Cost) -> Report:
    """The report with what the trials prove so far."""
    found = [_with_curves(_with_symptom(v, report, record, bench), bench) for v in ledger.verdicts(record)]
    return report.with_verdicts(tuple(found), ledger.best(found), cost)


def _with_curves(verdict: Verdict, bench: Bench) -> Verdict:
    """The verdict with what a page draws of its pairs."""
    return replace(verdict, trial=replace(verdict.trial, curves=bench.curves(verdict.trial)))


def _with_symptom(verdict: Verdict, report: Report, record: ledger.Record, bench: Bench) -> Verdict:
    """Whether the finding that proposed the remedy is gone from the treated arms."""
    trial = verdict.trial
    finding = next((f for f in report.findings if f.root_cause == trial.root_cause), None)
    if finding is None:
        return verdict
    if trial.remedies in record.confirmed:
        # The only arm that was watched closely, against the watched run itself; too short an arm has no symptom yet.
        fresh, first = record.plan.seed + ledger.FRESH, record.plan.seed
        looked = [bench.symptom(trial.remedies, fresh, finding.rule, first)] if finding.first_step < trial.steps else []
    elif bench.light:
        return verdict
    else:
        looked = [bench.symptom(trial.remedies, seed, finding.rule) for seed in trial.seeds[:LOOKED_AT]]
    known = [gone for gone in looked if gone is not None]
    return replace(verdict, trial=replace(trial, symptom_gone=all(known) if known else None))
