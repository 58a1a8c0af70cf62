"""The bytes of a trace: a header, and frames one behind the other.

    header | frame | frame | ...        frame = kind, layout, length, checksums, then as many bytes as it says

A frame holds the facts (the last ones count), names of places and columns, a layout (the columns of a row), or rows of one layout:
step, order of writing, number within the layout, float32 values. A frame that ends too early is the end of the file. No pickles.
"""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Callable, Iterator, Mapping, Set
from dataclasses import dataclass
from typing import TypeVar

import msgspec
import numpy as np

from unstuck.records import Place

FACTS, NAMES, LAYOUT, ROWS = range(1, 5)
T = TypeVar("T")
VERSION = 1
#: First bytes of every trace; the first one is no text and the line end gives away a copy made in text mode, as in PNG.
MAGIC = b"\x89unstuck trace\r\n"
HEADER = struct.Struct("<16sI")  # magic, version
HEAD = struct.Struct("<BxxxIII")  # kind, layout, length and CRC-32 of the content
CHECK = struct.Struct("<I")  # CRC-32 of those 16 bytes: a damaged length would pass for the end of the file
HEAD_BYTES = HEAD.size + CHECK.size


@dataclass(frozen=True)
class Names:
    """What a layout refers to: columns by their position in the whole file, places by name (the last one counts)."""

    places: list[Place]
    columns: list[tuple[str, str, str]]  # signal name, name of the place, unit


def row(columns: int) -> np.dtype[np.void]:
    """One row of a layout with so many columns, as it is stored."""
    return np.dtype([("step", "<i8"), ("written", "<i8"), ("number", "<u4"), ("values", "<f4", (columns,))])


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return dict(value)
    return value.item() if isinstance(value, np.generic) else str(value)


def pack(record: object) -> bytes:
    """A record as bytes."""
    # MessagePack, because JSON has no NaN (msgspec writes null). It takes neither file names that are not UTF-8 nor integers beyond
    # 64 bits; Python's own JSON takes all of it, twenty times slower. A packed record never starts with "{".
    try:
        return msgspec.msgpack.encode(record, enc_hook=_plain)
    except (UnicodeEncodeError, OverflowError):
        return json.dumps(msgspec.to_builtins(record, enc_hook=_plain)).encode()


def unpack(content: bytes | memoryview, kind: type[T]) -> T:
    """The record that was packed."""
    return msgspec.convert(json.loads(bytes(content)), kind) if content[:1] == b"{" else msgspec.msgpack.decode(content, type=kind)


def frame(kind: int, content: bytes, layout: int = 0) -> bytes:
    """A frame with its checksums."""
    head = HEAD.pack(kind, layout, len(content), zlib.crc32(content))
    return b"".join((head, CHECK.pack(zlib.crc32(head)), content))


_Get = Callable[[int, int], bytes | memoryview]  # position, length -> the bytes there, fewer at the end of the file


def frames(get: _Get, kinds: Set[int]) -> Iterator[tuple[int, int, bytes | memoryview]]:
    """Kind, layout and content of the frames of these kinds, up to where the file ends, be it in the middle of one."""
    at = HEADER.size
    while len(head := get(at, HEAD_BYTES)) == HEAD_BYTES:
        kind, layout, length, check = HEAD.unpack_from(head)
        if CHECK.unpack_from(head, HEAD.size)[0] != zlib.crc32(head[: HEAD.size]):
            if not any(get(at, 1 << 16)):
                return  # zeros where a power cut left what had not reached the disk
            raise ValueError(f"no frame at byte {at}")
        if kind in kinds:
            content = get(at + HEAD_BYTES, length)
            if len(content) < length:
                return
            if zlib.crc32(content) != check:
                raise ValueError(f"other bytes than written, from byte {at}")
            yield kind, layout, content
        at += HEAD_BYTES + length
