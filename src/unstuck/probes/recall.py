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
    """Which classes there are, and which are answered rightly.

    ## What it measures
    `target.class_share`: the share of each of up to 64 classes in the batch. `training.right_share`: for each class, the share of the batch that
    is of this class and was answered rightly. Over several steps, its sum over that of `target.class_share` is the class's recall. For integer
    classes, and for 0/1 targets of a single output. At every sampled step: of rare classes no sample is to be missed.
    ## What it costs
    Two counts of the targets per sampled step.
    """

    zh = """哪些类别被答对了。

    ## 测量什么
    `training.right_share`：对每个类别，属于该类且答对的样本占批的比例。多步之和除以 `target.class_share` 之和即该类的召回率。适用于整数
    类别，以及单个输出的 0/1 目标。每个采样步都测量：稀有类别的样本一个也不应漏掉。
    ## 开销
    每个采样步对目标计数两次。
    """

    emits = {"target.class_share": "", "training.right_share": ""}

    def measure(self, sample: Sample) -> Iterator[tuple[str, Sequence[Place], np.ndarray]]:
        targets, hits = sample.targets, sample.right
        if targets is None or not targets.size:
            return
        real = targets.dtype.kind == "f"
        ones = sample.loss_kind.startswith("bce") and targets.size == targets.shape[0]
        if real and not (ones and bool(((targets == 0) | (targets == 1)).all())):
            return
        classes = targets.reshape(-1).astype(np.int64, copy=False)
        if np.minimum.reduce(classes) < 0:
            classes = classes[classes >= 0]
        top = max(int(np.maximum.reduce(classes)) + 1, 2 if real else 1) if classes.size else 0
        if not 0 < top <= CLASSES:
            return
        yield "target.class_share", _CLASSES[:top], np.bincount(classes, minlength=top) / classes.size
        if hits is not None and hits.size == classes.size:
            yield "training.right_share", _CLASSES[:top], np.bincount(classes[hits.reshape(-1)], minlength=top)[:top] / classes.size
