"""Where hubs are named: Link headers first, then what the document says."""

from __future__ import annotations

import pytest

from aggregator.deliver.links import find_offer, parse_links
from aggregator.model import FeedInfo, PushOffer

URL = "https://herald.example/news/feed"
HUB = "https://hub.example/"


@pytest.mark.parametrize(
    ("header", "found"),
    [
        ('<https://a.example/>; rel="hub"', [("https://a.example/", {"hub"})]),
        ("</a>;rel=hub,</b>;rel=self", [("/a", {"hub"}), ("/b", {"self"})]),
        ('</a>; title="x, y; z"; rel="SELF alternate"', [("/a", {"self", "alternate"})]),
        ('</a>; rel="hub"; rel="self"', [("/a", {"hub"})]),
        (r'</a>; title="say \"no\""; rel=hub', [("/a", {"hub"})]),
        ('</a>; rel="hub"; anchor="/elsewhere", </b>; rel=hub', [("/b", {"hub"})]),
        ("</a>", [("/a", set())]),
        ("no link at all", []),
        ("</a>; rel=hub, junk, </b>; rel=self", [("/a", {"hub"})]),
        ("", []),
    ],
)
def test_link_headers_are_read(header: str, found: list[tuple[str, set[str]]]) -> None:
    assert parse_links(header) == found


def test_a_long_hostile_header_is_read_in_no_time() -> None:
    assert parse_links("<a>;" + "x;" * 500_000) is not None
    assert parse_links('<a>; t="' + "\\" * 1_000_000) is not None


HEADERS = {"link": f'<{HUB}>; rel="hub", </self>; rel="self"'}
INFO = FeedInfo(hubs=("https://other.example/",), self_link="https://herald.example/inside")


@pytest.mark.parametrize(
    ("headers", "info", "offer"),
    [
        (HEADERS, INFO, PushOffer("https://herald.example/self", (HUB,))),
        ({}, INFO, PushOffer("https://herald.example/inside", ("https://other.example/",))),
        ({"link": f"<{HUB}>; rel=hub"}, FeedInfo(), PushOffer(URL, (HUB,))),
        ({"link": f"<{HUB}>; rel=hub"}, INFO, PushOffer("https://herald.example/inside", (HUB,))),
        ({"link": "</self>; rel=self"}, FeedInfo(), None),
        ({"link": "<javascript:x>; rel=hub"}, FeedInfo(), None),
        ({"link": "<//[broken>; rel=hub"}, FeedInfo(), None),
        ({"link": "<../hub>; rel=hub"}, FeedInfo(), PushOffer(URL, ("https://herald.example/hub",))),
        ({}, FeedInfo(), None),
    ],
)
def test_headers_beat_the_document(headers: dict[str, str], info: FeedInfo, offer: PushOffer | None) -> None:
    assert find_offer(headers, info, URL) == offer
