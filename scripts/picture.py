"""The picture of the README: `python scripts/picture.py report.html docs/report.png`; needs Chromium and Playwright, as the tests do."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

#: What a reader sees without scrolling: the verdict, the first finding, the first trials; CSS pixels.
SIZE = {"width": 1180, "height": 1360}


def main(page: Path, picture: Path) -> None:
    """Open the page as a reader would, and take its picture."""
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"])
        opened = browser.new_page(viewport=SIZE, color_scheme="light")  # type: ignore[arg-type]
        opened.goto(page.resolve().as_uri())
        opened.wait_for_selector("[data-drawn]")
        opened.screenshot(path=picture)
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
