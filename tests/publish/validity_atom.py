"""An Atom document in, everything a feed validator would say of it out."""

from __future__ import annotations

from typing import Any

from tests.publish.validity_history import check_history
from tests.publish.validity_parts import (
    ATOM,
    RFC3339,
    XML,
    at_most_once,
    date,
    html,
    iri,
    languages,
    media,
    media_type,
    once,
    parse_xml,
    texts,
    unique,
    web,
)


def check_atom(body: bytes) -> list[str]:
    """Check an Atom feed document (RFC 4287 §4.1.1)."""
    feed = parse_xml(body)
    if feed.tag != f"{ATOM}feed":
        return [f"the root is {feed.tag}"]
    found = [*once(feed, "feed", *(f"{ATOM}{name}" for name in ("id", "title", "updated")))]
    found += at_most_once(
        feed, "feed", *(f"{ATOM}{name}" for name in ("subtitle", "rights", "icon", "logo", "generator"))
    )
    found += texts(feed, "feed", f"{ATOM}title", f"{ATOM}id", f"{ATOM}generator")
    found += iri(feed.findtext(f"{ATOM}id"), "feed id") + date(
        feed.findtext(f"{ATOM}updated"), RFC3339, "feed updated"
    )
    found += _atom_links(feed, "feed")
    rels = [link.get("rel", "alternate") for link in feed.findall(f"{ATOM}link")]
    found += [f"feed: {rels.count('self')} links rel=self"] if rels.count("self") != 1 else []
    found += ["feed: no link to its page"] if "alternate" not in rels else []
    found += languages(feed)
    if XML + "lang" not in feed.attrib:
        found.append("feed: no xml:lang")
    entries = feed.findall(f"{ATOM}entry")
    found += unique((entry.findtext(f"{ATOM}id") for entry in entries), "entry id")
    found += check_history(feed, {entry.findtext(f"{ATOM}id") for entry in entries})
    names = [child.tag for child in feed]
    if f"{ATOM}entry" in names and any(
        name != f"{ATOM}entry" for name in names[names.index(f"{ATOM}entry") :]
    ):
        found.append("feed: something follows the entries")
    for number, entry in enumerate(entries):
        found += _atom_entry(entry, f"entry {number}", has_feed_author=feed.find(f"{ATOM}author") is not None)
    return found


def _atom_entry(entry: Any, where: str, *, has_feed_author: bool) -> list[str]:
    found = [*once(entry, where, *(f"{ATOM}{name}" for name in ("id", "title", "updated", "source")))]
    found += at_most_once(
        entry, where, *(f"{ATOM}{name}" for name in ("published", "summary", "content", "rights"))
    )
    found += texts(entry, where, f"{ATOM}title", f"{ATOM}id")
    found += iri(entry.findtext(f"{ATOM}id"), f"{where} id")
    for name in ("published", "updated"):
        found += date(entry.findtext(f"{ATOM}{name}"), RFC3339, f"{where} {name}")
    published, updated = entry.findtext(f"{ATOM}published"), entry.findtext(f"{ATOM}updated")
    if published and updated and updated < published:
        found.append(f"{where}: updated before it was published")
    found += _atom_links(entry, where)
    rels = [link.get("rel", "alternate") for link in entry.findall(f"{ATOM}link")]
    if entry.find(f"{ATOM}content") is None and "alternate" not in rels:
        found.append(f"{where}: neither content nor alternate link")
    for name in ("content", "summary", "title", "rights"):
        for element in entry.findall(f"{ATOM}{name}"):
            if element.get("type", "text") not in ("text", "html"):
                found.append(f"{where}: {name} of type {element.get('type')}")
            if element.get("type") == "html":
                found += html(element.text, f"{where} {name}")
            elif name in ("content", "summary"):
                found.append(f"{where}: {name} does not say that it is HTML")
    found += _atom_people(entry, where, has_author=has_feed_author or bool(entry.findall(f".//{ATOM}author")))
    found += _atom_source(entry.find(f"{ATOM}source"), where) + media(entry, where)
    for category in entry.findall(f"{ATOM}category"):
        found += [] if category.get("term") else [f"{where}: category without term"]
        found += iri(category.get("scheme", "urn:x"), f"{where} category scheme")
    return found


def _atom_source(source: Any, where: str) -> list[str]:
    if source is None:
        return []
    where = f"{where} source"
    found = [*once(source, where, *(f"{ATOM}{name}" for name in ("id", "title", "updated")))]
    found += texts(source, where, f"{ATOM}id", f"{ATOM}title") + iri(
        source.findtext(f"{ATOM}id"), f"{where} id"
    )
    found += date(source.findtext(f"{ATOM}updated"), RFC3339, f"{where} updated") + _atom_links(source, where)
    found += _atom_people(source, where, has_author=source.find(f"{ATOM}author") is not None)
    if not any(link.get("rel") == "self" for link in source.findall(f"{ATOM}link")):
        found.append(f"{where}: no link to the feed itself")
    return found


def _atom_people(parent: Any, where: str, *, has_author: bool) -> list[str]:
    found = [] if has_author else [f"{where}: no author"]
    for person in parent.findall(f"{ATOM}author"):
        found += [] if (person.findtext(f"{ATOM}name") or "").strip() else [f"{where}: author without name"]
        uri = person.findtext(f"{ATOM}uri")
        found += web(uri, f"{where} author uri") if uri is not None else []
    return found


def _atom_links(parent: Any, where: str) -> list[str]:
    found, links = [], parent.findall(f"{ATOM}link")
    for link in links:
        found += web(link.get("href"), f"{where} link")
        found += media_type(link.get("type"), f"{where} link") if link.get("type") is not None else []
        if link.get("length") is not None and not link.get("length").isdigit():
            found.append(f"{where}: length {link.get('length')!r}")
    alternates = [
        (ln.get("type"), ln.get("hreflang")) for ln in links if ln.get("rel", "alternate") == "alternate"
    ]
    found += unique(map(str, alternates), f"{where} alternate link of one type")
    return found + unique((str(sorted(link.attrib.items())) for link in links), f"{where} link")
