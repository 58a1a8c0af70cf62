from __future__ import annotations

from typing import TYPE_CHECKING

from unstuck.attach.surgery import integer_inputs
from unstuck.plugins import Remedy
from unstuck.records import Facts, Text

if TYPE_CHECKING:
    from unstuck.edits.source import Draft
    from unstuck.training import Training


class RobustInputs(Remedy):
    """Take marks and outliers among the inputs for missing values, and standardise what is left.

    ## What it changes
    By feature, from the first 8 training batches: a smallest or largest value that comes up again and again, far from all others (-9999), and
    whatever lies more than 10 interquartile ranges from the median counts as missing. The rest becomes (x - mean)/std, and what is missing 0.
    ## When it helps
    Missing readings marked by an impossible number, a unit that a few rows have wrong, a division by almost nothing: mean and spread of such a
    feature are those of the marks, and the values themselves all look alike.
    ## What it can cost
    True extremes are lost. That a value is missing may say something: a column of its own would keep it. Not for integer inputs.
    """

    zh = """把输入中的标记值和离群值当作缺失，其余做标准化。

    ## 改变什么
    按特征、依据前 8 个训练批次：反复出现、且远离其他所有值的最小值或最大值（如 -9999），以及与中位数相距超过 10 个四分位距的值，都视为缺失。
    其余变为 (x - 均值)/标准差，缺失处为 0。
    ## 何时有效
    用不可能的数字标记的缺失读数、少数行用错的单位、除以几乎为零的数：这样的特征，其均值与标准差其实是标记值的，真正的数值反而看起来都一样。
    ## 代价
    真正的极端值会丢失。“缺失”本身可能含有信息：另设一列可以保留它。不适用于整数输入。
    """

    treats = ("bad-input-values",)
    touches = "data"
    order = 4

    def precondition(self, facts: Facts) -> Text | None:
        """The input is made of numbers that can be scaled."""
        return integer_inputs(facts)

    def apply(self, training: Training) -> None:
        """At every model's door; a model that is fed by another one passes its input on unchanged."""
        from unstuck.attach.door_hooks import RobustStandardiser, change_input, feature_dimension

        made = training.memory[self.id] = []
        for root in training.models:
            made.append(RobustStandardiser(feature_dimension(root), training.failures))
            change_input(training, root, made[-1])

    def in_force(self, training: Training) -> bool | None:
        """In some model's input something was missing."""
        return any(s.missing for s in training.memory.get(self.id, []))

    def edit(self, draft: Draft) -> None:
        """Behind the line that splits the data."""
        from unstuck.attach.door_hooks import OUTLYING
        from unstuck.edits.loaders import standardise_robustly

        standardise_robustly(draft, OUTLYING)

    def advice(self, facts: Facts) -> Text:
        """The lines."""
        line = "x[x == -9999] = nan; x = (x - nanmean(x_train, 0)) / nanstd(x_train, 0); x[isnan(x)] = 0"
        return Text(
            f"for training and validation alike, with the mark of your data: {line}", f"训练和验证都用（换成你数据中的标记值）：{line}"
        )
