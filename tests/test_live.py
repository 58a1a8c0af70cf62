"""A run that is followed: the server on loopback, the page in a real browser, the line in a terminal."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.client import HTTPConnection
from pathlib import Path
from time import monotonic, sleep, time_ns

import pytest
from browser import Visit, browser
from drawn import trace

from unstuck import following, status
from unstuck.following import Follower
from unstuck.live import Page
from unstuck.records import Trace
from unstuck.trace_writer import TraceWriter

SCRIPT = """
import time, torch
from torch import nn
torch.manual_seed(0)
model = nn.Sequential(*[m for _ in range(10) for m in (nn.Linear(8, 8), nn.Sigmoid())], nn.Linear(8, 2))
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
x, y = torch.randn(64, 8), torch.randint(0, 2, (64,))
for step in range({steps}):
    optimizer.zero_grad()
    nn.functional.cross_entropy(model(x), y).backward()
    optimizer.step()
    time.sleep({pause})
    print("said", step, flush=True)
"""


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "PAUSE", 0.0)
    monkeypatch.setattr(following, "WAIT", 0.0)


def write(writer: TraceWriter, seen: Trace, start: int, end: int) -> None:
    for signal in seen.signals:
        rows = slice(start, end) if len(signal) == 40 else slice(3 * start, 3 * end)
        if len(signal.steps[rows]):
            writer.write_many(((signal.name, signal.place, ""),), signal.steps[rows], signal.values[rows, None])


@pytest.fixture
def growing(tmp_path: Path) -> Iterator[tuple[Path, TraceWriter, Trace]]:
    seen = trace()
    writer = TraceWriter(tmp_path / "run.trace", replace(seen.facts, exit="running", steps=0))
    yield tmp_path / "run.trace", writer, seen
    writer.close()


def until(what: object, seconds: float = 20) -> None:
    end = monotonic() + seconds
    while not what():  # type: ignore[operator]
        assert monotonic() < end, "it never happened"
        sleep(0.05)


# ------------------------------------------------------------------------------------------------------------ follower


def test_follower_sees_what_is_new_and_only_that(growing: tuple[Path, TraceWriter, Trace]) -> None:
    path, writer, seen = growing
    follower = Follower(path)
    write(writer, seen, 0, 10)
    until(lambda: follower.look() and follower.trace is not None and follower.trace.signals)
    sleep(0.5)
    follower.look()
    assert follower.trace is not None and follower.trace.facts.steps == 30, "steps are counted from the loss, facts come later"
    version = follower.version
    assert not follower.look() and follower.version == version and not follower.ended
    writer.facts(seen.facts)
    until(lambda: follower.look() or follower.ended)
    assert follower.ended


def test_follower_waits_for_a_file_and_forgets_an_old_one(tmp_path: Path, growing: tuple[Path, TraceWriter, Trace]) -> None:
    path, writer, _seen = growing
    assert not Follower(tmp_path / "none.trace").look()
    (tmp_path / "other").write_text("no trace")
    assert not Follower(tmp_path / "other").look()
    writer.close()
    assert Follower(path).look() and not Follower(path, since=time_ns()).look()


# -------------------------------------------------------------------------------------------------------------- server


@pytest.fixture
def served(growing: tuple[Path, TraceWriter, Trace]) -> Iterator[Page]:
    page = Page(Follower(growing[0], select=("vanishing-gradient",)), "en")
    threading.Thread(target=page.serve_forever, daemon=True).start()
    yield page
    page.shutdown()
    page.server_close()


def ask(page: Page, path: str, **headers: str) -> tuple[int, bytes]:
    connection = HTTPConnection("127.0.0.1", page.server_address[1], timeout=20)
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    return answer.status, answer.read()


def test_only_the_token_opens_it(served: Page) -> None:
    assert served.server_address[0] == "127.0.0.1" and len(served.token) >= 20
    assert ask(served, f"/{served.token}/")[0] == 200
    for path in (
        "/",
        "/state",
        "/favicon.ico",
        f"/{served.token}",
        f"/{served.token}/x",
        f"/{served.token[:-1]}/",
        "//",
        "/%C3%A9/",
    ):
        assert ask(served, path)[0] == 404, path
    assert ask(served, f"/{served.token}/", Host="evil.example")[0] == 403, "another name for this machine"


def test_state_is_sent_once(served: Page, growing: tuple[Path, TraceWriter, Trace]) -> None:
    _path, writer, seen = growing
    write(writer, seen, 0, 40)
    until(lambda: ask(served, f"/{served.token}/state?seen=")[0] == 200)
    sleep(0.5)
    code, content = ask(served, f"/{served.token}/state?seen=")
    fresh = json.loads(content)
    assert code == 200 and "<h1" in fresh["body"] and fresh["data"]["maps"]
    assert ask(served, f"/{served.token}/state?seen={fresh['seen']}") == (204, b"")


@pytest.mark.slow
def test_page_follows_and_findings_appear(served: Page, growing: tuple[Path, TraceWriter, Trace]) -> None:
    _path, writer, seen = growing
    with browser() as opened:
        visit = Visit(opened, served.url)
        assert visit.page.inner_text("h1") == "Waiting for the first step."
        write(writer, seen, 0, 5)
        visit.page.wait_for_selector("[data-chart][data-drawn]", timeout=20_000)
        visit.page.click("[data-set-lang=zh]")
        visit.page.click("#run details summary")
        opened_details = visit.page.get_attribute("details[open]", "id")
        write(writer, seen, 5, 40)
        visit.until("document.querySelector('.run').innerText.includes('120')")
        assert visit.page.get_attribute("html", "lang") == "zh" and visit.page.get_attribute("details[open]", "id") == opened_details
        visit.page.reload()
        visit.page.wait_for_selector("[data-chart][data-drawn]", timeout=20_000)
        assert "120" in visit.page.inner_text(".run")
        writer.facts(seen.facts)
        visit.page.wait_for_selector("#live[data-state=ended]", timeout=20_000, state="attached")
        assert visit.errors == [] and all(url.startswith(served.url) for url in visit.requests)
        visit.close()


# ------------------------------------------------------------------------------------------------------------- command


@pytest.mark.slow
def test_run_live_prints_an_address_and_ends_with_its_readers(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(SCRIPT.format(steps=200, pause=0.06))
    command = [sys.executable, "-m", "unstuck", "run", "--live", "--trace", "t.trace", "--format", "json", "--output", "r.json", "train.py"]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as run:
        assert run.stderr is not None and run.stdout is not None
        found = re.search(r"http://127\.0\.0\.1:\d+/\S+/", run.stderr.readline())
        assert found
        with browser() as opened:
            visit = Visit(opened, found[0])
            visit.page.wait_for_selector("[data-rule=vanishing-gradient]", timeout=60_000)
            assert run.poll() is None, "the finding came while the run went on"
            visit.page.wait_for_selector("#live[data-state=ended]", timeout=60_000, state="attached")
            assert visit.errors == []
            visit.close()
        out = run.stdout.read()
    assert out.splitlines() == [f"said {step}" for step in range(200)], "the script's own output is untouched"


# ---------------------------------------------------------------------------------------------------------- status line


def test_status_line_tells_step_loss_and_cause() -> None:
    from unstuck.diagnosis import diagnose

    seen = trace()
    assert status.line(seen, diagnose(seen, select=["vanishing-gradient"])).startswith("step 120 · loss 1.50 · ")
    assert "\x1b[" in status.painted("x" * 200, 40, alarming=True)
    assert len(re.sub(r"\x1b\[[\d;]*m", "", status.painted("x" * 200, 40, alarming=True))) <= 40


@pytest.mark.slow
def test_status_line_lies_below_the_scripts_output(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(SCRIPT.format(steps=200, pause=0.08))
    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    environment = {**os.environ, "TERM": "xterm-256color", "LC_ALL": "C.UTF-8"}
    command = [sys.executable, "-m", "unstuck", "run", "--trace", "t.trace", "train.py"]
    run = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=follower, env=environment)
    os.close(follower)
    assert run.stdout is not None
    drawn = b""
    reader = threading.Thread(target=lambda: run.stdout.read())
    reader.start()
    while True:
        if select.select([leader], [], [], 0.2)[0]:
            try:
                drawn += os.read(leader, 4096)
            except OSError:
                break
        elif run.poll() is not None:
            break
    reader.join()
    text = drawn.decode()
    assert re.search(r"unstuck .*step \d+ · loss 0\.\d+", re.sub(r"\x1b\[[\d;]*m", "", text))
    assert re.search(r"\x1b7\x1b\[1;\d+r\x1b\[\d+;1H\x1b\[K\x1b8\Z", text), "the row is given back at the end"


def test_no_terminal_no_line(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with following.following(tmp_path / "t.trace", live=False):
        pass
    assert capfd.readouterr() == ("", "")
