"""Edits that let a gradient through: no `detach`, `.data` or `no_grad` on the way of the training loss; steps with a gradient of their own."""

from __future__ import annotations

import ast

from unstuck.edits.calls import argument, in_place_of, last_name
from unstuck.edits.losses import bracketed
from unstuck.edits.source import Draft, NoPatch, Source

#: What follows a tensor that leaves torch anyway.
LEAVING = {"numpy", "cpu", "item", "tolist"}
#: Steps whose gradient is zero everywhere.
STEPS = ("round", "floor", "ceil", "trunc", "sign")
#: How functions are called that do not train.
APART = ("eval", "valid", "test", "predict", "sample", "generate", "score", "metric", "log")


def without_cuts(draft: Draft) -> None:
    """Take out every cut in functions that train, round trips through numpy, and no_grad around methods that a forward pass calls."""
    changed, gone = 0, set()
    for source, node in draft.each(ast.Call):
        kept = (
            _round_trip(source, node) if last_name(node.func) in ("from_numpy", "as_tensor", "tensor") and _trains(source, node) else None
        )
        if kept is not None:
            source.change(node, kept)
            gone |= set(ast.walk(node))
            changed += 1
    for source, node in draft.each(ast.Call):
        if node in gone:
            continue
        cut = isinstance(node.func, ast.Attribute) and node.func.attr == "detach" and not node.args
        if cut and isinstance(node.func, ast.Attribute) and _trains(source, node):
            source.change(node, source.written(node.func.value))
            changed += 1
    for source, attribute in draft.each(ast.Attribute):
        reads = attribute.attr == "data" and isinstance(attribute.ctx, ast.Load) and isinstance(attribute.value, (ast.Call, ast.Name))
        if reads and _trains(source, attribute) and not isinstance(source.parents.get(attribute), ast.Attribute):
            source.change(attribute, source.written(attribute.value))
            changed += 1
    called = {last_name(call.func) for source, call in draft.each(ast.Call) if getattr(source.function(call), "name", "") == "forward"}
    for source, function in draft.each(ast.FunctionDef):
        for decorator in function.decorator_list if function.name in called else ():
            named = decorator.func if isinstance(decorator, ast.Call) else decorator
            if last_name(named) == "no_grad":
                start, end = source.span(decorator)
                at = source.text.rindex("\n", 0, start) + 1
                source.splice(at, source.text.index("\n", end) + 1, "")
                changed += 1
    if not changed:
        raise NoPatch("Where the gradient is cut off is not to be seen.", "看不出梯度在哪里被切断。")


def _round_trip(source: Source, call: ast.Call) -> str | None:
    """What a tensor is made of that is made of a tensor's array: "x" for `torch.from_numpy(x.detach().numpy())`, also with an index."""
    array = call.args[0] if len(call.args) == 1 else None
    index = ""
    if isinstance(array, ast.Subscript):
        index, array = f"[{source.written(array.slice)}]", array.value
    inner, left = array, False
    while isinstance(inner, ast.Call) and isinstance(inner.func, ast.Attribute) and inner.func.attr in ("numpy", "detach", "cpu"):
        left |= inner.func.attr == "numpy"
        inner = inner.func.value
    return source.written(inner) + index if left and inner is not None else None


def _trains(source: Source, node: ast.AST) -> bool:
    """Not on the way out of torch, not under no_grad, and not in a function whose name says that it does not train."""
    above = source.parents.get(node)
    if isinstance(above, ast.Attribute) and above.attr in LEAVING:
        return False
    while above is not None:
        if isinstance(above, ast.With) and any("no_grad" in ast.unparse(item.context_expr) for item in above.items):
            return False
        if isinstance(above, ast.FunctionDef) and any(word in above.name.lower() for word in APART):
            return False
        above = source.parents.get(above)
    return True


def straight_through(draft: Draft) -> None:
    """`torch.round(x)` -> `x + (torch.round(x) - x).detach()`, and a softmax behind a choice that becomes a row of 0 and 1."""
    changed = 0
    for source, call in draft.each(ast.Call):
        if not isinstance(call.func, ast.Attribute) or not _trains(source, call) or _detached(source, call):
            continue
        owner = call.func.value
        function = isinstance(owner, ast.Name) and owner.id in ("torch", "F")
        if call.func.attr in STEPS and len(call.args) == function and ast.unparse(owner) not in ("np", "numpy", "math"):
            given = call.args[0] if function else owner
            x = bracketed(source, given)
            smooth = f"{x}.clamp(-1, 1)" if call.func.attr == "sign" else x
        elif call.func.attr == "one_hot" and call.args and isinstance(call.args[0], ast.Call) and last_name(call.args[0].func) == "argmax":
            chosen = call.args[0]
            assert isinstance(chosen.func, ast.Attribute)
            function = ast.unparse(chosen.func.value) == "torch"
            given, dim = (chosen.args[0] if function else chosen.func.value), argument(chosen, "dim", int(function))
            smooth = f"{bracketed(source, given)}.softmax({source.written(dim) if dim is not None else -1})"
            number = source.parents.get(source.parents[call])
            call = number if isinstance(number, ast.Call) and number.func is source.parents[call] else call  # `.float()`
        else:
            continue
        if any(isinstance(n, ast.Call) for n in ast.walk(given)):
            raise NoPatch("A step is applied to what another call gives.", "阶跃作用在另一个调用的结果上。")
        source.change(call, in_place_of(source, call, f"{smooth} + ({source.written(call)} - {smooth}).detach()"))
        changed += 1
    if not changed:
        raise NoPatch("No step without a gradient is to be seen.", "没有看到梯度为零的阶跃。")


def _detached(source: Source, node: ast.AST) -> bool:
    """It stands within what is detached: the script does this already."""
    above = source.parents.get(node)
    while isinstance(above, ast.expr):
        if isinstance(above, ast.Attribute) and above.attr == "detach":
            return True
        above = source.parents.get(above)
    return False
