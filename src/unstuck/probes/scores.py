from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from unstuck.plugins import Probe
from unstuck.records import Place

if TYPE_CHECKING:
    from unstuck.training import Sample

RUN = Place(name="run", kind="run")


class Scores(Probe):
    """Accuracy or R2 of the training batch, recomputed from outputs and targets.

    ## What it measures
    `training.accuracy` (share of right answers) or `training.r2` (1 minus squared error over the batch's variance) of one sampled batch, as
    the model stood before the step. The phases without gradients give `validation.accuracy`, `validation.r2` and `validation.loss` over
    the whole phase, and of each class `validation.class_share` and `validation.class_recall` (the share of it answered rightly),
    `validation.renamed_accuracy` (accuracy, were every answer read as the class that it goes with most often; only where these are different classes), and of a
    regression the targets' `validation.target_mean` and `validation.target_std`.
    `loss.penalty_share`: the part of the loss that PyTorch's loss function did not give (penalties added by hand).
    ## What it costs
    Three small numpy operations.
    """

    zh = """由输出与目标重新计算的训练批准确率或 R2。

    ## 测量什么
    一个采样批次在更新之前的 `training.accuracy`（答对的比例）或 `training.r2`（1 减去平方误差与批内方差之比）。不记录梯度的阶段给出
    整个阶段的 `validation.accuracy`、`validation.r2` 与 `validation.loss`，以及各类别的 `validation.class_share` 与
    `validation.class_recall`（该类被答对的比例）、`validation.renamed_accuracy`（若把每种答案都读作它最常对应的类别时的准确率；仅当这些类别各不相同时给出），以及回归目标的
    `validation.target_mean` 与 `validation.target_std`。
    `loss.penalty_share`：损失中并非来自 PyTorch 损失函数的部分（手工加上的惩罚项）。
    ## 开销
    三个小的 numpy 运算。
    """

    emits = {
        "training.accuracy": "",
        "training.r2": "",
        "validation.accuracy": "",
        "validation.r2": "",
        "validation.loss": "loss",
        "validation.renamed_accuracy": "",
        "validation.target_mean": "",
        "validation.target_std": "",
        "validation.class_share": "",
        "validation.class_recall": "",
        "loss.penalty_share": "",
    }

    def measure(self, sample: Sample) -> Iterator[tuple[str, Sequence[Place], Sequence[float]]]:
        if sample.data_loss is not None and sample.loss is not None:
            yield "loss.penalty_share", (RUN,), [1 - sample.data_loss / sample.loss if sample.loss else math.nan]
        from unstuck.attach.metrics import UNSCORED, explained, square_sums

        answers, targets = sample.answers, sample.targets
        if answers is None or targets is None or targets.shape[:1] != answers.shape[:1] or sample.loss_kind in UNSCORED:
            return
        if sample.right is not None:
            yield "training.accuracy", (RUN,), [float(np.count_nonzero(sample.right)) / max(sample.right.size, 1)]
        elif targets.dtype.kind == answers.dtype.kind == "f" and targets.size == answers.size > 0:
            squares, total, total_of_squares = square_sums(answers, targets, sample.loss_kind)
            value = explained(squares, total, total_of_squares, targets.size)
            if value is not None:
                yield "training.r2", (RUN,), [value]
