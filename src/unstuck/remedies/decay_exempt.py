from __future__ import annotations

from typing import TYPE_CHECKING

from unstuck.attach.surgery import CannotApply, setting
from unstuck.plugins import Remedy
from unstuck.records import Facts, Text

if TYPE_CHECKING:
    from unstuck.edits.source import Draft
    from unstuck.training import Training


class DecayExempt(Remedy):
    """Take biases and norms out of the weight decay.

    ## What it changes
    Every parameter group with decay is split: parameters with one dimension (biases, scales of norms) go to a new group without it.
    ## When it helps
    Targets or activations far from zero, where a decayed bias cannot reach its value (error 0.94 instead of 0.01 on a target of mean 20).
    ## What it can cost
    Nothing much; a script that counts on the number of parameter groups breaks.
    """

    zh = """偏置和归一化参数不做权重衰减。

    ## 改变什么
    每个带衰减的参数组被拆开：一维参数（偏置、归一化的缩放）放进不衰减的新组。
    ## 何时有效
    目标或激活远离零，被衰减的偏置到不了它该在的值
    （目标均值为 20 时误差 0.94，不衰减为 0.01）。
    ## 代价
    几乎没有；依赖参数组数目的脚本会出错。
    """

    treats = ("over-regularised",)
    touches = "optimizer"
    moment = "ready"
    order = 8

    def precondition(self, facts: Facts) -> Text | None:
        """There is decay."""
        if setting(facts, "weight_decay") == 0.0:
            return Text("The optimizer has no weight decay.", "优化器没有权重衰减。")
        return None

    def apply(self, training: Training) -> None:
        """Split every group that has both kinds of parameters, and decay."""
        split = 0
        for optimizer in training.optimizers:
            for group in list(optimizer.param_groups):
                thin = [i for i, p in enumerate(group["params"]) if p.dim() <= 1]
                if not group.get("weight_decay") or not thin:
                    continue
                split += 1
                exempt = {**group, "weight_decay": 0.0}
                for key in ("params", "param_names"):
                    if key in group:
                        exempt[key] = [group[key][i] for i in thin]
                        group[key] = [value for i, value in enumerate(group[key]) if i not in set(thin)]
                if not group["params"]:
                    optimizer.param_groups.remove(group)
                optimizer.param_groups.append(exempt)
        if not split:
            raise CannotApply("No parameter group decays a bias or a norm.")

    def in_force(self, training: Training) -> bool | None:
        """No thin parameter is in a group with decay."""
        groups = [g for o in training.optimizers for g in o.param_groups if g.get("weight_decay")]
        return all(p.dim() > 1 for g in groups for p in g["params"])

    def edit(self, draft: Draft) -> None:
        """Where the optimizer is built."""
        from unstuck.edits.groups import exempt_from_decay

        exempt_from_decay(draft)

    def advice(self, facts: Facts) -> Text:
        """Two groups."""
        line = '[{"params": weights}, {"params": biases_and_norms, "weight_decay": 0}]'
        return Text(f"two parameter groups: {line}", f"两个参数组：{line}")
