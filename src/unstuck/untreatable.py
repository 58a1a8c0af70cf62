"""Root causes that lie in the data: hardly any change of a running training cures them, so what they come to is advice to the owner of the data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from unstuck.records import Finding, Text

#: What the owner of the data is told.
ADVICE: Mapping[str, Text] = {
    "leakage": Text(
        "mend the data first: take the training samples out of the validation set, by splitting before anything is drawn, copied or fitted",
        "请先修正数据：把训练样本从验证集中去掉，即在抽样、复制、拟合之前先划分",
    ),
    "split-mismatch": Text(
        "mend the data first: draw training and validation from the same samples, and prepare both alike (one scaler, vocabulary, label encoding, order of columns)",
        "请先修正数据：训练集与验证集应取自同样的样本，并以同样的方式预处理（同一个标准化器、词表、标签编码和列次序）",
    ),
    "label-noise": Text(
        "mend the data first: look whether each sample still stands beside its own target, and check a few targets by eye",
        "请先修正数据：核对每个样本是否仍与自己的目标对应，并人工检查若干目标",
    ),
}
#: Those under which the validation says nothing about the model, so that it can judge no trial but of what makes it say something again.
WORTHLESS_SCORE = frozenset({"leakage", "split-mismatch"})


def lead(alarms: Sequence[Finding], suspected: Sequence[str] = ()) -> str:
    """The root cause that comes first: the first finding's; where nothing was found, what the check-up speaks for; "" = none.

    A suspicion alone is too little to take the other remedies from a finding: single samples per step look like noise in the labels, too.
    """
    return next(iter((*(f.root_cause for f in alarms), *suspected)), "")
