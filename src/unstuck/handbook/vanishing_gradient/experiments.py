"""How the gradient shrinks on its way to the input: what decides it (the product of Jacobians), and what does not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from unstuck.lab import Claim, Verdict
from unstuck.phenomenon import Phenomenon
from unstuck.records import Text

if TYPE_CHECKING:
    import matplotlib.figure
    import torch

    from unstuck.training import Training

SAMPLES = 256


def weights(kind: str, gain: float, width: int, generator: torch.Generator) -> torch.Tensor:
    """A square weight matrix: "orthogonal", or "normal" with variance gain^2 / width, or PyTorch's "default", U(-1/sqrt(n), 1/sqrt(n))."""
    import torch

    if kind == "default":
        return (2 * torch.rand(width, width, generator=generator, dtype=torch.double) - 1) * gain / width**0.5
    drawn = torch.randn(width, width, generator=generator, dtype=torch.double)
    if kind == "orthogonal":
        return gain * torch.linalg.qr(drawn)[0]
    return gain / width**0.5 * drawn


def gradient_norms(seed: int, *, depth: int, width: int, activation: str, kind: str = "normal", gain: float = 1.0) -> np.ndarray:
    """Norm of dL/dz at each of `depth` layers, first to last; z = W h, h = f(z), cross-entropy over 10 classes on random labels, float64."""
    import torch

    generator = torch.Generator().manual_seed(seed)
    act = {"sigmoid": torch.sigmoid, "tanh": torch.tanh, "relu": torch.relu, "linear": lambda z: z}[activation]
    h = torch.randn(SAMPLES, width, generator=generator, dtype=torch.double)
    labels = torch.randint(10, (SAMPLES,), generator=generator)
    places = []
    for _ in range(depth):
        z = (h @ weights(kind, gain, width, generator).T).requires_grad_()
        places.append(z)
        h = act(z)
    scores = h @ torch.randn(width, 10, generator=generator, dtype=torch.double) / width**0.5
    gradients = torch.autograd.grad(torch.nn.functional.cross_entropy(scores, labels), places)
    return np.array([float(g.norm()) for g in gradients])


def ratio(norms: np.ndarray) -> float:
    """First layer over last."""
    return float(norms[0] / norms[-1])


@dataclass(frozen=True)
class SigmoidSlopeBound(Claim):
    """The gradient at the first layer over that at the last, in deep sigmoid, tanh and linear stacks.

    ## The set-up
    `depth` layers of `width` units, weights of variance 1/width (orthogonal for the linear stack), 256 random inputs, cross-entropy.
    ## Why
    Each layer multiplies the gradient by its Jacobian; the sigmoid's slope is at most 1/4, so with weights of gain 1 the product falls at
    least like 4^-depth.
    """

    rows = ("S0-06", "S3-11", "S4-29")
    experiment = "X01"
    statement = Text("In a deep sigmoid network the gradient of the early layers vanishes.", "深层 sigmoid 网络的前几层会发生梯度消失。")
    rule = Text(
        "Holds if at 30 layers the sigmoid's ratio is below 1e-10 in every repeat while the orthogonal linear stack stays within 1 % of 1.",
        "若 30 层时 sigmoid 的比值在每次重复中都小于 1e-10，而正交线性网络的比值与 1 相差不超过 1 %，则成立。",
    )
    quick = {"width": 64}
    depth: int = 30
    width: int = 128

    def measure(self, seed: int) -> dict[str, float]:
        size = {"depth": self.depth, "width": self.width}
        curves = {
            "sigmoid": gradient_norms(seed, activation="sigmoid", **size),
            "tanh": gradient_norms(seed, activation="tanh", **size),
            "linear_orthogonal": gradient_norms(seed, activation="linear", kind="orthogonal", **size),
        }
        measured = {f"{name}_ratio": ratio(norms) for name, norms in curves.items()} | {"slope_bound": 0.25 ** (self.depth - 1)}
        return measured | {f"{name}_by_layer": norms / norms[-1] for name, norms in curves.items()}  # type: ignore[return-value]

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        kept = np.abs(measured["linear_orthogonal_ratio"] - 1).max() < 0.01
        return "holds" if measured["sigmoid_ratio"].max() < 1e-10 and kept else "fails as stated"

    def plot(self, figure: matplotlib.figure.Figure, measured: dict[str, np.ndarray], lang: str) -> None:
        axes = figure.add_subplot()
        zh = lang == "zh"
        labels = {"linear_orthogonal": "线性（正交权重）" if zh else "linear, orthogonal weights", "tanh": "tanh", "sigmoid": "sigmoid"}
        layers = np.arange(1, self.depth + 1)
        for name, label in labels.items():
            axes.semilogy(layers, np.median(measured[f"{name}_by_layer"], axis=0), label=label)
        axes.semilogy(layers, 0.25 ** (self.depth - layers), color="grey", linewidth=0.8, label="$0.25^{L-l}$")
        axes.set_xlabel("层（1 = 最靠近输入）" if zh else "layer (1 = nearest to the input)")
        axes.set_ylabel("梯度范数 / 最后一层" if zh else "gradient norm / last layer's")
        axes.legend()


