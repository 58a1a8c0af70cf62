"""Ways that a gradient did not have: past equal blocks, past the steps of a recurrent layer, through steps; injected, and written into scripts."""

from __future__ import annotations

import copy
from pathlib import Path

import pytest
import torch
from torch import nn
from victims import run

from unstuck import plugins
from unstuck.attach.shortcuts import lead_past_blocks, lead_past_steps, repeated
from unstuck.edits.source import Draft, NoPatch, Source
from unstuck.records import Facts, Place
from unstuck.training import Training


def draft_of(text: str, tmp_path: Path, *names: str) -> Draft:
    path = tmp_path / "train.py"
    path.write_text(f"import torch\nfrom torch import nn\n{text}")
    return Draft([Source.read(path, "train.py")], Facts(places=tuple(Place(name=n, kind="Linear", role="hidden") for n in names)))


def edited(remedy: str, draft: Draft) -> str:
    plugins.remedies()[remedy].edit(draft)
    draft.settle()
    return draft.sources[0].text


# -------------------------------------------------------------------------------------------------------------- blocks


def block(width: int = 8) -> nn.Module:
    return nn.Sequential(nn.Linear(width, width), nn.LayerNorm(width), nn.ReLU())


def test_rows_of_equal_blocks_are_found_and_nothing_else() -> None:
    tower = nn.Sequential(nn.Linear(4, 8), nn.Sequential(*[block() for _ in range(5)]), nn.Linear(8, 2))
    assert [len(group) for group in repeated(tower)] == [5]
    plain = nn.Sequential(nn.Linear(4, 8), *[m for _ in range(6) for m in (nn.Linear(8, 8), nn.ReLU())], nn.Linear(8, 2))
    assert [[type(m) for m in group] for group in repeated(plain)] == [[nn.Linear] * 6]
    assert not list(repeated(nn.Sequential(block(), block())))
    experts = nn.ModuleList(nn.Linear(8, 1) for _ in range(6))
    assert not list(repeated(experts)), "side by side, with another width behind them"


def test_the_signal_is_led_past_every_block() -> None:
    torch.manual_seed(0)
    tower = nn.Sequential(*[block() for _ in range(16)])
    x = torch.randn(4, 8)
    wanted = x
    for one in tower:
        wanted = wanted + 0.25 * one(wanted)
    training = Training([tower])
    hooks = lead_past_blocks(training)
    assert torch.allclose(tower(x), wanted) and all(hook.passed for _, hook in hooks)
    assert torch.allclose(copy.deepcopy(tower)(x), wanted), "a copy carries its treatment along"
    training.undo()
    assert not torch.allclose(tower(x), wanted)


LOOPED = "def forward(self, x):\n    for block in self.blocks:\n        x = torch.relu(block(x))\n    return x\n"
STRUNG = "net = nn.Sequential(nn.Linear(4, 8), *[Block(8) for _ in range(9)])\n"


def test_blocks_are_led_past_where_they_are_called_or_made(tmp_path: Path) -> None:
    names = [f"blocks.{i}.fc" for i in range(9)]
    assert "x = torch.relu(x + 0.33 * block(x))" in edited("residual-blocks", draft_of(LOOPED, tmp_path, *names))
    text = edited("residual-blocks", draft_of(STRUNG, tmp_path, *names))
    assert "*[Residual(Block(8)) for _ in range(9)]" in text and "return x + 0.33 * self.layer(x)" in text
    for script, known in ((LOOPED, names[:2]), (LOOPED + LOOPED, names), ("net = nn.Linear(8, 8)\n", names)):
        with pytest.raises(NoPatch):
            edited("residual-blocks", draft_of(script, tmp_path, *known))


# ---------------------------------------------------------------------------------------------------------------- time


@pytest.mark.parametrize("kind", [nn.RNN, nn.LSTM, nn.GRU])
@pytest.mark.parametrize("batch_first", [True, False])
def test_no_step_learns_of_later_ones_and_the_last_of_the_first(kind: type[nn.RNNBase], batch_first: bool) -> None:
    torch.manual_seed(0)
    layer = kind(3, 5, num_layers=2, batch_first=batch_first)
    x = torch.randn(2, 9, 3) if batch_first else torch.randn(9, 2, 3)
    plain, _ = layer(x)
    hooks = lead_past_steps(Training([layer]))
    steps, state = layer(x)
    time = 1 if batch_first else 0
    assert torch.equal(steps, plain + plain.cummax(time).values) and hooks[0].passed == 1
    last = (state[0] if kind is nn.LSTM else state)[-1]
    assert torch.allclose(last, steps.select(time, -1)), "the state says what the last step says"
    changed = x.clone()
    changed.select(time, 6).add_(1.0)
    assert torch.equal(layer(changed)[0].narrow(time, 0, 6), steps.narrow(time, 0, 6))


