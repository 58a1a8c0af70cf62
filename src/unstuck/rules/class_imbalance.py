from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from unstuck import reading
from unstuck.plugins import CannotLook, Rule
from unstuck.records import Finding, Signal, Text, Trace


@dataclass(frozen=True)
class ClassImbalance(Rule):
    """Rare classes are hardly ever answered: the net does well by giving the common answer.

    ## What it sees
    The classes whose share of all sampled targets is below `max_share` of the commonest one, together seen at least `min_seen` times, and how
    many of their samples were answered rightly in the last validation phases, or in the training batches of the later part of the run (and of
    its second half). It speaks when their recall is below `max_recall` (and surely below `surely_below`), the common class's is above
    `min_common`, and the loss did fall below that of knowing only the shares (as far as
    `share_errors` standard errors of what was sampled leave them open): there is something to learn, and it is learned for the
    common class alone. In maps and rows of zeros and ones (pixels, tags) it asks for more: that no output at all says one.
    ## Why it matters
    With 2 % of one class, answering "the other" always is 98 % right; the average loss has little to say about the rest.
    ## When it is wrong
    Where the rare class cannot be told from the inputs, ignoring it is the best answer to this loss. Weighted losses and balanced sampling
    raise the recall, and then it is silent.
    The next token of a text is not looked at.
    ## References
    He, Garcia (2009), "Learning from imbalanced data"; SageMaker Debugger ClassImbalance: ratio 10, misprediction 0.7.
    """

    zh = """稀有类别几乎从不被预测：网络靠给出常见答案就能得高分。

    ## 看到什么
    在全部采样目标中占比低于最常见类别 `max_share` 倍的类别，合计至少出现 `min_seen` 次，以及它们在最后几个验证阶段（或训练后段及后半程的批次）里被
    答对的比例。当其召回率低于 `max_recall`（且确实低于 `surely_below`）、常见类别的召回率高于 `min_common`，且损失已低于只知道各类占比（在采样的 `share_errors` 个标准误之内）时的损失（说明有东西可学，却只学会了常见类别）时报告。
    对于由 0 和 1 组成的图或行（像素、标签），要求更严：没有任何输出回答 1。
    ## 为什么重要
    某类只占 2 % 时，永远回答“另一类”就有 98 % 的正确率；平均损失几乎反映不出其余样本。
    ## 何时会错
    若从输入根本分不出稀有类别，忽略它就是该损失下的最优解。加权损失与均衡采样会提高召回率，此时不报告。文本的下一个记号不在观察之列。
    ## 参考文献
    He, Garcia (2009), "Learning from imbalanced data"；SageMaker Debugger ClassImbalance：比例 10、误判 0.7。
    """

    root_cause = "class-imbalance"
    patience = 200
    explains = ("underfitting", "lr-too-low", "overfitting", "batch-too-small")

    max_share: float = 0.15  # of the commonest class; SageMaker's ratio of 10, with room
    max_recall: float = 0.4  # share of the rare classes' samples answered rightly; SageMaker: misprediction above 0.7
    min_common: float = 0.85  # the same for the commonest class
    min_seen: int = 10  # samples of the rare classes in the judged part of the run
    surely_below: float = 0.55  # recall; so few right answers must not be the luck of few samples at this recall
    max_chance: float = 0.01  # of seeing so few right answers, were the recall `surely_below`
    min_gain: float = 0.01  # share of the loss of knowing only the classes' shares that is gone
    min_lift: float = 10.0  # the surest element's probability over the share of ones: a net that tells the elements of a map apart
    share_errors: float = 2.0  # by which a class may be more common than the sampled batches show; our choice
    near_chance: float = 0.1  # share of that loss by which the loss of such a net may still be above it

    def check(self, trace: Trace) -> Iterator[Finding]:
        if not any(True for _ in trace.each("target.class_share")):
            yield from self._map(trace)
            return
        shares = {s.place.name: float(s.values.sum()) for s in trace.each("target.class_share")}
        total = sum(shares.values())
        if reading.is_text(trace):
            raise CannotLook("the classes are tokens of a text, which are never even", "类别是文本的记号，本来就不均匀")
        if total <= 0 or len(shares) < 2:
            return
        common = max(shares, key=lambda n: shares[n])
        rare = [n for n in shares if 0 < shares[n] <= self.max_share * shares[common]]
        if not rare:
            return
        found = self._in_validation(trace, rare, common) or self._in_training(trace, rare, common)
        if found is None:
            raise CannotLook("too few samples of the rare classes were seen", "看到的稀有类别样本太少")
        recall, usual, seen, step, where = found
        if recall > self.max_recall or usual < self.min_common or not self._learned(trace, shares):
            return
        if _at_most(round(recall * seen), round(seen), self.surely_below) > self.max_chance:
            return
        first = next(s for s in trace.each("target.class_share") if s.place.name == rare[0])
        yield self.finding(
            Text(
                "{count} of {classes} classes make up {share:.1%} of the targets; {recall:.0%} of their samples were answered rightly in {where} "
                "(limit {limit:.0%}), against {usual:.0%} of the commonest class.",
                "{classes} 个类别中有 {count} 个合计只占目标的 {share:.1%}；其样本在{zh}中只有 {recall:.0%} 被答对（界限 {limit:.0%}），最常见的类别为 {usual:.0%}。",
            ).format(
                count=len(rare), classes=len(shares), share=sum(shares[n] for n in rare) / total, recall=recall, limit=self.max_recall, usual=usual,
                where=where, zh="验证" if where == "validation" else "训练",
            ),
            severity="warning",
            confidence=0.8 if recall < self.max_recall / 2 else 0.65,
            evidence=[self.evidence(first)],
            first_step=step,
        )  # fmt: skip

    def _map(self, trace: Trace) -> Iterator[Finding]:
        """Maps of zeros and ones, as of pixels: no element is ever answered with one, so the recall of the ones is exactly zero."""
        loss, high = trace.facts.loss, trace.signal("output.max", "output")
        mean, std = trace.signal("target.mean", "target"), trace.signal("target.std", "target")
        low, top = trace.signal("target.min", "target"), trace.signal("target.max", "target")
        if loss is None or loss.kind not in ("bce", "bce-with-logits") or math.prod(loss.target_shape[1:]) < 2 or high is None:
            raise CannotLook("no classes were seen in the targets", "目标中没有看到类别")
        if mean is None or std is None or low is None or top is None:
            raise CannotLook("no classes were seen in the targets", "目标中没有看到类别")
        share, limit = float(mean.values.mean()), 0.0 if loss.kind == "bce-with-logits" else 0.5
        ones = abs(mean.median() * (1 - mean.median()) - std.median() ** 2) <= 0.05 * std.median() ** 2  # the variance of zeros and ones
        if not ones or low.values.min() != 0 or top.values.max() != 1 or not 0 < share <= self.max_share * (1 - share):
            return
        late = high.values[high.steps >= trace.facts.steps / 4]
        seen = share * math.prod(loss.target_shape) * len(late)
        if len(late) < 2 or seen < self.min_seen or not bool((late < limit).all()):
            return
        highest = float(late.max())
        lift = (1 / (1 + math.exp(-highest)) if loss.kind == "bce-with-logits" else highest) / share
        if not self._learned(trace, {"0": 1 - share, "1": share}, None if lift < self.min_lift else -self.near_chance):
            return
        yield self.finding(
            Text(
                "{share:.1%} of the targets' elements are ones, and none of them was answered rightly: no output reached {limit:g} in the last three "
                "quarters of the run (the highest is {high:.2g}).",
                "目标元素中只有 {share:.1%} 为 1，且没有一个被答对：在后四分之三的训练中，没有任何输出达到 {limit:g}（最高为 {high:.2g}）。",
            ).format(share=share, limit=limit, high=highest),
            severity="warning",
            confidence=0.8,
            evidence=[self.evidence(high)],
            first_step=int(high.steps[high.steps >= trace.facts.steps / 4][0]),
        )

    def _in_validation(self, trace: Trace, rare: list[str], common: str) -> tuple[float, float, float, int, str] | None:
        """Recall of the rare classes and of the common one at the end, samples of the rare ones, step; None where validation has too few of them."""
        recalls = {s.place.name: s for s in trace.each("validation.class_recall")}
        shares = {s.place.name: s.last for s in trace.each("validation.class_share")}
        rows = trace.signal("validation.rows")
        there = [n for n in rare if n in recalls and shares.get(n, 0.0) > 0]
        if rows is None or common not in recalls or sum(shares[n] for n in there) * rows.last < self.min_seen:
            return None
        weight = sum(shares[n] for n in there)
        recall = sum(shares[n] * recalls[n].median(3) for n in there) / weight
        return recall, recalls[common].median(3), weight * rows.last, int(recalls[common].steps[0]), "validation"

    def _in_training(self, trace: Trace, rare: list[str], common: str) -> tuple[float, float, float, int, str] | None:
        """The same from sampled training batches of the later part of the run."""
        shares = {s.place.name: s for s in trace.each("target.class_share")}
        rights = {s.place.name: s for s in trace.each("training.right_share")}
        if common not in rights:
            return None
        both = np.intersect1d(shares[common].steps, rights[common].steps)
        since = max(10, int(0.1 * trace.facts.steps))
        steps = both[both >= since]

        def total(signal: Signal | None) -> float:
            return float(signal.values[np.isin(signal.steps, steps)].sum()) if signal is not None else 0.0

        seen, usual = sum(total(shares[n]) for n in rare), total(shares[common])
        # A batch of texts holds a target for every token.
        targets = math.prod(trace.facts.loss.target_shape) if trace.facts.loss is not None and trace.facts.loss.target_shape else 0
        samples = seen * max(targets, trace.facts.batch_size)
        if samples < self.min_seen or usual <= 0:
            return None
        # What was learned late counts: the half that speaks better for the net.
        halves = [self._recall(shares, rights, rare, part) for part in (steps, both[both >= trace.facts.steps / 2])]
        return max(halves), total(rights[common]) / usual, samples, since, "training"

    @staticmethod
    def _recall(shares: dict[str, Signal], rights: dict[str, Signal], rare: list[str], steps: np.ndarray) -> float:
        def total(signals: dict[str, Signal]) -> float:
            return math.fsum(float(signals[n].values[np.isin(signals[n].steps, steps)].sum()) for n in rare if n in signals)

        return total(rights) / max(total(shares), 1e-9)

    def _learned(self, trace: Trace, mass: dict[str, float], gain: float | None = None) -> bool:
        """The loss is below that of knowing only the shares, by `gain` of it (by `min_gain`)."""
        course, loss = reading.course(trace), trace.facts.loss
        if course is None or not course.finite or loss is None:
            return False
        shares = np.array([m for m in mass.values() if m > 0])
        shares = self._likely(trace, shares / shares.sum())
        chance = float(-(shares * np.log(shares)).sum())
        return (
            course.last <= (1 - (self.min_gain if gain is None else gain)) * chance
            if loss.kind in ("cross-entropy", "nll", "bce", "bce-with-logits")
            else True
        )

    def _likely(self, trace: Trace, shares: np.ndarray) -> np.ndarray:
        """The shares with the rare ones as common as `share_errors` standard errors of what was sampled allow: few of their samples were seen."""
        sampled = max((len(s) for s in trace.each("target.class_share")), default=0) * max(reading.rows(trace), 1)
        if sampled < 1:
            return shares
        rare = shares < shares.max()
        more = np.where(rare, shares + self.share_errors * np.sqrt(shares * (1 - shares) / sampled), shares)
        found: np.ndarray = more / more.sum()
        return found


def _at_most(hits: int, n: int, p: float) -> float:
    """P(at most `hits` of `n`) for independent events of chance p."""
    return math.fsum(math.comb(n, i) * p**i * (1 - p) ** (n - i) for i in range(hits + 1)) if n <= 1000 else 0.0
