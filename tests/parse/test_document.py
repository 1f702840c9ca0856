"""Whatever the bytes are: a parsed feed, or a ParseError that says why not."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, date, datetime, timedelta

import pytest

from aggregator.errors import NotAFeed, ParseError
from aggregator.model import ParsedFeed
from aggregator.parse import identity
from aggregator.parse.document import parse_document
from aggregator.parse.reading import read_document

NAMES = (
    "xmlns:itunes='http://www.itunes.com/dtds/podcast-1.0.dtd' "
    "xmlns:fh='http://purl.org/syndication/history/1.0' "
    "xmlns:at='http://purl.org/atompub/tombstones/1.0'"
)


def read(body: bytes | str, **headers: str) -> ParsedFeed:
    raw = body.encode() if isinstance(body, str) else body
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return read_document(raw, url="https://test.example/feed", headers=names)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("", "empty"),
        (" \n ", "empty"),
        ("Not found", "plain text"),
        ("<!DOCTYPE html><html><head><title>x</title></head></html>", "HTML page"),
        ("<!doctype html><title>x</title><p>no html element", "HTML page"),
        ("<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'/>", "<rdf:rdf>"),
        ("<HTML><body><rss>no</rss></body></HTML>", "HTML page"),
        ("<svg xmlns='http://www.w3.org/2000/svg'/>", "<svg>"),
        ("<opml version='2.0'><body/></opml>", "<opml>"),
        ('{"hello": "world"}', "JSON"),
        ("[1, 2]", "JSON"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR<a", "an image"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "an image"),
        (b"%PDF-1.7\n<</Type/Catalog>>", "a PDF"),
        (b"PK\x03\x04\x14\x00\x00\x00word/<a", "a zip archive"),
        (b"ID3\x03\x00\x00\x00", "an audio file"),
        (b"\x00\x00\x00\x18ftypmp42", "a video"),
        (bytes(n * n * 17 % 251 for n in range(3000)), "binary data"),
        ("<html><p>Привет</p></html>".encode("utf-16"), "HTML page"),
    ],
)
def test_what_is_no_feed_is_named(body: str | bytes, reason: str) -> None:
    with pytest.raises(NotAFeed, match=reason):
        read(body)


def test_a_feed_that_is_only_a_beginning_is_named_as_damaged() -> None:
    with pytest.raises(ParseError, match="damaged"):
        read("<rss version='2.0'")


def test_a_list_of_items_that_php_wrote_with_gaps_is_read() -> None:
    items = {"0": {"id": "a"}, "2": {"id": "b"}, "3": None}
    parsed = read(json.dumps({"version": "https://jsonfeed.org/version/1.1", "items": items}))
    assert [entry.id for entry in parsed.entries] == ["a", "b"]


def test_broken_json_is_refused_whole() -> None:
    with pytest.raises(ParseError, match="not valid JSON"):
        read('{"version": "https://jsonfeed.org/version/1.1", "items": [{"id": "1"},')


@pytest.mark.parametrize(
    "body", ["[" * 100_000, '{"items":' * 50_000, '{"version":"https://jsonfeed.org/version/1","a":' * 2000]
)
def test_json_without_end_is_a_parse_error(body: str) -> None:
    with pytest.raises(ParseError):
        read(body)


def test_content_location_is_the_base() -> None:
    body = "<feed xmlns='http://www.w3.org/2005/Atom'><entry><id>1</id><link href='x'/></entry></feed>"
    assert (
        read(body, content_location="https://cdn.example/blog/").entries[0].link
        == "https://cdn.example/blog/x"
    )
    assert read(body).entries[0].link == "https://test.example/x"


def test_an_empty_feed_is_a_feed() -> None:
    assert read("<rss version='2.0'><channel><title>t</title></channel></rss>").entries == ()
    assert read("<feed xmlns='http://www.w3.org/2005/Atom'/>").format == "atom10"


def many(count: int, dated: bool = True) -> str:
    items = (
        f"<item><guid>{n}</guid>"
        + (f"<pubDate>{date(2000, 1, 1) + timedelta(days=n)}</pubDate>" if dated else "")
        + "</item>"
        for n in range(count)
    )
    return f"<rss version='2.0'><channel>{''.join(items)}</channel></rss>"


@pytest.fixture
def three(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let three entries be the most that are read from a document."""
    monkeypatch.setattr(identity, "MAX_ENTRIES", 3)


@pytest.mark.usefixtures("three")
def test_of_too_many_entries_the_newest_are_kept_in_document_order() -> None:
    assert [entry.id for entry in read(many(200)).entries] == ["197", "198", "199"]


