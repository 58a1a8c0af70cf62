"""How the gradient grows on its way to the input, what ends such a run, and which of the cures that people name is one."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from unstuck.handbook.vanishing_gradient.experiments import accuracy, gradient_norms, ratio, two_moons
from unstuck.lab import Claim, Verdict, treated
from unstuck.phenomenon import Phenomenon
from unstuck.records import Text

if TYPE_CHECKING:
    import matplotlib.figure
    import torch

    from unstuck.training import Training

GAINS = (0.5, 1.0, 1.5, 2.0, 3.0)


@dataclass(frozen=True)
class GainDecidesTheSign(Claim):
    """The logarithm of the gradient norm over depth, in ReLU stacks with weights of several gains.

    ## The set-up
    `depth` ReLU layers, weights of variance 2 gain^2 / n (gain 1 = He), 256 random inputs; slope of ln(norm) over layers towards the input.
    ## Why
    Half the slopes are 0, so a layer multiplies the squared norm by n Var(w) / 2 = gain^2: growth exp(depth ln gain).
    """

    rows = ("S3-12", "S4-28")
    experiment = "X02"
    statement = Text(
        "In a deep network with large initial weights, factors above 1 multiply and the gradient explodes.",
        "网络层数深、初始权重大时，大于 1 的因子连乘，梯度爆炸。",
    )
    rule = Text(
        "Holds if ln(norm) is a straight line over depth (R2 above 0.98) for the gains 0.5, 2 and 3, falling for 0.5 and rising for 2 and 3, "
        "with a growth per layer within 10 % of the gain.",
        "若增益为 0.5、2、3 时 ln(范数) 随深度呈直线（R2 大于 0.98），0.5 时下降、2 和 3 时上升，且每层倍数与增益相差不超过 10 %，则成立。",
    )
    quick = {"width": 64}
    depth: int = 30
    width: int = 128

    def measure(self, seed: int) -> dict[str, float]:
        measured = {}
        towards_input = np.arange(self.depth)
        for gain in GAINS:
            norms = gradient_norms(seed, depth=self.depth, width=self.width, activation="relu", gain=gain * 2**0.5)[::-1]
            line = np.polyfit(towards_input, np.log(norms), 1)
            rest = np.log(norms) - np.polyval(line, towards_input)
            name = f"gain_{gain:g}".replace(".", "_")
            measured |= {f"growth_{name}": float(np.exp(line[0])), f"r2_{name}": float(1 - rest.var() / np.log(norms).var())}
            measured[f"{name}_by_layer"] = norms[::-1] / norms[0]
        return measured

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        straight = all(measured[f"r2_gain_{g}"].min() > 0.98 for g in ("0_5", "2", "3"))
        near = all(abs(measured[f"growth_gain_{g}"].mean() / value - 1) < 0.1 for g, value in (("0_5", 0.5), ("2", 2.0), ("3", 3.0)))
        return "holds" if straight and near else "fails as stated"

    def plot(self, figure: matplotlib.figure.Figure, measured: dict[str, np.ndarray], lang: str) -> None:
        axes = figure.add_subplot()
        zh = lang == "zh"
        for gain in reversed(GAINS):
            curve = np.median(measured[f"gain_{gain:g}_by_layer".replace(".", "_")], axis=0)
            axes.semilogy(np.arange(1, self.depth + 1), curve, label=f"{'增益' if zh else 'gain'} {gain:g}")
        axes.set_xlabel("层（1 = 最靠近输入）" if zh else "layer (1 = nearest to the input)")
        axes.set_ylabel("梯度范数 / 最后一层" if zh else "gradient norm / last layer's")
        axes.legend()


@dataclass(frozen=True)
class SlopesAboveOneExplode(Claim):
    """Gradient ratios of activations whose slope exceeds 1 somewhere, and of ReLU, whose slope never does.

    ## The set-up
    30 layers with GELU (largest slope 1.129), SiLU (1.100), SELU (1.758) and weights of variance 1/n (SELU) or 2/n; ReLU with gain 3.
    ## Why
    The Jacobian is slope times weights. A slope of 1.13 on a few inputs is nothing against the weights' gain.
    """

    rows = ("S0-07",)
    experiment = "X02"
    statement = Text("Gradients explode when the derivative of the activation exceeds 1.", "激活函数的导数大于 1 时，梯度会爆炸。")
    rule = Text(
        "Fails as stated if GELU, SiLU and SELU all stay below a ratio of 1e3 over 30 layers and ReLU (slope at most 1) exceeds 1e6 with gain 3.",
        "若 30 层的 GELU、SiLU、SELU 的比值都小于 1e3，而斜率不超过 1 的 ReLU 在增益为 3 时超过 1e6，则按原说法不成立。",
    )
    quick = {"width": 64}
    depth: int = 30
    width: int = 128

    def measure(self, seed: int) -> dict[str, float]:
        import torch
        from torch.nn import functional as f

        measured = {}
        for name, act, gain in (("gelu", f.gelu, 2**0.5), ("silu", f.silu, 2**0.5), ("selu", f.selu, 1.0)):
            generator = torch.Generator().manual_seed(seed)
            h = torch.randn(256, self.width, generator=generator, dtype=torch.double)
            places = []
            for _ in range(self.depth):
                w = torch.randn(self.width, self.width, generator=generator, dtype=torch.double) * gain / self.width**0.5
                places.append((h @ w.T).requires_grad_())
                h = act(places[-1])
            scores = h @ torch.randn(self.width, 10, generator=generator, dtype=torch.double) / self.width**0.5
            loss = f.cross_entropy(scores, torch.randint(10, (256,), generator=generator))
            measured[f"ratio_{name}"] = ratio(np.array([float(g.norm()) for g in torch.autograd.grad(loss, places)]))
        relu = gradient_norms(seed, depth=self.depth, width=self.width, activation="relu", gain=3 * 2**0.5)
        return measured | {"ratio_relu_gain_3": ratio(relu)}

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        calm = max(measured[f"ratio_{name}"].max() for name in ("gelu", "silu", "selu")) < 1e3
        return "fails as stated" if calm and measured["ratio_relu_gain_3"].min() > 1e6 else "holds"


@dataclass(frozen=True)
class ReluCuresExplosion(Claim):
    """The gradient ratio of one stack with large weights under tanh and under ReLU.

    ## The set-up
    30 layers, weights of gain 3 (standard deviation 3/sqrt(n)), tanh against ReLU.
    ## Why
    Tanh saturates and so takes some of the growth away; ReLU is linear on its open side and passes all of it.
    """

    rows = ("S1-03", "S4-30")
    experiment = "X02"
    statement = Text("Using ReLU solves exploding gradients, since its slope is constant.", "使用 ReLU（导数为常数）可以解决梯度爆炸。")
    rule = Text(
        "Fails as stated if changing tanh to ReLU under weights of gain 3 leaves the ratio above 1e3 in every repeat.",
        "若在增益为 3 的权重下把 tanh 换成 ReLU，每次重复的比值仍大于 1e3，则按原说法不成立。",
    )
    quick = {"width": 64}
    depth: int = 30
    width: int = 128

    def measure(self, seed: int) -> dict[str, float]:
        size = {"depth": self.depth, "width": self.width, "gain": 3.0}
        return {f"ratio_{a}": ratio(gradient_norms(seed, activation=a, **size)) for a in ("tanh", "relu")}  # type: ignore[arg-type]

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        return "fails as stated" if measured["ratio_relu"].min() > 1e3 else "holds"


# ------------------------------------------------------------------------------------------------------ real trainings


def exploding_net(
    seed: int, *, depth: int = 12, std: float = 0.375, width: int = 64, lr: float = 0.005, weight_decay: float = 0.0
) -> Training:
    """A ReLU stack on two-moons whose weights have standard deviation `std` (He's would be sqrt(2 / width) = 0.177); SGD, momentum 0.9."""
    import torch
    from torch import nn

    from unstuck.training import Training

    torch.manual_seed(seed)
    layers: list[nn.Module] = []
    for at in range(depth):
        linear = nn.Linear(2 if at == 0 else width, width)
        nn.init.normal_(linear.weight, std=std if at else (2 / 2) ** 0.5)
        nn.init.zeros_(linear.bias)
        layers += [linear, nn.ReLU()]
    model = nn.Sequential(*layers, nn.Linear(width, 2))
    x, y = two_moons(seed, 400)
    batches = [(x[i : i + 50], y[i : i + 50]) for i in range(0, 300, 50)]
    optimizer = torch.optim.SGD(model.parameters(), lr=lr, momentum=0.9, weight_decay=weight_decay)
    return Training([model], [optimizer], nn.CrossEntropyLoss(), batches, (x[300:], y[300:]), seed=seed)


def he_net(seed: int, lr: float = 0.005) -> Training:
    """The healthy twin."""
    return exploding_net(seed, std=(2 / 64) ** 0.5, lr=lr)


def losses(training: Training, steps: int) -> list[float]:
    """The loss of every step; ends after the first that is not finite."""
    seen: list[float] = []
    inner = training.loss
    assert inner is not None

    def watched(outputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        value = inner(outputs, targets)
        if outputs.requires_grad:
            seen.append(value.item())
        return value

    training.loss, validation, training.validation = watched, training.validation, None
    while len(seen) < steps and (not seen or np.isfinite(seen[-1])):
        training.fit(1)
        training.batches = [*list(training.batches or [])[1:], next(iter(training.batches or []))]  # type: ignore[arg-type]
    training.loss, training.validation = inner, validation
    return seen


def first_non_finite(seen: list[float], steps: int) -> float:
    """Step of the first loss that is not finite; `steps` where all are."""
    return float(next((at for at, value in enumerate(seen) if not np.isfinite(value)), steps))


@dataclass(frozen=True)
class ExplosionEndsInInfinity(Claim):
    """The step at which the loss of an exploding training is not finite any more.

    ## The set-up
    12 ReLU layers of 64 units, weights of standard deviation 3/8 (2.1 times He's), SGD lr 0.005 with momentum 0.9, 50 steps.
    ## Why
    The first update is the gradient times lr; with a gradient of 1e4 it throws the weights away, and the next forward overflows.
    """

    rows = ("S0-08",)
    experiment = "X07"
    statement = Text("An explosion makes values infinite or NaN within a few steps.", "梯度爆炸会在几步之内使数值变为无穷或 NaN。")
    rule = Text(
        "Holds if the loss is not finite within 10 steps in every repeat, while the twin with He's weights stays finite for 50.",
        "若每次重复中损失都在 10 步之内变为非有限值，而 He 初始化的对照 50 步内保持有限，则成立。",
    )
    steps: int = 50

    def measure(self, seed: int) -> dict[str, float]:
        return {
            "first_non_finite_step": first_non_finite(losses(exploding_net(seed), self.steps), self.steps),
            "first_non_finite_step_he": first_non_finite(losses(he_net(seed), self.steps), self.steps),
        }

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        ended = measured["first_non_finite_step"].max() < 10
        return "holds" if ended and measured["first_non_finite_step_he"].min() == self.steps else "fails as stated"


@dataclass(frozen=True)
class ClippingCuresExplosion(Claim):
    """The exploding training under norm clipping at 1, against the same with He's weights and no clipping.

    ## The set-up
    As above, 200 steps: validation accuracy, and the loss over the last 20 steps.
    ## Why
    Clipping bounds the step, not the forward signal: the outputs stay in the thousands and their loss too.
    """

    rows = ("S1-01",)
    experiment = "X07"
    statement = Text("Clipping the gradient solves the explosion.", "梯度裁剪可以解决梯度爆炸。")
    rule = Text(
        "Holds if the clipped run stays finite and its last losses are at most twice those of He's weights; it depends if it only stays finite.",
        "若裁剪后的训练保持有限，且末尾损失不超过 He 初始化的 2 倍，则成立；若仅保持有限，则视条件而定。",
    )
    depends = Text(
        "depends on what is asked: it keeps the run finite, it does not mend the scale", "取决于所求：能防止溢出，但不能修复信号尺度"
    )
    quick = {"steps": 100}
    steps: int = 200
    lr: float = 0.005

    def measure(self, seed: int) -> dict[str, float]:
        clipped, he = treated(partial(exploding_net, lr=self.lr), "clip-gradient-norm")(seed), he_net(seed, self.lr)
        of_clipped, of_he = losses(clipped, self.steps), losses(he, self.steps)
        return {
            "finite": float(len(of_clipped) == self.steps and bool(np.isfinite(of_clipped).all())),
            "last_loss_clipped": float(np.median(of_clipped[-20:])),
            "last_loss_he": float(np.median(of_he[-20:])),
            "accuracy_clipped": accuracy(clipped),
            "accuracy_he": accuracy(he),
        }

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        finite = bool(measured["finite"].all())
        mended = np.median(measured["last_loss_clipped"]) <= 2 * max(np.median(measured["last_loss_he"]), 0.01)
        return "holds" if finite and mended else "depends" if finite else "fails as stated"


@dataclass(frozen=True)
class GoodInitialisationIsRegularisation(Claim):
    """The step of the first non-finite loss under weight decay 0, 0.1 and 1, and under He's weights.

    ## The set-up
    As above; weight decay in SGD; 50 steps.
    ## Why
    Decay shrinks the weights by lr * decay per step, a few percent at most; the explosion needs two or three steps.
    """

    rows = ("S1-02",)
    experiment = "X07"
    statement = Text(
        "Good weight initialisation (weight regularisation) eases explosion: both do the same.",
        "好的权重初始化（即权重正则化）可以缓解梯度爆炸，二者作用相同。",
    )
    rule = Text(
        "Fails as stated if weight decay 0.1 and 1 do not move the first non-finite loss beyond step 10, and He's weights prevent it for 50 steps.",
        "若权重衰减 0.1 和 1 都不能把首个非有限损失推迟到第 10 步之后，而 He 初始化在 50 步内避免了它，则按原说法不成立。",
    )
    steps: int = 50

    def measure(self, seed: int) -> dict[str, float]:
        measured = {}
        for name, decay in (("none", 0.0), ("0_1", 0.1), ("1", 1.0)):
            measured[f"step_decay_{name}"] = first_non_finite(losses(exploding_net(seed, weight_decay=decay), self.steps), self.steps)
        return measured | {"step_he": first_non_finite(losses(he_net(seed), self.steps), self.steps)}

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        no_help = max(measured["step_decay_0_1"].max(), measured["step_decay_1"].max()) <= 10
        return "fails as stated" if no_help and measured["step_he"].min() == self.steps else "holds"


@dataclass(frozen=True)
class ExplosionIsSeenAndCured(Phenomenon):
    """Twelve ReLU layers with weights twice too large, the He twin, and the faulty net under `he-init`.

    ## The set-up
    The nets above on two moons; the weights of the faulty one have standard deviation 0.375 where He's is 0.177.
    ## Why
    What multiplies is the weights; their scale is the cause and the explosion its symptom, so either name is right.
    """

    rows = ("S3-12",)
    fault = Text("An explosion at the start", "一开始就出现的梯度爆炸")
    sees = ("exploding-gradient", "bad-init-scale")
    remedies = ("he-init",)

    steps: int = 80
    lr: float = 0.005

    def faulty(self, seed: int) -> Training:
        return exploding_net(seed, lr=self.lr)

    def healthy(self, seed: int) -> Training:
        return he_net(seed, lr=self.lr)
