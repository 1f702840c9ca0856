"""Every page as a browser shows it: wide and narrow, light and dark, quiet, and open to everybody."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.browser.looking import Chromium, axe, show_lazy_pictures
from tests.running import ROOT

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
SCREENSHOTS = ROOT / "screenshots"
WIDTHS = (375, 1280)
SCHEMES = ("light", "dark")


PAGES = {
    "front": "/",
    "topic": "/topics/economy",
    "languages": "/topics/languages",
    "feed": "/feeds/front-page",
    "source": "/sources/the-thames-courier",
    "hostile": "/sources/pell-s-oddments-after-the-break-in",
    "feeds": "/feeds",
    "topics": "/topics",
    "sources": "/sources",
    "status": "/status",
    "search": "/search",
    "found": "/search?q=bridge",
    "complaint": "/search?q=a+and+b",
    "missing": "/nowhere",
}
#: pages of articles, by a query whose newest hit they are
ARTICLES = {
    "article": 'source:"The Thames Courier" AND words:[200 TO *]',
    "summary": 'source:"The Evening Lamp"',
    "sound": "has:audio",
    "arabic": "lang:ar",
    "japanese": "lang:ja",
}


def address(chromium: Chromium, site: str, name: str) -> str:
    """Return the address of a page named above."""
    if name in PAGES:
        return site + PAGES[name]

    def first(page: Page) -> str:
        page.fill("#query", ARTICLES[name])
        page.press("#query", "Enter")
        return str(page.locator("main article h2 a").first.get_attribute("href"))

    return site + chromium.look(f"{site}/search", first)


@pytest.mark.parametrize("name", [*PAGES, *ARTICLES])
def test_a_page_is_well_made(chromium, site, name):
    SCREENSHOTS.mkdir(exist_ok=True)

    def see(page: Page) -> dict[str, object]:
        wrong: dict[str, object] = {}
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            for scheme in SCHEMES:
                page.emulate_media(color_scheme=scheme)
                show_lazy_pictures(page)
                page.screenshot(path=SCREENSHOTS / f"{name}-{width}-{scheme}.png", full_page=True)
                if found := axe(page):
                    wrong[f"axe {width} {scheme}"] = found
            scrolls = page.evaluate("() => document.documentElement.scrollWidth")
            if scrolls > width:
                wrong[f"scrolls sideways at {width}"] = scrolls
        # Chromium reports a page's own status, which is one of these on purpose
        meant = {"missing": "status of 404", "complaint": "status of 400"}.get(name, "no such status")
        complaints = [one for one in page.complaints if meant not in one]
        return {**wrong, "console": complaints} if complaints else wrong

    assert chromium.look(address(chromium, site, name), see) == {}


def test_a_reader_subscribes_with_the_keyboard_alone(chromium, site):
    def see(page: Page) -> list[str]:
        walked = []
        for _ in range(200):
            page.keyboard.press("Tab")
            walked.append(
                page.evaluate(
                    "() => document.activeElement.getAttribute('href') || document.activeElement.id"
                )
            )
            if walked[-1].endswith("/feeds/front-page.atom"):
                shown = page.evaluate("() => getComputedStyle(document.activeElement).outlineStyle")
                assert shown != "none", "the focus cannot be seen"
                page.keyboard.press("Enter")
                break
        return walked

    for width in WIDTHS:
        walked = chromium.look(f"{site}/", see, viewport={"width": width, "height": 900})
        assert walked[0] == "#main", "the first stop skips the navigation"
        assert walked[-1] == f"{site}/feeds/front-page.atom"


def test_the_front_page_paints_after_one_document_and_one_style_sheet(chromium, site):
    asked: list[str] = []

    def see(page: Page) -> int:
        page.on("request", lambda request: asked.append(request.resource_type))
        answer = page.goto(f"{site}/")
        assert answer is not None
        return len(answer.body())

    size = chromium.look(f"{site}/about:blank", see)
    assert size < 100_000
    assert (asked.count("document"), asked.count("stylesheet"), asked.count("script")) == (1, 1, 0)
    assert "font" not in asked


def test_the_browser_obeys_the_policy_and_would_say_so(chromium, site):
    """The other tests look for complaints: here is one, so that their silence means something."""

    def see(page: Page) -> list[str]:
        page.evaluate(
            "() => document.body.append(Object.assign(document.createElement('script'), {text: '1'}))"
        )
        page.wait_for_timeout(50)
        return list(page.complaints)

    assert any("Content Security Policy" in one for one in chromium.look(f"{site}/", see))
