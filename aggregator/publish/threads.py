"""Links of an entry, and what it answers (RFC 4685 §3), as elements of Atom in any document."""

from __future__ import annotations

from typing import Any

from aggregator.model import Link
from aggregator.publish.feedgen_parts import add

THREADS = "http://purl.org/syndication/thread/1.0"


def add_link(entry: Any, name: str, link: Link) -> None:
    """Append a link, under *name*; what is answered has an element of its own, which names its id."""
    if link.rel == "in-reply-to":
        reference = link.ref or link.href
        add(entry, f"{{{THREADS}}}in-reply-to", ref=reference, href=link.href, type=link.type)
        return
    add(entry, name, rel=link.rel, href=link.href, type=link.type, title=link.title)
