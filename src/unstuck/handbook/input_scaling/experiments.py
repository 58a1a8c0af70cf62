"""Claims about the scale of the inputs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from unstuck.lab import Claim, Verdict
from unstuck.phenomenon import Phenomenon, half_moons, plain_net, training_on
from unstuck.records import Text

if TYPE_CHECKING:
    import torch
    from matplotlib.figure import Figure

    from unstuck.training import Training


def _moons(n: int) -> tuple[torch.Tensor, torch.Tensor]:
    import torch

    labels = torch.arange(n) % 2
    angle, sign = torch.rand(n) * torch.pi, 1 - 2 * labels
    inputs = torch.stack([angle.cos() * sign + labels, angle.sin() * sign + 0.5 * labels], 1)
    return inputs + 0.1 * torch.randn(n, 2), labels


def _accuracy_after(inputs: torch.Tensor, labels: torch.Tensor, seed: int, optimizer_name: str, lr: float, steps: int) -> float:
    import torch
    from torch import nn

    torch.manual_seed(seed)
    model = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 2))
    optimizer = getattr(torch.optim, optimizer_name)(model.parameters(), lr=lr)
    for _ in range(steps):
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(inputs), labels).backward()
        optimizer.step()
    with torch.no_grad():
        return float((model(inputs).argmax(1) == labels).float().mean())


@dataclass(frozen=True)
class RawPixelsTrainAsWell(Claim):
    """Training accuracy on two moons in units of 0 to 255 and standardised, with SGD and with Adam.

    ## The set-up
    Two hidden ReLU layers of 32, 256 points times `scale`, `steps` full-batch steps of SGD lr 0.1 and of Adam lr 0.003; the same seeds and steps.
    ## Why
    The first layer's gradient and the curvature grow with the scale, the curvature with its square: a rate that fits standardised data is about
    65,000 times too large. Adam's step does not depend on the gradient's size, but the function still reacts 255 times as strongly to it.
    """

    rows = ("S3-10",)
    experiment = "X48"
    statement = Text("Scaling the inputs is cosmetic: the network learns the scale itself.", "输入缩放只是表面功夫，网络自己会学会尺度。")
    rule = Text(
        "Holds if raw inputs reach an accuracy within 0.02 of standardised ones with SGD and with Adam in every repeat; fails as stated if with neither; depends otherwise.",
        "若 SGD 与 Adam 下原始输入的准确率每次都与标准化后相差 0.02 以内则成立；若都不如此则不成立；否则视情况而定。",
    )
    depends = Text("depends on the optimizer", "取决于优化器")

    scale: float = 255.0
    steps: int = 150
    seeds = 3
    quick = {"steps": 80}

    def measure(self, seed: int) -> dict[str, float]:
        import torch

        torch.manual_seed(seed)
        points, labels = _moons(256)
        found = {}
        for name, inputs in (("raw", points * self.scale), ("standardised", (points - points.mean(0)) / points.std(0))):
            found[f"accuracy_sgd_{name}"] = _accuracy_after(inputs, labels, seed, "SGD", 0.1, self.steps)
            found[f"accuracy_adam_{name}"] = _accuracy_after(inputs, labels, seed, "Adam", 0.003, self.steps)
        return found

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        good = [bool((measured[f"accuracy_{o}_raw"] > measured[f"accuracy_{o}_standardised"] - 0.02).all()) for o in ("sgd", "adam")]
        return "holds" if all(good) else "depends" if any(good) else "fails as stated"


@dataclass(frozen=True)
class AdamMakesScalingUnnecessary(Claim):
    """Accuracy with Adam when one of two features is measured in units a thousand times as small.

    ## The set-up
    Two moons with the second feature times `factor`, raw and standardised; two hidden ReLU layers of 32, Adam lr 0.003, `steps` full-batch steps.
    ## Why
    Adam equalises the sizes of the weights' steps, not of the features: at the start every unit sees the large feature only, and the small one
    would need weights `factor` times as large, built at 0.003 per step.
    """

    rows = ("S3-10",)
    experiment = "X48"
    statement = Text(
        "Adam adapts the rate per parameter, so scaling the inputs is unnecessary.", "Adam 会逐参数调整学习率，因此不必缩放输入。"
    )
    rule = Text(
        "Holds if the accuracy on raw features is within 0.02 of that on standardised ones in every repeat; fails as stated if it is lower by more than 0.02 in every repeat.",
        "若每次原始特征的准确率与标准化后相差 0.02 以内则成立；若每次都低 0.02 以上则不成立。",
    )
    depends = Text("depends on the seed", "取决于随机种子")

    factor: float = 1000.0
    steps: int = 150
    seeds = 3
    quick = {"steps": 80}

    def measure(self, seed: int) -> dict[str, float]:
        import torch

        torch.manual_seed(seed)
        points, labels = _moons(256)
        raw = points * torch.tensor([1.0, self.factor])
        return {
            "accuracy_raw": _accuracy_after(raw, labels, seed, "Adam", 0.003, self.steps),
            "accuracy_standardised": _accuracy_after((raw - raw.mean(0)) / raw.std(0), labels, seed, "Adam", 0.003, self.steps),
        }

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        lost = measured["accuracy_standardised"] - measured["accuracy_raw"]
        return "holds" if lost.max() <= 0.02 else "fails as stated" if lost.min() > 0.02 else "depends"


@dataclass(frozen=True)
class StepsGrowWithTheSquareOfTheScale(Claim):
    """Steps of gradient descent on a regression whose second feature is 1, 3, 10 and 30 times the first.

    ## The set-up
    Two independent centred features, no noise, lr 1 / largest eigenvalue, steps until both weights are within 1 % of the truth; the slope of
    log(steps) over log(scale) from 3 to 30.
    ## Why
    The Hessian is E[x x^T] = diag(1, s^2): the rate is bound by s^2, the slow direction needs s^2 ln(100) steps.
    """

    rows = ("S3-10",)
    experiment = "X48"
    statement = Text(
        "With features of different scale, gradient descent needs steps in proportion to the square of the ratio of the scales.",
        "特征尺度不同时，梯度下降所需步数与尺度之比的平方成正比。",
    )
    rule = Text("Holds if the slope lies between 1.8 and 2.2 in every repeat.", "若每次斜率都在 1.8 与 2.2 之间则成立。")

    def measure(self, seed: int) -> dict[str, float]:
        stream = np.random.default_rng(seed)
        features = stream.standard_normal((500, 2))
        features -= features.mean(0)
        found = {}
        for scale in (1, 3, 10, 30):
            hessian = (features * [1, scale]).T @ (features * [1, scale]) / 500
            rate = 1 / np.linalg.eigvalsh(hessian)[-1]
            truth = np.array([1.0, 1.0 / scale])
            error, steps = -truth, 0
            while (np.abs(error) > 0.01 * np.abs(truth)).any() and steps < 100_000:
                error = error - rate * hessian @ error
                steps += 1
            found[f"steps_scale_{scale}"] = float(steps)
        found["slope"] = float(np.log(found["steps_scale_30"] / found["steps_scale_3"]) / np.log(10))
        return found

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        slope = measured["slope"]
        return "holds" if slope.min() > 1.8 and slope.max() < 2.2 else "fails as stated"

    def plot(self, figure: Figure, measured: dict[str, np.ndarray], lang: str) -> None:
        axes, scales = figure.subplots(), np.array([1, 3, 10, 30])
        steps = np.array([np.median(measured[f"steps_scale_{s}"]) for s in scales])
        axes.loglog(scales, steps, "o-", label="实测" if lang == "zh" else "measured")
        axes.loglog(scales, steps[-1] * (scales / 30) ** 2, "--", label="$s^2$")
        axes.set_xlabel("一个特征的尺度 s" if lang == "zh" else "scale s of one feature")
        axes.set_ylabel("所需步数" if lang == "zh" else "steps needed")
        axes.legend()


@dataclass(frozen=True)
class UnscaledInputsAreSeenAndCured(Phenomenon):
    """Raw inputs, standardised ones, and the former under `standardise-inputs`.

    ## The set-up
    Two moons, two hidden ReLU layers of 32, SGD lr 0.05 with momentum 0.9. Faulty: inputs times 255 plus 500.
    ## Why
    The rule reads mean and standard deviation of the first tensor that enters the model.
    """

    rows = ("S3-10",)
    fault = Text("Inputs in raw units", "未缩放的输入")
    sees = ("inputs-not-normalised",)
    remedies = ("standardise-inputs",)

    steps: int = 60

    def faulty(self, seed: int) -> Training:
        return self.net(seed, 255.0, 500.0)

    def healthy(self, seed: int) -> Training:
        return self.net(seed, 1.0, 0.0)

    @staticmethod
    def net(seed: int, scale: float, offset: float) -> Training:
        """The moons, scaled and moved."""
        import torch

        torch.manual_seed(seed)
        x, y = half_moons(seed, 400)
        return training_on(plain_net([2, 32, 32, 2], torch.nn.ReLU), (x * scale + offset, y), lr=0.05, seed=seed)


@dataclass(frozen=True)
class MissingValuesWrittenAsNumbersAreSeenAndCured(Phenomenon):
    """A feature whose missing values stand as -9999, the clean one, and the former under `standardise-inputs`.

    ## The set-up
    Two moons and a third feature of noise; in a tenth of the samples it is -9999. SGD lr 0.05 with momentum 0.9.
    ## Why
    One repeated value far from all others is no measurement. Standardising makes it bearable; the right cure is to fill or to flag it.
    """

    rows = ("S3-10",)
    fault = Text("A missing value written as -9999", "以 -9999 表示的缺失值")
    sees = ("bad-input-values",)
    remedies = ("standardise-inputs",)

    steps: int = 60

    def faulty(self, seed: int) -> Training:
        return self.net(seed, 0.1)

    def healthy(self, seed: int) -> Training:
        return self.net(seed, 0.0)

    @staticmethod
    def net(seed: int, missing: float) -> Training:
        """Trained with that share of the third feature missing."""
        import torch

        torch.manual_seed(seed)
        generator = torch.Generator().manual_seed(seed)
        x, y = half_moons(seed, 400)
        third = torch.randn(400, 1, generator=generator)
        third[torch.rand(400, generator=generator) < missing] = -9999.0
        return training_on(plain_net([3, 32, 32, 2], torch.nn.ReLU), (torch.cat([x, third], 1), y), lr=0.05, seed=seed)
