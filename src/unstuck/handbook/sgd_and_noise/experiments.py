"""Stochastic gradient descent: unbiased steps, a floor that noise sets, and what makes it go away."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np

from unstuck.lab import Claim, Verdict
from unstuck.phenomenon import Phenomenon, half_moons, plain_net, training_on
from unstuck.records import Text

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from unstuck.training import Training

ARMS = ("constant", "decayed", "constant_no_noise")


@cache
def least_squares(seed: int, steps: int, lr: float) -> np.ndarray:
    """Distance to the optimum of three arms of single-sample SGD, every 100 steps [steps // 100, 3]."""
    random = np.random.default_rng(seed)
    inputs = random.standard_normal((200, 10))
    truth = random.standard_normal(10)
    clean = inputs @ truth
    noisy = clean + random.standard_normal(200)
    targets = np.stack([noisy, noisy, clean], 1)  # [samples, arms]
    goal = np.stack([np.linalg.lstsq(inputs, targets[:, arm], rcond=None)[0] for arm in range(3)])
    w = np.zeros((3, 10))
    chosen = random.integers(0, 200, steps)
    distances = []
    for step in range(steps):
        x = inputs[chosen[step]]
        rate = np.array([lr, lr / (1 + 0.01 * step), lr])
        w -= (rate * (w @ x - targets[chosen[step]]))[:, None] * x
        if step % 100 == 99:
            distances.append(np.linalg.norm(w - goal, axis=1))
    return np.array(distances)


@dataclass(frozen=True)
class SgdNeverConverges(Claim):
    """Distance to the least-squares optimum after single-sample SGD: constant rate, falling rate, and constant rate on data without noise.

    ## The set-up
    200 samples, 10 weights, labels with noise of standard deviation 1 (third arm: none); rate 0.02, in the second arm 0.02 / (1 + 0.01 t); the samples
    are the same in all arms.
    ## Why
    At a constant rate the stationary variance is proportional to the rate times the variance of the sample gradients at the optimum. A falling rate takes
    the first factor to zero; a model that fits every sample makes the second one zero.
    """

    rows = ("S2-51",)
    experiment = "X32"
    statement = Text(
        "SGD never converges; it keeps wandering around the minimum.",
        "随机梯度下降永远不会收敛，会一直在最小值附近波动。",
    )
    rule = Text(
        "Fails as stated if the falling rate ends below half of the constant rate's distance and the noiseless arm below 1e-6; holds otherwise.",
        "若递减学习率的距离低于恒定学习率的一半、无噪声组低于 1e-6，则按原话不成立；否则成立。",
    )
    seeds = 5

    steps: int = 20000
    lr: float = 0.02

    def measure(self, seed: int) -> dict[str, float]:
        """Mean distance over the last tenth."""
        path = least_squares(seed, self.steps, self.lr)
        return dict(zip(ARMS, path[-len(path) // 10 :].mean(0).tolist(), strict=True))

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        """The rule."""
        falls = (measured["decayed"] < 0.5 * measured["constant"]).all() and (measured["constant_no_noise"] < 1e-6).all()
        return "fails as stated" if falls else "holds"

    def plot(self, figure: Figure, measured: dict[str, np.ndarray], lang: str) -> None:
        """Three distances by step."""
        axes = figure.subplots()
        names = (
            ("constant rate", "恒定学习率"),
            ("falling rate", "递减学习率"),
            ("constant rate, no label noise", "恒定学习率，无标签噪声"),
        )
        path = least_squares(0, self.steps, self.lr)
        for arm, (style, name) in enumerate(zip(("-", "--", ":"), names, strict=True)):
            axes.semilogy(100 * np.arange(1, len(path) + 1), path[:, arm], style, label=name[lang == "zh"])
        axes.set_xlabel("步数" if lang == "zh" else "step")
        axes.set_ylabel("到最优解的距离" if lang == "zh" else "distance to the optimum")
        axes.legend()


@dataclass(frozen=True)
class TheFloorIsProportionalToTheRate(Claim):
    """Squared distance to the optimum at which single-sample SGD settles, at a rate and at a quarter of it.

    ## The set-up
    The noisy arm of `sgd-never-converges` at rates 0.02 and 0.005, mean of the squared distance over the second half.
    ## Why
    For a small rate the stationary covariance solves H S + S H = lr C: linear in lr.
    """

    rows = ("S2-51",)
    experiment = "X32"
    statement = Text(
        "At a constant rate the noise floor (mean squared distance) is proportional to the learning rate.",
        "学习率恒定时，噪声底（均方距离）与学习率成正比。",
    )
    rule = Text("Holds if a quarter of the rate gives a floor 3 to 7 times lower.", "若学习率降为四分之一时噪声底降为 1/3 到 1/7，则成立。")
    seeds = 5

    steps: int = 20000

    def measure(self, seed: int) -> dict[str, float]:
        """Both floors and their ratio."""
        floors = [float((p[len(p) // 2 :, 0] ** 2).mean()) for p in (least_squares(seed, self.steps, lr) for lr in (0.02, 0.005))]
        return {"floor_0.02": floors[0], "floor_0.005": floors[1], "ratio": floors[0] / floors[1]}

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        """The rule."""
        return "holds" if 3 <= measured["ratio"].mean() <= 7 else "fails as stated"


@dataclass(frozen=True)
class TheMiniBatchGradientIsUnbiased(Claim):
    """Mean and variance of mini-batch gradients against the full gradient, for batches of 1 to 64.

    ## The set-up
    Logistic regression on 1000 samples at a fixed random weight; 4000 batches of each size, drawn with replacement.
    ## Why
    The mean of a random sample is an unbiased estimate of the mean, with variance 1/B.
    """

    rows = ("S2-47", "S2-48")
    experiment = "X34"
    statement = Text(
        "A random mini-batch estimates the full gradient without bias, with a variance that falls as 1/B.",
        "随机小批量的梯度是全量梯度的无偏估计，方差按 1/B 下降。",
    )
    rule = Text(
        "Holds if the bias is within 4 standard errors for every size, and B times the variance varies by less than 15 %.",
        "若每种批大小的偏差都在 4 个标准误以内，且 B 乘方差的变化小于 15%，则成立。",
    )
    seeds = 5

    def measure(self, seed: int) -> dict[str, float]:
        """Bias in standard errors, and B times the variance over that at B = 1."""
        random = np.random.default_rng(seed)
        inputs = random.standard_normal((1000, 10))
        labels = (inputs @ random.standard_normal(10) + random.standard_normal(1000) > 0).astype(float)
        w = random.standard_normal(10)
        each = (1 / (1 + np.exp(-inputs @ w)) - labels)[:, None] * inputs  # [samples, weights]
        full, single = each.mean(0), each.var(0).sum()
        measured = {}
        for size in (1, 4, 16, 64):
            found = each[random.integers(0, 1000, (4000, size))].mean(1)
            variance = ((found - full) ** 2).sum(1).mean()
            measured[f"bias_{size}"] = float(np.linalg.norm(found.mean(0) - full) / np.sqrt(variance / 4000))
            measured[f"variance_times_{size}"] = float(size * variance / single)
        return measured

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        """The rule."""
        unbiased = all((measured[f"bias_{b}"] < 4).all() for b in (1, 4, 16, 64))
        scaled = all((np.abs(measured[f"variance_times_{b}"] - 1) < 0.15).all() for b in (1, 4, 16, 64))
        return "holds" if unbiased and scaled else "fails as stated"

    def plot(self, figure: Figure, measured: dict[str, np.ndarray], lang: str) -> None:
        """The noise that sets the floor, by batch size."""
        axes, sizes = figure.subplots(), np.array([1, 4, 16, 64])
        variance = [np.median(measured[f"variance_times_{b}"]) / b for b in sizes]
        axes.loglog(sizes, variance, "o", label="实测" if lang == "zh" else "measured")
        axes.loglog(sizes, 1.0 / sizes, "--", label="$1/B$")
        axes.set_xticks(sizes, [str(b) for b in sizes])
        axes.set_xlabel("批大小 B" if lang == "zh" else "batch size B")
        axes.set_ylabel("梯度的方差（单样本为 1）" if lang == "zh" else "variance of the gradient (one sample: 1)")
        axes.legend()


@dataclass(frozen=True)
class NoiseFindsTheGlobalMinimum(Claim):
    """Share of starts that end in the basin of the global minimum, by standard deviation of the gradient noise.

    ## The set-up
    f(w) = 0.05 w^2 + cos(3 w + 0.5) on [-6, 6], 500 starts, lr 0.05, 2000 steps of which the last 500 without noise.
    ## Why
    Noise can carry a point over a low wall; too little does nothing, too much forgets where it was. Nothing guarantees the lowest basin.
    """

    rows = ("S2-50",)
    experiment = "X31"
    statement = Text(
        "SGD's randomness lets it jump out of local minima and find the global one.",
        "SGD 的随机性使它能从局部最小值跳出，找到全局最小值。",
    )
    rule = Text(
        "Holds if with every noise above 0 at least 95 % reach the global basin; depends if some noise at least doubles the share of no noise.",
        "若所有非零噪声下至少 95% 到达全局盆地则成立；若某种噪声使比例至少翻倍则视情况而定。",
    )
    depends = Text("depends on the size of the noise against the walls, and on time", "取决于噪声与势垒的相对大小，以及时间")
    seeds = 3

    lr: float = 0.05

    def measure(self, seed: int) -> dict[str, float]:
        """Shares by noise."""
        grid = np.linspace(-6, 6, 24001)
        best = grid[(0.05 * grid**2 + np.cos(3 * grid + 0.5)).argmin()]
        measured = {}
        for noise in (0.0, 1.0, 3.0, 6.0, 12.0, 30.0):
            random = np.random.default_rng(seed)
            w = random.uniform(-6, 6, 500)
            for step in range(2000):
                gradient = 0.1 * w - 3 * np.sin(3 * w + 0.5)
                w = w - self.lr * (gradient + (noise if step < 1500 else 0.0) * random.standard_normal(500))
            measured[f"noise_{noise:g}"] = float((np.abs(w - best) < 0.5).mean())
        return measured

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        """The rule."""
        shares = np.array([values.mean() for values in measured.values()])
        if (shares[1:] >= 0.95).all():
            return "holds"
        return "depends" if shares[1:].max() >= 2 * shares[0] else "fails as stated"

    def plot(self, figure: Figure, measured: dict[str, np.ndarray], lang: str) -> None:
        """Share by noise, beside the landscape."""
        left, right = figure.subplots(1, 2)
        grid = np.linspace(-6, 6, 600)
        left.plot(grid, 0.05 * grid**2 + np.cos(3 * grid + 0.5))
        left.set_xlabel("w")
        left.set_ylabel("损失" if lang == "zh" else "loss")
        right.plot([float(n.partition("_")[2]) for n in measured], [v.mean() for v in measured.values()], "o-")
        right.set_xlabel("梯度噪声的标准差" if lang == "zh" else "gradient noise (sd)")
        right.set_ylabel("到达全局盆地的比例" if lang == "zh" else "share in the global basin")


@dataclass(frozen=True)
class SmallStepsGetFurtherPerSample(Claim):
    """Loss of logistic regression after one pass over the data, with one step per sample and with one step in all; and time per sample.

    ## The set-up
    20,000 samples, 20 features whose standard deviations fall from 1 to 0.1; single-sample SGD at a rate of 0.05 against one full-batch step at its best rate of a grid. Time: a numpy gradient of one
    sample against one of 256.
    ## Why
    One pass gives SGD 20,000 small steps and the full batch one. But a single sample leaves the hardware idle, so time per sample is far higher.
    """

    rows = ("S2-49", "S2-52")
    statement = Text(
        "One sample at a time is efficient.",
        "每次只用一个样本效率高。",
    )
    rule = Text(
        "Holds if after one pass its loss is lower and its time per sample at most twice that of a batch of 256; depends if only the first.",
        "若一遍之后损失更低、且每样本耗时不超过 256 批次的两倍，则成立；若只满足前者则视情况而定。",
    )
    depends = Text("depends on what is counted: samples (yes) or seconds (no)", "取决于按样本数计（高）还是按时间计（低）")
    seeds = 3

    def measure(self, seed: int) -> dict[str, float]:
        """Losses and the ratio of times."""
        random = np.random.default_rng(seed)
        inputs = random.standard_normal((20000, 20)) * np.logspace(0, -1, 20)
        truth = random.standard_normal(20)
        labels = (random.random(20000) < 1 / (1 + np.exp(-inputs @ truth))).astype(float)

        def loss(w: np.ndarray) -> float:
            z = inputs @ w
            return float((np.logaddexp(0, z) - labels * z).mean())

        def gradient(w: np.ndarray, rows: slice) -> np.ndarray:
            x = inputs[rows]
            return x.T @ (1 / (1 + np.exp(-x @ w)) - labels[rows]) / len(x)

        w = np.zeros(20)
        started = perf_counter()
        for index in range(20000):
            w = w - 0.05 * gradient(w, slice(index, index + 1))
        single = perf_counter() - started
        started = perf_counter()
        for index in range(0, 20000, 256):
            gradient(w, slice(index, index + 256))
        batched = perf_counter() - started
        first = gradient(np.zeros(20), slice(None))
        return {
            "loss_single": loss(w),
            "loss_one_full_step": min(loss(-lr * first) for lr in (0.5, 1, 2, 4, 8, 16, 32)),
            "time_per_sample_ratio": single / batched,
        }

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        """The rule."""
        further = (measured["loss_single"] < measured["loss_one_full_step"]).all()
        quick = np.median(measured["time_per_sample_ratio"]) <= 2
        return "holds" if further and quick else "depends" if further else "fails as stated"


@dataclass(frozen=True)
class ADecayThatComesTooEarlyIsSeenAndCured(Phenomenon):
    """A learning rate that falls to nothing within a few steps, one that falls over the whole run, and the former under `constant-lr`.

    ## The set-up
    Two moons, two hidden ReLU layers of 32, SGD lr 0.05 with momentum 0.9; faulty: times 0.7 after every step, meant for every epoch.
    ## Why
    The sum of the rates must be large enough to get anywhere: here it is 0.17 in all.
    """

    rows = ("S2-51",)
    fault = Text("A schedule that runs down too early", "过早衰减殆尽的学习率")
    sees = ("schedule-misuse",)
    remedies = ("constant-lr",)

    steps: int = 100

    def faulty(self, seed: int) -> Training:
        import torch

        training = self.net(seed)
        training.scheduler = torch.optim.lr_scheduler.ExponentialLR(training.optimizer, 0.7)
        return training

    def healthy(self, seed: int) -> Training:
        import torch

        training = self.net(seed)
        training.scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(training.optimizer, self.steps)
        return training

    @staticmethod
    def net(seed: int) -> Training:
        """Without a schedule."""
        import torch

        torch.manual_seed(seed)
        return training_on(plain_net([2, 32, 32, 2], torch.nn.ReLU), half_moons(seed, 400), lr=0.05, seed=seed)


@dataclass(frozen=True)
class SortedSamplesAreSeenAndCured(Phenomenon):
    """Samples sorted by class, the same in random order, and the former under `shuffle`.

    ## The set-up
    Five Gaussian clouds, MLP 2-32-5, batches of 30, SGD lr 0.1 with momentum 0.9.
    ## Why
    An unbiased estimate needs a random sample; one class after another is followed and forgotten.
    """

    rows = ("S2-47",)
    fault = Text("Samples in the order of their classes", "按类别排序的样本")
    sees = ("not-shuffled",)
    remedies = ("shuffle",)

    steps: int = 100

    def faulty(self, seed: int) -> Training:
        return self.net(seed, ordered=True)

    def healthy(self, seed: int) -> Training:
        return self.net(seed, ordered=False)

    @staticmethod
    def net(seed: int, ordered: bool) -> Training:
        """The training samples sorted or not."""
        import torch

        torch.manual_seed(seed)
        generator = torch.Generator().manual_seed(seed)
        y = torch.randint(5, (800,), generator=generator)
        angle = y * (2 * torch.pi / 5)
        x = 1.2 * torch.stack([angle.cos(), angle.sin()], 1) + 0.45 * torch.randn(800, 2, generator=generator)
        order = torch.arange(800)
        if ordered:
            order[:600] = torch.argsort(y[:600], stable=True)
        return training_on(plain_net([2, 32, 5], torch.nn.ReLU), (x[order], y[order]), lr=0.1, batch=30, seed=seed)
