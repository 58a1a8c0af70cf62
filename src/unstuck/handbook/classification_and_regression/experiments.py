"""Claims about classification and regression, and the model between them: logistic regression."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from unstuck.lab import Claim, Verdict
from unstuck.records import Text

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def logistic(x: np.ndarray, y: np.ndarray, rounds: int = 30) -> np.ndarray:
    """Weights of maximum likelihood by Newton's method with a trace of ridge; x [n, d], y [n] of 0 and 1."""
    w = np.zeros(x.shape[1])
    for _ in range(rounds):
        p = 1 / (1 + np.exp(-np.clip(x @ w, -30, 30)))
        hessian = (x * (p * (1 - p))[:, None]).T @ x + 1e-3 * np.eye(len(w))
        w = w + np.linalg.solve(hessian, x.T @ (y - p) - 1e-3 * w)
    return w


@dataclass(frozen=True)
class LogisticRegressionOutputsOnlyZeroAndOne(Claim):
    """How the outputs of a fitted logistic regression are spread over (0, 1), and what the threshold of 0.5 throws away.

    ## The set-up
    1,000 samples of two overlapping Gaussians in 2 dimensions; maximum likelihood. Costs of 1 for a false alarm and 10 for a miss: the best
    threshold is 1/11.
    ## Why
    The model is p = sigmoid(w.x + b), a number between 0 and 1; the class is a decision made with it.
    """

    rows = ("S4-18", "S3-07")
    statement = Text(
        "Linear regression has continuous outputs, logistic regression can only output 0 and 1.",
        "线性回归的输出是连续值，而逻辑回归的输出只能是 0 和 1。",
    )
    rule = Text(
        "Holds if at least 99 % of the outputs are within 0.01 of 0 or 1; otherwise it fails as stated.",
        "若至少 99 % 的输出与 0 或 1 相差不超过 0.01，则成立；否则按原话不成立。",
    )

    def measure(self, seed: int) -> dict[str, float]:
        rng = np.random.default_rng(seed)
        y = (rng.random(2000) < 0.5).astype(float)
        x = np.c_[rng.standard_normal((2000, 2)) + y[:, None], np.ones(2000)]
        p = 1 / (1 + np.exp(-x @ logistic(x[:1000], y[:1000])))
        p, truth = p[1000:], y[1000:]
        cost = {t: float((((p > t) & (truth == 0)) + 10 * ((p <= t) & (truth == 1))).mean()) for t in (0.5, 1 / 11)}
        return {
            "share_at_0_or_1": float(((p < 0.01) | (p > 0.99)).mean()),
            "smallest": float(p.min()),
            "largest": float(p.max()),
            "cost_at_half": cost[0.5],
            "cost_at_best_threshold": cost[1 / 11],
        }

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        return "holds" if measured["share_at_0_or_1"].mean() >= 0.99 else "fails as stated"


