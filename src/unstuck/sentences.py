"""What a report says, in sentences and in order; how they are laid out is the renderer's own business.

A sentence is complete and translated as a whole; everything here speaks the language that `wording.speaking` set.
"""

from __future__ import annotations

import math
import shlex
from collections.abc import Sequence

from unstuck import __version__
from unstuck.language import _
from unstuck.records import Facts, Finding, Report, Verdict
from unstuck.wording import cause_names, counted, root_cause, where, written_like, yardstick

#: Up to so many ids are listed; more are counted. Our choice: they fit on one line of 100 columns.
LISTED = 8
#: Of fewer steps, which are all looked at, no overhead is told: it would say nothing of a training.
SHORT = 20


# -------------------------------------------------------------------------------------------------------- structure


def consequences(report: Report) -> list[tuple[Finding, list[Finding]]]:
    """Every finding that no earlier one explains, with those that it explains, directly or through another one."""
    table: list[tuple[Finding, list[Finding]]] = []
    for finding in report.findings:
        owner = next((own for own in table if any(finding.root_cause in f.explains for f in (own[0], *own[1]))), None)
        if owner is None or owner[0].root_cause == finding.root_cause:
            table.append((finding, []))
        else:
            owner[1].append(finding)
    return table


def causes_to_tell(report: Report, group: Sequence[Finding]) -> list[str]:
    """Root causes whose verdicts belong to this group of findings: each is told once, with its first finding."""
    first = {f.root_cause: f for f in reversed(report.findings)}
    return [f.root_cause for f in group if first[f.root_cause] is f]


def verdicts_of(report: Report, root_cause: str) -> list[Verdict]:
    """The verdicts on one root cause: what helps first, largest effect first."""
    rank = {"helps": 0, "unclear": 1, "no-difference": 2, "harms": 3}
    own = [v for v in report.verdicts if v.trial.root_cause == root_cause]
    return sorted(own, key=lambda v: (rank[v.outcome], -(v.effect or 0.0)))


def without_finding(report: Report) -> list[str]:
    """Root causes that were tried without a finding."""
    found = {f.root_cause for f in report.findings}
    return list(dict.fromkeys(v.trial.root_cause for v in report.verdicts if v.trial.root_cause not in found))


# ---------------------------------------------------------------------------------------------------------- verdicts


def tried(verdicts: Sequence[Verdict]) -> str:
    """`Tried (8 pairs each, 120 steps, judged by validation accuracy)`."""
    pairs, steps = sorted({v.pairs for v in verdicts}), sorted({v.trial.steps for v in verdicts})
    yardsticks = ", ".join(dict.fromkeys(yardstick(v.trial.yardstick.name) for v in verdicts))
    if len(pairs) > 1:
        count = _("{low} to {high} pairs").format(low=pairs[0], high=pairs[-1])
    else:
        count = counted(pairs[0], _("{n} pair each"), _("{n} pairs each"))
    if len(steps) > 1:
        length = _("{low} to {high} steps").format(low=steps[0], high=steps[-1])
    else:
        length = counted(steps[0], _("{n} step"), _("{n} steps"))
    if not all(v.trial.yardstick.higher_is_better for v in verdicts):
        yardsticks = _("{yardstick}, lower is better").format(yardstick=yardsticks)
    return _("Tried ({pairs}, {steps}, judged by {yardstick})").format(pairs=count, steps=length, yardstick=yardsticks)


def measured(verdict: Verdict) -> tuple[str, str]:
    """`0.11 -> 0.96` and `+0.85, 95 % 0.83..0.87`; a dash where there is no number."""
    both = [(c, t) for c, t in zip(verdict.trial.control, verdict.trial.treated, strict=False) if c is not None and t is not None]
    both = [(c, t) for c, t in both if math.isfinite(c) and math.isfinite(t)]
    if not both:
        return "-", "-"
    control, treated = (sum(column) / len(both) for column in zip(*both, strict=True))
    write = written_like(control, treated)
    means = f"{write(control)} -> {write(treated)}"
    if verdict.effect is None:
        return means, "-"
    effect = write(verdict.effect)
    effect = effect if effect.startswith("-") else f"+{effect}"
    if verdict.interval is None:
        return means, effect
    low, high = verdict.interval
    return means, f"{effect}, {100 * verdict.level:.3g} % {write(low)}..{write(high)}"


def symptom(verdict: Verdict) -> str:
    """Whether the symptom went; empty where nobody looked."""
    gone = verdict.trial.symptom_gone
    return "" if gone is None else _("symptom gone") if gone else _("symptom still there")


