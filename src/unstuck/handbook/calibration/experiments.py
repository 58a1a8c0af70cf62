"""Claims about probabilities: what a softmax or sigmoid output is worth as one, and how to mend it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from unstuck.lab import Claim, Verdict
from unstuck.records import Text

if TYPE_CHECKING:
    from matplotlib.figure import Figure

BINS = 15  # of confidence; Guo et al. 2017 use 15


def calibration_error(confidence: np.ndarray, right: np.ndarray) -> float:
    """Expected calibration error: mean over samples of |accuracy - confidence| of their bin."""
    index = np.minimum((confidence * BINS).astype(int), BINS - 1)
    return float(sum(abs((right[index == b] - confidence[index == b]).sum()) for b in range(BINS)) / len(right))


@cache
def logits_of_overfitted_net(seed: int, steps: int, flipped: float) -> tuple[np.ndarray, ...]:
    """Logits and labels of held-out samples: validation [400, 2], [400]; test [4000, 2], [4000]."""
    import torch
    from torch import nn

    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(4700, 10, generator=generator)
    y = (x[:, 0] * x[:, 1] + x[:, 2] > 0).long()
    y = torch.where(torch.rand(len(y), generator=generator) < flipped, 1 - y, y)
    torch.manual_seed(seed)
    model = nn.Sequential(nn.Linear(10, 128), nn.ReLU(), nn.Linear(128, 128), nn.ReLU(), nn.Linear(128, 2))
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    for _ in range(steps):
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(x[:300]), y[:300]).backward()
        optimizer.step()
    with torch.no_grad():
        z = model(x).double().numpy()
    return z[300:700], y[300:700].numpy(), z[700:], y[700:].numpy()


def _softmax(z: np.ndarray) -> np.ndarray:
    z = np.exp(z - z.max(1, keepdims=True))
    return z / z.sum(1, keepdims=True)


def _score(z: np.ndarray, y: np.ndarray) -> tuple[float, float, float, float]:
    """Accuracy, mean confidence, calibration error, negative log-likelihood."""
    p = _softmax(z)
    right = p.argmax(1) == y
    nll = -np.log(np.maximum(p[np.arange(len(y)), y], 1e-300)).mean()
    return float(right.mean()), float(p.max(1).mean()), calibration_error(p.max(1), right.astype(float)), float(nll)


@dataclass(frozen=True)
class SoftmaxOutputsAreProbabilities(Claim):
    """Accuracy against mean confidence on unseen samples, and the calibration error, of an overfitted net.

    ## The set-up
    An MLP 10-128-128-2 on 300 samples of a product rule with `flipped` of the labels turned over, `steps` full-batch Adam steps; 4,000 test
    samples. Expected calibration error over 15 bins of confidence.
    ## Why
    Cross-entropy goes on falling when logits of memorised samples grow, and on unseen samples the same large logits are certainty without cover.
    """

    rows = ("S2-60", "S4-18")
    statement = Text(
        "The outputs of a softmax layer are the probabilities of the classes.",
        "softmax 层的输出就是样本属于各类别的概率。",
    )
    rule = Text(
        "Holds if the calibration error on test samples is at most 0.05 in the mean over seeds; otherwise it fails as stated.",
        "若测试集上的校准误差（ECE，对种子取均值）不超过 0.05，则成立；否则按原话不成立。",
    )
    steps: int = 300
    flipped: float = 0.1  # share of the labels, 0..1

    def measure(self, seed: int) -> dict[str, float]:
        _, _, z, y = logits_of_overfitted_net(seed, self.steps, self.flipped)
        p = _softmax(z)
        accuracy, confidence, error, nll = _score(z, y)
        measured = {
            "accuracy": accuracy,
            "confidence": confidence,
            "calibration_error": error,
            "nll": nll,
            "sum_error": float(abs(p.sum(1) - 1).max()),
        }
        index = np.clip(((p.max(1) - 0.5) * 10).astype(int), 0, 4)
        for b in range(5):
            chosen = index == b
            measured[f"confidence_bin{b}"] = float(p.max(1)[chosen].mean()) if chosen.any() else float("nan")
            measured[f"accuracy_bin{b}"] = float((p.argmax(1) == y)[chosen].mean()) if chosen.any() else float("nan")
        return measured

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        return "holds" if measured["calibration_error"].mean() <= 0.05 else "fails as stated"

    def plot(self, figure: Figure, measured: dict[str, np.ndarray], lang: str) -> None:
        axes = figure.add_subplot()
        zh = lang == "zh"
        confidence = [np.nanmean(measured[f"confidence_bin{b}"]) for b in range(5)]
        accuracy = [np.nanmean(measured[f"accuracy_bin{b}"]) for b in range(5)]
        axes.plot([0.5, 1], [0.5, 1], color="black", linestyle="--", label="完全校准" if zh else "perfectly calibrated")
        axes.plot(confidence, accuracy, "o-", color="#D55E00", label="过拟合网络" if zh else "overfitted net")
        axes.set_xlabel("置信度" if zh else "confidence")
        axes.set_ylabel("准确率" if zh else "accuracy")
        axes.legend()


@dataclass(frozen=True)
class TemperatureMendsCalibration(Claim):
    """Calibration error and accuracy of the same net after its logits are divided by one number.

    ## The set-up
    The nets of `softmax-outputs-are-probabilities`; the temperature is the one of 60 candidates with the smallest negative log-likelihood on
    400 validation samples.
    ## Why
    Dividing all logits by T > 1 keeps their order, hence every decision, and takes certainty away.
    """

    rows = ("S2-60",)
    statement = Text(
        "One temperature fitted on validation data mends the calibration and changes no decision.",
        "在验证集上拟合一个温度即可改善校准，且不改变任何判别结果。",
    )
    rule = Text(
        "Holds if the calibration error falls to less than half in the mean and accuracy stays the same in every repeat.",
        "若校准误差均值降到一半以下，且每次重复的准确率都不变，则成立。",
    )
    steps: int = 300
    flipped: float = 0.1  # share of the labels, 0..1

    def measure(self, seed: int) -> dict[str, float]:
        z_valid, y_valid, z, y = logits_of_overfitted_net(seed, self.steps, self.flipped)
        temperature = min(np.geomspace(0.3, 100, 60), key=lambda t: _score(z_valid / t, y_valid)[3])
        accuracy, _, before, nll = _score(z, y)
        accuracy_after, confidence, after, nll_after = _score(z / temperature, y)
        return {
            "temperature": float(temperature), "error_before": before, "error_after": after, "nll_before": nll, "nll_after": nll_after,
            "confidence_after": confidence, "accuracy": accuracy, "accuracy_change": accuracy_after - accuracy,
        }  # fmt: skip

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        better = measured["error_after"].mean() < 0.5 * measured["error_before"].mean()
        return "holds" if better and abs(measured["accuracy_change"]).max() == 0 else "fails as stated"


@dataclass(frozen=True)
class LogisticRegressionFitsTheProbability(Claim):
    """How far the outputs of a logistic regression are from the true probabilities, where the log-odds are linear and where they are not.

    ## The set-up
    10,000 samples in 3 dimensions, labels drawn with a known probability: log-odds linear in x, or linear plus `bend` x_0^2. Newton's method.
    ## Why
    The model says log(p / (1 - p)) = w.x + b. Maximum likelihood finds the true p if that sentence is true, else the nearest such p.
    """

    rows = ("S4-19",)
    statement = Text(
        "Linear regression fits the value y, logistic regression fits the probability of the sample.",
        "线性回归拟合输出 y，逻辑回归拟合样本的概率。",
    )
    rule = Text(
        "Holds if with linear log-odds the mean absolute error against the true probability is at most 0.02 (with bent ones it may not be).",
        "若对数几率为线性时，与真实概率的平均绝对误差不超过 0.02，则成立（对数几率弯曲时不作要求）。",
    )
    bend: float = 1.5

    def measure(self, seed: int) -> dict[str, float]:
        rng = np.random.default_rng(seed)
        x = np.c_[rng.standard_normal((10_000, 3)), np.ones(10_000)]
        measured = {}
        for name, bend in (("linear", 0.0), ("bent", self.bend)):
            p = 1 / (1 + np.exp(-(x @ [1.0, -2.0, 0.5, 0.3] + bend * x[:, 0] ** 2)))
            y = rng.random(len(p)) < p
            w = np.zeros(4)
            for _ in range(20):
                q = 1 / (1 + np.exp(-x @ w))
                w += np.linalg.solve((x * (q * (1 - q))[:, None]).T @ x, x.T @ (y - q))
            measured[f"error_{name}"] = float(abs(1 / (1 + np.exp(-x @ w)) - p).mean())
        return measured

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        return "holds" if measured["error_linear"].mean() <= 0.02 else "fails as stated"