def test_packed_and_bidirectional_layers_are_left_alone() -> None:
    layer = nn.GRU(3, 5, bidirectional=True)
    hooks = lead_past_steps(Training([layer]))
    layer(torch.randn(7, 2, 3))
    assert not hooks[0].passed
    layer = nn.GRU(3, 5)
    hooks = lead_past_steps(Training([layer]))
    layer(nn.utils.rnn.pack_sequence([torch.randn(4, 3), torch.randn(2, 3)]))
    assert not hooks[0].passed


RECURRENT = "class N(nn.Module):\n    def __init__(s):\n        s.rnn = nn.{kind}(3, 5{first})\n    def forward(s, x):\n        {line}\n        return {answer}\n"


@pytest.mark.parametrize(
    ("kind", "first", "line", "answer", "new"),
    [
        ("GRU", ", batch_first=True", "o, _ = s.rnn(x)", "o[:, -1]", "o = o + o.cummax(1).values"),
        ("LSTM", "", "o, state = s.rnn(x)", "o[-1]", "o = o + o.cummax(0).values"),
        ("RNN", "", "o, h = s.rnn(x)", "h[-1]", "h = h + o.amax(0)"),
    ],
)
def test_the_line_behind_a_recurrent_layer(kind: str, first: str, line: str, answer: str, new: str, tmp_path: Path) -> None:
    script = RECURRENT.format(kind=kind, first=first, line=line, answer=answer)
    assert f"{line}\n        {new}\n" in edited("past-steps", draft_of(script, tmp_path))
    with pytest.raises(NoPatch):
        edited("past-steps", draft_of(script.replace(line, "o = s.rnn(x)[0]"), tmp_path))


# --------------------------------------------------------------------------------------------------------------- steps

STEPS = """
import torch
from torch import nn
import torch.nn.functional as F
torch.manual_seed(0)
class N(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.b = nn.Linear(4, 3), nn.Linear(3, 1)
    def forward(self, x):
        z = self.a(x)
        q = {step}
        return self.b(q)
m = N()
x, y = torch.randn(16, 4), torch.randn(16, 1)
opt = torch.optim.SGD(m.parameters(), lr=0.1)
before = m.a.weight.clone()
answers = []
for _ in range(3):
    out = m(x)
    answers.append(out.detach())
    loss = F.mse_loss(out, y)
    opt.zero_grad(); loss.backward(); opt.step()
moved = not torch.equal(before, m.a.weight)
"""


@pytest.mark.parametrize(
    "step",
    [
        "torch.round(z)",
        "z.round()",
        "torch.sign(z)",
        "(z > 0).float()",
        "(z <= 0.2).to(torch.float32)",
        "F.one_hot(z.argmax(dim=-1), 3).float()",
    ],
)
def test_steps_let_the_gradient_through_and_answer_as_before(step: str, tmp_path: Path) -> None:
    plain = run(STEPS.format(step=step))[0]
    treated, _ = run(STEPS.format(step=step), ["straight-through"])
    assert not plain["moved"] and treated["moved"] and treated["in_force"]
    assert torch.allclose(plain["answers"][0], treated["answers"][0])
    if ">" not in step and "<" not in step:
        text = edited("straight-through", draft_of(STEPS.format(step=step), tmp_path))
        patched = run(text)[0]
        assert patched["moved"] and all(
            torch.allclose(a, b, atol=1e-6) for a, b in zip(patched["answers"], treated["answers"], strict=True)
        )


def test_a_step_that_has_its_own_estimator_and_a_choice_that_stays_one_are_left(tmp_path: Path) -> None:
    own = STEPS.format(step="z + (torch.round(z) - z).detach()")
    treated, plain = run(own, ["straight-through"])[0], run(own)[0]
    assert torch.allclose(treated["answers"][-1], plain["answers"][-1])
    with pytest.raises(NoPatch):
        edited("straight-through", draft_of(own, tmp_path))
    counted = STEPS.format(step="z") + "right = (m(x).argmax(1) == 0).float().mean()\nany_ = m(x).argmax()\nrows = x[(m(x) > 0)[:, 0]]\n"
    assert run(counted, ["straight-through"])[0]["right"].grad_fn is None
