from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from unstuck import reading
from unstuck.plugins import CannotLook, Rule
from unstuck.records import Finding, Text, Trace

#: Layers that carry a state along the sequence.
RECURRENT = ("RNN", "LSTM", "GRU", "RNNCell", "LSTMCell", "GRUCell")


@dataclass(frozen=True)
class LongRangeDependency(Rule):
    """A recurrent net cannot carry information over the length of its sequences.

    ## What it sees
    A recurrent layer over at least `min_length` time steps, in a net that stays near chance with updates of a usual size. PyTorch runs LSTM and
    GRU in one fused operation, so the loss of the gradient over time is inferred here, not measured.
    ## Why it matters
    The gradient to the first time step is a product of one Jacobian per step: with a gain of 0.9, 0.9^100 = 3e-5 is left.
    ## When it is wrong
    Sequences whose last steps tell everything; any other reason not to learn, which then stands above. A trial (gated cell with a forget
    bias) tells.
    ## References
    Bengio, Simard, Frasconi (1994), "Learning long-term dependencies with gradient descent is difficult"; Jozefowicz, Zaremba, Sutskever
    (2015), "An empirical exploration of recurrent network architectures".
    """

    zh = """循环网络无法把信息带过整个序列。

    ## 看到什么
    循环层处理至少 `min_length` 个时间步，更新大小正常，而网络停在随机水平附近。PyTorch 用一个融合算子计算 LSTM 与 GRU，因此这里是推断
    而不是测量梯度随时间的损失。
    ## 为什么重要
    到第一个时间步的梯度是每步一个雅可比矩阵的乘积：增益为 0.9 时只剩 0.9^100 = 3e-5。
    ## 何时会错
    只看最后几步就够的序列；其他学不动的原因会排在前面。用带遗忘门偏置的门控单元做试验可以确定。
    ## 参考文献
    Bengio, Simard, Frasconi (1994), "Learning long-term dependencies with gradient descent is difficult"；Jozefowicz, Zaremba, Sutskever
    (2015), "An empirical exploration of recurrent network architectures"。
    """

    root_cause = "long-range-dependency"
    needs = ("loss.value",)
    explains = ("underfitting", "vanishing-gradient", "lr-too-low", "label-noise", "degradation", "saturated-activation")

    min_length: int = 20  # time steps; feasible gains per step leave little after as many
    enough_skill: float = 0.3  # 0 = chance, 1 = perfect
    min_steps: int = 100  # optimizer steps before it says that nothing was learned; our choice

    def check(self, trace: Trace) -> Iterator[Finding]:
        places = [p for p in trace.facts.places if p.kind in RECURRENT]
        if not places:
            return
        known, course = reading.best_skill(trace), reading.course(trace)
        if known is None or course is None or course.steps < self.min_steps:
            raise CannotLook("too few steps, or no score could be recomputed", "步数太少，或无法重新计算得分")
        sequences = [p for p in places if len(p.shape) == 3]
        cells = [p for p in places if p.kind.endswith("Cell")]
        # [B, T, H] or [T, B, H]: the one that is not the batch.
        length = max((d for p in sequences for d in p.shape[:2] if d != trace.facts.batch_size), default=0)
        length = max(length, len(cells))
        if known >= self.enough_skill or length < self.min_length or not course.finite:
            return
        yield self.finding(
            Text(
                "{kind} runs over {length} time steps, and after {steps} steps the net answers with a skill of {skill:.2f} (0 = chance, 1 = perfect).",
                "{kind} 跨越 {length} 个时间步，{steps} 步训练之后网络的水平为 {skill:.2f}（0 = 随机，1 = 完美）。",
            ).format(kind=places[0].kind, length=length, steps=course.steps, skill=known),
            places=places[:1],
            confidence=0.65,
        )
