"""Claims about normalisation over small batches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from unstuck.lab import Claim, Verdict
from unstuck.phenomenon import Phenomenon, half_moons, training_on
from unstuck.records import Text

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from unstuck.training import Training


@dataclass(frozen=True)
class SmallBatchesHurtBatchNorm(Claim):
    """Loss on held-out data of nets trained at batch 2 to 64 with batch norm, layer norm and no norm, for equal numbers of steps.

    ## The set-up
    Two hidden ReLU layers of 64 units, 10 inputs, four classes given by a random teacher; `steps` steps of SGD lr 0.05, fresh samples in every
    batch (no overfitting), 2,000 held-out samples; batch norm in evaluation mode. Held constant: steps and learning rate.
    ## Why
    The batch mean has the error sd / sqrt(B), the batch variance about sqrt(2 / (B - 1)) of itself: for B = 2 normalised values are only
    +1 or -1, and the running statistics describe a function that was never trained. Layer norm sees one sample and has no such term, so it
    shows what the small batch costs by itself.
    """

    rows = ("S2-54", "S4-58")
    experiment = "X43"
    statement = Text(
        "Too small a batch trains badly: the error is large.",
        "batch size 太小时误差会很大，训练比较糟糕。",
    )
    rule = Text(
        "Holds if going from batch 64 to 2 raises the held-out loss by more than 0.1 with every norm (batch, layer, none) in the mean; depends "
        "if with batch norm it rises at least twice as much as with layer norm.",
        "若批大小从 64 降到 2 时，三种网络（BN、LN、无归一化）的留出损失平均都上升超过 0.1 则成立；若 BN 的上升至少是 LN 的两倍则视情况而定。",
    )
    depends = Text(
        "depends on the normalisation: batch norm pays far more than layer norm", "取决于归一化方式：批归一化的代价远大于层归一化"
    )

    steps: int = 150
    quick = {"steps": 100}
    seeds = 3

    def measure(self, seed: int) -> dict[str, float]:
        import torch
        from torch import nn

        found = {}
        for kind, norm in (("batch_norm", nn.BatchNorm1d), ("layer_norm", nn.LayerNorm), ("no_norm", lambda _: nn.Identity())):
            for batch in (2, 8, 64):
                torch.manual_seed(seed)
                teacher = nn.Sequential(nn.Linear(10, 32), nn.Tanh(), nn.Linear(32, 4)).requires_grad_(False)
                for parameter in teacher.parameters():
                    parameter.mul_(4)
                model = nn.Sequential(nn.Linear(10, 64), norm(64), nn.ReLU(), nn.Linear(64, 64), norm(64), nn.ReLU(), nn.Linear(64, 4))
                optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
                for _ in range(self.steps):
                    inputs = torch.randn(batch, 10)
                    optimizer.zero_grad()
                    nn.functional.cross_entropy(model(inputs), teacher(inputs).argmax(1)).backward()
                    optimizer.step()
                with torch.no_grad():
                    inputs = torch.randn(2000, 10)
                    found[f"loss_{kind}_{batch}"] = float(nn.functional.cross_entropy(model.eval()(inputs), teacher(inputs).argmax(1)))
        return found

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        rise = {
            kind: float((measured[f"loss_{kind}_2"] - measured[f"loss_{kind}_64"]).mean())
            for kind in ("batch_norm", "layer_norm", "no_norm")
        }
        if rise["batch_norm"] >= 2 * max(rise["layer_norm"], 0.0):
            return "depends"
        return "holds" if min(rise.values()) > 0.1 else "fails as stated"

    def plot(self, figure: Figure, measured: dict[str, np.ndarray], lang: str) -> None:
        axes = figure.add_subplot()
        names = {"batch_norm": ("batch norm", "批归一化"), "layer_norm": ("layer norm", "层归一化"), "no_norm": ("no norm", "无归一化")}
        for (kind, (en, zh)), colour, marker in zip(names.items(), ("#D55E00", "#0072B2", "#000000"), "os^", strict=True):
            values = np.stack([measured[f"loss_{kind}_{b}"] for b in (2, 8, 64)])
            axes.plot((2, 8, 64), values.mean(1), color=colour, marker=marker, label=zh if lang == "zh" else en)
        axes.set_xscale("log", base=2)
        axes.set_xlabel("批大小" if lang == "zh" else "batch size")
        axes.set_ylabel("留出损失（评估模式）" if lang == "zh" else "held-out loss (evaluation mode)")
        axes.legend()


@dataclass(frozen=True)
class BatchStatisticsAreNoisy(Claim):
    """Relative error of a batch's mean and variance against 1/sqrt(B) and sqrt(2/(B-1)).

    ## The set-up
    20,000 batches of B normal values, B = 2, 8, 32, 128; standard deviation of the batch mean, and of the unbiased batch variance.
    ## Why
    Var(mean) = sigma^2 / B; for normal values Var(s^2) = 2 sigma^4 / (B - 1).
    """

    rows = ("S2-54",)
    statement = Text(
        "The error of a batch's statistics falls like 1/sqrt(B) for the mean and sqrt(2/(B-1)) for the variance.",
        "批统计量的误差：均值按 1/√B、方差按 √(2/(B−1)) 下降。",
    )
    rule = Text(
        "Holds if measured and expected error agree within 5 % for every B in every repeat.",
        "若每次重复中各 B 的实测与理论误差相差 5 % 以内则成立。",
    )
    seeds = 3

    def measure(self, seed: int) -> dict[str, float]:
        stream = np.random.default_rng(seed)
        found = {}
        for size in (2, 8, 32, 128):
            values = stream.standard_normal((20_000, size))
            found[f"mean_error_{size}"] = float(values.mean(1).std())
            found[f"variance_error_{size}"] = float(values.var(1, ddof=1).std())
        return found

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        worst = max(
            max(
                float(np.abs(measured[f"mean_error_{b}"] * b**0.5 - 1).max()),
                float(np.abs(measured[f"variance_error_{b}"] / (2 / (b - 1)) ** 0.5 - 1).max()),
            )
            for b in (2, 8, 32, 128)
        )
        return "holds" if worst < 0.05 else "fails as stated"

    def plot(self, figure: Figure, measured: dict[str, np.ndarray], lang: str) -> None:
        axes, sizes, zh = figure.subplots(), np.array([2, 8, 32, 128]), lang == "zh"
        names = {"mean": "均值的误差" if zh else "error of the mean", "variance": "方差的误差" if zh else "error of the variance"}
        for (name, label), mark in zip(names.items(), "os", strict=True):
            axes.loglog(sizes, [np.median(measured[f"{name}_error_{b}"]) for b in sizes], mark, label=label)
        axes.loglog(sizes, sizes**-0.5, "-", color="#0072B2", linewidth=0.8, label="$1/\\sqrt{B}$")
        axes.loglog(sizes, (2 / (sizes - 1)) ** 0.5, "--", color="#D55E00", linewidth=0.8, label="$\\sqrt{2/(B-1)}$")
        axes.set_xticks(sizes, [str(b) for b in sizes])
        axes.set_xlabel("批大小 B" if zh else "batch size B")
        axes.set_ylabel("相对误差" if zh else "relative error")
        axes.legend()


@dataclass(frozen=True)
class BatchOfTwoLeavesOnlySigns(Claim):
    """Values that batch norm gives for a batch of two samples, and for a batch of one.

    ## The set-up
    `nn.BatchNorm1d(100)` in training mode on two samples, gamma = 1, beta = 0; share of outputs within 0.01 of +1 or -1. One sample is an
    error.
    ## Why
    With two values a and b the mean is (a + b) / 2 and the biased standard deviation |a - b| / 2: the result is +1 and -1 whatever a and b are.
    """

    rows = ("S2-54",)
    experiment = "X43"
    statement = Text(
        "With two samples in a batch, batch norm still passes on how large the features were.",
        "一个批次只有两个样本时，BN 仍能传递特征的大小。",
    )
    rule = Text(
        "Fails as stated if more than 95 % of the outputs are within 0.01 of +1 or -1 in every repeat; holds if fewer than half are.",
        "若每次都有 95 % 以上的输出与 ±1 相差不到 0.01 则不成立；若不到一半则成立。",
    )
    depends = Text("depends on the size of the differences against eps", "取决于样本差异与 eps 的相对大小")

    def measure(self, seed: int) -> dict[str, float]:
        import torch

        torch.manual_seed(seed)
        norm = torch.nn.BatchNorm1d(100)
        with torch.no_grad():
            outputs = norm(torch.randn(2, 100) * 3 + 1)
        try:
            norm(torch.randn(1, 100))
            refused = 0.0
        except ValueError:
            refused = 1.0
        return {"share_at_plus_or_minus_one": float(((outputs.abs() - 1).abs() < 0.01).float().mean()), "one_sample_refused": refused}

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        share = measured["share_at_plus_or_minus_one"]
        return "fails as stated" if share.min() > 0.95 else "holds" if share.max() < 0.5 else "depends"


@dataclass(frozen=True)
class BatchNormPreventsOverfitting(Claim):
    """Held-out accuracy with and without batch norm on a small noisy data set.

    ## The set-up
    Two moons with noise 0.3, ten noise features and 10 % wrong labels; 100 training points, 1,000 held-out points with right labels; two
    hidden layers of 64 ReLU units, Adam lr 0.01, batch 20, `steps` steps; the same data, seeds and steps.
    ## Why
    Batch statistics add noise that depends on the neighbours, which can act as a regulariser. It is a side effect: its size depends on the
    batch, and the net still fits the wrong labels.
    """

    rows = ("S4-58",)
    experiment = "X43"
    statement = Text("Batch normalisation makes a net less prone to overfitting.", "BN 让网络更加不容易过拟合。")
    rule = Text(
        "Holds if the held-out accuracy is higher by more than twice the standard error of the paired differences; fails as stated if lower by as "
        "much; otherwise depends.",
        "若留出准确率的配对差异高出其标准误的两倍以上则成立；低出同样多则不成立；否则视情况而定。",
    )
    depends = Text("depends on data and batch: no dependable difference here", "取决于数据与批大小：此处没有可靠的差异")

    steps: int = 150
    quick = {"steps": 100}

    def measure(self, seed: int) -> dict[str, float]:
        import torch
        from torch import nn

        found = {}
        for name in ("with", "without"):
            torch.manual_seed(seed)
            labels = torch.arange(1100) % 2
            angle, sign = torch.rand(1100) * torch.pi, 1 - 2 * labels
            moons = torch.stack([angle.cos() * sign + labels, angle.sin() * sign + 0.5 * labels], 1) + 0.3 * torch.randn(1100, 2)
            inputs = torch.cat([moons, torch.randn(1100, 10)], 1)
            noisy = torch.where(torch.rand(100) < 0.1, 1 - labels[:100], labels[:100])

            def norm(name: str = name) -> list[nn.Module]:
                return [nn.BatchNorm1d(64)] if name == "with" else []

            model = nn.Sequential(nn.Linear(12, 64), *norm(), nn.ReLU(), nn.Linear(64, 64), *norm(), nn.ReLU(), nn.Linear(64, 2))
            optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
            for _ in range(self.steps):
                chosen = torch.randperm(100)[:20]
                optimizer.zero_grad()
                nn.functional.cross_entropy(model(inputs[chosen]), noisy[chosen]).backward()
                optimizer.step()
            model.eval()
            with torch.no_grad():
                found[f"held_out_{name}"] = float((model(inputs[100:]).argmax(1) == labels[100:]).float().mean())
                found[f"training_{name}"] = float((model(inputs[:100]).argmax(1) == noisy).float().mean())
        return found

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        difference = measured["held_out_with"] - measured["held_out_without"]
        margin = 2 * difference.std(ddof=1) / len(difference) ** 0.5 if len(difference) > 1 else np.inf
        return "holds" if difference.mean() > margin else "fails as stated" if difference.mean() < -margin else "depends"


@dataclass(frozen=True)
class TwoSamplesUnderBatchNormAreSeenAndCured(Phenomenon):
    """Batch norm on two samples, group norm on two samples, and the former under the remedy `group-norm`.

    ## The set-up
    Three hidden ReLU layers of 32 on two moons, batches of 2, SGD lr 0.01 without momentum.
    ## Why
    Of two values only the sign is left; group norm takes its statistics from one sample and does not care.
    """

    rows = ("S2-54",)
    experiment = "X43"
    fault = Text("Batch norm on batches of two", "批大小为 2 时的批归一化")
    sees = ("batchnorm-misuse",)
    remedies = ("group-norm",)

    steps: int = 200

    def faulty(self, seed: int) -> Training:
        return self.net(seed, batch_norm=True)

    def healthy(self, seed: int) -> Training:
        return self.net(seed, batch_norm=False)

    @staticmethod
    def net(seed: int, batch_norm: bool) -> Training:
        """With batch norm or with group norm of 4 groups."""
        import torch
        from torch import nn

        torch.manual_seed(seed)
        layers: list[nn.Module] = []
        for width in (2, 32, 32):
            layers += [nn.Linear(width, 32), nn.BatchNorm1d(32) if batch_norm else nn.GroupNorm(4, 32), nn.ReLU()]
        return training_on(nn.Sequential(*layers, nn.Linear(32, 2)), half_moons(seed, 400), lr=0.01, batch=2, momentum=0.0, seed=seed)
