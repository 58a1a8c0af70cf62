from __future__ import annotations

from unstuck.attach.surgery import OptimizerSwap, setting
from unstuck.records import Facts, Text


class Momentum(OptimizerSwap):
    """Train with SGD and momentum 0.9.

    ## What it changes
    The optimizer becomes SGD with momentum 0.9, rate 0.01 (an SGD keeps its own rate); groups and weight decay stay.
    ## When it helps
    Narrow valleys, where plain SGD zigzags, and noisy gradients: steps that agree add up to ten times their length.
    ## What it can cost
    The effective step is lr/(1 - 0.9): ten times as long. A rate that was just right becomes too high.
    """

    zh = """使用动量为 0.9 的 SGD 训练。

    ## 改变什么
    优化器变为动量 0.9 的 SGD，学习率 0.01（原本是 SGD 则保留自己的）；
    参数组和权重衰减不变。
    ## 何时有效
    普通 SGD 来回折返的狭窄山谷，以及有噪声的梯度：方向一致的步最多累积到十倍长。
    ## 代价
    有效步长为 lr/(1 - 0.9)，即十倍。刚好合适的学习率会变得太高。
    """

    treats = ("lr-too-low", "underfitting", "batch-too-small")
    order = 66
    kind = "SGD"
    settings = {"lr": 0.01, "momentum": 0.9}

    def precondition(self, facts: Facts) -> Text | None:
        """Not SGD with momentum already."""
        if facts.optimizers and all(o.kind == "SGD" for o in facts.optimizers) and setting(facts, "momentum"):
            return Text("The optimizer already has momentum.", "优化器已经带有动量。")
        return super().precondition(facts)
