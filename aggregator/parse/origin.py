"""The feed an entry was copied from: atom:source (RFC 4287 §4.2.11) and RSS source."""

from __future__ import annotations

from typing import Any

from aggregator.model import Origin
from aggregator.parse.authors import people
from aggregator.parse.dates import parse_date
from aggregator.parse.links import absolute
from aggregator.parse.texts import plain


def origin(source: Any, base: str) -> Origin | None:
    """Return the origin that feedparser's ``source`` value describes; None if it says nothing."""
    if not isinstance(source, dict):
        return None
    links = [link for link in dict.get(source, "links", ()) if link.get("href")]
    own = next((link["href"] for link in links if link.get("rel") == "self"), None)
    page = next((link["href"] for link in links if link.get("rel") == "alternate"), None)
    made = Origin(
        title=_title(source),
        id=(dict.get(source, "id") or "").strip() or None,
        feed_url=absolute(own or dict.get(source, "href"), base),
        link=absolute(page or dict.get(source, "link") or dict.get(source, "guid_link"), base),
        updated=parse_date(dict.get(source, "updated")),
        authors=people(dict.get(source, "authors", ()), base),
        rights=plain(dict.get(source, "rights")) or None,
        icon=absolute(dict.get(source, "icon") or dict.get(source, "logo"), base),
    )
    return made if made != Origin() else None


def _title(source: dict[str, Any]) -> str:
    detail = source.get("title_detail") or {}
    return plain(dict.get(source, "title"), detail.get("type"), is_atom="title_detail" in source)
