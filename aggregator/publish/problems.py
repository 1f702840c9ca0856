"""Problems as items of a feed: stored events in, Items out, so that every format can write them.

What is written depends on the events alone, never on a clock.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from aggregator.model import Article, Category, Entry, Item, ProblemEvent, Site, SourceCard
from aggregator.publish.addresses import public_url, status_url


def items_of(events: Sequence[ProblemEvent], site: Site) -> tuple[Item, ...]:
    """Return the events as items, newest first."""
    card = SourceCard(
        id=0,
        slug="aggregator",
        name=site.title,
        url=public_url(site, "/feeds/problems.atom"),
        link=status_url(site),
    )
    newest = sorted(events, key=lambda event: (event.opened_at, event.id), reverse=True)
    return tuple(Item(_article_of(event, site), card, event.id, event.kind.value) for event in newest)


def _article_of(event: ProblemEvent, site: Site) -> Article:
    title, text = event.title, f"<p>{escape(event.text, quote=False)}</p>"
    if event.closed_at is not None:
        title = f"Solved: {title}"
        text += f"<p>This ended on {event.closed_at:%d %B %Y, %H:%M} UTC.</p>"
    entry = Entry(
        id=event.uid,
        key=event.uid,
        title=title,
        link=f"{status_url(site)}#problem-{event.id}",
        published=event.opened_at,
        updated=event.changed_at,
        content=text,
        categories=(Category(event.kind.value),),
        language="en",
    )
    return Article(
        id=event.id,
        source_id=0,
        entry=entry,
        published_id=event.uid,
        first_seen=event.opened_at,
        changed_at=event.changed_at,
        sort_date=event.opened_at,
    )
