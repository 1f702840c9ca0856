"""An item of an edition in, what any format writes of it out: cleaned, dated, cut to the rights.

Every format reads the same Outgoing, so ids, titles, links and dates agree between them. It
depends on stored values alone, never on a clock.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime
from html import escape
from mimetypes import MimeTypes

from aggregator.model import (
    Article,
    Category,
    ContentPolicy,
    Edition,
    Enclosure,
    Entry,
    FeedHead,
    Item,
    Link,
    Participant,
    Person,
    Podcast,
    SourceCard,
    Transcript,
)
from aggregator.publish.addresses import article_url, story_url
from aggregator.publish.characters import clean, clean_line, is_iri, language_tag, media_type, web_url
from aggregator.publish.titles import EXCERPT_CHARS, entry_title, excerpt, source_name

_STRICTNESS: dict[ContentPolicy, int] = {"full": 0, "summary": 1, "link": 2}
#: entry links that mean the same to a subscriber as they did to the publisher's
_CARRIED_RELS = frozenset({"via", "related", "license", "replies", "in-reply-to"})
_EPISODE_TYPES = frozenset({"full", "trailer", "bonus"})
_MAILBOX = re.compile(r"[^\s@()<>,;:\"\x00-\x20]+@[^\s@()<>,;:\"\x00-\x20]+\Z")
#: the table that comes with Python: the machine's own would make documents differ between hosts
_MEDIA_TYPES = MimeTypes(filenames=())


@dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingSource:
    """Where an item came from, complete enough for atom:source (RFC 4287 §4.2.11)."""

    id: str
    title: str
    updated: datetime
    feed_url: str | None
    link: str | None
    #: at least one
    authors: tuple[Person, ...]
    rights: str
    icon: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """One item as every format writes it. Texts are clean, URLs absolute, nothing is None but where said."""

    id: str
    #: plain text, never empty
    title: str
    #: the publisher's page; ours where the entry has none
    link: str
    published: datetime
    #: never before *published*
    updated: datetime
    #: HTML, empty if there is none or the rights forbid it
    summary: str
    #: HTML, empty if there is none or the rights forbid it; then longer than the summary
    content: str
    #: each with a name
    authors: tuple[Person, ...]
    categories: tuple[Category, ...]
    #: the one that RSS calls the enclosure comes first
    enclosures: tuple[Enclosure, ...]
    links: tuple[Link, ...]
    comments: str | None
    comment_count: int | None
    image: str | None
    #: who made the picture; empty if there is none or nobody is named
    image_credit: str
    #: latitude and longitude in degrees, a blank between
    point: str | None
    language: str | None
    rights: str
    podcast: Podcast | None
    #: an editor's words, plain text; they stand before the text as well
    note: str
    source: OutgoingSource
    #: other articles about the same thing, each with title (the source's name) and href
    also: tuple[Link, ...] = ()
    #: our page that names them all; None where there are no others
    story: str | None = None


def outgoing(item: Item, edition: Edition) -> Outgoing:
    """Return what may be published of *item* in *edition*."""
    article, entry, card = item.article, item.article.entry, item.source
    # what is told in one was cut to the rights of each when it was spelled out
    policy = "full" if item.roll else stricter(edition.feed, card)
    summary, content = _with_note(article.note, *_texts(entry, policy))
    published, updated = _dates(article)
    return Outgoing(
        id=_published_id(article),
        title=entry_title(entry) or clean_line(entry.link) or source_name(card),
        link=web_url(entry.link) or article_url(edition.site, article.id),
        published=published,
        updated=updated,
        summary=summary,
        content=content,
        authors=_people(entry.authors),
        categories=_categories(entry.categories),
        enclosures=_enclosures(entry.enclosures),
        links=_links(entry),
        comments=web_url(entry.comments),
        comment_count=entry.comment_count,
        image=web_url(entry.image),
        image_credit=clean_line(entry.image_credit) if web_url(entry.image) else "",
        point=entry.point,
        language=language_tag(card.own_language or entry.language or card.language),
        rights=clean_line(entry.rights or card.rights),
        podcast=_podcast(entry.podcast),
        note=clean_line(article.note),
        source=_source(article, card),
        also=_also(item),
        story=story_url(edition.site, item.story.story_id) if item.also and item.story else None,
    )


def _also(item: Item) -> tuple[Link, ...]:
    kept: dict[str, Link] = {}
    for copy in item.also:
        href = web_url(copy.link)
        if href:
            kept.setdefault(href, Link(href, "related", None, clean_line(copy.source) or None))
    return tuple(kept.values())


def stricter(head: FeedHead, card: SourceCard) -> ContentPolicy:
    """Return how much of an article of this source this feed may give: the stricter of both wishes."""
    return max(head.content or "full", card.content, key=_STRICTNESS.__getitem__)


def within_rights(head: FeedHead, item: Item) -> Item:
    """Return *item* as an item of a source that gives no more of it than this feed may."""
    return replace(item, source=replace(item.source, content=stricter(head, item.source)))


def _published_id(article: Article) -> str:
    if not is_iri(article.published_id):
        raise ValueError(f"its published id is no IRI: {article.published_id!r}")
    return article.published_id


def _texts(entry: Entry, policy: ContentPolicy) -> tuple[str, str]:
    """Return (summary, content); where both are given, the content is the longer one."""
    summary, content = clean(entry.summary).strip(), clean(entry.content).strip()
    if policy == "link":
        return "", ""
    if policy == "summary":
        return _abridged(summary or content), ""
    if not content:
        return summary, ""
    if len(summary) > len(content):
        return content, summary
    teaser = summary if summary and summary != content else _paragraph(excerpt(content))
    return (teaser if len(teaser) < len(content) else ""), content


def _with_note(note: str, summary: str, content: str) -> tuple[str, str]:
    """Put an editor's sentence in front of what is read first; it is ours, so no policy keeps it away."""
    said = f"<p><em>{escape(clean_line(note), quote=False)}</em></p>" if note else ""
    return (summary, said + content) if content else (said + summary, content)


