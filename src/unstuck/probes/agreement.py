from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from unstuck.plugins import Probe
from unstuck.records import Place

if TYPE_CHECKING:
    import torch

    from unstuck.training import Sample

RUN = Place(name="run", kind="run")
#: Elements kept of one gradient.
ELEMENTS = 1024


class Agreement(Probe):
    """How far the gradients of two neighbouring steps agree, and what that says of the noise in one batch.

    ## What it measures
    With g1, g2 the gradients of two successive steps (strided elements): `gradient.cosine` = g1.g2 / (|g1| |g2|), and
    `gradient.noise_ratio` = mean of |g1 - g2|^2 / 2 over mean of g1.g2, both averaged over the pairs so far with factor 0.9: an estimate of the
    gradient noise scale over the batch size (McCandlish et al. 2018). It is inf while the mean of g1.g2 is not positive.
    ## What it costs
    One copied row of gradients per sampled step.
    """

    zh = """相邻两步的梯度有多一致，以及由此可见的单批噪声。

    ## 测量什么
    设 g1、g2 为相邻两步的梯度（等距元素）：`gradient.cosine` = g1·g2 / (|g1| |g2|)；`gradient.noise_ratio` = |g1 - g2|^2 / 2 的均值与
    g1·g2 的均值之比（均以系数 0.9 滑动平均）：梯度噪声尺度与批大小之比的估计（McCandlish 等，2018）。g1·g2 的均值不为正时为 inf。
    ## 开销
    每个采样步复制一行梯度。
    """

    emits = {"gradient.cosine": "", "gradient.noise_ratio": ""}

    def __init__(self) -> None:
        self._last: tuple[int, torch.Tensor] | None = None
        self._noise: torch.Tensor | None = None
        self._signal: torch.Tensor | None = None

    def measure(self, sample: Sample) -> Iterator[tuple[str, Sequence[Place], torch.Tensor]]:
        import torch

        if sample.parameters is None:
            return
        parts = []
        for gradient in sample.parameters.gradients:
            if gradient is not None:
                flat = gradient.detach().reshape(-1)
                parts.append(flat if flat.numel() <= ELEMENTS else flat[:: (math.ceil(flat.numel() / ELEMENTS) | 1)])
        if not parts:
            return
        row = torch.cat([p.float() for p in parts])
        last, self._last = self._last, (sample.step, row)
        if last is None or last[0] != sample.step - 1 or last[1].shape != row.shape:
            return
        dot = torch.dot(row, last[1])
        noise = (row - last[1]).square().sum() / 2
        if not math.isfinite(float(dot)):
            return
        self._noise = noise if self._noise is None else 0.9 * self._noise + 0.1 * noise
        self._signal = dot if self._signal is None else 0.9 * self._signal + 0.1 * dot
        cosine = dot / (torch.linalg.vector_norm(row) * torch.linalg.vector_norm(last[1])).clamp_min(1e-30)
        ratio = torch.where(self._signal > 0, self._noise / self._signal.clamp_min(1e-38), torch.full_like(dot, math.inf))
        yield "gradient.cosine", (RUN,), cosine.reshape(1)
        yield "gradient.noise_ratio", (RUN,), ratio.reshape(1)
