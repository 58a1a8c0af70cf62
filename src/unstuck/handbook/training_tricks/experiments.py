"""Two checks that cost a minute and sort the broken runs from the hard ones: the first loss, and one batch learnt by heart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from unstuck.lab import Claim, Verdict
from unstuck.records import Text

if TYPE_CHECKING:
    import torch
    from torch import nn

FAULTS = ("detached", "frozen_most", "dead_output", "softmax_twice", "vanishing", "tiny_lr")


def net(fault: str, classes: int) -> nn.Module:
    """20-64-64-classes with ReLU, and one fault in it."""
    from torch import nn

    layers: list[nn.Module] = [nn.Linear(20, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, classes)]
    if fault == "vanishing":
        layers = [
            nn.Linear(20, 64),
            nn.Sigmoid(),
            *[m for _ in range(9) for m in (nn.Linear(64, 64), nn.Sigmoid())],
            nn.Linear(64, classes),
        ]
    if fault == "dead_output":
        layers.append(nn.ReLU())
    if fault == "softmax_twice":
        layers.append(nn.Softmax(dim=1))
    model = nn.Sequential(*layers)
    if fault == "frozen_most":
        for p in model.parameters():
            p.requires_grad_(False)
        model[-1].bias.requires_grad_(True)
    if fault == "dead_output":
        nn.init.constant_(model[4].bias, -5.0)
    return model


def loss_on_one_batch(seed: int, fault: str, steps: int, classes: int = 10) -> tuple[float, float]:
    """Loss before the first step and after `steps` steps of Adam on one batch of 32 samples with random labels."""
    import torch
    from torch import nn

    torch.manual_seed(seed)
    model = net(fault, classes)
    x, y = torch.randn(32, 20), torch.randint(classes, (32,))
    optimizer = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=1e-7 if fault == "tiny_lr" else 3e-3)

    def outputs() -> torch.Tensor:
        if fault != "detached":
            return model(x)
        return model[-1](model[:-1](x).detach() * 0 + 1)  # type: ignore[index]  # the features are cut off

    first = nn.functional.cross_entropy(outputs(), y).item()
    for _ in range(steps):
        optimizer.zero_grad()
        nn.functional.cross_entropy(outputs(), y).backward()
        optimizer.step()
    return first, nn.functional.cross_entropy(outputs(), y).item()


@dataclass(frozen=True)
class OneBatchByHeart(Claim):
    """The loss after 300 steps on one single batch, of a sound program and of six broken ones.

    ## The set-up
    32 samples with random labels of 10 classes, Adam lr 3e-3; sound, or with one fault: features cut off, all but one bias frozen, a dead ReLU
    at the output, softmax before cross-entropy, ten sigmoid layers, lr 1e-7.
    ## Why
    64 units can store 32 labels. A program that cannot do that has a fault which no data, regularisation or patience will mend.
    """

    rows = ("S4-63",)
    statement = Text(
        "A sound program drives the loss of one single batch to zero; a broken one does not.",
        "正确的程序能把单个批次的损失训练到零，有错误的程序做不到。",
    )
    rule = Text(
        "Holds if in every repeat the sound program ends below 0.01 and each of the 6 broken ones above 0.5.",
        "若每次重复中正确程序的最终损失小于 0.01，而 6 个有错误的程序都大于 0.5，则成立。",
    )
    seeds = 3
    quick = {"steps": 200}
    steps: int = 300

    def measure(self, seed: int) -> dict[str, float]:
        return {f"loss_{fault}": loss_on_one_batch(seed, fault, self.steps)[1] for fault in ("sound", *FAULTS)}

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        broken = min(measured[f"loss_{fault}"].min() for fault in FAULTS)
        return "holds" if measured["loss_sound"].max() < 0.01 and broken > 0.5 else "fails as stated"


@dataclass(frozen=True)
class TheFirstLossIsKnown(Claim):
    """The loss before the first step, against ln K, of a sound classifier and of one whose outputs are ten times too large.

    ## The set-up
    K = 2, 10 and 100 classes, random labels, PyTorch's default weights; and the last layer's weights times 100.
    ## Why
    A net that knows nothing gives every class 1/K: cross-entropy ln K. More means that it starts sure of something wrong.
    """

    rows = ("S0-37", "S4-63")
    statement = Text("Before the first step, the cross-entropy of K classes is ln K.", "训练开始前，K 类交叉熵等于 ln K。")
    rule = Text(
        "Holds if the first loss is within 10 % of ln K for K = 2, 10 and 100 in every repeat, and above 2 ln 10 with outputs 100 times larger.",
        "若 K = 2、10、100 时每次重复的首个损失与 ln K 相差不超过 10 %，而输出放大 100 倍时超过 2 ln 10，则成立。",
    )

    def measure(self, seed: int) -> dict[str, float]:
        import torch
        from torch import nn

        measured = {}
        for classes in (2, 10, 100):
            first, _ = loss_on_one_batch(seed, "sound", 0, classes)
            measured[f"first_loss_{classes}"] = first
            measured[f"over_ln_k_{classes}"] = first / float(np.log(classes))
        torch.manual_seed(seed)
        model = net("sound", 10)
        with torch.no_grad():
            model[4].weight.mul_(100)  # type: ignore[index, union-attr, operator]
            measured["first_loss_large"] = nn.functional.cross_entropy(model(torch.randn(32, 20)), torch.randint(10, (32,))).item()
        return measured

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        near = all(np.abs(measured[f"over_ln_k_{k}"] - 1).max() < 0.1 for k in (2, 10, 100))
        return "holds" if near and measured["first_loss_large"].min() > 2 * np.log(10) else "fails as stated"
