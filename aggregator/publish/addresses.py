"""Where our own pages and feeds are found: the site's base URL and a handle in, public URLs out.

Public addresses always come from the configuration, never from a request's Host header.
"""

from __future__ import annotations

from functools import lru_cache
from urllib.parse import quote, urlencode, urlsplit

from aggregator.model import Edition, FeedHead, FeedKind, Site
from aggregator.query.bylines import author_slug

#: format -> media type as served; the format is also the suffix of the URL
MEDIA_TYPES = {
    "atom": "application/atom+xml",
    "rss": "application/rss+xml",
    "json": "application/feed+json",
}
FORMATS = tuple(MEDIA_TYPES)
#: kind of stored feed -> the first part of its path
PLACES: dict[FeedKind, str] = {"feed": "feeds", "topic": "topics", "source": "sources", "author": "authors"}
#: the same the other way round
KINDS: dict[str, FeedKind] = {place: kind for kind, place in PLACES.items()}
#: kinds of feeds that somebody notices the changes of
PUSHED: tuple[FeedKind, ...] = ("feed", "topic", "source")


def content_type(media_type: str) -> str:
    """Return the Content-Type of a body of ours in UTF-8, wherever it is sent."""
    # JSON is UTF-8 by definition and its media types know no charset
    is_text = media_type.startswith("text/") or media_type.endswith("xml")
    return f"{media_type}; charset=utf-8" if is_text else media_type


def prefix(site: Site) -> str:
    """Return the path the site lives under, such as ``/planet``; empty for the root of a host."""
    return urlsplit(site.url).path.rstrip("/")


def public_url(site: Site, path: str) -> str:
    """Return the public URL of *path*, which begins with a slash and counts from the site's base."""
    return site.url.rstrip("/") + path


def home_url(site: Site) -> str:
    """Return the front page's public URL, with a slash at its end."""
    return public_url(site, "/")


def status_url(site: Site) -> str:
    """Return the public URL of the page that tells how the sources fare."""
    return public_url(site, "/status")


@lru_cache(maxsize=8192)
def page_path(kind: FeedKind, slug: str) -> str:
    """Return the path of a feed's page below the site's base; a search has one for all questions."""
    if kind == "search":
        return "/search"
    return f"/{PLACES[kind]}/{quote(slug, safe='')}"


def page_url(site: Site, head: FeedHead) -> str:
    """Return the public URL of the page that shows what the feed holds."""
    return public_url(site, page_path(head.kind, head.slug)) + _query(head)


def feed_url(site: Site, head: FeedHead, suffix: str) -> str:
    """Return the public URL of the feed in one format (*suffix*: "atom", "rss", "json")."""
    return public_url(site, f"{page_path(head.kind, head.slug)}.{suffix}{_query(head)}")


def hub_url(site: Site, head: FeedHead) -> str | None:
    """Return the hub to subscribe at for pushes of this feed (WebSub §4); None if nobody pushes it.

    A narrowed feed is made when somebody asks for it: nobody would notice that it changed.
    """
    is_pushed = head.kind in PUSHED and head.access == "public" and not head.narrowing
    return site.hub if is_pushed else None


def hub_of(edition: Edition) -> str | None:
    """Return the hub that a document names; None for an archive, which nothing happens to."""
    return None if edition.archive else hub_url(edition.site, edition.feed)


def archive_url(site: Site, head: FeedHead, number: int, suffix: str) -> str:
    """Return the public URL of an archive of the feed in one format."""
    return public_url(site, f"{page_path(head.kind, head.slug)}/archive/{number}.{suffix}")


def document_url(edition: Edition, suffix: str) -> str:
    """Return the public URL of the very document that *edition* is written into."""
    if edition.archive is not None:
        return archive_url(edition.site, edition.feed, edition.archive.number, suffix)
    return feed_url(edition.site, edition.feed, suffix)


def past_links(edition: Edition, suffix: str) -> tuple[tuple[str, str], ...]:
    """Return (relation, URL) of the documents before and after this one (RFC 5005 §4)."""
    site, head, archive = edition.site, edition.feed, edition.archive
    if head.narrowing:
        return ()
    if archive is None:
        numbers = {"prev-archive": head.newest_archive}
    else:
        numbers = {"prev-archive": archive.previous, "next-archive": archive.next}
    links = tuple(
        (rel, archive_url(site, head, number, suffix))
        for rel, number in numbers.items()
        if number is not None
    )
    return links if archive is None else (("current", feed_url(site, head, suffix)), *links)


def author_path(name: str) -> str | None:
    """Return the path of the page of what somebody signed; None for a blank name."""
    slug = author_slug(name)
    return page_path("author", slug) if slug else None


def article_path(article_id: int) -> str:
    """Return the path of an article's page below the site's base."""
    return f"/articles/{article_id}"


def search_path(query: str, behind: int | None) -> str:
    """Return the path of what a search finds, newest first; *behind* an article, None: from the newest on."""
    return f"/search?{urlencode({'q': query} if behind is None else {'q': query, 'before': behind})}"


def article_url(site: Site, article_id: int) -> str:
    """Return the public URL of an article's page."""
    return public_url(site, article_path(article_id))


def story_path(story_id: int) -> str:
    """Return the path of a story's page below the site's base."""
    return f"/stories/{story_id}"


def story_url(site: Site, story_id: int) -> str:
    """Return the public URL of the page that names every report of a story."""
    return public_url(site, story_path(story_id))


def issue_url(site: Site, head: FeedHead, number: int) -> str:
    """Return the public URL of the page of one issue of a time-shaped feed."""
    return f"{page_url(site, head)}/issues/{number}"


def newsletter_url(site: Site, slug: str, what: str, token: str) -> str:
    """Return the public URL under which one reader confirms or leaves a newsletter."""
    return public_url(site, f"/newsletters/{slug}/{what}/{token}")


def _query(head: FeedHead) -> str:
    return "?" + urlencode(head.narrowing) if head.narrowing else ""
