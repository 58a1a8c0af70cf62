"""Claims about activation functions, read off the functions themselves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from unstuck.lab import Claim, Verdict
from unstuck.records import Text

if TYPE_CHECKING:
    import torch
    from matplotlib.figure import Figure

#: Largest slope of each function as the handbook's table gives it.
_LARGEST_SLOPE = {
    "sigmoid": 0.25,
    "tanh": 1.0,
    "relu": 1.0,
    "leaky_relu": 1.0,
    "elu": 1.0,
    "selu": 1.7581,
    "softplus": 1.0,
    "gelu": 1.1290,
    "silu": 1.0998,
    "rbf": 0.8578,
}


def _curve(name: str, points: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Value and slope by autograd at each point."""
    import torch

    x = points.detach().clone().requires_grad_()
    if name == "rbf":
        y = torch.exp(-(x**2))
    elif name in ("sigmoid", "tanh"):
        y = getattr(torch, name)(x)
    else:
        y = getattr(torch.nn.functional, name)(x)
    (slope,) = torch.autograd.grad(y.sum(), x)
    return y.detach(), slope


@dataclass(frozen=True)
class ActivationTable(Claim):
    """Largest slope, slope at -10 and at 0 of ten activation functions, by autograd.

    ## The set-up
    200,001 points from -20 to 20 in float64; the largest slope against the handbook's table.
    ## Why
    The slope is the factor that the activation puts into the backward product; the range of the values is not.
    """

    rows = ("S1-40", "S2-04", "S2-06", "S2-07", "S2-18", "S2-25", "S2-30", "S0-20", "S4-44", "S4-46", "S2-40")
    experiment = "X09"
    statement = Text(
        "Apart from GELU, SiLU and SELU, the common activations never have a slope above 1; the sigmoid's never exceeds 0.25.",
        "除 GELU、SiLU、SELU 外，常用激活函数的导数不超过 1；sigmoid 的导数不超过 0.25。",
    )
    rule = Text(
        "Holds if every measured largest slope is within 0.001 of the table's.", "若每个函数实测的最大导数与表中相差都在 0.001 以内则成立。"
    )
    seeds = 1

    def measure(self, seed: int) -> dict[str, float]:
        import torch

        points = torch.linspace(-20, 20, 200_001, dtype=torch.float64)
        found = {}
        for name in _LARGEST_SLOPE:
            _, slope = _curve(name, points)
            found[f"largest_slope_{name}"] = float(slope.max())
            found[f"slope_at_0_{name}"] = float(_curve(name, torch.zeros(1, dtype=torch.float64))[1])
            found[f"slope_at_minus_10_{name}"] = float(_curve(name, torch.full((1,), -10.0, dtype=torch.float64))[1])
        return found

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        off = max(abs(float(measured[f"largest_slope_{name}"][0]) - slope) for name, slope in _LARGEST_SLOPE.items())
        return "holds" if off < 0.001 else "fails as stated"

    def plot(self, figure: Figure, measured: dict[str, np.ndarray], lang: str) -> None:
        import torch

        points = torch.linspace(-4, 4, 801, dtype=torch.float64)
        top, bottom = figure.subplots(2, 1, sharex=True)
        colours = ("#0072B2", "#56B4E9", "#000000", "#CC79A7", "#D55E00", "#E69F00", "#009E73", "#0072B2", "#D55E00", "#999999")
        for index, name in enumerate(_LARGEST_SLOPE):
            y, slope = _curve(name, points)
            style = "-" if index < 7 else "--"
            top.plot(points, y, style, color=colours[index], label=name, lw=1.3)
            bottom.plot(points, slope, style, color=colours[index], lw=1.3)
        top.set_ylim(-2, 4)
        top.set_ylabel("函数值" if lang == "zh" else "value")
        bottom.set_ylabel("导数" if lang == "zh" else "slope")
        bottom.set_xlabel("z")
        top.legend(ncols=3, fontsize=7)


