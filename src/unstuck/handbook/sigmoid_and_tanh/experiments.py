"""Claims about sigmoid and tanh as hidden activations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from unstuck.lab import Claim, Verdict
from unstuck.records import Text

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class SigmoidIsBetterInSmallNets(Claim):
    """Share of tiny nets that learn XOR, by activation and number of hidden units.

    ## The set-up
    `nets` nets at once (one batched program) per activation and width 2, 3 and 8; PyTorch's default initialisation, Adam lr 0.05, `steps` steps,
    all four points; solved = all four right.
    ## Why
    A ReLU unit that is zero on all four points is lost, and with two units each is needed. With eight units there are spare ones.
    """

    rows = ("S1-20", "S1-21")
    experiment = "X22"
    statement = Text("In small networks the sigmoid does better than ReLU.", "当神经网络比较小时，sigmoid 表现更好。")
    rule = Text(
        "Holds if the sigmoid's share exceeds ReLU's by more than 0.1 at every width in every repeat; depends if only at the smaller widths.",
        "若每次在各宽度下 sigmoid 的成功率都比 ReLU 高 0.1 以上则成立；若只在较小宽度时如此则视情况而定。",
    )
    depends = Text("depends on the width: with two or three units yes, with eight no", "取决于宽度：两三个单元时是，八个单元时否")

    nets: int = 60
    steps: int = 400

    def measure(self, seed: int) -> dict[str, float]:
        return {name: float(values[0]) for name, values in self.measure_all([seed]).items()}

    def measure_all(self, seeds: Sequence[int]) -> dict[str, np.ndarray]:
        """All seeds and widths in one program: nets of width 8 of which narrower ones have units masked off."""
        import torch

        inputs = torch.tensor([[0.0, 0], [0, 1], [1, 0], [1, 1]])
        targets = torch.tensor([0.0, 1, 1, 0])
        widths = torch.tensor([2, 3, 8]).repeat_interleave(self.nets)  # [nets of a seed]
        mask = (torch.arange(8) < widths[:, None]).float().repeat(len(seeds), 1)  # [all nets, 8]
        scale = (widths**-0.5).repeat(len(seeds))[:, None, None]
        found: dict[str, np.ndarray] = {}
        for name in ("sigmoid", "tanh", "relu"):
            starts = []
            for seed in seeds:
                torch.manual_seed(seed)
                starts.append([torch.rand(len(widths), *shape) * 2 - 1 for shape in ((2, 8), (1, 8), (8, 1), (1, 1))])
            first, bias, second, offset = (torch.cat(parts) for parts in zip(*starts, strict=True))
            weights = [(first * 2**-0.5), (bias * 2**-0.5), second * scale, offset * scale]
            for weight in weights:
                weight.requires_grad_()
            optimizer = torch.optim.Adam(weights, lr=0.05)
            logits = torch.zeros(len(mask), 4)
            for _ in range(self.steps):
                hidden = getattr(torch, name)(inputs @ weights[0] + weights[1]) * mask[:, None, :]
                logits = (hidden @ weights[2] + weights[3])[..., 0]  # [all nets, 4]
                loss = torch.nn.functional.binary_cross_entropy_with_logits(logits, targets.expand_as(logits), reduction="none")
                optimizer.zero_grad()
                loss.mean(1).sum().backward()  # each net sees its own mean loss
                optimizer.step()
            solved = ((logits > 0) == (targets > 0.5)).all(1).float().reshape(len(seeds), 3, self.nets).mean(2)
            for index, hidden_units in enumerate((2, 3, 8)):
                found[f"solved_{name}_{hidden_units}"] = solved[:, index].numpy()
        return found

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        better = [(measured[f"solved_sigmoid_{h}"] - measured[f"solved_relu_{h}"]).min() > 0.1 for h in (2, 3, 8)]
        return "holds" if all(better) else "depends" if better[0] and not better[2] else "fails as stated"

    def plot(self, figure: Figure, measured: dict[str, np.ndarray], lang: str) -> None:
        axes = figure.add_subplot()
        for shift, (name, colour, hatch) in enumerate((("sigmoid", "#0072B2", ""), ("tanh", "#56B4E9", "//"), ("relu", "#D55E00", ".."))):
            heights = [measured[f"solved_{name}_{h}"].mean() for h in (2, 3, 8)]
            axes.bar(np.arange(3) + 0.27 * (shift - 1), heights, 0.25, color=colour, hatch=hatch, edgecolor="white", label=name)
        axes.set_xticks(range(3), ("2", "3", "8"))
        axes.set_xlabel("隐藏单元数" if lang == "zh" else "hidden units")
        axes.set_ylabel("学会 XOR 的比例" if lang == "zh" else "share that learns XOR")
        axes.legend()


@dataclass(frozen=True)
class SigmoidNormalisesItsUnits(Claim):
    """Mean and standard deviation of hidden units after sigmoid and tanh for standard normal pre-activations.

    ## The set-up
    100,000 values z ~ N(0, 1), and z ~ N(3, 1) as after a drift.
    ## Why
    Squashing into (0, 1) fixes neither mean nor variance: the sigmoid's outputs lie around 0.5 with a spread of 0.2, and follow every drift of
    z. Normalising means mean 0 and variance 1.
    """

    rows = ("S2-08", "S2-12", "S1-22", "S2-09", "S2-10")
    experiment = "X09"
    statement = Text(
        "The sigmoid's output lies between 0 and 1, hence it normalises each neuron's output.",
        "sigmoid 的输出在 0 到 1 之间，因此对每个神经元的输出进行了归一化。",
    )
    rule = Text(
        "Holds if for both inputs the outputs have |mean| below 0.1 and a standard deviation within 10 % of 1; fails as stated if for neither.",
        "若两种输入下输出的均值绝对值都小于 0.1、标准差都与 1 相差 10 % 以内则成立；若都不满足则不成立。",
    )
    depends = Text("depends on the input", "取决于输入")

    def measure(self, seed: int) -> dict[str, float]:
        z = np.random.default_rng(seed).standard_normal(100_000)
        found = {}
        for name, function in (("sigmoid", lambda v: 1 / (1 + np.exp(-v))), ("tanh", np.tanh)):
            for shift in (0, 3):
                outputs = function(z + shift)
                found[f"mean_{name}_at_{shift}"] = float(outputs.mean())
                found[f"std_{name}_at_{shift}"] = float(outputs.std())
        return found

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        good = [
            bool(np.abs(measured[f"mean_sigmoid_at_{s}"]).max() < 0.1 and np.abs(measured[f"std_sigmoid_at_{s}"] - 1).max() < 0.1)
            for s in (0, 3)
        ]
        return "holds" if all(good) else "depends" if any(good) else "fails as stated"


@dataclass(frozen=True)
class TanhAlsoVanishes(Claim):
    """Output-gradient ratio over 30 layers: sigmoid, tanh and ReLU, each with the initialisation usual for it and with PyTorch's default.

    ## The set-up
    MLP of `depth` layers, width 64, 128 random inputs, cross-entropy, float64, no training. Usual: Xavier for sigmoid, Xavier with gain 5/3 for
    tanh, He for ReLU.
    ## Why
    Slope 0.25 at best against 1 at zero: a sigmoid stack cannot keep the gradient with any usual weights, a tanh stack can if the gain makes up
    for the slopes below 1.
    """

    rows = ("S2-17", "S2-11", "S1-22")
    experiment = "X01"
    statement = Text("Tanh has the vanishing gradient, too.", "tanh 也有梯度消失的问题。")
    rule = Text(
        "Holds if tanh's ratio is below 1e-3 with either initialisation in every repeat; depends if with one of them only; fails as stated if with "
        "neither.",
        "若两种初始化下 tanh 的梯度比每次都小于 1e-3 则成立；若只有一种如此则视情况而定；若都不如此则不成立。",
    )
    depends = Text(
        "depends on the weights: with PyTorch's default yes, with Xavier and gain 5/3 no",
        "取决于权重：PyTorch 默认初始化时会，增益 5/3 的 Xavier 时不会",
    )

    depth: int = 30

    def measure(self, seed: int) -> dict[str, float]:
        import torch
        from torch import nn

        found = {}
        for name, function, usual in (("sigmoid", nn.Sigmoid, 1.0), ("tanh", nn.Tanh, 5 / 3), ("relu", nn.ReLU, 2**0.5)):
            for start, gain in (("usual", usual), ("default", 3**-0.5)):
                torch.manual_seed(seed)
                layers: list[nn.Module] = []
                for _ in range(self.depth):
                    linear = nn.Linear(64, 64, dtype=torch.float64)
                    nn.init.normal_(linear.weight, std=gain / 8)
                    layers += [linear, function()]
                signal = torch.randn(128, 64, dtype=torch.float64)
                kept: list[torch.Tensor] = []
                for layer in layers:
                    signal = layer(signal)
                    if isinstance(layer, nn.Linear):
                        kept.append(signal)
                logits = signal @ torch.randn(64, 2, dtype=torch.float64) / 8
                loss = nn.functional.cross_entropy(logits, torch.randint(0, 2, (128,)))
                first, last = torch.autograd.grad(loss, [kept[0], kept[-1]])
                found[f"ratio_{name}_{start}"] = float(first.norm() / last.norm())
        return found

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        vanishes = [measured[f"ratio_tanh_{start}"].max() < 1e-3 for start in ("usual", "default")]
        return "holds" if all(vanishes) else "depends" if any(vanishes) else "fails as stated"
