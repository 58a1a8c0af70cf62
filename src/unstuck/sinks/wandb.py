"""A Weights & Biases run in offline mode: every signal as `signal/place` over `step`, findings in the summary. Nothing leaves the machine."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from unstuck.language import _, chosen
from unstuck.records import Report, Trace
from unstuck.renderers import as_json


def write(trace: Trace, report: Report, folder: Path) -> str:
    """One offline run below `folder`; `wandb sync` uploads it, if somebody wants that."""
    import wandb

    folder.mkdir(parents=True, exist_ok=True)
    settings = wandb.Settings(silent=True, console="off", disable_git=True, save_code=False, x_disable_stats=True, x_disable_meta=True)
    run = wandb.init(mode="offline", dir=str(folder), project="unstuck", name=Path(trace.facts.script or "run").stem, settings=settings)
    run.define_metric("step")
    run.define_metric("*", step_metric="step")
    rows: dict[int, dict[str, Any]] = {}
    for signal in trace.signals:
        for step, value in zip(signal.steps.tolist(), signal.values.tolist(), strict=True):
            rows.setdefault(step, {"step": step})[f"{signal.name}/{signal.place.name}"] = value
    for step in sorted(rows):
        run.log(rows[step])
    run.summary.update({f"unstuck/{f.rule}": f.message.in_language(chosen()) for f in report.findings})
    run.summary["unstuck/report"] = as_json.render(report)
    where = Path(run.settings.sync_dir)
    run.finish()
    return _("{n} signals in {folder}; upload them with: wandb sync {folder}").format(n=len(trace.signals), folder=where)
