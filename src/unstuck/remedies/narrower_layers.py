from __future__ import annotations

from typing import TYPE_CHECKING

from unstuck.plugins import Remedy
from unstuck.records import Facts, Text

if TYPE_CHECKING:
    from unstuck.edits.source import Draft
    from unstuck.training import Training


class NarrowerLayers(Remedy):
    """Halve the width of the hidden linear and convolution layers.

    ## What it changes
    Every hidden layer whose output is read by layers of its own kind only keeps the first half of its units.
    ## When it helps
    Overfitting of a network that is far larger than its data needs.
    ## What it can cost
    Underfitting. In our measurements a smaller network overfits no less than a wide one as often as not: try weight decay first.
    """

    zh = """把隐藏线性层和卷积层的宽度减半。

    ## 改变什么
    输出只被同类层读取的隐藏层，只保留前一半单元。
    ## 何时有效
    网络远大于数据所需时的过拟合。
    ## 代价
    欠拟合。在我们的测量中，较小的网络常常并不比宽的网络过拟合更少：先试权重衰减。
    """

    treats = ("overfitting",)
    touches = "model"
    order = 59

    factor: float = 0.5

    def precondition(self, facts: Facts) -> Text | None:
        """There is a hidden layer."""
        if facts.places and not any(p.kind.startswith(("Linear", "Conv")) and p.role == "hidden" for p in facts.places):
            return Text("No hidden linear or convolution layer was seen.", "没有看到隐藏的线性层或卷积层。")
        return None

    def apply(self, training: Training) -> None:
        """In place, so that the optimizer's list of parameters stays right."""
        from unstuck.attach.widths import change_widths

        training.memory[self.id] = change_widths(training, self.factor)

    def in_force(self, training: Training) -> bool | None:
        """The layers still have their new widths."""
        return all(layer.weight.shape[0] == width for layer, width in training.memory.get(self.id, [(None, 0)]) if layer is not None)

    def edit(self, draft: Draft) -> None:
        """Where the widths are written."""
        from unstuck.edits.widths import change_widths

        change_widths(draft, self.factor, 2)

    def advice(self, facts: Facts) -> Text:
        """Old and new width of the first hidden layer."""
        widths = [p.shape[-1] for p in facts.places if p.kind == "Linear" and p.role == "hidden" and p.shape]
        if not widths:
            return Text(f"hidden widths * {self.factor:g}", f"隐藏层宽度 * {self.factor:g}")
        line = f"nn.Linear(..., {widths[0]})  ->  nn.Linear(..., {round(widths[0] * self.factor)})"
        return Text(line, line)
