"""What is worth trying on a program, in which order: from findings and facts."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import zip_longest
from random import Random
from typing import TypeVar

from unstuck import plugins, untreatable
from unstuck.errors import unknown
from unstuck.ledger import ORDER, Candidate, Remedies
from unstuck.plugins import Remedy
from unstuck.records import Facts, Finding, Text

T = TypeVar("T")
#: Tried on general grounds where the findings propose too little; also the rivals that people try first, so that the report can rule
#: them out.
GENERAL = ("he-init", "lower-lr", "higher-lr", "clip-gradient-norm", "batch-norm", "weight-decay", "adam")
#: And first of all, where nothing was found: what lets a network learn its training batches, or if it does learn them, what lets it answer others.
#: What hardly any script has a place for (a change of the source, parameters that nobody trains) costs nothing where there is none.
FOR_LEARNING = ("keep-together", "wider-layers", "train-all-parameters", "higher-lr", "lower-lr", "hidden-layer")
FOR_OTHERS = ("keep-together", "weight-decay", "train-all-parameters", "dropout", "early-stopping")
#: Single remedies and declared combinations at most; our choice: about half of the arms of a treatment.
SINGLES, COMBINATIONS = 12, 6
#: What says that a batch is no sample of the data.
ORDERED = "not-shuffled"


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
    first_of_all = () if causes or learned is None else FOR_OTHERS if learned else FOR_LEARNING
    general = dict.fromkeys((*first_of_all, *GENERAL))
    rivals = [i for i in general if i in known and i not in causes and _usable(known[i], facts, judged_by_loss)]
    if first in untreatable.ADVICE or (judged_by_batches and first == ORDERED):
        rivals = []  # whatever they gain, they do not mend the data; and batches of neighbours reward what forgets the last one fastest
    # At least a third of the places belongs to rivals: a cause is also confirmed by what does not cure it.
    rows = [[i for i in causes if causes[i] == cause] for cause in dict.fromkeys(causes.values())]
    kept = shared_out(rows, SINGLES - min(len(rivals), SINGLES // 3))
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


def shared_out(rows: Sequence[Sequence[T]], places: int) -> list[T]:
    """The first row gets half of the places, and what the others leave; these share theirs in turn: a first finding may be wrong."""
    others = in_turn(rows[1:])
    lead = list(rows[0][: max(math.ceil(places / 2), places - len(others))]) if rows else []
    return [*lead, *others[: places - len(lead)]]


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