def remarks(verdict: Verdict, lang: str) -> list[str]:
    """What else must be known of a verdict: its reason, arms without a number, a change that did not last."""
    trial, reason = verdict.trial, verdict.reason.in_language(lang) if verdict.reason else ""
    said = [as_sentence(reason)] if reason else []
    for values, diverged, lost_one, diverged_one in (
        (
            trial.control,
            trial.diverged_control,
            _("{n} of {all} untouched arms gave no number."),
            _("{n} of {all} untouched arms diverged."),
        ),
        (trial.treated, trial.diverged_treated, _("{n} of {all} treated arms gave no number."), _("{n} of {all} treated arms diverged.")),
    ):
        lost = [i for i, value in enumerate(values) if value is None or not math.isfinite(value)]
        apart = 0 if reason else len([i for i in lost if i in diverged])  # a reason tells of divergence itself
        silent = len([i for i in lost if i not in diverged])
        said += [sentence.format(n=n, all=len(values)) for n, sentence in ((apart, diverged_one), (silent, lost_one)) if n]
    said += [failure for failure in dict.fromkeys(trial.failures) if failure not in reason]
    if trial.in_force is False and not reason:
        said.append(_("The change was no longer in force after the last step."))
    return said


# --------------------------------------------------------------------------------------------------------- sentences


def as_sentence(text: str) -> str:
    """A capital at the start, a full stop at the end."""
    text = text if text.endswith((".", "。", "?", "？")) else text + _(".")
    return text[:1].upper() + text[1:]


def headline(report: Report) -> list[str]:
    """`unstuck 0.1.0`, `train.py`, `400 steps watched`, `overhead 0.8 %`, `11 signals at 9 places`."""
    facts = report.facts
    parts = [f"unstuck {__version__}", facts.script or "-"]
    parts.append(counted(facts.steps, _("{n} step watched"), _("{n} steps watched")))
    if facts.steps >= SHORT:
        parts.append(_("overhead {share} %").format(share=f"{100 * facts.overhead:.1f}"))
    if report.signals:
        parts.append(_("{signals} signals at {places} places").format(signals=report.signals, places=report.measured_places))
    return parts


def ending(facts: Facts) -> str | None:
    """How the run ended, where it did not simply finish."""
    steps = facts.steps
    if facts.stopped_by:
        sentence = _("The run was ended after step {steps}, because {rule} is certain (--stop-early).")
        return sentence.format(steps=steps, rule=facts.stopped_by)
    if facts.exit == "failed":
        error = facts.error or _("no error message")
        return _("The script failed by itself after step {steps}: {error}").format(steps=steps, error=error)
    if facts.exit == "stopped":
        return _("The run was stopped after step {steps}; this is what was seen up to there.").format(steps=steps)
    if facts.exit == "running":
        return _("The run has not ended, or was killed; this is what was seen up to step {steps}.").format(steps=steps)
    return None


def no_problem(report: Report) -> str:
    """The answer where nothing was found; never more than what was looked at."""
    if not report.facts.steps:
        return _("No optimizer step was seen, so nothing could be judged.")
    return _("No problem found.") if report.facts.exit == "finished" else _("No problem found up to there.")


def conclusion(report: Report) -> list[str]:
    """The whole report in one or two sentences: the cause that we would bet on, and what helps."""
    said = [no_problem(report)]
    if report.findings:
        first = report.findings[0]
        cause = cause_names().get(first.root_cause, first.root_cause)
        sentence = _("{cause}: {place}.") if first.places else _("{cause}.")
        said = [as_sentence(sentence.format(cause=cause, place=where(first.places)))]
    best = next((v for v in report.verdicts if v.trial.remedies == report.best), None)
    if best is not None:
        change, name = " + ".join(report.best), yardstick(best.trial.yardstick.name)
        said.append(_("{change} helps: {name} {means}.").format(change=change, name=name, means=measured(best)[0]))
    elif report.verdicts and all(v.outcome != "unclear" for v in report.verdicts):
        said.append(_("Nothing that was tried helps."))
    return said


def answers(report: Report, lang: str) -> list[str]:
    """What follows from the trials, and the next step."""
    said = []
    best = next((v for v in report.verdicts if v.trial.remedies == report.best), None)
    if best is not None:
        means, effect = measured(best)
        change, name = " + ".join(report.best), yardstick(best.trial.yardstick.name)
        said.append(_("Best: {change}: {name} {means} ({effect}).").format(change=change, name=name, means=means, effect=effect))
    elif report.verdicts:
        unclear = sum(v.outcome == "unclear" for v in report.verdicts)
        open_ends = counted(unclear, _("No remedy is proven to help; {n} is unclear."), _("No remedy is proven to help; {n} are unclear."))
        said.append(open_ends if unclear else _("Nothing that was tried helps."))
    if report.treatment_note:
        said.append(as_sentence(report.treatment_note.in_language(lang)))
    if report.cost and report.cost.arms:
        said.append(costs(report))
    script = report.facts.script
    if script and not report.verdicts and not report.treatment_note and any(f.remedies for f in report.findings):
        command = " ".join(("unstuck treat", script, *map(shlex.quote, report.facts.arguments)))
        said.append(_("Try the remedies: {command}").format(command=command))
    return said


