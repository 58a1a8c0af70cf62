"""Edits in the training loop and around it: lines before the step, before backward, before and after a phase."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from unstuck.edits.by_hand import clear_by_hand, clip_by_hand
from unstuck.edits.calls import argument, assigned, last_name
from unstuck.edits.optimizers import built, by_hand
from unstuck.edits.source import Draft, Loop, NoPatch, Source


def method_statements(draft: Draft, name: str) -> list[tuple[Source, ast.Expr, ast.Call]]:
    """Statements that are nothing but a call of this method."""
    calls = [(s, e, e.value) for s, e in draft.each(ast.Expr) if isinstance(e.value, ast.Call)]
    return [(s, e, c) for s, e, c in calls if isinstance(c.func, ast.Attribute) and c.func.attr == name]


def step(draft: Draft) -> tuple[Source, ast.Expr, str]:
    """The statement that steps the one optimizer, and what the optimizer is called there."""
    source, call, _ = one_optimizer(draft)
    above = source.parents.get(call)
    targets = [ast.unparse(t) for t in above.targets] if isinstance(above, ast.Assign) else []
    found = [(s, e, ast.unparse(c.func.value), c) for s, e, c in method_statements(draft, "step") if isinstance(c.func, ast.Attribute)]
    if any("scaler" in name.lower() for _, _, name, _ in found):
        raise NoPatch("Gradients are scaled for half precision.", "梯度为半精度做了缩放。")
    fitting = [f for f in found if f[2] in targets] or [f for f in found if not _is_schedule(f[0], f[2])]
    if len(fitting) != 1:
        raise NoPatch(f"The step of the optimizer is written {len(fitting)} times.", f"优化器的 step 写了 {len(fitting)} 处。")
    where, statement, name, called = fitting[0]
    if called.args or called.keywords:
        raise NoPatch("The step gets a closure.", "step 带有闭包。")
    return where, statement, name


def one_optimizer(draft: Draft) -> tuple[Source, ast.Call, object]:
    """The construction of the only optimizer."""
    found = list(built(draft))
    if len(found) != 1:
        raise NoPatch("There are several optimizers.", "有多个优化器。")
    return found[0]


def _is_schedule(source: Source, name: str) -> bool:
    values = [ast.unparse(v) for v in assigned(source, name)]
    return "sched" in name.lower() or any("lr_scheduler" in v or "Scheduler" in v for v in values)


def clip(draft: Draft, max_norm: float) -> None:
    """Clip the norm of all gradients in front of the step."""
    from unstuck.edits.calls import prefix

    if by_hand(draft):
        clip_by_hand(draft, max_norm)
        return
    source, statement, optimizer = step(draft)
    function = f"{prefix(source, 'torch.nn')}utils.clip_grad_norm_"
    model = model_at(draft, source, statement)
    if model is not None:
        source.before(statement, [f"{function}({model}.parameters(), {max_norm:.1f})"])
        return
    given = f'[p for group in {optimizer}.param_groups for p in group["params"]]'
    source.before(statement, [f"{function}({given}, {max_norm:.1f})"])


def model_at(draft: Draft, source: Source, node: ast.AST) -> str | None:
    """The expression whose `.parameters()` the optimizer got, where it means the same at this node; None where it does not."""
    home, call, _ = one_optimizer(draft)
    given = argument(call, "params", 0)
    if not (isinstance(given, ast.Call) and isinstance(given.func, ast.Attribute) and given.func.attr == "parameters" and not given.args):
        return None
    model = home.written(given.func.value)
    there, here = home.function(call), source.function(node)
    if home is not source or not isinstance(given.func.value, ast.Name | ast.Attribute):
        return None
    if there is here or (there is None and here is not None and not _binds(here, model)):
        return model
    named = here is not None and model in [a.arg for a in here.args.args]
    same_class = model.startswith("self.") and here is not None and there is not None and source.parents[here] is source.parents[there]
    return model if named or same_class else None


def _binds(function: ast.AST, name: str) -> bool:
    root = name.partition(".")[0]
    stored = any(isinstance(n, ast.Name) and n.id == root and isinstance(n.ctx, ast.Store) for n in ast.walk(function))
    return stored


def clear_gradients(draft: Draft) -> None:
    """zero_grad before backward where step and backward stand together, else after the step; a call without brackets gets them."""
    bare = [(s, e) for s, e in draft.each(ast.Expr) if isinstance(e.value, ast.Attribute) and e.value.attr == "zero_grad"]
    if bare:
        for source, statement in bare:
            source.change(statement, f"{source.written(statement)}()")
        return
    if by_hand(draft):
        clear_by_hand(draft)
        return
    source, statement, optimizer = step(draft)
    block = source.block(statement)
    backward = [e for s, e, c in method_statements(draft, "backward") if s is source and e in block]
    if len(backward) == 1:
        source.before(backward[0], [f"{optimizer}.zero_grad()"])
    else:
        source.after(statement, [f"{optimizer}.zero_grad()"])


def without_clipping(draft: Draft) -> None:
    """Take out the lines that clip gradients."""
    found = [(s, e, c) for s, e in draft.each(ast.Expr) for c in [e.value] if isinstance(c, ast.Call)]
    clipping = [(s, e) for s, e, c in found if last_name(c.func) in ("clip_grad_norm_", "clip_grad_value_")]
    if not clipping:
        raise NoPatch("No line of the script only clips gradients.", "脚本没有单独裁剪梯度的语句。")
    for source, statement in clipping:
        source.delete(statement)


# ------------------------------------------------------------------------------------------------------------- modes


def training_loop(draft: Draft) -> tuple[Source, Loop]:
    """The innermost loop around the step."""
    source, statement, _ = step(draft)
    loop = source.loop(statement)
    if loop is None:
        raise NoPatch("The step is in no loop of its own.", "step 不在循环里。")
    return source, loop


def blocks_without_gradients(draft: Draft, model: str) -> list[tuple[Source, ast.With]]:
    """`with torch.no_grad():` around a call of the model."""

    def calls_model(node: ast.AST) -> bool:
        return any(isinstance(c, ast.Call) and ast.unparse(c.func) == model for c in ast.walk(node))

    found = []
    for source, block in draft.each(ast.With):
        names = [last_name(i.context_expr.func) for i in block.items if isinstance(i.context_expr, ast.Call)]
        if {"no_grad", "inference_mode"} & set(names) and calls_model(block):
            found.append((source, block))
    return found


def evaluate_in_eval_mode(draft: Draft) -> None:
    """model.eval() in front of every validation, model.train() behind it."""
    source, statement, _ = step(draft)
    model = model_at(draft, source, statement)
    blocks = blocks_without_gradients(draft, model) if model else []
    if not blocks or model is None:
        raise NoPatch("No block without gradients calls the model by its name.", "没有以名称调用模型的无梯度代码块。")
    for where, block in blocks:
        where.before(block, [f"{model}.eval()"])
        where.after(block, [f"{model}.train()"])


def train_in_train_mode(draft: Draft) -> None:
    """model.train() in front of every pass over the training data; in front of every batch where there is only one loop."""
    source, loop = training_loop(draft)
    model = model_at(draft, source, loop)
    if model is None:
        raise NoPatch("The model has no name of its own in the training loop.", "训练循环中模型没有自己的名称。")
    outer = source.loop(loop)
    target: Sequence[ast.stmt] = [loop] if outer is not None or source.function(loop) is not None else loop.body[:1]
    source.before(target[0], [f"{model}.train()"])
