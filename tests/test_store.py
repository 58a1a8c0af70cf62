"""A trace survives its process, its reader and its own length; and nothing that happens to it reaches the training."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unstuck import frames, trace_writer
from unstuck.errors import TraceError, UsageError
from unstuck.records import Blind, Facts, OptimizerFacts, Place, Text, Trace
from unstuck.store import load, peek
from unstuck.trace_log import Column
from unstuck.trace_writer import TraceWriter

PLACES = tuple(Place(name=f"net.{i}", kind="Linear", order=i, file="train.py", line=i + 1, shape=(8, 4)) for i in range(4))
COLUMNS: tuple[Column, ...] = tuple(("gradient.norm", place, "") for place in PLACES)
ALONE: tuple[Column, ...] = (("loss.train", Place(name="run", kind="run"), "loss"),)


@pytest.fixture
def path(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "run.trace"
    for writer in list(trace_writer._open):
        writer.close()


def row(step: float, columns: int = 4) -> np.ndarray:
    return np.full(columns, step, np.float32)


def wait_for(done: object, seconds: float = 5.0) -> None:
    end = time.monotonic() + seconds
    while not done():  # type: ignore[operator]
        assert time.monotonic() < end, "nothing happened in time"
        time.sleep(0.01)


def values(trace: Trace, name: str = "gradient.norm", place: str = "net.0") -> dict[int, float]:
    found = trace.signal(name, place)
    return {} if found is None else dict(zip(found.steps.tolist(), found.values.tolist(), strict=True))


def written(path: Path, count: int, **options: int) -> None:
    writer = TraceWriter(path, Facts(script="train.py"), **options)
    for step in range(count):
        writer.write(COLUMNS, step, row(step))
    writer.close()
    assert writer.error is None


# ------------------------------------------------------------------------------------------------- what went in comes out

NUMBERS = st.floats(width=32, allow_nan=True, allow_infinity=True)
LAYOUTS = (COLUMNS, COLUMNS[:2], COLUMNS[3:0:-1], ALONE, (*ALONE, COLUMNS[0]))
WRITES = st.lists(
    st.tuples(
        st.sampled_from(LAYOUTS), st.lists(st.integers(0, 30), min_size=0, max_size=4), st.booleans(), st.randoms(use_true_random=False)
    ),
    max_size=12,
)


@settings(max_examples=60, deadline=None)
@given(writes=WRITES, special=st.lists(NUMBERS, min_size=5, max_size=5))
def test_round_trip_and_the_last_write_of_a_step_wins(tmp_path_factory: pytest.TempPathFactory, writes: list, special: list[float]) -> None:
    path = tmp_path_factory.mktemp("trip") / "run.trace"
    writer = TraceWriter(path, Facts())
    expected: dict[tuple[str, str], dict[int, np.float32]] = {}
    for columns, steps, many, random in writes:
        block = np.array([[random.choice(special) for _ in columns] for _ in steps], np.float32).reshape(len(steps), len(columns))
        if many:
            writer.write_many(columns, np.array(steps, np.int64), block)
        for step, line in zip(steps, block, strict=True):
            if not many:
                writer.write(columns, step, line)
            for (name, place, _unit), value in zip(columns, line, strict=True):
                expected.setdefault((name, place.name), {})[step] = value
    writer.close()
    assert writer.error is None
    found = {(s.name, s.place.name): s for s in load(path).signals}
    assert found.keys() == expected.keys()
    for key, series in expected.items():
        assert found[key].steps.tolist() == sorted(series)
        assert found[key].values.dtype == np.float32
        np.testing.assert_array_equal(found[key].values, np.array([series[step] for step in sorted(series)], np.float32))


def test_places_units_and_facts_come_back_as_they_were(path: Path) -> None:
    facts = Facts(
        script="训练/\udcff.py",  # a file name that is not UTF-8
        places=PLACES,
        overhead=float("nan"),
        seconds=float("inf"),
        seed=2**70,
        optimizers=(OptimizerFacts(kind="SGD", settings={"lr": 1, "nesterov": False, "x": None}),),
        notes=MappingProxyType({"a": np.float32(0.5), "b": [1, "two"], "c": float("-inf")}),  # type: ignore[dict-item]
        blind=(Blind(what="lstm", reason=Text("fused", "融合")),),
    )
    writer = TraceWriter(path, Facts(script="old.py"))
    writer.write(ALONE + COLUMNS, 3, row(1.5, 5))
    writer.facts(Facts(script="older.py"))
    writer.facts(facts)
    writer.close()
    trace = load(path)
    assert writer.error is None
    assert {(s.name, s.place, s.unit) for s in trace.signals} == set(ALONE + COLUMNS)
    assert np.isnan(trace.facts.overhead) and trace.facts.seconds == float("inf") and trace.facts.seed == 2**70
    assert trace.facts.notes == {"a": 0.5, "b": [1, "two"], "c": float("-inf")}
    assert (trace.facts.script, trace.facts.places, trace.facts.blind) == (facts.script, facts.places, facts.blind)
    assert repr(peek(path)) == repr(trace.facts)
    plain = Facts(overhead=float("nan"), notes={"x": float("inf")})  # the quick way of writing them
    TraceWriter(path, plain).close()
    assert repr(peek(path)) == repr(plain)


def test_a_layer_that_bears_a_name_of_the_door_keeps_its_own_place(path: Path) -> None:
    layer, door = Place(name="output", kind="Linear", order=8, role="output"), Place(name="output", kind="output")
    writer = TraceWriter(path, Facts(places=(layer,)))
    writer.write((("gradient.norm", layer, ""), ("output.std", door, "")), 0, np.ones(2, np.float32))
    writer.close()
    assert {s.name: s.place for s in load(path).signals} == {"gradient.norm": layer, "output.std": door}


def test_later_layouts_win_whatever_way_they_were_written(path: Path) -> None:
    writer = TraceWriter(path, Facts())
    other = (COLUMNS[1], (COLUMNS[0][0], COLUMNS[0][1], "1/step"))
    writer.write(COLUMNS, 5, row(1))
    writer.write_many(other, np.array([4, 5, 6]), np.array([[0, 4], [0, 5], [0, 6]], np.float32))
    writer.write(COLUMNS, 6, row(7))
    writer.write(other, 2, np.array([0, np.nan], np.float32))
    writer.close()
    found = load(path).signal("gradient.norm", "net.0")
    assert found is not None
    assert found.steps.tolist() == [2, 4, 5, 6] and found.unit == "1/step"
    np.testing.assert_array_equal(found.values, np.array([np.nan, 4, 5, 7], np.float32))
    assert values(load(path), place="net.3") == {5: 1.0, 6: 7.0}  # what was not measured is not there


def test_a_shape_that_changes_at_every_step_costs_nothing(path: Path) -> None:
    sizes = {}
    for changing in (0, 1):
        writer = TraceWriter(path, Facts())
        for step in range(300):
            place = Place(name="net.0", kind="LSTM", shape=(32, 5 + step * changing))
            writer.write((("activation.mean", place, ""),), step, row(step, 1))
        writer.close()
        sizes[changing] = path.stat().st_size
        assert len(values(load(path), "activation.mean")) == 300
    assert sizes[1] < sizes[0] + 200


# ----------------------------------------------------------------------------------------------------- ends of a process

SCRIPT = """
import os, sys, time
from pathlib import Path
import numpy as np
from unstuck.records import Facts, Place
from unstuck.trace_writer import TraceWriter
columns = tuple(("gradient.norm", Place(name=f"net.{i}", kind="Linear"), "") for i in range(4))
writer = TraceWriter(Path(sys.argv[1]), Facts(script="killed.py"))
"""


def script(body: str, path: Path) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", SCRIPT + body, str(path)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_kill_loses_no_more_than_the_last_moment(path: Path) -> None:
    body = """
