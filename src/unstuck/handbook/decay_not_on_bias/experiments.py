"""Claims about what weight decay should leave alone: biases, learned slopes, gains."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from unstuck.lab import Claim, Verdict
from unstuck.records import Text

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class DecayingTheBiasUnderfits(Claim):
    """Training error of a ridge regression whose bias is decayed and not, by the mean of the targets.

    ## The set-up
    200 samples, 5 centred features, noise 0.1, strength `decay` on the weights; closed form of 1/2n |y - Xw - b|^2 + decay/2 (|w|^2 [+ b^2]).
    ## Why
    With centred inputs the decayed bias is mean(y) / (1 + decay): every prediction is short by the rest, and no weight can mend it.
    """

    rows = ("S1-30",)
    experiment = "X24"
    statement = Text(
        "Regularising the bias leads to marked underfitting.",
        "正则化偏置参数会导致明显的欠拟合。",
    )
    rule = Text(
        "Holds if decaying the bias at least doubles the training error for target means 0 and 20; depends if only for 20.",
        "若目标均值为 0 与 20 时，衰减偏置都使训练误差至少加倍，则成立；若只在 20 时如此，则视情况而定。",
    )
    depends = Text("depends on how far the bias has to go, and on the strength", "取决于偏置需要走多远，以及衰减强度")
    decay: float = 0.05

    def measure(self, seed: int) -> dict[str, float]:
        rng = np.random.default_rng(seed)
        x = rng.standard_normal((200, 5))
        x = np.c_[x - x.mean(0), np.ones(200)]
        measured = {}
        for mean in (0, 20):
            y = x @ np.r_[[1.0, -2.0, 0.5, 0.0, 1.5], mean] + 0.1 * rng.standard_normal(200)
            for name, on_bias in (("free", 0.0), ("decayed", self.decay)):
                penalty = np.diag([self.decay] * 5 + [on_bias])
                w = np.linalg.solve(x.T @ x / 200 + penalty, x.T @ y / 200)
                measured[f"mse_{name}_mean_{mean}"] = float(((x @ w - y) ** 2).mean())
                measured[f"bias_{name}_mean_{mean}"] = float(w[5])
        return measured

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        worse = {m: (measured[f"mse_decayed_mean_{m}"] >= 2 * measured[f"mse_free_mean_{m}"]).all() for m in (0, 20)}
        return "holds" if all(worse.values()) else "depends" if worse[20] else "fails as stated"

    def plot(self, figure: Figure, measured: dict[str, np.ndarray], lang: str) -> None:
        axes = figure.add_subplot()
        zh = lang == "zh"
        labels = ("偏置不衰减" if zh else "bias free", "偏置衰减" if zh else "bias decayed")
        for i, (name, colour) in enumerate((("free", "#0072B2"), ("decayed", "#D55E00"))):
            values = [measured[f"mse_{name}_mean_{m}"].mean() for m in (0, 20)]
            axes.bar(np.arange(2) + 0.4 * (i - 0.5), values, 0.38, color=colour, label=labels[i])
        axes.set_xticks([0, 1], ["目标均值 0" if zh else "target mean 0", "目标均值 20" if zh else "target mean 20"])
        axes.set_ylabel("训练误差" if zh else "training error")
        axes.legend()


@dataclass(frozen=True)
class ABiasNeedsLessDataThanTheWeights(Claim):
    """How much of the excess error comes from the bias and how much from the weights, over resamples.

    ## The set-up
    Linear regression, `features` features, `samples` samples, unit noise, 400 resamples: squared error of the bias, and of all weights.
    ## Why
    With unit inputs each coefficient has variance about sigma^2 / (n - d): the bias is one coefficient, the weights are d, and each needs both variables to be seen
    together.
    """

    rows = ("S1-30",)
    statement = Text(
        "Fitting a bias takes far less data than fitting weights; leaving it alone adds little variance.",
        "精确拟合偏置所需的数据通常比拟合权重少得多，不正则化它不会导致太大的方差。",
    )
    rule = Text(
        "Holds if the bias causes at most 10 % of the excess error.",
        "若偏置造成的超额误差不超过 10 %，则成立。",
    )
    features: int = 20
    samples: int = 60

    def measure(self, seed: int) -> dict[str, float]:
        rng = np.random.default_rng(seed)
        x = np.concatenate([rng.standard_normal((400, self.samples, self.features)), np.ones((400, self.samples, 1))], axis=2)
        truth = rng.standard_normal(self.features + 1)
        y = x @ truth + rng.standard_normal((400, self.samples))
        w = np.linalg.solve(x.transpose(0, 2, 1) @ x, np.einsum("rni,rn->ri", x, y)[..., None])[..., 0]
        squares = ((w - truth) ** 2).mean(0)
        return {
            "error_of_bias": float(squares[-1]),
            "error_of_weights": float(squares[:-1].sum()),
            "share_of_bias": float(squares[-1] / squares.sum()),
        }

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        return "holds" if measured["share_of_bias"].mean() <= 0.1 else "fails as stated"


@dataclass(frozen=True)
class PreluLearnsASlopePerNeuron(Claim):
    """How many slopes PyTorch's PReLU holds by default, and where the learned slope ends with and without weight decay.

    ## The set-up
    nn.PReLU() behind 64 units; then one PReLU fitted to a target with slope 0.5 below zero, SGD with lr 0.1, 400 steps, decay 0 and 0.1.
    ## Why
    Decay pulls the slope to 0, i.e. to plain ReLU. Its gradient is small (only negative inputs count), so decay weighs more than on a weight.
    """

    rows = ("S2-29",)
    statement = Text(
        "PReLU learns a slope for each neuron.",
        "PReLU 将斜率变为可学习参数，且每个神经元有不同的参数。",
    )
    rule = Text(
        "Holds if nn.PReLU() behind 64 units has 64 parameters; otherwise it fails as stated (for the default).",
        "若接在 64 个单元之后的 nn.PReLU() 有 64 个参数，则成立；否则（就默认设置而言）按原话不成立。",
    )
    seeds = 3

    def measure(self, seed: int) -> dict[str, float]:
        import torch
        from torch import nn

        measured = {
            "parameters_default": float(sum(p.numel() for p in nn.PReLU().parameters())),
            "parameters_per_channel": float(sum(p.numel() for p in nn.PReLU(64).parameters())),
            "first_slope": float(nn.PReLU().weight.detach()),
        }
        torch.manual_seed(seed)
        x = torch.randn(256)
        y = torch.where(x > 0, x, 0.5 * x)
        for decay in (0.0, 0.1):
            prelu = nn.PReLU()
            optimizer = torch.optim.SGD(prelu.parameters(), lr=0.1, weight_decay=decay)
            for _ in range(400):
                optimizer.zero_grad()
                nn.functional.mse_loss(prelu(x), y).backward()
                optimizer.step()
            measured[f"slope_decay_{decay:g}"] = float(prelu.weight.detach())
        return measured

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        return "holds" if measured["parameters_default"].min() == 64 else "fails as stated"
