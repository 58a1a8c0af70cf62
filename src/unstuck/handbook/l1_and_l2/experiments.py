"""Claims about the L1 and L2 penalties: what each does to weights, and when which of them generalises."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from unstuck.lab import Claim, Verdict
from unstuck.records import Text

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def lasso(x: np.ndarray, y: np.ndarray, strengths: np.ndarray, rounds: int = 400) -> np.ndarray:
    """Minimisers of |y - Xw|^2 / 2n + s |w|_1 for each strength s [S], by accelerated proximal steps: [S, d]."""
    gram, target = x.T @ x / len(y), x.T @ y / len(y)
    step = 1 / np.linalg.eigvalsh(gram)[-1]
    w = np.zeros((len(strengths), x.shape[1]))
    ahead, t = w, 1.0
    for _ in range(rounds):
        z = ahead - step * (ahead @ gram - target)
        new = np.sign(z) * np.maximum(abs(z) - step * strengths[:, None], 0)
        t_new = (1 + (1 + 4 * t * t) ** 0.5) / 2
        ahead, w, t = new + (t - 1) / t_new * (new - w), new, t_new
    return w


def ridge(x: np.ndarray, y: np.ndarray, strengths: np.ndarray) -> np.ndarray:
    """Minimisers of |y - Xw|^2 / 2n + s |w|_2^2 / 2 for each strength s [S]: [S, d]."""
    values, vectors = np.linalg.eigh(x.T @ x / len(y))
    target = vectors.T @ (x.T @ y / len(y))
    return (target / (values + strengths[:, None])) @ vectors.T


def _problem(seed: int, active: int, samples: int = 60, features: int = 50) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Inputs, targets and true weights of a regression in which `active` of the weights are not zero; their total size is the same."""
    rng = np.random.default_rng(seed)
    truth = np.zeros(features)
    truth[rng.permutation(features)[:active]] = rng.choice([-1.0, 1.0], active) * 3 / active**0.5
    x = rng.standard_normal((samples, features))
    return x, x @ truth + rng.standard_normal(samples), truth


@dataclass(frozen=True)
class TheL2PenaltyIsTheRootOfTheSum(Claim):
    """Minimisers of 1/2 |w - a|^2 plus s |w|, and plus s |w|^2, for a growing strength s.

    ## The set-up
    a = (0.3, 0.4), so |a| = 0.5; minimised numerically for s = 0.1 to 1 and compared with max(0, 1 - s / |a|) a and a / (1 + 2 s).
    ## Why
    The gradient of |w| is w / |w|, of length 1 however small w is: from s >= |a| it wins at zero. That of |w|^2 is 2 w and fades.
    """

    rows = ("S0-28", "S0-13", "S4-06")
    experiment = "X14"
    statement = Text(
        "L2 regularisation adds the square root of the sum of the squared weights to the loss.",
        "L2 正则化在损失函数上加所有权重平方和的平方根。",
    )
    rule = Text(
        "Holds if root and square have the same minimiser for every strength up to a constant factor of s, i.e. both or neither reach zero.",
        "若带平方根与不带平方根的惩罚最优点性质相同（要么都能到零，要么都不能），则成立。",
    )
    seeds = 1

    def measure(self, seed: int) -> dict[str, float]:
        from scipy.optimize import minimize

        a = np.array([0.3, 0.4])
        strengths = np.linspace(0.1, 1.0, 10)
        root, square, error = [], [], 0.0
        for s in strengths:
            by_root = minimize(
                lambda w, s=s: 0.5 * ((w - a) ** 2).sum() + s * np.sqrt((w**2).sum()),
                a,
                method="Nelder-Mead",
                options={"xatol": 1e-9, "fatol": 1e-14},
            ).x
            by_square = minimize(lambda w, s=s: 0.5 * ((w - a) ** 2).sum() + s * (w**2).sum(), a).x
            error = max(error, abs(by_root - max(0.0, 1 - s / 0.5) * a).max(), abs(by_square - a / (1 + 2 * s)).max())
            root.append(np.linalg.norm(by_root))
            square.append(np.linalg.norm(by_square))
        return {
            "norm_root_at_0.6": float(root[5]),
            "norm_square_at_0.6": float(square[5]),
            "error_of_formulas": float(error),
            "strengths": strengths,
            "norms_root": np.array(root),
            "norms_square": np.array(square),
        }

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        return "holds" if (measured["norm_root_at_0.6"][0] < 1e-3) == (measured["norm_square_at_0.6"][0] < 1e-3) else "fails as stated"

    def plot(self, figure: Figure, measured: dict[str, np.ndarray], lang: str) -> None:
        axes = figure.add_subplot()
        zh = lang == "zh"
        axes.plot(measured["strengths"][0], measured["norms_root"][0], "o-", color="#D55E00", label=r"$s\,\Vert w\Vert$")
        axes.plot(measured["strengths"][0], measured["norms_square"][0], "o-", color="#0072B2", label=r"$s\,\Vert w\Vert^2$")
        axes.set_xlabel("强度 s" if zh else "strength s")
        axes.set_ylabel("最优解的范数" if zh else "norm of the minimiser")
        axes.legend()


