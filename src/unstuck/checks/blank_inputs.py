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
class BlankInputs(Check):
    """Does it use its inputs?

    ## What it asks
    Every sample is replaced by one and the same (the mean of the first batch); the loss then falls to that of knowing nothing. It is compared
    with the loss of the watched run, after as many steps and at its end.
    ## What the answer means
    A loss that is no lower with the inputs than without them: what the net does so far, it could do blind.
    ## When it is wrong
    A plateau that ends later is as blind as a broken path; a net that is given the answer in a second input is not.
    """

    zh = """它用到输入了吗？

    ## 问什么
    把每个样本都换成同一个样本（第一个批次的均值），损失便降到一无所知时的水平；再与所观察的训练在同样步数之后及结束时的损失相比。
    ## 回答的含义
    若有输入时的损失并不比没有时低：网络到目前为止所做的，蒙着眼也能做到。
    ## 何时会错
    之后才结束的平台期与断开的通路看起来一样；若答案经由另一个输入给出，则察觉不到。
    """

    order = 20
    gain: float = 0.05  # share of the blind loss that the inputs must save; our choice

    def feed(self, variant: str, steps: int) -> Feed:
        """One sample for all."""
        from unstuck.attach.feeding import BlankInputs as Fed

        return Fed()

    def read(self, run: Trace, arms: Mapping[str, Arm], steps: int) -> Checked:
        """The loss with and without inputs."""
        blind, seeing = check_reading.level(arms["blank-inputs"].trace, steps), check_reading.level(run, steps)
        end = check_reading.level(run, run.facts.steps)
        if blind is None or seeing is None or end is None:
            raise CannotLook("the loss was not seen long enough", "损失观察得不够久")
        numbers = {"seeing": check_reading.finite(seeing.value), "blind": check_reading.finite(blind.value), "steps": float(steps)}
        if check_reading.lower(seeing, blind, self.gain):
            en = "With its inputs the loss comes to {seeing} in {steps} steps, without them to {blind}: they are used."
            return self.checked("passed", en, "{steps} 步之后，有输入时损失为 {seeing}，没有时为 {blind}：输入被用到了。", **numbers)
        numbers |= {"end": check_reading.finite(end.value)}
        if check_reading.lower(end, blind, self.gain):
            en = "In {steps} steps the inputs save little ({seeing}; without them {blind}), by the end of the run more ({end}): they are used."
            return self.checked(
                "passed",
                en,
                "{steps} 步之内输入带来的好处不大（{seeing}；没有时 {blind}），到训练结束时更多（{end}）：输入被用到了。",
                **numbers,
            )
        if check_reading.lower(blind, end, self.gain):
            en = "The loss ({seeing} in {steps} steps, {end} at the end) has not even come down to that of knowing nothing ({blind})."
            return self.checked(
                "unclear", en, "损失（{steps} 步后 {seeing}，结束时 {end}）连一无所知时的水平（{blind}）都还没有达到。", **numbers
            )
        en = "Without its inputs the loss comes as low ({blind}) as with them ({seeing}; {end} at the end of the run): so far it is blind."
        return self.checked(
            "failed", en, "没有输入时损失（{blind}）和有输入时一样低（{seeing}；训练结束时 {end}）：目前它等于没看输入。", **numbers
        )
