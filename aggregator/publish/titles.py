"""How entries, feeds, sources and the paper are called: stored values in, clean text out.

Where a publisher gave no title, the beginning of the text stands for it.
"""

from __future__ import annotations

from aggregator.model import Entry, FeedHead, Site, SourceCard
from aggregator.publish.characters import clean_line
from aggregator.publish.lru import LruCache
from aggregator.query.text import plain_text

#: characters of an excerpt that stands for a text we may not, or need not, give in full
EXCERPT_CHARS = 400
#: the same below a headline, where several stand
HEADLINE_CHARS = 240
#: a title made of the text where the publisher gave none
_TITLE_CHARS = 80
#: characters of texts whose excerpts are kept; the whole text is the key
KEPT_CHARS = 16_000_000
#: an excerpt, and the length of its text
_KEPT: LruCache[tuple[str, int], tuple[str, int]] = LruCache(KEPT_CHARS, lambda kept: kept[1] + 500)


def excerpt(html: str, max_chars: int = EXCERPT_CHARS) -> str:
    """Return the beginning of *html* as plain text of at most *max_chars*, cut between words."""
    return _KEPT.get((html, max_chars), lambda: (_excerpt(html, max_chars), len(html)))[0]


def _excerpt(html: str, max_chars: int) -> str:
    text = clean_line(plain_text(html))
    if len(text) <= max_chars:
        return text
    head = text[: max_chars - 1]
    return (head[: head.rfind(" ")] if " " in head[max_chars // 2 :] else head).rstrip(" ,;:.-–—") + "…"


def entry_title(entry: Entry) -> str:
    """Return the title of an entry, or the beginning of its text; empty if it has neither."""
    return clean_line(entry.title) or excerpt(entry.summary or entry.content, _TITLE_CHARS)


def feed_title(head: FeedHead) -> str:
    """Return the title of a published feed; never empty."""
    return clean_line(head.title) or head.slug


def feed_subtitle(head: FeedHead, site: Site) -> str:
    """Return what a feed says of itself, else what the paper does; empty if neither does."""
    return clean_line(head.description or site.tagline)


def feed_author(site: Site) -> str:
    """Return who answers for a feed as a whole: the paper."""
    return clean_line(site.title) or "Aggregator"


def source_name(card: SourceCard) -> str:
    """Return the name of a source; never empty."""
    return clean_line(card.name) or card.slug
