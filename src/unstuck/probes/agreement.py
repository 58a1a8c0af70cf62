from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from unstuck.plugins import Probe
from unstuck.records import Place

if TYPE_CHECKING:
    import numpy as np

    from unstuck.training import Sample

RUN = Place(name="run", kind="run")


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
        #: Of the last sample: its step, the row and its square.
        self._last: tuple[int, np.ndarray, float] | None = None
        self._noise = self._signal = math.nan

    def measure(self, sample: Sample) -> Iterator[tuple[str, Sequence[Place], Sequence[float]]]:
        if sample.gradient_row is None:
            return
        row = sample.gradient_row
        square = float(row @ row)
        last, self._last = self._last, (sample.step, row, square)
        if last is None or last[0] != sample.step - 1 or last[1].shape != row.shape:
            return
        dot, difference = float(row @ last[1]), row - last[1]
        if not math.isfinite(dot):
            return
        noise = float(difference @ difference) / 2
        self._noise = noise if math.isnan(self._noise) else 0.9 * self._noise + 0.1 * noise
        self._signal = dot if math.isnan(self._signal) else 0.9 * self._signal + 0.1 * dot
        size = math.sqrt(square) * math.sqrt(last[2])
        yield "gradient.cosine", (RUN,), [dot / max(size, 1e-30)]
        yield "gradient.noise_ratio", (RUN,), [self._noise / max(self._signal, 1e-38) if self._signal > 0 else math.inf]
