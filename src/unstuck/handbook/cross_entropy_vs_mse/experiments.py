"""Claims about cross-entropy against squared error on sigmoid and softmax outputs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from unstuck.lab import Claim, Verdict
from unstuck.phenomenon import Phenomenon
from unstuck.records import Text

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from unstuck.training import Training


@dataclass(frozen=True)
class GradientsOfBothLosses(Claim):
    """Difference between autograd and the derived gradients of a sigmoid unit: p - y for cross-entropy, 2 (p - y) p (1 - p) for squared error.

    ## The set-up
    1,000 random logits from -15 to 15 and targets 0 or 1 in float64.
    ## Why
    dL/dz = dL/dp dp/dz with dp/dz = p (1 - p). Cross-entropy has dL/dp = (p - y) / (p (1 - p)): the slope of the sigmoid cancels.
    """

    rows = ("S1-19",)
    experiment = "X16"
    statement = Text(
        "Through a sigmoid the gradient of cross-entropy is p - y; that of squared error carries the extra factor 2 p (1 - p).",
        "经过 sigmoid 时，交叉熵的梯度是 p - y，平方误差的梯度多出因子 2p(1-p)。",
    )
    rule = Text("Holds if both formulas agree with autograd within 1e-9.", "若两个公式与自动求导之差都小于 1e-9，则成立。")

    def measure(self, seed: int) -> dict[str, float]:
        import torch
        from torch.nn import functional

        generator = torch.Generator().manual_seed(seed)
        z = (30 * torch.rand(1000, generator=generator, dtype=torch.float64) - 15).requires_grad_()
        y = torch.randint(2, (1000,), generator=generator).double()
        p = z.sigmoid().detach()
        (by_entropy,) = torch.autograd.grad(functional.binary_cross_entropy_with_logits(z, y, reduction="sum"), z)
        (by_square,) = torch.autograd.grad(((z.sigmoid() - y) ** 2).sum(), z)
        return {
            "error_cross_entropy": float((by_entropy - (p - y)).abs().max()),
            "error_squared": float((by_square - 2 * (p - y) * p * (1 - p)).abs().max()),
            "largest_squared_gradient": float(by_square.abs().max()),
        }

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        return "holds" if max(measured["error_cross_entropy"].max(), measured["error_squared"].max()) < 1e-9 else "fails as stated"

    def plot(self, figure: Figure, measured: dict[str, np.ndarray], lang: str) -> None:
        axes = figure.add_subplot()
        zh = lang == "zh"
        z = np.linspace(-10, 6, 300)
        p = 1 / (1 + np.exp(-z))
        axes.plot(z, 1 - p, color="#0072B2", label="交叉熵" if zh else "cross-entropy")
        axes.plot(z, 2 * (1 - p) ** 2 * p, color="#D55E00", label="平方误差" if zh else "squared error")
        axes.set_xlabel("z（目标为 1）" if zh else "z (target 1)")
        axes.set_ylabel("|dL/dz|")
        axes.legend()


@dataclass(frozen=True)
class CrossEntropyIsFastWhereTheErrorIsLarge(Claim):
    """Steps that one sigmoid unit needs from z = -8 to the right side of 0.5, with cross-entropy and with squared error.

    ## The set-up
    One weight, input 1, target 1, plain gradient descent with lr 1 from z = `start`.
    ## Why
    At p = 3e-4 the squared error's gradient is 2 p (1 - p)^2 = 7e-4, cross-entropy's is 1 - p = 0.9997.
    """

    rows = ("S1-18", "S1-17")
    experiment = "X16"
    statement = Text(
        "Cross-entropy updates fast while the error is large and slowly when it is small; squared error does not.",
        "误差大时交叉熵更新快、误差小时更新慢；均方误差则不然。",
    )
    rule = Text(
        "Holds if squared error needs at least 20 times the steps of cross-entropy to pass p = 0.5.",
        "若平方误差到达 p = 0.5 所需步数至少是交叉熵的 20 倍，则成立。",
    )
    seeds = 1
    start: float = -8.0

    def measure(self, seed: int) -> dict[str, float]:
        measured = {}
        for name, slope in (("cross_entropy", lambda p: 1 - p), ("squared", lambda p: 2 * (1 - p) ** 2 * p)):
            z, steps = self.start, 0
            while z < 0 and steps < 1_000_000:
                z += slope(1 / (1 + np.exp(-z)))
                steps += 1
            measured[f"steps_{name}"] = steps
            measured[f"gradient_at_-10_{name}"] = float(slope(1 / (1 + np.exp(10.0))))
        p = np.linspace(0, 1, 100_001)
        measured["p_of_largest_squared_gradient"] = float(p[(2 * (1 - p) ** 2 * p).argmax()])
        return measured

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        return "holds" if measured["steps_squared"][0] >= 20 * measured["steps_cross_entropy"][0] else "fails as stated"


@dataclass(frozen=True)
class SquaredErrorGivesSmallGradientsInMostCases(Claim):
    """Share of samples whose squared-error gradient is below a tenth of the cross-entropy gradient: fresh net, and saturated output layer.

    ## The set-up
    MLP 20-64-1 at PyTorch's default initialisation on unit-variance inputs, random targets; the same with the last layer's weights times `factor`.
    The quotient of the two gradients at each output is 2 p (1 - p).
    ## Why
    It is 0.5 at p = 0.5 and falls below 0.1 only beyond |z| = 2.9: where the unit is saturated, which a fresh net is not.
    """

    rows = ("S1-17",)
    experiment = "X16"
    statement = Text(
        "With a sigmoid or softmax layer squared error gives small gradients in most cases.",
        "对 sigmoid、softmax 层使用均方误差，大部分情况下梯度偏小。",
    )
    rule = Text(
        "Holds if more than half of the samples have a quotient below 0.1 in the fresh net too; depends if only in the saturated one.",
        "若在新初始化的网络中也有半数以上样本的梯度之比低于 0.1，则成立；若只在饱和的网络中如此，则视情况而定。",
    )
    depends = Text("depends on saturation of the output", "取决于输出单元是否饱和")
    factor: float = 50.0

    def measure(self, seed: int) -> dict[str, float]:
        import torch
        from torch import nn

        torch.manual_seed(seed)
        model = nn.Sequential(nn.Linear(20, 64), nn.ReLU(), nn.Linear(64, 1))
        x = torch.randn(1000, 20)
        measured = {}
        with torch.no_grad():
            for name in ("fresh", "saturated"):
                p = model(x).sigmoid()
                measured[f"share_small_{name}"] = float((2 * p * (1 - p) < 0.1).double().mean())
                measured[f"median_quotient_{name}"] = float((2 * p * (1 - p)).median())
                model[2].weight.mul_(self.factor)
        return measured

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        fresh, saturated = measured["share_small_fresh"].mean() > 0.5, measured["share_small_saturated"].mean() > 0.5
        return "holds" if fresh else "depends" if saturated else "fails as stated"


def _recipe(seed: int, factor: float, squared: bool) -> Training:
    import torch
    from torch import nn

    from unstuck.training import Training

    generator = torch.Generator().manual_seed(seed)
    centres = 1.5 * torch.randn(10, 20, generator=generator)
    y = torch.randint(10, (1000,), generator=generator)
    x = centres[y] + torch.randn(1000, 20, generator=generator)
    torch.manual_seed(seed)
    model = nn.Sequential(nn.Linear(20, 64), nn.ReLU(), nn.Linear(64, 10))
    with torch.no_grad():
        model[2].weight.mul_(factor)
    if squared:
        model.append(nn.Softmax(1))

    def squared_error(p: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        return nn.functional.mse_loss(p, nn.functional.one_hot(y, 10).float())

    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    batches = [(x[i : i + 64], y[i : i + 64]) for i in range(0, 640, 64)]
    loss = squared_error if squared else nn.functional.cross_entropy
    return Training([model], [optimizer], loss, batches, (x[640:], y[640:]), seed=seed)


@dataclass(frozen=True)
class CrossEntropyImprovesSigmoidAndSoftmaxLayers(Claim):
    """Validation accuracy of a softmax classifier under cross-entropy and under squared error, from a sane and from a saturated start.

    ## The set-up
    Ten Gaussian clusters in 20 dimensions, MLP 20-64-10, SGD with lr 0.1 and batch 64, `steps` steps; squared error with lr 0.1 and with lr 1
    (its gradient is smaller by construction); saturated start: last layer's weights times 30.
    ## Why
    Squared error's gradient carries the Jacobian of softmax, at most 1/4 an entry and divided by the number of outputs; where the start is
    confident and wrong it is all but zero.
    """

    rows = ("S1-17", "S1-18", "S4-24")
    statement = Text(
        "Cross-entropy gives sigmoid and softmax classifiers a better result than squared error in the same number of steps.",
        "在相同步数内，交叉熵使 sigmoid、softmax 分类器的结果优于均方误差。",
    )
    rule = Text(
        "Holds if at the better learning rate squared error stays 0.02 below cross-entropy from both starts; depends if only from the saturated one.",
        "若取较好学习率的平方误差在两种起点下都比交叉熵低 0.02，则成立；若只在饱和起点下如此，则视情况而定。",
    )
    depends = Text(
        "depends on the start: a learning rate ten times as large makes up for the rest", "取决于起点：其余差距可由十倍的学习率补上"
    )
    seeds = 3
    steps: int = 150

    def measure(self, seed: int) -> dict[str, float]:
        measured = {}
        for start, factor in (("sane", 1.0), ("saturated", 30.0)):
            for name, squared, lr in (("cross_entropy", False, 0.1), ("squared", True, 0.1), ("squared_lr_1", True, 1.0)):
                training = _recipe(seed, factor, squared)
                training.optimizer.param_groups[0]["lr"] = lr
                training.fit(self.steps)
                outputs = training.validate()
                measured[f"{name}_{start}"] = float((outputs.argmax(1) == training.validation[1]).double().mean())
        return measured

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        worse = [
            measured[f"cross_entropy_{s}"].mean() - max(measured[f"squared_{s}"].mean(), measured[f"squared_lr_1_{s}"].mean()) >= 0.02
            for s in ("sane", "saturated")
        ]
        return "holds" if all(worse) else "depends" if worse[1] else "fails as stated"


@dataclass(frozen=True)
class SquaredErrorOnSaturatedClassifierIsSeen(Phenomenon):
    """A saturated classifier under squared error, a sane one under cross-entropy, and the former under the remedy `cross-entropy`.

    ## The set-up
    The saturated squared-error training of `cross-entropy-improves-sigmoid-and-softmax-layers` and the sane cross-entropy one.
    ## Why
    A squared error on a softmax over one-hot targets has the loss and the layer in the graph, where the rule reads them.
    """

    rows = ("S4-24",)
    fault = Text("Squared error on a saturated classifier", "饱和分类器上的平方误差")
    sees = ("loss-output-mismatch",)
    remedies = ("cross-entropy",)

    steps: int = 100

    def faulty(self, seed: int) -> Training:
        return _recipe(seed, factor=30.0, squared=True)

    def healthy(self, seed: int) -> Training:
        return _recipe(seed, factor=1.0, squared=False)
