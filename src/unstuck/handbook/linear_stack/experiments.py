"""Layers without an activation between them: the same functions as one layer, another training."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from unstuck.lab import Claim, Verdict
from unstuck.phenomenon import Phenomenon
from unstuck.records import Text

if TYPE_CHECKING:
    import torch
    from matplotlib.figure import Figure

    from unstuck.training import Training


def moons(count: int, generator: torch.Generator) -> tuple[torch.Tensor, torch.Tensor]:
    """Two interleaved half circles."""
    import torch

    labels = torch.randint(0, 2, (count,), generator=generator)
    angle = torch.pi * torch.rand(count, generator=generator)
    points = torch.stack([angle.cos() + labels - 0.5, (1.0 - 2.0 * labels) * angle.sin() + 0.5 * labels - 0.25], 1)
    return points + 0.1 * torch.randn(count, 2, generator=generator), labels


def training(seed: int, kind: str, width: int = 16, depth: int = 5) -> Training:
    """Two-moons with "logistic" (one layer), "linear" (`depth` layers, nothing between them) or "relu" (one hidden layer)."""
    import torch
    from torch import nn

    from unstuck.training import Training

    torch.manual_seed(seed)
    inputs, labels = moons(512, torch.Generator().manual_seed(seed))
    if kind == "logistic":
        model = nn.Sequential(nn.Linear(2, 2))
    elif kind == "linear":
        sizes = [2] + [width] * (depth - 1) + [2]
        model = nn.Sequential(*[nn.Linear(a, b) for a, b in itertools.pairwise(sizes)])
    else:
        model = nn.Sequential(nn.Linear(2, width), nn.ReLU(), nn.Linear(width, 2))
    return Training(
        [model],
        [torch.optim.Adam(model.parameters(), lr=0.02)],
        loss=nn.CrossEntropyLoss(),
        batches=list(zip(inputs.split(128), labels.split(128), strict=True)),
        validation=moons(2000, torch.Generator().manual_seed(seed + 1000)),
    )


@dataclass(frozen=True)
class ManyLinearLayersEqualOne(Claim):
    """Test accuracy on two-moons of five linear layers, of logistic regression, and of one hidden ReLU layer.

    ## The set-up
    512 training points, Adam, 200 steps; accuracy on 2000 fresh points.
    ## Why
    W2 (W1 x + b1) + b2 = (W2 W1) x + (W2 b1 + b2): the boundary stays a straight line.
    """

    rows = ("S2-02", "S4-45")
    experiment = "X20"
    statement = Text(
        "Without activations a net of any depth is no better than one linear layer.",
        "没有激活函数，无论多少层都不比一个线性层强。",
    )
    rule = Text(
        "Holds if the accuracies of the stack and of one layer differ by less than 0.01 on average while one ReLU layer is at least 0.05 better.",
        "若线性堆叠与单层的平均准确率相差小于 0.01，而一个 ReLU 隐层至少高 0.05，则成立。",
    )
    seeds = 5

    depth: int = 5
    steps: int = 200

    def measure(self, seed: int) -> dict[str, float]:
        """Accuracies."""
        measured = {}
        for kind in ("logistic", "linear", "relu"):
            run = training(seed, kind, depth=self.depth)
            run.fit(self.steps)
            outputs = run.validate()
            assert outputs is not None and run.validation is not None
            measured[kind] = (outputs.argmax(1) == run.validation[1]).double().mean().item()
        return measured

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        """The rule."""
        same = abs((measured["linear"] - measured["logistic"]).mean()) < 0.01
        better = (measured["relu"] - measured["logistic"]).mean() >= 0.05
        return "holds" if same and better else "fails as stated"

    def plot(self, figure: Figure, measured: dict[str, np.ndarray], lang: str) -> None:
        """The three decision boundaries."""
        import torch

        names = {
            "logistic": ("one layer", "单层"),
            "linear": ("five linear layers", "五个线性层"),
            "relu": ("one ReLU layer", "一个 ReLU 隐层"),
        }
        a, b = np.meshgrid(np.linspace(-2.2, 2.2, 120), np.linspace(-1.8, 1.8, 120))
        points = torch.tensor(np.column_stack([a.ravel(), b.ravel()]), dtype=torch.float32)
        inputs, labels = moons(300, torch.Generator().manual_seed(0))
        for axes, (kind, (en, zh)) in zip(figure.subplots(1, 3, sharey=True), names.items(), strict=True):
            run = training(0, kind, depth=self.depth)
            run.fit(self.steps)
            with torch.no_grad():
                side = run.model(points).diff(dim=1)[:, 0].reshape(a.shape)
            axes.contourf(a, b, side > 0, levels=1, alpha=0.25, cmap="cividis")
            axes.scatter(inputs[:, 0], inputs[:, 1], c=labels, s=5, cmap="cividis")
            axes.set_title(zh if lang == "zh" else en, fontsize=9)
            axes.set_xlabel("$x_1$")


@dataclass(frozen=True)
class TheStackIsOneMatrix(Claim):
    """Largest difference between a stack of linear layers and the single affine map made of the product of its matrices.

    ## The set-up
    A random stack in double precision; the product of the weights and the carried-through biases; 100 random inputs. With a ReLU in the stack no affine
    map fits: its best one is found by least squares.
    ## Why
    Affine maps are closed under composition.
    """

    rows = ("S2-02", "S4-45")
    experiment = "X20"
    statement = Text("A stack of linear layers is one affine map.", "线性层的堆叠就是一个仿射映射。")
    rule = Text(
        "Holds if the difference is below 1e-10 of the output's size, and above 1e-2 with ReLU between the layers.",
        "若差异小于输出大小的 1e-10，而层间加 ReLU 时大于 1e-2，则成立。",
    )
    seeds = 5

    depth: int = 8
    width: int = 16

    def measure(self, seed: int) -> dict[str, float]:
        """Relative errors of the best affine map."""
        random = np.random.default_rng(seed)
        inputs = random.standard_normal((100, 4))
        sizes = [4] + [self.width] * (self.depth - 1) + [3]
        layers = [(random.standard_normal((b, a)) * (2 / a) ** 0.5, random.standard_normal(b)) for a, b in itertools.pairwise(sizes)]
        linear = bent = inputs
        product, carried = np.eye(4), np.zeros(4)
        for index, (weight, bias) in enumerate(layers):
            linear = linear @ weight.T + bias
            bent = bent @ weight.T + bias
            product, carried = weight @ product, weight @ carried + bias
            if index < len(layers) - 1:
                bent = np.maximum(bent, 0)
        affine = np.column_stack([inputs, np.ones(100)])
        left = bent - affine @ np.linalg.lstsq(affine, bent, rcond=None)[0]
        return {
            "linear": float(np.abs(linear - inputs @ product.T - carried).max() / np.abs(linear).max()),
            "relu": float(np.abs(left).max() / np.abs(bent).max()),
        }

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        """The rule."""
        return "holds" if (measured["linear"] < 1e-10).all() and (measured["relu"] > 1e-2).all() else "fails as stated"


@dataclass(frozen=True)
class ALinearStackTrainsLikeOneLayer(Claim):
    """Loss of a linear regression fitted as one matrix and as a product of four, after the same steps at the same rate.

    ## The set-up
    Targets M x with singular values 3, 1 and 0.3, white inputs, descent on the exact expected loss; all start from nearly zero.
    ## Why
    In a product each factor's gradient contains the others: learning waits at a saddle near zero, then large singular values come in one by one, steeply
    (Saxe et al. 2014). One matrix learns all of them at the same rate.
    """

    rows = ("S4-45",)
    experiment = "X20"
    statement = Text(
        "With the identity as activation a deep net is the same as a single layer, also in training.",
        "激活函数为恒等时，多层网络与单层网络完全一样，训练过程也一样。",
    )
    rule = Text(
        "Holds if the losses never differ by more than 10 % of the initial loss along the way; fails as stated otherwise.",
        "若整个过程中两者损失之差不超过初始损失的 10%，则成立；否则按原话不成立。",
    )
    seeds = 5

    depth: int = 4
    steps: int = 300
    lr: float = 0.02

    def curves(self, seed: int) -> tuple[np.ndarray, np.ndarray]:
        """Loss by step of one matrix and of the product."""
        random = np.random.default_rng(seed)
        left, _ = np.linalg.qr(random.standard_normal((3, 3)))
        right, _ = np.linalg.qr(random.standard_normal((3, 3)))
        target = left @ np.diag([3, 1, 0.3]) @ right
        found = []
        for depth in (1, self.depth):
            factors = [np.linalg.qr(random.standard_normal((3, 3)))[0] * (0.01 if depth == 1 else 0.3) for _ in range(depth)]
            losses = []
            for _ in range(self.steps):
                prefixes, suffixes = [np.eye(3)], [np.eye(3)]
                for factor in factors:
                    prefixes.append(factor @ prefixes[-1])
                for factor in reversed(factors):
                    suffixes.append(suffixes[-1] @ factor)
                error = prefixes[-1] - target
                losses.append(0.5 * float((error**2).sum()))
                factors = [factor - self.lr * suffixes[depth - 1 - k].T @ error @ prefixes[k].T for k, factor in enumerate(factors)]
            found.append(np.array(losses))
        return found[0], found[1]

    def measure(self, seed: int) -> dict[str, float]:
        """Largest difference, and losses half-way."""
        one, many = self.curves(seed)
        return {
            "largest_difference": float(np.abs(one - many).max() / one[0]),
            "one_at_step_50": float(one[50] / one[0]),
            "stack_at_step_50": float(many[50] / many[0]),
        }

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        """The rule."""
        return "holds" if (measured["largest_difference"] < 0.1).all() else "fails as stated"

    def plot(self, figure: Figure, measured: dict[str, np.ndarray], lang: str) -> None:
        """Both loss curves."""
        axes = figure.subplots()
        one, many = self.curves(0)
        axes.plot(one, "-", label="单层" if lang == "zh" else "one layer")
        axes.plot(many, "--", label=f"{self.depth} 个线性层" if lang == "zh" else f"{self.depth} linear layers")
        axes.set_xlabel("步数" if lang == "zh" else "step")
        axes.set_ylabel("损失" if lang == "zh" else "loss")
        axes.legend()


@dataclass(frozen=True)
class TheRuleSeesTheMissingActivation(Phenomenon):
    """Five linear layers, their twin with ReLU, and the former under `insert-activation`.

    ## The set-up
    The two-moons trainings of `many-linear-layers-equal-one`.
    ## Why
    The recorder sees in the autograd graph which operations lie between two weighted layers.
    """

    rows = ("S2-02",)
    experiment = "X20"
    fault = Text("A missing activation", "缺失的激活函数")
    sees = ("missing-nonlinearity",)
    remedies = ("insert-activation",)

    steps: int = 100

    def faulty(self, seed: int) -> Training:
        return training(seed, "linear")

    def healthy(self, seed: int) -> Training:
        return training(seed, "relu")
