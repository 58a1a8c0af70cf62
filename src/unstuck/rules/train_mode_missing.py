from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from unstuck import reading
from unstuck.plugins import CannotLook, Rule
from unstuck.records import Finding, Text, Trace


@dataclass(frozen=True)
class TrainModeMissing(Rule):
    """Training goes on in evaluation mode: `model.eval()` was called and `model.train()` was not.

    ## What it sees
    The mode of the root module and of its dropout and batch-norm layers at each sampled backward pass. It speaks when the root is in
    evaluation mode in at least `min_share` of the steps, together with those layers: from some step on (never undone), in parts of every
    epoch (undone too late), or from the first step while a batch norm still has the statistics it was built with.
    ## Why it matters
    Dropout then does nothing, and a batch norm divides by statistics that are no longer kept up: the net trains as another net.
    ## When it is wrong
    Fine-tuning a pretrained net whose batch norms are frozen on purpose: there the root stays in training mode, or has statistics that were
    learned before; the first is never reported, the second only where the net stays poor.
    ## References
    PyTorch documentation, `Module.eval` and "Autograd mechanics: evaluation mode"; Lightning issue 19820.
    """

    zh = """训练在评估模式下进行：调用了 `model.eval()` 却没有再调用 `model.train()`。

    ## 看到什么
    每个采样的反向传播时根模块及其 dropout、批归一化层的模式。当根模块连同这些层在至少 `min_share` 的步里处于评估模式时报告：从某一步起
    一直如此（没有恢复）、每个 epoch 的一部分如此（恢复太晚），或从第一步起如此而批归一化仍是刚构造时的统计量。
    ## 为什么重要
    此时 dropout 不起作用，批归一化除以不再更新的统计量：训练的是另一个网络。
    ## 何时会错
    有意冻结批归一化的预训练网络微调：此时根模块仍为训练模式，或统计量是先前学到的；前者从不报告，后者仅当网络学不好时报告。
    ## 参考文献
    PyTorch 文档 `Module.eval` 与 "Autograd mechanics: evaluation mode"；Lightning issue 19820。
    """

    root_cause = "train-mode-missing"
    needs = ("mode.root_share",)
    explains = (
        "batchnorm-misuse",
        "overfitting",
        "exploding-gradient",
        "vanishing-gradient",
        "bad-init-scale",
        "lr-too-high",
        "split-mismatch",
    )

    min_share: float = 0.2  # share of the sampled steps; our choice: a forgotten `train()` costs at least the rest of an epoch
    enough_skill: float = 0.6  # 0 = chance, 1 = perfect; below it a pretrained net in evaluation mode is suspected as well
    good_skill: float = 0.9  # above it a dropout that is always off does no visible harm
    min_gap: float = 0.15  # training skill less validation skill: what a dropout is there to prevent

    def check(self, trace: Trace) -> Iterator[Finding]:
        root, layers = trace.signal("mode.root_share"), trace.signal("mode.layer_share")
        assert root is not None
        if layers is None:
            raise CannotLook("no dropout or batch-norm layer, so the mode changes nothing", "没有 dropout 或批归一化层，模式不起作用")
        if len(layers) != len(root):
            raise CannotLook("the layers changed during the run", "各层在运行中发生了变化")
        off = (root.values < 0.5) & (layers.values < 0.5)
        if off.sum() < 2:
            return
        # The first steps are sampled without a gap: of the later ones, or of those since it began, a share counts.
        later = off[root.steps >= 20]
        since = off[int(np.flatnonzero(off)[0]) :]
        if max(off.mean(), later.mean() if len(later) >= 4 else 0.0, since.mean() if since.mean() > 0.8 else 0.0) < self.min_share:
            return
        norms = {p.name for p in trace.facts.places if p.kind.startswith("BatchNorm")}
        own = [p for p in trace.facts.parameters if p.module in norms]
        if own and not any(p.requires_grad for p in own):
            return  # frozen on purpose, weights and statistics
        fresh = bool(trace.note("modes.fresh_norms"))
        dropout_only = not norms
        first = int(np.flatnonzero(off)[0])
        severity, confidence = "error", 0.97
        if not fresh and (off.all() or not self._evaluated_before(trace, int(root.steps[first]))):
            poor = reading.learns(trace, self.good_skill if dropout_only else self.enough_skill) is False
            training, validation = reading.skill(trace, "training"), reading.skill(trace, "validation")
            gap = dropout_only and training is not None and validation is not None and training - validation > self.min_gap
            severity, confidence = ("warning", 0.8 if gap else 0.7) if poor or gap else ("note", 0.5)
        which = trace.note("modes.training.eval") or []
        names = [str(n) for n in which] if isinstance(which, list) else []
        yield self.finding(
            Text(
                "In {share:.0%} of {count} sampled training steps the model was in evaluation mode, from step {step} on; "
                "it has {layers} dropout or batch-norm layers.",
                "在 {count} 个采样的训练步中，有 {share:.0%} 处于评估模式，始于第 {step} 步；模型有 {layers} 个 dropout 或批归一化层。",
            ).format(share=off.mean(), count=len(off), step=int(root.steps[first]), layers=max(len(names), 1)),
            places=[p for n in names if (p := trace.place(n)) is not None][:4],
            severity=severity,  # type: ignore[arg-type]
            confidence=confidence,
            evidence=[self.evidence(root, first)],
            first_step=int(root.steps[first]),
        )

    @staticmethod
    def _evaluated_before(trace: Trace, step: int) -> bool:
        """A phase without gradients in evaluation mode came before: that is what `eval()` was called for."""
        phases = trace.signal("validation.root_mode")
        return phases is not None and bool(((phases.steps <= step) & (phases.values < 0.5)).any())
