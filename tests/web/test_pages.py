"""The pages a person reads: real HTML, every text escaped, every link one that works."""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import urlsplit

import lxml.html
import pytest

from aggregator.model import Person
from tests.store.making import NOW, arrive, entry
from tests.web.paper import CONFIGURATION, SITE, open_paper

PAGES = (
    "/", "/feeds", "/topics", "/sources", "/status", "/search", "/search?q=tide", "/feeds/front-page",
    "/feeds/empty", "/topics/tide", "/sources/tide-tribune", "/articles/1", "/articles/4",
)  # fmt: skip
HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(1)>&#106;'


def read(paper, address, status=200):
    response = paper.get(address)
    assert response.status_code == status, address
    assert response.mimetype == "text/html"
    return lxml.html.document_fromstring(response.data)


def text(element):
    return " ".join(element.text_content().split())


@pytest.mark.parametrize("address", PAGES)
def test_every_page_is_whole(paper, address):
    page = read(paper, address)
    assert page.get("lang") == "en-GB"
    assert len(page.xpath("//h1")) == 1
    assert text(page.find(".//title"))
    assert page.xpath("//main[@id='main']")
    assert page.xpath("//meta[@name='viewport']")
    ids = page.xpath("//@id")
    assert len(ids) == len(set(ids))
    for field in page.xpath("//input[not(@type='hidden')]"):
        assert page.xpath(f"//label[@for='{field.get('id')}']")


def test_every_link_of_every_page_works(paper):
    seen, waiting = set(), ["/"]
    while waiting:
        address = waiting.pop()
        page = read(paper, address)
        for link in page.xpath(
            "//*[self::a or self::link]/@href | //form/@action | //img[starts-with(@src, '/')]/@src"
        ):
            parts = urlsplit(link)
            ours = not parts.netloc or parts.netloc == "gazette.example"
            if not ours or not parts.path or parts.path in seen:
                continue
            seen.add(parts.path)
            response = paper.get(parts.path)
            assert response.status_code == 200, f"{address} links to {link}"
            if response.mimetype == "text/html":
                waiting.append(parts.path)
    assert {
        "/articles/1",
        "/topics/tide",
        "/feeds/front-page.json",
        "/static/paper.css",
        "/opml/feeds.opml",
    } <= seen


def test_the_front_page_has_the_parts_of_a_newspaper(paper):
    page = read(paper, "/")
    assert text(page.xpath("//h1")[0]) == "Thames Gazette"
    assert "All that floats." in text(page.xpath("//header")[0])
    assert text(page.xpath("//p[@class='edition']")[0]) == "Sunday, Mar 1, 2026"
    assert (
        text(page.xpath("//article[@class='lead']//h2")[0]) == "Barge 2 <passes> & goes"
    )  # the first with a picture
    sections = page.xpath("//div[@class='sections']/section")
    assert [text(section.xpath(".//h2")[0]) for section in sections] == ["The tide"]
    assert sections[0].xpath(".//h3")
    assert len(page.xpath("//section[@class='latest']//li")) == 5
    assert "https://gazette.example/topics/tide.atom" in page.xpath(
        "//section[@class='subscriptions']//a/@href"
    )


def test_an_article_stands_once_above_the_headlines(paper):
    page = read(paper, "/")
    told = page.xpath("//article[@class='lead']//h2/a/@href") + page.xpath(
        "//div[@class='sections']//h3/a/@href | //ul[@class='headlines']//a/@href"
    )
    told += page.xpath("//div[@class='seconds']//h3/a/@href")
    assert len(told) == len(set(told)) >= 3


def test_the_front_page_points_readers_to_every_feed(paper):
    found = {
        link.get("href"): link.get("type") for link in read(paper, "/").xpath("//link[@rel='alternate']")
    }
    assert found["https://gazette.example/feeds/front-page.atom"] == "application/atom+xml"
    assert found["https://gazette.example/feeds/front-page.rss"] == "application/rss+xml"
    assert found["https://gazette.example/feeds/front-page.json"] == "application/feed+json"
    assert found["https://gazette.example/topics/tide.atom"] == "application/atom+xml"


def test_a_feeds_page_points_to_its_three_documents(paper):
    page = read(paper, "/topics/tide")
    links = page.xpath("//link[@rel='alternate']/@href")
    assert links == [f"https://gazette.example/topics/tide.{suffix}" for suffix in ("atom", "rss", "json")]
    assert page.xpath("//section[@class='subscribing']//dt/a/@href") == links
    assert text(page.xpath("//p[@class='query']")[0]) == "Chosen by tide*"


