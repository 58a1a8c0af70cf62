from __future__ import annotations

from unstuck.attach.surgery import OptimizerSwap


class Adamw(OptimizerSwap):
    """Train with AdamW: Adam with weight decay taken out of the gradient.

    ## What it changes
    The optimizer becomes AdamW, rate 0.001, decay 0.01; groups keep their parameters and relative rates.
    ## When it helps
    As Adam does, where weights should shrink as well: decay pulls every weight by the same share, whatever its gradients were.
    ## What it can cost
    Two more numbers per weight. Biases and norms are decayed too unless they get a group of their own.
    """

    zh = """使用 AdamW 训练：权重衰减不经过梯度的 Adam。

    ## 改变什么
    优化器变为 AdamW，学习率 0.001，衰减 0.01；参数组保留参数和相对学习率。
    ## 何时有效
    与 Adam 相同，而且权重需要收缩时：不论梯度如何，衰减按同样的比例拉回每个权重。
    ## 代价
    每个权重多两个数。偏置和归一化参数也会衰减，除非单独成组。
    """

    treats = ("overfitting", "underfitting", "lr-too-low", "lr-too-high", "over-regularised")
    order = 67
    kind = "AdamW"
    settings = {"lr": 1e-3, "weight_decay": 1e-2}
