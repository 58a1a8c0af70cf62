"""Batch size: noise of the gradient, what is held constant in a comparison, throughput, and where more samples stop paying."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from functools import cache
from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np

from unstuck.lab import Claim, Verdict
from unstuck.records import Text

if TYPE_CHECKING:
    import torch
    from matplotlib.figure import Figure
    from torch import nn


def teacher_data(count: int, seed: int, noise: float = 0.1) -> tuple[torch.Tensor, torch.Tensor]:
    """Inputs in 20 dimensions and four classes from a random tanh net, `noise` of the labels random."""
    import torch

    fixed = torch.Generator().manual_seed(77)
    first, second = torch.randn(20, 16, generator=fixed) / 20**0.5 * 2, torch.randn(16, 4, generator=fixed)
    generator = torch.Generator().manual_seed(seed)
    inputs = torch.randn(count, 20, generator=generator)
    labels = (torch.tanh(inputs @ first) @ second).argmax(1)
    wrong = torch.rand(count, generator=generator) < noise
    return inputs, torch.where(wrong, torch.randint(0, 4, (count,), generator=generator), labels)


def student(seed: int) -> nn.Module:
    """One hidden ReLU layer of 64 units."""
    import torch
    from torch import nn

    torch.manual_seed(seed)
    return nn.Sequential(nn.Linear(20, 64), nn.ReLU(), nn.Linear(64, 4))


@cache
def trained(seed: int, batch: int, steps: int, lr: float) -> tuple[float, float]:
    """Training loss (on 2048 samples) and test accuracy after `steps` steps of SGD."""
    import torch
    from torch.nn import functional

    inputs, labels = teacher_data(2048, seed)
    fresh, answers = teacher_data(4000, seed + 500, 0.0)
    model = student(seed)
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    generator = torch.Generator().manual_seed(seed)
    order, place = torch.randperm(2048, generator=generator), 0
    for _ in range(steps):
        if place + batch > 2048:
            order, place = torch.randperm(2048, generator=generator), 0
        rows = order[place : place + batch]
        place += batch
        optimizer.zero_grad()
        functional.cross_entropy(model(inputs[rows]), labels[rows]).backward()
        optimizer.step()
    with torch.no_grad():
        loss = functional.cross_entropy(model(inputs), labels).item()
        return loss, (model(fresh).argmax(1) == answers).double().mean().item()


@dataclass(frozen=True)
class LargerBatchesPointMoreSteadily(Claim):
    """Mean cosine between mini-batch and full gradients, and mean length of mini-batch gradients, by batch size.

    ## The set-up
    A small classifier after 50 steps, 2048 samples, 200 batches of each size; gradients per sample are computed once.
    ## Why
    A batch gradient is the full one plus noise of variance 1/B: the angle closes, and E|g|^2 = |G|^2 + tr(C)/B falls towards |G|^2. The triangle inequality
    says only that the mean is not longer than the mean length.
    """

    rows = ("S2-56", "S2-58", "S4-51")
    experiment = "X34"
    statement = Text(
        "The larger the batch, the steadier the direction of the gradient.",
        "批大小越大，梯度方向越稳定。",
    )
    rule = Text(
        "Holds if the cosine rises and the mean length falls with every size from 4 to 512 in every repeat.",
        "若每次重复中从 4 到 512 余弦逐级上升、平均长度逐级下降，则成立。",
    )
    seeds = 3

    def measure(self, seed: int) -> dict[str, float]:
        """Cosines, lengths over the full gradient's length."""
        import torch
        from torch.func import functional_call, grad, vmap
        from torch.nn import functional

        inputs, labels = teacher_data(2048, seed)
        model = student(seed)
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        for _ in range(50):
            optimizer.zero_grad()
            functional.cross_entropy(model(inputs), labels).backward()
            optimizer.step()
        weights = {name: p.detach() for name, p in model.named_parameters()}

        def loss(at: dict[str, torch.Tensor], x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
            return functional.cross_entropy(functional_call(model, at, (x[None],)), y[None])

        parts = vmap(grad(loss), in_dims=(None, 0, 0))(weights, inputs, labels)
        each = torch.cat([p.reshape(2048, -1) for p in parts.values()], 1)
        full = each.mean(0)
        generator = torch.Generator().manual_seed(seed)
        measured = {}
        for size in (4, 32, 128, 512):
            chosen = torch.zeros(200, 2048)
            for row in chosen:
                row[torch.randperm(2048, generator=generator)[:size]] = 1 / size
            found = chosen @ each
            measured[f"cosine_{size}"] = functional.cosine_similarity(found, full[None]).mean().item()
            measured[f"length_{size}"] = (found.norm(dim=1).mean() / full.norm()).item()
        return measured

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        """The rule."""
        sizes = (4, 32, 128, 512)
        steadier = all((measured[f"cosine_{b}"] > measured[f"cosine_{a}"]).all() for a, b in itertools.pairwise(sizes))
        shorter = all((measured[f"length_{b}"] < measured[f"length_{a}"]).all() for a, b in itertools.pairwise(sizes))
        return "holds" if steadier and shorter else "fails as stated"

    def plot(self, figure: Figure, measured: dict[str, np.ndarray], lang: str) -> None:
        """Cosine and length by batch size."""
        left, right = figure.subplots(1, 2)
        sizes = (4, 32, 128, 512)
        for axes, what, name in (
            (left, "cosine", "与全量梯度的余弦" if lang == "zh" else "cosine to the full gradient"),
            (right, "length", "长度 / 全量梯度长度" if lang == "zh" else "length over the full one's"),
        ):
            axes.semilogx(sizes, [measured[f"{what}_{b}"].mean() for b in sizes], "o-", base=2)
            axes.set_xlabel("批大小" if lang == "zh" else "batch size")
            axes.set_ylabel(name)


@dataclass(frozen=True)
class SmallBatchesGeneraliseBetter(Claim):
    """Test accuracy with batches of 16 and 512 when epochs, epochs with a scaled rate, or steps are held constant.

    ## The set-up
    A teacher with four classes and 10 % label noise, 2048 samples, SGD at 0.1 for a batch of 16. Rule one: 5 epochs each, same rate. Rule two: 5 epochs, rate
    in proportion to the batch (at most 1.5). Rule three: 640 steps each, same rate.
    ## Why
    With the same epochs the small batch makes 32 times as many steps; with the same steps the large one reads 32 times as many samples. What wins follows from
    what was held constant.
    """

    rows = ("S2-54", "S2-55", "S2-57", "S4-51")
    experiment = "X33"
    statement = Text(
        "Small batches converge faster and generalise better.",
        "小批量收敛更快，泛化更好。",
    )
    rule = Text(
        "Holds if the small batch has the higher mean test accuracy under all three rules, fails as stated if under none, depends otherwise.",
        "若三种公平规则下小批量的平均测试准确率都更高则成立；都不更高则按原话不成立；否则视情况而定。",
    )
    depends = Text(
        "depends on what is held constant: epochs, epochs with a scaled rate, or steps", "取决于固定什么：轮数、轮数并缩放学习率、还是步数"
    )
    seeds = 3

    quick = {"epochs": 3}

    small: int = 16
    large: int = 512
    epochs: int = 5

    def measure(self, seed: int) -> dict[str, float]:
        """Test accuracies."""
        many, few = self.epochs * 2048 // self.small, self.epochs * 2048 // self.large
        scaled = min(0.1 * self.large / self.small, 1.5)
        return {
            "small": trained(seed, self.small, many, 0.1)[1],
            "large_same_epochs": trained(seed, self.large, few, 0.1)[1],
            "large_scaled_lr": trained(seed, self.large, few, scaled)[1],
            "large_same_steps": trained(seed, self.large, many, 0.1)[1],
        }

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        """The rule."""
        wins = [measured["small"].mean() > measured[f"large_{r}"].mean() for r in ("same_epochs", "scaled_lr", "same_steps")]
        return "holds" if all(wins) else "depends" if any(wins) else "fails as stated"


@dataclass(frozen=True)
class ShorterStepsMakeLargeBatchesSlow(Claim):
    """Training loss after the same number of steps at the same rate with batches of 8, 64 and 512.

    ## The set-up
    The data of `small-batches-generalise-better`, 100 steps at 0.1.
    ## Why
    The part of a small batch's gradient that makes it longer is noise, which cancels over the steps; per step the large batch does at least as well. Per epoch it
    takes fewer steps: that is why it seems slow.
    """

    rows = ("S2-57", "S2-58")
    experiment = "X33"
    statement = Text(
        "Averaging shortens the gradient (triangle inequality), therefore large batches lower the loss more slowly.",
        "平均之后由三角不等式下降距离变小，所以大批量的损失下降更慢。",
    )
    rule = Text(
        "Holds if after equal steps the mean loss is higher for the batch of 512 than for 8; fails as stated otherwise.",
        "若步数相同时批大小 512 的平均损失高于 8，则成立；否则按原话不成立。",
    )
    seeds = 5

    steps: int = 100

    def measure(self, seed: int) -> dict[str, float]:
        """Losses by batch size."""
        return {f"batch_{b}": trained(seed, b, self.steps, 0.1)[0] for b in (8, 64, 512)}

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        """The rule."""
        return "holds" if measured["batch_512"].mean() > measured["batch_8"].mean() else "fails as stated"


@dataclass(frozen=True)
class LargerBatchesAreFaster(Claim):
    """Samples per second and steps per second of a small net with batches of 8 and 1024.

    ## The set-up
    Forward, backward and SGD step of a net of 20-64-4 on the CPU, one thread; medians of 20 steps.
    ## Why
    A step has a fixed cost (calls, memory traffic for the weights) that a larger batch spreads over more samples, until the arithmetic itself takes the time.
    """

    rows = ("S2-53", "S4-53", "S4-52")
    statement = Text(
        "The larger the batch, the faster the iteration.",
        "批大小越大，迭代速度越快。",
    )
    rule = Text(
        "Holds if both samples and steps per second rise; depends if samples per second rise at least fivefold while steps per second fall.",
        "若每秒样本数与每秒步数都上升则成立；若每秒样本数升至五倍以上而每秒步数下降则视情况而定。",
    )
    depends = Text(
        "depends on what is counted: samples per second rise, steps per second fall", "取决于计什么：每秒样本数上升，每秒步数下降"
    )
    seeds = 3

    def measure(self, seed: int) -> dict[str, float]:
        """Ratios of 1024 over 8."""
        import torch
        from torch.nn import functional

        model = student(seed)
        optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
        seconds = {}
        for batch in (8, 1024):
            inputs, labels = teacher_data(batch, seed)
            times = []
            for _ in range(23):
                started = perf_counter()
                optimizer.zero_grad()
                functional.cross_entropy(model(inputs), labels).backward()
                optimizer.step()
                times.append(perf_counter() - started)
            seconds[batch] = float(np.median(times[3:]))
        return {"samples_per_second_ratio": 1024 / 8 * seconds[8] / seconds[1024], "steps_per_second_ratio": seconds[8] / seconds[1024]}

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        """The rule."""
        samples, steps = np.median(measured["samples_per_second_ratio"]), np.median(measured["steps_per_second_ratio"])
        if samples > 1 and steps > 1:
            return "holds"
        return "depends" if samples >= 5 else "fails as stated"


@dataclass(frozen=True)
class BeyondAThresholdNothingIsGained(Claim):
    """Steps that a noisy quadratic needs to reach a target loss at the best constant rate, by batch size.

    ## The set-up
    50 curvatures from 1 to 100 with gradient noise of variance h / B along each; the expected loss has a closed recursion; start at 1 in every direction, target
    0.5 per cent of the initial loss; rates on a fine grid.
    ## Why
    Below the noise scale, twice the batch means half the steps; above it the curvature limits the rate and more samples bring nothing (McCandlish et al. 2018).
    """

    rows = ("S4-54", "S4-51")
    experiment = "X34"
    statement = Text(
        "Beyond a certain batch size nothing is gained.",
        "批大小超过一定阈值后，不再有收益。",
    )
    rule = Text(
        "Holds if doubling from 1 to 2 cuts the steps by at least 1.7 and doubling the largest by less than 1.1.",
        "若从 1 到 2 步数至少减为 1/1.7，而最大处再加倍减少不到 1.1 倍，则成立。",
    )
    seeds = 1

    target: float = 0.005

    def measure(self, seed: int) -> dict[str, float]:
        """Steps at the best rate."""
        curvature = np.logspace(0, 2, 50)
        rates = np.logspace(-5, np.log10(1.99 / 100), 120)[:, None]
        measured = {}
        for power in range(13):
            batch = 2**power
            squares = np.ones((120, 50))
            start = (curvature * squares[0]).sum()
            done = np.full(120, np.inf)
            for step in range(1, 20001):
                squares = (1 - rates * curvature) ** 2 * squares + rates**2 * curvature * (20.0 / batch)
                reached = (curvature * squares).sum(1) <= self.target * start
                done[reached & np.isinf(done)] = step
                if step > done.min() * 1.0:
                    break
            measured[f"batch_{batch}"] = float(done.min())
        return measured

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        """The rule."""
        early = measured["batch_1"][0] / measured["batch_2"][0]
        late = measured["batch_2048"][0] / measured["batch_4096"][0]
        return "holds" if early >= 1.7 and late < 1.1 else "fails as stated"

    def plot(self, figure: Figure, measured: dict[str, np.ndarray], lang: str) -> None:
        """Steps by batch size, log-log, with perfect scaling."""
        axes = figure.subplots()
        sizes = np.array([int(n.partition("_")[2]) for n in measured])
        steps = np.array([v[0] for v in measured.values()])
        axes.loglog(sizes, steps, "o-", base=2, label="达到目标所需步数" if lang == "zh" else "steps to the target")
        axes.loglog(sizes, steps[0] / sizes, ":", base=2, label="理想缩放" if lang == "zh" else "perfect scaling")
        axes.set_ylim(steps.min() / 2, steps.max() * 2)
        axes.set_xlabel("批大小" if lang == "zh" else "batch size")
        axes.legend()
