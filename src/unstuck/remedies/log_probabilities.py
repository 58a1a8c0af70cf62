from __future__ import annotations

from typing import TYPE_CHECKING, Any

from unstuck.attach.surgery import PatchedLoss
from unstuck.records import Facts, Text

if TYPE_CHECKING:
    import torch

    from unstuck.edits.source import Draft


class LogProbabilities(PatchedLoss):
    """Hand a loss that takes log-probabilities what it takes.

    ## What it changes
    Where `nll_loss` is given scores, it gets their log-softmax (together that is the cross-entropy); where `kl_div` is given
    probabilities, their logarithm, and the log-softmax of scores.
    ## When it helps
    NLLLoss behind a plain linear layer: the loss falls without end as the scores grow, and no row is a distribution. KLDivLoss on the output of
    a softmax.
    ## What it can cost
    Nothing: values that are log-probabilities are not touched.
    """

    zh = """把对数概率交给需要对数概率的损失。

    ## 改变什么
    `nll_loss` 收到得分时，改交其 log-softmax（合起来就是交叉熵）；`kl_div` 收到概率时改交其对数，收到得分时改交其 log-softmax。
    ## 何时有效
    线性层之后直接用 NLLLoss：得分越大损失越低，没有尽头，任何一行都不是分布。softmax 的输出直接交给 KLDivLoss。
    ## 代价
    没有：本来就是对数概率的数值不会被触动。
    """

    treats = ("loss-output-mismatch",)
    safe = True
    order = 4
    patches = ("nll_loss", "kl_div")

    tolerance: float = 1e-3  # how far above 0 a log-probability, and from 1 the sum of a row of probabilities, may be by rounding

    def precondition(self, facts: Facts) -> Text | None:
        """One of these losses, and no logarithm in front of it."""
        loss = facts.loss
        if loss is not None and loss.kind not in ("nll", "kl-div", "unknown"):
            return Text(f"The loss is {loss.kind}.", f"损失是 {loss.kind}。")
        if loss is not None and any(n.startswith("LogSoftmax") for n in loss.signature):
            return Text("The loss is given log-probabilities.", "损失收到的已是对数概率。")
        return None

    def rewrite(self, name: str, loss: Any, output: torch.Tensor, target: torch.Tensor, rest: dict[str, Any]) -> torch.Tensor | None:
        """A log-probability is never above 0; rows that are never below it and sum to 1 are probabilities."""
        import torch

        from unstuck.attach.loss_patches import came_from, log_of

        if came_from(output, "LogSoftmax", "Log") or output.dim() < 2 or float(output.detach().max()) <= self.tolerance:
            return None
        sums = output.detach().sum(1)
        if float(output.detach().min()) >= 0 and float((sums - 1).abs().max()) < self.tolerance:
            return torch.as_tensor(loss(log_of(output), target, **rest)) if name == "kl_div" else None
        return torch.as_tensor(loss(output.log_softmax(1), target, **rest))

    def edit(self, draft: Draft) -> None:
        """Where the loss is made."""
        from unstuck.edits.losses import nll_of_scores

        nll_of_scores(draft)

    def advice(self, facts: Facts) -> Text:
        """The loss."""
        if facts.loss is not None and facts.loss.kind == "kl-div":
            line = "F.kl_div(p, q)  ->  F.kl_div(p.log(), q)"
        else:
            line = "nn.NLLLoss()  ->  nn.CrossEntropyLoss()"
        return Text(line, line)
