from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from unstuck.plugins import Probe
from unstuck.probes.door import CLASSES
from unstuck.records import Place

if TYPE_CHECKING:
    from unstuck.training import Sample

_CLASSES = [Place(name=f"target[{i}]", kind="class") for i in range(CLASSES)]


class Recall(Probe):
    """Which classes are answered rightly.

    ## What it measures
    `training.right_share`: for each class, the share of the batch that is of this class and was answered rightly. Over several steps, its sum
    over the sum of `target.class_share` is the class's recall. For integer classes, and for 0/1 targets of a single output.
    ## What it costs
    Three small kernels per sampled step.
    """

    zh = """哪些类别被答对了。

    ## 测量什么
    `training.right_share`：对每个类别，属于该类且答对的样本占批的比例。多步之和除以 `target.class_share` 之和即该类的召回率。适用于整数
    类别，以及单个输出的 0/1 目标。
    ## 开销
    每个采样步三个小算子。
    """

    every = 2
    emits = {"training.right_share": ""}

    def measure(self, sample: Sample) -> Iterator[tuple[str, Sequence[Place], np.ndarray]]:
        targets, hits = sample.targets, sample.right
        if targets is None or hits is None:
            return
        real = targets.dtype.kind == "f"
        if real and not (targets.size == targets.shape[0] and sample.loss_kind.startswith("bce")):
            return
        classes = targets.reshape(-1).astype(np.int64)
        classes = classes[classes >= 0]
        if hits.size != classes.size or not classes.size or int(classes.max()) >= CLASSES:
            return
        top = max(int(classes.max()) + 1, 2 if real else 1)
        yield "training.right_share", _CLASSES[:top], np.bincount(classes[hits.reshape(-1)], minlength=top)[:top] / classes.size
