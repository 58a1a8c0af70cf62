"""What a notebook shows: whole in itself, the same every time, nothing of it can run."""

from __future__ import annotations

import base64
import re
import zlib
from dataclasses import replace

import numpy as np
import pytest
from drawn import HOSTILE, report, trace, verdict
from test_renderers import REPORTS, TREATED

from unstuck import language, notebook, pictures
from unstuck.records import Text


@pytest.mark.parametrize("name", REPORTS)
def test_reports(name: str) -> None:
    text = REPORTS[name]._repr_html_()
    assert text == REPORTS[name]._repr_html_() and "<script" not in text and not re.search(r"(?:src|href)=.https?:", text)


def test_finding_and_verdict() -> None:
    finding, proven = TREATED.findings[0], TREATED.verdicts[1]
    assert "train.py:14" in finding._repr_html_() and "0.21x" in finding._repr_html_()
    assert "batch-norm" in proven._repr_html_() and proven._repr_html_().count("<circle") == 8 + 8 + 1


def test_a_run_has_pictures() -> None:
    seen = trace()
    text = notebook.run(report(seen), seen)
    assert text.count("data:image/png;base64,") == 2 and 'class="line"' in text and len(text) < 60_000


def test_run_object(tmp_path: object) -> None:
    torch = pytest.importorskip("torch")
    from unstuck import watch

    model = torch.nn.Linear(2, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    with watch(model, optimizer) as run:
        for _ in range(12):
            optimizer.zero_grad()
            model(torch.ones(4, 2)).square().mean().backward()
            optimizer.step()
    assert "12 steps watched" in run._repr_html_() and run._repr_html_() == run._repr_html_()


def test_nothing_hostile_gets_through() -> None:
    seen = trace(names={0: HOSTILE, 7: HOSTILE})
    ill = report(seen)
    ill = replace(ill, facts=replace(ill.facts, script=HOSTILE), findings=(replace(ill.findings[0], message=Text(HOSTILE, HOSTILE)),))
    text = notebook.run(ill, seen)
    assert "<script" not in text and "<img src=x" not in text and "&lt;script&gt;" in text


def test_in_chinese() -> None:
    language.choose("zh")
    try:
        assert "梯度每层缩小" in TREATED._repr_html_()
    finally:
        language.choose("en")


def test_pixels_are_a_picture_of_the_numbers() -> None:
    values = np.array([[1e-6, 1.0, np.nan], [1e-3, 1e-6, 1.0]])
    content = base64.b64decode(pictures.pixels(values, logarithmic=True).partition(",")[2])
    assert content.startswith(b"\x89PNG") and content[16:24] == (3).to_bytes(4, "big") + (2).to_bytes(4, "big")
    length = int.from_bytes(content[33:37], "big")
    raw = zlib.decompress(content[41 : 41 + length])
    rgba = np.array([np.frombuffer(raw[1 + 13 * row : 13 + 13 * row], np.uint8).reshape(3, 4) for row in range(2)])
    assert rgba[0, 0, :3].tolist() == [0xF4, 0xF1, 0xE8] and rgba[0, 1, :3].tolist() == [0x0C, 0x34, 0x52]
    assert rgba[..., 3].tolist() == [[255, 255, 0], [255, 255, 255]]


def test_pairs_stand_where_their_numbers_are() -> None:
    drawing = pictures.pairs(verdict("relu", "helps", 0.9), 0.0, 1.0, width=110)
    x = [float(v) for v in re.findall(r'<circle cx="([\d.]+)"', drawing)]
    assert x == pytest.approx([16, 95, 15, 96, 17, 18, 94], abs=0.06)
