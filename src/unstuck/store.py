"""A trace on disk: one file per run that only grows, and opens whatever happened to the process that wrote it.

    header | frame | frame | ...        frame = kind, layout, length, checksums, then as many bytes as it says

A frame holds the facts (the last ones count), names of places and columns, a layout (the columns of a row), or rows of one layout:
step, order of writing, number within the layout, float32 values. What the operating system has been given survives `kill -9`; a frame
that ends too early is the end of the file. No pickles, no locks, no side files: reading needs read access and nothing else.

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

import atexit
import json
import mmap
import os
import struct
import threading
import zlib
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO, TypeVar

import msgspec
import numpy as np

from unstuck.errors import TraceError, UsageError
from unstuck.language import _
from unstuck.records import Facts, Place, Signal, Trace

Column = tuple[str, Place, str]  # signal name, place, unit
T = TypeVar("T")

VERSION = 1
#: First bytes of every trace; the first one is no text and the line end gives away a copy made in text mode, as in PNG.
MAGIC = b"\x89unstuck trace\r\n"
#: Bytes from which on old rows are thinned out; our choice: 100 MB less a batch of rows and whatever the last facts need.
BUDGET = 90_000_000
#: The first rows of every layout are not thinned out: many faults show there. Our choice.
FIRST = 32
#: Seconds between two writes: what a kill can cost.
PAUSE = 0.2
#: Bytes of rows that are put together at a time.
BATCH = 4_000_000

_HEADER = struct.Struct("<16sI")  # magic, version
_FRAME = struct.Struct("<BxxxIII")  # kind, layout, length and CRC-32 of the content
_CHECK = struct.Struct("<I")  # CRC-32 of those 16 bytes: a damaged length would pass for the end of the file
_HEAD = _FRAME.size + _CHECK.size
_FACTS, _NAMES, _LAYOUT, _ROWS = range(1, 5)


@dataclass(frozen=True)
class _Names:
    """What a layout refers to: columns by their position in the whole file, places by name (the last one counts)."""

    places: list[Place]
    columns: list[tuple[str, str, str]]  # signal name, name of the place, unit


def _row(columns: int) -> np.dtype[np.void]:
    return np.dtype([("step", "<i8"), ("written", "<i8"), ("number", "<u4"), ("values", "<f4", (columns,))])


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return dict(value)
    return value.item() if isinstance(value, np.generic) else str(value)


def _pack(record: object) -> bytes:
    # MessagePack, because JSON has no NaN (msgspec writes null). It takes neither file names that are not UTF-8 nor integers beyond
    # 64 bits; Python's own JSON takes all of it, twenty times slower. A packed record never starts with "{".
    try:
        return msgspec.msgpack.encode(record, enc_hook=_plain)
    except (UnicodeEncodeError, OverflowError):
        return json.dumps(msgspec.to_builtins(record, enc_hook=_plain)).encode()


def _unpack(content: bytes | memoryview, kind: type[T]) -> T:
    return msgspec.convert(json.loads(bytes(content)), kind) if content[:1] == b"{" else msgspec.msgpack.decode(content, type=kind)


def _frame(kind: int, content: bytes, layout: int = 0) -> bytes:
    head = _FRAME.pack(kind, layout, len(content), zlib.crc32(content))
    return b"".join((head, _CHECK.pack(zlib.crc32(head)), content))


# --------------------------------------------------------------------------------------------------------- writing


def _first_bytes(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(len(MAGIC))


def _create(path: Path) -> BinaryIO:
    try:
        if path.exists() and not (path.is_file() and MAGIC.startswith(_first_bytes(path))):
            text = _(
                "A trace goes into a new file or replaces an older trace. {path} exists and is something else, so it was left alone. "
                "Probably the path of a folder or of another file was given. Name another path."
            )
            raise UsageError(text.format(path=path))
        path.unlink(missing_ok=True)  # whoever reads the old run keeps its file
        return path.open("xb", buffering=0)
    except OSError as error:
        text = _(
            "A trace is one file in a folder that exists and can be written. {path} could not be created: {reason}. "
            "Probably the folder is missing, is read-only, or its disk is full. Create the folder or name another path."
        )
        raise UsageError(text.format(path=path, reason=error.strerror or error)) from error


class _Log:
    """The growing file, as the one thread sees it that writes it."""

    def __init__(self, path: Path, facts: Facts, budget: int) -> None:
        self.path, self.budget = path, budget
        self.facts = _pack(facts)
        self.places: dict[str, Place] = {}
        self.columns: dict[tuple[str, str, str], int] = {}
        self.layouts: dict[bytes, int] = {}  # columns as int32 -> number of the layout
        self.seen: dict[int, tuple[Sequence[Column], int]] = {}  # id -> the object itself (so the id stays taken), its layout
        self.types: list[np.dtype[np.void]] = []  # of the rows of every layout
        self.counts: list[int] = []  # rows of every layout so far
        self.pending: list[bytes] = []  # frames that must stand before the next rows
        self.written = 0
        self.size, self.limit, self.dense = 0, budget, float(budget)
        self.file = _create(path)
        self.append([_HEADER.pack(MAGIC, VERSION), _frame(_FACTS, self.facts)])

    def append(self, frames: Sequence[bytes]) -> None:
        data = memoryview(b"".join(frames))
        self.size += len(data)
        while data:
            data = data[self.file.write(data) :]
        if self.size > self.limit:
            self.thin()

    def name(self, columns: Sequence[Column]) -> list[int]:
        """Numbers of the columns; new ones are written down first."""
        places: dict[str, Place] = {}
        names: dict[tuple[str, str, str], int] = {}
        numbers = []
        for signal, place, unit in columns:
            old = self.places.get(place.name)
            # The shape may differ at every step (the last batch, sentences): the first one seen stands for all.
            if old is not place and (old is None or replace(place, shape=old.shape) != old):
                places[place.name] = place
            name = (signal, place.name, unit)
            numbers.append(self.columns[name] if name in self.columns else names.setdefault(name, len(self.columns) + len(names)))
        if places or names:
            self.pending.append(_frame(_NAMES, _pack(_Names(list(places.values()), list(names)))))
            self.places |= places
            self.columns |= names
        return numbers

    def layout(self, columns: Sequence[Column]) -> int:
        if id(columns) in self.seen:
            return self.seen[id(columns)][1]
        content = np.array(self.name(columns), "<i4").tobytes()
        if content not in self.layouts:
            self.layouts[content] = len(self.counts)
            self.pending.append(_frame(_LAYOUT, content, len(self.counts)))
            self.types.append(_row(len(columns)))
            self.counts.append(0)
        if len(self.seen) > 1000:  # somebody makes a new tuple for every step
            self.seen.clear()
        self.seen[id(columns)] = (columns, self.layouts[content])
        return self.layouts[content]

    def rows(self, columns: Sequence[Column], steps: int | np.ndarray, values: np.ndarray) -> tuple[int, bytes]:
        """The number of the layout, and the rows as they are stored."""
        stamps, numbers = np.asarray(steps, np.int64), np.asarray(values, np.float32)
        if numbers.shape != (*stamps.shape, len(columns)):
            raise ValueError(f"values of shape {(*stamps.shape, len(columns))} expected, {numbers.shape} given")
        layout = self.layout(columns)
        table = np.empty(stamps.size, self.types[layout])
        table["step"], table["values"], table["written"] = stamps, numbers, self.written
        table["number"] = np.arange(self.counts[layout], self.counts[layout] + stamps.size)
        self.counts[layout] += stamps.size
        self.written += 1
        return layout, table.tobytes()

    def write(self, rows: dict[int, list[bytes]], facts: bytes | None) -> None:
        frames = self.pending + [_frame(_ROWS, b"".join(parts), layout) for layout, parts in rows.items()]
        if facts is not None and facts != self.facts:
            frames.append(_frame(_FACTS, facts))
            self.facts = facts
        self.pending = []
        self.append(frames)

    def thin(self) -> None:
        """Write the file anew with fewer old rows; where there is no room for that, leave it and try again later."""
        if not os.path.samestat(os.fstat(self.file.fileno()), os.stat(self.path)):
            raise FileExistsError(f"{self.path} was replaced while it was being written")
        new = self.path.with_name(self.path.name + ".thin")
        try:
            with new.open("wb") as file:
                file.writelines(self._thinned())
            self.file.close()  # Windows replaces no open file; whoever reads elsewhere keeps the old one
            os.replace(new, self.path)
            self.size = self.path.stat().st_size
            self.limit = max(self.budget, self.size * 5 // 4)
        except OSError:
            self.limit = self.size + self.budget // 10
            with suppress(OSError):
                new.unlink()
        if self.file.closed:
            self.file = self.path.open("ab", buffering=0)

    def _thinned(self) -> Iterator[bytes]:
        yield _HEADER.pack(MAGIC, VERSION) + _frame(_FACTS, self.facts)
        names = _frame(_NAMES, _pack(_Names(list(self.places.values()), list(self.columns))))
        yield names
        room = self.budget * 0.6 - len(names) - len(self.facts)  # our choice; the rest is for what comes until the next time
        parts = self._parts(room)
        numbers = {layout: np.concatenate([table["number"] for table in tables]) for layout, tables in parts.items()}
        first = self.budget / 4 / max(len(parts), 1)  # bytes
        while True:
            kept = {layout: _kept(of, self.types[layout].itemsize, self.dense, first) for layout, of in numbers.items()}
            if self.dense < 1 or sum(int(mask.sum()) * self.types[layout].itemsize for layout, mask in kept.items()) <= room:
                break
            self.dense *= 0.8
        for content, layout in self.layouts.items():
            yield _frame(_LAYOUT, content, layout)
            at = 0
            for table in parts[layout]:
                rows = table[kept[layout][at : at + len(table)]]
                at += len(table)
                if len(rows):
                    yield _frame(_ROWS, rows.tobytes(), layout)

    def _parts(self, room: float) -> dict[int, list[np.ndarray]]:
        with self.path.open("rb") as file:
            data = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))  # less memory than reading; nobody shortens it
        parts: dict[int, list[np.ndarray]] = {}
        for _kind, layout, rows in _frames(lambda at, size: data[at : at + size], {_ROWS}):
            parts.setdefault(layout, []).append(np.frombuffer(rows, self.types[layout]))
        while len(parts) > 2 * FIRST and sum(2 * self.types[layout].itemsize for layout in parts) > room / 2:
            # Layouts that hardly repeat (layers left out at random): every second one of the older three quarters goes.
            for layout in list(parts)[FIRST : len(parts) * 3 // 4 : 2]:
                del parts[layout]
        self.layouts = {content: layout for content, layout in self.layouts.items() if layout in parts}
        self.seen.clear()
        return parts


def _kept(number: np.ndarray, row: int, dense: float, first: float) -> np.ndarray:
    """Which rows stay: the first ones, the newest `dense` bytes of them, and of those n times as old every 2^ceil(log2 n)-th."""
    age = number[-1] - number.astype(np.int64)
    stride = 1 << np.ceil(np.log2(np.maximum(age / max(dense // row, 1), 1))).astype(np.int64)
    # By number, not by position: what is left stays evenly spaced however often this is done, and old rows never die out.
    kept: np.ndarray = (number % stride == 0) | (number < min(FIRST, max(first // row, 1))) | (age == 0)
    return kept


_Item = Facts | threading.Event | tuple[Sequence[Column], int | np.ndarray, np.ndarray]
_open: set[TraceWriter] = set()


class TraceWriter:
    """Writes the trace of a running training, in a thread of its own; nothing that goes wrong there reaches the training.

    `error` is the first thing that went wrong. Arrays are taken over, not copied: do not change them afterwards.
    A forked child writes nothing.
    """

    def __init__(self, path: Path, facts: Facts, *, budget: int = BUDGET) -> None:
        self.path = Path(os.path.realpath(path))  # the script may change its folder, and thinning opens the file again
        self.error: BaseException | None = None
        self._queue: deque[_Item] = deque()
        self._end = threading.Event()
        self._log = _Log(self.path, facts, budget)
        self._on = True
        self._thread = threading.Thread(target=self._run, name="unstuck-trace", daemon=True)
        _open.add(self)
        atexit.register(self.close)
        try:
            self._thread.start()
        except RuntimeError as error:  # no more threads
            self._stop(error)

    def write(self, columns: Sequence[Column], step: int, values: np.ndarray) -> None:
        """One row: values [columns] at one step. Give the same tuple of columns again and again."""
        if self._on:
            self._queue.append((columns, step, values))

    def write_many(self, columns: Sequence[Column], steps: np.ndarray, values: np.ndarray) -> None:
        """Rows of several steps: steps [T], values [T, columns]."""
        if self._on:
            self._queue.append((columns, steps, values))

    def facts(self, facts: Facts) -> None:
        """Replace the facts."""
        if self._on:
            self._queue.append(facts)

    def flush(self, timeout_s: float = 5.0) -> None:
        """Wait until what was queued so far is in the file, at most so long."""
        if self._on:
            written = threading.Event()
            self._queue.append(written)
            written.wait(timeout_s)

    def close(self) -> None:
        """Write what is queued and end the file; again is harmless."""
        atexit.unregister(self.close)
        _open.discard(self)
        if self._on:
            self._end.set()
            self._thread.join(timeout=30)  # seconds; a disk that hangs must not keep the script from ending
            self._on = False
            if self._thread.is_alive():
                self.error = self.error or TimeoutError(f"{self.path} was not written to its end within 30 s")

    def _run(self) -> None:
        try:
            with np.errstate(all="ignore"):
                ended = False
                while not ended:
                    ended = self._end.wait(PAUSE)
                    self._write_queue()
            self._stop(None)
        except BaseException as error:
            self._stop(error)

    def _write_queue(self) -> None:
        while self._queue:
            facts: Facts | None = None
            rows: dict[int, list[bytes]] = {}
            waiting: list[threading.Event] = []
            size = 0
            for _turn in range(len(self._queue)):  # and no more, or a training that writes faster than this reads would never be flushed
                item = self._queue.popleft()
                if isinstance(item, Facts):
                    facts = item
                    continue
                if isinstance(item, threading.Event):
                    waiting.append(item)
                    continue
                try:
                    layout, content = self._log.rows(*item)
                except Exception as error:  # one bad row costs nothing but itself
                    self.error = self.error or error
                    continue
                if content:
                    rows.setdefault(layout, []).append(content)
                size += len(content)
                if size > BATCH:
                    break
            self._log.write(rows, self._packed(facts))
            for event in waiting:
                event.set()

    def _packed(self, facts: Facts | None) -> bytes | None:
        try:
            return None if facts is None else _pack(facts)
        except Exception as error:
            self.error = self.error or error
            return None

    def _stop(self, error: BaseException | None) -> None:
        self._on = False
        self.error = self.error or error
        self._queue.clear()
        with suppress(OSError):
            self._log.file.close()


def _stop_in_child() -> None:
    # Only a flag: the child shares the file's position with its parent, and may have been forked in the middle of anything.
    for writer in _open:
        writer._on = False
    _open.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_stop_in_child)


# --------------------------------------------------------------------------------------------------------- reading


_Get = Callable[[int, int], bytes | memoryview]  # position, length -> the bytes there, fewer at the end of the file


def _frames(get: _Get, kinds: Set[int]) -> Iterator[tuple[int, int, bytes | memoryview]]:
    """Kind, layout and content of the frames of these kinds, up to where the file ends, be it in the middle of one."""
    at = _HEADER.size
    while len(head := get(at, _HEAD)) == _HEAD:
        kind, layout, length, check = _FRAME.unpack_from(head)
        if _CHECK.unpack_from(head, _FRAME.size)[0] != zlib.crc32(head[: _FRAME.size]):
            if not any(get(at, 1 << 16)):
                return  # zeros where a power cut left what had not reached the disk
            raise ValueError(f"no frame at byte {at}")
        if kind in kinds:
            content = get(at + _HEAD, length)
            if len(content) < length:
                return
            if zlib.crc32(content) != check:
                raise ValueError(f"other bytes than written, from byte {at}")
            yield kind, layout, content
        at += _HEAD + length


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    try:
        with path.open("rb", buffering=0) as file:
            _check_header(path, file.read(_HEADER.size))
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
    version = _HEADER.unpack(head)[1] if len(head) == _HEADER.size else VERSION
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
    return _unpack(content, Facts)


def peek(path: Path | str) -> Facts:
    """The facts of a run without its signals."""
    path = Path(path)
    with _opened(path) as file:

        def get(at: int, size: int) -> bytes:
            file.seek(at)
            return file.read(size)

        found = [content for _kind, _layout, content in _frames(get, {_FACTS})]
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
        for kind, layout, content in _frames(lambda at, size: data[at : at + size], {_FACTS, _NAMES, _LAYOUT, _ROWS}):
            if kind == _FACTS:
                facts = content
            elif kind == _NAMES:
                names = _unpack(content, _Names)
                places |= {place.name: place for place in names.places}
                columns += names.columns
            elif kind == _LAYOUT:
                layouts[layout] = np.frombuffer(content, "<i4")
            elif kind == _ROWS:
                rows.setdefault(layout, []).append(np.frombuffer(content, _row(len(layouts[layout]))))
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
