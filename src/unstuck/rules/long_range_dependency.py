from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from unstuck import reading
from unstuck.plugins import CannotLook, Rule
from unstuck.records import Finding, Place, Signal, Text, Trace


@dataclass(frozen=True)
class LongRangeDependency(Rule):
    """A recurrent net cannot carry information over the length of its sequences.

    ## What it sees
    A recurrent layer over at least `min_length` time steps, in a net that stays near chance. Where the steps can be seen one by one (a plain
    `nn.RNN`, a cell in a loop) the gradient at the first step is measured against the last one's; PyTorch runs LSTM and GRU in one fused
    operation, and there the loss over time is inferred. What is measured counts up to a skill of `measured_skill`: a net that sees only the last
    steps answers the samples whose clue lies there. Of what is inferred, and of text, which is left to chance in large part, less is asked.
    Where no step moves any layer by `min_update` of its size, nothing could be learned over any range, and it does not judge.
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
    循环层处理至少 `min_length` 个时间步，而网络停在随机水平附近。若能逐步看到各时间步（普通 `nn.RNN`、循环中的单元），就测量第一步与最后
    一步的梯度之比；PyTorch 用一个融合算子计算 LSTM 与 GRU，此时只能推断。测到的情形以水平 `measured_skill` 为界：只看得到最后几步的网络，也能答对线索恰好在那里的样本。
    推断的情形，以及本来就有很大随机性的文本，界限更低。若没有一步能使任何层改变其大小的 `min_update`，则跨度再短也学不到东西，此时不作判断。
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
    patience = 200

    min_length: int = 20  # time steps; feasible gains per step leave little after as many
    max_ratio: float = 1e-3  # gradient at the first time step over that at the last, where the steps can be seen one by one
    enough_skill: float = 0.4  # 0 = chance, 1 = perfect
    measured_skill: float = 0.6  # the same, where the steps can be seen one by one; our choice
    min_update: float = 5e-5  # update over weight of the layer that moves most: half of what lr-too-low calls too small
    min_steps: int = 100  # optimizer steps before it says that nothing was learned; our choice

    def check(self, trace: Trace) -> Iterator[Finding]:
        known, course = reading.best_skill(trace), reading.course(trace)
        unrolled = reading.through_time(trace, self.min_length)
        places = [p for p in trace.facts.places if p.kind in reading.RECURRENT]
        if not places and not unrolled:
            return
        if known is None or course is None or course.steps < self.min_steps:
            raise CannotLook("too few steps, or no score could be recomputed", "步数太少，或无法重新计算得分")
        if 0 < max((s.median() for s in reading.weight_updates(trace)), default=0.0) < self.min_update:
            raise CannotLook("the steps are too small to learn anything, over any range", "步长太小，无论跨度多大都学不到东西")
        limit = self.measured_skill if unrolled and not reading.is_text(trace) else self.enough_skill
        if known >= limit or not course.finite:
            return
        if unrolled:
            yield from self._measured(unrolled, known)
        elif places:
            yield from self._inferred(trace, places, known, course.steps)

    def _measured(self, unrolled: list[Signal], known: float) -> Iterator[Finding]:
        first, last, length = unrolled[0], unrolled[-1], reading.span(unrolled)
        ratio = first.median(10) / max(last.median(10), 1e-38)
        if ratio < self.max_ratio:
            yield self.finding(
                Text(
                    "Over {length} time steps the gradient falls to {ratio:.1e}: that is the share of the last step's that reaches the first, and the "
                    "net answers with a skill of {skill:.2f} (0 = chance, 1 = perfect).",
                    "跨越 {length} 个时间步，梯度降到 {ratio:.1e}：这是最后一步的梯度传到第一步的比例；网络的水平为 {skill:.2f}（0 = 随机，1 = 完美）。",
                ).format(length=length, ratio=ratio, skill=known),
                places=[first.place, last.place],
                severity="error" if known < self.enough_skill else "warning",
                confidence=0.9 if known < self.enough_skill else 0.75,
                evidence=[self.evidence(first, 0), self.evidence(last, 0)],
                first_step=int(first.steps[0]),
            )

    def _inferred(self, trace: Trace, places: list[Place], known: float, steps: int) -> Iterator[Finding]:
        sequences = [p for p in places if len(p.shape) == 3]
        # [B, T, H] or [T, B, H]: the one that is not the batch.
        length = max((d for p in sequences for d in p.shape[:2] if d != trace.facts.batch_size), default=0)
        if length >= self.min_length:
            yield self.finding(
                Text(
                    "{kind} runs over {length} time steps, and after {steps} steps the net answers with a skill of {skill:.2f} (0 = chance, 1 = perfect).",
                    "{kind} 跨越 {length} 个时间步，{steps} 步训练之后网络的水平为 {skill:.2f}（0 = 随机，1 = 完美）。",
                ).format(kind=places[0].kind, length=length, steps=steps, skill=known),
                places=places[:1],
                confidence=0.65,
            )
