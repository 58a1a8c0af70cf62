"""Edits that put something around or behind layers: dropout, group norm, the input of a layer added to its output."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from unstuck.attach.surgery import LEAST_BLOCKS, activations
from unstuck.edits.calls import argument, in_place_of, last_name, number, prefix
from unstuck.edits.layers import Spot, calls_of, follow, follow_layers, output_size, refuse_inner_use
from unstuck.edits.source import INDENT, Draft, NoPatch, Source
from unstuck.records import Place


def add_dropout(draft: Draft, p: float) -> None:
    """Behind every hidden activation, module or function call."""
    hidden = activations(draft.facts, "hidden")
    if not hidden:
        raise NoPatch("No hidden activation was seen.", "没有看到隐藏层激活函数。")
    for source, call, place in calls_of(draft, hidden):
        if not place.kind.startswith("functional "):
            follow(source, call, f"{prefix(source, 'torch.nn')}Dropout({p:g})")
            continue
        function = source.function(call)
        if function is None or [a.arg for a in function.args.args[:1]] != ["self"]:
            raise NoPatch("An activation is called outside a module's method.", "激活函数在模块方法之外被调用。")
        start, end = source.span(call)
        source.splice(start, start, f"{prefix(source, 'torch.nn.functional')}dropout(")
        source.splice(end, end, f", {p:g}, self.training)")


def group_norm(draft: Draft, most: int) -> None:
    """Group norms in place of batch norms; behind every hidden layer where there is none."""
    old = [p for p in draft.facts.places if p.kind.startswith("BatchNorm")]
    if not old:
        for place in draft.facts.places:
            if place.role == "hidden" and place.kind == "Linear" and len(place.shape) != 2:
                raise NoPatch("A linear layer is applied to sequences.", "线性层作用在序列上。")
        follow_layers(draft, lambda place, size: f"GroupNorm({_groups(draft, place, most)}, {size})")
        return
    for source, call, place in calls_of(draft, old):
        size = argument(call, "num_features", 0)
        if last_name(call.func) != place.kind or size is None:
            raise NoPatch(f"The size of {source.written(call)} is not to be read.", f"读不出 {source.written(call)} 的大小。")
        owner = source.written(call.func).removesuffix(place.kind) or prefix(source, "torch.nn")
        source.change(call, f"{owner}GroupNorm({_groups(draft, place, most)}, {source.written(size)})")


def _groups(draft: Draft, place: Place, most: int) -> int:
    """The largest number of groups that divides the channels of every layer that this line makes."""
    same = [p for p in draft.facts.places if (p.file, p.line, p.kind) == (place.file, place.line, place.kind) and len(p.shape) > 1]
    found = {next(g for g in range(min(most, p.shape[1]), 0, -1) if p.shape[1] % g == 0) for p in same}
    if len(found) != 1:
        raise NoPatch(f"{place.file}:{place.line} makes layers of several widths.", f"{place.file}:{place.line} 构造了多种宽度的层。")
    return found.pop()


# ------------------------------------------------------------------------------------------------------------- residual


def add_inputs(draft: Draft) -> None:
    """`self.fc(x)` -> `self.fc(x) + x` where the call is to be seen, else the layer in a small module that does so."""
    shapes = {p.name: p.shape for p in draft.facts.parameters}
    layers = [p for p in draft.facts.places if p.role in ("hidden", "gate") and p.kind.startswith(("Linear", "Conv"))]
    # A convolution that keeps its channels may still change the size of the image; its call tells.
    equal = [p for p in layers if len(s := shapes.get(f"{p.name.partition('#')[0]}.weight", ())) > 1 and s[0] == s[1]]
    if not equal:
        raise NoPatch("No hidden layer has an input and an output of one shape.", "没有输入输出形状相同的隐藏层。")
    wrapped: list[Spot] = []
    for source, call, place in calls_of(draft, equal):
        if place.kind.startswith("Conv") and not _keeps_size(call):
            raise NoPatch(
                f"Whether {source.written(call)} keeps the size is not to be read.", f"读不出 {source.written(call)} 是否保持大小。"
            )
        uses = _uses(source, call)
        if uses and all(len(c.args) == 1 and isinstance(c.args[0], ast.Name) and not c.keywords for c in uses):
            for use in uses:
                _add_input(source, use)
        else:
            output_size(source, call, place.kind)
            wrapped.append((source, call))
    for source in draft.sources:
        _wrap(source, [call for where, call in wrapped if where is source])


def _keeps_size(call: ast.Call) -> bool:
    """A convolution whose kernel 2 p + 1 and padding p stand there, or padding="same", without stride or dilation."""
    kernel, padding = (number(argument(call, name, at)) for name, at in (("kernel_size", 2), ("padding", 4)))
    moved = argument(call, "stride", 3) is not None or argument(call, "dilation", 5) is not None
    text = argument(call, "padding", 4)
    same = isinstance(text, ast.Constant) and text.value == "same"
    return not moved and argument(call, "groups", 6) is None and (same or (kernel is not None and kernel == 2 * (padding or 0) + 1))


def _uses(source: Source, call: ast.Call) -> list[ast.Call]:
    """The calls of a layer that has a name of its own."""
    above = source.parents.get(call)
    if not isinstance(above, ast.Assign) or not isinstance(above.targets[0], ast.Attribute | ast.Name):
        return []
    name = ast.unparse(above.targets[0])
    kind = source.up(call, ast.ClassDef)
    return [c for c in source.each(ast.Call) if ast.unparse(c.func) == name and source.up(c, ast.ClassDef) is kind]


def _add_input(source: Source, use: ast.Call) -> None:
    start, end = source.span(use)
    text = in_place_of(source, use, f"{source.written(use)} + {source.written(use.args[0])}")
    # Around the call and not in its place: there may be a call to change within it.
    before, _, behind = text.partition(source.written(use))
    source.splice(start, start, before)
    source.splice(end, end, behind)


def lead_past(draft: Draft) -> None:
    """`x = block(x)` -> `x = x + 0.2 * block(x)` in the loop over the blocks, or each block in a small module that does so."""
    count = max((len(found) for found in _rows(draft).values()), default=0)
    if count < LEAST_BLOCKS:
        raise NoPatch("No row of three blocks was seen.", "没有看到三个依次相接的块。")
    scale = f"{count**-0.5:.2g}"
    called = [(s, c) for s, loop in draft.each(ast.For) for c in _block_calls(loop)]
    if len(called) == 1:
        source, call = called[0]
        given = source.written(call.args[0])
        source.change(call, in_place_of(source, call, f"{given} + {scale} * {source.written(call)}"))
        return
    made = [(s, c.elt) for s, c in draft.each(ast.ListComp) if isinstance(c.elt, ast.Call) and isinstance(s.parents.get(c), ast.Starred)]
    if called or len(made) != 1:
        raise NoPatch("Where the blocks follow one another is not to be seen.", "看不出各块在哪里依次相接。")
    _wrap(made[0][0], [made[0][1]], f"x + {scale} * self.layer(x)")


def _rows(draft: Draft) -> dict[str, set[str]]:
    """Numbers of the modules in every row ("blocks.3.fc": row "blocks", number 3) that holds hidden layers."""
    rows: dict[str, set[str]] = {}
    for place in draft.facts.places:
        if place.role == "hidden" and place.kind.startswith(("Linear", "Conv")):
            parts = place.name.partition("#")[0].split(".")
            for at, part in enumerate(parts):
                if part.isdigit():
                    rows.setdefault(".".join(parts[:at]), set()).add(part)
    return rows


def _block_calls(loop: ast.For) -> list[ast.Call]:
    """`x = ... block(x) ...`, where the loop goes through the blocks."""
    names = {n.id for n in ast.walk(loop.target) if isinstance(n, ast.Name)}
    found = []
    for statement in loop.body:
        if isinstance(statement, ast.Assign):
            for call in ast.walk(statement.value):
                one = isinstance(call, ast.Call) and len(call.args) == 1 and not call.keywords and ast.unparse(call.func) in names
                if one and ast.unparse(call.args[0]) == ast.unparse(statement.targets[0]):  # type: ignore[attr-defined]
                    found.append(call)
    return found  # type: ignore[return-value]


def _wrap(source: Source, calls: Sequence[ast.Call], answer: str = "self.layer(x) + x") -> None:
    """Layers in a module of a few lines, which stands before the first thing that uses it."""
    if not calls:
        return
    nn = prefix(source, "torch.nn")
    if any(node.name == "Residual" for node in source.each(ast.ClassDef)):
        raise NoPatch("The script has a class Residual of its own.", "脚本已有自己的 Residual 类。")
    for call in calls:
        above = source.parents.get(call)
        row = isinstance(above, ast.List | ast.ListComp) or (isinstance(above, ast.Call) and last_name(above.func) == "Sequential")
        if not row:
            refuse_inner_use(source, call)
        source.change(call, f"Residual({source.written(call)})")
    top = source.top(calls[0])
    lines = [
        f"class Residual({nn}Module):",
        f"{INDENT}def __init__(self, layer):",
        f"{2 * INDENT}super().__init__()",
        f"{2 * INDENT}self.layer = layer",
        "",
        f"{INDENT}def forward(self, x):",
        f"{2 * INDENT}return {answer}",
        "",
        "",
    ]
    before_it = source.text[: source.span(top)[0]].splitlines()
    gap = next((n for n, line in enumerate(reversed(before_it)) if line.strip()), 2)
    source.before(top, [*[""] * max(0, 2 - gap), *lines])
