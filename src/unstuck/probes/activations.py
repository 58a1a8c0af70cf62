from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from unstuck.plugins import Probe
from unstuck.records import Place

if TYPE_CHECKING:
    import torch

    from unstuck.training import Rows, Sample

#: Bounded activations: kind -> (middle, half of the range).
BOUNDED = {
    "Sigmoid": (0.5, 0.5), "Tanh": (0.0, 1.0), "Hardsigmoid": (0.5, 0.5), "Softsign": (0.0, 1.0),
    "functional sigmoid": (0.5, 0.5), "functional tanh": (0.0, 1.0), "functional hardsigmoid": (0.5, 0.5),
}  # fmt: skip
#: "At a bound" = within this share of the range from it; root-causes.md says 2 %.
EDGE = 0.02


class Activations(Probe):
    """Scale, spread and shape of what each place puts out.

    ## What it measures
    Over strided rows [R, U] of one batch: mean, standard deviation, largest magnitude, share of exact zeros; for bounded activations the
    share of outputs within 2 % of a bound; and the spread: the standard deviation over the samples, root mean square over the units.
    The spread is taken around the first row, because float32 would lose a spread of 1e-9 around a mean of 1e-2.
    ## What it costs
    About eight kernels for all places of one shape.
    """

    zh = """每个位置输出的尺度、离散程度与形状。

    ## 测量什么
    在一个批次的若干等距行 [R, U] 上：均值、标准差、最大绝对值、精确为零的比例；对有界激活，还有落在边界 2 % 以内的比例；以及
    样本间离散度：各单元跨样本标准差的均方根。离散度以第一行为基准计算，否则 float32 会丢掉均值 1e-2 附近 1e-9 的差异。
    ## 开销
    同一形状的所有位置共用约八个算子。
    """

    emits = {
        "activation.mean": "",
        "activation.std": "",
        "activation.max": "",
        "activation.zero_share": "",
        "activation.spread": "",
        "activation.saturated_share": "",
    }

    context = frozenset({"activation.max", "activation.std", "activation.zero_share"})

    def measure(self, sample: Sample) -> Iterator[tuple[str, Sequence[Place], torch.Tensor]]:
        for rows in sample.activations:
            yield from self._group(rows)

    def _group(self, rows: Rows) -> Iterator[tuple[str, Sequence[Place], torch.Tensor]]:
        import torch

        values, places = rows.values, rows.places
        flat = values.flatten(1)
        n = flat.shape[1]
        mean = flat.mean(1)
        squares = torch.linalg.vector_norm(flat, dim=1).square() / n
        yield "activation.mean", places, mean
        yield "activation.std", places, (squares - mean * mean).clamp_min(0).sqrt()
        yield "activation.max", places, torch.linalg.vector_norm(flat, float("inf"), dim=1)
        yield "activation.zero_share", places, 1 - torch.linalg.vector_norm(flat, 0, dim=1) / n
        around = values - values[:, :1]
        variance = (around * around).mean(1) - around.mean(1).square()  # [L, U]
        yield "activation.spread", places, variance.clamp_min(0).mean(1).sqrt()
        bounded = [i for i, p in enumerate(places) if p.kind in BOUNDED]
        if bounded:
            middle, half = (
                torch.tensor([BOUNDED[places[i].kind][k] for i in bounded], device=flat.device, dtype=flat.dtype) for k in (0, 1)
            )
            part = flat if len(bounded) == len(places) else flat[bounded]
            at_edge = (part - middle[:, None]).abs() > (half * (1 - 2 * EDGE))[:, None]
            yield "activation.saturated_share", [places[i] for i in bounded], at_edge.float().mean(1)