@dataclass(frozen=True)
class DifferentiatingManyTimes(Claim):
    """The same gradient in a linear stack whose matrices keep lengths: as many factors, no shrinking.

    ## The set-up
    `depth` orthogonal linear layers; ratio of the gradient norms at the first and the last layer.
    ## Why
    There is one differentiation, whose result is a product of Jacobians. Thirty factors of norm 1 make 1.
    """

    rows = ("S4-27",)
    statement = Text("Gradients vanish because one differentiates many times.", "梯度消失是因为求导次数太多。")
    rule = Text(
        "Fails as stated if a stack of 100 factors keeps its gradient within a factor of 2.",
        "若含 100 个因子的网络仍能使梯度变化不超过 2 倍，则按原说法不成立。",
    )
    quick = {"depth": 40, "width": 64}
    depth: int = 100
    width: int = 128

    def measure(self, seed: int) -> dict[str, float]:
        norms = gradient_norms(seed, depth=self.depth, width=self.width, activation="linear", kind="orthogonal")
        return {"factors": float(self.depth - 1), "ratio": ratio(norms)}

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        return "fails as stated" if np.all((measured["ratio"] > 0.5) & (measured["ratio"] < 2)) else "holds"


@dataclass(frozen=True)
class TheRangeDecides(Claim):
    """Units of range (0, 1) that keep the gradient, and units of range (-1, 1) that lose it.

    ## The set-up
    A stack of h = sigmoid(4 W (h - 1/2)), W orthogonal: range (0, 1). A stack of h = tanh(W h / 2), W orthogonal: range (-1, 1).
    ## Why
    What is multiplied are slopes and weights. sigmoid(4 u) has slope 1 at u = 0; tanh(u / 2) has slope 1/2 there. The range is not in the product.
    """

    rows = ("S0-05",)
    statement = Text(
        "Gradients vanish because the activations have values in (0, 1), and a product of such numbers tends to 0.",
        "许多激活函数的值域在 (0,1) 内，连乘趋于 0，所以梯度消失。",
    )
    rule = Text(
        "Fails as stated if at 30 layers the units of range (0,1) keep a ratio above 1e-3 and those of range (-1,1) fall below 1e-6.",
        "若 30 层时值域为 (0,1) 的单元的比值仍大于 1e-3，而值域为 (-1,1) 的单元的比值小于 1e-6，则按原说法不成立。",
    )
    quick = {"width": 64}
    depth: int = 30
    width: int = 128

    def measure(self, seed: int) -> dict[str, float]:
        import torch

        measured = {}
        for name, act in (("range_0_1", lambda u: torch.sigmoid(4 * u) - 0.5), ("range_minus1_1", lambda u: torch.tanh(u / 2))):
            generator = torch.Generator().manual_seed(seed)  # -1/2 stands before the next matrix: the unit itself has values in (0, 1)
            h = torch.randn(SAMPLES, self.width, generator=generator, dtype=torch.double) / 2
            places = []
            for _ in range(self.depth):
                places.append((h @ weights("orthogonal", 1.0, self.width, generator).T).requires_grad_())
                h = act(places[-1])
            scores = h @ torch.randn(self.width, 10, generator=generator, dtype=torch.double) / self.width**0.5
            loss = torch.nn.functional.cross_entropy(scores, torch.randint(10, (SAMPLES,), generator=generator))
            measured[name] = ratio(np.array([float(g.norm()) for g in torch.autograd.grad(loss, places)]))
        return measured

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        refuted = measured["range_0_1"].min() > 1e-3 and measured["range_minus1_1"].max() < 1e-6
        return "fails as stated" if refuted else "holds"


