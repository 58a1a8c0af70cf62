"""Calls in a script: what they are of, where their names come from, and their arguments one by one."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from unstuck.edits.source import Draft, NoPatch, Source

Item = ast.expr | ast.keyword


def last_name(node: ast.AST) -> str:
    """ "SGD" of `torch.optim.SGD`, "" of anything else than names and dots."""
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def on_line(draft: Draft, file: str | None, line: int | None) -> Iterator[tuple[Source, ast.Call]]:
    """Calls that the facts mean by a line of the original file; those that begin there before those that go over it."""
    source = draft.source(file)
    if source is None or not line or not source.line(line):
        return
    now = source.line(line)
    calls = [c for c in source.each(ast.Call) if c.lineno <= now <= (c.end_lineno or c.lineno)]
    for call in sorted(calls, key=lambda c: (now not in (c.lineno, c.func.end_lineno), -c.lineno)):
        yield source, call


def named_on_line(draft: Draft, file: str | None, line: int | None, name: str) -> tuple[Source, list[ast.Call]]:
    """Calls of that name on that line (`nn.Sigmoid()`, or `ACT()` where `ACT = nn.Sigmoid`); NoPatch where there is none."""
    found = [(s, c) for s, c in on_line(draft, file, line) if name in (last_name(c.func), last_name(origin(s, c.func)))]
    if not found:
        where = f"{file}:{line}" if file else "?"
        raise NoPatch(f"{name} is not called by its name at {where}.", f"{where} 处没有以名称直接调用 {name}。")
    source = found[0][0]
    now = source.line(line or 0)
    exact = [c for _, c in found if now in (c.lineno, c.func.end_lineno)]
    return source, exact or [found[0][1]]


def origin(source: Source, node: ast.AST) -> ast.AST:
    """What a name stands for: the expression of its only assignment or the default of its parameter; else the node itself."""
    if not isinstance(node, ast.Name):
        return node
    function = source.function(node)
    while function is not None:
        found = default_of(function, node.id)
        if found is not None:
            return found
        function = source.function(function)
    values = assigned(source, node.id)
    return values[0] if len(values) == 1 else node


def default_of(function: ast.FunctionDef | ast.AsyncFunctionDef, name: str) -> ast.expr | None:
    """The default of a parameter."""
    arguments = function.args
    named = [*arguments.posonlyargs, *arguments.args]
    pairs = [
        *zip(reversed(named), reversed(arguments.defaults), strict=False),
        *zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True),
    ]
    return next((default for argument, default in pairs if argument.arg == name), None)


def assigned(source: Source, target: str) -> list[ast.expr]:
    """Everything that is assigned to a name or an attribute, also as part of a tuple."""
    pairs = [(left, node.value) for node in source.each(ast.Assign) for left in node.targets]
    pairs += [(node.target, node.value) for node in source.each(ast.AnnAssign) if node.value is not None]
    found = []
    for left, value in pairs:
        if ast.unparse(left) == target:
            found.append(value)
        elif isinstance(left, ast.Tuple) and target in (names := [ast.unparse(e) for e in left.elts]):
            parts = value.elts if isinstance(value, ast.Tuple) and len(value.elts) == len(names) else [value] * len(names)
            found.append(parts[names.index(target)])
    return found


def prefix(source: Source, module: str) -> str:
    """How this file writes a module of torch, with a dot: "nn." for torch.nn; an import is added where it has none."""
    names: dict[str, str] = {}
    for node in source.imports:
        for alias in node.names:
            if isinstance(node, ast.Import):
                names[alias.name if alias.asname else alias.name.partition(".")[0]] = alias.asname or alias.name.partition(".")[0]
            elif not node.level:
                names[f"{node.module}.{alias.name}"] = alias.asname or alias.name
    rest, tail = module, ""
    while rest:
        if rest in names:
            return f"{names[rest]}{tail}."
        rest, _, last = rest.rpartition(".")
        tail = f".{last}{tail}"
    if not source.imports:
        raise NoPatch("The script does not import torch by name.", "脚本没有按名称导入 torch。")
    source.after(source.imports[-1], ["import torch"])
    return f"{module}."


def in_place_of(source: Source, node: ast.expr, text: str) -> str:
    """A sum as it is written in place of an expression: in brackets where that is part of something larger."""
    above = source.parents.get(node)
    alone = isinstance(above, ast.Assign | ast.Return | ast.keyword) or (isinstance(above, ast.Call) and node in above.args)
    return text if alone else f"({text})"


# --------------------------------------------------------------------------------------------------------- arguments


def argument(call: ast.Call, name: str, position: int | None = None) -> ast.expr | None:
    """An argument by name or position; NoPatch where the call hides its arguments behind stars."""
    for keyword in call.keywords:
        if keyword.arg == name:
            return keyword.value
    if position is not None and position < len(call.args) and not any(isinstance(a, ast.Starred) for a in call.args[: position + 1]):
        return call.args[position]
    if any(k.arg is None for k in call.keywords):
        raise NoPatch(f"{last_name(call.func)} gets its arguments from a dictionary.", f"{last_name(call.func)} 的参数来自字典。")
    return None


def set_argument(source: Source, call: ast.Call, name: str, text: str, position: int | None = None) -> None:
    """Give an argument another value, or add it at the end."""
    old = argument(call, name, position)
    if old is not None:
        source.change(old, text)
        return
    items: list[Item] = [*call.args, *call.keywords]
    if items:
        end = source.span(max(items, key=source.span))[1]
        if isinstance(items[-1], ast.GeneratorExp):
            raise NoPatch("The only argument is a generator.", "唯一的参数是生成器。")
        source.splice(end, end, f", {name}={text}")
    else:
        end = source.span(call)[1] - 1
        source.splice(end, end, f"{name}={text}")


def drop_argument(source: Source, call: ast.Call, name: str) -> bool:
    """Take a named argument out, with its comma; False where there is none."""
    given: list[Item] = [*call.args, *call.keywords]
    items = sorted(given, key=lambda n: (n.lineno, n.col_offset))
    at = next((i for i, item in enumerate(items) if isinstance(item, ast.keyword) and item.arg == name), None)
    if at is None:
        return False
    drop_item(source, items, at)
    return True


def drop_item(source: Source, items: Sequence[Item], at: int) -> None:
    """Take one of several things between commas out, with its line where it has that for itself."""
    start, end = source.span(items[at])
    lines = source.own_lines(items[at])
    if lines is not None:
        source.splice(*lines, "")
    elif at:
        source.splice(source.span(items[at - 1])[1], end, "")
    elif len(items) > 1:
        source.splice(start, source.span(items[1])[0], "")
    else:
        source.splice(start, end, "")


# ----------------------------------------------------------------------------------------------------------- numbers


def number(node: ast.AST | None) -> float | None:
    """A number as it is written; None for anything else."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        inner = number(node.operand)
        return None if inner is None else -inner
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float) and not isinstance(node.value, bool):
        return node.value
    return None


