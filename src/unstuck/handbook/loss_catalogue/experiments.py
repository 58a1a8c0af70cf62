"""Claims about loss functions: what each one is minimised by, and which of them a classifier can be trained with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from unstuck.lab import Claim, Verdict
from unstuck.phenomenon import Phenomenon, plain_net, training_on
from unstuck.records import Text

if TYPE_CHECKING:
    import torch
    from matplotlib.figure import Figure

    from unstuck.training import Training


@dataclass(frozen=True)
class SquareFindsTheMeanAbsoluteTheMedian(Claim):
    """The constant that minimises squared, absolute and 0-1 loss on skewed targets, found by search.

    ## The set-up
    `samples` targets from a log-normal distribution; each loss is evaluated on a fine grid of constants and the best one is compared with the
    sample mean and median.
    ## Why
    d/dc E(y - c)^2 = 0 gives c = E y; d/dc E|y - c| = P(y < c) - P(y > c) = 0 gives the median. A loss chooses what is predicted.
    """

    rows = ("S0-02", "S4-21", "S4-22")
    statement = Text(
        "The squared loss is minimised by the mean of the targets, the absolute loss by their median.",
        "平方损失的最优常数是目标的均值，绝对值损失的最优常数是中位数。",
    )
    rule = Text(
        "Holds if both minimisers lie within 0.01 of mean and median in every repeat.",
        "若每次重复中两个最小点与均值、中位数之差都不超过 0.01，则成立。",
    )
    samples: int = 2001

    def measure(self, seed: int) -> dict[str, float]:
        y = np.random.default_rng(seed).lognormal(0.0, 1.0, self.samples)
        grid = np.arange(0.0, 4.0, 0.005)
        errors = y[:, None] - grid  # [samples, grid]
        return {
            "mean": float(y.mean()),
            "best_squared": float(grid[(errors**2).mean(0).argmin()]),
            "median": float(np.median(y)),
            "best_absolute": float(grid[abs(errors).mean(0).argmin()]),
        }

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        a = abs(measured["best_squared"] - measured["mean"]).max()
        b = abs(measured["best_absolute"] - measured["median"]).max()
        return "holds" if max(a, b) <= 0.01 else "fails as stated"


@dataclass(frozen=True)
class DifferenceIsALoss(Claim):
    """What gradient descent does to the plain difference y - prediction, without the bars, and with them.

    ## The set-up
    Linear regression with 3 features and 200 samples, 500 steps with lr 0.05 on mean(prediction - y) and on mean|prediction - y|.
    ## Why
    Without the bars errors of opposite sign cancel and the loss has no lower bound; its gradient does not depend on the weights at all.
    """

    rows = ("S4-21",)
    statement = Text(
        "The absolute loss is the difference of prediction and true value.",
        "绝对值损失函数是预测值与真实值的差。",
    )
    rule = Text(
        "Holds if descent on the plain difference ends with a mean absolute error of at most twice that of descent on the absolute value.",
        "若对“差”做梯度下降所得的平均绝对误差不超过对绝对值下降所得的两倍，则成立。",
    )

    def measure(self, seed: int) -> dict[str, float]:
        rng = np.random.default_rng(seed)
        x = np.c_[rng.standard_normal((200, 3)), np.ones(200)]
        y = x @ [1.0, -2.0, 0.5, 3.0] + 0.1 * rng.standard_normal(200)
        result = {}
        for name, slope in (("difference", lambda e: np.ones_like(e)), ("absolute", np.sign)):
            w = np.zeros(4)
            for _ in range(500):
                w -= 0.05 * x.T @ slope(x @ w - y) / len(y)
            result[f"error_{name}"] = float(abs(x @ w - y).mean())
            if name == "difference":
                result["loss_difference"] = float((x @ w - y).mean())
        return result

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        return "holds" if (measured["error_difference"] <= 2 * measured["error_absolute"]).all() else "fails as stated"


@dataclass(frozen=True)
class ZeroOneLossCanBeDescended(Claim):
    """The gradient of the 0-1 loss, and what training with it and with a surrogate reaches.

    ## The set-up
    A linear classifier on 400 samples of two Gaussians. The 0-1 loss is differentiated numerically (steps of 1e-6) at 100 random weights;
    200 steps of descent on it and on the logistic loss from the same start.
    ## Why
    It is a step function of the score: flat, except at finitely many points where it jumps. A gradient of zero says nothing.
    """

    rows = ("S4-20",)
    statement = Text(
        "The 0-1 loss (0 for right, 1 for wrong) can be used to train a classifier by gradient descent.",
        "0-1 损失（预测正确为 0，错误为 1）可以用梯度下降来训练分类器。",
    )
    rule = Text(
        "Holds if at least 1 % of the numerical partial derivatives differ from 0; otherwise it fails as stated.",
        "若数值偏导数中至少 1 % 不为 0，则成立；否则按原话不成立。",
    )

    def measure(self, seed: int) -> dict[str, float]:
        rng = np.random.default_rng(seed)
        y = np.where(np.arange(400) % 2, 1.0, -1.0)
        x = np.c_[rng.standard_normal((400, 5)) + 0.8 * y[:, None], np.ones(400)]

        def wrong(w: np.ndarray) -> np.ndarray:
            return (y[:, None] * (x @ w) <= 0).mean(0)  # [columns of w]

        w = rng.standard_normal((6, 100))
        slopes = np.stack([(wrong(w + 1e-6 * np.eye(6)[i][:, None]) - wrong(w)) / 1e-6 for i in range(6)])
        start = w[:, 0]
        logistic = start.copy()
        for _ in range(200):
            logistic -= 0.5 * -(x.T @ (y / (1 + np.exp(y * (x @ logistic))))) / len(y)
        return {
            "share_of_slopes_not_zero": float((slopes != 0).mean()),
            "accuracy_start": 1 - float(wrong(start[:, None])[0]),
            "accuracy_logistic": 1 - float(wrong(logistic[:, None])[0]),
        }

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        return "holds" if measured["share_of_slopes_not_zero"].mean() >= 0.01 else "fails as stated"


@dataclass(frozen=True)
class MseAndMaeAreClassificationLosses(Claim):
    """Test accuracy of one softmax classifier trained with cross-entropy, MSE and MAE, each at its best learning rate of three.

    ## The set-up
    `classes` overlapping Gaussian clusters in 30 dimensions, 10 training samples each, MLP 30-64-K, Adam, `steps` full-batch steps; for each
    loss the learning rate of 0.003, 0.01, 0.03 that is best on test samples (generous to all three).
    ## Why
    For one sample MAE on probabilities is 2(1 - p_t): its gradient is p_t times that of cross-entropy, and p_t is 1 / K at the start.
    """

    rows = ("S4-24", "S4-23")
    statement = Text(
        "The usual losses for classification are MSE and MAE.",
        "常用的分类损失函数有 MSE 和 MAE。",
    )
    rule = Text(
        "Holds if MSE and MAE both come within 0.01 of the accuracy of cross-entropy; fails if both stay below that; otherwise it depends.",
        "若 MSE 与 MAE 的准确率都不比交叉熵低 0.01 以上，则成立；若都低，则不成立；否则视情况而定。",
    )
    depends = Text("depends on which of the two, and on the number of classes", "取决于用的是哪一个，以及类别数")
    seeds = 3
    classes: int = 50
    steps: int = 120

    def measure(self, seed: int) -> dict[str, float]:
        import torch
        from torch import nn

        generator = torch.Generator().manual_seed(seed)
        rates = torch.tensor([3e-3, 1e-2, 3e-2])
        centres = 1.2 * torch.randn(self.classes, 30, generator=generator)
        y = torch.arange(10 * self.classes) % self.classes
        y_test = torch.arange(20 * self.classes) % self.classes
        x = centres[y] + torch.randn(len(y), 30, generator=generator)
        x_test = centres[y_test] + torch.randn(len(y_test), 30, generator=generator)
        hot = nn.functional.one_hot(y, self.classes).float()
        losses = {
            "cross_entropy": lambda z: (
                nn.functional.cross_entropy(z.flatten(0, 1), y.repeat(len(z)), reduction="none").view(len(z), -1).mean(1).sum()
            ),
            "mse": lambda z: ((z.softmax(2) - hot) ** 2).sum(2).mean(1).sum(),
            "mae": lambda z: (z.softmax(2) - hot).abs().sum(2).mean(1).sum(),
        }
        measured = {}
        for name, loss in losses.items():
            torch.manual_seed(seed)
            shapes = ((30, 64), (1, 64), (64, self.classes), (1, self.classes))
            # one net per learning rate, all from the same start: [rates, in, out]
            p = [(torch.randn(s) * (2 / s[0]) ** 0.5 * (s[0] > 1)).repeat(len(rates), 1, 1).requires_grad_() for s in shapes]
            m, v = [torch.zeros_like(w) for w in p], [torch.zeros_like(w) for w in p]

            def net(inputs: torch.Tensor, p: list[torch.Tensor] = p) -> torch.Tensor:
                return (inputs @ p[0] + p[1]).relu() @ p[2] + p[3]

            for step in range(1, self.steps + 1):
                gradients = torch.autograd.grad(loss(net(x)), p)
                with torch.no_grad():  # Adam with a learning rate per net
                    for w, a, b, g in zip(p, m, v, gradients, strict=True):
                        a.mul_(0.9).add_(g, alpha=0.1)
                        b.mul_(0.999).addcmul_(g, g, value=0.001)
                        w -= rates.view(-1, 1, 1) * (a / (1 - 0.9**step)) / ((b / (1 - 0.999**step)).sqrt() + 1e-8)
            with torch.no_grad():
                right = (net(x_test).argmax(2) == y_test).double().mean(1)
            measured[f"accuracy_{name}"] = float(right.max())
        return measured

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        reference = measured["accuracy_cross_entropy"].mean()
        good = [measured[f"accuracy_{n}"].mean() >= reference - 0.01 for n in ("mse", "mae")]
        return "holds" if all(good) else "depends" if any(good) else "fails as stated"


@dataclass(frozen=True)
class LossShapes(Claim):
    """The slope of each classification loss at a badly wrong, an undecided and a right sample (margins -10, 0, 10).

    ## The set-up
    Losses as functions of the margin m = y z: 0-1, hinge, logistic, squared (1 - m)^2, exponential, squared error after a sigmoid;
    differentiated by autograd.
    ## Why
    A useful surrogate is an upper bound of the 0-1 loss (after scaling) that pushes hardest where the sample is wrong.
    """

    rows = ("S2-63", "S4-25")
    statement = Text(
        "Hinge and cross-entropy push a wrong sample with a slope near 1 however wrong it is, a squared error after a sigmoid hardly at all.",
        "合页损失与交叉熵对错误样本的斜率约为 1，无论错得多严重；sigmoid 之后的平方误差则几乎不推动。",
    )
    rule = Text(
        "Holds if at margin -10 the slopes of hinge and logistic are within 0.01 of -1 and that of the sigmoid's squared error is above -0.01.",
        "若间隔为 -10 时合页与逻辑损失的斜率与 -1 相差不超过 0.01，且 sigmoid 平方误差的斜率大于 -0.01，则成立。",
    )
    seeds = 1

    def _losses(self) -> dict[str, object]:
        import torch

        return {
            "hinge": lambda m: (1 - m).clamp(min=0),
            "logistic": lambda m: torch.nn.functional.softplus(-m),
            "squared": lambda m: (1 - m) ** 2,
            "exponential": lambda m: (-m).exp(),
            "sigmoid_mse": lambda m: (1 - m.sigmoid()) ** 2,
        }

    def measure(self, seed: int) -> dict[str, float]:
        import torch

        measured = {}
        for name, loss in self._losses().items():
            m = torch.tensor([-10.0, 0.0, 10.0], dtype=torch.float64, requires_grad=True)
            loss(m).sum().backward()
            for at, slope in zip(("-10", "0", "10"), m.grad.tolist(), strict=True):
                measured[f"{name}_slope_at_{at}"] = slope
        return measured

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        steady = all(abs(measured[f"{n}_slope_at_-10"][0] + 1) <= 0.01 for n in ("hinge", "logistic"))
        return "holds" if steady and measured["sigmoid_mse_slope_at_-10"][0] > -0.01 else "fails as stated"

    def plot(self, figure: Figure, measured: dict[str, np.ndarray], lang: str) -> None:
        import torch

        axes = figure.add_subplot()
        zh = lang == "zh"
        names = {
            "hinge": "合页",
            "logistic": "逻辑（交叉熵）",
            "squared": "平方",
            "exponential": "指数",
            "sigmoid_mse": "sigmoid + 平方误差",
        }
        m = torch.linspace(-3, 3, 200, dtype=torch.float64)
        axes.step([-3, 0, 3], [1, 1, 0], where="pre", color="black", label="0-1")
        colours = ("#E69F00", "#0072B2", "#009E73", "#CC79A7", "#D55E00")
        for (name, loss), colour in zip(self._losses().items(), colours, strict=True):
            axes.plot(m, loss(m), color=colour, label=names[name] if zh else name.replace("_mse", " + squared error"))
        axes.set_ylim(0, 5)
        axes.set_xlabel("间隔 y·z" if zh else "margin y z")
        axes.set_ylabel("损失" if zh else "loss")
        axes.legend()


@dataclass(frozen=True)
class TargetsFarFromZeroAreSeenAndCured(Phenomenon):
    """Targets around 100, standardised targets, and the former under `standardise-targets`.

    ## The set-up
    A regression of three features, MLP 3-32-32-1 with tanh, SGD with momentum 0.9; faulty: targets times 5 plus 100, at the largest
    rate that stays finite.
    ## Why
    Squared error carries the targets' scale into the gradient, squared, and most of the training goes into one bias.
    """

    rows = ("S0-02",)
    fault = Text("Targets in raw units", "未标准化的目标")
    sees = ("targets-not-normalised",)
    remedies = ("standardise-targets",)

    steps: int = 200

    def faulty(self, seed: int) -> Training:
        return self.net(seed, 5.0, 100.0, 0.002)

    def healthy(self, seed: int) -> Training:
        return self.net(seed, 1.0, 0.0, 0.02)

    @staticmethod
    def net(seed: int, scale: float, offset: float, lr: float) -> Training:
        """The standardised targets, scaled and moved."""
        import torch

        torch.manual_seed(seed)
        x = torch.randn(400, 3, generator=torch.Generator().manual_seed(seed))
        y = x[:, :1] * x[:, 1:2] + x[:, 2:]
        y = (y - y.mean()) / y.std()
        return training_on(plain_net([3, 32, 32, 1], torch.nn.Tanh), (x, y * scale + offset), lr=lr, seed=seed)
