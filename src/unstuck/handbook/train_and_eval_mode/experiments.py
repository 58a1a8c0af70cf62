"""Claims about training mode, evaluation mode and running statistics."""

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
class ForgettingEvalIsHarmless(Claim):
    """How far a prediction moves with the other samples of its batch, and between two calls, in training and in evaluation mode.

    ## The set-up
    An untrained net with batch norm and dropout 0.5 (64 units). The same sample is predicted among two different sets of 15 others; the
    distance of the two outputs over the standard deviation of the outputs.
    ## Why
    In training mode batch norm uses the statistics of whatever shares the batch, and dropout draws a new mask in every call. In evaluation
    mode both are fixed functions of one sample.
    """

    rows = ("S3-17", "S3-16")
    statement = Text(
        "Forgetting model.eval() hardly matters: a sample's prediction depends on that sample alone anyway.",
        "忘记 model.eval() 影响不大：一个样本的预测反正只取决于它自己。",
    )
    rule = Text(
        "Holds if the prediction moves by less than 1 % of the outputs' spread in training mode; fails as stated if by more than 10 % in the "
        "mean over the repeats while it moves by less than 1e-5 in evaluation mode.",
        "若训练模式下预测的变动小于输出标准差的 1 % 则成立；若平均超过 10 % 而评估模式下小于 1e-5 则不成立。",
    )
    depends = Text("depends on the layers in the net", "取决于网络中的层")

    batch: int = 16

    def measure(self, seed: int) -> dict[str, float]:
        import torch
        from torch import nn

        torch.manual_seed(seed)
        body = [nn.Linear(10, 64), nn.BatchNorm1d(64), nn.ReLU()]
        head = nn.Linear(64, 1)
        nets = {"batch_norm": nn.Sequential(*body, head), "dropout": nn.Sequential(body[0], nn.ReLU(), nn.Dropout(0.5), head)}
        sample = torch.randn(1, 10)
        others = [torch.randn(self.batch - 1, 10) for _ in range(2)]
        found = {}
        with torch.no_grad():
            for name, net in nets.items():
                for mode in ("training", "evaluation"):
                    net.train(mode == "training")
                    spread = float(net(torch.randn(512, 10)).std())
                    first, second = (float(net(torch.cat([sample, rest]))[0, 0]) for rest in others)
                    found[f"moved_{name}_{mode}"] = abs(first - second) / spread
        return found

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        training = np.stack([measured["moved_batch_norm_training"], measured["moved_dropout_training"]]).mean(1)
        evaluation = max(measured["moved_batch_norm_evaluation"].max(), measured["moved_dropout_evaluation"].max())
        if training.max() < 0.01:
            return "holds"
        return "fails as stated" if training.min() > 0.1 and evaluation < 1e-5 else "depends"


@dataclass(frozen=True)
class RunningStatisticsAreReadyAtOnce(Claim):
    """Error of batch norm's running mean after 1 to 100 training steps, and the loss gap between the two modes that it makes.

    ## The set-up
    `nn.BatchNorm1d(32)` with momentum 0.1 is fed batches of 64 from N(5, 2^2); the running mean's distance from 5, over 5.
    ## Why
    The running mean starts at 0 and after k steps holds the share 1 - (1 - momentum)^k of the truth: 0.1 after one step, 0.41 after five,
    0.65 after ten. What is missing is exactly (1 - momentum)^k.
    """

    rows = ("S1-54", "S3-17")
    statement = Text(
        "Batch norm's running statistics are right after a few batches, so one may evaluate at once.",
        "BN 的滑动统计量几个批次后就准确了，可以马上评估。",
    )
    rule = Text(
        "Holds if the running mean is within 5 % of the truth after 10 steps; fails as stated if it is off by more than 20 % in every repeat.",
        "若 10 步后滑动均值与真值相差 5 % 以内则成立；若每次相差都超过 20 % 则不成立。",
    )
    depends = Text("depends on momentum and steps", "取决于 momentum 与步数")

    momentum: float = 0.1

    def measure(self, seed: int) -> dict[str, float]:
        import torch

        torch.manual_seed(seed)
        norm = torch.nn.BatchNorm1d(32, momentum=self.momentum)
        found = {}
        for step in range(1, 101):
            with torch.no_grad():
                norm(torch.randn(64, 32) * 2 + 5)
            if step in (1, 5, 10, 50, 100):
                found[f"missing_after_{step}"] = float(1 - norm.running_mean.mean() / 5)
        return found

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        missing = np.abs(measured["missing_after_10"])
        return "holds" if missing.max() < 0.05 else "fails as stated" if missing.min() > 0.2 else "depends"

    def plot(self, figure: Figure, measured: dict[str, np.ndarray], lang: str) -> None:
        axes, steps = figure.subplots(), np.array([1, 5, 10, 50, 100])
        axes.semilogx(steps, [np.median(measured[f"missing_after_{k}"]) for k in steps], "o", label="实测" if lang == "zh" else "measured")
        every = np.arange(1, 101)
        axes.semilogx(every, (1 - self.momentum) ** every, label="$(1-m)^k$")
        axes.set_xlabel("训练步数 k" if lang == "zh" else "training steps k")
        axes.set_ylabel("滑动均值尚缺的部分" if lang == "zh" else "part of the running mean that is missing")
        axes.legend()


