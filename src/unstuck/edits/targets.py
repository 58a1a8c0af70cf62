"""The targets of all training samples: where a script has them, what is made of them there, and targets in units of their spread."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass, replace

from unstuck.edits.calls import argument, assigned, in_place_of, last_name, origin
from unstuck.edits.loops import model_at
from unstuck.edits.losses import bracketed, loss_call
from unstuck.edits.reach import Binding, Way, bindings, bound, carry, free, given_for, loops_around, only_call, parameters, values
from unstuck.edits.source import Draft, NoPatch, Source

#: Wrappers of a loop's iterable that give its batches on.
THROUGH = frozenset(("enumerate", "tqdm", "list", "iter"))
#: What makes a tensor of an array.
MAKERS = frozenset(("tensor", "from_numpy", "as_tensor", "FloatTensor", "LongTensor"))
#: Methods that leave the values of targets as they are.
SAME = frozenset(("to", "cuda", "cpu", "float", "long", "double", "view", "reshape", "squeeze", "unsqueeze", "flatten", "clone", "detach"))


def unwrapped(node: ast.expr) -> ast.expr:
    """`y[i:i + 16].to(device)` -> `y`; `yb.float()` -> `yb`."""
    while True:
        if isinstance(node, ast.Subscript):
            node = node.value
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in SAME:
            node = node.func.value
        else:
            return node


@dataclass(frozen=True)
class Targets:
    """The targets of all training samples."""

    #: The statement behind which they are known, and how they are written there.
    made: Binding
    #: Functions that hand the loader on from there to the loss.
    way: Way

    @property
    def written(self) -> str:
        """An expression that a method can be called on."""
        simple = isinstance(ast.parse(self.made.name, mode="eval").body, ast.Name | ast.Attribute | ast.Call | ast.Subscript)
        return self.made.name if simple else f"({self.made.name})"


def training_targets(draft: Draft, source: Source, node: ast.expr) -> Targets:
    """What the loss compares with, followed back to where it is whole."""
    way: Way = []
    for _ in range(8):
        node = unwrapped(node)
        name, function = ast.unparse(node), source.function(node)
        if not isinstance(node, ast.Name | ast.Attribute):
            break
        around = list(loops_around(source, node))
        loop = next((o for o in around if isinstance(o, ast.For) and name in _names(o.target)), None)
        inside = [s for s in bindings(source, function, name) if any(s in ast.walk(o) for o in around)]
        cut = [v for s in inside for v in values(s, name) if name not in {ast.unparse(n) for n in ast.walk(v)}]
        if len(cut) == 1:  # cut from the whole in the loop
            node = cut[0]
        elif cut:
            break
        elif isinstance(loop, ast.For):
            found = _of_loader(draft, source, loop, name)
            return replace(found, way=[*way, *found.way])
        elif function is not None and name in parameters(function):
            if around:  # a function that goes over the same samples again and again has them all
                return Targets(Binding(source, function, name), way)
            caller, call = only_call(draft, function)
            given = given_for(source, function, call, name)
            if given is None:
                break
            way.append((source, function, name, call))
            source, node = caller, given
        else:
            home, more = bound(draft, source, node, name)
            return Targets(home, [*way, *more])
    raise NoPatch("Where the training targets come from is not to be seen.", "看不出训练目标从何而来。")


def _names(target: ast.expr) -> list[str]:
    return [n.id for n in ast.walk(target) if isinstance(n, ast.Name)]


def _of_loader(draft: Draft, source: Source, loop: ast.For, name: str) -> Targets:
    """The last tensor of the TensorDataset behind the loader that a loop goes through."""
    iterable = loop.iter
    while isinstance(iterable, ast.Call) and last_name(iterable.func) in THROUGH and iterable.args:
        iterable = iterable.args[0]
    if isinstance(iterable, ast.Name | ast.Attribute) and _names(loop.target)[-1] == name:
        home, way = bound(draft, source, iterable, ast.unparse(iterable))
        loader = home.value
        if isinstance(loader, ast.Call) and last_name(loader.func) == "DataLoader":
            data = argument(loader, "dataset", 0)
            made = origin(home.source, data) if data is not None else None
            if isinstance(made, ast.Call) and last_name(made.func) == "TensorDataset" and len(made.args) > 1:
                last = made.args[-1]
                if isinstance(unwrapped(last), ast.Name | ast.Attribute) or _plain_tensor(last):
                    return Targets(Binding(home.source, home.statement, home.source.written(last)), way)
    raise NoPatch("The training targets are not those of a TensorDataset.", "训练目标不在 TensorDataset 中。")


def _plain_tensor(node: ast.expr) -> bool:
    inner = unwrapped(node)
    return isinstance(inner, ast.Call) and last_name(inner.func) in MAKERS


def seen_from(targets: Targets, source: Source, statement: ast.stmt) -> bool:
    """The targets can be read at a statement: they are made before it in the same function, or at the top level of the file."""
    home = targets.made
    if home.source is not source:
        return False
    if isinstance(home.statement, ast.FunctionDef | ast.AsyncFunctionDef):  # its parameter
        return home.statement is source.function(statement)
    made_in, read_in = source.function(home.statement), source.function(statement)
    return home.statement.lineno < statement.lineno if made_in is read_in else made_in is None


def declare(draft: Draft, targets: Targets, source: Source, call: ast.Call, lines: Sequence[str], names: Sequence[str]) -> None:
    """Lines that make something of the targets, where they are known; handed on to the loss."""
    if targets.way:
        home = targets.made
        if isinstance(home.statement, ast.FunctionDef | ast.AsyncFunctionDef):
            raise NoPatch("The training targets are known in another function than the loss.", "训练目标与损失位于不同的函数。")
        home.source.after(home.statement, lines)
        carry(draft, targets.way, *names)
        return
    around = list(loops_around(source, call))
    statement: ast.stmt = around[-1] if around else source.statement(call)
    if not seen_from(targets, source, statement):
        raise NoPatch("The training targets are not known where the loss is.", "损失所在处不知道训练目标。")
    source.before(statement, lines)


# ------------------------------------------------------------------------------------------------------------ regression


def standardise_targets(draft: Draft) -> None:
    """The training loss in units of the targets' spread; what the model says elsewhere in the script's own units."""
    source, call = loss_call(draft)
    kind = draft.facts.loss.kind if draft.facts.loss is not None else "unknown"
    if kind not in ("mse", "l1"):
        raise NoPatch(f"The loss ({kind}) is no error that scales with its targets.", f"损失（{kind}）不随目标缩放。")
    targets = training_targets(draft, source, call.args[1])
    model = model_at(draft, source, call)
    if model is None:
        raise NoPatch("The model has no name of its own in the training loop.", "训练循环中模型没有自己的名称。")
    outer = list(loops_around(source, call))
    if not outer:
        raise NoPatch("The loss is in no loop.", "损失不在循环里。")
    calls = [(s, c) for s, c in draft.each(ast.Call) if ast.unparse(c.func) == model]
    output = unwrapped(call.args[0])
    training = [c for _, c in calls if c is output or c in _made_for(source, call, output)]
    if len(training) != 1:
        raise NoPatch("The model's training output is not to be told from others.", "分不清模型的训练输出与其他输出。")
    mean, std = free(draft, "y_mean"), free(draft, "y_std")
    columns = draft.facts.loss.target_shape[1:] if draft.facts.loss is not None else ()
    axis = "0" if len(columns) == 1 and columns[0] > 1 else ""
    spread = f"{targets.written}.std({'0, ' if axis else ''}correction=0)"
    if _reads(source, call, output):
        raise NoPatch("The training output is used for more than the loss.", "训练输出不只用于损失。")
    declare(draft, targets, source, call, [f"{mean}, {std} = {targets.written}.mean({axis}), {spread}"], [mean, std])
    source.change(call.args[1], f"({bracketed(source, call.args[1])} - {mean}) / {std}")
    for where, other in calls:
        if other is training[0]:
            continue
        if where is not source or source.function(other) is not source.function(call):
            raise NoPatch("The model is called in other functions as well.", "模型还在其他函数中被调用。")
        if other.lineno < outer[-1].lineno:
            raise NoPatch("The model is called before training.", "模型在训练之前被调用。")
        source.change(other, in_place_of(source, other, f"{source.written(other)} * {std} + {mean}"))


def _made_for(source: Source, call: ast.Call, output: ast.expr) -> list[ast.AST]:
    """The expressions that the training output was assigned from, in the loop around the loss."""
    loop = source.loop(call)
    inside = set(ast.walk(loop)) if loop is not None else set()
    values = assigned(source, ast.unparse(output)) if isinstance(output, ast.Name) else []
    return [n for v in values if v in inside for n in ast.walk(v)]


def _reads(source: Source, call: ast.Call, output: ast.expr) -> list[ast.Name]:
    """Where else the training output is read."""
    if not isinstance(output, ast.Name):
        return []
    loop = source.loop(call)
    inside = set(ast.walk(loop)) if loop is not None else set()
    mine = set(ast.walk(call.args[0]))
    return [n for n in source.each(ast.Name) if n.id == output.id and isinstance(n.ctx, ast.Load) and n in inside and n not in mine]
