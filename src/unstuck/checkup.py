"""The check-up: a few short arms of the script, each with one question (`checks/`), and what their answers say together.

Data flow one way: watched run and arms -> Checkup (a record) -> `weighing.py` holds it against the findings. For `unstuck run` it is made in
a process of its own (`python -m unstuck.checkup`), because the one that ran the script is not fit for forking.
"""

from __future__ import annotations

import math
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from unstuck import plugins, reading
from unstuck.check_reading import WHY_NOT, learned_samples
from unstuck.records import Checked, Checkup, Text, Trace

if TYPE_CHECKING:
    from unstuck.arms.arm import Arm
    from unstuck.arms.local import LocalPool
    from unstuck.arms.results import ArmResult

#: Steps of an arm: our choice; a sound net knows 16 samples by heart within 100, and in fewer than 40 hardly anything shows.
MOST_STEPS, LEAST_STEPS = 100, 40
#: What all arms together may cost: a share of the watched run, or so many seconds where that is less.
SHARE, LEAST_SECONDS = 0.5, 20.0
#: Arms that are run before it is known what one costs.
FIRST = 2
#: An arm may take this many times what it should, and at least so many seconds.
PATIENCE, LEAST_PATIENCE_S = 6.0, 30.0
#: Skill of the validation above which the labels do say something: 0 = chance, 1 = perfect. As in the rule label-noise.
SOME_SKILL = 0.1


@dataclass(frozen=True)
class Plan:
    """How long the arms are, and what they may cost."""

    steps: int
    #: Wall-clock seconds of one arm.
    limit_s: float
    #: Seconds of one core for all arms together.
    allowed_s: float


def questions() -> list[str]:
    """Every arm's question, the most telling first: "one-batch", "learning-rates 10", ..."""
    rows = [[f"{check.id} {v}".strip() for v in check.variants] for check in plugins.checks().values()]
    single = [row[0] for row in rows if len(row) == 1]
    several = [question for row in rows if len(row) > 1 for question in row]
    return [*single[:1], *several[:2], *single[1:], *several[2:]]


def plan(run: Trace) -> Plan:
    """As long as the run's own length and cost allow."""
    facts, own = run.facts, run.signal("step.seconds")
    step_s = own.median() if own is not None and len(own.finite()) else facts.seconds / max(facts.steps, 1)
    allowed = max(SHARE * facts.seconds, LEAST_SECONDS)
    fitting = int(allowed / len(questions()) / max(step_s, 1e-9)) // 10 * 10
    steps = min(MOST_STEPS, max(LEAST_STEPS, fitting), max(facts.steps, 1))
    # What comes before the first step is not known apart from the rest; rounded up, so that equal arms are found again.
    patience = max(PATIENCE * steps * step_s, facts.seconds, LEAST_PATIENCE_S)
    return Plan(steps, 2.0 ** math.ceil(math.log2(patience)), allowed)


def impossible(run: Trace) -> str:
    """Why no arm can tell anything, by a key of WHY_NOT; "" = it can."""
    if all(o.by_hand for o in run.facts.optimizers):
        return "no-optimizer"
    if reading.adversarial(run):
        return "rivals"
    return "too-short" if run.facts.steps < 10 else ""


def examine(run: Trace, pool: LocalPool, make_arm: Callable[..., Arm], on_arm: Callable[[], None] = lambda: None) -> Checkup:
    """Ask everything that can be asked; what could not be is in the answer, with the reason."""
    why = impossible(run)
    if why:
        return Checkup(checks=tuple(not_possible(name, WHY_NOT[why]) for name in plugins.checks()))
    planned = plan(run)
    before = pool.seconds, pool.arms
    shown: dict[str, ArmResult] = {}

    def ask(asked: list[str]) -> None:
        # The arm that sees one batch makes one step more, in eval mode.
        arms = {make_arm(check=q, seed=0, steps=planned.steps + 1, time_limit_s=planned.limit_s): q for q in asked}

        def done(arm: Arm, result: ArmResult) -> None:
            shown[arms[arm]] = result
            on_arm()

        pool.run(list(arms), done)

    # What an arm costs is known once the first ones are back; where that is too much, the less telling ones are left out.
    asked = questions()
    ask(asked[:FIRST])
    each = max((pool.seconds - before[0]) / FIRST, 1e-9)
    ask(asked[FIRST : max(FIRST, int(planned.allowed_s / each))])
    checks = [answer(check, run, shown, planned) for check in plugins.checks().values()]
    confirmed, ruled_out = conclusions(run, {c.check: c for c in checks})
    return Checkup(
        checks=tuple(checks),
        steps=planned.steps,
        arms=pool.arms - before[1],
        seconds=pool.seconds - before[0],
        confirmed=confirmed,
        ruled_out=ruled_out,
    )


