"""Momentum: what the moving average weighs, how large its steps are, what it smooths, and whether it finds better minima."""

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
class MomentumIsTheMeanOfAWindow(Claim):
    """Weight that the moving average gives to the last 1/(1 - beta) gradients, and the plain mean with the same variance.

    ## The set-up
    The weights (1 - beta) beta^k, summed exactly, for beta 0.5, 0.9 and 0.99.
    ## Why
    The first K weights add up to 1 - beta^K, and beta^(1/(1 - beta)) tends to 1/e: a third of the weight lies outside the window. In variance the average
    equals a plain mean of (1 + beta)/(1 - beta) values, almost twice as many.
    """

    rows = ("S3-19", "S3-20", "S3-21", "S3-22")
    experiment = "X30"
    statement = Text(
        "The moving average is about the mean of the last 1/(1 - beta) gradients.",
        "一阶动量约等于最近 1/(1-β) 个时刻梯度的平均值。",
    )
    rule = Text(
        "Holds if at least 0.9 of the weight lies inside the window for beta 0.9 and 0.99; fails as stated otherwise.",
        "若 β 为 0.9 与 0.99 时至少 0.9 的权重落在窗口内，则成立；否则按原话不成立。",
    )
    seeds = 1

    def measure(self, seed: int) -> dict[str, float]:
        """Weight inside, sum of all weights, equivalent count."""
        measured = {}
        for beta in (0.5, 0.9, 0.99):
            weights = (1 - beta) * beta ** np.arange(20000)
            window = round(1 / (1 - beta))
            measured[f"inside_{beta}"] = float(weights[:window].sum())
            measured[f"sum_{beta}"] = float(weights.sum())
            measured[f"equivalent_count_{beta}"] = float(1 / (weights**2).sum())
        return measured

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        """The rule."""
        return "holds" if min(measured["inside_0.9"][0], measured["inside_0.99"][0]) >= 0.9 else "fails as stated"

    def plot(self, figure: Figure, measured: dict[str, np.ndarray], lang: str) -> None:
        """Weights by age, with the window."""
        axes = figure.subplots()
        age = np.arange(40)
        axes.bar(age, 0.1 * 0.9**age, color=np.where(age < 10, "#0072b2", "#cccccc"))
        axes.step(
            [-0.5, 9.5, 9.5, 39.5],
            [0.1, 0.1, 0, 0],
            "k--",
            where="post",
            label="最近 10 个的平均" if lang == "zh" else "mean of the last 10",
        )
        axes.set_xlabel("距今步数 k（β = 0.9）" if lang == "zh" else "age in steps, k (beta = 0.9)")
        axes.set_ylabel(r"$(1-\beta)\beta^k$")
        axes.legend()


@dataclass(frozen=True)
class MomentumKeepsTheStepLength(Claim):
    """Step of torch's SGD with momentum on a constant gradient, over the step without momentum.

    ## The set-up
    One weight, loss = w, lr 0.01; the 300th step for beta 0.5, 0.9 and 0.99.
    ## Why
    torch (like Polyak) adds v = beta v + g without the factor 1 - beta: the sum of the series is 1/(1 - beta).
    """

    rows = ("S3-19", "S3-21")
    experiment = "X30"
    statement = Text(
        "Momentum averages gradients, so switching it on in PyTorch keeps the length of the steps.",
        "动量是梯度的平均，所以在 PyTorch 中打开它不会改变步长。",
    )
    rule = Text(
        "Holds if the steady step is within 10 % of the plain one; fails as stated otherwise.",
        "若稳定后的步长与无动量时相差不到 10%，则成立；否则按原话不成立。",
    )
    seeds = 1

    def measure(self, seed: int) -> dict[str, float]:
        """Ratios of step lengths."""
        import torch

        measured = {}
        for beta in (0.5, 0.9, 0.99):
            w = torch.zeros(1, dtype=torch.float64, requires_grad=True)
            optimizer = torch.optim.SGD([w], lr=0.01, momentum=beta)
            before = 0.0
            for _ in range(1000):
                before = w.item()
                optimizer.zero_grad()
                w.sum().backward()
                optimizer.step()
            measured[f"ratio_{beta}"] = (before - w.item()) / 0.01
        return measured

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        """The rule."""
        return "holds" if all(abs(v[0] - 1) < 0.1 for v in measured.values()) else "fails as stated"


