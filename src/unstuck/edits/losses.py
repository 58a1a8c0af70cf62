"""Edits where the loss is made or called: shapes that match, another loss, logits in place of probabilities."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from unstuck.edits.activations import output_activation, take_off
from unstuck.edits.calls import argument, assigned, last_name, number, on_line, prefix
from unstuck.edits.loops import method_statements
from unstuck.edits.source import Draft, NoPatch, Source

MODULES = {"MSELoss": "mse", "L1Loss": "l1", "SmoothL1Loss": "smooth-l1"}
FUNCTIONS = {"mse_loss": "mse", "l1_loss": "l1", "smooth_l1_loss": "smooth-l1"}


def loss_call(draft: Draft) -> tuple[Source, ast.Call]:
    """The call that compares outputs with targets."""
    facts = draft.facts.loss
    if facts is not None:
        for source, call in on_line(draft, facts.file, facts.line):
            if len(call.args) == 2 and last_name(call.func) not in ("zip", "enumerate", "print"):
                return source, call
    raise NoPatch("The call of the loss is not to be seen.", "看不到损失函数的调用。")


def match_shapes(draft: Draft) -> None:
    """Take the dimension of size 1 off the outputs or the targets, whichever has it."""
    facts = draft.facts.loss
    if facts is not None and facts.input_shape and not facts.line:  # no function of PyTorch was called: a loss by hand
        return flatten_operands(draft)
    source, call = loss_call(draft)
    assert facts is not None
    shapes = (tuple(facts.input_shape), tuple(facts.target_shape))
    for given, mine, other in zip(call.args, shapes, reversed(shapes), strict=True):
        if len(mine) == len(other) + 1 and 1 in mine[1:]:
            at = 1 + mine[1:].index(1)
            if mine[:at] + mine[at + 1 :] == other:
                source.change(given, f"{bracketed(source, given)}.squeeze({at})")
                return
    raise NoPatch(
        f"Shapes {shapes[0]} and {shapes[1]} do not differ by one dimension of size 1.",
        f"形状 {shapes[0]} 与 {shapes[1]} 并非只差一个大小为 1 的维。",
    )


def flatten_operands(draft: Draft) -> None:
    """Make one row of both sides of a loss by hand: of the difference in the loop, or of the arguments of the script's own function."""
    made = {n.name for _, n in draft.each(ast.FunctionDef, ast.ClassDef) if isinstance(n, ast.FunctionDef | ast.ClassDef)}
    for source, _, call in method_statements(draft, "backward"):
        assert isinstance(call.func, ast.Attribute)
        for value in (v for v in assigned(source, ast.unparse(call.func.value)) if source.function(v) is source.function(call)):
            differences = [n for n in ast.walk(value) if isinstance(n, ast.BinOp) and isinstance(n.op, ast.Sub)]
            calls = [n for n in ast.walk(value) if isinstance(n, ast.Call) and len(n.args) == 2 and not n.keywords]
            own = [c for c in calls if last_name(c.func) in made or last_name(_maker(source, c.func)) in made]
            sides = [[d.left, d.right] for d in differences if number(d.left) is None] or [c.args for c in own]
            if len(sides) == 1:
                for side in sides[0]:
                    source.change(side, f"{bracketed(source, side)}.flatten()")
                return
    raise NoPatch("The difference of outputs and targets is not to be seen.", "看不到输出与目标相减之处。")


def _maker(source: Source, function: ast.expr) -> ast.expr:
    """What made a callable: the class in `criterion = Pinball()`."""
    values = assigned(source, ast.unparse(function))
    return values[0].func if len(values) == 1 and isinstance(values[0], ast.Call) else function


def bracketed(source: Source, node: ast.expr) -> str:
    """An expression that a method can be called on."""
    text = source.written(node)
    return text if isinstance(node, ast.Name | ast.Attribute | ast.Call | ast.Subscript) else f"({text})"


def without_softmax(draft: Draft) -> None:
    """Logits for a cross-entropy; log-probabilities for a negative log-likelihood."""
    found = output_activation(draft, ("Softmax", "softmax"))
    if draft.facts.loss is None or draft.facts.loss.kind != "nll":
        take_off(draft, found)
        return
    for source, call in found:
        if not isinstance(call.func, ast.Attribute):
            raise NoPatch("The softmax has a name of its own.", "softmax 另有名称。")
        new = "LogSoftmax" if call.func.attr == "Softmax" else "log_softmax"
        end = source.span(call.func)[1]
        source.splice(end - len(call.func.attr), end, new)


