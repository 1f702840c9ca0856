"""What a document says of a feed's past: that it is an archive (RFC 5005 §4), what was taken back (RFC 6721).

No document says that it is complete (RFC 5005 §2): that would tell readers to delete whatever is not
in it, and a feed of news goes on.
"""

from __future__ import annotations

from typing import Any

from lxml import etree

from aggregator.model import Edition, Withdrawn
from aggregator.publish.characters import is_iri
from aggregator.publish.dates import rfc3339

HISTORY = "http://purl.org/syndication/history/1.0"
TOMBSTONES = "http://purl.org/atompub/tombstones/1.0"


def history_elements(edition: Edition) -> list[Any]:
    """Return fh:archive for an archive, nothing for the live document."""
    if edition.archive is None:
        return []
    return [etree.Element(f"{{{HISTORY}}}archive", nsmap={"fh": HISTORY})]


def withdrawn(edition: Edition) -> tuple[Withdrawn, ...]:
    """Return what was taken back and is not in the document again, each with an id that can be said."""
    shown = {item.article.published_id for item in edition.items}
    return tuple(
        one for one in edition.withdrawn if one.published_id not in shown and is_iri(one.published_id)
    )


def tombstones(edition: Edition) -> list[Any]:
    """Return an at:deleted-entry for each article that was taken back."""
    return [
        etree.Element(
            f"{{{TOMBSTONES}}}deleted-entry",
            {"ref": one.published_id, "when": rfc3339(one.at)},
            nsmap={"at": TOMBSTONES},
        )
        for one in withdrawn(edition)
    ]
