"""Build the documentation site: `make docs`, or `python docs/build.py [--no-figures] [--output site]`.

Writes the pages of each language (`source_pages.py`), lets Sphinx set them with its warnings as errors, and adds the door.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path

import figures
import source_pages

from unstuck.language import LANGUAGES

HERE = Path(__file__).parent
ROOT = HERE.parent
DOOR = """<!doctype html>
<html lang="en">
<meta charset="utf-8"><meta name="viewport" content="width=device-width">
<link rel="icon" href="en/_static/icon.svg"><title>unstuck</title>
<script>location.replace((navigator.language || "en").toLowerCase().startsWith("zh") ? "zh/index.html" : "en/index.html")</script>
<p><a href="en/index.html">English</a> · <a href="zh/index.html" lang="zh-CN">中文</a></p>
</html>
"""


def main() -> int:
    """0 where Sphinx had nothing to complain about."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--output", type=Path, default=ROOT / "site")
    parser.add_argument("--work", type=Path, default=ROOT / "build" / "site", help="what Sphinx reads, and what it keeps for the next time")
    parser.add_argument("--no-figures", action="store_true", help="leave out the experiments' plots, which take a minute the first time")
    given = parser.parse_args()
    results, files = ([], {}) if given.no_figures else figures.figures(ROOT / ".unstuck" / "figures")
    running = []
    for lang in LANGUAGES:
        source = given.work / lang
        wanted = {source / f"{name}.md": text.encode() for name, text in source_pages.pages(lang, results)}
        wanted |= {source / "figures" / f"{name}.svg": path.read_bytes() for (name, of), path in files.items() if of == lang}
        wanted |= {source / path.relative_to(ROOT): path.read_bytes() for path in HERE.glob("*.png")}
        _write(source, wanted)
        running.append(_sphinx(source, given.work / f"doctrees-{lang}", given.output / lang, lang))
    if any([process.wait() for process in running]):
        return 1
    (given.output / "index.html").write_text(DOOR, encoding="utf-8")
    print(f"{given.output / 'index.html'}")
    return 0


def _write(folder: Path, wanted: dict[Path, bytes]) -> None:
    """Exactly these files, and those that did not change untouched: Sphinx goes by their times."""
    for path in [p for p in folder.rglob("*") if p.is_file() and p not in wanted]:
        path.unlink()
    for path, content in wanted.items():
        if not path.exists() or path.read_bytes() != content:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)


def _sphinx(source: Path, kept: Path, output: Path, lang: str) -> subprocess.Popen[bytes]:
    shutil.rmtree(output, ignore_errors=True)
    command = ["-b", "html", "-c", str(HERE), "-d", str(kept), "-W", "--keep-going", "-q", str(source), str(output)]
    return subprocess.Popen([sys.executable, "-m", "sphinx", *command], env={**os.environ, "UNSTUCK_SITE": lang})


if __name__ == "__main__":
    sys.exit(main())
