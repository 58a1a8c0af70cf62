from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from unstuck import reading
from unstuck.plugins import Rule
from unstuck.records import Evidence, Finding, Place, Text, Trace


@dataclass(frozen=True)
class NonFinite(Rule):
    """A NaN or Inf appears in the loss, the activations, the gradients or the weights.

    ## What it sees
    The first step whose loss is not finite, and the first operation of that forward pass whose result is not (from what the graph saved);
    where the weights were already lost before it, the last step that was still finite is named: its backward pass or update made them so. Weights that are NaN behind
    a finite loss are seen as well.
    ## Why it matters
    One NaN reaches every weight within one step, and nothing brings them back.
    ## When it is wrong
    Loss scaling skips overflowing steps on purpose: a single non-finite loss that is followed by finite ones is only a note.
    ## References
    Goldberg (1991), "What every computer scientist should know about floating-point arithmetic".
    """

    zh = """损失、激活、梯度或权重中出现 NaN 或 Inf。

    ## 看到什么
    第一个损失非有限的步，以及该次前向中第一个结果非有限的运算（从计算图保存的张量得知）；若权重在此之前已经损坏，则指出最后一个仍然
    有限的步：是它的反向传播或更新造成的。损失有限而权重已为 NaN 的情形也会看到。
    ## 为什么重要
    一个 NaN 在一步之内就会传到所有权重，并且无法恢复。
    ## 何时会错
    损失缩放会有意跳过溢出的步：若只有个别步非有限而后又恢复，仅作提示。
    ## 参考文献
    Goldberg (1991), "What every computer scientist should know about floating-point arithmetic"。
    """

    root_cause = "non-finite"
    needs = ("loss.value",)
    explains = ("blocked-gradient", "underfitting", "dead-units", "overfitting", "lr-too-high")

    lasting_share: float = 0.5  # share of the steps after the first non-finite loss that are non-finite too

    def check(self, trace: Trace) -> Iterator[Finding]:
        loss = trace.signal("loss.value")
        assert loss is not None
        bad = ~np.isfinite(loss.values)
        if not bad.any():
            yield from self._hidden(trace)
            return
        at = int(np.flatnonzero(bad)[0])
        step = int(loss.steps[at])
        lasting = bool(bad[at:].mean() >= self.lasting_share)
        grew = reading.grew(trace)
        born, place = str(trace.note("nonfinite.born", "")), str(trace.note("nonfinite.place", ""))
        operation = str(trace.note("nonfinite.operation", ""))
        en, zh = f"The loss is not finite from step {step} on.", f"从第 {step} 步起损失不再有限。"
        certain = False
        if born == "forward" and operation:
            en += f" The first operation with such a result is {operation}" + (f" at {place}." if place else ".")
            zh += f"第一个得出这种结果的运算是 {operation}" + (f"（{place}）。" if place else "。")
            certain = True
        elif born == "input":
            en += " The inputs of that batch were not finite."
            zh += "该批次的输入就不是有限值。"
        elif born == "weights":
            en += f" Its weights were already lost: the backward pass or update of step {max(step - 1, 0)} made them so."
            zh += f"此时权重已经损坏：是第 {max(step - 1, 0)} 步的反向传播或更新造成的。"
        previous = float(loss.values[at - 1]) if at else None
        if previous is not None:
            en += f" The loss before was {previous:.3g}."
            zh += f"此前的损失为 {previous:.3g}。"
        known = trace.place(place)
        places = [known] if known is not None else [Place(name=place, kind=operation)] if place else []
        yield self.finding(
            Text(en, zh),
            places=places,
            severity="error" if lasting else "note",
            confidence=0.5 if grew else 0.95 if certain else 0.8,
            evidence=[Evidence(signal="loss.value", place="run", step=step, value=None)],
            first_step=step,
            certain=bool(bad[at:].all()),
        )

    def _hidden(self, trace: Trace) -> Iterator[Finding]:
        """Weights that are NaN behind a loss that is not: something in between puts numbers in their place (a comparison, `where`, `nan_to_num`)."""
        norms = [s for s in trace.each("parameter.norm") if len(s) and np.isnan(s.values[-1])]
        if not norms:
            return
        first = {s.place.name: int(s.steps[np.flatnonzero(np.isnan(s.values))[0]]) for s in norms}
        worst = min(norms, key=lambda s: first[s.place.name])
        yield self.finding(
            Text(
                "{count} parameters are NaN from step {step} on ({name} first), while the loss is finite: something after them replaces NaN.",
                "{count} 个参数从第 {step} 步起为 NaN（首先是 {name}），而损失仍然有限：其后有运算替换了 NaN。",
            ).format(count=len(norms), step=first[worst.place.name], name=worst.place.name),
            places=[s.place for s in norms][:6],
            severity="error",
            confidence=0.97,
            evidence=[Evidence(signal="parameter.norm", place=worst.place.name, step=first[worst.place.name], value=None)],
            first_step=first[worst.place.name],
            certain=True,
        )
