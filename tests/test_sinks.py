"""Trackers: what they stored is read back with their own readers."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from drawn import report, trace

from unstuck import sinks
from unstuck.errors import UsageError


def test_tensorboard(tmp_path: Path) -> None:
    pytest.importorskip("tensorboard")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    seen = trace()
    assert str(tmp_path) in sinks.write("tensorboard", seen, report(seen), tmp_path)
    stored = EventAccumulator(str(tmp_path), size_guidance={"scalars": 0, "tensors": 0}).Reload()
    for signal in seen.signals:
        scalars = stored.Scalars(f"{signal.name}/{signal.place.name}")
        assert [s.step for s in scalars] == signal.steps.tolist()
        assert np.array_equal([s.value for s in scalars], signal.values.astype(float), equal_nan=True)
    assert stored.Scalars("finding/vanishing-gradient")[0].step == 21
    text = stored.Tensors("unstuck/report")[0].tensor_proto.string_val[0].decode()
    assert "The gradient shrinks 0.25x per layer." in text


def test_mlflow(tmp_path: Path) -> None:
    mlflow = pytest.importorskip("mlflow")
    seen = trace(2, 10)
    sinks.write("mlflow", seen, report(seen), tmp_path)
    client = mlflow.MlflowClient(tracking_uri=f"sqlite:///{tmp_path / 'mlflow.db'}")
    run = client.search_runs([client.get_experiment_by_name("unstuck").experiment_id])[0]
    loss = seen.signal("loss.value")
    assert loss is not None
    history = client.get_metric_history(run.info.run_id, "loss.value/run")
    assert {h.step: h.value for h in history} == pytest.approx(dict(zip(loss.steps.tolist(), loss.values.tolist(), strict=True)))
    assert "0.25x" in run.data.tags["unstuck.vanishing-gradient"] and run.info.status == "FINISHED"
    artifact = client.download_artifacts(run.info.run_id, "unstuck.json", str(tmp_path))
    assert json.loads(Path(artifact).read_text())["findings"][0]["rule"] == "vanishing-gradient"


def wandb_records(content: bytes) -> Iterator[bytes]:
    """The records of W&B's log: a header of 7 bytes, then blocks of 32 KiB with parts of (checksum, length, whole|first|middle|last)."""
    at, whole = 7, b""
    while at + 7 <= len(content):
        if (left := 32768 - at % 32768) < 7:
            at += left
            continue
        _check, length, kind = struct.unpack_from("<IHB", content, at)
        if not kind:
            return
        whole += content[at + 7 : at + 7 + length]
        at += 7 + length
        if kind in (1, 4):
            yield whole
            whole = b""


def test_wandb(tmp_path: Path) -> None:
    pytest.importorskip("wandb")
    from wandb.proto import wandb_internal_pb2

    seen = trace(2, 10)
    sinks.write("wandb", seen, report(seen), tmp_path)
    (path,) = tmp_path.rglob("*.wandb")
    losses, summary = {}, {}
    for content in wandb_records(path.read_bytes()):
        record = wandb_internal_pb2.Record.FromString(content)
        row = {item.key or "/".join(item.nested_key): json.loads(item.value_json) for item in record.history.item}
        if "loss.value/run" in row:
            losses[row["step"]] = row["loss.value/run"]
        summary |= {item.key or "/".join(item.nested_key): item.value_json for item in record.summary.update}
    loss = seen.signal("loss.value")
    assert loss is not None and losses == pytest.approx(dict(zip(loss.steps.tolist(), loss.values.tolist(), strict=True)))
    assert any("0.25x" in value for value in summary.values())


def test_a_tracker_that_is_not_installed_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "wandb", None)
    with pytest.raises(UsageError, match=r"needs wandb: pip install 'unstuck\[wandb\]'"):
        sinks.write("wandb", trace(1, 5), report(trace(2, 5)), tmp_path)
