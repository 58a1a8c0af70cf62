"""Claims about the variance of weights at the start and what depth makes of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from unstuck.lab import Claim, Verdict
from unstuck.phenomenon import Phenomenon, half_moons, plain_net, training_on
from unstuck.records import Text

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from unstuck.training import Training


@dataclass(frozen=True)
class StandardDeviationOfZ(Claim):
    """Standard deviation of z = sum(w x) + b for 500 active inputs, Var(w) = 1/1000 and Var(b) = 1.

    ## The set-up
    `neurons` independent neurons: w ~ N(0, 1/1000), b ~ N(0, 1), and x either 1 for 500 of 1000 inputs or N(0, 1) for 500 inputs.
    ## Why
    Var(z) = n E[x^2] Var(w) + Var(b) = 500/1000 + 1 = 3/2, so the standard deviation is sqrt(3/2) = 1.2247, not sqrt(3)/2 = 0.866.
    """

    rows = ("S3-01", "S3-03")
    experiment = "X29"
    statement = Text(
        "With Var(w) = 1/1000, 500 active inputs and a standard normal bias, z has the standard deviation sqrt(3/2).",
        "若 Var(w)=1/1000、500 个激活的输入且偏置服从标准正态，则 z 的标准差为 √(3/2)。",
    )
    rule = Text(
        "Holds if the measured standard deviation is within 1 % of 1.2247 in every repeat, for both kinds of input.",
        "若两种输入下每次测得的标准差与 1.2247 相差都在 1 % 以内则成立。",
    )

    neurons: int = 40_000  # neurons per repeat

    def measure(self, seed: int) -> dict[str, float]:
        stream = np.random.default_rng(seed)
        bias = stream.standard_normal(self.neurons)
        # a sum of 500 independent N(0, 1/1000) weights is N(0, x.x / 1000): drawn directly, exact and 500 times cheaper
        ones = stream.standard_normal(self.neurons) * np.sqrt(500 / 1000) + bias
        lengths = stream.chisquare(500, self.neurons)  # x.x for x ~ N(0, 1)
        normal = stream.standard_normal(self.neurons) * np.sqrt(lengths / 1000) + bias
        no_bias = normal - bias
        return {"std_ones": float(ones.std()), "std_normal": float(normal.std()), "std_without_bias": float(no_bias.std())}

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        expected = np.sqrt(1.5)
        off = max(float(np.abs(measured[name] / expected - 1).max()) for name in ("std_ones", "std_normal"))
        return "holds" if off < 0.01 else "fails as stated"


@dataclass(frozen=True)
class IndependenceIsEnough(Claim):
    """Var(sum w x) against n Var(w) Var(x) for inputs with mean 0 and with mean 1.

    ## The set-up
    n = 500, w ~ N(0, 1/1000), x ~ N(mean, 1), `neurons` of them; the ratio of the measured variance to n Var(w) Var(x).
    ## Why
    For independent factors Var(w x) = Var(w) Var(x) + Var(w) E[x]^2 + E[w]^2 Var(x). With E[w] = 0 it is Var(w) E[x^2]: the second moment of
    x counts, not its variance.
    """

    rows = ("S3-02",)
    experiment = "X29"
    statement = Text(
        "Because w and x are independent, Var(sum w x) = n Var(w) Var(x).",
        "因为 w 与 x 相互独立，所以 Var(Σwx) = n·Var(w)·Var(x)。",
    )
    rule = Text(
        "Holds if the ratio is within 3 % of 1 for mean 0 and mean 1; depends if only for mean 0.",
        "若均值为 0 和 1 时比值与 1 都相差 3 % 以内则成立；若只在均值为 0 时如此则视情况而定。",
    )
    depends = Text("depends on the mean of the input: it needs E[x] = 0 (and E[w] = 0)", "取决于输入的均值：需要 E[x]=0（且 E[w]=0）")

    neurons: int = 40_000

    def measure(self, seed: int) -> dict[str, float]:
        stream = np.random.default_rng(seed)
        ratios = {}
        for mean in (0, 1):
            lengths = stream.noncentral_chisquare(500, 500 * mean**2 + 1e-12, self.neurons)  # x.x for x ~ N(mean, 1)
            z = stream.standard_normal(self.neurons) * np.sqrt(lengths / 1000)
            ratios[f"ratio_at_mean_{mean}"] = float(z.var() / (500 / 1000))
        return ratios

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        right = [bool((np.abs(measured[f"ratio_at_mean_{mean}"] - 1) < 0.03).all()) for mean in (0, 1)]
        return "holds" if all(right) else "depends" if right[0] else "fails as stated"


@dataclass(frozen=True)
class DividingByRootNKeepsTheDistribution(Claim):
    """Standard deviation of the signal after 30 layers for Var(w) = 1/n, 2/n and PyTorch's default, by activation.

    ## The set-up
    `depth` layers of `width` units without bias, inputs N(0, 1); the rms of the last layer's output over that of the input.
    ## Why
    A layer multiplies the second moment by n Var(w) E[f(z)^2]/Var(z). The last factor is 1 for the identity, 1/2 for ReLU and below 1 for
    tanh, so Var(w) must be 1/n, 2/n and about (5/3)^2/n. PyTorch's default is 1/(3n).
    """

    rows = ("S3-04",)
    experiment = "X03"
    statement = Text(
        "Dividing standard normal weights by the square root of the number of inputs keeps the signal's distribution from layer to layer.",
        "权重除以输入神经元个数的平方根，就能让每一层的输出与输入保持一致的分布。",
    )
    rule = Text(
        "Holds if the rms after 30 layers lies within a factor of 3 of the input's for identity, tanh and ReLU; depends if for some of them.",
        "若 30 层后恒等、tanh、ReLU 的均方根与输入之比都在 3 倍以内则成立；若仅部分如此则视情况而定。",
    )
    depends = Text(
        "depends on the activation: identity keeps it, ReLU needs 2/n, tanh shrinks slowly",
        "取决于激活函数：恒等可以保持，ReLU 需要 2/n，tanh 缓慢收缩",
    )

    depth: int = 30
    width: int = 256

    def measure(self, seed: int) -> dict[str, float]:
        found = {}
        functions = {"identity": lambda z: z, "tanh": np.tanh, "relu": lambda z: np.maximum(z, 0)}
        gains = {"1_over_n": 1.0, "2_over_n": 2.0, "torch_default": 1 / 3}
        for activation, function in functions.items():
            for gain_name, gain in gains.items():
                stream = np.random.default_rng(seed)
                signal = stream.standard_normal((64, self.width))
                for _ in range(self.depth):
                    signal = function(signal @ (stream.standard_normal((self.width, self.width)) * np.sqrt(gain / self.width)))
                found[f"rms_{activation}_{gain_name}"] = float(np.sqrt((signal**2).mean()))
        return found

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        kept = [
            bool(((measured[f"rms_{a}_1_over_n"] > 1 / 3) & (measured[f"rms_{a}_1_over_n"] < 3)).all())
            for a in ("identity", "tanh", "relu")
        ]
        return "holds" if all(kept) else "depends" if any(kept) else "fails as stated"

    def plot(self, figure: Figure, measured: dict[str, np.ndarray], lang: str) -> None:
        axes = figure.add_subplot()
        activations, gains = ("identity", "tanh", "relu"), ("1_over_n", "2_over_n", "torch_default")
        labels = ("1/n", "2/n", "PyTorch 1/(3n)")
        for shift, (gain, label, colour) in enumerate(zip(gains, labels, ("#0072B2", "#E69F00", "#D55E00"), strict=True)):
            heights = [measured[f"rms_{a}_{gain}"].mean() for a in activations]
            axes.scatter(np.arange(3) + 0.15 * (shift - 1), heights, color=colour, marker="os^"[shift], s=60, label=f"Var(w) = {label}")
        axes.axhline(1, color="black", lw=0.8)
        axes.set_yscale("log")
        axes.set_xticks(range(3), ("恒等", "tanh", "ReLU") if lang == "zh" else activations)
        axes.set_ylabel(f"{self.depth} 层之后的均方根" if lang == "zh" else f"rms after {self.depth} layers")
        axes.legend()


@dataclass(frozen=True)
class PytorchsDefaultIsHeOrXavier(Claim):
    """n Var(w) of a fresh `nn.Linear` against 2 (He) and 1 (Xavier, square layer).

    ## The set-up
    A square `nn.Linear` of `width` inputs as PyTorch makes it; n times the variance of its weights.
    ## Why
    The default is kaiming_uniform_ with a = sqrt(5): gain^2 = 2 / (1 + 5) = 1/3, whatever activation follows.
    """

    rows = ("S3-04", "S1-02")
    experiment = "X03"
    statement = Text(
        "PyTorch initialises its linear layers sensibly (He or Xavier), so one need not care.",
        "PyTorch 的线性层默认就是合适的（He 或 Xavier）初始化，无须操心。",
    )
    rule = Text(
        "Holds if n Var(w) is within 10 % of 1 or of 2; fails as stated otherwise.",
        "若 n·Var(w) 与 1 或 2 相差 10 % 以内则成立，否则不成立。",
    )

    width: int = 512

    def measure(self, seed: int) -> dict[str, float]:
        import torch

        torch.manual_seed(seed)
        return {"n_times_variance": self.width * float(torch.nn.Linear(self.width, self.width).weight.detach().var())}

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        value = measured["n_times_variance"]
        near = np.minimum(np.abs(value - 1), np.abs(value / 2 - 1)) < 0.1
        return "holds" if near.all() else "fails as stated"


@dataclass(frozen=True)
class InitialisationIsWeightRegularisation(Claim):
    """Step of the first non-finite loss of a net that explodes at the start: with weight decay 0, 0.1 and 1, and with He initialisation.

    ## The set-up
    Twelve ReLU layers of 64 units whose weights start with standard deviation 3/8, squared error on a random target, SGD lr 0.1, 100 steps.
    ## Why
    Decay takes lr * decay of a weight per step, so it needs about 1 / (lr * decay) steps; an explosion at the start needs two.
    """

    rows = ("S1-02",)
    experiment = "X07"
    statement = Text(
        "Good initialisation (weight regularisation) eases explosion: the two are the same cure.",
        "良好的初始化（权重正则化）可以缓解梯度爆炸：两者是同一种办法。",
    )
    rule = Text(
        "Holds if weight decay 0.1 or 1 stays finite for 100 steps in every repeat, as He initialisation does; fails as stated if none does.",
        "若权重衰减 0.1 或 1 能像 He 初始化那样每次都在 100 步内保持有限则成立；若都不能则不成立。",
    )
    depends = Text("depends on how fast the run explodes", "取决于爆炸的速度")

    steps: int = 100

    def measure(self, seed: int) -> dict[str, float]:
        import torch
        from torch import nn

        def first_bad(std: float | None, decay: float) -> float:
            torch.manual_seed(seed)
            layers: list[nn.Module] = []
            for _ in range(12):
                layer = nn.Linear(64, 64)
                nn.init.normal_(layer.weight, std=std) if std else nn.init.kaiming_normal_(layer.weight)
                layers += [layer, nn.ReLU()]
            model = nn.Sequential(*layers, nn.Linear(64, 1))
            inputs, targets = torch.randn(128, 64), torch.randn(128, 1)
            optimizer = torch.optim.SGD(model.parameters(), lr=0.1 if std else 0.01, weight_decay=decay)
            for step in range(self.steps):
                optimizer.zero_grad()
                loss = nn.functional.mse_loss(model(inputs), targets)
                if not bool(torch.isfinite(loss)):
                    return float(step)
                loss.backward()
                optimizer.step()
            return float(self.steps)

        found = {f"first_non_finite_step_decay_{decay:g}": first_bad(0.375, decay) for decay in (0.0, 0.1, 1.0)}
        return found | {"first_non_finite_step_he": first_bad(None, 0.0)}

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        survived = [bool((measured[f"first_non_finite_step_decay_{d}"] == self.steps).all()) for d in ("0.1", "1")]
        broke = [bool((measured[f"first_non_finite_step_decay_{d}"] < self.steps).all()) for d in ("0.1", "1")]
        he = bool((measured["first_non_finite_step_he"] == self.steps).all())
        return "holds" if he and any(survived) else "fails as stated" if he and all(broke) else "depends"


@dataclass(frozen=True)
class EqualUnitsAreSeenAndCured(Phenomenon):
    """All weights of a layer equal, Xavier's random weights, and the former under `xavier-init`.

    ## The set-up
    Two hidden tanh layers of 32 on two moons, SGD lr 0.1 with momentum 0.9; every weight of the faulty net starts at 0.1.
    ## Why
    Equal units get equal gradients and stay equal: a layer of 32 has the power of one unit.
    """

    rows = ("S1-02",)
    fault = Text("A symmetric initialisation", "对称的初始化")
    sees = ("symmetric-init",)
    remedies = ("xavier-init",)

    steps: int = 150

    def faulty(self, seed: int) -> Training:
        from torch import nn

        training = self.healthy(seed)
        for module in training.model.modules():
            if isinstance(module, nn.Linear):
                nn.init.constant_(module.weight, 0.1)
                nn.init.zeros_(module.bias)
        return training

    def healthy(self, seed: int) -> Training:
        import torch

        torch.manual_seed(seed)
        return training_on(plain_net([2, 32, 32, 2], torch.nn.Tanh), half_moons(seed, 400), lr=0.1, seed=seed)