@dataclass(frozen=True)
class ActivationsBoundTheOutput(Claim):
    """Largest output of each activation for inputs up to 1000.

    ## The set-up
    The ten functions at z = 1000 in float64.
    ## Why
    Sigmoid, tanh and the Gaussian are bounded; ReLU, leaky ReLU, ELU, SELU, softplus, GELU and SiLU pass large values on unchanged.
    """

    rows = ("S4-47",)
    experiment = "X09"
    statement = Text("Activation functions bound the output, which stabilises optimisation.", "激活函数会限制输出的范围，使优化更加稳定。")
    rule = Text(
        "Holds if every function stays below 2 at z = 1000; fails as stated if more than half of them exceed it.",
        "若 z=1000 时所有函数都小于 2 则成立；若半数以上超过则不成立。",
    )
    depends = Text("depends on the function", "取决于具体函数")
    seeds = 1

    def measure(self, seed: int) -> dict[str, float]:
        import torch

        point = torch.full((1,), 1000.0, dtype=torch.float64)
        return {f"value_at_1000_{name}": float(_curve(name, point)[0]) for name in _LARGEST_SLOPE}

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        unbounded = sum(float(v[0]) > 2 for v in measured.values()) / len(measured)
        return "holds" if unbounded == 0 else "fails as stated" if unbounded > 0.5 else "depends"


@dataclass(frozen=True)
class LeakyReluIsAMaximum(Claim):
    """Largest difference between max(k x, x) and leaky ReLU for k = 0.01, 0.02, 0.25 and 2, and leaky ReLU's slope below zero.

    ## The set-up
    x from -5 to 5; also gamma min(0, x) + max(0, x), the form that is right for every k.
    ## Why
    k x > x for x < 0 only if k < 1. For k = 2, max(2x, x) is 2x above zero and x below.
    """

    rows = ("S0-18", "S0-19", "S2-25")
    experiment = "X09"
    statement = Text("Leaky ReLU is max(k x, x).", "Leaky ReLU 就是 max(kx, x)。")
    rule = Text(
        "Holds if the difference is below 1e-12 for every k; depends if only for 0 <= k <= 1.",
        "若对所有 k 相差都小于 1e-12 则成立；若只在 0≤k≤1 时如此则视情况而定。",
    )
    depends = Text("depends on k: it needs 0 <= k <= 1", "取决于 k：需要 0≤k≤1")
    seeds = 1

    def measure(self, seed: int) -> dict[str, float]:
        import torch

        x = torch.linspace(-5, 5, 1001, dtype=torch.float64)
        found = {}
        for k in (0.01, 0.02, 0.25, 2.0):
            leaky = torch.nn.functional.leaky_relu(x, k)
            found[f"difference_k_{k:g}"] = float((torch.maximum(k * x, x) - leaky).abs().max())
            found[f"difference_of_sum_k_{k:g}"] = float((x.clamp(min=0) + k * x.clamp(max=0) - leaky).abs().max())
        return found

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        small = max(float(measured[f"difference_k_{k}"][0]) for k in ("0.01", "0.02", "0.25")) < 1e-12
        return "holds" if small and measured["difference_k_2"][0] < 1e-12 else "depends" if small else "fails as stated"


@dataclass(frozen=True)
class LeakyReluHasTheGradientOneTenth(Claim):
    """Slope of PyTorch's leaky ReLU and PReLU below zero, as they come.

    ## The set-up
    Autograd at x = -1 and at x = 0 of `nn.LeakyReLU()`, and PReLU's initial slope and its number of parameters.
    ## Why
    The function is 0.01 x there, so the slope is 0.01; the source says 0.01 x and "gradient 0.1" in one sentence.
    """

    rows = ("S2-26", "S0-19", "S2-29")
    experiment = "X09"
    statement = Text(
        "Leaky ReLU passes 0.01x for x < 0 and so gets a gradient of 0.1.", "Leaky ReLU 在 x<0 时取 0.01x，得到 0.1 的正梯度。"
    )
    rule = Text("Holds if the slope at -1 is 0.1; fails as stated otherwise.", "若 x=−1 处的导数为 0.1 则成立，否则不成立。")
    seeds = 1

    def measure(self, seed: int) -> dict[str, float]:
        import torch

        prelu = torch.nn.PReLU()
        return {
            "slope_at_minus_1": float(_curve("leaky_relu", torch.full((1,), -1.0))[1]),
            "slope_at_0": float(_curve("leaky_relu", torch.zeros(1))[1]),
            "prelu_initial_slope": float(prelu.weight.detach()),
            "prelu_parameters": float(prelu.weight.numel()),
        }

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        return "holds" if abs(measured["slope_at_minus_1"][0] - 0.1) < 1e-6 else "fails as stated"


