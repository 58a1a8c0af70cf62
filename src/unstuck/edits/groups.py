"""Edits of what the optimizer is given: groups without decay, every parameter."""

from __future__ import annotations

import ast

from unstuck.edits.calls import argument, last_name
from unstuck.edits.loops import one_optimizer
from unstuck.edits.optimizers import place_of
from unstuck.edits.reach import free
from unstuck.edits.source import Draft, NoPatch


def exempt_from_decay(draft: Draft) -> None:
    """Two groups: parameters with several dimensions, and the others without decay."""
    source, call, _ = one_optimizer(draft)
    given = argument(call, "params", 0)
    plain = isinstance(given, ast.Call) and isinstance(given.func, ast.Attribute) and given.func.attr == "parameters" and not given.args
    if given is None or not plain:
        raise NoPatch("The optimizer does not get a model's parameters as one group.", "优化器得到的不是单个模型的一组参数。")
    decay = argument(call, "weight_decay", place_of(call, "weight_decay"))
    if decay is None and last_name(call.func) != "AdamW":
        raise NoPatch("The optimizer has no weight decay.", "优化器没有权重衰减。")
    written = source.written(given)
    weights, others = free(draft, "decayed"), free(draft, "undecayed")
    source.before(
        source.statement(call),
        [f"{weights} = [p for p in {written} if p.dim() > 1]", f"{others} = [p for p in {written} if p.dim() <= 1]  # biases and norms"],
    )
    source.change(given, f'[{{"params": {weights}}}, {{"params": {others}, "weight_decay": 0}}]')


def train_all(draft: Draft) -> None:
    """No line that takes gradients off, and the whole model's parameters for the optimizer."""
    changed = 0
    for source, node in draft.each(ast.Assign):
        off = isinstance(node.value, ast.Constant) and node.value.value is False
        if off and all(isinstance(t, ast.Attribute) and t.attr == "requires_grad" for t in node.targets):
            loop = source.parents[node]
            source.delete(loop if isinstance(loop, ast.For) and loop.body == [node] and not loop.orelse else node)
            changed += 1
    for source, statement in draft.each(ast.Expr):
        call = statement.value
        if isinstance(call, ast.Call) and last_name(call.func) == "requires_grad_" and [ast.unparse(a) for a in call.args] == ["False"]:
            above = source.parents[statement]
            source.delete(above if isinstance(above, ast.For) and above.body == [statement] and not above.orelse else statement)
            changed += 1
    left = [p for p in draft.facts.parameters if p.optimizer is None]
    if left and all(p.requires_grad for p in left):
        changed += _whole_model(draft)
    elif any(not p.requires_grad for p in draft.facts.parameters) and not changed:
        raise NoPatch("Where gradients are taken off the parameters is not to be seen.", "看不出在哪里关闭了参数的梯度。")
    if not changed:
        raise NoPatch("What keeps parameters from training is not to be seen.", "看不出是什么阻止参数训练。")


def _whole_model(draft: Draft) -> int:
    """`model.head.parameters()` -> `model.parameters()`."""
    source, call, _ = one_optimizer(draft)
    given = argument(call, "params", 0)
    owner = given.func.value if isinstance(given, ast.Call) and isinstance(given.func, ast.Attribute) else None
    part = isinstance(owner, ast.Attribute | ast.Subscript) and isinstance(given, ast.Call) and last_name(given.func) == "parameters"
    if not part or not isinstance(owner, ast.Attribute | ast.Subscript):
        raise NoPatch("The optimizer's parameters are not those of one part of a model.", "优化器的参数不是模型某一部分的参数。")
    held = {p.module for p in draft.facts.parameters if p.optimizer is not None}
    inner: ast.expr = owner
    while isinstance(inner, ast.Attribute | ast.Subscript):
        outer = inner.value
        key = inner.attr if isinstance(inner, ast.Attribute) else ast.unparse(inner.slice)
        if any(key in name.split(".") for name in held) and isinstance(outer, ast.Name) and outer.id != "self":
            source.change(owner, outer.id)
            return 1
        inner = outer
    raise NoPatch("Which model the optimizer gets a part of is not to be seen.", "看不出优化器得到的是哪个模型的一部分。")