@pytest.mark.usefixtures("three")
def test_of_too_many_undated_entries_the_first_are_kept() -> None:
    assert [entry.id for entry in read(many(200, dated=False)).entries] == ["0", "1", "2"]


def test_twenty_thousand_entries_are_read_and_no_more() -> None:
    parsed = read(many(20_100))
    assert len(parsed.entries) == 20_000
    assert parsed.entries[0].id == "100"
    assert parsed.warnings == ("of 20100 entries the newest 20000 were read",)


@pytest.mark.parametrize(
    ("body", "is_ended"),
    [
        ('{"version": "https://jsonfeed.org/version/1.1", "title": "x", "expired": true, "items": []}', True),
        ('{"version": "https://jsonfeed.org/version/1", "title": "x", "expired": "no", "items": []}', False),
        (
            "<rss version='2.0'><channel><itunes:complete>Yes</itunes:complete></channel></rss>",
            True,
        ),
        ("<rss version='2.0'><channel><title>x</title><fh:complete/></channel></rss>", False),
    ],
)
def test_a_feed_may_say_that_it_has_ended(body: str, is_ended: bool) -> None:
    info = read(body.replace("<rss ", f"<rss {NAMES} ")).info
    assert (info.is_ended, info.is_complete) == (is_ended, "fh:complete" in body)


def test_tombstones_are_keys_of_entries_that_the_document_does_not_hold() -> None:
    tombs = "".join(f"<at:deleted-entry ref=' urn:{name} ' when='2026-01-01T00:00:00Z'/>" for name in "abba")
    body = f"<feed xmlns='http://www.w3.org/2005/Atom' {NAMES}>{tombs}<entry><id>urn:b</id></entry></feed>"
    assert read(body).withdrawn == ("urn:a",)
    # read once more, now that the entry's bytes are known
    again = parse_document(body.encode(), url="https://test.example/feed", headers={}, trace=read(body).trace)
    assert again.unchanged == ("urn:b",)
    assert again.withdrawn == ("urn:a",)


@pytest.mark.usefixtures("three")
def test_json_feeds_are_cut_too() -> None:
    items = [{"id": str(n), "date_published": f"2026-01-{n:02}T00:00:00Z"} for n in range(1, 20)]
    parsed = read(json.dumps({"version": "https://jsonfeed.org/version/1.1", "items": items}))
    assert [entry.id for entry in parsed.entries] == ["17", "18", "19"]


def test_an_element_that_a_handler_stumbles_over_does_not_cost_the_feed() -> None:
    body = (
        "<rss version='2.0' xmlns:g='http://www.opengis.net/gml'><channel><title>t</title>"
        "<item><guid>1</guid><g:pos>x</g:pos></item><item><guid>2</guid></item></channel></rss>"
    )
    assert [entry.id for entry in read(body).entries] == ["1", "2"]


RSS = "<rss version='2.0'><channel><title>x</title><link>https://test.example/</link>{}</channel></rss>"
ODD = {
    "a link written as HTML": (
        "<link>&lt;a class='x' href='https://test.example/1?a=1&amp;amp;b=2'&gt;here&lt;/a&gt;</link>",
        "link",
        "https://test.example/1?a=1&b=2",
    ),
    "a path as a permalink": (
        "<guid isPermaLink='true'>/news/1</guid>",
        "link",
        "https://test.example/news/1",
    ),
    "a path as an id": ("<guid>/news/1</guid>", "link", None),
    "a text escaped twice": (
        "<description><![CDATA[&lt;p class='a'&gt;Hello &amp;amp; bye&lt;/p&gt;]]></description>",
        "summary",
        "<p>Hello &amp; bye</p>",
    ),
    "formulas and mail addresses": (
        "<description>Ann &lt;ann@x.example&gt;: $a&lt;b$ &amp; c</description>",
        "summary",
        "Ann &lt;ann@x.example&gt;: $a&lt;b$ &amp; c",
    ),
    "the date of a journal's issue alone": (
        "<prism:publicationDate>2026-10-09</prism:publicationDate>",
        "published",
        datetime(2026, 10, 9, tzinfo=UTC),
    ),
    "the date of a journal's issue beside another": (
        "<prism:publicationDate>2027-01-01</prism:publicationDate><dc:date>2026-10-09</dc:date>",
        "published",
        None,
    ),
    "a text about tags": (
        "<description><![CDATA[&lt;p&gt; begins a paragraph, says the book.]]></description>",
        "summary",
        "&lt;p&gt; begins a paragraph, says the book.",
    ),
}


