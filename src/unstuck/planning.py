"""What is worth trying on a program, and how much of it: from findings, facts and the untouched run's own curve and cost."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from random import Random
from typing import TypeVar

from unstuck import plugins, untreatable
from unstuck.arms.results import ArmResult
from unstuck.errors import unknown
from unstuck.ledger import ORDER, Candidate, Plan, Remedies
from unstuck.plugins import Remedy
from unstuck.records import Facts, Finding, Text
from unstuck.yardstick import LAST_PART, Measure, fall, first_steps

T = TypeVar("T")
#: Tried on general grounds where the findings propose too little; also the rivals that people try first, so that the report can rule
#: them out.
GENERAL = ("he-init", "lower-lr", "higher-lr", "clip-gradient-norm", "batch-norm", "weight-decay", "adam")
#: And first of all, where nothing was found: what lets a network learn its training batches, or if it does learn them, what lets it answer others.
#: A change of the source that hardly any script has a place for costs nothing where there is none.
FOR_LEARNING = ("keep-together", "wider-layers", "higher-lr", "hidden-layer")
FOR_OTHERS = ("keep-together", "weight-decay", "dropout", "early-stopping")
#: Single remedies and declared combinations at most; our choice: about half of the arms of a treatment.
SINGLES, COMBINATIONS = 12, 6
#: What says that a batch is no sample of the data.
ORDERED = "not-shuffled"
#: What all trials together may cost, in full runs; and in seconds of one core, where a full run is so short that starting an arm costs
#: most.
SHARE, LEAST_SECONDS = 1.25, 100.0
#: Steps below which no arm is read: a sound change of a stuck network hardly shows sooner. Our choice.
LEAST_STEPS = 100
#: The short way: share of the full run of its shortest arms, in long runs rather a multiple of the root of its steps, and fewest steps; factor
#: between one length and the next; and how much later than a symptom showed its cure is looked for. Our choice.
SHORT, GROWTH, LEAST_SHORT, LONGER, LATER = 1 / 16, 4.0, 24, 2.0, 1.5
#: Fewest training samples that a share of right answers rests on, where trials are judged by it: known to 2.5 % then. Our choice.
SEEN = 400
#: Confidence of a first finding from which on its own remedy is screened through the whole run before anything else. Our choice.
SURE = 0.9
#: The shortest arms are so many times longer where arms cannot rest: every longer one begins from the start.
RESTLESS = 4.0
#: What the short way may cost while nothing is proven, in full runs, and of a script with a finding whose full run takes less than so many
#: seconds of one core; and up to where, once something is, a better one is looked for.
PERSIST, PERSIST_SHORT, SHORT_RUN_S, COMPARE = 4.0, 8.0, 60.0, 1.0
#: Share of the full run that an arm of the confirmation covers at most.
LONGEST = 0.5
#: Seconds that a step of an arm costs more than one of the full run (split random streams, added layers); 0.7 to 1.7 ms on the demo.
EXTRA_S = 0.001
#: A remedy may make a step dearer still, and two arms share the memory: an arm may take this many times what it should.
PATIENCE, LEAST_PATIENCE_S = 6.0, 60.0


def candidates(
    findings: Sequence[Finding], facts: Facts, asked: Sequence[str] = (), suspected: Sequence[str] = (), *,
    judged_by_loss: bool = False, judged_by_batches: bool = False, learned: bool | None = None,
) -> list[Candidate]:  # fmt: skip
    """Hypotheses: the root causes that the check-up speaks for, then in the order of the findings; then what is generally worth trying.

    `asked`: the user's own list (ids, joined by +). `suspected`: root causes. `learned`: the training batches are learned well; None = not known.
    """
    known = plugins.remedies()
    if asked:
        return [_candidate(_in_order(tuple(a.split("+")), known), known, findings) for a in dict.fromkeys(asked)]
    causes: dict[str, str] = {}
    first = untreatable.lead(alarms(findings), suspected)
    found = [*suspected, *(f.root_cause for f in alarms(findings))]
    for cause in [first] if first in untreatable.WORTHLESS_SCORE else dict.fromkeys(found):
        fitting = [r for r in plugins.remedies_for(cause) if r.id not in causes and _usable(r, facts, judged_by_loss)]
        causes |= dict.fromkeys((r.id for r in one_of_each_kind(fitting)), cause)
    proposed = list(causes)
    first_of_all = () if causes or learned is None else FOR_OTHERS if learned else FOR_LEARNING
    general = dict.fromkeys((*first_of_all, *GENERAL))
    rivals = [i for i in general if i in known and i not in causes and _usable(known[i], facts, judged_by_loss)]
    if first in untreatable.ADVICE or (judged_by_batches and first == ORDERED):
        rivals = []  # whatever they gain, they do not mend the data; and batches of neighbours reward what forgets the last one fastest
    # At least a third of the places belongs to rivals: a cause is also confirmed by what does not cure it.
    kept = proposed[: SINGLES - min(len(rivals), SINGLES // 3)]
    singles = [*kept, *rivals[: SINGLES - len(kept)]]
    joins = [[(a, b) for b in known[a].joins if b in known and _usable(known[b], facts, judged_by_loss)] for a in kept]
    combined = list(dict.fromkeys(_in_order(pair, known) for pair in in_turn(joins)))[:COMBINATIONS]
    return [_candidate(r, known, findings, causes) for r in [*((i,) for i in singles), *combined]]


def alarms(findings: Sequence[Finding]) -> list[Finding]:
    """Those that count."""
    return [f for f in findings if not f.preview and f.severity != "note"]


def one_of_each_kind(remedies: Sequence[Remedy]) -> list[Remedy]:
    """The first remedy of every kind, then the second of every kind, ...: five activations in a row would leave no place for a norm.

    Remedies that change the same part and stand close in the order of trying are of one kind.
    """
    kinds: dict[tuple[str, int], list[Remedy]] = {}
    for remedy in remedies:
        kinds.setdefault((remedy.touches, remedy.order // 5), []).append(remedy)
    return in_turn(list(kinds.values()))


def in_turn(rows: Sequence[Sequence[T]]) -> list[T]:
    """The first of every row, then the second of every row, ..."""
    return [item for column in zip_longest(*rows, fillvalue=None) for item in column if item is not None]


def _usable(remedy: Remedy, facts: Facts, judged_by_loss: bool) -> bool:
    """It fits this program; and its effect can be told by the yardstick."""
    return not (judged_by_loss and remedy.touches == "loss") and why_not(remedy, facts) is None


def why_not(remedy: Remedy, facts: Facts) -> Text | None:
    """Why a remedy cannot be tried here; None = it can."""
    try:
        return remedy.precondition(facts)
    except Exception as error:  # a plug-in's fault is shown, not raised: the other remedies are none the worse for it
        return Text(f"its precondition failed: {error}", f"前提检查出错：{error}")


def _in_order(names: Remedies, known: Mapping[str, Remedy]) -> Remedies:
    for name in names:
        if name not in known:
            raise unknown("remedies", name, list(known))
    return tuple(sorted(names, key=lambda n: (ORDER.index(known[n].touches), known[n].order, n)))


def _candidate(
    names: Remedies, known: Mapping[str, Remedy], findings: Sequence[Finding], causes: Mapping[str, str] | None = None
) -> Candidate:
    treated = [c for n in names for c in [(causes or {}).get(n)] if c]
    if causes is None:
        treated = [f.root_cause for f in findings for n in names if f.root_cause in known[n].treats]
    return Candidate(names, frozenset(known[n].touches for n in names), treated[0] if treated else "")


def at_random(facts: Facts, seed: str, *, judged_by_loss: bool = False) -> list[list[Candidate]]:
    """What a search without a diagnosis would try: everything that fits the program, single and combined as declared, in random order."""
    known = plugins.remedies()
    usable = {name: remedy for name, remedy in known.items() if _usable(remedy, facts, judged_by_loss)}
    pairs = {_in_order((a, b), known) for a, remedy in usable.items() for b in remedy.joins if b in usable}
    found = sorted([*((name,) for name in usable), *pairs])
    Random(seed).shuffle(found)
    return [[_candidate(names, known, (), {}) for names in found[i : i + 2]] for i in range(0, len(found), 2)]


def in_groups(candidates: Sequence[Candidate], size: int = 3) -> list[list[Candidate]]:
    """What is screened together, the most promising first: the first finding's own first remedy; then its next ones, its combinations and
    what comes first for the other findings; then the rest."""
    causes = list(dict.fromkeys(c.root_cause for c in candidates if c.root_cause))
    lead = [c for c in candidates if causes and c.root_cause == causes[0]]
    single, joined = ([c for c in lead if (len(c.remedies) == 1) is alone] for alone in (True, False))
    firsts = [next(c for c in candidates if c.root_cause == cause) for cause in causes[1:]]
    second, third = single[1:3], [*joined[:2], *firsts[:1]]
    rest = [c for c in candidates if c not in (*single[:3], *third)]
    rows = in_turn([[c for c in rest if c.root_cause == cause] for cause in causes])
    rest = [*rows, *(c for c in rest if not c.root_cause)]
    return [g for g in (single[:1], second, third, *(rest[i : i + size] for i in range(0, len(rest), size))) if g]


# -------------------------------------------------------------------------------------------------- how much of it


@dataclass(frozen=True)
class Width:
    """How broad a treatment is; the narrower ones are for programs whose shortest sensible arm is dear."""

    candidates: int
    finalists: int
    pairs: int
    settle: bool

    def cost(self, screen: float, confirm: float) -> float:
        """Expected cost of all arms, where no finalist is dropped early, in the unit in which the cost of one arm of each kind is given."""
        short = max(4, math.ceil(self.candidates / 3)) + 2
        screened = self.candidates + (2 * (self.candidates - self.finalists) if self.settle else 0)
        return screened * screen + (2 + short + self.pairs * (1 + self.finalists)) * confirm


def widths(candidates: int, pairs: int) -> list[Width]:
    """From broad to narrow. Six pairs are the fewest that the exact test of `judgement.py` can decide by."""
    few = min(pairs, 6)
    return [
        Width(candidates, 3, pairs, True),
        Width(candidates, 3, pairs, False),
        Width(candidates, 2, pairs, False),
        Width(min(candidates, 8), 2, few, False),
        Width(min(candidates, 6), 1, few, False),
    ]


@dataclass(frozen=True)
class Budget:
    """A plan, with what it will cost."""

    plan: Plan
    candidates: int
    #: In full runs, by steps.
    expected: float
    #: Wall-clock seconds.
    arm_limit_s: float


def make_plan(
    control: ArmResult, measure: Measure, candidates: int, *, pairs: int | None = None, steps: int | None = None, seed: int = 0
) -> Budget:
    """Length and number of the arms: as long as the budget allows, never so short that the yardstick does not show.

    Of the widths from broad to narrow the first is taken whose shortest arms fit into the budget; then its arms are made as long as fits. All
    of it by steps, so that a busy machine changes nothing of what is tried.
    """
    most = allowed(control)
    shown = first_steps(control, measure)
    total = max(control.steps + 1, 2)
    least = min(total, max(steps or LEAST_STEPS, shown[0] if shown else 0))
    options = widths(candidates, pairs or 8)

    def one(length: int) -> float:
        return in_runs(control, min(length, control.steps), 1)

    width = next((w for w in options if w.cost(*2 * (one(least),)) <= most), options[-1])
    confirm = least if steps is not None else at_validation(least, shown, total)
    for share in (LONGEST * 0.9**i for i in range(40)) if steps is None else ():
        longer = at_validation(max(least, round(share * total)), shown, total)
        if width.cost(one(screen_steps(longer, least, shown, total)), one(longer)) <= most:
            confirm = longer
            break
    screen = confirm if steps is not None else screen_steps(confirm, least, shown, total)
    plan = Plan(screen_steps=screen, confirm_steps=confirm, pairs=width.pairs, finalists=width.finalists, settle=width.settle, seed=seed)
    limit = max(LEAST_PATIENCE_S, PATIENCE * arm_seconds(control, confirm))
    return Budget(plan, width.candidates, width.cost(one(screen), one(confirm)), float(math.ceil(limit)))


def allowed(control: ArmResult) -> float:
    """What all trials together may cost, in full runs. How long one takes is known to a factor of four: as a busy machine may change it."""
    rough = 4.0 ** round(math.log(max(control.seconds, 1e-3), 4))
    return max(SHARE, LEAST_SECONDS / rough)


def lengths(
    control: ArmResult, measure: Measure, findings: Sequence[Finding], *, rests: bool = True, batch: int = 0
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """For the short way (`pursuit.py`): lengths of screened arms, and numbers of steps at which the yardstick shows, both ascending.

    `rests`: a longer arm goes on where a shorter one of its kind stopped. `batch`: samples of one, where known.

    The shortest arm is long enough for the yardstick, for a change to show, for the symptom of the first finding to have shown, and, where the
    untouched run ends worse than it once was, for that fall: before it nothing is wrong that a cure could mend. Where
    nothing was found, no arm is shorter than half of the run: what only starts faster cures nothing.
    """
    total = max(control.steps + 1, 2)
    shown = [s for s in first_steps(control, measure) if s <= total]
    found = alarms(findings)
    symptom = found[0].first_step if found else 0
    if not found:
        half = [s for s in shown or (total // 2, total) if s >= total // 2] or [total]
        return tuple(sorted({half[0], half[-1]})), tuple(half)
    short = min(SHORT * total, GROWTH * math.sqrt(total)) * (1.0 if rests else RESTLESS)
    # A script of few steps makes large ones: a quarter of them says what there is to be said.
    least = min(total, max(min(LEAST_SHORT, math.ceil(total / 4)), round(short), round(LATER * symptom), fall(control, measure)))
    if measure.noisy and batch and not measure.is_loss:
        least = min(total, max(least, math.ceil(SEEN / (LAST_PART * batch))))
    rungs = 1 + math.ceil(math.log(total / least, LONGER))
    wanted = [min(total, round(least * LONGER**i)) for i in range(rungs)]
    rows = {min(shown, key=lambda s: abs(math.log(s / w))) if shown else w for w in wanted}
    if not shown:
        shown = sorted({max(1, h * part // 4) for h in rows for part in (1, 2, 3, 4)})
    return tuple(sorted(rows)), tuple(shown)


def start_share(control: ArmResult) -> float:
    """What comes before the first step, as a share of a full run: a power of two, so that a busy machine does not change what is tried."""
    share = control.startup_s / max(control.seconds, 1e-9)
    return min(1.0, max(1 / 1024, 2.0 ** round(math.log2(max(share, 1e-9)))))


def in_runs(control: ArmResult, steps: int, starts: int) -> float:
    """What arms with so many steps altogether cost, in full runs: by steps, not by a clock."""
    return steps / max(control.steps, 1) + starts * start_share(control)


def screen_steps(confirm: int, least: int, shown: Sequence[int], total: int) -> int:
    """Half as long as a confirmation, where that shows anything."""
    return min(confirm, at_validation(max(least, confirm // 2), shown, total))


def at_validation(steps: int, shown: Sequence[int], total: int) -> int:
    """The next number of steps at or below `steps` behind which a validation was just seen; the first one where there is none below."""
    if not shown:
        return min(steps, total)
    return max((s for s in shown if s <= steps), default=shown[0])


def arm_seconds(control: ArmResult, steps: int) -> float:
    """What an arm of so many steps costs: the start, and its share of the rest."""
    steps = min(steps, max(control.steps, 1))
    return control.startup_s + (control.seconds - control.startup_s) * steps / max(control.steps, 1) + EXTRA_S * steps
