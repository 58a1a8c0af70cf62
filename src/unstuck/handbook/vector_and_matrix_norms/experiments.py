"""Claims about norms of vectors and matrices."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from unstuck.lab import Claim, Verdict
from unstuck.records import Text

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class L0IsANormAndCountsVectors(Claim):
    """Does the count of non-zero elements satisfy the three laws of a norm?

    ## The set-up
    1,000 pairs of random sparse vectors: |a x| = |a| |x| for a = 2 and -0.5, the triangle inequality, and zero only for the zero vector.
    ## Why
    Scaling does not change which elements are zero, so homogeneity fails; the other two laws hold.
    """

    rows = ("S1-31",)
    experiment = "X25"
    statement = Text(
        "The L0 norm is the number of non-zero vectors in a vector.",
        "L0 范数：向量中非零向量的个数。",
    )
    rule = Text(
        "Holds if the count of non-zero elements satisfies all three laws of a norm; otherwise it fails as stated (it is no norm).",
        "若非零元素个数满足范数的三条公理，则成立；否则按原话不成立（它不是范数）。",
    )

    def measure(self, seed: int) -> dict[str, float]:
        rng = np.random.default_rng(seed)
        x, y = (rng.standard_normal((1000, 10)) * (rng.random((1000, 10)) < 0.5) for _ in range(2))

        def count(v: np.ndarray) -> np.ndarray:
            return (v != 0).sum(1)

        some = count(x) > 0
        return {
            "homogeneity_broken": float(np.mean([(count(a * x) != abs(a) * count(x))[some].mean() for a in (2.0, -0.5)])),
            "triangle_broken": float((count(x + y) > count(x) + count(y)).mean()),
            "zero_for_non_zero": float((count(x) == 0)[(x**2).sum(1) > 0].mean()),
        }

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        return "holds" if max(v.max() for v in measured.values()) == 0 else "fails as stated"


@dataclass(frozen=True)
class LpIsANormForPAtLeastOne(Claim):
    """Share of random pairs that break the triangle inequality, for p from 0.5 to infinity, and the worst pair for p = 0.5.

    ## The set-up
    10,000 pairs of Gaussian vectors in 3 dimensions for p = 0.5, 0.9, 1, 1.5, 2, 3, inf; the pair of unit vectors e1, e2.
    ## Why
    Minkowski's inequality needs p >= 1: below that the unit ball is not convex. For p = 0.5: |e1 + e2| = (1 + 1)^2 = 4 > 1 + 1.
    """

    rows = ("S1-33", "S1-32")
    experiment = "X25"
    statement = Text(
        "L1 and L2 are the cases p = 1 and 2 of the Lp norm, p >= 1.",
        "L1、L2 范数分别是 Lp（p ≥ 1）范数的特例。",
    )
    rule = Text(
        "Holds if no pair breaks the triangle inequality for p >= 1 and some pair does for each p below 1.",
        "若 p ≥ 1 时没有任何一对违反三角不等式，而 p < 1 时都有违反，则成立。",
    )

    def measure(self, seed: int) -> dict[str, float]:
        rng = np.random.default_rng(seed)
        x, y = rng.standard_normal((2, 10_000, 3))

        def norm(v: np.ndarray, p: float) -> np.ndarray:
            return abs(v).max(-1) if p == np.inf else (abs(v) ** p).sum(-1) ** (1 / p)

        measured = {
            f"broken_p_{p:g}": float((norm(x + y, p) > norm(x, p) + norm(y, p) + 1e-9).mean()) for p in (0.5, 0.9, 1, 1.5, 2, 3, np.inf)
        }
        one, two = np.eye(3)[:2]
        return measured | {"sum_of_unit_vectors_p_0.5": float(norm(one + two, 0.5))}

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        above = max(measured[f"broken_p_{p:g}"].max() for p in (1, 1.5, 2, 3, np.inf))
        below = min(measured[f"broken_p_{p:g}"].min() for p in (0.5, 0.9))
        return "holds" if above == 0 and below > 0 else "fails as stated"

    def plot(self, figure: Figure, measured: dict[str, np.ndarray], lang: str) -> None:
        axes = figure.add_subplot()
        t = np.linspace(0, 2 * np.pi, 401)
        for p, colour in ((0.5, "#D55E00"), (1, "#E69F00"), (2, "#0072B2"), (np.inf, "#009E73")):
            v = np.stack([np.cos(t), np.sin(t)])
            v = v / (abs(v).max(0) if p == np.inf else (abs(v) ** p).sum(0) ** (1 / p))
            axes.plot(v[0], v[1], color=colour, label="p = ∞" if p == np.inf else f"p = {p:g}")
        axes.set_aspect("equal")
        axes.set_title("单位球" if lang == "zh" else "unit balls")
        axes.legend(loc="upper left", bbox_to_anchor=(1.02, 1))


@dataclass(frozen=True)
class MatrixNormsAreSumsOverEntries(Claim):
    """Entrywise and induced norms of [[1, 2], [3, 4]] by their definitions, and by the largest stretch over many directions.

    ## The set-up
    numpy's norms; the induced ones also as max |Ax|_p / |x|_p over 20,001 directions (and the corners).
    ## Why
    "L1 norm of a matrix" names two things: the sum of absolute entries, and the largest stretch in L1, which is the largest column sum. "L2" likewise: Frobenius
    or spectral.
    """

    rows = ("S4-02", "S4-04", "S1-34")
    experiment = "X25"
    statement = Text(
        "The L1 norm of a matrix is the sum of its absolute entries, the L2 norm the root of the sum of their squares.",
        "矩阵的 L1 范数是元素绝对值之和，L2 范数是元素平方和再开根号。",
    )
    rule = Text(
        "Holds if these equal the induced 1-norm and 2-norm within 1e-9; depends if only the entrywise reading agrees.",
        "若它们与诱导 1-范数、2-范数相差不超过 1e-9，则成立；若只有按元素的定义相符，则视情况而定。",
    )
    depends = Text(
        "depends on the reading: entrywise (L1, Frobenius) or induced (column sum, spectral)",
        "取决于定义：按元素（L1、Frobenius）还是诱导（列和、谱范数）",
    )
    seeds = 1

    def measure(self, seed: int) -> dict[str, float]:
        a = np.array([[1.0, 2.0], [3.0, 4.0]])
        t = np.linspace(0, np.pi, 20_001)
        x = np.c_[np.stack([np.cos(t), np.sin(t)]), np.eye(2), [1, 1], [1, -1]]
        stretch = {p: float((np.linalg.norm(a @ x, p, axis=0) / np.linalg.norm(x, p, axis=0)).max()) for p in (1, 2, np.inf)}
        return {
            "sum_of_entries": float(abs(a).sum()),
            "induced_1": float(np.linalg.norm(a, 1)),
            "frobenius": float(np.linalg.norm(a)),
            "spectral": float(np.linalg.norm(a, 2)),
            "induced_inf": float(np.linalg.norm(a, np.inf)),
            "largest_entry": float(abs(a).max()),
            "nuclear": float(np.linalg.norm(a, "nuc")),
            "stretch_1": stretch[1],
            "stretch_2": stretch[2],
            "stretch_inf": stretch[np.inf],
        }

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        m = {k: v[0] for k, v in measured.items()}
        induced = abs(m["sum_of_entries"] - m["induced_1"]) < 1e-9 and abs(m["frobenius"] - m["spectral"]) < 1e-9
        entrywise = abs(m["sum_of_entries"] - 10) < 1e-9 and abs(m["frobenius"] ** 2 - 30) < 1e-9
        return "holds" if induced else "depends" if entrywise else "fails as stated"


@dataclass(frozen=True)
class L2IsBetterBecauseItIsConvex(Claim):
    """Mid-point convexity of L1, L2 and squared L2, and their gradients at the zero vector by autograd.

    ## The set-up
    10,000 pairs of random vectors: f((x + y)/2) <= (f(x) + f(y)) / 2; gradients of sqrt(sum w^2), w.norm(), sum w^2 and sum |w| at 0.
    ## Why
    Every norm is convex (triangle inequality plus homogeneity). What L2 squared has beyond L1 is a gradient everywhere.
    """

    rows = ("S4-05",)
    experiment = "X14"
    statement = Text(
        "The advantage of L2 over L1 is that it is convex and easier to differentiate.",
        "L2 的优点是它是一个凸函数，求导更加简单。",
    )
    rule = Text(
        "Holds if some pair breaks convexity for L1 and the gradient of sqrt(sum w^2) at 0 is finite; otherwise it fails as stated.",
        "若 L1 存在违反凸性的点对，且 sqrt(Σw²) 在 0 处梯度有限，则成立；否则按原话不成立。",
    )

    def measure(self, seed: int) -> dict[str, float]:
        import torch

        rng = np.random.default_rng(seed)
        x, y = rng.standard_normal((2, 10_000, 5))
        functions = {"l1": lambda v: abs(v).sum(1), "l2": lambda v: np.sqrt((v**2).sum(1)), "l2_squared": lambda v: (v**2).sum(1)}
        measured = {f"convexity_broken_{n}": float((f((x + y) / 2) > (f(x) + f(y)) / 2 + 1e-12).mean()) for n, f in functions.items()}
        for name, f in (
            ("sqrt_of_sum", lambda w: (w**2).sum().sqrt()),
            ("norm", lambda w: w.norm()),
            ("squared", lambda w: (w**2).sum()),
            ("l1", lambda w: w.abs().sum()),
        ):
            w = torch.zeros(3, requires_grad=True)
            f(w).backward()
            measured[f"finite_gradient_at_0_{name}"] = float(w.grad.isfinite().all())
        return measured

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        better = measured["convexity_broken_l1"].max() > 0 and measured["finite_gradient_at_0_sqrt_of_sum"].min() == 1
        return "holds" if better else "fails as stated"


@dataclass(frozen=True)
class NormsBoundEachOther(Claim):
    """The standard inequalities between norms on random vectors and matrices, and how loose Frobenius is as a bound of the stretch.

    ## The set-up
    200 vectors of length 50, 100 matrices 30 x 50: Linf <= L2 <= L1 <= sqrt(n) L2 <= n Linf; spectral <= Frobenius <= sqrt(rank) spectral.
    ## Why
    All norms on a finite-dimensional space are equivalent, up to factors that grow with the dimension: that is why limits on norms must be stated with the norm.
    """

    rows = ("S1-34", "S1-35")
    experiment = "X25"
    statement = Text(
        "Linf <= L2 <= L1 for vectors, and spectral <= Frobenius <= sqrt(rank) times spectral for matrices.",
        "向量有 L∞ ≤ L2 ≤ L1，矩阵有谱范数 ≤ Frobenius ≤ √秩 × 谱范数。",
    )
    rule = Text("Holds if no vector and no matrix breaks any of them.", "若没有任何向量与矩阵违反其中任何一条，则成立。")

    def measure(self, seed: int) -> dict[str, float]:
        rng = np.random.default_rng(seed)
        v = rng.standard_normal((200, 50))
        a = rng.standard_normal((100, 30, 50))
        l1, l2, largest = abs(v).sum(1), np.sqrt((v**2).sum(1)), abs(v).max(1)
        spectral, frobenius = np.linalg.norm(a, 2, axis=(1, 2)), np.linalg.norm(a, axis=(1, 2))
        slack = 1 + 1e-12
        broken = [largest > l2 * slack, l2 > l1 * slack, l1 > 50**0.5 * l2 * slack, 50**0.5 * l2 > 50 * largest * slack]
        broken += [spectral > frobenius * slack, frobenius > 30**0.5 * spectral * slack]
        return {
            "broken": float(sum(b.sum() for b in broken)),
            "l1_over_l2": float((l1 / l2).mean()),
            "l2_over_linf": float((l2 / largest).mean()),
            "frobenius_over_spectral": float((frobenius / spectral).mean()),
        }

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        return "holds" if measured["broken"].max() == 0 else "fails as stated"