@dataclass(frozen=True)
class FactorsAreSlopesOnly(Claim):
    """The gradient through the same tanh with weights of three gains; and the product of Jacobians against autograd.

    ## The set-up
    A tanh stack with weights of gain 0.5, 1 and 1.5. Backward by hand: g <- (g * slope) W, layer by layer, compared with autograd.
    ## Why
    dz_(l+1)/dz_l = W_(l+1) diag(f'(z_l)): every factor holds the weights. With gain 0.5 alone the product loses 2^30.
    """

    rows = ("S0-03", "S0-04")
    statement = Text(
        "The factors that are multiplied are the derivatives of the activation functions.", "连乘的各个因子就是激活函数的导数。"
    )
    rule = Text(
        "Fails as stated if, with one activation, weights of gain 0.5 and 1.5 give ratios more than 1e6 apart "
        "(and the product W diag(f') equals autograd to 1e-10).",
        "若激活函数相同，而权重增益为 0.5 与 1.5 时的比值相差 1e6 倍以上（且乘积 W diag(f') 与自动微分的误差小于 1e-10），则按原说法不成立。",
    )
    quick = {"width": 64}
    depth: int = 30
    width: int = 128

    def measure(self, seed: int) -> dict[str, float]:
        gains = {"half": 0.5, "one": 1.0, "three_halves": 1.5}
        measured = {
            f"ratio_gain_{name}": ratio(gradient_norms(seed, depth=self.depth, width=self.width, activation="tanh", gain=gain))
            for name, gain in gains.items()
        }
        return measured | {"error_of_product": self.error_of_product(seed)}

    def error_of_product(self, seed: int) -> float:
        """Largest relative difference between the backward walk by hand and autograd."""
        import torch

        generator = torch.Generator().manual_seed(seed)
        h = torch.randn(8, self.width, generator=generator, dtype=torch.double)
        matrices = [weights("normal", 1.0, self.width, generator) for _ in range(self.depth)]
        places = []
        for matrix in matrices:
            places.append((h @ matrix.T).requires_grad_())
            h = torch.tanh(places[-1])
        truth = torch.autograd.grad(h.square().sum(), places)
        g = 2 * h.detach()
        error = 0.0
        for layer in reversed(range(self.depth)):
            g = g * (1 - torch.tanh(places[layer].detach()) ** 2)  # diag(f'(z))
            error = max(error, float((g - truth[layer]).norm() / truth[layer].norm()))
            g = g @ matrices[layer]  # W^T, on row vectors
        return error

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        apart = (measured["ratio_gain_three_halves"] / measured["ratio_gain_half"]).min()
        return "fails as stated" if apart > 1e6 and measured["error_of_product"].max() < 1e-10 else "holds"


