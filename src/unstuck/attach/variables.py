"""Names of parameters that no module holds: the script's variables that hold them, `w1`, `weights[3]`, `params['w1']`, `net.layers[0].w`.

Only global variables are looked at, of the script and of the user's modules on the stack: to ask a running function for its local ones
would make Python keep them alive (before Python 3.13). A parameter that only a function knows is `parameter0`.
"""

from __future__ import annotations

import ast
import contextlib
import functools
import sys
import weakref
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import FrameType
from typing import Any

import torch

from unstuck.attach.discovery import is_users_file

#: Objects looked at in one search, levels of lists, dictionaries and objects in one another, and searches in one run.
OBJECTS, DEPTH, SEARCHES = 10_000, 4, 8
#: Larger source files are not searched for the line of an assignment, in bytes.
SOURCE_BYTES = 300_000

Site = tuple[str, int] | None


class Variables:
    """Names of tensors, kept as long as the tensors live."""

    def __init__(self) -> None:
        self._names: dict[int, tuple[weakref.ref[torch.Tensor], str, Site]] = {}
        self._searches = 0
        self._count = 0

    def of(self, tensor: torch.Tensor) -> tuple[str, Site] | None:
        """Name, and (file, line) of the variable; None for a tensor that `learn` was never given."""
        known = self._names.get(id(tensor))
        return known[1:] if known is not None and known[0]() is tensor else None

    def learn(self, tensors: Sequence[torch.Tensor]) -> None:
        """Name those that have no name yet; those that no variable holds by their number."""
        wanted = {id(t): t for t in tensors if self.of(t) is None}
        if not wanted:
            return
        found: dict[int, tuple[str, Site]] = {}
        if self._searches < SEARCHES:
            self._searches += 1
            found = search(set(wanted))
        taken = {name for reference, name, _ in self._names.values() if reference() is not None}
        for i, tensor in wanted.items():
            name, site = found.get(i, ("", None))
            if not name or name in taken:
                name, self._count = f"parameter{self._count}", self._count + 1
            taken.add(name)
            self._names[i] = (weakref.ref(tensor), name, site)

    def pass_on(self, name: str, new: torch.Tensor) -> None:
        """A tensor takes the place of the one of this name (`w = w - lr * w.grad`)."""
        site = next((site for _, known, site in self._names.values() if known == name), None)
        self._names = {i: entry for i, entry in self._names.items() if entry[0]() is not None and entry[1] != name}
        self._names[id(new)] = (weakref.ref(new), name, site)


def search(wanted: set[int]) -> dict[int, tuple[str, Site]]:
    """Names and sites of the global variables that hold these tensors (ids), as far as they are found."""
    found: dict[int, tuple[str, Site]] = {}
    for variables in namespaces(sys._getframe(1)):
        seen: set[int] = set()
        queue: list[tuple[str, Any, int]] = [(k, v, 0) for k, v in entries(variables) if not k.startswith("__")]
        for name, value, depth in queue:
            if id(value) in wanted and id(value) not in found:
                found[id(value)] = (name, assigned(variables.get("__file__"), name.partition("[")[0].partition(".")[0]))
            if depth < DEPTH and id(value) not in seen and len(queue) < OBJECTS:
                seen.add(id(value))
                queue += [(name + key, item, depth + 1) for key, item in inside(value, str(variables.get("__name__")))]
    return found


def namespaces(frame: FrameType | None) -> Iterator[dict[str, Any]]:
    """Global variables of the script, and of the user's modules whose functions run."""
    known = [vars(sys.modules["__main__"])] if "__main__" in sys.modules else []
    while frame is not None:
        if is_users_file(frame.f_code.co_filename) and all(frame.f_globals is not k for k in known):
            known.append(frame.f_globals)
        frame = frame.f_back
    yield from known


def entries(variables: dict[Any, Any]) -> list[tuple[Any, Any]]:
    """A copy; empty where another thread is changing it."""
    with contextlib.suppress(RuntimeError):
        return list(dict.items(variables))
    return []


def inside(value: Any, module: str) -> Iterator[tuple[str, Any]]:
    """What a list, tuple, dictionary, or object of a class of the user's own `module` holds, with what is written behind its name."""
    kind = type(value)
    if kind in (list, tuple) and len(value) <= 1000:
        yield from ((f"[{i}]", item) for i, item in enumerate(value))
    elif issubclass(kind, dict) and dict.__len__(value) <= 1000:
        yield from ((f"[{key!r}]", item) for key, item in entries(value) if type(key) in (str, int))
    elif (
        kind.__module__ == module and kind.__dictoffset__ and not issubclass(kind, (type, torch.Tensor))
    ):  # nothing of the user's is called
        yield from ((f".{key}", item) for key, item in entries(vars(value)))


def assigned(file: Any, name: str) -> Site:
    """(file, line) of the first assignment to a global variable; None where it is not found."""
    line = assignments(file).get(name) if isinstance(file, str) else None
    return (file, line) if line else None


@functools.lru_cache(8)
def assignments(file: str) -> dict[str, int]:
    """First lines at which the variables of a source file are assigned; empty where it cannot be read."""
    found: dict[str, int] = {}
    with contextlib.suppress(OSError, SyntaxError, ValueError, RecursionError):
        path = Path(file)
        if path.is_file() and path.stat().st_size <= SOURCE_BYTES:
            for node in ast.walk(ast.parse(path.read_bytes())):
                if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                    found[node.id] = min(node.lineno, found.get(node.id, node.lineno))
    return found
