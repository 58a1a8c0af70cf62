from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from unstuck import reading
from unstuck.plugins import CannotLook, Rule
from unstuck.records import Finding, Text, Trace


@dataclass(frozen=True)
class LabelNoise(Rule):
    """The targets do not belong to the inputs (misaligned, shuffled, off by one): nothing can be learned but by heart.

    ## What it sees
    Validation stays at chance however well the training samples get answered, or nothing at all is learned although the steps are of a
    usual size (up to `max_ratio`) in all layers, the batches contradict one another, and the net could say something (no layer below `min_units`, at most `max_layers`
    of them: then training, and validation where there is one, must be at chance) or the first signs of learning by heart are there (the scores or the
    losses of training and validation part, by more than luck among that many samples and classes); or the same inputs come with other targets than before
    (`min_conflicts`) while nothing is learned; or nothing is learned and the first layer gets the model's input with the sizes in another order
    but nothing moved in memory (`view` in place of `transpose`), so that each row holds pieces of several samples; or features (ids) go with targets in
    validation, and at most `max_strength` times as strongly in training. The check-up (`--checkup`) settles it: a net that learns
    shuffled labels as easily as the given ones has labels that say nothing.
    ## Why it matters
    The best answer to targets that do not depend on the inputs is their mean.
    ## When it is wrong
    Validation data that differ from the training data; a model that cannot express the task. It is silent where training's association with its targets is known
    (`sure_strength`), where training answers worse than noise would let it (`min_skill`, `max_loss`): those have other causes.
    ## References
    Zhang, Bengio, Hardt, Recht, Vinyals (2017), "Understanding deep learning requires rethinking generalization".
    """

    zh = """目标与输入不对应（错位、打乱、差一）：除了死记之外学不到任何东西。

    ## 看到什么
    无论训练样本答得多好，验证始终停在随机水平；或者什么也没学到，尽管各层的步长都正常（不超过 `max_ratio`），各批次相互矛盾，且网络本可有所表达（各层不少于 `min_units` 个单元、至多 `max_layers` 层，训练与验证都停在随机水平）或已有死记的迹象（训练与验证的得分或损失分道扬镳，超出这么多样本和类别下的偶然）；或者什么也没学到，而相同的输入每次带有不同的目标（`min_conflicts`）；或者什么也没学到，
    而第一层得到的输入只改了各维大小的次序、内存中并未移动（该用 `transpose` 却用了 `view`），每行混入了多个样本；或者特征（编号）在验证中与目标相互对应，而训练中的强度至多为其 `max_strength` 倍。由检查
    （`--checkup`）裁定：若网络学打乱的标签与学原标签一样容易，标签便不含信息。
    ## 为什么重要
    当目标与输入无关时，最好的回答就是目标的均值。
    ## 何时会错
    验证数据与训练数据不同；模型表达不了该任务。若已知训练输入与目标相互对应（`sure_strength`），或训练比噪声所致的还差（`min_skill`、`max_loss`），则另有原因，不报告。
    ## 参考文献
    Zhang, Bengio, Hardt, Recht, Vinyals (2017), "Understanding deep learning requires rethinking generalization"。
    """

    root_cause = "label-noise"
    needs = ("loss.value", "update.ratio")
    explains = ("overfitting", "underfitting", "batch-too-small", "degradation", "long-range-dependency")
    patience = 100

    max_validation: float = 0.12  # skill of validation: 0 = chance, 1 = perfect
    min_skill: float = -0.5  # R2 of training, which is that of noise at worst: what answers worse has another fault; our choice
    max_training: float = 0.2  # skill of training below which nothing is learned
    min_training: float = 0.3  # skill of training that validation does not share
    min_noise: float = 2.0  # gradient noise scale over batch size: the batches contradict one another
    min_ratio: float = 1e-4  # update over weight
    max_ratio: float = 0.025  # the same of the median layer: larger ones throw away what they learn, and look like noise; no label noise of the clinic passes 0.019
    min_lead: float = 0.05  # skill of training less skill of validation
    min_errors: float = 1.5  # standard errors of that difference: one-sided, 7 %
    min_again: int = 30  # samples met again
    min_conflicts: float = 0.2  # share of them with another target than before; of two classes drawn at random, one half
    max_information: float = 0.2  # share of the loss of knowing only the classes' shares that is gone: above it something was learned
    max_strength: float = 0.2  # of training's association, 1 = as in validation; 1 - p where a share p of the targets is others'
    sure_strength: float = 0.8  # of training's association, from which on the targets are known to belong to the inputs; our choice
    min_sure: float = 0.5  # share of validation's association that is no luck
    max_known: float = 0.3  # skill of validation, where the association tells: what is learned in spite of wrong targets
    max_loss: float = 1.5  # loss over that of knowing only the classes' shares, which targets that say nothing leave; our choice
    min_steps: int = 100  # optimizer steps before it says that nothing was learned; our choice
    min_rise: float = 0.02  # share by which the validation loss has risen above its best, reached in the first half
    min_parting: float = 0.03  # that share plus the one by which the training loss has fallen since; each at least a third of it
    max_majority: float = 0.8  # share of the commonest class
    able_noise: float = 0.7  # gradient noise scale over batch size, where a net could say something: 2/5 of the squared gradient are noise
    min_units: int = 8  # in every hidden layer: so many can say something of any target that the inputs tell of; our choice
    max_layers: int = 8  # hidden layers; a deeper net may learn nothing for its depth; our choice

    def check(self, trace: Trace) -> Iterator[Finding]:
        if reading.adversarial(trace):
            raise CannotLook(
                "several models, each with its own optimizer, have no common score", "多个模型各有自己的优化器，没有共同的得分"
            )
        train, valid = reading.skill(trace), reading.skill(trace, "validation")
        loss = trace.signal("loss.value")
        assert loss is not None
        if train is None:
            raise CannotLook("no score could be recomputed", "无法重新计算得分")
        ever = reading.best_ever(trace)
        if np.isfinite(loss.values[-1]) and (conflicts := self._conflicts(trace, train, valid)) is not None:
            yield conflicts
            return
        if np.isfinite(loss.values[-1]) and (mixed := self._mixed(trace, train, valid)) is not None:
            yield mixed
            return
        if np.isfinite(loss.values[-1]) and (unrelated := self._unrelated(trace, train, valid)) is not None:
            yield unrelated
            return
        if not np.isfinite(loss.values[-1]) or (ever is not None and ever > self.max_validation):
            return
        if (reading.majority_share(trace) or 0.0) > self.max_majority:
            raise CannotLook(
                "one class holds nearly all samples, so the accuracy says little", "几乎所有样本都属于同一类，准确率说明不了什么"
            )
        if train < self.min_skill:  # the mean of targets that say nothing is easily had
            return
        strength = trace.signal("validation.association_strength")
        if strength is not None and strength.last >= self.sure_strength:  # the targets do belong to the inputs
            return
        if valid is not None and train >= self.min_training:
            yield self.finding(
                Text(
                    "The training batches are answered with a skill of {train:.2f}, the validation samples with {valid:.2f} (0 = chance): what "
                    "is learned of the training targets says nothing about others.",
                    "训练批次的水平为 {train:.2f}，验证样本为 {valid:.2f}（0 = 随机）：从训练目标学到的东西对其他样本毫无用处。",
                ).format(train=train, valid=valid),
                confidence=0.75,
                evidence=[self.evidence(loss)],
            )
            return
        noise = trace.signal("gradient.noise_ratio")
        medians = [s.median() for s in reading.weight_updates(trace)]
        ratios = [r for r in medians if not math.isnan(r)]  # nan: of weights that are all zero
        if train > self.max_training or noise is None or len(noise) < 10 or not ratios or len(loss) < 150:
            return
        scale = float(np.median(noise.values[5:]))
        told = valid is not None and scale >= self.min_noise and self._by_heart(trace, train, valid)
        late = noise.values[noise.steps >= trace.facts.steps / 2]  # at first the steps agree on how common the targets are
        told = told or (max(scale, float(np.median(late)) if len(late) else 0.0) >= self.able_noise and self._able(trace, train, valid))
        if min(ratios) > self.min_ratio and float(np.median(ratios)) < self.max_ratio and told:
            yield self.finding(
                Text(
                    "Nothing is learned (skill {train:.2f}, 0 = chance) although every layer moves by at least {ratio:.1e} of its size per step; "
                    "the batches contradict one another (gradient noise {noise} times the batch size).",
                    "什么也没有学到（水平 {train:.2f}，0 = 随机），尽管每层每步至少移动其大小的 {ratio:.1e}；各批次相互矛盾（梯度噪声是批大小的 {noise} 倍）。",
                ).format(train=train, ratio=min(ratios), noise=f"{scale:.0f}" if np.isfinite(scale) else "inf"),
                confidence=0.6,
                evidence=[self.evidence(noise)],
            )

    def _conflicts(self, trace: Trace, train: float, valid: float | None) -> Finding | None:
        """The same inputs come with other targets than before, and nothing is learned."""
        share, course, chance = (
            reading.conflicting(trace, self.min_conflicts, self.min_again),
            reading.course(trace),
            reading.chance_loss(trace),
        )
        if course is not None and chance is not None and course.last > self.max_loss * chance:
            return None  # worse than saying nothing: what keeps it from learning is not in the targets
        known = max(train, valid or 0.0) > self.max_training or (reading.information(trace) or 0.0) > self.max_information
        if share is None or known or trace.facts.steps < self.min_steps:
            return None
        return self.finding(
            Text(
                "Of {again} training samples that were met again, {share:.0%} came with another target than before (limit {limit:.0%}), and nothing "
                "is learned (skill {train:.2f}, 0 = chance).",
                "再次遇到的 {again} 个训练样本中，{share:.0%} 的目标与之前不同（界限 {limit:.0%}），且什么也没有学到（水平 {train:.2f}，0 = 随机）。",
            ).format(again=trace.note("targets.again"), share=share, limit=self.min_conflicts, train=train),
            severity="error",
            confidence=0.95,
        )

    def _unrelated(self, trace: Trace, train: float, valid: float | None) -> Finding | None:
        """Inputs go with targets in validation, and much less or not at all in training, which therefore does not help there."""
        strength, given = trace.signal("validation.association_strength"), trace.signal("validation.association_given")
        rows, known = trace.signal("validation.rows"), trace.signal("validation.trained_rows")
        if strength is None or given is None or rows is None or known is None or valid is None or valid > self.max_known:
            return None
        if strength.last > self.max_strength or given.last < self.min_sure or known.last < rows.last:
            return None
        return self.finding(
            Text(
                "Inputs go with targets in validation (the halves of it agree by {given:.2f}), and in training only {strength:.2f} times as strongly (1 = drawn alike, "
                "limit {limit:g}); the skill is {train:.2f} in training and {valid:.2f} in validation. The training targets belong to other inputs.",
                "验证中输入与目标相互对应（其两半的一致程度为 {given:.2f}），而训练中的对应强度只有其 {strength:.2f} 倍（1 = 来自同一总体，界限 {limit:g}）；"
                "训练水平为 {train:.2f}，验证为 {valid:.2f}。训练目标属于别的输入。",
            ).format(given=given.last, strength=strength.last, limit=self.max_strength, train=train, valid=valid),
            severity="error",
            confidence=0.9,
            evidence=[self.evidence(strength)],
            first_step=int(strength.steps[0]),
        )

    def _mixed(self, trace: Trace, train: float, valid: float | None) -> Finding | None:
        """The samples of a batch are cut up and joined anew before the first layer, and nothing is learned."""
        seen = trace.note("layout.mixed")
        if not isinstance(seen, list) or not seen or max(train, valid or 0.0) > self.max_training or trace.facts.steps < self.min_steps:
            return None
        name, given, got = seen[0]
        place = trace.place(name)
        return self.finding(
            Text(
                "{name} gets the model's input {given} as {got} with nothing moved in memory (a view where a transposition is needed): each row "
                "holds pieces of several samples, and nothing is learned (skill {train:.2f}, 0 = chance).",
                "{name} 得到的是形状由 {given} 变为 {got} 的模型输入，而内存中并未移动（该转置处用了 view）：每行混入了多个样本，且什么也没有学到（水平 {train:.2f}，0 = 随机）。",
            ).format(name=name, given=given, got=got, train=train),
            places=[place] if place is not None else [],
            severity="error",
            confidence=0.95,
        )

    def _by_heart(self, trace: Trace, train: float, valid: float) -> bool:
        """The first signs of learning by heart: what cannot express the task at all shows none, and is another rule's."""
        if trace.signal("training.accuracy") is None:
            train += 1 / max(trace.facts.batch_size, 1)  # a batch's R2 is about its own mean, which costs 1 / B on average
        if train - valid > max(self.min_lead, self.min_errors * self._error(trace)):
            return True
        losses = trace.signal("validation.loss")
        if losses is None or len(losses.finite()) < 4:
            return False
        values = losses.finite()
        best = int(values.argmin())
        if best >= len(values) / 2 or values[best] <= 0:
            return False
        rise = float(np.median(values[-max(1, len(values) // 5) :])) / float(values[best]) - 1
        if float(values[-1]) > (1 + self.min_rise) * float(values[best]):
            return True
        # A large table is learned by heart slowly: the two curves part long before any score shows it.
        fall = self._fall_since(trace, int(losses.steps[np.isfinite(losses.values)][best]))
        return min(rise, fall) >= self.min_parting / 3 and rise + fall >= self.min_parting

    def _able(self, trace: Trace, train: float, valid: float | None) -> bool:
        """Neither too narrow nor too deep to say anything, and yet nothing at all is said: training and validation are at chance."""
        units = reading.hidden_units(trace)
        able = bool(units) and min(units) >= self.min_units and len(units) <= self.max_layers
        able = able and (reading.information(trace) or 0.0) <= self.min_lead  # many classes: the loss may know more than the score shows
        return able and max(train, train if valid is None else valid) <= max(self.min_lead, self._error(trace))

    @staticmethod
    def _fall_since(trace: Trace, step: int) -> float:
        """Share of the training loss around a step that is gone at the end, both over a fifth of the run; 0 where it cannot be told."""
        loss = trace.signal("loss.value")
        assert loss is not None
        width = max(len(loss) // 5, 1)
        at = int(np.searchsorted(loss.steps, step))
        start = min(max(at - width // 2, 0), max(len(loss) - width, 0))
        then, now = (v[np.isfinite(v)] for v in (loss.values[start : start + width], loss.values[-width:]))
        return 1 - float(now.mean()) / float(then.mean()) if len(then) and len(now) and then.mean() > 0 else 0.0

    @staticmethod
    def _error(trace: Trace) -> float:
        """Standard error of the difference between two skills at chance, as far as they come from answers that are right or wrong."""
        loss, rows = trace.facts.loss, trace.signal("validation.rows")
        if trace.signal("training.accuracy") is None or loss is None:
            return 0.0
        known = reading.majority_share(trace)
        chance = 0.5 if known is None else known  # of n answers that are right with probability p, the share has variance p (1 - p) / n
        per_row = max(math.prod(loss.target_shape) / max(trace.facts.batch_size, 1), 1.0) if loss.target_shape else 1.0
        scored = max(8 * trace.facts.batch_size, reading.SCORED_SAMPLES) * per_row
        held_out = rows.last * per_row if rows is not None and len(rows) else scored
        return math.sqrt(chance * (1 - chance) * (1 / scored + 1 / max(held_out, 1.0))) / max(1 - chance, 1e-9)
