"""Accumulated gradients: when they equal a big batch, and what forgetting to clear them does."""

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
    from torch import nn

    from unstuck.training import Training


def net(seed: int, norm: bool = False) -> nn.Module:
    """A small classifier in double precision."""
    import torch
    from torch import nn

    torch.manual_seed(seed)
    middle = [nn.BatchNorm1d(16)] if norm else []
    return nn.Sequential(nn.Linear(8, 16), *middle, nn.ReLU(), nn.Linear(16, 3)).double()


def gradient(model: nn.Module, inputs: torch.Tensor, labels: torch.Tensor, parts: list[int], weights: list[float]) -> torch.Tensor:
    """Accumulated gradient of the parts' mean losses times their weights, as one vector."""
    import torch
    from torch.nn import functional

    model.zero_grad()
    for part, target, weight in zip(inputs.split(parts), labels.split(parts), weights, strict=True):
        (functional.cross_entropy(model(part), target) * weight).backward()
    return torch.cat([p.grad.ravel() for p in model.parameters() if p.grad is not None])


@dataclass(frozen=True)
class PartsAddUpToABigBatch(Claim):
    """Length of the gradient accumulated over four micro-batches over that of the whole batch, divided by the number of parts and not.

    ## The set-up
    64 samples in four equal parts; then in parts of 30, 20, 10 and 4, divided by four and weighted by size.
    ## Why
    Each part's loss is a mean over its own samples. The mean over all is their average, not their sum, and with unequal parts the average
    weighted by size.
    """

    rows = ("S2-46",)
    experiment = "X44"
    statement = Text(
        "A batch that does not fit can be computed in parts whose gradients add up: the same as one big batch.",
        "放不下的大批次可以分批计算、累加梯度，结果与一个大批次相同。",
    )
    rule = Text(
        "Holds if the plain sum equals the big batch's gradient (1e-12); depends if it does only after dividing by the parts or weighting by size.",
        "若直接累加等于大批次梯度（1e-12），则成立；若需除以份数或按样本数加权才相等，则视情况而定。",
    )
    depends = Text(
        "depends on dividing each loss by the number of parts (by size where they are unequal)",
        "取决于是否除以份数（各份大小不等时按样本数加权）",
    )
    seeds = 5

    def measure(self, seed: int) -> dict[str, float]:
        """Ratio of lengths, relative errors."""
        import torch

        generator = torch.Generator().manual_seed(seed)
        inputs = torch.randn(64, 8, generator=generator, dtype=torch.float64)
        labels = torch.randint(0, 3, (64,), generator=generator)
        model = net(seed)
        whole = gradient(model, inputs, labels, [64], [1.0])
        equal, unequal = [16] * 4, [30, 20, 10, 4]

        def error(parts: list[int], weights: list[float]) -> float:
            return float((gradient(model, inputs, labels, parts, weights) - whole).norm() / whole.norm())

        return {
            "length_ratio_plain_sum": float(gradient(model, inputs, labels, equal, [1.0] * 4).norm() / whole.norm()),
            "error_plain_sum": error(equal, [1.0] * 4),
            "error_divided": error(equal, [0.25] * 4),
            "error_unequal_divided": error(unequal, [0.25] * 4),
            "error_unequal_weighted": error(unequal, [n / 64 for n in unequal]),
        }

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        """The rule."""
        if (measured["error_plain_sum"] < 1e-12).all():
            return "holds"
        exact = (measured["error_divided"] < 1e-12).all() and (measured["error_unequal_weighted"] < 1e-12).all()
        return "depends" if exact else "fails as stated"


@dataclass(frozen=True)
class BatchNormDoesNotMind(Claim):
    """Difference between the accumulated, divided gradient and the big batch's in a net with batch normalisation, by size of the parts.

    ## The set-up
    64 samples at once, in parts of 16 and in parts of 4; the same net with and without batch normalisation.
    ## Why
    Batch normalisation takes its mean and variance from the samples of one forward pass: the micro-batch, not the batch of the optimiser step.
    """

    rows = ("S2-46",)
    experiment = "X44"
    statement = Text(
        "Accumulating over micro-batches and dividing is exactly a big batch, whatever the net.",
        "分成小批累加并除以份数，对任何网络都严格等于大批次。",
    )
    rule = Text(
        "Holds if the relative difference with batch normalisation is below 1e-6; fails as stated otherwise.",
        "若带批归一化的网络相对差异小于 1e-6，则成立；否则按原话不成立。",
    )
    seeds = 5

    def measure(self, seed: int) -> dict[str, float]:
        """Relative differences."""
        import torch

        generator = torch.Generator().manual_seed(seed)
        inputs = torch.randn(64, 8, generator=generator, dtype=torch.float64)
        labels = torch.randint(0, 3, (64,), generator=generator)
        measured = {}
        for name, norm in (("plain", False), ("batch_norm", True)):
            model = net(seed, norm)
            whole = gradient(model, inputs, labels, [64], [1.0])
            for size in (16, 4):
                count = 64 // size
                part = gradient(model, inputs, labels, [size] * count, [1 / count] * count)
                measured[f"{name}_parts_of_{size}"] = float((part - whole).norm() / whole.norm())
        return measured

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        """The rule."""
        return "holds" if (measured["batch_norm_parts_of_16"] < 1e-6).all() else "fails as stated"


