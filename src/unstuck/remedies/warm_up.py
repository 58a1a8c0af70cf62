from __future__ import annotations

from typing import TYPE_CHECKING

from unstuck.attach.surgery import LearningRateFactor
from unstuck.records import Facts, Text

if TYPE_CHECKING:
    from unstuck.edits.source import Draft
    from unstuck.training import Training


class WarmUp(LearningRateFactor):
    """Let the learning rate grow to its value over the first tenth of the steps.

    ## What it changes
    The script's rate is multiplied by (t + 1)/n at step t of the first n, n = a tenth of the steps (10 to 500), and left alone afterwards.
    ## When it helps
    A start at which the full rate would throw the weights away: large rates, deep networks, Adam and transformers without it.
    ## What it can cost
    The first steps achieve little. Where the rate is too high for the whole run, it only delays the divergence.
    """

    zh = """在前十分之一的步数里让学习率逐渐升到设定值。

    ## 改变什么
    在前 n 步的第 t 步，脚本的学习率乘以 (t + 1)/n，n 为步数的十分之一（10 到 500），
    之后不变。
    ## 何时有效
    一开始用完整学习率会把权重甩飞：大学习率、深层网络、没有预热的 Adam 和 Transformer。
    ## 代价
    最初几步收获很少。如果学习率对整个训练都太高，它只是推迟发散。
    """

    treats = ("lr-too-high", "schedule-misuse", "exploding-gradient")
    order = 62

    def factor(self, step: int, training: Training) -> float:
        """Linear from 1/n to 1."""
        return min(1.0, (step + 1) / warm_steps(training.facts))

    def edit(self, draft: Draft) -> None:
        """Behind the optimizer, and behind its step."""
        from unstuck.edits.schedules import warm_up

        warm_up(draft, warm_steps(draft.facts))

    def advice(self, facts: Facts) -> Text:
        """The scheduler."""
        n = warm_steps(facts)
        line = f"torch.optim.lr_scheduler.LinearLR(optimizer, start_factor=1 / {n}, total_iters={n - 1})"
        return Text(f"{line}, stepped after every batch", f"{line}，每个批次之后调用 step")


def warm_steps(facts: Facts | None) -> int:
    """A tenth of the steps that the watched run made, 10 to 500; 20 where there was none."""
    return min(max(facts.steps // 10, 10), 500) if facts is not None and facts.steps else 20
