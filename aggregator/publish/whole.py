"""What every format says of a feed as a whole, worked out once: its items, its dates, its written entries.

An entry that cannot be published or written is logged and left out: it never costs the feed.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from functools import partial

from aggregator.model import Edition, Item
from aggregator.publish.lru import LruCache
from aggregator.publish.outgoing import Outgoing, outgoing

#: the date of a feed that never held anything; Atom and OPML demand one
NEVER = datetime(1970, 1, 1, tzinfo=UTC)
#: memory of one process for written entries and their keys, in bytes
KEPT_BYTES = 64_000_000
Write = Callable[[Outgoing], bytes]
#: by all that is written of them, so that nothing stale can be found: the next document has most of them, too
_KEPT: LruCache[tuple[Write, Outgoing], bytes] = LruCache(KEPT_BYTES, lambda written: 2 * len(written))
log = logging.getLogger(__name__)


def items_of(edition: Edition) -> tuple[Outgoing, ...]:
    """Return what is published of *edition*, in its order, no two with one id."""
    return tuple({item.id: item for item in _publishable(edition)}.values())


def write_entries(items: Iterable[Outgoing], write: Write) -> list[bytes]:
    """Return what *write*, the same for all of one format, makes of each of *items*, or made before."""
    written = []
    for item in items:
        try:
            written.append(_KEPT.get((write, item), partial(write, item)))
        # whatever it is, it is one entry's trouble: the feed must go out without it
        except Exception as error:
            log.warning("left out of the feed: entry %.200r: %s", item.id, error)
    return written


def changed_at(edition: Edition, items: tuple[Outgoing, ...]) -> datetime | None:
    """Return when the newest change happened, None while nothing was ever published."""
    if edition.archive is not None:
        return edition.archive.changed_at
    observed = [edition.feed.changed_at] if edition.feed.changed_at else []
    return max([*observed, *(item.updated for item in items)], default=None)


def only_source(edition: Edition) -> Item | None:
    """Return an item of the one source all items come from; None if there are several or none."""
    sources = {item.source.id for item in edition.items}
    return edition.items[0] if len(sources) == 1 else None


def _publishable(edition: Edition) -> Iterator[Outgoing]:
    for item in edition.items:
        try:
            yield outgoing(item, edition)
        # whatever a stored entry holds, the other entries must go out
        except Exception as error:
            log.warning("left out of %s: article %s: %s", edition.feed.slug, item.article.id, error)
