from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from unstuck.attach.surgery import CannotApply, StepSetting, setting
from unstuck.records import Facts, Text

if TYPE_CHECKING:
    from unstuck.edits.source import Draft
    from unstuck.training import Training


class WeightDecay(StepSetting):
    """Pull every weight a little toward zero at every step (L2).

    ## What it changes
    weight_decay becomes ten times what it was; 0.001 where it was 0 (0.1 for AdamW).
    ## When it helps
    A network that fits the training samples and fails on others: smaller weights give a smoother function.
    ## What it can cost
    Underfitting when it is too strong. It cannot stop an explosion that begins at initialisation: it works over many steps, an overflow
    takes two.
    """

    zh = """每一步都把权重往零拉一点（L2）。

    ## 改变什么
    weight_decay 变为原来的十倍；原来为 0 时设为 0.001（AdamW 为 0.1）。
    ## 何时有效
    网络能拟合训练样本却在其他样本上失败：较小的权重给出更平滑的函数。
    ## 代价
    太强会欠拟合。它挡不住初始化时就开始的爆炸：它要许多步才起作用，而溢出只需两步。
    """

    treats = ("overfitting",)
    order = 54

    strength: float = 1e-3  # per unit of learning rate; our choice for small data, between the usual 1e-4 and 1e-2

    def change(self, group: Mapping[str, Any], step: int, training: Training) -> dict[str, Any]:
        """In every group, so also for biases and norms (see decay-exempt)."""
        if "weight_decay" not in group:
            raise CannotApply("The optimizer has no weight decay setting.")
        decoupled = bool(group.get("decoupled_weight_decay", False))
        return {"weight_decay": 10 * group["weight_decay"] or (0.1 if decoupled else self.strength)}

    def edit(self, draft: Draft) -> None:
        """Where the optimizer is built."""
        from unstuck.edits.optimizers import set_setting

        set_setting(draft, "weight_decay", None)

    def advice(self, facts: Facts) -> Text:
        """The new setting."""
        old = setting(facts, "weight_decay")
        line = f"weight_decay={10 * old:g}" if old else f"weight_decay={self.strength:g}"
        return Text(line, line)
