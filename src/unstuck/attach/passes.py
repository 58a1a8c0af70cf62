"""Passes over memory in C (`passes.c`), where a compiler was there when unstuck was installed.

A sampled step of a deep net reads hundreds of small tensors, and the calls take longer than the reading: half of its cost went into those
that are one loop in C. Each function gives None where the library is missing, or where a tensor is not contiguous float32 in the host's
memory; the caller then goes the way of torch and numpy, which gives the same numbers but for rounding (`tests/test_passes.py`).
"""

from __future__ import annotations

import ctypes
import operator
import os
from array import array
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import torch

LIBRARY = Path(__file__).with_name("_passes.so")
#: Version of what `passes.c` is given and gives.
VERSION = 2
#: Functions with their numbers of arguments: a number, then addresses.
_ARGUMENTS = {
    "unstuck_norm": 2,
    "unstuck_norms": 4,
    "unstuck_rows": 5,
    "unstuck_copy": 3,
    "unstuck_changes": 6,
    "unstuck_moments": 7,
    "unstuck_equal_rows": 2,
}
_dtype, _is_cpu, _layout = (operator.attrgetter(name) for name in ("dtype", "is_cpu", "layout"))


def load(path: Path = LIBRARY) -> ctypes.PyDLL | None:
    """The library; None where it was not compiled, for another machine, or from another version of `passes.c`.

    It keeps Python's lock: a call is short."""
    try:
        library = ctypes.PyDLL(str(path))
        library.unstuck_version.restype = ctypes.c_int64
        if library.unstuck_version() != VERSION:
            return None
        for name, count in _ARGUMENTS.items():
            function = getattr(library, name)
            function.argtypes, function.restype = [ctypes.c_int64] + [ctypes.c_void_p] * (count - 1), None
        library.unstuck_norm.restype, library.unstuck_equal_rows.restype = ctypes.c_float, ctypes.c_int64
    except (OSError, AttributeError):
        return None
    return library


#: Set UNSTUCK_PURE to go without.
library = None if os.environ.get("UNSTUCK_PURE") else load()


def norm(t: torch.Tensor) -> float | None:
    """L2 norm of a whole tensor, in float32."""
    if (
        library is None
        or t.dtype is not torch.float32
        or not t.is_cpu
        or t.layout is not torch.strided
        or not t.is_contiguous()
        or t.is_neg()
    ):
        return None
    try:
        address = t.data_ptr()
    except RuntimeError:  # under vmap
        return None
    found: float | None = library.unstuck_norm(t.numel(), address) if address else None
    return found


def norms(tensors: Sequence[torch.Tensor]) -> np.ndarray | None:
    """L2 norms [P] of whole tensors, float32."""
    if library is None or (addresses := _addresses(tensors)) is None:
        return None
    out = np.empty(len(addresses), np.float32)
    sizes = array("q", sizes_of(tensors))
    library.unstuck_norms(len(addresses), _at(addresses), _at(sizes), _at(out))
    return out


def rows(tensors: Sequence[torch.Tensor], limit: int) -> np.ndarray | None:
    """Strided elements of all tensors in one row, at most `limit` of each; see `excerpts.row_of`."""
    if library is None or (addresses := _addresses(tensors)) is None:
        return None
    counts, strides, total = plan(sizes_of(tensors), limit)
    out = np.empty(total, np.float32)
    library.unstuck_rows(len(addresses), _at(addresses), _at(counts), _at(strides), _at(out))
    return out


def sizes_of(tensors: Sequence[torch.Tensor]) -> tuple[int, ...]:
    """Numbers of elements."""
    return tuple(map(torch.Tensor.numel, tensors))


