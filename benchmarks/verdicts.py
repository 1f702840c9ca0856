"""A file of the corpus and what its project expects in; a verdict for each value out: ours agrees or not."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

from aggregator.errors import ParseError
from aggregator.model import Entry, ParsedFeed
from aggregator.parse.clean import one_line
from aggregator.parse.document import parse_document
from aggregator.parse.html import to_text
from benchmarks.expectations import Expected

#: one (field, expected, ours, is equal)
Verdict = tuple[str, Any, Any, bool]


def judge(expected: Expected) -> Iterator[Verdict]:
    """Yield a verdict for each value that the origin expects of one file."""
    try:
        parsed = parse_document(expected.path.read_bytes(), url=expected.url, headers=expected.headers)
    except ParseError as error:
        claims = expected.count or expected.entries or expected.by_id or expected.feed
        if claims:
            yield "count", expected.count or len(expected.entries), f"{type(error).__name__}: {error}", False
        return
    if expected.count is not None:
        yield "count", expected.count, len(parsed.entries), expected.count == len(parsed.entries)
    yield from _judge_feed(expected.feed, parsed)
    for position, values in expected.entries.items():
        if position >= len(parsed.entries):
            yield "count", f"an entry {position}", len(parsed.entries), False
            continue
        yield from _judge_entry(values, parsed.entries[position])
    ours = {entry.id or entry.link or "": entry for entry in parsed.entries}
    for identifier, values in expected.by_id.items():
        entry = ours.get(identifier)
        yield "id", identifier, sorted(ours), entry is not None
        if entry is not None:
            yield from _judge_entry(values, entry)


def _judge_feed(values: dict[str, Any], parsed: ParsedFeed) -> Iterator[Verdict]:
    info = parsed.info
    simple = {"subtitle": info.subtitle, "rights": info.rights or ""}
    if "title" in values:
        yield "feed title", values["title"], info.title, _same_text(values["title"], info.title)
    if values.get("link"):
        yield "feed link", values["link"], info.link, _same_url(values["link"], info.link)
    for key, ours in simple.items():
        if key in values:
            yield "feed other", values[key], ours, _same_text(values[key], ours)
    if "language" in values:
        yield "language", values["language"], info.language, values["language"] == info.language
    if "image" in values:
        yield "feed other", values["image"], info.icon, _same_url(values["image"], info.icon)
    for key, value in values.get("people", ()):
        names = {person.name for person in info.authors} | {person.email for person in info.authors}
        yield "feed other", (key, value), names, value in names


def _judge_entry(values: dict[str, Any], entry: Entry) -> Iterator[Verdict]:
    for key, judge_field in _JUDGES.items():
        if key in values:
            yield judge_field(values[key], entry)


def _id(value: Any, entry: Entry) -> Verdict:
    return "id", value, entry.id, value == entry.id or (not entry.id and value == entry.link)


def _title(value: Any, entry: Entry) -> Verdict:
    return "title", value, entry.title, _same_text(value, entry.title)


def _link(value: Any, entry: Entry) -> Verdict:
    return "link", value, entry.link, _same_url(value, entry.link)


def _published(value: Any, entry: Entry) -> Verdict:
    return "published", value, entry.published, _moment(value) == entry.published


def _updated(value: Any, entry: Entry) -> Verdict:
    return "updated", value, entry.updated, _moment(value) == entry.updated


def _date(value: Any, entry: Entry) -> Verdict:
    ours = entry.published or entry.updated
    return "published", value, ours, _moment(value) in {entry.published, entry.updated}


def _people(value: Any, entry: Entry) -> Verdict:
    ours = {person.name for person in entry.authors} | {person.email for person in entry.authors}
    wanted = [text for _, text in value]
    return "authors", wanted, ours, all(text in ours for text in wanted)


def _author(value: Any, entry: Entry) -> Verdict:
    ours = {f"{p.name} ({p.email})" if p.email and p.name else p.name or p.email for p in entry.authors}
    return "authors", value, ours, value in ours


def _any_author(value: Any, entry: Entry) -> Verdict:
    text = str(value)
    ours = [part for person in entry.authors for part in (person.name, person.email) if part]
    return "authors", value, ours, any(part in text or one_line(text) in part for part in ours)


def _categories(value: Any, entry: Entry) -> Verdict:
    ours = [category.term for category in entry.categories]
    wanted = [to_text(str(term)) for term in value]
    return "categories", wanted, ours, all(term in ours for term in wanted if term)


def _tags(value: Any, entry: Entry) -> Verdict:
    ours: dict[str, set[str | None]] = {
        "term": {category.term for category in entry.categories},
        "scheme": {category.scheme for category in entry.categories},
        "label": {category.label for category in entry.categories},
    }
    return "categories", value, ours, all(text in ours[key] for key, text in value)


def _enclosures(value: Any, entry: Entry) -> Verdict:
    ours = [file.url for file in entry.enclosures]
    urls = [item if isinstance(item, str) else item.get("url") or item.get("href") for item in value]
    return "enclosures", urls, ours, all(any(_same_url(url, own) for own in ours) for url in urls if url)


def _files(value: Any, entry: Entry) -> Verdict:
    ours = {str(part) for file in entry.enclosures for part in (file.url, file.type, file.length)}
    return "enclosures", value, ours, all(str(text) in ours for _, text in value)


def _summary(value: Any, entry: Entry) -> Verdict:
    # feedparser copies the content into an absent summary; ours stay two fields
    ours = entry.summary or entry.content
    return "body", value, ours, _same_body(value, ours)


def _content(value: Any, entry: Entry) -> Verdict:
    ours = entry.content or entry.summary
    return "body", value, ours, _same_body(value, ours)


def _contents(value: Any, entry: Entry) -> Verdict:
    return "body", value, entry.content, any(_same_body(text, entry.content) for text in value)


def _body(value: Any, entry: Entry) -> Verdict:
    ours = (entry.content, entry.summary)
    return "body", value, ours[0] or ours[1], any(_same_body(value, text) for text in ours)


def _language(value: Any, entry: Entry) -> Verdict:
    return "language", value, entry.language, value == entry.language


def _comments(value: Any, entry: Entry) -> Verdict:
    return "link", value, entry.comments, _same_url(value, entry.comments)


def _source(value: Any, entry: Entry) -> Verdict:
    ours: dict[str, Any] = {}
    if entry.origin is not None:
        origin = entry.origin
        ours = {
            "title": origin.title,
            "rights": origin.rights,
            "id": origin.id,
            "link": origin.link,
            "href": origin.feed_url,
            "icon": origin.icon,
        }
    return "source", value, ours, all(_same_text(text, ours.get(key) or "") for key, text in value.items())


_JUDGES: dict[str, Callable[[Any, Entry], Verdict]] = {
    "id": _id,
    "title": _title,
    "link": _link,
    "published": _published,
    "updated": _updated,
    "date": _date,
    "people": _people,
    "author": _author,
    "any_author": _any_author,
    "categories": _categories,
    "tags": _tags,
    "enclosures": _enclosures,
    "files": _files,
    "summary": _summary,
    "content": _content,
    "contents": _contents,
    "body": _body,
    "language": _language,
    "comments": _comments,
    "source": _source,
}


def _moment(text: str | None) -> datetime | None:
    return (
        datetime.fromisoformat(text.replace("Z", "+00:00")).astimezone(UTC).replace(microsecond=0)
        if text
        else None
    )


def _squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


def _same_text(value: Any, ours: str) -> bool:
    text = str(value)
    return _squeezed(ours) in {_squeezed(text), _squeezed(to_text(text)), _squeezed(to_text(to_text(text)))}


def _same_body(value: Any, ours: str) -> bool:
    text = str(value)
    own = _squeezed(to_text(ours))
    return own in {_squeezed(to_text(text)), _squeezed(one_line(text))} or ours == text


def _same_url(value: Any, ours: str | None) -> bool:
    theirs = str(value).strip().replace(" ", "%20")
    return theirs == ours or theirs.rstrip("/") == (ours or "").rstrip("/")