@dataclass(frozen=True)
class EvalSwitchesGradientsOff(Claim):
    """Gradients and running statistics under `model.eval()` and under `torch.no_grad()`.

    ## The set-up
    A linear layer with batch norm; count of parameters with a gradient after backward in evaluation mode, and whether the running mean moves
    in training mode inside `torch.no_grad()`.
    ## Why
    The two switches are independent: `eval()` changes what dropout and batch norm compute, `no_grad()` whether a graph is kept. A validation
    under `no_grad()` alone still feeds validation data into the running statistics.
    """

    rows = ("S1-54",)
    statement = Text(
        "model.eval() switches gradients off, and torch.no_grad() puts the model into evaluation mode.",
        "model.eval() 会关闭梯度，torch.no_grad() 会让模型进入评估模式。",
    )
    rule = Text(
        "Holds if no parameter gets a gradient in evaluation mode and the running mean stands still under no_grad; fails as stated if both are "
        "untrue.",
        "若评估模式下没有参数得到梯度、且 no_grad 下滑动均值不变则成立；若两者都不真则不成立。",
    )
    depends = Text("one of the two", "仅其中之一成立")
    seeds = 1

    def measure(self, seed: int) -> dict[str, float]:
        import torch
        from torch import nn

        torch.manual_seed(seed)
        model = nn.Sequential(nn.Linear(4, 4), nn.BatchNorm1d(4))
        model.eval()
        model(torch.randn(8, 4)).sum().backward()
        gradients = sum(p.grad is not None for p in model.parameters())
        model.train()
        before = model[1].running_mean.clone()
        with torch.no_grad():
            model(torch.randn(8, 4) + 3)
        return {
            "parameters_with_gradient_in_eval": float(gradients),
            "running_mean_moved_under_no_grad": float((model[1].running_mean - before).abs().max()),
        }

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        still = measured["running_mean_moved_under_no_grad"].max() == 0
        none = measured["parameters_with_gradient_in_eval"].max() == 0
        return "holds" if still and none else "depends" if still or none else "fails as stated"


