from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from unstuck import reading
from unstuck.plugins import CannotLook, Rule
from unstuck.records import Finding, Text, Trace


@dataclass(frozen=True)
class EvalModeMissing(Rule):
    """The net is evaluated in training mode, with dropout drawing and batch norm using the evaluated batch.

    ## What it sees
    The mode of the root module and of its dropout and batch-norm layers in each phase without gradients. It speaks when in all phases
    with data other than the training set the root and such a layer were in training mode, or a dropout function dropped units.
    ## Why it matters
    The scores are those of a thinned net, or of one whose normalisation depends on who else is in the batch; and a batch norm in training
    mode writes the validation data into its running statistics.
    ## When it is wrong
    Dropout kept on deliberately (Monte Carlo dropout) is left alone where the root is in evaluation mode or other phases are, and is a note
    where a phase asks the same samples several times over (`draws`); left alone are also nets
    without such layers, forward passes without gradients in nearly every step (targets of another net, pseudo labels, generators),
    and passes over the training set (renewing batch-norm statistics).
    ## References
    PyTorch documentation, `Module.eval`; Srivastava et al. (2014), "Dropout"; Ioffe, Szegedy (2015), "Batch normalization".
    """

    zh = """评估时网络仍处于训练模式：dropout 仍在抽样，批归一化用的是被评估的批次。

    ## 看到什么
    每个不记录梯度的阶段中根模块及其 dropout、批归一化层的模式。若在所有不是训练集的阶段里，根模块与这样的层都处于训练模式，或 dropout 函数始终在丢弃单元，则报告。
    ## 为什么重要
    得到的是被稀疏化的网络的分数，或其归一化取决于同批其他样本；处于训练模式的批归一化还会把验证数据写进滑动统计量。
    ## 何时会错
    有意保留的 dropout（Monte Carlo dropout）：根模块处于评估模式，或另有评估模式的阶段时不报告；若同一阶段把相同样本反复送入（`draws`），只作提示；没有这类层的网络、几乎每一步都有的无梯度
    前向（另一网络的目标、伪标签、生成器）、以及对训练集的前向（重算批归一化统计量）也不报告。
    ## 参考文献
    PyTorch 文档 `Module.eval`；Srivastava 等 (2014), "Dropout"；Ioffe, Szegedy (2015), "Batch normalization"。
    """

    root_cause = "eval-mode-missing"
    needs = ("validation.root_mode",)
    explains = ("batchnorm-misuse", "overfitting", "underfitting", "split-mismatch", "over-regularised")

    max_phase_share: float = 0.5  # phases per optimizer step; more often than that it is a part of the training step
    good_skill: float = 0.97  # of validation, 0 = chance, 1 = perfect: hardly anything is left that eval mode could give
    draws: float = 0.5  # share of a phase's samples that it holds more than once: they are asked again to see how the answers spread
    own_data: float = 0.9  # share of the known training rows that are in the phase: from here on it is the training set

    def check(self, trace: Trace) -> Iterator[Finding]:
        root, layers = trace.signal("validation.root_mode"), trace.signal("validation.mode_share")
        assert root is not None
        calls = trace.note("validation.dropouts")
        if isinstance(calls, list) and calls and any(trace.signal(f"validation.{k}") is not None for k in ("accuracy", "r2", "loss")):
            yield self._functional(trace, [str(c) for c in calls])
            return
        if layers is None:
            raise CannotLook("no dropout or batch-norm layer, so the mode changes nothing", "没有 dropout 或批归一化层，模式不起作用")
        phases = trace.note("validation.phases", 0)
        assert isinstance(phases, int)
        scored = any(trace.signal(f"validation.{k}") is not None for k in ("accuracy", "r2", "loss"))
        if phases > max(self.max_phase_share * trace.facts.steps, 5) and not scored:
            raise CannotLook("forward passes without gradients are part of the training step", "无梯度前向是训练步的一部分")
        if len(layers) != len(root):
            raise CannotLook("the layers changed during the run", "各层在运行中发生了变化")
        on = (root.values > 0.5) & (layers.values > 0)
        covered = trace.signal("validation.covered_share")
        if covered is not None:
            training = set(covered.steps[covered.values >= self.own_data].tolist())
            on &= np.array([s not in training for s in root.steps.tolist()])
        eval_too = (root.values < 0.5).any() or (layers.values == 0).any()
        if not on.any() or eval_too:
            return
        names = [str(n) for n in (trace.note("modes.validation.train") or [])]  # type: ignore[attr-defined]
        places = [p for n in names if (p := trace.place(n)) is not None]
        norms = any(p.kind.startswith("BatchNorm") for p in places)
        adversarial = len(trace.facts.models) > 1 and len(trace.facts.optimizers) > 1
        first = int(np.flatnonzero(on)[0])
        yield self.finding(
            Text(
                "In all {count} observed phases without gradients the model was in training mode: {names} ({layers} dropout or batch-norm layers).",
                "在观察到的全部 {count} 个无梯度阶段里，模型都处于训练模式：{names}（共 {layers} 个 dropout 或批归一化层）。",
            ).format(count=len(on), names=", ".join(names[:2]) + (" …" if len(names) > 2 else ""), layers=len(names)),
            places=places[:4],
            severity="note"
            if adversarial or self._drawn(trace) or (reading.skill(trace, "validation") or 0.0) >= self.good_skill
            else "error"
            if norms
            else "warning",
            confidence=0.95,
            evidence=[self.evidence(layers, first)],
            first_step=int(root.steps[first]),
        )

    def _functional(self, trace: Trace, calls: list[str]) -> Finding:
        """`F.dropout(x, p)` drops in eval mode too, unless it is given `training=self.training`."""
        good = (reading.skill(trace, "validation") or 0.0) >= self.good_skill or self._drawn(trace)
        return self.finding(
            Text(
                "The dropout called at {names} dropped units in every phase without gradients: it does not follow the model's mode.",
                "{names} 处调用的 dropout 在每个无梯度阶段里都在丢弃单元：它不随模型的模式而变。",
            ).format(names=", ".join(calls[:2]) + (" …" if len(calls) > 2 else "")),
            severity="note" if good else "warning",
            confidence=0.93,
            evidence=[self.evidence(s) for s in [trace.signal("validation.root_mode")] if s is not None],
        )

    def _drawn(self, trace: Trace) -> bool:
        """The same samples are asked again and again, to see how the answers spread."""
        own = trace.signal("validation.own_repeats")
        return own is not None and len(own) > 0 and own.median() >= self.draws
