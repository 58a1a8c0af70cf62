"""Each cure for overfitting against an untouched control on the same samples, seed by seed, in one program."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from unstuck.lab import Claim, Verdict
from unstuck.phenomenon import Phenomenon, plain_net, training_on
from unstuck.records import Text

if TYPE_CHECKING:
    import torch
    from matplotlib.figure import Figure

    from unstuck.training import Training

#: Nets trained side by side; the first four are the control and its companions for the ensemble.
ARMS = (
    "control",
    "member 2",
    "member 3",
    "member 4",
    "decay 0.3",
    "decay 1",
    "decay 3",
    "input noise",
    "dropout",
    "batch norm",
    "small net",
    "wide net",
    "more data",
)
DECAYS = ("decay 0.3", "decay 1", "decay 3")
WIDTH, SAMPLES, MORE, STEPS, BATCH = 32, 200, 1000, 300, 40
#: Share of the training and validation labels that are turned to another class; test labels are clean.
FLIPPED = 0.2


def _spiral(seed: int, count: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Three spiral arms in two features, 20 features of noise, [count, 22]; classes [count]."""
    import torch

    generator = torch.Generator().manual_seed(seed)
    y = torch.randint(3, (count,), generator=generator)
    radius = torch.rand(count, generator=generator) ** 0.5
    angle = 2.0944 * y + 3.5 * radius + 0.25 * torch.randn(count, generator=generator)
    x = torch.stack([radius * angle.cos(), radius * angle.sin()], 1) * 2
    return torch.cat([x, 0.5 * torch.randn(count, 20, generator=generator)], 1), y


