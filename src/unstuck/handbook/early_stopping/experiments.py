"""Early stopping: when it pays, what the training loss cannot tell, and how near it is to an L2 penalty."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from unstuck.lab import Claim, Verdict
from unstuck.records import Text

if TYPE_CHECKING:
    import torch
    from matplotlib.figure import Figure


def spiral(count: int, noise_features: int, generator: torch.Generator) -> tuple[torch.Tensor, torch.Tensor]:
    """Two noisy spiral arms in the first two of `2 + noise_features` coordinates, and their labels."""
    import torch

    labels = torch.randint(0, 2, (count,), generator=generator)
    radius = torch.rand(count, generator=generator)
    angle = 4.0 * radius + torch.pi * labels
    arms = torch.stack([radius * angle.cos(), radius * angle.sin()], 1) * 2
    arms = arms + 0.15 * torch.randn(count, 2, generator=generator)
    return torch.cat([arms, torch.randn(count, noise_features, generator=generator)], 1), labels


@cache
def history(seed: int, count: int, width: int, steps: int, every: int) -> dict[str, np.ndarray]:
    """Losses and accuracies of one long training, every `every` steps [steps // every + 1]."""
    import torch
    from torch import nn
    from torch.nn import functional

    torch.manual_seed(seed)
    generator = torch.Generator().manual_seed(seed)
    parts = {"train": spiral(count, 20, generator), "validation": spiral(count, 20, generator), "test": spiral(2000, 20, generator)}
    model = nn.Sequential(nn.Linear(22, width), nn.ReLU(), nn.Linear(width, 2))
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    seen: dict[str, list[float]] = {f"{part}.{what}": [] for part in parts for what in ("loss", "accuracy")}
    for step in range(steps + 1):
        if step % every == 0:
            with torch.no_grad():
                for part, (inputs, labels) in parts.items():
                    logits = model(inputs)
                    seen[f"{part}.loss"].append(functional.cross_entropy(logits, labels).item())
                    seen[f"{part}.accuracy"].append((logits.argmax(1) == labels).double().mean().item())
        optimizer.zero_grad()
        functional.cross_entropy(model(parts["train"][0]), parts["train"][1]).backward()
        optimizer.step()
    return {name: np.array(values) for name, values in seen.items()}


@dataclass(frozen=True)
class StoppingEarlyLowersTheTestLoss(Claim):
    """Test loss of a small net on noisy data at the step with the best validation loss and at the last step.

    ## The set-up
    200 training points of a two-arm spiral with 20 features of pure noise, one hidden layer of 128 ReLU units, full-batch Adam. The step is
    chosen on 200 validation points; both losses are read on 2000 test points that nobody looked at.
    ## Why
    The validation loss turns up as soon as further fitting raises confidence in the noise more than it improves the signal.
    """

    rows = ("S1-44",)
    experiment = "X26"
    statement = Text(
        "Stopping at the best validation loss gives a lower test loss than training on.",
        "在验证损失最低处停止，测试损失低于继续训练。",
    )
    rule = Text(
        "Holds if the test loss at the chosen step is at most 0.9 times the last one in every repeat.",
        "若每次重复中所选步的测试损失都不超过最后一步的 0.9 倍，则成立。",
    )
    seeds = 8

    quick = {"steps": 150}

    count: int = 200
    width: int = 128
    steps: int = 300

    def measure(self, seed: int) -> dict[str, float]:
        """Losses at both steps."""
        seen = history(seed, self.count, self.width, self.steps, 5)
        best = int(seen["validation.loss"].argmin())
        return {
            "stopped_step": 5.0 * best,
            "stopped_loss": float(seen["test.loss"][best]),
            "last_loss": float(seen["test.loss"][-1]),
            "train_loss_at_stop": float(seen["train.loss"][best]),
            "train_loss_last": float(seen["train.loss"][-1]),
        }

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        """The rule."""
        return "holds" if (measured["stopped_loss"] <= 0.9 * measured["last_loss"]).all() else "fails as stated"

    def plot(self, figure: Figure, measured: dict[str, np.ndarray], lang: str) -> None:
        """Three loss curves of the first repeat, and the step chosen."""
        seen = history(0, self.count, self.width, self.steps, 5)
        axes = figure.subplots()
        steps = 5 * np.arange(len(seen["train.loss"]))
        names = {"train": ("training", "训练"), "validation": ("validation", "验证"), "test": ("test", "测试")}
        for (part, (en, zh)), style in zip(names.items(), ("-", "--", ":"), strict=True):
            axes.plot(steps, seen[f"{part}.loss"], style, label=zh if lang == "zh" else en)
        stop = 5 * int(seen["validation.loss"].argmin())
        axes.axvline(stop, color="0.4", lw=1)
        axes.annotate(
            "停止点" if lang == "zh" else "stop here", (stop, axes.get_ylim()[1] * 0.9), xytext=(6, 0), textcoords="offset points"
        )
        axes.set_xlabel("步数" if lang == "zh" else "step")
        axes.set_ylabel("交叉熵（nat）" if lang == "zh" else "cross entropy (nats)")
        axes.legend()


@dataclass(frozen=True)
class StoppingEarlyRaisesTheAccuracy(Claim):
    """Test accuracy at the step with the best validation loss against the last step of the same run.

    ## The set-up
    The runs of `stopping-early-lowers-the-test-loss`.
    ## Why
    The loss punishes overconfidence, the accuracy does not: a net can grow worse calibrated while its decisions stay as good.
    """

    rows = ("S1-44",)
    experiment = "X26"
    statement = Text(
        "Stopping at the best validation loss also gives the better test accuracy.",
        "在验证损失最低处停止，测试准确率也更高。",
    )
    rule = Text(
        "Holds if the mean gain in accuracy is at least 0.01 and more than two standard errors; fails as stated otherwise.",
        "若准确率的平均增益不小于 0.01 且超过两个标准误，则成立；否则按原话不成立。",
    )
    seeds = 8

    quick = {"steps": 150}

    count: int = 200
    width: int = 128
    steps: int = 300

    def measure(self, seed: int) -> dict[str, float]:
        """Accuracies at both steps, and the best along the way (which nobody could have chosen)."""
        seen = history(seed, self.count, self.width, self.steps, 5)
        best = int(seen["validation.loss"].argmin())
        accuracy = seen["test.accuracy"]
        return {"stopped": float(accuracy[best]), "last": float(accuracy[-1]), "best_in_hindsight": float(accuracy.max())}

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        """The rule."""
        gain = measured["stopped"] - measured["last"]
        error = gain.std(ddof=1) / len(gain) ** 0.5 if len(gain) > 1 else 0.0
        return "holds" if gain.mean() >= 0.01 and gain.mean() > 2 * error else "fails as stated"


@dataclass(frozen=True)
class TheTrainingLossTellsWhenToStop(Claim):
    """Fall of the training loss from the step where the validation loss is lowest to the end of the run.

    ## The set-up
    The runs of `stopping-early-lowers-the-test-loss`; no fresh data is used.
    ## Why
    The training loss is what descent minimises, so it keeps falling; only data that was not trained on shows the turn.
    """

    rows = ("S1-44",)
    experiment = "X26"
    statement = Text(
        "One sees from the training loss when to stop: it levels off there.",
        "从训练损失就能看出何时停止：它会在那里走平。",
    )
    rule = Text(
        "Holds if the training loss falls by less than 10 % after the validation minimum in most repeats; fails as stated otherwise.",
        "若多数重复中验证损失最低点之后训练损失下降不足 10%，则成立；否则按原话不成立。",
    )
    seeds = 8

    quick = {"steps": 150}

    count: int = 200
    width: int = 128
    steps: int = 300

    def measure(self, seed: int) -> dict[str, float]:
        """Share of the training loss that falls after the turn."""
        seen = history(seed, self.count, self.width, self.steps, 5)
        best = int(seen["validation.loss"].argmin())
        return {"fall_after_the_turn": float(1 - seen["train.loss"][-1] / seen["train.loss"][best])}

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        """The rule."""
        return "holds" if np.median(measured["fall_after_the_turn"]) < 0.1 else "fails as stated"


@dataclass(frozen=True)
class StoppingEarlyIsAnL2Penalty(Claim):
    """Shrinkage and risk of gradient descent stopped at step t, against ridge regression with strength 1 / (lr t).

    ## The set-up
    Least squares, 60 samples, 40 features whose variances fall from 1 to 1e-3, noise of standard deviation 1, descent from zero. Along each
    direction of the data with curvature h the fit keeps the share 1 - (1 - lr h)^t, ridge keeps h / (h + strength). The exact expected error
    over the noise is compared at the best point of either path.
    ## Why
    Both keep the directions of large curvature and suppress those of small curvature; the two curves are alike but not the same.
    """

    rows = ("S1-44",)
    statement = Text(
        "For a quadratic loss, stopping after t steps is L2 regularisation of strength 1 / (lr t).",
        "对二次损失，走 t 步后停止就是强度为 1/(lr·t) 的 L2 正则。",
    )
    rule = Text(
        "Holds if the shares kept differ by less than 0.05 everywhere; depends if they differ more but the best errors agree within 15 %.",
        "若保留比例处处相差小于 0.05，则成立；若相差更大但最优误差相差在 15% 以内，则视情况而定。",
    )
    depends = Text(
        "depends on what is compared: not the same solutions, but nearly the same best error",
        "取决于比较什么：解并不相同，但最优误差几乎一样",
    )
    seeds = 20

    samples: int = 60
    features: int = 40

    def measure(self, seed: int) -> dict[str, float]:
        """Largest difference of the shares kept, and best errors over both paths."""
        random = np.random.default_rng(seed)
        scales = np.logspace(0, -1.5, self.features)
        inputs = random.standard_normal((self.samples, self.features)) * scales
        truth = random.standard_normal(self.features)
        _, singular, right = np.linalg.svd(inputs, full_matrices=False)
        curvature = singular**2 / self.samples  # [features], Hessian eigenvalues
        signal = right @ truth
        rate = 0.5 / curvature.max()
        steps = np.unique(np.logspace(0, 5, 200).astype(int))
        stopped = 1 - (1 - rate * curvature) ** steps[:, None]  # [steps, features]
        ridge = curvature / (curvature + 1 / (rate * steps[:, None]))

        def error(kept: np.ndarray) -> np.ndarray:
            """Expected in-sample error: bias plus variance, per step."""
            return (curvature * (1 - kept) ** 2 * signal**2 + kept**2 / self.samples).sum(1)

        return {
            "largest_gap_of_shares": float(np.abs(stopped - ridge).max()),
            "best_error_stopped": float(error(stopped).min()),
            "best_error_ridge": float(error(ridge).min()),
            "error_without": float(error(np.ones((1, self.features)))[0]),
        }

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        """The rule."""
        if measured["largest_gap_of_shares"].max() < 0.05:
            return "holds"
        near = np.abs(measured["best_error_stopped"] / measured["best_error_ridge"] - 1).max() < 0.15
        return "depends" if near else "fails as stated"

    def plot(self, figure: Figure, measured: dict[str, np.ndarray], lang: str) -> None:
        """Both shares kept as functions of curvature times lr times t."""
        axes = figure.subplots()
        x = np.logspace(-2, 2, 200)
        axes.semilogx(x, 1 - np.exp(-x), "-", label="提前终止" if lang == "zh" else "stopped early")
        axes.semilogx(x, x / (1 + x), "--", label="L2 正则" if lang == "zh" else "L2 penalty")
        axes.set_xlabel("曲率 × 学习率 × 步数" if lang == "zh" else "curvature × lr × steps")
        axes.set_ylabel("保留的比例" if lang == "zh" else "share of the least-squares solution kept")
        axes.legend()
