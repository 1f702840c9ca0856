"""One Chromium for all tests, in a thread of its own: playwright's event loop never meets a test's."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from importlib.resources import files
from pathlib import Path
from typing import Any, TypeVar

from playwright.sync_api import Browser, Page, Playwright, sync_playwright

T = TypeVar("T")
#: where pictures of the pages are kept; None: nowhere
FOLDER = os.environ.get("AGGREGATOR_SCREENSHOTS")
CHROMIUM = Path("/usr/bin/chromium")
AXE = (files("axe_playwright_python") / "axe.min.js").read_text("utf-8")
ARGUMENTS = (
    "--no-sandbox",  # the tests may run as root in a container
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
#: WCAG 2.2 A and AA, and what axe holds to be good practice
RULES = {"resultTypes": ["violations"], "rules": {"region": {"enabled": True}}}


class Chromium:
    """A running browser; every call happens in its thread."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="chromium")
        self._playwright: Playwright
        self._browser: Browser
        self._thread.submit(self._open).result(60)

    def look(self, url: str, see: Callable[[Page], T], patience_s: float = 100, **context: Any) -> T:
        """Open *url* in a fresh context, load all of it, and return what *see* makes of the page."""
        return self._thread.submit(self._look, url, see, context).result(patience_s)

    def close(self) -> None:
        """End the browser."""
        self._thread.submit(self._close).result(30)
        self._thread.shutdown()

    def _open(self) -> None:
        self._playwright = sync_playwright().start()
        self._browser = self._playwright.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))

    def _close(self) -> None:
        self._browser.close()
        self._playwright.stop()

    def _look(self, url: str, see: Callable[[Page], T], context: dict[str, Any]) -> T:
        opened = self._browser.new_context(**context)
        try:
            page = opened.new_page()
            page.complaints = complaints = []  # type: ignore[attr-defined]
            page.on("console", lambda message: complaints.append(f"{message.type}: {message.text}"))
            page.on("pageerror", lambda error: complaints.append(f"error: {error}"))
            page.goto(url)
            return see(page)
        finally:
            opened.close()


def show_lazy_pictures(page: Page) -> None:
    """Scroll through the page, so that lazy pictures load as they do for a reader."""
    page.evaluate(
        """async () => {
            for (let y = 0; y < document.body.scrollHeight; y += 800) {
                window.scrollTo(0, y); await new Promise(requestAnimationFrame);
            }
            window.scrollTo(0, 0);
            await Promise.all([...document.images].filter(i => !i.complete).map(i => new Promise(done => {
                i.addEventListener('load', done); i.addEventListener('error', done); setTimeout(done, 3000);
            })));
        }"""
    )


def keep_picture(page: Page, name: str) -> None:
    """Keep the whole page as a picture for people to look at, where they ask for pictures."""
    if FOLDER:
        page.screenshot(path=Path(FOLDER, f"{name}.png"), full_page=True)


def axe(page: Page) -> list[str]:
    """Return what axe-core complains of, one line each."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(AXE)
    found = page.evaluate("options => axe.run(document, options)", RULES)["violations"]
    return [
        f"{one['id']}: {one['help']}: {node['html'][:160]} {node.get('failureSummary', '')}"
        for one in found
        for node in one["nodes"][:3]
    ]
