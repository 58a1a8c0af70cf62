from __future__ import annotations

from typing import TYPE_CHECKING

from unstuck.attach.surgery import AddNorm
from unstuck.records import Facts, Text

if TYPE_CHECKING:
    from torch import nn

    from unstuck.edits.source import Draft
    from unstuck.training import Training


class GroupNorm(AddNorm):
    """Normalise over groups of channels of one sample, in place of batch norm or where there is no norm.

    ## What it changes
    Batch norms become group norms of up to 8 groups. A model without batch norm gets one after every hidden linear or convolution layer.
    ## When it helps
    Batches too small for batch norm, or running statistics that never match: it is the same in training and evaluation.
    ## What it can cost
    With large batches it is usually a little worse than batch norm.
    """

    zh = """在单个样本的通道组上归一化，代替批归一化，或用于没有归一化的地方。

    ## 改变什么
    批归一化换成最多 8 组的组归一化。没有批归一化的模型在每个隐藏线性层或卷积层之后加一个。
    ## 何时有效
    批次太小不适合批归一化，或滑动统计始终对不上：它在训练和评估时相同。
    ## 代价
    批次大时通常比批归一化略差。
    """

    treats = ("batchnorm-misuse", "exploding-gradient", "vanishing-gradient", "bad-init-scale")
    order = 32
    written = "nn.GroupNorm(8, channels)"

    groups: int = 8  # at most; our choice, between layer norm (1) and the 32 of Wu, He 2018, which many narrow layers cannot be divided by

    def precondition(self, facts: Facts) -> Text | None:
        """A batch norm to replace, or a hidden layer to follow."""
        return None if any(p.kind.startswith("BatchNorm") for p in facts.places) else super().precondition(facts)

    def norm(self, layer: nn.Module, features: int) -> nn.Module:
        """The largest number of groups up to 8 that divides the channels."""
        from torch import nn

        return nn.GroupNorm(next(g for g in range(min(self.groups, features), 0, -1) if features % g == 0), features)

    def apply(self, training: Training) -> None:
        """Replace what is there, else add."""
        from torch import nn

        old = {n: m for n, m in training.modules().items() if isinstance(m, nn.modules.batchnorm._BatchNorm)}
        if not old:
            super().apply(training)
            return
        for name, module in old.items():
            new = self.norm(module, module.num_features)
            buffer = next((t for t in (module.weight, module.running_mean) if t is not None), None)
            if buffer is not None:
                new.to(buffer.device, buffer.dtype)
            training.replace_module(name, new.train(module.training))
            training.add_parameters(new.parameters())

    def in_force(self, training: Training) -> bool | None:
        """No batch norm is left, or the added norms were passed."""
        from torch import nn

        if self.id in training.memory:
            return super().in_force(training)
        return not any(isinstance(m, nn.modules.batchnorm._BatchNorm) for m in training.modules().values())

    def edit(self, draft: Draft) -> None:
        """In place of batch norms, or behind every hidden layer."""
        from unstuck.edits.blocks import group_norm

        group_norm(draft, self.groups)