@cache
def scores(seed: int) -> dict[str, float]:
    """Test accuracy of every arm, of early stopping on the control and of the ensemble of four; and the control's training accuracy."""
    import torch
    from torch.nn import functional

    x, y = _spiral(3 * seed, MORE)
    x_valid, y_valid = _spiral(3 * seed + 1, 200)
    generator = torch.Generator().manual_seed(seed)
    y, y_valid = (torch.where(torch.rand(len(t), generator=generator) < FLIPPED, (t + 1) % 3, t) for t in (y, y_valid))
    x_test, y_test = _spiral(3 * seed + 2, 2000)
    arms = len(ARMS)
    torch.manual_seed(seed)
    wide = 2 * WIDTH
    units = torch.full((arms,), WIDTH)
    units[ARMS.index("small net")], units[ARMS.index("wide net")] = 8, wide
    mask = (torch.arange(wide) < units[:, None]).float()[:, None]  # [arms, 1, wide]
    a, c, d = torch.randn(arms, 22, wide) * (2 / 22) ** 0.5, torch.randn(arms, wide, wide), torch.randn(arms, wide, 3)
    c, d = c * (2 / units[:, None, None]) ** 0.5, d * (1 / units[:, None, None]) ** 0.5
    for tensor in (a, c, d):  # every arm but the members starts where the control starts, as far as its width goes
        tensor[4:10], tensor[12] = tensor[0], tensor[0]
    parameters = [t.requires_grad_() for t in (a, torch.zeros(arms, 1, wide), c, torch.zeros(arms, 1, wide), d, torch.zeros(arms, 1, 3))]
    normed = torch.zeros(arms, 1, 1)
    normed[ARMS.index("batch norm")] = 1
    dropped, noise, decay, pool = torch.zeros(arms, 1, 1), torch.zeros(arms, 1, 1), torch.zeros(arms, 1, 1), torch.full((arms, 1), SAMPLES)
    dropped[ARMS.index("dropout")], noise[ARMS.index("input noise")] = 0.5, 0.5
    for name in DECAYS:
        decay[ARMS.index(name)] = float(name.split()[1])
    pool[ARMS.index("more data")] = MORE

    def hidden(h: torch.Tensor, source: torch.Tensor, arms: slice) -> torch.Tensor:
        scaled = (h - source.mean(1, keepdim=True)) / (source.var(1, keepdim=True, unbiased=False) + 1e-5).sqrt()
        return (normed[arms] * scaled + (1 - normed[arms]) * h).relu() * mask[arms]

    def net(inputs: torch.Tensor, train: bool = False, arms: slice = slice(None), source: torch.Tensor | None = None) -> torch.Tensor:
        h = [inputs @ parameters[0][arms] + parameters[1][arms]]
        if source is not None:  # where batch norm takes its statistics from, if not from the inputs
            h.append(source @ parameters[0][arms] + parameters[1][arms])
        for layer in (2, 4):
            h = [hidden(v, h[-1], arms) for v in h]
            if train:
                h = [v * (torch.rand_like(v) >= dropped) / (1 - dropped) for v in h]
            h = [v @ parameters[layer][arms] + parameters[layer + 1][arms] for v in h]
        return h[0]

    m, v = [torch.zeros_like(p) for p in parameters], [torch.zeros_like(p) for p in parameters]
    best, result = np.inf, {}
    for step in range(1, STEPS + 1):
        index = (torch.rand(arms, BATCH) * pool).long()
        index[4:12] = index[0]  # same batches in the paired arms
        inputs = x[index] + noise * torch.randn(arms, BATCH, 22)
        loss = functional.cross_entropy(net(inputs, train=True).flatten(0, 1), y[index].flatten(), reduction="sum") / BATCH
        gradients = torch.autograd.grad(loss, parameters)
        with torch.no_grad():
            for p, first, second, g in zip(parameters, m, v, gradients, strict=True):
                first.mul_(0.9).add_(g, alpha=0.1)
                second.mul_(0.999).addcmul_(g, g, value=0.001)
                p -= 0.005 * (first / (1 - 0.9**step) / ((second / (1 - 0.999**step)).sqrt() + 1e-8) + decay * p * (p.shape[1] > 1))
            if step % 15 == 0:
                now = float(functional.cross_entropy(net(x_valid[None], arms=slice(1))[0], y_valid))
                if now < best:
                    best = now
                    result["early stopping"] = float((net(x_test[None], arms=slice(1))[0].argmax(1) == y_test).double().mean())
    with torch.no_grad():
        z = net(x_test.expand(arms, -1, -1), source=x[:SAMPLES].expand(arms, -1, -1))
        accuracy = (z.argmax(2) == y_test).double().mean(1)
        result |= {name: float(value) for name, value in zip(ARMS, accuracy, strict=True)}
        result["ensemble"] = float((z[:4].softmax(2).mean(0).argmax(1) == y_test).double().mean())
        z_valid = net(x_valid.expand(arms, -1, -1), source=x[:SAMPLES].expand(arms, -1, -1))
        losses = [float(functional.cross_entropy(z_valid[ARMS.index(name)], y_valid)) for name in DECAYS]
        result["weight decay"] = result[DECAYS[int(np.argmin(losses))]]
        own = net(x[None, :SAMPLES], arms=slice(1))[0]
        result["training"] = float((own.argmax(1) == y[:SAMPLES]).double().mean())
    return result


@dataclass(frozen=True)
class _Cure(Claim):
    """One cure against the control, in pairs."""

    rule = Text(
        "Holds if over the paired seeds the gain in test accuracy is at least 0.01 and its 95 % interval lies above 0; depends if only the former; else it fails.",
        "若配对种子上测试准确率的平均提升不低于 0.01，且其 95 % 区间在 0 以上，则成立；若只满足前者，则视情况而定；否则不成立。",
    )
    depends = Text("depends on the draw: a gain in the mean, but not sure over the pairs", "取决于抽样：平均有提升，但在各配对之间并不稳定")
    experiment = "X26"
    seeds = 8

    @property
    @abstractmethod
    def arm(self) -> str:
        """Name of its arm in `scores`."""

    def measure(self, seed: int) -> dict[str, float]:
        found = scores(seed)
        return {
            "control": found["control"],
            "treated": found[self.arm],
            "gain": found[self.arm] - found["control"],
            "control_training": found["training"],
        }

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        gain = measured["gain"]
        error = gain.std(ddof=1) / len(gain) ** 0.5
        low = gain.mean() - 2.365 * error  # Student's t for 8 seeds; our choice for other counts as well
        if gain.mean() < 0.01:
            return "fails as stated"
        return "holds" if low > 0 else "depends"


