"""Edits of the layers that a script writes: others put behind or in front of them, dropout off."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Sequence

from unstuck.edits.calls import argument, last_name, named_on_line, number, prefix, set_argument
from unstuck.edits.source import Draft, NoPatch, Source
from unstuck.records import Place

Spot = tuple[Source, ast.Call]
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
