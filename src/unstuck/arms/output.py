"""What an arm prints: kept in its folder, and searched for the numbers that a script reports about itself."""

from __future__ import annotations

import io
import os
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TextIO

#: "val acc: 0.93", "test_accuracy=93.1 %", "final_metric=0.93", "R2 = 0.4". A metric of the training data does not count.
USUAL = re.compile(
    r"\b(final[ _]metric|(?:val(?:id(?:ation)?)?|test|eval|dev)[ _/-]?(?:acc(?:uracy)?|f1|auc|r2|score|top-?1)|(?:accuracy|f1|auc|r2))"
    r"(?![a-z])\s*[:=]?\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?)\s*(%?)",
    re.IGNORECASE,
)
#: Names of quantities that are better when smaller.
SMALLER = re.compile(r"loss|error|mse|mae|rmse|perplex|ppl|nll|wer|cer", re.IGNORECASE)


def number_in(line: str, metric: str | None) -> tuple[str, float] | None:
    """(name, value) in a printed line: by the user's expression (its first group is the number), else one of the usual forms."""
    if metric is None:
        found = None
        for found in USUAL.finditer(line):  # noqa: B007 - the last one on the line is the one that the script ends with
            pass
        return (re.sub(r"[ _/-]+", " ", found[1].lower()), float(found[2]) / (100.0 if found[3] else 1.0)) if found else None
    match = re.search(metric, line)
    if match is None:
        return None
    try:
        return "metric", float(match[1])
    except (ValueError, IndexError):
        return None


class Listening(io.TextIOBase):
    """A text stream that passes everything on and looks at every whole line."""

    def __init__(self, stream: TextIO, on_line: Callable[[str], None]) -> None:
        self._stream = stream
        self._on_line = on_line
        self._rest = ""

    def write(self, text: str) -> int:
        """Pass on, then look at what became complete."""
        self._stream.write(text)
        *lines, self._rest = (self._rest + text).replace("\r", "\n").split("\n")
        for line in lines:
            self._on_line(line)
        return len(text)

    def flush(self) -> None:
        self._stream.flush()

    def fileno(self) -> int:
        return self._stream.fileno()

    def isatty(self) -> bool:
        return False

    def writable(self) -> bool:
        return True

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return "utf-8"


def capture(folder: Path, step: Callable[[], int], metric: str | None) -> None:
    """From here on everything that this process prints goes to output.txt, and numbers to printed.txt (last step, value, name)."""
    target = os.open(folder / "output.txt", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
    empty = os.open(os.devnull, os.O_RDONLY)
    os.dup2(empty, 0)
    os.dup2(target, 1)
    os.dup2(target, 2)
    printed = (folder / "printed.txt").open("w", encoding="utf-8", buffering=1)

    def on_line(line: str) -> None:
        found = number_in(line, metric)
        if found is not None:
            printed.write(f"{max(step() - 1, 0)}\t{found[1]!r}\t{found[0]}\n")

    # Line by line, so that what was printed before a kill is there.
    plain = io.TextIOWrapper(os.fdopen(1, "wb", closefd=False), encoding="utf-8", errors="replace", line_buffering=True)
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 - lives as long as the process
    sys.stdout = Listening(plain, on_line)
    sys.stderr = io.TextIOWrapper(os.fdopen(2, "wb", closefd=False), encoding="utf-8", errors="replace", line_buffering=True)


def printed_in(folder: Path) -> dict[str, tuple[list[int], list[float]]]:
    """Numbers that were printed: "printed <name>" -> steps, values."""
    table: dict[str, tuple[list[int], list[float]]] = {}
    path = folder / "printed.txt"
    for line in path.read_text("utf-8").splitlines() if path.is_file() else ():
        step, value, name = line.split("\t", 2)
        steps, values = table.setdefault(f"printed {name}", ([], []))
        steps.append(int(step))
        values.append(float(value))
    return table
