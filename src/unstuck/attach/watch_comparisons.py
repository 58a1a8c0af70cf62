"""The script's own comparison of the outputs with the targets: `pred == y`, `pred - y`."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import torch

from unstuck.attach.guard import Guard
from unstuck.attach.observer import Observer
from unstuck.attach.transforms import Transforms, active


class Comparisons:
    """Wrappers around comparisons of tensors; there only in sampled steps and phases without gradients."""

    def __init__(self, observer: Observer, guard: Guard, transforms: Transforms) -> None:
        self._observer, self._guard, self._transforms = observer, guard, transforms
        #: Takes the wrappers away; empty while there are none.
        self.undo: list[Callable[[], None]] = []

    def listen(self) -> None:
        """Put the wrappers in place."""
        for name in ("__eq__", "__sub__"):
            own = name in torch.Tensor.__dict__
            original = getattr(torch.Tensor, name)
            setattr(torch.Tensor, name, self._compare(original))
            self.undo.append(
                functools.partial(setattr, torch.Tensor, name, original) if own else functools.partial(delattr, torch.Tensor, name)
            )

    def deafen(self) -> None:
        """Take them away."""
        while self.undo:
            self.undo.pop()()

    def _compare(self, original: Any) -> Any:
        def compare(left: Any, right: Any) -> Any:
            result = original(left, right)
            if isinstance(right, torch.Tensor) and not self._guard.depth and self._guard.ours():
                self._guard.quietly("answer", self._saw, left, right)
            return result

        return functools.wraps(original)(compare)

    def _saw(self, left: torch.Tensor, right: torch.Tensor) -> None:
        if self._transforms.inside:
            self._transforms.note(self._saw_asked, left, right)
        elif self._observer.doorway.awaits_comparison and not active():
            self._observer.doorway.saw_comparison(left, right)

    def _saw_asked(self, left: torch.Tensor | None, right: torch.Tensor | None) -> None:
        if left is not None and right is not None and self._observer.doorway.awaits_comparison:
            self._observer.doorway.saw_comparison(left, right, asked=True)
