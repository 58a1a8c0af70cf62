"""Edits of hidden widths: the number of a layer's outputs, and of the inputs of what reads them."""

from __future__ import annotations

import ast

from unstuck.edits.calls import argument, last_name, named_on_line, number
from unstuck.edits.definitions import definition
from unstuck.edits.layers import calls_of
from unstuck.edits.source import Draft, NoPatch, Source
from unstuck.records import Place

#: How layers and norms call their sizes: inputs, outputs; position of each.
SIZES = {"Linear": ("in_features", "out_features"), "Conv": ("in_channels", "out_channels")}
NORMS = {"BatchNorm": "num_features", "LayerNorm": "normalized_shape"}


def change_widths(draft: Draft, factor: float, least: int) -> None:
    """Multiply the widths between layers of one kind that follow one another, to at least so many; NoPatch where a number means something else, too.

    What is read by several layers, or by none that was seen right behind it, stays.
    """
    row = [p for p in sorted(draft.facts.places, key=lambda p: p.order) if _kind(p)]
    shapes = {p.name: p.shape for p in draft.facts.parameters}
    joints: list[tuple[Place, Place, list[Place]]] = []
    norms: list[Place] = []
    last: Place | None = None
    for place in row:
        if _kind(place) == "norm":
            norms.append(place)
            continue
        made, read = (shapes.get(f"{p.name.partition('#')[0]}.weight", ()) if p is not None else () for p in (last, place))
        if (
            last is not None
            and last.role == "hidden"
            and len(made) > 1
            and len(read) > 1
            and made[0] == read[1]
            and last.kind == place.kind
        ):
            joints.append((last, place, norms))
        last, norms = place, []
    if not joints:
        raise NoPatch("No hidden layer is read by one of its kind alone.", "没有只被同类层读取的隐藏层。")
    wanted: dict[ast.expr, tuple[Source, float]] = {}
    for maker, reader, between in joints:
        for place, side in ((maker, 1), (reader, 0), *((n, 0) for n in between)):
            source, given = _size(draft, place, side)
            home = definition(source, given)
            if number(home) is None:
                raise NoPatch(f"The width {source.written(given)} is not one number.", f"宽度 {source.written(given)} 不是单个数字。")
            wanted[home] = source, max(least, round((number(home) or 0) * factor))
    kept = {definition(*_size(draft, p, side)) for p, side in _others(row, joints)}
    if kept & wanted.keys():
        raise NoPatch("A width is also the size of something else.", "某个宽度同时也是其他大小。")
    for home, (source, new) in wanted.items():
        source.change(home, f"{new:g}")


def _kind(place: Place) -> str:
    if place.kind.startswith(tuple(NORMS)):
        return "norm"
    return "layer" if place.kind.startswith(tuple(SIZES)) and "Transpose" not in place.kind else ""


def _size(draft: Draft, place: Place, side: int) -> tuple[Source, ast.expr]:
    """The expression that gives a layer its inputs (side 0) or outputs (1), or a norm its size."""
    source, calls = named_on_line(draft, place.file, place.line, place.kind)
    call = calls[0] if len(calls) == 1 else next(calls_of(draft, [place]))[1]  # one call in a loop makes many layers
    names = next((n for kind, n in SIZES.items() if place.kind.startswith(kind)), None)
    name = names[side] if names is not None else next(n for kind, n in NORMS.items() if place.kind.startswith(kind))
    given = argument(call, name, side)
    if given is None or last_name(call.func) != place.kind:
        raise NoPatch(f"The size of {source.written(call)} is not to be read.", f"读不出 {source.written(call)} 的大小。")
    return source, given


def _others(row: list[Place], joints: list[tuple[Place, Place, list[Place]]]) -> list[tuple[Place, int]]:
    """Sides of layers that are no hidden width that changes."""
    changed = {(maker.name, 1) for maker, _, _ in joints} | {(reader.name, 0) for _, reader, _ in joints}
    return [(p, side) for p in row if _kind(p) == "layer" for side in (0, 1) if (p.name, side) not in changed]
