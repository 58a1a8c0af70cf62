from __future__ import annotations

from typing import TYPE_CHECKING

from unstuck.plugins import Remedy
from unstuck.records import Facts, Text

if TYPE_CHECKING:
    from unstuck.edits.source import Draft
    from unstuck.training import Training


class SmallerBatch(Remedy):
    """Make batches of a quarter of the samples, with the learning rate scaled to match.

    ## What it changes
    The training loader gives n/4 samples per batch. The rate becomes a quarter (half for Adam and its relatives).
    ## When it helps
    A few, almost identical steps per epoch: the same computing buys four times the steps, and so it is compared, at equal samples. Its noise
    sometimes generalises better.
    ## What it can cost
    Noisier steps, a less busy GPU, and batch norm with fewer samples.
    """

    zh = """批次样本数变为四分之一，学习率相应缩放。

    ## 改变什么
    训练加载器每批给出 n/4 个样本。学习率变为四分之一（Adam 及其近亲为一半）。
    ## 何时有效
    每轮只有几个几乎相同的步：同样的计算量可以换来四倍的步数，比较时也按相同样本数进行。其噪声有时泛化更好。
    ## 代价
    每步噪声更大，GPU 利用率更低，批归一化的样本更少。
    """

    treats = ("batch-too-large",)
    touches = "data"
    moment = "start"
    order = 15

    factor: float = 0.25  # our choice; the rate follows Goyal et al. 2017 (linear), for Adam its square root

    def pace(self, facts: Facts) -> float:
        """Compared at equal samples: four steps stand for one."""
        return 1 / self.factor

    def precondition(self, facts: Facts) -> Text | None:
        """A batch can be divided."""
        if 0 < facts.batch_size < 8:
            return Text(f"A batch has {facts.batch_size} samples already.", f"批次已经只有 {facts.batch_size} 个样本。")
        return None

    def apply(self, training: Training) -> None:
        """Loaders and optimizers are caught as they are built."""
        from unstuck.attach.loader_patches import scale_batches

        training.memory[self.id] = scale_batches(training, self.factor)

    def in_force(self, training: Training) -> bool | None:
        """A loader was built with the new size (a script that cuts its batches itself has none)."""
        tally = training.memory.get(self.id)
        return tally is not None and bool(tally.in_force())

    def edit(self, draft: Draft) -> None:
        """Where the training loader is built or the batches are cut, and where the optimizer is built."""
        from unstuck.edits.batches import scale_batches

        scale_batches(draft, self.factor)

    def advice(self, facts: Facts) -> Text:
        """Old and new size."""
        old = facts.batch_size
        line = f"batch_size={old}  ->  batch_size={round(old * self.factor)}" if old else f"batch_size * {self.factor:g}"
        root = self.factor**0.5
        return Text(f"{line}, lr * {self.factor:g} (Adam: * {root:g})", f"{line}，lr * {self.factor:g}（Adam：* {root:g}）")
