"""Pages without a feed: the same newspaper page in three forms, front pages, selectors, and what fails."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from aggregator.errors import LayoutChanged, ParseError
from aggregator.model import ParsedFeed, Reading
from aggregator.parse.html import to_text
from aggregator.parse.reading import read_document

PAGES = Path(__file__).parent.parent / "data" / "pages"
NOW = datetime(2026, 1, 7, 15, 30, tzinfo=UTC)
URL = "https://bay.example/docks"
FORMS = ("semantic", "soup", "jsonld")
#: where each form keeps its headlines
HEADLINES = {
    "semantic": ".headlines li",
    "soup": "body > div > div > div > div:last-child > div",
    "jsonld": ".ticker span",
}


def read(name: str, url: str = URL, **how: object) -> ParsedFeed:
    """Read one of our pages."""
    return read_html((PAGES / name).read_text("utf-8"), url, **how)


def read_html(html: str, url: str = URL, **how: object) -> ParsedFeed:
    """Read a page given as text."""
    reading = Reading(kind="page", now=NOW, **how)  # type: ignore[arg-type]
    return read_document(html.encode(), url=url, headers={"content-type": "text/html"}, reading=reading)


@pytest.mark.parametrize("form", FORMS)
def test_an_article_page_is_one_undated_article_with_its_title_once(form: str) -> None:
    parsed = read(f"bay-{form}.html")
    (article,) = parsed.entries
    assert article.title == "Minister claims success in keeping the northern docks open"
    assert article.link == URL
    # the masthead's date is the edition's
    assert (article.published, article.updated) == (None, None)
    assert article.title not in to_text(article.content)


@pytest.mark.parametrize("form", FORMS)
def test_an_article_has_its_paragraphs_and_crosshead_and_nothing_around_them(form: str) -> None:
    (article,) = read(f"bay-{form}.html").entries
    text = to_text(article.content)
    assert article.content.count("<p>") == 6
    assert "<h3>HIGH WATER</h3>" in article.content
    assert text.startswith("Harbour Minister Odile Brandt")
    assert text.endswith("finish a meeting.")
    for noise in ("Newsletter", "Related", "0:00", "Close", "Ferry Fares", "Bay Daily", "Dec 25"):
        assert noise not in text, noise


@pytest.mark.parametrize("form", FORMS)
def test_a_headline_list_is_fifty_entries_in_order_with_stable_identity(form: str) -> None:
    first = read(f"bay-{form}.html", items=(HEADLINES[form],))
    assert len(first.entries) == 50
    assert first.entries[0].title.startswith("Ferry Fares Edge Lower")
    assert first.entries[-1].title == "Upriver Town Approves a Larger Share for Foreign Barges"
    assert {(entry.link, entry.published) for entry in first.entries} == {(None, None)}
    # one headline more on top changes the identity of none
    html = (PAGES / f"bay-{form}.html").read_text("utf-8")
    later = html.replace("Ferry Fares Edge", "Storm Lantern Lost Near the Mole Again!{}Ferry Fares Edge", 1)
    split = {"semantic": "</li><li>", "soup": "</div><div>", "jsonld": "</span><span>"}[form]
    second = read_html(later.replace("!{}", split, 1), items=(HEADLINES[form],))
    assert [entry.key for entry in second.entries[1:]] == [entry.key for entry in first.entries]


def test_the_three_forms_say_the_same() -> None:
    texts = {to_text(read(f"bay-{form}.html").entries[0].content) for form in FORMS}
    assert len(texts) == 1


CARD = """<article><a href="/sea/{n}"><img src="/pictures/{n}.jpg" width=300 height=200></a>
<h3><a href="/sea/{n}?utm_source=front">Boat number {n} comes home to the harbour</a></h3>
<p class="teaser">The crew of boat number {n} was greeted by three brass bands and a goat.</p>
<time datetime="2026-01-0{n}T10:00:00Z">{n} January</time></article>"""
CARDS = "".join(CARD.format(n=n) for n in range(1, 7))
FRONT = """<html lang="en"><head><title>The Harbour Post</title>
<meta property="og:type" content="website"></head>
<body><nav><ul><li><a href="/a">A very long menu entry about the sea</a></li>
<li><a href="/b">Another long menu entry about the land</a></li>
<li><a href="/c">One more long menu entry, about the air</a></li></ul></nav>
<main>{cards}</main></body></html>"""


def test_a_front_page_of_cards_reads_by_itself() -> None:
    parsed = read_html(FRONT.format(cards=CARDS), "https://post.example/")
    assert len(parsed.entries) == 6
    third = parsed.entries[2]
    assert third.title == "Boat number 3 comes home to the harbour"
    assert third.link == "https://post.example/sea/3"
    assert third.published == datetime(2026, 1, 3, 10, tzinfo=UTC)
    assert third.image == "https://post.example/pictures/3.jpg"
    assert third.summary == "The crew of boat number 3 was greeted by three brass bands and a goat."
    assert (third.language, parsed.info.title) == ("en", "The Harbour Post")


def test_a_front_page_of_linked_headings_reads_by_itself() -> None:
    cards = "".join(
        f'<div class="row"><h2><a href="/land/{n}">Bridge {n} over the old canal is open again</a></h2>'
        f'<span class="date">{n} hours ago</span></div>'
        for n in range(1, 6)
    )
    parsed = read_html(FRONT.format(cards=cards), "https://post.example/")
    assert [entry.link for entry in parsed.entries] == [f"https://post.example/land/{n}" for n in range(1, 6)]
    assert parsed.entries[1].published == datetime(2026, 1, 7, 13, 30, tzinfo=UTC)


def test_a_front_page_of_bare_links_reads_by_itself() -> None:
    cards = "".join(
        f'<li><a href="/air/{n}">Balloon {n} lands in the bishop&#39;s bath</a></li>' for n in range(9)
    )
    parsed = read_html(FRONT.format(cards=f"<ul>{cards}</ul>"), "https://post.example/")
    assert len(parsed.entries) == 9
    assert parsed.entries[0].title == "Balloon 0 lands in the bishop's bath"


def test_data_in_the_page_is_believed_before_its_looks() -> None:
    listed = [
        {
            "@type": "ListItem",
            "item": {
                "@type": "NewsArticle",
                "headline": f"Crane {n} stands still &amp; waits",
                "url": f"/c/{n}",
                "datePublished": f"2026-01-0{n}T08:00:00+01:00",
                "author": {"name": "Ida Quill"},
            },
        }
        for n in range(1, 5)
    ]
    data = json.dumps({"@type": "ItemList", "itemListElement": listed})
    cards = f'<script type="application/ld+json">{data}</script>{CARDS}'
    parsed = read_html(FRONT.format(cards=cards), "https://post.example/")
    assert [entry.title for entry in parsed.entries] == [
        f"Crane {n} stands still & waits" for n in range(1, 5)
    ]
    assert parsed.entries[0].published == datetime(2026, 1, 1, 7, tzinfo=UTC)
    assert parsed.entries[0].authors[0].name == "Ida Quill"


def test_microdata_is_read() -> None:
    cards = "".join(
        '<div itemscope itemtype="https://schema.org/BlogPosting">'
        f'<h2 itemprop="headline">Rope {n} holds</h2>'
        f'<a itemprop="url" href="/r/{n}">more</a>'
        f'<meta itemprop="datePublished" content="2026-01-0{n}">'
        '<span itemprop="author" itemscope itemtype="https://schema.org/Person">'
        '<b itemprop="name">Ann</b>'
        "</span></div>"
        for n in range(1, 4)
    )
    parsed = read_html(FRONT.format(cards=cards), "https://post.example/")
    assert [(e.title, e.link, e.authors[0].name) for e in parsed.entries] == [
        (f"Rope {n} holds", f"https://post.example/r/{n}", "Ann") for n in range(1, 4)
    ]


def test_opengraph_describes_an_article_page() -> None:
    html = """<html><head><title>Tide | Post</title><meta property="og:type" content="article">
    <meta property="og:title" content="The tide turns twice"><meta property="og:image" content="/t.jpg">
    <meta property="article:published_time" content="2026-01-05T06:00:00Z">
    <meta name="author" content="Ann Oyster"><link rel="canonical" href="/tide"></head>
    <body><h1>The tide turns twice</h1><div class="byline">7 January</div>
    <p>Nobody on the quay could remember a morning on which the water had come back so soon after it left.</p>
    </body></html>"""
    (article,) = read_html(html, "https://post.example/tide?utm_medium=x").entries
    assert article.title == "The tide turns twice"
    assert article.link == "https://post.example/tide"
    assert article.published == datetime(2026, 1, 5, 6, tzinfo=UTC)
    assert article.authors[0].name == "Ann Oyster"
    assert "come back so soon" in article.content


def test_an_article_is_dated_by_what_stands_between_headline_and_text() -> None:
    html = (PAGES / "bay-semantic.html").read_text("utf-8")
    dated = html.replace("<h2>Minister", '<p class="dateline">Yesterday, 18:05</p><h2>Minister')
    (article,) = read_html(dated).entries
    assert article.published == datetime(2026, 1, 6, 18, 5, tzinfo=UTC)


LISTED = """<div class="x"><div class="story" data-id="n1"><a class="t" href="one">First <b>story</b></a>
<i title="3 January 2026">recently</i>
<div class="b"><p>Text <a href="more">more</a><script>x()</script></p></div>
<em>Ann</em><em>Bob</em></div><div class="story" data-id="n2"><a class="t" href="two">Second story</a>
<i>gestern</i><div class="b">Plain</div></div></div>"""
FIELDS = (
    ("id", (".@data-id",)),
    ("title", (".missing", "a.t")),
    ("link", ("a.t@href",)),
    ("date", ("i@title", "i")),
    ("content", (".b",)),
    ("author", ("em",)),
)


def test_fields_are_found_by_selectors_tried_in_order() -> None:
    parsed = read_html(LISTED, "https://post.example/list/", items=("article", ".story"), fields=FIELDS)
    first, second = parsed.entries
    assert (first.id, first.title, first.link) == ("n1", "First story", "https://post.example/list/one")
    assert first.published == datetime(2026, 1, 3, tzinfo=UTC)
    assert [person.name for person in first.authors] == ["Ann", "Bob"]
    assert 'href="https://post.example/list/more"' in first.content
    assert "script" not in first.content
    assert second.published == datetime(2026, 1, 6, tzinfo=UTC)


def test_a_selector_that_matches_nothing_is_a_layout_failure() -> None:
    with pytest.raises(LayoutChanged, match=r"matches nothing"):
        read_html(LISTED, items=(".gone",))


def test_fewer_than_half_of_the_usual_entries_is_a_layout_failure() -> None:
    assert len(read_html(LISTED, items=(".story",), usual=3).entries) == 2
    with pytest.raises(LayoutChanged, match="Only 2 of the usual 5"):
        read_html(LISTED, items=(".story",), usual=5)


def test_a_page_without_articles_is_refused_with_advice() -> None:
    with pytest.raises(ParseError, match="items"):
        read_html("<html><body><p>Under construction.</p></body></html>")


def test_a_page_says_its_charset_in_a_meta_element() -> None:
    html = "<html><head><meta charset=iso-8859-2></head><body><article><h2>Żółw</h2></article></body></html>"
    reading = Reading(kind="page", items=("article",), now=NOW)
    parsed = read_document(html.encode("iso-8859-2"), url=URL, headers={}, reading=reading)
    assert parsed.entries[0].title == "Żółw"


@pytest.mark.parametrize("body", [b"", b"\x00\xff", b"<", b"<a" * 5000, b"<div>" * 20_000, b"{]", b"?" * 99])
@pytest.mark.parametrize("kind", ["page", "json", "sitemap", "file"])
def test_whatever_the_bytes_are_only_parse_errors_come_out(body: bytes, kind: str) -> None:
    reading = Reading(kind=kind, now=NOW)  # type: ignore[arg-type]
    with pytest.raises(ParseError):
        read_document(body, url=URL, headers={}, reading=reading)
