"""Bayes' rule, likelihood and priors: base rates, penalties as priors, shifts of the class prior."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from unstuck.lab import Claim, Verdict
from unstuck.records import Text

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class APositiveTestMeansIll(Claim):
    """Share of the positively tested who are ill, by Bayes' rule and by counting simulated people.

    ## The set-up
    Prevalence 1 %, sensitivity 99 %, specificity 95 %; a million people per repeat.
    ## Why
    P(ill | +) = P(+ | ill) P(ill) / P(+): the healthy are so many that their few false alarms outnumber the ill.
    """

    rows = ("S4-11", "S4-12")
    statement = Text(
        "A test that is right for 99 % of the ill makes it 99 % certain that a positive is ill.",
        "检测对 99% 的病人呈阳性，所以阳性者有 99% 的可能患病。",
    )
    rule = Text(
        "Holds if the share of ill among positives is at least 0.9; fails as stated otherwise.",
        "若阳性者中患病比例不低于 0.9 则成立；否则按原话不成立。",
    )
    seeds = 3

    prevalence: float = 0.01
    sensitivity: float = 0.99
    specificity: float = 0.95

    def measure(self, seed: int) -> dict[str, float]:
        """By count, by Bayes' rule."""
        random = np.random.default_rng(seed)
        ill = random.random(1_000_000) < self.prevalence
        positive = random.random(1_000_000) < np.where(ill, self.sensitivity, 1 - self.specificity)
        evidence = self.sensitivity * self.prevalence + (1 - self.specificity) * (1 - self.prevalence)
        return {"counted": float(ill[positive].mean()), "bayes": self.sensitivity * self.prevalence / evidence}

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        """The rule."""
        return "holds" if (measured["counted"] >= 0.9).all() else "fails as stated"

    def plot(self, figure: Figure, measured: dict[str, np.ndarray], lang: str) -> None:
        """Posterior by prevalence."""
        axes = figure.subplots()
        prior = np.logspace(-4, 0, 200)
        for specificity, style in ((0.9, ":"), (0.95, "--"), (0.99, "-")):
            posterior = self.sensitivity * prior / (self.sensitivity * prior + (1 - specificity) * (1 - prior))
            axes.semilogx(prior, posterior, style, label=f"特异度 {specificity}" if lang == "zh" else f"specificity {specificity}")
        axes.set_xlabel("患病率（先验）" if lang == "zh" else "prevalence (prior)")
        axes.set_ylabel("P(患病 | 阳性)" if lang == "zh" else "P(ill | positive)")
        axes.legend()


@dataclass(frozen=True)
class AnL2PenaltyIsAGaussianPrior(Claim):
    """Difference between ridge regression and the mode, and the mean, of the posterior under a Gaussian prior.

    ## The set-up
    40 samples, 10 weights, noise variance s2, prior variance t2, penalty s2 / t2. The mode is found by descent on the negative log posterior, the mean by
    averaging 200,000 exact posterior draws.
    ## Why
    -ln p(w | data) = |y - Xw|^2 / (2 s2) + |w|^2 / (2 t2) + const. For a Gaussian the mode and the mean coincide.
    """

    rows = ("S1-38", "S1-56")
    statement = Text(
        "L2 regularisation is the maximum a posteriori estimate under a Gaussian prior.",
        "L2 正则等价于高斯先验下的最大后验估计。",
    )
    rule = Text(
        "Holds if ridge with strength s2 / t2 equals the mode to 1e-6 and the posterior mean within sampling error (4 standard errors).",
        "若强度为 s2/t2 的岭回归与后验众数相差不超过 1e-6，且与后验均值相差在抽样误差（4 个标准误）之内，则成立。",
    )
    seeds = 5

    noise_variance: float = 0.5
    prior_variance: float = 2.0

    def measure(self, seed: int) -> dict[str, float]:
        """Distances."""
        random = np.random.default_rng(seed)
        inputs = random.standard_normal((40, 10))
        targets = inputs @ random.normal(0, self.prior_variance**0.5, 10) + random.normal(0, self.noise_variance**0.5, 40)
        penalty = self.noise_variance / self.prior_variance
        ridge = np.linalg.solve(inputs.T @ inputs + penalty * np.eye(10), inputs.T @ targets)
        mode = np.zeros(10)
        for _ in range(3000):
            mode -= 0.005 * (inputs.T @ (inputs @ mode - targets) / self.noise_variance + mode / self.prior_variance)
        covariance = np.linalg.inv(inputs.T @ inputs / self.noise_variance + np.eye(10) / self.prior_variance)
        middle = covariance @ inputs.T @ targets / self.noise_variance
        draws = middle + random.standard_normal((200_000, 10)) @ np.linalg.cholesky(covariance).T
        errors = draws.std(0) / 200_000**0.5
        return {
            "ridge_minus_mode": float(np.abs(ridge - mode).max()),
            "ridge_minus_mean_in_errors": float(np.abs((ridge - draws.mean(0)) / errors).max()),
        }

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        """The rule."""
        return (
            "holds"
            if (measured["ridge_minus_mode"] < 1e-6).all() and (measured["ridge_minus_mean_in_errors"] < 4).all()
            else "fails as stated"
        )


