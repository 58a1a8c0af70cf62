"""The site's pages as Markdown, from where `unstuck explain` takes them: the handbook's folders, the plug-ins' docstrings, the repository's
own Markdown. Nothing is listed here: what exists has a page, under the same name in both languages."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

import figures

from unstuck import plugins, wording
from unstuck.lab import Result
from unstuck.pages import KINDS, Entry, entries
from unstuck.plugins import Remedy, Rule
from unstuck.records import Text
from unstuck.topics import HEADINGS, Topic, topics

ROOT = Path(__file__).parents[1]
#: Kind -> its folder on the site, what it is called, and the sentence above its list.
FOLDERS = {
    "topics": (
        "handbook",
        Text("Handbook", "手册"),
        Text(
            "Questions about training networks as they are asked, short right answers, and the experiments that show them.",
            "关于神经网络训练的常见问题、简短而正确的回答，以及支撑每条论断的实验。",
        ),
    ),
    "rules": (
        "rules",
        Text("Rules", "规则"),
        Text("What `unstuck` looks for in a run; one rule per root cause.", "`unstuck` 在一次训练中查找什么；每个根本原因对应一条规则。"),
    ),
    "remedies": (
        "remedies",
        Text("Remedies", "对策"),
        Text(
            "What `unstuck treat` tries, each against an untouched control.", "`unstuck treat` 会尝试什么；每种对策都与未改动的对照比较。"
        ),
    ),
    "probes": ("probes", Text("Probes", "探针"), Text("What is measured while a script runs.", "脚本运行时测量什么。")),
}
ASKED = Text("Topic", "主题"), Text("The question", "问题")
SAID = Text("Id", "标识"), Text("In one sentence", "一句话说明")
CAUSE, READ = Text("Root cause", "根本原因"), Text("In the handbook", "手册相关页面")
TRIED, TREATS = Text("Remedies, in the order of trying", "对策（按尝试顺序）"), Text("Treats", "适用于")
PREVIEW = Text("Preview: not yet measured well enough, shown only with `--preview`.", "预览：尚未充分测量，仅在 `--preview` 时显示。")
RUN = Text("Run these experiments: `unstuck lab {topic}`.", "运行这些实验：`unstuck lab {topic}`。")
QUICK = Text("`{claim}`, quick version, repeats: {seeds}.", "`{claim}`，快速版，重复次数：{seeds}。")
ENGLISH = Text("", "本页只有英文。")
PROJECT = Text("The project", "项目")

_CJK = r"[\u2e80-\u9fff\uff00-\uffef“”‘’…—]"
#: A line break between two Chinese characters: a browser would show it as a space.
_BROKEN = re.compile(rf"(?<={_CJK})\n[ \t]*(?={_CJK})")
_CODE = re.compile(r"(^```.*?^```[^\n]*$|`[^`\n]+`)", re.DOTALL | re.MULTILINE)
_REFERENCE = re.compile(r"(\[[^\]\n]*\]\()?\b(rule|remedy|topic|probe):([a-z0-9]+(?:-[a-z0-9]+)*)(?(1)\))")
_LINK = re.compile(r"\[([^\]]*)\]\((?![a-z]+:)([^)#\s]+)\)")


def pages(lang: str, drawn: Sequence[Result]) -> Iterator[tuple[str, str]]:
    """(name, Markdown) of every page of one language; `drawn` are the claims that have a figure."""
    documents = _documents()
    of_topic: dict[str, list[Result]] = defaultdict(list)
    for result in drawn:
        of_topic[result.claim.topic].append(result)
    with wording.speaking(lang):
        for name, texts in documents.items():
            yield name, _document(name, texts, documents, lang)
        for kind, (folder, title, about) in FOLDERS.items():
            known = entries(kind)
            yield f"{folder}/index", _index(known, title.in_language(lang), about.in_language(lang), lang)
            for entry in known:
                plugin = entry.plugin
                text = _topic(plugin, of_topic[plugin.id], lang) if isinstance(plugin, Topic) else _plugin(entry, lang)
                yield f"{folder}/{plugin.id}", text


# ------------------------------------------------------------------------------------------- the repository's Markdown


def _documents() -> dict[str, dict[str, Path]]:
    """Name of the page -> language -> file: every Markdown file on top, and the README of every folder on top."""
    found: dict[str, dict[str, Path]] = {}
    for path in sorted([*ROOT.glob("*.md"), *ROOT.glob("[!.]*/README*.md")]):
        stem, _dot, rest = path.name.removesuffix(".md").partition(".")
        name = "index" if path.parent == ROOT and stem == "README" else (path.parent.name if stem == "README" else stem).lower()
        found.setdefault(name, {})["zh" if rest.startswith("zh") else "en"] = path
    return found


def _document(name: str, texts: Mapping[str, Path], documents: Mapping[str, Mapping[str, Path]], lang: str) -> str:
    path = texts.get(lang, texts["en"])
    text = _one_title(path.read_text(encoding="utf-8"))

    def link(match: re.Match[str]) -> str:
        said, target = match[1], (path.parent / match[2]).resolve()
        page, of = pages.get(target, ("", lang))
        if of != lang and lang in documents[page]:
            return f'<a href="../{of}/{page}.html">{said}</a>'
        return f"[{said}](/{page}.md)" if page else f"[{said}](/{target.relative_to(ROOT)})"  # pictures lie as in the repository

    pages = {file: (page, of) for page, files in documents.items() for of, file in files.items()}
    text = "".join(part if at % 2 else _LINK.sub(link, part) for at, part in enumerate(_CODE.split(text)))
    if lang not in texts:
        title, _line, rest = text.partition("\n")
        text = f"{title}\n\n*{ENGLISH.in_language(lang)}*\n{rest}"
    if name == "index":
        text += _toctree([f"{folder}/index" for folder, *_ in FOLDERS.values()])
        text += _toctree([other for other in documents if other != "index"], PROJECT.in_language(lang))
    return _flowing(text)


def _one_title(text: str) -> str:
    """Where a file has several titles, all but the first become headings below it."""
    first, _line, rest = text.partition("\n")
    parts = _CODE.split(rest)
    if not any(re.search(r"^# ", part, re.MULTILINE) for part in parts[::2]):
        return text
    parts[::2] = [re.sub(r"^#", "##", part, flags=re.MULTILINE) for part in parts[::2]]
    return "\n".join([first, "".join(parts)])


# ------------------------------------------------------------------------------------------------ plug-ins and topics


def _plugin(entry: Entry, lang: str) -> str:
    plugin = entry.plugin
    summary, _line, body = plugin.page(lang).partition("\n")
    facts = [f"*{PREVIEW.in_language(lang)}*"] if entry.preview else []
    if isinstance(plugin, Rule):
        facts.append(f"{CAUSE.in_language(lang)}: {wording.root_cause(plugin.root_cause)}")
        if treating := plugins.remedies_for(plugin.root_cause):
            facts.append(f"{TRIED.in_language(lang)}: {', '.join(f'remedy:{r.id}' for r in treating)}")
    elif isinstance(plugin, Remedy):
        rules = {rule.root_cause: rule.id for rule in plugins.rules().values()}
        facts.append(f"{TREATS.in_language(lang)}: {', '.join(f'rule:{rules[c]}' if c in rules else c for c in plugin.treats)}")
    if told := _told_in(lang).get((entry.kind, plugin.id)):
        facts.append(f"{READ.in_language(lang)}: {', '.join(f'topic:{name}' for name in told)}")
    return _flowing(_linked("\n\n".join([f"# {plugin.id}", summary, *facts, body.strip()])))


@cache
def _told_in(lang: str) -> dict[tuple[str, str], list[str]]:
    """Rule or remedy -> the topics that refer to it."""
    told: dict[tuple[str, str], list[str]] = {}
    for topic in topics().values():
        for kind, name in dict.fromkeys(topic.links(lang)):
            told.setdefault((KINDS[kind], name), []).append(topic.id)
    return told


def _topic(topic: Topic, drawn: Sequence[Result], lang: str) -> str:
    """The page, with what there is to see under its claims."""
    parts = [RUN.in_language(lang).format(topic=topic.id)] if topic.claims() else []
    for result in drawn:
        caption = result.claim.statement.in_language(lang)
        about = QUICK.in_language(lang).format(claim=result.claim.id, seeds=result.seeds)
        alt = caption.replace("\n", " ")
        parts.append(f"```{{figure}} /figures/{figures.name(result)}.svg\n:alt: {alt}\n\n{caption} {about}\n```")
    before, heading, after = topic.page(lang).partition(f"\n## {HEADINGS[lang][-1]}")
    return _flowing(_linked("\n\n".join([before.rstrip(), *parts, heading + after])))


def _index(known: Sequence[Entry], title: str, about: str, lang: str) -> str:
    """The list of one kind, as a table that says what each is about; and the menu."""
    rows = []
    for entry in known:
        plugin = entry.plugin
        if isinstance(plugin, Topic):
            question = plugin.section(HEADINGS[lang][0], lang).partition("\n\n")[0].replace("\n", " " if lang == "en" else "")
            rows.append((f"[]({plugin.id}.md)", question))
        else:
            rows.append((f"[{plugin.id}]({plugin.id}.md)", plugin.summary(lang)))
    heads = [head.in_language(lang) for head in (ASKED if known[0].kind == "topics" else SAID)]
    table = [f"| {' | '.join(heads)} |", "|---|---|", *(f"| {link} | {text.replace('|', chr(92) + '|')} |" for link, text in rows)]
    return f"# {title}\n\n{about}\n\n" + _linked("\n".join(table)) + "\n" + _toctree([entry.plugin.id for entry in known])


# ------------------------------------------------------------------------------------------------------------ Markdown


def _toctree(names: Sequence[str], caption: str = "") -> str:
    options = [":hidden:", *([f":caption: {caption}"] if caption else [])]
    return "\n".join(["\n```{toctree}", *options, "", *names, "```\n"])


def _linked(text: str) -> str:
    """`rule:dead-units`, alone or as the target of a link, leads to its page; an id is shown as the id, a topic with its title."""

    def link(match: re.Match[str]) -> str:
        kind, name = KINDS[match[2]], match[3]
        said = match[1] or ("[](" if kind == "topics" else f"[{name}](")
        return f"{said}/{FOLDERS[kind][0]}/{name}.md)"

    return "".join(part if at % 2 else _REFERENCE.sub(link, part) for at, part in enumerate(_CODE.split(text)))


def _flowing(text: str) -> str:
    """Chinese lines joined; headings, code and tables left alone."""
    parts = _CODE.split(text)
    parts[::2] = [re.sub(r"^(#+ .*)$", r"\n\1\n", part, flags=re.MULTILINE) for part in parts[::2]]
    joined = [
        part if at % 2 else "\n\n".join(p if p.lstrip("\n").startswith(("#", "|")) else _BROKEN.sub("", p) for p in part.split("\n\n"))
        for at, part in enumerate(parts)
    ]
    return "".join(joined).rstrip() + "\n"
