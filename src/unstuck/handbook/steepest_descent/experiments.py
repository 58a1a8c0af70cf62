"""The negative gradient: best direction for which measure of length, for how long a step, and where it does not point."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from unstuck.lab import Claim, Verdict
from unstuck.records import Text

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def rosenbrock(w: np.ndarray) -> np.ndarray:
    """The sum over neighbours of 100 (w[i+1] - w[i]^2)^2 + (1 - w[i])^2, for points in rows."""
    return (100 * (w[..., 1:] - w[..., :-1] ** 2) ** 2 + (1 - w[..., :-1]) ** 2).sum(-1)


def slope(w: np.ndarray) -> np.ndarray:
    """Its gradient at one point."""
    g = np.zeros_like(w)
    inner = w[1:] - w[:-1] ** 2
    g[:-1] += -400 * w[:-1] * inner - 2 * (1 - w[:-1])
    g[1:] += 200 * inner
    return g


@dataclass(frozen=True)
class NoDirectionFallsFasterThanTheNegativeGradient(Claim):
    """Directional derivatives of a non-quadratic function along 5000 random unit directions and along the gradient.

    ## The set-up
    The Rosenbrock function in 10 dimensions at a random point; central differences of step 1e-6.
    ## Why
    The derivative along a unit vector v is v . grad = |grad| cos(angle), by Cauchy and Schwarz largest for v along the gradient, where it equals
    the gradient's length.
    """

    rows = ("S3-26", "S3-28")
    statement = Text(
        "Among all unit directions (Euclidean) the function falls fastest along -grad, with slope |grad|.",
        "在所有（欧氏）单位方向中，函数沿负梯度方向下降最快，斜率为 |grad|。",
    )
    rule = Text(
        "Holds if no random direction is steeper, and the slope along the gradient equals its length to 1e-6.",
        "若没有随机方向更陡，且沿梯度的斜率与其长度相差不超过 1e-6（相对），则成立。",
    )
    seeds = 5

    dimensions: int = 10

    def measure(self, seed: int) -> dict[str, float]:
        """Slopes over the gradient's length, and cosine law error."""
        random = np.random.default_rng(seed)
        point = random.standard_normal(self.dimensions)
        gradient = slope(point)
        length = np.linalg.norm(gradient)
        directions = random.standard_normal((5000, self.dimensions))
        directions /= np.linalg.norm(directions, axis=1, keepdims=True)

        def along(v: np.ndarray) -> np.ndarray:
            return (rosenbrock(point + 1e-6 * v) - rosenbrock(point - 1e-6 * v)) / 2e-6

        return {
            "steepest_random_over_gradient": float(np.abs(along(directions)).max() / length),
            "along_gradient_over_gradient": float(along(gradient / length) / length),
            "error_of_cosine_law": float(np.abs(along(directions) / length - directions @ gradient / length).max()),
        }

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        """The rule."""
        exact = (np.abs(measured["along_gradient_over_gradient"] - 1) < 1e-6).all()
        return "holds" if exact and (measured["steepest_random_over_gradient"] <= 1).all() else "fails as stated"


@dataclass(frozen=True)
class TheNegativeGradientIsTheSteepestDirection(Claim):
    """First-order decrease per unit of length along -grad, along its signs, and along Newton's direction, for three measures of length.

    ## The set-up
    A random gradient in 50 dimensions and a random curvature matrix H with eigenvalues from 1 to 100. Lengths: Euclidean, largest entry, and
    sqrt(v H v).
    ## Why
    "Steepest" means the largest fall per unit of length. For the largest entry that is the sign vector, for the H-length it is H^-1 grad; the negative
    gradient is the answer for the Euclidean length only.
    """

    rows = ("S3-26", "S3-28")
    statement = Text(
        "The negative gradient is the direction of steepest descent.",
        "负梯度方向就是下降最快的方向。",
    )
    rule = Text(
        "Holds if it wins for all three lengths; depends if it wins for the Euclidean one only.",
        "若对三种长度都最快则成立；若只对欧氏长度最快则视情况而定。",
    )
    depends = Text("depends on how the length of a step is measured", "取决于用什么范数衡量步长")
    seeds = 5

    def measure(self, seed: int) -> dict[str, float]:
        """Best rival's fall over the gradient's, by length."""
        random = np.random.default_rng(seed)
        gradient = random.standard_normal(50)
        basis = np.linalg.qr(random.standard_normal((50, 50)))[0]
        curvature = basis * np.logspace(0, 2, 50) @ basis.T
        rivals = {"gradient": gradient, "signs": np.sign(gradient), "newton": np.linalg.solve(curvature, gradient)}
        lengths = {
            "euclidean": np.linalg.norm,
            "largest_entry": lambda v: np.abs(v).max(),
            "curvature": lambda v: np.sqrt(v @ curvature @ v),
        }
        return {
            f"{kind}_of_{length}": float(gradient @ v / measure(v) / (gradient @ gradient / measure(gradient)))
            for length, measure in lengths.items()
            for kind, v in rivals.items()
            if kind != "gradient"
        }

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        """The rule."""
        wins = {
            name: all((measured[f"{rival}_of_{name}"] <= 1).all() for rival in ("signs", "newton"))
            for name in ("euclidean", "largest_entry", "curvature")
        }
        if all(wins.values()):
            return "holds"
        return "depends" if wins["euclidean"] and not wins["largest_entry"] and not wins["curvature"] else "fails as stated"


