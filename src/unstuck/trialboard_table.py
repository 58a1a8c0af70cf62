"""What a clinic's treatments come to: counted, each number with its denominator, and as a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from statistics import median
from typing import Any

from unstuck import plugins
from unstuck.language import _
from unstuck.scoreboard import share
from unstuck.treated import Treated, gain_share


def scores(rows: Sequence[Treated]) -> dict[str, Any]:
    """All numbers, each with its denominator and the cases that fall short."""
    faulty = [r for r in rows if not r.healthy]
    healthy = [r for r in rows if r.healthy]
    shares = [(r.ours.share if r.ours.proven else 0.0) for r in faulty if gain_share(r.untouched, r.fixed, r.fixed) is not None]
    proven_shares = [r.ours.share for r in faulty if r.ours.share is not None]
    costs = [r.cost for r in faulty if r.cost is not None]
    in_steps = [r.cost_in_steps for r in faulty if r.cost_in_steps is not None]
    compared = [r for r in faulty if r.against_random is not None]
    dearer = [r.random.runs / r.ours.runs for r in compared if r.random is not None and r.ours.runs]
    return {
        "faulty": len(faulty),
        "proven": sum(r.ours.proven for r in faulty),
        "share_of_fix_median": median(proven_shares) if proven_shares else None,
        "share_of_fix_cases": len(proven_shares),
        "share_of_fix_median_all": median([s if s is not None else 0.0 for s in shares]) if shares else None,
        "share_of_fix_all_cases": len(shares),
        "cost_median": median(costs) if costs else None,
        "cost_cases": len(costs),
        "cost_in_steps_median": median(in_steps) if in_steps else None,
        "compared_with_random": len(compared),
        "better_than_random": sum(r.against_random == 1 for r in compared),
        "same_as_random": sum(r.against_random == 0 for r in compared),
        "worse_than_random": sum(r.against_random == -1 for r in compared),
        **{f"{word}_at_equal_cost": sum(r.at_equal_cost == i for r in compared) for word, i in (("better", 1), ("same", 0), ("worse", -1))},
        "random_cost_median": median(dearer) if dearer else None,
        "random_proven": sum(bool(r.random and r.random.proven) for r in compared),
        "healthy": len(healthy),
        "helps_on_healthy": sum(r.ours.proven for r in healthy),
        "not_repeated": sum(r.repeats is False for r in healthy),
        "rows": [asdict(r) | _measures(r) for r in rows],
        "unproven": [r.case for r in faulty if not r.ours.proven],
        "no_remedy": [r.case for r in faulty if not r.ours.proven and not plugins.remedies_for(r.root_cause)],
        "not_better_than_random": [r.case for r in compared if r.against_random != 1],
        "failed": [f"{r.case}: {r.failed}" for r in rows if r.failed],
    }


def _measures(row: Treated) -> dict[str, Any]:
    names = ("cost", "cost_in_steps", "against_random", "at_equal_cost")
    return {name: getattr(row, name) for name in names}


# ------------------------------------------------------------------------------------------------------------ as text


def table(numbers: dict[str, Any]) -> str:
    """The scores as Markdown, in the language of everything said."""
    n = numbers["faulty"]
    proven = _("faulty scripts with a proven gain (lower 95 % bound above 0): {share}").format(share=share(numbers["proven"], n))
    median_share = _("median share of the recorded fix's gain: {share} over {n} proven; {all} over all {m}, unproven ones as 0")
    cost = _("median cost of the trials: {cost} full runs by seconds of one core, {steps} by optimizer steps, over {n} scripts").format(
        cost=_number(numbers["cost_median"], ".2f"), steps=_number(numbers["cost_in_steps_median"], ".2f"), n=numbers["cost_cases"]
    )
    lines = [
        f"- {proven}",
        "- "
        + median_share.format(
            share=_number(numbers["share_of_fix_median"], ".0%"), n=numbers["share_of_fix_cases"],
            all=_number(numbers["share_of_fix_median_all"], ".0%"), m=numbers["share_of_fix_all_cases"],
        ),
        f"- {cost}",
    ]  # fmt: skip
    if numbers["no_remedy"]:
        told = _("of the unproven, with a cause that no remedy treats (they count as unproven all the same): {n}")
        lines.append(f"- {told.format(n=len(numbers['no_remedy']))}")
    compared = numbers["compared_with_random"]
    if compared:
        told = _(
            "better than random search, which may finish what it has begun at our cost: {better}; same: {same}; worse: {worse}; "
            "random search proved {proven}"
        )
        counts = {k: numbers[f"{k}_than_random"] for k in ("better", "worse")} | {"same": numbers["same_as_random"]}
        shown = {k: share(v, compared) for k, v in (counts | {"proven": numbers["random_proven"]}).items()}
        lines.append(f"- {told.format(**shown)}")
    if compared and "better_at_equal_cost" in numbers:  # samples kept from before do not tell
        told = _(
            "where what it proved only after it had cost more than ours does not count: better {better}; same {same}; worse {worse}; "
            "in the median it cost {times} times as much as ours"
        )
        shown = {k: share(numbers[f"{k}_at_equal_cost"], compared) for k in ("better", "same", "worse")}
        lines.append(f"- {told.format(**shown, times=_number(numbers['random_cost_median'], '.2f'))}")
    if numbers["healthy"]:
        told = _("healthy scripts with a help claimed: {share}, of which not repeated on fresh seeds: {n}")
        lines.append(f"- {told.format(share=share(numbers['helps_on_healthy'], numbers['healthy']), n=numbers['not_repeated'])}")
    head = [
        _("case"),
        _("cause"),
        _("first finding"),
        _("best"),
        _("effect"),
        _("95 %"),
        _("pairs"),
        _("of the fix"),
        _("cost"),
        _("random"),
    ]
    lines += ["", f"| {' | '.join(head)} |", "|" + "---|" * len(head)]
    lines += [f"| {' | '.join(_cells(row))} |" for row in numbers["rows"]]
    for title, names in (
        (_("No proven gain"), numbers["unproven"]),
        (_("Not better than random"), numbers["not_better_than_random"]),
        (_("Failed by themselves"), numbers["failed"]),
    ):
        if names:
            lines += ["", f"## {title}", "", *(f"- {name}" for name in names)]
    return "\n".join(lines) + "\n"


def _cells(row: dict[str, Any]) -> list[str]:
    ours, drawn = row["ours"], row["random"]
    interval = "..".join(f"{v:.3f}" for v in ours["interval"]) if ours["interval"] else "-"
    if row["repeats"] is not None:
        interval += " " + (_("repeats") if row["repeats"] else _("does not repeat"))
    other = "-" if drawn is None else " + ".join(drawn["best"]) or _("no remedy")
    if drawn is not None and drawn["share"] is not None:
        other += f" {drawn['share']:.0%}"
    best = " + ".join(ours["best"]) or row["note"] or "-"
    cells = (_number(ours["effect"], "+.3f"), interval, str(ours["pairs"]), _number(ours["share"], ".0%"), _number(row["cost"], ".2f"))
    return [row["case"], row["root_cause"], row["found"] or "-", best, *cells, other]


def _number(value: float | None, form: str) -> str:
    return "-" if value is None else format(value, form)
