"""Class weights, written where the training loss is made or called."""

from __future__ import annotations

import ast

from unstuck.edits.calls import argument, last_name, prefix, set_argument
from unstuck.edits.losses import loss_call
from unstuck.edits.reach import bound, free, given_for, reads
from unstuck.edits.source import Draft, NoPatch, Source
from unstuck.edits.targets import Targets, declare, seen_from, training_targets, unwrapped


def weigh_classes(draft: Draft) -> None:
    """Weights by how rare a class is among the training targets, for the training loss alone."""
    source, call = loss_call(draft)
    kind = draft.facts.loss.kind if draft.facts.loss is not None else "unknown"
    if kind not in ("cross-entropy", "nll", "bce-with-logits"):
        raise NoPatch(f"A loss of this kind ({kind}) takes no class weights.", f"这种损失（{kind}）不接受类别权重。")
    targets = training_targets(draft, source, call.args[1])
    function = last_name(call.func)
    if function in ("cross_entropy", "nll_loss", "binary_cross_entropy_with_logits"):
        _refuse_weights(call)
        lines, setting, value = _weights(draft, targets, kind, _device(draft, source, call))
        if not targets.way and setting == "weight":
            declare(draft, targets, source, call, lines, ())
            set_argument(source, call, setting, value)
            return
        name = free(draft, "class_weights" if setting == "weight" else "pos_weight")
        declare(draft, targets, source, call, [*lines, f"{name} = {value}"], [name])
        set_argument(source, call, setting, name)
        return
    home, way = bound(draft, source, call, source.written(call.func))
    made = home.value
    if not isinstance(made, ast.Call) or last_name(made.func) not in ("CrossEntropyLoss", "NLLLoss", "BCEWithLogitsLoss"):
        raise NoPatch("Where the loss is made is not to be seen.", "看不出损失函数在哪里创建。")
    _refuse_weights(made)
    if not seen_from(targets, home.source, home.statement):
        raise NoPatch("The training targets are made behind the loss.", "训练目标在损失函数之后才创建。")
    lines, setting, value = _weights(draft, targets, kind, _device(draft, source, call))
    uses = reads(home.source, home.name)
    if len(uses) == 1 and (way or uses[0] is call.func) and all(_read_once(f, parameter) for _, f, parameter, _ in way):
        home.source.before(home.statement, lines)
        set_argument(home.source, made, setting, value)
        return
    # Validation goes on with the loss as it is.
    weighted = free(draft, "weighted")
    arguments = home.source.text[home.source.span(made.func)[1] : home.source.span(made)[1] - 1].removeprefix("(")
    new = f"{home.source.written(made.func)}({arguments}{', ' if arguments else ''}{setting}={value})  # for training"
    owner = home.name.rpartition(".")[0]
    home.source.after(home.statement, [*lines, f"{owner}.{weighted} = {new}" if owner else f"{weighted} = {new}"])
    if not way:
        source.change(call.func, f"{owner}.{weighted}" if owner else weighted)
        return
    if not all(_read_once(f, parameter) for _, f, parameter, _ in way):
        raise NoPatch("A function uses one loss for training and validation.", "同一函数用同一个损失做训练和验证。")
    where, handed, parameter, outermost = way[-1]
    given = given_for(where, handed, outermost, parameter)
    assert given is not None
    caller = next(s for s, c in draft.each(ast.Call) if c is outermost)
    caller.change(given, f"{owner}.{weighted}" if owner else weighted)


def _read_once(function: ast.AST, name: str) -> bool:
    return sum(isinstance(n, ast.Name) and n.id == name and isinstance(n.ctx, ast.Load) for n in ast.walk(function)) == 1


def _refuse_weights(call: ast.Call) -> None:
    for name in ("weight", "pos_weight", "label_smoothing", "ignore_index"):
        if argument(call, name) is not None:
            raise NoPatch(f"The loss has {name} already.", f"损失函数已经设置了 {name}。")
    if len(call.args) > 2 or (call.args and last_name(call.func)[:1].isupper()):
        raise NoPatch("The loss gets its settings by position.", "损失函数按位置接收参数。")


def _weights(draft: Draft, targets: Targets, kind: str, device: str) -> tuple[list[str], str, str]:
    """Lines that count, the setting, and its value: samples/(classes * samples of the class); negatives/positives."""
    torch = prefix(targets.made.source, "torch")
    ratio = f"({targets.made.name} == 0).sum() / ({targets.made.name} == 1).sum()"
    if kind == "bce-with-logits":
        return [], "pos_weight", (f"({ratio}){device}" if device else ratio)
    facts, counts = draft.facts, free(draft, "counts")
    outputs = facts.loss.input_shape[1] if facts.loss is not None and len(facts.loss.input_shape) > 1 else 0
    classes = facts.target.classes if facts.target is not None else 0
    least = f", minlength={outputs}" if outputs and outputs != classes else ""
    weight = f"{counts}.sum() / (len({counts}) * {counts})"
    return [f"{counts} = {torch}bincount({targets.made.name}{least})"], "weight", f"({weight}){device}" if device else weight


def _device(draft: Draft, source: Source, call: ast.Call) -> str:
    """ ".to(device)" where the targets of a batch are moved."""
    for node in source.each(ast.Call):
        moved = isinstance(node.func, ast.Attribute) and node.func.attr in ("to", "cuda")
        if moved and isinstance(node.func, ast.Attribute) and _root(node) == _root(call.args[1]):
            return source.text[source.span(node.func.value)[1] : source.span(node)[1]]
    return ""


def _root(node: ast.expr) -> str:
    """The name under a target's methods and cuts."""
    return ast.unparse(unwrapped(node))
