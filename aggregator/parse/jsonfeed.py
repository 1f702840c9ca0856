"""JSON Feed 1 and 1.1 (jsonfeed.org/version/1.1): text becomes a ParsedFeed, by our own rules.

Unknown keys are ignored, wrong types are treated as absent, an item without a usable id is
left out as the specification asks; JSON that is no JSON is refused whole.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from aggregator.errors import NotAFeed, ParseError
from aggregator.model import Category, Enclosure, Entry, FeedInfo, Link, ParsedFeed, Person
from aggregator.parse.bounds import inheritable
from aggregator.parse.clean import clean, one_line
from aggregator.parse.dates import parse_date
from aggregator.parse.feedinfo import language
from aggregator.parse.html import sanitise
from aggregator.parse.identity import identify, left_out
from aggregator.parse.links import absolute, strip_tracking
from aggregator.parse.media import file_length, media_type, seconds
from aggregator.parse.texts import lines

#: takes control characters and lone surrogates, which publishers do write, and whatever follows the document
_LENIENT = json.JSONDecoder(strict=False)


def read_json(text: str, base: str) -> ParsedFeed:
    """Return our reading of a JSON Feed.

    Args:
        base: absolute URL of the document.

    Raises:
        ParseError: not JSON.
        NotAFeed: JSON of another kind.
    """
    document = load_json(text)
    if not isinstance(document, dict) or not _is_feed(document):
        raise NotAFeed("The document is JSON, but not a JSON Feed.")
    version = str(document.get("version", ""))
    info = _info(document, base)
    items = document.get("items")
    if isinstance(items, dict):  # PHP writes a list with gaps as {"0": …, "2": …}
        items = list(items.values())
    items = [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []
    entries = [entry for item in items if (entry := _entry(item, info, base)) is not None]
    without_id = len(items) - len(entries)
    warnings = (f"{without_id} items have no id and were left out",) if without_id else ()
    return ParsedFeed(
        format="json1" if version.rstrip("/").endswith("/1") else "json11",
        info=info,
        entries=identify(entries, info.link),
        older_url=_url(document.get("next_url"), base),
        warnings=warnings + left_out(entries),
    )


def load_json(text: str) -> Any:
    """Return what a JSON document holds.

    Raises:
        ParseError: it is none.
    """
    try:
        return _LENIENT.raw_decode(text.lstrip())[0]
    except ValueError as error:
        raise ParseError(f"The document is not valid JSON: {error}.") from error


def _is_feed(document: Mapping[str, Any]) -> bool:
    version = document.get("version")
    if isinstance(version, str) and "jsonfeed.org/version/" in version:
        return True
    return isinstance(document.get("items"), list) and ("title" in document or "feed_url" in document)


def _info(feed: Mapping[str, Any], base: str) -> FeedInfo:
    hubs = feed.get("hubs")
    urls = [hub.get("url") for hub in hubs if isinstance(hub, dict)] if isinstance(hubs, list) else []
    return FeedInfo(
        title=_line(feed.get("title")),
        subtitle=_line(feed.get("description")),
        link=_url(feed.get("home_page_url"), base),
        self_link=_url(feed.get("feed_url"), base),
        language=language(feed.get("language")),
        authors=inheritable(_people(feed, base)),
        icon=_url(feed.get("icon"), base) or _url(feed.get("favicon"), base),
        hubs=tuple(dict.fromkeys(hub for url in urls if (hub := _url(url, base)))),
        is_ended=feed.get("expired") is True,
    )


def _entry(item: Mapping[str, Any], info: FeedInfo, base: str) -> Entry | None:
    identifier = scalar_text(item.get("id"))
    if not identifier:
        return None
    own, external = _url(item.get("url"), base), _url(item.get("external_url"), base)
    page = own or external
    link = strip_tracking(page) if page else None
    content = _content(item, link or base)
    summary = lines(_text(item.get("summary")))
    image = _url(item.get("image"), base) or _url(item.get("banner_image"), base)
    return Entry(
        id=identifier,
        title=_line(item.get("title")),
        link=link,
        links=(Link(external, "related"),) if external and external != page else (),
        authors=_people(item, base) or info.authors,
        published=parse_date(scalar_text(item.get("date_published"))),
        updated=parse_date(scalar_text(item.get("date_modified"))),
        summary=summary,
        content=content,
        categories=_tags(item.get("tags")),
        enclosures=_attachments(item.get("attachments"), base),
        image=image,
        language=language(item.get("language")) or info.language,
    )


def _content(item: Mapping[str, Any], base: str) -> str:
    html = sanitise(_text(item.get("content_html")), base)
    return html or lines(_text(item.get("content_text")))


def scalar_text(value: Any) -> str:
    """Return a text or a number as text; empty for anything else, a yes or no too."""
    if isinstance(value, bool):
        return ""
    if isinstance(value, int | float):
        return str(int(value) if isinstance(value, int) or value.is_integer() else value)
    return clean(value).strip() if isinstance(value, str) else ""


def _text(value: Any) -> str:
    return clean(value) if isinstance(value, str) else ""


def _line(value: Any) -> str:
    return one_line(value) if isinstance(value, str) else ""


def _url(value: Any, base: str) -> str | None:
    return absolute(value, base) if isinstance(value, str) else None


def _people(holder: Mapping[str, Any], base: str) -> tuple[Person, ...]:
    """Return ``authors`` of version 1.1, else the ``author`` of version 1."""
    several, one = holder.get("authors"), holder.get("author")
    several = [several] if isinstance(several, dict) else several
    raw = several if isinstance(several, list) and several else [one]
    made = []
    for author in raw:
        if isinstance(author, str):
            author = {"name": author}
        if not isinstance(author, dict):
            continue
        name, url = _line(author.get("name")), _url(author.get("url"), base)
        email = _email(author)
        if name or email or url:
            made.append(Person(name=name or ("" if email else str(url)), email=email, url=url))
    return tuple(dict.fromkeys(made))


def _email(author: Mapping[str, Any]) -> str | None:
    """Return the address that an author's url names as mailto, or an ``email`` some write."""
    url = _text(author.get("url")).strip()
    stated = url[7:].split("?")[0] if url.lower().startswith("mailto:") else _text(author.get("email"))
    return stated.strip() or None


def _tags(value: Any) -> tuple[Category, ...]:
    tags = [_line(tag) for tag in value if isinstance(tag, str)] if isinstance(value, list) else []
    return tuple(Category(tag) for tag in dict.fromkeys(tags) if tag)


def _attachments(value: Any, base: str) -> tuple[Enclosure, ...]:
    found: dict[str, Enclosure] = {}
    for raw in value if isinstance(value, list) else ():
        url = _url(raw.get("url"), base) if isinstance(raw, dict) else None
        if url is None:
            continue
        made = Enclosure(
            url=url,
            type=media_type(_text(raw.get("mime_type")), url),
            length=file_length(_integer(raw.get("size_in_bytes"))),
            title=_line(raw.get("title")) or None,
            duration_s=seconds(_integer(raw.get("duration_in_seconds"))),
        )
        found.setdefault(url, made)
    return tuple(found.values())


def _integer(value: Any) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        return int(float(value))
    except (ValueError, OverflowError):
        return None