def checked(report: Report) -> str:
    """`Check-up (7 arms of 100 steps, 12.3 s of one core)`; empty where none was made."""
    checkup = report.checkup
    if checkup is None:
        return ""
    if not checkup.arms:
        return _("Check-up")
    arms = counted(checkup.arms, _("{n} arm"), _("{n} arms"))
    said = _("Check-up ({arms} of {steps} steps, {seconds} s of one core)")
    return said.format(arms=arms, steps=checkup.steps, seconds=f"{checkup.seconds:.1f}")


def unexamined(report: Report, lang: str) -> str:
    """Where no check was possible, and for one reason: the reason; else empty."""
    checks = report.checkup.checks if report.checkup is not None else ()
    reasons = {c.reading for c in checks}
    if len(reasons) != 1 or any(c.outcome != "not-possible" for c in checks):
        return ""
    return as_sentence(_("No check-up: {why}").format(why=checks[0].reading.in_language(lang)))


def pointed(report: Report, lang: str) -> list[str]:
    """Root causes that the check-up speaks for and no rule found."""
    found = {f.root_cause for f in report.findings}
    confirmed = report.checkup.confirmed if report.checkup is not None else {}
    return [
        as_sentence(_("The check-up points to {cause}: {why}").format(cause=root_cause(cause), why=why.in_language(lang)))
        for cause, why in confirmed.items()
        if cause not in found
    ]


def patch(report: Report, lang: str) -> list[str]:
    """What must be known of the patch; its diff is the renderer's own."""
    patch, said = report.patch, []
    if patch is None:
        return []
    change = " + ".join(patch.remedies)
    if patch.diff and patch.remedies != report.best:
        said.append(_("{best} cannot be written into the script; the next best can.").format(best=" + ".join(report.best)))
    if patch.diff and patch.verdict is not None:
        (means, effect), name = measured(patch.verdict), yardstick(patch.verdict.trial.yardstick.name)
        pairs = counted(patch.verdict.pairs, _("{n} pair"), _("{n} pairs"))
        sentence = _("Patch: {change}. The patched script, run for itself: {name} {means} ({effect}; {pairs}).")
        said.append(sentence.format(change=change, name=name, means=means, effect=effect, pairs=pairs))
    if patch.reason is not None:
        said.append((_("No patch: {reason}") if not patch.diff else "{reason}").format(reason=as_sentence(patch.reason.in_language(lang))))
    if patch.written:
        said.append(_("Written into {files}; the file as it was lies beside it (.orig).").format(files=", ".join(patch.written)))
    return said


def costs(report: Report) -> str:
    """What the trials cost, against one full run."""
    assert report.cost is not None
    cost = report.cost
    arms = counted(cost.arms, _("{n} arm"), _("{n} arms"))
    spent = _("Cost: {arms}, {trials} s of one core").format(arms=arms, trials=f"{cost.trials_s:.1f}")
    if cost.full_run_s <= 0:
        return spent + _(".")
    full, times = f"{cost.full_run_s:.1f}", f"{cost.trials_s / cost.full_run_s:.1f}"
    return spent + _("; one full run of the script takes {full} s ({times} times that).").format(full=full, times=times)


def silence(report: Report, lang: str, *, verbose: bool = False) -> list[str]:
    """What was looked for and not found, and what could not be looked for: skipped is not clean."""
    said = []
    if report.clean:
        count = counted(len(report.clean), _("Looked for and not found: {n} cause"), _("Looked for and not found: {n} causes"))
        listed = _(" ({ids})").format(ids=", ".join(report.clean)) if verbose or len(report.clean) <= LISTED else ""
        said.append(count + listed + _("."))
    reasons: dict[str, list[str]] = {}
    for skipped in report.skipped:
        reasons.setdefault(skipped.reason.in_language(lang).rstrip(".。"), []).append(skipped.rule)
    if reasons:
        listed = _("; ").join(_("{rules} ({reason})").format(rules=", ".join(rules), reason=reason) for reason, rules in reasons.items())
        said.append(_("Could not look: {rules}").format(rules=listed) + _("."))
    return said


def unseen(report: Report, lang: str) -> list[str]:
    """What the configuration set aside, blind spots, and probes that failed."""
    facts = report.facts
    said = [notice.in_language(lang) for notice in report.notices]
    said += [
        _("Not visible: {what} ({reason})").format(what=b.what, reason=b.reason.in_language(lang).rstrip(".。")) + _(".")
        for b in facts.blind
    ]
    for probe, error in facts.disarmed.items():
        said.append(_("The probe {probe} failed and was switched off; the training went on: {error}").format(probe=probe, error=error))
    return said