@dataclass(frozen=True)
class AParameterNormPenaltyHelps(_Cure):
    """Decoupled weight decay of 0.3, 1 or 3 (lr 0.005, Adam), chosen by the validation loss.

    ## The set-up
    Three spirals in 2 of 22 features, 200 samples of which 20 % bear a wrong label; MLP 22-32-32-3, 300 Adam steps of batch 40; clean test labels; all arms in one batched program on the same batches.
    ## Why
    Directions that the data hardly determine shrink.
    """

    rows = ("S1-42",)
    arm = "weight decay"
    statement = Text("A parameter norm penalty reduces overfitting.", "参数范数惩罚可以减轻过拟合。")


@dataclass(frozen=True)
class AugmentationHelps(_Cure):
    """Fresh Gaussian noise of 0.5 on all inputs in every step.

    ## The set-up
    As in `a-parameter-norm-penalty-helps`.
    ## Why
    Neighbours of a sample get its label: true here, since 20 of the features are noise anyway. The small net and other penalties do not know that.
    """

    rows = ("S1-43",)
    arm = "input noise"
    statement = Text("Data augmentation (here noise on the inputs) reduces overfitting.", "数据增强（此处为输入加噪）可以减轻过拟合。")


@dataclass(frozen=True)
class EarlyStoppingHelps(_Cure):
    """The control's weights at the step of smallest loss on 200 validation samples.

    ## The set-up
    As in `a-parameter-norm-penalty-helps`; looked every 15 steps.
    ## Why
    What fits many samples is learned first, what fits one sample last.
    """

    rows = ("S1-44",)
    arm = "early stopping"
    statement = Text("Early stopping reduces overfitting.", "提前终止可以减轻过拟合。")


@dataclass(frozen=True)
class AnEnsembleHelps(_Cure):
    """Mean of the probabilities of four nets from different starts and batch orders.

    ## The set-up
    As in `a-parameter-norm-penalty-helps`, four trainings on the same 200 samples.
    ## Why
    Errors that differ between members average out.
    """

    rows = ("S1-46",)
    arm = "ensemble"
    statement = Text("Averaging several nets (ensembles, bagging) reduces overfitting.", "Bagging 等集成方法可以减轻过拟合。")


@dataclass(frozen=True)
class DropoutHelps(_Cure):
    """Dropout of one half in both hidden layers.

    ## The set-up
    As in `a-parameter-norm-penalty-helps`.
    ## Why
    No unit can rely on one other; noise on hidden units acts like a penalty on their sharing out badly.
    """

    rows = ("S1-47",)
    arm = "dropout"
    statement = Text("Dropout reduces overfitting.", "Dropout 可以减轻过拟合。")


@dataclass(frozen=True)
class BatchNormHelps(_Cure):
    """Batch normalisation before both activations (batch 40; statistics of the training set at test time).

    ## The set-up
    As in `a-parameter-norm-penalty-helps`.
    ## Why
    The noise of the batch statistics regularises a little, better-scaled gradients also fit the noise faster.
    """

    rows = ("S1-48",)
    arm = "batch norm"
    statement = Text("Batch normalisation reduces overfitting.", "批标准化可以减轻过拟合。")


@dataclass(frozen=True)
class MoreDataHelps(_Cure):
    """Five times the training samples, same number of steps.

    ## The set-up
    As in `a-parameter-norm-penalty-helps`, with 1,000 samples.
    ## Why
    The gap between training and test error falls with the number of samples.
    """

    rows = ("S4-56",)
    arm = "more data"
    statement = Text("More training samples reduce overfitting.", "增加训练样本可以减轻过拟合。")