for step in range(10**9):
    writer.write(columns, step, np.full(4, step, np.float32))
    time.sleep(0.001)
    if step % 100 == 0:
        print(step, flush=True)
"""
    with script(body, path) as process:
        assert process.stdout is not None
        start = time.monotonic()
        seen = [(int(line), time.monotonic()) for line, _ in zip(process.stdout, range(9), strict=False)]
        os.kill(process.pid, signal.SIGKILL)
        killed = time.monotonic()
    assert killed - start > 0.5
    trace = load(path)
    steps = sorted(values(trace))
    assert steps == list(range(len(steps)))
    assert len(steps) > max((step for step, at in seen if at < killed - 2 * trace_writer.PAUSE), default=0) > 0
    assert trace.facts.script == "killed.py" and trace.facts.exit == "running"
    assert [file.name for file in path.parent.iterdir()] == ["run.trace"]


def test_an_end_without_close_loses_nothing_and_a_fork_adds_nothing(path: Path) -> None:
    body = """
for step in range(50):
    writer.write(columns, step, np.full(4, step, np.float32))
if os.fork() == 0:
    for step in range(100, 200):
        writer.write(columns, step, np.full(4, -1, np.float32))
    writer.facts(Facts(script="child.py"))
    time.sleep(0.5)
    sys.exit(0)  # with all that runs at the end of an interpreter
