"""Claims about gradient clipping: direction, non-finite values, guard against cure."""

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

    from unstuck.training import Training


@dataclass(frozen=True)
class ValueClippingKeepsTheDirection(Claim):
    """Cosine between a heavy-tailed gradient and its clipped version, clipped by value and by norm.

    ## The set-up
    A gradient of `size` elements drawn from Student's t with 1.5 degrees of freedom. By value: every element is forced into [-limit, limit].
    By norm: the whole vector is rescaled to the length that value clipping left, so both steps are equally long.
    ## Why
    Clamping shortens large elements and leaves small ones alone, so the vector turns; multiplying by one number cannot turn it.
    """

    rows = ("S0-11", "S1-01", "S4-33")
    experiment = "X05"
    statement = Text(
        "Clipping forces every gradient element into a range; the step gets shorter and its direction stays the same.",
        "梯度裁剪把每个梯度分量强制限制在某个范围内，只缩短步长，不改变方向。",
    )
    rule = Text(
        "Holds if the cosine after value clipping is above 0.999 in every repeat; fails as stated if it is below 0.9 in every repeat.",
        "若每次重复中按值裁剪后的余弦都大于 0.999 则成立；若都小于 0.9 则不成立。",
    )
    depends = Text("depends on how heavy the tails of the gradient are", "取决于梯度分布的尾部有多重")

    size: int = 10_000  # elements of the gradient
    limit: float = 1.0  # of value clipping

    def measure(self, seed: int) -> dict[str, float]:
        gradient = np.random.default_rng(seed).standard_t(1.5, self.size)
        by_value = np.clip(gradient, -self.limit, self.limit)
        by_norm = gradient * np.linalg.norm(by_value) / np.linalg.norm(gradient)

        def cosine(other: np.ndarray) -> float:
            return float(gradient @ other / np.linalg.norm(gradient) / np.linalg.norm(other))

        return {
            "cosine_by_value": cosine(by_value),
            "cosine_by_norm": cosine(by_norm),
            "share_clipped": float((np.abs(gradient) > self.limit).mean()),
        }

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        cosine = measured["cosine_by_value"]
        return "holds" if cosine.min() > 0.999 else "fails as stated" if cosine.max() < 0.9 else "depends"

    def plot(self, figure: Figure, measured: dict[str, np.ndarray], lang: str) -> None:
        axes = figure.add_subplot()
        gradient = np.array([3.0, 0.6])
        arrows = {
            ("gradient", "原梯度"): (gradient, "#000000"),
            ("clipped by value", "按值裁剪"): (np.clip(gradient, -1, 1), "#D55E00"),
            ("clipped by norm", "按范数裁剪"): (gradient / np.linalg.norm(gradient), "#0072B2"),
        }
        for (en, zh), (end, colour) in arrows.items():
            axes.annotate("", xy=end, xytext=(0, 0), arrowprops={"arrowstyle": "->", "color": colour, "lw": 2})
            axes.plot([], [], color=colour, lw=2, label=zh if lang == "zh" else en)
        axes.set(xlim=(-0.1, 3.2), ylim=(-0.1, 1.3))
        axes.set_xlabel("分量 1" if lang == "zh" else "element 1")
        axes.set_ylabel("分量 2" if lang == "zh" else "element 2")
        axes.legend()