def scale(source: Source, node: ast.expr, factor: float, *, whole: bool = False) -> None:
    """Multiply a number of the script: where it is written; a constant that is read only here, at its own line; else as a product."""
    value = number(node)
    if value is None and isinstance(node, ast.Name):
        home = origin(source, node)
        readers = [n for n in source.each(ast.Name) if n.id == node.id and isinstance(n.ctx, ast.Load)]
        if number(home) is not None and len(readers) == 1 and source.function(home) is None:
            node, value = home, number(home)  # type: ignore[assignment]
    if value is not None:
        source.change(node, plain(value * factor, like=source.written(node), whole=whole))
        return
    text = source.written(node)
    text = text if isinstance(node, ast.Name | ast.Attribute | ast.Call | ast.Subscript) else f"({text})"
    if whole and factor < 1:
        source.change(node, f"max(2, {text} // {round(1 / factor)})")
    else:
        source.change(node, f"{factor:g} * {text}")


def plain(value: float, *, like: str = "", whole: bool = False) -> str:
    """A number as a person writes it; in the notation of the old one where that was scientific."""
    if whole:
        return str(max(2, round(value)))
    if "e" in like.lower() and value and not 0.01 <= abs(value) < 1000:
        mantissa, _, exponent = f"{value:.6e}".partition("e")
        return f"{mantissa.rstrip('0').rstrip('.')}e{int(exponent)}"
    return f"{value:.6g}" if "e" in f"{value:.6g}" or "." in f"{value:.6g}" else f"{value:.1f}" if "." in like else f"{value:g}"