@dataclass(frozen=True)
class ASmallerNetHelps(_Cure):
    """Hidden layers of 8 in place of 32 units; beside it a net of 64.

    ## The set-up
    As in `a-parameter-norm-penalty-helps`.
    ## Why
    A smaller net cannot learn the noise by heart, nor perhaps the spiral: it limits both alike, a penalty limits what the data do not support.
    """

    rows = ("S4-56", "S2-69", "S2-68")
    arm = "small net"
    statement = Text("Reducing the size of the model reduces overfitting.", "降低模型复杂度可以减轻过拟合。")

    def measure(self, seed: int) -> dict[str, float]:
        return _Cure.measure(self, seed) | {
            "wide_net": scores(seed)["wide net"],
            "best_penalty": max(scores(seed)[n] for n in ("weight decay", "dropout")),
        }

    def plot(self, figure: Figure, measured: dict[str, np.ndarray], lang: str) -> None:
        axes = figure.add_subplot()
        names = {
            "more data": "更多数据", "input noise": "输入加噪", "weight decay": "权重衰减", "dropout": "Dropout", "ensemble": "集成",
            "early stopping": "提前终止", "batch norm": "批归一化", "wide net": "更宽的网络", "small net": "更小的网络",
        }  # fmt: skip
        seeds = range(len(measured["gain"]))
        gains = {n: np.array([scores(s)[n] - scores(s)["control"] for s in seeds]) for n in names}
        order = sorted(names, key=lambda n: gains[n].mean())
        for row, name in enumerate(order):
            axes.plot(gains[name], [row] * len(gains[name]), "o", color="#56B4E9", alpha=0.6)
            axes.plot([gains[name].mean()], [row], "D", color="#0072B2")
        axes.axvline(0, color="black", linewidth=0.8)
        axes.set_yticks(range(len(order)), [names[n] if lang == "zh" else n for n in order])
        axes.set_xlabel("测试准确率的变化（成对）" if lang == "zh" else "change of test accuracy (paired)")


@dataclass(frozen=True)
class RatherRegulariseThanShrink(Claim):
    """Test accuracy of the small net against the full-size net with weight decay or dropout.

    ## The set-up
    The arms `small net`, `weight decay` and `dropout` of the other claims of this topic, same seeds.
    ## Why
    Two source documents contradict each other here: one shrinks, one forbids it.
    """

    rows = ("S2-69", "S4-56")
    experiment = "X26"
    statement = Text(
        "Do not shrink the net against overfitting; use a penalty or dropout.",
        "不要试图通过降低神经网络参数量来减缓过拟合，用正则化或者 dropout。",
    )
    rule = Text(
        "Holds if the better of weight decay and dropout (by the mean) beats the small net by at least 0.01; otherwise it fails as stated.",
        "若权重衰减与 dropout 中均值较好者比小网络高 0.01 以上，则成立；否则按原话不成立。",
    )
    seeds = 8

    def measure(self, seed: int) -> dict[str, float]:
        found = scores(seed)
        return {n.replace(" ", "_"): found[n] for n in ("control", "small net", "wide net", "weight decay", "dropout")}

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        best = max(measured["weight_decay"].mean(), measured["dropout"].mean())
        return "holds" if best - measured["small_net"].mean() >= 0.01 else "fails as stated"


