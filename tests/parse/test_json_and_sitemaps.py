"""JSON that is no JSON Feed, sitemaps, and local files of any kind."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime

import pytest

from aggregator.errors import LayoutChanged, NotAFeed, ParseError
from aggregator.model import ParsedFeed, Reading
from aggregator.parse.reading import read_document
from aggregator.query.jsonpath import compile_path, find_values

NOW = datetime(2026, 1, 7, 15, 30, tzinfo=UTC)
DOCUMENT = {
    "meta": {"total": 2, "tags": [{"a": 1}]},
    "data": {
        "stories": [
            {
                "uid": 17,
                "headline": {"main": "Crane &amp; gull"},
                "web": "/c/17",
                "when": "2 hours ago",
                "by": [{"name": "Ann"}, {"name": "Bob"}],
                "text": "<p>Two <b>cranes</b></p>",
            },
            {"uid": 18, "headline": {"main": "Gull alone"}, "web": "/c/18", "when": 1767787200, "by": None},
        ]
    },
}


def read(
    body: str | bytes, kind: str = "json", url: str = "https://post.example/api/x", **how: object
) -> ParsedFeed:
    reading = Reading(kind=kind, now=NOW, **how)  # type: ignore[arg-type]
    return read_document(
        body.encode() if isinstance(body, str) else body, url=url, headers={}, reading=reading
    )


def test_json_is_read_by_paths() -> None:
    parsed = read(
        json.dumps(DOCUMENT),
        items=("$.nothing", "data.stories[*]"),
        fields=(
            ("id", ("uid",)),
            ("title", ("headline.main",)),
            ("link", ("$['web']",)),
            ("date", ("when",)),
            ("author", ("by[*].name",)),
            ("content", ("text",)),
        ),
    )
    first, second = parsed.entries
    assert (first.id, first.title, first.link) == ("17", "Crane & gull", "https://post.example/c/17")
    assert first.published == datetime(2026, 1, 7, 13, 30, tzinfo=UTC)
    assert [person.name for person in first.authors] == ["Ann", "Bob"]
    assert first.content == "<p>Two <b>cranes</b></p>"
    assert second.published == datetime(2026, 1, 7, 12, tzinfo=UTC)
    assert second.authors == ()


def test_json_of_a_usual_kind_reads_by_itself() -> None:
    body = {
        "status": "ok",
        "articles": [
            {
                "title": "Rain",
                "url": "https://post.example/rain",
                "publishedAt": "2026-01-02T03:04:05Z",
                "description": "All day.",
                "author": "Ann",
                "urlToImage": "x",
            },
            {"title": "Sun", "url": "https://post.example/sun"},
        ],
    }
    parsed = read(json.dumps(body))
    assert [(e.title, e.link) for e in parsed.entries] == [
        ("Rain", "https://post.example/rain"),
        ("Sun", "https://post.example/sun"),
    ]
    assert parsed.entries[0].summary == "All day."


def test_a_path_that_leads_nowhere_is_a_layout_failure() -> None:
    with pytest.raises(LayoutChanged, match="leads nowhere"):
        read(json.dumps(DOCUMENT), items=("data.articles",))
    with pytest.raises(LayoutChanged, match="fields lead nowhere"):
        read(json.dumps(DOCUMENT), items=("data.stories",), fields=(("title", ("name",)),))


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("$", [DOCUMENT]),
        ("meta.total", [2]),
        ("$.data.stories[-1].uid", [18]),
        ("data.stories[5].uid", []),
        ("data.stories[*].headline.main", ["Crane &amp; gull", "Gull alone"]),
        ("$..uid", [17, 18]),
        ("data['stories'][0]['web']", ["/c/17"]),
        ('data["stories"][0].by[1].name', ["Bob"]),
        ("meta.*", [2, [{"a": 1}]]),
        ("data.stories[*].by", [[{"name": "Ann"}, {"name": "Bob"}]]),
    ],
)
def test_a_path_leads_to_its_values(path: str, found: list[object]) -> None:
    assert find_values(DOCUMENT, path) == found


@pytest.mark.parametrize("path", ["a[", "a[?(@.b)]", "a[0:2]", "a..", "$$", "a b", "[", "a['b]"])
def test_a_path_of_another_kind_is_refused(path: str) -> None:
    with pytest.raises(ValueError, match="is no path"):
        compile_path(path)


SITEMAP = """<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
 xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"
 xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">
