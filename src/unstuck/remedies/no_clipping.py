from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from unstuck.attach.surgery import Tally
from unstuck.plugins import Remedy
from unstuck.records import Facts, Text

if TYPE_CHECKING:
    from unstuck.edits.source import Draft
    from unstuck.training import Training


class NoClipping(Remedy):
    """Leave the gradients as long as they are.

    ## What it changes
    `torch.nn.utils.clip_grad_norm_` and `clip_grad_value_` no longer change anything. Clipping written by hand is not reached.
    ## When it helps
    A threshold so small that it rules every step: all steps then have one length, whatever the loss says.
    ## What it can cost
    The spikes that the clipping was there for.
    """

    zh = """不再裁剪梯度。

    ## 改变什么
    `torch.nn.utils.clip_grad_norm_` 和 `clip_grad_value_` 不再改变任何东西。
    手写的裁剪不受影响。
    ## 何时有效
    阈值太小以致每一步都被裁剪：不论损失如何，所有步长都一样。
    ## 代价
    裁剪原本要挡住的尖峰。
    """

    treats = ("clipping-too-tight",)
    touches = "loop"
    moment = "start"
    order = 5

    def apply(self, training: Training) -> None:
        """Patch both functions in both modules that hold them."""
        import torch

        tally = training.memory[self.id] = Tally()

        def norm_only(parameters: Any, max_norm: float = math.inf, norm_type: float = 2.0, *args: Any, **kwargs: Any) -> torch.Tensor:
            tally.changed += 1
            listed = [parameters] if isinstance(parameters, torch.Tensor) else list(parameters)
            return torch.nn.utils.get_total_norm([p.grad for p in listed if p.grad is not None], norm_type)

        def nothing(*args: Any, **kwargs: Any) -> None:
            tally.changed += 1

        for owner in (torch.nn.utils, torch.nn.utils.clip_grad):
            training.patch(owner, "clip_grad_norm_", norm_only)
            training.patch(owner, "clip_grad_value_", nothing)

    def in_force(self, training: Training) -> bool | None:
        """The script asked for clipping and did not get it."""
        tally = training.memory.get(self.id)
        return tally is not None and bool(tally.in_force())

    def edit(self, draft: Draft) -> None:
        """Without the line."""
        from unstuck.edits.loops import without_clipping

        without_clipping(draft)

    def advice(self, facts: Facts) -> Text:
        """Delete the line."""
        return Text("delete the call of clip_grad_norm_, or raise max_norm", "删除 clip_grad_norm_ 的调用，或提高 max_norm")