@dataclass(frozen=True)
class AStepAgainstTheGradientLowersTheLoss(Claim):
    """Change of the loss by one step along -grad over what Taylor's first term promises, by learning rate times curvature.

    ## The set-up
    A quadratic with largest curvature 1 in 20 dimensions, the start along the stiffest direction; then 200 steps at 1.99 and 2.01.
    ## Why
    L(w - lr g) = L - lr |g|^2 + lr^2 g H g / 2: the second term wins from lr = 2 / lambda on. Taylor's promise holds for small steps only.
    """

    rows = ("S3-27", "S3-29")
    experiment = "X45"
    statement = Text(
        "A step against the gradient lowers the loss.",
        "沿负梯度走一步，损失就会下降。",
    )
    rule = Text(
        "Holds if it falls at every rate tried (0.01, 1, 1.99, 2.01 over the curvature); depends if it does below 2 / curvature and not above.",
        "若所有学习率（曲率倒数的 0.01、1、1.99、2.01 倍）都下降则成立；若低于 2/曲率时下降而高于时上升则视情况而定。",
    )
    depends = Text("depends on the step: below 2 / curvature", "取决于步长：须小于 2/曲率")
    seeds = 1

    def measure(self, seed: int) -> dict[str, float]:
        """Loss after over loss before for one step, and after 200."""
        curvature = np.linspace(0.05, 1, 20)
        measured = {}
        for rate in (0.01, 1.0, 1.99, 2.01):
            w = np.zeros(20)
            w[-1] = 1.0
            start = 0.5 * float(curvature @ w**2)
            for step in range(200):
                w = w - rate * curvature * w
                if step == 0:
                    measured[f"one_step_{rate}"] = 0.5 * float(curvature @ w**2) / start
            measured[f"200_steps_{rate}"] = 0.5 * float(curvature @ w**2) / start
        return measured

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        """The rule."""
        falls = [measured[f"one_step_{r}"][0] < 1 for r in (0.01, 1.0, 1.99, 2.01)]
        return "holds" if all(falls) else "depends" if falls == [True, True, True, False] else "fails as stated"


@dataclass(frozen=True)
class TheNegativeGradientPointsToTheMinimum(Claim):
    """Cosine between -grad and the way to the minimum on quadratics, by the ratio of largest to smallest curvature.

    ## The set-up
    20 dimensions, curvatures spread evenly in the logarithm, 200 starting points drawn on the unit sphere.
    ## Why
    -H w is along -w only where all curvatures are equal; else the stiff directions dominate the gradient and the flat ones the way to go. Hence the
    zigzag.
    """

    rows = ("S3-26", "S3-29")
    statement = Text("The negative gradient points to the minimum.", "负梯度指向最小点。")
    rule = Text(
        "Holds if the mean cosine is at least 0.99 for condition numbers 1, 10, 100 and 1000; depends if for 1 only.",
        "若条件数 1、10、100、1000 时平均余弦都不低于 0.99 则成立；若仅对 1 如此则视情况而定。",
    )
    depends = Text("depends on the condition number", "取决于条件数")
    seeds = 5

    def measure(self, seed: int) -> dict[str, float]:
        """Mean cosines."""
        random = np.random.default_rng(seed)
        w = random.standard_normal((200, 20))
        measured = {}
        for condition in (1, 10, 100, 1000):
            gradient = w * np.logspace(0, np.log10(condition), 20)
            cosine = (gradient * w).sum(1) / np.linalg.norm(gradient, axis=1) / np.linalg.norm(w, axis=1)
            measured[f"condition_{condition}"] = float(cosine.mean())
        return measured

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        """The rule."""
        good = [bool((measured[f"condition_{c}"] >= 0.99).all()) for c in (1, 10, 100, 1000)]
        return "holds" if all(good) else "depends" if good == [True, False, False, False] else "fails as stated"

    def plot(self, figure: Figure, measured: dict[str, np.ndarray], lang: str) -> None:
        """Descent on an ellipse: the zigzag."""
        axes = figure.subplots()
        a, b = np.meshgrid(np.linspace(-11, 11, 200), np.linspace(-2, 2, 200))
        axes.contour(a, b, 0.5 * (a**2 + 20 * b**2), 15, cmap="cividis", linewidths=0.6)
        w = np.array([10.0, 1.0])
        path = [w]
        for _ in range(25):
            w = w - 0.095 * np.array([1.0, 20.0]) * w
            path.append(w)
        axes.plot(*np.array(path).T, "o-", ms=3, label="梯度下降" if lang == "zh" else "gradient descent")
        axes.plot([10, 0], [1, 0], "--", label="到最小点的直线" if lang == "zh" else "straight way to the minimum")
        axes.set_xlabel("$w_1$")
        axes.set_ylabel("$w_2$")
        axes.legend(frameon=True)
