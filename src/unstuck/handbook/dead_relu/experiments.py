"""Claims about ReLU units that die: what dead means, what kills, what revives."""

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
    from torch import nn

    from unstuck.training import Training


def _moons(n: int) -> tuple[torch.Tensor, torch.Tensor]:
    import torch

    labels = torch.arange(n) % 2
    angle, sign = torch.rand(n) * torch.pi, 1 - 2 * labels
    inputs = torch.stack([angle.cos() * sign + labels, angle.sin() * sign + 0.5 * labels], 1)
    return inputs + 0.1 * torch.randn(n, 2), labels


def _net(activation: type[nn.Module]) -> nn.Sequential:
    """Three hidden layers of 64 with He initialisation."""
    from torch import nn

    layers: list[nn.Module] = []
    for width in (2, 64, 64):
        linear = nn.Linear(width, 64)
        nn.init.kaiming_normal_(linear.weight)
        nn.init.zeros_(linear.bias)
        layers += [linear, activation()]
    return nn.Sequential(*layers, nn.Linear(64, 2))


def _train(model: nn.Module, inputs: torch.Tensor, labels: torch.Tensor, lr: float, steps: int) -> None:
    import torch

    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    for _ in range(steps):
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(model(inputs), labels).backward()
        optimizer.step()


def _dead_units(model: nn.Sequential, inputs: torch.Tensor) -> torch.Tensor:
    """Per hidden unit: negative pre-activation for every sample [3, 64]; also what a leaky net is judged by."""
    import torch

    dead, signal = [], inputs
    with torch.no_grad():
        for index in range(0, 6, 2):
            z = model[index](signal)
            dead.append(~(z > 0).any(0))
            signal = model[index + 1](z)
    return torch.stack(dead)


@dataclass(frozen=True)
class AZeroIsADeadUnit(Claim):
    """Share of zero outputs and share of units that are zero on the whole data set, in a healthy net.

    ## The set-up
    3 x 64 ReLU net, two moons, 256 points, 150 full-batch steps of SGD at lr 0.1.
    ## Why
    A unit is a hyperplane: it is zero for the samples on one side. Dead means that all samples lie there, so that no sample sends a gradient.
    """

    rows = ("S0-15", "S4-50")
    experiment = "X08"
    statement = Text(
        "ReLU's zero half makes the units that output zero unable to activate (dead).",
        "ReLU 负半轴恒为 0，会导致输出为零的神经元无法激活（死亡）。",
    )
    rule = Text(
        "Holds if at least half of the zero outputs belong to dead units; fails as stated if less than a third does in every repeat.",
        "若零输出中至少一半来自死亡单元则成立；若每次都不到三分之一则不成立。",
    )
    depends = Text("depends on the training", "取决于训练情况")
    seeds = 3

    def measure(self, seed: int) -> dict[str, float]:
        import torch
        from torch import nn

        torch.manual_seed(seed)
        inputs, labels = _moons(256)
        model = _net(nn.ReLU)
        _train(model, inputs, labels, 0.1, 150)
        dead = _dead_units(model, inputs)
        zeros, signal = [], inputs
        with torch.no_grad():
            for index in range(0, 6, 2):
                signal = model[index + 1](model[index](signal))
                zeros.append(float((signal == 0).float().mean()))
        return {"zero_share": float(np.mean(zeros)), "dead_share": float(dead.float().mean())}

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        of_dead = measured["dead_share"] / measured["zero_share"]
        return "holds" if of_dead.min() >= 0.5 else "fails as stated" if of_dead.max() < 1 / 3 else "depends"


@dataclass(frozen=True)
class LargeStepsKillUnits(Claim):
    """Share of dead units after training with learning rate 0.1, 0.5 and 1.

    ## The set-up
    3 x 64 ReLU net, two moons, 256 points, 150 full-batch steps of SGD; dead = pre-activation not above zero for any sample.
    ## Why
    One step that overshoots may push w.x + b below zero for all samples at once, most often through the bias; from there no gradient leads back.
    """

    rows = ("S2-23",)
    experiment = "X08"
    statement = Text("A bad update can kill ReLU units, in any layer.", "一次不恰当的更新可能使 ReLU 神经元死亡，任何隐藏层都可能发生。")
    rule = Text(
        "Holds if in every repeat the dead share at lr 1 exceeds that at lr 0.1 by more than 0.05.",
        "若每次学习率 1 时的死亡比例比 0.1 时高 0.05 以上则成立。",
    )
    depends = Text("depends on the seed", "取决于随机种子")
    seeds = 3

    def measure(self, seed: int) -> dict[str, float]:
        import torch
        from torch import nn

        found = {}
        for lr in (0.1, 0.5, 1.0):
            torch.manual_seed(seed)
            inputs, labels = _moons(256)
            model = _net(nn.ReLU)
            _train(model, inputs, labels, lr, 150)
            dead = _dead_units(model, inputs)
            found[f"dead_share_lr_{lr:g}"] = float(dead.float().mean())
            with torch.no_grad():
                found[f"final_loss_lr_{lr:g}"] = float(nn.functional.cross_entropy(model(inputs), labels))
        return found

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        rise = measured["dead_share_lr_1"] - measured["dead_share_lr_0.1"]
        return "holds" if rise.min() > 0.05 else "fails as stated" if rise.max() <= 0.05 else "depends"

    def plot(self, figure: Figure, measured: dict[str, np.ndarray], lang: str) -> None:
        axes, rates = figure.subplots(), (0.1, 0.5, 1)
        shares = np.array([measured[f"dead_share_lr_{lr:g}"] for lr in rates])
        axes.bar(range(3), shares.mean(1), 0.5, color="#56B4E9", label="平均" if lang == "zh" else "mean")
        axes.plot(range(3), shares, "o", color="#0072B2", ms=4)
        axes.set_xticks(range(3), [f"{lr:g}" for lr in rates])
        axes.set_xlabel("学习率" if lang == "zh" else "learning rate")
        axes.set_ylabel("死亡单元的比例" if lang == "zh" else "share of dead units")
        axes.legend(loc="upper left")