@dataclass(frozen=True)
class DropoutAtTestTimeIsAFreeEnsemble(Claim):
    """Test accuracy of a dropout net predicted in evaluation mode, with one random mask, and with the mean of 50 masks.

    ## The set-up
    Two hidden layers of 64 ReLU units with dropout 0.5, two moons with noise 0.25 and 10 noise features, 200 training and 1,000 test points,
    200 full-batch steps of Adam at 0.01.
    ## Why
    In evaluation mode the full net stands for the mean of all masks in one pass. One forgotten `eval()` predicts with one thinned net.
    """

    rows = ("S3-16",)
    experiment = "X27"
    statement = Text(
        "Leaving dropout on at test time is fine, since the sub-networks' predictions are averaged or voted in the end.",
        "测试时不关 dropout 也没关系，反正最终会对子网络的预测求平均或投票。",
    )
    rule = Text(
        "Holds if one mask loses less than 0.005 accuracy against evaluation mode on average; fails as stated if it loses more than 0.01 in the "
        "mean over the repeats.",
        "若单次随机掩码与评估模式相比平均损失的准确率小于 0.005 则成立；若平均损失超过 0.01 则不成立。",
    )
    depends = Text("depends on the rate of dropout", "取决于 dropout 率")

    rate: float = 0.5
    steps: int = 200
    seeds = 3

    def measure(self, seed: int) -> dict[str, float]:
        import torch
        from torch import nn

        torch.manual_seed(seed)
        labels = torch.arange(1200) % 2
        angle, sign = torch.rand(1200) * torch.pi, 1 - 2 * labels
        moons = torch.stack([angle.cos() * sign + labels, angle.sin() * sign + 0.5 * labels], 1) + 0.25 * torch.randn(1200, 2)
        inputs = torch.cat([moons, torch.randn(1200, 10)], 1)
        model = nn.Sequential(
            nn.Linear(12, 64), nn.ReLU(), nn.Dropout(self.rate), nn.Linear(64, 64), nn.ReLU(), nn.Dropout(self.rate), nn.Linear(64, 2)
        )
        optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
        for _ in range(self.steps):
            optimizer.zero_grad()
            nn.functional.cross_entropy(model(inputs[:200]), labels[:200]).backward()
            optimizer.step()
        test, truth = inputs[200:], labels[200:]
        with torch.no_grad():
            masks = torch.stack([model(test).softmax(1) for _ in range(50)])  # [masks, samples, classes]
            whole = model.eval()(test)
        return {
            "accuracy_evaluation_mode": float((whole.argmax(1) == truth).float().mean()),
            "accuracy_one_mask": float((masks.argmax(2) == truth).float().mean()),
            "accuracy_mean_of_50_masks": float((masks.mean(0).argmax(1) == truth).float().mean()),
        }

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        lost = float((measured["accuracy_evaluation_mode"] - measured["accuracy_one_mask"]).mean())
        return "holds" if lost < 0.005 else "fails as stated" if lost > 0.01 else "depends"


@dataclass(frozen=True)
class TheForgottenModeShowsInTheRun(Phenomenon):
    """A run that trains on in evaluation mode, the one in training mode, and the former under `train-mode`.

    ## The set-up
    Three hidden layers with batch norm on two moons with inputs far from unit scale, SGD lr 0.05. The faulty run calls `model.eval()`
    once before training and never goes back.
    ## Why
    In evaluation mode the running statistics keep their initial values, so batch norm normalises nothing.
    """

    rows = ("S1-54", "S3-17")
    fault = Text("Training on in evaluation mode", "一直停留在评估模式的训练")
    sees = ("train-mode-missing",)
    remedies = ("train-mode",)

    steps: int = 120

    def faulty(self, seed: int) -> Training:
        training = self.healthy(seed)
        training.model.eval()
        return training

    def healthy(self, seed: int) -> Training:
        import torch
        from torch import nn

        torch.manual_seed(seed)
        layers: list[nn.Module] = []
        for width in (2, 32, 32):
            linear = nn.Linear(width, 32)
            nn.init.normal_(linear.weight, std=0.02)  # batch norm makes up for weights that small
            layers += [linear, nn.BatchNorm1d(32), nn.Tanh()]
        return training_on(nn.Sequential(*layers, nn.Linear(32, 2)), half_moons(seed, 400), lr=0.02, seed=seed)


@dataclass(frozen=True)
class DropoutInValidationIsSeenAndCured(Phenomenon):
    """A validation that leaves dropout on, the correct one, and the former under `eval-mode`.

    ## The set-up
    Two hidden ReLU layers with dropout 0.8 on two moons, SGD lr 0.05 with momentum 0.9. The faulty validation calls `model.train()`.
    ## Why
    With masks on, a validation measures a random function: the score is too low, and no weight is at fault.
    """

    rows = ("S3-16",)
    fault = Text("A validation in training mode", "在训练模式下进行的验证")
    sees = ("eval-mode-missing",)
    remedies = ("eval-mode",)

    steps: int = 100

    def faulty(self, seed: int) -> Training:
        import torch

        training = self.healthy(seed)

        def validate() -> torch.Tensor:
            training.model.train()
            assert training.validation is not None and training.loss is not None
            with torch.no_grad():
                outputs: torch.Tensor = training.model(training.validation[0])
                training.loss(outputs, training.validation[1])
            return outputs

        training.validate = validate  # type: ignore[method-assign]
        return training

    def healthy(self, seed: int) -> Training:
        import torch
        from torch import nn

        torch.manual_seed(seed)
        hidden = [nn.Linear(2, 32), nn.ReLU(), nn.Dropout(0.8), nn.Linear(32, 32), nn.ReLU(), nn.Dropout(0.8)]
        return training_on(nn.Sequential(*hidden, nn.Linear(32, 2)), half_moons(seed, 400), lr=0.05, seed=seed)
