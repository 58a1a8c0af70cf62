"""How a check reads its arms: two loss curves side by side, and what one batch was learned to. Arithmetic only."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from unstuck import reading
from unstuck.records import Text, Trace

#: Share of the steps, at the end, whose losses count.
LAST_PART = 0.2
#: Losses whose smallest value is 0 where every sample is answered rightly.
WITH_FLOOR = ("cross-entropy", "nll", "bce", "bce-with-logits", "mse", "l1", "smooth-l1", "huber")
#: Why a check could not be made in an arm, by what its feed says.
WHY_NOT: Mapping[str, Text] = {
    "no-forward": Text("no forward pass of the model was seen in training", "训练中没有看到模型的前向计算"),
    "no-batch": Text(
        "the batches come neither from a DataLoader nor through the model and a loss of PyTorch",
        "批次既不来自 DataLoader，也不经过模型和 PyTorch 的损失函数",
    ),
    "no-loss": Text("the script computes its loss without a loss function of PyTorch", "脚本没有用 PyTorch 的损失函数计算损失"),
    "no-optimizer": Text("the script makes no optimizer", "脚本没有创建优化器"),
    "too-dear": Text("left out: the check-up would cost more than half of a run", "已略去：否则检查的开销会超过一次完整运行的一半"),
    "too-short": Text("the run is too short for it", "运行太短，无法进行"),
    "rivals": Text(
        "several models, each with an optimizer of its own, may work against one another", "多个模型各有自己的优化器，可能相互对抗"
    ),
}


@dataclass(frozen=True)
class Level:
    """Where a loss curve has come to: the median of some steps and its standard error; infinite where the loss was lost."""

    value: float
    error: float = 0.0


def level(trace: Trace, steps: int) -> Level | None:
    """Over the last fifth of the first `steps` steps; None where there is no loss, or too little of it."""
    loss = trace.signal("loss.value")
    if loss is None:
        return None
    values = loss.values[loss.steps < steps].astype(float)
    last = values[-max(5, math.ceil(LAST_PART * len(values))) :]
    if len(values) < 10:
        return None if np.isfinite(values).all() else Level(math.inf)
    if not np.isfinite(last).all():
        return Level(math.inf)
    middle = float(np.median(last))
    # 1.4826 * MAD is the standard deviation, 1.25 of it over sqrt(n) the standard error of a median (normal values).
    return Level(middle, 1.25 * 1.4826 * float(np.median(np.abs(last - middle))) / math.sqrt(len(last)))


def start(trace: Trace) -> float | None:
    """The largest loss of the first three steps (the first batch is not yet the repeated one); None where none is finite."""
    loss = trace.signal("loss.value")
    values = loss.values[:3].astype(float) if loss is not None else np.empty(0)
    values = values[np.isfinite(values)]
    return float(values.max()) if len(values) else None


def lower(a: Level, b: Level, share: float) -> bool:
    """`a` is below `b` by more than `share` of it, and by more than three standard errors."""
    if math.isinf(a.value) or math.isinf(b.value):
        return math.isinf(b.value) and not math.isinf(a.value)
    return b.value - a.value > max(share * max(abs(b.value), 1e-12), 3 * math.hypot(a.error, b.error))


def by_heart(trace: Trace, steps: int) -> tuple[float | None, float | None]:
    """Of an arm that saw one batch: its skill (0 = chance, 1 = perfect) at the newest samples, and the share of the loss that is left."""
    skill = None
    for kind in ("accuracy", "r2"):
        signal = trace.signal(f"training.{kind}")
        if signal is not None:
            values = signal.values[(signal.steps < steps) & (signal.steps > 0)]
            values = values[np.isfinite(values)][-3:]
            if len(values):
                chance = reading.chance_share(trace)
                sure = kind == "accuracy" and chance is not None and chance > 0.99  # one class only: nothing to tell
                skill = None if sure else reading.skill_of(values.tolist(), kind, chance)
                break
    loss, seen = trace.signal("loss.value"), level(trace, steps)
    kind_of_loss = trace.facts.loss.kind if trace.facts.loss is not None else "unknown"
    if loss is None or seen is None or len(loss) < 2 or (kind_of_loss not in WITH_FLOOR):
        return skill, None
    first = start(trace)
    return skill, seen.value / first if first is not None and first > 0 and math.isfinite(seen.value) else None


def learned_samples(run: Trace) -> bool:
    """The watched run itself answers its training batches well."""
    return (reading.skill(run) or 0.0) >= 0.5


def finite(value: float | None) -> float | None:
    """A number for a report."""
    return None if value is None or not math.isfinite(value) else float(f"{value:.6g}")
