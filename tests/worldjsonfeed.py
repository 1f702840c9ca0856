"""JSON Feed 1 and 1.1 as papers of the demo world write them: in flows a Sheet, out flows text."""

from __future__ import annotations

import json
from typing import Any

from tests.worldsheet import Record, Sheet, printed_date, rfc3339
from tests.worldstock import plain


def json1(sheet: Sheet) -> str:
    """JSON Feed 1: one author object, no language."""
    return _json(sheet, "https://jsonfeed.org/version/1")


def json11(sheet: Sheet) -> str:
    """JSON Feed 1.1: authors, language."""
    return _json(sheet, "https://jsonfeed.org/version/1.1")


def _json(sheet: Sheet, version: str) -> str:
    is_new = version.endswith("1.1")
    feed: dict[str, Any] = {
        "version": version,
        "title": sheet.spec.title,
        "home_page_url": sheet.home,
        "feed_url": sheet.url,
        "description": sheet.paper.tagline,
        "icon": f"{sheet.base_url}/media/cover-{sheet.paper.slug}.png",
        "favicon": f"{sheet.base_url}/media/icon-{sheet.paper.slug}.png",
    }
    feed |= (
        {"language": sheet.language} if is_new else {"author": {"name": sheet.paper.title, "url": sheet.home}}
    )
    feed["items"] = [_json_item(sheet, r, is_new) for r in sheet.records]
    return json.dumps(feed, ensure_ascii=False, indent=1)


def _json_item(sheet: Sheet, r: Record, is_new: bool) -> dict[str, Any]:
    # version 1 papers of this world write numeric ids as numbers, which the specification forbids
    guid: str | int = int(r.guid) if r.guid.isdigit() and not is_new else r.guid
    person = {"name": r.item.author} if r.item.author else None
    item: dict[str, Any] = {
        "id": guid,
        "url": r.link,
        "title": r.item.title,
        "summary": r.summary,
        "image": r.image,
        "date_published": printed_date(r, rfc3339),
        "date_modified": rfc3339(r.updated) if r.updated else "",
        "tags": list(r.item.categories),
    }
    if is_new:
        item |= {"authors": [person] if person else [], "language": r.item.language}
    else:
        item["author"] = person
    item = {name: value for name, value in item.items() if value}
    item |= {"content_html": r.body} if sheet.spec.is_full else {"content_text": plain(r.summary)}
    if r.audio:
        url, kind, size, length = r.audio
        item["attachments"] = [
            {"url": url, "mime_type": kind, "size_in_bytes": size, "duration_in_seconds": length}
        ]
    return item
