"""The documentation site, built as `make docs` builds it and read in a real browser: every page, in both languages, on a phone too."""

from __future__ import annotations

import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import partial
from html.parser import HTMLParser
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from unicodedata import category
from urllib.parse import unquote, urlsplit

import pytest
from browser import Visit, browser, executable

from unstuck.pages import entries

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[1]
PHONE = {"width": 390, "height": 844}
SHELF = {"topics": "handbook"}
#: LaTeX, Markdown and references between pages that nobody turned into something.
RAW = re.compile(r"\$|\\[A-Za-z]+|\*\*|\]\(|\b(?:rule|remedy|topic|probe):[a-z]|```")
#: Which characters of a text this font cannot draw: they look like one that does not exist.
MISSING = """([text, font]) => {
  const canvas = Object.assign(document.createElement('canvas'), {width: 40, height: 40});
  const context = canvas.getContext('2d', {willReadFrequently: true});
  const look = character => {
    context.clearRect(0, 0, 40, 40);
    context.font = '24px ' + font;
    context.fillText(character, 4, 30);
    return context.getImageData(0, 0, 40, 40).data.join();
  };
  const nothing = look('\\u0378');
  return [...text].filter(character => look(character) === nothing).join('');
}"""


class Page(HTMLParser):
    """What one page says, where it leads, and what can be led to."""

    SILENT = frozenset({"script", "style", "math", "pre", "code", "svg", "title"})

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.links: list[str] = []
        self.anchors: set[str] = set()
        self.said: list[str] = []
        self.everything: list[str] = []
        self.silent: list[str] = []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = dict(attrs)
        self.links += [value for key in ("href", "src") if (value := known.get(key))]
        self.anchors |= {value for key in ("id", "name") if (value := known.get(key))}
        if tag in self.SILENT:
            self.silent.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self.silent and self.silent[-1] == tag:
            self.silent.pop()

    def handle_data(self, data: str) -> None:
        if not {"script", "style"} & {*self.silent}:
            self.everything.append(data)
        if not self.silent:
            self.said.append(data)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    executable()
    for name in ("sphinx", "myst_parser", "furo", "math_core", "matplotlib"):
        pytest.importorskip(name, reason="pip install 'unstuck[docs]'")
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "docs/build.py", "--output", str(folder / "site"), "--work", str(folder / "work")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder / "site"


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[Path, Page]:
    return {path: Page(path) for path in sorted(site.rglob("*.html"))}


@pytest.fixture(scope="module")
def opened(site: Path) -> Iterator[Any]:
    with browser() as found:
        yield found


@pytest.fixture(scope="module")
def address(site: Path) -> Iterator[str]:
    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(site)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


def test_everything_has_a_page_in_both_languages(site: Path) -> None:
    names = {lang: {path.relative_to(site / lang) for path in (site / lang).rglob("*.html")} for lang in ("en", "zh")}
    assert names["en"] == names["zh"]
    assert {Path(SHELF.get(e.kind, e.kind)) / f"{e.plugin.id}.html" for e in entries()} <= names["en"]
    assert {Path("index.html"), Path("clinic.html"), Path("benchmarks.html")} <= names["en"]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_headings_are_those_of_the_page(site: Path, lang: str) -> None:
    for entry in entries():
        html = (site / lang / SHELF.get(entry.kind, entry.kind) / f"{entry.plugin.id}.html").read_text(encoding="utf-8")
        assert tuple(re.findall(r"<h2>(.*?)<a class=\"headerlink\"", html)) == entry.plugin.headings(lang), entry.plugin.id


def test_no_link_is_dead(site: Path, pages: dict[Path, Page]) -> None:
    dead = []
    for path, page in pages.items():
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            fragment = unquote(parts.fragment)
            if not target.exists() or (
                fragment and target in pages and not fragment.startswith("svg-") and fragment not in pages[target].anchors
            ):
                dead.append((str(path.relative_to(site)), link))
    assert dead == []
    assert sum(len(page.links) for page in pages.values()) > 20_000, "the links were found at all"


def test_nothing_raw_is_left(site: Path, pages: dict[Path, Page]) -> None:
    raw = {str(path.relative_to(site)): found for path, page in pages.items() if (found := RAW.findall("".join(page.said)))}
    assert raw == {}


