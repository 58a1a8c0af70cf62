"""Which source files decide what a program does, and a fingerprint that changes with them."""

from __future__ import annotations

import ast
import hashlib
import inspect
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from unstuck.attach.script import Program
from unstuck.training import Recipe


@cache
def sources(program: Program, home: Path) -> tuple[Path, ...]:
    """The user's own files: the script and, through its imports, what lies beside it or in `home` (which paths are relative to)."""
    found: dict[Path, None] = {}
    waiting = [p for p in [_first(program, home)] if p is not None]
    while waiting:
        path = waiting.pop()
        if path in found:
            continue
        found[path] = None
        for name in imports_of(path):
            waiting.extend(_beside(path, home, name))
    return tuple(sorted(found))


@cache
def imports(program: Program, home: Path) -> tuple[str, ...]:
    """Dotted names of all modules that those files import."""
    return tuple(sorted({name for path in sources(program, home) for name in imports_of(path)}))


@cache
def fingerprint(program: Program, home: Path) -> str:
    """Changes whenever the sources or the arguments do (not when data files do)."""
    digest = hashlib.sha256(repr((program.path, program.module, program.args, str(home))).encode())
    for path in sources(program, home):
        digest.update(str(path).encode() + b"\0" + path.read_bytes())
    if program.recipe is not None:
        digest.update(_code_of(program.recipe))
    return digest.hexdigest()


def forget() -> None:
    """Read the files again: in a notebook, a script may have been edited between two treatments."""
    for remembered in (sources, imports, fingerprint):
        remembered.cache_clear()


def _first(program: Program, home: Path) -> Path | None:
    if program.path is not None:
        path = (home / program.path).resolve()
        return path if path.is_file() else None
    if program.module is not None:
        stem = home.joinpath(*program.module.split("."))
        return next((p for p in (stem.with_suffix(".py"), stem / "__main__.py") if p.is_file()), None)
    return None


def _beside(importer: Path, home: Path, name: str) -> Iterator[Path]:
    for folder in {importer.parent, home}:
        stem = folder.joinpath(*name.split("."))
        beside = [stem.with_suffix(".py"), stem / "__init__.py"]
        if stem.parent != folder:  # `from package.module import thing` reads as package.module.thing
            beside += [stem.parent.with_suffix(".py"), stem.parent / "__init__.py"]
        for path in beside:
            if path.is_file():
                yield path.resolve()


def imports_of(path: Path) -> set[str]:
    """Dotted names that a file imports; empty for a file that is no Python."""
    try:
        tree = ast.parse(path.read_bytes())
    except (OSError, SyntaxError, ValueError):
        return set()
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            package = node.module or ""
            names.update([package] if package else [])
            names.update(".".join(filter(None, (package, alias.name))) for alias in node.names if alias.name != "*")
    return names


def _code_of(recipe: Recipe) -> bytes:
    """A recipe's own source and what it closes over."""
    try:
        source = inspect.getsource(recipe)
    except (OSError, TypeError):
        code = getattr(recipe, "__code__", None)
        source = repr((code.co_code, code.co_consts, code.co_names)) if code is not None else repr(recipe)
    closed = [repr(cell.cell_contents) for cell in getattr(recipe, "__closure__", None) or ()]
    where = f"{getattr(recipe, '__module__', '')}.{getattr(recipe, '__qualname__', '')}"
    return "\0".join([where, source, *closed]).encode()
