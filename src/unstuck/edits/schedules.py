"""Edits of the learning rate's schedule: one more, none, or stepped after every epoch instead of every batch."""

from __future__ import annotations

import ast

from unstuck.edits.calls import argument, last_name, number, plain, prefix
from unstuck.edits.loops import method_statements, one_optimizer, step
from unstuck.edits.optimizers import place_of, refuse_groups
from unstuck.edits.reach import beside_optimizer, bound, loops_around, reads
from unstuck.edits.source import Draft, NoPatch, Source

#: torch's schedulers that multiply the rate of the moment, so that several of them multiply.
MULTIPLYING = frozenset((
    "StepLR", "MultiStepLR", "ExponentialLR", "MultiplicativeLR", "ConstantLR", "LinearLR", "PolynomialLR", "ReduceLROnPlateau",
))  # fmt: skip
SETTING = frozenset((
    "LambdaLR", "CosineAnnealingLR", "CosineAnnealingWarmRestarts", "CyclicLR", "OneCycleLR", "SequentialLR", "ChainedScheduler",
))  # fmt: skip
#: Those whose constructor leaves the rate as it is.
QUIET = frozenset(("StepLR", "MultiStepLR", "ExponentialLR", "MultiplicativeLR", "ReduceLROnPlateau", "CosineAnnealingLR", "PolynomialLR"))


def schedules(draft: Draft) -> list[tuple[Source, ast.Call]]:
    """Every construction of one of torch's schedulers."""
    return [(s, c) for s, c in draft.each(ast.Call) if last_name(c.func) in MULTIPLYING | SETTING]


def refuse_hand_set(draft: Draft) -> None:
    """NoPatch where a line of the script sets the rate itself."""
    for source, node in draft.each(ast.stmt):
        for target in node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AugAssign) else []:
            if isinstance(target, ast.Subscript) and isinstance(target.slice, ast.Constant) and target.slice.value == "lr":
                text = source.written(node)
                raise NoPatch(f"The script sets the rate itself ({text}).", f"脚本自己设定学习率（{text}）。")


def warm_up(draft: Draft, steps: int) -> None:
    """A linear rise over the first steps, beside whatever schedule multiplies the rate."""
    refuse_hand_set(draft)
    found = schedules(draft)
    if draft.facts.schedulers and not found:
        raise NoPatch("How the script schedules its rate is not to be seen.", "看不出脚本如何调度学习率。")
    for source, call in found:
        cosine = last_name(call.func) == "CosineAnnealingLR" and argument(call, "eta_min", 2) is None
        if last_name(call.func) not in MULTIPLYING and not cosine:
            text = source.written(call.func)
            raise NoPatch(f"{text} sets the rate and would undo a warm-up.", f"{text} 直接设定学习率，会抵消预热。")
    # LinearLR reaches 1 after total_iters steps: (t + 1)/n at step t.
    _every_step(draft, "warm_up", f"LinearLR({{}}, start_factor=1 / {steps}, total_iters={steps - 1})")


def lr_decay(draft: Draft, steps: int) -> None:
    """Half a cosine down to a hundredth; only where nothing else moves the rate."""
    refuse_hand_set(draft)
    if schedules(draft) or draft.facts.schedulers:
        raise NoPatch("The script has a schedule already.", "脚本已经有学习率调度。")
    source, call, facts = one_optimizer(draft)
    refuse_groups(source, call, "lr")
    old = argument(call, "lr", place_of(call, "lr"))
    rate = facts.settings.get("lr")  # type: ignore[attr-defined]
    value = number(old) if old is not None else rate
    if number(old) is None and isinstance(old, ast.Name):
        home, _ = bound(draft, *_step(draft))
        if home.source is source and source.function(home.statement) is source.function(call):
            _every_step(draft, "decay", f"CosineAnnealingLR({{}}, T_max={steps}, eta_min=0.01 * {old.id})")
            return
        value = rate
    if value is None:
        raise NoPatch("The learning rate is not to be read.", "读不出学习率。")
    _every_step(draft, "decay", f"CosineAnnealingLR({{}}, T_max={steps}, eta_min={plain(0.01 * float(value))})")


