"""Excerpts: the few elements of a tensor that a sampled step keeps. Strided, never drawn at random; copies, never references to live memory."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import torch

from unstuck.records import Place
from unstuck.training import Parameters, Rows

#: Elements kept of one place's output, and of one parameter, in a sampled step. Strided, never drawn at random.
ROW_ELEMENTS, PARAMETER_ELEMENTS, GRADIENT_ELEMENTS = 1024, 1024, 16_384
#: Elements of a rectifier's output that are searched for units that fire.
ALIVE_ELEMENTS = 65_536
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


def first_tensor(value: Any) -> torch.Tensor | None:
    """The tensor in what a module takes or gives: itself, or the first one of a tuple, list, dict or output object."""
    if isinstance(value, torch.Tensor):
        return value
    if isinstance(value, dict):
        value = [value[k] for k in ("logits", "input_ids", "pixel_values", "x") if k in value] + list(value.values())
    if isinstance(value, (tuple, list)):
        for item in value:
            found = first_tensor(item) if not isinstance(item, (int, float, str)) else None
            if found is not None and found.dim() > 0:
                return found
    return None


def strided_rows(output: torch.Tensor, channels_first: bool) -> torch.Tensor | None:
    """A copy of some rows [R, U] of an output [B, ..., U] (or [B, U, ...] where channels come first), at most `ROW_ELEMENTS` elements."""
    t = output.detach()
    if t.dim() == 0 or not t.is_floating_point() or t.numel() == 0 or t.is_sparse:
        return None
    if t.dim() == 1:
        t = t.unsqueeze(1)
    elif t.dim() > 2 and channels_first:
        t = t.flatten(2)
        wanted = max(1, ROW_ELEMENTS // t.shape[1])
        samples = min(t.shape[0], max(8, wanted // 8))
        positions = max(1, wanted // samples)
        t = t[:: math.ceil(t.shape[0] / samples), :, :: math.ceil(t.shape[2] / positions)].transpose(1, 2).reshape(-1, t.shape[1])
    elif t.dim() > 2:
        t = t.reshape(-1, t.shape[-1])
    if t.shape[1] > 512:
        t = t[:, :: math.ceil(t.shape[1] / 512)]
    rows = max(8, ROW_ELEMENTS // t.shape[1])
    if t.shape[0] > rows:
        t = t[:: math.ceil(t.shape[0] / rows)]
    t = t.clone(memory_format=torch.contiguous_format)
    return t if t.dtype in (torch.float32, torch.float64) else t.float()


def firing(output: torch.Tensor, channels_first: bool) -> tuple[torch.Tensor, int] | None:
    """Which units (channels) of an output gave something other than zero for at least one row [U], and the number of rows looked at."""
    t = output.detach()
    if t.dim() < 2 or not t.numel():
        return None
    t = t[:: math.ceil(t.numel() / ALIVE_ELEMENTS)]
    unit = 1 if channels_first and t.dim() > 2 else t.dim() - 1
    others = [d for d in range(t.dim()) if d != unit]
    return t.abs().amax(others) > 0, t.numel() // t.shape[unit]


def strided(t: torch.Tensor, limit: int) -> torch.Tensor:
    """At most `limit` elements of a tensor as a row; a view where the memory allows it. The stride is odd: it visits all columns."""
    t = t.detach()
    n = t.numel()
    flat = t.reshape(-1)
    return flat if n <= limit else flat[:: (math.ceil(n / limit) | 1)]


def light(gradient: torch.Tensor) -> tuple[torch.Tensor, float]:
    """A gradient to take the norm of later, and the factor that makes up for elements left out.

    A small one is kept as it is (the engine never writes into a tensor that somebody else holds), a large one as a strided copy.
    """
    n = gradient.numel()
    if n <= GRADIENT_ELEMENTS:
        return gradient, 1.0
    part = strided(gradient, 4096).clone()
    return part, math.sqrt(n / part.numel())


def norms(parts: Sequence[Any], _sizes: Any) -> torch.Tensor:
    """L2 norms [G] of the kept gradients; nan where there is none."""
    present = [p for p in parts if p is not None]
    if not present:
        return torch.full((len(parts),), math.nan)
    values = torch.stack([v.float() for v in torch._foreach_norm([p[0] for p in present])])
    values = values * torch.tensor([p[1] for p in present], device=values.device)
    if len(present) == len(parts):
        return values
    full = torch.full((len(parts),), math.nan, device=values.device)
    full[[i for i, p in enumerate(parts) if p is not None]] = values
    return full


def stacked(rows: Sequence[tuple[Place, torch.Tensor]]) -> list[Rows]:
    """Rows of one shape stacked, so that one kernel serves many places."""
    groups: dict[tuple[int, ...], list[tuple[Place, torch.Tensor]]] = {}
    for place, values in rows:
        groups.setdefault((*values.shape, values.element_size()), []).append((place, values))
    return [Rows(tuple(p for p, _ in g), torch.stack([v for _, v in g])) for g in groups.values()]


def row_of(parameters: Sequence[torch.Tensor]) -> torch.Tensor:
    """Strided elements of all parameters in one row (a copy)."""
    if not parameters:
        return torch.empty(0)
    return torch.cat([strided(p, PARAMETER_ELEMENTS).float() for p in parameters])


def joined(parts: list[Parameters]) -> Parameters | None:
    """The parameters of several optimizers as one."""
    if len(parts) <= 1:
        return parts[0] if parts else None
    return Parameters(
        places=tuple(p for part in parts for p in part.places),
        tensors=[t for part in parts for t in part.tensors],
        gradients=[g for part in parts for g in part.gradients],
        before=torch.cat([part.before for part in parts]),
        after=torch.cat([part.after for part in parts]),
        counts=[c for part in parts for c in part.counts],
    )
