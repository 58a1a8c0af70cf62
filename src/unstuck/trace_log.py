"""The growing file of a trace, as the one thread sees it that writes it; where it grows too large, old rows thin out geometrically."""

from __future__ import annotations

import mmap
import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

import numpy as np

from unstuck.errors import UsageError
from unstuck.frames import FACTS, HEADER, LAYOUT, MAGIC, NAMES, ROWS, VERSION, Names, frame, frames, pack, row
from unstuck.language import _
from unstuck.records import Facts, Place

Column = tuple[str, Place, str]  # signal name, place, unit
#: Bytes from which on old rows are thinned out; our choice: 100 MB less a batch of rows and whatever the last facts need.
BUDGET = 90_000_000
#: The first rows of every layout are not thinned out: many faults show there. Our choice.
FIRST = 32


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


class Log:
    """The growing file, as the one thread sees it that writes it."""

    def __init__(self, path: Path, facts: Facts, budget: int) -> None:
        self.path, self.budget = path, budget
        self.facts = pack(facts)
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
        self.append([HEADER.pack(MAGIC, VERSION), frame(FACTS, self.facts)])

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
            self.pending.append(frame(NAMES, pack(Names(list(places.values()), list(names)))))
            self.places |= places
            self.columns |= names
        return numbers

    def layout(self, columns: Sequence[Column]) -> int:
        if id(columns) in self.seen:
            return self.seen[id(columns)][1]
        content = np.array(self.name(columns), "<i4").tobytes()
        if content not in self.layouts:
            self.layouts[content] = len(self.counts)
            self.pending.append(frame(LAYOUT, content, len(self.counts)))
            self.types.append(row(len(columns)))
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
        frames = self.pending + [frame(ROWS, b"".join(parts), layout) for layout, parts in rows.items()]
        if facts is not None and facts != self.facts:
            frames.append(frame(FACTS, facts))
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
        yield HEADER.pack(MAGIC, VERSION) + frame(FACTS, self.facts)
        names = frame(NAMES, pack(Names(list(self.places.values()), list(self.columns))))
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
            yield frame(LAYOUT, content, layout)
            at = 0
            for table in parts[layout]:
                rows = table[kept[layout][at : at + len(table)]]
                at += len(table)
                if len(rows):
                    yield frame(ROWS, rows.tobytes(), layout)

    def _parts(self, room: float) -> dict[int, list[np.ndarray]]:
        with self.path.open("rb") as file:
            data = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))  # less memory than reading; nobody shortens it
        parts: dict[int, list[np.ndarray]] = {}
        for _kind, layout, rows in frames(lambda at, size: data[at : at + size], {ROWS}):
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