@dataclass(frozen=True)
class Shown:
    """What a check sees of an arm."""

    trace: Trace
    answers: Mapping[str, float]


def answer(check: plugins.Check, run: Trace, results: Mapping[str, ArmResult], planned: Plan) -> Checked:
    """One check's answer; an arm that gave nothing, and an error of the check, are answers too."""
    from unstuck.store import load

    needed = [f"{check.id} {v}".strip() for v in check.variants] or ["one-batch"]
    arms: dict[str, Shown] = {}
    problems: list[Text] = []
    for question in needed:
        result = results.get(question)
        problem = WHY_NOT["too-dear"] if result is None else what_failed(result)
        if problem is None and result is not None:
            arms[question] = Shown(load(Path(result.trace)), result.answers)
        elif problem is not None:
            problems.append(problem)
    if not arms:
        return not_possible(check.id, problems[0])
    try:
        found = check.read(run, arms, planned.steps)
    except plugins.CannotLook as reason:
        return not_possible(check.id, reason.reason)
    except Exception as error:  # the other checks are none the worse for it
        return not_possible(
            check.id, Text(f"the check failed: {type(error).__name__}: {error}", f"检查出错：{type(error).__name__}：{error}")
        )
    if not problems:
        return found
    note = Text(" ({n} of {all} arms gave no answer: {why})", "（{all} 次短训练中有 {n} 次没有结果：{why}）")
    en, zh = (t.format(n=len(problems), all=len(needed), why=w) for t, w in ((note.en, problems[0].en), (note.zh, problems[0].zh)))
    return replace(found, reading=Text(found.reading.en + en, found.reading.zh + zh))


def what_failed(result: ArmResult) -> Text | None:
    """Why an arm cannot be read."""
    if result.exit == "timeout":
        return Text("its arm ran out of time", "其短训练超时")
    if result.exit in ("failed", "killed") or not result.trace:
        error = result.error or result.exit
        return Text(f"its arm failed: {error}", f"其短训练失败：{error}")
    for error in result.remedy_errors:
        return WHY_NOT.get(error) or Text(f"its arm failed: {error}", f"其短训练失败：{error}")
    return None


def not_possible(name: str, why: Text) -> Checked:
    """A check without an answer."""
    return Checked(check=name, outcome="not-possible", reading=why)


# ------------------------------------------------------------------------------------------------------ conclusions


def conclusions(run: Trace, checks: Mapping[str, Checked]) -> tuple[dict[str, Text], dict[str, Text]]:
    """Root causes that the answers speak for, and against, each with the reason."""
    confirmed: dict[str, Text] = {}
    ruled_out: dict[str, Text] = {}
    outcome = {name: checks[name].outcome if name in checks else "not-possible" for name in plugins.checks()}
    _labels(run, checks, outcome, confirmed, ruled_out)
    _rate(run, checks, outcome, confirmed, ruled_out)
    if outcome["one-batch"] == "failed":
        for cause in ("label-noise", "overfitting"):
            ruled_out[cause] = Text("not even 16 samples are learned by heart, whatever their labels", "连 16 个样本都记不住，与标签无关")
        if outcome["learning-rates"] == "passed" and not reading.learns(run):
            confirmed["underfitting"] = Text(
                "not even 16 samples are learned by heart, and no other learning rate helps", "连 16 个样本都记不住，换学习率也无济于事"
            )
    if outcome["modes"] == "failed":
        confirmed["batchnorm-misuse"] = checks["modes"].reading
    return confirmed, {c: t for c, t in ruled_out.items() if c not in confirmed}