os.wait()
for step in range(50, 60):
    writer.write(columns, step, np.full(4, step, np.float32))
assert writer.error is None
"""
    with script(body, path) as process:
        assert process.communicate() == ("", "")
    assert process.returncode == 0
    assert values(load(path)) == {step: float(step) for step in range(60)}
    assert peek(path).script == "killed.py"


def test_a_forked_child_may_write_a_trace_of_its_own(path: Path) -> None:
    writer = TraceWriter(path, Facts(script="parent.py"))
    own = path.with_name("child.trace")
    child = os.fork()
    if child == 0:
        failed = 1
        try:
            writer.write(COLUMNS, 1, row(-1))
            assert not writer._queue  # nobody would ever take it out
            writer.close()
            mine = TraceWriter(own, Facts(script="child.py"))
            mine.write(COLUMNS, 1, row(1))
            mine.close()
            failed = 0
        finally:
            os._exit(failed)
    assert os.waitpid(child, 0)[1] == 0
    writer.write(COLUMNS, 2, row(2))
    writer.close()
    assert (values(load(path)), values(load(own))) == ({2: 2.0}, {1: 1.0})


def test_a_full_disk_ends_the_trace_and_not_the_script(path: Path) -> None:
    body = """
import resource
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
for step in range(3000):
    writer.write(columns, step, np.full(4, step, np.float32))
    time.sleep(0.0002)
