"""Claims about weight decay: against explosions, under Adam, with normalisation, and too much of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from unstuck.lab import Claim, Verdict
from unstuck.phenomenon import Phenomenon
from unstuck.records import Text

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from unstuck.training import Training


@dataclass(frozen=True)
class WeightDecayStopsAnExplosion(Claim):
    """Step of the first non-finite loss of a net that starts too large, with weight decay 0, 0.1 and 1, with clipping, and with He init.

    ## The set-up
    `depth` ReLU layers of width 64, weights with standard deviation `gain` / sqrt(64), targets from a sine, squared error, SGD with lr 0.01,
    60 steps in float32.
    ## Why
    Decay takes the share lr * wd of a weight per step: at most 1 % here. The explosion multiplies by the gain in every layer at once.
    """

    rows = ("S0-12", "S4-34")
    experiment = "X07"
    statement = Text(
        "Weight regularisation cures exploding gradients: when they explode, the penalty grows and limits the weights.",
        "权重正则化可以解决梯度爆炸：发生爆炸时正则项变得很大，从而限制权重。",
    )
    rule = Text(
        "Holds if with decay 0.1 or 1 the loss stays finite in all repeats while it does not without; otherwise it fails as stated.",
        "若不加衰减时损失变为非有限、而衰减 0.1 或 1 时每次重复都保持有限，则成立；否则按原话不成立。",
    )
    depth: int = 12
    gain: float = 3.0

    def measure(self, seed: int) -> dict[str, float]:
        import torch

        torch.manual_seed(seed)
        x = torch.randn(64, 64)
        y = torch.sin(x[:, :1])
        settings = {
            "decay_0": (0.0, 0.0, self.gain), "decay_0.1": (0.1, 0.0, self.gain), "decay_1": (1.0, 0.0, self.gain),
            "clip_1": (0.0, 1.0, self.gain), "he_init": (0.0, 0.0, 2**0.5),
        }  # fmt: skip
        measured = {}
        for name, (decay, clip, gain) in settings.items():
            torch.manual_seed(seed)
            w = [(torch.randn(64, 64 if i < self.depth else 1) * gain / 8).requires_grad_() for i in range(self.depth + 1)]
            bad, loss = 60.0, torch.zeros(())
            for step in range(60):
                h = x
                for layer in w[:-1]:
                    h = (h @ layer).relu()
                loss = ((h @ w[-1] - y) ** 2).mean()
                if not torch.isfinite(loss):
                    bad = float(step)
                    break
                gradients = torch.autograd.grad(loss, w)
                norm = torch.sqrt(sum((g.double() ** 2).sum() for g in gradients))
                scale = float(min(1.0, clip / float(norm))) if clip else 1.0
                with torch.no_grad():
                    for layer, g in zip(w, gradients, strict=True):
                        layer -= 0.01 * (scale * g + decay * layer)
            measured[f"steps_{name}"] = bad
            if name in ("clip_1", "he_init"):
                measured[f"loss_{name}"] = float(loss.detach())
        return measured

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        saved = max(measured["steps_decay_0.1"].min(), measured["steps_decay_1"].min()) == 60
        return "holds" if saved and measured["steps_decay_0"].max() < 60 else "fails as stated"


@dataclass(frozen=True)
class AnL2TermIsWeightDecay(Claim):
    """Share that one setting of strength takes from weights with small and with large gradients: L2 in the loss and decoupled, SGD and Adam.

    ## The set-up
    Six weights whose (zero-mean, random) loss gradients have sizes from 0.01 to 100, all starting at 1; strength 0.1, 300 steps; the mean weight left over
    200 copies is compared between the weights.
    ## Why
    Adam divides the whole gradient, penalty included, by its root mean square: where loss gradients are large the penalty is divided away. Decoupled
    decay multiplies by 1 - lr * wd whatever the gradient.
    """

    rows = ("S0-30", "S1-35")
    statement = Text(
        "An L2 term in the loss and weight decay are the same thing.",
        "损失中的 L2 项与权重衰减是一回事。",
    )
    rule = Text(
        "An optimiser agrees if L2 and decay leave weights within 10 % of each other at every gradient size. Holds if SGD and Adam do, depends if only SGD.",
        "若在每种梯度大小下 L2 与衰减剩下的权重相差都不超过 10 %，则该优化器“一致”。两者都一致则成立，只有 SGD 一致则视情况而定。",
    )
    depends = Text("depends on the optimiser: true for SGD, not for Adam", "取决于优化器：SGD 成立，Adam 不成立")
    strength: float = 0.1

    def measure(self, seed: int) -> dict[str, float]:
        rng = np.random.default_rng(seed)
        sizes = np.geomspace(1e-2, 1e2, 6)[:, None]
        noise = rng.standard_normal((300, 6, 200)) * sizes  # [steps, weights, copies]
        noise -= noise.mean(0)  # the loss itself pulls nowhere over the run
        left = {}
        for kind in ("sgd_l2", "sgd_decay", "adam_l2", "adam_decay"):
            w, m, v = np.ones((6, 200)), np.zeros((6, 200)), np.zeros((6, 200))
            lr = 0.01
            for step in range(1, 301):
                g = noise[step - 1]
                if kind.endswith("l2"):
                    g = g + self.strength * w
                else:
                    w = w * (1 - lr * self.strength)
                if kind.startswith("adam"):
                    m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g * g
                    w = w - lr * (m / (1 - 0.9**step)) / (np.sqrt(v / (1 - 0.999**step)) + 1e-8)
                else:
                    w = w - lr * g
            left[kind] = w.mean(1)
        return {
            "sgd_difference": float(abs(left["sgd_l2"] / left["sgd_decay"] - 1).max()),
            "adam_difference": float(abs(left["adam_l2"] / left["adam_decay"] - 1).max()),
            "gradient_sizes": sizes[:, 0],
            "left_adam_l2": left["adam_l2"],
            "left_adam_decay": left["adam_decay"],
        }

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        sgd, adam = measured["sgd_difference"].max() <= 0.1, measured["adam_difference"].max() <= 0.1
        return "holds" if sgd and adam else "depends" if sgd else "fails as stated"

    def plot(self, figure: Figure, measured: dict[str, np.ndarray], lang: str) -> None:
        axes = figure.add_subplot()
        zh = lang == "zh"
        axes.semilogx(measured["gradient_sizes"][0], measured["left_adam_l2"].mean(0), "o-", color="#D55E00", label="Adam + L2")
        axes.semilogx(measured["gradient_sizes"][0], measured["left_adam_decay"].mean(0), "o-", color="#0072B2", label="AdamW")
        axes.set_xlabel("损失梯度的大小" if zh else "size of the loss gradient")
        axes.set_ylabel("300 步后剩下的权重" if zh else "weight left after 300 steps")
        axes.legend()


@dataclass(frozen=True)
class DecayWorksByKeepingWeightsSmall(Claim):
    """Change of the function when weights are made ten times smaller, without and with batch norm, and what decay does to the effective lr there.

    ## The set-up
    MLP 20-64-64-1: hidden weights times 0.1, outputs compared (relative). Then a batch-norm net trained for 300 SGD steps with decay 0 and 5e-2: norm of
    the first weight and relative size of its update (angular step) at the end.
    ## Why
    BN(c W x) = BN(W x): the norm of W has no effect on the function. But the gradient is divided by c, so a smaller norm means a larger step in direction:
    decay then sets the effective learning rate lr / |W|^2.
    """

    rows = ("S1-36",)
    statement = Text(
        "Weight decay limits what the net can express by preferring small weights.",
        "权重衰减使模型偏好较小的权重，从而限制模型的能力。",
    )
    rule = Text(
        "Holds if dividing hidden weights by ten changes the outputs by over 10 % with and without batch norm; depends if only without.",
        "若隐藏层权重除以十时，有无批归一化输出变化都超过 10 %，则成立；若只在没有时如此，则视情况而定。",
    )
    depends = Text(
        "depends on normalisation: behind a batch norm it sets the effective learning rate",
        "取决于是否有归一化：在批归一化之前的层，它决定的是有效学习率",
    )
    seeds = 3
    steps: int = 300
    quick = {"steps": 150}

    def measure(self, seed: int) -> dict[str, float]:
        import torch
        from torch import nn

        def net(norm: bool) -> nn.Sequential:
            torch.manual_seed(seed)
            between = (lambda: [nn.BatchNorm1d(64), nn.ReLU()]) if norm else (lambda: [nn.ReLU()])
            return nn.Sequential(nn.Linear(20, 64, bias=False), *between(), nn.Linear(64, 64, bias=False), *between(), nn.Linear(64, 1))

        torch.manual_seed(100 + seed)
        x = torch.randn(256, 20)
        y = torch.sin(2 * x[:, :1]) + 0.1 * torch.randn(256, 1)
        measured = {}
        for name, norm in (("plain", False), ("batch_norm", True)):
            model = net(norm)
            with torch.no_grad():
                before = model(x)
                for layer in [m for m in model if isinstance(m, nn.Linear)][:2]:
                    layer.weight.mul_(0.1)
                after = model(x)
            measured[f"output_change_{name}"] = float((after - before).norm() / (before - before.mean()).norm())
        for decay in (0.0, 0.05):
            model = net(True)
            optimizer = torch.optim.SGD(model.parameters(), lr=0.1, weight_decay=decay)
            turn = []
            for step in range(self.steps):
                i = torch.randint(256, (32,))
                optimizer.zero_grad()
                nn.functional.mse_loss(model(x[i]), y[i]).backward()
                old = model[0].weight.detach().clone()
                optimizer.step()
                if step >= self.steps // 2:
                    new = model[0].weight.detach()
                    turn.append(float(torch.arccos((old * new).sum() / old.norm() / new.norm()).nan_to_num(0)))
            measured[f"norm_decay_{decay:g}"] = float(model[0].weight.detach().norm())
            measured[f"angle_per_step_decay_{decay:g}"] = float(np.mean(turn))
        return measured

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        plain, norm = measured["output_change_plain"].min() > 0.1, measured["output_change_batch_norm"].min() > 0.1
        return "holds" if plain and norm else "depends" if plain else "fails as stated"


def _recipe(seed: int, decay: float) -> Training:
    import torch
    from torch import nn

    from unstuck.training import Training

    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(768, 2, generator=generator)
    y = (x[:, 0] * x[:, 1] > 0).long()
    torch.manual_seed(seed)
    model = nn.Sequential(nn.Linear(2, 32), nn.Tanh(), nn.Linear(32, 2))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.5, momentum=0.9, weight_decay=decay)
    batches = [(x[i : i + 64], y[i : i + 64]) for i in range(0, 512, 64)]
    return Training([model], [optimizer], nn.CrossEntropyLoss(), batches, (x[512:], y[512:]), seed=seed)


@dataclass(frozen=True)
class TooMuchDecayIsSeenAndCured(Phenomenon):
    """Weight decay 0.1, weight decay 1e-4, and the former under `no-weight-decay`.

    ## The set-up
    XOR of two Gaussians, MLP 2-32-2, SGD with momentum.
    ## Why
    At the optimum the slope of the loss equals decay times weight. Where the first gains of a weight are smaller than its decay, 0 is
    the best that training can find.
    """

    rows = ("S1-36",)
    fault = Text("Too strong a weight decay", "过强的权重衰减")
    sees = ("over-regularised",)
    remedies = ("no-weight-decay",)

    steps: int = 200
    decay: float = 0.1

    def faulty(self, seed: int) -> Training:
        return _recipe(seed, decay=self.decay)

    def healthy(self, seed: int) -> Training:
        return _recipe(seed, decay=1e-4)
