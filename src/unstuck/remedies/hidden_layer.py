from __future__ import annotations

from typing import TYPE_CHECKING

from unstuck.plugins import Remedy
from unstuck.records import Facts, Text

if TYPE_CHECKING:
    from torch import nn

    from unstuck.edits.source import Draft
    from unstuck.training import Training


class HiddenLayer(Remedy):
    """Put a hidden layer of rectifiers beside the linear output layer.

    ## What it changes
    The output layer gives W x + b + V relu(U x + c) instead of W x + b, with as many hidden units as it has inputs, and no fewer than 64.
    ## When it helps
    A network too shallow for the task, above all one that is a single linear layer: the training loss levels off high while gradients are
    healthy, and there is no hidden layer to widen.
    ## What it can cost
    More weights and time; more overfitting on small data. A model that is linear on purpose is changed.
    """

    zh = """在线性输出层旁边加一个整流单元的隐藏层。

    ## 改变什么
    输出层给出 W x + b + V relu(U x + c)，而不是 W x + b；隐藏单元数与其输入数相同，且不少于 64。
    ## 何时有效
    网络对任务来说太浅，尤其是只有一个线性层时：训练损失停在高位，而梯度健康，也没有隐藏层可以加宽。
    ## 代价
    更多的权重和时间；小数据上更容易过拟合。有意设计成线性的模型会被改变。
    """

    treats = ("underfitting", "missing-nonlinearity")
    touches = "model"
    order = 40

    least: int = 64  # units; our choice

    def precondition(self, facts: Facts) -> Text | None:
        """The output is a linear layer."""
        if facts.places and not any(p.kind == "Linear" and p.role == "output" for p in facts.places):
            return Text("No linear output layer was seen.", "没有看到线性输出层。")
        return None

    def apply(self, training: Training) -> None:
        """Beside every linear output layer."""
        from unstuck.attach.layer_hooks import hang_beside, output_layers

        training.memory[self.id] = hang_beside(training, output_layers(training), self.path)

    def path(self, layer: nn.Linear, features: int) -> nn.Module:
        """From the inputs of the layer over hidden units to its outputs."""
        from torch import nn

        width = max(self.least, layer.in_features)
        return nn.Sequential(nn.Linear(layer.in_features, width), nn.ReLU(), nn.Linear(width, features))

    def in_force(self, training: Training) -> bool | None:
        """The hidden layers are there, and batches passed them."""
        hung = training.memory.get(self.id)
        return hung is not None and bool(hung.in_force())

    def edit(self, draft: Draft) -> None:
        """In front of the output layer: V relu(U x + c) alone, which holds the linear part as well."""
        from unstuck.edits.layers import hidden_in_front

        hidden_in_front(draft, self.least)

    def advice(self, facts: Facts) -> Text:
        """Old and new output layer."""
        line = "nn.Linear(n, k)  ->  nn.Sequential(nn.Linear(n, 64), nn.ReLU(), nn.Linear(64, k))"
        return Text(line, line)
