"""The plots of the experiments: measured in the quick version, drawn in both languages, kept by content so that they are drawn once."""

from __future__ import annotations

import hashlib
import inspect
import warnings
from pathlib import Path

import matplotlib

from unstuck import drawing, lab, language
from unstuck.lab import Result
from unstuck.topics import topics

Figures = dict[tuple[str, str], Path]


def figures(kept: Path) -> tuple[list[Result], Figures]:
    """Every claim that draws something, measured; and (claim, language) -> its file in the folder `kept`.

    A character that no font has, or any other warning of matplotlib, is an error.
    """
    kept.mkdir(parents=True, exist_ok=True)
    kinds = [kind for topic in topics().values() for kind in topic.claims() if kind().draws]
    results = lab.run(kinds, quick=True, tick=lambda claim, result: print(".", end="", flush=True) if result else None)
    print()
    for result in results:
        if result.error:
            raise SystemExit(f"{result.claim.topic}/{result.claim.id}: {result.error}")
    files: Figures = {}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for result in results:
            for lang in language.LANGUAGES:
                path = kept / f"{_digest(result, lang)}.svg"
                if not path.exists():
                    part = path.with_name(f"{path.stem}-part.svg")
                    drawing.save([result], part, drawing.language(lang))
                    part.replace(path)
                files[name(result), lang] = path
    return results, files


def name(result: Result) -> str:
    """Its name on the site; two topics may have claims of one name."""
    return f"{result.claim.topic}-{result.claim.id}"


def _digest(result: Result, lang: str) -> str:
    """Of everything that the picture depends on."""
    digest = hashlib.sha256(f"{name(result)} {drawing.language(lang)} {result.claim.knobs} {matplotlib.__version__}".encode())
    for source in (inspect.getfile(type(result.claim)), drawing.__file__):
        digest.update(Path(source).read_bytes())
    for key, values in sorted(result.measured.items()):
        digest.update(key.encode() + values.tobytes())
    return digest.hexdigest()[:24]
