"""Answers the questions of a search by running arms, and reads their results."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from unstuck.arms.arm import Arm
from unstuck.arms.local import LocalPool
from unstuck.arms.results import ArmResult
from unstuck.curves import paired
from unstuck.diagnosis import ask
from unstuck.language import _
from unstuck.ledger import FRESH, Reading, Record, Remedies, Want
from unstuck.progress import Progress
from unstuck.records import Curves, Trial
from unstuck.store import load
from unstuck.yardstick import Measure, diverged, value_at


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
    ) -> None:
        self.pool, self.make_arm, self.record, self.yardstick = pool, make_arm, record, measure
        self.arm_limit_s, self.progress, self.out_of_time = arm_limit_s, progress, out_of_time
        #: Arms are judged by the yardstick alone, which needs few sampled steps or none; the first treated arm of a confirmation is watched as
        #: closely as the untouched run, for its symptom.
        self.light = light
        #: By remedies and pair number: the longest arm that was run.
        self.results: dict[tuple[Remedies, int], tuple[int, ArmResult]] = {}
        #: Optimizer steps of all arms, and how many were started: their cost as no busy machine can inflate it.
        self.steps = self.starts = 0

    def measure(self, wants: Sequence[Want]) -> None:
        """Fill the record's readings with what is asked for."""
        if self.out_of_time():
            raise OutOfTime
        arms: dict[Arm, Want] = {}
        for want in wants:
            if self.results.get((want.remedies, want.seed), (0,))[0] >= want.steps:
                self.note(want)
            else:
                # Untouched arms are needed at both lengths: the longer one answers for the shorter.
                steps = max(want.steps, self.record.plan.confirm_steps) if not want.remedies else want.steps
                close = not self.light or (want.remedies and want.seed == self.record.plan.seed + FRESH)
                limits = {"time_limit_s": self.arm_limit_s, "dense": None if close else 0, "scores": self.yardstick.noisy}
                arm = self.make_arm(remedies=want.remedies, seed=want.seed, steps=steps, **limits)
                arms[arm] = want
        if arms:
            self.progress.stage(_("{n} arms").format(n=len(arms)), len(arms))
            self.pool.run(list(arms), lambda arm, result: self.done(arms[arm], arm, result))

    def done(self, want: Want, arm: Arm, result: ArmResult) -> None:
        """An arm has come back."""
        self.progress.arm_done()
        before = self.results.get((want.remedies, want.seed)) if self.pool.rests else None
        self.steps += result.steps - (before[1].steps if before is not None else 0)
        self.starts += before is None
        self.results[want.remedies, want.seed] = arm.steps or 0, result
        self.note(want)

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
        control, treated = (ask(plugins.rules()[rule], load(Path(p[1].trace))) for p in pair if p is not None)
        if control[1] is not None or treated[1] is not None or not control[0]:
            return None
        return not treated[0]

    def curves(self, trial: Trial) -> Curves | None:
        """The yardstick over the steps, of the pairs that the trial consists of."""
        arms = [(self.results.get(((), s)), self.results.get((trial.remedies, s))) for s in trial.seeds]
        return paired([(a[1], b[1]) for a, b in arms if a is not None and b is not None], self.yardstick, trial.steps)


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
