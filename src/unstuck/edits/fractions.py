"""Edits where inputs lose what stands behind the decimal point: whole-number types and divisions between the data and the model."""

from __future__ import annotations

import ast

from unstuck.edits.calls import last_name, number
from unstuck.edits.source import Draft, NoPatch

#: Types that hold grey levels and nothing finer (labels have 64 bits); what grey levels are divided by; casts to whole numbers.
SMALL, LEVELS, CASTS = ("uint8", "int8", "int16"), (255, 256), ("int", "long", "byte", "short")


def keep_fractions(draft: Draft) -> None:
    """`.astype(np.uint8)` -> `.astype(np.float32)`, `img // 255` -> `img / 255`, `x.int().float()` -> `x.float()`."""
    changed = 0
    for source, call in draft.each(ast.Call):
        if not isinstance(call.func, ast.Attribute):
            continue
        name, kind = call.func.attr, call.args[0] if call.args else None
        above = source.parents.get(source.parents[call])
        if name == "astype" and kind is not None and (last_name(kind) in SMALL or (isinstance(kind, ast.Constant) and kind.value in SMALL)):
            source.change(kind, f"{source.written(kind.value)}.float32" if isinstance(kind, ast.Attribute) else '"float32"')
            changed += 1
        elif name == "astype" and isinstance(kind, ast.Attribute) and kind.attr == "dtype" and _calculated(call.func.value):
            source.change(kind, '"float32"')  # (img / 16).astype(img.dtype)
            changed += 1
        elif name in CASTS and not call.args and isinstance(above, ast.Call) and last_name(above.func) in ("float", "double"):
            source.change(call, source.written(call.func.value))
            changed += 1
    for source, division in draft.each(ast.BinOp):
        if isinstance(division.op, ast.FloorDiv) and number(division.right) in LEVELS:
            left, right = source.written(division.left), source.written(division.right)
            source.change(division, f"{left} / {right}")
            changed += 1
    if not changed:
        raise NoPatch("No line makes whole numbers of the inputs.", "没有看到把输入变为整数的语句。")


def _calculated(node: ast.expr) -> bool:
    return any(isinstance(n, ast.BinOp) and isinstance(n.op, ast.Div | ast.Mult | ast.Sub) for n in ast.walk(node))