def _labels(run: Trace, checks: Mapping[str, Checked], outcome: Mapping[str, str], yes: dict[str, Text], no: dict[str, Text]) -> None:
    valid = reading.skill(run, "validation")
    says_nothing = valid <= SOME_SKILL if valid is not None else not learned_samples(run) and reading.learns(run) is not True
    if outcome["one-batch"] == "passed" and outcome["shuffled-targets"] == "failed" and says_nothing:
        yes["label-noise"] = Text(
            "16 samples are learned by heart, but all of them no better than with shuffled targets",
            "16 个样本记得住，但全部样本学得并不比目标打乱时更好",
        )
        no["underfitting"] = Text("16 samples are learned by heart, so the targets are in the way", "16 个样本记得住，可见障碍在目标")
    target = run.facts.loss.target_shape if run.facts.loss is not None else ()
    one_each = len(target) <= 1 or (len(target) == 2 and target[1] == 1)  # a sequence that is shifted by one still says something
    if outcome["shuffled-targets"] == "passed" and one_each:
        no["label-noise"] = Text("the given targets are learned better than shuffled ones", "给定的目标比打乱的目标学得好")


def _rate(run: Trace, checks: Mapping[str, Checked], outcome: Mapping[str, str], yes: dict[str, Text], no: dict[str, Text]) -> None:
    if "learning-rates" not in checks or outcome["learning-rates"] == "not-possible":
        return
    numbers = checks["learning-rates"].numbers
    better = numbers.get("better")
    if outcome["one-batch"] == "passed":
        no["lr-too-low"] = Text("16 samples are learned by heart at this rate", "用这个学习率记住了 16 个样本")
    if outcome["learning-rates"] == "failed" and better is not None:
        reason = Text(f"x{better:g} does much better in the first steps", f"x{better:g} 在最初的步数里好得多")
        if better > 1 and outcome["one-batch"] != "passed":
            yes["lr-too-low"], no["lr-too-high"] = reason, reason
        elif better < 1:
            yes["lr-too-high"], no["lr-too-low"] = reason, reason
        return
    own, high, low = numbers.get("x1"), numbers.get("x100", math.nan), numbers.get("x0.01", math.nan)
    if outcome["learning-rates"] != "passed" or own is None or "better" in numbers:
        return
    # Only where the other end is in sight: a rate that is a million times off looks as if no rate mattered.
    if high is None or high > own * 1.2:
        no["lr-too-low"] = Text("a higher rate does no better, and x100 does worse", "更高的学习率并不更好，x100 反而更差")
    if low is not None and low > own * 1.05:
        no["lr-too-high"] = Text("a lower rate does no better", "更低的学习率并不更好")


# ------------------------------------------------------------------------------------------------ in another process


@dataclass(frozen=True)
class Request:
    """What the other process is asked to examine."""

    trace: str
    folder: str
    home: str
    path: str | None = None
    module: str | None = None
    args: tuple[str, ...] = ()
    jobs: int | None = None
    quiet: bool = False
    lang: str = "en"


def examine_apart(request: Request, environment: Mapping[str, str] | None = None) -> Checkup:
    """The check-up in a fresh interpreter; one that fails is an answer too."""
    words = [sys.executable, "-P", "-m", "unstuck.checkup"]
    given = msgspec.json.encode(request)
    process = subprocess.Popen(
        words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=request.home, env=dict(environment or os.environ), start_new_session=True
    )
    try:
        said, _ = process.communicate(given)
    except KeyboardInterrupt:
        process.terminate()  # it ends its arms by itself
        process.wait(10)
        raise
    try:
        return msgspec.json.decode(said, type=Checkup)
    except msgspec.MsgspecError:
        why = Text(f"the check-up's process ended with {process.returncode}", f"检查进程以 {process.returncode} 结束")
        return Checkup(checks=tuple(not_possible(name, why) for name in plugins.checks()))


def main(given: bytes) -> bytes:
    """Examine what is asked for; the record as JSON."""
    from unstuck.arms.arm import Arm
    from unstuck.arms.cache import Cache
    from unstuck.arms.local import LocalPool
    from unstuck.attach.script import Program
    from unstuck.language import _, choose
    from unstuck.progress import Progress
    from unstuck.store import load

    request = msgspec.json.decode(given, type=Request)
    choose(request.lang)
    program = Program(request.path, request.module, request.args)
    run = load(Path(request.trace))
    pool = LocalPool(Cache(Path(request.folder)), jobs=request.jobs, facts=run.facts)

    def make_arm(**settings: Any) -> Arm:
        return Arm(program, home=Path(request.home), **settings)

    with Progress(quiet=request.quiet) as progress:
        progress.stage(_("check-up"), len(questions()))
        return msgspec.json.encode(examine(run, pool, make_arm, progress.arm_done))


if __name__ == "__main__":
    import signal

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    sys.stdout.buffer.write(main(sys.stdin.buffer.read()))
