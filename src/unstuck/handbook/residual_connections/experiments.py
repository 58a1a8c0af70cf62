"""Claims about residual connections: gradient, forward growth, training."""

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


def _stack(depth: int, width: int, activation: str, kind: str, gain: float) -> nn.Module:
    """`depth` layers of equal width: plain, residual, residual with BN in the branch, or residual scaled by 1/sqrt(depth)."""
    import torch
    from torch import nn

    class Stack(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.linears = nn.ModuleList(nn.Linear(width, width) for _ in range(depth))
            for linear in self.linears:
                nn.init.normal_(linear.weight, std=gain / width**0.5)
                nn.init.zeros_(linear.bias)
            self.norms = nn.ModuleList(nn.BatchNorm1d(width) for _ in range(depth)) if kind == "residual_norm" else None
            self.head = nn.Linear(width, 2)
            self.seen: list[torch.Tensor] = []

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            self.seen = []
            function = torch.sigmoid if activation == "sigmoid" else torch.relu
            for index, linear in enumerate(self.linears):
                branch = function(linear(x))
                if self.norms is not None:
                    branch = function(self.norms[index](linear(x)))
                if kind == "plain":
                    x = branch
                else:
                    x = x + (branch / depth**0.5 if kind == "residual_scaled" else branch)
                self.seen.append(x)
            return self.head(x)

    return Stack()


@dataclass(frozen=True)
class ResidualConnectionsKeepTheGradient(Claim):
    """Gradient at the output of the first layer over that of the last, plain and residual, sigmoid, at init.

    ## The set-up
    `depth` sigmoid layers of width 64 with weights N(0, 1/64), 128 random inputs, cross-entropy, float64, no training.
    ## Why
    Each block's Jacobian is I + J instead of J. The product of `depth` factors J shrinks like 0.25^depth; the product of I + J contains the
    term I, which no depth can shrink.
    """

    rows = ("S0-22",)
    experiment = "X11"
    statement = Text("Residual connections keep the gradient from vanishing however deep the net is.", "残差连接使梯度不随深度消失。")
    rule = Text(
        "Holds if the residual ratio lies between 1e-3 and 1e3 and the plain one below 1e-10 in every repeat.",
        "若每次残差网络的梯度比都在 1e-3 与 1e3 之间、普通网络小于 1e-10，则成立。",
    )

    depth: int = 30

    def measure(self, seed: int) -> dict[str, float]:
        import torch
        from torch import nn

        found = {}
        for kind in ("plain", "residual"):
            torch.manual_seed(seed)
            model = _stack(self.depth, 64, "sigmoid", kind, 1.0).double()
            loss = nn.functional.cross_entropy(model(torch.randn(128, 64, dtype=torch.float64)), torch.randint(0, 2, (128,)))
            first, last = torch.autograd.grad(loss, [model.seen[0], model.seen[-1]])
            found[f"ratio_{kind}"] = float(first.norm() / last.norm())
        return found

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        kept = measured["ratio_residual"].min() > 1e-3 and measured["ratio_residual"].max() < 1e3
        return "holds" if kept and measured["ratio_plain"].max() < 1e-10 else "fails as stated"


@dataclass(frozen=True)
class ASkipIsAlwaysSafe(Claim):
    """Growth of the signal and of the gradient through a residual ReLU stack, for four kinds of branch.

    ## The set-up
    ReLU layers of width 64 with He initialisation at depths 10, 20 and 30: plain, residual, residual with the branch divided by sqrt(depth),
    residual with batch norm in the branch. Rms of the last layer's output over the input's; first over last gradient.
    ## Why
    x and relu(Wx) add their second moments, and their positive means add up as well: with He initialisation the rms grows by 1.70 per block,
    and the gradient follows. Dividing the branch by sqrt(depth), or batch norm in it, leaves a growth that is a small power of the depth.
    """

    rows = ("S0-22",)
    experiment = "X11"
    statement = Text("Adding skip connections is always safe: the signal cannot get out of hand.", "加上残差连接总是安全的，信号不会失控。")
    rule = Text(
        "Holds if rms and gradient ratio stay within 100 of 1 for every kind of residual branch at depth 30; fails as stated if for none.",
        "若深度 30 时各种残差分支的均方根与梯度比都在 1 的 100 倍以内则成立；若都不在则不成立。",
    )
    depends = Text(
        "depends on the branch: scaled or normalised it is safe, bare with He initialisation it explodes",
        "取决于分支：缩放或归一化后安全，直接用 He 初始化则爆炸",
    )

    def measure(self, seed: int) -> dict[str, float]:
        import torch
        from torch import nn

        found = {}
        for kind in ("plain", "residual", "residual_scaled", "residual_norm"):
            for depth in (10, 20, 30):
                torch.manual_seed(seed)
                model = _stack(depth, 64, "relu", kind, 2**0.5)
                inputs = torch.randn(128, 64)
                loss = nn.functional.cross_entropy(model(inputs), torch.randint(0, 2, (128,)))
                first, last = torch.autograd.grad(loss, [model.seen[0], model.seen[-1]])
                found[f"rms_{kind}_{depth}"] = float(model.seen[-1].detach().pow(2).mean().sqrt())
                found[f"gradient_{kind}_{depth}"] = float(first.norm() / last.norm())
        return found

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        safe = [
            max(measured[f"rms_{k}_30"].max(), measured[f"gradient_{k}_30"].max()) < 100
            for k in ("residual", "residual_scaled", "residual_norm")
        ]
        return "holds" if all(safe) else "depends" if any(safe) else "fails as stated"

    def plot(self, figure: Figure, measured: dict[str, np.ndarray], lang: str) -> None:
        axes = figure.add_subplot()
        names = {
            "plain": ("plain", "普通"),
            "residual": ("residual", "残差"),
            "residual_scaled": ("residual, branch / √L", "残差，分支除以 √L"),
            "residual_norm": ("residual + BN", "残差 + BN"),
        }
        for (kind, (en, zh)), colour, marker in zip(names.items(), ("#000000", "#D55E00", "#0072B2", "#009E73"), "ovs^", strict=True):
            values = [np.median(measured[f"gradient_{kind}_{d}"]) for d in (10, 20, 30)]
            axes.plot((10, 20, 30), values, color=colour, marker=marker, label=zh if lang == "zh" else en)
        axes.set_yscale("log")
        axes.set_xlabel("深度（层数）" if lang == "zh" else "depth (layers)")
        axes.set_ylabel("首层与末层梯度范数之比" if lang == "zh" else "first over last gradient norm")
        axes.legend()


@dataclass(frozen=True)
class ResidualConnectionsMakeDeepNetsTrainable(Claim):
    """Training accuracy of a deep sigmoid net, plain and residual, after equal steps.

    ## The set-up
    `depth` sigmoid layers of width 32, two moons lifted to 32 inputs by a fixed random matrix, Adam lr 0.003, `steps` full-batch steps.
    ## Why
    Without a gradient the plain net can only learn the class frequencies; with the identity path every layer learns.
    """

    rows = ("S0-22",)
    experiment = "X11"
    statement = Text(
        "Residual connections make deep nets trainable that do not train without them.", "残差连接让原本无法训练的深层网络变得可训练。"
    )
    rule = Text(
        "Holds if the residual net exceeds 0.9 accuracy and the plain one stays below 0.6 in every repeat.",
        "若每次残差网络准确率超过 0.9 而普通网络低于 0.6 则成立。",
    )
    depends = Text("depends on depth and activation", "取决于深度与激活函数")

    depth: int = 20
    steps: int = 70
    seeds = 3

    def measure(self, seed: int) -> dict[str, float]:
        import torch
        from torch import nn

        found = {}
        for kind in ("plain", "residual"):
            torch.manual_seed(seed)
            labels = torch.arange(128) % 2
            angle, sign = torch.rand(128) * torch.pi, 1 - 2 * labels
            moons = torch.stack([angle.cos() * sign + labels, angle.sin() * sign + 0.5 * labels], 1) + 0.1 * torch.randn(128, 2)
            inputs = (moons - moons.mean(0)) @ torch.randn(2, 32)
            model = _stack(self.depth, 32, "sigmoid", kind, 1.0)
            optimizer = torch.optim.Adam(model.parameters(), lr=0.003)
            for _ in range(self.steps):
                optimizer.zero_grad()
                nn.functional.cross_entropy(model(inputs), labels).backward()
                optimizer.step()
            with torch.no_grad():
                found[f"accuracy_{kind}"] = float((model(inputs).argmax(1) == labels).float().mean())
        return found

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        trained = measured["accuracy_residual"] > 0.9
        stuck = measured["accuracy_plain"] < 0.6
        return "holds" if (trained & stuck).all() else "fails as stated" if not trained.any() else "depends"
