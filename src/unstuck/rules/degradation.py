from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from unstuck import reading
from unstuck.plugins import CannotLook, Rule
from unstuck.records import Finding, Text, Trace


@dataclass(frozen=True)
class Degradation(Rule):
    """A deep plain net trains worse than a shallow one would, although its gradients do not vanish.

    ## What it sees
    At least `min_layers` weighted layers in one chain that no shortcut passes (counted in the graph behind the loss), gradients that reach the
    first layer in the first samples (and do not explode: `max_ratio`), and a poor result on the training batches themselves.
    ## Why it matters
    Stacked non-linear layers can hardly learn the identity; a skip path gives it for nothing.
    ## When it is wrong
    Where depth is needed and only time is missing; only a trial with skip paths or fewer layers tells.
    ## References
    He, Zhang, Ren, Sun (2016), "Deep residual learning for image recognition".
    """

    zh = """很深的普通网络比浅的训练得更差，尽管梯度没有消失。

    ## 看到什么
    一条链上至少有 `min_layers` 个无法绕过的带权层（在损失背后的计算图中计数），最初几次采样中梯度能到达第一层（也没有爆炸：`max_ratio`），而训练批次本身的结果不佳。
    ## 为什么重要
    叠起来的非线性层很难学会恒等映射；残差通路则天然具备。
    ## 何时会错
    确实需要深度而只是训练时间不够；只有用残差通路或更少的层做试验才能确定。
    ## 参考文献
    He, Zhang, Ren, Sun (2016), "Deep residual learning for image recognition"。
    """

    root_cause = "degradation"
    needs = ("gradient.norm",)
    explains = ("underfitting",)
    patience = 100

    min_layers: int = 15  # weighted layers
    min_ratio: float = 1e-3  # gradient at the first layer over that at the last: below, it vanishes
    max_ratio: float = 100.0  # the same: above, and where the loss or the gradient grew, it explodes
    enough_skill: float = 0.7  # 0 = chance, 1 = perfect

    def check(self, trace: Trace) -> Iterator[Finding]:
        known = max((s for s in (reading.skill(trace), reading.text_skill(trace)) if s is not None), default=None)
        if known is None:
            raise CannotLook("no score could be recomputed", "无法重新计算得分")
        norms = reading.profile(trace, "gradient.norm", reading.early(trace), slice(0, 5))  # those that vanishing-gradient asks
        course = reading.course(trace)
        if len(norms) < self.min_layers or known >= self.enough_skill or course is None or not course.finite:
            return
        plain = trace.note("graph.plain_layers")
        if isinstance(plain, int) and plain < self.min_layers:
            return  # the signal has ways around most layers
        ratio = norms[0][1] / max(norms[-1][1], 1e-38)
        if not self.min_ratio < ratio or (ratio >= self.max_ratio and reading.grew(trace)):
            return
        yield self.finding(
            Text(
                "{count} weighted layers follow one another, {first} receives {ratio:.2g} of the gradient of {last}, and the training batches are "
                "answered with a skill of {skill:.2f} (0 = chance, 1 = perfect).",
                "{count} 个带权层首尾相接，{first} 收到的梯度是 {last} 的 {ratio:.2g}，训练批次的水平为 {skill:.2f}（0 = 随机，1 = 完美）。",
            ).format(count=len(norms), first=norms[0][0].name, last=norms[-1][0].name, ratio=ratio, skill=known),
            places=[p for p, _ in norms],
            confidence=0.55,
            evidence=[self.evidence(s, 0) for s in list(trace.each("gradient.norm"))[:1]],
        )