@dataclass(frozen=True)
class ClippingMakesGradientsFinite(Claim):
    """What PyTorch's two clipping functions leave of a gradient that holds an inf or a NaN.

    ## The set-up
    Gradients [1, 2, inf] and [1, 2, nan]; `clip_grad_value_` with limit 1 and `clip_grad_norm_` with limit 1, each on a fresh copy.
    ## Why
    clamp(inf) is the limit, so the infinity is hidden; clamp(nan) is nan. The norm of a vector with an inf is inf, so every finite element
    becomes x / inf = 0 and the infinite one inf / inf = nan.
    """

    rows = ("S0-11",)
    experiment = "X05"
    statement = Text("After clipping, the gradient is finite.", "裁剪之后梯度必为有限值。")
    rule = Text(
        "Holds if no NaN or Inf is left in any of the four cases; fails as stated otherwise.",
        "四种情形都不再含 NaN 或 Inf 则成立，否则不成立。",
    )
    seeds = 1

    def measure(self, seed: int) -> dict[str, float]:
        import torch

        counts: dict[str, float] = {}
        for bad in ("inf", "nan"):
            for name, clip in (("value", torch.nn.utils.clip_grad_value_), ("norm", torch.nn.utils.clip_grad_norm_)):
                parameter = torch.nn.Parameter(torch.zeros(3))
                parameter.grad = torch.tensor([1.0, 2.0, float(bad)])
                clip(parameter, 1.0)
                counts[f"non_finite_after_{name}_clip_of_{bad}"] = float((~torch.isfinite(parameter.grad)).sum())
                if bad == "inf" and name == "norm":
                    counts["zeros_after_norm_clip_of_inf"] = float((parameter.grad == 0).sum())
        return counts

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        left = sum(float(values.sum()) for name, values in measured.items() if name.startswith("non_finite"))
        return "holds" if left == 0 else "fails as stated"


@dataclass(frozen=True)
class AThresholdSolvesExplosion(Claim):
    """Where an exploding ReLU net ends: untouched, with norm clipping at 1, and with He initialisation instead.

    ## The set-up
    Twelve ReLU layers of `width` units whose weights start with standard deviation `std` (gain 2 per layer), SGD for `steps` steps, lr 0.1
    (He: 0.02), the same data and seeds. Two tasks on 128 points: two moons with cross-entropy, and the regression of sin(3 x0) + x1. The
    loss is given as a multiple of knowing nothing (ln 2, and the targets' variance).
    ## Why
    The clip bounds the step, not the forward signal: outputs start near 2^12, and steps of length lr cannot bring weights of that size back
    in the budget. Where only the sign of the output counts, that may not matter; where its size counts, it does.
    """

    rows = ("S1-01", "S4-33")
    experiment = "X07"
    statement = Text("A threshold on the gradient solves exploding gradients.", "给梯度设一个阈值就能解决梯度爆炸。")
    rule = Text(
        "Holds if the clipped run beats knowing nothing (ratio below 1) on both tasks in every repeat; fails as stated if on neither in any.",
        "若裁剪后的训练每次在两个任务上都优于盲猜（比值小于 1）则成立；若在两个任务上都从未做到则不成立。",
    )
    depends = Text(
        "depends on the loss: with cross-entropy the size of the outputs hardly matters, with a squared error it decides",
        "取决于损失：用交叉熵时输出的大小几乎无关紧要，用平方误差时则起决定作用",
    )

    width: int = 64
    std: float = 0.375  # of every weight at the start; He would be sqrt(2 / 64) = 0.18
    steps: int = 100
    seeds = 3
    quick = {"steps": 60}

    def measure(self, seed: int) -> dict[str, float]:
        import torch
        from torch import nn

        def final_loss(std: float | None, limit: float | None, regression: bool) -> tuple[float, float]:
            torch.manual_seed(seed)
            labels = torch.arange(128) % 2
            angle, sign = torch.rand(128) * torch.pi, 1 - 2 * labels
            inputs = torch.stack([angle.cos() * sign + labels, angle.sin() * sign + 0.5 * labels], 1) + 0.1 * torch.randn(128, 2)
            curve = torch.sin(3 * inputs[:, :1]) + inputs[:, 1:]
            layers: list[nn.Module] = []
            for depth in range(12):
                layer = nn.Linear(2 if depth == 0 else self.width, self.width)
                nn.init.normal_(layer.weight, std=std) if std else nn.init.kaiming_normal_(layer.weight)
                layers += [layer, nn.ReLU()]
            model = nn.Sequential(*layers, nn.Linear(self.width, 1 if regression else 2))
            optimizer = torch.optim.SGD(model.parameters(), lr=0.1 if std else 0.02)
            loss = torch.tensor(float("nan"))
            for step in range(self.steps):
                optimizer.zero_grad()
                outputs = model(inputs)
                loss = nn.functional.mse_loss(outputs, curve) if regression else nn.functional.cross_entropy(outputs, labels)
                if not bool(torch.isfinite(loss)):
                    return float("inf"), float(step)
                loss.backward()
                if limit:
                    nn.utils.clip_grad_norm_(model.parameters(), limit)
                optimizer.step()
            nothing = float(curve.var(correction=0)) if regression else float(np.log(2))
            return float(loss.detach()) / nothing, float(self.steps)

        found = {}
        for task, regression in (("moons", False), ("regression", True)):
            found[f"first_non_finite_step_{task}"] = final_loss(self.std, None, regression)[1]
            found[f"clipped_{task}"] = final_loss(self.std, 1.0, regression)[0]
            found[f"he_{task}"] = final_loss(None, None, regression)[0]
        return found

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        clipped = np.stack([measured["clipped_moons"], measured["clipped_regression"]])
        return "holds" if clipped.max() < 1 else "fails as stated" if clipped.min() >= 1 else "depends"


