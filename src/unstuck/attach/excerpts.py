"""Excerpts: the few elements of a tensor that a sampled step keeps. Strided, never drawn at random; copies, never references to live memory.

On the CPU an excerpt is a numpy array from the start, because numpy's overhead on a thousand numbers is a fifth of torch's. On an
accelerator it stays a small tensor there until `landed` brings all of a step's excerpts over in one transfer.
"""

from __future__ import annotations

import dataclasses
import math
from array import array
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch

from unstuck.attach import passes
from unstuck.attach.windows import address_of, lens_of, look, seen
from unstuck.training import Parameters

#: Elements kept of one place's output, and of one parameter, in a sampled step.
ROW_ELEMENTS, PARAMETER_ELEMENTS = 1024, 1024
#: A gradient of more elements is kept as so many blocks of one cache line (its elements are far apart in memory, and a miss costs 0.1 us).
GRADIENT_ELEMENTS, BLOCKS, BLOCK = 16_384, 512, 16
#: Elements of a rectifier's output that are searched for units that fire.
ALIVE_ELEMENTS = 65_536
#: Values of one channel from which a batch-norm layer's statistics are taken.
CHANNEL_VALUES = 1024
#: Elements of a batch that are brought over from an accelerator.
BATCH_ELEMENTS = 262_144
#: Kinds that give exact zeros for whole ranges of their input.
RECTIFIERS = ("ReLU", "ReLU6", "functional relu", "Threshold", "Hardshrink", "Softshrink")
CHANNELS_FIRST_3D = (
    "Conv1d",
    "ConvTranspose1d",
    "BatchNorm1d",
    "InstanceNorm1d",
    "MaxPool1d",
    "AvgPool1d",
    "AdaptiveAvgPool1d",
    "GroupNorm",
)
#: A copy of some elements: on the host, or still on the accelerator.
Excerpt = np.ndarray | torch.Tensor


def first_tensor(value: Any) -> torch.Tensor | None:
    """The tensor in what a module takes or gives: itself, or the first one of a tuple, list, dict or output object."""
    if isinstance(value, torch.Tensor):
        return value
    if not isinstance(value, (dict, tuple, list)) and dataclasses.is_dataclass(value):
        value = vars(value)
    if isinstance(value, dict):
        value = [value[k] for k in ("logits", "input_ids", "pixel_values", "x") if k in value] + list(value.values())
    if isinstance(value, (tuple, list)):
        for item in value:
            found = first_tensor(item) if not isinstance(item, (int, float, str)) else None
            if found is not None and found.dim() > 0:
                return found
    return None


def unnested(t: torch.Tensor) -> torch.Tensor:
    """A nested tensor's rows one below another [R, U]; any other tensor as it is."""
    if not t.is_nested:
        return t
    values = t.detach().values()
    return values if values.dim() > 1 else values.reshape(-1, t.size(-1))


# ------------------------------------------------------------------------------------------------ memory


