"""Edits between the line that builds the model and the one that builds the optimizer: new starting weights."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence

from unstuck.edits.calls import argument, origin, prefix
from unstuck.edits.optimizers import built
from unstuck.edits.source import INDENT, Draft, NoPatch, Source
from unstuck.records import Facts

#: Layers whose weights are drawn anew.
LAYERS = ("Linear", "Conv1d", "Conv2d", "Conv3d", "ConvTranspose1d", "ConvTranspose2d", "ConvTranspose3d")
GATES = {"LSTM": 4, "GRU": 3, "RNN": 1}


def start_from(draft: Draft, weights: str, recurrent: Sequence[str] = ()) -> None:
    """Draw the weights of every layer anew. `weights`: "xavier_uniform_({})"; `recurrent`: lines for one `gate` of a recurrent layer."""
    kinds = sorted({p.kind for p in draft.facts.places if p.kind in LAYERS})
    cells = sorted({p.kind for p in draft.facts.places if p.kind in GATES})

    def lines(nn: str) -> list[str]:
        if not kinds:
            raise NoPatch("No linear or convolution layer was seen.", "没有看到线性层或卷积层。")
        written = _fill(nn, kinds, weights, biases=all_have_bias(draft.facts, kinds))
        for kind in cells if recurrent else ():
            written += _fill_gates(nn, kind, recurrent)
        return written

    for_every_layer(draft, lines)


def open_gates(draft: Draft, opening: float) -> None:
    """Bias of the forget gate (LSTM) or update gate (GRU) of every recurrent layer: rows H to 2H of the stacked biases."""
    cells = sorted({p.kind for p in draft.facts.places if p.kind.startswith(("LSTM", "GRU"))})
    if not cells or not any("bias_ih" in p.name for p in draft.facts.parameters):
        raise NoPatch("The model has no LSTM or GRU layer with biases.", "模型没有带偏置的 LSTM 或 GRU 层。")

    def lines(nn: str) -> list[str]:
        return [
            f"{INDENT}if isinstance(layer, {_either([nn + kind for kind in cells])}):",
            f"{2 * INDENT}for name, bias in layer.named_parameters():",
            f'{3 * INDENT}if name.startswith("bias"):',
            f"{4 * INDENT}gate = bias.data[layer.hidden_size : 2 * layer.hidden_size]",
            f'{4 * INDENT}gate.fill_({opening} if name.startswith("bias_ih") else 0.0)',
        ]

    for_every_layer(draft, lines)


def for_every_layer(draft: Draft, written: Callable[[str], list[str]]) -> None:
    """A loop over a model's modules, between the model and its optimizer. `written`: its body, given how torch.nn is written here."""
    models = set()
    for source, call, _ in built(draft):
        model = model_of(source, call)
        if model in models:
            continue
        models.add(model)
        lines = [f"for layer in {model}.modules():", *written(prefix(source, "torch.nn"))]
        last = last_mention(source, call, model)
        if last is not None:
            source.after(last, lines)
        else:
            source.before(source.statement(call), lines)


def _either(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"({', '.join(names)})"


def _fill(nn: str, kinds: list[str], weights: str, *, biases: bool) -> list[str]:
    lines = [
        f"{INDENT}if isinstance(layer, {_either([nn + kind for kind in kinds])}):",
        f"{2 * INDENT}{nn}init.{weights.format('layer.weight')}",
    ]
    if biases:
        return [*lines, f"{2 * INDENT}{nn}init.zeros_(layer.bias)"]
    return [*lines, f"{2 * INDENT}if layer.bias is not None:", f"{3 * INDENT}{nn}init.zeros_(layer.bias)"]


def _fill_gates(nn: str, kind: str, lines: Sequence[str]) -> list[str]:
    gates = GATES[kind]
    parts = f"weight.data.chunk({gates})" if gates > 1 else "[weight.data]"
    return [
        f"{INDENT}elif isinstance(layer, {nn}{kind}):",
        f"{2 * INDENT}for name, weight in layer.named_parameters():",
        f'{3 * INDENT}if name.startswith("weight"):',
        f"{4 * INDENT}for gate in {parts}:",
        *(f"{5 * INDENT}{line.format(nn=nn)}" for line in lines),
    ]


def all_have_bias(facts: Facts, kinds: list[str]) -> bool:
    """Every layer of these kinds was seen with a bias."""
    names = {p.name.partition("#")[0] for p in facts.places if p.kind in kinds}
    known = {p.name for p in facts.parameters}
    return bool(known) and all(f"{name}.bias" in known or name == "" for name in names)


def model_of(source: Source, call: ast.Call) -> str:
    """What the optimizer got the parameters of; NoPatch where that is more than one `X.parameters()`."""
    given = argument(call, "params", 0)
    asked = [
        n
        for n in ast.walk(origin(source, given) if given is not None else call)
        if isinstance(n, ast.Attribute) and n.attr in ("parameters", "named_parameters")
    ]
    models = {source.written(n.value) for n in asked}
    if len(models) != 1 or not isinstance(asked[0].value, ast.Name | ast.Attribute):
        raise NoPatch("The optimizer does not get the parameters of one model.", "优化器得到的不是单个模型的参数。")
    return models.pop()


def last_mention(source: Source, call: ast.Call, model: str) -> ast.stmt | None:
    """The last statement before the optimizer, in the same block, that has to do with the model; None where that is the one before."""
    statement = source.statement(call)
    block = source.block(statement)
    earlier = block[: block.index(statement)]
    asked = [n for s in earlier for n in ast.walk(s) if isinstance(n, ast.Name | ast.Attribute) and ast.unparse(n) == model]
    tops = [s for s in earlier if any(n in asked for n in ast.walk(s)) and not isinstance(s, ast.FunctionDef | ast.ClassDef)]
    return tops[-1] if tops and isinstance(tops[-1], ast.Assign | ast.Expr) else None