@dataclass(frozen=True)
class L2TakesAShareL1TakesAConstant(Claim):
    """What one SGD step on the penalty alone takes from weights of very different size.

    ## The set-up
    Weights 0.001 to 100 of both signs, lr 0.1, s = 0.01: autograd of s |w|_1 and of s |w|_2^2 / 2; the derivative of |w| at 0 as torch gives it.
    ## Why
    d/dw s |w| = s sign(w): a constant; d/dw s w^2 / 2 = s w: a constant share.
    """

    rows = ("S0-30", "S0-24")
    statement = Text(
        "Per step the L2 penalty takes a fixed share of each weight, the L1 penalty a fixed amount.",
        "每一步 L2 使权重减少固定比例，L1 使权重减少一个常量。",
    )
    rule = Text(
        "Holds if the share under L2 and the amount under L1 vary by less than 1e-6 (relative) over all weights.",
        "若 L2 减少的比例与 L1 减少的量在所有权重上的相对差异都小于 1e-6，则成立。",
    )
    seeds = 1

    def measure(self, seed: int) -> dict[str, float]:
        import torch

        w = torch.logspace(-3, 2, 6, dtype=torch.float64).repeat(2)
        w[6:] *= -1
        w.requires_grad_()
        (by_l1,) = torch.autograd.grad(0.01 * w.abs().sum(), w)
        (by_l2,) = torch.autograd.grad(0.005 * (w**2).sum(), w)
        share = 0.1 * by_l2 / w.detach()
        amount = 0.1 * by_l1 * w.detach().sign()
        return {
            "l2_share": float(share.mean()),
            "l2_share_variation": float((share.max() - share.min()) / share.mean()),
            "l1_amount": float(amount.mean()),
            "l1_amount_variation": float((amount.max() - amount.min()) / amount.mean()),
        }

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        return "holds" if max(measured["l2_share_variation"][0], measured["l1_amount_variation"][0]) < 1e-6 else "fails as stated"


@dataclass(frozen=True)
class TheDerivativeOfL1IsOne(Claim):
    """The derivative of |w| by autograd at negative, zero and positive weights.

    ## The set-up
    torch.abs at -2, -1e-6, 0, 1e-6, 2.
    ## Why
    It is the sign: -1, 1, and at 0 any number from -1 to 1 is a subgradient (torch returns 0). With "1 everywhere" negative weights would grow.
    """

    rows = ("S0-25",)
    statement = Text(
        "L1 punishes all parameters equally: the derivative is always 1.",
        "L1 对所有参数的惩罚力度一样（求导均为 1）。",
    )
    rule = Text(
        "Holds if the derivative is 1 at all five points; otherwise it fails as stated.", "若五处导数都为 1，则成立；否则按原话不成立。"
    )
    seeds = 1

    def measure(self, seed: int) -> dict[str, float]:
        import torch

        w = torch.tensor([-2.0, -1e-6, 0.0, 1e-6, 2.0], requires_grad=True)
        w.abs().sum().backward()
        return {f"slope_at_{at}": slope for at, slope in zip(("-2", "-1e-6", "0", "1e-6", "2"), w.grad.tolist(), strict=True)}

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        return "holds" if all((v == 1).all() for v in measured.values()) else "fails as stated"


