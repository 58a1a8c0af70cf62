from __future__ import annotations

from unstuck.attach.surgery import OptimizerSwap
from unstuck.records import Facts, Text


class Sgd(OptimizerSwap):
    """Train with plain SGD.

    ## What it changes
    The optimizer becomes SGD without momentum, rate 0.1 (an SGD keeps its own rate); groups and weight decay stay.
    ## When it helps
    As the plainest comparison: adaptive steps or momentum that overshoot; now and then it generalises better than Adam.
    ## What it can cost
    Slow where gradients of different layers have different sizes; its rate must be tuned again.
    """

    zh = """使用普通 SGD 训练。

    ## 改变什么
    优化器变为不带动量的 SGD，学习率 0.1（原本是 SGD 则保留自己的）；参数组和权重衰减不变。
    ## 何时有效
    作为最朴素的对照：自适应步长或动量冲过头；有时泛化比 Adam 好。
    ## 代价
    各层梯度大小不同时很慢；学习率需要重新调整。
    """

    treats = ("momentum-too-high",)
    order = 68
    kind = "SGD"
    settings = {"lr": 0.1, "momentum": 0.0}

    def precondition(self, facts: Facts) -> Text | None:
        """Not SGD already: without its momentum that is `no-momentum`."""
        if facts.optimizers and all(o.kind == "SGD" for o in facts.optimizers):
            return Text("The optimizer is already SGD.", "优化器已经是 SGD。")
        return super().precondition(facts)
