"""Pages lead to their feeds: by address, header, link elements and links, the right one first."""

from __future__ import annotations

import pytest

from aggregator.errors import NotAFeed
from aggregator.parse.discovery import best_of, find_feeds, known_site
from aggregator.parse.reading import read_document

URL = "https://post.example/news/"
ATOM = 'type="application/atom+xml"'


def urls(html: str, headers: dict[str, str] | None = None, url: str = URL) -> list[str]:
    return [each.url for each in find_feeds(f"<html>{html}</html>", url, headers or {})]


def best(html: str, headers: dict[str, str] | None = None) -> str | None:
    return best_of(find_feeds(f"<html>{html}</html>", URL, headers or {}))


def test_a_link_element_is_found_relative_to_the_page_and_its_base() -> None:
    assert urls(f'<link rel="alternate" {ATOM} href="feed.atom">') == ["https://post.example/news/feed.atom"]
    assert urls(f'<base href="/x/"><link rel=alternate {ATOM} href="f">') == ["https://post.example/x/f"]


def test_the_link_header_comes_before_the_page() -> None:
    header = '</h.atom>; rel="alternate"; type="application/atom+xml", </x>; rel=next'
    page = f'<link rel="alternate" {ATOM} href="/p.atom">'
    assert urls(page, {"link": header}) == ["https://post.example/h.atom", "https://post.example/p.atom"]


def test_the_sites_own_feed_stands_out_and_comments_never_do() -> None:
    side = f'<link rel=alternate {ATOM} title="Comments" href="/comments/feed">'
    two = f"{side}<link rel=alternate {ATOM} href='/a'>"
    assert best(two) == "https://post.example/a"
    three = "".join(f'<link rel=alternate {ATOM} title="{n}" href="/{n}">' for n in ("all", "sea", "land"))
    assert best(three) == "https://post.example/all"


def test_links_that_only_look_like_feeds_are_shown_and_not_followed() -> None:
    page = '<a href="/rss.xml">RSS</a> <a href="/feedback">Feedback</a> <a href="/thirsty">x</a>'
    assert urls(page) == ["https://post.example/rss.xml"]
    assert best(page) is None


def test_other_alternates_and_schemes_are_no_feeds() -> None:
    page = (
        '<link rel="alternate" hreflang="de" href="/de"><link rel="alternate" type="text/html" href="/m">'
        f'<link rel="stylesheet" {ATOM} href="/s"><link rel="alternate" {ATOM} href="javascript:x">'
    )
    assert urls(page) == []


@pytest.mark.parametrize(
    ("page", "feed"),
    [
        ("https://www.youtube.com/channel/UCx", "https://www.youtube.com/feeds/videos.xml?channel_id=UCx"),
        (
            "https://youtube.com/playlist?list=PLx&a=b",
            "https://www.youtube.com/feeds/videos.xml?playlist_id=PLx",
        ),
        ("https://social.example/@ann", "https://social.example/@ann.rss"),
        ("https://bsky.app/profile/ann.example", "https://bsky.app/profile/ann.example/rss"),
        ("https://github.com/ann/boat", "https://github.com/ann/boat/releases.atom"),
        ("https://github.com/ann/boat/releases", "https://github.com/ann/boat/releases.atom"),
        ("https://github.com/ann/boat/commits/main", "https://github.com/ann/boat/commits/main.atom"),
        ("https://old.reddit.com/r/boats/", "https://www.reddit.com/r/boats/.rss"),
        ("https://medium.com/@ann", "https://medium.com/feed/@ann"),
        ("https://ann.medium.com/", "https://ann.medium.com/feed"),
        ("https://ann.substack.com/p/x", "https://ann.substack.com/feed"),
    ],
)
def test_a_well_known_address_has_its_feed(page: str, feed: str) -> None:
    assert known_site(page) == feed


@pytest.mark.parametrize(
    "page", ["https://post.example/", "https://youtube.com/@ann", "https://github.com/ann"]
)
def test_other_addresses_promise_nothing(page: str) -> None:
    assert known_site(page) is None


def test_a_page_in_place_of_a_feed_names_what_it_leads_to() -> None:
    page = f'<!doctype html><html><link rel="alternate" {ATOM} href="/a"><a href="/rss">x</a></html>'.encode()
    with pytest.raises(NotAFeed) as caught:
        read_document(page, url=URL, headers={})
    assert caught.value.candidates == ("https://post.example/a", "https://post.example/rss")
    assert caught.value.best == "https://post.example/a"