<url><loc>https://post.example/sea/rain-again?utm_source=map</loc><lastmod>2026-01-06</lastmod>
 <news:news><news:publication><news:name>Post</news:name><news:language>en</news:language></news:publication>
 <news:publication_date>2026-01-05T10:00:00+01:00</news:publication_date>
 <news:title>Rain &amp; again</news:title>
 <news:keywords>weather, sea</news:keywords></news:news>
 <image:image><image:loc>https://post.example/rain.jpg</image:loc></image:image></url>
<url><loc>https://post.example/land/the-old-bridge-is-open.html</loc><lastmod>2026-01-04T09:00:00Z</lastmod></url>
<url><loc>mailto:no</loc></url>
</urlset>"""


def test_a_news_sitemap_is_read() -> None:
    rain, bridge = read(SITEMAP, "sitemap").entries
    assert (rain.title, rain.link) == ("Rain & again", "https://post.example/sea/rain-again")
    assert rain.published == datetime(2026, 1, 5, 9, tzinfo=UTC)
    assert rain.updated == datetime(2026, 1, 6, tzinfo=UTC)
    assert [category.term for category in rain.categories] == ["weather", "sea"]
    assert (rain.image, rain.language) == ("https://post.example/rain.jpg", "en")
    assert (bridge.title, bridge.published) == ("The old bridge is open", datetime(2026, 1, 4, 9, tzinfo=UTC))


def test_a_character_written_in_halves_costs_no_sitemap() -> None:
    named = SITEMAP.replace("Rain &amp; again", "Rain &#xD83D;&#xDE00; again&#xD800;")
    assert read(named, "sitemap").entries[0].title == "Rain \U0001f600 again\ufffd"


def test_a_sitemap_sent_as_a_gzip_file_is_unpacked() -> None:
    body = gzip.compress(b"<urlset><url><loc>https://post.example/harbour-opens</loc></url></urlset>")
    assert len(read(body, kind="sitemap", url="https://post.example/sitemap.xml.gz").entries) == 1


def test_a_list_of_sitemaps_names_those_of_news_first() -> None:
    index = """<sitemapindex><sitemap><loc>https://post.example/all.xml</loc></sitemap>
    <sitemap><loc>https://post.example/news.xml</loc></sitemap></sitemapindex>"""
    with pytest.raises(NotAFeed, match=r"news\.xml") as caught:
        read(index, "sitemap")
    assert caught.value.candidates == ("https://post.example/news.xml", "https://post.example/all.xml")


def test_a_document_that_is_no_sitemap_is_refused() -> None:
    with pytest.raises(ParseError, match="no sitemap"):
        read("<html><body>x</body></html>", "sitemap")


RSS = "<rss version='2.0'><channel><title>T</title><item><title>One</title></item></channel></rss>"


@pytest.mark.parametrize(
    ("body", "how", "title"),
    [
        (RSS, {}, "One"),
        (SITEMAP, {}, "Rain & again"),
        (json.dumps({"list": [{"title": "Rain"}]}), {}, "Rain"),
        ("<ul><li>Only this</li></ul>", {"items": ("li",)}, "Only this"),
        (json.dumps(DOCUMENT), {"items": ("data.stories",), "fields": (("title", ("web",)),)}, "/c/17"),
    ],
)
def test_a_local_file_is_read_by_what_is_in_it(body: str, how: dict[str, object], title: str) -> None:
    assert read(body, "file", "file:///srv/list", **how).entries[0].title == title


def test_a_sitemap_in_a_local_file_may_name_its_style_sheet_first() -> None:
    body = (
        '<?xml version="1.0"?><?xml-stylesheet type="text/xsl" href="/main.xsl"?>'
        "<urlset><url><loc>https://post.example/harbour-opens</loc></url></urlset>"
    )
    assert [entry.title for entry in read(body, kind="file").entries] == ["Harbour opens"]
