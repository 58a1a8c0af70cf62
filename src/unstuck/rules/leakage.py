from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from unstuck import reading
from unstuck.plugins import CannotLook, Rule
from unstuck.records import Finding, Signal, Text, Trace


@dataclass(frozen=True)
class Leakage(Rule):
    """Some validation samples are also training samples.

    ## What it sees
    Rows of the validation inputs that equal rows of sampled training batches (`validation.repeated_share`; only a part of the training set is
    known, so it is a lower bound). It speaks when at least `min_share` of them, and at least `min_rows` in number, are repeated.
    ## Why it matters
    The validation score then measures memory; it stays high while the net overfits, and every choice made by it is wrong.
    ## When it is wrong
    Evaluating on the training set itself is a choice: where the phase holds nearly all known training rows (`whole_set`) it is silent, and
    where every row of it is a training row it is a note, unless no phase of the run looked at other rows, or those that did scored worse by
    `min_gap`. Coarse inputs (few distinct rows) repeat by chance: as many repetitions inside the
    phase as across are taken as that, unless the inputs are continuous. One of several inputs (a user beside a film) repeats by nature:
    where its rows repeat within the phase too, it is silent.
    ## References
    Kaufman, Rosset, Perlich (2012), "Leakage in data mining"; Elangovan et al. (2021), "Memorization vs. generalization".
    """

    zh = """部分验证样本同时也是训练样本。

    ## 看到什么
    验证输入中与采样训练批次的行完全相等的行（`validation.repeated_share`；只知道训练集的一部分，因此是下限）。若至少 `min_share` 且不少于
    `min_rows` 行重复，则报告。
    ## 为什么重要
    此时验证分数衡量的是记忆；网络过拟合时它仍然很高，依据它所作的选择都会出错。
    ## 何时会错
    在训练集上评估是一种选择：若该阶段几乎包含全部已知训练行（`whole_set`）则不报告；若其每一行都是训练行则只作提示，
    除非整个运行中没有任何阶段看过其他行，或看过其他行的阶段得分差了 `min_gap`。粒度粗的输入（不同
    的行很少）会偶然重复：若阶段内部的重复与跨集合的重复一样多则视为偶然，除非输入是连续的。多个输入之一（如用户与影片中的用户）
    本来就会重复：若它在该阶段内部也重复，则不报告。
    ## 参考文献
    Kaufman, Rosset, Perlich (2012), "Leakage in data mining"；Elangovan 等 (2021), "Memorization vs. generalization"。
    """

    root_cause = "leakage"
    needs = ("validation.repeated_share", "validation.covered_share", "validation.rows")
    explains = ("overfitting",)

    min_share: float = 0.03  # of the validation rows
    min_rows: int = 5  # repeated rows
    max_phase_share: float = 0.5  # phases per optimizer step; more often than that they are no validation
    whole_set: float = 0.9  # share of the known training rows that the phase holds
    min_levels: int = 200  # distinct values among 2048 input elements: below, the inputs are coarse
    min_distinct: float = 0.5  # the same as a share of a batch's elements, where it has fewer
    min_gap: float = 0.15  # skill, 0 = chance, 1 = perfect; our choice
    min_phases: int = 3  # compared phases; a look at a part of the training set, once, is no validation
    min_excess: float = 10.0  # pairs of equal rows across the sets over pairs within the phase, for coarse inputs

    def check(self, trace: Trace) -> Iterator[Finding]:
        repeated, covered = trace.signal("validation.repeated_share"), trace.signal("validation.covered_share")
        rows, own, known = trace.signal("validation.rows"), trace.signal("validation.own_repeats"), trace.signal("validation.trained_rows")
        assert repeated is not None and covered is not None and rows is not None
        if own is None or known is None or not len(repeated):
            raise CannotLook("the validation inputs were not compared with the training inputs", "没有比较验证输入与训练输入")
        phases = trace.note("validation.phases", 0)
        if isinstance(phases, int) and phases > max(self.max_phase_share * trace.facts.steps, 5):
            raise CannotLook("forward passes without gradients are part of the training step", "无梯度前向是训练步的一部分")
        best = -1
        for i, step in enumerate(repeated.steps.tolist()):
            j, k = np.searchsorted(covered.steps, step), np.searchsorted(rows.steps, step)
            hits = float(repeated.values[i]) * float(rows.values[min(k, len(rows) - 1)])
            whole = float(covered.values[min(j, len(covered) - 1)]) >= self.whole_set
            more = best < 0 or repeated.values[i] > repeated.values[best]
            if more and not whole and float(repeated.values[i]) >= self.min_share and hits >= self.min_rows:
                best = i
        if best < 0 or (self._by_chance(trace, best) and not self._continuous(trace)):
            return
        share, step = float(repeated.values[best]), int(repeated.steps[best])
        if self._part_of_a_sample(trace, step):
            raise CannotLook("the compared rows are one of several inputs and repeat by nature", "所比较的行只是多个输入之一，本来就会重复")
        count = float(rows.values[min(int(np.searchsorted(rows.steps, step)), len(rows) - 1)])
        clean = int((repeated.values < self.min_share).sum())
        subset = share > self._subset_share(trace, step, count)
        if subset and clean >= len(repeated) - clean:
            return  # a look at a part of the training set beside a validation set of its own
        if subset and self._at(own, step) > self.min_share and self._continuous(trace):
            subset = False  # copies of copies: the samples were repeated before they were divided
        training, validation = reading.skill(trace, "training"), reading.skill(trace, "validation")
        gap = training is not None and validation is not None and training - validation > self.min_gap
        # Nothing else was ever looked at, or what else was came out far worse: no choice, then.
        gap = gap or (len(repeated) >= self.min_phases and (not clean or self._misled(trace, repeated)))
        yield self.finding(
            Text(
                "{share:.0%} of the {count:.0f} validation rows (limit {limit:.0%}) equal rows of the {known:.0f} training rows that were seen.",
                "{count:.0f} 个验证行中有 {share:.0%}（界限 {limit:.0%}）与见过的 {known:.0f} 个训练行相同。",
            ).format(share=share, count=count, limit=self.min_share, known=float(known.values[min(best, len(known) - 1)])),
            severity="note" if subset and not gap else "warning",
            confidence=0.6 if subset else 0.9,
            evidence=[self.evidence(repeated, best)],
            first_step=step,
        )

    @staticmethod
    def _at(signal: Signal | None, step: int) -> float:
        if signal is None or not len(signal):
            return 0.0
        return float(signal.values[min(int(np.searchsorted(signal.steps, step)), len(signal) - 1)])

    def _part_of_a_sample(self, trace: Trace, step: int) -> bool:
        """The model is given more than these rows (a user beside a film), and they repeat among themselves: the sample is the combination."""
        return trace.note("inputs.alone") is False and self._at(trace.signal("validation.own_repeats"), step) > self.min_share

    def _subset_share(self, trace: Trace, step: int, rows: float) -> float:
        """The repeated share from which a phase may hold nothing but training rows: not all of those are known."""
        signal = trace.signal("validation.known_share")
        known = self._at(signal, step) if signal is not None else 1.0
        newest = min(8.0 * trace.facts.batch_size, 1e4)
        error = math.sqrt(max(known * (1 - known), 0.0) * (1 / max(newest, 1.0) + 1 / max(rows, 1.0)))
        return 0.9 * known - 3 * error if 0.2 < known < 0.98 else 0.98

    def _misled(self, trace: Trace, repeated: Signal) -> bool:
        """The phases on training rows score far better than those on other rows."""
        for kind in ("accuracy", "r2"):
            signal = trace.signal(f"validation.{kind}")
            if signal is None:
                continue
            clean = repeated.steps[repeated.values < self.min_share]
            inside, outside = (
                signal.values[np.isin(signal.steps, steps)]
                for steps in (repeated.steps[repeated.values >= repeated.values.max() / 2], clean)
            )
            # A data set not met before is always compared: what lies before the first clean phase is of the same kind as its neighbours.
            earlier = signal.values[signal.steps < clean[0]] if len(clean) else inside
            inside = earlier if len(earlier) else inside
            chance = reading.chance_share(trace)
            if len(inside) and len(outside):
                return reading.skill_of(inside[-1:], kind, chance) - reading.skill_of(outside[-1:], kind, chance) > self.min_gap
        return False

    def _by_chance(self, trace: Trace, index: int) -> bool:
        """Equal pairs are no more frequent across the sets than within the phase: repeats / (rows compared with)."""
        repeated, rows = trace.signal("validation.repeated_share"), trace.signal("validation.rows")
        own, known = trace.signal("validation.own_repeats"), trace.signal("validation.trained_rows")
        assert repeated is not None
        step = int(repeated.steps[index])
        within = 2 * self._at(own, step) / max(self._at(rows, step), 1.0)
        across = float(repeated.values[index]) / max(self._at(known, step), 1.0)
        return across < self.min_excess * within

    def _continuous(self, trace: Trace) -> bool:
        levels, features = trace.signal("input.levels", "input"), sum(1 for _ in trace.each("input.feature_std"))
        looked_at = trace.facts.batch_size * features or self.min_levels / self.min_distinct
        return levels is not None and levels.median() >= min(self.min_levels, self.min_distinct * looked_at)
