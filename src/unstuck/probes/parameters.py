from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from unstuck.plugins import Probe
from unstuck.records import Place

if TYPE_CHECKING:
    import torch

    from unstuck.training import Parameters as Stepped
    from unstuck.training import Sample

RUN = Place(name="run", kind="run")
#: Rows of a weight are compared at the first sample and every so many samples.
ROWS_EVERY = 16


class Parameters(Probe):
    """Size of each parameter, of its gradient, and of the step that the optimizer made.

    ## What it measures
    `parameter.norm`, `parameter.gradient_norm` (as the optimizer saw it), `update.norm` and `update.ratio` (norm of the step over norm of the
    parameter before it, on at most 1024 strided elements), `parameter.identical_share` (rows equal to the first row but for rounding; of a recurrent layer, units
    equal to the first one in every gate; of a bare matrix, rows or columns), `parameter.identical_columns` of matrices,
    `gradient.total_norm` over all parameters, and `gradient.leftover_ratio`: the norm of the gradients that nobody cleared
    since the last step, over the norm at the step (0 = cleared).
    ## What it costs
    Two fused norms over all parameters, one copied row before and after the step.
    """

    zh = """每个参数、其梯度以及优化器所走一步的大小。

    ## 测量什么
    `parameter.norm`、`parameter.gradient_norm`（优化器看到的梯度）、`update.norm` 与 `update.ratio`（一步的范数与此前参数范数之比，
    取至多 1024 个等距元素）、`parameter.identical_share`（与第一行相同的行的比例；循环层则按单元比较其全部门）、矩阵的
    `parameter.identical_columns`、全部参数的 `gradient.total_norm`，以及
    `gradient.leftover_ratio`：自上次更新以来未清零的梯度范数与更新时梯度范数之比（0 表示已清零）。
    ## 开销
    对全部参数做两次融合范数，更新前后各复制一行。
    """

    emits = {
        "parameter.norm": "",
        "parameter.gradient_norm": "",
        "update.norm": "",
        "update.ratio": "",
        "parameter.identical_share": "",
        "parameter.identical_columns": "",
        "gradient.total_norm": "",
        "gradient.leftover_ratio": "",
    }
    context = frozenset({"update.norm"})

    def __init__(self) -> None:
        self._samples = 0

    def measure(self, sample: Sample) -> Iterator[tuple[str, Sequence[Place], np.ndarray | Sequence[float]]]:
        stepped = sample.parameters
        if stepped is None or not stepped.places:
            return
        yield "parameter.norm", stepped.places, stepped.norms
        with_gradient = [i for i, g in enumerate(stepped.gradients) if g is not None]
        if with_gradient:
            all_have = len(with_gradient) == len(stepped.places)
            norms = stepped.gradient_norms if all_have else stepped.gradient_norms[with_gradient]
            yield "parameter.gradient_norm", stepped.places if all_have else [stepped.places[i] for i in with_gradient], norms
            total = math.sqrt(float(np.square(norms, dtype=np.float64).sum()))
            yield "gradient.total_norm", (RUN,), [total]
            if sample.leftover is not None:
                yield "gradient.leftover_ratio", (RUN,), [sample.leftover / max(total, 1e-30)]
        yield from self._updates(stepped)
        if self._samples % ROWS_EVERY == 0 or self._samples == 4:
            yield from self._rows(stepped)
        self._samples += 1

    @staticmethod
    def _updates(stepped: Stepped) -> Iterator[tuple[str, Sequence[Place], np.ndarray]]:
        changes = stepped.changes()
        if changes is not None:  # None: steps by hand
            yield "update.norm", stepped.places, changes[0]
            yield "update.ratio", stepped.places, changes[1]

    @staticmethod
    def _rows(stepped: Stepped) -> Iterator[tuple[str, Sequence[Place], list[float]]]:
        wide = [
            i
            for i, t in enumerate(stepped.tensors)
            if t.dim() > 1 and t.shape[0] > 1 and t[0].numel() > 1 and t.numel() <= 2**20 and stepped.gradients[i] is not None
        ]
        hidden = {p.name: p.shape[1] for p in stepped.places if "weight_hh" in p.name and len(p.shape) == 2}
        shares = []
        for i in wide:
            tensor, place = stepped.tensors[i].detach(), stepped.places[i]
            units = hidden.get(place.name.replace("weight_ih", "weight_hh"), 0)
            if units and tensor.shape[0] % units == 0:  # the gates of a recurrent layer lie one below the other: [gates * units, ...]
                shares.append(equal_rows(tensor.unflatten(0, (-1, units)).transpose(0, 1).flatten(1)) if units > 1 else 0.0)
                continue
            found = equal_rows(tensor.flatten(1))
            # A matrix that is multiplied by hand may have its units in columns.
            if place.kind == "parameter" and tensor.dim() == 2 and tensor.shape[1] > 1:
                found = max(found, equal_rows(tensor.T))
            shares.append(found)
        if wide:
            yield "parameter.identical_share", [stepped.places[i] for i in wide], shares
        flat = [i for i in wide if stepped.tensors[i].dim() == 2 and stepped.tensors[i].shape[1] > 1]
        if flat:
            columns = [equal_rows(stepped.tensors[i].detach().T) for i in flat]
            yield "parameter.identical_columns", [stepped.places[i] for i in flat], columns


def equal_rows(weight: torch.Tensor) -> float:
    """Share of the rows of a matrix [U, N] that equal the first but for rounding (a product may sum the rows of a block in another order)."""
    from unstuck.attach import passes

    found = passes.equal_rows(weight)
    if found is not None:
        return found
    return float(((weight[1:] - weight[:1]).abs().amax(1) <= 1e-5 * weight.abs().amax()).float().mean())
