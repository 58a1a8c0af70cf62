from __future__ import annotations

from typing import TYPE_CHECKING

from unstuck.attach.surgery import integer_inputs
from unstuck.plugins import Remedy
from unstuck.records import Facts, Text

if TYPE_CHECKING:
    from unstuck.edits.source import Draft
    from unstuck.training import Training


class StandardiseInputs(Remedy):
    """Give every input feature mean 0 and standard deviation 1.

    ## What it changes
    What enters the model becomes (x - mean)/std, by feature (by channel for images), with the statistics of the first 8 training batches.
    Missing and infinite values become the mean; constant features are only centred.
    ## When it helps
    Features far from zero or of very different sizes: the first layer's units saturate or die, and no single rate suits all directions.
    ## What it can cost
    Nothing but a subtraction and a division. Padded or masked values are scaled like all others. Not for integer inputs (token numbers).
    """

    zh = """让每个输入特征均值为 0、标准差为 1。

    ## 改变什么
    进入模型的数据按特征（图像按通道）变为 (x - 均值)/标准差，统计量来自前 8 个训练批次。
    缺失值和无穷值变为均值；常数特征只去中心。
    ## 何时有效
    特征远离零或大小悬殊：第一层的单元会饱和或死亡，也没有一个学习率适合所有方向。
    ## 代价
    只是一次减法和一次除法。填充或掩码的值也同样被缩放。不适用于整数输入（词元编号）。
    """

    treats = ("inputs-not-normalised", "bad-input-values", "saturated-activation", "dead-units", "non-finite")
    touches = "data"
    order = 6
    joins = ("zero-grad", "higher-lr", "he-init")

    def precondition(self, facts: Facts) -> Text | None:
        """The input is made of numbers that can be scaled."""
        return integer_inputs(facts)

    def apply(self, training: Training) -> None:
        """At every model's door; a model that is fed by another one passes its input on unchanged."""
        from unstuck.attach.door_hooks import Standardiser, change_input, feature_dimension

        made = training.memory[self.id] = []
        for root in training.models:
            made.append(Standardiser(feature_dimension(root), training.failures))
            change_input(training, root, made[-1])

    def in_force(self, training: Training) -> bool | None:
        """Some model's input was scaled."""
        return any(s.passed for s in training.memory.get(self.id, []))

    def edit(self, draft: Draft) -> None:
        """Behind the line that splits the data."""
        from unstuck.edits.loaders import standardise

        standardise(draft)

    def advice(self, facts: Facts) -> Text:
        """The line."""
        line = "x = (x - x_train.mean(0)) / x_train.std(0)"
        return Text(f"for training and validation alike: {line}", f"训练和验证都用：{line}")
