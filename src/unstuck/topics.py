"""The handbook's topics: a folder each, a page in two languages, claims; and the rows of the source documents that they answer."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from unstuck.errors import PluginError, unknown

if TYPE_CHECKING:
    from unstuck.lab import Claim

FOLDER = Path(__file__).parent / "handbook"

#: Second-level headings of a page, in order; English, then Chinese.
HEADINGS: dict[str, tuple[str, ...]] = {
    "en": (
        "The question", "The answer", "Why", "Wrong answers", "How one sees it in a run", "What helps", "Claims", "References",
    ),
    "zh": ("问题", "回答", "原理", "常见的错误回答", "在训练中如何看到", "对策", "论断", "参考文献"),
}  # fmt: skip

Covered = Literal["claim", "page", "definition only", "not content", "missing"]


@dataclass(frozen=True)
class Topic:
    """One folder of the handbook."""

    id: str

    @property
    def folder(self) -> Path:
        """Where it lies."""
        return FOLDER / self.id.replace("-", "_")

    def page(self, lang: str = "en") -> str:
        """The page as Markdown; "" where it is not written."""
        path = self.folder / f"page.{lang}.md"
        return path.read_text(encoding="utf-8") if path.exists() else ""

    def title(self, lang: str = "en") -> str:
        """The first line of the page without its mark."""
        return self.page(lang).partition("\n")[0].removeprefix("# ").strip()

    def headings(self, lang: str = "en") -> tuple[str, ...]:
        """The page's second-level headings in order."""
        return tuple(re.findall(r"^## (.+?)\s*$", self.page(lang), flags=re.MULTILINE))

    def section(self, heading: str, lang: str = "en") -> str:
        """The text under one heading."""
        found = re.search(rf"^## {re.escape(heading)}\s*$(.*?)(?=^## |\Z)", self.page(lang), flags=re.MULTILINE | re.DOTALL)
        return found.group(1).strip() if found else ""

    def summary(self, lang: str = "en") -> str:
        """The title; the sentence shown in lists."""
        return self.title(lang)

    def links(self, lang: str = "en") -> tuple[tuple[str, str], ...]:
        """What the page refers to: ("rule", "dead-units"), ("remedy", "he-init"), ("topic", "batch-norm")."""
        return tuple(re.findall(r"\b(rule|remedy|topic|probe):([a-z0-9]+(?:-[a-z0-9]+)*)", self.page(lang)))

    def rows(self) -> frozenset[str]:
        """Rows that either page cites, "S0-03..06" counted as four."""
        return frozenset(row for lang in HEADINGS for row in cited(self.page(lang)))

    def claims(self) -> tuple[type[Claim], ...]:
        """Its claims in the order of its file; none for a topic of definitions only."""
        if not (self.folder / "experiments.py").exists():
            return ()
        from unstuck.lab import Claim

        try:
            module = import_module(f"unstuck.handbook.{self.folder.name}.experiments")
        except Exception as error:
            raise PluginError(f"{self.folder / 'experiments.py'}: {type(error).__name__}: {error}") from error
        kinds = [v for v in vars(module).values() if isinstance(v, type) and issubclass(v, Claim)]
        return tuple(k for k in kinds if k.__module__ == module.__name__ and not getattr(k, "__abstractmethods__", None))


def cited(text: str) -> tuple[str, ...]:
    """Ids of rows in a text; "S0-03..06" and "S0-03 to S0-06" name all four."""
    found: list[str] = []
    for seed, first, last in re.findall(r"\b(S\d)-(\d\d)(?:(?:\.\.|–|~)(?:S\d-)?(\d\d))?", text):
        found += [f"{seed}-{n:02d}" for n in range(int(first), int(last or first) + 1)]
    return tuple(found)


@cache
def table() -> dict[str, list[dict[str, object]]]:
    """`handbook/rows.toml`: every topic with its titles, every row of the source documents (see `scripts/rows.py`)."""
    return tomllib.loads((FOLDER / "rows.toml").read_text(encoding="utf-8"))


def planned() -> tuple[str, ...]:
    """Ids of all topics that the handbook is to have, in its order."""
    return tuple(str(t["id"]) for t in table()["topic"])


def topics() -> dict[str, Topic]:
    """All topics that exist, in the handbook's order; a folder is a topic when it holds a page."""
    found = {p.parent.name.replace("_", "-") for p in FOLDER.glob("*/page.*.md")}
    order = {name: at for at, name in enumerate(planned())}
    return {name: Topic(name) for name in sorted(found, key=lambda n: (order.get(n, len(order)), n))}


def chosen(words: Sequence[str]) -> list[type[Claim]]:
    """Claims named by topic, by claim, or by topic/claim; UsageError with the nearest names where there is none."""
    known = topics()
    found: list[type[Claim]] = []
    for word in words:
        name, _slash, single = word.lower().replace("_", "-").rstrip("/").partition("/")
        if name in known:
            of_topic = {identity(kind): kind for kind in known[name].claims()}
            if single and single not in of_topic:
                raise unknown("lab", word, [f"{name}/{claim}" for claim in of_topic])
            found += [of_topic[single]] if single else of_topic.values()
            continue
        everywhere = [kind for topic in known.values() for kind in topic.claims()]
        of_that_name = [kind for kind in everywhere if identity(kind) == name]  # two topics may have claims of one name
        if not of_that_name or single:
            raise unknown("lab", word, [*known, *map(identity, everywhere)])
        found += of_that_name
    return list(dict.fromkeys(found))


def identity(kind: type[Claim]) -> str:
    """A claim's id without its knobs."""
    return kind().id


@dataclass(frozen=True)
class Row:
    """One judged statement of the source documents, and where the handbook answers it."""

    id: str
    kind: str
    judged: str
    topics: tuple[str, ...]
    covered: Covered
    claims: tuple[str, ...] = ()


def coverage() -> list[Row]:
    """Every row: which topics are to answer it, and how it is covered."""
    known = topics()
    claims: dict[str, list[str]] = {}
    for topic in known.values():
        for kind in topic.claims():
            for row in kind.rows:
                claims.setdefault(row, []).append(f"{topic.id}/{identity(kind)}")
    mentioned = {name: topic.rows() for name, topic in known.items()}
    rows = []
    for entry in table()["row"]:
        name, homes = str(entry["id"]), tuple(map(str, entry["topics"]))  # type: ignore[call-overload]
        exists = any(home in known for home in homes)
        said: Covered = "missing"
        if entry.get("content") is False:
            said = "not content"
        elif name in claims:
            said = "claim"
        elif entry.get("definition") and exists:
            said = "definition only"
        elif any(name in mentioned.get(home, ()) for home in known):
            said = "page"
        rows.append(Row(name, str(entry["kind"]), str(entry["judged"]), homes, said, tuple(claims.get(name, ()))))
    return rows
