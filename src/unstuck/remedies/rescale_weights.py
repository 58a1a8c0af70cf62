from __future__ import annotations

from typing import TYPE_CHECKING

from unstuck.plugins import Remedy
from unstuck.records import Facts, Text

if TYPE_CHECKING:
    import torch
    from torch import nn

    from unstuck.edits.source import Draft
    from unstuck.training import Training

#: What PyTorch calls the weights of its own layers; a matrix of another name is a bare one.
LAYERS_OWN = ("weight", "bias", "in_proj")


class RescaleWeights(Remedy):
    """Bring bare weight matrices whose spread is far off to Xavier's, sqrt(2/(rows + columns)).

    ## What it changes
    Matrices that the script's own modules hold as parameters (`nn.Parameter(torch.randn(64, 64))`) and whose standard deviation is more than three
    times larger or smaller than sqrt(2/(rows + columns)) are multiplied by one number each. What was drawn stays; PyTorch's layers, matrices of
    zeros and what is about right are left alone.
    ## When it helps
    A layer, an attention or a cell written by hand with `torch.randn` and no scale: its outputs are sqrt(n) times too large, its softmax picks one
    entry at random, its tanh is saturated. Initialisers that go through the layers of a model do not see such a matrix.
    ## What it can cost
    A matrix may be large or small on purpose: positions, prototypes, a temperature.
    """

    zh = """把尺度相差很大的裸权重矩阵调到 Xavier 的尺度 sqrt(2/(行数 + 列数))。

    ## 改变什么
    脚本自己的模块以参数形式持有的矩阵（如 `nn.Parameter(torch.randn(64, 64))`），若其标准差与 sqrt(2/(行数 + 列数)) 相差三倍以上，
    则各乘以一个数。抽到的方向不变；PyTorch 自带的层、全零矩阵以及大致合适的权重保持原样。
    ## 何时有效
    用 `torch.randn` 手写而未加缩放的层、注意力或循环单元：输出大了 sqrt(n) 倍，softmax 随机选中一项，tanh 饱和。
    逐层初始化的方法看不到这样的矩阵。
    ## 代价
    有的矩阵是特意取大或取小的：位置编码、原型、温度。
    """

    treats = ("bad-init-scale", "saturated-activation", "exploding-gradient")
    touches = "weights"
    order = 9

    far: float = 3.0  # a ReLU's or a tanh's own gain is at most 5/3; our choice

    def precondition(self, facts: Facts) -> Text | None:
        """There is such a matrix."""
        bare = [p for p in facts.parameters if len(p.shape) == 2 and not p.name.rpartition(".")[2].startswith(LAYERS_OWN)]
        if facts.parameters and not bare:
            return Text("No weight matrix of the script's own was seen.", "没有看到脚本自己的权重矩阵。")
        return None

    def apply(self, training: Training) -> None:
        """One number for each matrix that is far off."""
        from unstuck.attach.starting_weights import replaced

        def scaled(_: nn.Module, name: str, weight: torch.Tensor) -> torch.Tensor | None:
            times = 1.0 if name.startswith(LAYERS_OWN) else factor(weight, self.far)
            return weight.detach() * times if times != 1 else None

        training.memory[self.id] = replaced(training, scaled, "No weight matrix of the script's own is far from the usual scale.")

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
                f"{INDENT}for name, weight in layer.named_parameters(recurse=False):",
                f"{2 * INDENT}if weight.dim() == 2 and not name.startswith({LAYERS_OWN}):",
                f"{3 * INDENT}spread, wanted = weight.std().item(), (2 / sum(weight.shape)) ** 0.5",
                f"{3 * INDENT}if spread > {self.far:g} * wanted or 0 < {self.far:g} * spread < wanted:",
                f"{4 * INDENT}weight.data *= wanted / spread",
            ]

        for_every_layer(draft, lines)

    def advice(self, facts: Facts) -> Text:
        """What to write."""
        line = "nn.Parameter(torch.randn(n, m) * (2 / (n + m)) ** 0.5)"
        return Text(f"scale each matrix where it is made: {line}", f"在创建每个矩阵处缩放：{line}")


def factor(weight: torch.Tensor, far: float) -> float:
    """What brings a matrix [rows, columns] to Xavier's scale (Glorot and Bengio 2010, eq. 16); 1 where it is within `far` times of it, or no matrix."""
    from torch.nn.parameter import is_lazy

    if is_lazy(weight) or weight.dim() != 2 or not weight.is_floating_point() or weight.numel() < 2:
        return 1.0
    spread, wanted = float(weight.detach().float().std()), float((2 / sum(weight.shape)) ** 0.5)
    return wanted / spread if spread > far * wanted or 0 < far * spread < wanted else 1.0
