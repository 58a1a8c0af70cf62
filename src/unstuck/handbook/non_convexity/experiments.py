"""Non-convex training: where it comes from, and what it costs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from unstuck.lab import Claim, Verdict
from unstuck.phenomenon import Phenomenon, half_moons, plain_net, training_on
from unstuck.records import Text

if TYPE_CHECKING:
    import torch
    from matplotlib.figure import Figure

    from unstuck.training import Training

Net = tuple["torch.Tensor", "torch.Tensor", "torch.Tensor", "torch.Tensor"]


def moons(count: int, generator: torch.Generator) -> tuple[torch.Tensor, torch.Tensor]:
    """Two interleaved half circles."""
    import torch

    labels = torch.randint(0, 2, (count,), generator=generator)
    angle = torch.pi * torch.rand(count, generator=generator)
    sign = 1.0 - 2.0 * labels
    points = torch.stack([angle.cos() + 1.0 * labels - 0.5, sign * angle.sin() + 0.5 * labels - 0.25], 1)
    return points + 0.1 * torch.randn(count, 2, generator=generator), labels.float()


def many_nets(starts: int, width: int, gain: float, generator: torch.Generator) -> Net:
    """`starts` nets of one hidden tanh layer side by side: weights [S, 2, H], [S, 1, H], [S, H, 1], [S, 1, 1]."""
    import torch

    first = torch.randn(starts, 2, width, generator=generator) * gain / 2**0.5
    second = torch.randn(starts, width, 1, generator=generator) * gain / width**0.5
    return first, torch.zeros(starts, 1, width), second, torch.zeros(starts, 1, 1)


def outputs(net: Net, inputs: torch.Tensor) -> torch.Tensor:
    """Logits [S, N]."""
    import torch

    first, bias, second, last = net
    return (torch.tanh(inputs @ first + bias) @ second + last)[..., 0]


def losses(net: Net, inputs: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """Mean cross-entropy of each net [S]."""
    from torch.nn import functional

    logits = outputs(net, inputs)
    return functional.binary_cross_entropy_with_logits(logits, labels.expand_as(logits), reduction="none").mean(1)


def descend(net: Net, inputs: torch.Tensor, labels: torch.Tensor, steps: int, lr: float) -> Net:
    """Plain gradient descent on all nets at once."""
    import torch

    for _ in range(steps):
        net = tuple(p.detach().requires_grad_() for p in net)  # type: ignore[assignment]
        gradients = torch.autograd.grad(losses(net, inputs, labels).sum(), net)
        net = tuple((p - lr * g).detach() for p, g in zip(net, gradients, strict=True))  # type: ignore[assignment]
    return net


@dataclass(frozen=True)
class NonlinearUnitsMakeItNonConvex(Claim):
    """Loss half-way between two global minima of a net of two linear units, f(a, b) = (ab - 1)^2.

    ## The set-up
    The minima (a, b) = (1, 1) and (-1, -1); the loss at both and at their mid-point; the eigenvalues of the Hessian at the origin.
    ## Why
    A product of weights is not convex in them. The activation is not needed: every net with two layers has it.
    """

    rows = ("S1-11",)
    experiment = "X21"
    statement = Text(
        "It is the non-linear units that make the training problem non-convex.",
        "是非线性单元的加入使训练问题不再是凸优化问题。",
    )
    rule = Text(
        "Holds if the linear two-layer net is convex here: mid-point loss not above the mean of the ends; fails as stated otherwise.",
        "若这个两层线性网络在此是凸的（中点损失不高于两端均值），则成立；否则按原话不成立。",
    )
    seeds = 1

    def measure(self, seed: int) -> dict[str, float]:
        """Losses and Hessian eigenvalues."""

        def loss(a: float, b: float) -> float:
            return (a * b - 1) ** 2

        smallest, largest = np.linalg.eigvalsh(np.array([[0.0, -2.0], [-2.0, 0.0]]))  # d2/da2 = 2 b^2, d2/dadb = 4ab - 2 at the origin
        return {
            "ends": (loss(1, 1) + loss(-1, -1)) / 2,
            "middle": loss(0, 0),
            "smallest_curvature_at_origin": float(smallest),
            "largest_curvature_at_origin": float(largest),
        }

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        """The rule."""
        return "holds" if (measured["middle"] <= measured["ends"]).all() else "fails as stated"

    def plot(self, figure: Figure, measured: dict[str, np.ndarray], lang: str) -> None:
        """Contours of (ab - 1)^2 with both valleys and the saddle."""
        axes = figure.subplots()
        a, b = np.meshgrid(np.linspace(-2, 2, 200), np.linspace(-2, 2, 200))
        drawn = axes.contourf(a, b, np.log10((a * b - 1) ** 2 + 1e-2), 20, cmap="viridis")
        axes.plot([-1, 1], [-1, 1], "w--o")
        axes.plot(0, 0, "wx", ms=10)
        axes.annotate("鞍点" if lang == "zh" else "saddle", (0, 0), color="w", xytext=(8, -12), textcoords="offset points")
        figure.colorbar(drawn, label="log10 损失" if lang == "zh" else "log10 loss")
        axes.set_xlabel("a")
        axes.set_ylabel("b")


@dataclass(frozen=True)
class TheAverageOfTwoEqualNetsIsAsGood(Claim):
    """Loss of the weight average of a trained net and of the same net with its hidden units renumbered.

    ## The set-up
    A trained net of one hidden tanh layer on two-moons and a copy with shuffled hidden units, which is the same function; their weights are
    averaged.
    ## Why
    Were the loss convex, the average could not be worse than both. Every minimum has H! copies, one per numbering of the units, with hills
    between them.
    """

    rows = ("S1-11", "S1-10")
    experiment = "X21"
    statement = Text(
        "Averaging the weights of two equally good nets gives a net at least as good.",
        "把两个同样好的网络的权重取平均，得到的网络至少一样好。",
    )
    rule = Text(
        "Holds if the average's loss is at most the common loss of the two (plus 1e-6) in every repeat; fails as stated otherwise.",
        "若每次重复中平均网络的损失都不高于两者共同的损失（加 1e-6），则成立；否则按原话不成立。",
    )
    seeds = 5

    width: int = 16
    steps: int = 400

    def measure(self, seed: int) -> dict[str, float]:
        """Loss of the net, of its renumbered copy, of the average."""
        import torch

        generator = torch.Generator().manual_seed(seed)
        inputs, labels = moons(200, generator)
        net = descend(many_nets(1, self.width, 1.5, generator), inputs, labels, self.steps, 1.0)
        order = torch.randperm(self.width, generator=generator)
        copy = (net[0][:, :, order], net[1][:, :, order], net[2][:, order], net[3])
        average = tuple((a + b) / 2 for a, b in zip(net, copy, strict=True))
        return {name: losses(n, inputs, labels).item() for name, n in (("net", net), ("copy", copy), ("average", average))}  # type: ignore[arg-type]

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        """The rule."""
        return "holds" if (measured["average"] <= np.maximum(measured["net"], measured["copy"]) + 1e-6).all() else "fails as stated"


@dataclass(frozen=True)
class WithoutConvexityTheOptimumIsLost(Claim):
    """Share of random starts from which plain descent reaches the lowest loss there is.

    ## The set-up
    20 starts of a wide net (32 hidden tanh units) on 100 points of two-moons, full-batch descent. Cross-entropy cannot be below 0, so a loss
    below 0.01 is within 0.01 of the global optimum.
    ## Why
    What is lost is the guarantee. With more parameters than the data asks for, almost every start lies in the basin of some zero of the loss.
    """

    rows = ("S1-10", "S1-14")
    experiment = "X21"
    statement = Text(
        "Giving up convexity means giving up the optimum.",
        "放弃训练问题的凸性，就是放弃寻求最优解。",
    )
    rule = Text(
        "Fails as stated if at least 95 % of the starts come within 0.01 of the global optimum; holds otherwise.",
        "若至少 95% 的起点到达全局最优 0.01 以内，则按原话不成立；否则成立。",
    )
    seeds = 3

    width: int = 32
    steps: int = 600

    def measure(self, seed: int) -> dict[str, float]:
        """Share of good starts, median and worst loss."""
        import torch

        generator = torch.Generator().manual_seed(seed)
        inputs, labels = moons(100, generator)
        final = losses(descend(many_nets(20, self.width, 1.5, generator), inputs, labels, self.steps, 3.0), inputs, labels)
        return {"share": (final < 0.01).double().mean().item(), "median_loss": final.median().item(), "worst_loss": final.max().item()}

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        """The rule."""
        return "fails as stated" if measured["share"].mean() >= 0.95 else "holds"


@dataclass(frozen=True)
class PlainDescentFindsGoodMinima(Claim):
    """Share of 20 starts that end with a low loss, for a sane set-up, a tiny net, a bad initialisation and unscaled data.

    ## The set-up
    Two-moons, 100 points; 32 units; then 2 units; then 32 units started with 1e-4 times the weights; then inputs times 255 (and back to the
    sane net).
    ## Why
    Descent finds good minima where the starting point lets signals and gradients through and there are more units than needed.
    """

    rows = ("S1-14", "S1-16", "S1-13")
    experiment = "X21"
    statement = Text(
        "Simple gradient descent efficiently finds a good enough local minimum.",
        "用简单的梯度下降就能高效地找到足够好的局部最小值。",
    )
    rule = Text(
        "With a share of starts that reach a loss of 0.1: holds if it is at least 0.9 in all four set-ups, depends if only in some.",
        "统计损失降到 0.1 的起点比例：四种设置都不低于 0.9 则成立；只有部分设置如此则视情况而定。",
    )
    depends = Text("depends on spare units, initialisation and data scale", "取决于单元是否有富余、初始化与数据尺度")
    seeds = 3

    quick = {"steps": 150}

    steps: int = 300

    def measure(self, seed: int) -> dict[str, float]:
        """Shares of good starts."""
        import torch

        measured = {}
        for name, width, gain, scale in (
            ("sane", 32, 1.5, 1.0),
            ("two_units", 2, 1.5, 1.0),
            ("tiny_weights", 32, 1e-4, 1.0),
            ("inputs_times_255", 32, 1.5, 255.0),
        ):
            generator = torch.Generator().manual_seed(seed)
            inputs, labels = moons(100, generator)
            net = descend(many_nets(20, width, gain, generator), inputs * scale, labels, self.steps, 1.0)
            measured[name] = (losses(net, inputs * scale, labels) < 0.1).double().mean().item()
        return measured

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        """The rule."""
        good = [float(values.mean()) >= 0.9 for values in measured.values()]
        return "holds" if all(good) else "depends" if any(good) else "fails as stated"


@dataclass(frozen=True)
class MaxoutApproximatesConvexFunctions(Claim):
    """Largest error of a maxout unit of k pieces on the convex x^2 and on the concave -x^2 over [-1, 1].

    ## The set-up
    A maxout unit is the maximum of k affine functions. For x^2 the k tangents at evenly spaced points, lifted by half the error, are best; for
    -x^2 nothing convex is better than a constant.
    ## Why
    A convex function is the upper envelope of its tangents; the error falls as 1 / k^2. A maximum of affine functions is always convex.
    """

    rows = ("S1-15",)
    statement = Text(
        "A maxout unit approximates any convex function to any accuracy.",
        "maxout 单元可以以任意精度近似任何凸函数。",
    )
    rule = Text(
        "Holds if the error on x^2 is 1 / (2 k^2) within 1 % for k = 2, 8 and 32.",
        "若对 k = 2、8、32，x^2 上的误差等于 1/(2k^2)（误差 1% 以内），则成立。",
    )
    seeds = 1

    def measure(self, seed: int) -> dict[str, float]:
        """Largest errors."""
        x = np.linspace(-1, 1, 20001)
        measured = {}
        for pieces in (2, 8, 32):
            touch = -1 + (2 * np.arange(pieces) + 1) / pieces
            envelope = (2 * touch[:, None] * x - touch[:, None] ** 2).max(0)
            error = x**2 - envelope
            measured[f"error_{pieces}"] = float(error.max() / 2)  # after lifting by half
        chord = np.interp(x, [-1, 1], [-1, -1])  # the largest convex function below -x^2; lifted by half the gap it is the best one
        measured["concave_best"] = float((-(x**2) - chord).max() / 2)
        return measured

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        """The rule."""
        exact = all(abs(float(measured[f"error_{k}"][0]) * 2 * k**2 - 1) < 0.01 for k in (2, 8, 32))
        return "holds" if exact else "fails as stated"


@dataclass(frozen=True)
class APlateauAtZeroIsSeenAndCured(Phenomenon):
    """A start next to the saddle at zero, Xavier's weights, and the former under `xavier-init`.

    ## The set-up
    Three hidden tanh layers of 32 on two moons, SGD lr 0.05 with momentum 0.9; the faulty net starts with a fiftieth of Xavier's
    weights.
    ## Why
    The origin of weight space is a saddle of every net with a hidden layer: near it the loss stands at ln 2, and it is no local
    minimum.
    """

    rows = ("S1-14",)
    fault = Text("A plateau at the saddle of zero weights", "零权重鞍点处的平台")
    sees = ("bad-init-scale", "vanishing-gradient")
    remedies = ("xavier-init",)

    steps: int = 100

    def faulty(self, seed: int) -> Training:
        return self.net(seed, 0.02)

    def healthy(self, seed: int) -> Training:
        return self.net(seed, 1.0)

    @staticmethod
    def net(seed: int, factor: float) -> Training:
        """Xavier's weights times a factor."""
        import torch
        from torch import nn

        torch.manual_seed(seed)
        model = plain_net([2, 32, 32, 32, 2], nn.Tanh)
        with torch.no_grad():
            for module in model:
                if isinstance(module, nn.Linear):
                    nn.init.xavier_normal_(module.weight)
                    module.weight.mul_(factor)
                    module.bias.zero_()
        return training_on(model, half_moons(seed, 400), lr=0.05, seed=seed)
