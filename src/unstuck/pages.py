"""The pages of the handbook and of plug-ins, and their lists, in the terminal; and finding a page by words of either language."""

from __future__ import annotations

import math
import re
import tomllib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from io import StringIO
from typing import Any

from rich.cells import cell_len
from rich.console import Console, RenderableType
from rich.markdown import Markdown
from rich.table import Table

from unstuck import formulas, plugins, wording
from unstuck.errors import UsageError
from unstuck.language import LANGUAGES, _
from unstuck.plugins import Plugin, Remedy, Rule
from unstuck.records import ROOT_CAUSES
from unstuck.topics import FOLDER, HEADINGS, Topic, identity, topics

#: Pages shown for a search that fits several; our choice, one screen.
SHOWN = 10
_CHINESE = re.compile(r"[\u4e00-\u9fff]+")
#: Words of a question that say nothing on its subject.
_EMPTY = frozenset(
    [
        "a",
        "about",
        "all",
        "an",
        "and",
        "are",
        "at",
        "be",
        "become",
        "becomes",
        "but",
        "by",
        "can",
        "do",
        "does",
        "doing",
        "for",
        "from",
        "get",
        "gets",
        "go",
        "goes",
        "has",
        "have",
        "how",
        "i",
        "if",
        "in",
        "into",
        "is",
        "it",
        "its",
        "me",
        "my",
        "no",
        "not",
        "of",
        "on",
        "or",
        "should",
        "so",
        "that",
        "the",
        "their",
        "then",
        "there",
        "this",
        "to",
        "too",
        "up",
        "use",
        "very",
        "was",
        "we",
        "what",
        "when",
        "which",
        "why",
        "will",
        "with",
        "you",
        "怎么",
        "么办",
        "为什",
        "什么",
        "一直",
        "是不",
        "不是",
        "的区",
        "是什",
        "如何",
        "应该",
        "可以",
        "我的",
        "么回",
        "回事",
    ]
)
#: Likeness from which a phrase of `symptoms.toml` is meant (see `_likeness`); our choice.
ENOUGH = 0.5
#: Characters that carry nothing, left out before Chinese is cut into pairs; and English words in a Chinese sentence.
_FILLERS = re.compile("一直|总是|老是|时候|怎么办|怎么样|怎么|为什么|如何|可以|应该|[的了很吗呢我但是集]")
_SPOKEN = {"loss": "损失", "acc": "准确率", "accuracy": "准确率", "lr": "学习率", "bn": "批归一化", "batch": "批"}
#: What may stand before an id, where several things have the same one ("rule:dead-units"); also how pages refer to one another.
KINDS = {"topic": "topics", "rule": "rules", "remedy": "remedies", "probe": "probes"}


@dataclass(frozen=True)
class Entry:
    """A plug-in or a topic, and the folder it lives in."""

    kind: str
    plugin: Plugin | Topic

    @property
    def causes(self) -> tuple[str, ...]:
        """Root causes that it is about."""
        if isinstance(self.plugin, Rule):
            return (self.plugin.root_cause,)
        if isinstance(self.plugin, Topic):
            return (self.plugin.id,) if self.plugin.id in ROOT_CAUSES else ()
        return self.plugin.treats if isinstance(self.plugin, Remedy) else ()

    @property
    def preview(self) -> bool:
        """Not yet measured on the clinic."""
        return bool(getattr(self.plugin, "preview", False))


def entries(*kinds: str) -> list[Entry]:
    """All plug-ins and topics of some kinds; of every kind that has a page where none is given."""
    of_kind = {kind: topics() if kind == "topics" else plugins.load(kind) for kind in kinds or KINDS.values()}
    return [Entry(kind, plugin) for kind, plugins_of in of_kind.items() for plugin in plugins_of.values()]


# ---------------------------------------------------------------------------------------------------------- finding


def find(query: str) -> list[Entry]:
    """The entries that an id, the name of a root cause, or words mean, best first; UsageError where there is none."""
    kind, _colon, rest = query.partition(":")
    kind, query = (KINDS[kind.strip().lower()], rest) if rest and kind.strip().lower() in KINDS else ("", query)
    known = entries(kind) if kind else entries()
    name = "-".join(query.lower().replace("_", "-").split())
    names = {spoken: cause for lang in LANGUAGES for spoken, cause in _names(lang).items()}
    cause = names.get(query.strip().lower(), name)
    fits = [e for e in known if e.plugin.id == name or (e.kind == "topics" and (e.plugin.id == cause or _entitled(e, query)))]
    fits = fits[:1]  # the topic comes first: it leads to the rule of the same name
    fits = fits or [e for e in known if e.kind == "rules" and cause in e.causes]
    fits = fits or [e for e in known if cause in e.causes]
    fits = fits or _search(query, known)
    if not fits:
        near = get_close_matches(name, sorted({*(e.plugin.id for e in known), *ROOT_CAUSES}), n=3, cutoff=0.5)
        hint = _(" Did you mean {names}?").format(names=_(" or ").join(near)) if near else ""
        said = _("No page has that id or those words: {query!r}.{hint} `unstuck rules` and `unstuck remedies` list them all.")
        raise UsageError(said.format(query=query, hint=hint))
    return fits


