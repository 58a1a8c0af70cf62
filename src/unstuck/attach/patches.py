"""Attributes of torch's modules and classes that are replaced while we watch, and put back."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable
from typing import Any

#: Attribute of our wrappers that holds what they wrap.
ORIGINAL = "_unstuck_original"


class Patches:
    """What was put in place, and how each is undone."""

    def __init__(self) -> None:
        self._undo: list[Callable[[], None]] = []

    def put(self, owner: Any, name: str, make: Callable[[Any], Any]) -> None:
        """Replace an attribute by `make(what is there)`."""
        original = owner.__dict__.get(name) if isinstance(owner, type) else getattr(owner, name)
        inherited = original is None
        original = original or getattr(owner, name)
        wrapper = make(original)
        functools.update_wrapper(wrapper, original)
        setattr(wrapper, ORIGINAL, original)
        setattr(owner, name, wrapper)
        self._undo.append((lambda: delattr(owner, name)) if inherited else (lambda: setattr(owner, name, original)))

    def on_undo(self, call: Callable[[], None]) -> None:
        """Something else that is to be taken away."""
        self._undo.append(call)

    def undo(self) -> None:
        """Put everything back, the last first."""
        while self._undo:
            with contextlib.suppress(Exception):  # one that fails must not keep the others in place
                self._undo.pop()()
