from __future__ import annotations

from typing import TYPE_CHECKING

from unstuck.attach.surgery import integer_inputs
from unstuck.plugins import Remedy
from unstuck.records import Facts, Text

if TYPE_CHECKING:
    from unstuck.training import Training


class AlignValidation(Remedy):
    """Give the validation inputs the distribution of the training inputs, feature by feature.

    ## What it changes
    In passes without gradients of at least 30 samples, every value becomes the training value of the same rank within its feature (or channel).
    Training is not touched, nor are targets.
    ## When it helps
    A scaler, a unit or a logarithm was applied to the training data only, or twice to the validation: the model is asked about numbers that it
    has never seen. That this helps shows that the two were prepared differently; the cure is to prepare them alike.
    ## What it can cost
    Where the samples themselves differ (other years, other devices), it hides a difference that the users of the model will meet. It needs
    many samples at once.
    """

    zh = """使验证输入的逐特征分布与训练输入一致。

    ## 改变什么
    在至少 30 个样本的无梯度前向中，每个值替换为训练数据中同一特征（或通道）上同一名次的值。训练和目标都不受影响。
    ## 何时有效
    标准化、单位换算或取对数只用于训练数据，或对验证数据做了两次：模型面对的是从未见过的数值。它有效，就说明两者的预处理不同；
    治本的办法是以同样的方式预处理。
    ## 代价
    若样本本身不同（不同年份、不同设备），它会掩盖模型使用者将会遇到的差异。需要一次有许多样本。
    """

    treats = ("split-mismatch",)
    touches = "data"
    order = 4

    def precondition(self, facts: Facts) -> Text | None:
        """The input is made of numbers that have an order."""
        return integer_inputs(facts)

    def apply(self, training: Training) -> None:
        """At every model's door."""
        from unstuck.attach.alignment import align

        training.memory[self.id] = align(training)

    def in_force(self, training: Training) -> bool | None:
        """Inputs of a validation were changed."""
        return any(aligner.tally.in_force() for aligner in training.memory.get(self.id, []))

    def advice(self, facts: Facts) -> Text:
        """What to do instead of it."""
        return Text(
            "prepare training and validation alike: the same scaler, fitted on the training data, and the same transform",
            "以同样的方式预处理训练集与验证集：同一个在训练集上拟合的标准化器，同样的变换",
        )