@dataclass(frozen=True)
class EluIsDifferentiableAtZero(Claim):
    """One-sided slopes of ELU at zero for alpha 0.5, 1 and 2, and its slope at -10.

    ## The set-up
    Difference quotients with h = 1e-7 on both sides of zero in float64.
    ## Why
    From the left alpha e^x tends to alpha, from the right the slope is 1: they agree for alpha = 1 only.
    """

    rows = ("S2-31", "S2-33", "S0-20")
    experiment = "X09"
    statement = Text("ELU is differentiable at zero.", "ELU 在 0 处可导。")
    rule = Text(
        "Holds if left and right slope differ by less than 1e-5 for every alpha; depends if only for alpha = 1.",
        "若对每个 α 左右导数相差都小于 1e-5 则成立；若只在 α=1 时如此则视情况而定。",
    )
    depends = Text("depends on alpha: only for alpha = 1", "取决于 α：仅当 α=1")
    seeds = 1

    def measure(self, seed: int) -> dict[str, float]:
        import torch

        found = {}
        step = 1e-7
        for alpha in (0.5, 1.0, 2.0):
            points = torch.tensor([-step, 0.0, step], dtype=torch.float64)
            left, middle, right = torch.nn.functional.elu(points, alpha).tolist()
            found[f"jump_of_slope_alpha_{alpha:g}"] = abs((right - middle) / step - (middle - left) / step)
        found["slope_at_minus_10"] = float(_curve("elu", torch.full((1,), -10.0, dtype=torch.float64))[1])
        return found

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        smooth = [measured[f"jump_of_slope_alpha_{a}"][0] < 1e-5 for a in ("0.5", "1", "2")]
        return "holds" if all(smooth) else "depends" if smooth[1] else "fails as stated"


@dataclass(frozen=True)
class TanhHasAnOutputIntervalOfOne(Claim):
    """Range of tanh and its difference from 2 sigmoid(2x) - 1.

    ## The set-up
    100,001 points from -20 to 20 in float64.
    ## Why
    tanh(x) = 2 sigmoid(2x) - 1: the sigmoid stretched by 2 and moved down by 1, so the interval (0, 1) of width 1 becomes (-1, 1) of width 2.
    """

    rows = ("S2-14", "S2-15", "S2-16")
    experiment = "X09"
    statement = Text("Tanh's output interval is 1, centred at 0.", "tanh 的输出间隔为 1，以 0 为中心。")
    rule = Text(
        "Holds if largest minus smallest value is within 0.01 of 1; fails as stated if it is within 0.01 of 2 (centre within 0.01 of 0).",
        "若最大值减最小值与 1 相差 0.01 以内则成立；若与 2 相差 0.01 以内（中心与 0 相差 0.01 以内）则不成立。",
    )
    seeds = 1

    def measure(self, seed: int) -> dict[str, float]:
        x = np.linspace(-20, 20, 100_001)
        y = np.tanh(x)
        return {
            "width": float(y.max() - y.min()),
            "centre": float((y.max() + y.min()) / 2),
            "difference_from_scaled_sigmoid": float(np.abs(y - (2 / (1 + np.exp(-2 * x)) - 1)).max()),
            "sign_kept": float((np.sign(y) == np.sign(x)).mean()),
        }

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        return "holds" if abs(measured["width"][0] - 1) < 0.01 else "fails as stated"