@dataclass(frozen=True)
class TanhVanishesToo(Claim):
    """Tanh stacks with PyTorch's default weights, and with weights of variance 1/n.

    ## The set-up
    `depth` tanh layers; weights U(-1/sqrt(n), 1/sqrt(n)) (variance 1/(3n)) or normal with variance 1/n.
    ## Why
    tanh' is 1 at zero, so near zero the weights decide: gain 1/sqrt(3) per layer loses 0.58^depth, gain 1 loses almost nothing at the start.
    """

    rows = ("S2-17",)
    experiment = "X01"
    statement = Text("Tanh suffers from vanishing gradients too.", "tanh 同样存在梯度消失问题。")
    rule = Text(
        "Holds if both weight scales give a ratio below 1e-3; depends if only one does; fails if neither.",
        "若两种权重尺度下的比值都小于 1e-3，则成立；若只有一种如此，则视条件而定；若都不如此，则不成立。",
    )
    depends = Text(
        "depends on the weights: vanishing with PyTorch's default, not with variance 1/n",
        "取决于权重：默认初始化时消失，方差为 1/n 时不消失",
    )
    quick = {"width": 64}
    depth: int = 30
    width: int = 128

    def measure(self, seed: int) -> dict[str, float]:
        size = {"depth": self.depth, "width": self.width, "activation": "tanh"}
        return {
            "ratio_default": ratio(gradient_norms(seed, kind="default", **size)),
            "ratio_variance_1_n": ratio(gradient_norms(seed, **size)),
        }

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        below = [bool((values < 1e-3).all()) for values in measured.values()]
        return "holds" if all(below) else "depends" if any(below) else "fails as stated"


@dataclass(frozen=True)
class ReluHasNoSmallGradients(Claim):
    """A deep ReLU stack with PyTorch's default weights, and with He's.

    ## The set-up
    `depth` ReLU layers; weights U(-1/sqrt(n), 1/sqrt(n)), or normal with variance 2/n.
    ## Why
    Half the units have slope 0, so one layer multiplies the squared gradient by n Var(w) / 2: 1/6 with the default, 1 with He.
    """

    rows = ("S2-39", "S0-14")
    experiment = "X03"
    statement = Text(
        "Deep sigmoid networks lose the gradient; ReLU does not saturate, so no very small gradients appear.",
        "深层 sigmoid 网络会梯度消失；ReLU 没有饱和区，不会出现特别小的梯度。",
    )
    rule = Text(
        "Fails as stated if a 30-layer ReLU stack with default weights has a ratio below 1e-8; "
        "the same with He's weights must stay above 1e-2, or the cause would be another.",
        "若 30 层、默认权重的 ReLU 网络的比值小于 1e-8，则按原说法不成立；He 权重的同一网络须保持在 1e-2 以上，否则原因另有其他。",
    )
    quick = {"width": 64}
    depth: int = 30
    width: int = 128

    def measure(self, seed: int) -> dict[str, float]:
        size = {"depth": self.depth, "width": self.width, "activation": "relu"}
        return {
            "ratio_default": ratio(gradient_norms(seed, kind="default", **size)),
            "ratio_he": ratio(gradient_norms(seed, gain=2**0.5, **size)),
        }

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        return "fails as stated" if measured["ratio_default"].max() < 1e-8 and measured["ratio_he"].min() > 1e-2 else "holds"


# ------------------------------------------------------------------------------------------------ on a real training


