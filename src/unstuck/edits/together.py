"""Edits where inputs and targets lose each other: rows of one put into another order, and not of the other."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from itertools import pairwise

from unstuck.edits.calls import last_name
from unstuck.edits.reach import free
from unstuck.edits.source import Draft, NoPatch, Source

#: Calls that draw an order, and those that take two arrays of equally many rows.
DRAWS, PAIRS = ("permutation", "randperm"), ("TensorDataset", "zip", "train_test_split")


def keep_together(draft: Draft) -> None:
    """One order for both: `x = x[order]` is followed by `y = y[order]`; two orders drawn one after the other become one."""
    done = _one_forgotten(draft) or _drawn_twice(draft)
    if not done:
        raise NoPatch("No order is given to the rows of one array alone.", "没有看到只打乱其中一个数组的语句。")


def _one_forgotten(draft: Draft) -> bool:
    for source, statement in draft.each(ast.Assign):
        taken = statement.value
        if not (isinstance(taken, ast.Subscript) and isinstance(taken.slice, ast.Name) and isinstance(taken.value, ast.Name)):
            continue
        name, order = taken.value.id, taken.slice.id
        if ast.unparse(statement.targets[0]) != name:
            continue
        ordered = {ast.unparse(s.value) for s in source.each(ast.Subscript) if ast.unparse(s.slice) == order}
        others = set(_companions(source, statement, name)) - ordered
        if len(others) == 1:
            other = others.pop()
            source.after(statement, [f"{other} = {other}[{order}]"])
            return True
    return False


def _companions(source: Source, statement: ast.stmt, name: str) -> Iterator[str]:
    """Names that have a row for every row of this one: taken apart alike, bound together, or handed on together, in the same function."""
    function = source.function(statement)
    for other in source.each(ast.stmt):
        if source.function(other) is not function or isinstance(other, ast.FunctionDef | ast.ClassDef):
            continue
        if isinstance(other, ast.Assign) and isinstance(other.targets[0], ast.Tuple):
            names = [ast.unparse(t) for t in other.targets[0].elts]
            if len(names) == 2 and name in names:
                yield from (n for n in names if n != name)
        parts = [n for n in ast.walk(other) if isinstance(n, ast.Subscript) and isinstance(n.value, ast.Name)]
        slices = {ast.unparse(p.slice) for p in parts if ast.unparse(p.value) == name}
        yield from (ast.unparse(p.value) for p in parts if ast.unparse(p.slice) in slices and ast.unparse(p.value) != name)
        for call in ast.walk(other):
            given = [ast.unparse(a) for a in call.args] if isinstance(call, ast.Call) and last_name(call.func) in PAIRS else []
            yield from (a for a in given if name in given and a != name and a.isidentifier())


def _drawn_twice(draft: Draft) -> bool:
    """`x = rng.permutation(x)`, or `x = x[torch.randperm(len(x))]`, and the same with y in the next lines."""
    found: list[tuple[Source, ast.Assign, str, ast.Call]] = []
    for source, statement in draft.each(ast.Assign):
        target, value = ast.unparse(statement.targets[0]), statement.value
        draw = value.slice if isinstance(value, ast.Subscript) and ast.unparse(value.value) == target else value
        drawn = isinstance(draw, ast.Call) and last_name(draw.func) in DRAWS and len(draw.args) == 1
        if isinstance(draw, ast.Call) and drawn and (draw is not value or ast.unparse(draw.args[0]) == target):
            found.append((source, statement, target, draw))
    for first, second in pairwise(found):
        source, statement, target, draw = first
        block = source.block(statement)
        if second[0] is not source or second[1] not in block or second[2] == target or block.index(second[1]) != block.index(statement) + 1:
            continue
        order = free(draft, "order")
        source.before(statement, [f"{order} = {source.written(draw.func)}(len({target}))"])
        for _, one, name, _ in (first, second):
            source.change(one.value, f"{name}[{order}]")
        return True
    return False
