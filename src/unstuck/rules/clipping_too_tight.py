from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from unstuck import reading
from unstuck.plugins import CannotLook, Rule
from unstuck.records import Finding, Signal, Text, Trace


@dataclass(frozen=True)
class ClippingTooTight(Rule):
    """Gradient clipping shortens nearly every step by a large factor, so the clip limit is the real learning rate.

    ## What it sees
    The total norm before clipping over the limit of `clip_grad_norm_` at every step, or the share of elements beyond the limit of
    `clip_grad_value_`; or, where gradients are clipped by hand, the norm kept of what the backward pass gave (`gradient.kept_ratio`). It speaks when at least `min_share` of the steps are cut by `min_ratio` or more in the median, the optimizer's step is
    proportional to the gradient, and the net has learned less than `enough_skill`.
    ## Why it matters
    A clipped step has length lr * limit, whatever the gradient says; clipped by value it also points elsewhere.
    ## When it is wrong
    Adam, RMSprop and their like divide by the gradient's size, so a constant factor does nothing to them: there it is silent.
    By hand, one and the same factor at every step is a scale (a sum made a mean), not a limit, and says nothing.
    Clipping that only catches single large gradients, or that always cuts while the net learns well, is what clipping is for.
    ## References
    Pascanu, Mikolov, Bengio (2013), "On the difficulty of training recurrent neural networks"; Zhang et al. (2020), "Why gradient clipping
    accelerates training".
    """

    zh = """梯度裁剪几乎把每一步都缩短很多倍，裁剪界限成了真正的学习率。

    ## 看到什么
    每一步裁剪前的总范数与 `clip_grad_norm_` 界限之比，或超出 `clip_grad_value_` 界限的元素比例；若由脚本自行裁剪，
    则看裁剪后保留的范数比例（`gradient.kept_ratio`）。当至少 `min_share` 的步被裁剪、中位倍数不小于
    `min_ratio`、优化器的步长与梯度成正比，且网络学到的不足 `enough_skill` 时报告。
    ## 为什么重要
    被裁剪的一步长度为 lr * 界限，与梯度大小无关；按值裁剪还会改变方向。
    ## 何时会错
    Adam、RMSprop 等会除以梯度的大小，常数倍不影响它们：不报告。手工乘以固定的因子是缩放（求和改为平均），不是裁剪，也不报告。只截住个别大梯度的裁剪，或虽然一直裁剪但学得好，都是裁剪的本意。
    ## 参考文献
    Pascanu, Mikolov, Bengio (2013), "On the difficulty of training recurrent neural networks"；Zhang 等 (2020), "Why gradient clipping
    accelerates training"。
    """

    root_cause = "clipping-too-tight"
    patience = 100
    explains = ("lr-too-low", "underfitting", "batch-too-large", "long-range-dependency")

    min_share: float = 0.9  # share of the steps in which the limit was passed; root-causes.md: "near 1"
    min_ratio: float = 3.0  # norm before clipping over the limit, median; a factor that a learning rate would be changed by
    min_elements: float = 0.1  # share of the gradient's elements beyond a limit by value, median
    max_update: float = 0.005  # update over weight, the largest layer's median; five times CS231n's usual 1e-3
    min_spread: float = 1e-2  # standard deviation of the share kept over its mean; below it the gradient is scaled, not clipped
    enough_skill: float = 0.79  # 0 = chance, 1 = perfect

    def check(self, trace: Trace) -> Iterator[Finding]:
        norm, limit = trace.signal("clip.norm"), trace.signal("clip.limit")
        share = trace.signal("clip.value_share")
        kept = trace.signal("gradient.kept_ratio")
        if norm is None and share is None and kept is None:
            raise CannotLook("the script does not clip gradients", "脚本没有裁剪梯度")
        adaptive = any(o.kind not in ("SGD",) for o in trace.facts.optimizers)
        if adaptive or reading.learns(trace, self.enough_skill) is not False:
            return
        updates = [s.median() for s in reading.weight_updates(trace) if len(s.finite())]
        if not updates or max(updates) > self.max_update:
            return
        if norm is not None and limit is not None:
            ratio = norm.values / np.maximum(limit.values, 1e-30)
            ratio = ratio[np.isfinite(ratio)]
            clipped = float((ratio > 1).mean()) if len(ratio) else 0.0
            if clipped >= self.min_share and float(np.median(ratio)) >= self.min_ratio:
                yield self._finding(trace, clipped, float(np.median(ratio)), float(limit.median()), max(updates))
            return
        if share is None:
            yield from self._by_hand(trace, kept, max(updates))
            return
        size = trace.signal("clip.value_ratio")
        if share.median() >= self.min_elements and size is not None:
            yield self._finding(trace, share.median(), size.median(), None, max(updates))

    def _by_hand(self, trace: Trace, kept: Signal | None, update: float) -> Iterator[Finding]:
        """Clipped by the script's own lines: most of the gradient is gone at every step, by a factor that the gradient's size decides."""
        left = kept.finite() if kept is not None else np.empty(0)
        if kept is None or not len(left) or float(np.std(left)) < self.min_spread * float(np.mean(left)):
            return
        cut, median = float((left < 1).mean()), float(np.median(left))
        if cut < self.min_share or median * self.min_ratio > 1:
            return
        yield self.finding(
            Text(
                "{share:.0%} of the steps were cut by hand, in the median to {kept:.2g} of the gradient's norm (limit {least:.2g}); "
                "one step moves the weights by at most {update:.1e} of their size.",
                "{share:.0%} 的步由脚本自行裁剪，中位数只保留梯度范数的 {kept:.2g}（界限 {least:.2g}）；一步最多使权重改变其自身大小的 {update:.1e}。",
            ).format(share=cut, kept=median, least=1 / self.min_ratio, update=update),
            severity="error",
            confidence=0.85,
            evidence=[self.evidence(kept)],
            first_step=int(kept.steps[min(len(kept) - 1, 20)]),
        )

    def _finding(self, trace: Trace, share: float, ratio: float, limit: float | None, update: float) -> Finding:
        if limit is not None:
            text = Text(
                "{share:.0%} of the steps were clipped to a norm of {limit:.3g}, in the median from {ratio:.3g} times that (limit {least:g}); "
                "one step moves the weights by at most {update:.1e} of their size.",
                "{share:.0%} 的步被裁剪到范数 {limit:.3g}，裁剪前中位数为其 {ratio:.3g} 倍（界限 {least:g}）；一步最多使权重改变其自身大小的 {update:.1e}。",
            ).format(share=share, limit=limit, ratio=ratio, least=self.min_ratio, update=update)
        else:
            text = Text(
                "Clipping by value cut {share:.0%} of the gradient's elements (limit {least:.0%}), whose size is {ratio:.3g} times the limit; "
                "one step moves the weights by at most {update:.1e} of their size.",
                "按值裁剪切掉了 {share:.0%} 的梯度元素（界限 {least:.0%}），其大小为裁剪界限的 {ratio:.3g} 倍；一步最多使权重改变其自身大小的 {update:.1e}。",
            ).format(share=share, least=self.min_elements, ratio=ratio, update=update)
        signal = trace.signal("clip.norm") or trace.signal("clip.value_share")
        assert signal is not None
        return self.finding(
            text,
            severity="error",
            confidence=0.85,
            evidence=[self.evidence(signal)],
            first_step=int(signal.steps[min(len(signal) - 1, 20)]),
        )
