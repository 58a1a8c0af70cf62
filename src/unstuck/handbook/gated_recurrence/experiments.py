"""Claims about recurrent nets: gradient through time, gates, the forget gate's bias."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from unstuck.lab import Claim, Verdict
from unstuck.phenomenon import Phenomenon, training_on
from unstuck.records import Text

if TYPE_CHECKING:
    import torch
    from matplotlib.figure import Figure

    from unstuck.training import Training


def _open_forget_gate(lstm: torch.nn.LSTM, bias: float) -> None:
    """Set the forget gate's bias (PyTorch's gate order: input, forget, cell, output; two bias vectors are added)."""
    import torch

    size = lstm.hidden_size
    with torch.no_grad():
        lstm.bias_ih_l0[size : 2 * size] = bias
        lstm.bias_hh_l0[size : 2 * size] = 0


@dataclass(frozen=True)
class AnLstmCuresVanishing(Claim):
    """Gradient at the first input over that at the last, for RNN, GRU and LSTM with forget bias 0, 2 and 5.

    ## The set-up
    Width `width`, PyTorch's default initialisation, float64, 8 random sequences of length `length`; the loss is the sum of the last hidden
    state. Ratio of the gradient norms at x_1 and x_T.
    ## Why
    dc_t/dc_(t-1) is the forget gate f on the direct path. With zero bias f is about 0.5, so the ratio is about 0.5^T; with bias b it is
    sigmoid(b)^T: 0.88^T for 2, 0.9933^T for 5.
    """

    rows = ("S0-23",)
    experiment = "X12"
    statement = Text("An LSTM cures vanishing gradients.", "LSTM 可以解决梯度消失。")
    rule = Text(
        "Holds if the default LSTM's ratio is above 1e-3 in every repeat; depends if only with a positive forget bias; fails as stated if not even "
        "then.",
        "若默认 LSTM 的梯度比每次都大于 1e-3 则成立；若只有正的遗忘门偏置才做到则视情况而定；若仍做不到则不成立。",
    )
    depends = Text(
        "depends on the forget gate's bias: default 0 vanishes, 5 keeps the gradient", "取决于遗忘门偏置：默认 0 会消失，取 5 可保持梯度"
    )

    length: int = 200
    width: int = 32
    seeds = 3
    quick = {"length": 100}

    def measure(self, seed: int) -> dict[str, float]:
        import torch
        from torch import nn

        found = {}
        for name, kind, bias in (
            ("rnn", nn.RNN, None),
            ("gru", nn.GRU, None),
            ("lstm_default", nn.LSTM, None),
            ("lstm_bias_2", nn.LSTM, 2.0),
            ("lstm_bias_5", nn.LSTM, 5.0),
        ):
            torch.manual_seed(seed)
            net = kind(8, self.width).double()
            if bias is not None:
                _open_forget_gate(net, bias)
            inputs = torch.randn(self.length, 8, 8, dtype=torch.float64, requires_grad=True)
            net(inputs)[0][-1].sum().backward()
            norms = inputs.grad.norm(dim=(1, 2))  # [length]
            found[f"ratio_{name}"] = float(norms[0] / norms[-1])
            found[f"curve_{name}"] = norms.numpy() / float(norms[-1])
        return found

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        if measured["ratio_lstm_default"].min() > 1e-3:
            return "holds"
        return "depends" if max(measured["ratio_lstm_bias_2"].min(), measured["ratio_lstm_bias_5"].min()) > 1e-3 else "fails as stated"

    def plot(self, figure: Figure, measured: dict[str, np.ndarray], lang: str) -> None:
        axes = figure.add_subplot()
        bias = "遗忘门偏置" if lang == "zh" else "forget bias"
        names = {
            "rnn": "RNN",
            "gru": "GRU",
            "lstm_default": f"LSTM, {bias} 0",
            "lstm_bias_2": f"LSTM, {bias} 2",
            "lstm_bias_5": f"LSTM, {bias} 5",
        }
        for (key, label), colour in zip(names.items(), ("#000000", "#CC79A7", "#D55E00", "#56B4E9", "#0072B2"), strict=True):
            curve = np.median(measured[f"curve_{key}"], axis=0)
            axes.plot(np.arange(1, len(curve) + 1), np.maximum(curve, 1e-80), color=colour, label=label)
        axes.set_yscale("log")
        axes.set_xlabel("时间步 t" if lang == "zh" else "time step t")
        axes.set_ylabel("x_t 处梯度与 x_T 处之比" if lang == "zh" else "gradient at x_t over gradient at x_T")
        axes.legend()


@dataclass(frozen=True)
class TheGatesByHand(Claim):
    """Largest difference between LSTM and GRU written out by hand and PyTorch's.

    ## The set-up
    One layer of width 16, sequences of 20 steps, batch 4, float64.
    ## Why
    PyTorch's GRU applies the reset gate after the recurrent matrix product, n = tanh(W x + b + r * (U h + c)); the original paper applies it
    before. Both are called GRU.
    """

    rows = ("S1-56", "S0-23")
    experiment = "X12"
    statement = Text(
        "LSTM: f, i, o = sigmoid, g = tanh, c = f c + i g, h = o tanh(c); GRU: r, z = sigmoid, n = tanh, h = (1 - z) n + z h.",
        "LSTM：f、i、o 用 sigmoid，g 用 tanh，c=f⊙c+i⊙g，h=o⊙tanh(c)；GRU：r、z 用 sigmoid，n 用 tanh，h=(1−z)⊙n+z⊙h。",
    )
    rule = Text("Holds if hand and PyTorch differ by less than 1e-10 in every repeat.", "若每次手算与 PyTorch 相差都小于 1e-10 则成立。")

    def measure(self, seed: int) -> dict[str, float]:
        import torch
        from torch import nn

        torch.manual_seed(seed)
        inputs = torch.randn(20, 4, 8, dtype=torch.float64)
        lstm, gru = nn.LSTM(8, 16).double(), nn.GRU(8, 16).double()
        with torch.no_grad():
            h = c = torch.zeros(4, 16, dtype=torch.float64)
            for x in inputs:
                gates = x @ lstm.weight_ih_l0.T + lstm.bias_ih_l0 + h @ lstm.weight_hh_l0.T + lstm.bias_hh_l0
                i, f, g, o = gates.chunk(4, 1)
                c = f.sigmoid() * c + i.sigmoid() * g.tanh()
                h = o.sigmoid() * c.tanh()
            lstm_off = float((h - lstm(inputs)[0][-1]).abs().max())
            h = torch.zeros(4, 16, dtype=torch.float64)
            for x in inputs:
                from_x = (x @ gru.weight_ih_l0.T + gru.bias_ih_l0).chunk(3, 1)
                from_h = (h @ gru.weight_hh_l0.T + gru.bias_hh_l0).chunk(3, 1)
                r, z = (from_x[0] + from_h[0]).sigmoid(), (from_x[1] + from_h[1]).sigmoid()
                n = (from_x[2] + r * from_h[2]).tanh()
                h = (1 - z) * n + z * h
            gru_off = float((h - gru(inputs)[0][-1]).abs().max())
        return {"lstm_difference": lstm_off, "gru_difference": gru_off}

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        return "holds" if max(float(v.max()) for v in measured.values()) < 1e-10 else "fails as stated"


@dataclass(frozen=True)
class AnOpenForgetGateRemembers(Claim):
    """Accuracy of an LSTM that must repeat the first symbol after a long stretch of noise, with forget bias 0 and 3.

    ## The set-up
    The first of `length` inputs is +1 or -1, the others are noise; the label is the first input's sign. Width 16, Adam lr 0.01, batch 32,
    `steps` steps, fresh sequences in each; accuracy on 500 new sequences.
    ## Why
    The gradient that could teach the cell to keep the first input arrives there with the factor sigmoid(bias)^length: 0.5^40 = 1e-12 against
    0.95^40 = 0.14.
    """

    rows = ("S0-23",)
    experiment = "X12"
    statement = Text(
        "A positive bias of the forget gate lets an LSTM learn dependencies that the default one does not learn in the same time.",
        "正的遗忘门偏置使 LSTM 能在同样的步数内学会默认设置学不会的长程依赖。",
    )
    rule = Text(
        "Holds if the accuracy with bias 3 exceeds that with bias 0 by more than 0.2 in every repeat; fails as stated if by less than 0.05 in the "
        "mean.",
        "若每次偏置 3 的准确率比偏置 0 高 0.2 以上则成立；若平均高出不到 0.05 则不成立。",
    )
    depends = Text("depends on the seed", "取决于随机种子")

    length: int = 40
    steps: int = 120
    seeds = 3
    quick = {"steps": 100}

    def measure(self, seed: int) -> dict[str, float]:
        import torch
        from torch import nn

        found = {}
        for bias in (0.0, 3.0):
            torch.manual_seed(seed)
            lstm, head = nn.LSTM(1, 16), nn.Linear(16, 2)
            _open_forget_gate(lstm, bias)
            optimizer = torch.optim.Adam([*lstm.parameters(), *head.parameters()], lr=0.01)

            def draw(count: int) -> tuple[torch.Tensor, torch.Tensor]:
                labels = torch.randint(0, 2, (count,))
                inputs = 0.3 * torch.randn(self.length, count, 1)
                inputs[0, :, 0] = 2.0 * labels - 1
                return inputs, labels

            for _ in range(self.steps):
                inputs, labels = draw(32)
                optimizer.zero_grad()
                nn.functional.cross_entropy(head(lstm(inputs)[0][-1]), labels).backward()
                optimizer.step()
            with torch.no_grad():
                inputs, labels = draw(500)
                found[f"accuracy_bias_{bias:g}"] = float((head(lstm(inputs)[0][-1]).argmax(1) == labels).float().mean())
        return found

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        gain = measured["accuracy_bias_3"] - measured["accuracy_bias_0"]
        return "holds" if gain.min() > 0.2 else "fails as stated" if gain.mean() < 0.05 else "depends"


def recall(seed: int, bias: float, length: int = 40) -> Training:
    """Tell the sign of the first input after `length` steps of noise; an LSTM with this forget bias."""
    import torch
    from torch import nn

    class Recall(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.rnn, self.out = nn.LSTM(2, 24, batch_first=True), nn.Linear(24, 2)
            with torch.no_grad():
                self.rnn.bias_ih_l0[24:48] += bias

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            last: torch.Tensor = self.out(self.rnn(x)[0][:, -1])
            return last

    torch.manual_seed(seed)
    generator = torch.Generator().manual_seed(seed)
    x, y = 0.3 * torch.randn(640, length, 2, generator=generator), torch.randint(2, (640,), generator=generator)
    x[:, 0, 0], x[:, 0, 1] = 2.0 * y - 1, 1.0
    model = Recall()
    return training_on(model, (x, y), optimizer=torch.optim.Adam(model.parameters(), lr=0.002), batch=48, seed=seed)


@dataclass(frozen=True)
class LongRangeIsSeenAndCured(Phenomenon):
    """An LSTM whose gates start half closed, one whose forget gates start open, and the former under `forget-gate-bias`.

    ## The set-up
    Recall the first of 40 noisy inputs; LSTM of 24 units, Adam lr 0.002.
    ## Why
    The gradient travels back through the product of the forget gates; half open, 40 of them leave 1e-12.
    """

    rows = ("S0-23",)
    experiment = "X12"
    fault = Text("A dependency that is too long", "过长的时间依赖")
    sees = ("long-range-dependency",)
    remedies = ("forget-gate-bias",)

    steps: int = 160

    def faulty(self, seed: int) -> Training:
        return recall(seed, 0.0)

    def healthy(self, seed: int) -> Training:
        return recall(seed, 4.0)
