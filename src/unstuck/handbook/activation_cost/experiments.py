"""Claims about the time that activation functions take, on the CPU at hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np

from unstuck.lab import Claim, Verdict
from unstuck.records import Text

if TYPE_CHECKING:
    import torch
    from matplotlib.figure import Figure


def _functions() -> dict[str, Callable[[torch.Tensor], torch.Tensor]]:
    import torch
    from torch.nn import functional

    return {
        "relu": torch.relu,
        "leaky_relu": functional.leaky_relu,
        "sigmoid": torch.sigmoid,
        "tanh": torch.tanh,
        "elu": functional.elu,
        "gelu": functional.gelu,
        "silu": functional.silu,
    }


def _fastest(calls: dict[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Seconds of the fastest of several rounds; the calls take turns, so that a busy machine hits all alike."""
    best = dict.fromkeys(calls, np.inf)
    for _ in range(rounds):
        for name, call in calls.items():
            started = perf_counter()
            call()
            best[name] = min(best[name], perf_counter() - started)
    return best


@dataclass(frozen=True)
class TheExponentialIsSlow(Claim):
    """Time of activation functions on a large tensor, and their share of a layer's time.

    ## The set-up
    `elements` float32 values, forward only, one thread, the fastest of 9 rounds; and a linear layer of 512 x 512 on 512 rows with its activation
    (262,144 values). Times are the machine's own and vary; the verdict rests on ratios.
    ## Why
    exp is vectorised: a few dozen instructions per eight values. Whether a function is fast is up to the code behind it. In a layer, each output
    costs n multiply-adds and one activation, so the share falls with the width.
    """

    rows = ("S2-13", "S2-05", "S2-34", "S2-20", "S4-49")
    experiment = "X37"
    statement = Text(
        "exp is expensive, so sigmoid, tanh and ELU slow a network down.", "exp() 计算成本高昂，sigmoid、tanh、ELU 会拖慢网络。"
    )
    rule = Text(
        "Holds if sigmoid, tanh and ELU each take more than 10 % of the time of their layer (512 inputs) in every repeat; fails as stated if none "
        "does in any.",
        "若 sigmoid、tanh、ELU 每次都各占其所在层（512 个输入）时间的 10 % 以上则成立；若从没有一个达到则不成立。",
    )
    depends = Text(
        "depends on the implementation in the library, not on exp: sigmoid is cheap, tanh is not",
        "取决于库的实现而非 exp：sigmoid 便宜，tanh 不便宜",
    )

    elements: int = 2_000_000
    seeds = 3
    quick = {"elements": 500_000}

    def measure(self, seed: int) -> dict[str, float]:
        import torch

        torch.manual_seed(seed)
        values, rows = torch.randn(self.elements), torch.randn(512, 512)
        layer = torch.nn.Linear(512, 512)
        with torch.no_grad():
            outputs = layer(rows)
            functions = _functions()
            large = _fastest({name: lambda f=f: f(values) for name, f in functions.items()}, 9)
            small = _fastest({name: lambda f=f: f(outputs) for name, f in functions.items()} | {"layer": lambda: layer(rows)}, 15)
        found = {f"ms_{name}": seconds * 1000 for name, seconds in large.items()}
        return (
            found | {f"share_of_layer_{n}": small[n] / (small[n] + small["layer"]) for n in functions} | {"ms_layer": small["layer"] * 1000}
        )

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        shares = np.stack([measured[f"share_of_layer_{name}"] for name in ("sigmoid", "tanh", "elu")])
        return "fails as stated" if shares.max() < 0.1 else "holds" if shares.min() > 0.1 else "depends"

    def plot(self, figure: Figure, measured: dict[str, np.ndarray], lang: str) -> None:
        axes = figure.add_subplot()
        names = [n.removeprefix("share_of_layer_") for n in measured if n.startswith("share_of_layer_")]
        axes.barh(names, [100 * np.median(measured[f"share_of_layer_{n}"]) for n in names], color="#0072B2")
        axes.set_xlabel("占该层时间的百分比" if lang == "zh" else "share of the layer's time in %")


@dataclass(frozen=True)
class ReluIsMuchFasterThanSigmoid(Claim):
    """Time of whole training steps of one net with ReLU, leaky ReLU, sigmoid, tanh, ELU and GELU.

    ## The set-up
    Three hidden layers of 256, batch 128, forward, backward and SGD step, one thread, the fastest of 25 steps, functions taking turns.
    ## Why
    Matrix products and memory decide; the "if" of ReLU is a vectorised maximum, not a branch.
    """

    rows = ("S2-20", "S4-49", "S2-34")
    experiment = "X37"
    statement = Text(
        "ReLU has only linear operations (an if-else), so it computes much faster than sigmoid and tanh, forward and backward.",
        "ReLU 只是 if-else 的线性运算，前向和反向都比 sigmoid、tanh 快得多。",
    )
    rule = Text(
        "Holds if a training step with sigmoid takes at least 1.5 times that with ReLU in every repeat; fails as stated if less than 1.2 times.",
        "若使用 sigmoid 的训练步每次耗时都是 ReLU 的 1.5 倍以上则成立；若都不到 1.2 倍则不成立。",
    )
    depends = Text("depends on the machine", "取决于机器")
    seeds = 3

    rounds: int = 25

    def measure(self, seed: int) -> dict[str, float]:
        import torch
        from torch import nn

        inputs, labels = torch.randn(128, 256), torch.randint(0, 10, (128,))
        calls = {}
        for name, function in (
            ("relu", nn.ReLU),
            ("leaky_relu", nn.LeakyReLU),
            ("sigmoid", nn.Sigmoid),
            ("tanh", nn.Tanh),
            ("elu", nn.ELU),
            ("gelu", nn.GELU),
        ):
            torch.manual_seed(seed)
            layers = [module for _ in range(3) for module in (nn.Linear(256, 256), function())]
            model = nn.Sequential(*layers, nn.Linear(256, 10))
            optimizer = torch.optim.SGD(model.parameters(), lr=0.01)

            def step(model: nn.Module = model, optimizer: torch.optim.Optimizer = optimizer) -> None:
                optimizer.zero_grad()
                nn.functional.cross_entropy(model(inputs), labels).backward()
                optimizer.step()

            calls[name] = step
        seconds = _fastest(calls, self.rounds)
        return {f"ms_step_{n}": s * 1000 for n, s in seconds.items()} | {
            f"step_over_relu_{n}": s / seconds["relu"] for n, s in seconds.items() if n != "relu"
        }

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        ratio = measured["step_over_relu_sigmoid"]
        return "holds" if ratio.min() >= 1.5 else "fails as stated" if ratio.max() < 1.2 else "depends"
