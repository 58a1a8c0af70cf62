"""The user's source files with changes, as a patch is drafted: nothing but the changed spans is ever touched.

A change replaces the text of one syntax-tree node, so comments, quotes and blank lines elsewhere stay byte for byte. Facts speak of the lines
of the file as it ran; every line remembers its first number, so the edits of a combination find their places after one another.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import TypeVar

from unstuck.errors import UnstuckError
from unstuck.records import Facts, Text

Node = TypeVar("Node", bound=ast.AST)
Function = ast.FunctionDef | ast.AsyncFunctionDef
Loop = ast.For | ast.While
INDENT = "    "


class NoPatch(UnstuckError):
    """A remedy cannot be written as a faithful edit of this script; says why, in one sentence."""

    def __init__(self, en: str, zh: str) -> None:
        super().__init__(en)
        self.reason = Text(en, zh)


@dataclass
class Source:
    """One file, as it is now; `change`, `before`, `after` and `delete` take effect together at `settle`."""

    path: Path
    #: How facts and a diff call it.
    name: str
    text: str
    encoding: str = "utf-8"
    _changes: list[tuple[int, int, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.original = self.text
        #: For every line of now: its number in the original file, 0 = new.
        self.origins = list(range(1, self.text.count("\n") + 2))
        self._parse()

    @classmethod
    def read(cls, path: Path, name: str) -> Source:
        """Read a file; NoPatch where it is none that can be edited."""
        content = path.read_bytes()
        try:
            encoding = tokenize.detect_encoding(io.BytesIO(content).readline)[0]
            text = content.decode(encoding)
            if "\r" in text.replace("\r\n", ""):
                raise ValueError("lone carriage returns")
            return cls(path, name, text, encoding)
        except (SyntaxError, ValueError) as error:
            raise NoPatch(f"{name} cannot be read as Python ({error}).", f"{name} 无法作为 Python 读取（{error}）。") from error

    def _parse(self) -> None:
        self.tree = ast.parse(self.text)
        self.parents = {child: node for node in ast.walk(self.tree) for child in ast.iter_child_nodes(node)}
        self._lines = self.text.split("\n")
        self._starts = [0]
        for line in self._lines:
            self._starts.append(self._starts[-1] + len(line) + 1)

    # ------------------------------------------------------------------------------------------------ looking

    def each(self, *kinds: type[Node]) -> Iterator[Node]:
        """All nodes of these kinds, from top to bottom."""
        found = [n for n in ast.walk(self.tree) if isinstance(n, kinds)]
        yield from sorted(found, key=lambda n: (n.lineno, n.col_offset))  # type: ignore[attr-defined]

    @property
    def imports(self) -> list[ast.Import | ast.ImportFrom]:
        """The imports at the top level of the file."""
        return [n for n in self.tree.body if isinstance(n, ast.Import | ast.ImportFrom)]

    def line(self, original: int) -> int:
        """Where a line of the original file is now; 0 where it is gone."""
        return self.origins.index(original) + 1 if original in self.origins else 0

    def span(self, node: ast.AST) -> tuple[int, int]:
        """Characters of a node."""
        line, column, end, end_column = node.lineno, node.col_offset, node.end_lineno, node.end_col_offset  # type: ignore[attr-defined]
        return self._offset(line, column), self._offset(end, end_column)

    def _offset(self, line: int, column: int) -> int:
        text = self._lines[line - 1]  # columns of the tree are bytes
        return self._starts[line - 1] + (column if text.isascii() else len(text.encode()[:column].decode()))

    def written(self, node: ast.AST) -> str:
        """A node as it stands in the file."""
        start, end = self.span(node)
        return self.text[start:end]

    def own_lines(self, node: ast.AST) -> tuple[int, int] | None:
        """The whole lines of something in a list that has them for itself, with its comma and comment."""
        start, end = self.span(node)
        first, behind = self.text.rfind("\n", 0, start) + 1, self.text.find("\n", end) + 1
        alone = behind and not self.text[first:start].strip() and re.fullmatch(r"\s*,\s*(#.*)?\s*", self.text[end:behind])
        return (first, behind) if alone else None

    def up(self, node: ast.AST, *kinds: type[Node]) -> Node | None:
        """The nearest node around this one that is of these kinds."""
        above = self.parents.get(node)
        while above is not None and not isinstance(above, kinds):
            above = self.parents.get(above)
        return above

    def statement(self, node: ast.AST) -> ast.stmt:
        """The statement that a node is part of."""
        if isinstance(node, ast.stmt):
            return node
        found = self.up(node, ast.stmt)
        assert found is not None
        return found

    def top(self, node: ast.AST) -> ast.stmt:
        """The statement at the top level of the file that a node is part of."""
        while self.parents[node] is not self.tree:
            node = self.parents[node]
        assert isinstance(node, ast.stmt)
        return node

    def block(self, statement: ast.stmt) -> list[ast.stmt]:
        """The statements among which this one stands."""
        above = self.parents[statement]
        for name in ("body", "orelse", "finalbody"):
            found = getattr(above, name, None)
            if isinstance(found, list) and statement in found:
                return found
        return [statement]

    def function(self, node: ast.AST) -> Function | None:
        """The function that a node stands in."""
        return self.up(node, ast.FunctionDef, ast.AsyncFunctionDef)  # type: ignore[return-value]

    def loop(self, node: ast.AST) -> Loop | None:
        """The innermost loop that a node stands in."""
        return self.up(node, ast.For, ast.While)  # type: ignore[return-value]

    # ------------------------------------------------------------------------------------------------ changing

    def change(self, node: ast.AST, text: str) -> None:
        """Write something else in place of a node."""
        self._changes.append((*self.span(node), text))

    def splice(self, start: int, end: int, text: str) -> None:
        """Write something else in place of a run of characters."""
        self._changes.append((start, end, text))

    def before(self, statement: ast.stmt, lines: Sequence[str]) -> None:
        """Write lines in front of a statement, with its indentation."""
        first = min([statement.lineno, *(d.lineno for d in getattr(statement, "decorator_list", []))])
        start = self._starts[first - 1]
        column = self._offset(first, statement.col_offset) - start
        if self._lines[first - 1][:column].strip():  # after a semicolon, or after `if x:`
            if any(line.endswith(":") for line in lines):
                raise NoPatch("There are several statements on one line.", "一行里有多条语句。")
            self.splice(self.span(statement)[0], self.span(statement)[0], "".join(f"{line}; " for line in lines))
            return
        self.splice(start, start, self._indented(lines, self._lines[first - 1][:column]))

    def after(self, statement: ast.stmt, lines: Sequence[str]) -> None:
        """Write lines behind a statement, with its indentation."""
        line, last = self._lines[statement.lineno - 1], statement.end_lineno or statement.lineno
        column = self._offset(statement.lineno, statement.col_offset) - self._starts[statement.lineno - 1]
        rest = self._lines[last - 1][self.span(statement)[1] - self._starts[last - 1] :].strip()
        if line[:column].strip() or (rest and not rest.startswith("#")):
            raise NoPatch("There are several statements on one line.", "一行里有多条语句。")
        if last == len(self._lines):  # no newline at the end of the file
            end = len(self.text)
            self.splice(end, end, self.newline + self._indented(lines, line[:column]).removesuffix(self.newline))
            return
        self.splice(self._starts[last], self._starts[last], self._indented(lines, line[:column]))

    def delete(self, statement: ast.stmt) -> None:
        """Take a statement out, with its lines where it has them for itself."""
        if len(self.block(statement)) == 1:
            self.change(statement, "pass")
            return
        start, end = self.span(statement)
        first, last = self._starts[statement.lineno - 1], self._starts[statement.end_lineno or statement.lineno]
        rest = self.text[end:last].strip()
        if self.text[first:start].strip() or (rest and not rest.startswith("#")):
            self.change(statement, "pass")
        else:
            self.splice(first, min(last, len(self.text)), "")

    @property
    def newline(self) -> str:
        """How lines end here."""
        return "\r\n" if "\r\n" in self.text else "\n"

    def _indented(self, lines: Sequence[str], indent: str) -> str:
        unit = "\t" if indent.startswith("\t") else INDENT
        return "".join(indent + line.replace(INDENT, unit) + self.newline for line in lines)

    def settle(self) -> None:
        """Make the changes; NoPatch where two of them want the same place."""
        changes = sorted(dict.fromkeys(self._changes), key=lambda c: (c[0], c[1]))
        self._changes.clear()
        for (_, end, _), (start, _, _) in pairwise(changes):
            if start < end:
                raise NoPatch("Two changes want the same place of the script.", "两处修改落在脚本的同一位置。")
        for start, end, text in reversed(changes):
            self._shift(start, end, text)
            self.text = self.text[:start] + text + self.text[end:]
        try:
            self._parse()
        except SyntaxError as error:
            raise NoPatch(
                "The script is written in a way that the change cannot be written into.", "脚本的写法无法容纳这一修改。"
            ) from error

    def _shift(self, start: int, end: int, text: str) -> None:
        """Keep the numbers of the lines; whole lines put in front of another one come before it."""
        at = self.text.count("\n", 0, start)
        removed, added = self.text.count("\n", start, end), text.count("\n")
        if removed == added == 0:
            return
        whole = start == 0 or self.text[start - 1] == "\n"
        at += 0 if whole else 1
        self.origins[at : at + removed] = [0] * added


class Draft:
    """The files of a program, the facts of its untouched run, and the changes so far."""

    def __init__(self, sources: Sequence[Source], facts: Facts) -> None:
        self.sources, self.facts = list(sources), facts

    def source(self, name: str | None) -> Source | None:
        """The file that the facts call so."""
        return next((s for s in self.sources if name is not None and name in (s.name, str(s.path))), None)

    def each(self, *kinds: type[Node]) -> Iterator[tuple[Source, Node]]:
        """All nodes of these kinds, with the files that they stand in."""
        for source in self.sources:
            for node in source.each(*kinds):
                yield source, node

    def settle(self) -> None:
        """Make the changes in every file."""
        for source in self.sources:
            source.settle()

    @property
    def changed(self) -> list[Source]:
        """The files that are not what they were."""
        return [s for s in self.sources if s.text != s.original]
