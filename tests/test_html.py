"""The report page in a real browser: what it shows is what the trace says, nothing leaves it, and no name in it can run."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import pytest
from browser import Visit, browser
from drawn import HOSTILE, report, trace
from test_renderers import REPORTS

from unstuck import charts, notebook
from unstuck.records import Facts, Finding, Patch, Text, Trace
from unstuck.renderers import as_html

pytestmark = pytest.mark.slow  # a browser

HTML = Path(as_html.__file__).parent / "html"


@pytest.fixture(scope="module")
def opened() -> Iterator[Any]:
    with browser() as found:
        yield found


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    seen = trace()
    path = tmp_path_factory.mktemp("html") / "report.html"
    path.write_text(as_html.render(report(seen), "en", trace=seen), encoding="utf-8")
    return path


@pytest.fixture
def visit(opened: Any, page: Path) -> Iterator[Visit]:
    found = Visit(opened, page.as_uri())
    yield found
    assert found.errors == []
    assert found.requests == [page.as_uri()], "nothing but the file itself may be asked for"
    found.close()


# -------------------------------------------------------------------------------------------------------- what is told


def test_verdict_stands_on_top(visit: Visit) -> None:
    title = visit.page.inner_text("h1")
    assert title.splitlines() == ["Vanishing gradient: net.1 … net.7 (Sigmoid).", "relu helps: validation accuracy 0.113 → 0.900."]


def test_findings_name_place_line_and_consequence(visit: Visit) -> None:
    first, second = (visit.page.inner_text(f"#finding-{n}") for n in (1, 2))
    assert "The gradient shrinks 0.25x per layer." in first and "train.py:10" in first and "from step 21" in first
    assert "consequence of vanishing-gradient" in second and "warning" in second


def test_figures_are_those_of_the_trace(visit: Visit) -> None:
    seen = trace()
    visit.page.click("#finding-1 figure.chain details summary")
    rows = visit.page.eval_on_selector_all("#finding-1 figure.chain tbody tr", "rows => rows.map(r => [...r.cells].map(c => c.innerText))")
    assert [row[:3] for row in rows] == [[p.name, p.kind, f"train.py:{p.line}"] for p in seen.facts.places]
    for row, signal in zip(rows, seen.each("gradient.norm"), strict=True):
        assert float(row[3]) == pytest.approx(np.median(signal.values[:20]), rel=0.06)  # two digits are shown
    assert [row[4] for row in rows] == ["–", "0.25", "0.9", "0.25", "0.9", "0.25", "0.9", "0.25"]


def test_charts_are_drawn_from_the_trace(visit: Visit) -> None:
    data = json.loads(visit.page.evaluate("document.getElementById('data').textContent"))
    seen = trace()
    cells = data["maps"]["gradient.norm"]["cells"]
    for row, signal in zip(cells, seen.each("gradient.norm"), strict=True):
        assert row == pytest.approx(signal.values.tolist(), rel=6e-3)
    assert data["gains"]["typical"]["activation"] == pytest.approx(0.25)
    assert max(v for v in data["curves"]["loss.value"][0]["values"]) == 9.0
    assert [m["step"] for m in data["moments"]] == [21, 40]
    painted = "canvas => canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.some(v => v)"
    for plot in visit.page.locator("[data-chart]").all():
        assert plot.locator("canvas").first.evaluate(painted)


def test_hovering_a_cell_tells_place_and_value(visit: Visit) -> None:
    box = visit.page.locator("#finding-1 [data-chart]").first.bounding_box()
    visit.page.mouse.move(box["x"] + 300, box["y"] + 24 + 19 * 0.5)
    told = visit.page.wait_for_selector(".tip").inner_text()
    assert told.startswith("net.0") and "step" in told and "train.py:10" in told


def test_trials_show_every_pair(visit: Visit) -> None:
    row = visit.page.locator("tr[data-remedies=relu]")
    assert row.locator("svg.pairs circle").count() == 7 and row.locator("svg.pairs path").count() == 1  # one arm gave no number
    assert "helps" in row.inner_text() and "symptom gone" in row.inner_text()
    assert "no difference" in visit.page.inner_text("tr[data-remedies=higher-lr]")


def test_silence_is_told(visit: Visit) -> None:
    text = visit.page.inner_text("#silence")
    assert "dead-units" in text and "no validation phase seen" in text


# --------------------------------------------------------------------------------------------------- language and look


def test_language_switch(visit: Visit) -> None:
    visit.page.click("[data-set-lang=zh]")
    assert visit.page.inner_text("h1").startswith("梯度消失：net.1")
    assert "梯度每层缩小到 0.25 倍。" in visit.page.inner_text("#finding-1")
    assert visit.page.get_attribute("html", "lang") == "zh"
    assert re.search("[\u4e00-\u9fff]", visit.page.get_attribute("[data-chart]", "aria-label") or "")
    text = visit.page.inner_text("main")
    assert not re.search(r"\b(Findings|Numbers|confidence|outcome|effect|Could not look)\b", text)
    visit.page.click("[data-set-lang=en]")
    assert not re.search("[\u4e00-\u9fff]", visit.page.inner_text("main"))


def test_theme_switch_changes_page_and_charts(visit: Visit) -> None:
    def look() -> tuple[str, str]:
        background = visit.page.evaluate("getComputedStyle(document.body).backgroundColor")
        return background, visit.page.evaluate("document.querySelector('[data-chart] canvas').toDataURL().slice(-400)")

    light = look()
    visit.page.click("[data-set-theme=dark]")
    dark = look()
    assert light[0] != dark[0] and light[1] != dark[1]
    visit.page.click("[data-set-theme=auto]")
    visit.page.emulate_media(color_scheme="dark")
    visit.page.wait_for_timeout(50)
    assert look() == dark


def test_keyboard_reaches_everything(visit: Visit) -> None:
    reached = []
    for _ in range(40):
        visit.page.keyboard.press("Tab")
        reached.append(
            visit.page.evaluate(
                "(e => e.dataset.setLang || e.dataset.chart || e.tagName + (e.getAttribute('href') || ''))(document.activeElement)"
            )
        )
    assert reached[0] == "A#main" and "zh" in reached and "0" in reached and "SUMMARY" in reached
    visit.page.focus("[data-set-lang=zh]")
    visit.page.keyboard.press("Enter")
    assert visit.page.get_attribute("html", "lang") == "zh"


def test_screen_reader_has_a_name_for_everything(visit: Visit) -> None:
    unnamed = visit.page.eval_on_selector_all(
        "button, a, [role=img], [role=region], summary, section",
        "all => all.filter(e => !(e.getAttribute('aria-label') || e.getAttribute('aria-labelledby') || e.innerText.trim())).map(e => e.outerHTML.slice(0, 80))",
    )
    assert unnamed == []
    assert "8 places in data-flow order" in visit.page.get_attribute("#finding-1 [data-chart]", "aria-label")
    assert visit.page.locator("h1").count() == 1 and visit.page.locator("main").count() == 1


@pytest.mark.parametrize("width", [360, 390, 768, 1280, 1800])
def test_no_sideways_scrolling(opened: Any, page: Path, width: int) -> None:
    found = Visit(opened, page.as_uri(), viewport={"width": width, "height": 800})
    assert found.page.evaluate("document.documentElement.scrollWidth") <= width
    found.close()


def test_prints_in_light_colours(visit: Visit) -> None:
    visit.page.click("[data-set-theme=dark]")
    assert len(visit.page.pdf(format="A4")) > 20_000
    visit.page.emulate_media(media="print")
    assert visit.page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(253, 252, 249)"
    assert not visit.page.is_visible(".masthead")


# ------------------------------------------------------------------------------------------------------------- safety


def test_hostile_names_cannot_run(opened: Any, tmp_path: Path) -> None:
    seen = trace(names={0: HOSTILE, 3: HOSTILE + "3"})
    seen = replace(seen, facts=replace(seen.facts, script=HOSTILE, error=HOSTILE, exit="failed", models=(HOSTILE,)))
    ill = report(seen)
    odd = Finding(rule=HOSTILE, root_cause=HOSTILE, message=Text(HOSTILE, HOSTILE), places=ill.findings[0].places)
    path = tmp_path / "report.html"
    path.write_text(as_html.render(replace(ill, findings=(*ill.findings, odd), clean=(HOSTILE,)), trace=seen), encoding="utf-8")
    found = Visit(opened, path.as_uri())
    box = found.page.locator("#finding-1 [data-chart]").first.bounding_box()
    found.page.mouse.move(box["x"] + 400, box["y"] + 30)
    assert HOSTILE in found.page.wait_for_selector(".tip").inner_text()
    assert found.page.evaluate("window.pwned") is None
    assert found.page.locator("img").count() == 0 and "49" not in found.page.title()
    assert HOSTILE in (found.page.text_content("#finding-1 table.evidence") or "")
    assert found.errors == []
    found.close()


def test_policy_refuses_what_gets_in_all_the_same(opened: Any, page: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.html"
    broken.write_text(
        page.read_text(encoding="utf-8").replace("</main>", "<script>window.pwned=1</script><img src=x onerror='window.pwned=2'></main>")
    )
    found = Visit(opened, broken.as_uri())
    assert found.page.evaluate("window.pwned") is None
    assert found.page.evaluate("fetch('https://example.org').then(() => 'sent', () => 'refused')") == "refused"
    found.close()


def test_nothing_points_outside() -> None:
    text = as_html.render(report(trace()), trace=trace())
    own = text.replace((HTML / "echarts.js").read_text(encoding="utf-8"), "")
    assert not re.findall(r"(?:src|href)=[\"']?https?:", own)
    assert set(re.findall(r"https?://[^\s\"'<>)]+", own)) == {"http://www.w3.org/2000/svg"}


def test_library_is_the_one_that_the_script_builds() -> None:
    package = json.loads((Path(__file__).parents[1] / "scripts" / "echarts" / "package.json").read_text())
    head = (HTML / "echarts.js").read_text(encoding="utf-8")[:300]
    assert f"Apache ECharts {package['dependencies']['echarts']}" in head and "LICENSE-echarts.txt" in head
    assert "Apache License" in (HTML / "LICENSE-echarts.txt").read_text(encoding="utf-8")


# --------------------------------------------------------------------------------------------------------------- size


@pytest.mark.slow
def test_a_hundred_layers_and_ten_thousand_samples_stay_below_2_mb(opened: Any, tmp_path: Path) -> None:
    seen = trace(100, 10_000)
    started = perf_counter()
    text = as_html.render(report(seen), trace=seen)
    assert len(text.encode()) < 2_000_000
    assert perf_counter() - started < 30
    path = tmp_path / "large.html"
    path.write_text(text, encoding="utf-8")
    found = Visit(opened, path.as_uri())
    assert found.errors == []
    found.close()


def test_thinning_keeps_ends_and_extremes() -> None:
    values = np.random.default_rng(0).standard_normal(50_000).astype(np.float32)
    values[[17, 31_234]] = [40, -40]
    values[45_000] = np.nan
    kept = charts.thinned(values)
    assert len(kept) < 1.2 * charts.POINTS and {0, 17, 31_234, 45_000, 49_999} <= set(kept.tolist())
    assert charts.thinned(values[:10]).tolist() == list(range(10))


def test_heat_map_cells_are_medians_and_gaps_stay_gaps() -> None:
    seen = trace(2, 1000)
    late = [s for s in seen.signals if s.name == "gradient.norm"]
    late[0] = replace(late[0], steps=late[0].steps[500:], values=late[0].values[500:])
    late[1].values[3] = np.nan
    made = charts.heat_map(replace(seen, signals=tuple(late)), "gradient.norm")
    assert made is not None and made.values.shape == (4, charts.COLUMNS)
    assert not made.measured[0, 0] and made.measured[0, -1] and np.isnan(made.values[1, 0]) and made.measured[1, 0]
    first = late[2].values[:8]
    assert first.min() <= made.values[2, 0] <= first.max()


def test_diff_is_shown_line_by_line() -> None:
    patch = Patch(remedies=("relu",), diff="--- a\n+++ b\n-nn.Sigmoid()\n+nn.ReLU() # <b>\n")
    text = as_html.render(replace(report(trace()), patch=patch))
    assert '<span class="minus">-nn.Sigmoid()</span>' in text and '<span class="plus">+nn.ReLU() # &lt;b&gt;</span>' in text


@pytest.mark.parametrize("name", REPORTS)
def test_every_report_without_a_trace_is_a_page(name: str) -> None:
    for lang in ("en", "zh"):
        text = as_html.render(REPORTS[name], lang)
        assert (
            f'data-lang="{lang}"' in text
            and "<h1" in text
            and "{{" not in text.replace((HTML / "echarts.js").read_text(encoding="utf-8"), "")
        )


def odd_traces() -> dict[str, Trace]:
    """Traces at the edge of what can be measured."""
    seen = trace(3, 12)

    def with_values(make: Callable[[np.ndarray], np.ndarray]) -> Trace:
        return replace(seen, signals=tuple(replace(s, values=make(s.values).astype(np.float32)) for s in seen.signals))

    return {
        "nothing": Trace(Facts()),
        "no signals": Trace(seen.facts),
        "one sample": replace(seen, signals=tuple(replace(s, steps=s.steps[:1], values=s.values[:1]) for s in seen.signals)),
        "zeros": with_values(np.zeros_like),
        "not finite": with_values(lambda v: np.full_like(v, np.nan)),
        "infinite": with_values(lambda v: np.full_like(v, np.inf)),
        "diverging": with_values(lambda v: np.where(np.arange(len(v)) > len(v) // 2, np.inf, v * 1e30)),
        "negative": with_values(lambda v: -v),
        "tiny": with_values(lambda v: v * 1e-44),
        "gaps": replace(
            seen, signals=tuple(replace(s, steps=s.steps[i % 3 :: 3], values=s.values[i % 3 :: 3]) for i, s in enumerate(seen.signals))
        ),
        "empty": replace(seen, signals=tuple(replace(s, steps=s.steps[:0], values=s.values[:0]) for s in seen.signals)),
    }


@pytest.mark.slow
@pytest.mark.parametrize("name", odd_traces())
def test_odd_traces_are_drawn(opened: Any, tmp_path: Path, name: str) -> None:
    seen = odd_traces()[name]
    path = tmp_path / "odd.html"
    ill = replace(report(trace(3, 12)), facts=seen.facts)
    worse = replace(
        ill.findings[0], evidence=tuple(replace(e, value=v) for e, v in zip(ill.findings[0].evidence, (None, float("inf")), strict=True))
    )
    path.write_text(as_html.render(replace(ill, findings=(worse, *ill.findings[1:])), trace=seen), encoding="utf-8")
    found = Visit(opened, path.as_uri())
    assert found.errors == []
    assert "nan" not in found.page.inner_text("h1")
    found.close()
    assert notebook.run(ill, seen)
