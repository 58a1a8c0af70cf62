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
        self.input_shape: tuple[int, ...] = ()

    def see(self, name: str, module: nn.Module, args: tuple[Any, ...]) -> None:
        """A recurrent or attention layer that expects [time, samples, features] was called."""
        if not isinstance(module, (nn.RNNBase, nn.MultiheadAttention)) or module.batch_first or not args:
            return
        if isinstance(args[0], torch.Tensor) and args[0].dim() == 3:
            self._time_first[name] = tuple(args[0].shape)

    def end_step(self, inputs: np.ndarray | None, targets: np.ndarray | None) -> None:
        """The step is over: one target per entry of the first dimension means that the samples lie there, where time is expected.

        As many targets as entries in both dimensions together (one per time step) say nothing.
        """
        if inputs is not None and not self.input_shape:
            self.input_shape = tuple(inputs.shape)
        given, self._time_first = self._time_first, {}
        if targets is None or not targets.ndim:
            return
        for name, (first, second, _) in given.items():
            if first != second and targets.shape[0] == first and targets.size % (first * second):
                self.batch_as_time.add(name)

    def notes(self) -> dict[str, Any]:
        """`layout.batch_as_time`: sequence layers that take the samples for time steps (a guess); `input.shape`."""
        return {
            **({"input.shape": list(self.input_shape)} if self.input_shape else {}),
            **({"layout.batch_as_time": sorted(self.batch_as_time)} if self.batch_as_time else {}),
        }