@lru_cache(64)
def plan(sizes: tuple[int, ...], limit: int) -> tuple[array[int], array[int], int]:
    """Of tensors of so many elements: how many are kept of each, how far apart they lie, and how many they are together."""
    strides = array("q", [stride(n, limit) for n in sizes])
    counts = array("q", [-(-n // s) for n, s in zip(sizes, strides, strict=True)])
    return counts, strides, sum(counts)


def stride(elements: int, limit: int) -> int:
    """Of so many elements at most `limit` are kept, so far apart. It is odd: it visits all columns."""
    return 1 if elements <= limit else -(-elements // limit) | 1


class Arrays:
    """Where the arrays lie that `moments` was last given: those of a pool (`excerpts.Pool`) are the same ones at every step."""

    def __init__(self) -> None:
        self._values: tuple[np.ndarray, ...] = ()
        self.addresses, self.rows, self.units = array("Q"), array("q"), array("q")

    def see(self, values: Sequence[np.ndarray]) -> bool:
        """Look these [R, U] up; False where one of them is not contiguous float32."""
        if len(values) == len(self._values) and all(map(operator.is_, values, self._values)):
            return True
        if any(v.dtype != np.float32 or not v.flags.c_contiguous or not v.size for v in values):
            return False
        self._values = tuple(values)
        self.addresses = array("Q", [address_of(v) for v in values])
        self.rows, self.units = (array("q", [v.shape[i] for v in values]) for i in (0, 1))
        return True


def moments(values: Sequence[np.ndarray], middles: array[float], limits: array[float], at: Arrays | None = None) -> np.ndarray | None:
    """Of outputs [R, U]: mean, standard deviation, largest magnitude, share of zeros, spread, and the share further than
    `limits` from `middles` (float32) [6, P], float64. `at` remembers where they lay the last time."""
    at = at or Arrays()
    if library is None or not at.see(values):
        return None
    out = np.empty((6, len(values)))
    library.unstuck_moments(len(values), _at(at.addresses), _at(at.rows), _at(at.units), _at(middles), _at(limits), _at(out))
    return out


def changes(before: np.ndarray, after: np.ndarray, counts: Sequence[int]) -> tuple[np.ndarray, np.ndarray] | None:
    """Norms [P] of the differences between two float32 rows, part by part of so many elements, and norms of the parts before; float64."""
    single = before.dtype == after.dtype == np.float32 and before.flags.c_contiguous and after.flags.c_contiguous
    if library is None or not single or not len(before) == len(after) == sum(counts):
        return None
    change, size, own = np.empty(len(counts)), np.empty(len(counts)), counts if isinstance(counts, array) else array("q", counts)
    library.unstuck_changes(len(counts), _at(own), _at(before), _at(after), _at(change), _at(size))
    return change, size


_SINGLE, _DENSE = frozenset((torch.float32,)), frozenset((torch.strided,))


def equal_rows(t: torch.Tensor) -> float | None:
    """Share of the other rows of a matrix [U, N] that equal the first but for 1e-5 of its largest magnitude; it need not be contiguous."""
    if library is None or t.dtype is not torch.float32 or not t.is_cpu or t.layout is not torch.strided or t.is_neg() or not t.numel():
        return None
    try:
        address = t.data_ptr()
    except RuntimeError:  # under vmap
        return None
    layout = array("q", (*t.shape, *t.stride()))
    return library.unstuck_equal_rows(address, _at(layout)) / (len(t) - 1) if address else None


def _addresses(tensors: Sequence[torch.Tensor]) -> array[int] | None:
    """Where the tensors lie; None if one is not float32, contiguous, and in the host's memory."""
    # One property after the other: `map` takes half as long as a loop over the tensors.
    if not set(map(_dtype, tensors)) <= _SINGLE or not all(map(_is_cpu, tensors)) or not set(map(_layout, tensors)) <= _DENSE:
        return None
    if not all(map(torch.Tensor.is_contiguous, tensors)) or any(map(torch.Tensor.is_neg, tensors)):
        return None
    try:
        found = array("Q", list(map(torch.Tensor.data_ptr, tensors)))
    except RuntimeError:  # under vmap
        return None
    if 0 in found and any(t.numel() for t, a in zip(tensors, found, strict=True) if not a):  # no memory behind it (fake tensors)
        return None
    return found


def _at(values: array[Any] | np.ndarray) -> int:
    """The address of an array; its caller holds that until the call is over."""
    return values.buffer_info()[0] if isinstance(values, array) else address_of(values)


def address_of(values: np.ndarray) -> int:
    """The address of a numpy array (`ctypes.data` takes three times as long)."""
    address: int = values.__array_interface__["data"][0]
    return address
