"""TensorBoard event files: every signal as a scalar `signal/place`, the report as Markdown in the text tab. Needs no TensorFlow, no torch."""

from __future__ import annotations

import time
from pathlib import Path

from unstuck.language import _, chosen
from unstuck.records import Report, Trace
from unstuck.renderers import as_markdown


def write(trace: Trace, report: Report, folder: Path) -> str:
    """One event file in `folder`; a finding is also a scalar `finding/<rule>` at its first step, its value the confidence."""
    from tensorboard.compat.proto.event_pb2 import Event
    from tensorboard.compat.proto.summary_pb2 import Summary, SummaryMetadata
    from tensorboard.compat.proto.tensor_pb2 import TensorProto
    from tensorboard.compat.proto.tensor_shape_pb2 import TensorShapeProto
    from tensorboard.summary.writer.event_file_writer import EventFileWriter

    folder.mkdir(parents=True, exist_ok=True)
    now = time.time()
    writer = EventFileWriter(str(folder))

    def scalar(tag: str, step: int, value: float) -> None:
        writer.add_event(Event(wall_time=now, step=step, summary=Summary(value=[Summary.Value(tag=tag, simple_value=value)])))

    for signal in trace.signals:
        tag = f"{signal.name}/{signal.place.name}"
        for step, value in zip(signal.steps.tolist(), signal.values.tolist(), strict=True):
            scalar(tag, step, value)
    for finding in report.findings:
        scalar(f"finding/{finding.rule}", finding.first_step, finding.confidence)
    text = as_markdown.render(report, chosen()).encode()
    plugin = SummaryMetadata(plugin_data=SummaryMetadata.PluginData(plugin_name="text"))
    tensor = TensorProto(dtype="DT_STRING", string_val=[text], tensor_shape=TensorShapeProto(dim=[TensorShapeProto.Dim(size=1)]))
    value = Summary.Value(tag="unstuck/report", metadata=plugin, tensor=tensor)
    writer.add_event(Event(wall_time=now, step=trace.facts.steps, summary=Summary(value=[value])))
    writer.close()
    return _("{n} signals in {folder}; look at them with: tensorboard --logdir {folder}").format(n=len(trace.signals), folder=folder)
