from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from unstuck.attach.surgery import CannotApply, Tally
from unstuck.plugins import Remedy
from unstuck.records import Facts, Text

if TYPE_CHECKING:
    from unstuck.edits.source import Draft
    from unstuck.training import Training


class NoDropout(Remedy):
    """Switch every dropout off.

    ## What it changes
    p becomes 0 in every dropout module, attention and recurrent layer, and `F.dropout` gives its input back.
    ## When it helps
    A training loss that cannot fall because too much of the signal is thrown away; a small network; dropout on the inputs or before the
    output.
    ## What it can cost
    More overfitting, once the network can fit.
    """

    zh = """关闭所有 dropout。

    ## 改变什么
    所有 dropout 模块、注意力层和循环层的 p 变为 0，`F.dropout` 原样返回输入。
    ## 何时有效
    丢掉的信号太多，训练损失降不下来；网络很小；dropout 用在输入上或输出之前。
    ## 代价
    网络能拟合之后，过拟合更多。
    """

    treats = ("over-regularised", "underfitting")
    touches = "model"
    order = 7

    functions = ("dropout", "dropout1d", "dropout2d", "dropout3d", "alpha_dropout", "feature_alpha_dropout")

    def apply(self, training: Training) -> None:
        """Modules hold p; functions are patched, which also reaches those that a forward pass calls by itself."""
        from torch.nn import functional

        found = [m for m in training.modules().values() if rate_name(m) and getattr(m, rate_name(m)) > 0]
        if not found and training.facts is not None and not training.facts.places:
            raise CannotApply("The model has no dropout.")
        for module in found:
            setattr(module, rate_name(module), 0.0)
        tally = Tally(changed=len(found))

        def off(original: Any) -> Any:
            @functools.wraps(original)
            def dropout(input: Any, p: float = 0.5, *args: Any, **kwargs: Any) -> Any:
                tally.changed += p > 0
                return original(input, 0.0, *args, **kwargs)

            return dropout

        for name in self.functions:
            training.patch(functional, name, off(getattr(functional, name)))
        training.memory[self.id] = tally

    def in_force(self, training: Training) -> bool | None:
        """Something was switched off, and no module drops again."""
        tally = training.memory.get(self.id)
        on = [m for m in training.modules().values() if rate_name(m) and getattr(m, rate_name(m)) > 0]
        return tally is not None and bool(tally.in_force()) and not on

    def edit(self, draft: Draft) -> None:
        """p = 0 where the script writes a dropout."""
        from unstuck.edits.layers import without_dropout

        without_dropout(draft)

    def advice(self, facts: Facts) -> Text:
        """Which modules."""
        kinds = [f"{p.name}" for p in facts.places if "Dropout" in p.kind]
        where = f" ({', '.join(kinds[:3])})" if kinds else ""
        return Text(f"nn.Dropout(p)  ->  nn.Dropout(0){where}", f"nn.Dropout(p)  ->  nn.Dropout(0){where}")


def rate_name(module: Any) -> str:
    """Where a module keeps its dropout rate: "p", "dropout", or "" where it has none."""
    from torch import nn

    if isinstance(module, nn.modules.dropout._DropoutNd):
        return "p"
    return "dropout" if isinstance(module, (nn.RNNBase, nn.MultiheadAttention)) else ""
