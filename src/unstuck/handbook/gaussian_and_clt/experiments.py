"""The normal distribution: where it comes from, what its tails miss, what it maximises, and when choosing it is wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from unstuck.lab import Claim, Verdict
from unstuck.records import Text

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def normal_below(x: np.ndarray) -> np.ndarray:
    """Distribution function of the standard normal."""
    from scipy.special import ndtr

    return ndtr(x)


def distance_to_normal(values: np.ndarray) -> float:
    """Largest gap between the distribution of the standardised values and the normal one (Kolmogorov)."""
    ordered = np.sort((values - values.mean()) / values.std())
    steps = np.arange(1, len(ordered) + 1) / len(ordered)
    return float(np.abs(steps - normal_below(ordered)).max())


@dataclass(frozen=True)
class ManyVariablesAreNormal(Claim):
    """Kolmogorov distance to the normal of 30,000 independent exponential variables, and of 30,000 means of 30 of them.

    ## The set-up
    Exponential variables (skewness 2, excess kurtosis 6); their means over 1, 5, 30 and 200.
    ## Why
    The central limit theorem speaks of the standardised sum (or mean). Each variable keeps its own distribution however many there are.
    """

    rows = ("S4-16", "S1-50")
    statement = Text(
        "By the central limit theorem the distributions of many independent variables are nearly normal.",
        "根据中心极限定理，很多独立的随机变量的分布都近似符合正态分布。",
    )
    rule = Text(
        "Holds if the single variables themselves are within 0.03 of the normal; fails as stated if only their means of 200 are.",
        "若变量本身与正态的距离在 0.03 以内则成立；若只有 200 个的均值如此则按原话不成立。",
    )
    seeds = 3

    def measure(self, seed: int) -> dict[str, float]:
        """Distances and excess kurtosis by number averaged."""
        random = np.random.default_rng(seed)
        measured = {}
        for count in (1, 5, 30, 200):
            means = random.gamma(count, 1.0, 30000) / count  # the mean of `count` exponentials
            z = (means - means.mean()) / means.std()
            measured[f"distance_{count}"] = distance_to_normal(means)
            measured[f"excess_kurtosis_{count}"] = float((z**4).mean() - 3)
        return measured

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        """The rule."""
        return "holds" if (measured["distance_1"] < 0.03).all() else "fails as stated"

    def plot(self, figure: Figure, measured: dict[str, np.ndarray], lang: str) -> None:
        """Histograms of standardised means."""
        random = np.random.default_rng(0)
        x = np.linspace(-4, 4, 200)
        for axes, count in zip(figure.subplots(1, 4, sharey=True), (1, 5, 30, 200), strict=True):
            z = (random.gamma(count, 1.0, 30000) - count) / count**0.5
            axes.hist(z, 60, range=(-4, 4), density=True, color="#a6d8f0")
            axes.plot(x, np.exp(-(x**2) / 2) / np.sqrt(2 * np.pi), "k", lw=1)
            axes.set_title(f"{count} 个的均值" if lang == "zh" else f"means of {count}", fontsize=9)


@dataclass(frozen=True)
class SumsBecomeNormal(Claim):
    """Kolmogorov distance to the normal of sums of 1000 independent variables with finite and with infinite variance.

    ## The set-up
    Uniform, exponential, Bernoulli(0.1), Student t with 1.5 degrees of freedom, and Cauchy variables; 2000 sums of 1000 each, standardised by
    their mean and standard deviation.
    ## Why
    The theorem needs a finite variance. Without it one term dominates the sum, and the limit is another stable law.
    """

    rows = ("S4-16", "S1-50")
    statement = Text(
        "The standardised sum of many independent variables is nearly normal.",
        "许多独立随机变量之和（标准化后）近似服从正态分布。",
    )
    rule = Text(
        "Holds if the distance is below 0.05 for all five kinds; depends if for those with finite variance only.",
        "若五种变量的距离都小于 0.05 则成立；若只对方差有限者成立则视情况而定。",
    )
    depends = Text("depends on a finite variance", "取决于方差是否有限")
    seeds = 3

    def measure(self, seed: int) -> dict[str, float]:
        """Distances."""
        random = np.random.default_rng(seed)
        shape = (2000, 1000)
        draws = {
            "uniform": random.random(shape),
            "exponential": random.standard_exponential(shape),
            "bernoulli": (random.random(shape) < 0.1).astype(float),
            "student_1.5": random.standard_t(1.5, shape),
            "cauchy": random.standard_cauchy(shape),
        }
        measured = {}
        for name, values in draws.items():
            measured[name] = distance_to_normal(values.sum(1))
        return measured

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        """The rule."""
        near = {name: bool(values.mean() < 0.05) for name, values in measured.items()}
        if all(near.values()):
            return "holds"
        return "depends" if near["uniform"] and near["exponential"] and near["bernoulli"] else "fails as stated"


@dataclass(frozen=True)
class LaplaceHasHeavierTails(Claim):
    """Probability of a value beyond 2 to 6 standard deviations under a normal and a Laplace distribution of equal variance.

    ## The set-up
    Closed forms: erfc(k / sqrt 2) and exp(-k sqrt 2); a sample of a million Laplace values as a check at 5.
    ## Why
    exp(-|x|) falls more slowly than exp(-x^2): the logarithm of the density is linear, not quadratic.
    """

    rows = ("S4-15", "S4-13", "S1-49")
    experiment = "X42"
    statement = Text(
        "Under a Laplace distribution extreme values are far more probable than under a normal one.",
        "拉普拉斯分布出现极端值的概率远大于正态分布。",
    )
    rule = Text(
        "Holds if beyond 5 standard deviations it is at least 100 times as probable.", "若超出 5 个标准差的概率至少为 100 倍，则成立。"
    )
    seeds = 3

    def measure(self, seed: int) -> dict[str, float]:
        """Tail probabilities."""
        from scipy.special import erfc

        measured = {}
        for k in (2, 3, 5, 6):
            measured[f"normal_beyond_{k}"] = float(erfc(k / 2**0.5))
            measured[f"laplace_beyond_{k}"] = float(np.exp(-k * 2**0.5))
        sample = np.random.default_rng(seed).laplace(0, 0.5**0.5, 1_000_000)
        return measured | {"laplace_sample_beyond_5": float((np.abs(sample) > 5).mean())}

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        """The rule."""
        return "holds" if (measured["laplace_sample_beyond_5"] >= 100 * measured["normal_beyond_5"]).all() else "fails as stated"

    def plot(self, figure: Figure, measured: dict[str, np.ndarray], lang: str) -> None:
        """Densities, linear and logarithmic."""
        x = np.linspace(-6, 6, 500)
        curves = (
            ("正态" if lang == "zh" else "normal", np.exp(-(x**2) / 2) / np.sqrt(2 * np.pi), "-"),
            ("拉普拉斯" if lang == "zh" else "Laplace", np.exp(-np.abs(x) * 2**0.5) / 2**0.5, "--"),
        )
        for axes, log in zip(figure.subplots(1, 2), (False, True), strict=True):
            for name, y, style in curves:
                axes.plot(x, y, style, label=name)
            axes.set_xlabel("标准差" if lang == "zh" else "standard deviations")
            if log:
                axes.set_yscale("log")
            else:
                axes.set_ylabel("概率密度" if lang == "zh" else "density")
                axes.legend()


@dataclass(frozen=True)
class TheNormalIsTheMostUncertain(Claim):
    """Differential entropy of six distributions of variance 1, by numerical integration.

    ## The set-up
    Normal, Laplace, uniform, logistic, triangular, and a mixture of two normals at -0.9 and 0.9; -integral p ln p on a fine grid.
    ## Why
    Of all densities with a given variance the normal has the largest entropy, ln(2 pi e)/2: the quadratic -ln p makes cross-entropy against any such density
    the same number, and Gibbs' inequality does the rest.
    """

    rows = ("S4-17", "S1-50")
    experiment = "X42"
    statement = Text(
        "Of all distributions with the same variance the normal has the largest uncertainty.",
        "在方差相同的分布中，正态分布的不确定性最大。",
    )
    rule = Text("Holds if none of the others has an entropy as large.", "若其他分布的熵都小于它，则成立。")
    seeds = 1

    def measure(self, seed: int) -> dict[str, float]:
        """Entropies in nats."""
        x = np.linspace(-25, 25, 1_000_001)
        width = x[1] - x[0]

        def bell(middle: float, spread: float) -> np.ndarray:
            return np.exp(-((x - middle) ** 2) / 2 / spread**2) / spread / np.sqrt(2 * np.pi)

        scale = 3**0.5 / np.pi
        densities = {
            "normal": bell(0, 1),
            "laplace": np.exp(-np.abs(x) * 2**0.5) / 2**0.5,
            "uniform": (np.abs(x) < 3**0.5) / 12**0.5,
            "logistic": 1 / (4 * scale * np.cosh(np.clip(x / 2 / scale, -300, 300)) ** 2),
            "triangular": np.maximum(6**0.5 - np.abs(x), 0) / 6,
            "two_bells": (bell(-0.9, 0.19**0.5) + bell(0.9, 0.19**0.5)) / 2,
        }
        entropies = {}
        for name, p in densities.items():
            entropies[name] = float(-(p * np.log(np.where(p > 0, p, 1))).sum() * width)
        return entropies

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        """The rule."""
        rivals = [float(values[0]) for name, values in measured.items() if name != "normal"]
        return "holds" if max(rivals) < measured["normal"][0] else "fails as stated"


@dataclass(frozen=True)
class ChoosingTheNormalIsHardlyEverWrong(Claim):
    """Error of the mean (best under a normal) over that of the median, for normal, Laplace and contaminated data.

    ## The set-up
    4000 samples of 100 values each: normal; Laplace; normal with 5 % of the values from a normal ten times as wide; mean squared errors of both estimates of the
    centre.
    ## Why
    Assuming a normal means squared error, and squares let few outliers decide. Under a Laplace the median is the likelihood's choice.
    """

    rows = ("S4-14",)
    experiment = "X42"
    statement = Text(
        "Without prior knowledge, choosing the normal distribution is hardly ever wrong.",
        "缺乏先验知识时，选择正态分布一般不会出错。",
    )
    rule = Text(
        "Holds if the mean's squared error is at most 1.2 times the median's on all three; depends if on the normal data only.",
        "若三种数据上均值的均方误差都不超过中位数的 1.2 倍则成立；若只在正态数据上如此则视情况而定。",
    )
    depends = Text("depends on the tails: one outlier in twenty is enough", "取决于尾部：二十分之一的离群值就足以出错")
    seeds = 3

    def measure(self, seed: int) -> dict[str, float]:
        """Ratios of squared errors, mean over median."""
        random = np.random.default_rng(seed)
        shape = (4000, 100)
        normal = random.standard_normal(shape)
        draws = {
            "normal": normal,
            "laplace": random.laplace(0, 0.5**0.5, shape),
            "outliers": normal * np.where(random.random(shape) < 0.05, 10, 1),
        }
        return {name: float((v.mean(1) ** 2).mean() / (np.median(v, 1) ** 2).mean()) for name, v in draws.items()}

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        """The rule."""
        good = {name: bool(values.mean() <= 1.2) for name, values in measured.items()}
        return "holds" if all(good.values()) else "depends" if good["normal"] else "fails as stated"
