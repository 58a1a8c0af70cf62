"""Edits of steps that a script takes itself, without an optimizer: gradients cleared behind them, clipped in front of them, another rate or momentum.

Such a step reads the gradient of a tensor and changes that tensor (`w -= lr * w.grad`), often in a loop over all of them. Where the rate is
written, the watched run tells: it is the factor whose number is the one that the steps showed (`attach/descent.py`).
"""

from __future__ import annotations

import ast
import math
from collections.abc import Iterator
from dataclasses import dataclass

from unstuck.edits.calls import last_name, number, plain, prefix
from unstuck.edits.definitions import definition
from unstuck.edits.source import Draft, NoPatch, Source

#: How far a number that is written may be from the one that was measured, relative. Our choice: a fit of float32 steps is closer than that.
CLOSE = 1e-2


@dataclass(frozen=True)
class HandStep:
    """The last statement that deals with the gradient of a tensor which the script changes; and the loop over such tensors, where there is one."""

    source: Source
    statement: ast.stmt
    tensor: str
    loop: ast.For | None


def hand_steps(draft: Draft) -> list[HandStep]:
    """Every tensor that is changed in the block in which its gradient is read; NoPatch where there is none."""
    found: dict[tuple[ast.AST, str], HandStep] = {}
    for source, read in draft.each(ast.Attribute):
        if read.attr != "grad" or not isinstance(read.ctx, ast.Load):
            continue
        tensor = ast.unparse(read.value)
        statement: ast.stmt = source.statement(read)
        while isinstance(above := source.parents.get(statement), ast.If):  # `if p.grad is not None:`
            statement = above
        block = source.block(statement)
        if any(_changes(s, tensor) for s in block):
            above = source.parents.get(statement)
            mine = isinstance(above, ast.For) and tensor in [n.id for n in ast.walk(above.target) if isinstance(n, ast.Name)]
            last = [s for s in block if any(isinstance(n, ast.expr) and ast.unparse(n) == tensor for n in ast.walk(s))][-1]
            found[block[0], tensor] = HandStep(source, last, tensor, above if mine else None)  # type: ignore[arg-type]
    if not found:
        raise NoPatch("No optimizer was seen, and no step by hand.", "没有看到优化器，也没有看到手写的更新。")
    return list(found.values())


def _changes(statement: ast.stmt, tensor: str) -> bool:
    """It gives a tensor new values in place: `p -= ...`, `p.data = ...`, `p.sub_(...)`."""
    names = (tensor, f"{tensor}.data")
    for node in ast.walk(statement):
        targets = [node.target] if isinstance(node, ast.AugAssign) else node.targets if isinstance(node, ast.Assign) else []
        if any(ast.unparse(t).removesuffix("[:]") in names for t in targets):
            return True
        own = (
            isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ("add_", "sub_", "copy_", "addcmul_")
        )
        if own and ast.unparse(node.func.value) in names:  # type: ignore[attr-defined]
            return True
    return False


def clear_by_hand(draft: Draft) -> None:
    """No gradient is left behind the last statement that reads it."""
    for step in hand_steps(draft):
        step.source.after(step.statement, [f"{step.tensor}.grad = None"])


def clip_by_hand(draft: Draft, max_norm: float) -> None:
    """The norm of all gradients, in front of the loop over the tensors that it goes through."""
    steps = hand_steps(draft)
    loops = {step.loop for step in steps}
    if len(loops) != 1 or steps[0].loop is None:
        raise NoPatch("The tensors are not gone through in one loop.", "各张量没有在同一个循环中更新。")
    source, loop = steps[0].source, steps[0].loop
    over: ast.expr = loop.iter
    if isinstance(over, ast.Call) and last_name(over.func) in ("zip", "enumerate") and isinstance(loop.target, ast.Tuple):
        at = [ast.unparse(t) for t in loop.target.elts].index(steps[0].tensor) - (last_name(over.func) == "enumerate")
        over = over.args[at]
    source.before(loop, [f"{prefix(source, 'torch.nn')}utils.clip_grad_norm_({source.written(over)}, {max_norm:.1f})"])


def change_factor(draft: Draft, setting: str, *, factor: float = 1.0, to: float | None = None) -> None:
    """Multiply a setting of the steps ("lr", "momentum"), or put another number in its place; NoPatch where it is not one written number."""
    value = next((o.settings.get(setting) for o in draft.facts.optimizers if o.by_hand), None)
    if not isinstance(value, int | float) or not value:
        raise NoPatch("What the steps by hand multiply the gradient by is not known.", "不清楚手写的更新用什么去乘梯度。")
    homes = {
        home: source for source in draft.sources for home in _factors(source) if math.isclose(number(home) or 0.0, value, rel_tol=CLOSE)
    }
    if len(homes) != 1:
        raise NoPatch(f"{value:g} is a factor in {len(homes)} places of the script.", f"{value:g} 在脚本中有 {len(homes)} 处作为因子。")
    for home, source in homes.items():
        source.change(home, plain((number(home) or 0.0) * factor, like=source.written(home)) if to is None else plain(to))


def _factors(source: Source) -> Iterator[ast.expr]:
    """Where the numbers stand that something is multiplied by."""
    for node in source.each(ast.BinOp):
        if isinstance(node.op, ast.Mult):
            yield from (definition(source, side) for side in map(_unsigned, (node.left, node.right)))
    for call in source.each(ast.Call):
        yield from (definition(source, _unsigned(k.value)) for k in call.keywords if k.arg == "alpha")


def _unsigned(node: ast.expr) -> ast.expr:
    return node.operand if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) else node
