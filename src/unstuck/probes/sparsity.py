from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from unstuck.plugins import Probe
from unstuck.records import Place

if TYPE_CHECKING:
    import torch

    from unstuck.training import Sample

#: Zeros are counted at the first sample and at every so many later ones: they change slowly.
EVERY = 16


class Sparsity(Probe):
    """How many weights are exactly zero.

    ## What it measures
    `parameter.zero_share`: share of exact zeros of each parameter that an optimizer steps, all elements counted.
    ## What it costs
    One count over all parameters at every 16th sampled step.
    """

    zh = """有多少权重恰好为零。

    ## 测量什么
    `parameter.zero_share`：优化器所更新的每一个参数中，恰好为零的元素所占的比例；全部元素都参与统计，而不是抽样。
    ## 开销
    每 16 个采样步对全部参数做一次计数。
    """

    emits = {"parameter.zero_share": ""}
    context = frozenset(emits)

    def __init__(self) -> None:
        self._samples = 0

    def measure(self, sample: Sample) -> Iterator[tuple[str, Sequence[Place], torch.Tensor | Sequence[float]]]:
        import torch

        stepped = sample.parameters
        if stepped is None or not stepped.places:
            return
        self._samples += 1
        if self._samples % EVERY != 1:
            return
        from unstuck.attach.windows import window

        whole = [i for i, t in enumerate(stepped.tensors) if t.numel()]
        seen = [window(stepped.tensors[i].detach()) for i in whole]
        if all(s is not None for s in seen):  # on the host
            shares = [float(1 - np.float32(np.count_nonzero(s)) / np.float32(s.size)) for s in seen if s is not None]
            yield "parameter.zero_share", [stepped.places[i] for i in whole], shares
            return
        counts = torch._foreach_norm([stepped.tensors[i].detach() for i in whole], 0)
        sizes = [stepped.tensors[i].numel() for i in whole]
        nonzero = torch.stack([c.float() for c in counts])
        yield "parameter.zero_share", [stepped.places[i] for i in whole], 1 - nonzero / torch.tensor(sizes, device=nonzero.device)
