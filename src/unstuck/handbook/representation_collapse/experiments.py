"""Signals whose scale drifts with depth: what the weights' variance must be, what the default does, and what a ratio of gradients hides."""

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

    from unstuck.training import Training


def stack(
    seed: int, *, depth: int, width: int, variance: float, activation: str = "relu", bias: float = 0.0
) -> tuple[np.ndarray, np.ndarray]:
    """Standard deviation of z and mean absolute h at each layer [depth]; weights normal with variance `variance` / n, biases N(0, bias^2)."""
    import torch

    generator = torch.Generator().manual_seed(seed)
    act = {"relu": torch.relu, "tanh": torch.tanh, "linear": lambda z: z}[activation]
    h = torch.randn(256, width, generator=generator, dtype=torch.double)
    spreads, sizes = [], []
    for _ in range(depth):
        w = torch.randn(width, width, generator=generator, dtype=torch.double) * (variance / width) ** 0.5
        z = h @ w.T + bias * torch.randn(width, generator=generator, dtype=torch.double)
        h = act(z)
        spreads.append(float(z.std()))
        sizes.append(float(h.abs().mean()))
    return np.array(spreads), np.array(sizes)


@dataclass(frozen=True)
class DivideByRootN(Claim):
    """The standard deviation of z after many layers, with weights of variance 1/n and 2/n, under three activations.

    ## The set-up
    `depth` layers of `width` units, inputs N(0, 1), no bias; and once with biases N(0, 1) in the linear net.
    ## Why
    Var(z) = n Var(w) E[h^2]. E[h^2] is Var(z) for the identity, half of it for ReLU: hence 1/n for one and 2/n for the other.
    """

    rows = ("S3-04",)
    experiment = "X29"
    statement = Text(
        "To keep z distributed like x, divide the initial weights by the square root of the number of inputs.",
        "为使 z 与 x 的分布一致，应把初始权重除以输入个数的平方根。",
    )
    rule = Text(
        "Holds if with variance 1/n the standard deviation after 30 layers stays within a factor of 2 of 1 for linear, tanh and ReLU; "
        "depends if only for some.",
        "若方差为 1/n 时，线性、tanh、ReLU 网络在 30 层之后的标准差都在 1 的 2 倍以内，则成立；若只有部分如此，则视条件而定。",
    )
    depends = Text(
        "depends on the activation: right for a linear net, while ReLU needs 2/n and tanh shrinks slowly",
        "取决于激活函数：线性网络成立，ReLU 需要 2/n，tanh 会缓慢收缩",
    )
    quick = {"width": 128}
    depth: int = 30
    width: int = 256

    def measure(self, seed: int) -> dict[str, float]:
        size = {"depth": self.depth, "width": self.width}
        runs = {
            "linear_1_n": stack(seed, variance=1.0, activation="linear", **size)[0],
            "tanh_1_n": stack(seed, variance=1.0, activation="tanh", **size)[0],
            "relu_1_n": stack(seed, variance=1.0, **size)[0],
            "relu_2_n": stack(seed, variance=2.0, **size)[0],
            "relu_1_3n": stack(seed, variance=1 / 3, **size)[0],
            "linear_1_n_bias_1": stack(seed, variance=1.0, activation="linear", bias=1.0, **size)[0],
        }
        return {f"std_{name}": float(s[-1]) for name, s in runs.items()} | {f"{name}_by_layer": s for name, s in runs.items()}  # type: ignore[return-value]

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        kept = [bool(np.all((s > 0.5) & (s < 2))) for s in (measured[f"std_{a}_1_n"] for a in ("linear", "tanh", "relu"))]
        return "holds" if all(kept) else "depends" if any(kept) else "fails as stated"

    def plot(self, figure: matplotlib.figure.Figure, measured: dict[str, np.ndarray], lang: str) -> None:
        axes = figure.add_subplot()
        zh = lang == "zh"
        labels = {
            "relu_2_n": "ReLU, 2/n (He)", "linear_1_n": "线性, 1/n" if zh else "linear, 1/n", "tanh_1_n": "tanh, 1/n", "relu_1_n": "ReLU, 1/n",
            "relu_1_3n": "ReLU, 1/(3n)（PyTorch 默认）" if zh else "ReLU, 1/(3n) (PyTorch's default)",
        }  # fmt: skip
        for name, label in labels.items():
            axes.semilogy(np.arange(1, self.depth + 1), np.median(measured[f"{name}_by_layer"], axis=0), label=label)
        axes.set_xlabel("层" if zh else "layer")
        axes.set_ylabel("z 的标准差" if zh else "standard deviation of z")
        axes.legend()


def default_relu_net(seed: int, *, depth: int = 20, width: int = 64, he: bool = False, lr: float = 0.005) -> Training:
    """ReLU layers with PyTorch's own initial weights and biases (or He's and 0) on two-moons."""
    import torch
    from torch import nn

    from unstuck.training import Training

    torch.manual_seed(seed)
    layers: list[nn.Module] = []
    for at in range(depth):
        linear = nn.Linear(2 if at == 0 else width, width)
        if he:
            nn.init.kaiming_normal_(linear.weight, nonlinearity="relu")
            nn.init.zeros_(linear.bias)
        layers += [linear, nn.ReLU()]
    model = nn.Sequential(*layers, nn.Linear(width, 2))
    x, y = two_moons(seed, 400)
    batches = [(x[i : i + 50], y[i : i + 50]) for i in range(0, 300, 50)]
    optimizer = torch.optim.SGD(model.parameters(), lr=lr, momentum=0.9)
    return Training([model], [optimizer], nn.CrossEntropyLoss(), batches, (x[300:], y[300:]), seed=seed)


