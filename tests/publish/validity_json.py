"""A JSON Feed or an OPML list in, everything a validator would say of it out."""

from __future__ import annotations

import json
from typing import Any

from tests.publish.validity_parts import (
    LANGUAGE,
    RFC822,
    RFC3339,
    date,
    html,
    media_type,
    parse_xml,
    texts,
    unique,
    web,
)


def check_json(body: bytes) -> list[str]:
    """Check a JSON Feed 1.1 document."""
    feed = json.loads(body)
    found = [] if feed.get("version") == "https://jsonfeed.org/version/1.1" else ["wrong version"]
    found += [f"feed: no {name}" for name in ("title", "items", "authors", "language") if name not in feed]
    for name in ("home_page_url", "feed_url"):
        found += web(feed.get(name), f"feed {name}")
    found += web(feed["icon"], "feed icon") if "icon" in feed else []
    if feed.get("next_url") is not None and feed["next_url"] == feed.get("feed_url"):
        found.append("next_url is the document itself")
    found += _json_blanks(feed, "feed") + _json_people(feed, "feed")
    found += unique((item.get("id") for item in feed["items"]), "item id")
    for number, item in enumerate(feed["items"]):
        found += _json_item(item, f"item {number}")
    return found


def _json_item(item: Any, where: str) -> list[str]:
    found = [] if isinstance(item.get("id"), str) and item["id"] else [f"{where}: id is no string"]
    found += web(item.get("url"), f"{where} url") + _json_people(item, where) + _json_blanks(item, where)
    if not isinstance(item.get("content_html", item.get("content_text")), str):
        found.append(f"{where}: neither content_html nor content_text")
    found += html(item.get("content_html"), where)
    for name in ("date_published", "date_modified"):
        found += date(item[name], RFC3339, f"{where} {name}") if name in item else []
    for name in ("image", "external_url", "banner_image"):
        found += web(item[name], f"{where} {name}") if name in item else []
    if "language" in item and not LANGUAGE.match(item["language"]):
        found.append(f"{where}: language {item['language']!r}")
    if not all(isinstance(tag, str) and tag for tag in item.get("tags", [])):
        found.append(f"{where}: tags {item['tags']!r}")
    for attachment in item.get("attachments", []):
        found += web(attachment.get("url"), f"{where} attachment")
        found += media_type(attachment.get("mime_type"), f"{where} attachment")
        sizes = [attachment.get(name, 0) for name in ("size_in_bytes", "duration_in_seconds")]
        found += (
            [f"{where}: sizes {sizes}"] if not all(type(size) is int and size >= 0 for size in sizes) else []
        )
    return found


def _json_people(parent: Any, where: str) -> list[str]:
    people = parent.get("authors", [])
    return [
        f"{where}: author {person!r}" for person in people if not (set(person) & {"name", "url", "avatar"})
    ]


def _json_blanks(parent: Any, where: str) -> list[str]:
    found = [
        f"{where}: {name} is {value!r}"
        for name, value in parent.items()
        if name != "items" and value in (None, "", [], {})
    ]
    return found + [f"{where}: extension {name}" for name in parent if name.startswith("_") and "." in name]


def check_opml(body: bytes) -> list[str]:
    """Check an OPML 2.0 subscription list."""
    opml = parse_xml(body)
    if opml.tag != "opml" or opml.get("version") != "2.0" or [part.tag for part in opml] != ["head", "body"]:
        return ["not an OPML 2.0 document of head and body"]
    found = texts(opml[0], "head", "title", "dateCreated") + date(
        opml[0].findtext("dateCreated"), RFC822, "dateCreated"
    )
    for outline in opml.iter("outline"):
        where = f"outline {outline.get('text')!r}"
        found += [] if (outline.get("text") or "").strip() else [f"{where}: no text"]
        if outline.get("xmlUrl") is None:
            found += [] if len(outline) else [f"{where}: neither a feed nor a group"]
            continue
        found += (
            [] if outline.get("type") == "rss" and outline.get("title") else [f"{where}: no type or title"]
        )
        for name in ("xmlUrl", "htmlUrl"):
            found += web(outline.get(name), f"{where} {name}") if name in outline.attrib else []
    return found
