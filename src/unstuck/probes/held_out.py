from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from unstuck.plugins import Probe
from unstuck.records import Place

if TYPE_CHECKING:
    from unstuck.training import Sample


class HeldOut(Probe):
    """What the phases without gradients are given, beside what the training is given.

    ## What it measures
    Per phase: mean and standard deviation of up to 64 features (`validation.feature_mean`, `validation.feature_std`), its number of samples
    (`validation.rows`), the share of them that were also in a sampled training batch (`validation.repeated_share`), that occur more than
    once in the phase itself (`validation.own_repeats`), the share of the known training rows that the phase holds
    (`validation.covered_share`: 1 where it is the training set), the number of those (`validation.trained_rows`), and the share of the
    dropout and batch-norm layers that were in training mode (`validation.mode_share`, root: `validation.root_mode`).
    ## What it costs
    Two projections and two sums over the inputs of the first three phases and of ever fewer later ones. It is collected by
    `attach/held_out.py`, because no training step is going on then.
    """

    zh = """不记录梯度的阶段收到了什么，与训练所收到的相比。

    ## 测量什么
    每个阶段：至多 64 个特征的均值与标准差（`validation.feature_mean`、`validation.feature_std`）、样本数（`validation.rows`）、
    其中也出现在采样训练批次里的比例（`validation.repeated_share`）、在本阶段内重复出现的比例（`validation.own_repeats`）、
    该阶段包含的已知训练行的比例（`validation.covered_share`：等于 1 说明就是训练集）、已知训练行数（`validation.trained_rows`），
    以及处于训练模式的 dropout 与批归一化层的比例（`validation.mode_share`，根模块：`validation.root_mode`）。
    ## 开销
    在前三个阶段及之后越来越少的阶段里，对输入做两次投影与两次求和。由 `attach/held_out.py` 收集，因为那时没有训练步。
    """

    emits = {
        f"validation.{q}": ""
        for q in (
            "feature_mean", "feature_std", "rows", "repeated_share", "own_repeats", "covered_share", "trained_rows", "mode_share", "root_mode",
        )
    }  # fmt: skip

    def measure(self, sample: Sample) -> Iterator[tuple[str, Sequence[Place], Sequence[float]]]:
        yield from ()
