"""Both languages are complete: every sentence of `src/unstuck` has a Chinese translation, and the compiled catalogue is that of the .po."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

from unstuck import language

SCRIPT = Path(__file__).parents[1] / "scripts" / "messages.py"


@pytest.fixture(scope="module")
def messages() -> ModuleType:
    spec = importlib.util.spec_from_file_location("messages", SCRIPT)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(autouse=True)
def _english_afterwards():
    yield
    language.choose("en")


def test_catalogue_has_exactly_the_sentences_of_the_source(messages: ModuleType) -> None:
    source, stored = ({m.id for m in catalogue if m.id} for catalogue in (messages.extracted(), messages.stored()))
    assert source, "nothing was extracted"
    assert stored == source, "run `python scripts/messages.py`"


def test_every_sentence_is_translated_with_its_placeholders(messages: ModuleType) -> None:
    assert messages.complaints(messages.stored()) == []


def test_mo_is_compiled_from_po(messages: ModuleType) -> None:
    assert messages.MO.read_bytes() == messages.as_mo(messages.stored()), "run `python scripts/messages.py`"


def test_po_is_as_the_script_writes_it(messages: ModuleType) -> None:
    assert messages.PO.read_bytes() == messages.as_po(messages.updated(messages.stored(), messages.extracted()))


def test_translations_are_chinese(messages: ModuleType) -> None:
    """Sentences with words must have become Chinese; file names, options and ids may stay."""
    same = {"id"}
    left = [
        m.id for m in messages.stored() if m.id and re.search("[a-z]{2}", str(m.id)) and not re.search("[\u4e00-\u9fff]", str(m.string))
    ]
    assert [sentence for sentence in left if sentence not in same and not re.fullmatch(r"\W*(\{\w+\}\W*)+", sentence)] == []


@pytest.mark.parametrize(
    ("sentence", "translation", "complaint"),
    [
        ("{n} steps", "", "not translated"),
        ("{n} steps", "{m} 步", "other placeholders"),
        ("{n} steps", "步", "other placeholders"),
        ("{n} steps", "{n} 步", None),
    ],
)
def test_complaints(messages: ModuleType, sentence: str, translation: str, complaint: str | None) -> None:
    catalogue = messages.Catalog(locale="zh")
    catalogue.add(sentence, translation)
    assert [c.partition(":")[0] for c in messages.complaints(catalogue)] == ([complaint] if complaint else [])


def test_a_doubtful_translation_is_none(messages: ModuleType) -> None:
    catalogue = messages.Catalog(locale="zh")
    catalogue.add("a", "b", flags=["fuzzy"])
    assert messages.complaints(catalogue) == ["doubtful: 'a'"]


@pytest.mark.parametrize(
    ("variables", "lang"),
    [
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"LC_ALL": "C", "LANG": "zh_CN.UTF-8"}, "en"),
        ({"LC_MESSAGES": "zh_TW", "LANG": "en_US"}, "zh"),
    ],
)
def test_language_of_the_locale(monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], lang: str) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert language.preferred() == lang


def test_choose() -> None:
    language.choose("zh")
    assert language._("no difference") == "无差异"
    language.choose("en")
    assert language._("no difference") == "no difference"
