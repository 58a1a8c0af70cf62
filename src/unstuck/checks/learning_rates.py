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
class LearningRates(Check):
    """Would another learning rate do better?

    ## What it asks
    The script with its learning rate times 0.01, 0.1, 10 and 100 at every step; the losses after as many steps are compared with that of the
    watched run.
    ## What the answer means
    A rate that is ten times off shows within a hundred steps. Where neither side is better and the high side is worse, the rate is not the
    cause.
    ## When it is wrong
    The rate that is fastest in the first steps need not be the best in the end; so it counts only where the run has not learned.
    """

    zh = """换一个学习率会更好吗？

    ## 问什么
    让脚本每一步的学习率乘以 0.01、0.1、10 和 100，把同样步数之后的损失与所观察的训练相比。
    ## 回答的含义
    相差十倍的学习率在一百步之内就会显出差别。若两侧都不更好而偏高一侧更差，则学习率不是原因。
    ## 何时会错
    开头几步最快的学习率最终未必最好；所以只在训练没有学会时才算数。
    """

    variants = ("10", "0.1", "100", "0.01")
    order = 50
    gain: float = 0.05  # share of the loss that another rate must save at least to count as much better; our choice
    times: float = 2.0  # how far the loss must have come at that rate, in times of how far it came at its own; our choice
    enough: float = 0.6  # skill of a run that has learned, 0 = chance, 1 = perfect

    def feed(self, variant: str, steps: int) -> Feed:
        """Another rate."""
        from unstuck.attach.feeding import RateFactor

        return RateFactor(float(variant))

    def read(self, run: Trace, arms: Mapping[str, Arm], steps: int) -> Checked:
        """The loss at every rate."""
        own = check_reading.level(run, steps)
        known = {v: check_reading.level(arms[f"learning-rates {v}"].trace, steps) for v in self.variants if f"learning-rates {v}" in arms}
        levels = {v: level for v, level in known.items() if level is not None}
        if own is None or not levels:
            raise CannotLook("the loss was not seen long enough", "损失观察得不够久")
        numbers = {f"x{v}": check_reading.finite(levels[v].value) for v in sorted(levels, key=float)}
        numbers |= {"x1": check_reading.finite(own.value), "steps": float(steps)}
        factor, best = min(levels.items(), key=lambda pair: pair[1].value)
        row = [(f"x{v}", levels[v].value) for v in levels] + [("x1", own.value)]
        shown = ", ".join(f"{name} {value:.3g}" for name, value in sorted(row, key=lambda pair: float(pair[0][1:])))
        table = {"shown": shown, "factor": factor, "steps": steps}
        if not self._much_better(run, best, own):
            en, zh = (
                "No other rate is much better; loss after {steps} steps: {shown}.",
                "没有明显更好的学习率；{steps} 步后的损失：{shown}。",
            )
            return self._told("passed", en, zh, numbers, table)
        numbers |= {"better": float(factor)}
        if reading.learns(run, self.enough):
            en = "Rate x{factor} is faster at first, and the run learns at its own; loss after {steps} steps: {shown}."
            zh = "学习率 x{factor} 起初更快，而训练用自己的学习率也能学会；{steps} 步后的损失：{shown}。"
            return self._told("passed", en, zh, numbers, table)
        en = "Rate x{factor} does much better; loss after {steps} steps: {shown}."
        return self._told("failed", en, "学习率 x{factor} 好得多；{steps} 步后的损失：{shown}。", numbers, table)

    def _much_better(self, run: Trace, best: check_reading.Level, own: check_reading.Level) -> bool:
        if not check_reading.lower(best, own, self.gain):
            return False
        start = check_reading.start(run)
        return start is None or start - best.value >= self.times * (start - own.value)

    def _told(self, outcome: str, en: str, zh: str, numbers: dict[str, float | None], table: dict[str, object]) -> Checked:
        from unstuck.records import Text

        return Checked(check=self.id, outcome=outcome, reading=Text(en, zh).format(**table), numbers=numbers)  # type: ignore[arg-type]
