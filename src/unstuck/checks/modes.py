from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from unstuck import check_reading
from unstuck.plugins import Arm, CannotLook, Check
from unstuck.records import Checked, Trace

if TYPE_CHECKING:
    from unstuck.plugins import Feed


@dataclass(frozen=True)
class Modes(Check):
    """Does it answer alike in training and in evaluation?

    ## What it asks
    In the arm that sees one batch again and again, the last step's forward passes have dropout and batch norm in eval mode: the same samples,
    the script's own loss.
    ## What the answer means
    On one batch the running statistics are those of the batch, so both modes must agree; dropout off may only help. A loss that is far
    higher in eval mode comes from batch norm.
    ## When it is wrong
    Running statistics that need more steps than the arm has are not asked about.
    """

    zh = """训练模式与评估模式的回答一致吗？

    ## 问什么
    在反复看同一批次的那次短训练中，最后一步的前向计算让 dropout 与批归一化处于评估模式：同样的样本，脚本自己的损失。
    ## 回答的含义
    只看一个批次时，滑动统计量就是该批次的统计量，所以两种模式应当一致；关闭 dropout 只会更好。若评估模式下损失高得多，原因在批归一化。
    ## 何时会错
    若滑动统计量需要的步数多于这次短训练，则不作判断。
    """

    variants = ()
    order = 40
    worse: float = 0.5  # share of the one-batch start loss by which eval mode may be worse; our choice

    def feed(self, variant: str, steps: int) -> Feed:
        """None of its own."""
        raise NotImplementedError

    def read(self, run: Trace, arms: Mapping[str, Arm], steps: int) -> Checked:
        """The last loss beside those before it."""
        arm = arms["one-batch"]
        loss, before = arm.trace.signal("loss.value"), check_reading.level(arm.trace, steps)
        if arm.answers.get("unsettled"):
            raise CannotLook("the running statistics need more steps than that", "滑动统计量需要更多步才能稳定")
        if not arm.answers.get("flipped"):
            return self.checked("passed", "Nothing in the model answers otherwise in eval mode.", "模型中没有在评估模式下表现不同的层。")
        if loss is None or before is None or int(loss.steps[-1]) < steps:
            raise CannotLook("the last step was not reached", "没有走到最后一步")
        first, last = check_reading.start(arm.trace), float(loss.values[-1])
        numbers = {"train": check_reading.finite(before.value), "eval": check_reading.finite(last)}
        if first is None or not last - before.value <= self.worse * abs(first):
            en = "On the very same samples the loss is {train} in training mode and {eval} in eval mode."
            return self.checked("failed", en, "对完全相同的样本，训练模式下损失为 {train}，评估模式下为 {eval}。", **numbers)
        en = "On the same samples the loss is {train} in training mode and {eval} in eval mode: they agree."
        return self.checked("passed", en, "对相同的样本，训练模式下损失为 {train}，评估模式下为 {eval}：两者一致。", **numbers)
