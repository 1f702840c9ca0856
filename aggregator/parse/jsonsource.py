"""JSON that is no JSON Feed: text and paths flow in, a ParsedFeed flows out.

``items`` leads to the entries, ``fields`` to their values; where they are not given, the
longest list of objects and the usual names are taken.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from aggregator.errors import LayoutChanged, ParseError
from aggregator.model import Category, Entry, FeedInfo, ParsedFeed, Person, Reading
from aggregator.parse.clean import one_line
from aggregator.parse.html import sanitise, to_text
from aggregator.parse.identity import identify
from aggregator.parse.jsonfeed import load_json, scalar_text
from aggregator.parse.links import absolute, strip_tracking
from aggregator.parse.texts import lines
from aggregator.parse.when import parse_when
from aggregator.query.jsonpath import find_values

#: paths to each field, tried in order
_USUAL_PATHS = {
    "id": "id guid uuid _id slug",
    "title": "title headline headline.main name heading title.rendered",
    "link": "html_url web_url webUrl url link href permalink canonical_url uri",
    "date": "published publishedAt published_at date_published datePublished pub_date pubDate "
    "date first_publication_date created_at createdAt created timestamp time",
    "updated": "updated updatedAt updated_at date_modified dateModified modified lastmod",
    "summary": "summary description excerpt abstract teaser standfirst excerpt.rendered",
    "content": "content_html content.rendered content body html text",
    "author": "authors[*].name author.name authors[*] author byline creator by",
    "image": "image.url image thumbnail image_url thumbnail_url imageUrl",
    "category": "tags[*] categories[*] section category",
}
_USUAL = {field: tuple(paths.split()) for field, paths in _USUAL_PATHS.items()}
_MOST_NODES = 50_000


def read_json_source(text: str, url: str, reading: Reading) -> ParsedFeed:
    """Return the entries in a JSON document.

    Raises:
        LayoutChanged: a path leads nowhere.
        ParseError: it is no JSON, or has no list of objects.
    """
    items = _items(load_json(text), reading)
    fields = dict(reading.fields) or _USUAL
    read = [_entry(item, fields, url, reading.now) for item in items]
    entries = [entry for entry in read if entry.title or entry.link or entry.content or entry.summary]
    if not entries:
        raise LayoutChanged("The fields lead nowhere in what `items` finds: neither title, link nor content.")
    return ParsedFeed(format="json", info=FeedInfo(link=absolute("/", url)), entries=identify(entries))


def _items(document: Any, reading: Reading) -> list[Any]:
    for path in reading.items:
        found = find_values(document, path)
        if len(found) == 1 and isinstance(found[0], list):
            found = found[0]
        if found:
            return found
    if reading.items:
        raise LayoutChanged(f"The path {' | '.join(reading.items)} leads nowhere in the document.")
    longest = max(_lists(document), key=len, default=[])
    if not longest:
        raise ParseError("The document has no list of objects; name one with `items:`.")
    return longest


def _lists(document: Any) -> Iterator[list[Any]]:
    """Yield the lists of objects in a document, outer ones first."""
    waiting, seen = [document], 0
    while waiting and seen < _MOST_NODES:
        value = waiting.pop(0) if seen < 1000 else waiting.pop()
        seen += 1
        if isinstance(value, list) and value and all(isinstance(each, dict) for each in value):
            yield value
        if isinstance(value, dict | list):
            waiting += list(value.values() if isinstance(value, dict) else value)


def _entry(item: Any, fields: Mapping[str, tuple[str, ...]], url: str, now: datetime) -> Entry:
    def texts(field: str) -> list[str]:
        return _texts(item, fields.get(field, ()))

    def labels(field: str) -> list[str]:
        return [line for text in dict.fromkeys(texts(field)) if (line := one_line(text))]

    def first(field: str) -> str:
        return next(iter(texts(field)), "")

    link = absolute(first("link"), url)
    content, summary = _html(first("content"), link or url), _html(first("summary"), link or url)
    return Entry(
        id=one_line(first("id")),
        title=one_line(to_text(first("title"))),
        link=strip_tracking(link) if link else None,
        authors=tuple(Person(name=name) for name in labels("author")),
        published=parse_when(first("date"), now),
        updated=parse_when(first("updated"), now),
        summary=summary,
        content=content,
        categories=tuple(Category(term) for term in labels("category")),
        image=absolute(first("image"), url),
    )


def _texts(item: Any, paths: tuple[str, ...]) -> list[str]:
    """Return the texts at the first path that leads to some; numbers count as text."""
    for path in paths:
        found = [text for value in find_values(item, path) if (text := scalar_text(value))]
        if found:
            return found
    return []


def _html(text: str, base: str) -> str:
    return sanitise(text, base) if "<" in text or "&" in text else lines(text)
