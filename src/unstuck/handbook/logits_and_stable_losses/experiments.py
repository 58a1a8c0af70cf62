"""Claims about logits: overflow of the naive softmax, the floor of a doubled softmax, and the rule that sees it."""

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
class SoftmaxIsNumericallyStable(Claim):
    """Share of rows in which the softmax as it is written, and its logarithm, are not finite in float32.

    ## The set-up
    1,000 rows of logits from N(0, `scale`^2): e^z / sum e^z as it stands, log(softmax(z)) with PyTorch's own softmax, and log_softmax, each
    against float64 arithmetic with the maximum subtracted.
    ## Why
    float32 overflows at e^88.7 and inf / inf is NaN; softmax(z - max z) is the same number and cannot overflow, but its logarithm is -inf
    where the softmax underflows. Only log_softmax keeps z - max z - log(sum) without leaving the logarithm.
    """

    rows = ("S2-61",)
    experiment = "X36"
    statement = Text(
        "Because it normalises, softmax handles large and small inputs and is numerically stable.",
        "softmax 通过归一化可以处理较大或较小的输入，因此数值稳定。",
    )
    rule = Text(
        "Holds if the softmax as written and log(softmax) are finite in every row; otherwise it fails as stated.",
        "若按定义直接计算的 softmax 与 log(softmax) 在每一行都有限，则成立；否则按原话不成立。",
    )
    scale: float = 100.0  # standard deviation of the logits

    def measure(self, seed: int) -> dict[str, float]:
        import torch

        z = torch.randn(1000, 10, generator=torch.Generator().manual_seed(seed)) * self.scale
        powers = z.exp()
        naive = powers / powers.sum(1, keepdim=True)
        exact = z.double() - z.double().logsumexp(1, keepdim=True)
        return {
            "naive_not_finite": float((~naive.isfinite()).any(1).double().mean()),
            "log_of_softmax_not_finite": float((~z.softmax(1).log().isfinite()).any(1).double().mean()),
            "log_softmax_not_finite": float((~z.log_softmax(1).isfinite()).any(1).double().mean()),
            "log_softmax_error": float(((z.log_softmax(1) - exact).abs() / exact.abs().clamp(min=1)).max()),
        }

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        broken = measured["naive_not_finite"].max() + measured["log_of_softmax_not_finite"].max()
        return "holds" if broken == 0 else "fails as stated"


def floor(classes: int) -> float:
    """The smallest cross-entropy that softmax(one-hot) can reach: ln(e + K - 1) - 1."""
    return float(np.log(np.e + classes - 1) - 1)


