"""Edits around the step of the optimizer: every fourth batch only, weights shrunk behind it."""

from __future__ import annotations

import ast
import sys

from unstuck.edits.calls import last_name, prefix
from unstuck.edits.loops import method_statements, step
from unstuck.edits.reach import bound, free, loops_around, only_call
from unstuck.edits.source import INDENT, Draft, Function, Loop, NoPatch, Source


def accumulate(draft: Draft, every: int) -> None:
    """Divide the loss, and step and clear at every so-manieth batch only."""
    source, statement, optimizer = step(draft)
    block, loop = source.block(statement), source.loop(statement)
    backward = [(e, c) for s, e, c in method_statements(draft, "backward") if s is source and e in block]
    clearing = [(s, e) for s, e, _ in method_statements(draft, "zero_grad")]
    body = loop or source.function(statement)
    if body is None or block is not body.body or len(backward) != 1 or block.index(statement) != block.index(backward[0][0]) + 1:
        raise NoPatch("The step does not stand right behind backward, for every batch.", "step 没有在每个批次紧跟在 backward 之后。")
    if len(clearing) != 1 or clearing[0][0] is not source or clearing[0][1] not in block:
        raise NoPatch("Gradients are not cleared once, for every batch.", "没有在每个批次恰好清零一次梯度。")
    if any(last_name(c.func).startswith("clip_grad") for _, c in draft.each(ast.Call)):
        raise NoPatch("The script changes the gradients of every batch.", "脚本会修改每个批次的梯度。")
    condition = _every_batch(draft, source, body, statement, optimizer, every)
    clear = source.written(clearing[0][1])
    source.delete(clearing[0][1])
    call = backward[0][1]
    assert isinstance(call.func, ast.Attribute)
    source.change(call.func.value, f"({source.written(call.func.value)} / {every})")
    unit = "\t" if source.text[source.span(statement)[0] - 1] == "\t" else INDENT
    source.before(statement, [f"if {condition}:"])
    source.change(statement, unit + source.written(statement))
    source.after(statement, [INDENT + clear])


def _every_batch(draft: Draft, source: Source, body: Loop | Function, statement: ast.Expr, optimizer: str, every: int) -> str:
    """The condition that is true at every so-manieth batch since the optimizer was made; the loop's own number where it has one."""
    made, _ = bound(draft, source, statement, optimizer)
    around = [o for o in loops_around(source, statement) if made.statement not in ast.walk(o)]
    function = source.function(statement)
    repeated = function is not None and source.function(made.statement) is not function and _repeated(draft, function)
    number = _number(body)
    if not around and not repeated:
        raise NoPatch("The step is in no loop.", "step 不在循环里。")
    if number is not None and len(around) == 1 and not repeated:
        return f"({number} + 1) % {every} == 0"
    name = free(draft, "batches")
    if repeated:  # a count that goes on from call to call
        if made.source.loop(made.statement) is not None:
            raise NoPatch("Optimizers are made in a loop.", "优化器在循环中创建。")
        source.before(source.top(statement), [f"{name} = itertools.count(1)", "", ""])
        if not any(isinstance(i, ast.Import) and any(a.name == "itertools" and not a.asname for a in i.names) for i in source.imports):
            first = source.imports[0]
            name_of_first = first.module if isinstance(first, ast.ImportFrom) else first.names[0].name
            standard = (name_of_first or "").partition(".")[0] in sys.stdlib_module_names
            source.before(first, ["import itertools"] if standard else ["import itertools", ""])
        return f"next({name}) % {every} == 0"
    source.before(around[-1], [f"{name} = 0"])
    source.before(statement, [f"{name} += 1"])
    return f"{name} % {every} == 0"


def _repeated(draft: Draft, function: Function) -> bool:
    """A function is called in a loop."""
    caller, call = only_call(draft, function)
    return caller.loop(call) is not None


def _number(loop: Loop | Function) -> str | None:
    """The name that counts a loop's rounds from 0."""
    if not isinstance(loop, ast.For) or not isinstance(loop.iter, ast.Call):
        return None
    name, target = last_name(loop.iter.func), loop.target
    if name == "range" and len(loop.iter.args) == 1 and isinstance(target, ast.Name) and target.id != "_":
        return target.id
    if name == "enumerate" and len(loop.iter.args) == 1 and not loop.iter.keywords and isinstance(target, ast.Tuple):
        return target.elts[0].id if isinstance(target.elts[0], ast.Name) and target.elts[0].id != "_" else None
    return None


def shrink(draft: Draft, strength: float) -> None:
    """The proximal step of L1 behind the optimizer's."""
    source, statement, optimizer = step(draft)
    torch, functional = prefix(source, "torch"), prefix(source, "torch.nn.functional")
    lines = [
        f"with {torch}no_grad():",
        f"{INDENT}for group in {optimizer}.param_groups:",
        f'{2 * INDENT}for p in group["params"]:',
        f"{3 * INDENT}if p.dim() > 1:",
        f'{4 * INDENT}p.copy_({functional}softshrink(p, {strength:g} * group["lr"]))',
    ]
    source.after(statement, lines)
