"""Scores that are computed anew: R2 over batches equals R2 over all, column by column."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import torch.nn.functional as F
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


@pytest.mark.parametrize("host", [False, True])
def test_answers_read_as_the_classes_that_they_go_with(host: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if not host:
        monkeypatch.setattr("unstuck.attach.metrics.window", lambda _: None)  # as it is on an accelerator
    wanted = torch.arange(60) % 3
    answers = F.one_hot((wanted + 1) % 3, 3).float()

    def renamed(outputs: torch.Tensor, targets: torch.Tensor) -> float | None:
        score = Score()
        score.add(outputs, targets, "cross-entropy")
        return score.renamed()

    assert renamed(answers, wanted) == 1.0
    assert renamed(F.one_hot(wanted, 3).float(), wanted) is None, "every answer goes with its own class"
    assert renamed(F.one_hot(torch.zeros(60, dtype=torch.long), 3).float(), (wanted > 0).long()) == pytest.approx(2 / 3), (
        "one answer for all"
    )
    assert renamed(answers, torch.zeros(60, dtype=torch.long)) is None, "all answers would be read alike"


@pytest.mark.parametrize("host", [False, True])
def test_answers_by_class(host: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if not host:
        monkeypatch.setattr("unstuck.attach.metrics.window", lambda _: None)
    wanted = torch.tensor([0, 0, 0, 2, 2, -1, 5])
    named = torch.tensor([0, 0, 2, 2, 99, 3, 0])  # one is beyond all classes that are counted, one is left out
    score = Score()
    for rows in (slice(0, 3), slice(3, 7)):
        score.add(F.one_hot(named[rows], 100).float(), wanted[rows], "cross-entropy")
    assert score.by_class() == ([0, 2, 5], [3 / 6, 2 / 6, 1 / 6], [pytest.approx(2 / 3), 1 / 2, 0.0])
    assert score.values()["accuracy"] == pytest.approx(3 / 6)


def test_r2_of_targets_in_any_unit() -> None:
    targets = torch.linspace(-1, 1, 50)
    for unit in (1e-20, 1.0, 1e6):
        score = Score()
        score.add(targets * unit * 0.9, targets * unit, "mse")
        assert score.values()["r2"] == pytest.approx(0.99, abs=1e-3)
        assert score.target_moments() == {
            "target_mean": pytest.approx(0, abs=1e-6 * unit),
            "target_std": pytest.approx(0.589 * unit, rel=1e-2),
        }
    alike = Score()
    alike.add(targets, torch.full((50,), 0.1), "mse")
    assert "r2" not in alike.values()
