"""Why a third set: what choosing, leaking and preparing on all data do to a score."""

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
class TheValidationScoreIsHonest(Claim):
    """Validation and test accuracy of the best of many classifiers that only guess, chosen on the validation set.

    ## The set-up
    Guesses for 200 validation and 200 test points with random labels; the candidate with the best validation accuracy is kept. 60 rounds per
    repeat.
    ## Why
    The maximum of k noisy scores lies about sqrt(2 ln k) standard deviations above their mean; the test set took no part in the choice.
    """

    rows = ("S3-05", "S3-06")
    experiment = "X46"
    statement = Text(
        "The model is not trained on the validation set, so its validation score is an honest estimate; two sets are enough.",
        "模型没有在验证集上训练，所以验证得分是诚实的估计，两个集合就够了。",
    )
    rule = Text(
        "Holds if the chosen model's validation accuracy exceeds its test accuracy by less than 0.01 on average; fails as stated otherwise.",
        "若被选模型的验证准确率平均只比测试准确率高不到 0.01，则成立；否则按原话不成立。",
    )
    seeds = 5

    candidates: int = 100
    points: int = 200
    rounds: int = 60

    def measure(self, seed: int) -> dict[str, float]:
        """Mean accuracies of the winner."""
        random = np.random.default_rng(seed)
        right = random.random((self.rounds, self.candidates, 2, self.points)) < 0.5
        score = right.mean(-1)  # [rounds, candidates, validation or test]
        winner = score[:, :, 0].argmax(1)
        chosen = score[np.arange(self.rounds), winner]
        return {"validation": float(chosen[:, 0].mean()), "test": float(chosen[:, 1].mean())}

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        """The rule."""
        return "holds" if (measured["validation"] - measured["test"]).mean() < 0.01 else "fails as stated"

    def plot(self, figure: Figure, measured: dict[str, np.ndarray], lang: str) -> None:
        """Winner's validation and test accuracy by number of candidates."""
        axes = figure.subplots()
        random = np.random.default_rng(0)
        counts = np.array([1, 2, 5, 10, 20, 50, 100, 200, 500, 1000])
        scores = random.binomial(self.points, 0.5, (200, 1000, 2)) / self.points
        winners = [scores[:, :k, 0].argmax(1) for k in counts]
        for index, (name, style) in enumerate(
            [(("验证" if lang == "zh" else "validation"), "o-"), ("测试" if lang == "zh" else "test", "s--")]
        ):
            axes.semilogx(counts, [scores[np.arange(200), w, index].mean() for w in winners], style, label=name)
        axes.semilogx(counts, 0.5 + np.sqrt(2 * np.log(counts) * 0.25 / self.points), ":", color="0.4", label=r"$0.5+\sigma\sqrt{2\ln k}$")
        axes.set_xlabel("候选模型数 k" if lang == "zh" else "candidates tried, k")
        axes.set_ylabel("准确率" if lang == "zh" else "accuracy of the one chosen")
        axes.legend()


@dataclass(frozen=True)
class AFewSharedSamplesDoNoHarm(Claim):
    """Test accuracy of a nearest-neighbour classifier on random labels, by share of test points that are also in training.

    ## The set-up
    500 training and 500 test points in 10 dimensions with labels thrown by a coin, so the honest accuracy is one half; then a fifth of the
    test points are copied from the training set.
    ## Why
    A leaked point is looked up, not predicted: each per cent of leakage adds half a per cent to the accuracy of a model that knows nothing.
    """

    rows = ("S3-05",)
    statement = Text(
        "A few samples that stand in both training and test set do no harm to the score.",
        "训练集与测试集共有少量样本，对得分没有影响。",
    )
    rule = Text(
        "Holds if copying a fifth of the test set from the training set changes the accuracy by less than 0.02; fails as stated otherwise.",
        "若测试集五分之一抄自训练集而准确率变化小于 0.02，则成立；否则按原话不成立。",
    )
    seeds = 10

    share: float = 0.2

    def measure(self, seed: int) -> dict[str, float]:
        """Accuracy without and with copies."""
        random = np.random.default_rng(seed)
        train, test = random.standard_normal((2, 500, 10))
        labels, answers = random.integers(0, 2, (2, 500))

        def accuracy(points: np.ndarray, truth: np.ndarray) -> float:
            distance = (points**2).sum(1)[:, None] - 2 * points @ train.T + (train**2).sum(1)
            return float((labels[distance.argmin(1)] == truth).mean())

        clean = accuracy(test, answers)
        copied = int(self.share * len(test))
        test[:copied], answers[:copied] = train[:copied], labels[:copied]
        return {"without": clean, "with_copies": accuracy(test, answers)}

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        """The rule."""
        return "holds" if (measured["with_copies"] - measured["without"]).mean() < 0.02 else "fails as stated"


