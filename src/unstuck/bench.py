"""Answers the questions of a search by running arms, and reads their results."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from unstuck.arms.arm import Arm
from unstuck.arms.local import LocalPool
from unstuck.arms.results import ArmResult
from unstuck.curves import paired
from unstuck.diagnosis import ask
from unstuck.language import _
from unstuck.ledger import FRESH, Reading, Record, Remedies, Want
from unstuck.measures import Measure, diverged, value_at
from unstuck.progress import Progress
from unstuck.records import Curves, Facts, Trial
from unstuck.store import load


class OutOfTime(Exception):
    """The user's time limit for the whole treatment is over."""


class Bench:
    """Answers the search's questions by running arms."""

    def __init__(
        self,
        pool: LocalPool,
        make_arm: Callable[..., Arm],
        record: Record,
        measure: Measure,
        arm_limit_s: float,
        progress: Progress,
        out_of_time: Callable[[], bool],
        light: bool = False,
        write: Callable[[Remedies], bool] = lambda _: False,
    ) -> None:
        self.pool, self.make_arm, self.record, self.yardstick = pool, make_arm, record, measure
        self.arm_limit_s, self.progress, self.out_of_time = arm_limit_s, progress, out_of_time
        #: Arms are judged by the yardstick alone, which needs few sampled steps or none; the first treated arm of a confirmation is watched as
        #: closely as the untouched run, for its symptom.
        self.light = light
        #: Asked where an injected remedy is not in force: from now on its arms run the script with the remedy written into it; False = cannot be.
        self.write = write
        #: By remedies and pair number: the longest arm that was run.
        self.results: dict[tuple[Remedies, int], tuple[int, ArmResult]] = {}
        #: Optimizer steps of all arms, and how many were started: their cost as no busy machine can inflate it.
        self.steps = self.starts = 0
        #: Remedies that are only ever written, and could not be: their arms are not run.
        self.unwritten: set[Remedies] = set()

    def measure(self, wants: Sequence[Want]) -> None:
        """Fill the record's readings with what is asked for."""
        if self.out_of_time():
            raise OutOfTime
        wants = self.written_first(wants)
        arms: dict[Arm, Want] = {}
        # The longest arm of a kind answers for the shorter ones.
        most = {(w.remedies, w.seed): w for w in sorted(wants, key=lambda w: w.steps)}
        for want in wants:
            if self.answered(want):
                self.note(want)
            elif most[want.remedies, want.seed] == want:
                # Untouched arms are needed at both lengths: the longer one answers for the shorter.
                steps = max(want.steps, self.record.plan.confirm_steps) if not want.remedies else want.steps
                close = not self.light or (want.remedies and want.seed == self.record.plan.seed + FRESH)
                steps = round(steps * self.pace(want.remedies))
                limits = {"time_limit_s": self.arm_limit_s, "dense": None if close else 0, "scores": self.yardstick.noisy}
                arm = self.make_arm(remedies=want.remedies, seed=want.seed, steps=steps, **limits)
                arms[arm] = want
        if arms:
            self.progress.stage(_("{n} arms").format(n=len(arms)), len(arms))
            self.pool.run(list(arms), lambda arm, result: self.done(arms[arm], arm, result))
            self.measure_written(arms.values())
            for want in wants:
                if want not in arms.values():
                    self.note(want)

    def answered(self, want: Want) -> bool:
        """An arm that was as long, or that came to the script's own end."""
        steps, result = self.results.get((want.remedies, want.seed), (0, None))
        return steps >= want.steps or (result is not None and result.exit == "finished")

    def written_first(self, wants: Sequence[Want]) -> list[Want]:
        """Without those for remedies that could only be written into the script, and have no place there; the others of that kind are written."""
        from unstuck import plugins

        known = plugins.remedies()
        for remedies in dict.fromkeys(w.remedies for w in wants if any(known[n].written_only for n in w.remedies)):
            if remedies not in self.unwritten and not any(key[0] == remedies for key in self.results) and not self.write(remedies):
                self.unwritten.add(remedies)
        for want in wants:
            if want.remedies in self.unwritten:
                self.record.readings[want] = Reading(None, failure="the script has no place for it")
        return [w for w in wants if w.remedies not in self.unwritten]

    def measure_written(self, wants: Iterable[Want]) -> None:
        """Again, with the remedies that could not be injected written into the script."""
        undone = [w for w in wants if w.remedies and self.undone(self.results[w.remedies, w.seed][1])]
        worked = {remedies for (remedies, _), (_, result) in self.results.items() if result.in_force}
        written = {remedies for remedies in dict.fromkeys(w.remedies for w in undone) if remedies not in worked and self.write(remedies)}
        for key in [key for key in self.results if key[0] in written]:
            del self.results[key]
        again = [w for w in undone if w.remedies in written]
        if again:
            self.measure(again)

    @staticmethod
    def undone(result: ArmResult) -> bool:
        """The remedy found nothing to change, or no way in. One that refused the script says why, and is not written into it either."""
        return result.in_force is False and (result.out_of_reach or not result.remedy_errors)

    def done(self, want: Want, arm: Arm, result: ArmResult) -> None:
        """An arm has come back."""
        self.progress.arm_done()
        before = self.results.get((want.remedies, want.seed)) if self.pool.rests else None
        pace = self.pace(want.remedies)
        result = at_pace(result, pace)
        self.steps += result.steps - (before[1].steps if before is not None else 0)
        self.starts += before is None
        self.results[want.remedies, want.seed] = round((arm.steps or 0) / pace), result
        self.note(want)

    def pace(self, remedies: Remedies) -> float:
        """Optimizer steps of a treated arm for one of the untouched one."""
        from unstuck import plugins

        facts = self.pool.facts or Facts()
        return math.prod(plugins.remedies()[name].pace(facts) for name in remedies)

    def note(self, want: Want) -> None:
        """Read the yardstick off the arm that answers."""
        result = self.results[want.remedies, want.seed][1]
        self.record.readings[want] = reading(result, self.yardstick, want.steps, treated=bool(want.remedies))

    def symptom(self, remedies: Remedies, seed: int, rule: str, untouched: int | None = None) -> bool | None:
        """In one pair: the rule fires on the untouched arm and not on the treated one; None where it cannot be told.

        `untouched`: pair number of another untouched arm that was watched more closely.
        """
        from unstuck import plugins

        pair = [self.results.get(((), seed if untouched is None else untouched)), self.results.get((remedies, seed))]
        if any(p is None or not p[1].trace for p in pair):
            return None
        # An arm ends where it was told to: for what the two show in as many steps, it is a whole run.
        traces = [load(Path(p[1].trace)) for p in pair if p is not None]
        whole = [replace(t, facts=replace(t.facts, exit="finished")) for t in traces]
        control, treated = (ask(plugins.rules()[rule], t) for t in whole)
        if control[1] is not None or treated[1] is not None or not control[0]:
            return None
        return not treated[0]

    def curves(self, trial: Trial) -> Curves | None:
        """The yardstick over the steps, of the pairs that the trial consists of."""
        arms = [(self.results.get(((), s)), self.results.get((trial.remedies, s))) for s in trial.seeds]
        return paired([(a[1], b[1]) for a, b in arms if a is not None and b is not None], self.yardstick, trial.steps)


def at_pace(result: ArmResult, pace: float) -> ArmResult:
    """The result with its steps counted in those of the untouched script."""
    if pace == 1:
        return result
    series = {
        name: replace(one, steps=tuple(max(0, math.ceil((step + 1) / pace) - 1) for step in one.steps))
        for name, one in result.series.items()
    }
    return replace(result, steps=math.ceil(result.steps / pace), series=series)


def reading(result: ArmResult, measure: Measure, steps: int, *, treated: bool) -> Reading:
    """What an arm says by the yardstick."""
    if treated and result.remedy_errors:
        return Reading(None, failure=result.remedy_errors[0])
    value = value_at(result, measure, steps)
    lost = value is None and diverged(result, measure, steps)
    if result.exit == "failed" and not lost:
        return Reading(None, in_force=result.in_force, failure=result.error or "failed")
    if result.exit in ("timeout", "killed") and result.steps < steps:
        return Reading(None, in_force=result.in_force, failure=result.exit)
    failure = "" if value is not None or lost else f"no {measure.yardstick.name} in {result.steps} steps"
    return Reading(value, diverged=lost, in_force=result.in_force if treated else None, failure=failure)
