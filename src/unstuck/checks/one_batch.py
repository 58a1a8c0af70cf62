from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from unstuck import check_reading, reading
from unstuck.plugins import Arm, CannotLook, Check
from unstuck.records import Checked, Trace

if TYPE_CHECKING:
    from unstuck.plugins import Feed


@dataclass(frozen=True)
class OneBatch(Check):
    """Can it learn a few samples by heart?

    ## What it asks
    Sixteen samples of the first batch are given again and again, at the script's own learning rate.
    ## What the answer means
    A sound training knows sixteen samples by heart within a hundred steps. One that does not has a fault that no other data would cure:
    the way from the input to the loss, the step size, or the capacity; not the labels, and not overfitting. Where it does, the
    learning rate is not too low.
    ## When it is wrong
    Strong dropout or augmentation inside the model, a schedule that starts near zero, a slow but sound rate: all these need more steps.
    """

    zh = """能记住少数几个样本吗？

    ## 问什么
    用脚本自己的学习率，反复给出第一个批次中的十六个样本。
    ## 回答的含义
    健康的训练在一百步之内就能记住十六个样本。记不住，说明问题换什么数据都在：从输入到损失的通路、步长或容量；不是标签，也不是过拟合。
    记得住，说明学习率并不过低。
    ## 何时会错
    较强的 dropout 或模型内部的数据增强、从接近零开始的学习率计划、虽慢但正常的学习率：这些都需要更多步。
    """

    order = 10
    known: float = 0.9  # skill at which the samples are known, 0 = chance, 1 = perfect
    unknown: float = 0.5  # skill below which they are not
    low: float = 0.25  # share of the first loss that may be left where they are known; torchtest2 wants 0.1 in 200 steps
    high: float = 0.6  # share of the first loss that is left where hardly anything was learned

    def feed(self, variant: str, steps: int) -> Feed:
        """The first step's samples again and again."""
        from unstuck.attach.feeding import OneBatch as Fed

        return Fed(steps)

    def read(self, run: Trace, arms: Mapping[str, Arm], steps: int) -> Checked:
        """How well they are known, and how much of the loss is left."""
        skill, left = check_reading.by_heart(arms["one-batch"].trace, steps)
        if skill is None and left is None:
            raise CannotLook("nothing tells how well the samples are known", "无从得知样本被记住的程度")
        numbers = {"skill": check_reading.finite(skill), "loss_left": check_reading.finite(left), "steps": float(steps)}
        known = skill >= self.known if skill is not None else left is not None and left <= self.low
        if known or (left is not None and left <= self.low and (skill is None or skill >= self.unknown)):
            en, zh = said(skill, "known", "记住了")
            return self.checked("passed", en, zh, **numbers)
        slow = (skill is None or skill < self.unknown) and (left is None or not left <= self.high)
        if slow and not check_reading.learned_samples(run) and reading.learns(run) is not True:
            en, zh = said(skill, "not known", "没有记住")
            return self.checked("failed", en, zh, **numbers)
        en, zh = said(skill, "half known", "只部分记住")
        return self.checked("unclear", en, zh, **numbers)


def said(skill: float | None, en: str, zh: str) -> tuple[str, str]:
    """The sentence, with the number that there is."""
    if skill is None:
        return (
            f"16 samples are {en} by heart after {{steps}} steps: {{loss_left}} of their first loss is left.",
            f"{{steps}} 步之后{zh} 16 个样本：剩下最初损失的 {{loss_left}}。",
        )
    return (
        f"16 samples are {en} by heart after {{steps}} steps: skill {{skill}} (0 = chance, 1 = perfect).",
        f"{{steps}} 步之后{zh} 16 个样本：水平 {{skill}}（0 = 随机，1 = 完美）。",
    )
