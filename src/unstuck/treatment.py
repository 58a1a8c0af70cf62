"""Findings -> trials -> a report: watches the program once, finds out what could help, and tries it in paired trials.

`planning.py` decides what is worth trying, `effort.py` for how long, `pursuit.py` (or `search.py`, where everything is asked for) what is tried
next, `judgement.py` what it proves; `trials.py` puts them together, and `bench.py` runs the arms.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from pathlib import Path
from time import monotonic

from unstuck import checkup, effort, ledger, outcomes, patch, planning, trials, untreatable, weighing
from unstuck.arms.arm import Arm
from unstuck.arms.cache import Cache
from unstuck.arms.local import LocalPool
from unstuck.arms.results import ArmResult
from unstuck.arms.sources import forget
from unstuck.attach.script import Program
from unstuck.bench import Bench
from unstuck.diagnosis import diagnose
from unstuck.edits.source import NoPatch
from unstuck.errors import UsageError
from unstuck.language import _
from unstuck.ledger import Remedies
from unstuck.measures import Measure
from unstuck.options import Options
from unstuck.progress import Progress
from unstuck.records import Cost, Report, Text, Trace
from unstuck.store import load
from unstuck.training import Recipe
from unstuck.yardstick import choose, is_expression, learns_its_batches, of_the_harm, sooner, trains_well

#: Optimizer steps of a recipe's full run, which has no end of its own.
RECIPE_STEPS = 400
#: Other pairs are not settled any more once the trials have cost this many times what was planned.
OVERDRAFT = 1.5
#: What says that an accuracy is no yardstick.
RARE = "class-imbalance"


def treat(program: Program | Recipe | str, *, options: Options | None = None) -> Report:
    """Watch a program once, diagnose it, and try what could help.

    `program`: a Program, the path of a script, or a Recipe (seed -> Training). Ctrl-C raises KeyboardInterrupt with the report so far as
    its argument; a second call goes on from there.
    """
    options = options or Options()
    forget()
    with Progress(quiet=options.quiet) as progress:
        treatment = Treatment(as_program(program), options, progress)
        if options.apply:
            patch.check(treatment.program, force=options.force)
        try:
            return treatment.patched(treatment.run())
        except KeyboardInterrupt as interrupt:
            report = treatment.report
            if report is None:
                raise
            note = Text(
                "interrupted: the verdicts rest on what was done by then; the same command goes on from there",
                "已中断：以下结论只依据中断前完成的部分；再次运行同一命令会从中断处继续",
            )
            raise KeyboardInterrupt(treatment.with_verdicts(replace(report, treatment_note=note))) from interrupt


def as_program(program: Program | Recipe | str) -> Program:
    """Whatever the caller gave, as a Program."""
    if isinstance(program, str):
        program = Program(path=program)
    elif not isinstance(program, Program):
        if not callable(program):
            raise UsageError(
                f"treat() expected a script's path, a Program, or a recipe (a function seed -> Training); got {type(program).__name__}."
            )
        program = Program(recipe=program)
    program.check()
    return program


class Treatment:
    """One treatment: holds what is known, so that it can be reported at any moment."""

    def __init__(self, program: Program, options: Options, progress: Progress) -> None:
        self.program, self.options, self.progress = program, options, progress
        self.pool = LocalPool(Cache(options.folder, read=not options.no_cache), jobs=options.jobs)
        self.started = monotonic()
        self.report: Report | None = None
        self.record: ledger.Record | None = None
        self.control: ArmResult | None = None
        self.bench: Bench | None = None
        #: Remedies that no injection could bring into force: the script's files as they read with them.
        self.written: dict[Remedies, patch.Overlay] = {}
        self.full_run_s = 0.0
        self.planned = 0.0

    def run(self) -> Report:
        """The whole of it."""
        if self.options.no_compile:
            os.environ["TORCH_COMPILE_DISABLE"] = "1"
        control, trace = self.watch()
        options = self.options
        report = self.report = diagnose(trace, select=options.select, ignore=options.ignore, preview=options.preview)
        if trace.facts.exit == "failed" or control.exit in ("failed", "killed"):
            return self.noted("the script failed by itself, so nothing was tried", "脚本自身出错，因此没有尝试任何疗法")
        if not trace.facts.steps:
            return self.noted("no optimizer step was seen, so there is nothing to try", "没有看到优化器更新，因此无可尝试")
        batch = trace.facts.batch_size
        measure = choose(control, options.metric, balanced=any(f.root_cause == RARE for f in report.alarms), batch=batch)
        if measure is None:
            return self.noted("there is no number to judge a trial by: name one with --metric", "没有可用来评判的数值：请用 --metric 指定")
        if trains_well(control, measure, report.alarms) and not options.remedy:
            return self.noted("trains well already: nothing was tried", "训练已经良好：没有尝试任何疗法")
        first = untreatable.lead(report.alarms)
        worthless = first in untreatable.WORTHLESS_SCORE and not options.remedy
        if worthless and not self.candidates(trace, measure):
            why = untreatable.ADVICE[first]
            return self.noted(f"nothing was tried; {why.en}", f"没有尝试任何疗法；{why.zh}")
        if report.alarms and options.metric is None and not worthless:
            measure = of_the_harm(control, measure)
        if self.thorough:
            self.examine(trace)
        elif options.metric is None and not worthless:
            measure = sooner(control, measure, found=bool(report.alarms), batch=batch)
        tried = self.candidates(trace, measure)
        if not tried:
            return self.advised(self.report, Text("no remedy fits what was found", "没有适合所发现问题的疗法"))
        if self.thorough:
            trials.everything(self, control, trace, measure, tried)
        else:
            doubt = (lambda: None) if worthless else (lambda: self.reconsidered(trace, measure))
            trials.short_way(self, control, trace, measure, planning.in_groups(tried), doubt)
        return self.advised(self.with_verdicts(self.report))

    def advised(self, report: Report, otherwise: Text | None = None) -> Report:
        """The report with what the owner of the data is told, where the cause lies there and nothing helped."""
        why = untreatable.ADVICE.get(untreatable.lead(report.alarms, weighing.suspected(report)), otherwise)
        cost = Cost(full_run_s=self.full_run_s, trials_s=self.pool.seconds, arms=self.pool.arms)
        told = why is not None and not report.best and report.treatment_note is None
        return replace(report, treatment_note=why, cost=cost) if told else report

    @property
    def thorough(self) -> bool:
        """Everything is tried, or what the user asks for, at the length that the user asks for."""
        return bool(self.options.thorough or self.options.remedy or self.options.pairs or self.options.steps)

    def candidates(self, trace: Trace, measure: Measure) -> list[ledger.Candidate]:
        """What to try, by the report as it is."""
        assert self.report is not None
        suspected = weighing.suspected(self.report)
        asked = self.options.remedy
        return planning.candidates(
            self.report.findings, trace.facts, asked, suspected, judged_by_loss=measure.is_loss, judged_by_batches=measure.noisy,
            learned=learns_its_batches(self.control) if self.control is not None else None,
        )  # fmt: skip

    def examine(self, trace: Trace) -> None:
        """Weigh the report against a check-up, unless the user says what is to be tried."""
        if self.report is None or self.options.remedy or self.out_of_time():
            return
        self.progress.stage(_("check-up"), len(checkup.questions()))
        rests, self.pool.rests = self.pool.rests, False
        self.report = weighing.weighed(self.report, checkup.examine(trace, self.pool, self.arm, self.progress.arm_done))
        self.pool.rests = rests

    def reconsidered(self, trace: Trace, measure: Measure) -> list[list[ledger.Candidate]]:
        """The first finding's own remedy showed nothing at once: what the check-up makes of the rest."""
        self.examine(trace)
        return planning.in_groups(self.candidates(trace, measure))

    def patched(self, report: Report) -> Report:
        """The report with a patch, where one is asked for."""
        if not (self.options.diff or self.options.apply):
            return report
        found, draft = patch.prove(self.program, report, self.record, self.bench)
        if draft is not None and self.options.apply:
            found = patch.write(found, draft, force=self.options.force)
        return replace(report, patch=found, cost=Cost(full_run_s=self.full_run_s, trials_s=self.pool.seconds, arms=self.pool.arms))

    def noted(self, en: str, zh: str) -> Report:
        """The report with the reason why nothing was tried."""
        assert self.report is not None
        cost = Cost(full_run_s=self.full_run_s, trials_s=self.pool.seconds, arms=self.pool.arms)
        return replace(self.report, treatment_note=Text(en, zh), cost=cost)

    def arm(self, **settings: object) -> Arm:
        """An arm of this program."""
        metric = self.options.metric if is_expression(self.options.metric) else None
        overlay = self.written.get(settings.get("remedies", ()))  # type: ignore[call-overload]
        if overlay:
            settings |= {"remedies": (), "overlay": overlay}
        return Arm(self.program, metric=metric, memory_limit_mb=self.options.memory_limit_mb, **settings)  # type: ignore[arg-type]

    def write(self, remedies: Remedies) -> bool:
        """From now on these remedies are tried as changes of the script's source; False where there is no faithful way."""
        if remedies in self.written or self.report is None:
            return False
        try:
            draft = patch.make(self.program, Path.cwd(), self.report.facts, remedies)
        except NoPatch:
            return False
        self.written[remedies] = patch.overlay(draft)
        return True

    def watch(self) -> tuple[ArmResult, Trace]:
        """The untouched full run, in a process of its own: this one must stay fit for forking."""
        self.progress.stage(_("watching {name}").format(name=self.program.name), 1)
        steps = self.options.max_steps or (RECIPE_STEPS if self.program.recipe is not None else None)
        limits = {"budget": self.options.budget, "time_limit_s": self.options.time_limit}
        arm = self.arm(seed=self.options.seed, steps=steps, paired=False, scores=True, **limits)
        result = self.pool.run([arm])[arm]
        self.progress.arm_done()
        if not result.trace:
            output = self.pool.cache.folder_of(arm) / "output.txt"
            text = _("The program left no trace: {why}. Its output is in {path}.")
            raise UsageError(text.format(why=result.error or result.exit, path=output))
        if self.options.trace is not None:
            shutil.copyfile(result.trace, self.options.trace)
        self.control, self.full_run_s, self.pool.seconds, self.pool.arms = result, result.seconds, 0.0, 0
        trace = load(Path(result.trace))
        self.pool.facts = trace.facts
        return result, trace

    @property
    def runs(self) -> float:
        """What the treatment has cost so far, in full runs, by steps."""
        if self.bench is None or self.control is None:
            return 0.0
        examined = self.report.checkup if self.report is not None else None
        steps, starts = (examined.arms * examined.steps, examined.arms) if examined is not None else (0, 0)
        return effort.in_runs(self.control, self.bench.steps + steps, self.bench.starts + starts)

    def late(self) -> None:
        """The user's time limit came first."""
        note = Text("the time limit ended the treatment early", "时间已到，治疗提前结束")
        self.report = replace(self.report, treatment_note=note) if self.report is not None else None

    def out_of_time(self) -> bool:
        """The user's limit for the whole treatment is over."""
        return self.options.time_limit is not None and monotonic() - self.started > self.options.time_limit

    def enough(self) -> bool:
        """What was planned is used up, by steps: arms that a busy machine makes slow do not cut it short."""
        if self.out_of_time() or self.bench is None or self.control is None:
            return self.out_of_time()
        planned = max(self.planned, effort.allowed(self.control))
        return effort.in_runs(self.control, self.bench.steps, self.bench.starts) > OVERDRAFT * planned

    def with_verdicts(self, report: Report) -> Report:
        """The report with what the trials prove so far."""
        note = report.treatment_note or (self.report.treatment_note if self.report is not None else None)
        cost = Cost(full_run_s=self.full_run_s, trials_s=self.pool.seconds, arms=self.pool.arms)
        if self.record is None or self.bench is None:
            return replace(report, cost=cost)
        return outcomes.told(replace(report, treatment_note=note), self.record, self.bench, cost)