@dataclass(frozen=True)
class DefaultInitKeepsTheSignal(Claim):
    """How much of the input is left in the last activations of a deep ReLU net with PyTorch's default initialisation.

    ## The set-up
    `depth` layers; standard deviation over the samples of the last activations, over their mean absolute value; and fan_in * Var(w).
    ## Why
    nn.Linear draws U(-1/sqrt(n), 1/sqrt(n)), variance 1/(3n): the part that depends on the input loses a factor 6 in variance per ReLU layer,
    the part that comes from the biases does not. What is left is a constant.
    """

    rows = ("S3-04",)
    experiment = "X03"
    statement = Text(
        "PyTorch's default initialisation keeps the signal's scale through a deep ReLU network.",
        "PyTorch 的默认初始化能使信号尺度在深层 ReLU 网络中保持不变。",
    )
    rule = Text(
        "Fails as stated if after 30 layers the spread over samples is below 1e-5 of the activations' size with the default, and above 0.1 with He's.",
        "若 30 层之后，默认初始化下样本间的差异小于激活值大小的 1e-5，而 He 初始化下大于 0.1，则按原说法不成立。",
    )
    quick = {"width": 64}
    depth: int = 30
    width: int = 128

    def measure(self, seed: int) -> dict[str, float]:
        import torch
        from torch import nn

        measured = {}
        for name, he in (("default", False), ("he", True)):
            model = default_relu_net(seed, depth=self.depth, width=self.width, he=he).model.double()
            with torch.no_grad():
                h = model[:-1](two_moons(seed, 256)[0].double())  # type: ignore[index]
            measured[f"spread_{name}"] = float(h.std(0).mean())
            measured[f"relative_spread_{name}"] = float(h.std(0).mean() / h.abs().mean().clamp(min=1e-300))
            linear = [m for m in model.modules() if isinstance(m, nn.Linear)][1]
            measured[f"n_variance_{name}"] = linear.weight.var().item() * self.width
        return measured

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        lost = measured["relative_spread_default"].max() < 1e-5 and measured["relative_spread_he"].min() > 0.1
        return "fails as stated" if lost else "holds"


@dataclass(frozen=True)
class TheRatioShowsVanishing(Claim):
    """The norms of the first and last hidden layers' weight gradients in a collapsing net, and their ratio.

    ## The set-up
    `depth` equal ReLU layers with weights of variance 1/(3n), no bias, 256 samples N(0, 1), cross-entropy, float64.
    ## Why
    dL/dW_l = delta_l h_(l-1)^T: the backward signal shrinks towards the input, the forward signal towards the output, and the product is constant.
    """

    rows = ("S0-06",)
    experiment = "X03"
    statement = Text(
        "Comparing the weight gradients of the first and the last layer shows whether gradients vanish.",
        "比较首层与末层的权重梯度即可看出梯度是否消失。",
    )
    rule = Text(
        "Fails as stated if the ratio is between 0.1 and 10 while both norms are below 1e-8.",
        "若比值在 0.1 到 10 之间，而两个范数都小于 1e-8，则按原说法不成立。",
    )
    quick = {"width": 64}
    depth: int = 30
    width: int = 128

    def measure(self, seed: int) -> dict[str, float]:
        import torch

        generator = torch.Generator().manual_seed(seed)
        h = torch.randn(256, self.width, generator=generator, dtype=torch.double)
        matrices = [
            ((2 * torch.rand(self.width, self.width, generator=generator, dtype=torch.double) - 1) / self.width**0.5).requires_grad_()
            for _ in range(self.depth)
        ]
        for w in matrices:
            h = torch.relu(h @ w.T)
        scores = h @ torch.randn(self.width, 10, generator=generator, dtype=torch.double) / self.width**0.5
        loss = torch.nn.functional.cross_entropy(scores, torch.randint(10, (256,), generator=generator))
        norms = [float(g.norm()) for g in torch.autograd.grad(loss, matrices)]
        return {"first": norms[0], "last": norms[-1], "ratio": norms[0] / norms[-1]}

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        near = bool(np.all((measured["ratio"] > 0.1) & (measured["ratio"] < 10)))
        small = max(measured["first"].max(), measured["last"].max()) < 1e-8
        return "fails as stated" if near and small else "holds"


@dataclass(frozen=True)
class CollapseIsSeenAndCured(Phenomenon):
    """Twenty ReLU layers with PyTorch's default weights, the He twin, and the faulty net under `he-init`.

    ## The set-up
    20 ReLU layers of 64 units on two moons, SGD lr 0.005 with momentum 0.9.
    ## Why
    The scale of the weights is the cause; the shrinking gradient is its sign.
    """

    rows = ("S3-04",)
    fault = Text("The collapse of a deep ReLU net with default weights", "采用默认权重的深层 ReLU 网络的激活塌缩")
    sees = ("bad-init-scale", "vanishing-gradient")
    remedies = ("he-init",)

    steps: int = 120
    depth: int = 20

    def faulty(self, seed: int) -> Training:
        return default_relu_net(seed, depth=self.depth)

    def healthy(self, seed: int) -> Training:
        return default_relu_net(seed, depth=self.depth, he=True)
