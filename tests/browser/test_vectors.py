"""Every vector of a corpus, taken in by the real daemon's reader and looked at in a real Chromium.

On the article's page, in the published feeds' content on a page without any policy, and in a
newsletter: no script runs whatever a person touches, and nobody is called.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape

import pytest
from flask import Flask
from playwright.sync_api import Page, Route

from aggregator.model import FeedHead, Site
from aggregator.pipeline.editions import edition_of
from aggregator.publish.digest import digest
from aggregator.publish.pages import moment
from aggregator.store.engine import Engine, open_engine, reading
from aggregator.store.feeds.heads import find_feed
from aggregator.web.app import create_app
from tests.browser.demo import serving
from tests.browser.looking import Chromium
from tests.hostile.vectors import TRAP, vectors
from tests.origin import Origin, Reply
from tests.running import aggregator, free_port

CONFIG = """
site: {{title: Vectors, url: '{url}', contact: editor@paper.example}}
database: sqlite:///vectors.db
fetch: {{allow_private: ['{at}']}}
defaults: {{initial_items: 1000}}
feeds: {{all: {{title: All, query: '', limit: 1000}}}}
sources:
  - {{url: '{feed}', name: Vectors}}
"""
#: every article's page is looked at in the long run, every fourth in the short one
IS_LONG = "AGGREGATOR_HOSTILE" in os.environ
#: every function a vector may call, replaced by one that tells
WATCH = """window.hits = [];
for (const name of ['alert', 'confirm', 'prompt', 'print']) window[name] = () => hits.push(name);"""
#: what a person, and a page, may do to everything in sight; ordinary links are left alone
TOUCH = """() => {
    const events = ['click', 'mouseover', 'mouseenter', 'focus', 'focusin', 'blur', 'load', 'error', 'toggle',
        'pointerover', 'pointerenter', 'animationstart', 'transitionend', 'copy', 'paste', 'wheel', 'input',
        'play', 'submit'];
    for (const one of document.querySelectorAll('*')) {
        const link = one.closest('a, area');
        const leads = one.closest('form') || (link && /^(https?|mailto|feed):$/.test(link.protocol));
        for (const name of events) {
            if (leads && (name === 'click' || name === 'submit')) continue;
            one.dispatchEvent(new MouseEvent(name, {bubbles: true, cancelable: true}));
        }
    }
    return window.hits;
}"""


@dataclass
class Paper:
    """The served paper and how many vectors it holds."""

    app: Flask
    engine: Engine
    url: str
    count: int


@pytest.fixture(scope="module")
def paper(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Paper]:
    folder, listed = tmp_path_factory.mktemp("vectors"), list(vectors())
    items = "".join(
        f"<item><guid>v{number}</guid><title>{escape(_plain(vector))}</title><author>{escape(_plain(vector))}</author>"
        f"<category>{escape(_plain(vector))}</category><link>{escape(_plain(vector))}</link>"
        f"<description>{escape(_plain(vector))}</description></item>"
        for number, vector in enumerate(listed)
    )
    with Origin() as origin:
        body = f"<rss version='2.0'><channel><title>x</title>{items}</channel></rss>".encode()
        feed = origin.on("/feed", Reply(200, (("Content-Type", "application/rss+xml"),), body))
        url = f"http://127.0.0.1:{free_port()}"
        config = folder / "vectors.yaml"
        config.write_text(CONFIG.format(url=url, at=origin.at, feed=feed), "utf-8")
        aggregator(config, "poll", "--all")
    engine = open_engine(f"sqlite:///{folder / 'vectors.db'}")
    app = create_app(engine)
    with serving(app, url):
        yield Paper(app, engine, url, len(listed))
    engine.dispose()


def _plain(vector: str) -> str:
    """What XML can carry of a vector; NULs and their like are tried by the reader's own tests."""
    return "".join(c for c in vector if c in "\t\n\r" or c >= " ")