@dataclass(frozen=True)
class ClassificationIsDiscreteRegressionContinuous(Claim):
    """One net body with three heads and losses: do the targets alone make the difference between classification and regression?

    ## The set-up
    Targets t = sin(2 x0) + x1 cut into `bins` classes. A linear model on 60 random features fits (a) the value, (b) the classes' one-hot vectors; the
    value is then read off the class scores as their expectation, the class off the value by its bin.
    ## Why
    A classifier computes continuous scores; a threshold makes them discrete. A regression can be read as classes and the other way round.
    """

    rows = ("S3-07", "S3-08")
    statement = Text(
        "Put simply, classification is discrete and regression is continuous.",
        "简单来说，分类是离散的，回归是连续的。",
    )
    rule = Text(
        "Holds if the scores of the classifier take at most `bins` different values per class; depends if only its decisions are discrete.",
        "若分类器的得分本身只取有限个（不超过类别数）值，则成立；若只有判别结果是离散的，则视情况而定。",
    )
    depends = Text(
        "depends on what is meant: the decision is discrete, the model's output is not", "取决于所指：判别结果离散，而模型输出并不离散"
    )
    bins: int = 8

    def measure(self, seed: int) -> dict[str, float]:
        rng = np.random.default_rng(seed)
        x = rng.standard_normal((3000, 2))
        t = np.sin(2 * x[:, 0]) + x[:, 1]
        features = np.c_[np.cos(x @ rng.standard_normal((2, 60)) + rng.uniform(0, 2 * np.pi, 60)), np.ones(3000)]
        edges = np.quantile(t[:1500], np.linspace(0, 1, self.bins + 1)[1:-1])
        classes = np.searchsorted(edges, t)
        hot = np.eye(self.bins)[classes]
        centres = np.array([t[:1500][classes[:1500] == k].mean() for k in range(self.bins)])
        gram = features[:1500].T @ features[:1500] + 1e-3 * np.eye(61)
        value = features @ np.linalg.solve(gram, features[:1500].T @ t[:1500])
        scores = features @ np.linalg.solve(gram, features[:1500].T @ hot[:1500])
        variance = t[1500:].var()
        return {
            "different_scores": float(len(np.unique(scores[1500:, 0]))),
            "different_decisions": float(len(np.unique(scores[1500:].argmax(1)))),
            "accuracy_of_classifier": float((scores.argmax(1) == classes)[1500:].mean()),
            "accuracy_of_regression": float((np.searchsorted(edges, value) == classes)[1500:].mean()),
            "r2_of_regression": float(1 - ((value - t)[1500:] ** 2).mean() / variance),
            "r2_of_classifier": float(1 - ((scores @ centres - t)[1500:] ** 2).mean() / variance),
        }

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        if measured["different_scores"].max() <= self.bins:
            return "holds"
        return "depends" if measured["different_decisions"].max() <= self.bins else "fails as stated"


@dataclass(frozen=True)
class LeastSquaresOnLabelsIsAClassifier(Claim):
    """Test accuracy of a linear regression on 0/1 labels and of logistic regression, before and after easy, far samples are added.

    ## The set-up
    Two Gaussians in 2 dimensions, 200 training samples; then `far` more samples of class 1, far on the right side.
    ## Why
    Least squares wants 1, not "at least 1": samples that are right beyond doubt (prediction 3) pull the boundary towards themselves.
    """

    rows = ("S4-19", "S3-07")
    statement = Text(
        "Linear regression on the labels 0 and 1, cut at 0.5, classifies as well as logistic regression.",
        "对标签 0、1 做线性回归并以 0.5 为阈值，与逻辑回归一样好。",
    )
    rule = Text(
        "Holds if it stays within 0.01 of logistic regression with and without the far samples; depends if only without.",
        "若有无远处样本时都与逻辑回归相差不超过 0.01，则成立；若只在没有时如此，则视情况而定。",
    )
    depends = Text("depends on samples that are right and far from the boundary", "取决于是否有判对且远离边界的样本")
    far: int = 60

    def _data(self, seed: int) -> tuple[np.ndarray, np.ndarray]:
        rng = np.random.default_rng(seed)
        y = np.arange(4200) % 2.0
        return np.c_[rng.standard_normal((4200, 2)) + 2 * y[:, None] * [1.0, 0.0], np.ones(4200)], y

    def measure(self, seed: int) -> dict[str, float]:
        rng = np.random.default_rng(1000 + seed)
        x, y = self._data(seed)
        extra = np.c_[rng.standard_normal((self.far, 2)) + np.array([15.0, 0.0]), np.ones(self.far)]
        measured = {}
        for name, inputs, labels in (
            ("plain", x[:200], y[:200]),
            ("far", np.r_[x[:200], extra], np.r_[y[:200], np.ones(self.far)]),
        ):
            squares = np.linalg.lstsq(inputs, labels, rcond=None)[0]
            by_likelihood = logistic(inputs, labels)
            measured[f"least_squares_{name}"] = float(((x[200:] @ squares > 0.5) == y[200:]).mean())
            measured[f"logistic_{name}"] = float(((x[200:] @ by_likelihood > 0) == y[200:]).mean())
            measured[f"boundary_least_squares_{name}"] = float((0.5 - squares[2]) / squares[0])
            measured[f"boundary_logistic_{name}"] = float(-by_likelihood[2] / by_likelihood[0])
        return measured

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        near = {n: (measured[f"logistic_{n}"] - measured[f"least_squares_{n}"]).mean() <= 0.01 for n in ("plain", "far")}
        return "holds" if all(near.values()) else "depends" if near["plain"] else "fails as stated"

    def plot(self, figure: Figure, measured: dict[str, np.ndarray], lang: str) -> None:
        axes = figure.add_subplot()
        zh = lang == "zh"
        x, y = self._data(0)
        axes.scatter(x[:200, 0], x[:200, 1], c=np.where(y[:200] > 0, "#0072B2", "#E69F00"), s=12)
        rng = np.random.default_rng(1000)
        extra = rng.standard_normal((self.far, 2)) + np.array([15.0, 0.0])
        axes.scatter(extra[:, 0], extra[:, 1], c="#0072B2", s=12)
        axes.axvline(measured["boundary_least_squares_far"][0], color="#D55E00", label="最小二乘" if zh else "least squares")
        axes.axvline(measured["boundary_logistic_far"][0], color="black", linestyle="--", label="逻辑回归" if zh else "logistic regression")
        axes.set_xlabel("$x_0$")
        axes.set_ylabel("$x_1$")
        axes.legend()


