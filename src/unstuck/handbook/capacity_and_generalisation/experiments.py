"""Claims about capacity, the two errors, over- and underfitting, and Occam's razor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from unstuck.lab import Claim, Verdict
from unstuck.records import Text

if TYPE_CHECKING:
    import torch
    from matplotlib.figure import Figure

    from unstuck.training import Training


@dataclass(frozen=True)
class TestErrorIsUShaped(Claim):
    """Training error, test error, squared bias and variance of polynomial fits, by degree.

    ## The set-up
    `samples` points of sin(3x) on [-1, 1] with noise `noise`, 150 resamples; least squares on Legendre polynomials of degree 0 to 12; test points as the
    training points.
    ## Why
    E(error) = noise + bias^2 + variance. Bias falls with the degree, variance grows like degrees over samples.
    """

    rows = ("S1-41", "S4-55", "S3-14")
    statement = Text(
        "With growing capacity the training error falls steadily, the test error falls and then rises.",
        "随着模型容量增大，训练误差不断下降，测试误差先降后升。",
    )
    rule = Text(
        "Holds if the training error never rises with the degree and the test error at both ends is at least 1.5 times its minimum.",
        "若训练误差随次数单调不增，且测试误差在两端都至少是最小值的 1.5 倍，则成立。",
    )
    samples: int = 20
    noise: float = 0.3

    def measure(self, seed: int) -> dict[str, float]:
        rng = np.random.default_rng(seed)
        x = rng.uniform(-1, 1, (150, self.samples))
        y = np.sin(3 * x) + self.noise * rng.standard_normal(x.shape)
        x_test = np.linspace(-0.9, 0.9, 101)
        truth = np.sin(3 * x_test)
        train, bias, variance = [], [], []
        for degree in range(13):
            basis = np.polynomial.legendre.legvander(x, degree)  # [resamples, samples, degree + 1]
            w = np.einsum("rdn,rn->rd", np.linalg.pinv(basis), y)
            fits = w @ np.polynomial.legendre.legvander(x_test, degree).T
            train.append(((np.einsum("rnd,rd->rn", basis, w) - y) ** 2).mean())
            bias.append(((np.median(fits, axis=0) - truth) ** 2).mean())
            variance.append(np.median(((fits - np.median(fits, axis=0)) ** 2).mean(1)))
        test = np.array(bias) + np.array(variance) + self.noise**2
        return {
            "best_degree": float(test.argmin()),
            "test_error_degree_0": float(test[0]),
            "smallest_test_error": float(test.min()),
            "test_error_degree_12": float(test[-1]),
            "train": np.array(train),
            "test": test,
            "bias_squared": np.array(bias),
            "variance": np.array(variance),
        }

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        falls = (np.diff(measured["train"], axis=1) <= 1e-9).all()
        low = measured["smallest_test_error"].mean()
        ends = min(measured["test_error_degree_0"].mean(), measured["test_error_degree_12"].mean())
        return "holds" if falls and ends >= 1.5 * low else "fails as stated"

    def plot(self, figure: Figure, measured: dict[str, np.ndarray], lang: str) -> None:
        axes = figure.add_subplot()
        names = {
            "train": ("训练误差", "training error", "#0072B2"),
            "test": ("测试误差", "test error", "#D55E00"),
            "bias_squared": ("偏差²", "bias squared", "#009E73"),
            "variance": ("方差", "variance", "#CC79A7"),
        }
        for name, (zh, en, colour) in names.items():
            axes.semilogy(measured[name].mean(0), "o-", color=colour, label=zh if lang == "zh" else en)
        axes.set_ylim(1e-3, 3)
        axes.set_xlabel("次数（容量）" if lang == "zh" else "degree (capacity)")
        axes.set_ylabel("误差" if lang == "zh" else "error")
        axes.legend()


@dataclass(frozen=True)
class TooManyUnitsOverfit(Claim):
    """Test error of a hidden layer of random ReLU units with a least-norm output layer, by the number of units.

    ## The set-up
    100 training samples, 10 inputs, a smooth target with noise 0.3; 10 to 2,000 units; 3 draws of the layer each.
    ## Why
    Near as many units as samples the fit must pass through all points in the only way there is, with huge weights. With many more units there are many such
    fits, and the one of least norm is smooth.
    """

    rows = ("S2-68",)
    statement = Text(
        "Too many hidden units cause overfitting.",
        "过多的隐层和神经元节点会带来过拟合问题。",
    )
    rule = Text(
        "Holds if the largest net's test error is at least 1.2 times that of the best smaller one; depends if only the net with as many units as samples is so bad.",
        "若最大网络的测试误差至少是较小网络中最优者的 1.2 倍，则成立；若只有单元数与样本数相等的网络如此，则视情况而定。",
    )
    depends = Text(
        "depends on where one stands: worst near as many units as samples, falling again beyond",
        "取决于所处位置：单元数接近样本数时最差，再多反而下降",
    )

    def measure(self, seed: int) -> dict[str, float]:
        rng = np.random.default_rng(seed)
        x = rng.standard_normal((1100, 10))
        y = np.sin(x[:, 0]) + 0.5 * x[:, 1] * x[:, 2] + x[:, 3]
        noisy = y[:100] + 0.3 * rng.standard_normal(100)
        units = np.array([10, 30, 60, 80, 100, 120, 200, 500, 1000, 2000])
        errors = []
        for count in units:
            draws = []
            for _ in range(3):
                hidden = np.maximum(x @ rng.standard_normal((10, count)) / 10**0.5 + 0.3 * rng.standard_normal(count), 0) / count**0.5
                own = hidden[:100]
                w = own.T @ np.linalg.solve(own @ own.T, noisy) if count > 110 else np.linalg.lstsq(own, noisy, rcond=1e-10)[0]
                draws.append(((hidden[100:] @ w - y[100:]) ** 2).mean())
            errors.append(np.median(draws))
        small = int(np.argmin(errors[:4]))
        return {
            "best_below_100": float(errors[small]),
            "units_of_best_below_100": float(units[small]),
            "at_100": float(errors[4]),
            "at_2000": float(errors[-1]),
            "variance_of_target": float(y.var()),
            "units": units.astype(float),
            "errors": np.array(errors),
        }

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        best = np.median(measured["best_below_100"])
        if np.median(measured["at_2000"]) >= 1.2 * best:
            return "holds"
        return "depends" if np.median(measured["at_100"]) >= 1.2 * best else "fails as stated"

    def plot(self, figure: Figure, measured: dict[str, np.ndarray], lang: str) -> None:
        axes = figure.add_subplot()
        axes.loglog(measured["units"][0], np.median(measured["errors"], axis=0), "o-", color="#D55E00")
        axes.axvline(100, color="black", linestyle="--", label="样本数" if lang == "zh" else "number of samples")
        axes.set_xlabel("隐藏单元数" if lang == "zh" else "hidden units")
        axes.set_ylabel("测试误差" if lang == "zh" else "test error")
        axes.legend()


def trained(x: torch.Tensor, y: torch.Tensor, width: int, steps: int, seed: int) -> torch.Tensor:
    """Final outputs [nets, samples] of tanh nets, one per row of x [nets, samples, inputs] and y [nets, samples], squared error, Adam with lr 0.02."""
    import torch

    torch.manual_seed(seed)
    nets, _, inputs = x.shape
    a = (torch.randn(nets, inputs, width) / inputs**0.5).requires_grad_()
    b = (0.5 * torch.randn(nets, 1, width)).requires_grad_()
    c = (torch.randn(nets, width, 1) / width**0.5).requires_grad_()
    optimizer = torch.optim.Adam([a, b, c], lr=0.02)
    for _ in range(steps):
        optimizer.zero_grad()
        outputs = ((x @ a + b).tanh() @ c)[..., 0]
        ((outputs - y) ** 2).mean(1).sum().backward()
        optimizer.step()
    with torch.no_grad():
        return ((x @ a + b).tanh() @ c)[..., 0]


@dataclass(frozen=True)
class MoreUnitsMoreCapacity(Claim):
    """Share of random labels that a net of one hidden layer learns by heart, by its width.

    ## The set-up
    128 samples of 10 inputs with random labels of -1 and 1, `steps` Adam steps, widths 1, 8, 64; all seeds are trained in one program.
    ## Why
    Random labels have no rule: what is learned is the number of free choices that the net really has.
    """

    rows = ("S2-67",)
    statement = Text(
        "More hidden layers or units raise the capacity of a network.",
        "提升隐层层数或神经元个数，神经网络的容量会变大。",
    )
    rule = Text(
        "Holds if the share learned by heart rises with each width and goes from below 0.8 to above 0.98.",
        "若死记的比例随宽度逐级上升，且由 0.8 以下升到 0.98 以上，则成立。",
    )
    steps: int = 300

    def measure(self, seed: int) -> dict[str, float]:
        return {name: float(value[0]) for name, value in self.measure_all([seed]).items()}

    def measure_all(self, seeds: Sequence[int]) -> dict[str, np.ndarray]:
        import torch

        x = torch.stack([torch.randn(128, 10, generator=torch.Generator().manual_seed(s)) for s in seeds])
        y = torch.stack([torch.randn(128, generator=torch.Generator().manual_seed(1000 + s)).sign() for s in seeds])
        measured = {}
        for width in (1, 8, 64):
            outputs = trained(x, y, width, self.steps, seed=width)
            measured[f"learned_width_{width}"] = (outputs.sign() == y).double().mean(1).numpy()
        return measured

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        shares = [measured[f"learned_width_{w}"].mean() for w in (1, 8, 64)]
        rising = all(a < b or b > 0.999 for a, b in pairwise(shares))
        return "holds" if rising and shares[0] < 0.8 and shares[-1] > 0.98 else "fails as stated"


@dataclass(frozen=True)
class WhatANetCanRepresentItLearns(Claim):
    """Share of 10 starts in which a net learns a target that a net of its own width represents exactly, and in which a four times wider one does.

    ## The set-up
    Teacher: tanh net 3-4-1 with weights of size 2, no noise; students of width 4 and 16, 200 samples, `steps` Adam steps; solved = error below 0.1 % of the
    target's variance.
    ## Why
    Representational capacity is what some weights could do, effective capacity what the optimiser reaches from where it starts.
    """

    rows = ("S1-41",)
    statement = Text("What a network can represent it also learns.", "网络能表示的函数，它就能学到。")
    rule = Text(
        "Holds if at least 90 % of the starts solve it at the teacher's own width; depends if only at four times the width.",
        "若与教师同宽时至少 90 % 的起点都能解出，则成立；若只有宽度为四倍时如此，则视情况而定。",
    )
    depends = Text(
        "depends on spare width: effective capacity is below representational capacity", "取决于是否有多余的宽度：有效容量小于表示容量"
    )
    seeds = 2
    steps: int = 700
    quick = {"steps": 300}

    def measure(self, seed: int) -> dict[str, float]:
        import torch

        generator = torch.Generator().manual_seed(seed)
        x = torch.randn(200, 3, generator=generator)
        hidden = (x @ (2 * torch.randn(3, 4, generator=generator)) + torch.randn(4, generator=generator)).tanh()
        y = hidden @ torch.randn(4, generator=generator)
        y = (y - y.mean()) / y.std()
        measured = {}
        for width in (4, 16):
            outputs = trained(x.repeat(10, 1, 1), y.repeat(10, 1), width, self.steps, seed)
            errors = ((outputs - y) ** 2).mean(1)
            measured[f"solved_width_{width}"] = float((errors < 1e-3).double().mean())
            measured[f"median_error_width_{width}"] = float(errors.median())
        return measured

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        own, wide = measured["solved_width_4"].mean() >= 0.9, measured["solved_width_16"].mean() >= 0.9
        return "holds" if own else "depends" if wide else "fails as stated"


@dataclass(frozen=True)
class TheSimplerOfTwoEqualsPredictsBetter(Claim):
    """Test error of two polynomial fits that explain the training data equally well, the simpler and the more complex.

    ## The set-up
    A cubic with noise, 25 samples, 2,000 resamples; degree 3 against degree 8; only resamples in which the leave-one-out errors differ by less than 10 %.
    ## Why
    Among equals on the evidence the complex one has more ways in which it can be wrong elsewhere.
    """

    rows = ("S1-41",)
    statement = Text(
        "Occam's razor: of two models that explain the data equally well take the simpler.",
        "奥卡姆剃刀：在同样能解释数据的模型中选择最简单的。",
    )
    rule = Text(
        "Holds if among such ties the simpler has the smaller test error in more than 60 %.",
        "若在这些“平局”中，较简单者测试误差更小的比例超过 60 %，则成立。",
    )

    def measure(self, seed: int) -> dict[str, float]:
        rng = np.random.default_rng(seed)
        x = rng.uniform(-1, 1, (2000, 25))
        coefficients = rng.standard_normal((2000, 4))
        y = np.einsum("rnd,rd->rn", np.polynomial.legendre.legvander(x, 3), coefficients) + 0.5 * rng.standard_normal(x.shape)
        grid = np.linspace(-0.95, 0.95, 101)
        truth = coefficients @ np.polynomial.legendre.legvander(grid, 3).T
        held_out, test = {}, {}
        for degree in (3, 8):
            basis = np.polynomial.legendre.legvander(x, degree)
            inverse = np.linalg.pinv(basis)
            w = np.einsum("rdn,rn->rd", inverse, y)
            leverage = np.einsum("rnd,rdn->rn", basis, inverse)
            errors = (y - np.einsum("rnd,rd->rn", basis, w)) / np.maximum(1 - leverage, 1e-6)
            held_out[degree] = (errors**2).mean(1)
            test[degree] = ((w @ np.polynomial.legendre.legvander(grid, degree).T - truth) ** 2).mean(1)
        tie = abs(held_out[3] / held_out[8] - 1) < 0.1
        return {
            "ties": float(tie.sum()),
            "simpler_better_in_ties": float((test[3] < test[8])[tie].mean()),
            "simpler_better_in_all": float((test[3] < test[8]).mean()),
        }

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        return "holds" if measured["simpler_better_in_ties"].mean() > 0.6 else "fails as stated"


def _recipe(seed: int, samples: int) -> Training:
    import torch
    from torch import nn

    from unstuck.training import Training

    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(samples + 400, 10, generator=generator)
    y = (x[:, 0] + x[:, 1] * x[:, 2] + 0.7 * torch.randn(len(x), generator=generator) > 0).long()
    torch.manual_seed(seed)
    model = nn.Sequential(nn.Linear(10, 128), nn.ReLU(), nn.Linear(128, 2))
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    batches = [(x[i : i + 32], y[i : i + 32]) for i in range(0, samples, 32)]
    return Training([model], [optimizer], nn.CrossEntropyLoss(), batches, (x[samples:], y[samples:]), seed=seed)


@dataclass(frozen=True)
class OverfittingIsGoodTrainingAndPoorTest(Claim):
    """Training and validation accuracy of one net on few and on many samples, and whether the rule `overfitting` tells them apart.

    ## The set-up
    MLP 10-128-2 on a noisy rule, 96 or 1,024 samples, `steps` steps of batch 32, validated after each epoch, watched.
    ## Why
    96 samples can be learned by heart by 1,666 parameters; with 1,024 of them the noise does not repeat.
    """

    rows = ("S3-14",)
    statement = Text(
        "Overfitting is good performance on training data and poor performance on new data.",
        "过拟合是指模型在训练数据上表现良好，但在未见过的测试数据上表现较差。",
    )
    rule = Text(
        "Holds if the gap in accuracy exceeds 0.15 on few samples and not on many, and the rule `overfitting` fires exactly on the former.",
        "若样本少时准确率差距超过 0.15、样本多时不超过，且规则 `overfitting` 恰好只在前者触发，则成立。",
    )
    seeds = 2
    steps: int = 128

    def measure(self, seed: int) -> dict[str, float]:
        from unstuck import lab

        measured = {}
        for name, samples in (("few", 96), ("many", 1024)):
            made: list[Training] = []

            def build(seed: int, samples: int = samples, made: list[Training] = made) -> Training:
                made.append(_recipe(seed, samples))
                return made[0]

            measured[f"fires_{name}"] = float("overfitting" in lab.findings(lab.observed(build, seed, self.steps)))
            training = made[0]
            right = (training.validate().argmax(1) == training.validation[1]).double().mean()
            seen = np.mean([float((training.model(x).argmax(1) == y).double().mean()) for x, y in training.batches])
            measured[f"training_{name}"], measured[f"validation_{name}"] = float(seen), float(right)
        return measured

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        gap = {n: measured[f"training_{n}"] - measured[f"validation_{n}"] for n in ("few", "many")}
        seen = measured["fires_few"].min() == 1 and measured["fires_many"].max() == 0
        return "holds" if seen and gap["few"].min() > 0.15 and gap["many"].max() <= 0.15 else "fails as stated"
