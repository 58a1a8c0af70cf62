"""The report as JSON lines: one object per line, each with its `type`, with the keys of the JSON report."""

from __future__ import annotations

import json
from typing import Any

from unstuck.records import Report
from unstuck.renderers import as_json


def render(report: Report, lang: str = "en") -> str:
    """First the run, then findings, skipped rules and verdicts, last the summary; `lang` changes nothing."""
    lines: list[dict[str, Any]] = [{"type": "run", **as_json.run(report)}]
    lines += [{"type": "finding", **as_json.finding(f)} for f in report.findings]
    lines += [{"type": "skipped", **as_json.skipped(s)} for s in report.skipped]
    lines += [{"type": "verdict", **as_json.verdict(v)} for v in report.verdicts]
    lines.append({"type": "summary", "clean": report.clean, **as_json.outcome(report)})
    return "".join(json.dumps(as_json.plain(line), ensure_ascii=False, allow_nan=False) + "\n" for line in lines)
