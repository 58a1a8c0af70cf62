from __future__ import annotations

from typing import TYPE_CHECKING

from unstuck.plugins import Remedy
from unstuck.records import Facts, Text

if TYPE_CHECKING:
    from unstuck.training import Training


class InputNoise(Remedy):
    """Add a little noise to the inputs of every training batch.

    ## What it changes
    In training, x becomes x + 0.1 s n, with s the spread of each input over the batch and n standard normal, drawn anew each time.
    ## When it helps
    Overfitting on few samples, where nothing is known about the inputs that would suggest a better augmentation: no sample is seen twice.
    ## What it can cost
    Fine detail is blurred; too much noise underfits. Not for integer inputs (token numbers).
    """

    zh = """给每个训练批次的输入加一点噪声。

    ## 改变什么
    训练时 x 变为 x + 0.1 s n，s 为该输入在批次上的标准差，n 为每次重新抽取的标准正态。
    ## 何时有效
    样本很少的过拟合，又没有更好的数据增强可用：没有样本会被看到两次。
    ## 代价
    细节被模糊；噪声太大会欠拟合。不适用于整数输入（词元编号）。
    """

    treats = ("overfitting",)
    touches = "data"
    order = 57

    strength: float = 0.1  # share of each input's own spread; our choice

    def precondition(self, facts: Facts) -> Text | None:
        """The input is made of numbers that can be moved."""
        if str(facts.notes.get("input.dtype") or "float").startswith(("int", "uint", "bool")):
            return Text("The inputs are integers.", "输入是整数。")
        return None

    def apply(self, training: Training) -> None:
        """At every model's door."""
        from unstuck.attach.door_hooks import Noise, change_input

        made = training.memory[self.id] = [Noise(self.strength, 1_000_003 * (training.seed + 1)) for _ in training.models]
        for root, noise in zip(training.models, made, strict=True):
            change_input(training, root, noise)

    def in_force(self, training: Training) -> bool | None:
        """Some model's input got noise."""
        return any(noise.passed for noise in training.memory.get(self.id, []))

    def advice(self, facts: Facts) -> Text:
        """The line."""
        line = f"x = x + {self.strength:g} * x.std(0) * torch.randn_like(x)"
        return Text(f"in training only: {line}", f"仅在训练时：{line}")
