"""Front pages as they are built in the wild, read by nothing but their address."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from aggregator.model import ParsedFeed, Reading
from aggregator.parse.reading import read_document

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
TITLES = (
    "Harbour council votes for a second lighthouse",
    "Ferry fares to fall after a mild winter at sea",
    "Gulls learn to open the lids of fish boxes",
    "Old mill by the canal becomes a school for sailmakers",
    "Storm warning lifted for the northern islands tonight",
    "Museum of knots finds its oldest rope under the stairs",
    "Bridge keepers ask for a longer lunch in summer",
    "Oyster season opens with a race of very small boats",
)
SECTIONS = ("news", "sport", "culture", "weather", "opinion", "travel", "business", "video")
MENU = "".join(f"<li><a href='/{name}'>{name.title()}</a></li>" for name in SECTIONS)
SMALL_PRINT = "".join(
    f"<li><a href='/{n}'>{words}</a></li>"
    for n, words in enumerate(
        (
            "About the Bay Post and its people",
            "Privacy policy and cookie notice",
            "Terms and conditions of use",
        )
    )
)


def cards(card: str, titles: tuple[str, ...] = TITLES, start: int = 0) -> str:
    """One card for each title; {n} counts, {t} is the title, {m} is n + 1."""
    made = (
        card.replace("{n}", str(n)).replace("{m}", str(n + 1)).replace("{t}", t)
        for n, t in enumerate(titles, start)
    )
    return "".join(made)


def page(body: str, head: str = "") -> str:
    return (
        f"<html lang='en'><head><title>Bay Post</title>{head}</head><body><header><a href='/'>Bay Post</a>"
        f"<nav><ul>{MENU}</ul></nav></header>{body}<footer><ul>{SMALL_PRINT}</ul></footer></body></html>"
    )


LISTED = {
    "@context": "https://schema.org",
    "@type": "ItemList",
    "itemListElement": [
        {
            "@type": "ListItem",
            "position": n,
            "item": {
                "@type": "NewsArticle",
                "headline": title,
                "url": f"https://bay.example/a/{n}",
                "datePublished": f"2026-03-01T0{n}:00:00Z",
            },
        }
        for n, title in enumerate(TITLES)
    ],
}
GRID = (
    "<li><div class='d-1'><a href='/world/{n}' aria-label='{t}' class='d-lv'></a><div class='d-2'><h3 "
    "class='card'>"
    "<span class='kicker'>Live </span><span>{t}</span></h3><footer><time "
    "datetime='2026-03-01T0{n}:00:00.000Z'>{n}h"
    " ago</time></footer></div></div></li>"
)
OLD = (
    "<table><tr><td><font size=2><b><a href='/a/{n}.html'>{t}</a></b><br>February {m}, 2026<br>Teaser {n} "
    "about the matter."
    "</font></td></tr></table>"
)
POST = (
    "<div id='post-{n}' class='post-{n} post hentry'><h2 class='entry-title'><a href='/2026/{n}/' "
    "rel='bookmark'>{t}</a>"
    "</h2><div class='entry-meta'>Posted on <a href='/2026/{n}/'><time class='entry-date' "
    "datetime='2026-03-01T0{n}:00:00+00:00'>March 1, 2026</time></a> by <a href='/author/ada'>Ada Brandt"
    "</a></div><div "
    "class='entry-content'><p>Teaser {n}, and some more words behind it.</p><a class='more-link' "
    "href='/2026/{n}/'>Continue"
    "</a></div></div>"
)
PROMO = (
    "<li><div class='s-1'><div data-testid='promo'><img src='/i/{n}.jpg'><div class='s-2'><a "
    "href='/news/c{n}' class='s-Link'>"
    "<h2 data-testid='card-headline'>{t}</h2></a><p data-testid='card-description'>Teaser {n} about this "
    "matter of the bay."
    "</p><span data-testid='updated'>{m} hrs ago</span><span>Bay</span></div></div></div></li>"
)
SOUP = (
    "<div class='card'><div class='img'><a href='/a/{n}'><img src='/p/{n}.jpg' alt=''></a></div><div "
    "class='txt'><div "
    "class='kicker'>Harbour</div><a class='ttl' href='/a/{n}'>{t}</a><div class='meta'>{m} hours ago"
    "</div></div></div>"
)
TILE = (
    "<div class='tile'><a href='/a/{n}'><figure><img src='/p/{n}.jpg'></figure><h3>{t}</h3></a><span "
    "class='date'>Yesterday, "
    "1{n}:30</span></div>"
)
WORDED = "<li>2{n} February 2026: <a href='/notices/{n}'>{t}</a></li>"
MICRODATA = (
    "<div itemscope itemtype='https://schema.org/NewsArticle'><meta itemprop='datePublished' "
    "content='2026-03-01T0{n}:00:00Z'><h3 itemprop='headline'><a itemprop='url' href='/a/{n}'>{t}</a>"
    "</h3></div>"
)
SEMANTIC = (
    "<article><h2><a href='/a/{n}'>{t}</a></h2><time datetime='2026-03-01T0{n}:00:00Z'>x</time><p>Teaser "
    "{n} about this "
    "matter of the bay.</p></article>"
)
READ_MUCH = "".join(
    f"<li><a href='/b/{n}'>An older and widely read story number {n}</a></li>" for n in range(5)
)
#: by make: the page, and how many of its headlines have a date
PAGES = {
    "article elements": (page(f"<main>{cards(SEMANTIC)}</main>"), 8),
    "cards of divs": (page(f"<div class='wrap'>{cards(SOUP)}</div>"), 8),
    "a list in JSON-LD": (
        page("<div id=app></div>", f"<script type='application/ld+json'>{json.dumps(LISTED)}</script>"),
        8,
    ),
    "microdata": (page(cards(MICRODATA)), 8),
    "OpenGraph and headings": (
        page(
            f"<section>{cards('<h3><a href=/a/{n}>{t}</a></h3>')}</section>",
            "<meta property='og:type' content='website'><meta property='og:title' content='Bay Post: all "
            "the news'>",
        ),
        0,
    ),
    "tables": (
        "<html><head><title>Bay</title></head><body><table width=100%><tr><td><a href=/>Home</a> | <a "
        "href=/news>News</a>"
        "</td></tr></table><table><tr><td width=150><a href='/old/archive.html'>Archive of all years</a><br>"
        f"<a href='/old/guests.html'>Sign our guestbook</a></td><td>{cards(OLD)}</td></tr></table></body>"
        f"</html>",
        8,
    ),
    "links with dates in words": (page(f"<div><h1>Notices</h1><ul>{cards(WORDED)}</ul></div>"), 8),
    "posts with a sidebar": (
        page(
            f"<div id='content'>{cards(POST)}</div><div id='sidebar'><h3>Recent Posts</h3><ul>"
            f"{cards('<li><a href=/2026/{n}/>{t}</a></li>', TITLES[:5])}</ul><h3>Categories</h3><ul><li>"
            "<a href='/category/harbour'>Harbour and its lights</a></li></ul></div>"
        ),
        8,
    ),
    "promos with hours": (
        page(f"<main><section><h2>Top stories</h2><ul>{cards(PROMO)}</ul></section></main>"),
        8,
    ),
    "grids under linked section names": (
        page(
            "<main>"
            + "".join(
                f"<section><h2><a href='/section{half}'>Headlines</a></h2><ul>"
                f"{cards(GRID, TITLES[4 * half : 4 * half + 4], 4 * half)}</ul></section>"
                for half in (0, 1)
            )
            + "</main>"
        ),
        8,
    ),
    "bare links": (page(f"<div>{cards('<p><a href=/a/{n}>{t}</a></p>')}</div>"), 0),
    "a lead, tiles and the most read": (
        page(
            f"<main><div class='lead'><h1><a href='/a/lead'>{TITLES[0]}</a></h1><p>The lead story has a "
            f"long teaser that says "
            f"more of it.</p></div><div class='grid'>{cards(TILE, TITLES[1:])}</div><aside "
            f"class='most-read'><h3>Most read"
            f"</h3><ol>{READ_MUCH}</ol></aside></main>"
        ),
        7,
    ),
}


def read(html: str) -> ParsedFeed:
    headers = {"content-type": "text/html"}
    reading = Reading(kind="page", now=NOW)
    return read_document(html.encode(), url="https://bay.example/", headers=headers, reading=reading)


@pytest.mark.parametrize("make", PAGES)
def test_a_front_page_gives_its_headlines_and_nothing_else(make: str) -> None:
    html, dated = PAGES[make]
    entries = read(html).entries
    assert tuple(entry.title for entry in entries) == TITLES
    assert len({entry.link for entry in entries}) == 8
    assert all(entry.link and entry.link.startswith("https://bay.example/") for entry in entries)
    assert sum(entry.published is not None for entry in entries) == dated
    assert all(entry.published <= NOW for entry in entries if entry.published)
    assert not any(entry.summary.startswith(entry.title) for entry in entries)


def test_dates_in_words_are_counted_from_the_moment_of_reading() -> None:
    entries = read(PAGES["cards of divs"][0]).entries
    assert entries[0].published == datetime(2026, 3, 2, 11, 0, tzinfo=UTC)
    assert entries[7].published == datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
    worded = read(PAGES["links with dates in words"][0]).entries
    assert worded[0].published == datetime(2026, 2, 20, tzinfo=UTC)


@pytest.mark.parametrize(
    "said", ["5 min read", "12 comments", "Page 3", "Bay 2026", "Monday's child is fair of face"]
)
def test_what_is_no_date_dates_nothing(said: str) -> None:
    html = PAGES["cards of divs"][0]
    for n in range(1, 9):
        html = html.replace(f"{n} hours ago", said)
    assert {entry.published for entry in read(html).entries} == {None}
