from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from unstuck.plugins import Probe
from unstuck.records import Place

if TYPE_CHECKING:
    from unstuck.training import Sample

INPUT, TARGET, OUTPUT = (Place(name=n, kind=n) for n in ("input", "target", "output"))
#: A second loss function beside the one that is scored.
BESIDE = Place(name="beside", kind="beside")
#: Elements of a batch that are looked at; larger ones are strided over samples.
ELEMENTS = 65_536
#: At most this many features and classes are followed one by one.
FEATURES, CLASSES = 64, 64


def by_feature(inputs: Any) -> Any:
    """Inputs [B, F], [B, C, ...] or [B, S, D] as [rows, features]: channels for images, the last dimension otherwise. Arrays or tensors."""
    if len(inputs.shape) <= 1:
        return inputs.reshape(-1, 1)
    if len(inputs.shape) >= 4:
        swapped = inputs.reshape(inputs.shape[0], inputs.shape[1], -1).swapaxes(1, 2)
        return swapped.reshape(-1, inputs.shape[1])
    return inputs.reshape(-1, inputs.shape[-1])


class Door(Probe):
    """What comes in at the model's door, what is wanted, and what goes out.

    ## What it measures
    Inputs: mean, std, min, max over the batch, share of non-finite values, and mean and std of up to 64 features. Targets that are real:
    mean, std, min, max. Outputs (as the loss got them): mean, std, min, max, spread across samples, how far the rows are from summing to 1, and
    the shares of the classes predicted. Where a second loss function is a regression (two heads), mean and std of its targets and outputs
    (`beside.`).
    ## What it costs
    About twenty small numpy operations; batches of more than 65,536 elements are strided over samples.
    """

    zh = """进入模型的数据、期望的目标，以及模型的输出。

    ## 测量什么
    输入：批内均值、标准差、最小值、最大值、非有限值比例，以及至多 64 个特征各自的均值与标准差。实数目标：均值、标准差、最小值、
    最大值。输出（损失函数所收到的）：均值、标准差、最小值、最大值、跨样本离散度、
    各行之和与 1 的偏差，以及各预测类别的比例。若另有一个损失函数是回归（两个输出头），还有其目标与输出的均值和标准差
    （`beside.`）。
    ## 开销
    约二十个小的 numpy 运算；超过 65,536 个元素的批次按样本等距抽取。
    """

    emits = {
        f"{subject}.{q}": ""
        for subject, quantities in {
            "input": ("mean", "std", "min", "max", "nonfinite_share", "feature_mean", "feature_std"),
            "target": ("mean", "std", "min", "max"),
            "output": ("mean", "std", "min", "max", "spread", "row_sum_error", "class_share"),
            "beside": ("target_mean", "target_std", "output_mean", "output_std"),
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

    def measure(self, sample: Sample) -> Iterator[tuple[str, Sequence[Place], np.ndarray | Sequence[float]]]:
        if sample.inputs is not None and sample.inputs.size:
            self._dtype = sample.input_dtype
            if sample.inputs.dtype.kind == "f":
                yield from self._inputs(sample.inputs)
        if sample.targets is not None and sample.targets.size and sample.targets.dtype.kind == "f":
            yield from _moments("target", TARGET, sample.targets)
        answers = sample.answers
        if answers is not None and answers.dtype.kind == "f" and answers.size:
            yield from self._outputs(answers, sample.targets)
        for what, values in (("target", sample.other_targets), ("output", sample.other_outputs)):
            if values is not None and values.dtype.kind == "f" and values.size:
                yield f"beside.{what}_mean", (BESIDE,), [float(values.mean(dtype=np.float64))]
                yield f"beside.{what}_std", (BESIDE,), [float(values.std(dtype=np.float64))]

    def _inputs(self, inputs: np.ndarray) -> Iterator[tuple[str, Sequence[Place], np.ndarray | Sequence[float]]]:
        if inputs.size > ELEMENTS and inputs.ndim > 1:
            inputs = inputs[:: math.ceil(inputs.size / ELEMENTS)]
        rows = by_feature(inputs)
        yield from _moments("input", INPUT, rows)
        yield "input.nonfinite_share", (INPUT,), [1 - np.count_nonzero(np.isfinite(rows)) / rows.size]
        if rows.shape[0] < 2:
            return
        if rows.shape[1] > FEATURES:
            rows = rows[:, :: math.ceil(rows.shape[1] / FEATURES)]
        places = self._features.get(rows.shape[1])
        if places is None:
            places = self._features[rows.shape[1]] = [Place(name=f"input[{i}]", kind="feature") for i in range(rows.shape[1])]
        around = rows - rows[:1]
        moved = np.add.reduce(around, 0) / len(rows)
        yield "input.feature_mean", places, rows[0] + moved
        variance = np.einsum("ij,ij->j", around, around) / len(rows) - moved * moved
        yield "input.feature_std", places, np.sqrt(np.maximum(variance, 0) * (len(rows) / (len(rows) - 1)))

    def _outputs(
        self, outputs: np.ndarray, targets: np.ndarray | None
    ) -> Iterator[tuple[str, Sequence[Place], np.ndarray | Sequence[float]]]:
        if outputs.size > ELEMENTS and outputs.ndim > 1:
            outputs = outputs[:: math.ceil(outputs.size / ELEMENTS)]
        rows = outputs.reshape(-1, 1) if outputs.ndim <= 1 else np.moveaxis(outputs, 1, -1).reshape(-1, outputs.shape[1])
        yield from _moments("output", OUTPUT, rows)
        around = rows - rows[:1]
        variance = np.einsum("ij,ij->j", around, around) / len(rows) - np.square(np.add.reduce(around, 0) / len(rows))
        yield "output.spread", (OUTPUT,), [math.sqrt(max(float(np.add.reduce(variance)) / len(variance), 0.0))]
        if rows.shape[1] > 1:
            yield "output.row_sum_error", (OUTPUT,), [float(np.maximum.reduce(np.abs(np.add.reduce(rows, 1) - 1)))]
            if 1 < rows.shape[1] <= CLASSES and targets is not None and targets.dtype.kind != "f":
                counts = np.bincount(rows.argmax(1), minlength=rows.shape[1])
                yield "output.class_share", _CLASSES[: rows.shape[1]], counts / rows.shape[0]


_CLASSES = [Place(name=f"output[{i}]", kind="class") for i in range(CLASSES)]


def _moments(subject: str, place: Place, values: np.ndarray) -> Iterator[tuple[str, Sequence[Place], Sequence[float]]]:
    flat = values.reshape(-1)
    mean = float(np.add.reduce(flat, dtype=np.float64)) / flat.size
    around = flat - flat.dtype.type(mean)
    yield f"{subject}.mean", (place,), [mean]
    yield f"{subject}.std", (place,), [math.sqrt(float(np.dot(around, around)) / flat.size)]
    yield f"{subject}.min", (place,), [float(np.minimum.reduce(flat))]
    yield f"{subject}.max", (place,), [float(np.maximum.reduce(flat))]
