"""Edits inside the model: activations exchanged or taken off, layers put behind others, dropout off."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Sequence

from unstuck.attach.surgery import activation_kind, activations
from unstuck.edits.calls import argument, drop_item, last_name, named_on_line, number, origin, prefix, set_argument
from unstuck.edits.source import Draft, NoPatch, Source
from unstuck.records import Place

Spot = tuple[Source, ast.Call]
#: Activations that torch and its tensors have as functions and methods of their own; the others live in torch.nn.functional.
IN_TORCH = frozenset(("relu", "tanh", "sigmoid"))
DROPOUTS = ("Dropout", "Dropout1d", "Dropout2d", "Dropout3d", "AlphaDropout", "FeatureAlphaDropout")
RECURRENT = ("LSTM", "GRU", "RNN", "MultiheadAttention")


def calls_of(draft: Draft, places: Sequence[Place]) -> Iterator[tuple[Source, ast.Call, Place]]:
    """The calls that make these places, or that they are; NoPatch where a call makes others as well."""
    wanted = {p.name for p in places}
    for file, line, kind in dict.fromkeys((p.file, p.line, p.kind) for p in places):
        source, calls = named_on_line(draft, file, line, kind.removeprefix("functional "))
        calls.sort(key=source.span)
        there = [p for p in draft.facts.places if (p.file, p.line, p.kind) == (file, line, kind) and "#" not in p.name.rpartition(".")[2]]
        if len(calls) == len(there):  # `nn.Sequential(nn.Linear(4, 8), nn.Sigmoid(), nn.Linear(8, 1))`: the first, the second
            yield from ((source, call, place) for call, place in zip(calls, there, strict=True) if place.name in wanted)
        elif all(p.name in wanted for p in there):  # a loop makes many on one line
            yield from ((source, call, next(p for p in places if (p.file, p.line, p.kind) == (file, line, kind))) for call in calls)
        else:
            raise NoPatch(
                f"{file}:{line} makes the {kind} of the output and of hidden layers alike.",
                f"{file}:{line} 同时构造了输出层和隐藏层的 {kind}。",
            )


# ------------------------------------------------------------------------------------------------------- activations


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


# ------------------------------------------------------------------------------------------------ layers behind layers


def follow_layers(draft: Draft, written: Callable[[Place, str], str]) -> None:
    """Put a layer behind every hidden linear or convolution layer. `written(place, size)`: without its "nn."."""
    hidden = [p for p in draft.facts.places if p.role == "hidden" and p.kind.startswith(("Linear", "Conv"))]
    if not hidden:
        raise NoPatch("No hidden linear or convolution layer was seen.", "没有看到隐藏的线性层或卷积层。")
    refuse_untrained(draft, hidden)
    done = 0
    for source, call, place in calls_of(draft, hidden):
        size = output_size(source, call, place.kind)
        done += follow(source, call, prefix(source, "torch.nn") + written(place, size))
    if not done:
        raise NoPatch("Every hidden layer is followed by a norm already.", "每个隐藏层之后都已经有归一化。")


def follow_output(draft: Draft, written: str) -> None:
    """Put a layer behind every linear output layer. `written`: without its "nn."."""
    output = [p for p in draft.facts.places if p.role == "output" and p.kind == "Linear"]
    if not output:
        raise NoPatch("No linear output layer was seen.", "没有看到线性输出层。")
    for source, call, _ in calls_of(draft, output):
        follow(source, call, prefix(source, "torch.nn") + written)


def refuse_untrained(draft: Draft, places: Sequence[Place]) -> None:
    """NoPatch where a layer is not given to the optimizer: what is put behind it would not be either."""
    held = {p.module for p in draft.facts.parameters if p.optimizer is not None and p.requires_grad}
    known = {p.module for p in draft.facts.parameters}
    for place in places:
        name = place.name.partition("#")[0]
        if name in known and name not in held:
            raise NoPatch(f"The optimizer does not get the layer {name}.", f"优化器没有得到层 {name}。")


def output_size(source: Source, call: ast.Call, kind: str) -> str:
    """How the script writes the number of outputs of a layer."""
    name = "out_features" if kind.startswith("Linear") else "out_channels"
    given = next((k.value for k in call.keywords if k.arg == name), call.args[1] if len(call.args) > 1 else None)
    if given is None or isinstance(given, ast.Starred) or last_name(call.func) != kind:
        raise NoPatch(f"The size of {source.written(call)} is not to be read.", f"读不出 {source.written(call)} 的大小。")
    return source.written(given)


def follow(source: Source, call: ast.Call, text: str) -> int:
    """Put a layer behind the call that makes another one: in its row, or in a Sequential with it; 0 where a norm is there already."""
    above = source.parents.get(call)
    in_sequence = isinstance(above, ast.Call) and last_name(above.func) == "Sequential" and call in above.args
    if in_sequence or isinstance(above, ast.List):
        items: list[ast.expr] = above.args if isinstance(above, ast.Call) else above.elts  # type: ignore[union-attr]
        at = items.index(call)
        following = items[at + 1] if at + 1 < len(items) else None
        if isinstance(following, ast.Call) and "Norm" in last_name(following.func):
            return 0
        end, lines = source.span(call)[1], source.own_lines(call)
        if lines is not None:  # a line of its own; the comment stays with the layer
            indent = source.text[lines[0] : source.span(call)[0]]
            source.splice(lines[1], lines[1], f"{indent}{text},{source.newline}")
            return 1
        apart = following is not None and following.lineno > (call.end_lineno or call.lineno)
        gap = source.newline + " " * call.col_offset if apart else " "
        source.splice(end, end, f",{gap}{text}")
        return 1
    refuse_inner_use(source, call)
    source.change(call, f"{prefix(source, 'torch.nn')}Sequential({source.written(call)}, {text})")
    return 1


def hidden_in_front(draft: Draft, least: int) -> None:
    """A hidden layer of rectifiers in front of the linear output layer: as many units as that has inputs, and no fewer than `least`."""
    output = [p for p in draft.facts.places if p.role == "output" and p.kind == "Linear"]
    if not output:
        raise NoPatch("No linear output layer was seen.", "没有看到线性输出层。")
    refuse_untrained(draft, output)
    for source, call, place in calls_of(draft, output):
        size, given = output_size(source, call, place.kind), argument(call, "in_features", 0)
        if given is None:
            raise NoPatch(f"The size of {source.written(call)} is not to be read.", f"读不出 {source.written(call)} 的大小。")
        above = source.parents.get(call)
        if not (isinstance(above, ast.Call) and last_name(above.func) == "Sequential"):
            refuse_inner_use(source, call)
        known, inputs, nn = number(given), source.written(given), prefix(source, "torch.nn")
        width = f"max({least}, {inputs})" if known is None else str(max(least, round(known)))
        source.change(call, f"{nn}Sequential({nn}Linear({inputs}, {width}), {nn}ReLU(), {nn}Linear({width}, {size}))")


def refuse_inner_use(source: Source, call: ast.Call) -> None:
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