def two_moons(seed: int, count: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Two half circles with noise 0.1, standardised: inputs [count, 2], labels [count]."""
    import torch

    rng = np.random.default_rng(seed)
    angle, label = rng.uniform(0, np.pi, count), rng.integers(0, 2, count)
    x = np.stack([np.cos(angle) * (1 - 2 * label) + label, np.sin(angle) * (1 - 2 * label) + 0.5 * label], 1)
    x = x + 0.1 * rng.standard_normal(x.shape)
    return torch.tensor((x - x.mean(0)) / x.std(0)).float(), torch.tensor(label)


def deep_net(seed: int, *, depth: int, activation: str, width: int = 32, lr: float = 0.02) -> Training:
    """A deep stack on two-moons: PyTorch's default weights for sigmoid, He's for ReLU; SGD with momentum."""
    import torch
    from torch import nn

    from unstuck.training import Training

    torch.manual_seed(seed)
    layers: list[nn.Module] = []
    for at in range(depth):
        linear = nn.Linear(2 if at == 0 else width, width)
        if activation == "relu":
            nn.init.kaiming_normal_(linear.weight, nonlinearity="relu")
            nn.init.zeros_(linear.bias)
        layers += [linear, nn.ReLU() if activation == "relu" else nn.Sigmoid()]
    model = nn.Sequential(*layers, nn.Linear(width, 2))
    x, y = two_moons(seed, 400)
    batches = [(x[i : i + 50], y[i : i + 50]) for i in range(0, 300, 50)]
    return Training(
        [model], [torch.optim.SGD(model.parameters(), lr=lr, momentum=0.9)], nn.CrossEntropyLoss(), batches, (x[300:], y[300:]), seed=seed
    )


def accuracy(training: Training) -> float:
    """On the validation samples."""
    outputs = training.validate()
    assert outputs is not None and training.validation is not None
    return float((outputs.argmax(1) == training.validation[1]).float().mean())


@dataclass(frozen=True)
class RectifiersTrainMoreEasily(Claim):
    """Validation accuracy of a deep sigmoid and a deep ReLU net after the same number of steps.

    ## The set-up
    `depth` layers of 32 units on two-moons, SGD with momentum 0.9 and lr 0.02, `steps` steps; He's weights for ReLU, Xavier's gain 1 for sigmoid.
    ## Why
    The sigmoid stack passes neither the input forward nor the gradient back; the rectifier stack with fitting weights passes both.
    """

    rows = ("S1-27",)
    statement = Text(
        "Deep networks of rectified units train more easily than deep sigmoid networks, which lose information by saturation.",
        "整流线性单元的深层网络比 sigmoid 网络更容易训练，后者因饱和而丢失信息。",
    )
    rule = Text(
        "Holds if after 300 steps ReLU is above 0.95 and sigmoid below 0.7 in the mean over seeds.",
        "若 300 步后 ReLU 的平均准确率高于 0.95，而 sigmoid 低于 0.7，则成立。",
    )
    seeds = 3
    quick = {"steps": 150}
    depth: int = 10
    steps: int = 300

    def measure(self, seed: int) -> dict[str, float]:
        from torch import nn

        measured = {}
        for activation in ("sigmoid", "relu"):
            training = deep_net(seed, depth=self.depth, activation=activation)
            if activation == "sigmoid":
                for module in training.model.modules():
                    if isinstance(module, nn.Linear):
                        nn.init.xavier_normal_(module.weight)
            training.fit(self.steps)
            measured[activation] = accuracy(training)
        return measured

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        return "holds" if measured["relu"].mean() > 0.95 and measured["sigmoid"].mean() < 0.7 else "fails as stated"


@dataclass(frozen=True)
class VanishingIsSeenAndCured(Phenomenon):
    """Ten sigmoid layers, their healthy twin of rectifiers with He's weights, and the faulty net under `relu` and `he-init`.

    ## The set-up
    10 sigmoid layers of 32 units with default weights on two moons, SGD lr 0.02 with momentum 0.9; the twin has ReLU and He's weights.
    ## Why
    Structure decides the product of Jacobians, so structure cures it.
    """

    rows = ("S4-62",)
    fault = Text("A vanishing gradient", "梯度消失")
    sees = ("vanishing-gradient",)
    remedies = ("relu", "he-init")

    steps: int = 150
    depth: int = 10

    def faulty(self, seed: int) -> Training:
        return deep_net(seed, depth=self.depth, activation="sigmoid")

    def healthy(self, seed: int) -> Training:
        return deep_net(seed, depth=self.depth, activation="relu")
