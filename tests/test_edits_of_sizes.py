"""Edits of widths, of what enters an activation, and of inputs with marks: each leaves a script that runs, and does what the remedy does."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from unstuck import plugins
from unstuck.edits.source import Draft, NoPatch, Source
from unstuck.records import Facts, Place

HEAD = "import torch\nimport numpy as np\nfrom torch import nn\n"


def edited(remedy: str, text: str, tmp_path: Path, places: tuple[Place, ...] = (), shapes: dict[str, tuple[int, ...]] | None = None) -> str:
    path = tmp_path / "train.py"
    path.write_text(HEAD + text)
    weights = tuple(Place(name=f"{n}.weight", kind="weight", role="other", order=0, shape=s) for n, s in (shapes or {}).items())
    draft = Draft([Source.read(path, "train.py")], Facts(places=places, parameters=weights))
    plugins.remedies()[remedy].edit(draft)
    draft.settle()
    return draft.sources[0].text.removeprefix(HEAD)


def place(name: str, kind: str, order: int, line: int = 4, role: str = "hidden") -> Place:
    return Place(name=name, kind=kind, role=role, order=order, file="train.py", line=line)  # type: ignore[arg-type]


TOWER = (place("0", "Linear", 0), place("2", "Linear", 2), place("4", "Linear", 4, role="output"))
SHAPES = {"0": (8, 2), "2": (8, 8), "4": (1, 8)}


@pytest.mark.parametrize(
    ("script", "new"),
    [
        ("net = nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 1))\n",
         "net = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 1))\n"),
        ("net = nn.Sequential(nn.Linear(2, W), nn.ReLU(), nn.Linear(W, W), nn.ReLU(), nn.Linear(W, 1)) if (W := 8) else 0\n", ""),
    ],
)  # fmt: skip
def test_widths_are_written_on_both_sides(script: str, new: str, tmp_path: Path) -> None:
    if not new:
        with pytest.raises(NoPatch):
            edited("wider-layers", script, tmp_path, TOWER, SHAPES)
        return
    assert edited("wider-layers", script, tmp_path, TOWER, SHAPES) == new
    assert "nn.Linear(2, 4)" in edited("narrower-layers", script, tmp_path, TOWER, SHAPES)


def test_a_width_with_a_name_is_changed_where_it_is_defined(tmp_path: Path) -> None:
    places = (place("a", "Linear", 0, 7), place("n", "BatchNorm1d", 1, 8, "norm"), place("b", "Linear", 2, 9, "output"))
    lines = ["H = 20", "def f(h=H):", "    pass", "a = nn.Linear(2, H)", "n = nn.BatchNorm1d(H)", "b = nn.Linear(H, 3)"]
    text = edited("wider-layers", "\n".join(lines) + "\n", tmp_path, places, {"a": (20, 2), "b": (3, 20)})
    assert text.splitlines() == ["H = 40", *lines[1:]]
    lines[3] = "a = nn.Linear(H, H)"
    with pytest.raises(NoPatch, match="something else"):
        edited("wider-layers", "\n".join(lines) + "\n", tmp_path, places, {"a": (20, 20), "b": (3, 20)})


@pytest.mark.parametrize(
    ("script", "kind", "new"),
    [
        ("net = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 1))\n", "Tanh", "nn.Sequential(Divided(), nn.Tanh()), nn.Linear"),
        ("h = torch.sigmoid(9 * x)\n", "functional sigmoid", "torch.sigmoid(Divided()(9 * x))"),
        ("h = (9 * x).tanh()\n", "functional tanh", "(Divided()(9 * x)).tanh()"),
    ],
)
def test_what_enters_a_flat_activation_is_divided(script: str, kind: str, new: str, tmp_path: Path) -> None:
    text = edited("scale-preactivations", script, tmp_path, (place("1", kind, 1),))
    assert new in text
    names: dict[str, object] = {"x": torch.randn(50, 3)}
    exec(compile(HEAD + text, "train.py", "exec"), names)
    z = 9 * torch.randn(4000)
    assert float(names["Divided"]()(z).std()) == pytest.approx(1, abs=0.01)  # type: ignore[operator]
    assert torch.equal(names["Divided"]()(z / 20), z / 20), "a small spread stays"  # type: ignore[operator]


def test_marks_and_outliers_become_the_mean(tmp_path: Path) -> None:
    text = edited("robust-inputs", "mean = 3\na, b, ya, yb = train_test_split(x, y)\n", tmp_path)
    rng = np.random.default_rng(0)
    x = rng.normal(5, 2, (400, 3))
    x[::9, 1] = -9999
    names = {"x": x, "y": x[:, 0], "train_test_split": lambda x, y: (x[:300].copy(), x[300:].copy(), y[:300], y[300:])}
    exec(compile(HEAD + text, "train.py", "exec"), names)
    assert names["mean"] == 3 and np.isfinite(names["a"]).all() and np.isfinite(names["b"]).all()
    assert not names["a"][::9, 1].any() and abs(names["a"].std() - 1) < 0.1 and abs(names["b"]).max() < 6
