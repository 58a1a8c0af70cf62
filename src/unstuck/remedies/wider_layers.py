from __future__ import annotations

from typing import TYPE_CHECKING

from unstuck.plugins import Remedy
from unstuck.records import Facts, Text

if TYPE_CHECKING:
    from unstuck.edits.source import Draft
    from unstuck.training import Training


class WiderLayers(Remedy):
    """Double the width of the hidden linear and convolution layers, to at least 32.

    ## What it changes
    Every hidden layer whose output is read by layers of its own kind only gets twice its units, and no fewer than 32; weights that were there
    keep their values.
    ## When it helps
    A network too small for the task: the training loss levels off high while gradients are healthy.
    ## What it can cost
    About four times the weights and the time between two widened layers; more overfitting on small data.
    """

    zh = """把隐藏线性层和卷积层的宽度加倍，至少为 32。

    ## 改变什么
    输出只被同类层读取的隐藏层，单元数加倍，且不少于 32；原有权重保留其值。
    ## 何时有效
    网络对任务来说太小：训练损失停在高位，而梯度健康。
    ## 代价
    两个加宽层之间的权重和时间约为四倍；小数据上更容易过拟合。
    """

    treats = ("underfitting",)
    touches = "model"
    order = 45

    factor: float = 2.0
    least: int = 32  # units; our choice: twice of very few is still very few

    def precondition(self, facts: Facts) -> Text | None:
        """There is a hidden layer."""
        if facts.places and not any(p.kind.startswith(("Linear", "Conv")) and p.role == "hidden" for p in facts.places):
            return Text("No hidden linear or convolution layer was seen.", "没有看到隐藏的线性层或卷积层。")
        return None

    def apply(self, training: Training) -> None:
        """In place, so that the optimizer's list of parameters stays right."""
        from unstuck.attach.widths import change_widths

        training.memory[self.id] = change_widths(training, self.factor, self.least)

    def in_force(self, training: Training) -> bool | None:
        """The layers still have their new widths."""
        return all(layer.weight.shape[0] == width for layer, width in training.memory.get(self.id, [(None, 0)]) if layer is not None)

    def edit(self, draft: Draft) -> None:
        """Where the widths are written."""
        from unstuck.edits.widths import change_widths

        change_widths(draft, self.factor, self.least)

    def advice(self, facts: Facts) -> Text:
        """Old and new width of the first hidden layer."""
        widths = [p.shape[-1] for p in facts.places if p.kind == "Linear" and p.role == "hidden" and p.shape]
        if not widths:
            return Text(f"hidden widths * {self.factor:g}", f"隐藏层宽度 * {self.factor:g}")
        line = f"nn.Linear(..., {widths[0]})  ->  nn.Linear(..., {max(self.least, round(widths[0] * self.factor))})"
        return Text(line, line)