def _abridged(html: str) -> str:
    """Return *html* as it is while it is short, else a paragraph with its beginning."""
    text = excerpt(html)
    is_short = len(html) <= 2 * EXCERPT_CHARS and not text.endswith("…")
    return html if is_short else _paragraph(text)


def _paragraph(text: str) -> str:
    return f"<p>{escape(text, quote=False)}</p>" if text else ""


def _dates(article: Article) -> tuple[datetime, datetime]:
    """Return when it was published and last changed, as claimed where the claim is possible.

    A claim later than our own observation cannot be true: readers would keep the entry on top
    for as long as the publisher likes, so what we saw stands for it.
    """
    entry = article.entry
    published = entry.published or article.sort_date
    if published > article.first_seen:
        published = article.sort_date
    changed = article.changed_at if article.changed_at > article.first_seen else published
    updated = entry.updated or changed
    if updated > article.changed_at:
        updated = changed
    return published, max(published, updated)


def _people(people: tuple[Person, ...]) -> tuple[Person, ...]:
    named = []
    for person in people:
        email = clean_line(person.email) if _MAILBOX.match(person.email or "") else None
        name = clean_line(person.name) or (email or "").partition("@")[0]
        if name:
            named.append(Person(name=name, email=email, url=web_url(person.url)))
    return tuple(dict.fromkeys(named))


def _categories(categories: tuple[Category, ...]) -> tuple[Category, ...]:
    kept: dict[tuple[str, str], Category] = {}
    for category in categories:
        term = clean_line(category.term)
        scheme = clean_line(category.scheme)
        if term:
            kept.setdefault(
                (term, scheme),
                Category(term, scheme if is_iri(scheme) else None, clean_line(category.label) or None),
            )
    return tuple(kept.values())


def _enclosures(enclosures: tuple[Enclosure, ...]) -> tuple[Enclosure, ...]:
    kept: dict[str, Enclosure] = {}
    for enclosure in enclosures:
        url = web_url(enclosure.url)
        if url:
            kept.setdefault(
                url,
                Enclosure(
                    url=url,
                    type=_media_type(url, enclosure.type),
                    length=enclosure.length if (enclosure.length or -1) >= 0 else None,
                    title=clean_line(enclosure.title) or None,
                    duration_s=enclosure.duration_s,
                ),
            )
    return tuple(sorted(kept.values(), key=_is_no_recording))


def _podcast(told: Podcast | None) -> Podcast | None:
    if told is None:
        return None
    return replace(
        told,
        season=told.season if (told.season or 0) > 0 else None,
        episode=told.episode if (told.episode or 0) > 0 else None,
        episode_type=told.episode_type if told.episode_type in _EPISODE_TYPES else None,
        chapters=web_url(told.chapters),
        transcripts=tuple(
            Transcript(url, media_type(one.type), language_tag(one.language))
            for one in told.transcripts
            if (url := web_url(one.url))
        ),
        people=tuple(
            Participant(
                clean_line(one.name),
                clean_line(one.role) or None,
                clean_line(one.group) or None,
                web_url(one.url),
                web_url(one.image),
            )
            for one in told.people
        ),
        alternates=_enclosures(told.alternates),
        soundbites=tuple(replace(one, title=clean_line(one.title)) for one in told.soundbites),
    )


def _is_no_recording(enclosure: Enclosure) -> bool:
    return not (enclosure.type or "").startswith(("audio/", "video/"))


def _media_type(url: str, stated: str | None) -> str | None:
    return media_type(stated) or _MEDIA_TYPES.guess_type(url.partition("?")[0])[0]


def _links(entry: Entry) -> tuple[Link, ...]:
    kept: dict[tuple[str, str], Link] = {}
    for link in entry.links:
        href = web_url(link.href)
        if href and link.rel in _CARRIED_RELS and href != entry.comments:
            title, kind, ref = clean_line(link.title) or None, media_type(link.type), clean_line(link.ref)
            kept.setdefault((link.rel, href), Link(href, link.rel, kind, title, ref if is_iri(ref) else None))
    return tuple(kept.values())


def _source(article: Article, card: SourceCard) -> OutgoingSource:
    """Return the feed the entry was written for: the one it was copied from, else the one we polled.

    Its date is that of the source as it was when we last heard of the article: otherwise each new
    article of a source would change every feed that holds an older one.
    """
    origin, updated = article.entry.origin, article.changed_at
    if origin is not None and (origin.id or origin.feed_url or origin.link):
        feed_url, link = web_url(origin.feed_url), web_url(origin.link)
        handle, title = clean_line(origin.id), clean_line(origin.title)
        authors, rights, icon = origin.authors, origin.rights, origin.icon
        updated = origin.updated or updated
        byline = title or source_name(card)
    else:
        feed_url, link, icon = web_url(card.url), web_url(card.link), card.icon
        handle, title = clean_line(card.feed_id), clean_line(card.title) or clean_line(card.name)
        authors, rights = card.authors, card.rights
        byline = source_name(card)
    return OutgoingSource(
        id=handle if is_iri(handle) else feed_url or link or card.url,
        title=title or byline,
        updated=updated,
        feed_url=feed_url,
        link=link,
        authors=_people(authors) or (Person(name=byline),),
        rights=clean_line(rights),
        icon=web_url(icon),
    )
