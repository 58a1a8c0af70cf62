"""The gettext catalogue of `_("...")` sentences: `python scripts/messages.py` extracts, updates the .po and compiles the .mo.

Ends with 1 and a list where a sentence has no translation, a doubtful one, or one with other placeholders. To add a sentence: write it in
the code, run this, translate the new entry in the .po, run this again. Nothing is dated, so only sentences change the files.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from string import Formatter

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

SOURCE = Path(__file__).parents[1] / "src" / "unstuck"
PO = SOURCE / "locale" / "zh" / "LC_MESSAGES" / "unstuck.po"
MO = PO.with_suffix(".mo")
_DATE = datetime(2026, 1, 1, tzinfo=UTC)


def extracted() -> Catalog:
    """All sentences of the source, with the files that say them."""
    template = Catalog(project="unstuck", charset="utf-8", creation_date=_DATE)
    for path, _line, message, comments, _context in sorted(
        extract_from_dir(SOURCE, method_map=[("**.py", "python"), ("**.jinja", "jinja2")], keywords={"_": None})
    ):
        template.add(message, locations=[(f"src/unstuck/{path}", 0)], auto_comments=comments)
    return template


def stored() -> Catalog:
    """The catalogue as it lies on disk."""
    if not PO.exists():
        return Catalog(locale="zh", project="unstuck", charset="utf-8")
    with PO.open("rb") as file:
        return read_po(file, locale="zh")


def updated(catalogue: Catalog, template: Catalog) -> Catalog:
    """The catalogue with exactly the sentences of the source."""
    catalogue.update(template, no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    catalogue.header_comment = "# Chinese sentences of unstuck; see scripts/messages.py."
    catalogue.creation_date = catalogue.revision_date = _DATE
    catalogue.last_translator, catalogue.language_team, catalogue.msgid_bugs_address = "unstuck", "zh", "-"
    return catalogue


def as_po(catalogue: Catalog) -> bytes:
    """The .po file."""
    file = BytesIO()
    write_po(file, catalogue, width=140, sort_by_file=True, ignore_obsolete=True, include_lineno=False)
    return file.getvalue()


def as_mo(catalogue: Catalog) -> bytes:
    """The .mo file."""
    file = BytesIO()
    write_mo(file, catalogue)
    return file.getvalue()


def placeholders(sentence: str) -> list[str]:
    """Names in braces, sorted."""
    return sorted(name for _text, name, _format, _conversion in Formatter().parse(sentence) if name is not None)


def complaints(catalogue: Catalog) -> list[str]:
    """What is wrong with the translations, one line each."""
    said = []
    for message in catalogue:
        if not message.id:
            continue
        if not message.string:
            said.append(f"not translated: {message.id!r}")
        elif message.fuzzy:
            said.append(f"doubtful: {message.id!r}")
        elif placeholders(str(message.id)) != placeholders(str(message.string)):
            said.append(f"other placeholders: {message.id!r} -> {message.string!r}")
    return said


def main() -> int:
    """Update both files; the exit code."""
    catalogue = updated(stored(), extracted())
    PO.parent.mkdir(parents=True, exist_ok=True)
    PO.write_bytes(as_po(catalogue))
    MO.write_bytes(as_mo(catalogue))
    wrong = complaints(catalogue)
    print(
        *wrong,
        f"{len(catalogue)} sentences, {len(wrong)} to look at in {PO.relative_to(Path.cwd()) if PO.is_relative_to(Path.cwd()) else PO}",
        sep="\n",
    )
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
