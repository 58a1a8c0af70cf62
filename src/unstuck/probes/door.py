from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from unstuck.plugins import Probe
from unstuck.records import Place

if TYPE_CHECKING:
    import torch

    from unstuck.training import Sample

INPUT, TARGET, OUTPUT = (Place(name=n, kind=n) for n in ("input", "target", "output"))
#: At most this many features and classes are followed one by one.
FEATURES, CLASSES = 64, 64


def by_feature(inputs: torch.Tensor) -> torch.Tensor:
    """Inputs [B, F], [B, C, ...] or [B, S, D] as [rows, features]: channels for images, the last dimension otherwise."""
    if inputs.dim() <= 1:
        return inputs.reshape(-1, 1)
    if inputs.dim() >= 4:
        return inputs.movedim(1, -1).reshape(-1, inputs.shape[1])
    return inputs.reshape(-1, inputs.shape[-1])


class Door(Probe):
    """What comes in at the model's door, what is wanted, and what goes out.

    ## What it measures
    Inputs: mean, std, min, max over the batch, share of non-finite values, and mean and std of up to 64 features. Targets: mean, std,
    min, max, or the share of up to 64 classes in the batch (also for 0/1 targets of a single output). Outputs (as the loss got them): mean,
    std, min, max, spread across samples, how far the rows are from summing to 1, and the shares of the classes predicted.
    ## What it costs
    About twenty small kernels per sampled step; inputs of more than 65,536 elements are strided over samples.
    """

    zh = """进入模型的数据、期望的目标，以及模型的输出。

    ## 测量什么
    输入：批内均值、标准差、最小值、最大值、非有限值比例，以及至多 64 个特征各自的均值与标准差。目标：均值、标准差、最小值、最大值，
    或至多 64 个类别（包括单个输出的 0/1 目标）在批内的比例。输出（损失函数所收到的）：均值、标准差、最小值、最大值、跨样本离散度、
    各行之和与 1 的偏差，以及各预测类别的比例。
    ## 开销
    每个采样步约二十个小算子；超过 65,536 个元素的输入按样本等距抽取。
    """

    emits = {
        f"{subject}.{q}": ""
        for subject, quantities in {
            "input": ("mean", "std", "min", "max", "nonfinite_share", "feature_mean", "feature_std"),
            "target": ("mean", "std", "min", "max", "class_share"),
            "output": ("mean", "std", "min", "max", "spread", "row_sum_error", "class_share"),
        }.items()
        for q in quantities
    }
    every = 4
    context = frozenset({"output.class_share", "output.spread", "target.min", "target.max"})

    def __init__(self) -> None:
        self._features: dict[int, list[Place]] = {}
        self._dtype = ""

    def notes(self) -> dict[str, bool | int | float | str | list[object] | None]:
        return {"input.dtype": self._dtype} if self._dtype else {}

    def measure(self, sample: Sample) -> Iterator[tuple[str, Sequence[Place], torch.Tensor | Sequence[float]]]:
        if sample.inputs is not None and sample.inputs.numel():
            self._dtype = str(sample.inputs.dtype).removeprefix("torch.")
            if sample.inputs.is_floating_point():
                yield from self._inputs(sample.inputs)
        if sample.targets is not None and sample.targets.numel():
            yield from self._targets(sample.targets, sample.loss_kind)
        outputs = sample.loss_inputs if sample.loss_inputs is not None else sample.outputs
        if outputs is not None and outputs.is_floating_point() and outputs.numel():
            yield from self._outputs(outputs, sample.targets)

    def _inputs(self, inputs: torch.Tensor) -> Iterator[tuple[str, Sequence[Place], torch.Tensor]]:
        if inputs.numel() > 65_536 and inputs.dim() > 1:
            inputs = inputs[:: math.ceil(inputs.numel() / 65_536)]
        rows = by_feature(inputs).float()
        yield from _moments("input", INPUT, rows)
        yield "input.nonfinite_share", (INPUT,), (~rows.isfinite()).float().mean().reshape(1)
        if rows.shape[0] < 2:
            return
        if rows.shape[1] > FEATURES:
            rows = rows[:, :: math.ceil(rows.shape[1] / FEATURES)]
        places = self._features.setdefault(rows.shape[1], [Place(name=f"input[{i}]", kind="feature") for i in range(rows.shape[1])])
        yield "input.feature_mean", places, rows.mean(0)
        yield "input.feature_std", places, rows.std(0)

    def _targets(self, targets: torch.Tensor, loss_kind: str) -> Iterator[tuple[str, Sequence[Place], torch.Tensor]]:
        import torch

        if targets.is_floating_point():
            yield from _moments("target", TARGET, targets.float())
            if loss_kind.startswith("bce") and targets.numel() == targets.shape[0] and bool(((targets == 0) | (targets == 1)).all()):
                ones = targets.float().mean()
                yield "target.class_share", [_class("target", i) for i in range(2)], torch.stack([1 - ones, ones])
            return
        flat = targets.reshape(-1).long()
        flat = flat[flat >= 0]
        if flat.numel() and int(flat.max()) < CLASSES:
            counts = torch.bincount(flat, minlength=CLASSES).float()
            top = int(flat.max()) + 1
            yield "target.class_share", [_class("target", i) for i in range(top)], (counts / flat.numel())[:top]

    def _outputs(self, outputs: torch.Tensor, targets: torch.Tensor | None) -> Iterator[tuple[str, Sequence[Place], torch.Tensor]]:
        import torch

        rows = outputs.reshape(-1, 1) if outputs.dim() <= 1 else outputs.movedim(1, -1).reshape(-1, outputs.shape[1])
        rows = rows.float()
        yield from _moments("output", OUTPUT, rows)
        around = rows - rows[:1]
        yield "output.spread", (OUTPUT,), ((around * around).mean(0) - around.mean(0).square()).clamp_min(0).mean().sqrt().reshape(1)
        if rows.shape[1] > 1:
            yield "output.row_sum_error", (OUTPUT,), (rows.sum(1) - 1).abs().max().reshape(1)
            if 1 < rows.shape[1] <= CLASSES and targets is not None and not targets.is_floating_point():
                counts = torch.bincount(rows.argmax(1), minlength=rows.shape[1]).float()
                yield "output.class_share", [_class("output", i) for i in range(rows.shape[1])], counts / rows.shape[0]


_CLASSES = {(s, i): Place(name=f"{s}[{i}]", kind="class") for s in ("target", "output") for i in range(CLASSES)}


def _class(subject: str, index: int) -> Place:
    return _CLASSES[subject, index]


def _moments(subject: str, place: Place, values: torch.Tensor) -> Iterator[tuple[str, Sequence[Place], torch.Tensor]]:
    import torch

    low, high = torch.aminmax(values)
    mean = values.mean()
    yield f"{subject}.mean", (place,), mean.reshape(1)
    yield f"{subject}.std", (place,), (values - mean).square().mean().sqrt().reshape(1)
    yield f"{subject}.min", (place,), low.reshape(1)
    yield f"{subject}.max", (place,), high.reshape(1)
