"""Claims about dropout: what happens at test time, what it does to co-adaptation, and how it relates to bagging."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from unstuck.lab import Claim, Verdict
from unstuck.records import Text

if TYPE_CHECKING:
    import torch
    from matplotlib.figure import Figure

SAMPLES, WIDTH, STEPS, BAGS = 200, 32, 200, 5


@cache
def trained(seed: int, rate: float) -> tuple[tuple[torch.Tensor, ...], ...]:
    """Three results: parameters of nets [2 + BAGS, ...] (0: dropout, 1: none, 2 on: bagged), training data, test data.

    Three spirals in 2 of 12 features; 200 training samples of which 15 % bear a wrong label; MLP 12-32-32-3; all nets in one program.
    """
    import torch
    from torch.nn import functional

    generator = torch.Generator().manual_seed(seed)

    def draw(count: int) -> tuple[torch.Tensor, torch.Tensor]:
        y = torch.randint(3, (count,), generator=generator)
        radius = torch.rand(count, generator=generator) ** 0.5
        angle = 2.0944 * y + 3.0 * radius + 0.2 * torch.randn(count, generator=generator)
        x = torch.stack([radius * angle.cos(), radius * angle.sin()], 1) * 2
        return torch.cat([x, 0.5 * torch.randn(count, 10, generator=generator)], 1), y

    (x, y), test = draw(SAMPLES), draw(2000)
    y = torch.where(torch.rand(SAMPLES, generator=generator) < 0.15, (y + 1) % 3, y)
    nets = 2 + BAGS
    torch.manual_seed(seed)
    shapes = ((12, WIDTH), (1, WIDTH), (WIDTH, WIDTH), (1, WIDTH), (WIDTH, 3), (1, 3))
    p = [(torch.randn(nets, *s) * (2 / s[0]) ** 0.5 * (s[0] > 1)) for s in shapes]
    for tensor in p:
        tensor[0] = tensor[1]
    p = [t.requires_grad_() for t in p]
    chosen = torch.cat([torch.arange(SAMPLES).expand(2, -1), torch.randint(SAMPLES, (BAGS, SAMPLES))])  # [nets, samples]
    rates = torch.zeros(nets, 1, 1)
    rates[0] = rate
    optimizer = torch.optim.Adam(p, lr=0.005)
    for _ in range(STEPS):
        optimizer.zero_grad()
        h = x[chosen]
        for layer in (0, 2):
            h = (h @ p[layer] + p[layer + 1]).relu()
            h = h * (torch.rand_like(h) >= rates) / (1 - rates)
        functional.cross_entropy((h @ p[4] + p[5]).flatten(0, 1), y[chosen].flatten(), reduction="sum").div(SAMPLES).backward()
        optimizer.step()
    return tuple(t.detach() for t in p), (x, y), test


def _logits(p: tuple[torch.Tensor, ...], x: torch.Tensor, masks: tuple[torch.Tensor, torch.Tensor] | None = None) -> torch.Tensor:
    """Logits of one net; masks [.., units] for the two hidden layers, already divided by the rate of survival."""
    for layer in (0, 2):
        x = (x @ p[layer] + p[layer + 1]).relu()
        if masks is not None:
            x = x * masks[layer // 2]
    return x @ p[4] + p[5]


def _nll(p: torch.Tensor, y: torch.Tensor) -> float:
    import torch

    return float(-p[torch.arange(len(y)), y].clamp(min=1e-12).log().mean())


@dataclass(frozen=True)
class TheSubmodelsVoteAtTheEnd(Claim):
    """Accuracy and likelihood of one pass with all units (what dropout does), of the mean of 100 masks, of their vote, and of single masks.

    ## The set-up
    An MLP trained with dropout `rate` on noisy spirals; 2,000 test samples.
    ## Why
    Nobody keeps 2^n nets. The scaled single pass is the normalised geometric mean of the sub-models for one linear layer, an approximation for more.
    """

    rows = ("S3-16", "S1-51")
    experiment = "X27"
    statement = Text(
        "Dropout trains many sub-models whose predictions are averaged or voted on at the end.",
        "Dropout 训练出多个子模型，最终将它们的预测结果平均或投票。",
    )
    rule = Text(
        "Holds if one pass agrees with the vote of 100 masks on every test sample; depends if accuracies differ by at most 0.02 but not every decision agrees.",
        "若单次前向与 100 个掩码的投票在每个测试样本上都一致，则成立；若只是准确率相差不超过 0.02 而并非处处一致，则视情况而定。",
    )
    depends = Text(
        "depends on how literally it is meant: no vote takes place, one pass with all units approximates the average",
        "取决于如何理解：并没有投票，而是用全部单元的一次前向来近似平均",
    )
    rate: float = 0.5

    def measure(self, seed: int) -> dict[str, float]:
        import torch

        nets, _, (x, y) = trained(seed, self.rate)
        p = tuple(t[0] for t in nets)
        torch.manual_seed(seed)
        one_pass = _logits(p, x).softmax(1)
        mean, votes, single = torch.zeros_like(one_pass), torch.zeros_like(one_pass), []
        for _ in range(100):
            masks = tuple((torch.rand(1, WIDTH) >= self.rate).float() / (1 - self.rate) for _ in range(2))
            q = _logits(p, x, masks).softmax(1)
            mean += q / 100
            votes.scatter_add_(1, q.argmax(1, keepdim=True), torch.ones(len(y), 1))
            single.append(float((q.argmax(1) == y).double().mean()))
        return {
            "accuracy_one_pass": float((one_pass.argmax(1) == y).double().mean()),
            "accuracy_mean": float((mean.argmax(1) == y).double().mean()),
            "accuracy_vote": float((votes.argmax(1) == y).double().mean()),
            "accuracy_one_mask": float(np.mean(single)),
            "nll_one_pass": _nll(one_pass, y),
            "nll_mean": _nll(mean, y),
            "agreement_with_vote": float((one_pass.argmax(1) == votes.argmax(1)).double().mean()),
        }

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        if measured["agreement_with_vote"].min() == 1:
            return "holds"
        near = abs(measured["accuracy_one_pass"] - measured["accuracy_vote"]).mean() <= 0.02
        return "depends" if near else "fails as stated"


@dataclass(frozen=True)
class ScalingIsTheGeometricMean(Claim):
    """Difference between one scaled pass and the normalised geometric mean over all 2^10 masks, for softmax regression and with a hidden layer.

    ## The set-up
    10 inputs dropped with rate 0.5, all 1,024 masks enumerated, random weights; linear to 4 classes, and with 16 tanh units between.
    ## Why
    log of the geometric mean is the mean of the logits (up to a constant per sample), and the mean over masks of W(m * x) / 0.5 is W x. A non-linearity between
    breaks the second step.
    """

    rows = ("S1-51", "S3-16")
    experiment = "X27"
    statement = Text(
        "One pass with all inputs is exactly the normalised geometric mean of all sub-models.",
        "使用全部单元的一次前向恰好等于所有子模型的归一化几何平均。",
    )
    rule = Text(
        "Holds if the largest difference of a probability is below 1e-9 with and without a hidden layer; depends if only without.",
        "若有无隐藏层时概率的最大差别都小于 1e-9，则成立；若只在没有隐藏层时如此，则视情况而定。",
    )
    depends = Text("depends on depth: exact for one linear layer, an approximation beyond", "取决于深度：单个线性层精确，更深则为近似")

    def measure(self, seed: int) -> dict[str, float]:
        rng = np.random.default_rng(seed)
        masks = ((np.arange(1024)[:, None] >> np.arange(10)) & 1) / 0.5  # [masks, inputs]
        x = rng.standard_normal((50, 10))
        w, a, b = rng.standard_normal((10, 4)), rng.standard_normal((10, 16)) / 3, rng.standard_normal((16, 4))

        def softmax(z: np.ndarray) -> np.ndarray:
            z = np.exp(z - z.max(-1, keepdims=True))
            return z / z.sum(-1, keepdims=True)

        measured = {}
        for name, net in (("linear", lambda v: v @ w), ("hidden", lambda v: np.tanh(v @ a) @ b)):
            geometric = softmax(np.log(softmax(net(x[:, None] * masks))).mean(1))  # [samples, classes]
            measured[f"difference_{name}"] = float(abs(geometric - softmax(net(x))).max())
        return measured

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        linear, hidden = measured["difference_linear"].max() < 1e-9, measured["difference_hidden"].max() < 1e-9
        return "holds" if linear and hidden else "depends" if linear else "fails as stated"


@dataclass(frozen=True)
class DropoutBreaksCoAdaptation(Claim):
    """Accuracy on the training samples when a share of the hidden units is removed at random, for a net trained with dropout and one without.

    ## The set-up
    The same nets; units of both hidden layers are zeroed with probabilities 0 to 0.8 (survivors scaled up), mean of 30 draws.
    ## Why
    A unit that works only together with certain others fails when those are missing; under dropout they are missing all the time.
    """

    rows = ("S3-15",)
    statement = Text(
        "Dropout reduces the dependence of units on each other and makes features more robust.",
        "Dropout 减少神经元之间的耦合，使网络学习到更鲁棒的特征。",
    )
    rule = Text(
        "Holds if removing half of the units costs the net without dropout at least 0.05 more training accuracy than the net with dropout.",
        "若去掉一半单元时，未用 dropout 的网络训练准确率的下降比用 dropout 的至少多 0.05，则成立。",
    )
    rate: float = 0.5

    def measure(self, seed: int) -> dict[str, float]:
        import torch

        nets, (x, y), _ = trained(seed, self.rate)
        shares = np.array([0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8])
        measured: dict[str, float] = {}
        torch.manual_seed(seed)
        for index, name in enumerate(("dropout", "plain")):
            p = tuple(t[index] for t in nets)
            curve = []
            for share in shares:
                masks = tuple((torch.rand(30, 1, WIDTH) >= share).float() / (1 - share) for _ in range(2))
                curve.append(float((_logits(p, x, masks).argmax(2) == y).double().mean()))
            measured[f"accuracy_{name}"] = np.array(curve)
            measured[f"lost_at_half_{name}"] = curve[0] - curve[5]
        return measured | {"shares": shares}

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        more = (measured["lost_at_half_plain"] - measured["lost_at_half_dropout"]).mean()
        return "holds" if more >= 0.05 else "fails as stated"

    def plot(self, figure: Figure, measured: dict[str, np.ndarray], lang: str) -> None:
        axes = figure.add_subplot()
        zh = lang == "zh"
        for name, colour, label in (
            ("dropout", "#0072B2", "用 dropout 训练" if zh else "trained with dropout"),
            ("plain", "#D55E00", "不用 dropout" if zh else "trained without"),
        ):
            axes.plot(measured["shares"][0], measured[f"accuracy_{name}"].mean(0), "o-", color=colour, label=label)
        axes.set_xlabel("去掉的单元比例" if zh else "share of units removed")
        axes.set_ylabel("训练准确率" if zh else "training accuracy")
        axes.legend()


@dataclass(frozen=True)
class DropoutIsCheapBagging(Claim):
    """Test accuracy of one plain net, of dropout, and of five bagged nets, on the same 200 samples.

    ## The set-up
    Bagging: five nets on bootstrap samples, mean of their probabilities. All from the same program, same number of steps each.
    ## Why
    Bagging: independent models, each trained to its end on its own resample, averaged. Dropout: 2^n models that share weights, each trained for a step at most.
    """

    rows = ("S1-46", "S1-47", "S1-51")
    statement = Text(
        "Dropout is like bagging with very many nets that share their weights, at the price of one.",
        "Dropout 近似于对极多个共享权重的网络做 bagging，而代价只相当于一个网络。",
    )
    rule = Text(
        "Holds if both beat the single net by at least 0.01 in the mean and dropout is within 0.02 of five bagged nets or better.",
        "若两者都比单个网络高出 0.01 以上（均值），且 dropout 不比五个 bagging 网络低 0.02 以上，则成立。",
    )
    rate: float = 0.5

    def measure(self, seed: int) -> dict[str, float]:
        nets, _, (x, y) = trained(seed, self.rate)
        p = [tuple(t[i] for t in nets) for i in range(2 + BAGS)]
        probabilities = [_logits(q, x).softmax(1) for q in p]
        accuracy = [float((q.argmax(1) == y).double().mean()) for q in probabilities]
        bagged = sum(probabilities[2:]) / BAGS
        return {
            "single": accuracy[1],
            "dropout": accuracy[0],
            "one_of_the_bags": float(np.mean(accuracy[2:])),
            "bagging": float((bagged.argmax(1) == y).double().mean()),
            "nll_single": _nll(probabilities[1], y),
            "nll_dropout": _nll(probabilities[0], y),
            "nll_bagging": _nll(bagged, y),
        }

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        single, dropout, bagging = (measured[n].mean() for n in ("single", "dropout", "bagging"))
        return "holds" if min(dropout, bagging) >= single + 0.01 and dropout >= bagging - 0.02 else "fails as stated"