@dataclass(frozen=True)
class SharingParametersHelps(Claim):
    """Test accuracy of a dense layer and of a convolution (shared weights) on finding a pattern anywhere in a signal.

    ## The set-up
    Signals of 40 points with noise 0.5 that hold one of two patterns of 7 points at a random place; `samples` training samples; dense 40-64-2 against 8
    kernels of 7 points with the maximum over places; Adam, 100 steps.
    ## Why
    The dense net must learn the pattern at each of 34 places anew; the shared kernel sees all of them at once, with a twentieth of the parameters.
    """

    rows = ("S1-45",)
    experiment = "X47"
    statement = Text("Tying and sharing parameters reduces overfitting.", "参数绑定与参数共享可以减轻过拟合。")
    rule = Text(
        "Holds if the shared net's test accuracy is at least 0.1 higher while both reach at least 0.95 on the training samples.",
        "若两者训练准确率都不低于 0.95，而共享参数的网络测试准确率高出 0.1 以上，则成立。",
    )
    seeds = 3
    samples: int = 150

    def measure(self, seed: int) -> dict[str, float]:
        import torch
        from torch import nn

        generator = torch.Generator().manual_seed(seed)
        patterns = 2 * torch.tensor([[0, 1, 1, 0, -1, -1, 0], [0, -1, 1, 0, 1, -1, 0]]).float()
        count = self.samples + 1000
        y = torch.randint(2, (count,), generator=generator)
        x = 0.5 * torch.randn(count, 40, generator=generator)
        place = torch.randint(34, (count,), generator=generator)
        x.scatter_add_(1, place[:, None] + torch.arange(7), patterns[y])
        torch.manual_seed(seed)
        nets = {
            "dense": nn.Sequential(nn.Linear(40, 64), nn.ReLU(), nn.Linear(64, 2)),
            "shared": nn.Sequential(
                nn.Unflatten(1, (1, 40)), nn.Conv1d(1, 8, 7), nn.ReLU(), nn.AdaptiveMaxPool1d(1), nn.Flatten(), nn.Linear(8, 2)
            ),
        }
        measured = {}
        for name, net in nets.items():
            optimizer = torch.optim.Adam(net.parameters(), lr=0.02)
            for _ in range(100):
                optimizer.zero_grad()
                nn.functional.cross_entropy(net(x[: self.samples]), y[: self.samples]).backward()
                optimizer.step()
            with torch.no_grad():
                right = (net(x).argmax(1) == y).double()
            measured[f"training_{name}"], measured[f"test_{name}"] = (
                float(right[: self.samples].mean()),
                float(right[self.samples :].mean()),
            )
            measured[f"parameters_{name}"] = float(sum(p.numel() for p in net.parameters()))
        return measured

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        fitted = min(measured["training_dense"].mean(), measured["training_shared"].mean()) >= 0.95
        return "holds" if fitted and (measured["test_shared"] - measured["test_dense"]).mean() >= 0.1 else "fails as stated"


@dataclass(frozen=True)
class OverfittingIsSeenAndCured(Phenomenon):
    """A wide net on few samples with wrong labels, the same with strong weight decay, and the former under `early-stopping`.

    ## The set-up
    128 samples of ten features with a fifth of wrong labels, 600 clean validation samples, MLP 10-128-2, SGD lr 0.1.
    ## Why
    The validation loss turns while the wrong labels are being learned; the weights of its minimum are kept.
    """

    rows = ("S1-44", "S4-56")
    experiment = "X26"
    fault = Text("Overfitting", "过拟合")
    sees = ("overfitting",)
    remedies = ("early-stopping",)

    steps: int = 200

    def faulty(self, seed: int) -> Training:
        return self.net(seed, momentum=0.9, decay=0.0)

    def healthy(self, seed: int) -> Training:
        return self.net(seed, momentum=0.0, decay=0.05)

    @staticmethod
    def net(seed: int, momentum: float, decay: float) -> Training:
        """Few samples, some of them labelled wrongly."""
        import torch

        torch.manual_seed(seed)
        generator = torch.Generator().manual_seed(seed)
        few, more = 128, 600
        x = torch.randn(few + more, 10, generator=generator)
        y = (x[:, 0] + 0.5 * x[:, 1] > 0).long()
        wrong = torch.rand(few + more, generator=generator) < 0.2
        wrong[few:] = False
        model = plain_net([10, 128, 2], torch.nn.ReLU)
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=momentum, weight_decay=decay)
        return training_on(model, (x, torch.where(wrong, 1 - y, y)), optimizer=optimizer, held_out=more / (few + more), seed=seed)