@dataclass(frozen=True)
class ASmallLearningRateRevivesThem(Claim):
    """Dead units of the first layer before and after more training: at a small rate, at a usual rate, and with a leaky slope put in.

    ## The set-up
    3 x 64 ReLU net; the biases of half of the first layer's units are lowered until the largest pre-activation over two moons (128 points) is
    -`margin`. Then `steps` full-batch steps of SGD at lr 0.01, at lr 0.3, and at lr 0.3 with LeakyReLU(0.1) in place of ReLU.
    ## Why
    The gradient of a dead unit is exactly zero, and any learning rate times zero is zero. A leaky slope gives it a gradient again; whether
    that leads back over zero is up to the data and takes time.
    """

    rows = ("S0-16", "S2-22", "S2-27", "S4-50")
    experiment = "X08"
    statement = Text("A small learning rate solves dead ReLU units (in part).", "设置较小的学习率可以（部分）解决神经元死亡。")
    rule = Text(
        "Holds if the small rate revives more than 10 % of the dead units; fails as stated if it revives none in any repeat.",
        "若小学习率使 10 % 以上的死亡单元复活则成立；若每次都没有复活任何一个则不成立。",
    )
    depends = Text("depends on whether the layers below move", "取决于下层是否移动")

    margin: float = 0.01
    steps: int = 200
    seeds = 3
    quick = {"steps": 100}

    def measure(self, seed: int) -> dict[str, float]:
        import torch
        from torch import nn

        found = {}
        for name, activation, lr in (
            ("small_rate", nn.ReLU, 0.01),
            ("usual_rate", nn.ReLU, 0.3),
            ("leaky", lambda: nn.LeakyReLU(0.1), 0.3),
        ):
            torch.manual_seed(seed)
            inputs, labels = _moons(128)
            model = _net(activation)
            with torch.no_grad():
                model[0].bias[:32] = -(inputs @ model[0].weight[:32].T).amax(0) - self.margin
            before = _dead_units(model, inputs)[0]
            torch.nn.functional.cross_entropy(model(inputs), labels).backward()
            gradient = model[0].weight.grad[before].abs().max()
            _train(model, inputs, labels, lr, self.steps)
            after = _dead_units(model, inputs)[0]
            found[f"dead_before_{name}"] = float(before.sum())
            found[f"revived_share_{name}"] = float((before & ~after).sum() / before.sum())
            found[f"largest_gradient_{name}"] = float(gradient)
        return found

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        revived = measured["revived_share_small_rate"]
        return "holds" if revived.min() > 0.1 else "fails as stated" if revived.max() == 0 else "depends"


@dataclass(frozen=True)
class TheRuleSeesDeadUnitsAndTheRemedyCures(Phenomenon):
    """A net whose first layer is dead, its healthy twin, and the dead one under `he-init`, which draws weights and biases anew.

    ## The set-up
    Two hidden ReLU layers of 32 units, two moons, SGD lr 0.05 with momentum 0.9. Faulty: the first layer's biases start at -5.
    ## Why
    Zero on every sample of many batches is what the rule reads; a new start puts the hyperplanes among the data.
    """

    rows = ("S0-15", "S2-22")
    fault = Text("A layer of dead ReLU units", "ReLU 单元的死亡")
    sees = ("dead-units",)
    remedies = ("he-init",)

    steps: int = 60

    def faulty(self, seed: int) -> Training:
        import torch

        training = self.healthy(seed)
        torch.nn.init.constant_(training.model[0].bias, -5.0)  # type: ignore[index]
        return training

    def healthy(self, seed: int) -> Training:
        import torch

        torch.manual_seed(seed)
        return training_on(plain_net([2, 32, 32, 2], torch.nn.ReLU), half_moons(seed, 400), lr=0.05, seed=seed)