def test_an_edition_is_dated_in_the_papers_own_time_zone(sqlite_engine):
    kiribati = open_paper(
        sqlite_engine, replace(CONFIGURATION, site=replace(SITE, timezone="Pacific/Kiritimati"))
    )
    assert text(read(kiribati, "/").xpath("//p[@class='edition']")[0]) == "Monday, Mar 2, 2026"


def test_a_paper_without_articles_says_so(sqlite_engine):
    empty = open_paper(sqlite_engine, is_filled=False)
    assert "has no articles yet" in text(read(empty, "/").xpath("//main")[0])


def test_an_article_shows_what_its_source_allows(paper):
    full = read(paper, "/articles/1")
    assert text(full.xpath("//div[@class='text']")[0]) == "It passed the bridge. more"
    assert text(full.xpath("//p[@class='rights']")[0]) == "CC BY 4.0"
    assert "because of front-page" in text(full.xpath("//section[contains(@class, 'placements')]")[0])
    summary = read(paper, "/articles/4")
    assert text(summary.xpath("//div[@class='text']")[0]).endswith("…")
    assert text(summary.xpath("//main")[0]).count("The tide turns.") < 20


def test_a_recording_can_be_heard(paper):
    assert read(paper, "/articles/3").xpath("//audio/@src") == ["https://paper.example/talk.mp3"]


def test_hostile_texts_are_shown_not_run(paper):
    arrive(
        paper.engine,
        "harbour-herald",
        entry(
            "evil", title=HOSTILE, authors=(Person(HOSTILE),), published=NOW, rights=HOSTILE, language='"x'
        ),
        feeds=["front-page"],
    )
    paper.forget()
    for address in (
        "/",
        "/feeds/front-page",
        "/sources/harbour-herald",
        "/articles/6",
        "/search?q=title:script",
    ):
        page = read(paper, address)
        assert HOSTILE in text(page), address
        assert not page.xpath("//script[not(@type='application/ld+json')] | //img[@onerror]"), address


@pytest.mark.parametrize(
    "address", [*PAGES, "/no", "/feeds/front-page.atom", "/static/paper.css", "/healthz"]
)
def test_every_answer_tells_browsers_to_distrust_it(paper, address):
    headers = paper.get(address).headers
    policy = dict(one.strip().partition(" ")[::2] for one in headers["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert "script-src" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"


def test_pages_answer_conditionally(paper):
    first = paper.get("/", Accept_Encoding="gzip")
    again = paper.get("/", Accept_Encoding="gzip", If_None_Match=first.headers["ETag"])
    assert (again.status_code, again.data) == (304, b"")


def test_search_finds_and_explains(paper):
    assert len(read(paper, "/search?q=tide").xpath("//main//article")) == 2
    assert "Nothing found." in text(read(paper, "/search?q=zebra").xpath("//main")[0])
    complaint = read(paper, "/search?q=a+and+b", 400).xpath("//p[@role='alert']")
    assert "AND" in text(complaint[0])
    assert read(paper, "/search?q=%22%3E%3Cb%3E", 400).xpath("//input[@name='q']/@value")[-1] == '"><b>'


def test_status_tells_how_every_source_fares(paper):
    rows = [text(row) for row in read(paper, "/status").xpath("//tbody/tr")]
    assert len(rows) == 2
    assert re.match(r"Harbour Herald ok 1 Mar 2026, 12:00 .* an hour after the last 3", rows[0])


def test_a_missing_page_helps_and_reflects_nothing(paper):
    response = paper.get("/feeds/%3Cscript%3Ealert(1)%3C%2Fscript%3E?x=%3Cscript%3E")
    assert response.status_code == 404
    assert b"alert" not in response.data
    assert b'href="/feeds"' in response.data


@pytest.mark.parametrize("number", ["0", "01", "٣", "%D9%A3", "+1", "1_0", "9" * 19, "9" * 400])
def test_a_number_is_written_in_one_way(paper, number):
    for path in (
        "/articles/{}",
        "/articles/{}.json",
        "/articles/{}/why",
        "/stories/{}",
        "/feeds/front-page/issues/{}",
    ):
        assert paper.get(path.format(number)).status_code == 404
