"""Where our own pages and feeds are found: the site's base URL and a handle in, public URLs out.

Public addresses always come from the configuration, never from a request's Host header.
"""

from __future__ import annotations

from functools import lru_cache
from urllib.parse import quote, urlencode, urlsplit

from aggregator.model import FeedHead, FeedKind, Site

#: format -> media type as served; the format is also the suffix of the URL
MEDIA_TYPES = {
    "atom": "application/atom+xml",
    "rss": "application/rss+xml",
    "json": "application/feed+json",
}
FORMATS = tuple(MEDIA_TYPES)
#: kind of stored feed -> the first part of its path
PLACES: dict[FeedKind, str] = {"feed": "feeds", "topic": "topics", "source": "sources"}


def content_type(media_type: str) -> str:
    """Return the Content-Type of a body of ours in UTF-8, wherever it is sent."""
    # JSON is UTF-8 by definition and its media types know no charset
    is_text = media_type.startswith("text/") or media_type.endswith("xml")
    return f"{media_type}; charset=utf-8" if is_text else media_type


def prefix(site: Site) -> str:
    """Return the path the site lives under, such as ``/planet``; empty for the root of a host."""
    return urlsplit(site.url).path.rstrip("/")


def home_url(site: Site) -> str:
    """Return the front page's public URL, with a slash at its end."""
    return site.url.rstrip("/") + "/"


@lru_cache(maxsize=8192)
def page_path(kind: FeedKind, slug: str) -> str:
    """Return the path of a feed's page below the site's base; a search has one for all questions."""
    if kind == "search":
        return "/search"
    return f"/{PLACES[kind]}/{quote(slug, safe='')}"


def page_url(site: Site, head: FeedHead) -> str:
    """Return the public URL of the page that shows what the feed holds."""
    return site.url.rstrip("/") + page_path(head.kind, head.slug) + _query(head)


def feed_url(site: Site, head: FeedHead, suffix: str) -> str:
    """Return the public URL of the feed in one format (*suffix*: "atom", "rss", "json")."""
    return f"{site.url.rstrip('/')}{page_path(head.kind, head.slug)}.{suffix}{_query(head)}"


def hub_url(site: Site, head: FeedHead) -> str | None:
    """Return the hub to subscribe at for pushes of this feed (WebSub §4); None if nobody pushes it.

    A narrowed feed is made when somebody asks for it: nobody would notice that it changed.
    """
    return None if head.narrowing or head.kind == "search" else site.hub


def article_path(article_id: int) -> str:
    """Return the path of an article's page below the site's base."""
    return f"/articles/{article_id}"


def article_url(site: Site, article_id: int) -> str:
    """Return the public URL of an article's page."""
    return site.url.rstrip("/") + article_path(article_id)


def _query(head: FeedHead) -> str:
    return "?" + urlencode(head.narrowing) if head.narrowing else ""
