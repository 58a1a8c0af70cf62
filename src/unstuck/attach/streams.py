"""Two random streams instead of one: what the data loaders draw no longer depends on what a remedy draws or leaves undrawn.

The script's own stream goes on as it is; a second state of torch, numpy and random is swapped in inside `DataLoader.__iter__` and
`_BaseDataLoaderIter.__next__` only. The order differs from that of an unsplit run, so the control of a pair runs under the same split.
Not covered: batches that the script makes by itself (`torch.randperm` in the loop).
"""

from __future__ import annotations

import functools
import random
from typing import Any

import numpy as np
import torch
from torch.utils.data import DataLoader
from torch.utils.data.dataloader import _BaseDataLoaderIter

State = tuple[torch.Tensor, Any, Any]


def _read() -> State:
    return torch.get_rng_state(), np.random.get_state(), random.getstate()


def _write(state: State) -> None:
    torch.set_rng_state(state[0])
    np.random.set_state(state[1])
    random.setstate(state[2])


class RandomStreams:
    """The split, from `install` to `uninstall`."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self._state: State | None = None
        self._inside = False
        self._originals: list[tuple[type, str, Any]] = []

    def install(self) -> None:
        """Seed the second stream and patch the loaders; the first stream is not moved."""
        kept = _read()
        torch.default_generator.manual_seed(self.seed)
        np.random.seed(self.seed % 2**32)
        random.seed(self.seed)
        self._state = _read()
        _write(kept)
        # The original is called at once, never wrapped in a generator: that would delay its draw and change the bits.
        self._patch(DataLoader, "__iter__")
        self._patch(_BaseDataLoaderIter, "__next__")

    def uninstall(self) -> None:
        """One stream again."""
        while self._originals:
            owner, name, original = self._originals.pop()
            setattr(owner, name, original)

    def _patch(self, owner: type, name: str) -> None:
        original = getattr(owner, name)

        @functools.wraps(original)
        def swapped(loader: Any) -> Any:
            if self._inside or self._state is None:
                return original(loader)
            kept, self._inside = _read(), True
            _write(self._state)
            try:
                return original(loader)
            finally:
                self._state, self._inside = _read(), False
                _write(kept)

        self._originals.append((owner, name, original))
        setattr(owner, name, swapped)


def split_random_streams(seed: int) -> RandomStreams:
    """Split the streams now; call `uninstall` on the answer to end it."""
    streams = RandomStreams(seed)
    streams.install()
    return streams
