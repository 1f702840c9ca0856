"""Sources and published feeds in, OPML 2.0 lists out that feed readers import. It never asks the clock."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from lxml import etree

from aggregator.model import FeedHead, FeedKind, Site, SourceCard
from aggregator.publish.addresses import feed_url, page_url
from aggregator.publish.characters import clean_line, web_url
from aggregator.publish.dates import rfc822
from aggregator.publish.titles import feed_title, source_name
from aggregator.publish.whole import NEVER

MEDIA_TYPE = "text/x-opml"
_GROUPS: tuple[tuple[FeedKind, str], ...] = (("feed", "Feeds"), ("topic", "Topics"), ("source", "Sources"))


def render_sources_opml(site: Site, cards: Iterable[SourceCard], changed_at: datetime | None) -> bytes:
    """Return the list of the sources we read, each with its publisher's own feed and page.

    Args:
        changed_at: when the list last changed; None if unknown.
    """
    opml, body = _document(f"{clean_line(site.title)}: sources", changed_at)
    for card in cards:
        name, url = source_name(card), web_url(card.url)
        if url:
            _outline(body, name, url, web_url(card.link), ",".join(card.tags))
    return _serialise(opml)


def render_feeds_opml(site: Site, heads: Iterable[FeedHead], changed_at: datetime | None) -> bytes:
    """Return the list of the feeds we publish, grouped by kind, as Atom feeds to subscribe to.

    Args:
        changed_at: when the list last changed; None if unknown.
    """
    opml, body = _document(f"{clean_line(site.title)}: feeds", changed_at)
    listed = tuple(heads)
    for kind, label in _GROUPS:
        members = [head for head in listed if head.kind == kind]
        if members:
            group = etree.SubElement(body, "outline", text=label)
            for head in members:
                title = feed_title(head)
                _outline(group, title, feed_url(site, head, "atom"), page_url(site, head), "")
    return _serialise(opml)


def _document(title: str, changed_at: datetime | None) -> tuple[Any, Any]:
    opml = etree.Element("opml", version="2.0")
    head = etree.SubElement(opml, "head")
    etree.SubElement(head, "title").text = title
    etree.SubElement(head, "dateCreated").text = rfc822(changed_at or NEVER)
    etree.SubElement(head, "docs").text = "http://opml.org/spec2.opml"
    return opml, etree.SubElement(opml, "body")


def _outline(parent: Any, title: str, feed: str, page: str | None, categories: str) -> None:
    outline = etree.SubElement(parent, "outline", text=title, title=title, type="rss", xmlUrl=feed)
    if page:
        outline.set("htmlUrl", page)
    if categories:
        outline.set("category", clean_line(categories))


def _serialise(opml: Any) -> bytes:
    document: bytes = etree.tostring(opml, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return document