@dataclass(frozen=True)
class PreparingBeforeSplittingIsHarmless(Claim):
    """Accuracy on held-out points of pure noise when features are selected on all data, and when on the training part only.

    ## The set-up
    50 samples, 5000 features of noise, labels thrown by a coin. The 50 features that correlate best with the labels are kept, then the nearest
    class mean is fitted on 25 samples and scored on the other 25.
    ## Why
    The selection has read the held-out labels, so the held-out score is a training score (Hastie et al., section 7.10.2).
    """

    rows = ("S3-05", "S3-06")
    statement = Text(
        "Selecting features on the whole data set and splitting afterwards is harmless.",
        "先在全部数据上做特征选择、再划分数据集没有问题。",
    )
    rule = Text(
        "Holds if the score with selection on all data is within 0.05 of one half on average; fails as stated otherwise.",
        "若在全部数据上选特征后的得分平均与 0.5 相差不到 0.05，则成立；否则按原话不成立。",
    )
    seeds = 10

    samples: int = 50
    features: int = 5000
    kept: int = 50

    def measure(self, seed: int) -> dict[str, float]:
        """Held-out accuracy both ways."""
        random = np.random.default_rng(seed)
        inputs = random.standard_normal((self.samples, self.features))
        signs = random.permutation(np.repeat([-1.0, 1.0], self.samples // 2))
        train, test = slice(0, self.samples // 2), slice(self.samples // 2, None)

        def score(chosen_on: slice) -> float:
            strength = np.abs(signs[chosen_on] @ inputs[chosen_on])
            best = np.argsort(strength)[-self.kept :]
            weights = (signs[train, None] * inputs[train][:, best]).mean(0)
            return float((np.sign(inputs[test][:, best] @ weights) == signs[test]).mean())

        return {"selected_on_all": score(slice(None)), "selected_on_training": score(train)}

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        """The rule."""
        return "holds" if abs(measured["selected_on_all"].mean() - 0.5) < 0.05 else "fails as stated"


def small_net(seed: int, x: torch.Tensor, y: torch.Tensor) -> Training:
    """MLP 2-32-32-2 on these samples, the last quarter of them for validation."""
    import torch

    torch.manual_seed(seed)
    return training_on(plain_net([2, 32, 32, 2], torch.nn.ReLU), (x, y), lr=0.05, seed=seed)


@dataclass(frozen=True)
class LeakageIsSeen(Phenomenon):
    """A validation set with training samples in it, and a clean one.

    ## The set-up
    Two moons, two hidden ReLU layers of 32, SGD lr 0.05; half of the faulty run's validation samples are copies of training samples.
    ## Why
    The score is too good, so nothing in the curves shows it; the samples themselves do.
    """

    rows = ("S3-05",)
    experiment = "X46"
    fault = Text("Training samples in the validation set", "验证集中混入的训练样本")
    sees = ("leakage",)

    steps: int = 100

    def faulty(self, seed: int) -> Training:
        x, y = half_moons(seed, 400)
        x[300:350], y[300:350] = x[:50], y[:50]
        return small_net(seed, x, y)

    def healthy(self, seed: int) -> Training:
        return small_net(seed, *half_moons(seed, 400))


@dataclass(frozen=True)
class ASplitMismatchIsSeen(Phenomenon):
    """Validation inputs that were scaled otherwise than the training inputs, and the same scaling for both.

    ## The set-up
    Two moons, two hidden ReLU layers of 32, SGD lr 0.05; the faulty run's validation inputs are 60 times as large and moved by 40.
    ## Why
    The net meets values that it never saw; their statistics differ by more than chance.
    """

    rows = ("S3-05",)
    experiment = "X46"
    fault = Text("Validation inputs from another scale", "与训练尺度不同的验证输入")
    sees = ("split-mismatch",)

    steps: int = 100

    def faulty(self, seed: int) -> Training:
        x, y = half_moons(seed, 400)
        x[300:] = 60 * x[300:] + 40
        return small_net(seed, x, y)

    def healthy(self, seed: int) -> Training:
        return small_net(seed, *half_moons(seed, 400))