@dataclass(frozen=True)
class TheAverageIsRightFromTheStart(Claim):
    """Moving average of a constant gradient 1 after 1, 5 and 50 steps, with and without bias correction.

    ## The set-up
    beta 0.9, start at 0.
    ## Why
    m_t = 1 - beta^t: it starts from zero. Dividing by 1 - beta^t, as Adam does, makes it right at every step.
    """

    rows = ("S3-23", "S3-19")
    experiment = "X30"
    statement = Text(
        "The moving average estimates the mean gradient from the first steps on.",
        "指数加权平均从最初几步起就是梯度均值的估计。",
    )
    rule = Text(
        "Holds if after 5 steps it is within 10 % of the true mean; fails as stated otherwise.",
        "若 5 步之后与真实均值相差不到 10% 则成立；否则按原话不成立。",
    )
    seeds = 1

    beta: float = 0.9

    def measure(self, seed: int) -> dict[str, float]:
        """Averages."""
        average, measured = 0.0, {}
        for step in range(1, 51):
            average = self.beta * average + (1 - self.beta)
            if step in (1, 5, 50):
                measured[f"after_{step}"] = average
                measured[f"corrected_{step}"] = average / (1 - self.beta**step)
        return measured

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        """The rule."""
        return "holds" if abs(measured["after_5"][0] - 1) < 0.1 else "fails as stated"


@dataclass(frozen=True)
class MomentumSmooths(Claim):
    """Standard deviation of the averaged gradient over that of the raw one.

    ## The set-up
    20,000 gradients 1 + noise; averages with beta 0.9 and 0.99 after the start has died away.
    ## Why
    The variance of the average is (1 - beta)/(1 + beta) of the raw one for independent noise.
    """

    rows = ("S3-24",)
    experiment = "X30"
    statement = Text("Momentum smooths the gradient.", "动量使梯度更平滑、更新更稳定。")
    rule = Text(
        "Holds if the measured ratio agrees with sqrt((1 - beta)/(1 + beta)) within 15 % on average.",
        "若实测比值平均与 sqrt((1-β)/(1+β)) 相差不超过 15%，则成立。",
    )
    seeds = 5

    def measure(self, seed: int) -> dict[str, float]:
        """Ratios measured and by formula."""
        noise = np.random.default_rng(seed).standard_normal(20000)
        measured = {}
        for beta in (0.9, 0.99):
            kernel = (1 - beta) * beta ** np.arange(2000)
            average = np.convolve(noise, kernel, "valid")
            measured[f"ratio_{beta}"] = float(average.std() / noise.std())
            measured[f"formula_{beta}"] = ((1 - beta) / (1 + beta)) ** 0.5
        return measured

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        """The rule."""
        close = [abs(measured[f"ratio_{b}"].mean() / measured[f"formula_{b}"].mean() - 1) < 0.15 for b in (0.9, 0.99)]
        return "holds" if all(close) else "fails as stated"


@dataclass(frozen=True)
class MomentumReachesTheGlobalMinimum(Claim):
    """Share of starts that end in the basin of the global minimum, by momentum, at one learning rate.

    ## The set-up
    f(w) = 0.05 w^2 + cos(3 w + 0.5), 500 starts on [-6, 6], lr 0.05, 3000 steps of v = beta v - lr g.
    ## Why
    Momentum carries a point over a wall only where it arrives with enough speed, from higher ground; up to beta 0.9 the friction is too strong here. What gets
    over one wall may also leave the best basin.
    """

    rows = ("S3-25",)
    experiment = "X31"
    statement = Text(
        "SGD gets stuck in a local optimum, momentum carries on to the global one.",
        "普通 SGD 会卡在局部最优点，带动量的 SGD 能到达全局最优。",
    )
    rule = Text(
        "Holds if at beta 0.9 the share is at least twice that without momentum; depends if only at 0.95 or 0.99.",
        "若 β = 0.9 时比例至少为无动量时的两倍则成立；若只有 0.95 或 0.99 如此则视情况而定。",
    )
    depends = Text("depends on beta and on the walls", "取决于 β 与势垒高度")
    seeds = 3

    lr: float = 0.05

    def measure(self, seed: int) -> dict[str, float]:
        """Shares by beta."""
        grid = np.linspace(-6, 6, 24001)
        best = grid[(0.05 * grid**2 + np.cos(3 * grid + 0.5)).argmin()]
        start = np.random.default_rng(seed).uniform(-6, 6, 500)
        measured = {}
        for beta in (0.0, 0.5, 0.9, 0.95, 0.99):
            w, v = start.copy(), np.zeros(500)
            for _ in range(3000):
                v = beta * v - self.lr * (0.1 * w - 3 * np.sin(3 * w + 0.5))
                w = w + v
            measured[f"beta_{beta:g}"] = float((np.abs(w - best) < 0.5).mean())
        return measured

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        """The rule."""
        shares = {name: float(values.mean()) for name, values in measured.items()}
        if shares["beta_0.9"] >= 2 * shares["beta_0"]:
            return "holds"
        return "depends" if max(shares["beta_0.95"], shares["beta_0.99"]) >= 2 * shares["beta_0"] else "fails as stated"


