"""Who is being trained: the root modules that own some parameters, their names, and the user's line that made each module."""

from __future__ import annotations

import contextlib
import gc
import os
import sys
import weakref
from collections.abc import Callable, Iterable
from pathlib import Path
from types import FrameType

import torch
from torch import nn

_OURS = str(Path(__file__).parents[1]) + os.sep


def _library_folders() -> tuple[str, ...]:
    import sysconfig

    paths = sysconfig.get_paths()
    return tuple(str(Path(paths[k])) + os.sep for k in ("stdlib", "platstdlib", "purelib", "platlib") if k in paths)


_LIBRARIES = _library_folders()
_is_users: dict[str, bool] = {}


def is_users_file(filename: str) -> bool:
    """A file that belongs to neither Python, nor an installed package, nor us."""
    answer = _is_users.get(filename)
    if answer is None:
        ours = filename.startswith(_OURS)
        library = filename.startswith(_LIBRARIES) or f"{os.sep}site-packages{os.sep}" in filename
        answer = _is_users[filename] = not (ours or library or filename.startswith("<frozen"))
    return answer


def user_site(frame: FrameType | None) -> tuple[str, int] | None:
    """(file, line) of the innermost frame that runs the user's own code."""
    while frame is not None:
        if is_users_file(frame.f_code.co_filename):
            return frame.f_code.co_filename, frame.f_lineno
        frame = frame.f_back
    return None


class ModuleSites:
    """Remembers which line of the user's made each module, from a patched `nn.Module.__init__`.

    A table from id to weak reference, not a WeakSet: some libraries override `__hash__` and need fields that do not exist yet.
    """

    def __init__(self) -> None:
        self._sites: dict[int, tuple[weakref.ref[nn.Module], tuple[str, int] | None]] = {}
        self._original: Callable[..., None] | None = None

    def install(self) -> None:
        """Patch `nn.Module.__init__`."""
        original = self._original = nn.Module.__init__
        sites = self._sites

        def __init__(module: nn.Module, *args: object, **kwargs: object) -> None:
            original(module, *args, **kwargs)
            # The inner modules of a user's class are made deeper in the stack than the class itself: each finds its own line.
            with contextlib.suppress(Exception):  # nothing of ours reaches the script
                sites[id(module)] = (weakref.ref(module), user_site(sys._getframe(1)))

        __init__.__wrapped__ = original  # type: ignore[attr-defined]
        nn.Module.__init__ = __init__  # type: ignore[method-assign, assignment]

    def uninstall(self) -> None:
        """Put the original back."""
        if self._original is not None:
            nn.Module.__init__ = self._original  # type: ignore[method-assign]
            self._original = None

    def of(self, module: nn.Module) -> tuple[str, int] | None:
        """(file, line), or None for a module that was copied or unpickled."""
        reference, site = self._sites.get(id(module), (None, None))
        return site if reference is not None and reference() is module else None

    def alive(self) -> list[nn.Module]:
        """Modules made since `install` that still exist."""
        return [m for reference, _ in list(self._sites.values()) if (m := reference()) is not None]


def roots_of(parameters: Iterable[torch.Tensor], known: Iterable[nn.Module] | None = None, heap: bool = True) -> list[nn.Module]:
    """Modules that own some of these parameters and are nobody's child, in order of creation where `known` gives one.

    Without `known`, or where it does not cover all parameters (unpickled or deep-copied models), the heap is searched, if it may be
    (50-190 ms). `issubclass(type(o), ...)`, because `isinstance` raises on dead weak proxies.
    """
    wanted = {id(p) for p in parameters}
    for candidates in (known, None) if heap else (known or (),):
        if candidates is None:
            candidates = [o for o in gc.get_objects() if issubclass(type(o), nn.Module)]
        modules = [m for m in candidates if "_parameters" in vars(m) and "_modules" in vars(m)]
        children = {id(c) for m in modules for c in m._modules.values() if c is not None}
        roots, covered = [], set()
        for module in modules:
            if id(module) in children:
                continue
            mine = wanted & {id(p) for p in module.parameters()}
            if mine:
                roots.append(module)
                covered |= mine
        if covered == wanted:
            break
    return roots


def model_names(roots: list[nn.Module]) -> list[str]:
    """The names by which the script's global variables know the models; a model without one is "" (see `named_modules`).

    Several of one name are numbered, or the last would stand for all."""
    variables = vars(sys.modules.get("__main__", sys))
    by_id = {id(v): k for k, v in list(variables.items()) if isinstance(k, str) and not k.startswith("_")}
    names = [by_id.get(id(root), "") for root in roots]
    names = [n or (type(r).__name__.lower() if len(roots) > 1 else "") for n, r in zip(names, roots, strict=True)]
    return [f"{n}_{k}" if (k := names[: i + 1].count(n)) > 1 else n for i, n in enumerate(names)]