def _step(draft: Draft) -> tuple[Source, ast.AST, str]:
    return step(draft)


def _every_step(draft: Draft, wanted: str, written: str) -> None:
    """A scheduler behind the optimizer, stepped behind the optimizer's step."""
    source, statement, _ = step(draft)
    new = beside_optimizer(draft, wanted)
    made = new.made
    scheduler = prefix(made.source, "torch.optim.lr_scheduler") + written.format(made.name)
    made.source.after(made.statement, [f"{new.name} = {scheduler}"])
    source.after(statement, [f"{new.at_step}.step()"])


# ------------------------------------------------------------------------------------------- the script's own schedule


def scheduler_steps(draft: Draft) -> list[tuple[Source, ast.Expr, ast.Call]]:
    """Statements that step a scheduler of torch that the files make."""
    found = []
    for source, statement, call in method_statements(draft, "step"):
        assert isinstance(call.func, ast.Attribute)
        try:
            home, _ = bound(draft, source, statement, source.written(call.func.value))
        except NoPatch:
            continue
        made = home.value
        if isinstance(made, ast.Call) and last_name(made.func) in MULTIPLYING | SETTING:
            found.append((source, statement, call))
    if not found:
        raise NoPatch("No line that steps a scheduler is to be seen.", "看不到调度器的 step 语句。")
    return found


def without_schedule(draft: Draft) -> None:
    """Take out the lines that step the schedulers; those that make them too, where nothing else asks for them."""
    refuse_hand_set(draft)
    homes: dict[ast.stmt, tuple[Source, str, ast.Call]] = {}
    stepped: dict[ast.stmt, int] = {}
    found = scheduler_steps(draft)
    for source, statement, call in found:
        assert isinstance(call.func, ast.Attribute)
        home, way = bound(draft, source, statement, source.written(call.func.value))
        made = home.value
        assert isinstance(made, ast.Call)
        homes[home.statement] = (home.source, home.name, made)
        stepped[home.statement] = stepped.get(home.statement, 0) + 1 if not way else 99
        source.delete(statement)
    for home_statement, (source, name, made) in homes.items():
        kind = last_name(made.func)
        cycles = argument(made, "cycle_momentum")
        if kind in ("OneCycleLR", "CyclicLR") and not (isinstance(cycles, ast.Constant) and cycles.value is False):
            raise NoPatch(f"{kind} moves the momentum as well.", f"{kind} 还会改变动量。")
        inside = any(made in ast.walk(other) and made is not other for other in (h[2] for h in homes.values()))
        if len(reads(source, name)) == stepped[home_statement] and not inside:
            source.delete(home_statement)
        elif kind not in QUIET:
            raise NoPatch(f"{kind} changes the rate when it is made, and is used elsewhere.", f"{kind} 创建时就改变学习率，且在别处使用。")


def per_epoch(draft: Draft) -> None:
    """Move the scheduler's step from the end of a batch to behind the loop over the batches."""
    where, statement, _ = step(draft)
    loop = where.loop(statement)
    found = [(s, e, c) for s, e, c in scheduler_steps(draft) if s is where and s.loop(e) is loop and loop is not None]
    if len(found) != 1 or loop is None:
        raise NoPatch("No scheduler is stepped once in the loop over the batches.", "批次循环里没有只调用一次的调度器 step。")
    source, line, call = found[0]
    if line not in loop.body or call.args or call.keywords:
        raise NoPatch("The scheduler is stepped under a condition, or by a value.", "调度器的 step 带有条件或参数。")
    if any(isinstance(n, ast.Break | ast.Continue | ast.Return) for n in ast.walk(loop)):
        raise NoPatch("The loop over the batches can be left early.", "批次循环可能提前结束。")
    outer = list(loops_around(source, loop))
    function = source.function(loop)
    in_a_loop = function is not None and any(s.loop(c) is not None for s, c in draft.each(ast.Call) if last_name(c.func) == function.name)
    if not outer and not in_a_loop:
        raise NoPatch("The batches are in no loop over epochs.", "批次循环之外没有轮次循环。")
    source.delete(line)
    source.after(loop, [source.written(line)])
