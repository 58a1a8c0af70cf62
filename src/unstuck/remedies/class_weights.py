from __future__ import annotations

from typing import TYPE_CHECKING, Any

from unstuck.attach.surgery import PatchedLoss
from unstuck.records import Facts, Text

if TYPE_CHECKING:
    import torch

    from unstuck.edits.source import Draft
    from unstuck.training import Training


class ClassWeights(PatchedLoss):
    """Weigh every class in the loss by how rare it is.

    ## What it changes
    The training loss gets `weight` = samples/(classes * samples of the class), counted over the batches so far; a binary loss gets the
    same as `pos_weight`. A loss that has weights already stays as it is.
    ## When it helps
    Rare classes that the network never predicts, because always saying the frequent one is nearly right.
    ## What it can cost
    Plain accuracy often falls, recall of the rare classes rises; predicted probabilities are no longer calibrated.
    """

    zh = """按稀有程度给损失中的每个类别加权。

    ## 改变什么
    训练损失得到 `weight` = 样本数/(类别数 * 该类样本数)，按至今的批次统计；
    二分类损失以 `pos_weight` 得到同样的权重。已有权重的损失不变。
    ## 何时有效
    网络从不预测稀有类别，因为总说常见的那个几乎不会错。
    ## 代价
    普通准确率常常下降，稀有类别的召回率上升；预测概率不再校准。
    """

    treats = ("class-imbalance",)
    patches = ("cross_entropy", "nll_loss", "binary_cross_entropy_with_logits", "binary_cross_entropy")

    counted: int = 200  # training batches after which the counts are frozen

    def precondition(self, facts: Facts) -> Text | None:
        """The targets are classes."""
        if facts.target is not None and facts.target.kind not in ("classes", "binary", "unknown"):
            return Text("The targets are not classes.", "目标不是类别。")
        return None

    def apply(self, training: Training) -> None:
        """A fresh count for this training."""
        from unstuck.attach.loss_patches import patch_losses

        counts: dict[str, torch.Tensor] = {}
        calls = [0]

        def weighted(name: str, loss: Any, output: torch.Tensor, target: torch.Tensor, rest: dict[str, Any]) -> torch.Tensor | None:
            calls[0] += 1
            return self.rewrite(name, loss, output, target, rest | {"_counts": counts, "_open": calls[0] <= self.counted})

        training.memory[self.id] = patch_losses(training, self.patches, weighted)

    def rewrite(self, name: str, loss: Any, output: torch.Tensor, target: torch.Tensor, rest: dict[str, Any]) -> torch.Tensor | None:
        """The same loss with weights."""
        import torch

        counts, still = rest.pop("_counts", {}), rest.pop("_open", True)
        if rest.get("weight") is not None or rest.get("pos_weight") is not None:
            return None
        if name in ("cross_entropy", "nll_loss"):
            if target.is_floating_point() or output.dim() < 2:
                return None
            found = torch.bincount(target.detach().reshape(-1).clamp(0, output.shape[1] - 1), minlength=output.shape[1]).to(output.dtype)
            seen = counts["classes"] = counts.get("classes", 0) + found if still or "classes" not in counts else counts["classes"]
            weight = torch.where(seen > 0, seen.sum() / (len(seen) * seen.clamp_min(1)), torch.ones_like(seen))
            return torch.as_tensor(loss(output, target, **rest | {"weight": weight}))
        ones = target.detach().sum().to(output.dtype)
        pair = torch.stack([target.numel() - ones, ones])
        seen = counts["pair"] = counts.get("pair", 0) + pair if still or "pair" not in counts else counts["pair"]
        ratio = seen[0].clamp_min(1) / seen[1].clamp_min(1)
        if name == "binary_cross_entropy_with_logits":
            return torch.as_tensor(loss(output, target, **rest | {"pos_weight": ratio}))
        return torch.as_tensor(loss(output, target, **rest | {"weight": 1 + (ratio - 1) * target}))

    def edit(self, draft: Draft) -> None:
        """Where the loss is made or called."""
        from unstuck.edits.class_weights import weigh_classes

        weigh_classes(draft)

    def advice(self, facts: Facts) -> Text:
        """The argument."""
        line = "nn.CrossEntropyLoss(weight=len(y) / (classes * torch.bincount(y)))"
        return Text(line, line)