def _names(lang: str) -> dict[str, str]:
    with wording.speaking(lang):
        return {spoken.lower(): cause for cause, spoken in wording.cause_names().items()}


def _entitled(entry: Entry, query: str) -> bool:
    return query.strip().lower() in (entry.plugin.summary(lang).lower() for lang in LANGUAGES)


def _search(query: str, known: Sequence[Entry]) -> list[Entry]:
    """Entries of which a symptom is meant, then those whose pages hold the rarer words; a word in the id or the first sentence counts more."""
    meant = _meant(query)
    texts = [_weighted(entry) for entry in known]
    words = [t for t in _terms(query) if t not in _EMPTY] or _terms(query)
    spread = {term: sum(any(_holds(part, term) for part in parts) for parts in texts) for term in words}
    terms = [term for term, pages in spread.items() if 0 < pages <= max(len(known) / 2, 1)] or [t for t, pages in spread.items() if pages]
    rarity = {term: math.log(1 + len(known) / spread[term]) for term in terms}
    scores: Counter[int] = Counter()
    for index, (entry, (names, summary, page)) in enumerate(zip(known, texts, strict=True)):
        held = sum(rarity[t] * (8 * _holds(names, t) + 3 * _holds(summary, t) + _holds(page, t)) for t in terms)
        scores[index] = held + meant.get(f"{_word_of(entry)}:{entry.plugin.id}", 0.0)  # type: ignore[assignment]
    best = max(scores.values(), default=0)
    return [known[index] for index, score in scores.most_common(SHOWN) if score and 2 * score >= best]


def _word_of(entry: Entry) -> str:
    return next(word for word, folder in KINDS.items() if folder == entry.kind)


@cache
def symptoms() -> dict[str, tuple[str, ...]]:
    """What people type, by "topic:id" (`handbook/symptoms.toml`)."""
    return {page: tuple(said) for page, said in tomllib.loads((FOLDER / "symptoms.toml").read_text(encoding="utf-8")).items()}


def _meant(query: str) -> dict[str, float]:
    """How much a query is like the symptoms of a page: 100 times the best phrase's share of common words, where that is enough."""
    asked = _stems(query)
    found = {}
    for page, phrases in symptoms().items():
        best = max((_likeness(asked, said) for said in map(_stems, phrases)), default=0.0)
        if best >= ENOUGH:
            found[page] = 1000.0 if query.strip().lower() in phrases else 100 * best
    return found


def _likeness(asked: frozenset[str], said: frozenset[str]) -> float:
    """Words in common, of all words of both; or, of two words or more, nine tenths of the phrase's part that is in the query."""
    common = len(asked & said)
    return max(common / max(len(asked | said), 1), 0.9 * common / len(said) if common > 1 else 0.0)


def _stems(text: str) -> frozenset[str]:
    """Its words without their endings and without those that say nothing."""
    if _CHINESE.search(text):
        text = _FILLERS.sub("", re.sub(r"[A-Za-z]+", lambda m: _SPOKEN.get(m[0].lower(), m[0]), text))
    words = [t for t in _terms(text) if t not in _EMPTY]
    return frozenset(re.sub(r"(?:ing|ed|es|s|e)$", "", w) if len(w) > 4 else w for w in words)


def _weighted(entry: Entry) -> tuple[str, str, str]:
    plugin = entry.plugin
    causes = [spoken for lang in LANGUAGES for spoken, cause in _names(lang).items() if cause in entry.causes]
    if isinstance(plugin, Topic):
        asked = [part for lang in LANGUAGES for part in (plugin.title(lang), plugin.section(HEADINGS[lang][0], lang))]
        titles = " ".join(plugin.title(lang) for lang in LANGUAGES).lower()
        return f"{plugin.id} {titles}", " ".join(asked).lower(), " ".join(map(plugin.page, LANGUAGES)).lower()
    both = [" ".join(text(lang) for lang in LANGUAGES).lower() for text in (plugin.summary, plugin.page)]
    return " ".join((plugin.id, *entry.causes, *causes)), both[0], both[1]


def _holds(text: str, term: str) -> bool:
    """Chinese anywhere, Latin letters at the start of a word."""
    return term in text and (bool(_CHINESE.match(term)) or re.search(rf"\b{re.escape(term)}", text) is not None)


def _terms(query: str) -> list[str]:
    """Words; Chinese, which has no spaces, in pairs of characters."""
    words = [word for word in re.findall(r"[a-z0-9_.]+", query.lower()) if len(word) > 1]
    for run in _CHINESE.findall(query):
        words += [run[i : i + 2] for i in range(len(run) - 1)] or [run]
    return list(dict.fromkeys(words))


