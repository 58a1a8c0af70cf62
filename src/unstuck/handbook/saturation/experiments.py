"""Claims about saturated units."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from unstuck.lab import Claim, Verdict
from unstuck.phenomenon import Phenomenon, plain_net, training_on
from unstuck.records import Text

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from unstuck.training import Training


@dataclass(frozen=True)
class SaturatedUnitsDoNotUpdate(Claim):
    """Steps of gradient descent that a saturated sigmoid unit needs to come back, by start and loss.

    ## The set-up
    One unit p = sigmoid(z) with target 1, z moved directly by gradient descent at lr 1 from z = -2, -4, -6 and -8; squared error against
    cross-entropy; steps until p > 0.5, at most 100,000. Exact, nothing random.
    ## Why
    Squared error: dz = 2 (1 - p) p (1 - p), about 2 e^z for z far below zero, so the steps grow like e^(-z)/2. Cross-entropy: dz = 1 - p, about 1.
    """

    rows = ("S2-11", "S1-29", "S4-50")
    experiment = "X16"
    statement = Text("The weights of a saturated neuron do not update.", "饱和神经元的权重不会更新。")
    rule = Text(
        "Holds if from z = -8 the unit does not come back in 100,000 steps with either loss; depends if with one of them it needs more than 100 times the steps "
        "of the other.",
        "若从 z=−8 出发两种损失下 10 万步都回不来则成立；若一种损失所需步数是另一种的 100 倍以上则视情况而定。",
    )
    depends = Text(
        "depends on the loss: very slowly with squared error, at once with cross-entropy", "取决于损失：平方误差下非常慢，交叉熵下立即更新"
    )
    seeds = 1

    lr: float = 1.0

    def measure(self, seed: int) -> dict[str, float]:
        found = {}
        for start in (-2, -4, -6, -8):
            for loss in ("squared", "cross_entropy"):
                z, steps = float(start), 0
                while z < 0 and steps < 100_000:
                    p = 1 / (1 + np.exp(-z))
                    z += self.lr * (1 - p) * (2 * p * (1 - p) if loss == "squared" else 1)
                    steps += 1
                found[f"steps_{loss}_from_{-start}"] = float(steps)
        return found

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        squared, entropy = measured["steps_squared_from_8"][0], measured["steps_cross_entropy_from_8"][0]
        if min(squared, entropy) >= 100_000:
            return "holds"
        return "depends" if squared > 100 * entropy else "fails as stated"

    def plot(self, figure: Figure, measured: dict[str, np.ndarray], lang: str) -> None:
        axes = figure.add_subplot()
        starts = (2, 4, 6, 8)
        for loss, en, zh, colour in (
            ("squared", "squared error", "平方误差", "#D55E00"),
            ("cross_entropy", "cross-entropy", "交叉熵", "#0072B2"),
        ):
            axes.plot(
                [-s for s in starts],
                [measured[f"steps_{loss}_from_{s}"][0] for s in starts],
                "o-",
                color=colour,
                label=zh if lang == "zh" else en,
            )
        axes.set_yscale("log")
        axes.set_xlabel("起点 z" if lang == "zh" else "start z")
        axes.set_ylabel("到 p > 0.5 的步数" if lang == "zh" else "steps to p > 0.5")
        axes.legend()


@dataclass(frozen=True)
class SaturatedMeansInsensitive(Claim):
    """Relative change of a unit's output for a small change of its input, and its slope, at z = 0, 2, 4 and 8.

    ## The set-up
    Sigmoid and tanh; the output's change when z moves by 0.1, over the change at z = 0. Exact.
    ## Why
    sigmoid' = p (1 - p), tanh' = 1 - t^2: below 0.05 (a fifth of the sigmoid's largest) from |z| = 2.89 and 2.18 on.
    """

    rows = ("S1-29", "S1-27")
    experiment = "X09"
    statement = Text("A saturated unit is flat: insensitive to small changes of its input.", "饱和即函数变平，对输入的微小改变不敏感。")
    rule = Text(
        "Holds if at z = 8 the change is below 1 % of that at z = 0 for both functions.",
        "若 z=8 时两种函数的变化都小于 z=0 处的 1 % 则成立。",
    )
    seeds = 1

    def measure(self, seed: int) -> dict[str, float]:
        found = {}
        for name, function in (("sigmoid", lambda v: 1 / (1 + np.exp(-v))), ("tanh", np.tanh)):
            at_zero = function(0.1) - function(0.0)
            for z in (2.0, 4.0, 8.0):
                found[f"change_{name}_at_{z:g}"] = float((function(z + 0.1) - function(z)) / at_zero)
        return found

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        return "holds" if max(measured["change_sigmoid_at_8"][0], measured["change_tanh_at_8"][0]) < 0.01 else "fails as stated"


@dataclass(frozen=True)
class ReluNeverSaturates(Claim):
    """Share of units with slope below 0.05 in nets of ReLU, leaky ReLU, tanh and sigmoid, at a usual and at a large initial scale.

    ## The set-up
    Four layers of 64, standard normal inputs, 256 samples; weights N(0, gain^2 / 64) with gain 1.4 and 8.
    ## Why
    ReLU's slope is 0 on the negative side: half of the units at any scale. What it lacks is a flat part on the positive side, so a unit that is
    pushed up keeps its slope.
    """

    rows = ("S4-50", "S2-11")
    experiment = "X09"
    statement = Text("Sigmoid and tanh saturate, ReLU has no tendency to saturate.", "sigmoid 和 tanh 会饱和，而 ReLU 不会有饱和倾向。")
    rule = Text(
        "Holds if the flat share of ReLU is below 0.05 at both scales; depends if it is above that but does not change with the scale (by less than "
        "0.05) while tanh's and sigmoid's rise by more than 0.3.",
        "若两种尺度下 ReLU 的平坦比例都小于 0.05 则成立；若高于此但不随尺度变化（小于 0.05）而 tanh 与 sigmoid 上升超过 0.3，则视情况而定。",
    )
    depends = Text(
        "depends on the side: flat on the negative one at any scale, never on the positive",
        "取决于正负侧：负侧在任何尺度下都是平的，正侧从不",
    )

    def measure(self, seed: int) -> dict[str, float]:
        import torch

        found = {}
        functions = {
            "relu": torch.relu,
            "leaky_relu": lambda v: torch.nn.functional.leaky_relu(v, 0.1),
            "tanh": torch.tanh,
            "sigmoid": torch.sigmoid,
        }
        for name, function in functions.items():
            for gain in (1.4, 8.0):
                torch.manual_seed(seed)
                signal, shares = torch.randn(256, 64), []
                for _ in range(4):
                    z = (signal @ torch.randn(64, 64) * (gain / 8)).requires_grad_()
                    signal = function(z)
                    (slope,) = torch.autograd.grad(signal.sum(), z)
                    shares.append(float((slope < 0.05).float().mean()))
                    signal = signal.detach()
                found[f"flat_share_{name}_gain_{gain:g}"] = float(np.mean(shares))
        return found

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        relu = np.stack([measured["flat_share_relu_gain_1.4"], measured["flat_share_relu_gain_8"]])
        if relu.max() < 0.05:
            return "holds"
        rises = min((measured[f"flat_share_{n}_gain_8"] - measured[f"flat_share_{n}_gain_1.4"]).min() for n in ("tanh", "sigmoid"))
        return "depends" if np.abs(relu[1] - relu[0]).max() < 0.05 and rises > 0.3 else "fails as stated"


@dataclass(frozen=True)
class SaturationIsSeenAndCured(Phenomenon):
    """A tanh net whose weights start 30 times too large, its healthy twin, and the former under `xavier-init`.

    ## The set-up
    Two hidden tanh layers of 32, XOR of the signs of two of six inputs, SGD lr 0.05 with momentum 0.9.
    ## Why
    The scale of the weights is the cause, saturation its sign, so either name is right; a scale that fits the fan-in keeps z around 1.
    """

    rows = ("S2-11", "S1-29")
    fault = Text("A net of saturated units", "单元饱和的网络")
    sees = ("saturated-activation", "bad-init-scale")
    remedies = ("xavier-init",)

    steps: int = 200
    scale: float = 30.0

    def faulty(self, seed: int) -> Training:
        import torch

        training = self.healthy(seed)
        with torch.no_grad():
            for index in (0, 2):
                training.model[index].weight.mul_(self.scale)  # type: ignore[index]
        return training

    def healthy(self, seed: int) -> Training:
        import torch

        torch.manual_seed(seed)
        x = torch.randn(600, 6, generator=torch.Generator().manual_seed(seed))
        y = (x[:, 0] * x[:, 1] > 0).long()
        return training_on(plain_net([6, 32, 32, 2], torch.nn.Tanh), (x, y), lr=0.05, seed=seed)
