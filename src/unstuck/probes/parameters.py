from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from unstuck.plugins import Probe
from unstuck.records import Place

if TYPE_CHECKING:
    import torch

    from unstuck.training import Parameters as Stepped
    from unstuck.training import Sample

RUN = Place(name="run", kind="run")
#: Rows of a weight are compared at the first sample and every so many samples.
ROWS_EVERY = 16


class Parameters(Probe):
    """Size of each parameter, of its gradient, and of the step that the optimizer made.

    ## What it measures
    `parameter.norm`, `parameter.gradient_norm` (as the optimizer saw it), `update.norm` and `update.ratio` (norm of the step over norm of the
    parameter before it, on at most 1024 strided elements), `parameter.identical_share` (rows equal to the first row but for rounding; of a bare matrix, rows or columns),
    `gradient.total_norm` over all parameters, and `gradient.leftover_ratio`: the norm of the gradients that nobody cleared
    since the last step, over the norm at the step (0 = cleared).
    ## What it costs
    Two fused norms over all parameters, one copied row before and after the step.
    """

    zh = """每个参数、其梯度以及优化器所走一步的大小。

    ## 测量什么
    `parameter.norm`、`parameter.gradient_norm`（优化器看到的梯度）、`update.norm` 与 `update.ratio`（一步的范数与此前参数范数之比，
    取至多 1024 个等距元素）、`parameter.identical_share`（与第一行相同的行的比例）、全部参数的 `gradient.total_norm`，以及
    `gradient.leftover_ratio`：自上次更新以来未清零的梯度范数与更新时梯度范数之比（0 表示已清零）。
    ## 开销
    对全部参数做两次融合范数，更新前后各复制一行。
    """

    emits = {
        "parameter.norm": "",
        "parameter.gradient_norm": "",
        "update.norm": "",
        "update.ratio": "",
        "parameter.identical_share": "",
        "gradient.total_norm": "",
        "gradient.leftover_ratio": "",
    }
    context = frozenset({"update.norm"})

    def __init__(self) -> None:
        self._samples = 0

    def measure(self, sample: Sample) -> Iterator[tuple[str, Sequence[Place], torch.Tensor]]:
        import torch

        stepped = sample.parameters
        if stepped is None or not stepped.places:
            return
        yield "parameter.norm", stepped.places, torch.stack([n.float() for n in torch._foreach_norm(stepped.tensors)])
        with_gradient = [i for i, g in enumerate(stepped.gradients) if g is not None]
        if with_gradient:
            gradients = [g for g in stepped.gradients if g is not None]
            norms = torch.stack([n.float() for n in torch._foreach_norm(gradients)])
            yield "parameter.gradient_norm", [stepped.places[i] for i in with_gradient], norms
            total = torch.linalg.vector_norm(norms)
            yield "gradient.total_norm", (RUN,), total.reshape(1)
            if sample.leftover is not None:
                yield "gradient.leftover_ratio", (RUN,), (sample.leftover / total.clamp_min(1e-30)).reshape(1)
        yield from self._updates(stepped)
        if self._samples % ROWS_EVERY == 0 or self._samples == 4:
            yield from self._rows(stepped)
        self._samples += 1

    @staticmethod
    def _updates(stepped: Stepped) -> Iterator[tuple[str, Sequence[Place], torch.Tensor]]:
        import torch

        moved = torch._foreach_norm(list((stepped.after - stepped.before).split(stepped.counts)))
        held = torch._foreach_norm(list(stepped.before.split(stepped.counts)))
        change, before = torch.stack(list(moved)), torch.stack(list(held))
        yield "update.norm", stepped.places, change
        yield "update.ratio", stepped.places, change / before  # inf or nan for a parameter that is still zero

    @staticmethod
    def _rows(stepped: Stepped) -> Iterator[tuple[str, Sequence[Place], torch.Tensor]]:
        import torch

        wide = [
            i
            for i, t in enumerate(stepped.tensors)
            if t.dim() > 1 and t.shape[0] > 1 and t[0].numel() > 1 and t.numel() <= 2**20 and stepped.gradients[i] is not None
        ]
        if wide:
            weights = [stepped.tensors[i].detach().flatten(1) for i in wide]
            # Rows that started equal stay so but for rounding: a matrix product may sum the rows of a block in another order.
            shares = torch.stack([(((w[1:] - w[:1]).abs().amax(1) <= 1e-5 * w.abs().amax()).float().mean()) for w in weights])
            # A matrix that is multiplied by hand may have its units in columns.
            for k, i in enumerate(wide):
                tensor = stepped.tensors[i]
                if stepped.places[i].kind == "parameter" and tensor.dim() == 2 and tensor.shape[1] > 1:
                    w = tensor.detach()
                    columns = ((w[:, 1:] - w[:, :1]).abs().amax(0) <= 1e-5 * w.abs().amax()).float().mean()
                    shares[k] = torch.maximum(shares[k], columns)
            yield "parameter.identical_share", [stepped.places[i] for i in wide], shares
