"""Which random numbers a pair sees: pair 0 those of the script as it is, pair k other ones, the same for both of its arms.

Right before the script torch, numpy and random are seeded (a script that never seeds is repeatable then), and every seeding call that the
script makes itself is shifted by k * OFFSET: `torch.manual_seed`, `torch.Generator.manual_seed`, `np.random.seed`, `np.random.default_rng`,
`random.seed`, and the environment variable SEED where it is set to a number. Calls that draw a seed from the clock get a fixed one.
Not shifted: `random_state=` of scikit-learn, `jax`, `random.Random(seed)`. A split that a script fixed there stays fixed.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from typing import Any

#: A prime, so that shifted seeds of neighbouring pairs do not meet those of scripts that use seed, seed + 1, ...
OFFSET = 7919


def install(pair: int) -> Callable[[], None]:
    """Seed everything for pair `pair` and shift the script's own seeding calls; returns what puts the functions back."""
    import numpy as np
    import torch

    shift = OFFSET * pair
    undo: list[Callable[[], None]] = []

    def patch(owner: Any, name: str, value: Any) -> None:
        old = getattr(owner, name)
        undo.append(lambda: setattr(owner, name, old))
        setattr(owner, name, value)

    torch_seed, numpy_seed, python_seed = torch.manual_seed, np.random.seed, random.seed
    torch_seed(shift)
    numpy_seed(shift % 2**32)
    python_seed(shift)
    for owner in (torch, torch.random):
        patch(owner, "manual_seed", lambda seed: torch_seed(int(seed) + shift))
        patch(owner, "seed", lambda: torch_seed(shift).initial_seed())
    patch(torch, "Generator", _shifted_generator(torch.Generator, shift))
    patch(np.random, "seed", lambda seed=None: numpy_seed(_shifted(seed, shift, 2**32)))
    patch(np.random, "default_rng", _shifted_rng(np.random.default_rng, shift))
    patch(random, "seed", lambda a=None, version=2: python_seed(_shifted(a, shift), version))
    undo.append(_shift_environment(shift))

    def put_back() -> None:
        while undo:
            undo.pop()()

    return put_back


def _shifted(seed: Any, shift: int, modulus: int | None = None) -> Any:
    """An integer seed moved on; None becomes the shift itself; anything else (bytes, arrays) stays as it is."""
    if seed is None:
        seed = 0
    if isinstance(seed, bool) or not hasattr(seed, "__index__"):
        return seed
    moved = int(seed) + shift
    return moved % modulus if modulus else moved


def _shifted_generator(original: Any, shift: int) -> Any:
    # A subclass, because the type itself cannot be patched; torch takes it wherever it takes a Generator.
    class Generator(original):  # type: ignore[misc]
        def manual_seed(self, seed: int) -> Any:
            super().manual_seed(int(seed) + shift)
            return self

        def seed(self) -> int:
            super().manual_seed(shift)
            return shift

    return Generator


def _shifted_rng(original: Any, shift: int) -> Any:
    calls = [0]

    def default_rng(seed: Any = None) -> Any:
        if seed is None:  # from the operating system: other numbers every time, so a pair would not be one
            calls[0] += 1
            return original([shift, calls[0]])
        return original(_shifted(seed, shift))

    return default_rng


def _shift_environment(shift: int) -> Callable[[], None]:
    old = os.environ.get("SEED", "")
    if not old.strip().isdigit():
        return lambda: None
    os.environ["SEED"] = str(int(old) + shift)
    return lambda: os.environ.__setitem__("SEED", old)
