from __future__ import annotations

from typing import TYPE_CHECKING

from unstuck.plugins import Remedy
from unstuck.records import Facts, Text

if TYPE_CHECKING:
    from unstuck.edits.source import Draft
    from unstuck.training import Training


class LargerBatch(Remedy):
    """Make batches of four times the samples, with the learning rate scaled to match.

    ## What it changes
    The training loader gives 4 n samples per batch. The rate becomes four times as high (twice for Adam and its relatives).
    ## When it helps
    Gradients so noisy that steps cancel each other; batch norm on a handful of samples.
    ## What it can cost
    Per epoch a quarter of the steps; per step four times the samples and the memory. Compare what is held constant: here, the number of
    steps.
    """

    zh = """批次样本数变为四倍，学习率相应缩放。

    ## 改变什么
    训练加载器每批给出 4 n 个样本。学习率变为四倍（Adam 及其近亲为两倍）。
    ## 何时有效
    梯度噪声太大，各步互相抵消；只有几个样本的批归一化。
    ## 代价
    每轮只有四分之一的步数；每步四倍的样本和内存。要比较什么保持不变：这里是步数。
    """

    treats = ("batch-too-small", "batchnorm-misuse")
    touches = "data"
    moment = "start"
    order = 15

    factor: float = 4.0  # our choice; the rate follows Goyal et al. 2017 (linear), for Adam its square root

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