@dataclass(frozen=True)
class MomentumSpeedsUpNarrowValleys(Claim):
    """Steps to shrink the error a millionfold on quadratics, without momentum and with it, each at its best settings.

    ## The set-up
    Curvatures from 1 to 10, 100 and 1000; plain descent at lr = 2/(1 + c); Polyak's lr = 4/(1 + sqrt c)^2, beta = ((sqrt c - 1)/(sqrt c + 1))^2.
    ## Why
    The rate of plain descent is (c - 1)/(c + 1), of momentum (sqrt c - 1)/(sqrt c + 1): the number of steps goes with sqrt c instead of c.
    """

    rows = ("S3-24",)
    statement = Text("Momentum needs far fewer steps in narrow valleys.", "在狭长山谷中，动量所需步数少得多。")
    rule = Text(
        "Holds if it needs at most a third of the steps at condition numbers 100 and 1000.",
        "若条件数为 100 与 1000 时所需步数不超过三分之一，则成立。",
    )
    seeds = 1

    def measure(self, seed: int) -> dict[str, float]:
        """Steps by condition number."""
        measured = {}
        for condition in (10, 100, 1000):
            curvature = np.logspace(0, np.log10(condition), 20)
            root = condition**0.5
            settings = {"plain": (2 / (1 + condition), 0.0), "momentum": (4 / (1 + root) ** 2, ((root - 1) / (root + 1)) ** 2)}
            for name, (lr, beta) in settings.items():
                w, v, steps = np.ones(20), np.zeros(20), 0
                while np.abs(w).max() > 1e-6 and steps < 100_000:
                    v = beta * v - lr * curvature * w
                    w = w + v
                    steps += 1
                measured[f"{name}_{condition}"] = float(steps)
        return measured

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        """The rule."""
        return "holds" if all(measured[f"momentum_{c}"][0] <= measured[f"plain_{c}"][0] / 3 for c in (100, 1000)) else "fails as stated"

    def plot(self, figure: Figure, measured: dict[str, np.ndarray], lang: str) -> None:
        """Both paths in a narrow valley."""
        axes = figure.subplots()
        a, b = np.meshgrid(np.linspace(-11, 11, 200), np.linspace(-2, 2, 200))
        axes.contour(a, b, 0.5 * (a**2 + 50 * b**2), 15, cmap="cividis", linewidths=0.6)
        for name, lr, beta, style in (
            ("无动量" if lang == "zh" else "plain", 0.038, 0.0, "o-"),
            ("动量" if lang == "zh" else "momentum", 0.02, 0.7, "s--"),
        ):
            w, v = np.array([10.0, 1.0]), np.zeros(2)
            path = [w]
            for _ in range(30):
                v = beta * v - lr * np.array([1.0, 50.0]) * w
                w = w + v
                path.append(w)
            axes.plot(*np.array(path).T, style, ms=3, label=name)
        axes.set_xlabel("$w_1$")
        axes.set_ylabel("$w_2$")
        axes.legend(frameon=True)


@dataclass(frozen=True)
class TheRuleSeesTooMuchMomentum(Phenomenon):
    """A momentum of 0.995, one of 0.5, and the former under `no-momentum`.

    ## The set-up
    A small ReLU regression, SGD with lr 0.05.
    ## Why
    The effective rate is lr/(1 - beta): 10 against 0.1.
    """

    rows = ("S3-19",)
    fault = Text("Too high a momentum", "动量过高")
    sees = ("momentum-too-high",)
    remedies = ("no-momentum",)

    steps: int = 150

    def faulty(self, seed: int) -> Training:
        return self.net(seed, 0.995)

    def healthy(self, seed: int) -> Training:
        return self.net(seed, 0.5)

    @staticmethod
    def net(seed: int, beta: float) -> Training:
        """The regression under this momentum."""
        import torch

        torch.manual_seed(seed)
        inputs = torch.randn(640, 4, generator=torch.Generator().manual_seed(seed))
        targets = (inputs[:, :1] * inputs[:, 1:2] + inputs[:, 2:3]).clamp(-2, 2)
        return training_on(plain_net([4, 32, 1], torch.nn.ReLU), (inputs, targets), lr=0.05, momentum=beta, batch=64, seed=seed)