writer.close()
assert isinstance(writer.error, OSError), writer.error
writer.write(columns, 1, np.zeros(4, np.float32))
assert not writer._queue
"""
    with script(body, path) as process:
        assert process.communicate() == ("", "")
    assert process.returncode == 0
    assert peek(path).script == "killed.py"
    steps = sorted(values(load(path)))
    assert steps == list(range(len(steps)))


def test_no_torch() -> None:
    code = "import sys, unstuck.store; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


# ------------------------------------------------------------------------------------------------------- while it goes on


def test_it_can_be_read_while_it_is_written_and_thinned(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trace_writer, "PAUSE", 0.001)
    writer = TraceWriter(path, Facts(), budget=60_000)
    newest, thinned, count = -1, False, 0
    end = time.monotonic() + 1.5
    while time.monotonic() < end:
        for step in range(count, count + 200):
            writer.write(COLUMNS, step, row(step))
        count += 200
        found = values(load(path))
        assert all(value == at for at, value in found.items())
        assert max(found, default=-1) >= newest
        newest = max(found, default=-1)
        thinned |= 0 < len(found) < newest
    assert writer.error is None
    wait_for(lambda: max(values(load(path)), default=-1) == count - 1)
    assert thinned and writer.error is None


def test_writing_costs_the_training_next_to_nothing(path: Path) -> None:
    writer = TraceWriter(path, Facts())
    line, taken = row(1), []
    for step in range(2000):
        start = time.perf_counter()
        writer.write(COLUMNS, step, line)
        taken.append(time.perf_counter() - start)
    assert np.median(taken) < 10e-6


# --------------------------------------------------------------------------------------------------------------- thinning


def test_endless_runs_stay_bounded_dense_at_both_ends_and_even_between(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trace_writer, "BATCH", 10_000)
    monkeypatch.setattr(trace_writer, "PAUSE", 0.002)
    budget, count = 300_000, 100_000
    writer = TraceWriter(path, Facts(), budget=budget)
    largest = 0
    for step in range(count):
        writer.write(COLUMNS, step, row(step))
        if step % 2000 == 0:
            wait_for(lambda: len(writer._queue) < 1000)
            largest = max(largest, path.stat().st_size)
    writer.close()
    assert writer.error is None
    assert 0.5 * budget < max(largest, path.stat().st_size) < budget + 2 * 10_000
    assert list(path.parent.iterdir()) == [path]
    found = values(load(path))
    steps = np.array(sorted(found))
    assert all(step == value for step, value in found.items())
    assert steps[:32].tolist() == list(range(32))
    assert steps[-200:].tolist() == list(range(count - 200, count))
    gaps, ages = np.diff(steps[32:]), count - steps[32:-1]
    assert np.all(gaps <= np.maximum(ages / 20, 1))  # far back is as well covered, for its distance, as yesterday
    assert gaps.max() > 64


def test_thinning_leaves_a_short_signal_alone(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trace_writer, "BATCH", 10_000)
    writer = TraceWriter(path, Facts(script="first.py"), budget=300_000)
    for step in range(60_000):
        writer.write(COLUMNS, step, row(step))
        if step % 300 == 0:
            writer.write(ALONE, step, row(step, 1))
    writer.facts(Facts(script="last.py"))
    writer.close()
    trace = load(path)
    assert len(values(trace)) < 20_000
    assert values(trace, "loss.train", "run") == {step: float(step) for step in range(0, 60_000, 300)}
    assert trace.facts.script == "last.py"


def test_columns_that_hardly_ever_repeat_stay_bounded_too(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trace_writer, "BATCH", 10_000)
    places = [Place(name=f"layers.{i}", kind="Linear") for i in range(16)]
    writer = TraceWriter(path, Facts(), budget=200_000)
    for step in range(8000):  # layers left out at random, as binary digits
        columns = tuple(("gradient.norm", place, "") for i, place in enumerate(places) if step >> i & 1 or i > 12)
        writer.write(columns, step, row(step, len(columns)))
        writer.write(ALONE, step, row(step, 1))
    writer.close()
    assert writer.error is None
    assert path.stat().st_size < 250_000
    found = values(load(path), "gradient.norm", "layers.15")
    assert len(found) > 200 and all(step == value for step, value in found.items())
    assert len(values(load(path), "loss.train", "run")) > 200


def test_facts_that_are_written_over_and_over_cost_no_rows(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trace_writer, "PAUSE", 0.0005)
    at_least = 0
    writer = TraceWriter(path, Facts(), budget=30_000)
    for step in range(100):
        writer.write(COLUMNS, step, row(step))
        writer.facts(Facts(steps=step, script="x" * 5000))
        wait_for(lambda: not writer._queue)
        at_least = max(at_least, path.stat().st_size)
    writer.close()
    assert len(values(load(path))) == 100 and 20_000 < at_least < 40_000
    assert peek(path).steps == 99


def test_facts_that_stay_the_same_are_written_once(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trace_writer, "PAUSE", 0.0005)
    writer = TraceWriter(path, Facts(script="x" * 5000))
    for _ in range(20):
        writer.facts(Facts(script="x" * 5000))
        wait_for(lambda: not writer._queue)
    writer.close()
    assert path.stat().st_size < 10_000


def test_thinning_goes_on_after_the_script_changed_its_folder(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(path.parent)
    writer = TraceWriter(Path("run.trace"), Facts(), budget=20_000)
    monkeypatch.chdir("/")
    for step in range(3000):
        writer.write(COLUMNS, step, row(step))
    writer.close()
    assert writer.error is None and path.stat().st_size <= 20_000


def test_a_disk_without_room_for_the_thinned_file_keeps_the_old_one(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", refuse)
    writer = TraceWriter(path, Facts(), budget=20_000)
    for step in range(3000):
        writer.write(COLUMNS, step, row(step))
    writer.close()
    assert writer.error is None and len(values(load(path))) == 3000
    assert list(path.parent.iterdir()) == [path]


# ------------------------------------------------------------------------------------------------ errors reach no training


class Unspeakable:
    def __str__(self) -> str:
        raise RuntimeError


def test_a_bad_row_costs_only_itself(path: Path) -> None:
    writer = TraceWriter(path, Facts())
    writer.write(COLUMNS, 1, row(1))
    writer.write(COLUMNS, 2, row(2, 3))
    writer.write((("a.b", "no place", ""),), 2, row(2, 1))  # type: ignore[arg-type]
    writer.write_many(COLUMNS, np.arange(2), np.zeros((3, 4), np.float32))
    writer.write(COLUMNS, 3, row(3))
    writer.facts(Facts(notes={"x": Unspeakable()}))  # type: ignore[dict-item]
    writer.close()
    assert isinstance(writer.error, ValueError) and "4" in str(writer.error)
    assert values(load(path)) == {1: 1.0, 3: 3.0}


def test_an_error_of_the_disk_is_kept_and_ends_the_writing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    writer = TraceWriter(path, Facts())

    def refuse(_frames: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(writer._log, "append", refuse)
    writer.write(COLUMNS, 1, row(1))
    wait_for(lambda: writer.error is not None)
    writer._thread.join()
    writer.write(COLUMNS, 2, row(2))
    writer.facts(Facts())
    assert not writer._queue
    writer.close()
    writer.close()
    assert isinstance(writer.error, OSError)
    assert load(path).signals == ()


def test_no_more_threads(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_self: object) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    writer = TraceWriter(path, Facts())
    writer.write(COLUMNS, 1, row(1))
    writer.close()
    assert isinstance(writer.error, RuntimeError) and not writer._queue


def test_two_runs_at_one_path_do_not_mix(path: Path) -> None:
    first = TraceWriter(path, Facts(script="first.py"), budget=20_000)
    second = TraceWriter(path, Facts(script="second.py"), budget=20_000)
    for step in range(2000):
        first.write(COLUMNS, step, row(-1))
    second.write(COLUMNS, 1, row(1))
    first.close()
    second.close()
    assert isinstance(first.error, FileExistsError) and second.error is None
    assert (values(load(path)), peek(path).script) == ({1: 1.0}, "second.py")


def test_a_place_that_cannot_be_written_is_said_at_once(tmp_path: Path) -> None:
    text = tmp_path / "train.py"
    text.write_text("import torch")
    for bad in (text / "run.trace", Path("/proc/none/run.trace"), tmp_path / "missing" / "run.trace", text, tmp_path, Path("/dev/null")):
        with pytest.raises(UsageError, match=str(bad)):
            TraceWriter(bad, Facts())
    assert text.read_text() == "import torch" and Path("/dev/null").exists()
    empty = tmp_path / "empty"
    empty.touch()
    TraceWriter(empty, Facts(script="new.py")).close()
    assert peek(empty).script == "new.py"


# ------------------------------------------------------------------------------------------------- files that are no trace


@pytest.mark.parametrize("read", [load, peek])
def test_what_is_not_a_trace_is_said_in_one_sentence_each(tmp_path: Path, read: object) -> None:
    file = tmp_path / "file"
    cases = {
        b"": "cut off",
        frames.MAGIC[:5]: "cut off",
        frames.MAGIC + b"\x01\0\0\0": "cut off",
        b"loss,step\n1,2\n": "not a trace",
        b"x": "not a trace",
        b"SQLite format 3\0" * 50: "not a trace",
        np.random.default_rng(0).bytes(5000): "not a trace",
        frames.MAGIC + b"\x02\0\0\0": "version 2",
        frames.MAGIC + b"\x01\0\0\0" + np.random.default_rng(0).bytes(5000): "changed",
    }
    for content, words in cases.items():
        file.write_bytes(content)
        with pytest.raises(TraceError, match=words) as raised:
            read(file)  # type: ignore[operator]
        assert str(file) in str(raised.value)
    for missing in (tmp_path / "missing", tmp_path):
        with pytest.raises(TraceError, match="could not be read"):
            read(missing)  # type: ignore[operator]


def test_a_newer_version_is_named(path: Path) -> None:
    written(path, 3)
    content = bytearray(path.read_bytes())
    content[len(frames.MAGIC)] = frames.VERSION + 1
    path.write_bytes(content)
    with pytest.raises(TraceError, match=f"version {frames.VERSION + 1}"):
        load(path)


def test_every_beginning_of_a_trace_is_a_trace_or_cut_off(path: Path) -> None:
    writer = TraceWriter(path, Facts(script="train.py"))
    for step in range(5):
        writer.write(COLUMNS, step, row(step))
        wait_for(lambda: not writer._queue)  # so that there are several frames
    writer.close()
    content, lengths = path.read_bytes(), []
    for end in range(len(content), -1, -1):
        os.truncate(path, end)
        try:
            lengths.append(len(values(load(path))))
        except TraceError as error:
            lengths.append(-1)
            assert "cut off" in str(error)
    assert lengths == sorted(lengths, reverse=True) and set(lengths) == {5, 4, 3, 2, 1, 0, -1}
    path.write_bytes(content + bytes(5000))  # a power cut
    assert len(values(load(path))) == 5


def test_no_changed_byte_goes_unseen(path: Path) -> None:
    written(path, 3)
    content = path.read_bytes()
    with path.open("r+b", buffering=0) as file:
        for at in range(len(content)):
            os.pwrite(file.fileno(), bytes([content[at] ^ 1]), at)
            with pytest.raises(TraceError):
                load(path)
            os.pwrite(file.fileno(), content[at : at + 1], at)


def test_flush_waits_until_all_is_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "flushed.trace"
    writer = TraceWriter(path, Facts())
    columns = (("loss.value", Place(name="run", kind="run"), "loss"),)
    for step in range(50):
        writer.write(columns, step, np.asarray([step], np.float32))
    writer.flush()
    assert len(load(path).signals[0]) == 50
    assert len(load(str(path)).signals[0]) == 50
    writer.close()
    writer.flush()  # afterwards it returns at once