@dataclass(frozen=True)
class ForgettingToClearIsHarmless(Claim):
    """Distance to the minimum of a quadratic after descent with gradients cleared and never cleared.

    ## The set-up
    Loss 0.5 h w^2 with curvatures 1 and 0.1, start at 1, lr 0.1, 300 steps, in torch; the gradient buffer is the difference.
    ## Why
    Without clearing, the step is the sum of all gradients so far: momentum with beta = 1, a pendulum without friction, w'' = -h w. It swings and does
    not come to rest.
    """

    rows = ("S2-46",)
    statement = Text(
        "Forgetting zero_grad only makes the steps a little larger.",
        "忘记 zero_grad 只是让步子稍大一些。",
    )
    rule = Text(
        "Holds if the largest |w| over the last 100 steps without clearing is at most twice that with clearing; fails as stated otherwise.",
        "若不清零时最后 100 步的最大 |w| 不超过清零时的两倍，则成立；否则按原话不成立。",
    )
    seeds = 1

    lr: float = 0.1
    steps: int = 300

    def paths(self) -> dict[str, np.ndarray]:
        """|w| by step with and without clearing [steps, 2]."""
        import torch

        found = {}
        for name in ("cleared", "never_cleared"):
            w = torch.ones(2, dtype=torch.float64, requires_grad=True)
            optimizer = torch.optim.SGD([w], lr=self.lr)
            path = []
            for _ in range(self.steps):
                if name == "cleared":
                    optimizer.zero_grad()
                (0.5 * torch.tensor([1.0, 0.1]) * w.square()).sum().backward()
                optimizer.step()
                path.append(w.detach().clone().numpy())
            found[name] = np.array(path)
        return found

    def measure(self, seed: int) -> dict[str, float]:
        """Largest |w| at the end."""
        return {name: float(np.abs(path[-100:]).max()) for name, path in self.paths().items()}

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        """The rule."""
        return "holds" if (measured["never_cleared"] <= 2 * measured["cleared"]).all() else "fails as stated"

    def plot(self, figure: Figure, measured: dict[str, np.ndarray], lang: str) -> None:
        """The stiff coordinate both ways."""
        axes = figure.subplots()
        names = {"cleared": ("cleared", "每步清零"), "never_cleared": ("never cleared", "从不清零")}
        for (name, path), style in zip(self.paths().items(), ("-", "--"), strict=True):
            axes.plot(path[:, 0], style, label=names[name][lang == "zh"])
        axes.set_xlabel("步数" if lang == "zh" else "step")
        axes.set_ylabel("w")
        axes.set_ylim(-1.15, 1.5)  # room for the legend
        axes.legend(loc="upper right", ncols=2)


@dataclass(frozen=True)
class TheRuleSeesTheForgottenClearing(Phenomenon):
    """A loop without `zero_grad`, the correct one, and the former under the remedy `zero-grad`.

    ## The set-up
    A ReLU classifier on two moons, SGD lr 0.2 with momentum 0.9.
    ## Why
    The recorder measures the gradient that is already there when a backward pass begins.
    """

    rows = ("S2-46",)
    experiment = "X44"
    fault = Text("A forgotten zero_grad", "忘记的 zero_grad")
    sees = ("missing-zero-grad",)
    remedies = ("zero-grad",)

    steps: int = 100

    def faulty(self, seed: int) -> Training:
        training = self.healthy(seed)

        def step(running: Training, inputs: torch.Tensor, targets: torch.Tensor) -> None:
            assert running.loss is not None
            running.loss(running.model(inputs), targets).backward()
            running.optimizer.step()

        training.step = step
        return training

    def healthy(self, seed: int) -> Training:
        import torch

        torch.manual_seed(seed)
        return training_on(plain_net([2, 32, 2], torch.nn.ReLU), half_moons(seed, 400), lr=0.2, seed=seed)
