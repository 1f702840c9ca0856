"""An edition in, the frozen values that page templates show out. No HTML is made here, no clock asked."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote

from aggregator.model import Article, Edition, Enclosure, Entry, FeedHead, Site, SourceCard
from aggregator.publish.addresses import FORMATS, MEDIA_TYPES, feed_url, page_path, page_url, prefix
from aggregator.publish.characters import clean, clean_line, web_url
from aggregator.publish.headlines import Headline, Moment, headline, item_headline, moment
from aggregator.publish.titles import feed_title

_UNDESCRIBED = re.compile(r"<img(?![^>]* alt=)")
_FIRST_LEVEL = re.compile(r"(</?)h1\b")
_FORMAT_NAMES = {"atom": "Atom", "rss": "RSS", "json": "JSON Feed"}

#: addresses that the makers of feed readers document or that their own buttons use
_READERS = (
    ("Feedly", "https://feedly.com/i/subscription/feed%2F{}"),
    ("Inoreader", "https://www.inoreader.com/?add_feed={}"),
    ("NewsBlur", "https://www.newsblur.com/?url={}"),
    ("The Old Reader", "https://theoldreader.com/feeds/subscribe?url={}"),
    ("Feedbin", "https://feedbin.com/?subscribe={}"),
)


@dataclass(frozen=True, slots=True)
class Subscription:
    """One document of a feed, as a subscribe link and for autodiscovery."""

    title: str
    format: str
    media_type: str
    url: str


@dataclass(frozen=True, slots=True)
class FeedPage:
    """A feed as a page."""

    title: str
    description: str
    url: str
    query: str
    subscriptions: tuple[Subscription, ...]
    headlines: tuple[Headline, ...]
    #: when it last changed; None while it is empty
    at: Moment | None


@dataclass(frozen=True, slots=True)
class Sound:
    """Something to listen to."""

    title: str
    url: str
    type: str | None
    #: "12:31"; None if the feed does not say
    duration: str | None


@dataclass(frozen=True, slots=True)
class ArticlePage:
    """One article as a page."""

    headline: Headline
    updated: Moment | None
    #: sanitised HTML; only what the rights allow
    content: str
    #: the rights allow the whole text
    is_full: bool
    #: an editor's sentence; empty if there is none
    note: str
    rights: str
    sounds: tuple[Sound, ...]
    #: every other attached file but pictures
    files: tuple[Enclosure, ...]
    comments: str | None
    #: how many comments there were when last told; None if none
    comment_count: int | None
    #: what stands above the text: the article's picture where the text shows none
    picture: str | None
    #: the picture in words; empty if nobody described it
    picture_alt: str
    #: who made the article's picture; empty if nobody is named
    picture_credit: str
    #: who is heard in an episode, or made it: name, and role if it is told
    people: tuple[tuple[str, str], ...]


def page_href(site: Site, head: FeedHead) -> str:
    """Return the path of a feed's page, below the site's own path."""
    return prefix(site) + page_path(head.kind, head.slug)


@lru_cache(maxsize=2048)
def subscriptions(site: Site, head: FeedHead) -> tuple[Subscription, ...]:
    """Return the documents of a feed, Atom first."""
    title = feed_title(head)
    return tuple(
        Subscription(f"{title} ({_FORMAT_NAMES[suffix]})", _FORMAT_NAMES[suffix], MEDIA_TYPES[suffix],
                     feed_url(site, head, suffix))
        for suffix in FORMATS
    )  # fmt: skip


def reader_links(feed_url: str) -> tuple[tuple[str, str], ...]:
    """Return (name, URL): the installed reader first, then readers on the web."""
    quoted = quote(feed_url, safe="")
    installed = ("The reader on this device", f"feed:{feed_url}")
    return (installed, *((name, pattern.format(quoted)) for name, pattern in _READERS))


def feed_page(edition: Edition) -> FeedPage:
    """Return what the page of a feed shows."""
    site, head = edition.site, edition.feed
    return FeedPage(
        title=feed_title(head),
        description=clean_line(head.description),
        url=page_url(site, head),
        query=clean_line(head.query),
        subscriptions=subscriptions(site, head),
        headlines=tuple(item_headline(item, site) for item in edition.items),
        at=moment(head.changed_at, site) if head.changed_at else None,
    )


def article_page(article: Article, source: SourceCard, site: Site) -> ArticlePage:
    """Return what the page of an article shows: as much of the text as its source allows."""
    entry, content = article.entry, readable(article.entry, source)
    picture = web_url(entry.image)
    return ArticlePage(
        headline=headline(article, source, site),
        updated=moment(article.changed_at, site) if article.changed_at > article.first_seen else None,
        content=content,
        is_full=source.content == "full" and bool(entry.content),
        note=clean_line(article.note),
        rights=clean_line(entry.rights or source.rights),
        sounds=sounds(entry),
        files=tuple(
            file for file in entry.enclosures if web_url(file.url) and not _is_kind(file, "audio/", "image/")
        ),
        comments=web_url(entry.comments),
        comment_count=entry.comment_count,
        picture=None if "<img" in content else picture,
        picture_alt=next(
            (clean_line(file.title) for file in entry.enclosures if file.url == entry.image), ""
        ),
        picture_credit=clean_line(entry.image_credit) if picture else "",
        people=tuple(
            (clean_line(one.name), clean_line(one.role))
            for one in (entry.podcast.people if entry.podcast else ())
        ),
    )


def sounds(entry: Entry) -> tuple[Sound, ...]:
    """Return what of an entry can be listened to, in its order."""
    whole = entry.podcast.duration_s if entry.podcast else None
    return tuple(
        Sound(
            clean_line(one.title or entry.title) or "Sound",
            one.url,
            one.type,
            _minutes(one.duration_s or whole),
        )
        for one in entry.enclosures
        if _is_kind(one, "audio/") and web_url(one.url)
    )


def _is_kind(file: Enclosure, *prefixes: str) -> bool:
    return bool(file.type and file.type.startswith(prefixes))


def _minutes(seconds: int | None) -> str | None:
    if not seconds:
        return None
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def readable(entry: Entry, source: SourceCard) -> str:
    """Return the text that the rights let us show, as sanitised HTML; empty for none.

    The page's own title is its one heading of the first level; a picture that nobody described is none
    to who only hears the page.
    """
    if source.content != "full":
        return ""
    text = _FIRST_LEVEL.sub(r"\1h2", clean(max(entry.content, entry.summary, key=len)))
    return _UNDESCRIBED.sub('<img alt=""', text)
