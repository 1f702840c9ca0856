"""What a document says of a feed's past: that it is an archive (RFC 5005 §4), what was taken back (RFC 6721).

No document says that it is complete (RFC 5005 §2): that would tell readers to delete whatever is not
in it, and a feed of news goes on.
"""

from __future__ import annotations

from typing import Any

from aggregator.model import Edition, Withdrawn
from aggregator.publish.characters import is_iri
from aggregator.publish.dates import rfc3339
from aggregator.publish.feedgen_parts import add

HISTORY = "http://purl.org/syndication/history/1.0"
TOMBSTONES = "http://purl.org/atompub/tombstones/1.0"


def withdrawn(edition: Edition) -> tuple[Withdrawn, ...]:
    """Return what was taken back and is not in the document again, each with an id that can be said."""
    shown = {item.article.published_id for item in edition.items}
    return tuple(
        one for one in edition.withdrawn if one.published_id not in shown and is_iri(one.published_id)
    )


def add_history(feed: Any, edition: Edition) -> None:
    """Append fh:archive to an archive, nothing to the live document."""
    if edition.archive is not None:
        add(feed, f"{{{HISTORY}}}archive")


def add_tombstones(feed: Any, edition: Edition) -> None:
    """Append an at:deleted-entry for each article that was taken back."""
    for one in withdrawn(edition):
        add(feed, f"{{{TOMBSTONES}}}deleted-entry", ref=one.published_id, when=rfc3339(one.at))
