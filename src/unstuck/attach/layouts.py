"""Which dimension holds the samples, and which the time: guesses from the shapes that meet at a sequence layer."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import nn


class Layouts:
    """Collects what sequence layers are given, and judges it once the targets are known."""

    def __init__(self) -> None:
        #: This step: (name, shape) of what time-first layers got.
        self._time_first: dict[str, tuple[int, ...]] = {}
        self.batch_as_time: set[str] = set()
        #: The first weighted layer of this forward pass: (name, address, shape) of what it got.
        self._first: tuple[str, int, tuple[int, ...]] | None = None
        #: (name, shape of the model's input, shape that the layer got); see `entered`.
        self.mixed: dict[str, tuple[tuple[int, ...], tuple[int, ...]]] = {}
        self.input_shape: tuple[int, ...] = ()

    def see(self, name: str, module: nn.Module, args: tuple[Any, ...]) -> None:
        """A layer was called; of interest are the first one with weights, and those that expect [time, samples, features]."""
        if self._first is None and module._parameters and args and _plain(args[0]) and torch.is_grad_enabled():
            self._first = (name, _address(args[0]), tuple(args[0].shape))
        if not isinstance(module, (nn.RNNBase, nn.MultiheadAttention)) or module.batch_first or not args:
            return
        if _plain(args[0]) and args[0].dim() == 3:
            self._time_first[name] = tuple(args[0].shape)

    def entered(self, inputs: torch.Tensor) -> None:
        """The model's forward pass is over, and this had entered it (still alive, so that its address is its own).

        The first layer got the same memory under a shape with other sizes in another order: a view where a transposition was needed, so
        that a row holds pieces of several samples. Axes of size 1 may go anywhere.
        """
        first, self._first = self._first, None
        if first is None or not first[1] or first[1] != _address(inputs):
            return
        given, got = ([n for n in shape if n != 1] for shape in (inputs.shape, first[2]))
        if len(given) >= 3 and sorted(given) == sorted(got) and given[0] != got[0]:
            self.mixed[first[0]] = (tuple(inputs.shape), first[2])

    def end_step(self, inputs: np.ndarray | None, targets: np.ndarray | None) -> None:
        """The step is over: one target per entry of the first dimension means that the samples lie there, where time is expected.

        As many targets as entries in both dimensions together (one per time step) say nothing.
        """
        if inputs is not None and not self.input_shape:
            self.input_shape = tuple(inputs.shape)
        given, self._time_first, self._first = self._time_first, {}, None
        if targets is None or not targets.ndim:
            return
        for name, (first, second, _) in given.items():
            if first != second and targets.shape[0] == first and targets.size % (first * second):
                self.batch_as_time.add(name)

    def notes(self) -> dict[str, Any]:
        """`layout.batch_as_time`: sequence layers that take the samples for time steps (a guess); `layout.mixed`: the first layer that got the
        model's input in another shape without a transposition [name, shape of the input, shape it got]; `input.shape`."""
        return {
            **({"input.shape": list(self.input_shape)} if self.input_shape else {}),
            **({"layout.mixed": [[n, list(a), list(b)] for n, (a, b) in self.mixed.items()]} if self.mixed else {}),
            **({"layout.batch_as_time": sorted(self.batch_as_time)} if self.batch_as_time else {}),
        }


def _plain(value: Any) -> bool:
    """A tensor that has a shape."""
    return isinstance(value, torch.Tensor) and not value.is_nested


def _address(tensor: torch.Tensor) -> int:
    """Where a contiguous tensor lies in memory; 0 for others (a transposition is none), and where it lies nowhere (meta, vmap)."""
    try:
        return tensor.data_ptr() if tensor.is_contiguous() else 0
    except RuntimeError:
        return 0