@dataclass(frozen=True)
class PerceptronIsLinearPlusSigmoid(Claim):
    """What the perceptron rule and logistic regression do on classes that overlap: does the solution come to rest?

    ## The set-up
    200 samples of two overlapping Gaussians; 200 passes of the perceptron (step function, correct where wrong) and of descent on the logistic
    loss; the angle by which the boundary turns over the last 50 passes.
    ## Why
    The perceptron outputs 0 or 1 and corrects only mistakes, by a whole sample; with overlap there is always a mistake. The sigmoid turns the same
    sum into a probability with a likelihood that has a maximum.
    """

    rows = ("S2-64",)
    statement = Text(
        "A single-layer perceptron is a linear layer followed by a sigmoid.",
        "单层感知机由一个线性层和一个 sigmoid 组成。",
    )
    rule = Text(
        "Holds if both come to rest alike: the angle of either over the last 50 passes below 1 degree. Otherwise it fails as stated.",
        "若两者同样收敛（最后 50 轮边界转角都小于 1 度），则成立；否则按原话不成立。",
    )

    def measure(self, seed: int) -> dict[str, float]:
        rng = np.random.default_rng(seed)
        y = np.where(np.arange(200) % 2, 1.0, -1.0)
        x = np.c_[rng.standard_normal((200, 2)) + 0.7 * y[:, None], np.ones(200)]
        step_w, smooth_w = np.zeros(3), np.zeros(3)
        kept: dict[str, list[np.ndarray]] = {"perceptron": [], "logistic": []}
        for _ in range(200):
            for i in rng.permutation(200):
                if y[i] * (x[i] @ step_w) <= 0:
                    step_w = step_w + y[i] * x[i]
            for _ in range(10):
                smooth_w = smooth_w + 0.5 * x.T @ (y / (1 + np.exp(y * (x @ smooth_w)))) / 200
            kept["perceptron"].append(step_w)
            kept["logistic"].append(smooth_w)
        measured = {}
        for name, weights in kept.items():
            last = np.stack(weights[-50:])[:, :2]
            last /= np.linalg.norm(last, axis=1, keepdims=True)
            measured[f"angle_{name}"] = float(np.degrees(np.arccos(np.clip(last @ last.T, -1, 1))).max())
            measured[f"accuracy_{name}"] = float((np.sign(x @ weights[-1]) == y).mean())
        return measured

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        return "holds" if max(measured["angle_perceptron"].mean(), measured["angle_logistic"].mean()) < 1 else "fails as stated"
