"""Claims about penalties under correlated features: lasso, ridge and elastic net."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from unstuck.lab import Claim, Verdict
from unstuck.records import Text

if TYPE_CHECKING:
    from matplotlib.figure import Figure

RESAMPLES = 60


@cache
def coefficients(seed: int, closeness: float, samples: int = 100) -> dict[str, np.ndarray]:
    """Weights [resamples, 8] of lasso, ridge and elastic net: features 0 to 2 are noisy copies of one factor, 3 to 7 are noise.

    `closeness` is the standard deviation of the copies' own noise: 0.1 makes them correlate at 0.99; from 10 on they are nearly independent.
    All resamples are fitted at once by proximal steps.
    """
    rng = np.random.default_rng(seed)
    factor = rng.standard_normal((RESAMPLES, samples, 1))
    copies = (factor + closeness * rng.standard_normal((RESAMPLES, samples, 3))) / (1 + closeness**2) ** 0.5
    x = np.concatenate([copies, rng.standard_normal((RESAMPLES, samples, 5))], axis=2)
    y = copies.sum(2) + 0.5 * rng.standard_normal((RESAMPLES, samples))
    gram = x.transpose(0, 2, 1) @ x / samples  # [resamples, 8, 8]
    target = np.einsum("rni,rn->ri", x, y) / samples
    step = 1 / (np.linalg.eigvalsh(gram)[:, -1:] + 1)
    fitted = {}
    for name, l1, l2 in (("lasso", 0.15, 0.0), ("ridge", 0.0, 0.15), ("elastic_net", 0.15, 0.15)):
        w = np.zeros((RESAMPLES, 8))
        ahead, t = w, 1.0
        for _ in range(1500):
            z = ahead - step * (np.einsum("rij,rj->ri", gram, ahead) - target + l2 * ahead)
            new = np.sign(z) * np.maximum(abs(z) - step * l1, 0)
            t_new = (1 + (1 + 4 * t * t) ** 0.5) / 2
            ahead, w, t = new + (t - 1) / t_new * (new - w), new, t_new
        fitted[name] = w
    return fitted


@dataclass(frozen=True)
class L1SuitsCorrelatedFeatures(Claim):
    """How much the coefficients of three near-copies scatter over resamples, and how unequally they share, under lasso and ridge.

    ## The set-up
    Three copies of one factor (correlation 0.99), each with true weight 1, five noise features, 100 samples, 60 resamples; strength 0.15.
    ## Why
    Along w1 + w2 + w3 = const the L1 penalty is flat: noise decides who gets the weight. The squared penalty is least where they are equal.
    """

    rows = ("S1-39", "S0-27")
    experiment = "X15"
    statement = Text(
        "L1 suits correlated features, L2 uncorrelated ones.",
        "L1 适用于特征之间有关联的情况；L2 适用于特征之间没有关联的情况。",
    )
    rule = Text(
        "Holds if on near-copies lasso's coefficients scatter no more than ridge's; fails if they scatter at least twice as much.",
        "若在近似重复的特征上 lasso 系数的离散程度不大于 ridge，则成立；若达到两倍以上，则按原话不成立。",
    )
    depends = Text("depends on the strength", "取决于强度")
    closeness: float = 0.1

    def measure(self, seed: int) -> dict[str, float]:
        fits = coefficients(seed, self.closeness)
        measured = {}
        for name in ("lasso", "ridge", "elastic_net"):
            w = fits[name]
            measured[f"std_{name}"] = float(w[:, :3].std(0).mean())
            measured[f"kept_of_3_{name}"] = float((w[:, :3] != 0).sum(1).mean())
            measured[f"largest_share_{name}"] = float((w[:, :3].max(1) / w[:, :3].sum(1)).mean())
        return measured

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        ratio = measured["std_lasso"].mean() / measured["std_ridge"].mean()
        return "holds" if ratio <= 1 else "fails as stated" if ratio >= 2 else "depends"

    def plot(self, figure: Figure, measured: dict[str, np.ndarray], lang: str) -> None:
        zh = lang == "zh"
        titles = {"lasso": "lasso (L1)", "ridge": "ridge (L2)", "elastic_net": "弹性网" if zh else "elastic net"}
        for i, (name, title) in enumerate(titles.items()):
            axes = figure.add_subplot(1, 3, i + 1)
            axes.plot(coefficients(0, self.closeness)[name].T, ".", color="#0072B2", alpha=0.3)
            axes.axvline(2.5, color="black", linestyle=":")
            axes.set_ylim(-0.5, 3.5)
            axes.set_title(title)
            axes.set_xlabel("特征" if zh else "feature")
            if i == 0:
                axes.set_ylabel("系数" if zh else "coefficient")


@dataclass(frozen=True)
class L2KeepsMoreFeatures(Claim):
    """Number of non-zero coefficients of eight under lasso, ridge and elastic net, split into features that act and noise.

    ## The set-up
    As in `l1-suits-correlated-features`.
    ## Why
    Ridge never sets a coefficient to zero; it keeps noise features as well, with small weights.
    """

    rows = ("S0-32",)
    statement = Text("L2 keeps more features than L1.", "L2 会保留更多的特征。")
    rule = Text(
        "Holds if ridge keeps all 8 features in every resample and lasso at least 2 fewer in the mean.",
        "若 ridge 在每次重采样中都保留全部 8 个特征，而 lasso 平均至少少 2 个，则成立。",
    )
    closeness: float = 0.1

    def measure(self, seed: int) -> dict[str, float]:
        fits = coefficients(seed, self.closeness)
        measured = {f"kept_{name}": float((w != 0).sum(1).mean()) for name, w in fits.items()}
        return measured | {f"noise_kept_{name}": float((w[:, 3:] != 0).sum(1).mean()) for name, w in fits.items()}

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        return "holds" if measured["kept_ridge"].min() == 8 and measured["kept_lasso"].mean() <= 6 else "fails as stated"


@dataclass(frozen=True)
class TheElasticNetSharesAndSelects(Claim):
    """Does the elastic net give the copies nearly equal weights and the noise features none?

    ## The set-up
    As in `l1-suits-correlated-features`, with L1 and L2 strength 0.15 each.
    ## Why
    The squared part makes the problem strictly convex, so near-copies get near-equal weights (grouping effect); the L1 part still sets the rest to 0.
    """

    rows = ("S1-39", "S0-27")
    experiment = "X15"
    statement = Text(
        "The elastic net shares the weight among correlated features like ridge and still drops noise like lasso.",
        "弹性网像 ridge 一样在相关特征间均分权重，又像 lasso 一样剔除噪声特征。",
    )
    rule = Text(
        "Holds if it keeps at least 2.95 of 3 copies, its coefficients scatter at most half as much as lasso's, and at most 0.75 of 5 noise features stay.",
        "若平均保留至少 2.95 个（共 3 个）副本、系数离散程度不超过 lasso 的一半、噪声特征平均保留不超过 0.75 个（共 5 个），则成立。",
    )
    closeness: float = 0.1

    def measure(self, seed: int) -> dict[str, float]:
        fits = coefficients(seed, self.closeness)
        w = fits["elastic_net"]
        return {
            "kept_of_3": float((w[:, :3] != 0).sum(1).mean()),
            "std_over_lasso": float(w[:, :3].std(0).mean() / fits["lasso"][:, :3].std(0).mean()),
            "noise_kept_of_5": float((w[:, 3:] != 0).sum(1).mean()),
        }

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        good = (
            measured["kept_of_3"].mean() >= 2.95 and measured["std_over_lasso"].mean() <= 0.5 and measured["noise_kept_of_5"].mean() <= 0.75
        )
        return "holds" if good else "fails as stated"


@dataclass(frozen=True)
class TheSelectionOfL1CanBeTrusted(Claim):
    """How often lasso selects the same set of true features in two resamples, with near-copies and with independent features.

    ## The set-up
    Mean Jaccard agreement of the selected true features over pairs of resamples; closeness 0.02 (copies, correlation 0.9996) against 10 (independent).
    ## Why
    Selection is stable only if no other feature can stand in for a selected one (irrepresentable condition).
    """

    rows = ("S0-27",)
    experiment = "X15"
    statement = Text("The features that L1 selects are the important ones.", "L1 选出的特征就是重要的特征。")
    rule = Text(
        "Holds if the agreement of two selections is at least 0.95 with copies and without; depends if only without.",
        "若有无近似重复特征时两次选择的一致度都不低于 0.95，则成立；若只在没有时如此，则视情况而定。",
    )
    depends = Text("depends on correlation among the features", "取决于特征之间的相关性")

    def measure(self, seed: int) -> dict[str, float]:
        measured = {}
        for name, closeness in (("copies", 0.02), ("independent", 10.0)):
            chosen = coefficients(seed, closeness)["lasso"][:, :3] != 0
            both = (chosen[0::2] & chosen[1::2]).sum(1)
            measured[f"agreement_{name}"] = float((both / np.maximum((chosen[0::2] | chosen[1::2]).sum(1), 1)).mean())
        return measured

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        good = [measured[f"agreement_{n}"].mean() >= 0.95 for n in ("independent", "copies")]
        return "holds" if all(good) else "depends" if good[0] else "fails as stated"