@dataclass(frozen=True)
class L1IsSparseL2IsSmooth(Claim):
    """Exact zeros, and the share of the squared weight carried by the largest tenth, at the optima of lasso and ridge.

    ## The set-up
    50 features of which 5 act, 60 samples, unit noise; each penalty at the strength of 40 that predicts new samples best.
    ## Why
    The optimum puts a weight at exactly 0 where the loss pulls with less than s. A squared penalty pulls with s w, which is 0 at 0.
    """

    rows = ("S0-33", "S0-26", "S0-27", "S0-31", "S0-32", "S1-37")
    statement = Text(
        "L1 makes the weights sparse and so selects features; L2 makes them small and smooth and never 0.",
        "L1 使权重稀疏、可用于特征选择；L2 使权重平滑且不会为 0。",
    )
    rule = Text(
        "Holds if at the optimum lasso has at least 15 zeros of 50 in every repeat and ridge none.",
        "若最优解中 lasso 每次重复都至少有 15 个（共 50 个）零，而 ridge 没有，则成立。",
    )

    def measure(self, seed: int) -> dict[str, float]:
        x, y, truth = _problem(seed, 5)
        strengths = np.geomspace(1e-3, 3, 40)
        measured = {}
        for name, fits in (("lasso", lasso(x, y, strengths)), ("ridge", ridge(x, y, strengths))):
            w = fits[((fits - truth) ** 2).sum(1).argmin()]
            squares = np.sort(w**2)[::-1]
            measured[f"zeros_{name}"] = float((w == 0).sum())
            measured[f"kept_of_5_{name}"] = float((w[truth != 0] != 0).sum())
            measured[f"share_of_largest_tenth_{name}"] = float(squares[:5].sum() / squares.sum())
        return measured

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        return "holds" if measured["zeros_lasso"].min() >= 15 and measured["zeros_ridge"].max() == 0 else "fails as stated"

    def plot(self, figure: Figure, measured: dict[str, np.ndarray], lang: str) -> None:
        zh = lang == "zh"
        x, y, truth = _problem(0, 5)
        strengths = np.geomspace(1e-2, 3, 60)
        for i, (title, fits) in enumerate((("L1", lasso(x, y, strengths)), ("L2", ridge(x, y, strengths)))):
            axes = figure.add_subplot(1, 2, i + 1)
            axes.plot(strengths, fits[:, truth == 0], color="#999999", linestyle="-", linewidth=0.6)
            axes.plot(strengths, fits[:, truth != 0], color="#0072B2", linestyle="-", linewidth=1.8)
            axes.set_xscale("log")
            axes.set_ylim(-1.6, 1.6)
            axes.set_title(title)
            axes.set_xlabel("强度" if zh else "strength")
            if i == 0:
                axes.set_ylabel("权重（蓝：真实特征）" if zh else "weight (blue: features that act)")


