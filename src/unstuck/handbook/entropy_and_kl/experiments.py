"""Entropy, cross-entropy, Kullback-Leibler divergence, mutual information: identities, and what they are not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from unstuck.lab import Claim, Verdict
from unstuck.records import Text

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def kl(p: np.ndarray, q: np.ndarray) -> np.ndarray:
    """Sum of p ln(p / q) over the last axis; terms with p = 0 count nothing."""
    return np.where(p > 0, p * (np.log(np.where(p > 0, p, 1)) - np.log(q)), 0).sum(-1)


@dataclass(frozen=True)
class KlIsADistance(Claim):
    """Asymmetry and violations of the triangle inequality of the KL divergence between random distributions.

    ## The set-up
    10,000 triples of distributions over 5 classes (Dirichlet with parameter 1 each).
    ## Why
    KL(p, q) asks how badly q codes data of p; the two roles differ. It is non-negative and zero only for p = q, and that is all that it shares with a distance.
    """

    rows = ("S1-56",)
    statement = Text("The KL divergence is a distance between distributions.", "KL 散度是两个分布之间的距离。")
    rule = Text(
        "Holds if KL(p, q) and KL(q, p) agree within 1 % and the triangle inequality holds in every triple; fails as stated otherwise.",
        "若 KL(p,q) 与 KL(q,p) 相差不到 1% 且三角不等式总成立则成立；否则按原话不成立。",
    )
    seeds = 3

    def measure(self, seed: int) -> dict[str, float]:
        """Smallest value, asymmetry, share of violations."""
        p, q, r = np.random.default_rng(seed).dirichlet(np.ones(5), (3, 10_000))
        forward, backward = kl(p, q), kl(q, p)
        return {
            "smallest": float(forward.min()),
            "median_asymmetry": float(np.median(np.abs(forward - backward) / np.minimum(forward, backward))),
            "triangle_violated": float((kl(p, r) > forward + kl(q, r)).mean()),
        }

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        """The rule."""
        return "holds" if (measured["median_asymmetry"] < 0.01).all() and (measured["triangle_violated"] == 0).all() else "fails as stated"


@dataclass(frozen=True)
class MinimisingCrossEntropyIsMinimisingKl(Claim):
    """Difference between cross-entropy and entropy plus KL, and between the gradients of cross-entropy and of KL.

    ## The set-up
    Random targets p and logits over 10 classes in double precision; gradients by autograd.
    ## Why
    -sum p ln q = -sum p ln p + sum p ln(p/q), and the entropy of p does not depend on the model. Its size is the floor of the loss: with soft or noisy
    targets a loss above 0 is not a failure.
    """

    rows = ("S1-56",)
    statement = Text(
        "Cross-entropy is entropy plus KL, so minimising one minimises the other.",
        "交叉熵等于熵加 KL 散度，因此最小化交叉熵就是最小化 KL 散度。",
    )
    rule = Text("Holds if both differences are below 1e-12.", "若两个差都小于 1e-12，则成立。")
    seeds = 5

    def measure(self, seed: int) -> dict[str, float]:
        """Differences, and the floor."""
        import torch
        from torch.nn import functional

        generator = torch.Generator().manual_seed(seed)
        p = torch.softmax(torch.randn(100, 10, generator=generator, dtype=torch.float64), 1)
        logits = torch.randn(100, 10, generator=generator, dtype=torch.float64, requires_grad=True)
        cross = functional.cross_entropy(logits, p)
        divergence = functional.kl_div(torch.log_softmax(logits, 1), p, reduction="batchmean")
        entropy = -(p * p.log()).sum(1).mean()
        one, two = torch.autograd.grad(cross, logits)[0], torch.autograd.grad(divergence, logits)[0]
        return {
            "identity_error": abs((cross - entropy - divergence).item()),
            "gradient_difference": (one - two).abs().max().item(),
            "floor_of_cross_entropy": entropy.item(),
        }

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        """The rule."""
        return (
            "holds" if (measured["identity_error"] < 1e-12).all() and (measured["gradient_difference"] < 1e-12).all() else "fails as stated"
        )


@dataclass(frozen=True)
class BothDirectionsOfKlFitTheSame(Claim):
    """Mean and standard deviation of the normal that is closest to a mixture of two bells, by forward and by reverse KL.

    ## The set-up
    p = half N(-2, 0.5^2) plus half N(2, 0.5^2); all normals on a grid of means and standard deviations; integrals on a fine grid.
    ## Why
    KL(p, q) is infinite where p has mass and q none: it must cover both bells (maximum likelihood). KL(q, p) is large where q has mass and p none: it keeps to one bell
    (variational inference).
    """

    rows = ("S1-56",)
    statement = Text("It does not matter which way round one minimises KL.", "最小化 KL(p‖q) 还是 KL(q‖p) 没有区别。")
    rule = Text(
        "Holds if both best normals have standard deviations within 10 % of each other; fails as stated otherwise.",
        "若两种方向得到的正态分布标准差相差不到 10% 则成立；否则按原话不成立。",
    )
    seeds = 1

    def fits(self) -> dict[str, tuple[float, float]]:
        """Best (mean, standard deviation) by direction."""
        x = np.linspace(-10, 10, 2001)
        step = x[1] - x[0]

        def log_bell(mean: float, std: float) -> np.ndarray:
            return -((x - mean) ** 2) / 2 / std**2 - np.log(std * np.sqrt(2 * np.pi))

        log_p = np.logaddexp(log_bell(-2, 0.5), log_bell(2, 0.5)) - np.log(2)
        best = {"forward": (np.inf, 0.0, 0.0), "reverse": (np.inf, 0.0, 0.0)}
        for mean in np.linspace(-3, 3, 61):
            for std in np.linspace(0.3, 3, 55):
                log_q = log_bell(mean, std)
                values = {
                    "forward": (np.exp(log_p) * (log_p - log_q)).sum() * step,
                    "reverse": (np.exp(log_q) * (log_q - log_p)).sum() * step,
                }
                for name, value in values.items():
                    if value < best[name][0]:
                        best[name] = (float(value), float(mean), float(std))
        return {name: found[1:] for name, found in best.items()}

    def measure(self, seed: int) -> dict[str, float]:
        """Best normals."""
        found = self.fits()
        return {
            f"{name}_{what}": abs(value)
            for name, pair in found.items()
            for what, value in zip(("distance_of_mean", "std"), pair, strict=True)
        }

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        """The rule."""
        return "holds" if abs(measured["forward_std"][0] / measured["reverse_std"][0] - 1) < 0.1 else "fails as stated"

    def plot(self, figure: Figure, measured: dict[str, np.ndarray], lang: str) -> None:
        """The mixture and both fits."""
        axes = figure.subplots()
        x = np.linspace(-6, 6, 500)

        def bell(mean: float, std: float) -> np.ndarray:
            return np.exp(-((x - mean) ** 2) / 2 / std**2) / std / np.sqrt(2 * np.pi)

        axes.fill_between(x, (bell(-2, 0.5) + bell(2, 0.5)) / 2, color="0.85", label="p")
        names = {"forward": "min KL(p‖q)", "reverse": "min KL(q‖p)"}
        for (name, pair), style in zip(self.fits().items(), ("-", "--"), strict=True):
            axes.plot(x, bell(*pair), style, label=names[name])
        axes.set_xlabel("$x$")
        axes.set_ylabel("概率密度" if lang == "zh" else "density")
        axes.legend()


@dataclass(frozen=True)
class UncorrelatedMeansIndependent(Claim):
    """Correlation and mutual information of x and x^2 + noise.

    ## The set-up
    20,000 normal x, y = x^2 + 0.3 noise; mutual information from a histogram of 15 x 15 quantile bins, less that of a shuffled copy (the estimate's bias).
    ## Why
    Correlation sees linear dependence only. Mutual information, KL(p(x, y), p(x) p(y)), is zero only for independence.
    """

    rows = ("S1-56",)
    statement = Text("If two variables are uncorrelated, one tells nothing about the other.", "两个变量不相关，就互不提供信息。")
    rule = Text(
        "Holds if the mutual information is below 0.02 nats where the correlation is below 0.05; fails as stated otherwise.",
        "若相关系数小于 0.05 时互信息小于 0.02 nat 则成立；否则按原话不成立。",
    )
    seeds = 5

    def measure(self, seed: int) -> dict[str, float]:
        """Correlation and information in nats."""
        random = np.random.default_rng(seed)
        x = random.standard_normal(20_000)
        y = x**2 + 0.3 * random.standard_normal(20_000)

        def information(a: np.ndarray, b: np.ndarray) -> float:
            edges = [np.quantile(v, np.linspace(0, 1, 16)) for v in (a, b)]
            joint = np.histogram2d(a, b, edges)[0] / len(a)
            return float(kl(joint.ravel(), np.outer(joint.sum(1), joint.sum(0)).ravel()))

        shuffled = information(x, random.permutation(y))
        return {
            "correlation": abs(float(np.corrcoef(x, y)[0, 1])),
            "information": information(x, y) - shuffled,
            "information_shuffled": shuffled,
        }

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        """The rule."""
        near = measured["correlation"] < 0.05
        return "holds" if (measured["information"][near] < 0.02).all() else "fails as stated"


@dataclass(frozen=True)
class EntropyIsNeverNegative(Claim):
    """Entropy of discrete distributions, and differential entropy of a uniform distribution, by width.

    ## The set-up
    1000 random distributions over 8 classes; uniform densities of width 4, 1 and 0.25; and of all discrete ones the largest against ln 8.
    ## Why
    Discrete: -ln p is never negative, the maximum ln K belongs to the uniform. Continuous: a density may exceed 1, so ln(width) may be negative; it changes with the
    unit of x. Only differences (KL, mutual information) are free of units.
    """

    rows = ("S1-56", "S4-17")
    statement = Text("Entropy is never negative.", "熵不会是负数。")
    rule = Text(
        "Holds if no entropy is negative; depends if all discrete ones are non-negative and a differential one is negative.",
        "若所有熵都非负则成立；若离散熵非负而有微分熵为负则视情况而定。",
    )
    depends = Text("depends on discrete or continuous", "取决于离散还是连续")
    seeds = 3

    def measure(self, seed: int) -> dict[str, float]:
        """Entropies in nats."""
        p = np.random.default_rng(seed).dirichlet(np.full(8, 0.5), 1000)
        discrete = -np.where(p > 0, p * np.log(np.where(p > 0, p, 1)), 0).sum(1)
        return {
            "smallest_discrete": float(discrete.min()),
            "largest_discrete": float(discrete.max()),
            "ln_8": float(np.log(8)),
            **{f"uniform_width_{w:g}": float(np.log(w)) for w in (4, 1, 0.25)},
        }

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        """The rule."""
        discrete = (measured["smallest_discrete"] >= 0).all()
        continuous = all((measured[f"uniform_width_{w}"] >= 0).all() for w in ("4", "1", "0.25"))
        return "holds" if discrete and continuous else "depends" if discrete else "fails as stated"