def contents(paper: Paper) -> list[dict[str, Any]]:
    """The entries as the JSON Feed carries them, which is what feed readers show."""
    listed: list[dict[str, Any]] = paper.app.test_client().get("/feeds/all.json").get_json()["items"]
    return listed


class Guest:
    """A browser's page that notes who was called and which scripts ran."""

    def __init__(self, page: Page) -> None:
        self.page, self.called = page, list[str]()
        page.add_init_script(WATCH)
        page.on("dialog", lambda dialog: dialog.dismiss())
        page.route("**/*", self._route)

    def _route(self, route: Route) -> None:
        url = route.request.url
        if url.startswith(TRAP) and route.request.resource_type != "image":
            self.called.append(f"{route.request.resource_type} {url}")
        if url.startswith("http://127.0.0.1:"):
            route.continue_()
        else:
            route.abort()

    def touch(self) -> list[str]:
        """Touch everything; return what ran and who was called since the last time."""
        hits = list(self.page.evaluate(TOUCH)) + self.called
        self.called = []
        return hits


def test_the_corpus_is_a_corpus() -> None:
    listed = list(vectors())
    assert len(listed) == len(set(listed)) >= 200


def test_the_watch_sees_what_runs(chromium: Chromium) -> None:
    """A vector that nobody cleaned is noticed: the tests below can fail."""

    def see(page: Page) -> tuple[list[str], list[str]]:
        guest = Guest(page)
        page.goto("about:blank")
        page.set_content(f"<img src=x onerror=alert(1)><link rel=stylesheet href='{TRAP}l.css'>")
        ran = guest.touch()
        page.set_content("<a href='javascript:alert(1)'>x</a>")
        return ran, guest.touch()

    ran, clicked = chromium.look("about:blank", see)
    assert "alert" in ran
    assert f"stylesheet {TRAP}l.css" in ran
    assert "alert" in clicked


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_no_vector_lives_on_an_articles_page(chromium: Chromium, paper: Paper) -> None:
    def see(page: Page) -> list[str]:
        guest, alive = Guest(page), []
        for number in range(1, paper.count + 1, 1 if IS_LONG else 4):
            answer = page.goto(f"{paper.url}/articles/{number}")
            assert answer is not None
            assert answer.status == 200, number
            alive += [f"{number}: {hit}" for hit in guest.touch()]
        return alive

    assert chromium.look("about:blank", see, patience_s=380) == []


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_no_vector_lives_in_a_readers_page_without_a_policy(chromium: Chromium, paper: Paper) -> None:
    """What feeds carry is as safe on a page that allows everything: titles as text, content as it is."""
    entries = contents(paper)
    assert len(entries) == paper.count

    def see(page: Page) -> list[str]:
        guest, alive = Guest(page), []
        page.goto("about:blank")
        for entry in entries:
            page.set_content(f"<body><article>{entry.get('content_html') or ''}</article>")
            alive += [f"{entry['id']}: {hit} in {entry['content_html']}" for hit in guest.touch()]
        return alive

    assert chromium.look("about:blank", see, patience_s=380) == []


def test_no_vector_lives_on_the_lists_or_in_a_newsletter(chromium: Chromium, paper: Paper) -> None:
    with reading(paper.engine) as connection:
        head = find_feed(connection, "feed", "all")
        assert isinstance(head, FeedHead)
        items = edition_of(connection, head, Site(), 1000).items
    at = moment(items[0].article.sort_date, Site())
    message = digest(Site(), "All", at, items, "http://127.0.0.1/unsubscribe")

    def see(page: Page) -> list[str]:
        guest, alive = Guest(page), []
        for path in ("/", "/feeds/all", "/sources/vectors", "/search?q=alert", "/status"):
            page.goto(paper.url + path)
            alive += [f"{path}: {hit}" for hit in guest.touch()]
        page.goto("about:blank")
        page.set_content(message.html)
        return alive + [f"newsletter: {hit}" for hit in guest.touch()]

    assert len(items) == paper.count
    assert chromium.look("about:blank", see) == []
