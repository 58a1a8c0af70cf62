"""Names that stand for one thing in several places: where the optimizer is bound, and how something new gets from there to its step."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from unstuck.edits.calls import last_name
from unstuck.edits.source import Draft, Function, NoPatch, Source

#: Functions that hand something on: where each stands, it, its parameter, and its only call.
Way = list[tuple[Source, Function, str, ast.Call]]


@dataclass(frozen=True)
class Binding:
    """A statement that binds a name, and the expression that the name is there."""

    source: Source
    statement: ast.stmt
    name: str

    @property
    def value(self) -> ast.expr | None:
        """What is bound, where that is one expression."""
        found = values(self.statement, self.name)
        return found[0] if len(found) == 1 else None


def values(statement: ast.stmt, name: str) -> list[ast.expr]:
    """What a statement assigns to one of its names."""
    if not isinstance(statement, ast.Assign):
        return [statement.value] if isinstance(statement, ast.AnnAssign) and statement.value is not None else []
    left, value = statement.targets[0], statement.value
    if isinstance(left, ast.Tuple) and isinstance(value, ast.Tuple) and len(left.elts) == len(value.elts):
        return [v for t, v in zip(left.elts, value.elts, strict=True) if ast.unparse(t) == name]
    return [] if isinstance(left, ast.Tuple) else [value]


@dataclass(frozen=True)
class Companion:
    """Something new that is made behind the optimizer and used at its step."""

    #: The statement that binds the optimizer, and what it is called there.
    made: Binding
    #: What the new thing is called there.
    name: str
    #: The same at the step.
    at_step: str


def bindings(source: Source, function: Function | None, name: str) -> list[ast.stmt]:
    """Assignments to a name in one function (None: at the top level of the file), also as part of a tuple."""
    found: list[ast.stmt] = []
    for node in source.each(ast.stmt):
        if not isinstance(node, ast.Assign | ast.AnnAssign):
            continue
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        parts = [e for t in targets for e in (t.elts if isinstance(t, ast.Tuple | ast.List) else [t])]
        if name in map(ast.unparse, parts) and source.function(node) is function:
            found.append(node)
    return found


def bound(draft: Draft, source: Source, node: ast.AST, name: str) -> tuple[Binding, Way]:
    """Where what `name` means at `node` is made; and the functions on the way that get it as a parameter, each with its only call."""
    way: Way = []
    for _ in range(6):
        function = source.function(node)
        if "." in name:
            kind = source.up(node, ast.ClassDef)
            homes = [f for f in source.each(ast.FunctionDef) if kind is not None and source.parents[f] is kind]
            found = [s for f in homes for s in bindings(source, f, name)] if name.startswith("self.") else []
        else:
            found = bindings(source, function, name)
        if len(found) == 1:
            return Binding(source, found[0], name), way
        if found:
            raise NoPatch(f"{name} is assigned in {len(found)} places.", f"{name} 在 {len(found)} 处被赋值。")
        if function is not None and name in parameters(function):
            caller, call = only_call(draft, function)
            given = given_for(source, function, call, name)
            if not isinstance(given, ast.Name | ast.Attribute):
                raise NoPatch(f"What {function.name} gets as {name} is not to be seen.", f"看不出 {function.name} 的 {name} 得到什么。")
            way.append((source, function, name, call))
            source, node, name = caller, call, caller.written(given)
            continue
        if function is not None and len(found := bindings(source, None, name)) == 1:
            return Binding(source, found[0], name), way
        break
    raise NoPatch(f"Where {name} is made is not to be seen.", f"看不出 {name} 在哪里创建。")


def reads(source: Source, name: str) -> list[ast.expr]:
    """Where a file reads a name or an attribute."""
    found = [n for n in source.each(ast.expr) if isinstance(n, ast.Name | ast.Attribute) and isinstance(n.ctx, ast.Load)]
    return [n for n in found if ast.unparse(n) == name]


def parameters(function: Function) -> list[str]:
    """The names of a function's plain parameters."""
    return [a.arg for a in (*function.args.posonlyargs, *function.args.args)]


def only_call(draft: Draft, function: Function) -> tuple[Source, ast.Call]:
    """The one call of a function of the user's."""
    calls = [(s, c) for s, c in draft.each(ast.Call) if last_name(c.func) == function.name]
    if len(calls) != 1:
        raise NoPatch(f"{function.name} is called {len(calls)} times.", f"{function.name} 被调用 {len(calls)} 次。")
    return calls[0]


def given_for(source: Source, function: Function, call: ast.Call, name: str) -> ast.expr | None:
    """The argument that a call gives for a parameter; None where it is not to be seen."""
    keyword = next((k.value for k in call.keywords if k.arg == name), None)
    method = isinstance(source.parents[function], ast.ClassDef)
    at = parameters(function).index(name) - method
    plain = not any(isinstance(a, ast.Starred) for a in call.args)
    return keyword if keyword is not None else call.args[at] if plain and 0 <= at < len(call.args) else None


def free(draft: Draft, wanted: str) -> str:
    """The name, or the name with a number, that no file uses yet."""
    taken = (
        {n.id for _, n in draft.each(ast.Name)} | {n.attr for _, n in draft.each(ast.Attribute)} | {n.arg for _, n in draft.each(ast.arg)}
    )
    return next(name for name in (wanted, *(f"{wanted}_{i}" for i in range(2, 99))) if name not in taken)


def beside_optimizer(draft: Draft, wanted: str) -> Companion:
    """Bring a new name from behind the optimizer to its step: a function in between gets it as one more parameter."""
    from unstuck.edits.loops import step

    source, statement, optimizer = step(draft)
    made, way = bound(draft, source, statement, optimizer)
    name = free(draft, wanted)
    if any(made.statement in ast.walk(loop) and statement not in ast.walk(loop) for loop in loops_around(made.source, made.statement)):
        raise NoPatch("The optimizer is made in a loop of its own.", "优化器在单独的循环里创建。")
    carry(draft, way, name)
    owner = optimizer.rpartition(".")[0]
    home = made.name.rpartition(".")[0]
    return Companion(made, f"{home}.{name}" if home else name, f"{owner}.{name}" if owner else name)


def carry(draft: Draft, way: Way, *names: str) -> None:
    """Hand more names on, each beside what was handed on already."""
    for source, function, parameter, call in way:
        _pass_on(draft, source, function, parameter, call, names)


def loops_around(source: Source, node: ast.AST) -> Iterator[ast.For | ast.While]:
    """The loops around a node, the innermost first."""
    loop = source.loop(node)
    while loop is not None:
        yield loop
        loop = source.loop(loop)


def _pass_on(draft: Draft, source: Source, function: Function, parameter: str, call: ast.Call, names: Sequence[str]) -> None:
    """More parameters behind another one, and more arguments in its only call."""
    arguments = [*function.args.posonlyargs, *function.args.args]
    at = parameters(function).index(parameter)
    with_default = at >= len(arguments) - len(function.args.defaults)
    caller = next(s for s, c in draft.each(ast.Call) if c is call)
    given = given_for(source, function, call, parameter)
    assert given is not None
    above = caller.parents[given]
    if with_default:
        raise NoPatch(f"{function.name} takes {parameter} with a default.", f"{function.name} 的参数 {parameter} 有默认值。")
    end = source.span(arguments[at])[1]
    source.splice(end, end, "".join(f", {name}" for name in names))
    owner = caller.written(given).rpartition(".")[0]
    end = caller.span(given)[1]
    for name in names:
        value = f"{owner}.{name}" if owner else name
        caller.splice(end, end, f", {name}={value}" if isinstance(above, ast.keyword) else f", {value}")