@pytest.mark.parametrize("name", ODD)
def test_odd_items_are_read_as_they_were_meant(name: str) -> None:
    item, field, expected = ODD[name]
    (entry,) = read(RSS.format(f"<item><title>t</title>{item}</item>")).entries
    assert getattr(entry, field) == expected


def test_an_entry_that_is_not_ended_ends_where_the_next_begins() -> None:
    items = "".join(f"<item><title>{name}</title><link>https://x.example/{name}</link>" for name in "ab")
    assert [entry.title for entry in read(RSS.format(items)).entries] == ["a", "b"]


@pytest.mark.parametrize(
    "junk",
    [
        "\n\n<br />\n<b>Warning</b>: foo in <b>bar.php</b> on line 3<br />\n<?xml version='1.0'?>",
        "<div>x</div>",
        "<?php x",
    ],
)
def test_what_the_server_says_before_the_feed_is_passed_over(junk: str) -> None:
    assert read(junk + RSS.format("<item><title>t</title></item>")).entries[0].title == "t"


def test_a_page_that_shows_a_feed_is_a_page() -> None:
    with pytest.raises(NotAFeed):
        read(f"<!doctype html><title>How to</title><pre>{RSS.format('')}</pre>")
    with pytest.raises(NotAFeed):
        read(f"<body><p>Write this:</p>{RSS.format('')}</body>")


def test_a_feed_sent_as_a_gzip_file_is_unpacked() -> None:
    raw = RSS.format("<item><title>t</title></item>").encode()
    headers = {"content-type": "application/octet-stream"}
    parsed = read_document(gzip.compress(raw), url="https://test.example/feed", headers=headers)
    assert parsed.entries[0].title == "t"
    with pytest.raises(ParseError):
        read_document(gzip.compress(raw)[:20], url="https://test.example/feed", headers={})


def test_one_author_of_a_json_feed_may_stand_without_a_list() -> None:
    item = '{"id": "1", "authors": {"name": "Ann"}}'
    feed = f'{{"version": "https://jsonfeed.org/version/1.1", "title": "x", "items": [{item}]}}'
    assert [person.name for person in read(feed).entries[0].authors] == ["Ann"]


def test_of_several_channels_the_first_names_the_feed() -> None:
    channels = (
        f"<channel><title>{n}</title><link>https://{n}.example/</link><description>of {n}</description>"
        f"<item><guid>{n}</guid></item></channel>"
        for n in ("one", "two")
    )
    parsed = read(f"<rss version='2.0'>{''.join(channels)}</rss>")
    assert (parsed.info.title, parsed.info.subtitle) == ("one", "of one")
    assert [entry.id for entry in parsed.entries] == ["one", "two"]


@pytest.mark.parametrize("no", ["false", "False ", "0", "no"])
def test_a_guid_that_is_no_permalink_is_no_link(no: str) -> None:
    guid = f"<guid isPermaLink='{no}'>https://test.example/1</guid>"
    (entry,) = read(f"<rss version='2.0'><channel><item>{guid}</item></channel></rss>").entries
    assert entry.link is None


@pytest.mark.parametrize("link", ["<link/>", "<link> </link>", "<link>mailto:ann@site.example</link>"])
def test_a_guid_stands_for_a_link_that_leads_nowhere(link: str) -> None:
    guid = "<guid>https://site.example/1</guid>"
    for item in (link + guid, guid + link):
        assert read(f"<item>{item}</item>").entries[0].link == "https://site.example/1"


def test_numbers_as_ids_of_a_json_feed_are_told_apart_however_long_they_are() -> None:
    ids = [10**30 + 1, 10**30 + 2, 10**400]
    body = json.dumps(
        {"version": "https://jsonfeed.org/version/1.1", "items": [{"id": each} for each in ids]}
    )
    parsed = parse_document(body.encode(), url="https://test.example/feed.json", headers={})
    assert [entry.id for entry in parsed.entries] == list(map(str, ids))


def test_the_widest_thumbnail_is_the_picture() -> None:
    sizes = "".join(
        f"<media:thumbnail url='https://test.example/{width}.jpg' width='{width}'/>"
        for width in (90, 640, 320)
    )
    root = "<rss version='2.0' xmlns:media='http://search.yahoo.com/mrss/'>"
    (entry,) = read(f"{root}<channel><item><guid>1</guid>{sizes}</item></channel></rss>").entries
    assert entry.image == "https://test.example/640.jpg"
