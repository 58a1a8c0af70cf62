from __future__ import annotations

from typing import TYPE_CHECKING

from unstuck.plugins import Remedy
from unstuck.records import Facts, Text

if TYPE_CHECKING:
    from unstuck.edits.source import Draft
    from unstuck.training import Training


class KeepGraph(Remedy):
    """Let the gradient through where the script cuts it off.

    ## What it changes
    In training, `detach()` and `.data` of a tensor that was computed give the tensor itself, and `torch.no_grad()` within a forward pass does
    nothing. Validation, and weights that are set by hand, are not touched.
    ## When it helps
    A `detach`, `.data` or `no_grad` between layers that are to learn: everything before it stays as it was initialised.
    ## What it can cost
    Cuts that are meant are undone as well: a target network, a codebook, a straight-through estimator, a sequence cut into pieces (which then
    fails, and is not counted as tried).
    """

    zh = """在脚本切断梯度的地方让梯度通过。

    ## 改变什么
    训练中，对计算得到的张量调用 `detach()` 或取 `.data` 时返回张量本身；前向计算里的 `torch.no_grad()` 不起作用。验证以及手工设置权重不受影响。
    ## 何时有效
    应当学习的层之间有 `detach`、`.data` 或 `no_grad`：其前面的一切都停留在初始值。
    ## 代价
    有意的切断也会被取消：目标网络、码本、直通估计，以及截断的序列（此时会出错，不算试过）。
    """

    treats = ("blocked-gradient",)
    touches = "loop"
    moment = "start"
    order = 6

    def apply(self, training: Training) -> None:
        """Before the script's first line."""
        from unstuck.attach.graph_patches import keep_graph

        training.memory[self.id] = keep_graph(training)

    def in_force(self, training: Training) -> bool | None:
        """Something was kept on the graph."""
        tally = training.memory.get(self.id)
        return tally is not None and bool(tally.in_force())

    def edit(self, draft: Draft) -> None:
        """Where the tensor is taken off."""
        from unstuck.edits.cuts import without_cuts

        without_cuts(draft)

    def advice(self, facts: Facts) -> Text:
        """What to look for."""
        return Text(
            "take out the detach(), .data or torch.no_grad() between the layers that are to learn",
            "去掉应当学习的层之间的 detach()、.data 或 torch.no_grad()",
        )
