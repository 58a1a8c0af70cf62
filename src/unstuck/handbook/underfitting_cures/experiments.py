"""Claims about underfitting: five causes against five cures, and what the rules say."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from unstuck.lab import Claim, Verdict
from unstuck.records import Text

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from unstuck.training import Training

#: What a healthy training of the two moons has, what each cause spoils, and what each cure sets.
HEALTHY = {"width": 16.0, "decay": 0.0, "lr": 1.0, "scale": 1.0, "steps": 500.0, "features": 0.0}
CAUSES = {
    "too small": {"width": 1.0},
    "too much decay": {"decay": 0.1},
    "lr too low": {"lr": 3e-4},
    "too few steps": {"steps": 8.0},
    "unscaled inputs": {"scale": 255.0},
}
CURES = {
    "more units": {"width": 48.0},
    "less penalty": {"decay": 0.0},
    "more features": {"features": 1.0},
    "higher lr": {"lr": 1.0},
    "longer training": {"steps": 500.0},
    "scaled inputs": {"scale": 1.0},
}


@cache
def accuracies(seed: int) -> dict[str, dict[str, float]]:
    """Test accuracy by cause and cure ("none": untreated), and of the healthy training; all nets in one program."""
    rng = np.random.default_rng(seed)
    angle, arm = rng.uniform(0, np.pi, 1300), rng.random(1300) < 0.5
    x = np.c_[np.where(arm, np.cos(angle), 1 - np.cos(angle)), np.where(arm, np.sin(angle), 0.5 - np.sin(angle))]
    x = (x + 0.15 * rng.standard_normal(x.shape) - [0.5, 0.25]) / [0.87, 0.5]
    y = arm.astype(float)
    names = [("healthy", "none")] + [(cause, cure) for cause in CAUSES for cure in ("none", *CURES)]
    wanted = [HEALTHY | CAUSES.get(cause, {}) | CURES.get(cure, {}) for cause, cure in names]
    settings = [dict(s) for s in dict.fromkeys(tuple(s.items()) for s in wanted)]  # equal settings are trained once
    column = {key: np.array([s[key] for s in settings])[:, None, None] for key in HEALTHY}
    inputs = x * column["scale"]  # [nets, samples, 2]
    extra = np.concatenate([inputs**2, inputs**3, inputs[..., :1] * inputs[..., 1:]], axis=2) * column["features"]
    inputs = np.concatenate([inputs, extra], axis=2).astype(np.float32)
    mask = (np.arange(48) < column["width"]).astype(np.float32)
    a = (rng.standard_normal((7, 48)) / 2**0.5 * np.ones((len(settings), 1, 1))).astype(np.float32)
    b = np.zeros((len(settings), 1, 48), np.float32) + 0.5 * rng.standard_normal((1, 1, 48)).astype(np.float32)
    c = (rng.standard_normal((48, 1)) / column["width"] ** 0.5).astype(np.float32)
    d = np.zeros((len(settings), 1, 1), np.float32)
    train, target = inputs[:, :200], y[:200, None].astype(np.float32)
    lr, decay = column["lr"].astype(np.float32), column["decay"].astype(np.float32)
    for step in range(int(HEALTHY["steps"])):
        h = np.tanh(train @ a + b) * mask
        error = (1 / (1 + np.exp(-np.clip(h @ c + d, -50, 50))) - target) / len(target)
        back = error @ c.transpose(0, 2, 1) * (1 - h * h) * mask
        live = lr * (step < column["steps"])
        c_new = c - live * (h.transpose(0, 2, 1) @ error + decay * c)
        d = d - live * error.sum(1, keepdims=True)
        a = a - live * (train.transpose(0, 2, 1) @ back + decay * a)
        b = b - live * back.sum(1, keepdims=True)
        c = c_new
    outputs = (np.tanh(inputs[:, 200:] @ a + b) * mask @ c + d)[..., 0]
    right = ((outputs > 0) == (y[200:] > 0.5)).mean(1)
    table: dict[str, dict[str, float]] = {}
    for (cause, cure), setting in zip(names, wanted, strict=True):
        table.setdefault(cause, {})[cure] = float(right[settings.index(setting)])
    return table


@dataclass(frozen=True)
class CapacityPenaltyAndFeaturesCureUnderfitting(Claim):
    """Test accuracy for five causes of underfitting under each of six cures.

    ## The set-up
    Two moons, 200 training samples, a tanh net with one hidden layer, full-batch descent; each cause spoils one setting of a healthy training, each cure
    sets one.
    ## Why
    A cure works where it undoes the cause. Underfitting is a symptom (training itself is poor) with at least five causes.
    """

    rows = ("S4-55",)
    experiment = "X48"
    statement = Text(
        "Underfitting is cured by a more complex model, less regularisation and more features.",
        "欠拟合可以通过增加模型复杂度、减少正则项、添加特征来解决。",
    )
    rule = Text(
        "Holds if for each of the five causes one of these three comes within 0.03 of the healthy accuracy; depends if for some but not all.",
        "若五种原因中的每一种都能由这三种对策之一恢复到与健康训练相差 0.03 以内，则成立；若只有部分如此，则视情况而定。",
    )
    depends = Text(
        "depends on the cause: lr, number of steps and scale of the inputs need their own cure",
        "取决于原因：学习率、步数、输入尺度各有各的对策",
    )
    seeds = 3

    def measure(self, seed: int) -> dict[str, float]:
        table = accuracies(seed)
        measured = {"healthy": table["healthy"]["none"]}
        for cause in CAUSES:
            for cure in ("none", *CURES):
                measured[f"{cause}/{cure}".replace(" ", "_")] = table[cause][cure]
        return measured

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        healthy = measured["healthy"].mean()
        cured = [
            max(measured[f"{cause}/{cure}".replace(" ", "_")].mean() for cure in ("more units", "less penalty", "more features"))
            >= healthy - 0.03
            for cause in CAUSES
        ]
        return "holds" if all(cured) else "depends" if any(cured) else "fails as stated"

    def plot(self, figure: Figure, measured: dict[str, np.ndarray], lang: str) -> None:
        axes = figure.add_subplot()
        zh = {
            "too small": "网络太小", "too much decay": "衰减太强", "lr too low": "学习率太低", "too few steps": "步数太少", "unscaled inputs": "输入未缩放",
            "none": "无", "more units": "更多单元", "less penalty": "减弱惩罚", "more features": "更多特征", "higher lr": "更高学习率",
            "longer training": "更长训练", "scaled inputs": "缩放输入",
        }  # fmt: skip
        cures = ("none", *CURES)
        table = np.array([[measured[f"{cause}/{cure}".replace(" ", "_")].mean() for cure in cures] for cause in CAUSES])
        axes.imshow(table, vmin=0.5, vmax=1, cmap="cividis", aspect="auto")
        for i, row in enumerate(table):
            for j, value in enumerate(row):
                axes.text(j, i, f"{value:.2f}", ha="center", va="center", color="black" if value > 0.75 else "white")
        axes.set_xticks(range(len(cures)), [zh[c] if lang == "zh" else c for c in cures], rotation=30, ha="right")
        axes.set_yticks(range(len(CAUSES)), [zh[c] if lang == "zh" else c for c in CAUSES])


@dataclass(frozen=True)
class EachCauseHasItsOwnCure(Claim):
    """Test accuracy of each cause untreated and under the one cure that undoes it.

    ## The set-up
    The same table; the pairs small/more units, decay/less penalty, lr/higher lr, steps/longer training, scale/scaled inputs.
    ## Why
    Find the cause first: each fault leaves other traces (update ratio, weight norm, input statistics, slope of the loss at the end).
    """

    rows = ("S4-55",)
    experiment = "X48"
    statement = Text(
        "Each cause of underfitting has a cure of its own, which restores the healthy result.",
        "欠拟合的每种原因都有自己的对策，可恢复到正常结果。",
    )
    rule = Text(
        "Holds if each cause costs at least 0.05 of accuracy and its own cure comes within 0.02 of the healthy training.",
        "若每种原因都使准确率下降至少 0.05，而各自的对策都能恢复到与健康训练相差 0.02 以内，则成立。",
    )
    seeds = 3

    def measure(self, seed: int) -> dict[str, float]:
        table = accuracies(seed)
        pairs = dict(zip(CAUSES, ("more units", "less penalty", "higher lr", "longer training", "scaled inputs"), strict=True))
        measured = {"healthy": table["healthy"]["none"]}
        for cause, cure in pairs.items():
            measured[f"{cause}_untreated".replace(" ", "_")] = table[cause]["none"]
            measured[f"{cause}_treated".replace(" ", "_")] = table[cause][cure]
        return measured

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        healthy = measured["healthy"].mean()
        spoilt = all(v.mean() <= healthy - 0.05 for k, v in measured.items() if k.endswith("_untreated"))
        cured = all(v.mean() >= healthy - 0.02 for k, v in measured.items() if k.endswith("_treated"))
        return "holds" if spoilt and cured else "fails as stated"


def _recipe(seed: int, width: int) -> Training:
    import torch
    from torch import nn

    from unstuck.training import Training

    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(768, 4, generator=generator)
    y = ((x**2).sum(1) > 3.357).long()  # the median: half of the samples
    torch.manual_seed(seed)
    model = nn.Sequential(nn.Linear(4, width), nn.Tanh(), nn.Linear(width, 2))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.03)
    batches = [(x[i : i + 64], y[i : i + 64]) for i in range(0, 512, 64)]
    return Training([model], [optimizer], nn.CrossEntropyLoss(), batches, (x[512:], y[512:]), seed=seed)


@dataclass(frozen=True)
class TooSmallANetIsSeen(Claim):
    """Does `underfitting` fire on a net of one hidden unit on a sphere, stay silent on one of 64, and what do more units give?

    ## The set-up
    Inside or outside of a sphere in 4 dimensions, MLP 4-1-2 and 4-64-2, Adam, `steps` steps, watched.
    ## Why
    The loss stands at a high level although the weights move and gradients reach all layers.
    """

    rows = ("S4-55",)
    statement = Text(
        "A net that is too small can be told from the run: poor on training data, while the weights do move.",
        "网络太小可以从训练过程看出：训练集上也差，而权重确实在更新。",
    )
    rule = Text(
        "Holds if `underfitting` is found in each small net and in no large one, whose accuracy is at least 0.2 higher.",
        "若每个小网络都报告 `underfitting`，大网络都不报告且准确率高出 0.2 以上，则成立。",
    )
    seeds = 2
    steps: int = 240

    def measure(self, seed: int) -> dict[str, float]:
        from unstuck import lab

        measured = {}
        for name, width in (("small", 1), ("large", 64)):
            made: list[Training] = []

            def build(seed: int, width: int = width, made: list[Training] = made) -> Training:
                made.append(_recipe(seed, width))
                return made[0]

            measured[f"fires_{name}"] = float("underfitting" in lab.findings(lab.observed(build, seed, self.steps)))
            training = made[0]
            measured[f"accuracy_{name}"] = float((training.validate().argmax(1) == training.validation[1]).double().mean())
        return measured

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        seen = measured["fires_small"].min() == 1 and measured["fires_large"].max() == 0
        return "holds" if seen and (measured["accuracy_large"] - measured["accuracy_small"]).min() >= 0.2 else "fails as stated"
