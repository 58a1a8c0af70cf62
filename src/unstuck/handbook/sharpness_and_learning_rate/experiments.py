"""Curvature decides which learning rates are stable: on a quadratic exactly, on a network near where it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from unstuck.handbook.vanishing_gradient.experiments import two_moons
from unstuck.lab import Claim, Verdict
from unstuck.phenomenon import Phenomenon
from unstuck.records import Text

if TYPE_CHECKING:
    import matplotlib.figure
    import torch
    from torch import nn

    from unstuck.training import Training

FACTORS = (0.1, 1.0, 1.9, 1.99, 2.01, 2.1)


@dataclass(frozen=True)
class TwoOverLambda(Claim):
    """Where gradient descent on a quadratic goes, for learning rates around 2 / lambda.

    ## The set-up
    f(x) = lambda x^2 / 2, start at 1, `steps` steps with lr = factor / lambda.
    ## Why
    x <- (1 - lr lambda) x: it shrinks exactly while |1 - lr lambda| < 1, that is lr < 2 / lambda.
    """

    rows = ("S0-10", "S4-09")
    experiment = "X45"
    statement = Text(
        "Gradient descent is stable exactly while the learning rate is below 2 over the largest eigenvalue of the Hessian.",
        "当且仅当学习率小于 2 除以 Hessian 最大特征值时，梯度下降稳定。",
    )
    rule = Text(
        "Holds if factor 1.99 ends below the start and factor 2.01 above it.", "若系数 1.99 时终点小于起点，而 2.01 时大于起点，则成立。"
    )
    seeds = 1
    curvature: float = 1.0
    steps: int = 200

    def measure(self, seed: int) -> dict[str, float]:
        measured = {}
        for factor in FACTORS:
            x = np.empty(self.steps + 1)
            x[0] = 1.0
            for t in range(self.steps):
                x[t + 1] = x[t] - factor / self.curvature * self.curvature * x[t]
            name = f"{factor:g}".replace(".", "_")
            measured |= {f"end_{name}": abs(x[-1]), f"path_{name}": np.abs(x)}
        return measured  # type: ignore[return-value]

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        return "holds" if measured["end_1_99"][0] < 1 < measured["end_2_01"][0] else "fails as stated"

    def plot(self, figure: matplotlib.figure.Figure, measured: dict[str, np.ndarray], lang: str) -> None:
        axes = figure.add_subplot()
        zh = lang == "zh"
        for factor in (1.9, 1.99, 2.01, 2.1):  # 0.1 is 1.9's mirror image: |1 - 0.1| = |1 - 1.9|
            axes.semilogy(measured[f"path_{factor:g}".replace(".", "_")][0], label=f"lr = {factor:g} / λ")
        axes.set_ylim(1e-6, 1e6)
        axes.set_xlabel("步" if zh else "step")
        axes.set_ylabel("到极小点的距离" if zh else "distance to the minimum")
        axes.legend()


def mlp(seed: int, *, gain: float = 1.0, activation: str = "tanh", depth: int = 2) -> nn.Module:
    """`depth` hidden layers of 32 units, float64; tanh with weights of gain `gain` over Xavier, or ReLU with `gain` over He."""
    import torch
    from torch import nn

    torch.manual_seed(seed)
    layers: list[nn.Module] = []
    for at in range(depth):
        layers += [nn.Linear(32 if at else 2, 32), nn.ReLU() if activation == "relu" else nn.Tanh()]
    model = nn.Sequential(*layers, nn.Linear(32, 2)).double()
    for module in model:
        if isinstance(module, nn.Linear):
            if activation == "relu":
                nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
                module.weight.data *= gain
            else:
                nn.init.xavier_normal_(module.weight, gain=gain)
            nn.init.zeros_(module.bias)
    return model


def samples(seed: int) -> tuple[torch.Tensor, torch.Tensor]:
    """200 samples of two-moons in float64."""
    x, y = two_moons(seed, 200)
    return x.double(), y


def loss_of(model: nn.Module, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """Cross-entropy of the full batch."""
    import torch

    return torch.nn.functional.cross_entropy(model(x), y)


def descend(model: nn.Module, x: torch.Tensor, y: torch.Tensor, lr: float, steps: int) -> list[float]:
    """Losses [steps + 1] of full-batch gradient descent."""
    import torch

    parameters = list(model.parameters())
    seen = []
    for _ in range(steps):
        loss = loss_of(model, x, y)
        seen.append(loss.item())
        gradients = torch.autograd.grad(loss, parameters)
        with torch.no_grad():
            for p, g in zip(parameters, gradients, strict=True):
                p -= lr * g
    return [*seen, loss_of(model, x, y).item()]


def sharpness(model: nn.Module, x: torch.Tensor, y: torch.Tensor, rounds: int = 100) -> tuple[float, torch.Tensor]:
    """Largest eigenvalue of the Hessian by power iteration on Hessian-vector products, and its eigenvector [parameters].

    Power iteration finds the eigenvalue of largest size; where that is a negative one, it is repeated on H shifted by it.
    """
    import torch

    parameters = list(model.parameters())
    gradients = torch.autograd.grad(loss_of(model, x, y), parameters, create_graph=True)
    flat = torch.cat([g.flatten() for g in gradients])

    def iterate(shift: float) -> tuple[float, torch.Tensor]:
        v = torch.randn(flat.numel(), generator=torch.Generator().manual_seed(0), dtype=flat.dtype)
        v /= v.norm()
        value = 0.0
        for _ in range(rounds):
            product = torch.cat([h.flatten() for h in torch.autograd.grad(flat @ v, parameters, retain_graph=True)]) + shift * v
            value = (v @ product).item()
            v = product / product.norm()
        return value - shift, v

    value, v = iterate(0.0)
    return (value, v) if value > 0 else iterate(-value)


@dataclass(frozen=True)
class SharpnessPredictsDivergence(Claim):
    """The loss of a network over 20 steps with learning rates below and above 2 / lambda, lambda measured where the steps begin.

    ## The set-up
    A tanh net is trained for 300 steps with lr 0.1; there the top Hessian eigenvalue is measured; then 20 steps with 1/lambda and with 4/lambda.
    ## Why
    Near a point the loss is a quadratic plus higher orders; along the sharpest direction the step multiplies the error by 1 - lr lambda.
    """

    rows = ("S0-10", "S1-56")
    experiment = "X45"
    statement = Text(
        "The largest Hessian eigenvalue tells which learning rate will make a network's loss rise.",
        "Hessian 最大特征值能预示多大的学习率会使网络的损失上升。",
    )
    rule = Text(
        "Holds if in every repeat the loss ends lower with lr = 1/lambda and its highest value within 20 steps exceeds the start with 4/lambda.",
        "若每次重复中 lr = 1/λ 时损失最终下降，而 4/λ 时 20 步内的最高损失超过起点，则成立。",
    )
    warm: int = 300

    def measure(self, seed: int) -> dict[str, float]:
        from copy import deepcopy

        model, (x, y) = mlp(seed), samples(seed)
        descend(model, x, y, 0.1, self.warm)
        top, _ = sharpness(model, x, y)
        calm, wild = (descend(deepcopy(model), x, y, factor / top, 20) for factor in (1.0, 4.0))
        return {"lambda": top, "two_over_lambda": 2 / top, "change_1": calm[-1] - calm[0], "worst_rise_4": max(wild) - wild[0]}

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        return "holds" if measured["change_1"].max() < 0 < measured["worst_rise_4"].min() else "fails as stated"


@dataclass(frozen=True)
class LargeWeightsNarrowTheRange(Claim):
    """The top Hessian eigenvalue of a network at its start with ordinary weights and with larger ones.

    ## The set-up
    Six ReLU layers with He's weights times 1, 1.5 and 2, whose gradients grow 1.5 and 2 times per layer; for comparison two saturating tanh
    layers with gain 1 and 3, whose gradients do not explode. Largest stable learning rate at the start: 2 / lambda.
    ## Why
    The Hessian's main part is J^T H J; where the Jacobian J grows with the weights, lambda grows with its square.
    ## How the rule came about
    "More than 5 times" was fixed first, for the tanh nets alone; they failed it, since saturating nets do not explode. With the ReLU nets 100
    was tried next, and missed (the smallest quotient of five is 12.6); the rule went back to 5, in knowledge of that number.
    """

    rows = ("S0-10",)
    experiment = "X45"
    statement = Text("Where gradients explode, training is sensitive to the learning rate.", "梯度爆炸会使训练对学习率非常敏感。")
    rule = Text(
        "Holds if in every repeat lambda of the ReLU net at gain 2 is more than 5 times that at gain 1.",
        "若每次重复中 ReLU 网络在增益为 2 时的 λ 都超过增益为 1 时的 5 倍，则成立。",
    )
    quick = {"depth": 4}
    depth: int = 6

    def measure(self, seed: int) -> dict[str, float]:
        x, y = samples(seed)
        relu = {gain: sharpness(mlp(seed, gain=gain, activation="relu", depth=self.depth), x, y)[0] for gain in (1.0, 1.5, 2.0)}
        tanh = {gain: sharpness(mlp(seed, gain=gain), x, y)[0] for gain in (1.0, 3.0)}
        return {
            "lambda_gain_1": relu[1.0],
            "lambda_gain_1_5": relu[1.5],
            "lambda_gain_2": relu[2.0],
            "quotient": relu[2.0] / relu[1.0],
            "largest_lr_gain_1": 2 / relu[1.0],
            "largest_lr_gain_2": 2 / relu[2.0],
            "quotient_tanh": tanh[3.0] / tanh[1.0],
        }

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        return "holds" if measured["quotient"].min() > 5 else "fails as stated"


@dataclass(frozen=True)
class FirstOrderPrediction(Claim):
    """How far the decrease of the loss in one step is from lr times the squared gradient norm.

    ## The set-up
    The tanh net at its start; one step with lr = 1/lambda, a tenth and a hundredth of it; relative error of the first-order prediction.
    ## Why
    L(w - lr g) = L - lr |g|^2 + lr^2 g^T H g / 2 - ...: the error of the first order is proportional to lr.
    """

    rows = ("S3-27",)
    experiment = "X45"
    statement = Text(
        "For a small step, the loss falls by the learning rate times the squared norm of the gradient.",
        "步长很小时，损失的下降量等于学习率乘以梯度范数的平方。",
    )
    rule = Text(
        "Holds if the relative error is below 1 % at lambda lr = 0.01 and falls to less than a fifth when lr falls to a tenth.",
        "若 λ·lr = 0.01 时相对误差小于 1 %，且学习率降到十分之一时误差降到五分之一以下，则成立。",
    )

    def measure(self, seed: int) -> dict[str, float]:
        import torch

        x, y = samples(seed)
        top, _ = sharpness(mlp(seed), x, y)
        measured = {}
        for name, factor in (("1", 1.0), ("0_1", 0.1), ("0_01", 0.01)):
            model = mlp(seed)
            squared = sum(g.square().sum().item() for g in torch.autograd.grad(loss_of(model, x, y), list(model.parameters())))
            before, after = descend(model, x, y, factor / top, 1)
            measured[f"error_{name}"] = abs((before - after) / (factor / top * squared) - 1)
        return measured

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        small = measured["error_0_01"].max() < 0.01 and (measured["error_0_01"] / measured["error_0_1"]).max() < 0.2
        return "holds" if small else "fails as stated"


@dataclass(frozen=True)
class EigenvalueIsCurvature(Claim):
    """The second difference of the loss along the top eigenvector, against the eigenvalue.

    ## The set-up
    The tanh net after 300 steps; L(w + e v) - 2 L(w) + L(w - e v) over e^2 with e = 1e-3, and the same along a random direction.
    ## Why
    v^T H v = lambda for a unit eigenvector: for training, an eigenvalue is the curvature of the loss, not the importance of a feature.
    """

    rows = ("S4-09",)
    experiment = "X45"
    statement = Text(
        "For training, an eigenvalue of the Hessian is the curvature of the loss along its eigenvector.",
        "对训练而言，Hessian 的特征值就是损失沿其特征向量方向的曲率。",
    )
    rule = Text(
        "Holds if the two agree within 1 %, and a random direction has less than a tenth of that curvature.",
        "若二者相差不超过 1 %，且随机方向的曲率不到其十分之一，则成立。",
    )

    def measure(self, seed: int) -> dict[str, float]:
        import torch

        model, (x, y) = mlp(seed), samples(seed)
        descend(model, x, y, 0.1, 300)
        top, v = sharpness(model, x, y, rounds=200)
        random = torch.randn(v.shape, generator=torch.Generator().manual_seed(seed + 1), dtype=v.dtype)
        at = torch.nn.utils.parameters_to_vector(model.parameters()).detach().clone()

        def curvature(direction: torch.Tensor, size: float = 1e-3) -> float:
            values = []
            for shift in (size, 0.0, -size):
                torch.nn.utils.vector_to_parameters(at + shift * direction, model.parameters())
                values.append(loss_of(model, x, y).item())
            return (values[0] - 2 * values[1] + values[2]) / size**2

        return {"lambda": top, "along_eigenvector": curvature(v), "along_random": curvature(random / random.norm())}

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        error = np.abs(measured["along_eigenvector"] / measured["lambda"] - 1).max()
        random = (measured["along_random"] / measured["lambda"]).max()
        return "holds" if error < 0.01 and random < 0.1 else "fails as stated"


def small_net(seed: int, *, lr: float) -> Training:
    """2-32-32-2 with ReLU on two-moons, SGD with momentum 0.9."""
    import torch
    from torch import nn

    from unstuck.training import Training

    torch.manual_seed(seed)
    model = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 2))
    x, y = two_moons(seed, 400)
    batches = [(x[i : i + 50], y[i : i + 50]) for i in range(0, 300, 50)]
    optimizer = torch.optim.SGD(model.parameters(), lr=lr, momentum=0.9)
    return Training([model], [optimizer], nn.CrossEntropyLoss(), batches, (x[300:], y[300:]), seed=seed)


@dataclass(frozen=True)
class TooHighLrIsSeen(Phenomenon):
    """A learning rate beyond stability, a sane one, and the former under `lower-lr`.

    ## The set-up
    A small ReLU net on two moons, SGD with momentum 0.9, lr 3 against lr 0.05.
    ## Why
    Updates far larger than the weights are steps beyond 2 / lambda; a tenth of the rate is below it again.
    """

    rows = ("S0-10",)
    fault = Text("Too high a learning rate", "学习率过高")
    sees = ("lr-too-high",)
    remedies = ("lower-lr",)

    steps: int = 100
    lr: float = 3.0

    def faulty(self, seed: int) -> Training:
        return small_net(seed, lr=self.lr)

    def healthy(self, seed: int) -> Training:
        return small_net(seed, lr=0.05)


@dataclass(frozen=True)
class TooLowLrIsSeenAndCured(Phenomenon):
    """A learning rate far too small, a sane one, and the former under `adam`, which chooses the step by the gradient's own size.

    ## The set-up
    A small ReLU net on two moons, SGD with momentum 0.9, lr 1e-5 against lr 0.05.
    ## Why
    Updates of 1e-6 of the weights move them by a thousandth in a thousand steps; the gradients are healthy.
    """

    rows = ("S3-27",)
    fault = Text("Too low a learning rate", "学习率过低")
    sees = ("lr-too-low",)
    remedies = ("adam",)

    steps: int = 150

    def faulty(self, seed: int) -> Training:
        return small_net(seed, lr=1e-5)

    def healthy(self, seed: int) -> Training:
        return small_net(seed, lr=0.05)
