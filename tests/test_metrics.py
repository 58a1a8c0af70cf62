"""Scores that are computed anew: R2 over batches equals R2 over all, column by column."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from unstuck.attach.metrics import Score


def r2(outputs: torch.Tensor, targets: torch.Tensor) -> float:
    rest, spread = (outputs - targets).double().square().sum(), (targets - targets.mean(0)).double().square().sum()
    return float(1 - rest / spread)


@given(rows=st.integers(4, 40), columns=st.integers(1, 5), size=st.integers(2, 9), host=st.booleans())
@settings(max_examples=40, deadline=None)
def test_r2_over_batches_is_that_over_all_rows(rows: int, columns: int, size: int, host: bool) -> None:
    rows -= rows % size if rows > size else 0
    generator = torch.Generator().manual_seed(rows * columns)
    targets = torch.randn(rows, columns, generator=generator) + 10 * torch.arange(columns)
    outputs = targets + 0.5 * torch.randn(rows, columns, generator=generator)
    score = Score()
    with pytest.MonkeyPatch.context() as patch:
        if not host:
            patch.setattr("unstuck.attach.metrics.window", lambda _: None)  # as it is on an accelerator
        for start in range(0, rows, size):
            score.add(outputs[start : start + size], targets[start : start + size], "mse")
    assert score.values()["r2"] == pytest.approx(r2(outputs, targets), abs=1e-4)


def test_a_constant_for_each_column_explains_nothing() -> None:
    targets = torch.stack([torch.linspace(-1, 1, 50), 100 + torch.linspace(-1, 1, 50)], 1)
    score = Score()
    score.add(targets.mean(0).expand(50, 2), targets, "mse")
    assert score.values()["r2"] == pytest.approx(0.0, abs=1e-6)


def test_sequences_of_changing_length_are_scored_together() -> None:
    score = Score()
    for length in (5, 7):
        targets = torch.from_numpy(np.random.default_rng(length).normal(size=(3, length)))
        score.add(targets.float(), targets.float(), "mse")
    assert score.values()["r2"] == pytest.approx(1.0)
