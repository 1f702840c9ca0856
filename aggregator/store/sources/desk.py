"""The source of hand-written articles: made when the first is posted, never polled, kept for ever.

It is a source like any other in feeds and queries (``source:desk``), but stands outside of the
configuration.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select, update

from aggregator.model import Placed, Site, Source
from aggregator.model.settings import DESK
from aggregator.store.articles.arriving import Arrival, add_articles
from aggregator.store.articles.saving import place_arrivals
from aggregator.store.dialect import next_ids
from aggregator.store.sources.configured import insert_sources, new_source
from aggregator.store.sources.slugs import unused
from aggregator.store.tables import source_slugs, sources

#: a hand-written article has no document to come back from
KEEP_S = 100 * 365 * 86_400
#: no configured source can have it: it is no slug
_HANDLE = "(desk)"
c = sources.c


@dataclass(frozen=True, slots=True)
class DeskSource:
    """The desk as a source."""

    id: int
    slug: str
    source: Source
    first_url: str


def get_desk(connection: Connection, site: Site, now: datetime) -> DeskSource:
    """Return the desk, named after the site; made if there is none yet."""
    row = connection.execute(
        select(c.id, c.slug, c.settings, c.first_url).where(c.handle == _HANDLE)
    ).one_or_none()
    if row is None:
        return _make(connection, site, now)
    wanted = _settings(site, row.slug)
    if wanted != row.settings:
        connection.execute(update(sources).where(c.id == row.id).values(settings=wanted, url=wanted.url))
    return DeskSource(row.id, row.slug, wanted, row.first_url)


def post(connection: Connection, desk: DeskSource, placed: Placed, now: datetime) -> int:
    """Store a hand-written article where *placed* says and return its id."""
    stored = add_articles(connection, [Arrival(placed, now, desk.first_url)])
    place_arrivals(connection, stored, {})
    (article_id,) = stored
    return article_id


def new_id() -> str:
    """Return an id for a hand-written entry."""
    return uuid.uuid4().urn


def _settings(site: Site, slug: str) -> Source:
    return Source(
        url=f"{site.url}/sources/{slug}.atom",
        name=site.title,
        kind="desk",
        language=site.language,
        keep_s=KEEP_S,
    )


def _make(connection: Connection, site: Site, now: datetime) -> DeskSource:
    slug = unused(DESK, set(connection.scalars(select(source_slugs.c.slug))))
    (row_id,) = next_ids(connection, sources, 1)
    settings, first_url = _settings(site, slug), new_id()
    row = new_source(row_id, slug, settings, 0, now) | {"first_url": first_url, "handle": _HANDLE}
    row |= {"name": None, "host": "", "next_why": "it is written by hand"}
    # it is in no file, so that no file takes it away
    row["is_configured"] = False
    insert_sources(connection, [row])
    return DeskSource(row_id, slug, settings, first_url)
