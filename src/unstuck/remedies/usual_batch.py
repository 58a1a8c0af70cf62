from __future__ import annotations

from typing import TYPE_CHECKING

from unstuck.plugins import Remedy
from unstuck.records import Facts, Text

if TYPE_CHECKING:
    from unstuck.edits.source import Draft
    from unstuck.training import Training


class UsualBatch(Remedy):
    """Make batches of a usual size, 64 samples, and leave the learning rate as it is.

    ## What it changes
    The training loader gives 64 samples per batch (of a batch larger than 2048, a 32nd part). The rate stays.
    ## When it helps
    Rates are mostly chosen for batches of this size: a set that is gone through as one batch makes too few steps with them, single samples make
    steps of noise. Larger batches are compared at the same number of samples, smaller ones at the same number of steps.
    ## What it can cost
    From small batches: per step more samples and memory. From large ones: a less busy GPU.
    """

    zh = """批次改为常用大小，即 64 个样本，学习率不变。

    ## 改变什么
    训练加载器每批给出 64 个样本（原批次大于 2048 时为其 32 分之一）。学习率不变。
    ## 何时有效
    学习率大多是按这样的批次选定的：把整个数据集当作一批，步数就太少；一次一个样本，每步几乎都是噪声。
    原批次较大时按相同样本数比较，较小时按相同步数比较。
    ## 代价
    原批次较小时：每步需要更多样本和内存。原批次较大时：GPU 利用率更低。
    """

    treats = ("batch-too-large", "batch-too-small", "batchnorm-misuse")
    touches = "data"
    moment = "start"
    order = 14

    usual: int = 64  # samples; the most common size in the tutorials of the field
    most: float = 32.0  # times smaller at most: so many steps of a smaller batch cost about as much as one of the old; our choice

    def size(self, batch: int) -> int:
        """Of the new batches."""
        return max(self.usual, round(batch / self.most))

    def pace(self, facts: Facts) -> float:
        """Smaller batches are compared at equal samples."""
        return max(1.0, facts.batch_size / self.size(facts.batch_size)) if facts.batch_size else 1.0

    def precondition(self, facts: Facts) -> Text | None:
        """The batch is of another size."""
        if facts.batch_size and 0.5 < facts.batch_size / self.size(facts.batch_size) < 2:
            return Text(f"A batch has {facts.batch_size} samples, which is usual.", f"批次有 {facts.batch_size} 个样本，属于常用大小。")
        return None

    def apply(self, training: Training) -> None:
        """Loaders are caught as they are built."""
        from unstuck.attach.loader_patches import patch_batch_size
        from unstuck.attach.surgery import CannotApply

        batch = training.facts.batch_size if training.facts is not None else 0
        if not batch:
            raise CannotApply("The size of the batches was not seen.")
        training.memory[self.id] = patch_batch_size(training, self.size(batch) / batch)

    def in_force(self, training: Training) -> bool | None:
        """A loader was built with the new size (a script that cuts its batches itself has none)."""
        tally = training.memory.get(self.id)
        return tally is not None and bool(tally.in_force())

    def edit(self, draft: Draft) -> None:
        """Where the training loader is built, or the batches are cut."""
        from unstuck.edits.batches import resize
        from unstuck.edits.source import NoPatch

        batch = draft.facts.batch_size
        if not batch:
            raise NoPatch("The size of the batches was not seen.", "没有看到批大小。")
        resize(draft, self.size(batch))

    def advice(self, facts: Facts) -> Text:
        """Old and new size."""
        old = f"batch_size={facts.batch_size}" if facts.batch_size else "batch_size=..."
        line = f"{old}  ->  batch_size={self.size(facts.batch_size)}"
        return Text(line, line)
