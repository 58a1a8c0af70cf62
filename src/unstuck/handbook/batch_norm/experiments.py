"""Claims about batch normalisation: what it computes, what it removes, what it makes worse."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from unstuck.lab import Claim, Verdict
from unstuck.phenomenon import Phenomenon, half_moons, training_on
from unstuck.records import Text

if TYPE_CHECKING:
    import torch
    from matplotlib.figure import Figure
    from torch import nn

    from unstuck.training import Training


def _mlp(depth: int, width: int, gain: float, norm: bool, activation: type[nn.Module], inputs: int, outputs: int) -> nn.Sequential:
    """`depth` hidden layers with weights N(0, gain^2 / fan_in); with batch norm between layer and activation where asked for."""
    from torch import nn

    layers: list[nn.Module] = []
    for index in range(depth):
        linear = nn.Linear(inputs if index == 0 else width, width)
        nn.init.normal_(linear.weight, std=gain / linear.in_features**0.5)
        nn.init.zeros_(linear.bias)
        layers += [linear, *([nn.BatchNorm1d(width)] if norm else []), activation()]
    return nn.Sequential(*layers, nn.Linear(width, outputs))


def _moons(n: int) -> tuple[torch.Tensor, torch.Tensor]:
    import torch

    labels = torch.arange(n) % 2
    angle = torch.rand(n) * torch.pi
    sign = 1 - 2 * labels
    inputs = torch.stack([angle.cos() * sign + labels, angle.sin() * sign + 0.5 * labels], 1)
    return inputs + 0.1 * torch.randn(n, 2), labels


def _first_to_last(model: nn.Sequential, inputs: torch.Tensor, labels: torch.Tensor) -> float:
    """Gradient norm of the first layer's weight over that of the last hidden layer's."""
    from torch import nn

    nn.functional.cross_entropy(model(inputs), labels).backward()
    linears = [m for m in model if isinstance(m, nn.Linear)]
    return float(linears[1].weight.grad.norm() / linears[-2].weight.grad.norm())


@dataclass(frozen=True)
class BatchNormRemovesTheScaleOfTheWeights(Claim):
    """Ratio of the first to the last hidden gradient for initial gains 0.3 to 4, with and without batch norm.

    ## The set-up
    ReLU MLP of `depth` hidden layers, width 128, 256 random inputs, cross-entropy, no training. Spread = largest over smallest ratio.
    ## Why
    BN(a z) = BN(z) for every a > 0: the scale of a layer's weights is divided out, forward and backward.
    """

    rows = ("S0-21", "S1-52", "S1-55", "S4-59")
    experiment = "X10"
    statement = Text(
        "Batch normalisation makes the gradient's course over depth independent of the scale of the initial weights.",
        "批归一化使梯度随深度的变化与初始权重的尺度无关。",
    )
    rule = Text(
        "Holds if the ratio moves by less than a factor of 2 over the gains with BN, and by more than 1e6 without, in every repeat.",
        "若使用 BN 时各增益下的比值变化不到 2 倍、不用 BN 时超过 1e6 倍（每次重复），则成立。",
    )

    depth: int = 20
    width: int = 128

    def measure(self, seed: int) -> dict[str, float]:
        import torch
        from torch import nn

        found = {}
        for norm in (True, False):
            ratios = []
            for gain in (0.3, 1.0, 2**0.5, 4.0):
                torch.manual_seed(seed)
                model = _mlp(self.depth, self.width, gain, norm, nn.ReLU, 20, 4).double()
                inputs, labels = torch.randn(256, 20, dtype=torch.float64), torch.randint(0, 4, (256,))
                linears = [m for m in model if isinstance(m, nn.Linear)]
                outputs: dict[int, torch.Tensor] = {}
                for index in (0, self.depth - 1):
                    linears[index].register_forward_hook(lambda _m, _i, o, key=index, kept=outputs: kept.__setitem__(key, o))
                loss = nn.functional.cross_entropy(model(inputs), labels)
                first, last = torch.autograd.grad(loss, [outputs[0], outputs[self.depth - 1]])
                # the gradient at z also carries 1/scale of its own layer, equal at both ends
                ratios.append(float(first.norm() / last.norm()))
            found["spread_with" if norm else "spread_without"] = max(ratios) / min(ratios)
            found["ratio_with" if norm else "ratio_without"] = ratios[2]
        return found

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        return "holds" if measured["spread_with"].max() < 2 and measured["spread_without"].min() > 1e6 else "fails as stated"


@dataclass(frozen=True)
class BatchNormSolvesVanishingAndExplosion(Claim):
    """Ratio of the first to the last hidden gradient at depth 10 to 50 with batch norm and no skip connection.

    ## The set-up
    ReLU MLP, width 128, He initialisation, 256 random inputs, cross-entropy, no training: weight-gradient norms of the second and the last
    hidden layer.
    ## Why
    Centring and rescaling after a ReLU multiplies the backward signal by more than 1 per layer (about sqrt(pi / (pi - 1)) = 1.21 in mean-field
    theory), so without skips gradients grow exponentially with depth, whatever the initialisation.
    """

    rows = ("S1-53", "S0-21", "S4-58")
    experiment = "X10"
    statement = Text(
        "At bottom batch normalisation is there to solve vanishing and exploding gradients.",
        "说到底，BN 就是为了解决梯度消失/梯度爆炸问题。",
    )
    rule = Text(
        "Holds if the ratio stays within 10 of 1 at every depth; fails as stated if it exceeds 100 at depth 50 in every repeat.",
        "若各深度下比值都在 1 的 10 倍以内则成立；若深度 50 时每次都超过 100 则不成立。",
    )
    depends = Text("depends on depth", "取决于深度")

    def measure(self, seed: int) -> dict[str, float]:
        import torch
        from torch import nn

        found = {}
        for depth in (10, 20, 30, 50):
            torch.manual_seed(seed)
            model = _mlp(depth, 128, 2**0.5, True, nn.ReLU, 20, 4)
            found[f"ratio_depth_{depth}"] = _first_to_last(model, torch.randn(256, 20), torch.randint(0, 4, (256,)))
        found["growth_per_layer"] = (found["ratio_depth_50"] / found["ratio_depth_10"]) ** (1 / 40)
        return found

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        ratios = np.stack([measured[f"ratio_depth_{d}"] for d in (10, 20, 30, 50)])
        if ratios.max() < 10 and ratios.min() > 0.1:
            return "holds"
        return "fails as stated" if measured["ratio_depth_50"].min() > 100 else "depends"

    def plot(self, figure: Figure, measured: dict[str, np.ndarray], lang: str) -> None:
        axes = figure.add_subplot()
        depths = (10, 20, 30, 50)
        values = np.stack([measured[f"ratio_depth_{d}"] for d in depths])  # [depths, seeds]
        axes.plot(depths, values, color="#56B4E9", lw=0.8)
        axes.plot(depths, np.median(values, 1), "o-", color="#0072B2", label="BN + ReLU")
        axes.plot(depths, [1.211 ** (d - 2) for d in depths], "--", color="#D55E00", label=r"$\sqrt{\pi/(\pi-1)}^{\,L}$")
        axes.set_yscale("log")
        axes.set_xlabel("深度（隐藏层数）" if lang == "zh" else "depth (hidden layers)")
        axes.set_ylabel("首层与末层梯度范数之比" if lang == "zh" else "first over last gradient norm")
        axes.legend()


@dataclass(frozen=True)
class BatchNormMovesUnitsIntoSaturation(Claim):
    """Share of saturated sigmoid units before and after batch norm is put in, in a net whose weights start too large.

    ## The set-up
    Five sigmoid layers of width 64 with gain 8, 256 inputs; saturated = slope below 0.05 (sigmoid's largest is 0.25).
    ## Why
    BN gives every pre-activation mean 0 and standard deviation 1, the steep middle of the sigmoid.
    """

    rows = ("S4-31",)
    experiment = "X10"
    statement = Text(
        "Batch normalisation moves the parameters from the non-saturated to the saturated region.",
        "BN 可以将参数从非饱和区域限制到饱和区域。",
    )
    rule = Text(
        "Holds if the saturated share is larger with BN in every repeat; fails as stated if it is smaller in every repeat.",
        "若每次重复中使用 BN 后饱和比例更大则成立；若都更小则不成立。",
    )
    depends = Text("depends on the seed", "取决于随机种子")

    def measure(self, seed: int) -> dict[str, float]:
        import torch
        from torch import nn

        found = {}
        for norm in (False, True):
            torch.manual_seed(seed)
            model = _mlp(5, 64, 8.0, norm, nn.Sigmoid, 20, 4)
            shares: list[float] = []
            for module in model:
                if isinstance(module, nn.Sigmoid):
                    module.register_forward_hook(lambda _m, _i, o, kept=shares: kept.append(float((o * (1 - o) < 0.05).float().mean())))
            with torch.no_grad():
                model(torch.randn(256, 20))
            found["saturated_share_with" if norm else "saturated_share_without"] = float(np.mean(shares))
        return found

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        difference = measured["saturated_share_with"] - measured["saturated_share_without"]
        return "holds" if difference.min() > 0 else "fails as stated" if difference.max() < 0 else "depends"


@dataclass(frozen=True)
class BatchNormFixesTheMeanAndVarianceOfTheWeights(Claim):
    """Standard deviation of weights and of normalised activations after training with batch norm from three initial gains.

    ## The set-up
    Three ReLU layers of 32 units with BN, two moons, `steps` steps of SGD lr 0.1, initial gain 0.5, 1.4 and 8; afterwards the standard
    deviation of the second layer's weights, and of its normalised activations (before gamma and beta). Spread = largest over smallest.
    ## Why
    BN normalises the pre-activations over the batch. Nothing is subtracted from, or divided into, the weights.
    """

    rows = ("S4-32",)
    experiment = "X10"
    statement = Text(
        "Batch normalisation makes the weights keep a fixed mean and variance.",
        "BN 使权重参数满足固定的均值和方差。",
    )
    rule = Text(
        "Holds if after training the weights' standard deviation is within 10 % whatever the initial gain; fails as stated if it differs by "
        "more than a factor of 2 in every repeat.",
        "若训练后权重标准差不论初始增益如何都相差 10 % 以内则成立；若每次都相差 2 倍以上则不成立。",
    )
    depends = Text("depends on how long one trains", "取决于训练时长")

    steps: int = 100

    def measure(self, seed: int) -> dict[str, float]:
        import torch
        from torch import nn

        weights, activations = [], []
        for gain in (0.5, 2**0.5, 8.0):
            torch.manual_seed(seed)
            inputs, labels = _moons(128)
            model = _mlp(3, 32, gain, True, nn.ReLU, 2, 2)
            optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
            for _ in range(self.steps):
                optimizer.zero_grad()
                nn.functional.cross_entropy(model(inputs), labels).backward()
                optimizer.step()
            norm = model[4]
            normalised = (norm(model[:4](inputs)) - norm.bias) / norm.weight
            weights.append(float(model[3].weight.detach().std()))
            activations.append(float(normalised.detach().std(0, correction=0).mean()))
        return {
            "weight_std_smallest": min(weights),
            "weight_std_largest": max(weights),
            "weight_std_spread": max(weights) / min(weights),
            "activation_std_spread": max(activations) / min(activations),
        }

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        spread = measured["weight_std_spread"]
        return "holds" if spread.max() < 1.1 else "fails as stated" if spread.min() > 2 else "depends"


@dataclass(frozen=True)
class TheFourStepsByHand(Claim):
    """Largest difference between batch norm written out by hand and `nn.BatchNorm1d`, training and evaluation.

    ## The set-up
    x [64, 8] ~ N(3, 2^2) in float64. By hand: mean, biased variance, (x - mean) / sqrt(variance + eps), gamma * . + beta; for evaluation the
    running mean and running *unbiased* variance with momentum 0.1. Also: the output's change when a bias is added in front of BN.
    ## Why
    The steps are mean, variance, normalise, scale-and-shift. "Output" is no step; what is missing in most lists are eps and the running
    statistics that evaluation uses. A bias in front is subtracted again with the mean.
    """

    rows = ("S3-17", "S3-18", "S4-57", "S1-54")
    experiment = "X43"
    statement = Text(
        "Batch normalisation is: batch mean and variance per feature, normalise, then scale and shift with learned gamma and beta.",
        "BN 的步骤是：按特征求批均值与方差、归一化、再用可学习的 γ、β 缩放平移。",
    )
    rule = Text(
        "Holds if hand and PyTorch differ by less than 1e-10 in training and in evaluation mode, and a bias in front changes the output by less.",
        "若训练和评估模式下手算与 PyTorch 相差都小于 1e-10，且前置偏置对输出的影响也小于此，则成立。",
    )

    def measure(self, seed: int) -> dict[str, float]:
        import torch
        from torch import nn

        torch.manual_seed(seed)
        x = torch.randn(64, 8, dtype=torch.float64) * 2 + 3
        norm = nn.BatchNorm1d(8).double()
        nn.init.normal_(norm.weight)
        nn.init.normal_(norm.bias)
        with torch.no_grad():
            got = norm(x)
            mean, variance = x.mean(0), x.var(0, correction=0)
            hand = norm.weight * (x - mean) / (variance + norm.eps).sqrt() + norm.bias
            running_mean = 0.9 * torch.zeros(8) + 0.1 * mean
            running_variance = 0.9 * torch.ones(8) + 0.1 * x.var(0, correction=1)
            biased = norm(x + torch.randn(8, dtype=torch.float64))
            fresh = nn.BatchNorm1d(8).double()
            fresh.load_state_dict(norm.state_dict())
            fresh.running_mean.copy_(running_mean)
            fresh.running_var.copy_(running_variance)
            evaluated = fresh.eval()(x)
            hand_evaluated = norm.weight * (x - running_mean) / (running_variance + norm.eps).sqrt() + norm.bias
        return {
            "training_difference": float((got - hand).abs().max()),
            "evaluation_difference": float((evaluated - hand_evaluated).abs().max()),
            "change_by_a_bias_in_front": float((biased - got).abs().max()),
        }

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        return "holds" if max(float(values.max()) for values in measured.values()) < 1e-10 else "fails as stated"


@dataclass(frozen=True)
class BatchNormAllowsLargerLearningRates(Claim):
    """Largest learning rate at which a ReLU net still reaches 0.95 accuracy, with and without batch norm.

    ## The set-up
    Six hidden ReLU layers of 32 units with He initialisation in both nets, two moons, full batch of 128, `steps` steps of SGD, lr 0.03 to 10
    in factors of about 3; training accuracy at the end.
    ## Why
    With BN the loss does not depend on the length of a layer's weights, and the gradient is orthogonal to them: a step that is too large
    lengthens the weights, which shrinks the next effective step, lr / |w|^2.
    """

    rows = ("S1-52", "S4-58", "S1-55", "S4-59")
    statement = Text(
        "Batch normalisation makes a deep net easier to train: larger learning rates work, and more of them.",
        "BN 使网络更易训练：可用更大的学习率，可用的学习率范围也更宽。",
    )
    rule = Text(
        "Holds if in every repeat the largest working rate is larger, and more rates of the grid work, with BN than without.",
        "若每次重复中使用 BN 时可用的最大学习率更大、网格中可用的学习率更多，则成立。",
    )
    depends = Text("depends on the seed", "取决于随机种子")

    steps: int = 60
    quick = {"steps": 60}
    seeds = 3

    def measure(self, seed: int) -> dict[str, float]:
        import torch
        from torch import nn

        rates = (0.03, 0.1, 0.3, 1.0, 3.0, 10.0)
        found = {}
        for norm in (False, True):
            working = []
            for lr in rates:
                torch.manual_seed(seed)
                inputs, labels = _moons(128)
                model = _mlp(6, 32, 2**0.5, norm, nn.ReLU, 2, 2)
                optimizer = torch.optim.SGD(model.parameters(), lr=lr)
                for _ in range(self.steps):
                    optimizer.zero_grad()
                    loss = nn.functional.cross_entropy(model(inputs), labels)
                    loss.backward()
                    optimizer.step()
                with torch.no_grad():
                    working.append(float((model(inputs).argmax(1) == labels).float().mean()) > 0.95)
            name = "with" if norm else "without"
            found[f"largest_rate_{name}"] = max([r for r, w in zip(rates, working, strict=True) if w], default=0.0)
            found[f"working_rates_{name}"] = float(sum(working))
        return found

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        larger = measured["largest_rate_with"] > measured["largest_rate_without"]
        more = measured["working_rates_with"] > measured["working_rates_without"]
        return "holds" if (larger & more).all() else "fails as stated" if not (larger | more).any() else "depends"


@dataclass(frozen=True)
class BatchNormCuresADeepSigmoidNet(Phenomenon):
    """Eight sigmoid layers, the same with batch norm before each, and the former under the remedy `batch-norm`.

    ## The set-up
    8 sigmoid layers of 32 on two moons, SGD lr 0.1 with momentum 0.9.
    ## Why
    Centred, unit-scale pre-activations hold each sigmoid at its steepest; the activations leave saturation, the weights keep their
    scale.
    """

    rows = ("S1-53", "S4-31")
    experiment = "X10"
    fault = Text("A deep sigmoid net that does not learn", "学不动的深层 sigmoid 网络")
    sees = ("vanishing-gradient",)
    remedies = ("batch-norm",)

    steps: int = 200

    def faulty(self, seed: int) -> Training:
        return self.net(seed, norm=False)

    def healthy(self, seed: int) -> Training:
        return self.net(seed, norm=True)

    @staticmethod
    def net(seed: int, norm: bool) -> Training:
        """With or without batch norm before each sigmoid."""
        import torch
        from torch import nn

        torch.manual_seed(seed)
        layers: list[nn.Module] = []
        for width in (2, *[32] * 7):
            layers += [nn.Linear(width, 32), *([nn.BatchNorm1d(32)] if norm else []), nn.Sigmoid()]
        return training_on(nn.Sequential(*layers, nn.Linear(32, 2)), half_moons(seed, 400), lr=0.1, batch=50, seed=seed)
