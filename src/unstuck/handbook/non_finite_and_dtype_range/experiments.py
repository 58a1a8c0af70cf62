"""The ranges of number formats, where NaN and Inf are born, and what loss scaling does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from unstuck.lab import Claim, Verdict
from unstuck.phenomenon import Phenomenon
from unstuck.records import Text

if TYPE_CHECKING:
    import matplotlib.figure

    from unstuck.training import Training

FORMATS = ("float16", "bfloat16", "float32")


@dataclass(frozen=True)
class SixteenBitsOverflowFirst(Claim):
    """The layer at which the activations of one exploding stack stop being finite in three number formats.

    ## The set-up
    Linear layers whose weights have gain 3 (standard deviation 3/sqrt(n)), inputs N(0, 1), up to 100 layers.
    ## Why
    The signal grows threefold per layer. Where it ends is set by the exponent's bits: 5 in float16, 8 in bfloat16 and in float32.
    """

    rows = ("S0-08", "S0-09")
    experiment = "X06"
    statement = Text("Overflow is worst in 16-bit floats.", "数值溢出在 16 位浮点数下最为严重。")
    rule = Text(
        "Holds if float16 and bfloat16 both overflow at less than half the layers of float32; depends if only one of them does.",
        "若 float16 和 bfloat16 溢出时的层数都不到 float32 的一半，则成立；若只有其中之一如此，则视条件而定。",
    )
    depends = Text(
        "depends on which 16 bits: float16 ends at 65504, bfloat16 has the range of float32",
        "取决于是哪种 16 位：float16 最大为 65504，而 bfloat16 的范围与 float32 相同",
    )
    gain: float = 3.0
    width: int = 64

    def measure(self, seed: int) -> dict[str, float]:
        import torch

        measured = {}
        for name in FORMATS:
            generator = torch.Generator().manual_seed(seed)
            kind = getattr(torch, name)
            h = torch.randn(16, self.width, generator=generator).to(kind)
            layer = 0
            while layer < 100 and bool(torch.isfinite(h).all()):
                w = torch.randn(self.width, self.width, generator=generator) * self.gain / self.width**0.5
                h = (h.float() @ w.to(kind).float()).to(kind)  # sums in float32, results in the format, as tensor cores do
                layer += 1
            measured[f"layer_{name}"] = float(layer)
        return measured

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        early = [bool((measured[f"layer_{name}"] < measured["layer_float32"] / 2).all()) for name in FORMATS[:2]]
        return "holds" if all(early) else "depends" if any(early) else "fails as stated"


@dataclass(frozen=True)
class FormatLimits(Claim):
    """Largest number, smallest positive number and spacing at 1 of three formats, found by trying.

    ## The set-up
    70000, exp(12), 2^-25 and 1 + 2^-9 are converted to each format; limits from torch.finfo.
    ## Why
    float16 = 1 + 5 + 10 bits, bfloat16 = 1 + 8 + 7, float32 = 1 + 8 + 23: exponent bits buy range, fraction bits buy precision.
    """

    rows = ("S0-09",)
    experiment = "X06"
    statement = Text(
        "float16 loses in range at both ends, bfloat16 only in precision.", "float16 在上下两端的范围都变窄，bfloat16 只损失精度。"
    )
    rule = Text(
        "Holds if 70000 is inf and 2^-25 is 0 in float16 only, and 1 + 2^-9 is 1 in bfloat16 only.",
        "若只有 float16 把 70000 变为 inf、把 2^-25 变为 0，且只有 bfloat16 把 1 + 2^-9 变为 1，则成立。",
    )
    seeds = 1

    def measure(self, seed: int) -> dict[str, float]:
        import torch

        measured = {}
        for name in FORMATS:
            kind = getattr(torch, name)
            limits = torch.finfo(kind)
            tried = torch.tensor([70000.0, 2.0**-25, 1 + 2.0**-9, np.exp(12.0)], dtype=torch.double).to(kind).double()
            measured |= {
                f"max_{name}": limits.max, f"smallest_{name}": float(limits.smallest_normal * limits.eps), f"eps_{name}": limits.eps,
                f"inf_at_70000_{name}": float(torch.isinf(tried[0])), f"zero_at_2_25_{name}": float(tried[1] == 0),
                f"one_at_1_2_9_{name}": float(tried[2] == 1), f"inf_at_exp_12_{name}": float(torch.isinf(tried[3])),
            }  # fmt: skip
        return measured

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        def only(name: str, kind: str) -> bool:
            return [bool(measured[f"{name}_{f}"].all()) for f in FORMATS] == [f == kind for f in FORMATS]

        right = only("inf_at_70000", "float16") and only("zero_at_2_25", "float16") and only("one_at_1_2_9", "bfloat16")
        return "holds" if right else "fails as stated"


@dataclass(frozen=True)
class LossScalingAnswersUnderflow(Claim):
    """The share of gradient elements that are zero in float16, without and with a loss scale, and in bfloat16.

    ## The set-up
    Gradients of a 6-layer tanh net on a small regression error (1e-4), computed in float64, then rounded to each format; scale 2^16 first.
    ## Why
    Below 6e-8 float16 has nothing. A scale moves all gradients up by the same factor; dividing it out afterwards happens in float32.
    """

    rows = ("S0-09",)
    experiment = "X06"
    statement = Text(
        "Loss scaling saves the small gradients that float16 loses.", "损失缩放（loss scaling）能保住 float16 会丢失的小梯度。"
    )
    rule = Text(
        "Holds if without scaling more than 10 % of the elements become 0 in float16, with scale 65536 less than 1 %, and none of them inf.",
        "若不缩放时 float16 中有超过 10 % 的元素变为 0，而缩放 65536 倍后少于 1 %，且没有 inf，则成立。",
    )
    scale: float = 65536.0

    def measure(self, seed: int) -> dict[str, float]:
        import torch
        from torch import nn

        generator = torch.Generator().manual_seed(seed)
        h = torch.randn(256, 32, generator=generator, dtype=torch.double)
        matrices = []
        for _ in range(6):
            matrices.append((torch.randn(32, 32, generator=generator, dtype=torch.double) / 32**0.5).requires_grad_())
            h = torch.tanh(h @ matrices[-1])
        error = 1e-4 * torch.randn(h.shape, generator=generator, dtype=torch.double)
        gradients = torch.autograd.grad(nn.functional.mse_loss(h, (h + error).detach()), matrices)
        g = torch.cat([x.flatten() for x in gradients])
        scaled = (g * self.scale).half()
        return {
            "median_gradient": g.abs().median().item(),
            "zero_float16": (g.half() == 0).double().mean().item(),
            "zero_float16_scaled": (scaled == 0).double().mean().item(),
            "inf_float16_scaled": torch.isinf(scaled).double().mean().item(),
            "zero_bfloat16": (g.bfloat16() == 0).double().mean().item(),
        }

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        lost, saved = measured["zero_float16"].min() > 0.1, measured["zero_float16_scaled"].max() < 0.01
        return "holds" if lost and saved and not measured["inf_float16_scaled"].any() else "fails as stated"

    def plot(self, figure: matplotlib.figure.Figure, measured: dict[str, np.ndarray], lang: str) -> None:
        axes = figure.add_subplot()
        zh = lang == "zh"
        names = {
            "zero_float16": "float16", "zero_float16_scaled": "float16 × 65536" if not zh else "float16，缩放 65536 倍", "zero_bfloat16": "bfloat16"
        }  # fmt: skip
        axes.bar(list(names.values()), [100 * measured[name].mean() for name in names], color=("#D55E00", "#0072B2", "#009E73"))
        axes.set_ylabel("变为 0 的梯度元素（%）" if zh else "gradient elements that become 0 (%)")


#: Name -> what is computed from x, and the point at which people meet it.
BIRTHPLACES = ("log_of_zero", "zero_times_inf", "sqrt_slope_at_zero", "where_hides_only_forward", "naive_softmax", "zero_over_zero")


@dataclass(frozen=True)
class WhereNonFiniteIsBorn(Claim):
    """Six expressions that are finite to the eye and give Inf or NaN, forward or backward, each next to the form that does not.

    ## The set-up
    log(p) at p = 0; 0 * log(0); d sqrt(x) at 0; torch.where(x > 0, sqrt(x), 0) backward at 0; exp(z)/sum exp(z) at z = 1000; a standard
    deviation of 0 as divisor. Safe forms: log-softmax, xlogy, norm(), masking the argument first, softmax, eps under the root.
    ## Why
    Inf - Inf, 0 * Inf and 0/0 are NaN, and the backward pass multiplies by slopes that may be Inf even where the forward pass hid the branch.
    """

    rows = ("S0-08",)
    statement = Text("NaN appears only where a gradient exploded.", "只有梯度爆炸才会产生 NaN。")
    rule = Text(
        "Fails as stated if all 6 expressions give Inf or NaN at moderate gradients while their 6 safe forms are finite.",
        "若 6 个表达式在梯度并不大时都产生 Inf 或 NaN，而 6 个安全写法都保持有限，则按原说法不成立。",
    )
    seeds = 1

    def measure(self, seed: int) -> dict[str, float]:
        import torch

        def backward(f, start: float) -> float:  # type: ignore[no-untyped-def]
            x = torch.tensor([start], requires_grad=True)
            (g,) = torch.autograd.grad(f(x).sum(), x)
            return g.item()

        zero, big = torch.zeros(1), torch.tensor([1000.0, 0.0])
        same = torch.ones(4)
        naive = {
            "log_of_zero": torch.log(zero).item(),
            "zero_times_inf": (zero * torch.log(zero)).item(),
            "sqrt_slope_at_zero": backward(lambda x: (x**2).sqrt(), 0.0),
            "where_hides_only_forward": backward(lambda x: torch.where(x > 0, x.sqrt(), torch.zeros_like(x)), 0.0),
            "naive_softmax": (big.exp() / big.exp().sum())[0].item(),
            "zero_over_zero": ((same - same.mean()) / same.std())[0].item(),
        }
        safe = {
            "log_of_zero": torch.log_softmax(torch.tensor([-200.0, 0.0]), 0)[0].item(),
            "zero_times_inf": torch.xlogy(zero, zero).item(),
            "sqrt_slope_at_zero": backward(lambda x: x.norm(), 0.0),
            "where_hides_only_forward": backward(
                lambda x: torch.where(x > 0, torch.where(x > 0, x, torch.ones_like(x)).sqrt(), torch.zeros_like(x)), 0.0
            ),
            "naive_softmax": torch.softmax(big, 0)[0].item(),
            "zero_over_zero": ((same - same.mean()) / (same.var() + 1e-5).sqrt())[0].item(),
        }
        bad = {f"bad_{name}": float(not np.isfinite(naive[name])) for name in BIRTHPLACES}
        return bad | {f"safe_{name}": float(np.isfinite(safe[name])) for name in BIRTHPLACES}

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        return "fails as stated" if all(values.all() for values in measured.values()) else "holds"


def log_of_zero_net(seed: int, *, safe: bool = False) -> Training:
    """A classifier with -log(softmax(z))[y] written by hand, whose second class is driven to probability 0; or cross-entropy on the logits."""
    import torch
    from torch import nn

    from unstuck.training import Training

    torch.manual_seed(seed)
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(240, 4, generator=generator)
    y = (x[:, 0] > 0).long()
    model = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 2))
    with torch.no_grad():
        model[2].weight.mul_(1.0 if safe else 400.0)  # logits in the hundreds: float32's softmax gives an exact 0

    def by_hand(z: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
        p = torch.exp(z - z.max(1, keepdim=True).values)
        p = p / p.sum(1, keepdim=True)
        return -torch.log(p[torch.arange(len(t)), t]).mean()

    loss = nn.functional.cross_entropy if safe else by_hand
    batches = [(x[i : i + 40], y[i : i + 40]) for i in range(0, 200, 40)]
    return Training([model], [torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)], loss, batches, (x[200:], y[200:]), seed=seed)


@dataclass(frozen=True)
class NonFiniteIsSeen(Phenomenon):
    """A net whose softmax gives an exact zero before a logarithm, the twin with ordinary weights and cross-entropy on logits, and `he-init`.

    ## The set-up
    Logits in the hundreds and -log(softmax) by hand, so that float32 gives log 0; the twin starts small and uses cross-entropy. SGD lr
    0.1, momentum 0.9.
    ## Why
    The first operation that made a value that is not finite is the cause, everything after it is infected. Smaller weights keep the
    softmax away from an exact zero.
    """

    rows = ("S0-08",)
    fault = Text("A loss that turns NaN", "损失变为 NaN")
    sees = ("non-finite",)
    remedies = ("he-init",)

    steps: int = 60

    def faulty(self, seed: int) -> Training:
        return log_of_zero_net(seed)

    def healthy(self, seed: int) -> Training:
        return log_of_zero_net(seed, safe=True)
