"""Edits in front of activations with flat ends: what enters them is divided by its spread."""

from __future__ import annotations

import ast
from collections.abc import Collection

from unstuck.attach.surgery import activation_kind, activations
from unstuck.edits.activations import imported
from unstuck.edits.calls import last_name, prefix
from unstuck.edits.layers import calls_of
from unstuck.edits.source import INDENT, Draft, NoPatch, Source


def divide_inputs(draft: Draft, roles: Collection[str], kinds: Collection[str]) -> None:
    """`nn.Tanh()` -> `nn.Sequential(Divided(), nn.Tanh())`, `torch.tanh(z)` -> `torch.tanh(Divided()(z))`."""
    places = [p for role in roles for p in activations(draft.facts, role) if activation_kind(p) in kinds]
    if not places:
        raise NoPatch("No hidden activation has flat ends.", "隐藏层激活函数都没有平坦的两端。")
    first: dict[str, tuple[Source, ast.Call]] = {}
    for source, call, place in calls_of(draft, places):
        name = place.kind.removeprefix("functional ")
        if last_name(call.func) != name:
            raise NoPatch(f"{source.written(call)} gets its function from a variable.", f"{source.written(call)} 的函数来自变量。")
        _divide(source, call, module=name[:1].isupper())
        first.setdefault(source.name, (source, call))
    for source, call in first.values():
        if any(node.name == "Divided" for node in source.each(ast.ClassDef)):
            raise NoPatch("The script has a class Divided of its own.", "脚本已有自己的 Divided 类。")
        lines = [
            f"class Divided({prefix(source, 'torch.nn')}Module):",
            f"{INDENT}def forward(self, z):",
            f"{2 * INDENT}return z / z.detach().std(correction=0).clamp_min(1)",
            "",
            "",
        ]
        top = source.top(call)
        earlier = source.text[: source.span(top)[0]].splitlines()
        gap = next((n for n, line in enumerate(reversed(earlier)) if line.strip()), 2)
        source.before(top, [*[""] * max(0, 2 - gap), *lines])


def _divide(source: Source, call: ast.Call, *, module: bool) -> None:
    start, end = source.span(call)
    if module:
        source.splice(start, start, f"{prefix(source, 'torch.nn')}Sequential(Divided(), ")
        source.splice(end, end, ")")
        return
    owner = call.func.value if isinstance(call.func, ast.Attribute) else None
    method = owner is not None and ast.unparse(owner).partition(".")[0] not in imported(source)
    given = owner if method else call.args[0] if call.args else None
    if given is None:
        raise NoPatch(f"What {source.written(call)} is applied to is not to be seen.", f"看不出 {source.written(call)} 作用于什么。")
    at, to = source.span(given)
    source.splice(at, at, "Divided()(")
    source.splice(to, to, ")")
