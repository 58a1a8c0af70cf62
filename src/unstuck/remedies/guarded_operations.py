from __future__ import annotations

from typing import TYPE_CHECKING

from unstuck.plugins import Remedy
from unstuck.records import Facts, Text

if TYPE_CHECKING:
    from unstuck.training import Training


class GuardedOperations(Remedy):
    """Hold log, sqrt, exp, acos and division at the edge of their domain.

    ## What it changes
    In the script's own lines: log, root and broken power get at least 1e-7, a divisor keeps that distance from zero, exp gets at most 0.4 of
    the largest exponent, acos, asin and atanh keep 64 roundings from -1 and 1. Within these bounds, results and gradients stay what they are.
    ## When it helps
    A hand-written loss or mean that meets an empty mask, a probability of exactly 0 or 1, a distance of zero (whose root has an infinite
    gradient), a cosine that rounding has put at 1 or beyond (whose angle has one too), or a similarity too large to be exponentiated.
    ## What it can cost
    Nothing where everything is finite. It hides why a number came to the edge; a weight that is NaN already stays NaN.
    """

    zh = """把 log、sqrt、exp、acos 与除法限制在定义域的边缘之内。

    ## 改变什么
    在脚本自己的代码行里：log、平方根与分数次幂的参数至少为 1e-7，除数与零保持同样的距离，exp 的参数至多为最大指数的 0.4 倍，
    acos、asin 与 atanh 的参数与 -1、1 保持 64 个舍入单位的距离。在这些界限之内，结果与梯度不变。
    ## 何时有效
    手写的损失或平均遇到空掩码、恰为 0 或 1 的概率、为零的距离（其平方根的梯度无穷大）、因舍入而到达或超过 1 的余弦
    （其夹角的梯度同样无穷大），或大到无法取指数的相似度。
    ## 代价
    一切有限时没有影响。它掩盖了数值为何走到边缘；已经是 NaN 的权重仍是 NaN。
    """

    treats = ("non-finite",)
    touches = "loop"
    moment = "start"
    safe = True
    order = 4

    def apply(self, training: Training) -> None:
        """Before the script's first line."""
        from unstuck.attach.number_patches import guard_operations

        training.memory[self.id] = guard_operations(training)

    def in_force(self, training: Training) -> bool | None:
        """Such an operation was passed; whether it came to the edge differs from seed to seed."""
        tally = training.memory.get(self.id)
        return tally is not None and bool(tally.seen)

    def advice(self, facts: Facts) -> Text:
        """What to write."""
        at = str(facts.notes.get("nonfinite.operation") or "")
        en, zh = (f"the first such operation is {at}: ", f"首先出现的是 {at}：") if at else ("", "")
        return Text(
            f"{en}clamp the argument, e.g. x.clamp_min(1e-7).log(), torch.logsumexp, count.clamp_min(1)",
            f"{zh}限制参数的范围，例如 x.clamp_min(1e-7).log()、torch.logsumexp、count.clamp_min(1)",
        )
