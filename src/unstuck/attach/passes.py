"""Passes over memory in C (`passes.c`), where a compiler was there when unstuck was installed.

A sampled step of a deep net reads hundreds of small tensors, and the calls take longer than the reading: half of its cost went into those
that are one loop in C. Each function gives None where the library is missing, or where a tensor is not contiguous float32 in the host's
memory; the caller then goes the way of torch and numpy, which gives the same numbers but for rounding (`tests/test_passes.py`).
"""

from __future__ import annotations

import ctypes
import os
from array import array
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import torch

LIBRARY = Path(__file__).with_name("_passes.so")
#: Functions with their numbers of arguments: a number, then addresses.
_ARGUMENTS = {"unstuck_norms": 4, "unstuck_rows": 5, "unstuck_copy": 3, "unstuck_changes": 6, "unstuck_moments": 7}


def load(path: Path = LIBRARY) -> ctypes.PyDLL | None:
    """The library; None where it was not compiled, or for another machine. It keeps Python's lock: a call is short."""
    try:
        library = ctypes.PyDLL(str(path))
        for name, count in _ARGUMENTS.items():
            function = getattr(library, name)
            function.argtypes, function.restype = [ctypes.c_int64] + [ctypes.c_void_p] * (count - 1), None
    except (OSError, AttributeError):
        return None
    return library


#: Set UNSTUCK_PURE to go without.
library = None if os.environ.get("UNSTUCK_PURE") else load()


def norms(tensors: Sequence[torch.Tensor]) -> np.ndarray | None:
    """L2 norms [P] of whole tensors, float32."""
    if library is None or (addresses := _addresses(tensors)) is None:
        return None
    out = np.empty(len(addresses), np.float32)
    sizes = array("q", [t.numel() for t in tensors])
    library.unstuck_norms(len(addresses), _at(addresses), _at(sizes), _at(out))
    return out


def rows(tensors: Sequence[torch.Tensor], limit: int) -> np.ndarray | None:
    """Strided elements of all tensors in one row, at most `limit` of each; see `excerpts.row_of`."""
    if library is None or (addresses := _addresses(tensors)) is None:
        return None
    counts, strides, total = _plan(tuple([t.numel() for t in tensors]), limit)
    out = np.empty(total, np.float32)
    library.unstuck_rows(len(addresses), _at(addresses), _at(counts), _at(strides), _at(out))
    return out


@lru_cache(64)
def _plan(sizes: tuple[int, ...], limit: int) -> tuple[array[int], array[int], int]:
    strides = array("q", [stride(n, limit) for n in sizes])
    counts = array("q", [-(-n // s) for n, s in zip(sizes, strides, strict=True)])
    return counts, strides, sum(counts)


def stride(elements: int, limit: int) -> int:
    """Of so many elements at most `limit` are kept, so far apart. It is odd: it visits all columns."""
    return 1 if elements <= limit else -(-elements // limit) | 1


def moments(values: Sequence[np.ndarray], middles: array[float], limits: array[float]) -> np.ndarray | None:
    """Of outputs [R, U]: mean, standard deviation, largest magnitude, share of zeros, spread, and the share further than
    `limits` from `middles` (float32) [6, P], float64."""
    if library is None:
        return None
    if any(v.dtype != np.float32 or not v.flags.c_contiguous or not v.size for v in values):
        return None
    addresses = array("Q", [address_of(v) for v in values])
    rows, units = (array("q", [v.shape[i] for v in values]) for i in (0, 1))
    out = np.empty((6, len(values)))
    library.unstuck_moments(len(values), _at(addresses), _at(rows), _at(units), _at(middles), _at(limits), _at(out))
    return out


def changes(before: np.ndarray, after: np.ndarray, counts: Sequence[int]) -> tuple[np.ndarray, np.ndarray] | None:
    """Norms [P] of the differences between two float32 rows, part by part of so many elements, and norms of the parts before; float64."""
    single = before.dtype == after.dtype == np.float32 and before.flags.c_contiguous and after.flags.c_contiguous
    if library is None or not single or not len(before) == len(after) == sum(counts):
        return None
    change, size, own = np.empty(len(counts)), np.empty(len(counts)), array("q", counts)
    library.unstuck_changes(len(counts), _at(own), _at(before), _at(after), _at(change), _at(size))
    return change, size


def _addresses(tensors: Sequence[torch.Tensor]) -> array[int] | None:
    """Where the tensors lie; None if one is not float32, contiguous, and in the host's memory."""
    for t in tensors:
        if t.dtype is not torch.float32 or not t.is_cpu or t.layout is not torch.strided or not t.is_contiguous() or t.is_neg():
            return None
    try:
        found = array("Q", [t.data_ptr() for t in tensors])
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