# ---------------------------------------------------------------------------------------------------------- showing


def text(found: Sequence[Entry], lang: str, *, width: int = 100, color: bool = False) -> str:
    """One page, or the list of several."""
    with wording.speaking(lang):
        if len(found) == 1:
            return _printed([*_page(found[0], lang)], width, color)
        return _printed([_list(found, lang, width)], width, color)


def listing(kind: str, lang: str, *, width: int = 100, color: bool = False) -> str:
    """All plug-ins of a kind with their first sentence."""
    with wording.speaking(lang):
        return _printed([_list(entries(kind), lang, width)], width, color)


def plain(entry: Entry, *, page: bool = False) -> dict[str, Any]:
    """An entry in builtins, for JSON; with the whole page where asked."""
    plugin = entry.plugin
    known: dict[str, Any] = {"kind": {folder: word for word, folder in KINDS.items()}[entry.kind], "id": plugin.id}
    if isinstance(plugin, Rule):
        known |= {"root_cause": plugin.root_cause, "needs": list(plugin.needs), "explains": list(plugin.explains)}
    elif isinstance(plugin, Remedy):
        known |= {"treats": list(plugin.treats), "touches": plugin.touches, "safe": plugin.safe}
    elif isinstance(plugin, Topic):
        known |= {"claims": [identity(kind) for kind in plugin.claims()]}
    known |= {"summary": {lang: plugin.summary(lang) for lang in LANGUAGES}, "preview": entry.preview}
    return known | ({"page": {lang: plugin.page(lang) for lang in LANGUAGES}} if page else {})


def _page(entry: Entry, lang: str) -> list[RenderableType]:
    title, _line, body = entry.plugin.page(lang).partition("\n")
    facts = [_marked(_kinds()[entry.kind], entry), *_about(entry)]
    if entry.kind == "topics":
        body = formulas.in_terminal(body)
    return [f"[bold]{entry.plugin.id}[/bold]  {' · '.join(facts)}", "", Markdown(title), Markdown(body)]


def _marked(text: str, entry: Entry) -> str:
    return _("{word} (preview)").format(word=text) if entry.preview else text


def _kinds() -> dict[str, str]:
    return {"topics": _("topic"), "rules": _("rule"), "remedies": _("remedy"), "probes": _("probe")}


def _about(entry: Entry) -> list[str]:
    plugin = entry.plugin
    if isinstance(plugin, Rule):
        remedies = ", ".join(r.id for r in plugins.remedies_for(plugin.root_cause)) or "-"
        cause = _("root cause: {cause}").format(cause=wording.root_cause(plugin.root_cause))
        return [cause, _("remedies: {ids}").format(ids=remedies)]
    if isinstance(plugin, Remedy):
        return [_("treats: {causes}").format(causes=", ".join(plugin.treats))]
    if isinstance(plugin, Topic) and plugin.claims():
        return [_("experiments: {command}").format(command=f"unstuck lab {plugin.id}")]
    return []


def _list(found: Sequence[Entry], lang: str, width: int) -> RenderableType:
    rows = [[e.plugin.id, _kinds()[e.kind], ", ".join(map(wording.spoken, e.causes)), _marked(e.plugin.summary(lang), e)] for e in found]
    treats = all(entry.kind == "remedies" for entry in found)
    heads = [_("id"), _("kind"), _("treats") if treats else _("root cause"), _("in one sentence")]
    told = [True, len({e.kind for e in found}) > 1, any(row[2] not in ("", row[0]) for row in rows), True]
    sizes = [max(cell_len(cell) for cell in (head, *column)) for head, *column in zip(heads, *rows, strict=True)]
    sizes[2] = min(sizes[2], width // 3)
    sizes[3] = max(width - 2 - sum(size + 2 for size, shown in zip(sizes[:3], told, strict=False) if shown), 20)
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
    for head, size, shown in zip(heads, sizes, told, strict=True):
        if shown:
            table.add_column(head, width=size, no_wrap=True, overflow="ignore")
    for row in rows:
        wrapped = ["\n".join(wording.wrap(cell, size)) for cell, size in zip(row, sizes, strict=True)]
        table.add_row(*(cell.replace("[", "\\[") for cell, shown in zip(wrapped, told, strict=True) if shown))
    return table


def _printed(parts: Sequence[RenderableType], width: int, color: bool) -> str:
    console = Console(file=StringIO(), width=width, force_terminal=color, no_color=not color, highlight=False, legacy_windows=False)
    for part in parts:
        console.print(part)
    assert isinstance(console.file, StringIO)
    return "\n".join(line.rstrip() for line in console.file.getvalue().splitlines()).strip("\n") + "\n"
