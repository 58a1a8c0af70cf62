"""Eigenvalues: when they rebuild a matrix, how definiteness is tested, and what they mean for training."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from unstuck.lab import Claim, Verdict
from unstuck.records import Text

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class EigenpairsRebuildTheMatrix(Claim):
    """Error of V diag(lambda) V^-1 for symmetric, for random, and for a defective matrix, and the rank of its eigenvectors.

    ## The set-up
    8x8 random symmetric and random general matrices; [[1, 1], [0, 1]]; and the singular value decomposition of all of them.
    ## Why
    A symmetric matrix has an orthonormal basis of eigenvectors (spectral theorem), a random one almost surely a basis, possibly complex; a Jordan block has too few.
    Singular vectors rebuild every matrix.
    """

    rows = ("S4-10",)
    statement = Text(
        "All eigenvalues and eigenvectors of a matrix rebuild it completely.",
        "一个矩阵所有的特征值和特征向量可以完整地还原出这个矩阵。",
    )
    rule = Text(
        "Holds if symmetric, general and defective matrices are rebuilt to 1e-8; depends if only the first two are.",
        "若对称、一般、亏损矩阵都能以 1e-8 的误差还原则成立；若仅前两种可以则视情况而定。",
    )
    depends = Text("depends on the matrix being diagonalisable", "取决于矩阵能否对角化")
    seeds = 5

    def measure(self, seed: int) -> dict[str, float]:
        """Relative errors; 1 where the eigenvectors have no inverse."""
        random = np.random.default_rng(seed)
        general = random.standard_normal((8, 8))
        jordan = np.array([[1.0, 1.0], [0.0, 1.0]])
        measured = {}
        for name, matrix in (("symmetric", general + general.T), ("general", general), ("defective", jordan)):
            values, vectors = np.linalg.eig(matrix)
            rank = np.linalg.matrix_rank(vectors, tol=1e-10)
            rebuilt = vectors * values @ np.linalg.inv(vectors) if rank == len(matrix) else np.zeros_like(matrix)
            left, strength, right = np.linalg.svd(matrix)
            measured[f"error_{name}"] = float(np.linalg.norm(rebuilt - matrix) / np.linalg.norm(matrix))
            measured[f"missing_vectors_{name}"] = float(len(matrix) - rank)
            measured[f"svd_error_{name}"] = float(np.linalg.norm(left * strength @ right - matrix) / np.linalg.norm(matrix))
        return measured

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        """The rule."""
        good = [bool((measured[f"error_{name}"] < 1e-8).all()) for name in ("symmetric", "general", "defective")]
        return "holds" if all(good) else "depends" if good[0] and good[1] else "fails as stated"


def minors(matrix: np.ndarray) -> np.ndarray:
    """Leading principal minors."""
    return np.array([np.linalg.det(matrix[:k, :k]) for k in range(1, len(matrix) + 1)])


def cholesky_works(matrix: np.ndarray) -> bool:
    """No pivot at or below zero."""
    try:
        np.linalg.cholesky(matrix)
    except np.linalg.LinAlgError:
        return False
    return True


@dataclass(frozen=True)
class ThreeTestsOfDefinitenessAgree(Claim):
    """Agreement of eigenvalues, Cholesky and leading minors on random symmetric matrices, and of w A w on random vectors.

    ## The set-up
    400 symmetric 4x4 matrices A + s I with A random and s uniform between -2 and 6: about half are positive definite. 200 random vectors try to refute.
    ## Why
    All eigenvalues positive, a Cholesky factor, all leading principal minors positive (Sylvester) and w A w > 0 for all w are equivalent for symmetric matrices. Trying
    vectors can only refute.
    """

    rows = ("S4-01",)
    statement = Text(
        "A symmetric matrix is positive definite if all eigenvalues, or all Cholesky pivots, or all leading minors are positive: the same test.",
        "对称矩阵正定的三种判别等价：特征值全正、Cholesky 分解存在、顺序主子式全正。",
    )
    rule = Text("Holds if the three agree on every matrix.", "若三者在每个矩阵上都一致，则成立。")
    seeds = 3

    def measure(self, seed: int) -> dict[str, float]:
        """Shares."""
        random = np.random.default_rng(seed)
        agree = definite = unrefuted = 0
        for _ in range(400):
            a = random.standard_normal((4, 4))
            matrix = (a + a.T) / 2 + random.uniform(-2, 6) * np.eye(4)
            verdicts = (bool((np.linalg.eigvalsh(matrix) > 0).all()), cholesky_works(matrix), bool((minors(matrix) > 0).all()))
            agree += len(set(verdicts)) == 1
            definite += verdicts[0]
            w = random.standard_normal((200, 4))
            unrefuted += not verdicts[0] and bool(((w @ matrix) * w).sum(1).min() > 0)
        return {"agree": agree / 400, "positive_definite": definite / 400, "indefinite_but_not_refuted_by_200_vectors": unrefuted / 400}

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        """The rule."""
        return "holds" if (measured["agree"] == 1).all() else "fails as stated"


@dataclass(frozen=True)
class NonNegativeMinorsMeanSemidefinite(Claim):
    """Smallest eigenvalue of matrices whose leading principal minors are all non-negative, and of matrices with positive entries.

    ## The set-up
    [[0, 0], [0, -1]] has leading minors 0 and 0; [[1, 2], [2, 1]] has positive entries; 300 random symmetric 3x3 matrices with a zero first row and column; 300 with entries
    from (0, 1).
    ## Why
    For semidefiniteness *all* principal minors (every subset of rows) must be non-negative, or all eigenvalues. Positive entries say nothing on w A w.
    """

    rows = ("S4-01",)
    statement = Text(
        "Leading minors >= 0 prove positive semidefiniteness (as > 0 prove definiteness), and so do positive entries.",
        "顺序主子式都非负即可判定半正定（正如全正判定正定）；元素全为正也可以。",
    )
    rule = Text(
        "Holds if no matrix that passes either test has an eigenvalue below -1e-9; fails as stated otherwise.",
        "若通过任一判别的矩阵都没有小于 -1e-9 的特征值则成立；否则按原话不成立。",
    )
    seeds = 3

    def measure(self, seed: int) -> dict[str, float]:
        """Smallest eigenvalues, and the share that passes wrongly."""
        random = np.random.default_rng(seed)
        wrong_minors = wrong_entries = 0
        for _ in range(300):
            a = random.standard_normal((2, 2))
            padded = np.zeros((3, 3))
            padded[1:, 1:] = a + a.T
            wrong_minors += bool(np.linalg.eigvalsh(padded)[0] < -1e-9)  # its leading minors are all 0
            positive = random.random((3, 3))
            wrong_entries += bool(np.linalg.eigvalsh(positive + positive.T)[0] < -1e-9)
        return {
            "smallest_eigenvalue_zero_minors": float(np.linalg.eigvalsh(np.diag([0.0, -1.0]))[0]),
            "smallest_eigenvalue_positive_entries": float(np.linalg.eigvalsh(np.array([[1.0, 2.0], [2.0, 1.0]]))[0]),
            "share_wrong_minors": wrong_minors / 300,
            "share_wrong_entries": wrong_entries / 300,
        }

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        """The rule."""
        return (
            "holds" if (measured["share_wrong_minors"] == 0).all() and (measured["share_wrong_entries"] == 0).all() else "fails as stated"
        )


@dataclass(frozen=True)
class TheLargestEigenvalueIsTheMostImportantFeature(Claim):
    """Accuracy of a classifier on the first and on the most telling principal component where the classes differ along a direction of little variance.

    ## The set-up
    Ten features with standard deviations from 10 down to 0.5; two classes 3 apart in the last; 1000 training and 1000 test points; a threshold at the middle between
    the class means.
    ## Why
    An eigenvalue of the covariance is variance along its vector; nobody told it what the task is. "Important" is defined by the matrix: variance for a covariance, curvature
    for a Hessian, gain for a weight matrix.
    """

    rows = ("S4-09",)
    statement = Text(
        "An eigenvector is a feature of the matrix, and its eigenvalue says how important that feature is.",
        "特征向量表示矩阵的一个特征，特征值表示这个特征有多重要。",
    )
    rule = Text(
        "Holds if the component with the largest eigenvalue classifies as well as any other on average; fails as stated otherwise.",
        "若特征值最大的主成分平均分类效果不低于任何其他主成分，则成立；否则按原话不成立。",
    )
    seeds = 5

    def measure(self, seed: int) -> dict[str, float]:
        """Accuracies."""
        random = np.random.default_rng(seed)
        labels = random.integers(0, 2, 2000)
        inputs = random.standard_normal((2000, 10)) * np.geomspace(10, 0.5, 10)
        inputs[:, -1] += 3 * (labels - 0.5)
        inputs = inputs @ np.linalg.qr(random.standard_normal((10, 10)))[0]
        train, test = slice(0, 1000), slice(1000, None)
        _, vectors = np.linalg.eigh(np.cov(inputs[train].T))
        strength = np.abs(np.array([np.corrcoef(inputs[train] @ v, labels[train])[0, 1] for v in vectors.T]))

        def accuracy(v: np.ndarray) -> float:
            z = inputs @ v
            low, high = z[train][labels[train] == 0].mean(), z[train][labels[train] == 1].mean()
            said = (z[test] > (low + high) / 2) == (high > low)
            return float((said == labels[test]).mean())

        return {
            "accuracy_largest": accuracy(vectors[:, -1]),
            "accuracy_most_telling": accuracy(vectors[:, strength.argmax()]),
            "rank_of_most_telling": float(10 - strength.argmax()),
        }

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        """The rule."""
        return "holds" if measured["accuracy_largest"].mean() > measured["accuracy_most_telling"].mean() - 1e-9 else "fails as stated"


@dataclass(frozen=True)
class TrainingEndsWhereTheHessianIsPositive(Claim):
    """Smallest and largest eigenvalue of a small net's Hessian at the start and after training.

    ## The set-up
    A net 2-6-1 with tanh on 60 points of a smooth regression in double precision; the full Hessian by autograd; 400 iterations of L-BFGS.
    ## Why
    At a minimum the Hessian is positive semidefinite, with many near-zero eigenvalues (spare parameters). At the start it is indefinite: a direction of negative curvature leads
    down.
    """

    rows = ("S4-01", "S4-09")
    experiment = "X45"
    statement = Text(
        "The start of training is at an indefinite Hessian, the end at a positive semidefinite one.",
        "训练起点的 Hessian 不定，终点的 Hessian 半正定。",
    )
    rule = Text(
        "Holds if the smallest eigenvalue over the largest is below -0.01 at the start and above -0.001 at the end in every repeat.",
        "若每次重复中最小与最大特征值之比在起点低于 -0.01、在终点高于 -0.001，则成立。",
    )
    seeds = 3

    def measure(self, seed: int) -> dict[str, float]:
        """Extreme eigenvalues and the share of flat directions."""
        import torch

        generator = torch.Generator().manual_seed(seed)
        inputs = torch.randn(60, 2, generator=generator, dtype=torch.float64)
        targets = torch.sin(2 * inputs[:, :1]) * inputs[:, 1:]
        first = torch.randn(25, generator=generator, dtype=torch.float64) * 0.7

        def loss(p: torch.Tensor) -> torch.Tensor:
            hidden = torch.tanh(inputs @ p[:12].reshape(2, 6) + p[12:18])
            return (hidden @ p[18:24, None] + p[24] - targets).square().mean()

        def trained(start: torch.Tensor) -> torch.Tensor:
            w = start.clone().requires_grad_()
            optimizer = torch.optim.LBFGS([w], max_iter=400, line_search_fn="strong_wolfe", tolerance_grad=1e-7, tolerance_change=1e-15)

            def closure() -> torch.Tensor:
                optimizer.zero_grad()
                value = loss(w)
                value.backward()
                return value

            optimizer.step(closure)
            return w.detach()

        measured = {}
        for name, w in (("start", first), ("end", trained(first))):
            values = torch.linalg.eigvalsh(torch.autograd.functional.hessian(loss, w))
            measured[f"smallest_over_largest_{name}"] = float(values[0] / values[-1])
            measured[f"flat_share_{name}"] = float((values.abs() < 1e-3 * values[-1]).double().mean())
            measured[f"loss_{name}"] = float(loss(w))
        return measured

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        """The rule."""
        start = (measured["smallest_over_largest_start"] < -0.01).all()
        return "holds" if start and (measured["smallest_over_largest_end"] > -0.001).all() else "fails as stated"

    def plot(self, figure: Figure, measured: dict[str, np.ndarray], lang: str) -> None:
        """The three kinds of quadratic: bowl, trough, saddle."""
        a, b = np.meshgrid(np.linspace(-1, 1, 60), np.linspace(-1, 1, 60))
        kinds = (((1, 0.6), "positive definite", "正定"), ((1, 0), "positive semidefinite", "半正定"), ((1, -0.8), "indefinite", "不定"))
        for axes, ((one, two), en, zh) in zip(figure.subplots(1, 3), kinds, strict=True):
            axes.contourf(a, b, one * a**2 + two * b**2, 15, cmap="cividis")
            axes.set_title(zh if lang == "zh" else en, fontsize=9)
            axes.set_xlabel("$w_1$")
            axes.set_aspect("equal")
