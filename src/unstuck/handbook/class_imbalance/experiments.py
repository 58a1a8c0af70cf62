"""Rare classes: why the accuracy does not show them, and what weights and thresholds change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from unstuck.lab import Claim, Verdict
from unstuck.phenomenon import Phenomenon, plain_net, training_on
from unstuck.records import Text

if TYPE_CHECKING:
    import matplotlib.figure
    import torch

    from unstuck.training import Training


def clouds(seed: int, count: int, share: float) -> tuple[torch.Tensor, torch.Tensor]:
    """Two Gaussian clouds 1.6 apart in the plane; `share` of the samples belong to class 1: inputs [count, 2], labels [count]."""
    import torch

    generator = torch.Generator().manual_seed(seed)
    labels = (torch.rand(count, generator=generator) < share).long()
    inputs = torch.randn(count, 2, generator=generator)
    inputs[:, 0] += 1.6 * labels
    return inputs, labels


def recalls(answers: torch.Tensor, labels: torch.Tensor) -> tuple[float, float]:
    """Share of class 0 and of class 1 that is answered rightly."""
    return tuple(float((answers[labels == k] == k).double().mean()) for k in (0, 1))  # type: ignore[return-value]


def fitted(inputs: torch.Tensor, labels: torch.Tensor, weight: float) -> torch.Tensor:
    """Logistic regression by Newton's method, class 1 counted `weight` times: weights and bias [3]."""
    import torch

    x = torch.cat([inputs.double(), torch.ones(len(inputs), 1, dtype=torch.double)], 1)
    y, w = labels.double(), torch.zeros(3, dtype=torch.double)
    counted = torch.where(labels == 1, weight, 1.0).double()
    for _ in range(25):
        p = torch.sigmoid(x @ w)
        w = w - torch.linalg.solve((x * (counted * p * (1 - p)).unsqueeze(1)).T @ x, x.T @ (counted * (p - y)))
    return w


@dataclass(frozen=True)
class AHighAccuracyMeansThatItLearned(Claim):
    """Accuracy and balanced accuracy of the answer "always the common class", and of a fitted classifier.

    ## The set-up
    Two clouds, 4 % of the samples in the rare one; logistic regression at threshold 1/2, and the constant answer; 20,000 test samples.
    ## Why
    Accuracy weighs each class by its share. The mean of the two recalls weighs them alike, and is 1/2 for every answer that ignores the input.
    """

    rows = ("S4-20",)
    statement = Text("An accuracy of 96 % means that the classifier has learned the task.", "准确率 96 % 说明分类器学会了任务。")
    rule = Text(
        "Fails as stated if the constant answer is above 0.94 in every repeat with a balanced accuracy of 0.5, and the fitted classifier gains "
        "less than 0.02 of accuracy on it.",
        "若每次重复中“永远答常见类”的准确率都高于 0.94 而平衡准确率为 0.5，且拟合的分类器的准确率只比它高不到 0.02，则按原说法不成立。",
    )
    share: float = 0.04

    def measure(self, seed: int) -> dict[str, float]:
        import torch

        weights = fitted(*clouds(seed, 4000, self.share), 1.0)
        inputs, labels = clouds(seed + 1000, 20000, self.share)
        answers = (inputs.double() @ weights[:2] + weights[2] > 0).long()
        constant = torch.zeros_like(labels)
        return {
            "accuracy_constant": float((constant == labels).double().mean()),
            "balanced_constant": float(np.mean(recalls(constant, labels))),
            "accuracy_fitted": float((answers == labels).double().mean()),
            "balanced_fitted": float(np.mean(recalls(answers, labels))),
            "recall_of_rare_fitted": recalls(answers, labels)[1],
        }

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        empty = measured["accuracy_constant"].min() > 0.94 and (measured["balanced_constant"] == 0.5).all()
        gained = (measured["accuracy_fitted"] - measured["accuracy_constant"]).max()
        return "fails as stated" if empty and gained < 0.02 else "holds"


