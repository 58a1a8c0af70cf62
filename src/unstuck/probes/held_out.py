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
    (`validation.covered_share`: 1 where it is the training set), the number of those (`validation.trained_rows`), the share of the newest training
    batches that was known before (`validation.known_share`: 1 where the whole training set is known), and the share of the
    dropout and batch-norm layers that were in training mode (`validation.mode_share`, root: `validation.root_mode`). For whole numbers
    (ids of words): the total variation between their frequencies in training and in the phase (`validation.id_distance`), and the
    largest one between two halves of either (`validation.id_noise`); and for rows of one length the mean difference between the shares of rows
    that hold the commonest number at a position (`validation.position_distance`), and that between halves (`validation.position_noise`). Where the
    targets are known as well: how far inputs and targets go together as they do in training (`validation.association`: 1 alike, 0 nothing in common), and how much of
    what is seen of that in training and in the phase is no luck (`validation.association_trained`, `validation.association_given`: 0..1); and
    how strong training's is beside the phase's (`validation.association_strength`: 1 alike, 1 - p where a share p of the targets belongs to other inputs).
    ## What it costs
    Two projections and two sums over the inputs of the first three phases, of ever fewer later ones, and of data sets not met before. It is collected by
    `attach/held_out.py`, because no training step is going on then.
    """

    zh = """不记录梯度的阶段收到了什么，与训练所收到的相比。

    ## 测量什么
    每个阶段：至多 64 个特征的均值与标准差（`validation.feature_mean`、`validation.feature_std`）、样本数（`validation.rows`）、
    其中也出现在采样训练批次里的比例（`validation.repeated_share`）、在本阶段内重复出现的比例（`validation.own_repeats`）、
    该阶段包含的已知训练行的比例（`validation.covered_share`：等于 1 说明就是训练集）、已知训练行数（`validation.trained_rows`）、最新训练批次中先前已知的比例
    （`validation.known_share`：等于 1 说明整个训练集都已知），
    以及处于训练模式的 dropout 与批归一化层的比例（`validation.mode_share`，根模块：`validation.root_mode`）。对于整数（词的编号）：其频率在训练
    与该阶段之间的总变差（`validation.id_distance`），以及二者各自两半之间总变差的较大者（`validation.id_noise`）；若各行等长，还有各位置上为最常见数的行所占比例
    在两者之间的平均差（`validation.position_distance`）及两半之间的平均差（`validation.position_noise`）。若目标也已知：输入与目标的关联与训练中的相同程度（`validation.association`：1 为相同，0 为毫无共同之处），
    以及训练与该阶段中所见关联各自不属偶然的比例（`validation.association_trained`、`validation.association_given`：0..1），以及训练中的关联相对于该阶段的强度
    （`validation.association_strength`：1 为相同；若有比例 p 的目标属于别的输入，则为 1 - p）。
    ## 开销
    在前三个阶段、之后越来越少的阶段以及未见过的数据集上，对输入做两次投影与两次求和。由 `attach/held_out.py` 收集，因为那时没有训练步。
    """

    emits = {
        f"validation.{q}": ""
        for q in (
            "feature_mean", "feature_std", "rows", "repeated_share", "own_repeats", "covered_share", "trained_rows", "mode_share", "root_mode",
            "id_distance", "id_noise", "known_share", "position_distance", "position_noise", "association", "association_trained", "association_given",
            "association_strength",
        )
    }  # fmt: skip

    def measure(self, sample: Sample) -> Iterator[tuple[str, Sequence[Place], Sequence[float]]]:
        yield from ()
