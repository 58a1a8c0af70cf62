from __future__ import annotations

from typing import TYPE_CHECKING

from unstuck.attach.surgery import hidden_activations
from unstuck.plugins import Remedy
from unstuck.records import Facts, Text

if TYPE_CHECKING:
    from torch import nn

    from unstuck.edits.source import Draft
    from unstuck.training import Training


class Dropout(Remedy):
    """Zero three of ten hidden units at random in every training step.

    ## What it changes
    A dropout with p = 0.3 follows every hidden activation, module or function call; the output and gates stay as they are.
    ## When it helps
    Overfitting: no unit can rely on a particular other one, as if many thinned networks were averaged.
    ## What it can cost
    Slower training, underfitting of small networks; right before a batch norm the two disturb each other.
    """

    zh = """每个训练步随机把十分之三的隐藏单元置零。

    ## 改变什么
    每个隐藏层激活（模块或函数调用）之后加 p = 0.3 的 dropout；输出和门控不变。
    ## 何时有效
    过拟合：没有单元能依赖某个特定的其他单元，相当于对许多稀疏网络取平均。
    ## 代价
    训练变慢，小网络会欠拟合；紧接批归一化之前使用时两者互相干扰。
    """

    treats = ("overfitting",)
    touches = "model"
    order = 52

    p: float = 0.3  # share of units, 0..1; our choice between 0.2 (convolutions) and 0.5 (wide dense layers)

    def precondition(self, facts: Facts) -> Text | None:
        """There is a hidden activation."""
        if facts.places and not hidden_activations(facts):
            return Text("No hidden activation was seen.", "没有看到隐藏层激活函数。")
        return None

    def apply(self, training: Training) -> None:
        """Behind modules and function calls, each with a random stream of its own."""
        from unstuck.attach.activation_swap import rewrite
        from unstuck.attach.door_hooks import StreamDropout

        made: list[nn.Module] = []

        def make() -> nn.Module:
            made.append(StreamDropout(self.p, seed=1_000_003 * (training.seed + 1) + 100_003 * len(made)))
            return made[-1]

        training.memory[self.id] = rewrite(training, "hidden", make, where="behind")

    def in_force(self, training: Training) -> bool | None:
        """The dropouts are still there."""
        swap = training.memory.get(self.id)
        return swap is not None and bool(swap.in_force())

    def edit(self, draft: Draft) -> None:
        """Behind every hidden activation."""
        from unstuck.edits.blocks import add_dropout

        add_dropout(draft, self.p)

    def advice(self, facts: Facts) -> Text:
        """The layer."""
        return Text(f"after every hidden activation: nn.Dropout({self.p:g})", f"在每个隐藏层激活之后：nn.Dropout({self.p:g})")
