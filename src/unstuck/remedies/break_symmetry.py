from __future__ import annotations

from typing import TYPE_CHECKING

from unstuck.plugins import Remedy
from unstuck.records import Facts, Text

if TYPE_CHECKING:
    import torch
    from torch import nn

    from unstuck.edits.source import Draft
    from unstuck.training import Training


class BreakSymmetry(Remedy):
    """Draw only those starting weights anew whose units are all alike, embeddings among them.

    ## What it changes
    Every weight whose rows, or columns, are all the same (a constant, zeros) is drawn anew, N(0, 1/n) for n numbers in a row. Tied weights, the
    padding row of an embedding, and every weight that was drawn at random already stay as they are.
    ## When it helps
    Units that start alike get the same gradient and stay alike for ever: a layer of many is worth one. So do the factors of a factorisation
    whose embeddings are filled with one number.
    ## What it can cost
    A weight may be zero on purpose: the last layer of a residual branch, the second factor of a low-rank adapter. Such a start is lost.
    """

    zh = """只重新抽取各单元完全相同的初始权重，包括嵌入。

    ## 改变什么
    凡各行或各列完全相同（常数、零）的权重，按 N(0, 1/n) 重新抽取，n 为一行中的个数。
    共享权重、嵌入的填充行，以及本来就随机抽取的权重保持不变。
    ## 何时有效
    起点相同的单元得到相同的梯度，永远相同：许多单元只相当于一个。嵌入全填成同一个数的矩阵分解，其各因子也是如此。
    ## 代价
    有的权重是特意置零的：残差分支的最后一层、低秩适配器的第二个因子。这样的起点会丢失。
    """

    treats = ("symmetric-init",)
    touches = "weights"
    order = 12

    def apply(self, training: Training) -> None:
        """Fill what is alike, with our own generator."""
        import torch

        from unstuck.attach.starting_weights import replaced

        generator = training.generator()

        def drawn(module: nn.Module, _: str, weight: torch.Tensor) -> torch.Tensor | None:
            if not alike(weight):
                return None
            values: torch.Tensor = torch.randn(weight.shape, generator=generator) * weight[0].numel() ** -0.5
            padding = getattr(module, "padding_idx", None)
            if padding is not None:
                values[padding] = weight.detach()[padding].float().cpu()
            return values

        training.memory[self.id] = replaced(training, drawn, "No weight has units that are all alike.")

    def in_force(self, training: Training) -> bool | None:
        """Training began from these weights (no checkpoint was loaded over them)."""
        start = training.memory.get(self.id)
        return None if start is None else start.in_force()

    def edit(self, draft: Draft) -> None:
        """Behind the line that builds the model."""
        from unstuck.edits.source import INDENT
        from unstuck.edits.starts import for_every_layer

        def lines(nn: str) -> list[str]:
            return [
                f"{INDENT}for weight in layer.parameters(recurse=False):",
                f"{2 * INDENT}if weight.dim() > 1 and ((weight == weight[:1]).all() or (weight == weight[:, :1]).all()):",
                f"{3 * INDENT}{nn}init.normal_(weight, std=weight[0].numel() ** -0.5)",
            ]

        for_every_layer(draft, lines)

    def advice(self, facts: Facts) -> Text:
        """The line."""
        line = "nn.init.normal_(weight, std=weight[0].numel() ** -0.5)"
        return Text(f"for every weight that is filled with one number: {line}", f"对每个填成同一个数的权重：{line}")


def alike(weight: torch.Tensor) -> bool:
    """[rows, columns, ...]: all rows, or all columns, are the same, and there is more than one of both."""
    from torch.nn.parameter import is_lazy

    from unstuck.attach.starting_weights import units_alike

    if is_lazy(weight) or weight.dim() < 2 or not weight.is_floating_point() or min(weight.shape[:2]) < 2:
        return False
    return units_alike(weight)
