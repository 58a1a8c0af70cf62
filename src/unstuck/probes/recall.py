from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from unstuck.plugins import Probe
from unstuck.probes.door import CLASSES
from unstuck.records import Place

if TYPE_CHECKING:
    import torch

    from unstuck.training import Sample

_CLASSES = [Place(name=f"target[{i}]", kind="class") for i in range(CLASSES)]


class Recall(Probe):
    """Which classes are answered rightly.

    ## What it measures
    `training.right_share`: for each class, the share of the batch that is of this class and was answered rightly. Over several steps, its sum
    over the sum of `target.class_share` is the class's recall. For integer classes, and for 0/1 targets of a single output.
    ## What it costs
    Three small kernels per sampled step.
    """

    zh = """哪些类别被答对了。

    ## 测量什么
    `training.right_share`：对每个类别，属于该类且答对的样本占批的比例。多步之和除以 `target.class_share` 之和即该类的召回率。适用于整数
    类别，以及单个输出的 0/1 目标。
    ## 开销
    每个采样步三个小算子。
    """

    every = 2
    emits = {"training.right_share": ""}

    def measure(self, sample: Sample) -> Iterator[tuple[str, Sequence[Place], torch.Tensor]]:
        import torch

        from unstuck.attach.metrics import right_answers

        outputs = sample.loss_inputs if sample.loss_inputs is not None else sample.outputs
        targets = sample.targets
        if (
            outputs is None
            or targets is None
            or not targets.numel()
            or not outputs.is_floating_point()
            or outputs.shape[:1] != targets.shape[:1]
        ):
            return
        single = targets.numel() == targets.shape[0]
        if targets.is_floating_point() and not (single and sample.loss_kind.startswith("bce")):
            return
        hits = right_answers(outputs, targets, sample.loss_kind)
        if hits is None:
            return
        classes = targets.reshape(-1).long()
        classes = classes[classes >= 0]
        if hits.numel() != classes.numel() or not classes.numel() or int(classes.max()) >= CLASSES:
            return
        top = max(int(classes.max()) + 1, 2 if targets.is_floating_point() else 1)
        right = torch.bincount(classes[hits.reshape(-1)], minlength=top)[:top].float() / classes.numel()
        yield "training.right_share", _CLASSES[:top], right
