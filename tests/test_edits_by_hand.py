"""Steps that a script takes itself, edited: gradients cleared and clipped, rate and momentum where their numbers are written."""

from __future__ import annotations

from pathlib import Path

import pytest

from unstuck import plugins
from unstuck.edits.by_hand import change_factor
from unstuck.edits.source import Draft, NoPatch, Source
from unstuck.records import Facts, OptimizerFacts


def draft_of(text: str, tmp_path: Path, **settings: float) -> Draft:
    path = tmp_path / "train.py"
    path.write_text(f"import torch\n{text}")
    facts = Facts(optimizers=(OptimizerFacts(kind="SGD", settings=settings, by_hand=True),) if settings else ())
    return Draft([Source.read(path, "train.py")], facts)


def edited(remedy: str, draft: Draft) -> str:
    plugins.remedies()[remedy].edit(draft)
    draft.settle()
    return draft.sources[0].text


#: A script's way to step; where the gradients must be cleared.
STEPS = {
    "with torch.no_grad():\n    for p in params:\n        p -= lr * p.grad\n": "        p -= lr * p.grad\n        p.grad = None\n",
    "with torch.no_grad():\n    w -= 0.1 * w.grad\n    b -= 0.1 * b.grad\n": "    w -= 0.1 * w.grad\n    w.grad = None\n    b -= 0.1 * b.grad\n    b.grad = None\n",
    "for p in net.parameters():\n    p.data.add_(p.grad.data, alpha=-lr)\n": "alpha=-lr)\n    p.grad = None\n",
    "for p, v in zip(ps, vs):\n    v.mul_(0.9).add_(p.grad)\n    p.data -= lr * v\n    seen(p)\n": "    seen(p)\n    p.grad = None\n",
    "for p in ps:\n    if p.grad is not None:\n        p.data = p.data - lr * p.grad\n": "p.data = p.data - lr * p.grad\n    p.grad = None\n",
}


@pytest.mark.parametrize("script", STEPS)
def test_gradients_are_cleared_behind_the_last_line_that_reads_them(script: str, tmp_path: Path) -> None:
    assert STEPS[script] in edited("zero-grad", draft_of(script, tmp_path))


@pytest.mark.parametrize("script", ["loss.backward()\n", "for p in ps:\n    norm += p.grad.norm()\n"])
def test_where_nothing_is_stepped_by_hand_nothing_is_written(script: str, tmp_path: Path) -> None:
    with pytest.raises(NoPatch):
        edited("zero-grad", draft_of(script, tmp_path))


def test_gradients_are_clipped_in_front_of_the_loop(tmp_path: Path) -> None:
    text = edited("clip-gradient-norm", draft_of("for p in net.parameters():\n    p.data -= 0.1 * p.grad\n", tmp_path))
    assert "torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)\nfor p in" in text
    text = edited(
        "clip-gradient-norm", draft_of("for i, (p, v) in rows:\n    q = 1\nfor v, p in zip(vs, ps):\n    p -= p.grad\n", tmp_path)
    )
    assert "clip_grad_norm_(ps, 1.0)\nfor v, p" in text


#: What the steps showed; a script's way to write it; how it reads with a tenth of the rate.
RATES = [
    (0.5, "lr = 0.5\nscale = 0.3\nfor p in ps:\n    p -= lr * p.grad\nx = scale * x\n", "lr = 0.05"),
    (0.8, "STEP = 0.8\nparams = {k: p - STEP * g[k] for k, p in params.items()}\n", "STEP = 0.08"),
    (0.01, "rate, friction = 0.01, 0.9\nv = friction * v - rate * g\n", "rate, friction = 0.001, 0.9"),
    (0.2, "def sgd(ps, lr=0.2):\n    for p in ps:\n        p.data.add_(p.grad, alpha=-lr)\n", "lr=0.02"),
]


@pytest.mark.parametrize(("rate", "script", "new"), RATES)
def test_the_rate_is_the_factor_that_the_steps_showed(rate: float, script: str, new: str, tmp_path: Path) -> None:
    text = edited("lower-lr", draft_of(script, tmp_path, lr=rate * 1.0001))
    assert new in text and sum(a != b for a, b in zip(text.splitlines(), f"import torch\n{script}".splitlines(), strict=True)) == 1


def test_the_momentum_of_a_velocity_is_a_factor_too(tmp_path: Path) -> None:
    script = "rate, friction = 0.01, 0.998\nv = friction * v - rate * g\n"
    assert "rate, friction = 0.01, 0.9\n" in edited("usual-momentum", draft_of(script, tmp_path, lr=0.01, momentum=0.998))


def test_a_number_that_stands_for_two_things_or_is_not_known_is_left(tmp_path: Path) -> None:
    twice = "lr = 0.1\nnoise = 0.1\nx = x + noise * n\nfor p in ps:\n    p -= lr * p.grad\n"
    with pytest.raises(NoPatch, match="2 places"):
        edited("lower-lr", draft_of(twice, tmp_path, lr=0.1))
    with pytest.raises(NoPatch, match="not known"):
        change_factor(draft_of(twice, tmp_path, momentum=0.9), "lr", factor=0.1)
