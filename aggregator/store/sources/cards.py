"""Source cards: what of a source is shown beside its articles.

In: rows of sources. Out: SourceCard values; what the person configured wins over what the
document says.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from functools import lru_cache

from sqlalchemy import Connection, Text, select, type_coerce

from aggregator.model import FeedInfo, Source, SourceCard
from aggregator.model.json_values import reader_of
from aggregator.store.rows import among, rows_among
from aggregator.store.sources.slugs import host_of
from aggregator.store.tables import sources
from aggregator.store.types import AnyRow

_c = sources.c
_settings, _info = reader_of(Source), reader_of(FeedInfo)
#: values as they are stored: a card is made again only where one of them has changed
CARD_COLUMNS = (
    *(_c.id, _c.slug, _c.url, _c.moved_url),
    *(type_coerce(_c.settings, Text).label("settings"), type_coerce(_c.info, Text).label("info")),
    _c.position.label("source_position"),
)
_BY_ID = select(*CARD_COLUMNS).where(among(_c.id))


def load_cards(connection: Connection, ids: Collection[int] | None = None) -> dict[int, SourceCard]:
    """Return source cards by source id.

    Args:
        ids: the wanted ones, unknown ones are left out; None for all.
    """
    if ids is None:
        return {row.id: card_of(row) for row in connection.execute(select(*CARD_COLUMNS))}
    return {row.id: card_of(row) for row in rows_among(connection, _BY_ID, set(ids))}


def list_cards(connection: Connection, after: str, limit: int) -> tuple[SourceCard, ...]:
    """Return the cards of at most *limit* sources in force with slugs above *after*, ascending by slug."""
    query = select(*CARD_COLUMNS).where(_c.is_configured, _c.slug > after).order_by(_c.slug).limit(limit)
    return tuple(card_of(row) for row in connection.execute(query))


def load_settings(connection: Connection, ids: Collection[int]) -> dict[int, Source]:
    """Return what was configured of these sources by id, by which rules judge their articles.

    An article is judged by the same value when it arrives; a card, which falls back on what
    the document says, may answer otherwise.
    """
    query = select(_c.id, _c.settings).where(among(_c.id))
    return {row.id: row.settings for row in rows_among(connection, query, set(ids))}


def card_of(row: AnyRow) -> SourceCard:
    """Return the card of a row that has the CARD_COLUMNS."""
    return _card(row.id, row.slug, row.moved_url or row.url, row.settings, row.info, row.source_position or 0)


@lru_cache(maxsize=2048)
def _card(source_id: int, slug: str, url: str, settings: str, info: str | None, position: int) -> SourceCard:
    card = make_card(source_id, slug, url, _settings(settings), said_by(info))
    return replace(card, position=position)


def said_by(info: str | None) -> FeedInfo:
    """Return what a source's document says of the feed, as its row has it; nothing for None."""
    return _info(info) if info else FeedInfo()


def make_card(source_id: int, slug: str, url: str, source: Source, info: FeedInfo) -> SourceCard:
    """Return the card of a source whose document says *info*."""
    return SourceCard(
        id=source_id,
        slug=slug,
        name=source.name or info.title or host_of(url) or slug,
        url=url,
        link=info.link,
        feed_id=info.id,
        title=info.title,
        authors=info.authors,
        rights=source.rights or info.rights,
        icon=info.icon,
        language=source.language or info.language,
        content=source.content,
        full_text=source.full_text,
        noindex=source.noindex,
        tags=source.tags,
        rewrite=source.rewrite,
        own_language=source.language,
        names=tuple(
            name for name in (source.id, source.name or (None if source.id else host_of(source.url))) if name
        ),
        face=source.face,
        weight=source.weight,
    )
