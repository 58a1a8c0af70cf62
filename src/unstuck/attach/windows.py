"""Reading a CPU tensor's memory as a numpy array, without a copy and without the tensor's noticing.

Not `Tensor.numpy()`: that forbids the storage ever to be resized, which a script would notice.
"""

from __future__ import annotations

import ctypes
from array import array
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import torch

_DTYPES = {
    getattr(torch, name): np.dtype(name) for name in ("float32", "float64", "int64", "int32", "int16", "int8", "uint8", "bool")
}  # fmt: skip
#: All memory from an address on: numpy takes from it what shape and strides say. (A ctypes array type of its own size for every tensor takes
#: longer to make than all that follows.)
_MEMORY = ctypes.c_char * 2**62
#: Layouts that are remembered; networks have a few hundred.
_LENSES = 10_000


def window(t: torch.Tensor) -> np.ndarray | None:
    """A numpy view of a CPU tensor's own memory, of its shape; None where there is none (accelerators, bfloat16, tensors without storage).

    Read it at once, for the script goes on writing there; it keeps the tensor alive.
    """
    dtype = _DTYPES.get(t.dtype)
    if dtype is None or not t.is_cpu or t.layout is not torch.strided or t.is_neg():
        return None
    if not t.numel():
        return np.empty(t.shape, dtype)
    address = address_of(t)
    if not address:
        return None
    memory: Any = _MEMORY.from_address(address)
    memory.owner = t
    return np.ndarray(t.shape, dtype, memory, 0, tuple(s * dtype.itemsize for s in t.stride()))


def address_of(t: torch.Tensor) -> int:
    """Where a tensor's memory begins; 0 where it has none."""
    try:
        return t.data_ptr()
    except RuntimeError:  # under vmap
        return 0


def seen(t: torch.Tensor) -> Any:
    """A tensor as an array to take excerpts from: its `window`, or the tensor itself where it has none."""
    found = window(t)
    return t.detach() if found is None else found


class Lens(NamedTuple):
    """Where the part of interest lies in the memory of every tensor of one layout."""

    dtype: np.dtype[Any]
    shape: tuple[int, ...]
    #: Bytes.
    strides: tuple[int, ...]
    offset: int
    #: float32, and of four dimensions at most, whose lengths and strides in elements are in `plan` (for `unstuck_copy`).
    single: bool
    plan: array[int]


_lenses: dict[Any, Lens | None] = {}


def look(t: torch.Tensor, cut: Callable[[Any, Any], Any], setting: Any) -> Any:
    """`cut(array of t, setting)`, a part of a tensor, as a view of its memory; of an accelerator's tensor, that part of the tensor itself.

    `cut` slices and reshapes, and looks at no values: for a CPU tensor it is called once per layout. The view does *not* keep the tensor
    alive: read it while somebody holds that.
    """
    lens = lens_of(t, cut, setting)
    address = address_of(t) if lens is not None else 0
    if lens is None or not address:
        return cut(seen(t), setting)
    memory: Any = _MEMORY.from_address(address + lens.offset)
    return np.ndarray(lens.shape, lens.dtype, memory, 0, lens.strides)


def lens_of(t: torch.Tensor, cut: Callable[[Any, Any], Any], setting: Any) -> Lens | None:
    """Where `cut(array of t, setting)` lies, seen from the tensor's address; None where that cannot be said."""
    if not t.is_cpu or t.layout is not torch.strided or t.is_neg():
        return None
    key = (cut, setting, t.dtype, t.shape, t.stride())
    try:
        return _lenses[key]
    except KeyError:
        if len(_lenses) >= _LENSES:
            _lenses.clear()
        lens = _lenses[key] = _lens(t, cut, setting)
        return lens


def _lens(t: torch.Tensor, cut: Callable[[Any, Any], Any], setting: Any) -> Lens | None:
    """None where the part cannot be had without a copy, or the tensor has no window."""
    whole = window(t)
    if whole is None or not whole.size:
        return None
    part = cut(whole, setting)
    start, at = (array.__array_interface__["data"][0] for array in (whole, part))
    extent = whole.itemsize + sum((n - 1) * s for n, s in zip(whole.shape, whole.strides, strict=True))
    if not start <= at < start + extent:
        return None
    ones = (1,) * (4 - part.ndim)
    plan = array("q", [*ones, *part.shape, *ones, *(s // part.itemsize for s in part.strides)])
    return Lens(part.dtype, part.shape, part.strides, at - start, part.dtype == np.float32 and part.ndim <= 4, plan)
