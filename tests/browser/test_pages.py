"""Every page as a browser shows it: wide and narrow, light and dark, quiet, and open to everybody."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.browser.demo import Demo
from tests.browser.looking import Chromium, axe, keep_picture, show_lazy_pictures

pytestmark = pytest.mark.browser
WIDTHS = (375, 1280)
SCHEMES = ("light", "dark")


PAGES = {
    "front": "/",
    "topic": "/topics/economy",
    "languages": "/topics/languages",
    "feed": "/feeds/front-page",
    "source": "/sources/the-thames-courier",
    "author": "/authors/ottoline-marsh",
    "hostile": "/sources/pell-s-oddments-after-the-break-in",
    "feeds": "/feeds",
    "topics": "/topics",
    "sources": "/sources",
    "about-sources": "/about/sources",
    "about-fetching": "/about/fetching",
    "status": "/status",
    "editions": "/editions",
    "search": "/search",
    "found": "/search?q=bridge",
    "complaint": "/search?q=a+and+b",
    "newsletter": "/newsletters/daily",
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
#: pages that another page leads to: where, and the first link there that matches
FOLLOWED = {
    "edition": ("/editions", ".days a"),
    "why": ("/topics/economy", ".listed h2 a"),
}
#: what is seen on the way into a newsletter and out of it: what the link is for, and if its button is pressed
LETTERS = {
    "newsletter-confirm": ("confirm", False),
    "newsletter-subscribed": ("confirm", True),
    "newsletter-leave": ("unsubscribe", False),
    "newsletter-left": ("unsubscribe", True),
}
EVERY = (*PAGES, *ARTICLES, *FOLLOWED, *LETTERS, "story", "newsletter-asked", "newsletter-complaint")


def address(chromium: Chromium, demo: Demo, name: str) -> str:
    """Return the address of a page named above."""
    site = demo.url
    if name in PAGES:
        return site + PAGES[name]
    if name in LETTERS:
        return f"{site}/newsletters/daily/{LETTERS[name][0]}/{demo.token}"
    if name.startswith("newsletter-"):
        return f"{site}/newsletters/daily"
    if name == "story":
        return f"{site}/stories/{demo.story}"

    def found(page: Page) -> str:
        page.fill("#query", ARTICLES[name])
        page.press("#query", "Enter")
        return str(page.locator("main article h2 a").first.get_attribute("href"))

    def led_to(page: Page) -> str:
        return str(page.locator(FOLLOWED[name][1]).first.get_attribute("href"))

    if name in ARTICLES:
        return site + chromium.look(f"{site}/search", found)
    path = chromium.look(site + FOLLOWED[name][0], led_to)
    return f"{site}{path}/why" if name == "why" else site + path


def go_on(page: Page, name: str) -> None:
    """Fill in and send the form of a page that is seen after a form was sent."""
    if name in ("newsletter-asked", "newsletter-complaint"):
        page.fill("main input", "ann@reader.example" if name == "newsletter-asked" else "ann@nowhere")
    if name in ("newsletter-asked", "newsletter-complaint") or LETTERS.get(name, ("", False))[1]:
        page.click("main button")


@pytest.mark.parametrize("name", EVERY)
def test_a_page_is_well_made(chromium, demo, name):
    def see(page: Page) -> dict[str, object]:
        wrong: dict[str, object] = {}
        go_on(page, name)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            for scheme in SCHEMES:
                page.emulate_media(color_scheme=scheme)
                show_lazy_pictures(page)
                keep_picture(page, f"{name}-{width}-{scheme}")
                if found := axe(page):
                    wrong[f"axe {width} {scheme}"] = found
            scrolls = page.evaluate("() => document.documentElement.scrollWidth")
            if scrolls > width:
                wrong[f"scrolls sideways at {width}"] = scrolls
        # Chromium reports a page's own status, which is one of these on purpose
        refused = {"complaint", "newsletter-complaint"}
        meant = "status of 404" if name == "missing" else "status of 400" if name in refused else "\0"
        complaints = [one for one in page.complaints if meant not in one]
        return {**wrong, "console": complaints} if complaints else wrong

    assert chromium.look(address(chromium, demo, name), see) == {}


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


def test_lines_of_an_article_are_as_long_as_people_like_to_read(chromium, demo):
    """Between 60 and 75 characters on a wide screen, counted in the lines that are full."""

    def see(page: Page) -> list[int]:
        return list(
            page.evaluate(
                """() => [...document.querySelectorAll('.story .text p')].flatMap(p => {
                    const range = document.createRange(), lines = []; let top = null;
                    const walker = document.createTreeWalker(p, NodeFilter.SHOW_TEXT);
                    for (let node; (node = walker.nextNode());)
                        for (let i = 0; i < node.length; i++) {
                            range.setStart(node, i); range.setEnd(node, i + 1);
                            const box = range.getBoundingClientRect();
                            if (box.width === 0 && node.data[i].trim()) continue;
                            if (top === null || box.top > top + 8) { lines.push(0); top = box.top; }
                            lines[lines.length - 1]++;
                        }
                    return lines.slice(0, -1);
                })"""
            )
        )

    lines = chromium.look(address(chromium, demo, "article"), see, viewport={"width": 1280, "height": 900})
    assert len(lines) > 10
    assert 60 <= sum(lines) / len(lines) <= 75
    assert max(lines) <= 82


@pytest.mark.parametrize("name", ["front", "article", "arabic"])
def test_a_page_is_fit_to_print(chromium, demo, name):
    def see(page: Page) -> list[str]:
        page.set_viewport_size({"width": 794, "height": 1123})
        page.emulate_media(media="print")
        show_lazy_pictures(page)
        keep_picture(page, f"{name}-print")
        assert page.pdf(format="A4").startswith(b"%PDF")
        seen = "() => [...document.querySelectorAll('nav, form, audio, button')].filter(e => e.offsetHeight)"
        return list(page.evaluate(f"{seen}.map(e => e.outerHTML)"))

    assert chromium.look(address(chromium, demo, name), see) == []


def test_a_paper_without_articles_looks_intended(chromium, empty_site):
    def see(page: Page) -> list[str]:
        wrong = []
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            name = page.url.rsplit("/", 1)[1] or "front"
            keep_picture(page, f"empty-{name}-{width}")
            wrong += axe(page)
            if page.evaluate("() => document.documentElement.scrollWidth") > width:
                wrong.append(f"scrolls sideways at {width}")
        return [*wrong, *page.complaints]

    for path in ("/", "/feeds/front-page", "/editions", "/sources"):
        assert chromium.look(empty_site + path, see) == []


def test_a_picture_that_is_gone_leaves_no_broken_sign(chromium, demo):
    def see(page: Page) -> list[bool]:
        page.route(
            "**/*",
            lambda route: route.abort() if route.request.resource_type == "image" else route.continue_(),
        )
        page.reload()
        show_lazy_pictures(page)
        keep_picture(page, "pictureless")
        covered = "i => getComputedStyle(i, '::after').position === 'absolute' && i.clientHeight > 0"
        return list(page.evaluate(f"() => [...document.querySelectorAll('.picture')].map({covered})"))

    seen = chromium.look(f"{demo.url}/", see)
    assert seen
    assert all(seen)
