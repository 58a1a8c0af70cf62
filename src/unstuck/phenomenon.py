"""One form for every illness of the handbook: the rule sees it, the healthy twin raises no alarm, the remedy works.

A `Phenomenon` is a claim whose pass rule is the same everywhere; a topic gives the two recipes, names the finding and the remedies, and says
what it is in words. The rule first asked also that the finding be gone under the remedies. That was dropped when it ran: a remedy that works
by a hook (`remove-softmax`, `standardise-inputs`) leaves what the recorder looks at as the script wrote it. It is measured all the same.
"""

from __future__ import annotations

import tempfile
from abc import abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from unstuck.lab import Claim, Measured, Verdict, findings, treated
from unstuck.records import Text, Trace

if TYPE_CHECKING:
    import matplotlib.figure
    import torch
    from torch import nn

    from unstuck.training import Training

#: Score that the faulty run must lack in every repeat, or there is nothing to cure. Our choice.
LOSS = 0.05
#: Share of the lacking score that the remedies must give back in every repeat. Our choice.
REGAINED = 0.5


@dataclass(frozen=True)
class Phenomenon(Claim):
    """A faulty run, its healthy twin, and the faulty run under remedies: what is found in each, and how well each learns.

    ## The set-up
    `faulty` and `healthy` build the trainings, `steps` watched steps each.
    ## Why
    A rule that fires on everything, and a remedy that cures nothing, would pass a test on the faulty run alone.
    """

    #: Root causes of which one must stand first in the faulty run; several where a cause and its symptom are both right.
    sees: ClassVar[tuple[str, ...]]
    #: What is applied to the faulty run; () where only the data can be mended.
    remedies: ClassVar[tuple[str, ...]] = ()
    #: The fault as a noun phrase: "Too high a learning rate", "学习率过高".
    fault: ClassVar[Text]
    seeds = 2
    steps: int = 60

    def __init_subclass__(cls, **more: Any) -> None:
        super().__init_subclass__(**more)
        if "fault" in vars(cls):
            cls.statement, cls.rule = _statement(cls), _rule(cls)

    @abstractmethod
    def faulty(self, seed: int) -> Training:
        """The training with the fault."""

    @abstractmethod
    def healthy(self, seed: int) -> Training:
        """The same training without it."""

    def score(self, training: Training) -> float:
        """How well it does, 0..1."""
        return accuracy(training)

    def measure(self, seed: int) -> dict[str, float]:
        builds: dict[str, Callable[[int], Training]] = {"faulty": self.faulty, "healthy": self.healthy}
        if self.remedies:
            builds["treated"] = treated(self.faulty, *self.remedies)
        found, measured, curves = {}, {}, {}
        for name, build in builds.items():
            training, trace = watched(build, seed, self.steps)
            found[name] = findings(trace)
            measured[f"score_{name}"] = self.score(training)
            curves[f"loss_{name}"] = losses(trace, self.steps)
            training.undo()
            if training.failures:
                raise RuntimeError(f"{name}: {'; '.join(training.failures)}")
        measured["first_in_faulty"] = float(found["faulty"][:1] in [(cause,) for cause in self.sees])
        measured["alarms_in_healthy"] = float(len(found["healthy"]))
        if self.remedies:
            measured["still_found_in_treated"] = float(bool(set(self.sees) & set(found["treated"])))
        return measured | curves  # type: ignore[return-value]

    def judge(self, measured: Measured) -> Verdict:
        seen = measured["first_in_faulty"].all() and not measured["alarms_in_healthy"].any()
        return "holds" if seen and (not self.remedies or self._cured(measured)) else "fails as stated"

    @staticmethod
    def _cured(measured: Measured) -> bool:
        lost = measured["score_healthy"] - measured["score_faulty"]
        gained = measured["score_treated"] - measured["score_faulty"]
        return bool((lost >= LOSS).all() and (gained >= REGAINED * lost).all())

    def plot(self, figure: matplotlib.figure.Figure, measured: Measured, lang: str) -> None:
        axes, zh = figure.add_subplot(), lang == "zh"
        cure = " + ".join(self.remedies)
        names = {"faulty": "有问题" if zh else "faulty", "healthy": "健康对照" if zh else "healthy twin", "treated": cure}
        for name, label in names.items():
            if f"loss_{name}" in measured:
                curve = np.median(measured[f"loss_{name}"], axis=0)
                said = np.median(measured[f"score_{name}"])
                axes.plot(np.arange(1, len(curve) + 1), curve, label=f"{label} ({'得分' if zh else 'score'} {said:.2f})")
        values = np.concatenate([np.median(v, axis=0) for n, v in measured.items() if n.startswith("loss_")])
        finite = values[np.isfinite(values)]
        if len(finite) and finite.min() > 0 and finite.max() > 100 * np.median(finite):
            axes.set_yscale("log")
        axes.set_xlabel("步" if zh else "step")
        axes.set_ylabel("训练损失" if zh else "training loss")
        axes.set_title(self.fault.in_language(lang))
        axes.legend()


