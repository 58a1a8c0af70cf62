"""Claims about cross-entropy as maximum likelihood."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from unstuck.lab import Claim, Verdict
from unstuck.records import Text

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class CrossEntropyIsMaximumLikelihood(Claim):
    """Distance between the weights that minimise cross-entropy and those that maximise the product of the likelihoods.

    ## The set-up
    Softmax regression, 3 classes, 2 features, `samples` samples whose clusters overlap. Cross-entropy by Newton's method; the product itself,
    without any logarithm, by BFGS with numerical derivatives from another start.
    ## Why
    -1/n log prod p(y_i | x_i) = mean cross-entropy, and the logarithm is increasing: one optimum, two names.
    """

    rows = ("S0-38", "S0-37", "S2-63")
    experiment = "X17"
    statement = Text(
        "Minimising the cross-entropy is maximising the likelihood.",
        "最小化交叉熵就是最大化似然。",
    )
    rule = Text(
        "Holds if the two sets of class probabilities differ by less than 1e-4 on every sample in every repeat.",
        "若每次重复中，两者给出的类别概率在每个样本上相差都小于 1e-4，则成立。",
    )
    samples: int = 40

    def measure(self, seed: int) -> dict[str, float]:
        from scipy.optimize import minimize

        rng = np.random.default_rng(seed)
        y = np.arange(self.samples) % 3
        x = np.c_[rng.standard_normal((self.samples, 2)) + np.array([[1, 0], [-1, 0], [0, 1.0]])[y], np.ones(self.samples)]

        def likelihoods(w: np.ndarray) -> np.ndarray:
            z = np.c_[x @ w.reshape(3, 2), np.zeros(self.samples)]  # the last class is the reference: no direction is free
            z -= z.max(1, keepdims=True)
            return np.exp(z) / np.exp(z).sum(1, keepdims=True)

        def cross_entropy(w: np.ndarray) -> float:
            return float(-np.log(likelihoods(w)[np.arange(self.samples), y]).mean())

        def product(w: np.ndarray) -> float:
            return -float(np.prod(2.0 * likelihoods(w)[np.arange(self.samples), y]))  # the factor keeps it in range

        by_entropy = minimize(cross_entropy, np.zeros(6), method="BFGS", options={"gtol": 1e-9})
        start = by_entropy.x + 0.3 * rng.standard_normal(6)
        by_product = minimize(
            product, start, method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 0, "maxiter": 20_000, "maxfev": 20_000}
        )
        return {
            "difference": float(abs(likelihoods(by_entropy.x) - likelihoods(by_product.x)).max()),
            "cross_entropy_of_first": cross_entropy(by_entropy.x),
            "cross_entropy_of_second": cross_entropy(by_product.x),
            "distance_of_start": float(abs(start - by_entropy.x).max()),
        }

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        return "holds" if measured["difference"].max() < 1e-4 else "fails as stated"


@dataclass(frozen=True)
class LikelihoodCanBeMultiplied(Claim):
    """The number of samples at which the product of likelihoods underflows to zero, in float32 and float64.

    ## The set-up
    Probabilities of the true class drawn uniformly from 0.1 to 0.9, multiplied one after another; the sum of logarithms beside it.
    ## Why
    The product falls like e^(-n H); float64 ends near e^-745, float32 near e^-103. The logarithm turns it into a sum.
    """

    rows = ("S0-38",)
    statement = Text(
        "The likelihood of a data set can be computed as the product of the samples' likelihoods.",
        "数据集的似然可以直接按各样本似然的乘积来计算。",
    )
    rule = Text(
        "Holds if the product of 2,000 samples is positive in float64; otherwise it fails as stated.",
        "若 2000 个样本的乘积在 float64 下大于 0，则成立；否则按原话不成立。",
    )
    samples: int = 2000

    def measure(self, seed: int) -> dict[str, float]:
        p = np.random.default_rng(seed).uniform(0.1, 0.9, self.samples)
        single, double = np.cumprod(p.astype(np.float32)), np.cumprod(p)
        return {
            "samples_until_zero_float32": float((single > 0).sum()),
            "samples_until_zero_float64": float((double > 0).sum()),
            "product": float(double[-1]),
            "sum_of_logs": float(np.log(p).sum()),
        }

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        return "holds" if (measured["product"] > 0).all() else "fails as stated"


@dataclass(frozen=True)
class ConstantPredictorLearnsTheFrequencies(Claim):
    """What a predictor that sees no input learns from cross-entropy, and the loss that it ends with.

    ## The set-up
    Logits alone (no features), `classes` classes with random frequencies, 1,000 labels, Adam with 300 steps.
    ## Why
    -sum_k f_k log p_k is smallest at p = f, where it equals the entropy of the labels: the loss that knowing nothing costs.
    """

    rows = ("S0-36", "S0-37")
    experiment = "X17"
    statement = Text(
        "Without any input cross-entropy learns the class frequencies, and its value is their entropy.",
        "没有输入时，交叉熵学到的是类别频率，其值等于标签的熵。",
    )
    rule = Text(
        "Holds if probabilities and frequencies differ by less than 1e-3 and loss and entropy by less than 1e-5.",
        "若概率与频率相差小于 1e-3，且损失与熵相差小于 1e-5，则成立。",
    )
    classes: int = 7

    def measure(self, seed: int) -> dict[str, float]:
        import torch

        rng = np.random.default_rng(seed)
        y = torch.from_numpy(rng.choice(self.classes, 1000, p=rng.dirichlet(np.full(self.classes, 2.0))))
        shares = torch.bincount(y, minlength=self.classes).double() / len(y)
        logits = torch.zeros(self.classes, dtype=torch.float64, requires_grad=True)
        optimizer = torch.optim.Adam([logits], lr=0.05)
        for _ in range(300):
            optimizer.zero_grad()
            loss = torch.nn.functional.cross_entropy(logits[None], shares[None])  # the mean over the labels, summed by class
            loss.backward()
            optimizer.step()
        return {
            "difference": float((logits.softmax(0) - shares).abs().max().detach()),
            "loss": float(loss.detach()),
            "entropy": float(-(shares * shares.clamp(min=1e-300).log()).sum()),
        }

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        close = measured["difference"].max() < 1e-3 and abs(measured["loss"] - measured["entropy"]).max() < 1e-5
        return "holds" if close else "fails as stated"


@dataclass(frozen=True)
class OneHotSumIsOneLogarithm(Claim):
    """Difference between the sum over a one-hot target, minus the logarithm at the true class, and the class-index form; and the gradient p - y.

    ## The set-up
    100 random rows of 10 logits in float64: the three ways to write the loss, and autograd's gradient against (softmax(z) - y) / n.
    ## Why
    All terms of the sum but one are multiplied by zero, and d/dz (log sum e^z - z_t) = softmax(z) - y.
    """

    rows = ("S0-36", "S0-37")
    statement = Text(
        "With a one-hot target the cross-entropy is minus the logarithm of the probability of the true class.",
        "目标为独热向量时，交叉熵等于真实类别概率的负对数。",
    )
    rule = Text("Holds if all differences are below 1e-12.", "若所有差别都小于 1e-12，则成立。")

    def measure(self, seed: int) -> dict[str, float]:
        import torch
        from torch.nn import functional

        generator = torch.Generator().manual_seed(seed)
        z = torch.randn(100, 10, generator=generator, dtype=torch.float64, requires_grad=True)
        y = torch.randint(10, (100,), generator=generator)
        hot = functional.one_hot(y, 10).double()
        by_sum = -(hot * z.log_softmax(1)).sum(1).mean()
        by_index = functional.cross_entropy(z, y)
        by_log = -z.softmax(1)[torch.arange(100), y].log().mean()
        by_vector = functional.cross_entropy(z, hot)
        by_index.backward()
        return {
            "loss_difference": float(max(abs(by_sum - by_index), abs(by_log - by_index), abs(by_vector - by_index)).detach()),
            "gradient_difference": float((z.grad - (z.softmax(1) - hot) / 100).abs().max().detach()),
        }

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        return "holds" if max(measured["loss_difference"].max(), measured["gradient_difference"].max()) < 1e-12 else "fails as stated"


@dataclass(frozen=True)
class FirstLossIsLnK(Claim):
    """The loss of freshly made nets on random inputs, over ln K, for PyTorch's default initialisation and for weights ten times as large.

    ## The set-up
    MLP 20-64-K with K = 2, 10, 100, inputs of unit variance, random labels.
    ## Why
    Small logits mean equal probabilities 1/K, hence -log(1/K). A first loss far above says: the last layer is too large, or inputs unscaled.
    """

    rows = ("S0-37",)
    statement = Text(
        "A sanely initialised classifier starts with a cross-entropy of about ln K.",
        "初始化合理的分类器，起始交叉熵约为 ln K。",
    )
    rule = Text(
        "Holds if with the default initialisation the first loss is within 10 % of ln K for every K and seed.",
        "若默认初始化下，对每个 K 与种子，首步损失与 ln K 相差不超过 10 %，则成立。",
    )

    def measure(self, seed: int) -> dict[str, float]:
        import torch
        from torch import nn

        measured = {}
        for classes in (2, 10, 100):
            torch.manual_seed(seed)
            model = nn.Sequential(nn.Linear(20, 64), nn.ReLU(), nn.Linear(64, classes))
            x, y = torch.randn(2000, 20), torch.randint(classes, (2000,))
            with torch.no_grad():
                measured[f"ratio_{classes}"] = float(nn.functional.cross_entropy(model(x), y)) / float(np.log(classes))
                model[0].weight.mul_(10)
                model[2].weight.mul_(10)
                measured[f"ratio_{classes}_large_weights"] = float(nn.functional.cross_entropy(model(x), y)) / float(np.log(classes))
        return measured

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        worst = max(abs(measured[f"ratio_{k}"] - 1).max() for k in (2, 10, 100))
        return "holds" if worst <= 0.1 else "fails as stated"

    def plot(self, figure: Figure, measured: dict[str, np.ndarray], lang: str) -> None:
        axes = figure.add_subplot()
        zh = lang == "zh"
        for suffix, colour, label in (
            ("", "#0072B2", "默认初始化" if zh else "default initialisation"),
            ("_large_weights", "#D55E00", "权重放大十倍" if zh else "weights ten times as large"),
        ):
            axes.plot(["2", "10", "100"], [measured[f"ratio_{k}{suffix}"].mean() for k in (2, 10, 100)], "o-", color=colour, label=label)
        axes.axhline(1, color="black", linestyle="--")
        axes.set_yscale("log")
        axes.set_xlabel("类别数 K" if zh else "classes K")
        axes.set_ylabel("首步损失 / ln K" if zh else "first loss / ln K")
        axes.legend()
