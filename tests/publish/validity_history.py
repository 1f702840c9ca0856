"""What Atom and RSS documents say of a feed's past, checked: RFC 5005 archives, RFC 6721 tombstones."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from tests.publish.validity_parts import ATOM, RFC3339, date, iri, unique, web

HISTORY = "{http://purl.org/syndication/history/1.0}"
TOMBSTONES = "{http://purl.org/atompub/tombstones/1.0}"
PAST = ("prev-archive", "next-archive", "current")


def check_history(feed: Any, entry_ids: Collection[str | None]) -> list[str]:
    """Return the complaints about the past of a feed or channel element.

    Args:
        entry_ids: ids of the entries that the document holds.
    """
    said = [child.tag.removeprefix(HISTORY) for child in feed if str(child.tag).startswith(HISTORY)]
    found = [f"fh:{name} is nothing that RFC 5005 knows" for name in {*said} - {"archive", "complete"}]
    found += [f"fh:{name} is there twice" for name in {*said} if said.count(name) > 1]
    found += [
        f"fh:{child.tag.removeprefix(HISTORY)} is not empty"
        for child in feed
        if str(child.tag).startswith(HISTORY) and (len(child) or (child.text or "").strip())
    ]
    found += _links(feed, said)
    stones = feed.findall(f"{TOMBSTONES}deleted-entry")
    found += unique((stone.get("ref") for stone in stones), "ref of a deleted entry")
    for stone in stones:
        found += iri(stone.get("ref"), "deleted entry") + date(stone.get("when"), RFC3339, "deleted entry")
        found += ["deleted entry: in the document all the same"] if stone.get("ref") in entry_ids else []
    strays = [one for one in feed.iter() if str(one.tag).startswith((HISTORY, TOMBSTONES))]
    found += [f"{one.tag} stands below an entry" for one in strays if one.getparent() is not feed]
    return found


def _links(feed: Any, said: list[str]) -> list[str]:
    links = [(link.get("rel"), link.get("href")) for link in feed.findall(f"{ATOM}link")]
    rels = [rel for rel, _ in links]
    found = [f"{rels.count(rel)} links rel={rel}" for rel in PAST if rels.count(rel) > 1]
    for rel, href in links:
        found += web(href, f"link rel={rel}") if rel in PAST else []
    if "archive" in said:
        found += [] if "current" in rels else ["an archive does not lead to the live document"]
        found += ["an archive names a hub: nothing happens to it"] if "hub" in rels else []
    elif {"next-archive", "current"} & {*rels}:
        found.append("a live document says what only archives do")
    if "complete" in said and {*PAST} & {*rels}:
        found.append("a complete feed has no past elsewhere")
    return found
