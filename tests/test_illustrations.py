"""Which chart stands beside a finding."""

from __future__ import annotations

import numpy as np
import pytest
from traces import place, trace

from unstuck.illustrations import Illustrator
from unstuck.records import Evidence, Facts, Finding, Report, Text


@pytest.mark.parametrize(("where", "kind"), [("l1.weight", "chain"), ("adapter.up", "curves")])
def test_a_map_is_drawn_where_it_shows_what_the_finding_is_about(where: str, kind: str) -> None:
    layers = [place(f"l{i}.weight", "weight", order=i, shape=(4, 4)) for i in range(4)]
    beside = place("adapter.up", "parameter", shape=(4, 4))
    signals = {("parameter.norm", p.name): np.linspace(1, 2, 20) for p in (*layers, beside)}
    seen = trace(signals, places=[*layers, beside])
    evidence = (Evidence(signal="parameter.norm", place=where, step=3, value=1.0),)
    finding = Finding(rule="symmetric-init", root_cause="symmetric-init", message=Text("m", "信"), confidence=0.9, evidence=evidence)
    drawn = Illustrator(seen, Report(facts=Facts(), findings=(finding,))).of_finding(finding)
    assert [d.kind for d in drawn] == [kind]
    assert where in " ".join(str(r) for r in drawn[0].rows), "what the finding is about is among the numbers"