@dataclass(frozen=True)
class BothPenaltiesPreventOverfitting(Claim):
    """Error on new samples of no penalty, L1 and L2, where few features act and where all do.

    ## The set-up
    60 samples, 50 features, unit noise; 5 or 50 features act with the same total size; the strength is chosen on 60 validation samples; the
    error is |w - truth|^2, which is the excess error on new samples.
    ## Why
    A penalty pays if it says something true: L1 that few weights matter, L2 that all matter a little.
    """

    rows = ("S4-07", "S1-37", "S0-35")
    statement = Text(
        "Both penalties prevent overfitting; L1, which selects, generalises better.",
        "两种正则都能防止过拟合；L1 因为能选择特征而泛化更好。",
    )
    rule = Text(
        "Both must halve the error of no penalty; then it holds if L1 beats L2 in both settings, depends if in one only.",
        "两者都须使误差减半以上；在此前提下，若 L1 在两种情形都优于 L2 则成立，只在一种情形则视情况而定。",
    )
    depends = Text("depends on whether few or many features act", "取决于起作用的特征是少还是多")
    seeds = 20

    def measure(self, seed: int) -> dict[str, float]:
        strengths = np.geomspace(3e-3, 3, 25)
        measured = {}
        for name, active in (("few", 5), ("all", 50)):
            x, y, truth = _problem(seed, active, samples=120)
            train, valid = (x[:60], y[:60]), (x[60:], y[60:])
            for kind, fits in (
                ("l1", lasso(*train, strengths)),
                ("l2", ridge(*train, strengths)),
                ("none", ridge(*train, np.array([1e-9]))),
            ):
                best = ((valid[0] @ fits.T - valid[1][:, None]) ** 2).mean(0).argmin()
                measured[f"error_{kind}_{name}"] = float(((fits[best] - truth) ** 2).sum())
        return measured

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        mean = {k: v.mean() for k, v in measured.items()}
        if any(mean[f"error_{kind}_{n}"] > 0.5 * mean[f"error_none_{n}"] for kind in ("l1", "l2") for n in ("few", "all")):
            return "fails as stated"
        wins = [mean[f"error_l1_{n}"] < mean[f"error_l2_{n}"] for n in ("few", "all")]
        return "holds" if all(wins) else "depends" if any(wins) else "fails as stated"


@dataclass(frozen=True)
class SmallWeightsMeanSmallChanges(Claim):
    """Change of the output for a small change of the input, against the norm of the weights: a linear model, and a ReLU net that is rescaled.

    ## The set-up
    Linear: weights times 0.1. ReLU net 20-64-1: first layer times 10, second by 10 less (the same function), and both times 0.3.
    ## Why
    |f(x) - f(x')| <= product of spectral norms times |x - x'|: the bound moves with the product, not with the sum of squares.
    """

    rows = ("S4-08",)
    statement = Text(
        "Small weights mean that the output changes little when the input does.",
        "参数越小，输入的微小变化引起的输出变化就越小。",
    )
    rule = Text(
        "Holds if the change follows the norm in both cases; depends if it does in the linear model but a net keeps its function while its norm more than doubles.",
        "若两种情形中输出变化都随范数变化，则成立；若线性模型如此、而网络在范数加倍以上时函数不变，则视情况而定。",
    )
    depends = Text(
        "depends on the architecture: ReLU and normalised layers can be rescaled without changing the function",
        "取决于结构：ReLU 与带归一化的层可以重新缩放而函数不变",
    )

    def measure(self, seed: int) -> dict[str, float]:
        rng = np.random.default_rng(seed)
        x, d = rng.standard_normal((500, 20)), 0.01 * rng.standard_normal((500, 20))
        a, b = rng.standard_normal((20, 64)) * (2 / 20) ** 0.5, rng.standard_normal((64, 1)) * (2 / 64) ** 0.5

        def change(a: np.ndarray, b: np.ndarray | None = None) -> float:
            if b is None:
                return float(abs(d @ a).mean())
            return float(abs(np.maximum((x + d) @ a, 0) @ b - np.maximum(x @ a, 0) @ b).mean())

        def norm(*weights: np.ndarray) -> float:
            return float(np.sqrt(sum((w**2).sum() for w in weights)))

        return {
            "linear_change_quotient": change(0.1 * b[:20]) / change(b[:20]),
            "net_change_quotient_both_smaller": change(0.3 * a, 0.3 * b) / change(a, b),
            "net_norm_quotient_rescaled": norm(10 * a, b / 10) / norm(a, b),
            "net_change_quotient_rescaled": change(10 * a, b / 10) / change(a, b),
        }

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        linear = abs(measured["linear_change_quotient"] - 0.1).max() < 1e-6
        same = abs(measured["net_change_quotient_rescaled"] - 1).max() < 1e-6 and measured["net_norm_quotient_rescaled"].min() > 2
        return "depends" if linear and same else "holds" if linear else "fails as stated"
