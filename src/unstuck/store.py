"""A trace on disk: one file per run that only grows, and opens whatever happened to the process that wrote it.

`frames.py` says what its bytes are, `trace_log.py` keeps the growing file, `trace_writer.py` writes while a training runs; here it is read.
What the operating system has been given survives `kill -9`. No locks, no side files: reading needs read access and nothing else.

Why not SQLite in WAL mode, npz or JSON lines: `python benchmarks/store.py` (Python 3.11, two busy cores, ext4), 10,000 steps x 100 places x
25 signals = 100 MB of float32, flushed every 20 rows:

    format            written, CPU s   loaded, s    MB   files during the run
    this one                    0.33        0.25   100   1
    SQLite, WAL                 0.23        0.89   100   3 (15 flushes in, the one that gets copied is empty)
    npz, rewritten             64.8         0.30   100   1
    JSON lines                 12.4        20.8    516   1

SQLite would also bring locks, which network disks do not keep and a fork breaks. On the training thread one `write` takes 0.2 us.
With the default budget 1,000,000 such steps stayed below 94 MB; what was left (48 to 86 MB) loaded in 0.09 to 0.23 s, facts alone in 3 ms.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import msgspec
import numpy as np

from unstuck.errors import TraceError
from unstuck.frames import FACTS, HEADER, LAYOUT, MAGIC, NAMES, ROWS, VERSION, Names, frames, row, unpack
from unstuck.language import _
from unstuck.records import Facts, Place, Signal, Trace


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    try:
        with path.open("rb", buffering=0) as file:
            _check_header(path, file.read(HEADER.size))
            yield file
    except OSError as error:
        text = _(
            "A trace is a file that can be read. {path} could not be read: {reason}. "
            "Probably the path is mistyped or the run that was to write it has not started. Check the path."
        )
        raise TraceError(text.format(path=path, reason=error.strerror or error)) from error
    except (ValueError, LookupError, msgspec.MsgspecError) as error:
        text = _(
            "A trace holds what was written to it, byte for byte. {path} was changed afterwards: {reason}. "
            "Probably it was edited, or a copy or the disk damaged it. Copy it again or repeat the run."
        )
        raise TraceError(text.format(path=path, reason=error)) from error


def _check_header(path: Path, head: bytes) -> None:
    if head[: len(MAGIC)] != MAGIC and not MAGIC.startswith(head):
        text = _(
            "A trace begins with {magic}. {path} begins with {head}, so it is not a trace. "
            "Probably the path of another file was given. Name a file that a run of unstuck wrote."
        )
        raise TraceError(text.format(path=path, magic=MAGIC, head=head[: len(MAGIC)]))
    version = HEADER.unpack(head)[1] if len(head) == HEADER.size else VERSION
    if version < 1:
        raise ValueError(f"version {version} never was")
    if version > VERSION:
        text = _(
            "This unstuck reads traces of format version {known} and older. {path} has version {version}. "
            "Probably a newer unstuck wrote it. Update unstuck, or read the trace where it was written."
        )
        raise TraceError(text.format(path=path, known=VERSION, version=version))


def _facts(path: Path, content: bytes | memoryview | None) -> Facts:
    if content is None:
        text = _(
            "A trace begins with the facts of its run. {path} is cut off before their end, after {size} bytes. "
            "Probably a copy broke off or the disk was full. Copy it again or repeat the run."
        )
        raise TraceError(text.format(path=path, size=path.stat().st_size))
    return unpack(content, Facts)


def peek(path: Path | str) -> Facts:
    """The facts of a run without its signals."""
    path = Path(path)
    with _opened(path) as file:

        def get(at: int, size: int) -> bytes:
            file.seek(at)
            return file.read(size)

        found = [content for _kind, _layout, content in frames(get, {FACTS})]
        return _facts(path, found[-1] if found else None)


def load(path: Path | str) -> Trace:
    """A run as far as it has been written; it may still be going on.

    Raises TraceError for anything that is not a trace, is cut off or damaged, or was written by a newer version.
    """
    path = Path(path)
    facts = None
    places: dict[str, Place] = {}
    columns: list[tuple[str, str, str]] = []
    layouts: dict[int, np.ndarray] = {}  # positions in columns
    rows: dict[int, list[np.ndarray]] = {}
    with _opened(path) as file:
        file.seek(0)  # the same file that was looked at, should thinning put another in its place
        data = memoryview(np.fromfile(file, np.uint8).data)
        for kind, layout, content in frames(lambda at, size: data[at : at + size], {FACTS, NAMES, LAYOUT, ROWS}):
            if kind == FACTS:
                facts = content
            elif kind == NAMES:
                names = unpack(content, Names)
                places |= {place.name: place for place in names.places}
                columns += names.columns
            elif kind == LAYOUT:
                layouts[layout] = np.frombuffer(content, "<i4")
            elif kind == ROWS:
                rows.setdefault(layout, []).append(np.frombuffer(content, row(len(layouts[layout]))))
        seen = _facts(path, facts)
        layers = {p.name: p for p in seen.places if p.name in DOOR}
        return Trace(seen, _signals(places, layers, [([columns[i] for i in layouts[key]], rows[key]) for key in rows]))


_Series = tuple[np.ndarray, np.ndarray, np.ndarray, str]  # steps, order of writing, values; unit
#: Places of what the model is given and gives. A layer may bear the same name (`self.output = nn.Linear(...)`): "output.std" is then of the
#: door, "gradient.norm" of the layer.
DOOR = ("input", "target", "output")


def _signals(
    places: dict[str, Place], layers: dict[str, Place], layouts: list[tuple[list[tuple[str, str, str]], list[np.ndarray]]]
) -> tuple[Signal, ...]:
    series: dict[tuple[str, str], list[_Series]] = {}
    for columns, tables in layouts:
        steps, written, values = _arrays(tables)
        for (name, place, unit), column in zip(columns, values, strict=True):
            series.setdefault((name, place), []).append((steps, written, column, unit))
    return tuple(
        _signal(name, layers[place] if place in layers and not name.startswith(f"{place}.") else places[place], parts)
        for (name, place), parts in series.items()
    )


def _arrays(tables: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Steps [T] ascending, order of writing [T], values [columns, T]."""
    steps = np.concatenate([table["step"] for table in tables]).astype(np.int64)
    written = np.concatenate([table["written"] for table in tables])
    values = np.empty((tables[0]["values"].shape[1], len(steps)), np.float32)
    at = 0
    for table in tables:
        for start in range(0, len(table), 64):  # pieces that fit into the cache
            part = table["values"][start : start + 64]
            values[:, at : at + len(part)] = part.T
            at += len(part)
    if np.any(steps[1:] <= steps[:-1]):
        last = _last(steps, written)
        steps, written, values = steps[last], written[last], values[:, last]
    steps.flags.writeable = values.flags.writeable = False  # all signals of a layout share them
    return steps, written, values


def _last(steps: np.ndarray, written: np.ndarray) -> np.ndarray:
    """Indices by ascending step; of equal steps only what was written last."""
    order = np.lexsort((written, steps))
    last: np.ndarray = order[np.append(steps[order][1:] != steps[order][:-1], True)]
    return last


def _signal(name: str, place: Place, parts: list[_Series]) -> Signal:
    steps, written, values, unit = parts[0]
    if len(parts) > 1:
        steps, written, values = (np.concatenate(arrays) for arrays in list(zip(*parts, strict=True))[:3])
        last = _last(steps, written)
        steps, values = steps[last], values[last]
        unit = max(parts, key=lambda part: int(part[1].max()))[3]
    return Signal(name=name, place=place, unit=unit, steps=steps, values=values)