@dataclass(frozen=True)
class SoftmaxBeforeCrossEntropyIsHarmless(Claim):
    """Training loss, accuracy and size of the first gradient with a softmax in front of CrossEntropyLoss, and without.

    ## The set-up
    `classes` Gaussian clusters in 20 dimensions that a linear classifier separates, Adam, `steps` full-batch steps; the only difference is
    the extra softmax.
    ## Why
    The loss applies log-softmax itself. Fed with probabilities in [0, 1], its inputs differ by at most 1: the loss cannot fall below
    ln(e + K - 1) - 1, and the gradient carries the Jacobian of the first softmax.
    """

    rows = ("S0-36", "S1-23")
    experiment = "X36"
    statement = Text(
        "The output layer of a classifier uses softmax, also in front of CrossEntropyLoss: it does not matter.",
        "分类网络的输出层使用 softmax，即使后面接 CrossEntropyLoss 也无妨。",
    )
    rule = Text(
        "Holds if the training loss with the extra softmax ends within 0.1 of the loss without it; otherwise it fails as stated.",
        "若多加一层 softmax 后训练损失与不加时相差不超过 0.1，则成立；否则按原话不成立。",
    )
    classes: int = 10
    steps: int = 300
    quick = {"steps": 150}

    def _train(self, seed: int, extra: bool) -> tuple[float, float, float, list[float]]:
        import torch

        generator = torch.Generator().manual_seed(seed)
        centres = 3 * torch.randn(self.classes, 20, generator=generator)
        y = torch.arange(50 * self.classes) % self.classes
        x = centres[y] + torch.randn(len(y), 20, generator=generator)
        torch.manual_seed(seed)
        model = torch.nn.Linear(20, self.classes)
        optimizer = torch.optim.Adam(model.parameters(), lr=0.03)
        losses, first = [], 0.0
        for step in range(self.steps):
            outputs = model(x)
            loss = torch.nn.functional.cross_entropy(outputs.softmax(1) if extra else outputs, y)
            optimizer.zero_grad()
            loss.backward()
            if step == 0:
                first = float(model.weight.grad.norm())
            optimizer.step()
            losses.append(float(loss.detach()))
        accuracy = float((model(x).argmax(1) == y).double().mean())
        return losses[-1], accuracy, first, losses

    def measure(self, seed: int) -> dict[str, float]:
        plain, right, gradient, curve = self._train(seed, False)
        doubled, right_doubled, gradient_doubled, curve_doubled = self._train(seed, True)
        return {
            "floor": floor(self.classes),
            "loss": plain,
            "loss_doubled": doubled,
            "accuracy": right,
            "accuracy_doubled": right_doubled,
            "gradient_ratio": gradient_doubled / gradient,
            "curve": np.array(curve),
            "curve_doubled": np.array(curve_doubled),
        }

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        return "holds" if (measured["loss_doubled"] - measured["loss"]).mean() <= 0.1 else "fails as stated"

    def plot(self, figure: Figure, measured: dict[str, np.ndarray], lang: str) -> None:
        axes = figure.add_subplot()
        zh = lang == "zh"
        for name, colour, label in (
            ("curve", "#0072B2", "logits → 损失" if zh else "logits into the loss"),
            ("curve_doubled", "#D55E00", "softmax → 损失" if zh else "softmax into the loss"),
        ):
            curves = measured[name]  # [seeds, steps]
            axes.plot(curves.mean(0), color=colour, label=label)
            axes.fill_between(range(curves.shape[1]), curves.min(0), curves.max(0), color=colour, alpha=0.2)
        axes.axhline(floor(self.classes), color="black", linestyle="--", label="ln(e + K - 1) - 1")
        axes.set_xlabel("步数" if zh else "step")
        axes.set_ylabel("交叉熵" if zh else "cross-entropy")
        axes.legend()


def _recipe(seed: int, doubled: bool) -> Training:
    import torch
    from torch import nn

    from unstuck.training import Training

    generator = torch.Generator().manual_seed(seed)
    centres = 3 * torch.randn(10, 20, generator=generator)
    y = torch.arange(640) % 10
    x = centres[y] + torch.randn(len(y), 20, generator=generator)
    order = torch.randperm(len(y), generator=generator)
    x, y = x[order], y[order]
    torch.manual_seed(seed)
    layers = [nn.Linear(20, 32), nn.ReLU(), nn.Linear(32, 10)]
    model = nn.Sequential(*layers, nn.Softmax(1)) if doubled else nn.Sequential(*layers)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    batches = [(x[i : i + 64], y[i : i + 64]) for i in range(0, 512, 64)]
    return Training([model], [optimizer], nn.CrossEntropyLoss(), batches, (x[512:], y[512:]), seed=seed)


@dataclass(frozen=True)
class DoubledSoftmaxIsSeen(Phenomenon):
    """A net that ends in a softmax before cross-entropy, the one without, and the former under `remove-softmax`.

    ## The set-up
    A small MLP on ten clusters, SGD: once ending in nn.Softmax, once not.
    ## Why
    Rows that lie in [0, 1] and sum to 1 cannot be logits by accident, so the rule needs no threshold on the loss.
    """

    rows = ("S0-36", "S1-23")
    fault = Text("A softmax too many", "多余的 softmax")
    sees = ("loss-output-mismatch",)
    remedies = ("remove-softmax",)

    steps: int = 40

    def faulty(self, seed: int) -> Training:
        return _recipe(seed, doubled=True)

    def healthy(self, seed: int) -> Training:
        return _recipe(seed, doubled=False)

    def score(self, training: Training) -> float:
        """Share of ln K that the validation loss has fallen below it: the order of the classes is kept, so accuracy hides this fault."""
        assert training.validation is not None and training.loss is not None
        outputs = training.model(training.validation[0])  # with its graph, by which the remedy knows the softmax
        return max(0.0, 1 - float(training.loss(outputs, training.validation[1]).detach()) / float(np.log(outputs.shape[1])))
