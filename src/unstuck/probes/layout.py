from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from unstuck.plugins import Probe
from unstuck.records import Place

if TYPE_CHECKING:
    from unstuck.training import Sample

INPUT = Place(name="input", kind="input")
#: Samples looked at (a layout does not change later); images of one batch.
SAMPLES, IMAGES = 8, 16


class Layout(Probe):
    """Whether images lie in memory as their shape says.

    ## What it measures
    For inputs [B, C, H, W] of 2 to 4 channels, `input.interleave_ratio`: mean difference of pixels C apart along a row over that of
    neighbours. Far apart pixels of a picture differ more, so that it is above 1; below 1 where the channels of each pixel were stored side
    by side and the array was reshaped (`view`) where it had to be permuted. `input.repeated_share`: share of the batch's rows that were in
    the last sampled batch too (1 = the same batch again and again, or all data in every batch). `input.blank_share`: share of the rows whose
    elements are all equal.
    ## What it costs
    Two small kernels in the first 8 sampled steps.
    """

    zh = """图像在内存中的排列是否与其形状相符。

    ## 测量什么
    对 2 至 4 个通道的输入 [B, C, H, W]，`input.interleave_ratio`：同一行上相距 C 的像素的平均差与相邻像素的平均差之比。图像中相距越远差别
    越大，因此大于 1；若各像素的通道原本相邻存放，而本应置换维度的数组却被直接改变形状（`view`），则小于 1。`input.repeated_share`：
    本批样本中也出现在上一个采样批次里的比例（1 表示总是同一批，或每批都是全部数据）。
    `input.blank_share`：所有元素都相等的行所占的比例。
    ## 开销
    前 8 个采样步各两个小算子。
    """

    emits = {"input.interleave_ratio": "", "input.repeated_share": "", "input.blank_share": ""}
    context = frozenset({"input.interleave_ratio", "input.repeated_share"})

    def __init__(self) -> None:
        self._samples = 0

    def measure(self, sample: Sample) -> Iterator[tuple[str, Sequence[Place], Sequence[float]]]:
        if sample.repeated is not None:
            yield "input.repeated_share", (INPUT,), [sample.repeated]
        if sample.blank is not None:
            yield "input.blank_share", (INPUT,), [sample.blank]
        inputs = sample.inputs
        if inputs is None or self._samples >= SAMPLES or inputs.ndim != 4 or inputs.dtype.kind != "f":
            return
        channels, width = inputs.shape[1], inputs.shape[3]
        if not 2 <= channels <= 4 or width < 4 * channels:
            return
        self._samples += 1
        rows = inputs[:IMAGES]
        apart, near = (float(abs(rows[..., gap:] - rows[..., :-gap]).mean()) for gap in (channels, 1))
        yield "input.interleave_ratio", (INPUT,), [apart / max(near, 1e-30)]
