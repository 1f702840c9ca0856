"""An edition in, an RSS 2.0 document out, written by feedgen and repaired by our extension.

feedgen takes the last link for the channel's, loses all enclosures but the last, every author
without an e-mail address, and formats dates by switching the process's locale; `_RssFeed` and
`_RssItem` run last and write those parts. It never asks the clock.
"""

from __future__ import annotations

import re
from html import escape
from typing import Any

from feedgen.entry import FeedEntry

from aggregator.model import Edition
from aggregator.publish.addresses import MEDIA_TYPES, document_url, hub_of, page_url, past_links
from aggregator.publish.characters import clean_line, language_tag, web_url
from aggregator.publish.dates import rfc822
from aggregator.publish.feedgen_parts import (
    THREADS,
    EntryExtension,
    FeedExtension,
    Maker,
    add,
    add_link,
    extended_entry,
    serialise_within,
    splice,
)
from aggregator.publish.history import HISTORY, add_history
from aggregator.publish.media import NAMESPACES, add_channel, add_media_content, add_picture, add_podcast
from aggregator.publish.outgoing import Outgoing
from aggregator.publish.titles import feed_subtitle, feed_title
from aggregator.publish.whole import changed_at, only_source, write_entries

ATOM = "http://www.w3.org/2005/Atom"
CONTENT = "http://purl.org/rss/1.0/modules/content/"
DC = "http://purl.org/dc/elements/1.1/"
SLASH = "http://purl.org/rss/1.0/modules/slash/"
#: seconds after which asking again is worth while: ttl here, max-age in HTTP
REFRESH_S = 300
#: all that an item may use; feedgen declares the last two by itself
_NAMESPACES = {"dc": DC, "slash": SLASH, "thr": THREADS, **NAMESPACES, "atom": ATOM, "content": CONTENT}
_TITLES = re.compile(rb"(?<=<title>)[^<]*(?=</title>)")


def render_rss(edition: Edition, items: tuple[Outgoing, ...]) -> bytes:
    """Return the RSS document of *edition* with *items*, in their order; entries that fail are left out."""
    site, head = edition.site, edition.feed
    title = feed_title(head)
    feed = Maker(_RssFeed, edition, items)
    feed.title(title)
    feed.description(feed_subtitle(head, site) or title)
    feed.generator("aggregator")
    feed.language(language_tag(head.language or site.language))
    feed.rights(clean_line(head.rights) or None)
    feed.ttl(REFRESH_S // 60)
    feed.link(href=document_url(edition, "rss"), rel="self", type=MEDIA_TYPES["rss"])
    # the last link that is set becomes the channel's
    feed.link(href=page_url(site, head), rel="alternate", type="text/html")
    document = _TITLES.sub(_hexadecimal, feed.rss_str())
    return splice(document, write_entries(items, _write), b"</channel>")


def _write(item: Outgoing) -> bytes:
    entry = extended_entry(item, _RssItem)
    _fill(entry, item)
    return _TITLES.sub(_hexadecimal, serialise_within(entry.rss_entry(), _NAMESPACES))


# In plain text, readers that take titles for HTML understand the hexadecimal references (RSS profile).
def _hexadecimal(title: re.Match[bytes]) -> bytes:
    return title[0].replace(b"&amp;", b"&#x26;").replace(b"&lt;", b"&#x3C;")


def _fill(entry: FeedEntry, item: Outgoing) -> None:
    entry.title(item.title)
    entry.link(href=item.link, rel="alternate")
    entry.guid(item.id, permalink=item.id == item.link)
    text = (item.content or item.summary) + _also_at(item)
    if item.content and item.summary:
        entry.content(text, type="html")
        entry.description(item.summary, isSummary=True)
    elif text:
        entry.description(text)
    for category in item.categories:
        domain = {"scheme": category.scheme} if category.scheme else {}
        entry.category(term=category.term, **domain)
    if item.comments:
        entry.comments(item.comments)
    if item.source.feed_url:
        entry.source(url=item.source.feed_url, title=item.source.title)


def _also_at(item: Outgoing) -> str:
    """RSS has no element for other reports: a line under the text names them."""
    named = [f'<a href="{escape(link.href)}">{escape(link.title or link.href)}</a>' for link in item.also]
    if item.story:
        named.append(f'<a href="{escape(item.story)}">all reports</a>')
    return f"<p>Also at: {', '.join(named)}</p>" if named else ""


class _RssFeed(FeedExtension):
    """Adds to the channel what feedgen lacks."""

    def extend_ns(self) -> dict[str, str]:
        past = {"fh": HISTORY} if self.edition.archive is not None else {}
        return {"dc": DC, "slash": SLASH, "thr": THREADS, **NAMESPACES, **past}

    def extend_rss(self, feed: Any) -> Any:
        channel = feed[0]
        if hub := hub_of(self.edition):
            add(channel, f"{{{ATOM}}}link", href=hub, rel="hub")
        for rel, href in past_links(self.edition, "rss"):
            add(channel, f"{{{ATOM}}}link", rel=rel, href=href, type=MEDIA_TYPES["rss"])
        add_history(channel, self.edition)
        moment = changed_at(self.edition, self.items)
        if moment is not None:
            add(channel, "lastBuildDate", rfc822(moment))
        card = only_source(self.edition)
        icon = web_url(card.source.icon) if card else None
        if icon:
            image = add(channel, "image")
            add(image, "url", icon)
            add(image, "title", channel.findtext("title"))
            add(image, "link", channel.findtext("link"))
        author = clean_line(card.source.name if card else self.edition.site.title)
        add_channel(channel, author or self.edition.feed.slug, icon, self.edition, self.items)
        return feed


class _RssItem(EntryExtension):
    """Adds to one item what feedgen loses or writes wrongly."""

    def extend_rss(self, entry: Any) -> Any:
        item = self.item
        _add_authors(entry, item)
        for enclosure in item.enclosures[:1]:
            kind = enclosure.type or "application/octet-stream"
            add(entry, "enclosure", url=enclosure.url, length=str(enclosure.length or 0), type=kind)
        add(entry, "pubDate", rfc822(item.published))
        for enclosure in item.enclosures[1:]:
            add_media_content(entry, enclosure)
        add_picture(entry, item)
        add_podcast(entry, item)
        for link in item.links:
            add_link(entry, f"{{{ATOM}}}link", link)
        if item.comment_count:
            add(entry, f"{{{SLASH}}}comments", str(item.comment_count))
        if item.language:
            add(entry, f"{{{DC}}}language", item.language)
        if item.rights:
            add(entry, f"{{{DC}}}rights", item.rights)
        return entry


def _add_authors(entry: Any, item: Outgoing) -> None:
    """Write author only for one person with an e-mail address; names go to dc:creator."""
    people = item.authors or item.source.authors
    if len(people) == 1 and people[0].email:
        add(entry, "author", f"{people[0].email} ({people[0].name})")
        return
    for person in people:
        add(entry, f"{{{DC}}}creator", person.name)