@dataclass(frozen=True)
class ALaplacePriorIsSparse(Claim):
    """Mode and mean of the posterior of one weight under a Laplace prior, by strength of the evidence.

    ## The set-up
    One weight, likelihood normal around an estimate of 0.5 with variance 1, prior exp(-|w|/b) with b = 1; the posterior on a fine grid. And the share of 100,000
    draws from the prior that are exactly zero.
    ## Why
    The mode of exp(-(w - a)^2/2 - |w|/b) is the soft threshold max(|a| - 1/b, 0): zero for |a| < 1/b. Its mean is never zero for a other than 0, and a draw is zero with
    probability zero. Sparsity is a property of the mode, not of the belief.
    """

    rows = ("S1-38",)
    statement = Text(
        "L1 is a Laplace prior, and that prior says that weights are sparse.",
        "L1 正则是拉普拉斯先验，而这个先验表示权重是稀疏的。",
    )
    rule = Text(
        "Holds if mode and mean are both zero; depends if the mode is zero and the mean is not.",
        "若后验众数与均值都为零则成立；若众数为零而均值不为零则视情况而定。",
    )
    depends = Text("depends on taking the mode: the mean, and draws, are not sparse", "取决于取众数：后验均值与抽样都不稀疏")
    seeds = 1

    estimate: float = 0.5

    def measure(self, seed: int) -> dict[str, float]:
        """Mode, mean, share of zero draws."""
        grid = np.linspace(-10, 10, 200_001)
        density = np.exp(-((grid - self.estimate) ** 2) / 2 - np.abs(grid))
        draws = np.random.default_rng(seed).laplace(0, 1, 100_000)
        return {
            "mode": float(abs(grid[density.argmax()])),
            "mean": float((grid * density).sum() / density.sum()),
            "zero_share_of_prior_draws": float((draws == 0).mean()),
        }

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        """The rule."""
        mode, mean = measured["mode"] < 1e-9, np.abs(measured["mean"]) < 1e-3
        return "holds" if (mode & mean).all() else "depends" if mode.all() else "fails as stated"


@dataclass(frozen=True)
class CornersCatchTheOptimum(Claim):
    """Share of random two-weight problems whose constrained optimum has an exact zero, inside an L1 ball and inside an L2 ball.

    ## The set-up
    Quadratics with random orientation, curvatures 1 and 3, and minimum at distance 2 in a random direction; the best point on the unit L1 diamond and on the unit circle, on
    a grid of 20,001 boundary points that contains the corners.
    ## Why
    The level ellipses first touch the diamond at a corner for a whole range of directions; they touch the circle at an axis only by accident.
    """

    rows = ("S1-38",)
    statement = Text(
        "The corners of the L1 ball give zeros; the round L2 ball does not.",
        "L1 球有尖角，所以容易得到零；L2 球是圆的，得不到。",
    )
    rule = Text(
        "Holds if at least 20 % of the L1 optima and less than 1 % of the L2 optima have a zero.",
        "若至少 20% 的 L1 最优点有零分量而 L2 不到 1%，则成立。",
    )
    seeds = 3

    problems: int = 200

    def measure(self, seed: int) -> dict[str, float]:
        """Shares."""
        random = np.random.default_rng(seed)
        turn = np.linspace(0, 2 * np.pi, 20_001)
        circle = np.stack([np.cos(turn), np.sin(turn)])
        circle[np.abs(circle) < 1e-12] = 0
        balls = {"l1": circle / np.abs(circle).sum(0), "l2": circle}
        zeros = dict.fromkeys(balls, 0)
        for _ in range(self.problems):
            angle, way = random.uniform(0, 2 * np.pi, 2)
            axes = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
            curvature = axes @ np.diag([1.0, 3.0]) @ axes.T
            minimum = 2 * np.array([[np.cos(way)], [np.sin(way)]])
            for name, points in balls.items():
                off = points - minimum
                best = points[:, (off * (curvature @ off)).sum(0).argmin()]
                zeros[name] += int((best == 0).any())
        return {f"{name}_with_a_zero": count / self.problems for name, count in zeros.items()}

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        """The rule."""
        return "holds" if measured["l1_with_a_zero"].mean() >= 0.2 and measured["l2_with_a_zero"].mean() < 0.01 else "fails as stated"

    def plot(self, figure: Figure, measured: dict[str, np.ndarray], lang: str) -> None:
        """Diamond and circle with the level ellipses that touch them."""
        turn = np.linspace(0, 2 * np.pi, 20_001)
        circle = np.stack([np.cos(turn), np.sin(turn)])
        curvature, minimum = np.array([[1.5, 0.5], [0.5, 2.0]]), np.array([[0.6], [1.7]])
        a, b = np.meshgrid(np.linspace(-1.5, 2.5, 200), np.linspace(-1.5, 2.5, 200))
        off = np.stack([a.ravel(), b.ravel()]) - minimum
        height = (off * (curvature @ off)).sum(0).reshape(a.shape)
        for axes, (name, points) in zip(
            figure.subplots(1, 2, sharey=True), (("L1", circle / np.abs(circle).sum(0)), ("L2", circle)), strict=True
        ):
            off = points - minimum
            levels = (off * (curvature @ off)).sum(0)
            best = points[:, levels.argmin()]
            axes.contour(a, b, height, [0.2, levels.min() / 2, levels.min()], colors="0.5", linewidths=0.8)
            axes.plot(*points, "#0072b2")
            axes.plot(*best, "o", color="#d55e00")
            axes.axhline(0, color="0.8", lw=0.5)
            axes.axvline(0, color="0.8", lw=0.5)
            axes.set_aspect("equal")
            axes.set_title(
                name + (f"：({best[0]:.2f}, {best[1]:.2f})" if lang == "zh" else f": ({best[0]:.2f}, {best[1]:.2f})"), fontsize=9
            )


