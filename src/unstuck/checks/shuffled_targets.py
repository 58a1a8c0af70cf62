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
class ShuffledTargets(Check):
    """Are the targets easier to learn than shuffled ones?

    ## What it asks
    Every sample gets, and keeps, the target of another one; the loss is compared with that of the watched run after as many steps.
    ## What the answer means
    Shuffled targets can only be learned by heart. Where the given ones are learned no faster, and one batch can be learned by heart, the
    pairing of inputs and targets says nothing: wrong labels, or inputs that lost what they are about.
    ## When it is wrong
    A task whose first progress comes late (parity, long sequences). Targets that are shifted by one still say something.
    """

    zh = """给定的目标比打乱的目标更容易学吗？

    ## 问什么
    每个样本都得到并保留另一个样本的目标；把损失与所观察的训练在同样步数之后的损失相比。
    ## 回答的含义
    打乱的目标只能死记。若给定的目标学得并不更快，而少数样本又记得住，那么输入与目标的对应就不含信息：标签错误，或输入丢失了内容。
    ## 何时会错
    进展来得晚的任务（奇偶校验、长序列）。错开一位的目标仍含有信息。
    """

    order = 30
    gain: float = 0.05  # share of the shuffled loss by which the given targets must be ahead; TheDeepChecker uses 0.1
    hint: float = 0.01  # share by which they are not "no better" any more; our choice

    def feed(self, variant: str, steps: int) -> Feed:
        """Targets of other samples."""
        from unstuck.attach.feeding import ShuffledTargets as Fed

        return Fed()

    def read(self, run: Trace, arms: Mapping[str, Arm], steps: int) -> Checked:
        """The loss with given and with shuffled targets."""
        shuffled, given = check_reading.level(arms["shuffled-targets"].trace, steps), check_reading.level(run, steps)
        if shuffled is None or given is None:
            raise CannotLook("the loss was not seen long enough", "损失观察得不够久")
        numbers = {"given": check_reading.finite(given.value), "shuffled": check_reading.finite(shuffled.value), "steps": float(steps)}
        if check_reading.lower(given, shuffled, self.gain):
            en = (
                "The given targets are learned (loss {given} in {steps} steps), shuffled ones less ({shuffled}): they belong to the inputs."
            )
            zh = "给定的目标能学到（{steps} 步后损失 {given}），打乱的则学得较少（{shuffled}）：目标与输入是对应的。"
            return self.checked("passed", en, zh, **numbers)
        if check_reading.lower(given, shuffled, self.hint):
            en = "The given targets are learned (loss {given} in {steps} steps) hardly better than shuffled ones ({shuffled})."
            return self.checked("unclear", en, "给定的目标学得（{steps} 步后损失 {given}）只比打乱的目标（{shuffled}）略好。", **numbers)
        en = "The given targets are learned no better (loss {given} in {steps} steps) than shuffled ones ({shuffled})."
        return self.checked("failed", en, "给定的目标学得（{steps} 步后损失 {given}）并不比打乱的目标（{shuffled}）好。", **numbers)