def test_every_character_has_a_glyph(opened: Any, address: str, pages: dict[Path, Page]) -> None:
    visit = Visit(opened, f"{address}/zh/handbook/vanishing-gradient.html")
    fonts = {
        name: visit.page.evaluate(f"getComputedStyle(document.querySelector('article {name}')).fontFamily")
        for name in ("p", "code", "math")
    }
    assert visit.page.evaluate(MISSING, ["中\u0378a", fonts["p"]]) in ("\u0378", "中\u0378")
    if visit.page.evaluate(MISSING, ["中", fonts["p"]]):
        pytest.skip("no font with Chinese characters here: apt-get install fonts-wqy-zenhei")
    drawn = {c for page in pages.values() for part in page.everything for c in part if category(c) not in ("Zs", "Cc", "Cf", "Mn")}
    text = "".join(sorted(drawn))
    assert len(text) > 1000
    for font in fonts.values():
        assert visit.page.evaluate(MISSING, [text, font]) == ""
    visit.close()


def test_every_page_fits_a_phone_and_is_quiet(site: Path, opened: Any, address: str, pages: dict[Path, Page]) -> None:
    visit = Visit(opened, f"{address}/en/index.html", viewport=PHONE)
    wide = {}
    for path in pages:
        name = str(path.relative_to(site))
        visit.page.goto(f"{address}/{name}")
        width = visit.page.evaluate("document.documentElement.scrollWidth")
        if width > PHONE["width"]:
            wide[name] = width
    assert wide == {}
    assert visit.errors == []
    assert {url for url in visit.requests if not url.startswith((address, "data:"))} == set(), "everything comes with the site"
    visit.close()


def test_formulas_are_set_with_the_font_of_the_site(opened: Any, address: str) -> None:
    visit = Visit(opened, f"{address}/en/handbook/vanishing-gradient.html")
    visit.until("[...document.fonts].some(font => font.family.includes('Latin Modern Math') && font.status === 'loaded')")
    assert visit.page.locator("article .formula math[display=block]").count() >= 2
    assert visit.page.locator("article math msqrt").count() >= 1
    visit.close()


@pytest.mark.parametrize("viewport", [PHONE, {"width": 1280, "height": 900}], ids=["phone", "desk"])
def test_language_switch_stays_on_the_page(opened: Any, address: str, viewport: dict[str, int]) -> None:
    visit = Visit(opened, f"{address}/en/handbook/vanishing-gradient.html", viewport=viewport)
    assert visit.page.inner_text("h1").startswith("Vanishing gradients")
    visit.page.click("a.language")
    assert visit.page.url == f"{address}/zh/handbook/vanishing-gradient.html" and visit.page.inner_text("h1").startswith("梯度消失")
    assert visit.page.get_attribute("html", "lang") == "zh-CN"
    visit.page.click("a.language")
    assert visit.page.url == f"{address}/en/handbook/vanishing-gradient.html"
    assert visit.errors == []
    visit.close()


@pytest.mark.parametrize(
    ("lang", "words", "found"),
    [
        ("en", "learning rate divergence", "sharpness"),
        ("zh", "梯度消失", "vanishing-gradient"),
        ("zh", "批归一化", "batch-norm"),
        ("zh", "xavier", "xavier-init"),
    ],
)
def test_search_finds(opened: Any, address: str, lang: str, words: str, found: str) -> None:
    visit = Visit(opened, f"{address}/{lang}/search.html?q={words}")
    visit.until("document.querySelectorAll('#search-results li a').length > 0")
    visit.page.wait_for_timeout(500)
    links = visit.page.eval_on_selector_all("#search-results li a", "all => all.map(a => a.getAttribute('href'))")
    assert any(found in link for link in links[:5]), links
    assert visit.errors == []
    visit.close()


def test_door_leads_to_the_readers_language(opened: Any, address: str) -> None:
    for locale, lang in (("zh-CN", "zh"), ("de-DE", "en")):
        visit = Visit(opened, f"{address}/index.html", locale=locale)
        visit.page.wait_for_url(f"{address}/{lang}/index.html")
        visit.close()
