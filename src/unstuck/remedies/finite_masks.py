from __future__ import annotations

import functools
import math
from typing import TYPE_CHECKING, Any

from unstuck.plugins import Remedy
from unstuck.records import Facts, Text

if TYPE_CHECKING:
    import ast

    from unstuck.edits.source import Draft
    from unstuck.training import Training

#: Calls that write a number where a mask says so.
MASKING = ("masked_fill", "masked_fill_", "where")


class FiniteMasks(Remedy):
    """Mask with a large negative number in place of minus infinity.

    ## What it changes
    Where masked_fill or where writes minus infinity, -10000 is written: far below every score, and within the range of half precision. A softmax
    over a row with anything unmasked gives what it gave, to the last digit that counts.
    ## When it helps
    A row that is masked from end to end: an empty set, a sample of nothing but padding. Its softmax is NaN, and so is the gradient of all others in
    the batch. With a finite number such a row is the mean of what it holds.
    ## What it can cost
    Code that looks for infinity (isinf) afterwards finds none. What a row of nothing but padding gives means nothing still: leave it out of the
    loss.
    """

    zh = """掩码时写入很大的负数，而不是负无穷。

    ## 改变什么
    凡 masked_fill 或 where 写入负无穷之处，改写 -10000：远低于任何得分，又在半精度的范围之内。
    只要一行中还有未被掩蔽的元素，其 softmax 在有效数字内不变。
    ## 何时有效
    某一行从头到尾都被掩蔽：空集合、全是填充的样本。它的 softmax 是 NaN，同批其他样本的梯度也随之成为 NaN。
    用有限的数，这样的行就取其内容的平均。
    ## 代价
    之后用 isinf 查找无穷的代码将找不到。全是填充的行所给出的结果仍无意义：应把它排除在损失之外。
    """

    treats = ("non-finite",)
    touches = "loop"
    moment = "start"
    order = 5

    masked: float = -1e4  # exp of it is 0 in every type, and float16 ends at -65504; our choice

    def apply(self, training: Training) -> None:
        """From here on, in the script and in torch's own layers."""
        import torch

        from unstuck.attach.surgery import Tally

        tally = training.memory[self.id] = Tally()

        def finite(original: Any) -> Any:
            @functools.wraps(original)
            def operation(*args: Any, **kwargs: Any) -> Any:
                infinite = [isinstance(v, float) and v == -math.inf for v in (*args, *kwargs.values())]
                tally.changed += any(infinite)
                if not any(infinite):
                    return original(*args, **kwargs)
                args = tuple(self.masked if i else v for v, i in zip(args, infinite, strict=False))
                named = {k: self.masked if i else v for (k, v), i in zip(kwargs.items(), infinite[len(args) :], strict=True)}
                return original(*args, **named)

            return operation

        for owner in (torch, torch.Tensor):
            for name in MASKING:
                if hasattr(owner, name):
                    training.patch(owner, name, finite(getattr(owner, name)))

    def in_force(self, training: Training) -> bool | None:
        """Minus infinity was to be written at least once."""
        tally = training.memory.get(self.id)
        return tally is not None and bool(tally.in_force())

    def edit(self, draft: Draft) -> None:
        """In the calls themselves."""
        import ast

        from unstuck.edits.calls import last_name
        from unstuck.edits.source import NoPatch

        calls = [(s, c) for s, c in draft.each(ast.Call) if last_name(c.func) in MASKING]
        found = [(s, v) for s, c in calls for v in (*c.args, *(k.value for k in c.keywords)) if _minus_infinity(v)]
        if not found:
            raise NoPatch("No mask is seen to write minus infinity.", "没有看到写入负无穷的掩码。")
        for source, value in found:
            source.change(value, "-1e4")

    def advice(self, facts: Facts) -> Text:
        """What to write."""
        return Text("scores.masked_fill(~present, -1e4), not minus infinity", "scores.masked_fill(~present, -1e4)，而不是负无穷")


def _minus_infinity(node: ast.expr) -> bool:
    """`float("-inf")`, `-float("inf")`, `-math.inf`, `-torch.inf`, `-np.inf`."""
    import ast

    return ast.unparse(node).replace(" ", "").lower() in {
        "float('-inf')", "-float('inf')", "-math.inf", "-torch.inf", "-np.inf", "-numpy.inf", "-inf", "float('-infinity')", "-float('infinity')",
    }  # fmt: skip