class Pool:
    """Memory for the excerpts of one step, taken once and used again.

    Blocks of our own among the large ones of a network would keep the allocator from joining and reusing those: on a small CNN the page
    faults that follow cost more than all that is measured.
    """

    def __init__(self) -> None:
        self._memory = np.empty(16_384, np.float32)
        self._used = 0
        #: By where they begin and their shape: excerpts as they lay in an earlier step, with their addresses.
        self._places: dict[tuple[int, tuple[int, ...]], tuple[np.ndarray, int, int]] = {}

    def clear(self) -> None:
        """The step is over: what was kept may be written over."""
        if self._used > self._memory.size:
            self._memory = np.empty(self._used + self._used // 4, np.float32)
            self._places.clear()
        elif len(self._places) > 10_000:  # shapes that change all the time
            self._places.clear()
        self._used = 0

    def cut(self, t: torch.Tensor, cut: Callable[[Any, Any], Any], setting: Any) -> Excerpt:
        """`keep(look(t, cut, setting))`, in one pass where that is compiled."""
        lens = lens_of(t, cut, setting) if passes.library is not None else None
        address = address_of(t) if lens is not None and lens.single else 0
        if lens is None or not address:
            return self.keep(look(t, cut, setting))
        start = self._used
        found = self._places.get((start, lens.shape))
        if found is None:
            end = start + math.prod(lens.shape)
            if end > self._memory.size:
                return self.keep(look(t, cut, setting))
            excerpt = self._memory[start:end].reshape(-1, lens.shape[-1])
            found = self._places[start, lens.shape] = excerpt, excerpt.ctypes.data, end
        excerpt, at, self._used = found
        passes.library.unstuck_copy(address + lens.offset, lens.plan.buffer_info()[0], at)  # type: ignore[union-attr]
        return excerpt

    def keep(self, rows: Any) -> Excerpt:
        """A copy in float32 (float64 stays) of rows [..., U] as [R, U]; it holds until the step after."""
        units = rows.shape[-1]
        if not isinstance(rows, np.ndarray):
            copy: torch.Tensor = rows.clone(memory_format=torch.contiguous_format).reshape(-1, units)
            return copy if copy.dtype in (torch.float32, torch.float64) else copy.float()
        start = self._used
        self._used = end = start + rows.size
        if rows.dtype == np.float64 or end > self._memory.size:
            place = np.empty(rows.size, np.float64 if rows.dtype == np.float64 else np.float32)
        else:
            place = self._memory[start:end]
        np.copyto(place.reshape(rows.shape), rows, casting="unsafe")
        return place.reshape(-1, units)


def landed(excerpts: Sequence[Excerpt]) -> list[np.ndarray]:
    """All excerpts on the host, with one transfer for those that are not there yet."""
    away = [e for e in excerpts if isinstance(e, torch.Tensor)]
    if not away:
        return list(excerpts)  # type: ignore[arg-type]
    device = away[0].device
    joined = torch.cat([e.reshape(-1).to(device, torch.float32) for e in away]).cpu().numpy()
    found, at = [], 0
    for excerpt in excerpts:
        if isinstance(excerpt, torch.Tensor):
            found.append(joined[at : at + excerpt.numel()].reshape(tuple(excerpt.shape)))
            at += excerpt.numel()
        else:
            found.append(excerpt)
    return found


def number(tensor: torch.Tensor | float | None) -> float | None:
    """A scalar tensor's value."""
    return float(tensor) if tensor is not None else None


def batch(t: torch.Tensor) -> np.ndarray:
    """A batch on the host (see `batches`)."""
    found = batches([t])[0]
    assert found is not None
    return found


def batches(tensors: Sequence[torch.Tensor | None]) -> list[np.ndarray | None]:
    """Batches on the host: views where they lie there; elsewhere every k-th sample of large ones.

    The step is the same for all that have as many samples, so that answers and targets stay side by side.
    """
    rows = [None if t is None or t.layout is not torch.strided else seen(t) for t in tensors]  # of sparse ones nothing is read
    steps: dict[int, int] = {}
    for t in rows:
        if isinstance(t, torch.Tensor) and t.dim():
            steps[t.shape[0]] = max(steps.get(t.shape[0], 1), math.ceil(t.numel() / BATCH_ELEMENTS))
    return [None if t is None else _on_host(t[:: steps.get(t.shape[0], 1)] if len(t.shape) else t) for t in rows]


def _on_host(t: Any) -> np.ndarray:
    if isinstance(t, np.ndarray):
        return t
    found: np.ndarray = (t.float() if t.is_floating_point() else t).cpu().clone().numpy()
    return found


# ------------------------------------------------------------------------------------------------ activations


def strided_rows(output: torch.Tensor, channels_first: bool, pool: Pool) -> Excerpt | None:
    """A copy of some rows [R, U] of an output [B, ..., U] (or [B, U, ...] where channels come first), at most `ROW_ELEMENTS` elements."""
    if output.dim() == 0 or not output.is_floating_point() or output.is_sparse or output.numel() == 0:
        return None
    return pool.cut(output, _rows, channels_first)


def _rows(t: Any, channels_first: bool) -> Any:
    """Those rows [..., U], not copied where that is possible."""
    if len(t.shape) == 1:
        t = t.reshape(-1, 1)
    elif len(t.shape) > 2 and channels_first:
        t = t.reshape(t.shape[0], t.shape[1], -1)
        wanted = max(1, ROW_ELEMENTS // t.shape[1])
        samples = min(t.shape[0], max(8, wanted // 8))
        positions = max(1, wanted // samples)
        t = t[:: math.ceil(t.shape[0] / samples), :, :: math.ceil(t.shape[2] / positions)].swapaxes(1, 2)
    elif len(t.shape) > 2:
        t = t.reshape(-1, t.shape[-1])
    if t.shape[-1] > 512:
        t = t[..., :: math.ceil(t.shape[-1] / 512)]
    rows = max(8, ROW_ELEMENTS // t.shape[-1])
    if len(t.shape) == 2 and t.shape[0] > rows:
        t = t[:: math.ceil(t.shape[0] / rows)]
    return t


def firing(output: torch.Tensor, channels_first: bool) -> tuple[Excerpt, int] | None:
    """Which units (channels) of an output gave something other than zero for at least one row [U], and the number of rows looked at."""
    if output.dim() < 2 or not output.numel():
        return None
    t = look(output, _samples, channels_first)
    fired = (t != 0).any(0)
    return (fired if len(fired.shape) == 1 else fired.any(1)), math.prod(t.shape) // fired.shape[0]


def _samples(t: Any, channels_first: bool) -> Any:
    """Some samples [N, U], or [N, U, positions] where channels come first."""
    t = t[:: math.ceil(math.prod(t.shape) / ALIVE_ELEMENTS)]
    return t.reshape(t.shape[0], t.shape[1], -1) if channels_first and len(t.shape) > 2 else t.reshape(-1, t.shape[-1])


def channel_moments(inputs: torch.Tensor, running_mean: torch.Tensor, running_var: torch.Tensor) -> Excerpt:
    """Mean and variance of each channel of a batch [B, C, ...] beside its running ones [4, C], over about 1,024 values a channel."""
    t = look(inputs, _by_channel, None)
    if isinstance(t, np.ndarray):
        with np.errstate(all="ignore"):
            rows = np.ascontiguousarray(t.swapaxes(0, 1), dtype=np.float32).reshape(t.shape[1], -1)
            return np.stack([rows.mean(1), rows.var(1), seen(running_mean), seen(running_var)])  # a copy
    variance, mean = torch.var_mean(t.float(), (0, 2), correction=0)
    return torch.stack([mean, variance, running_mean.detach().float(), running_var.detach().float()])


def _by_channel(t: Any, _: None) -> Any:
    """Some values of each channel, [N, C, positions]."""
    t = t.reshape(t.shape[0], t.shape[1], -1)
    t = t[:: math.ceil(t.shape[0] / CHANNEL_VALUES)]
    return t[:, :, :: math.ceil(t.shape[0] * t.shape[2] / CHANNEL_VALUES)]


# ------------------------------------------------------------------------------------------------ gradients, parameters


def light(gradient: torch.Tensor) -> tuple[torch.Tensor | float, float]:
    """The norm of a gradient, or the gradient to take it of later, and the factor that makes up for elements left out.

    Taken at once, while the gradient is in the caches, and its memory is free again as early as without us; of a large one, of some blocks.
    Where there is no compiled pass a small one is kept as it is (the engine never writes into a tensor that somebody else holds).
    """
    if gradient.is_nested:
        gradient = gradient.values()
    n = gradient.numel()
    if n <= GRADIENT_ELEMENTS:
        size = passes.norm(gradient)
        return gradient if size is None else size, 1.0
    blocks = look(gradient, _blocks, None) if gradient.is_contiguous() else None
    if isinstance(blocks, np.ndarray):
        blocks = blocks.reshape(-1)
        with np.errstate(all="ignore"):
            square = float(np.dot(blocks, blocks))
            if not 1e-30 < square < math.inf:  # float32 is left at both ends sooner for squares
                square = float(np.square(blocks, dtype=np.float64).sum())
        return math.sqrt(square), math.sqrt(n / (BLOCKS * BLOCK))
    return _blocks(gradient.detach(), None).clone(), math.sqrt(n / (BLOCKS * BLOCK))


def _blocks(t: Any, _: None) -> Any:
    """`BLOCKS` blocks of `BLOCK` elements side by side, evenly spaced [BLOCKS, BLOCK]."""
    flat = t.reshape(-1)
    gap = flat.shape[0] // BLOCKS
    return flat[: gap * BLOCKS].reshape(BLOCKS, gap)[:, :BLOCK]


def norms(
    lights: Sequence[tuple[torch.Tensor | float, float] | None], tensors: Sequence[torch.Tensor | None]
) -> tuple[np.ndarray, np.ndarray]:
    """L2 norms [G] of what `light` kept, and [T] of whole tensors; nan where there is nothing. One transfer for all of them."""
    # By id: one place's input is the next one's output.
    kept = {id(p[0]): p[0] for p in lights if p is not None and not isinstance(p[0], float)}
    there = [t for t in tensors if t is not None]
    row = landed([norms_of([*kept.values(), *there])])[0] if kept or there else np.empty(0, np.float32)
    found = dict(zip(kept, row.tolist(), strict=False))
    values = [math.nan if p is None else p[1] * (p[0] if isinstance(p[0], float) else found[id(p[0])]) for p in lights]
    whole = row[len(kept) :]
    if len(there) < len(tensors):
        whole = np.full(len(tensors), math.nan, np.float32)
        whole[[t is not None for t in tensors]] = row[len(kept) :]
    return np.array(values, np.float32), whole


def norms_of(tensors: Sequence[torch.Tensor]) -> Excerpt:
    """L2 norms of whole tensors in one row [P], float32."""
    passed = passes.norms(tensors)
    if passed is not None:
        return passed
    with torch.no_grad():
        found: Sequence[torch.Tensor] = torch._foreach_norm(list(tensors))
        first = found[0]
        if any(v.dtype is not first.dtype or v.device != first.device for v in found):  # a model over several devices
            found = [v.to(first.device, torch.float32) for v in found]
        row = torch.stack(list(found)).float()
    return seen(row) if row.is_cpu else row


def row_of(tensors: Sequence[torch.Tensor], limit: int = PARAMETER_ELEMENTS) -> Excerpt:
    """Strided elements of all tensors in one float32 row (a copy)."""
    if not tensors:
        return np.empty(0, np.float32)
    passed = passes.rows(tensors, limit)
    if passed is not None:
        return passed
    parts = [look(t, _strided, limit) for t in tensors]
    if all(isinstance(p, np.ndarray) for p in parts):
        return np.concatenate(parts, dtype=np.float32, casting="unsafe")
    device = tensors[0].device
    return torch.cat([torch.as_tensor(p.copy() if isinstance(p, np.ndarray) else p).to(device, torch.float32) for p in parts])


def _strided(t: Any, limit: int) -> Any:
    """At most `limit` elements as a row; a view where the memory allows it."""
    flat = t.reshape(-1)
    return flat[:: passes.stride(flat.shape[0], limit)]


def elements(tensors: Sequence[torch.Tensor]) -> array[int]:
    """How many elements of each parameter `row_of` keeps."""
    return passes.plan(passes.sizes_of(tensors), PARAMETER_ELEMENTS)[0]


def joined(parts: list[Parameters]) -> Parameters | None:
    """The parameters of several optimizers as one."""
    if len(parts) <= 1:
        return parts[0] if parts else None
    return Parameters(
        places=tuple(p for part in parts for p in part.places),
        tensors=[t for part in parts for t in part.tensors],
        gradients=[g for part in parts for g in part.gradients],
        norms=np.concatenate([part.norms for part in parts]),
        gradient_norms=np.concatenate([part.gradient_norms for part in parts]),
        before=np.concatenate([part.before for part in parts]),
        after=np.concatenate([part.after for part in parts]),
        counts=array("q", [c for part in parts for c in part.counts]),
    )
