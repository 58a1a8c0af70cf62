"""Edits where the optimizer is built: its rate, its other settings, its kind."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

from unstuck.edits.by_hand import change_factor
from unstuck.edits.calls import argument, drop_argument, last_name, named_on_line, number, origin, plain, prefix, scale, set_argument
from unstuck.edits.source import Draft, NoPatch, Source
from unstuck.records import OptimizerFacts

#: Where the settings stand that are often given by position.
POSITIONS = {"SGD": ("params", "lr", "momentum", "dampening", "weight_decay", "nesterov")}
OTHERS = ("params", "lr", "betas", "eps", "weight_decay", "amsgrad")


def by_hand(draft: Draft) -> bool:
    """The script takes its steps itself: no optimizer was seen."""
    return all(o.by_hand for o in draft.facts.optimizers)


def built(draft: Draft) -> Iterator[tuple[Source, ast.Call, OptimizerFacts]]:
    """Every construction of an optimizer, once; NoPatch where one is not to be seen."""
    seen: set[ast.Call] = set()
    if by_hand(draft):
        raise NoPatch("No optimizer was seen.", "没有看到优化器。")
    for facts in draft.facts.optimizers:
        source, call = construction(draft, facts)
        if call not in seen:
            seen.add(call)
            yield source, call, facts


def construction(draft: Draft, facts: OptimizerFacts) -> tuple[Source, ast.Call]:
    """The call that built an optimizer; after an edit it may be of another kind."""
    from unstuck import plugins

    kinds = dict.fromkeys([facts.kind, *(getattr(r, "kind", "") for r in plugins.remedies().values())])
    refused: NoPatch | None = None
    for kind in filter(None, kinds):
        try:
            source, calls = named_on_line(draft, facts.file, facts.line, kind)
            return source, calls[0]
        except NoPatch as error:
            refused = refused or error
    assert refused is not None
    raise refused


def place_of(call: ast.Call, name: str) -> int | None:
    """Position of a setting."""
    order = POSITIONS.get(last_name(call.func), OTHERS)
    return order.index(name) if name in order else None


def in_groups(source: Source, call: ast.Call, name: str) -> bool:
    """A parameter group brings its own value of a setting."""
    given: ast.AST | None = argument(call, "params", 0)
    given = origin(source, given) if given is not None else call
    return any(isinstance(key, ast.Constant) and key.value == name for d in ast.walk(given) if isinstance(d, ast.Dict) for key in d.keys)


def refuse_groups(source: Source, call: ast.Call, name: str) -> None:
    """NoPatch where a setting is given group by group."""
    if in_groups(source, call, name):
        raise NoPatch(f"The parameter groups have their own {name}.", f"各参数组有各自的 {name}。")


def scale_rate(draft: Draft, factor: float) -> None:
    """Multiply the learning rate of every optimizer, or of the script's own steps."""
    if by_hand(draft):
        change_factor(draft, "lr", factor=factor)
        return
    for source, call, facts in built(draft):
        refuse_groups(source, call, "lr")
        old = argument(call, "lr", place_of(call, "lr"))
        if old is not None:
            scale(source, old, factor)
        else:
            set_argument(source, call, "lr", plain(float(facts.settings.get("lr") or 1e-3) * factor))


def set_setting(draft: Draft, name: str, value: float | None) -> None:
    """Give a setting a value; None = ten times what it is."""
    for source, call, facts in built(draft):
        refuse_groups(source, call, name)
        old = argument(call, name, place_of(call, name))
        if value is not None:
            set_argument(source, call, name, plain(value), place_of(call, name))
        elif old is not None and number(old) != 0:
            scale(source, old, 10)
        elif old is None and facts.settings.get(name):
            set_argument(source, call, name, plain(10 * float(facts.settings[name] or 0)))
        else:
            decoupled = bool(facts.settings.get("decoupled_weight_decay"))
            set_argument(source, call, name, "0.1" if decoupled else "0.001", place_of(call, name))


def without_decay(draft: Draft) -> None:
    """No weight decay: drop the argument where 0 is the default, else set it."""
    for source, call, _ in built(draft):
        refuse_groups(source, call, "weight_decay")
        if last_name(call.func) == "AdamW" or not drop_argument(source, call, "weight_decay"):
            set_argument(source, call, "weight_decay", "0", place_of(call, "weight_decay"))


def with_momentum(draft: Draft, value: float) -> None:
    """Another momentum; 0 drops the argument (Nesterov's form needs it). For Adam and its relatives it is beta1."""
    if by_hand(draft):
        change_factor(draft, "momentum", to=value)
        return
    for source, call, facts in built(draft):
        if "momentum" in facts.settings:
            refuse_groups(source, call, "momentum")
            _other_momentum(source, call, value)
        elif "beta1" in facts.settings:
            refuse_groups(source, call, "betas")
            set_argument(source, call, "betas", f"({plain(value)}, {facts.settings.get('beta2', 0.999):g})", place_of(call, "betas"))
        else:
            raise NoPatch("The optimizer has no momentum setting.", "优化器没有动量参数。")


def exchange(draft: Draft, kind: str, settings: Mapping[str, float]) -> None:
    """Another optimizer over the same parameters, with these settings; weight decay stays. SGD to SGD keeps its rate."""
    for source, call, facts in built(draft):
        if last_name(call.func) == kind == "SGD":
            _other_momentum(source, call, settings["momentum"])
            continue
        refuse_groups(source, call, "lr")
        decay = argument(call, "weight_decay", place_of(call, "weight_decay"))
        keeps_decay = decay is not None and kind != "AdamW" and bool(facts.settings.get("weight_decay"))
        if len(call.args) > 2 or not isinstance(call.func, ast.Name | ast.Attribute) or argument(call, "params", 0) is None:
            raise NoPatch("The optimizer gets its settings by position.", "优化器按位置接收参数。")
        name = source.written(call.func).removesuffix(last_name(call.func)) or prefix(source, "torch.optim")
        source.change(call.func, f"{name}{kind}")
        kept = {"params", *settings, *(["weight_decay"] if keeps_decay else [])}
        for keyword in call.keywords:
            if keyword.arg not in kept:
                drop_argument(source, call, keyword.arg or "")
        for setting, value in settings.items():
            set_argument(source, call, setting, plain(value), 1 if setting == "lr" else None)


def _other_momentum(source: Source, call: ast.Call, value: float) -> None:
    if value:
        set_argument(source, call, "momentum", plain(value), place_of(call, "momentum"))
        return
    drop_argument(source, call, "nesterov")
    if not drop_argument(source, call, "momentum"):
        set_argument(source, call, "momentum", "0", place_of(call, "momentum"))
