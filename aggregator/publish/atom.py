"""An edition in, an Atom 1.0 document out (RFC 4287), written by feedgen and repaired by our extension.

feedgen writes entry links without their rel and type, a source of two elements and no languages;
`_AtomEntry` runs last on every entry and puts right ones in their place. It never asks the clock.
"""

from __future__ import annotations

from typing import Any

from feedgen.entry import FeedEntry
from lxml import etree

from aggregator import __version__
from aggregator.model import Edition, Person
from aggregator.publish.addresses import MEDIA_TYPES, document_url, hub_of, page_url, past_links
from aggregator.publish.characters import clean_line, language_tag, web_url
from aggregator.publish.dates import rfc3339
from aggregator.publish.feedgen_parts import (
    THREADS,
    XML_LANG,
    EntryExtension,
    FeedExtension,
    Maker,
    add,
    add_link,
    extended_entry,
    serialise_within,
    splice,
)
from aggregator.publish.history import HISTORY, TOMBSTONES, add_history, add_tombstones
from aggregator.publish.media import GEORSS, MEDIA, add_picture
from aggregator.publish.outgoing import Outgoing, OutgoingSource
from aggregator.publish.titles import feed_author, feed_subtitle, feed_title
from aggregator.publish.whole import NEVER, changed_at, only_source, write_entries

_NAMESPACES = {"media": MEDIA, "georss": GEORSS, "thr": THREADS}


def render_atom(edition: Edition, items: tuple[Outgoing, ...]) -> bytes:
    """Return the Atom document of *edition* with *items*, in their order; entries that fail are left out."""
    site, head, card = edition.site, edition.feed, only_source(edition)
    feed = Maker(_AtomFeed, edition, items)
    feed.id(head.uid)
    feed.title(feed_title(head))
    # some readers know no fractions of seconds
    feed.updated((changed_at(edition, items) or NEVER).replace(microsecond=0))
    feed.subtitle(feed_subtitle(head, site) or None)
    feed.author(name=feed_author(site))
    feed.icon(web_url(card.source.icon) if card else None)
    feed.generator("aggregator", version=__version__)
    feed.rights(clean_line(head.rights) or None)
    feed.language(language_tag(head.language or site.language))
    feed.link(href=document_url(edition, "atom"), rel="self", type=MEDIA_TYPES["atom"])
    if hub := hub_of(edition):
        feed.link(href=hub, rel="hub")
    feed.link(href=page_url(site, head), rel="alternate", type="text/html")
    return splice(feed.atom_str(), write_entries(items, _write), b"</feed>")


def _write(item: Outgoing) -> bytes:
    entry = extended_entry(item, _AtomEntry)
    _fill(entry, item)
    return serialise_within(entry.atom_entry(), _NAMESPACES)


def _fill(entry: FeedEntry, item: Outgoing) -> None:
    entry.id(item.id)
    entry.title(item.title)
    entry.published(item.published)
    entry.updated(item.updated)
    entry.link(href=item.link, rel="alternate")
    for person in item.authors:
        entry.author(name=person.name, email=person.email, uri=person.url)
    for category in item.categories:
        entry.category(term=category.term, scheme=category.scheme, label=category.label)
    if item.content:
        entry.content(item.content, type="html")
    if item.summary:
        entry.summary(item.summary, type="html")
    if item.rights:
        entry.rights(item.rights)


class _AtomFeed(FeedExtension):
    def extend_ns(self) -> dict[str, str]:
        namespaces = dict(_NAMESPACES)
        if self.edition.archive is not None:
            namespaces["fh"] = HISTORY
        if self.edition.withdrawn:
            namespaces["at"] = TOMBSTONES
        return namespaces

    def extend_atom(self, feed: Any) -> Any:
        for rel, href in past_links(self.edition, "atom"):
            add(feed, "link", rel=rel, href=href, type=MEDIA_TYPES["atom"])
        add_history(feed, self.edition)
        add_tombstones(feed, self.edition)
        return feed


class _AtomEntry(EntryExtension):
    """Repairs one entry element; elements carry no namespace in feedgen's tree."""

    def extend_atom(self, entry: Any) -> Any:
        item = self.item
        if item.language:
            entry.set(XML_LANG, item.language)
        for name in ("published", "updated"):
            entry.find(name).text = rfc3339(getattr(item, name))
        for broken in entry.findall("link"):
            entry.remove(broken)
        _add_links(entry, item)
        add_picture(entry, item)
        if item.comment_count:
            add(entry, f"{{{THREADS}}}total", str(item.comment_count))
        _add_source(entry, item.source)
        return entry


def _add_links(entry: Any, item: Outgoing) -> None:
    add(entry, "link", rel="alternate", href=item.link)
    known = {file.url for file in item.enclosures}
    others = [file for file in item.podcast.alternates if file.url not in known] if item.podcast else []
    for enclosure in (*item.enclosures, *others):
        length = None if enclosure.length is None else str(enclosure.length)
        kind, title = enclosure.type, enclosure.title
        add(entry, "link", rel="enclosure", href=enclosure.url, type=kind, length=length, title=title)
    if item.comments:
        add(entry, "link", rel="replies", href=item.comments, type="text/html")
    for link in dict.fromkeys((*item.links, *item.also)):
        add_link(entry, "link", link)
    if item.story:
        add(entry, "link", rel="related", href=item.story, type="text/html", title="All reports")


def _add_source(entry: Any, source: OutgoingSource) -> None:
    """Write the whole of atom:source: RFC 4287 §4.2.11 wants id, title and updated kept."""
    element = add(entry, "source")
    add(element, "id", source.id)
    add(element, "title", source.title)
    add(element, "updated", rfc3339(source.updated))
    if source.feed_url:
        add(element, "link", rel="self", href=source.feed_url)
    if source.link:
        add(element, "link", rel="alternate", href=source.link)
    for person in source.authors:
        _add_person(element, person)
    if source.rights:
        add(element, "rights", source.rights)
    if source.icon:
        add(element, "icon", source.icon)


def _add_person(parent: etree._Element, person: Person) -> None:
    author = add(parent, "author")
    add(author, "name", person.name)
    if person.url:
        add(author, "uri", person.url)
    if person.email:
        add(author, "email", person.email)
