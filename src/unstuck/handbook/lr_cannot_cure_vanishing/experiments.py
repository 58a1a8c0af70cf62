"""A larger learning rate on a network whose gradient vanishes: the sweep, the reason, and what cures it in the same budget."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from unstuck.handbook.vanishing_gradient.experiments import accuracy, deep_net, two_moons
from unstuck.lab import Claim, Measured, Verdict, findings, observed, treated
from unstuck.records import Text

if TYPE_CHECKING:
    import matplotlib.figure
    import torch

RATES = (0.001, 0.01, 0.1, 1.0, 10.0, 100.0, 1000.0)
OPTIMIZERS = ("sgd", "adam")


def train_all(
    seeds: Sequence[int],
    settings: Sequence[tuple[str, float]],
    *,
    depth: int,
    width: int,
    steps: int,
    kind: str = "sigmoid",
    init: str = "default",
) -> np.ndarray:
    """Accuracies [settings, seeds] of deep nets on two-moons, all trained at once as one batch of matrices; full batches of 128 samples.

    `settings`: (optimizer, lr). `kind`: sigmoid, sigmoid-bn, tanh, relu; `init`: default, xavier (gain 5/3), he.
    """
    import torch

    nets = len(settings) * len(seeds)
    data = [two_moons(seed, 256) for seed in seeds]
    x = torch.stack([d[0] for d in data]).repeat(len(settings), 1, 1)  # [nets, 256, 2]
    y = torch.stack([d[1] for d in data]).repeat(len(settings), 1)
    matrices, biases = [], []
    sizes = [2, *[width] * depth, 2]
    for fan_in, fan_out in pairwise(sizes):
        drawn = []
        for seed in seeds:
            generator = torch.Generator().manual_seed(1000 * seed + len(matrices))
            uniform = (2 * torch.rand(fan_in, fan_out, generator=generator) - 1) / fan_in**0.5
            normal = torch.randn(fan_in, fan_out, generator=generator)
            scale = {"he": (2 / fan_in) ** 0.5, "xavier": 5 / 3 * (2 / (fan_in + fan_out)) ** 0.5, "default": 1.0}[init]
            drawn.append(uniform if init == "default" else scale * normal)
        matrices.append(torch.stack(drawn).repeat(len(settings), 1, 1).requires_grad_())
        biases.append(torch.zeros(nets, 1, fan_out, requires_grad=True))
    act = {"sigmoid": torch.sigmoid, "sigmoid-bn": torch.sigmoid, "tanh": torch.tanh, "relu": torch.relu}[kind]

    def forward(h: torch.Tensor) -> torch.Tensor:
        for at, (w, b) in enumerate(zip(matrices, biases, strict=True)):
            h = torch.baddbmm(b, h, w)
            if at < depth:
                if kind == "sigmoid-bn":
                    h = gammas[at] * (h - h.mean(1, keepdim=True)) / (h.var(1, keepdim=True, correction=0) + 1e-5).sqrt() + betas[at]
                h = act(h)
        return h

    gammas = [torch.ones(nets, 1, width, requires_grad=True) for _ in range(depth)]
    betas = [torch.zeros(nets, 1, width, requires_grad=True) for _ in range(depth)]
    parameters = [*matrices, *biases, *(gammas + betas if kind == "sigmoid-bn" else [])]
    rates = torch.tensor([lr for _, lr in settings]).repeat_interleave(len(seeds))[:, None, None]
    is_adam = torch.tensor([name == "adam" for name, _ in settings]).repeat_interleave(len(seeds))[:, None, None]
    first = [torch.zeros_like(p) for p in parameters]
    second = [torch.zeros_like(p) for p in parameters]
    for step in range(1, steps + 1):
        loss = torch.nn.functional.cross_entropy(forward(x[:, :128]).flatten(0, 1), y[:, :128].flatten(), reduction="sum") / 128
        gradients = torch.autograd.grad(loss, parameters)  # the nets share no parameter: each gets the gradient of its own mean loss
        with torch.no_grad():
            for p, g, m, v in zip(parameters, gradients, first, second, strict=True):
                m.mul_(0.9).add_(g, alpha=0.1)
                v.mul_(0.999).addcmul_(g, g, value=0.001)
                adam = m / (1 - 0.9**step) / ((v / (1 - 0.999**step)).sqrt() + 1e-8)
                p.sub_(rates * torch.where(is_adam, adam, g))
    with torch.no_grad():
        right = (forward(x[:, 128:]).argmax(2) == y[:, 128:]).float().mean(1)
    return right.reshape(len(settings), len(seeds)).numpy().astype(float)


@dataclass(frozen=True)
class LargerLrCuresVanishing(Claim):
    """Test accuracy of a deep sigmoid net over seven settings of learning rate, with SGD and Adam.

    ## The set-up
    `depth` sigmoid layers of `width` units with PyTorch's default weights (biases 0), two-moons, `steps` full-batch steps; all nets at once.
    ## Why
    One number multiplies all layers' gradients alike. Where the first layer would move, the last one has long been thrown away.
    """

    rows = ("S3-13",)
    experiment = "X04"
    statement = Text(
        "A larger learning rate can solve vanishing gradients, since it skips local optima.",
        "增大学习率可以跳过局部最优，从而解决梯度消失。",
    )
    rule = Text(
        "Fails as stated if no learning rate from 0.001 to 1000, with SGD or Adam, gives a mean accuracy above 0.7; depends if only one of them does.",
        "若学习率从 0.001 到 1000、无论 SGD 还是 Adam，平均准确率都不超过 0.7，则按原说法不成立；若只有其中一种优化器超过，则视条件而定。",
    )
    depends = Text(
        "depends on the optimizer: with SGD no learning rate helps; Adam, which divides each weight's step by its gradient's size, learns "
        "with its ordinary small rates and with no larger one",
        "取决于优化器：SGD 下任何学习率都无效；Adam 对每个权重按其梯度大小归一化，用常规的小学习率可以学到一些，增大学习率反而失败",
    )
    seeds = 3
    quick = {"steps": 100}
    depth: int = 10
    width: int = 16
    steps: int = 1000

    def measure(self, seed: int) -> dict[str, float]:
        return {name: float(values[0]) for name, values in self.measure_all([seed]).items()}

    def measure_all(self, seeds: Sequence[int]) -> Measured:
        """All learning rates, optimizers and repeats in one batch of nets."""
        settings = [(optimizer, lr) for optimizer in OPTIMIZERS for lr in RATES]
        table = train_all(seeds, settings, depth=self.depth, width=self.width, steps=self.steps)
        return {f"{optimizer}_lr_{lr:g}".replace(".", "_"): row for (optimizer, lr), row in zip(settings, table, strict=True)}

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        able = [max(v.mean() for name, v in measured.items() if name.startswith(optimizer)) > 0.7 for optimizer in OPTIMIZERS]
        return "holds" if all(able) else "depends" if any(able) else "fails as stated"

    def plot(self, figure: matplotlib.figure.Figure, measured: dict[str, np.ndarray], lang: str) -> None:
        axes = figure.add_subplot()
        zh = lang == "zh"
        for optimizer in OPTIMIZERS:
            rows = [measured[f"{optimizer}_lr_{lr:g}".replace(".", "_")] for lr in RATES]
            axes.semilogx(RATES, [row.mean() for row in rows], marker="o", label=optimizer.upper() if optimizer == "sgd" else "Adam")
        axes.axhline(0.5, color="grey", linewidth=0.8, linestyle=":")
        axes.set_ylim(0, 1.02)
        axes.set_xlabel("学习率" if zh else "learning rate")
        axes.set_ylabel("测试准确率" if zh else "test accuracy")
        axes.legend()


@dataclass(frozen=True)
class StructureCuresInTheSameBudget(Claim):
    """Test accuracy of the same depth and budget after one structural change.

    ## The set-up
    As above with Adam and lr 0.01: ReLU with He's weights; tanh with Xavier's gain 5/3; sigmoid with batch normalisation.
    ## Why
    Each change brings the Jacobians' product near 1; then an ordinary learning rate suffices.
    """

    rows = ("S3-13",)
    experiment = "X04"
    statement = Text(
        "Within the same budget, changing the initialisation, the activation or the normalisation cures.",
        "在同样的预算内，更换初始化、激活函数或加入归一化即可奏效。",
    )
    rule = Text(
        "Holds if ReLU with He, tanh with Xavier and sigmoid with batch norm each reach a mean accuracy above 0.95.",
        "若 ReLU + He、tanh + Xavier、sigmoid + 批归一化的平均准确率都高于 0.95，则成立。",
    )
    seeds = 3
    quick = {"steps": 150}
    depth: int = 10
    width: int = 16
    steps: int = 1000

    def measure(self, seed: int) -> dict[str, float]:
        return {name: float(values[0]) for name, values in self.measure_all([seed]).items()}

    def measure_all(self, seeds: Sequence[int]) -> Measured:
        """The repeats of each remedy in one batch of nets."""
        size = {"depth": self.depth, "width": self.width, "steps": self.steps}
        remedies = {"relu_he": ("relu", "he"), "tanh_xavier": ("tanh", "xavier"), "sigmoid_batch_norm": ("sigmoid-bn", "xavier")}
        return {
            name: train_all(seeds, [("adam", 0.01)], kind=kind, init=init, **size)[0]  # type: ignore[arg-type]
            for name, (kind, init) in remedies.items()
        }

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        return "holds" if min(values.mean() for values in measured.values()) > 0.95 else "fails as stated"


@dataclass(frozen=True)
class OneLrForAllLayers(Claim):
    """The learning rate that each layer would need, and whether lr changes the proportion between layers.

    ## The set-up
    The 10-layer sigmoid net; per weight matrix |w| / |g| of the first batch, i.e. the lr whose SGD step moves it by its own size, times 1/1000.
    ## Why
    SGD's step is lr times gradient: the quotient of two layers' steps does not contain lr.
    """

    rows = ("S3-13",)
    statement = Text("There is a learning rate that suits all layers of a vanishing net.", "存在一个适合梯度消失网络所有层的学习率。")
    rule = Text(
        "Fails as stated if the learning rates that would move each layer by 1/1000 of its weights differ by more than 1e4 between the layers.",
        "若使各层权重变化千分之一所需的学习率在层间相差超过 1e4 倍，则按原说法不成立。",
    )
    depth: int = 10

    def measure(self, seed: int) -> dict[str, float]:
        training = deep_net(seed, depth=self.depth, activation="sigmoid")
        inputs, targets = next(iter(training.batches or ()))
        assert training.loss is not None
        training.loss(training.model(inputs), targets).backward()
        needed = np.array(
            [1e-3 * (p.norm() / p.grad.norm()).item() for p in training.model.parameters() if p.dim() == 2 and p.grad is not None]
        )
        return {"lr_first_layer": needed[0], "lr_last_layer": needed[-1], "quotient": needed.max() / needed.min(), "lr_by_layer": needed}

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        return "fails as stated" if measured["quotient"].min() > 1e4 else "holds"


@dataclass(frozen=True)
class TheRemedyHigherLrIsRefused(Claim):
    """Does the product find the vanishing and does its own remedy `higher-lr` fail where `relu` with `he-init` helps?

    ## The set-up
    The 10-layer sigmoid net on two-moons, 200 steps of SGD with momentum 0.9: untreated, with `higher-lr`, with `relu` and `he-init`.
    ## Why
    A trial compares remedies on the same seeds; only structure moves the first layers.
    """

    rows = ("S3-13",)
    statement = Text("A trial tells a larger learning rate from a cure.", "配对试验能分辨“更大的学习率”与真正的对策。")
    rule = Text(
        "Holds if vanishing-gradient is found first in every repeat, accuracy with higher-lr stays below 0.7 and with relu + he-init exceeds 0.9.",
        "若每次重复都首先发现 vanishing-gradient，higher-lr 后准确率仍低于 0.7，而 relu + he-init 后高于 0.9，则成立。",
    )
    seeds = 3
    quick = {"steps": 150}
    depth: int = 10
    steps: int = 200

    def measure(self, seed: int) -> dict[str, float]:
        def ill(seed: int):  # type: ignore[no-untyped-def]
            return deep_net(seed, depth=self.depth, activation="sigmoid")

        measured = {"found_first": float(findings(observed(ill, seed, 40))[:1] == ("vanishing-gradient",))}
        for name, remedies in (("untreated", ()), ("higher_lr", ("higher-lr",)), ("relu_he_init", ("relu", "he-init"))):
            training = treated(ill, *remedies)(seed)
            training.fit(self.steps)
            measured[f"accuracy_{name}"] = accuracy(training)
        return measured

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        found = measured["found_first"].all() and measured["accuracy_higher_lr"].max() < 0.7
        return "holds" if found and measured["accuracy_relu_he_init"].min() > 0.9 else "fails as stated"
