"""A feed's address in, links out that begin a subscription in the feed readers people use.

Each is an address that the reader's maker documents or that its own buttons use; nothing is asked.
"""

from __future__ import annotations

from urllib.parse import quote

_READERS = (
    ("Feedly", "https://feedly.com/i/subscription/feed%2F{}"),
    ("Inoreader", "https://www.inoreader.com/?add_feed={}"),
    ("NewsBlur", "https://www.newsblur.com/?url={}"),
    ("The Old Reader", "https://theoldreader.com/feeds/subscribe?url={}"),
    ("Feedbin", "https://feedbin.com/?subscribe={}"),
)


def reader_links(feed_url: str) -> tuple[tuple[str, str], ...]:
    """Return (name, URL): the installed reader first, then readers on the web."""
    quoted = quote(feed_url, safe="")
    installed = ("The reader on this device", f"feed:{feed_url}")
    return (installed, *((name, pattern.format(quoted)) for name, pattern in _READERS))
