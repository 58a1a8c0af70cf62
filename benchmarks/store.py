"""What a trace costs, against the formats one would take instead.

python benchmarks/store.py            everything, about two minutes
python benchmarks/store.py --quick    without the run of 1,000,000 steps
"""

from __future__ import annotations

import json
import sqlite3
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from unstuck.records import Facts, Place
from unstuck.store import load, peek
from unstuck.trace_writer import TraceWriter

PLACES = tuple(Place(name=f"net.{i}", kind="Linear", order=i, file="train.py", line=i, shape=(64, 64)) for i in range(100))
COLUMNS = tuple((f"subject.quantity{i}", place, "") for i in range(25) for place in PLACES)
ROWS = np.random.default_rng(0).normal(size=(64, len(COLUMNS))).astype(np.float32)
STEPS = 10_000
FLUSH = 20  # rows between two flushes: 100 rows per second, five flushes
WHOLE = 10**10  # bytes; a budget under which nothing is thinned out


def timed(work: Callable[[], object], repeats: int = 7) -> float:
    """Seconds of the fastest repeat: the others measure whatever else the machine does."""
    taken = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return min(taken)


# Every format: write(path) flushes like a running training and returns (seconds of processor time, files there are before the end).


def write_frames(path: Path) -> tuple[float, int]:
    start = time.process_time()
    writer = TraceWriter(path, Facts(places=PLACES), budget=WHOLE)
    for step in range(STEPS):
        writer.write(COLUMNS, step, ROWS[step % 64])
        if step % 500 == 0:
            while writer._queue:
                time.sleep(0.01)
    files = len(list(path.parent.iterdir()))
    writer.close()
    return time.process_time() - start, files


def write_sqlite(path: Path) -> tuple[float, int]:
    start = time.process_time()
    base = sqlite3.connect(path)
    base.executescript("pragma journal_mode=wal; pragma synchronous=off; create table block (first integer, steps blob, rows blob);")
    for step in range(0, STEPS, FLUSH):
        rows = ROWS[np.arange(step, step + FLUSH) % 64]
        base.execute("insert into block values (?, ?, ?)", (step, np.arange(step, step + FLUSH).tobytes(), rows.tobytes()))
        base.commit()
    files = len(list(path.parent.iterdir()))
    base.close()
    return time.process_time() - start, files


def load_sqlite(path: Path) -> np.ndarray:
    base = sqlite3.connect(path)
    blobs = [row for (row,) in base.execute("select rows from block order by first")]
    values = np.empty((len(COLUMNS), STEPS), np.float32)
    for at, blob in enumerate(blobs):
        values[:, at * FLUSH : (at + 1) * FLUSH] = np.frombuffer(blob, np.float32).reshape(FLUSH, -1).T
    return values


def write_json(path: Path) -> tuple[float, int]:
    start = time.process_time()
    with path.open("w", buffering=1) as file:
        for step in range(STEPS // 10):
            file.write(json.dumps({"step": step, "values": ROWS[step % 64].tolist()}) + "\n")
    return (time.process_time() - start) * 10, 1


def load_json(path: Path) -> np.ndarray:
    with path.open() as file:
        return np.array([json.loads(line)["values"] for line in file], np.float32).T.copy()


def write_npz(path: Path) -> tuple[float, int]:
    values = ROWS[np.arange(STEPS) % 64]
    with path.open("wb") as file:
        start = time.process_time()
        np.savez(file, values=values)
    # an archive cannot grow: every flush would write all rows again, on average half of them
    return (time.process_time() - start) / 2 * (STEPS / FLUSH), 1


def load_npz(path: Path) -> np.ndarray:
    with np.load(path) as file:
        return np.ascontiguousarray(file["values"].T)


def compare(folder: Path) -> None:
    print(f"{STEPS:,} steps x {len(COLUMNS):,} columns, {STEPS * len(COLUMNS) * 4 / 1e6:.0f} MB of float32; a flush every {FLUSH} rows")
    print("format          write, CPU s   load s      MB   files during the run")
    for name, write, read, part in (
        ("frames (ours)", write_frames, load, 1),
        ("SQLite, WAL", write_sqlite, load_sqlite, 1),
        ("npz, rewritten", write_npz, load_npz, 1),
        ("JSON lines", write_json, load_json, 10),  # a tenth of the steps, times ten
    ):
        path = folder / "run"
        seconds, files = write(path)
        taken = timed(lambda read=read, path=path: read(path)) * part
        print(f"{name:15s} {seconds:12.2f} {taken:8.3f} {path.stat().st_size * part / 1e6:7.1f}   {files}")
        path.unlink()


def hot_path(folder: Path) -> None:
    writer = TraceWriter(folder / "hot", Facts())
    taken = []
    for step in range(20_000):
        start = time.perf_counter()
        writer.write(COLUMNS, step, ROWS[step % 64])
        taken.append(time.perf_counter() - start)
        if step % 100 == 0:
            time.sleep(0.005)
    writer.close()
    print(f"one write() on the training thread: median {np.median(taken) * 1e6:.2f} us, 99 % {np.quantile(taken, 0.99) * 1e6:.2f} us")


def gaps_of(seconds: float, during: Callable[[int], None]) -> np.ndarray:
    """Seconds between ticks of a thread that does nothing but Python: what the interpreter lock costs it."""
    ticks = []
    end = time.perf_counter() + seconds
    step = 0
    while (now := time.perf_counter()) < end:
        ticks.append(now)
        if len(ticks) % 100 == 0 and now > end - seconds + step / 500:  # 500 rows per second, far more than is ever sampled
            during(step)
            step += 1
    return np.diff(ticks)


def stalls(folder: Path) -> None:
    for name, budget in (("without a writer", 0), ("500 rows/s", WHOLE), ("500 rows/s, thinned all the time", 15_000_000)):
        writer = TraceWriter(folder / "stall", Facts(), budget=budget) if budget else None
        gaps = gaps_of(4, lambda step, w=writer: w.write(COLUMNS, step, ROWS[step % 64]) if w else None)
        if writer:
            writer.close()
        lost = gaps[gaps > 1e-4].sum() / gaps.sum()
        print(f"training thread, {name}: held up {lost:.2%} of the time, at most {gaps.max() * 1e3:.1f} ms at once")


def endless(folder: Path, steps: int = 1_000_000) -> None:
    path = folder / "endless"
    writer = TraceWriter(path, Facts(places=PLACES))
    largest = 0
    start = time.process_time()
    for step in range(steps):
        writer.write(COLUMNS, step, ROWS[step % 64])
        if step % 500 == 0:
            largest = max(largest, path.stat().st_size)
            while len(writer._queue) > 500:
                time.sleep(0.002)
    writer.close()
    each = (time.process_time() - start) / steps
    size, rows = path.stat().st_size, len(load(path).signals[0])
    print(f"{steps:,} steps: {size / 1e6:.1f} MB, at most {largest / 1e6:.1f} MB, {rows:,} rows left, error {writer.error}")
    print(f"  {each * 1e6:.0f} us of processor time per row, thinning included")
    print(f"  loads in {timed(lambda: load(path)):.3f} s, facts alone in {timed(lambda: peek(path)) * 1e3:.1f} ms")


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        compare(folder)
        hot_path(folder)
        stalls(folder)
        if "--quick" not in sys.argv:
            endless(folder)
    assert threading.active_count() == 1


if __name__ == "__main__":
    main()
