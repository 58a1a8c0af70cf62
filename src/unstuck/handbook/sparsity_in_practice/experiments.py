"""Claims about exact zeros: which optimiser makes them, what they save, and what L1 stands for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from unstuck.lab import Claim, Verdict
from unstuck.records import Text

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class AnL1TermMakesWeightsZero(Claim):
    """Exact zeros and recovered features after training with an L1 term in the loss (SGD, Adam), with a proximal step, and with L2.

    ## The set-up
    50 features of which 5 act, 400 samples, noise 0.5, strength `strength`; `steps` full-batch steps in float32.
    ## Why
    The subgradient s sign(w) does not stop at 0: it steps over it and back, by lr s each time. A proximal step ends at 0 where |w| < lr s.
    """

    rows = ("S0-26", "S4-07")
    experiment = "X13"
    statement = Text(
        "An L1 term in the loss makes some weights 0, so it selects features.",
        "损失中加入 L1 项可使一部分权重变为 0，从而实现特征选择。",
    )
    rule = Text(
        "Holds if SGD and Adam on the loss term give at least one exact zero; depends if only the proximal step does.",
        "若 SGD 与 Adam 直接优化该损失都能得到至少一个精确的零，则成立；若只有近端步能得到，则视情况而定。",
    )
    depends = Text("depends on the optimiser: exact zeros need a proximal step or a threshold", "取决于优化方法：精确的零需要近端步或阈值")
    strength: float = 0.1
    steps: int = 1000
    quick = {"steps": 400}

    def measure(self, seed: int) -> dict[str, float]:
        rng = np.random.default_rng(seed)
        truth = np.zeros(50, np.float32)
        truth[:5] = [1.0, -2.0, 1.5, -1.0, 0.5]
        x = rng.standard_normal((400, 50)).astype(np.float32)
        y = x @ truth + 0.5 * rng.standard_normal(400).astype(np.float32)
        gram, target = x.T @ x / 400, x.T @ y / 400
        lr, s = np.float32(0.05), np.float32(self.strength)
        start = (0.1 * rng.standard_normal(50)).astype(np.float32)
        w = {name: start.copy() for name in ("sgd", "adam", "proximal", "l2")}
        m, v = np.zeros(50, np.float32), np.zeros(50, np.float32)
        for step in range(1, self.steps + 1):
            slope = {name: gram @ value - target for name, value in w.items()}
            w["sgd"] = w["sgd"] - lr * (slope["sgd"] + s * np.sign(w["sgd"]))
            g = slope["adam"] + s * np.sign(w["adam"])
            m, v = np.float32(0.9) * m + np.float32(0.1) * g, np.float32(0.999) * v + np.float32(0.001) * g * g
            w["adam"] = w["adam"] - np.float32(0.01) * (m / np.float32(1 - 0.9**step)) / (
                np.sqrt(v / np.float32(1 - 0.999**step)) + np.float32(1e-8)
            )
            z = w["proximal"] - lr * slope["proximal"]
            w["proximal"] = np.sign(z) * np.maximum(np.abs(z) - lr * s, np.float32(0))
            w["l2"] = w["l2"] - lr * (slope["l2"] + s * w["l2"])
        measured = {f"zeros_{name}": float((value == 0).sum()) for name, value in w.items()}
        measured |= {f"below_0.01_{name}": float((abs(value) < 0.01).sum()) for name, value in w.items()}
        measured["right_support_proximal"] = float(((w["proximal"] != 0) == (truth != 0)).all())
        measured["right_support_sgd_threshold"] = float(((abs(w["sgd"]) > 0.02) == (truth != 0)).all())
        return measured

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        if min(measured["zeros_sgd"].min(), measured["zeros_adam"].min()) >= 1:
            return "holds"
        return "depends" if measured["zeros_proximal"].min() >= 1 else "fails as stated"

    def plot(self, figure: Figure, measured: dict[str, np.ndarray], lang: str) -> None:
        axes = figure.add_subplot()
        zh = lang == "zh"
        names = {"sgd": "SGD + L1", "adam": "Adam + L1", "proximal": "近端步" if zh else "proximal", "l2": "L2"}
        x = np.arange(4)
        axes.bar(x - 0.2, [measured[f"zeros_{n}"].mean() for n in names], 0.38, color="#0072B2", label="恰为零" if zh else "exactly 0")
        axes.bar(x + 0.2, [measured[f"below_0.01_{n}"].mean() for n in names], 0.38, color="#E69F00", label="|w| < 0.01")
        axes.set_xticks(x, list(names.values()))
        axes.set_ylabel("权重个数（共 50）" if zh else "weights (of 50)")
        axes.legend()


@dataclass(frozen=True)
class SparseModelsSaveStorage(Claim):
    """Bytes of a 1000 x 1000 float32 matrix with a share of zeros: dense, compressed rows (CSR), and dense after removing whole rows.

    ## The set-up
    Unstructured zeros at 50 %, 90 % and 99 %; CSR with 32-bit indices; saved files of torch.save for the dense one.
    ## Why
    A dense tensor stores its zeros. CSR stores 4 bytes of index beside each 4 bytes of value, so it breaks even at one half.
    """

    rows = ("S0-34",)
    statement = Text(
        "A sparse model saves storage.",
        "稀疏模型可以减少存储空间。",
    )
    rule = Text(
        "Holds if dense tensor and CSR are both smaller than the full matrix at 50 %, 90 % and 99 % zeros; depends if only one format or share is.",
        "若稠密张量与 CSR 在 50 %、90 %、99 % 的零时都更小，则成立；若只在某种格式或比例下更小，则视情况而定。",
    )
    depends = Text("depends on the format and on the share of zeros", "取决于存储格式与零的比例")
    seeds = 1

    def measure(self, seed: int) -> dict[str, float]:
        import io

        import torch

        generator = torch.Generator().manual_seed(seed)
        w = torch.randn(1000, 1000, generator=generator)
        order = torch.rand(1000, 1000, generator=generator)
        measured = {}
        full = w.numel() * 4
        for share in (0.5, 0.9, 0.99):
            sparse = torch.where(order < share, torch.zeros(()), w)
            file = io.BytesIO()
            torch.save(sparse, file)
            kept = int((sparse != 0).sum())
            measured[f"dense_file_{share:.0%}"] = len(file.getvalue()) / full
            measured[f"csr_{share:.0%}"] = (8 * kept + 4 * 1001) / full
            measured[f"rows_removed_{share:.0%}"] = round(1 - share, 4)
        return measured

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        smaller = [measured[f"{kind}_{share}"][0] < 1 for kind in ("dense_file", "csr") for share in ("50%", "90%", "99%")]
        return "holds" if all(smaller) else "depends" if any(smaller) else "fails as stated"


@dataclass(frozen=True)
class L1MeasuresSparsity(Claim):
    """Whether the L1 norm tells sparse vectors from dense ones: pairs with the same L1 norm, and rank agreement with the number of non-zeros.

    ## The set-up
    500 random vectors of 50 entries with 1 to 50 non-zeros and random scale: Spearman's correlation of the count with |w|_1, and with the ratio
    |w|_1 / |w|_2, which does not change with scale.
    ## Why
    L1 is homogeneous, the count is not: ten times the vector has ten times the L1 norm and the same zeros. L1 is the closest convex function to the
    count on a box, hence a means to get zeros, not a measure of them.
    """

    rows = ("S4-03",)
    statement = Text("The L1 norm expresses how sparse a matrix is.", "L1 范数可以用来表示矩阵的稀疏性。")
    rule = Text(
        "Holds if the rank correlation of the L1 norm with the number of non-zeros is at least 0.95 in the mean; otherwise it fails as stated.",
        "若 L1 范数与非零个数的秩相关系数均值不低于 0.95，则成立；否则按原话不成立。",
    )

    def measure(self, seed: int) -> dict[str, float]:
        rng = np.random.default_rng(seed)
        counts = rng.integers(1, 51, 500)
        w = rng.standard_normal((500, 50)) * (np.arange(50) < counts[:, None]) * np.exp(rng.standard_normal((500, 1)))
        l1, l2 = abs(w).sum(1), np.sqrt((w**2).sum(1))

        def agreement(a: np.ndarray) -> float:
            return float(np.corrcoef(a.argsort().argsort(), counts.argsort(kind="stable").argsort())[0, 1])

        return {
            "agreement_l1": agreement(l1),
            "agreement_l1_over_l2": agreement(l1 / l2),
            "l1_after_scaling_by_10": float((10 * l1 / l1).mean()),
        }

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        return "holds" if measured["agreement_l1"].mean() >= 0.95 else "fails as stated"


@dataclass(frozen=True)
class L1FindsTheSparsestSolution(Claim):
    """How often the solution of least L1 norm of an underdetermined system is the sparsest one, by the number of equations.

    ## The set-up
    40 unknowns of which 4 are not zero, 8 to 24 Gaussian equations without noise; least L1 norm by linear programming, least L2 norm by
    the pseudo-inverse.
    ## Why
    The corners of the L1 ball lie on the axes; with enough equations the first point of the solution plane that the growing ball touches is a corner.
    """

    rows = ("S4-03", "S1-38")
    statement = Text(
        "Minimising the L1 norm finds the sparsest solution; minimising the L2 norm does not.",
        "最小化 L1 范数可以找到最稀疏的解，最小化 L2 范数则不能。",
    )
    rule = Text(
        "Holds if L1 recovers at least 0.9 of the cases for every number of equations; depends if only for some; L2 must recover none.",
        "若对每种方程个数 L1 的恢复率都不低于 0.9，则成立；若只在部分情形，则视情况而定；L2 必须一次也不恢复。",
    )
    depends = Text("depends on the number of equations against the number of non-zeros", "取决于方程个数与非零个数之比")
    seeds = 20

    def measure(self, seed: int) -> dict[str, float]:
        from scipy.optimize import linprog

        rng = np.random.default_rng(seed)
        measured, by_l2 = {}, 0.0
        for equations in (8, 16, 24):
            truth = np.zeros(40)
            truth[rng.permutation(40)[:4]] = rng.standard_normal(4) + 2 * rng.choice([-1, 1], 4)
            a = rng.standard_normal((equations, 40))
            found = linprog(np.ones(80), A_eq=np.c_[a, -a], b_eq=a @ truth, method="highs").x
            measured[f"recovered_{equations}"] = float(abs(found[:40] - found[40:] - truth).max() < 1e-5)
            by_l2 += float(abs(np.linalg.pinv(a) @ a @ truth - truth).max() < 1e-5)
        return measured | {"recovered_by_l2": by_l2}

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        good = [measured[f"recovered_{m}"].mean() >= 0.9 for m in (8, 16, 24)]
        if measured["recovered_by_l2"].max() > 0 or not any(good):
            return "fails as stated"
        return "holds" if all(good) else "depends"