def without_sigmoid(draft: Draft) -> None:
    """Logits, and 0 in place of 0.5 where they are turned into answers."""
    take_off(draft, output_activation(draft, ("Sigmoid", "sigmoid")))
    limits = [(s, c) for s, c in draft.each(ast.Compare) if len(c.comparators) == 1 and ast.unparse(c.comparators[0]) == "0.5"]
    rounds = [c for _, c in draft.each(ast.Call) if last_name(c.func) in ("round", "round_") and isinstance(c.func, ast.Attribute)]
    if len(limits) > 1 or rounds:
        raise NoPatch("Probabilities are turned into answers in more than one way.", "概率在多处被转换为答案。")
    for source, compare in limits:
        source.change(compare.comparators[0], "0")


def to_cross_entropy(draft: Draft) -> None:
    """The loss of classes, on logits: one-hot targets are distributions, which it takes as they are."""
    target, loss = draft.facts.target, draft.facts.loss
    kind = target.kind if target is not None else "unknown"
    if kind not in ("one-hot", "binary"):
        raise NoPatch(f"The targets ({kind}) are not one-hot classes.", f"目标（{kind}）不是独热类别。")
    signature = loss.signature if loss is not None else ()
    _exchange(draft, ("CrossEntropyLoss", "cross_entropy") if kind == "one-hot" else ("BCELoss", "binary_cross_entropy"))
    if kind == "one-hot":
        for node, names in (("SoftmaxBackward0", ("Softmax", "softmax")), ("SigmoidBackward0", ("Sigmoid", "sigmoid"))):
            if node in signature:
                take_off(draft, output_activation(draft, names))
                return
    elif "SigmoidBackward0" not in signature:
        raise NoPatch("The output is no probability.", "输出不是概率。")


def softmax_over_classes(draft: Draft) -> None:
    """Dimension 1 wherever a softmax is told dimension 0."""
    changed = 0
    for source, call, at in _softmaxes(draft):
        dim = argument(call, "dim", at)
        if dim is not None and number(dim) in (0, -2):
            source.change(dim, "1" if number(dim) == 0 else "-1")
            changed += 1
    if not changed:
        raise NoPatch("No softmax is told dimension 0 by a number.", "没有 softmax 以数字指定第 0 维。")


def sigmoid_for_softmax(draft: Draft) -> None:
    """A sigmoid, wherever it is written how many outputs it has."""
    found = output_activation(draft, ("Softmax", "softmax"))
    for source, call in found:
        if last_name(call.func) == "Softmax":
            source.change(call, f"{source.written(call.func).removesuffix('Softmax')}Sigmoid()")
        elif isinstance(call.func, ast.Attribute) and call.args:
            module = isinstance(call.func.value, ast.Name) and call.func.value.id in ("torch", "F", "functional")
            tensor = source.written(call.args[0]) if module else bracketed(source, call.func.value)
            source.change(call, f"{prefix(source, 'torch')}sigmoid({tensor})")
        else:
            raise NoPatch("The softmax has a name of its own.", "softmax 另有名称。")


def _softmaxes(draft: Draft) -> list[tuple[Source, ast.Call, int]]:
    """Every softmax, with the position of its dimension."""
    found = []
    for source, call in draft.each(ast.Call):
        name = last_name(call.func)
        if name in ("Softmax", "LogSoftmax"):
            found.append((source, call, 0))
        elif name in ("softmax", "log_softmax"):
            # F.softmax(x, 0), x.softmax(0)
            own = len(call.args) == 1 and number(call.args[0]) is not None
            found.append((source, call, 0 if own else 1))
    return found


def nll_of_scores(draft: Draft) -> None:
    """The cross-entropy, which takes scores, in place of the negative log-likelihood."""
    loss = draft.facts.loss
    if loss is None or loss.kind != "nll":
        raise NoPatch("The loss is no negative log-likelihood.", "损失不是负对数似然。")
    _exchange(draft, ("CrossEntropyLoss", "cross_entropy"), ("NLLLoss", "nll_loss"))


def _exchange(draft: Draft, new: tuple[str, str], old: Sequence[str] = (*MODULES, *FUNCTIONS)) -> None:
    """Another name for the only loss of these names in the files."""
    found = [(s, c.func) for s, c in draft.each(ast.Call) if last_name(c.func) in old]
    if len(found) != 1:
        raise NoPatch(f"The loss is written {len(found)} times.", f"损失函数写了 {len(found)} 处。")
    source, func = found[0]
    name = last_name(func)
    if not isinstance(func, ast.Attribute):
        raise NoPatch("The loss is imported by its own name.", "损失函数按自身名称导入。")
    end = source.span(func)[1]
    source.splice(end - len(name), end, new[0] if name[0].isupper() else new[1])