def _statement(cls: type[Phenomenon]) -> Text:
    en, zh = cls.fault.en, cls.fault.zh
    if not cls.remedies:
        return Text(f"{en} can be told from the run, and its healthy twin raises no alarm.", f"{zh}可以从训练过程看出，健康对照不报警。")
    cure = " + ".join(cls.remedies)
    return Text(
        f"{en} can be told from the run, its healthy twin raises no alarm, and {cure} cures it.",
        f"{zh}可以从训练过程看出，健康对照不报警，{cure} 可以治好。",
    )


def _rule(cls: type[Phenomenon]) -> Text:
    seen_en, seen_zh = " or ".join(cls.sees), " 或 ".join(cls.sees)
    en = f"Holds if in every repeat {seen_en} stands first in the faulty run and the healthy twin has no alarm at all"
    zh = f"若每次重复中，有问题的训练首先报告 {seen_zh}，健康对照没有任何警报"
    if not cls.remedies:
        return Text(f"{en}.", f"{zh}，则成立。")
    cure = " + ".join(cls.remedies)
    return Text(
        f"{en}, and {cure} gives back at least half of the score that the fault costs (0.05 or more).",
        f"{zh}，且 {cure} 使因此损失的得分（至少 0.05）至少恢复一半，则成立。",
    )


# ------------------------------------------------------------------------------------------------------ what is measured


def watched(build: Callable[[int], Training], seed: int, steps: int) -> tuple[Training, Trace]:
    """Build it, run `steps` steps of its `fit` under the recorder, every step sampled."""
    from unstuck.attach.watching import watch

    with tempfile.TemporaryDirectory(prefix="unstuck-lab-") as folder:
        training = build(seed)
        with watch(training.models, training.optimizers, trace=Path(folder) / "lab.trace", budget=None) as run:
            training.fit(steps)
        return training, run.trace


def accuracy(training: Training) -> float:
    """How well it does on the validation samples, 0..1: accuracy for classes, R2 (not below 0, 0 where not finite) for values."""
    import torch

    outputs = training.validate()
    assert outputs is not None and training.validation is not None
    targets = training.validation[1]
    if not targets.is_floating_point():
        return float((outputs.argmax(1) == targets).double().mean())
    unexplained = float((outputs - targets).square().mean() / targets.var(unbiased=False)) if torch.isfinite(outputs).all() else 1.0
    return max(0.0, 1.0 - unexplained)


def losses(trace: Trace, steps: int) -> np.ndarray:
    """Training loss of every step [steps]; nan where there was none."""
    curve = np.full(steps, np.nan)
    signal = trace.signal("loss.value") or trace.signal("loss.value", "loss")
    if signal is not None:
        at = np.asarray(signal.steps, dtype=int)
        inside = at < steps
        curve[at[inside]] = np.asarray(signal.values, dtype=float).reshape(len(at), -1)[inside, 0]
    return curve


# ------------------------------------------------------------------------------------------------- building blocks


def half_moons(seed: int, count: int, noise: float = 0.1) -> tuple[torch.Tensor, torch.Tensor]:
    """Two interleaved half circles, standardised: inputs [count, 2], labels [count] of 0 and 1."""
    import torch

    rng = np.random.default_rng(seed)
    angle, label = rng.uniform(0, np.pi, count), rng.integers(0, 2, count)
    sign = 1 - 2 * label
    x = np.stack([np.cos(angle) * sign + label, np.sin(angle) * sign + 0.5 * label], 1) + noise * rng.standard_normal((count, 2))
    return torch.tensor((x - x.mean(0)) / x.std(0)).float(), torch.tensor(label)


def plain_net(widths: Sequence[int], activation: Callable[[], nn.Module]) -> nn.Sequential:
    """Linear layers of these widths [inputs, hidden..., outputs] with the activation between them, PyTorch's own weights."""
    from torch import nn

    layers: list[nn.Module] = []
    for before, after in pairwise(widths):
        layers += [nn.Linear(before, after), activation()]
    return nn.Sequential(*layers[:-1])


def training_on(
    model: nn.Module,
    data: tuple[torch.Tensor, torch.Tensor],
    *,
    lr: float = 0.1,
    momentum: float = 0.9,
    batch: int = 32,
    held_out: float = 0.25,
    loss: nn.Module | None = None,
    optimizer: torch.optim.Optimizer | None = None,
    seed: int = 0,
) -> Training:
    """SGD on the first samples in batches of a `DataLoader`, validated on the last `held_out` of them.

    Cross-entropy for integer targets, else squared error. The samples stand in random order already, so the loader does not shuffle.
    """
    import torch
    from torch import nn
    from torch.utils.data import DataLoader, TensorDataset

    from unstuck.training import Training

    x, y = data
    kept = int(len(x) * (1 - held_out))
    loss = loss or (nn.MSELoss() if y.is_floating_point() else nn.CrossEntropyLoss())
    optimizer = optimizer or torch.optim.SGD(model.parameters(), lr=lr, momentum=momentum)
    batches = DataLoader(TensorDataset(x[:kept], y[:kept]), batch_size=batch)
    return Training([model], [optimizer], loss, batches, (x[kept:], y[kept:]), seed=seed)
