from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from unstuck.attach.surgery import Tally
from unstuck.plugins import Remedy
from unstuck.records import Facts, Text

if TYPE_CHECKING:
    from unstuck.edits.source import Draft
    from unstuck.training import Training


class SchedulePerEpoch(Remedy):
    """Let the scheduler count epochs where the script lets it count batches.

    ## What it changes
    Of the calls of `scheduler.step()` only every n-th has an effect, n = steps of one pass over the training loader.
    ## When it helps
    A schedule written in epochs (StepLR with step_size 10, CosineAnnealingLR with T_max = epochs) but stepped inside the batch loop: its
    rate has run down after a few hundred batches.
    ## What it can cost
    Schedules that are meant to be stepped per batch (OneCycleLR, warm-up) come to a near stop.
    """

    zh = """脚本让调度器按批次计数时，改为按轮计数。

    ## 改变什么
    对 `scheduler.step()` 的调用只有每第 n 次有效，n 为训练加载器一遍的步数。
    ## 何时有效
    按轮写的计划（step_size 为 10 的 StepLR，T_max 为轮数的 CosineAnnealingLR）
    却在批次循环里调用：几百个批次后学习率就降完了。
    ## 代价
    本应每批调用的计划（OneCycleLR、预热）几乎停住。
    """

    treats = ("schedule-misuse",)
    touches = "loop"
    moment = "start"
    order = 6

    def precondition(self, facts: Facts) -> Text | None:
        """There is a scheduler."""
        if facts.steps and not facts.schedulers:
            return Text("The script makes no scheduler.", "脚本没有创建学习率调度器。")
        return None

    def apply(self, training: Training) -> None:
        """Patch the schedulers' step; the length of an epoch is that of the first training loader that is gone through."""
        from torch.optim import lr_scheduler

        from unstuck.attach.loader_patches import on_every_pass

        tally = training.memory[self.id] = Tally()
        period = [training.facts.epoch_steps if training.facts is not None else 0]

        def measure(loader: Any) -> None:
            period[0] = period[0] or (len(loader) if hasattr(loader.dataset, "__len__") else 0)

        on_every_pass(training, measure)
        for name in ("LRScheduler", "SequentialLR", "CosineAnnealingWarmRestarts", "ChainedScheduler"):
            kind = getattr(lr_scheduler, name)
            if "step" in vars(kind):
                training.patch(kind, "step", every_nth(tally, period, kind.step))

    def in_force(self, training: Training) -> bool | None:
        """Some calls were passed over."""
        tally = training.memory.get(self.id)
        return tally is not None and bool(tally.in_force())

    def edit(self, draft: Draft) -> None:
        """Behind the loop over the batches."""
        from unstuck.edits.schedules import per_epoch

        per_epoch(draft)

    def advice(self, facts: Facts) -> Text:
        """Move the line."""
        return Text("move scheduler.step() out of the batch loop, to the end of the epoch", "把 scheduler.step() 移到每轮末尾")


def every_nth(tally: Tally, period: list[int], original: Any) -> Any:
    """A scheduler's step of which every `period[0]`-th call has an effect; a step within a step (SequentialLR) belongs to the outer one."""
    calls: dict[int, int] = {}

    @functools.wraps(original)
    def step(scheduler: Any, *args: Any, **kwargs: Any) -> Any:
        first = getattr(scheduler, "_step_count", 0) == 0  # made by the scheduler's constructor
        outermost = not tally.inside
        if not first and outermost and period[0] > 1:
            tally.seen += 1
            calls[id(scheduler)] = calls.get(id(scheduler), 0) + 1
            if calls[id(scheduler)] % period[0]:
                tally.changed += 1
                return None
        tally.inside = True
        try:
            return original(scheduler, *args, **kwargs)
        finally:
            tally.inside = not outermost

    return step
