from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from unstuck import reading
from unstuck.plugins import CannotLook, Rule
from unstuck.records import Evidence, Finding, Place, Signal, Text, Trace


@dataclass(frozen=True)
class SplitMismatch(Rule):
    """Training and validation inputs are preprocessed or drawn differently.

    ## What it sees
    Mean and standard deviation of each feature (up to 64) in the phases without gradients against those of the sampled training batches. A
    feature counts when its mean differs by `min_shift` training standard deviations or its standard deviation by a factor of
    `min_factor`, and by `min_errors` standard errors of the smaller sample. It speaks when at least `min_share` of the features count and
    validation is known to be much worse than training, when at least `most` of them count and the loss of validation is `min_cost` times that of training, or when the typical feature is off by several times those limits and validation is
    not known to be as good (`sure_gap`). For whole numbers
    (ids of words): the total variation between their frequencies in training and in validation, above `min_distance` and `min_times` that
    between halves of one set, where validation is much worse than training; likewise the positions at which the commonest one stands (rows filled
    up in front against behind). For three channels: means that agree in reverse order alone
    (BGR for RGB). And whatever the inputs are: what goes with which target in training goes with others in validation (`max_association`), though either set is sure of it; every answer of the net goes with one
    class in validation, which is another one (`min_renamed`); or the targets of a regression have another mean or scale there (`min_shift`, `min_factor`), and R2 is below 0.
    ## Why it matters
    The net is asked about a region that it has never seen: a forgotten scaler, another normalisation, a vocabulary or label encoder built twice, columns in another order, or a split along the order of the file.
    ## When it is wrong
    Augmentation and noise widen the training inputs by less than the limits. Tests on another domain differ on purpose: silent where
    validation is as good as training, a note where nothing is known of that and the difference is moderate. A validation of another task than the one trained on looks
    like one of other numbers. What an agent sees changes while it learns: features whose scale does so by `min_factor` are not compared.
    ## References
    Quiñonero-Candela et al. (2009), "Dataset shift in machine learning"; Breck et al. (2019), "Data validation for machine learning".
    """

    zh = """训练与验证的输入经过了不同的预处理，或来自不同的抽样。

    ## 看到什么
    无梯度阶段中每个特征（至多 64 个）的均值和标准差，与采样训练批次的相比。若均值相差 `min_shift` 个训练标准差、或标准差相差 `min_factor`
    倍，且超过较小样本的 `min_errors` 个标准误，则该特征计入。当至少 `min_share` 的特征计入且已知验证远差于训练，或至少 `most` 的特征计入而验证损失为训练损失的 `min_cost` 倍，或典型特征超出上述界限
    数倍且验证并未同样好（`sure_gap`）时报告。对于整数（词的编号）：其频率在训练与验证之间的总变差超过 `min_distance`，且超过同一集合两半之间的 `min_times` 倍，而验证远差于
    训练时报告；最常见的数所处的位置（前填充与后填充）同样如此。对于三个通道：只有次序反转后均值才相符（BGR 与 RGB）。无论输入为何：训练中输入与目标的对应关系在验证中换成了别的（`max_association`），
    而两个集合各自都对此确定无疑；或者网络的每种答案在验证中都对应另一个类别（`min_renamed`）；或者回归目标在那里的均值或尺度不同（`min_shift`、`min_factor`），而 R2 低于 0。
    ## 为什么重要
    网络被问到从未见过的区域：忘记了标准化、用了另一种归一化、词表或标签编码建了两次、列的次序不同，或按文件次序切分。
    ## 何时会错
    数据增强与噪声使训练输入变宽的程度低于界限。在另一领域上测试是有意的差异：若验证与训练一样好则不报告；若对此一无所知且差异不大，只作提示。若验证的任务与训练的不同，看上去就像换了编号。智能体所见会随学习而变：尺度在训练中改变
    `min_factor` 倍的特征不作比较。
    ## 参考文献
    Quiñonero-Candela 等 (2009), "Dataset shift in machine learning"；Breck 等 (2019), "Data validation for machine learning"。
    """

    root_cause = "split-mismatch"
    needs = ("validation.rows",)
    explains = ("overfitting", "batchnorm-misuse", "label-noise", "eval-mode-missing")

    min_shift: float = 0.5  # training standard deviations between the means; Cohen's "medium" effect
    min_factor: float = 1.8  # between the standard deviations
    min_errors: float = 5.0  # standard errors; with 64 features a chance hit is then below 1e-4, and several features are asked for
    min_share: float = 0.2  # of the features
    sure_shift: float = 2.0  # the typical feature's; no sampling of one population does that
    sure_factor: float = 2.8  # the typical feature's scale; likewise
    max_between: float = 0.4  # share of a feature's variance between batches; above it few batches do not tell of the whole set
    min_gap: float = 0.13  # training skill less validation skill
    sure_gap: float = 0.05  # the same, where the typical feature is off by several times the limits: what is asked then is only the harm
    most: float = 0.75  # of the features, where only the loss shows the harm
    min_cost: float = 5.0  # validation loss over training loss; our choice
    sure_errors: float = 4.0  # standard errors between the outer channels' means, root mean square; by chance below 1e-6
    same_errors: float = 2.0  # the same in reverse order: no more than sampling
    min_rows: int = 20  # samples in the phase
    min_late: int = 16  # samples of the later half of training for its scale to be known within a fifth
    min_distance: float = 0.1  # total variation between the frequencies of whole numbers, 0..1
    min_times: float = 3.0  # the same, over that between halves of one set
    max_association: float = 0.4  # agreement of how inputs and targets go together, 1 = drawn alike
    min_sure: float = 0.5  # share of that which is no luck, in training and in validation
    min_renamed: float = 0.7  # skill of validation with every answer read as the class it goes with, over that of training; our choice
    min_skill: float = 0.3  # R2 of training, where validation's targets have other units

    def check(self, trace: Trace) -> Iterator[Finding]:
        if other := self._renumbered(trace) or self._renamed(trace) or self._in_other_units(trace):
            yield other
            return
        distance, noise = trace.signal("validation.id_distance"), trace.signal("validation.id_noise")
        if distance is not None and noise is not None:
            yield from list(self._ids(trace, distance, noise)) or list(self._padded(trace))
            return
        found = self._compared(trace)
        if found is None:
            raise CannotLook("the features of the two phases cannot be compared", "两个阶段的特征无法比较")
        shift, factor, real, places, step = found
        counts = real & ((shift >= self.min_shift) | (factor >= math.log(self.min_factor)))
        share = float(counts.mean())
        if share < self.min_share:
            if turned := self._turned(trace):
                yield turned
            return
        sure = float(np.median(shift)) >= self.sure_shift or float(np.median(factor)) >= math.log(self.sure_factor)
        training, validation = reading.skill(trace, "training"), reading.skill(trace, "validation")
        gap = training - validation if training is not None and validation is not None else None
        costly = self._costly(trace) and share >= self.most
        if gap is not None and gap < (self.sure_gap if sure else self.min_gap) and not costly:
            return  # another domain that the net masters
        if gap is not None and gap < self.min_gap:
            severity, confidence = "warning", 0.75
        elif gap is not None:
            severity, confidence = "error", 0.93 if sure else 0.85
        elif sure:
            severity, confidence = "error", 0.85
        else:
            severity, confidence = "note", 0.4
        worst = int(np.argmax(np.maximum(shift, factor / math.log(self.min_factor))))
        signal = trace.signal("validation.feature_mean", places[worst].name)
        evidence: list[Evidence] = [self.evidence(signal)] if signal is not None else []
        yield self.finding(
            Text(
                "{share:.0%} of {count} input features differ between training and validation; the typical mean by {shift:.2g} training standard "
                "deviations (limit {limit:g}), the typical scale by a factor of {factor:.2g}.",
                "{count} 个输入特征中有 {share:.0%} 在训练与验证之间不同；均值通常相差 {shift:.2g} 个训练标准差（界限 {limit:g}），尺度通常相差 {factor:.2g} 倍。",
            ).format(
                share=share,
                count=len(shift),
                shift=float(np.median(shift)),
                limit=self.min_shift,
                factor=math.exp(float(np.median(factor))),
            ),
            severity=severity,  # type: ignore[arg-type]
            confidence=confidence,
            evidence=evidence,
            first_step=step,
        )

    def _renumbered(self, trace: Trace) -> Finding | None:
        """What goes with which target in training goes with another one in validation: ids, classes or columns were numbered anew."""
        alike = trace.signal("validation.association")
        trained, given = trace.signal("validation.association_trained"), trace.signal("validation.association_given")
        training, validation = reading.skill(trace, "training"), reading.skill(trace, "validation")
        if alike is None or trained is None or given is None or training is None or validation is None:
            return None
        sure = min(trained.last, given.last)
        if alike.last > self.max_association or sure < self.min_sure or training - validation < self.min_gap:
            return None
        return self.finding(
            Text(
                "What goes with which target in training does not in validation: the two agree by {alike:.2f} (1 = drawn alike, limit {limit:g}), the halves of each "
                "set by at least {sure:.2f}; the skill is {t:.2f} in training and {v:.2f} in validation. Ids, classes or columns mean other things there.",
                "训练中输入与目标的对应关系在验证中不成立：二者的一致程度为 {alike:.2f}（1 = 来自同一总体，界限 {limit:g}），而每个集合的两半之间至少为 {sure:.2f}；"
                "训练水平为 {t:.2f}，验证为 {v:.2f}。编号、类别或列在那里的含义不同。",
            ).format(alike=alike.last, limit=self.max_association, sure=sure, t=training, v=validation),
            severity="error",
            confidence=0.9,
            evidence=[self.evidence(alike)],
            first_step=int(alike.steps[0]),
        )

    def _renamed(self, trace: Trace) -> Finding | None:
        """In validation every answer goes with one class, which is another one: the classes were numbered anew."""
        read, accuracy = trace.signal("validation.renamed_accuracy"), trace.signal("validation.accuracy")
        training, rows = reading.skill(trace, "training"), trace.signal("validation.rows")
        if read is None or accuracy is None or rows is None or training is None or read.steps[-1] != accuracy.steps[-1]:
            return None
        errors = (read.last - accuracy.last) * 2 * math.sqrt(rows.last)  # of a share of n, at most 1 / (2 sqrt(n))
        known = reading.skill_of([read.last], "accuracy", reading.chance_share(trace))
        if (
            errors < self.min_errors
            or read.last - accuracy.last < self.min_gap
            or known < self.min_renamed * training
            or training < self.min_gap
        ):
            return None
        return self.finding(
            Text(
                "{a:.0%} of the validation answers are right, and {r:.0%} were every answer read as the class that it goes with most often: there the classes "
                "have other numbers than in training, where the skill is {t:.2f}.",
                "验证的答案中有 {a:.0%} 正确；若把每种答案都读作它最常对应的类别，则为 {r:.0%}：那里类别的编号与训练中的不同，而训练水平为 {t:.2f}。",
            ).format(a=accuracy.last, r=read.last, t=training),
            severity="error",
            confidence=0.93,
            evidence=[self.evidence(accuracy)],
            first_step=int(read.steps[0]),
        )

    def _in_other_units(self, trace: Trace) -> Finding | None:
        """The targets of a regression have another mean or scale in validation, and its score is worse than knowing nothing."""
        held = [trace.signal("validation.target_mean"), trace.signal("validation.target_std")]
        seen = [trace.signal("target.mean", "target"), trace.signal("target.std", "target")]
        training, validation = reading.skill(trace, "training"), reading.skill(trace, "validation")
        if any(s is None or not len(s.finite()) for s in held + seen) or training is None or validation is None:
            return None
        (mean_v, std_v), (means, stds) = [s.last for s in held if s is not None], [s.finite() for s in seen if s is not None]
        mean_t, std_t = float(means.mean()), math.sqrt(float(np.mean(stds**2)) + float(np.var(means)))
        if min(std_t, std_v) <= 0 or validation > 0 or training < self.min_skill:
            return None
        shift, factor = abs(mean_v - mean_t) / std_t, max(std_v / std_t, std_t / std_v)
        rows, known = trace.signal("validation.rows"), trace.signal("validation.trained_rows")
        n = min((s.last for s in (rows, known) if s is not None and s.last > 1), default=2.0)
        # Errors of a mean and of log(std), as for features; those of the training's batches have no part in it.
        moved = shift >= self.min_shift and shift >= self.min_errors * math.hypot(1.0, std_v / std_t) / math.sqrt(n)
        if not moved and not (factor >= self.min_factor and math.log(factor) * math.sqrt(n) / 2 >= self.min_errors):
            return None
        return self.finding(
            Text(
                "The targets have mean {mt:.3g} and standard deviation {st:.3g} in training, {mv:.3g} and {sv:.3g} in validation (limits: {shift:g} standard deviations, a factor of "
                "{factor:g}); R2 is {t:.2f} in training and {v:.3g} in validation.",
                "目标的均值与标准差在训练中为 {mt:.3g} 与 {st:.3g}，在验证中为 {mv:.3g} 与 {sv:.3g}（界限：{shift:g} 个标准差、{factor:g} 倍）；R2 在训练中为 {t:.2f}，在验证中为 {v:.3g}。",
            ).format(mt=mean_t, st=std_t, mv=mean_v, sv=std_v, shift=self.min_shift, factor=self.min_factor, t=training, v=validation),
            severity="error",
            confidence=0.9,
            evidence=[self.evidence(s) for s in held if s is not None],
            first_step=int(held[0].steps[0]) if held[0] is not None else 0,
        )

    def _costly(self, trace: Trace) -> bool:
        """The loss of validation is several times that of training over the later half of the run, in the median phase."""
        loss, held = reading.loss_curve(trace), trace.signal("validation.loss")
        if loss is None or held is None:
            return False
        late = [s.finite()[s.steps[np.isfinite(s.values)] >= trace.facts.steps / 2] for s in (loss, held)]
        return bool(len(late[0]) and len(late[1])) and float(np.median(late[1])) >= self.min_cost * float(np.median(late[0])) > 0

    def _turned(self, trace: Trace) -> Finding | None:
        """Three channels whose means agree with the training's in reverse order alone, as of pictures read as BGR instead of RGB."""
        rows, known = trace.signal("validation.rows"), trace.signal("validation.trained_rows")
        training, validation = reading.skill(trace, "training"), reading.skill(trace, "validation")
        found = [(s, trace.signal("input.feature_mean", s.place.name), trace.signal("input.feature_std", s.place.name))
                 for s in trace.each("validation.feature_mean")]  # fmt: skip
        if len(found) != 3 or rows is None or known is None or training is None or validation is None or rows.last < self.min_rows:
            return None
        if training - validation < self.min_gap or not known.last or any(m is None or d is None or not len(m) for _, m, d in found):
            return None
        means = np.array([float(m.values.mean()) for _, m, _ in found if m is not None])
        errors = np.array([d.median() for _, _, d in found if d is not None]) * math.sqrt(1 / rows.last + 1 / known.last)
        seen = np.array([float(s.values[0]) for s, _, _ in found])
        if not (errors > 0).all():
            return None
        # The middle channel stays where it is, so it tells nothing of the order.
        straight = float(np.sqrt(np.mean(((seen - means) / errors)[[0, 2]] ** 2)))
        turned = float(np.sqrt(np.mean(((seen - means[::-1]) / errors) ** 2)))
        if straight < self.sure_errors or turned > straight / 3 or turned > self.same_errors:
            return None
        return self.finding(
            Text(
                "The three channels' means of validation are those of training in reverse order: the outer two are {s:.2g} standard errors apart as they are (limit "
                "{limit:g}), all {t:.2g} when reversed; the skill is {train:.2f} in training and {valid:.2f} in validation.",
                "验证的三个通道均值与训练的相同，只是次序相反：按原次序首尾两个相差 {s:.2g} 个标准误（界限 {limit:g}），反转后为 {t:.2g}；训练水平为 {train:.2f}，验证为 {valid:.2f}。",
            ).format(s=straight, limit=self.sure_errors, t=turned, train=training, valid=validation),
            severity="error",
            confidence=0.85,
            evidence=[self.evidence(found[0][0])],
            first_step=int(found[0][0].steps[0]),
        )

    def _ids(self, trace: Trace, distance: Signal, noise: Signal) -> Iterator[Finding]:
        """The ids of words, or of other kinds of things, occur with other frequencies in validation."""
        rows, covered = trace.signal("validation.rows"), trace.signal("validation.covered_share")
        training, validation = reading.skill(trace, "training"), reading.skill(trace, "validation")
        assert rows is not None
        if rows.last < self.min_rows or (covered is not None and covered.last >= 0.9) or training is None or validation is None:
            return
        if distance.last < max(self.min_distance, self.min_times * noise.last) or training - validation < self.min_gap:
            return
        yield self.finding(
            Text(
                "The input's ids have other frequencies in validation than in training: the total variation is {d:.2f} (limit {limit:g}), and {n:.2f} "
                "between halves of one set; the skill is {t:.2f} in training and {v:.2f} in validation.",
                "输入编号的频率在验证与训练之间不同：总变差为 {d:.2f}（界限 {limit:g}），而同一集合的两半之间为 {n:.2f}；训练水平为 {t:.2f}，验证为 {v:.2f}。",
            ).format(d=distance.last, limit=self.min_distance, n=noise.last, t=training, v=validation),
            severity="error",
            confidence=0.85,
            evidence=[self.evidence(distance)],
            first_step=int(distance.steps[0]),
        )

    def _padded(self, trace: Trace) -> Iterator[Finding]:
        """The same words stand elsewhere: what fills the rows up is in front in one phase, and behind in the other."""
        apart, noise = trace.signal("validation.position_distance"), trace.signal("validation.position_noise")
        training, validation = reading.skill(trace, "training"), reading.skill(trace, "validation")
        if apart is None or noise is None or training is None or validation is None or training - validation < self.min_gap:
            return
        if apart.last < max(self.min_distance, self.min_times * noise.last):
            return
        yield self.finding(
            Text(
                "The number that fills the rows up stands elsewhere in validation than in training: its share at a position differs by {d:.2f} on "
                "average (limit {limit:g}), and by {n:.2f} between halves of one set; the skill is {t:.2f} in training and {v:.2f} in validation.",
                "填充各行的那个数在验证与训练中所处位置不同：它在各位置的比例平均相差 {d:.2f}（界限 {limit:g}），而同一集合的两半之间为 {n:.2f}；训练水平为 {t:.2f}，验证为 {v:.2f}。",
            ).format(d=apart.last, limit=self.min_distance, n=noise.last, t=training, v=validation),
            severity="error",
            confidence=0.88,
            evidence=[self.evidence(apart)],
            first_step=int(apart.steps[0]),
        )

    def _compared(self, trace: Trace) -> tuple[np.ndarray, np.ndarray, np.ndarray, list[Place], int] | None:
        """[F] shift in standard deviations, [F] |log| of the scales' ratio, [F] beyond sampling error, places, step of the phase."""
        rows, known = trace.signal("validation.rows"), trace.signal("validation.trained_rows")
        covered = trace.signal("validation.covered_share")
        assert rows is not None
        if not len(rows) or rows.last < self.min_rows or (covered is not None and covered.last >= 0.9):
            return None
        lists: list[tuple[float, float, float, float, float, float, float, Place]] = []
        step = 0
        for signal in trace.each("validation.feature_mean"):
            name = signal.place.name
            std, mean_t, std_t = (trace.signal(n, name) for n in ("validation.feature_std", "input.feature_mean", "input.feature_std"))
            if std is None or mean_t is None or std_t is None or len(mean_t) < 5:
                continue
            means, stds = mean_t.values.astype(float), std_t.values.astype(float)
            spread = math.sqrt(float(np.mean(stds**2) + np.var(means)))
            # A mean over batches is as good as the batches are alike: in ordered data they are not.
            excess = max(float(np.var(means)) - spread**2 / max(trace.facts.batch_size, 1), 0.0)
            error = excess + spread**2 / max(known.last if known is not None else 1.0, 1.0)
            lists.append(
                (
                    float(signal.values[0]),
                    float(std.values[0]),
                    float(np.mean(means)),
                    spread,
                    math.sqrt(error),
                    float(np.var(means)),
                    self._drift(trace, mean_t, std_t),
                    signal.place,
                )
            )
            step = int(signal.steps[0])
        count = sum(1 for _ in trace.each("input.feature_mean"))
        if not lists or len(lists) != count:
            return None
        mean_v, std_v, mean_t_, std_t_, error_t, between, drift = (np.array([item[i] for item in lists]) for i in range(7))
        typical = float(np.median(std_t_[std_t_ > 0])) if (std_t_ > 0).any() else 0.0
        usable = np.isfinite(mean_v) & np.isfinite(std_v) & (std_t_ > 1e-3 * typical)  # features that hardly vary say nothing
        ordered = (between > self.max_between * std_t_**2) | (drift >= math.log(self.min_factor))
        if (ordered & usable).sum() > self.min_share * max(usable.sum(), 1):
            raise CannotLook("the training batches differ too much among themselves", "训练批次之间差异过大")
        usable &= ~ordered
        if usable.sum() < 1 or typical <= 0:
            return None
        mean_v, std_v, mean_t_, std_t_, error_t = (a[usable] for a in (mean_v, std_v, mean_t_, std_t_, error_t))
        n = max(min(rows.last, known.last if known is not None and known.last else rows.last), 2.0)
        shift = np.abs(mean_v - mean_t_) / std_t_
        factor = np.abs(np.log(np.maximum(std_v, 1e-12) / std_t_))
        # The error of a mean is std / sqrt(n), that of log(std) about sqrt((kurtosis - 1) / 4n): 2 / sqrt(n) allows for heavy tails.
        error = np.hypot(np.maximum(std_t_, std_v) / math.sqrt(max(rows.last, 1.0)), error_t)
        real = (np.abs(mean_v - mean_t_) >= self.min_errors * error) | (factor * math.sqrt(n) / 2 >= self.min_errors)
        return shift, factor, real, [item[7] for item, u in zip(lists, usable, strict=True) if u], step

    def _drift(self, trace: Trace, means: Signal, stds: Signal) -> float:
        """|log| of the ratio between a feature's scales in the earlier and the later half of the run: what an agent sees changes as it learns."""
        late = stds.steps >= trace.facts.steps / 2
        if len(means) != len(stds) or late.all() or late.sum() * trace.facts.batch_size < self.min_late:
            return 0.0
        first, second = (float(np.mean(stds.values[w] ** 2) + np.var(means.values[w])) for w in (~late, late))
        return abs(math.log(second / first)) / 2 if first > 0 and second > 0 else 0.0
