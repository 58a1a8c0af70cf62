"""An MLflow run: every signal as a metric `signal/place`, findings as tags, the report as artifacts. Nothing but the folder is written."""

from __future__ import annotations

import json
import math
import re
import time
from pathlib import Path

from unstuck.language import _, chosen
from unstuck.records import Report, Trace
from unstuck.renderers import as_json, as_markdown

#: What MLflow takes in the name of a metric; everything else becomes "_".
_FORBIDDEN = re.compile(r"[^\w\-./ ]")
#: Metrics that one request may carry.
BATCH = 1000


def write(trace: Trace, report: Report, folder: Path) -> str:
    """One run of the experiment `unstuck` in a SQLite store below `folder`."""
    from mlflow import MlflowClient
    from mlflow.entities import Metric

    folder.mkdir(parents=True, exist_ok=True)
    uri = f"sqlite:///{folder.resolve() / 'mlflow.db'}"
    client = MlflowClient(tracking_uri=uri)
    known = client.get_experiment_by_name("unstuck")
    artifacts = (folder.resolve() / "artifacts").as_uri()
    experiment = known.experiment_id if known else client.create_experiment("unstuck", artifact_location=artifacts)
    run = client.create_run(experiment, run_name=Path(trace.facts.script or "run").stem)
    now = int(1000 * time.time())
    metrics = [
        Metric(_FORBIDDEN.sub("_", f"{signal.name}/{signal.place.name}"), value, now, step)
        for signal in trace.signals
        for step, value in zip(signal.steps.tolist(), signal.values.tolist(), strict=True)
        if math.isfinite(value)
    ]
    for start in range(0, len(metrics), BATCH):
        client.log_batch(run.info.run_id, metrics=metrics[start : start + BATCH])
    for finding in report.findings:
        client.set_tag(run.info.run_id, f"unstuck.{finding.rule}", finding.message.in_language(chosen()))
    client.log_dict(run.info.run_id, json.loads(as_json.render(report)), "unstuck.json")
    client.log_text(run.info.run_id, as_markdown.render(report, chosen()), "unstuck.md")
    client.set_terminated(run.info.run_id, "FAILED" if trace.facts.exit == "failed" else "FINISHED")
    return _("{n} signals in {folder}; look at them with: mlflow ui --backend-store-uri {uri}").format(
        n=len(trace.signals), folder=folder, uri=uri
    )