@dataclass(frozen=True)
class RareClassesNeedWeights(Claim):
    """Balanced accuracy and log loss of weighted training, and of unweighted training whose threshold is moved to the rare class's share.

    ## The set-up
    Logistic regression on 4,000 samples, 4 % of them rare: with weight 24 on the rare class and threshold 1/2; without weights and with the
    threshold at 0.04; the log loss is that of the probabilities as they come out.
    ## Why
    Weighting multiplies the odds by the weight. So does moving the threshold, and it leaves the probabilities as they are.
    """

    rows = ("S4-12",)
    statement = Text(
        "Rare classes are learned only if the loss is weighted or the samples are balanced.", "只有给损失加权或均衡采样，才能学会稀有类别。"
    )
    rule = Text(
        "Fails as stated if the moved threshold comes within 0.02 of the weighted training's balanced accuracy in every repeat, with the lower "
        "log loss.",
        "若每次重复中移动阈值的平衡准确率与加权训练相差都不到 0.02，且对数损失更低，则按原说法不成立。",
    )
    share: float = 0.04

    def measure(self, seed: int) -> dict[str, float]:
        import torch

        train, (inputs, labels) = clouds(seed, 4000, self.share), clouds(seed + 1000, 20000, self.share)
        x = torch.cat([inputs.double(), torch.ones(len(inputs), 1, dtype=torch.double)], 1)
        p = {name: torch.sigmoid(x @ fitted(*train, w)) for name, w in (("plain", 1.0), ("weighted", (1 - self.share) / self.share))}
        thresholds = np.concatenate([np.geomspace(0.002, 0.5, 40)])
        answers = {"plain": p["plain"] > 0.5, "moved": p["plain"] > self.share, "weighted": p["weighted"] > 0.5}
        measured = {f"balanced_{n}": float(np.mean(recalls(a.long(), labels))) for n, a in answers.items()}
        for name, probability in p.items():
            measured[f"log_loss_{name}"] = float(torch.nn.functional.binary_cross_entropy(probability, labels.double()))
        measured["thresholds"] = thresholds  # type: ignore[assignment]
        for at, name in enumerate(("common", "rare")):
            measured[f"recall_of_{name}_by_threshold"] = np.array([recalls((p["plain"] > t).long(), labels)[at] for t in thresholds])  # type: ignore[assignment]
        return measured

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        alike = np.abs(measured["balanced_moved"] - measured["balanced_weighted"]).max() < 0.02
        better = (measured["log_loss_plain"] < measured["log_loss_weighted"]).all()
        return "fails as stated" if alike and better else "holds"

    def plot(self, figure: matplotlib.figure.Figure, measured: dict[str, np.ndarray], lang: str) -> None:
        axes, zh = figure.add_subplot(), lang == "zh"
        names = {
            "common": "常见类的召回率" if zh else "recall of the common class",
            "rare": "稀有类的召回率" if zh else "recall of the rare class",
        }
        thresholds = measured["thresholds"][0]
        both = [np.median(measured[f"recall_of_{name}_by_threshold"], axis=0) for name in names]
        for curve, label in zip(both, names.values(), strict=True):
            axes.semilogx(thresholds, curve, label=label)
        axes.semilogx(thresholds, np.mean(both, axis=0), label="平衡准确率" if zh else "balanced accuracy")
        axes.axvline(self.share, color="grey", linewidth=0.8)
        axes.annotate("稀有类的占比" if zh else "share of the rare class", (self.share, 0.05), xytext=(4, 0), textcoords="offset points")
        axes.set_xlabel("判为稀有类的阈值" if zh else "threshold for answering the rare class")
        axes.set_ylabel("答对的比例" if zh else "share answered rightly")
        axes.legend(loc="lower left", bbox_to_anchor=(0.0, 0.08))


@dataclass(frozen=True)
class ImbalanceIsSeenAndCured(Phenomenon):
    """A net on 4 % of rare samples, the same on even classes, and the former under `class-weights`.

    ## The set-up
    Two clouds in the plane, MLP 2-16-2, SGD lr 0.05 with momentum 0.9. The score is the mean of the two recalls on validation samples.
    ## Why
    With 4 % of one class the average loss has little to say about it; weights give both classes the same say.
    """

    rows = ("S4-12",)
    fault = Text("An ignored rare class", "被忽略的稀有类别")
    sees = ("class-imbalance",)
    remedies = ("class-weights",)

    steps: int = 250

    def faulty(self, seed: int) -> Training:
        return self.net(seed, 0.04)

    def healthy(self, seed: int) -> Training:
        return self.net(seed, 0.5)

    def score(self, training: Training) -> float:
        outputs = training.validate()
        assert outputs is not None and training.validation is not None
        return float(np.mean(recalls(outputs.argmax(1), training.validation[1])))

    @staticmethod
    def net(seed: int, share: float) -> Training:
        """Trained on clouds of this share."""
        import torch

        torch.manual_seed(seed)
        return training_on(plain_net([2, 16, 2], torch.nn.ReLU), clouds(seed, 3200, share), lr=0.05, batch=50, seed=seed)
