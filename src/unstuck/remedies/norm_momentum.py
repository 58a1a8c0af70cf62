from __future__ import annotations

from typing import TYPE_CHECKING

from unstuck.plugins import Remedy
from unstuck.records import Facts, Text

if TYPE_CHECKING:
    from unstuck.edits.source import Draft
    from unstuck.training import Training


class NormMomentum(Remedy):
    """Let the running statistics of batch norm follow the batches at PyTorch's usual momentum, 0.1.

    ## What it changes
    Batch-norm layers with a momentum above 0.5 or below 0.02 get 0.1: each batch counts for a tenth of the running mean and variance.
    ## When it helps
    A momentum in Keras's sense (0.99, of the old value) given to PyTorch, where it is the share of the new one; or one so small that the
    statistics never arrive. Validation in eval mode is then a lottery while training goes well.
    ## What it can cost
    Nothing for most networks. On very few samples per batch a smaller momentum averages over more of them.
    """

    zh = """让批归一化的滑动统计量以 PyTorch 常用的动量 0.1 跟随各批次。

    ## 改变什么
    动量高于 0.5 或低于 0.02 的批归一化层改为 0.1：每个批次占滑动均值和方差的十分之一。
    ## 何时有效
    把 Keras 意义上的动量（0.99，旧值所占比例）给了 PyTorch，而后者指新值所占比例；或动量小到统计量始终跟不上。
    此时训练顺利，而评估模式下的验证如同抽签。
    ## 代价
    对多数网络没有代价。每批样本极少时，较小的动量能在更多样本上取平均。
    """

    treats = ("batchnorm-misuse",)
    touches = "model"
    order = 4

    usual: float = 0.1  # torch.nn.BatchNorm's own default
    low: float = 0.02  # 98 % of the start are still there after one step, 37 % after 50; our choice
    high: float = 0.5  # the last batch decides; our choice

    def precondition(self, facts: Facts) -> Text | None:
        """There is a batch norm."""
        if facts.places and not any("BatchNorm" in p.kind for p in facts.places):
            return Text("No batch norm was seen.", "没有看到批归一化。")
        return None

    def apply(self, training: Training) -> None:
        """In every layer whose momentum is unusual."""
        from torch.nn.modules.batchnorm import _BatchNorm

        from unstuck.attach.surgery import CannotApply

        norms = [m for m in training.modules().values() if isinstance(m, _BatchNorm) and m.momentum is not None]
        unusual = [m for m in norms if not self.low <= (m.momentum or 0.0) <= self.high]
        if not unusual:
            raise CannotApply("Every batch norm has a usual momentum.")
        for norm in unusual:
            norm.momentum = self.usual
        training.memory[self.id] = unusual

    def in_force(self, training: Training) -> bool | None:
        """The layers still have it."""
        changed = training.memory.get(self.id, [])
        return bool(changed) and all(norm.momentum == self.usual for norm in changed)

    def edit(self, draft: Draft) -> None:
        """Where the layers are built."""
        import ast

        from unstuck.edits.calls import argument, last_name, set_argument
        from unstuck.edits.source import NoPatch

        norms = [(s, c) for s, c in draft.each(ast.Call) if last_name(c.func) in ("BatchNorm1d", "BatchNorm2d", "BatchNorm3d")]
        given = [(s, c) for s, c in norms if argument(c, "momentum", 2) is not None]
        if not given:
            raise NoPatch("No batch norm is given a momentum.", "没有为批归一化写明动量。")
        for source, call in given:
            set_argument(source, call, "momentum", f"{self.usual:g}", 2)

    def advice(self, facts: Facts) -> Text:
        """The argument."""
        line = f"nn.BatchNorm...(..., momentum={self.usual:g})"
        return Text(f"{line}: in PyTorch it is the share of the new batch", f"{line}：在 PyTorch 中指新批次所占的比例")
