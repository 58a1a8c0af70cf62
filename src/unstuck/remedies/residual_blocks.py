from __future__ import annotations

from typing import TYPE_CHECKING

from unstuck.attach.surgery import LEAST_BLOCKS, CannotApply
from unstuck.plugins import Remedy
from unstuck.records import Facts, Text

if TYPE_CHECKING:
    from unstuck.edits.source import Draft
    from unstuck.training import Training


class ResidualBlocks(Remedy):
    """Lead the signal past every one of a row of equal blocks, and weigh what the blocks add.

    ## What it changes
    Three or more blocks of one kind that follow one another (or layers, where no blocks are written) give x + block(x) / sqrt(n) instead of
    block(x), n being their number. Norms and activations within a block stay on its branch.
    ## When it helps
    Deep plain networks that train worse than shallow ones: the signal and its gradient reach every depth unchanged, and the weight keeps the sum
    of the branches as large as one of them.
    ## What it can cost
    Blocks that have a path around them already get a second one. Blocks that run side by side (experts, heads) are no row, and gain nothing.
    """

    zh = """让信号绕过一串相同的块，并给各块的贡献加权。

    ## 改变什么
    三个或更多同类块（没有写成块时则为层）依次相接时，输出 x + block(x) / sqrt(n)，而不是 block(x)，n 为块数。块内的归一化和激活仍留在其支路上。
    ## 何时有效
    比浅层网络更差的深层普通网络：信号及其梯度原样到达每一层，而权重使各支路之和与单个支路同样大小。
    ## 代价
    已有绕行路径的块会得到第二条。并排运行的块（专家、注意力头）不是一串，不会受益。
    """

    treats = ("degradation",)
    touches = "model"
    order = 9
    joins = ("he-init",)

    def precondition(self, facts: Facts) -> Text | None:
        """So many hidden layers are the least that has so many blocks."""
        hidden = {p.name.partition("#")[0] for p in facts.places if p.role == "hidden" and p.kind.startswith(("Linear", "Conv"))}
        if facts.places and len(hidden) < LEAST_BLOCKS:
            return Text("Fewer than three hidden layers were seen.", "看到的隐藏层不足三个。")
        return None

    def apply(self, training: Training) -> None:
        """One hook per block."""
        from unstuck.attach.shortcuts import lead_past_blocks

        training.memory[self.id] = found = lead_past_blocks(training)
        if not found:
            raise CannotApply("The model has no three blocks of one kind whose input and output have one width.")

    def in_force(self, training: Training) -> bool | None:
        """Every block still has its hook, and batches passed some of them."""
        found = training.memory.get(self.id, [])
        there = all(hook in block._forward_hooks.values() for block, hook in found)
        return bool(found) and there and any(hook.passed for _, hook in found)

    def edit(self, draft: Draft) -> None:
        """Where the blocks are called one after the other."""
        from unstuck.edits.blocks import lead_past

        lead_past(draft)

    def advice(self, facts: Facts) -> Text:
        """The pattern."""
        line = "x = block(x)  ->  x = x + block(x) / n ** 0.5"
        return Text(f"{line}, for n blocks", f"{line}，n 为块数")
