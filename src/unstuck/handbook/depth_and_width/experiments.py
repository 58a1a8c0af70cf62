"""Depth against width: what equal parameters buy, what composition needs, what capacity costs."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from unstuck.lab import Claim, Measured, Verdict
from unstuck.records import Text

if TYPE_CHECKING:
    import torch
    from matplotlib.figure import Figure


def spiral(count: int, generator: torch.Generator) -> tuple[torch.Tensor, torch.Tensor]:
    """Two arms of one and a half turns with a little noise."""
    import torch

    labels = torch.randint(0, 2, (count,), generator=generator)
    radius = torch.rand(count, generator=generator).sqrt()
    angle = 3 * torch.pi * radius + torch.pi * labels
    points = torch.stack([radius * angle.cos(), radius * angle.sin()], 1) * 2
    return points + 0.05 * torch.randn(count, 2, generator=generator), labels


def tree(count: int, generator: torch.Generator) -> tuple[torch.Tensor, torch.Tensor]:
    """A target made by composition: the sign of (x1 x2)(x3 x4) for inputs in [-1, 1]."""
    import torch

    points = torch.rand(count, 4, generator=generator) * 2 - 1
    return points, (points.prod(1) > 0).long()


def width_for(parameters: int, inputs: int, layers: int) -> int:
    """The width at which `layers` equal hidden layers and one output have about that many parameters."""
    counts = [(inputs + 1) * w + (layers - 1) * (w + 1) * w + w + 1 for w in range(1, 1000)]
    return 1 + int(np.abs(np.array(counts) - parameters).argmin())


def fitted(
    nets: Sequence[torch.nn.Sequential], inputs: torch.Tensor, labels: torch.Tensor, *, lr: float, steps: int, falling: bool = False
) -> Callable[[torch.Tensor], torch.Tensor]:
    """Train ReLU nets of one shape in one program, each on its own inputs [nets, samples, features] and labels [nets, samples] in 0, 1.

    Full-batch Adam on the cross-entropy; the rate falls to 0 where `falling`. Returns what gives their decisions [nets, samples] on new inputs.
    """
    import torch
    from torch.nn import functional

    linear = [[layer for layer in net if isinstance(layer, torch.nn.Linear)] for net in nets]
    weights = [torch.stack([layer.weight.detach().T for layer in layers]).requires_grad_() for layers in zip(*linear, strict=True)]
    biases = [torch.stack([layer.bias.detach()[None] for layer in layers]).requires_grad_() for layers in zip(*linear, strict=True)]

    def logits(x: torch.Tensor) -> torch.Tensor:
        for at, (weight, bias) in enumerate(zip(weights, biases, strict=True)):
            x = torch.baddbmm(bias, x if at == 0 else x.relu(), weight)
        return x[..., 0]

    optimizer = torch.optim.Adam([*weights, *biases], lr=lr)
    for step in range(steps):
        if falling:
            optimizer.param_groups[0]["lr"] = lr * (1 - step / steps)
        optimizer.zero_grad()
        losses = functional.binary_cross_entropy_with_logits(logits(inputs), labels.float(), reduction="none").mean(1)
        losses.sum().backward()  # no parameter is shared: each net gets the gradient of its own loss
        optimizer.step()
    return lambda x: logits(x).detach() > 0


def share_right(decisions: torch.Tensor, labels: torch.Tensor) -> np.ndarray:
    """Accuracy of each net, [nets]."""
    return (decisions == labels.bool()).double().mean(1).numpy()


@cache
def accuracies(target: str, layers: int, seeds: tuple[int, ...], parameters: int, count: int, steps: int) -> tuple[np.ndarray, np.ndarray]:
    """Training and test accuracy [seeds] of ReLU nets (He initialisation, Adam, full batch)."""
    import torch
    from torch import nn

    draw = spiral if target == "spiral" else tree
    nets, data = [], []
    for seed in seeds:
        torch.manual_seed(1000 * seed + layers)
        generator = torch.Generator().manual_seed(seed)
        data.append((*draw(count, generator), *draw(2000, generator)))
        size = data[-1][0].shape[1]
        width = width_for(parameters, size, layers)
        parts: list[nn.Module] = []
        for _ in range(layers):
            parts += [nn.Linear(size, width), nn.ReLU()]
            nn.init.kaiming_normal_(parts[-2].weight, nonlinearity="relu")
            size = width
        nets.append(nn.Sequential(*parts, nn.Linear(size, 1)))
    inputs, labels, fresh, answers = map(torch.stack, zip(*data, strict=True))
    decide = fitted(nets, inputs, labels, lr=0.01, steps=steps, falling=True)
    return share_right(decide(inputs), labels), share_right(decide(fresh), answers)


class Together(Claim):
    """A claim whose repeats run in one program.

    ## The set-up
    As its claim says.
    ## Why
    Small nets cost what their operations cost to start; five nets in one operation cost hardly more than one.
    """

    def measure(self, seed: int) -> dict[str, float]:
        """One repeat alone."""
        return {name: float(values[0]) for name, values in self.measure_all([seed]).items()}


@dataclass(frozen=True)
class ShallowNetsOverfitMore(Together):
    """Gap between training and test accuracy of a shallow and a deep net with the same number of parameters.

    ## The set-up
    200 points of a two-arm spiral, about 1000 parameters in one hidden layer or in six, Adam with a falling rate until both fit.
    ## Why
    What a net does between the training points follows from its architecture together with its descent, not from its depth alone; one wide
    hidden layer gives smooth boundaries here.
    """

    rows = ("S1-07", "S1-09")
    experiment = "X19"
    statement = Text(
        "With equal numbers of parameters a shallow net overfits more than a deep one; with one hidden layer it hardly generalises.",
        "参数数量相同时，浅层网络比深层网络更容易过拟合；单隐层网络几乎没有泛化能力。",
    )
    rule = Text(
        "Holds if the shallow net's gap is larger than the deep net's by two standard errors; fails as stated otherwise.",
        "若浅层网络的泛化差距比深层网络大两个标准误以上，则成立；否则按原话不成立。",
    )
    seeds = 5

    parameters: int = 1000
    deep: int = 6
    count: int = 200
    steps: int = 400

    def measure_all(self, seeds: Sequence[int]) -> Measured:
        """Accuracies of both."""
        shallow = accuracies("spiral", 1, tuple(seeds), self.parameters, self.count, self.steps)
        deep = accuracies("spiral", self.deep, tuple(seeds), self.parameters, self.count, self.steps)
        return {"shallow_train": shallow[0], "shallow_test": shallow[1], "deep_train": deep[0], "deep_test": deep[1]}

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        """The rule."""
        more = measured["shallow_train"] - measured["shallow_test"] - (measured["deep_train"] - measured["deep_test"])
        return "holds" if more.mean() > 2 * more.std() / len(more) ** 0.5 and more.mean() > 0 else "fails as stated"


@dataclass(frozen=True)
class DeeperGeneralisesBetter(Together):
    """Test accuracy by depth at equal parameters on a spiral and on a target that is itself a composition.

    ## The set-up
    About 1000 parameters in 1, 3 or 6 hidden layers; 200 points of the spiral, 400 of the sign of (x1 x2)(x3 x4).
    ## Why
    Depth helps where the target is a composition of simple parts; proofs of it exist for such functions only (Telgarsky 2016, Poggio 2017).
    """

    rows = ("S1-08", "S2-66")
    experiment = "X19"
    statement = Text(
        "At equal parameters a deeper net generalises better.",
        "参数数量相同时，更深的网络泛化更好。",
    )
    rule = Text(
        "Holds if the deepest net beats one hidden layer on both targets by two standard errors; depends if on exactly one, or if three layers "
        "beat both on a target.",
        "若最深网络在两个目标上都比单隐层高两个标准误以上，则成立；若只在其中一个上，或三层优于两者，则视情况而定。",
    )
    depends = Text("depends on the target, and on not going too deep", "取决于目标函数，也取决于不要过深")
    seeds = 5

    parameters: int = 1000
    quick = {"steps": 150}

    steps: int = 400

    def measure_all(self, seeds: Sequence[int]) -> Measured:
        """Test accuracies."""
        return {
            f"{target}_{layers}": accuracies(target, layers, tuple(seeds), self.parameters, count, self.steps)[1]
            for target, count in (("spiral", 200), ("product", 400))
            for layers in (1, 3, 6)
        }

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        """The rule."""

        def beats(better: str, worse: str) -> bool:
            gain = measured[better] - measured[worse]
            return bool(gain.mean() > 2 * gain.std() / len(gain) ** 0.5 and gain.mean() > 0)

        wins = [beats(f"{t}_6", f"{t}_1") for t in ("spiral", "product")]
        middle = any(beats(f"{t}_3", f"{t}_1") and beats(f"{t}_3", f"{t}_6") for t in ("spiral", "product"))
        if all(wins):
            return "holds"
        return "depends" if any(wins) or middle else "fails as stated"

    def plot(self, figure: Figure, measured: dict[str, np.ndarray], lang: str) -> None:
        """Accuracy by depth."""
        axes = figure.subplots()
        names = {"spiral": ("spiral", "螺旋"), "product": ("sign of a product", "乘积的符号")}
        for (target, (en, zh)), style in zip(names.items(), ("o-", "s--"), strict=True):
            values = np.stack([measured[f"{target}_{d}"] for d in (1, 3, 6)])
            axes.errorbar((1, 3, 6), values.mean(1), values.std(1), fmt=style, capsize=3, label=zh if lang == "zh" else en)
        axes.set_xlabel("隐藏层数（参数总数相同）" if lang == "zh" else "hidden layers (equal parameters)")
        axes.set_ylabel("测试准确率" if lang == "zh" else "test accuracy")
        axes.legend()


@dataclass(frozen=True)
class DepthNeedsFewerUnits(Claim):
    """ReLU units that a deep and a shallow net need to be a tent map composed with itself k times, exactly.

    ## The set-up
    The tent map is two ReLU units; k of them stacked have 2k units and 2^k linear pieces, counted on a grid. One hidden layer of m units has
    at most m + 1 pieces, so it needs 2^k - 1; the best continuous fit of 2k units is measured too (least squares, knots at every place).
    ## Why
    Each layer folds the line once more: composition multiplies the pieces, width adds them (Telgarsky 2016).
    """

    rows = ("S1-06", "S1-08")
    experiment = "X19"
    statement = Text(
        "There are functions for which depth needs exponentially fewer units than width.",
        "存在这样的函数：用深度表示比用宽度表示所需单元指数级地少。",
    )
    rule = Text(
        "Holds if the deep net of 2k units has 2^k pieces, and a shallow net of as many units keeps over half of the target's variance as error.",
        "若 2k 个单元的深层网络有 2^k 段，而同样单元数的浅层网络仍留下超过一半的方差，则成立。",
    )
    seeds = 1

    folds: int = 7

    def measure(self, seed: int) -> dict[str, float]:
        """Pieces, units, and the error of the shallow net."""
        x = np.linspace(0, 1, 2 ** (self.folds + 3) + 1)
        y = x
        for _ in range(self.folds):
            y = np.maximum(2 * y, 0) - np.maximum(4 * y - 2, 0)  # two ReLU units
        slopes = np.diff(y)
        pieces = 1 + int((np.abs(np.diff(slopes)) > 1e-9).sum())
        knots = np.linspace(0, 1, 2 * self.folds, endpoint=False)
        units = np.column_stack([np.maximum(x[:, None] - knots, 0), np.ones_like(x)])
        left = y - units @ np.linalg.lstsq(units, y, rcond=None)[0]
        return {
            "deep_units": 2.0 * self.folds,
            "deep_pieces": float(pieces),
            "shallow_units_needed": float(pieces - 1),
            "shallow_error_at_equal_units": float((left**2).mean() / y.var()),
        }

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        """The rule."""
        exact = (measured["deep_pieces"] == 2 ** (measured["deep_units"] / 2)).all()
        return "holds" if exact and (measured["shallow_error_at_equal_units"] > 0.5).all() else "fails as stated"

    def plot(self, figure: Figure, measured: dict[str, np.ndarray], lang: str) -> None:
        """The tent map composed one to four times."""
        x = np.linspace(0, 1, 513)
        y = x
        for fold, axes in enumerate(figure.subplots(1, 4, sharey=True), 1):
            y = np.maximum(2 * y, 0) - np.maximum(4 * y - 2, 0)
            axes.plot(x, y, lw=1)
            axes.set_title(f"{fold} 层，{2**fold} 段" if lang == "zh" else f"depth {fold}, {2**fold} pieces", fontsize=9)
            axes.set_xlabel("x")


@dataclass(frozen=True)
class MoreUnitsMoreCapacity(Together):
    """Share of random labels that a one-hidden-layer net learns by heart, by width.

    ## The set-up
    200 points in 10 dimensions, labels thrown by a coin, widths 2, 8 and 32, full-batch Adam.
    ## Why
    Random labels have nothing to be learned but the labels themselves: what a net gets right above one half it has stored.
    """

    rows = ("S2-67", "S1-05")
    statement = Text("More units give more capacity.", "单元越多，容量越大。")
    rule = Text(
        "Holds if the mean training accuracy on random labels rises with every width and ends at 1.",
        "若随机标签上的平均训练准确率随宽度逐级上升并最终达到 1，则成立。",
    )
    seeds = 5

    quick = {"steps": 150}

    steps: int = 400

    def measure_all(self, seeds: Sequence[int]) -> Measured:
        """Training accuracies by width."""
        import torch
        from torch import nn

        data = []
        for seed in seeds:
            generator = torch.Generator().manual_seed(seed)
            data.append((torch.randn(200, 10, generator=generator), torch.randint(0, 2, (200,), generator=generator)))
        inputs, labels = map(torch.stack, zip(*data, strict=True))
        measured = {}
        for width in (2, 8, 32):
            nets = []
            for seed in seeds:
                torch.manual_seed(seed)
                nets.append(nn.Sequential(nn.Linear(10, width), nn.ReLU(), nn.Linear(width, 1)))
            decide = fitted(nets, inputs, labels, lr=0.02, steps=self.steps)
            measured[f"width_{width}"] = share_right(decide(inputs), labels)
        return measured

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        """The rule."""
        means = [measured[f"width_{w}"].mean() for w in (2, 8, 32)]
        rising = all(b > a for a, b in itertools.pairwise(means))
        return "holds" if rising and means[-1] > 0.999 else "fails as stated"


@dataclass(frozen=True)
class TooManyUnitsOverfit(Together):
    """Test accuracy of a net with 16 units and of one with 16 times as many, on few noisy points.

    ## The set-up
    200 points of the spiral with 10 % of the training labels flipped, one hidden layer of 16, 64 or 256 units, 400 steps of Adam.
    ## Why
    Past the size at which the training data is fitted, descent picks one of many solutions, and it tends to pick a smooth one; the parameter
    count alone does not say how well that one generalises.
    """

    rows = ("S2-68",)
    experiment = "X26"
    statement = Text("Too many hidden units cause overfitting: the test result gets worse.", "隐藏单元过多会过拟合：测试结果变差。")
    rule = Text(
        "Holds if the widest net's test accuracy is below the narrowest one's by two standard errors; fails as stated otherwise.",
        "若最宽网络的测试准确率比最窄的低两个标准误以上，则成立；否则按原话不成立。",
    )
    seeds = 5

    quick = {"steps": 150}

    steps: int = 400
    flipped: float = 0.1

    def measure_all(self, seeds: Sequence[int]) -> Measured:
        """Test accuracies by width."""
        import torch
        from torch import nn

        data = []
        for seed in seeds:
            generator = torch.Generator().manual_seed(seed)
            (points, labels), (others, answers) = spiral(200, generator), spiral(2000, generator)
            flip = torch.rand(200, generator=generator) < self.flipped
            data.append((points, torch.where(flip, 1 - labels, labels), others, answers))
        inputs, noisy, fresh, truth = map(torch.stack, zip(*data, strict=True))
        measured = {}
        for width in (16, 64, 256):
            nets = []
            for seed in seeds:
                torch.manual_seed(seed)
                nets.append(nn.Sequential(nn.Linear(2, width), nn.ReLU(), nn.Linear(width, 1)))
                nn.init.kaiming_normal_(nets[-1][0].weight)
            decide = fitted(nets, inputs, noisy, lr=0.02, steps=self.steps)
            measured[f"train_{width}"] = share_right(decide(inputs), noisy)
            measured[f"test_{width}"] = share_right(decide(fresh), truth)
        return measured

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        """The rule."""
        loss = measured["test_16"] - measured["test_256"]
        return "holds" if loss.mean() > 2 * loss.std() / len(loss) ** 0.5 and loss.mean() > 0 else "fails as stated"
