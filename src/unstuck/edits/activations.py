"""Edits of activations: exchanged for others, or taken off."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from unstuck.attach.surgery import activation_kind, activations
from unstuck.edits.calls import drop_item, last_name, origin, prefix
from unstuck.edits.layers import Spot, calls_of
from unstuck.edits.source import Draft, NoPatch, Source

#: Functions and methods of torch and its tensors themselves; the others live in torch.nn.functional.
IN_TORCH = frozenset(("relu", "tanh", "sigmoid"))


def swap_activations(draft: Draft, written: str) -> None:
    """Write another activation in place of every hidden one. `written`: "nn.LeakyReLU(0.01)", whose number is torch's default."""
    module = written.removeprefix("nn.").partition("(")[0]
    hidden = [p for p in activations(draft.facts, "hidden") if activation_kind(p) != module.lower()]
    if not hidden:
        raise NoPatch("No hidden activation was seen.", "没有看到隐藏层激活函数。")
    for source, call, place in calls_of(draft, hidden):
        swap = _swap_function if place.kind.startswith("functional ") else _swap_module
        swap(source, call, place.kind.removeprefix("functional "), module)


def _swap_module(source: Source, call: ast.Call, name: str, module: str) -> None:
    """`nn.Sigmoid()`, or the class behind the variable that is called."""
    node = origin(source, call.func) if last_name(call.func) != name else call.func
    if node is not call.func and (call.args or call.keywords):
        raise NoPatch(f"{source.written(call)} gets its class from a variable.", f"{source.written(call)} 的类来自变量。")
    before = source.written(node).removesuffix(name) or prefix(source, "torch.nn")
    if node is call.func:
        source.change(call, f"{before}{module}()")
    else:
        source.change(node, before + module)


def _swap_function(source: Source, call: ast.Call, name: str, module: str) -> None:
    """`torch.sigmoid(x)`, `F.sigmoid(x)`, `x.sigmoid()`, or the function behind the variable that is called."""
    if module == "PReLU":
        raise NoPatch("PReLU has weights, which a function call cannot hold.", "PReLU 带有权重，函数调用无法保存。")
    new = {"LeakyReLU": "leaky_relu"}.get(module, module.lower())
    node = origin(source, call.func) if last_name(call.func) != name else call.func
    owner = node.value if isinstance(node, ast.Attribute) else None
    method = owner is not None and ast.unparse(owner).partition(".")[0] not in imported(source)
    if node is not call.func and len(call.args) != 1:
        raise NoPatch(f"{source.written(call)} gets its function from a variable.", f"{source.written(call)} 的函数来自变量。")
    given = owner if method else call.args[0] if call.args else None
    if given is None:
        raise NoPatch(f"What {source.written(call)} is applied to is not to be seen.", f"看不出 {source.written(call)} 作用于什么。")
    if new in IN_TORCH and owner is not None:
        source.splice(source.span(owner)[1], source.span(node)[1], f".{new}")
        return
    functional = owner is not None and (source.written(owner) == "F" or source.written(owner).endswith("functional"))
    where = f"{source.written(owner)}." if owner is not None and functional else prefix(source, "torch.nn.functional")
    if node is not call.func:
        source.change(node, where + new)
    else:
        source.change(call, f"{where}{new}({source.written(given)})")


def imported(source: Source) -> set[str]:
    """Names that the imports of a file bring."""
    return {(a.asname or a.name).partition(".")[0] for n in source.imports for a in n.names}


def take_off(draft: Draft, found: Sequence[Spot]) -> None:
    """Take calls off what they are applied to: `F.softmax(z, 1)` -> `z`; an element of a Sequential goes; `self.act(z)` -> `z`."""
    for source, call in found:
        above = source.parents.get(call)
        if isinstance(call.func, ast.Attribute) and not isinstance(call.func.value, ast.Name | ast.Attribute):
            source.change(call, source.written(call.func.value))  # a method at the end of a chain
        elif isinstance(above, ast.Call | ast.List | ast.Tuple) and not call.args and _in_row(above, call):
            items = above.args if isinstance(above, ast.Call) else above.elts
            drop_item(source, items, items.index(call))
        elif isinstance(above, ast.Assign) and last_name(call.func)[:1].isupper():
            _take_off_calls(source, ast.unparse(above.targets[0]))
        elif last_name(call.func)[:1].islower() and _is_method(source, call):
            source.change(call, source.written(call.func.value))  # type: ignore[attr-defined]
        elif call.args and last_name(call.func)[:1].islower():
            source.change(call, source.written(call.args[0]))
        else:
            raise NoPatch(f"{source.written(call)} cannot simply be left out.", f"{source.written(call)} 不能直接省略。")


def _in_row(above: ast.AST, call: ast.Call) -> bool:
    items = above.args if isinstance(above, ast.Call) else above.elts  # type: ignore[attr-defined]
    return call in items and last_name(call.func)[:1].isupper()


def _is_method(source: Source, call: ast.Call) -> bool:
    """`h.softmax(1)` and not `F.softmax(h, 1)`: what stands before the dot is no module."""
    if not isinstance(call.func, ast.Attribute):
        return False
    return ast.unparse(call.func.value).partition(".")[0] not in imported(source)


def _take_off_calls(source: Source, name: str) -> None:
    """A module with a name of its own: `self.softmax(z)` -> `z` wherever it is called."""
    calls = [c for c in source.each(ast.Call) if ast.unparse(c.func) == name and c.args]
    if not calls:
        raise NoPatch(f"No call of {name} is to be seen.", f"看不到 {name} 的调用。")
    for call in calls:
        source.change(call, source.written(call.args[0]))


def output_activation(draft: Draft, names: Sequence[str]) -> list[Spot]:
    """The one activation of these names on the output: by its line, or the only one in the files."""
    lower = {n.lower() for n in names}
    places = [p for p in draft.facts.places if p.role == "output" and p.kind.removeprefix("functional ").lower() in lower and p.line]
    if places:
        return [(source, call) for source, call, _ in calls_of(draft, places)]
    found = [(s, c) for s, c in draft.each(ast.Call) if last_name(c.func).lower() in lower]
    if len(found) != 1:
        en = f"The script calls {' or '.join(names)} {len(found)} times, and which one is on the output is not to be seen."
        raise NoPatch(en, f"脚本中有 {len(found)} 处调用 {'、'.join(names)}，看不出哪一处在输出上。")
    return found