@dataclass(frozen=True)
class ThePriorFadesWithData(Claim):
    """Difference between the maximum a posteriori and the maximum likelihood estimate of a probability, by number of samples.

    ## The set-up
    A coin with p = 0.3, prior Beta(5, 5); 2000 repeats of n = 10, 100, 1000, 10000 throws.
    ## Why
    MAP = (k + 4)/(n + 8): the prior is worth a fixed number of throws, so its pull falls as 1/n, while the estimate's own error falls as 1/sqrt n.
    """

    rows = ("S1-56",)
    statement = Text("With much data MAP and maximum likelihood agree.", "数据足够多时，最大后验与极大似然趋于一致。")
    rule = Text(
        "Holds if the mean difference falls by a factor of 7 to 13 for each tenfold of data from n = 100 on.",
        "若从 n = 100 起数据每增十倍平均差异缩小 7 到 13 倍，则成立。",
    )
    seeds = 3

    def measure(self, seed: int) -> dict[str, float]:
        """Mean differences, and the errors of both."""
        random = np.random.default_rng(seed)
        measured = {}
        for count in (10, 100, 1000, 10000):
            heads = random.binomial(count, 0.3, 2000)
            likely, posterior = heads / count, (heads + 4) / (count + 8)
            measured[f"difference_{count}"] = float(np.abs(likely - posterior).mean())
            measured[f"error_mle_{count}"] = float(((likely - 0.3) ** 2).mean() ** 0.5)
            measured[f"error_map_{count}"] = float(((posterior - 0.3) ** 2).mean() ** 0.5)
        return measured

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        """The rule."""
        means = [measured[f"difference_{n}"].mean() for n in (100, 1000, 10000)]
        return "holds" if all(7 <= a / b <= 13 for a, b in itertools.pairwise(means)) else "fails as stated"


@dataclass(frozen=True)
class AClassifierKeepsItsProbabilities(Claim):
    """Log loss of a classifier trained on balanced classes where one class is rare, as it is and with the prior exchanged by Bayes' rule.

    ## The set-up
    Two Gaussian classes one standard deviation and a half apart; the exact posterior for equal shares, used where the share is 5 %; then its odds times (0.05/0.95).
    ## Why
    p(y | x) is proportional to p(x | y) p(y). If only p(y) changes, the odds change by the ratio of the priors; nothing has to be trained again.
    """

    rows = ("S4-12", "S4-11")
    statement = Text(
        "A classifier's probabilities stay right when the share of the classes changes.",
        "类别比例改变后，分类器给出的概率仍然正确。",
    )
    rule = Text(
        "Holds if correcting for the new prior lowers the log loss by less than 5 %; fails as stated otherwise.",
        "若按新先验修正后对数损失下降不足 5% 则成立；否则按原话不成立。",
    )
    seeds = 5

    share: float = 0.05

    def measure(self, seed: int) -> dict[str, float]:
        """Mean predicted share and log losses."""
        random = np.random.default_rng(seed)
        rare = random.random(20000) < self.share
        x = random.standard_normal(20000) + 1.5 * rare
        log_odds = 1.5 * x - 1.125  # equal shares
        corrected = log_odds + np.log(self.share / (1 - self.share))

        def loss(z: np.ndarray) -> float:
            return float((np.logaddexp(0, z) - rare * z).mean())

        return {
            "loss_as_trained": loss(log_odds),
            "loss_corrected": loss(corrected),
            "mean_probability_as_trained": float((1 / (1 + np.exp(-log_odds))).mean()),
            "mean_probability_corrected": float((1 / (1 + np.exp(-corrected))).mean()),
        }

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        """The rule."""
        return "holds" if (measured["loss_corrected"] / measured["loss_as_trained"]).mean() > 0.95 else "fails as stated"
