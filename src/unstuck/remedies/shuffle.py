from __future__ import annotations

from typing import TYPE_CHECKING

from unstuck.plugins import Remedy
from unstuck.records import Facts, Text

if TYPE_CHECKING:
    from unstuck.edits.source import Draft
    from unstuck.training import Training


class Shuffle(Remedy):
    """Go through the training samples in random order.

    ## What it changes
    A loader that goes through its samples one by one while a model is trained draws a new order for every pass; of a stream (an
    `IterableDataset`) it draws from a window of the next 10,000 samples. Validation stays as it is.
    ## When it helps
    Samples sorted by class, source or time: every batch then pulls toward its own corner, and the last one wins.
    ## What it can cost
    Nothing for independent samples. Sequences whose state is carried from batch to batch need their order.
    """

    zh = """以随机顺序遍历训练样本。

    ## 改变什么
    训练时按顺序逐个取样本的加载器，每一遍重新抽取顺序；若样本以流的方式给出（`IterableDataset`），则从其后 10,000 个样本的窗口中抽取。
    验证不变。
    ## 何时有效
    样本按类别、来源或时间排序：每个批次都朝自己的方向拉，最后一个说了算。
    ## 代价
    对独立样本没有代价。状态在批次之间传递的序列需要保持顺序。
    """

    treats = ("not-shuffled",)
    touches = "data"
    moment = "ready"
    order = 5

    def apply(self, training: Training) -> None:
        """At the beginning of every pass made in training mode."""
        from unstuck.attach.loader_patches import patch_order

        training.memory[self.id] = patch_order(training, training.generator())

    def in_force(self, training: Training) -> bool | None:
        """A loader's order was changed."""
        tally = training.memory.get(self.id)
        return tally is not None and bool(tally.in_force())

    def edit(self, draft: Draft) -> None:
        """Where the training loader is built, or where the script counts its samples off."""
        import ast

        from unstuck.edits.batches import at_random
        from unstuck.edits.calls import last_name
        from unstuck.edits.loaders import shuffle

        loaders = [c for _, c in draft.each(ast.Call) if last_name(c.func) == "DataLoader"]
        (shuffle if loaders else at_random)(draft)

    def advice(self, facts: Facts) -> Text:
        """The argument."""
        return Text("DataLoader(..., shuffle=True) for training", "训练用 DataLoader(..., shuffle=True)")
