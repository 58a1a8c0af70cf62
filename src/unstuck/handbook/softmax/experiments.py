"""Claims about softmax."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from unstuck.lab import Claim, Verdict
from unstuck.records import Text

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class SoftmaxHasNoNonlinearity(Claim):
    """Accuracy on two moons of nets whose hidden activation is softmax, ReLU, or none.

    ## The set-up
    One hidden layer of 16, 256 points, Adam lr 0.03, `steps` full-batch steps; a linear net for comparison.
    ## Why
    exp and the division by a sum of exp are non-linear. What speaks against it in hidden layers: units are coupled, their sum is fixed to 1, and slopes p (1 - p) are small.
    """

    rows = ("S2-37", "S2-59")
    experiment = "X35"
    statement = Text(
        "Softmax is unsuited to hidden layers because it has no non-linearity.", "softmax 不适合用于隐藏层，因为它不具备非线性性质。"
    )
    rule = Text(
        "Holds if the softmax net is within 0.02 of the linear one in every repeat; fails as stated if it is better by more than 0.05 in every repeat.",
        "若每次 softmax 网络与线性网络相差 0.02 以内则成立；若每次都高出 0.05 以上则不成立。",
    )
    depends = Text("depends on the seed", "取决于随机种子")

    steps: int = 300
    seeds = 3
    quick = {"steps": 200}

    def measure(self, seed: int) -> dict[str, float]:
        import torch
        from torch import nn

        found = {}
        for name, function in (("softmax", nn.Softmax(1)), ("relu", nn.ReLU()), ("linear", nn.Identity())):
            torch.manual_seed(seed)
            labels = torch.arange(256) % 2
            angle, sign = torch.rand(256) * torch.pi, 1 - 2 * labels
            inputs = torch.stack([angle.cos() * sign + labels, angle.sin() * sign + 0.5 * labels], 1) + 0.1 * torch.randn(256, 2)
            model = nn.Sequential(nn.Linear(2, 16), function, nn.Linear(16, 2))
            optimizer = torch.optim.Adam(model.parameters(), lr=0.03)
            for _ in range(self.steps):
                optimizer.zero_grad()
                nn.functional.cross_entropy(model(inputs), labels).backward()
                optimizer.step()
            with torch.no_grad():
                found[f"accuracy_{name}"] = float((model(inputs).argmax(1) == labels).float().mean())
        return found

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        above = measured["accuracy_softmax"] - measured["accuracy_linear"]
        return "holds" if np.abs(above).max() < 0.02 else "fails as stated" if above.min() > 0.05 else "depends"


@dataclass(frozen=True)
class SoftmaxIsNotDifferentiableAtZero(Claim):
    """Difference between softmax's Jacobian diag(s) - s s^T and difference quotients from both sides at zero and elsewhere.

    ## The set-up
    Six logits at zero, and drawn from N(0, 3^2); steps of 1e-6 to the left and to the right, float64.
    ## Why
    exp is smooth, and the sum of exponentials is never zero. Only the maximum (argmax, ReLU) has corners.
    """

    rows = ("S2-38", "S2-62")
    experiment = "X35"
    statement = Text("Softmax is not differentiable at zero.", "softmax 在零点不可微。")
    rule = Text(
        "Fails as stated if the quotients from both sides agree with the Jacobian within 1e-5 at zero in every repeat; holds otherwise.",
        "若每次在零点的左右差商都与雅可比矩阵相差 1e-5 以内则不成立；否则成立。",
    )

    def measure(self, seed: int) -> dict[str, float]:
        def softmax(z: np.ndarray) -> np.ndarray:
            e = np.exp(z - z.max())
            return e / e.sum()

        found = {}
        for name, z in (("zero", np.zeros(6)), ("random", 3 * np.random.default_rng(seed).standard_normal(6))):
            s = softmax(z)
            jacobian = np.diag(s) - np.outer(s, s)
            worst = 0.0
            for index in range(6):
                for step in (1e-6, -1e-6):
                    moved = z.copy()
                    moved[index] += step
                    worst = max(worst, float(np.abs((softmax(moved) - s) / step - jacobian[:, index]).max()))
            found[f"difference_at_{name}"] = worst
            found[f"largest_slope_at_{name}"] = float(jacobian.max())
        return found

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        return "fails as stated" if measured["difference_at_zero"].max() < 1e-5 else "holds"


@dataclass(frozen=True)
class NormalisingMakesSoftmaxStable(Claim):
    """Finiteness of softmax as written and with the maximum subtracted, and what a constant added to all logits changes.

    ## The set-up
    Logits [1000, 0, -1000] and 10 logits of N(0, 1), float32; in float64 the change of softmax when 5 is added to all logits.
    ## Why
    e^1000 overflows before anything is divided: inf / inf. Softmax does not change when a constant is subtracted from all logits, so the largest exponent
    can be made 0.
    """

    rows = ("S2-61", "S2-35", "S2-36", "S2-60")
    experiment = "X36"
    statement = Text(
        "By normalising, softmax can handle large or small inputs and is numerically stable.",
        "通过归一化，softmax 可以处理较大或较小的输入，数值稳定。",
    )
    rule = Text(
        "Holds if the formula as written is finite for [1000, 0, -1000]; fails as stated if it is not while the shifted form is.",
        "若按原式计算 [1000, 0, −1000] 得到有限值则成立；若原式非有限而减去最大值后有限则不成立。",
    )
    depends = Text("neither form is finite", "两种形式都非有限")
    seeds = 1

    def measure(self, seed: int) -> dict[str, float]:
        import torch

        torch.manual_seed(seed)
        logits = torch.tensor([1000.0, 0.0, -1000.0])
        written = logits.exp() / logits.exp().sum()
        shifted = (logits - logits.max()).exp() / (logits - logits.max()).exp().sum()
        z = torch.randn(10, dtype=torch.float64)
        return {
            "non_finite_as_written": float((~written.isfinite()).sum()),
            "non_finite_shifted": float((~shifted.isfinite()).sum()),
            "change_by_a_constant": float((z.softmax(0) - (z + 5).softmax(0)).abs().max()),
            "sum": float(z.softmax(0).sum()),
        }

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        if measured["non_finite_as_written"][0] == 0:
            return "holds"
        return "fails as stated" if measured["non_finite_shifted"][0] == 0 else "depends"


@dataclass(frozen=True)
class SoftmaxOutputsAreProbabilitiesOfBeingRight(Claim):
    """Mean confidence and accuracy of a softmax net on held-out data, early and after long training.

    ## The set-up
    Two moons with noise 0.35, 200 training and 2,000 held-out points, two hidden ReLU layers of 64, Adam lr 0.01; after 20 and after `steps` full-batch steps.
    ## Why
    Positive and summing to 1 makes a distribution, not the right one. Once the training labels are fitted, cross-entropy goes on falling by making logits larger.
    """

    rows = ("S2-60", "S2-36")
    statement = Text(
        "Softmax's outputs can be read as the probability that the class is right.", "softmax 的每个输出值表示输入属于该类别的概率。"
    )
    rule = Text(
        "Holds if mean confidence and accuracy differ by less than 0.03 early and late in the mean; fails as stated if by more both times; depends otherwise.",
        "若训练早期和后期平均置信度与准确率平均相差都小于 0.03 则成立；若都超过则不成立；否则视情况而定。",
    )
    depends = Text("depends on how far the training set is overfitted", "取决于对训练集过拟合的程度")

    steps: int = 300
    quick = {"steps": 200}

    def measure(self, seed: int) -> dict[str, float]:
        import torch
        from torch import nn

        torch.manual_seed(seed)
        labels = torch.arange(2200) % 2
        angle, sign = torch.rand(2200) * torch.pi, 1 - 2 * labels
        inputs = torch.stack([angle.cos() * sign + labels, angle.sin() * sign + 0.5 * labels], 1) + 0.35 * torch.randn(2200, 2)
        model = nn.Sequential(nn.Linear(2, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 2))
        optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
        found = {}
        for step in range(1, self.steps + 1):
            optimizer.zero_grad()
            nn.functional.cross_entropy(model(inputs[:200]), labels[:200]).backward()
            optimizer.step()
            if step in (20, self.steps):
                name = "early" if step == 20 else "late"
                with torch.no_grad():
                    confidence, chosen = model(inputs[200:]).softmax(1).max(1)
                found[f"confidence_{name}"] = float(confidence.mean())
                found[f"accuracy_{name}"] = float((chosen == labels[200:]).float().mean())
                found[f"gap_{name}"] = found[f"confidence_{name}"] - found[f"accuracy_{name}"]
        return found

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        near = [abs(float(measured[f"gap_{name}"].mean())) < 0.03 for name in ("early", "late")]
        return "holds" if all(near) else "depends" if any(near) else "fails as stated"

    def plot(self, figure: Figure, measured: dict[str, np.ndarray], lang: str) -> None:
        axes = figure.add_subplot()
        words = (
            ("置信度", "准确率", "第 20 步", f"第 {self.steps} 步")
            if lang == "zh"
            else ("confidence", "accuracy", "step 20", f"step {self.steps}")
        )
        for shift, (key, label, colour, hatch) in enumerate(
            (("confidence", words[0], "#D55E00", "//"), ("accuracy", words[1], "#0072B2", ""))
        ):
            heights = [measured[f"{key}_{name}"].mean() for name in ("early", "late")]
            axes.bar(np.arange(2) + 0.35 * shift - 0.175, heights, 0.33, color=colour, hatch=hatch, edgecolor="white", label=label)
        axes.set_xticks(range(2), words[2:])
        axes.set_ylim(0, 1.25)
        axes.set_ylabel("比例" if lang == "zh" else "share")
        axes.legend(ncols=2)
