"""Claims about hinge, Huber and noise: which loss suffers from wrong labels, far samples and heavy tails."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from unstuck.lab import Claim, Verdict
from unstuck.records import Text

if TYPE_CHECKING:
    from matplotlib.figure import Figure

COLOURS = {"hinge": "#E69F00", "logistic": "#0072B2", "squared": "#009E73", "exponential": "#CC79A7", "sigmoid_squared": "#D55E00"}


def _slopes(m: np.ndarray) -> dict[str, np.ndarray]:
    """Derivative of each loss by the margin m."""
    q = 1 / (1 + np.exp(np.clip(m, -500, 500)))  # probability given to the wrong side
    return {
        "hinge": -(m < 1).astype(float),
        "logistic": -q,
        "squared": 2 * (m - 1),
        "exponential": -np.exp(np.minimum(-m, 30)),
        "sigmoid_squared": -2 * q**2 * (1 - q),
    }


def trained(x: np.ndarray, y: np.ndarray, loss: str, steps: int = 400) -> np.ndarray:
    """Weights of a linear classifier after descent with a normalised, decaying step; x [n, d], y [n] of -1 and 1."""
    w, total = np.zeros(x.shape[1]), np.zeros(x.shape[1])
    for step in range(1, steps + 1):
        gradient = x.T @ (_slopes(y * (x @ w))[loss] * y) / len(y) + 1e-3 * w
        w = w - 0.3 / step**0.5 * gradient / max(np.linalg.norm(gradient), 1.0)
        if 2 * step > steps:
            total += w
    return total / (steps - steps // 2)


def _scores(seed: int, flipped: float, outliers: float) -> dict[str, float]:
    """Test accuracy on clean labels, by loss; 10 features, 300 training and 4,000 test samples."""
    rng = np.random.default_rng(seed)
    direction = rng.standard_normal(10)
    direction /= np.linalg.norm(direction)
    x = rng.standard_normal((4300, 10))
    y = np.where(x @ direction > 0, 1.0, -1.0)
    x = np.c_[x + 0.3 * y[:, None] * direction, np.ones(len(x))]  # a small gap between the classes
    train, labels = x[:300].copy(), y[:300].copy()
    labels[rng.random(300) < flipped] *= -1
    far = rng.random(300) < outliers
    train[far, :10] *= 20
    labels[far] *= -1
    return {name: float((np.sign(x[300:] @ trained(train, labels, name)) == y[300:]).mean()) for name in COLOURS}


@dataclass(frozen=True)
class HingeIsSensitiveToNoise(Claim):
    """Clean test accuracy of a linear classifier by loss, with none and with `flipped` of the training labels turned over.

    ## The set-up
    300 training samples, 10 features, labels given by a plane; hinge, logistic, squared, exponential and squared error after a sigmoid; averaged
    gradient descent.
    ## Why
    For a wrong label the true margin is far below 0; what the sample pulls with there is the slope: -1 for hinge and logistic, growing for
    squared and exponential, falling back to 0 for the bounded sigmoid loss.
    """

    rows = ("S4-26",)
    experiment = "X41"
    statement = Text(
        "The hinge loss punishes samples more the more wrong they are, and is therefore sensitive to noise.",
        "合页损失对错误越大的样本惩罚越大，因此对噪声敏感。",
    )
    rule = Text(
        "Holds if under noise hinge loses at least 0.01 more accuracy than logistic, squared or exponential loss (each) by the mean over seeds.",
        "若在噪声下合页损失的准确率下降比逻辑、平方、指数损失（逐一）都多 0.01 以上（种子均值），则成立。",
    )
    flipped: float = 0.3  # share of the labels, 0..1
    seeds = 10

    def measure(self, seed: int) -> dict[str, float]:
        clean, noisy = _scores(seed, 0.0, 0.0), _scores(seed, self.flipped, 0.0)
        return {f"{n}_clean": v for n, v in clean.items()} | {f"{n}_noisy": v for n, v in noisy.items()}

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        lost = {n: (measured[f"{n}_clean"] - measured[f"{n}_noisy"]).mean() for n in COLOURS}
        return "holds" if all(lost["hinge"] >= lost[n] + 0.01 for n in ("logistic", "squared", "exponential")) else "fails as stated"


@dataclass(frozen=True)
class FarOutliersHurtUnboundedSlopes(Claim):
    """Clean test accuracy by loss when a few training samples are 20 times as far out and wrongly labelled.

    ## The set-up
    As in `hinge-is-sensitive-to-noise`, no flips, but `outliers` of the samples scaled by 20 with the wrong label.
    ## Why
    The pull of a sample is slope times distance. A loss with constant slope pulls 20 times as hard, the squared loss 400 times, a bounded one
    not at all.
    """

    rows = ("S4-26",)
    experiment = "X41"
    statement = Text(
        "What hurts with gross outliers is a slope that grows with the error; a bounded loss is hardly touched.",
        "遇到严重离群点时，受害的是斜率随误差增长的损失；有界损失几乎不受影响。",
    )
    rule = Text(
        "Holds if the squared loss ends at least 0.02 below the bounded sigmoid loss, and that one loses at most 0.05 against clean data.",
        "若平方损失比有界的 sigmoid 损失低 0.02 以上，且后者与干净数据相比下降不超过 0.05，则成立。",
    )
    outliers: float = 0.05  # share of the samples, 0..1
    seeds = 10

    def measure(self, seed: int) -> dict[str, float]:
        clean, spoilt = _scores(seed, 0.0, 0.0), _scores(seed, 0.0, self.outliers)
        return {f"{n}_clean": v for n, v in clean.items()} | {f"{n}_outliers": v for n, v in spoilt.items()}

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        bounded = measured["sigmoid_squared_outliers"].mean()
        small_loss = measured["sigmoid_squared_clean"].mean() - bounded <= 0.05
        return "holds" if small_loss and bounded - measured["squared_outliers"].mean() >= 0.02 else "fails as stated"


@dataclass(frozen=True)
class ChoosingTheNormalIsHardlyEverWrong(Claim):
    """Error of the slopes of a linear regression fitted by squared, Huber and absolute loss, under normal and under heavy-tailed noise.

    ## The set-up
    200 samples, 3 features, noise from N(0, 1), Laplace(1) or Student's t with `freedom` degrees of freedom; reweighted least squares,
    Huber's limit 1.345.
    ## Why
    Squared error is the likelihood of normal noise. Under a distribution without variance one sample may decide the fit.
    """

    rows = ("S4-14",)
    experiment = "X42"
    statement = Text(
        "If nothing is known, choosing the normal distribution is hardly ever wrong.",
        "缺乏先验知识时，默认选择正态分布一般不会出错。",
    )
    rule = Text(
        "Holds if squared error is at most 1.2 times as far off as Huber under all three noises; fails if never; otherwise it depends.",
        "若三种噪声下平方误差的偏差都不超过 Huber 的 1.2 倍，则成立；都超过则不成立；否则视情况而定。",
    )
    depends = Text("depends on the tails of the noise", "取决于噪声的尾部")
    freedom: float = 1.5
    seeds = 30

    def measure(self, seed: int) -> dict[str, float]:
        rng = np.random.default_rng(seed)
        x = np.c_[rng.standard_normal((200, 3)), np.ones(200)]
        truth = np.array([1.0, -2.0, 0.5, 0.0])
        noises = {"normal": rng.standard_normal(200), "laplace": rng.laplace(size=200), "student": rng.standard_t(self.freedom, 200)}
        measured = {}
        for noise, values in noises.items():
            y = x @ truth + values
            for loss in ("squared", "huber", "absolute"):
                w = np.linalg.lstsq(x, y, rcond=None)[0]
                for _ in range(60 if loss != "squared" else 0):
                    error = abs(y - x @ w)
                    limit = 1.345 * np.median(error) / 0.6745 if loss == "huber" else 1e-4
                    weight = np.minimum(1, limit / np.maximum(error, 1e-12))
                    w = np.linalg.solve((x * weight[:, None]).T @ x, x.T @ (weight * y))
                measured[f"{loss}_{noise}"] = float(np.linalg.norm((w - truth)[:3]))
        return measured

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        good = [measured[f"squared_{n}"].mean() <= 1.2 * measured[f"huber_{n}"].mean() for n in ("normal", "laplace", "student")]
        return "holds" if all(good) else "depends" if any(good) else "fails as stated"

    def plot(self, figure: Figure, measured: dict[str, np.ndarray], lang: str) -> None:
        axes = figure.add_subplot()
        zh = lang == "zh"
        noises = {
            "normal": "正态" if zh else "normal",
            "laplace": "拉普拉斯" if zh else "Laplace",
            "student": "学生 t" if zh else "Student's t",
        }
        losses = {"squared": "平方" if zh else "squared", "huber": "Huber", "absolute": "绝对值" if zh else "absolute"}
        for i, ((name, label), colour) in enumerate(zip(losses.items(), ("#D55E00", "#0072B2", "#009E73"), strict=True)):
            axes.bar(np.arange(3) + 0.27 * (i - 1), [measured[f"{name}_{n}"].mean() for n in noises], 0.25, color=colour, label=label)
        axes.set_xticks(range(3), list(noises.values()))
        axes.set_ylabel("斜率误差" if zh else "error of the slopes")
        axes.legend()


@dataclass(frozen=True)
class OnlySupportVectorsCount(Claim):
    """Share of the training samples that have a gradient at the end, and test accuracy, for hinge and for logistic loss.

    ## The set-up
    Clean data of `hinge-is-sensitive-to-noise`: a sample counts if the slope of its loss is above 1e-3 in absolute value.
    ## Why
    Hinge is exactly flat beyond margin 1: such samples may be removed and the solution stays. Logistic loss is never flat.
    """

    rows = ("S4-25",)
    statement = Text(
        "Classification uses cross-entropy, the SVM the hinge loss: only samples within the margin (support vectors) pull.",
        "分类用交叉熵，SVM 用合页损失：后者只有间隔以内的样本（支持向量）起作用。",
    )
    rule = Text(
        "Holds if hinge has a gradient on fewer than 60 % of the samples, logistic loss on over 90 %, and their accuracies differ by at most 0.02.",
        "若合页损失只在不到 60 % 的样本上有梯度，逻辑损失在 90 % 以上的样本上有，且二者准确率相差不超过 0.02，则成立。",
    )

    def measure(self, seed: int) -> dict[str, float]:
        rng = np.random.default_rng(seed)
        y = np.where(rng.random(2300) < 0.5, 1.0, -1.0)
        x = np.c_[rng.standard_normal((2300, 10)) + 0.5 * y[:, None], np.ones(2300)]
        measured = {}
        for name in ("hinge", "logistic"):
            w = trained(x[:300], y[:300], name)
            slopes = _slopes(y[:300] * (x[:300] @ w))[name]
            measured[f"share_pulling_{name}"] = float((abs(slopes) > 1e-3).mean())
            measured[f"accuracy_{name}"] = float((np.sign(x[300:] @ w) == y[300:]).mean())
        return measured

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        few = measured["share_pulling_hinge"].mean() < 0.6 and measured["share_pulling_logistic"].mean() > 0.9
        return "holds" if few and abs(measured["accuracy_hinge"] - measured["accuracy_logistic"]).mean() <= 0.02 else "fails as stated"
