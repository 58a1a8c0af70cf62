"""Claims about the mean of inputs and of hidden outputs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from unstuck.lab import Claim, Verdict
from unstuck.phenomenon import Phenomenon, half_moons, plain_net, training_on
from unstuck.records import Text

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from unstuck.training import Training


def _descend(features: np.ndarray, targets: np.ndarray, limit: int = 20_000) -> tuple[int, float, float]:
    """Gradient descent on least squares at lr 1 / largest eigenvalue.

    Gives steps until the excess loss is 1e-4 of its start, the condition number, and the largest gradient norm over the first one.
    """
    hessian = features.T @ features / len(features)
    values = np.linalg.eigvalsh(hessian)
    best = np.linalg.solve(hessian, features.T @ targets / len(features))
    error = -best  # weights start at zero
    start = error @ hessian @ error
    first = float(np.linalg.norm(hessian @ error))
    largest, steps = 1.0, 0
    while error @ hessian @ error > 1e-4 * start and steps < limit:
        gradient = hessian @ error
        largest = max(largest, float(np.linalg.norm(gradient)) / first)
        error = error - gradient / values[-1]
        steps += 1
    return steps, float(values[-1] / values[0]), largest


@dataclass(frozen=True)
class PositiveInputsGiveGradientsOfOneSign(Claim):
    """Share of samples for which all components of a neuron's weight gradient have one sign.

    ## The set-up
    One logistic unit with 20 inputs, x ~ U(0, 1) raw and centred, 2,000 samples with random labels; per sample, and for mini-batches of 32.
    ## Why
    dL/dw = (p - y) x: with x > 0 every component has the sign of p - y, so a step goes into the all-plus or the all-minus orthant and a
    target that needs both is reached in zig-zag. Averaged over a batch the signs may differ.
    """

    rows = ("S3-09", "S2-12")
    experiment = "X28"
    statement = Text(
        "If all inputs are positive, all weights of a neuron get gradients of one sign.", "若输入恒为正，则一个神经元所有权重的梯度同号。"
    )
    rule = Text(
        "Holds if the share is 1 for positive and below 0.01 for centred inputs, per sample, in every repeat.",
        "若逐样本计算时正输入的比例为 1、零均值输入的比例小于 0.01（每次重复），则成立。",
    )

    def measure(self, seed: int) -> dict[str, float]:
        stream = np.random.default_rng(seed)
        raw = stream.random((2000, 20))
        weights = stream.standard_normal(20) * 0.1
        labels = stream.integers(0, 2, 2000)
        found = {}
        for name, inputs in (("positive", raw), ("centred", raw - raw.mean(0))):
            gradients = (1 / (1 + np.exp(-inputs @ weights)) - labels)[:, None] * inputs  # [samples, weights]
            batches = gradients[:1984].reshape(62, 32, 20).mean(1)
            for kind, values in (("sample", gradients), ("batch", batches)):
                signs = np.sign(values)
                found[f"one_sign_per_{kind}_{name}"] = float((np.abs(signs.sum(1)) == 20).mean())
        return found

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        positive, centred = measured["one_sign_per_sample_positive"], measured["one_sign_per_sample_centred"]
        return "holds" if positive.min() == 1 and centred.max() < 0.01 else "fails as stated"


@dataclass(frozen=True)
class CentringSpeedsUpDescent(Claim):
    """Condition number and steps of gradient descent for raw and centred inputs, with a bias.

    ## The set-up
    Linear regression on 20 inputs x ~ U(0, 1) with a bias, 2,000 samples, targets w.x + 1 + noise; lr 1 / largest eigenvalue; steps until the excess loss is
    1e-4 of its start.
    ## Why
    E[x x^T] = Cov(x) + m m^T: the mean adds one eigenvalue |m|^2 far above the others, which limits the rate for all directions.
    """

    rows = ("S3-09", "S3-10")
    experiment = "X28"
    statement = Text(
        "Inputs that are always positive converge more slowly than zero-mean ones.", "输入恒大于 0 时，收敛速度比零均值化的输入更慢。"
    )
    rule = Text(
        "Holds if centring divides both the condition number and the steps by more than 3 in every repeat.",
        "若每次零均值化后条件数和步数都降到三分之一以下，则成立。",
    )

    def measure(self, seed: int) -> dict[str, float]:
        stream = np.random.default_rng(seed)
        raw = stream.random((2000, 20))
        targets = raw @ stream.standard_normal(20) + 1 + 0.1 * stream.standard_normal(2000)
        found = {}
        for name, inputs in (("raw", raw), ("centred", raw - raw.mean(0)), ("standardised", (raw - raw.mean(0)) / raw.std(0))):
            steps, condition, _ = _descend(np.column_stack([inputs, np.ones(2000)]), targets)
            found[f"steps_{name}"], found[f"condition_{name}"] = float(steps), condition
        return found

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        steps = measured["steps_raw"] / measured["steps_centred"]
        condition = measured["condition_raw"] / measured["condition_centred"]
        return "holds" if min(steps.min(), condition.min()) > 3 else "fails as stated"

    def plot(self, figure: Figure, measured: dict[str, np.ndarray], lang: str) -> None:
        stream = np.random.default_rng(0)
        raw = stream.random((500, 2))
        targets = raw @ np.array([1.5, -1.0])
        rate = 1.8 / np.linalg.eigvalsh(raw.T @ raw / len(raw))[-1]  # the same on both sides
        for index, (inputs, title) in enumerate(((raw, ("x in (0, 1)", "x ∈ (0, 1)")), (raw - raw.mean(0), ("centred", "零均值")))):
            axes = figure.add_subplot(1, 2, index + 1)
            hessian = inputs.T @ inputs / len(inputs)
            best = np.linalg.solve(hessian, inputs.T @ targets / len(inputs)) if index == 0 else np.array([1.5, -1.0])
            one, two = np.meshgrid(np.linspace(-0.5, 2.5, 80), np.linspace(-2, 1, 80))
            offset = np.stack([one - best[0], two - best[1]], -1)
            axes.contour(one, two, np.einsum("...i,ij,...j", offset, hessian, offset), 12, colors="#999999", linewidths=0.6)
            path = [np.zeros(2)]
            for _ in range(60):
                path.append(path[-1] - rate * hessian @ (path[-1] - best))
            axes.plot(*np.array(path).T, "o-", color="#D55E00" if index == 0 else "#0072B2", ms=3, lw=1)
            axes.set_title(title[1] if lang == "zh" else title[0])
            axes.set_xlabel("w1")
            axes.set_ylabel("w2")


@dataclass(frozen=True)
class PositiveInputsMakeGradientsExplodeOrVanish(Claim):
    """Largest gradient norm over the run, relative to the first, for raw and centred inputs.

    ## The set-up
    The regression of the claim above; one layer, so there is no depth over which a gradient could accumulate.
    ## Why
    Slow convergence here is a matter of direction and of the condition number. With a stable rate the gradient's norm only falls.
    """

    rows = ("S3-09",)
    experiment = "X28"
    statement = Text(
        "Always-positive inputs are slow because accumulated gradients explode or vanish.",
        "输入恒为正时收敛慢，是因为容易出现累积梯度爆炸或消失。",
    )
    rule = Text(
        "Holds if with positive inputs the gradient's norm rises above 10 times its start in every repeat; fails as stated if it never rises above 1.01 times its start "
        "although the run is slower than with centred inputs.",
        "若正输入时梯度范数每次都升到初值的 10 倍以上则成立；若从未超过初值的 1.01 倍而收敛仍更慢，则不成立。",
    )
    depends = Text("depends on the learning rate", "取决于学习率")

    def measure(self, seed: int) -> dict[str, float]:
        stream = np.random.default_rng(seed)
        raw = stream.random((2000, 20))
        targets = raw @ stream.standard_normal(20) + 1 + 0.1 * stream.standard_normal(2000)
        found = {}
        for name, inputs in (("raw", raw), ("centred", raw - raw.mean(0))):
            steps, _, largest = _descend(np.column_stack([inputs, np.ones(2000)]), targets)
            found[f"steps_{name}"], found[f"largest_gradient_{name}"] = float(steps), largest
        return found

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        largest = measured["largest_gradient_raw"]
        slower = bool((measured["steps_raw"] > measured["steps_centred"]).all())
        return "holds" if largest.min() > 10 else "fails as stated" if largest.max() < 1.01 and slower else "depends"


@dataclass(frozen=True)
class HiddenOutputsThatAreNotCentredSlowDescent(Claim):
    """Steps of gradient descent for a read-out on hidden outputs of sigmoid, ReLU and tanh, as they are and centred.

    ## The set-up
    30 random hidden units with standard normal pre-activations, 2,000 samples; the read-out (with a bias) learns a random linear function of the
    centred hidden outputs; lr 1 / largest eigenvalue.
    ## Why
    The next layer sees hidden outputs as its inputs: their mean does to it what the mean of the data does to the first layer. Tanh has none.
    """

    rows = ("S0-17", "S2-12", "S2-24", "S3-10")
    experiment = "X28"
    statement = Text(
        "Outputs of sigmoid and ReLU are not zero-centred, which slows gradient descent in the next layer.",
        "sigmoid 与 ReLU 的输出不以零为中心，会使后一层的梯度下降变慢。",
    )
    rule = Text(
        "Holds if centring divides the steps by more than 2 for sigmoid and for ReLU, and by less than 1.3 for tanh, in every repeat.",
        "若每次中心化使 sigmoid 与 ReLU 的步数降到一半以下，而 tanh 的变化不到 1.3 倍，则成立。",
    )
    depends = Text("depends on the activation", "取决于激活函数")

    units: int = 30

    def measure(self, seed: int) -> dict[str, float]:
        stream = np.random.default_rng(seed)
        z = stream.standard_normal((2000, self.units)) @ np.linalg.qr(stream.standard_normal((self.units, self.units)))[0]
        found = {}
        for name, function in (("sigmoid", lambda v: 1 / (1 + np.exp(-v))), ("relu", lambda v: np.maximum(v, 0)), ("tanh", np.tanh)):
            hidden = function(z)
            centred = hidden - hidden.mean(0)
            targets = centred @ np.random.default_rng(seed + 1).standard_normal(self.units)
            found[f"mean_{name}"] = float(hidden.mean())
            for kind, inputs in (("raw", hidden), ("centred", centred)):
                found[f"steps_{name}_{kind}"] = float(_descend(np.column_stack([inputs, np.ones(2000)]), targets)[0])
        return found

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        ratio = {name: measured[f"steps_{name}_raw"] / measured[f"steps_{name}_centred"] for name in ("sigmoid", "relu", "tanh")}
        slowed = [ratio[name].min() > 2 for name in ("sigmoid", "relu")]
        return "holds" if all(slowed) and ratio["tanh"].max() < 1.3 else "depends" if any(slowed) else "fails as stated"


@dataclass(frozen=True)
class InputsFarFromZeroAreSeenAndCured(Phenomenon):
    """Inputs of unit scale around 30, the same around 0, and the former under `standardise-inputs`.

    ## The set-up
    Two moons, two hidden ReLU layers of 32, SGD lr 0.05 with momentum 0.9. Faulty: 30 is added to every input.
    ## Why
    The mean adds one huge eigenvalue to the curvature; no scale is wrong, only the place.
    """

    rows = ("S3-09", "S3-10")
    experiment = "X28"
    fault = Text("Inputs that are not zero-centred", "非零均值的输入")
    sees = ("inputs-not-normalised",)
    remedies = ("standardise-inputs",)

    steps: int = 60

    def faulty(self, seed: int) -> Training:
        return self.net(seed, 30.0)

    def healthy(self, seed: int) -> Training:
        return self.net(seed, 0.0)

    @staticmethod
    def net(seed: int, offset: float) -> Training:
        """The moons, moved."""
        import torch

        torch.manual_seed(seed)
        x, y = half_moons(seed, 400)
        return training_on(plain_net([2, 32, 32, 2], torch.nn.ReLU), (x + offset, y), lr=0.05, seed=seed)
