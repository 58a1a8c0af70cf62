"""A real Chromium without a window, driven by Playwright: `apt-get install chromium`, `pip install playwright`; skips without either."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Any

import pytest

ARGUMENTS = (
    *("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync"),
    *("--no-first-run", "--disable-default-apps", "--disable-extensions", "--mute-audio"),
)


def executable() -> str:
    """Where Chromium is; skips where it is not."""
    found = next((path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip("no Chromium here: apt-get install chromium")
    pytest.importorskip("playwright.sync_api", reason="pip install playwright")
    return found


@contextmanager
def browser() -> Iterator[Any]:
    """One browser."""
    path = executable()
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        try:
            yield opened
        finally:
            opened.close()


class Visit:
    """One page, with all that it said on its console, threw, and asked the network for."""

    def __init__(self, opened: Any, url: str, **context: Any) -> None:
        self.context = opened.new_context(**({"viewport": {"width": 1280, "height": 900}} | context))
        self.page = self.context.new_page()
        self.errors: list[str] = []
        self.requests: list[str] = []
        self.page.on("console", lambda message: self.errors.append(message.text) if message.type in ("error", "warning") else None)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.goto(url)
        self.until("document.querySelectorAll('[data-chart]:not([data-drawn])').length === 0")

    def until(self, expression: str, seconds: float = 30) -> None:
        """Wait until it is true; from outside, because the page's policy forbids to evaluate anything inside."""
        end = monotonic() + seconds
        while not self.page.evaluate(expression):
            assert monotonic() < end, f"never: {expression}"
            self.page.wait_for_timeout(50)

    def chart(self, index: int) -> dict[str, Any]:
        """Numbers that a chart was drawn with."""
        return self.page.evaluate(f"JSON.parse(document.getElementById('data').textContent).charts[{index}]")

    def close(self) -> None:
        self.context.close()
