"""Claims about ReLU and its relatives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from unstuck.lab import Claim, Verdict
from unstuck.records import Text

if TYPE_CHECKING:
    import torch
    from matplotlib.figure import Figure
    from torch import nn


def _noisy_moons(n: int, noise: float) -> tuple[torch.Tensor, torch.Tensor]:
    """Two moons with ten features of noise behind them."""
    import torch

    labels = torch.arange(n) % 2
    angle, sign = torch.rand(n) * torch.pi, 1 - 2 * labels
    moons = torch.stack([angle.cos() * sign + labels, angle.sin() * sign + 0.5 * labels], 1) + noise * torch.randn(n, 2)
    return torch.cat([moons, torch.randn(n, 10)], 1), labels


def _fit(model: nn.Module, inputs: torch.Tensor, labels: torch.Tensor, steps: int, lr: float = 0.01) -> None:
    import torch

    optimizer = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=lr)
    for _ in range(steps):
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(model(inputs), labels).backward()
        optimizer.step()


def _accuracy(model: nn.Module, inputs: torch.Tensor, labels: torch.Tensor) -> float:
    import torch

    with torch.no_grad():
        return float((model(inputs).argmax(1) == labels).float().mean())


@dataclass(frozen=True)
class SlopeOneKeepsTheProduct(Claim):
    """Output-gradient ratio over 30 ReLU layers for initial gains 0.5 to 4.

    ## The set-up
    `depth` ReLU layers of width 64 with weights N(0, gain^2 / 64), 128 random inputs, cross-entropy, float64, no training.
    ## Why
    Each factor is diag(0 or 1) W: about half of the slopes are 0, and the weights are in the product. On average a layer multiplies the squared
    norm by gain^2 / 2, so only gain sqrt(2) keeps it.
    """

    rows = ("S0-14", "S2-19", "S2-39")
    experiment = "X02"
    statement = Text(
        "ReLU's slope is 1 for positive inputs, so the product of slopes neither vanishes nor explodes.",
        "ReLU 正数部分导数为 1，连乘不会趋于 0 或无穷。",
    )
    rule = Text(
        "Holds if the ratio stays within 1e3 of 1 for every gain; depends if for some; fails as stated if for none.",
        "若各增益下比值都在 1 的 1e3 倍以内则成立；若部分如此则视情况而定；若都不如此则不成立。",
    )
    depends = Text("depends on the weights: it needs the gain sqrt(2)", "取决于权重：需要增益 √2")

    depth: int = 30

    def measure(self, seed: int) -> dict[str, float]:
        import torch
        from torch import nn

        found = {}
        for label, gain in (("0.5", 0.5), ("1", 1.0), ("root_2", 2**0.5), ("4", 4.0)):
            torch.manual_seed(seed)
            signal, kept = torch.randn(128, 64, dtype=torch.float64), []
            for _ in range(self.depth):
                weight = torch.randn(64, 64, dtype=torch.float64) * (gain / 8)
                signal = signal @ weight if kept else signal @ weight.requires_grad_()
                kept.append(signal)
                signal = signal.relu()
            logits = signal @ torch.randn(64, 2, dtype=torch.float64) / 8
            loss = nn.functional.cross_entropy(logits, torch.randint(0, 2, (128,)))
            first, last = torch.autograd.grad(loss, [kept[0], kept[-1]])
            found[f"ratio_gain_{label}"] = float(first.norm() / last.norm())
        return found

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        kept = [bool((v > 1e-3).all() and (v < 1e3).all()) for v in measured.values()]
        return "holds" if all(kept) else "depends" if any(kept) else "fails as stated"

    def plot(self, figure: Figure, measured: dict[str, np.ndarray], lang: str) -> None:
        axes = figure.add_subplot()
        gains = np.array([0.5, 1.0, 2**0.5, 4.0])
        axes.plot(gains, [np.median(v) for v in measured.values()], "o-", color="#0072B2", label="实测" if lang == "zh" else "measured")
        axes.plot(gains, (gains**2 / 2) ** ((self.depth - 1) / 2), "--", color="#D55E00", label=r"$(g^2/2)^{(L-1)/2}$")
        axes.axhline(1, color="black", lw=0.8)
        axes.set_yscale("log")
        axes.set_xlabel("权重增益 g" if lang == "zh" else "gain g of the weights")
        axes.set_ylabel("首层与末层梯度之比" if lang == "zh" else "first over last gradient")
        axes.legend()


@dataclass(frozen=True)
class ReluCannotBeDifferentiatedAtZero(Claim):
    """Slope that PyTorch returns at exactly zero for ReLU and its relatives, and how often a pre-activation is exactly zero.

    ## The set-up
    Autograd at 0.0; 1,000,000 pre-activations of a random layer in float32.
    ## Why
    Between the one-sided slopes 0 and 1 every value is a subgradient, and the code returns one. A continuous variable hits the corner with
    probability zero.
    """

    rows = ("S1-24", "S1-25", "S2-22")
    experiment = "X09"
    statement = Text(
        "ReLU has no derivative at 0, which does not matter: the code returns one of the one-sided derivatives.",
        "ReLU 在 0 处不可导，但并无妨碍：实现时返回左导数或右导数之一。",
    )
    rule = Text(
        "Holds if the slope at 0 is one of the one-sided ones for ReLU and leaky ReLU and fewer than 1 in 1,000 pre-activations are exactly zero.",
        "若 ReLU 与 Leaky ReLU 在 0 处返回某个单侧导数、且恰为零的预激活不到千分之一，则成立。",
    )

    def measure(self, seed: int) -> dict[str, float]:
        import torch

        torch.manual_seed(seed)
        found = {}
        for name in ("relu", "leaky_relu", "elu", "gelu"):
            x = torch.zeros(1, requires_grad=True)
            getattr(torch.nn.functional, name)(x).sum().backward()
            found[f"slope_at_0_{name}"] = float(x.grad)
        z = torch.nn.Linear(32, 100)(torch.randn(10_000, 32)).detach()
        found["share_exactly_zero"] = float((z == 0).float().mean())
        return found

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        one_sided = (
            np.isin(measured["slope_at_0_relu"], (0, 1)).all() and np.isin(measured["slope_at_0_leaky_relu"].round(6), (0.01, 1)).all()
        )
        return "holds" if one_sided and measured["share_exactly_zero"].max() < 1e-3 else "fails as stated"


@dataclass(frozen=True)
class SparsityReducesOverfitting(Claim):
    """Zero share of the hidden outputs, and the held-out accuracy, of ReLU, leaky ReLU, ELU and tanh nets on noisy data.

    ## The set-up
    Two moons with noise 0.3 and ten noise features, 100 training and 1,000 held-out points; two hidden layers of 64, Adam lr 0.01, 150
    full-batch steps; paired seeds.
    ## Why
    A zero for this sample is not a missing parameter: each weight is in use for other samples, so capacity is not reduced.
    """

    rows = ("S2-40", "S2-28", "S4-50")
    experiment = "X26"
    statement = Text(
        "ReLU's zeros make the net sparse, reduce the dependence of parameters, and so ease overfitting.",
        "ReLU 使部分神经元输出为 0，造成稀疏性，减少参数的相互依存，缓解过拟合。",
    )
    rule = Text(
        "Holds if ReLU's held-out accuracy exceeds that of leaky ReLU, ELU and tanh by more than twice the standard error of the pairs; fails as stated if it "
        "exceeds none of them.",
        "若 ReLU 的留出准确率比 Leaky ReLU、ELU、tanh 都高出配对标准误的两倍以上则成立；若一个都不高出则不成立。",
    )
    depends = Text("depends on what it is compared with", "取决于与谁比较")

    steps: int = 150
    quick = {"steps": 80}

    def measure(self, seed: int) -> dict[str, float]:
        import torch
        from torch import nn

        found = {}
        for name, function in (("relu", nn.ReLU), ("leaky", nn.LeakyReLU), ("elu", nn.ELU), ("tanh", nn.Tanh)):
            torch.manual_seed(seed)
            inputs, labels = _noisy_moons(1100, 0.3)
            model = nn.Sequential(nn.Linear(12, 64), function(), nn.Linear(64, 64), function(), nn.Linear(64, 2))
            _fit(model, inputs[:100], labels[:100], self.steps)
            found[f"held_out_{name}"] = _accuracy(model, inputs[100:], labels[100:])
            with torch.no_grad():
                found[f"zero_share_{name}"] = float((model[:4](inputs[100:]) == 0).float().mean())
        return found

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        above = []
        for other in ("leaky", "elu", "tanh"):
            difference = measured["held_out_relu"] - measured[f"held_out_{other}"]
            above.append(len(difference) > 1 and difference.mean() > 2 * difference.std(ddof=1) / len(difference) ** 0.5)
        return "holds" if all(above) else "depends" if any(above) else "fails as stated"


@dataclass(frozen=True)
class RectifyingMattersMoreThanLearning(Claim):
    """Held-out accuracy of a frozen random ReLU layer with a trained read-out, against trained sigmoid and ReLU layers.

    ## The set-up
    Labels by a random teacher of two layers, 12 inputs, 150 training and 2,000 held-out points; hidden width 64; Adam lr 0.01, 200 full-batch
    steps; frozen = hidden weights stay as drawn.
    ## Why
    Jarrett et al. found it for rectified convolution features on small image sets. Random features of a dense layer know nothing of the task.
    """

    rows = ("S1-26",)
    experiment = "X23"
    statement = Text(
        "On small data, using a rectifier matters more than learning the hidden weights.",
        "对于小数据集，使用整流非线性甚至比学习隐藏层的权重值更加重要。",
    )
    rule = Text(
        "Holds if the frozen ReLU layer beats the trained sigmoid layer by more than twice the standard error of the pairs; fails as stated if it loses by as "
        "much.",
        "若冻结的 ReLU 层比训练的 sigmoid 层高出配对标准误的两倍以上则成立；若同样程度地落后则不成立。",
    )
    depends = Text("depends on task and architecture: no dependable difference here", "取决于任务与结构：此处没有可靠的差异")

    steps: int = 200
    quick = {"steps": 100}

    def measure(self, seed: int) -> dict[str, float]:
        import torch
        from torch import nn

        torch.manual_seed(seed)
        inputs = torch.randn(2150, 12)
        hidden = torch.tanh(inputs @ torch.randn(12, 8))
        scores = (hidden @ torch.randn(8, 8)).tanh() @ torch.randn(8, 1)
        labels = (scores[:, 0] > scores.median()).long()
        found = {}
        for name, function, frozen in (
            ("frozen_relu", nn.ReLU, True),
            ("trained_relu", nn.ReLU, False),
            ("trained_sigmoid", nn.Sigmoid, False),
        ):
            torch.manual_seed(seed + 1000)
            model = nn.Sequential(nn.Linear(12, 64), function(), nn.Linear(64, 2))
            model[0].requires_grad_(not frozen)
            _fit(model, inputs[:150], labels[:150], self.steps)
            found[f"held_out_{name}"] = _accuracy(model, inputs[150:], labels[150:])
        return found

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        difference = measured["held_out_frozen_relu"] - measured["held_out_trained_sigmoid"]
        margin = 2 * difference.std(ddof=1) / len(difference) ** 0.5 if len(difference) > 1 else np.inf
        return "holds" if difference.mean() > margin else "fails as stated" if difference.mean() < -margin else "depends"


@dataclass(frozen=True)
class EluOutputsAreCentred(Claim):
    """Mean output of ReLU, leaky ReLU, ELU, SELU, GELU and tanh for standard normal pre-activations.

    ## The set-up
    1,000,000 values z ~ N(0, 1).
    ## Why
    E[relu(z)] = 1/sqrt(2 pi) = 0.399; ELU's negative side takes part of it back: e^(1/2) Phi(-1) - 1/2 = -0.238 is added. SELU is scaled so that
    mean 0 and variance 1 are a fixed point.
    """

    rows = ("S2-31", "S2-32", "S0-17", "S2-24")
    experiment = "X09"
    statement = Text("ELU's mean output is near 0, centred at 0.", "ELU 输出的平均值接近 0，以 0 为中心。")
    rule = Text(
        "Holds if ELU's |mean| is below 0.05; depends if it is below half of ReLU's; fails as stated otherwise.",
        "若 ELU 输出均值的绝对值小于 0.05 则成立；若小于 ReLU 的一半则视情况而定；否则不成立。",
    )
    depends = Text("nearer to zero than ReLU, not at zero; depends on the distribution of z", "比 ReLU 更接近零但并非为零；取决于 z 的分布")
    seeds = 3

    def measure(self, seed: int) -> dict[str, float]:
        import torch

        torch.manual_seed(seed)
        z = torch.randn(1_000_000)
        found = {}
        for name in ("relu", "leaky_relu", "elu", "selu", "gelu", "tanh"):
            outputs = torch.tanh(z) if name == "tanh" else getattr(torch.nn.functional, name)(z)
            found[f"mean_{name}"] = float(outputs.mean())
        return found

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        mean = np.abs(measured["mean_elu"])
        return "holds" if mean.max() < 0.05 else "depends" if (mean < measured["mean_relu"] / 2).all() else "fails as stated"
