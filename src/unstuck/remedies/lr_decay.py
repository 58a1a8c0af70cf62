from __future__ import annotations

import math
from typing import TYPE_CHECKING

from unstuck.attach.surgery import LearningRateFactor
from unstuck.records import Facts, Text

if TYPE_CHECKING:
    from unstuck.edits.source import Draft
    from unstuck.training import Training


class LrDecay(LearningRateFactor):
    """Let the learning rate fall along half a cosine to a hundredth.

    ## What it changes
    The script's rate is multiplied by a factor that falls from 1 to 0.01 over as many steps as the watched run made.
    ## When it helps
    A loss that stops at a level set by the noise of the batches: a constant rate keeps jumping around the minimum.
    ## What it can cost
    It needs to know the length of the run; if that is too short, training stops before it is done. It adds to a schedule that is there
    already.
    """

    zh = """学习率沿半个余弦降到百分之一。

    ## 改变什么
    脚本的学习率乘以一个因子，它在被观察的运行所走的步数内从 1 降到 0.01。
    ## 何时有效
    损失停在由批次噪声决定的水平：恒定的学习率会一直在最小值附近跳动。
    ## 代价
    它需要知道训练长度；估得太短，训练没完就停了。它会叠加在已有的学习率计划上。
    """

    treats = ("batch-too-small", "schedule-misuse", "lr-too-high")
    order = 63

    def factor(self, step: int, training: Training) -> float:
        """Half a cosine (Loshchilov, Hutter 2017, "SGDR")."""
        total = training.facts.steps if training.facts is not None and training.facts.steps else 200
        return 0.01 + 0.99 * (1 + math.cos(math.pi * min(step / total, 1.0))) / 2

    def edit(self, draft: Draft) -> None:
        """Behind the optimizer, and behind its step."""
        from unstuck.edits.schedules import lr_decay

        lr_decay(draft, draft.facts.steps or 200)

    def advice(self, facts: Facts) -> Text:
        """The scheduler."""
        line = f"torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max={facts.steps or 'steps'})"
        return Text(f"{line}, stepped after every batch", f"{line}，每个批次之后调用 step")
