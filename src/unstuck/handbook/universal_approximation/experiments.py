"""What one hidden layer can approximate, where, with which activations, and what the theorem does not say."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from unstuck.lab import Claim, Verdict
from unstuck.records import Text

if TYPE_CHECKING:
    from collections.abc import Callable

    import torch
    from matplotlib.figure import Figure
    from torch import nn


def fit(model: nn.Module, inputs: torch.Tensor, targets: torch.Tensor, rounds: int) -> float:
    """Mean squared error after `rounds` calls of L-BFGS with 20 iterations each."""
    import torch

    optimizer = torch.optim.LBFGS(
        model.parameters(), max_iter=20, line_search_fn="strong_wolfe", history_size=30, tolerance_grad=1e-12, tolerance_change=1e-14
    )

    def closure() -> torch.Tensor:
        optimizer.zero_grad()
        loss = (model(inputs) - targets).square().mean()
        loss.backward()
        return loss

    for _ in range(rounds):
        optimizer.step(closure)
    with torch.no_grad():
        return float((model(inputs) - targets).square().mean())


@cache
def hidden_layer(width: int, seed: int, rounds: int) -> tuple[float, float, Callable[[np.ndarray], np.ndarray]]:
    """One hidden tanh layer on sin(3x) over [-2, 2]: error inside, largest error over 2 < |x| <= 4, and the function."""
    import torch
    from torch import nn

    torch.manual_seed(seed)
    x = torch.linspace(-2, 2, 200, dtype=torch.float64)[:, None]
    model = nn.Sequential(nn.Linear(1, width), nn.Tanh(), nn.Linear(width, 1)).double()
    with torch.no_grad():
        model[0].weight.mul_(3)
        model[0].bias.mul_(3)
    inside = fit(model, x, torch.sin(3 * x), rounds)
    beyond = torch.cat([torch.linspace(-4, -2, 100), torch.linspace(2, 4, 100)]).double()[:, None]
    with torch.no_grad():
        outside = float((model(beyond) - torch.sin(3 * beyond)).abs().max())

    def function(points: np.ndarray) -> np.ndarray:
        with torch.no_grad():
            return model(torch.as_tensor(points)[:, None])[:, 0].numpy()

    return inside, outside, function


@dataclass(frozen=True)
class OneHiddenLayerIsEnough(Claim):
    """Error of one hidden tanh layer with a linear output on sin(3x) over a closed interval, by width.

    ## The set-up
    200 points on [-2, 2], mean squared error, `rounds` times 20 iterations of L-BFGS in double precision.
    ## Why
    Sums of shifted and scaled sigmoidal functions are dense in the continuous functions on a compact set; more units, smaller error.
    """

    rows = ("S1-04", "S1-06", "S2-03")
    experiment = "X18"
    statement = Text(
        "One hidden layer with enough units and a linear output approximates a continuous function on an interval as closely as wanted.",
        "单隐层加线性输出，只要单元足够多，就能在闭区间上以任意精度逼近连续函数。",
    )
    rule = Text(
        "Holds if the median error falls at least tenfold from each width to the next and ends below 1e-4.",
        "若宽度每增一档误差中位数至少缩小到十分之一，且最终低于 1e-4，则成立。",
    )
    seeds = 5

    quick = {"rounds": 6}

    narrow: int = 2
    middle: int = 6
    wide: int = 24
    rounds: int = 15

    def measure(self, seed: int) -> dict[str, float]:
        """Errors inside the interval."""
        return {f"error_{name}": hidden_layer(w, seed, self.rounds)[0] for name, w in self.widths().items()}

    def widths(self) -> dict[str, int]:
        """The three widths by name."""
        return {"narrow": self.narrow, "middle": self.middle, "wide": self.wide}

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        """The rule."""
        narrow, middle, wide = (float(np.median(measured[f"error_{n}"])) for n in ("narrow", "middle", "wide"))
        return "holds" if middle <= narrow / 10 and wide <= middle / 10 and wide < 1e-4 else "fails as stated"

    def plot(self, figure: Figure, measured: dict[str, np.ndarray], lang: str) -> None:
        """The three fits, inside and outside the interval."""
        axes = figure.subplots()
        x = np.linspace(-4, 4, 400)
        axes.axvspan(-2, 2, color="0.92", label="训练区间" if lang == "zh" else "interval of training")
        axes.plot(x, np.sin(3 * x), "k", lw=1, label="sin 3x")
        for width, style in zip(self.widths().values(), (":", "--", "-"), strict=True):
            axes.plot(x, hidden_layer(width, 0, self.rounds)[2](x), style, label=f"{width} 个单元" if lang == "zh" else f"{width} units")
        axes.set_ylim(-3, 3)
        axes.set_xlabel("x")
        axes.legend(loc="lower right")


@dataclass(frozen=True)
class AGoodFitHoldsEverywhere(Claim):
    """Largest error outside the training interval of the net that fits inside almost perfectly.

    ## The set-up
    The widest net of `one-hidden-layer-is-enough`, read at 2 < |x| <= 4.
    ## Why
    The theorem speaks of a compact set. Outside of it every tanh saturates and the output tends to a constant.
    """

    rows = ("S1-04", "S2-03")
    experiment = "X18"
    statement = Text(
        "A universal approximator that fits the data has found the function, also where there was no data.",
        "万能近似器拟合好数据，就等于找到了这个函数，没有数据的地方也一样。",
    )
    rule = Text(
        "Holds if the median over the repeats of the largest error outside is below 0.1 (the function has amplitude 1).",
        "若区间外最大误差的中位数低于 0.1（函数幅值为 1），则成立。",
    )
    seeds = 5

    quick = {"rounds": 6}

    width: int = 24
    rounds: int = 15

    def measure(self, seed: int) -> dict[str, float]:
        """Errors inside (root mean square) and outside (largest)."""
        inside, outside, _ = hidden_layer(self.width, seed, self.rounds)
        return {"rms_inside": inside**0.5, "largest_outside": outside}

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        """The rule."""
        return "holds" if np.median(measured["largest_outside"]) < 0.1 else "fails as stated"


@dataclass(frozen=True)
class ANonlinearOutputLayerIsEnough(Claim):
    """Error of a net whose only non-linear layer is the output layer, against one hidden layer with a linear output.

    ## The set-up
    Target (1 + sin 3x) / 2 on [-2, 2]; a unit sigmoid(w x + b) behind any number of linear layers is one such unit.
    ## Why
    Without a non-linear hidden layer the output is one monotone function of one projection: it cannot go up and down.
    """

    rows = ("S1-04",)
    experiment = "X18"
    statement = Text(
        "A feed-forward net with at least one non-linear output layer approximates any function.",
        "前馈网络只要具有至少一个非线性输出层，就能逼近任何函数。",
    )
    rule = Text(
        "Holds if the error with only a non-linear output is below a tenth of the target's variance; fails as stated otherwise.",
        "若仅有非线性输出层时的误差低于目标方差的十分之一，则成立；否则按原话不成立。",
    )
    seeds = 3

    def measure(self, seed: int) -> dict[str, float]:
        """Errors over the variance of the target."""
        import torch
        from torch import nn

        torch.manual_seed(seed)
        x = torch.linspace(-2, 2, 200, dtype=torch.float64)[:, None]
        target = (1 + torch.sin(3 * x)) / 2
        output_only = nn.Sequential(nn.Linear(1, 24), nn.Linear(24, 1), nn.Sigmoid()).double()
        hidden = nn.Sequential(nn.Linear(1, 24), nn.Sigmoid(), nn.Linear(24, 1)).double()
        with torch.no_grad():
            hidden[0].weight.mul_(6)
            hidden[0].bias.mul_(6)
        variance = float(target.var())
        return {"output_only": fit(output_only, x, target, 10) / variance, "hidden_layer": fit(hidden, x, target, 15) / variance}

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        """The rule."""
        return "holds" if np.median(measured["output_only"]) < 0.1 else "fails as stated"


@dataclass(frozen=True)
class AnyNonlinearityWillDo(Claim):
    """Best possible error of one hidden layer of squares z^2, and of tanh units, by width.

    ## The set-up
    sin(3x) on [-2, 2]; random hidden weights, the output layer solved exactly by least squares.
    ## Why
    A sum of squares of affine functions is a polynomial of degree 2 whatever the width. One hidden layer is universal exactly for activations
    that are not polynomials (Leshno et al. 1993).
    """

    rows = ("S1-04", "S2-03")
    statement = Text(
        "Any non-linear activation makes one hidden layer a universal approximator.",
        "任何非线性激活函数都能使单隐层网络成为万能近似器。",
    )
    rule = Text(
        "Holds if 200 squared units reach a tenth of the target's variance; fails as stated otherwise.",
        "若 200 个平方单元的误差能降到目标方差的十分之一，则成立；否则按原话不成立。",
    )
    seeds = 5

    width: int = 200

    def measure(self, seed: int) -> dict[str, float]:
        """Errors over the variance of the target."""
        random = np.random.default_rng(seed)
        x = np.linspace(-2, 2, 400)
        target = np.sin(3 * x)
        measured = {}
        for name, activation in (("squares", np.square), ("tanh", np.tanh)):
            for width in (3, self.width):
                units = activation(np.outer(x, random.normal(0, 3, width)) + random.normal(0, 3, width))
                units = np.column_stack([units, np.ones_like(x)])
                left = target - units @ np.linalg.lstsq(units, target, rcond=None)[0]
                measured[f"{name}_{'few' if width == 3 else 'many'}"] = float((left**2).mean() / target.var())
        return measured

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        """The rule."""
        return "holds" if np.median(measured["squares_many"]) < 0.1 else "fails as stated"
