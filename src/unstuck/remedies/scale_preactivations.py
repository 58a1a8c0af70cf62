from __future__ import annotations

from typing import TYPE_CHECKING

from unstuck.attach.surgery import activation_kind, activations
from unstuck.plugins import Remedy
from unstuck.records import Facts, Text

if TYPE_CHECKING:
    from unstuck.edits.source import Draft
    from unstuck.training import Training

#: Activations with two flat ends.
FLAT = frozenset({"sigmoid", "tanh", "softsign", "hardtanh", "hardsigmoid"})


class ScalePreactivations(Remedy):
    """Divide what enters a hidden sigmoid or tanh by its own spread, where that is above 1.

    ## What it changes
    Every hidden sigmoid, tanh, softsign, hardtanh or hardsigmoid, and gates that the script itself writes, get z / max(1, std(z)) instead of z; the spread is that of the whole batch,
    and no gradient flows through it. Where it is below 1, nothing changes.
    ## When it helps
    Units that sit on the flat ends of their activation, whatever brought them there: weights or inputs that are too large, or a factor of the
    script's own in front of the activation, which no initialisation takes away.
    ## What it can cost
    One standard deviation per layer. An answer depends a little on the other samples of its batch.
    """

    zh = """当进入隐藏层 sigmoid 或 tanh 的数值的标准差大于 1 时，除以该标准差。

    ## 改变什么
    每个隐藏层的 sigmoid、tanh、softsign、hardtanh 或 hardsigmoid，以及脚本自行书写的门，其输入由 z 变为 z / max(1, std(z))；标准差取自整个批次，且不传梯度。
    标准差小于 1 时没有变化。
    ## 何时有效
    单元停在激活函数的平坦两端，不论原因为何：权重或输入太大，或者脚本在激活函数之前自行乘了一个因子，而任何初始化都去不掉它。
    ## 代价
    每层多算一个标准差。样本的输出会略微依赖同批次的其他样本。
    """

    treats = ("saturated-activation", "vanishing-gradient")
    touches = "model"
    order = 18

    def precondition(self, facts: Facts) -> Text | None:
        """There is such an activation in a hidden layer."""
        if facts.places and not roles(facts):
            return Text("No hidden activation has flat ends.", "隐藏层激活函数都没有平坦的两端。")
        return None

    def apply(self, training: Training) -> None:
        """In front of modules and function calls."""
        from unstuck.attach.activation_swap import Divided, rewrite

        found = roles(training.facts) if training.facts is not None else []
        training.memory[self.id] = [rewrite(training, role, Divided, where="before", only=FLAT) for role in found or ["hidden"]]

    def in_force(self, training: Training) -> bool | None:
        """The divisors are still in the model, and calls passed them."""
        swaps = training.memory.get(self.id, [])
        return bool(swaps) and all(swap.in_force() for swap in swaps)

    def edit(self, draft: Draft) -> None:
        """In front of every such activation."""
        from unstuck.edits.spread import divide_inputs

        divide_inputs(draft, roles(draft.facts), FLAT)

    def advice(self, facts: Facts) -> Text:
        """The line to write."""
        line = "tanh(z)  ->  tanh(z / z.detach().std().clamp_min(1))"
        return Text(line, line)


def roles(facts: Facts) -> list[str]:
    """Of the activations with flat ends: hidden ones, and gates that the script itself writes."""
    return [role for role in ("hidden", "gate") if any(activation_kind(p) in FLAT for p in activations(facts, role))]
