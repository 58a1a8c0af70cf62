"""Where a number that a script uses is written: a constant, a default, a field of a class, an entry of a table, an option of the command line."""

from __future__ import annotations

import ast

from unstuck.edits.calls import argument, assigned, default_of, last_name
from unstuck.edits.source import Source


def definition(source: Source, node: ast.expr) -> ast.expr:
    """Where a number has its only place: a constant, a default, a field of a class, an entry of a table, an option of the command line."""
    if isinstance(node, ast.Name):
        function = source.function(node)
        default = default_of(function, node.id) if function is not None else None
        given = _given(source, function, node.id) if function is not None else []
        values = given or ([default] if default is not None else assigned(source, node.id))
        values = [v for v in values if not (isinstance(v, ast.Constant) and v.value is None)]
        inner = values[0] if len(values) == 1 else None
        return definition(source, inner) if isinstance(inner, ast.Name | ast.Attribute | ast.Subscript) else inner or node
    if isinstance(node, ast.Attribute):
        values = assigned(source, ast.unparse(node)) or [*_options(source, node.attr), *_entries(source, node.attr)]
        inner = values[0] if len(values) == 1 else None
        return definition(source, inner) if isinstance(inner, ast.Name | ast.Subscript) else inner or node
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
        values = _entries(source, str(node.slice.value))
        return values[0] if len(values) == 1 else node
    return node


def _given(source: Source, function: ast.FunctionDef | ast.AsyncFunctionDef, name: str) -> list[ast.expr]:
    """What the calls of a function give for a parameter, by position or by name."""
    names = [a.arg for a in (*function.args.posonlyargs, *function.args.args)]
    if name not in names:
        return []
    at = names.index(name) - (names[:1] == ["self"])
    calls = [c for c in source.each(ast.Call) if last_name(c.func) == function.name]
    found = [next((k.value for k in c.keywords if k.arg == name), c.args[at] if at < len(c.args) else None) for c in calls]
    return [value for value in found if value is not None]


def _options(source: Source, name: str) -> list[ast.expr]:
    """Defaults of the command-line options of that name."""
    found = []
    for call in source.each(ast.Call):
        first = call.args[0] if call.args else None
        if last_name(call.func) == "add_argument" and isinstance(first, ast.Constant):
            named = [str(a.value).lstrip("-").replace("-", "_") for a in call.args if isinstance(a, ast.Constant)]
            default = argument(call, "default") if name in named else None
            found += [default] if default is not None else []
    return found


def _entries(source: Source, name: str) -> list[ast.expr]:
    """Values of that name in tables, in calls of `dict` and `Namespace`, and in the bodies of classes."""
    found: list[ast.expr] = []
    for table in source.each(ast.Dict):
        found += [v for k, v in zip(table.keys, table.values, strict=True) if isinstance(k, ast.Constant) and k.value == name]
    for call in source.each(ast.Call):
        if last_name(call.func) in ("dict", "SimpleNamespace", "Namespace"):
            found += [k.value for k in call.keywords if k.arg == name]
    for body in source.each(ast.ClassDef):
        for line in body.body:
            targets = line.targets if isinstance(line, ast.Assign) else [line.target] if isinstance(line, ast.AnnAssign) else []
            if [ast.unparse(t) for t in targets] == [name] and line.value is not None:  # type: ignore[attr-defined]
                found.append(line.value)  # type: ignore[attr-defined]
    return found
