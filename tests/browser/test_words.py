"""A paper of words that fit nowhere, in letters of several directions, under headings of every level."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Page

from tests.browser.demo import serving
from tests.browser.looking import Chromium, axe
from tests.running import free_port
from tests.store.making import NOW, arrive, entry
from tests.web.paper import open_paper

pytestmark = pytest.mark.browser
WORD = "Bridgekeepersapprenticeship" * 12
STORY = (
    "<h1>Before dawn</h1><p>" + "The river rose. " * 120 + "</p>"
    '<h3>After</h3><p>It fell.</p><img src="/static/icon.svg">'
)
#: where the last two letters of a heading stand
LAST_LETTERS = """() => {
    const text = document.querySelector('h1').lastChild, end = text.length;
    return [end - 2, end - 1].map(from => {
        const range = document.createRange();
        range.setStart(text, from);
        range.setEnd(text, from + 1);
        return range.getBoundingClientRect().left;
    });
}"""
#: the number of the article whose title turns round what follows
TURNED = 19
#: where a letter of the first date of an Arabic headline stands: the first one, the last one
ENDS_OF_DATE = """() => {
    const text = document.querySelector('[dir=rtl] time').firstChild, last = text.length;
    return [[0, 1], [last - 1, last]].map(([from, to]) => {
        const range = document.createRange();
        range.setStart(text, from);
        range.setEnd(text, to);
        return range.getBoundingClientRect().left;
    });
}"""


@pytest.fixture
def wordy(sqlite_engine) -> Iterator[str]:
    """The address of such a paper."""
    paper = open_paper(sqlite_engine)
    told = [entry("story", title="A night", content=STORY, words=400, published=NOW)]
    told += [
        entry(f"w{n}", title=WORD, summary=f"<p>{WORD}</p>", published=NOW - timedelta(minutes=n))
        for n in range(1, 12)
    ]
    told.append(entry("ar", title="النهر يرتفع", language="ar", published=NOW - timedelta(seconds=1)))
    told.append(entry("turned", title="Turned \u202eround", image="http://127.0.0.1:9/x.png"))
    arrive(sqlite_engine, "harbour-herald", *told, feeds=["front-page"])
    paper.forget()
    url = f"http://127.0.0.1:{free_port()}"
    with serving(paper.client.application, url):
        yield url


@pytest.mark.parametrize(
    "path", ["/", "/feeds/front-page", "/articles/6", "/articles/7", "/search?q=river", "/nowhere"]
)
def test_a_page_is_no_wider_than_the_window(chromium: Chromium, wordy: str, path: str) -> None:
    def see(page: Page) -> dict[int, object]:
        found: dict[int, object] = {}
        for width in (320, 390, 800, 1280):
            page.set_viewport_size({"width": width, "height": 900})
            is_wide = page.evaluate("() => document.documentElement.scrollWidth") > width
            if is_wide or axe(page):
                found[width] = is_wide or axe(page)
        return found

    assert chromium.look(wordy + path, see) == {}


@pytest.mark.parametrize("path", ["/", "/feeds/front-page"])
def test_a_date_reads_on_under_a_headline_from_right_to_left(
    chromium: Chromium, wordy: str, path: str
) -> None:
    first, last = chromium.look(wordy + path, lambda page: page.evaluate(ENDS_OF_DATE))
    assert first < last


def test_an_article_has_one_heading_of_the_first_level(chromium: Chromium, wordy: str) -> None:
    levels = chromium.look(f"{wordy}/articles/6", lambda page: page.locator("h1").all_inner_texts())
    assert levels == ["A night"]


def test_what_turns_a_title_round_turns_nothing_else_round(chromium: Chromium, wordy: str) -> None:
    page = f"{wordy}/articles/{TURNED}/why"
    first, last = chromium.look(page, lambda page: page.evaluate(LAST_LETTERS))
    assert first < last


def test_a_picture_is_as_wide_as_the_text_below_it(chromium: Chromium, wordy: str) -> None:
    def widths(page: Page) -> list[float]:
        return [page.locator(one).bounding_box()["width"] for one in ("figure", "article > .text")]

    figure, text = chromium.look(f"{wordy}/articles/{TURNED}", widths)
    assert figure == text