@dataclass(frozen=True)
class ATighterClipIsSafer(Claim):
    """Steps that gradient descent needs on a bowl when every step is clipped to a smaller and smaller norm.

    ## The set-up
    f(w) = |w|^2 / 2 in 20 dimensions from |w| = 10, lr 0.5, clip limits 100 (never reached), 1 and 0.1; steps until |w| < 0.1, at most 10,000.
    ## Why
    Once every gradient is clipped, each step has length lr * limit: the distance 10 needs 10 / (lr * limit) steps, and the limit has become
    the learning rate.
    """

    rows = ("S1-01",)
    statement = Text("A smaller clipping threshold is safer and costs nothing.", "裁剪阈值越小越安全，没有代价。")
    rule = Text(
        "Holds if the smallest limit needs at most twice the steps of no clipping; fails as stated if it needs ten times as many or more.",
        "若最小阈值所需步数不超过不裁剪的两倍则成立；若达到十倍以上则不成立。",
    )
    depends = Text("depends on how often the clip acts", "取决于裁剪起作用的频率")

    lr: float = 0.5

    def measure(self, seed: int) -> dict[str, float]:
        start = np.random.default_rng(seed).standard_normal(20)
        start *= 10 / np.linalg.norm(start)
        counts = {}
        for limit in (100.0, 1.0, 0.1):
            weights, steps = start.copy(), 0
            while np.linalg.norm(weights) > 0.1 and steps < 10_000:
                weights -= self.lr * weights * min(1.0, limit / np.linalg.norm(weights))
                steps += 1
            counts[f"steps_at_limit_{limit:g}"] = float(steps)
        return counts

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        ratio = measured["steps_at_limit_0.1"] / measured["steps_at_limit_100"]
        return "holds" if ratio.max() <= 2 else "fails as stated" if ratio.min() >= 10 else "depends"


@dataclass(frozen=True)
class TooTightAClipIsSeenAndCured(Phenomenon):
    """Clipping at 0.001, clipping at 5, and the former under `no-clipping`.

    ## The set-up
    Two moons, two hidden ReLU layers of 32, SGD lr 0.05 with momentum 0.9, clipped by norm in every step.
    ## Why
    Where every gradient is clipped, the limit is the learning rate.
    """

    rows = ("S0-11",)
    fault = Text("Too tight a clip", "过紧的裁剪")
    sees = ("clipping-too-tight",)
    remedies = ("no-clipping",)

    steps: int = 80

    def faulty(self, seed: int) -> Training:
        return self.net(seed, 1e-3)

    def healthy(self, seed: int) -> Training:
        return self.net(seed, 5.0)

    @staticmethod
    def net(seed: int, limit: float) -> Training:
        """Clipped at `limit`."""
        import torch

        torch.manual_seed(seed)
        training = training_on(plain_net([2, 32, 32, 2], torch.nn.ReLU), half_moons(seed, 400), lr=0.05, seed=seed)

        def step(running: Training, inputs: torch.Tensor, targets: torch.Tensor) -> None:
            assert running.loss is not None
            running.optimizer.zero_grad()
            running.loss(running.model(inputs), targets).backward()
            torch.nn.utils.clip_grad_norm_(running.model.parameters(), limit)
            running.optimizer.step()

        training.step = step
        return training
