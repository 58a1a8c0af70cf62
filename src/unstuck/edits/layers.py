"""Edits inside the model: activations exchanged or taken off, layers put behind others, dropout off."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence

from unstuck.attach.surgery import activation_kind, activations
from unstuck.edits.calls import drop_item, last_name, named_on_line, origin, prefix, set_argument
from unstuck.edits.source import Draft, NoPatch, Source
from unstuck.records import Place

Spot = tuple[Source, ast.Call]
#: Activations that torch and its tensors have as functions and methods of their own; the others live in torch.nn.functional.
IN_TORCH = frozenset(("relu", "tanh", "sigmoid"))
DROPOUTS = ("Dropout", "Dropout1d", "Dropout2d", "Dropout3d", "AlphaDropout", "FeatureAlphaDropout")
RECURRENT = ("LSTM", "GRU", "RNN", "MultiheadAttention")


def sites(places: Sequence[Place]) -> dict[tuple[str | None, int | None, str], Place]:
    """One place per line and kind: a loop makes many layers on one line."""
    return {(p.file, p.line, p.kind): p for p in places}


def refuse_shared(draft: Draft, places: Sequence[Place], role: str) -> None:
    """NoPatch where one line makes both the places that are meant and others."""
    meant = sites(places)
    for other in draft.facts.places:
        if other.role != role and other.role != "other" and (other.file, other.line, other.kind) in meant and other.line:
            raise NoPatch(
                f"{other.file}:{other.line} makes the {other.kind} of the output and of hidden layers alike.",
                f"{other.file}:{other.line} 同时构造了输出层和隐藏层的 {other.kind}。",
            )


# ------------------------------------------------------------------------------------------------------- activations


def swap_activations(draft: Draft, written: str) -> None:
    """Write another activation in place of every hidden one. `written`: "nn.LeakyReLU(0.01)"."""
    module, _, rest = written.removeprefix("nn.").partition("(")
    arguments = rest.removesuffix(")")
    hidden = [p for p in activations(draft.facts, "hidden") if activation_kind(p) != module.lower()]
    if not hidden:
        raise NoPatch("No hidden activation was seen.", "没有看到隐藏层激活函数。")
    refuse_shared(draft, hidden, "hidden")
    for (file, line, kind), _place in sites(hidden).items():
        name = kind.removeprefix("functional ")
        source, calls = named_on_line(draft, file, line, name)
        for call in calls:
            if kind.startswith("functional "):
                _swap_function(source, call, name, module, arguments)
            else:
                _swap_module(source, call, name, module, arguments)


def _swap_module(source: Source, call: ast.Call, name: str, module: str, arguments: str) -> None:
    node = origin(source, call.func) if last_name(call.func) != name else call.func
    if node is not call.func and (arguments or call.args or call.keywords):
        raise NoPatch(f"{source.written(call)} gets its class from a variable.", f"{source.written(call)} 的类来自变量。")
    before = source.written(node).removesuffix(name) or prefix(source, "torch.nn")
    if node is call.func:
        source.change(call, f"{before}{module}({arguments})")
    else:
        source.change(node, before + module)


def _swap_function(source: Source, call: ast.Call, name: str, module: str, arguments: str) -> None:
    if module == "PReLU":
        raise NoPatch("PReLU has weights, which a function call cannot hold.", "PReLU 带有权重，函数调用无法保存。")
    new = {"LeakyReLU": "leaky_relu"}.get(module, module.lower())
    node = origin(source, call.func) if last_name(call.func) != name else call.func
    if node is not call.func and arguments:
        raise NoPatch(f"{source.written(call)} gets its function from a variable.", f"{source.written(call)} 的函数来自变量。")
    if not isinstance(node, ast.Attribute):
        where = prefix(source, "torch" if new in IN_TORCH else "torch.nn.functional")
    else:
        where = source.written(node.value) + "."
    functional = where.rstrip(".").rpartition(".")[2] in ("functional", "F") or where == prefix_or_none(source, "torch.nn.functional")
    if new in IN_TORCH or functional:
        source.change(node, where + new)
        added = f", {arguments}" if arguments else ""
        if added:
            source.splice(source.span(call)[1] - 1, source.span(call)[1] - 1, added)
        return
    given = [source.written(a) for a in call.args]
    if where.rstrip(".") not in ("torch",) and isinstance(node, ast.Attribute):  # a method of a tensor
        given = [source.written(node.value), *given]
    source.change(call, f"{prefix(source, 'torch.nn.functional')}{new}({', '.join([*given, *([arguments] if arguments else [])])})")


def prefix_or_none(source: Source, module: str) -> str | None:
    """As `prefix`, but None where the file has no such name yet; nothing is added."""
    aliases = [(n, a) for n in source.imports for a in n.names]
    for node, alias in aliases:
        full = alias.name if isinstance(node, ast.Import) else f"{node.module}.{alias.name}"
        if full == module and (alias.asname or isinstance(node, ast.ImportFrom)):
            return f"{alias.asname or alias.name}."
    return None


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
    root = ast.unparse(call.func.value).partition(".")[0]
    imported = {(a.asname or a.name).partition(".")[0] for n in source.imports for a in n.names}
    return root not in imported


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
        refuse_shared(draft, places, "output")
        found: list[Spot] = []
        for file, line, kind in sites(places):
            source, calls = named_on_line(draft, file, line, kind.removeprefix("functional "))
            found += [(source, c) for c in calls]
        return found
    found = [(s, c) for s, c in draft.each(ast.Call) if last_name(c.func).lower() in lower]
    if len(found) != 1:
        en = f"The script calls {' or '.join(names)} {len(found)} times, and which one is on the output is not to be seen."
        raise NoPatch(en, f"脚本中有 {len(found)} 处调用 {'、'.join(names)}，看不出哪一处在输出上。")
    return found


# ------------------------------------------------------------------------------------------------ layers behind layers


def follow_layers(draft: Draft, written: Callable[[Place, str], str]) -> None:
    """Put a layer behind every hidden linear or convolution layer. `written(place, size)`: without its "nn."."""
    hidden = [p for p in draft.facts.places if p.role == "hidden" and p.kind.startswith(("Linear", "Conv")) and p.kind != "functional"]
    hidden = [p for p in hidden if not p.kind.startswith("functional")]
    if not hidden:
        raise NoPatch("No hidden linear or convolution layer was seen.", "没有看到隐藏的线性层或卷积层。")
    refuse_shared(draft, hidden, "hidden")
    done = 0
    for (file, line, kind), place in sites(hidden).items():
        source, calls = named_on_line(draft, file, line, kind)
        for call in calls:
            size = output_size(source, call, kind)
            done += _follow(source, call, prefix(source, "torch.nn") + written(place, size))
    if not done:
        raise NoPatch("Every hidden layer is followed by a norm already.", "每个隐藏层之后都已经有归一化。")


def output_size(source: Source, call: ast.Call, kind: str) -> str:
    """How the script writes the number of outputs of a layer."""
    name = "out_features" if kind.startswith("Linear") else "out_channels"
    given = next((k.value for k in call.keywords if k.arg == name), call.args[1] if len(call.args) > 1 else None)
    if given is None or isinstance(given, ast.Starred) or last_name(call.func) != kind:
        raise NoPatch(f"The size of {source.written(call)} is not to be read.", f"读不出 {source.written(call)} 的大小。")
    return source.written(given)


def _follow(source: Source, call: ast.Call, text: str) -> int:
    above = source.parents.get(call)
    in_sequence = isinstance(above, ast.Call) and last_name(above.func) == "Sequential" and call in above.args
    if in_sequence or isinstance(above, ast.List):
        items: list[ast.expr] = above.args if isinstance(above, ast.Call) else above.elts  # type: ignore[union-attr]
        at = items.index(call)
        following = items[at + 1] if at + 1 < len(items) else None
        if isinstance(following, ast.Call) and "Norm" in last_name(following.func):
            return 0
        end = source.span(call)[1]
        apart = following is not None and following.lineno > (call.end_lineno or call.lineno)
        gap = source.newline + " " * call.col_offset if apart else " "
        source.splice(end, end, f",{gap}{text}")
        return 1
    _refuse_inner_use(source, call)
    source.change(call, f"{prefix(source, 'torch.nn')}Sequential({source.written(call)}, {text})")
    return 1


def _refuse_inner_use(source: Source, call: ast.Call) -> None:
    """A layer that becomes a Sequential must not be asked for its weight."""
    above = source.parents.get(call)
    target = ast.unparse(above.targets[0]) if isinstance(above, ast.Assign) else None
    simple = target is not None or (isinstance(above, ast.Call) and last_name(above.func) == "append")
    inner = [n for n in source.each(ast.Attribute) if isinstance(n.value, ast.Attribute | ast.Name) and ast.unparse(n.value) == target]
    if not simple or inner:
        raise NoPatch(f"{source.written(call)} is used as more than a step of the network.", f"{source.written(call)} 不只是网络中的一步。")


def without_dropout(draft: Draft) -> None:
    """p = 0 in every dropout that the files write."""
    found = 0
    for source, call in draft.each(ast.Call):
        name = last_name(call.func)
        if name in DROPOUTS and (call.args or call.keywords):
            set_argument(source, call, "p", "0", 0)
        elif name in DROPOUTS:
            source.change(call, f"{source.written(call.func)}(0)")
        elif name == "dropout" and len(call.args) + len(call.keywords) > 0 and isinstance(call.func, ast.Attribute):
            if not call.args:
                continue
            set_argument(source, call, "p", "0", 1)
        elif name in RECURRENT and any(k.arg == "dropout" for k in call.keywords):
            set_argument(source, call, "dropout", "0")
        else:
            continue
        found += 1
    if not found:
        raise NoPatch("The script writes no dropout itself.", "脚本自己没有写 dropout。")
