from __future__ import annotations

from typing import TYPE_CHECKING

from unstuck.attach.surgery import CannotApply
from unstuck.plugins import Remedy
from unstuck.records import Facts, Text

if TYPE_CHECKING:
    from unstuck.edits.source import Draft
    from unstuck.training import Training


class PastSteps(Remedy):
    """Add to every output of a recurrent layer the largest value that each unit has had so far.

    ## What it changes
    The outputs o[t] of RNN, LSTM and GRU layers become o[t] + max(o[0], ..., o[t]), unit by unit, and the last state says the same. The recursion
    itself runs as before, and no step learns of later ones.
    ## When it helps
    What counts stands at the beginning, and only the last step is read: the gradient has a way from there to every step that does not go through
    all steps between.
    ## What it can cost
    The order of what was said is lost on that way; where only the last steps count, it is noise. Not for packed or bidirectional layers.
    """

    zh = """给循环层的每个输出加上各单元迄今的最大值。

    ## 改变什么
    RNN、LSTM 和 GRU 层的输出 o[t] 变为 o[t] + max(o[0], ..., o[t])（逐单元），最后的状态也同样改变。递推本身照旧，任何时间步都看不到之后的内容。
    ## 何时有效
    关键信息在序列开头，而只读取最后一步：梯度从那里有一条通向每个时间步的路，不必穿过其间的所有时间步。
    ## 代价
    这条路上不保留先后次序；若只有最后几步重要，它就是噪声。不适用于打包序列和双向层。
    """

    treats = ("long-range-dependency",)
    touches = "model"
    order = 7
    joins = ("forget-gate-bias", "orthogonal-init")

    def precondition(self, facts: Facts) -> Text | None:
        """There is a recurrent layer."""
        if facts.places and not any(p.kind.startswith(("RNN", "LSTM", "GRU")) and "Cell" not in p.kind for p in facts.places):
            return Text("The model has no RNN, LSTM or GRU layer.", "模型没有 RNN、LSTM 或 GRU 层。")
        return None

    def apply(self, training: Training) -> None:
        """One hook per layer."""
        from unstuck.attach.shortcuts import lead_past_steps

        training.memory[self.id] = hooks = lead_past_steps(training)
        if not hooks:
            raise CannotApply("The model has no RNN, LSTM or GRU layer.")

    def in_force(self, training: Training) -> bool | None:
        """Some sequence had a way past its steps."""
        return any(hook.passed for hook in training.memory.get(self.id, []))

    def edit(self, draft: Draft) -> None:
        """Behind the line that calls the layer."""
        from unstuck.edits.recurrent import lead_past_steps

        lead_past_steps(draft)

    def advice(self, facts: Facts) -> Text:
        """The line."""
        line = "o, h = self.rnn(x)  ->  o, h = self.rnn(x); o = o + o.cummax(1).values"
        return Text(f"{line} (or read out.max(1).values instead of out[:, -1])", f"{line}（或读取 out.max(1).values，而不是 out[:, -1]）")
