from __future__ import annotations

from unstuck.attach.surgery import OptimizerSwap


class Adam(OptimizerSwap):
    """Train with Adam at rate 0.001.

    ## What it changes
    The optimizer becomes Adam, rate 0.001 and its usual settings; groups keep their parameters, weight decay and relative rates.
    ## When it helps
    A learning rate that is wrong by orders of magnitude, layers whose gradients differ in size, rare features: every weight gets its own
    step.
    ## What it can cost
    L2 weight decay is rescaled per weight (use AdamW); two more numbers per weight; sometimes worse generalisation than SGD.
    """

    zh = """使用学习率 0.001 的 Adam 训练。

    ## 改变什么
    优化器变为 Adam，学习率 0.001 和常用设置；参数组保留参数、权重衰减和相对学习率。
    ## 何时有效
    学习率差了几个数量级、各层梯度大小不同、特征稀少：每个权重有自己的步长。
    ## 代价
    L2 权重衰减会按权重重新缩放（用 AdamW）；每个权重多两个数；有时泛化不如 SGD。
    """

    treats = ("lr-too-low", "lr-too-high", "underfitting", "inputs-not-normalised", "vanishing-gradient", "non-finite")
    order = 64
    kind = "Adam"
    settings = {"lr": 1e-3}
