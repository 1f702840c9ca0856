"""Stored articles judged anew by changed rules: where they should stand flows in, changed feeds flow out."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, update

from aggregator.model import Placed
from aggregator.store.feeds.placing import Standing, feed_ids, wanted_feeds, write_placements
from aggregator.store.tables import articles, feeds


def replace_placements(
    connection: Connection,
    placed: Sequence[Placed],
    only: Collection[tuple[str, str]],
    now: datetime,
) -> int:
    """Judge stored articles anew: put them where *placed* says, in the feeds *only* names.

    Topics are rewritten where they changed.

    Args:
        placed: stored articles, each with an article id, judged by the present rules.
        only: (kind, slug) of the feeds whose rule changed; others are left as they are.

    Returns: the number of feeds whose content changed.
    """
    ids = feed_ids(connection, only)
    standings = [
        Standing(
            article_id=one.admission.article_id,
            sort_date=one.admission.sort_date,
            digest=one.admission.entry.digest,
            at=now,
            # a changed rule makes no old article new
            since=one.admission.first_seen,
            feeds=wanted_feeds(one.targets, ids),
        )
        for one in placed
        if one.admission.article_id is not None
    ]
    _label(connection, placed)
    return len(write_placements(connection, standings, only=list(ids.values())))


def end_replacing(connection: Connection, only: Collection[tuple[str, str]]) -> None:
    """Note that all stored articles were judged by the present rule of these feeds, and lost old labels."""
    judged = feeds.c.id.in_(list(feed_ids(connection, only).values()))
    connection.execute(update(feeds).where(judged | ~feeds.c.is_configured).values(is_pending=False))


def _label(connection: Connection, placed: Sequence[Placed]) -> None:
    rows = [
        {"row_id": one.admission.article_id, "labels": " ".join(one.topics)}
        for one in placed
        if one.admission.article_id is not None
    ]
    if rows:
        a = articles.c
        connection.execute(
            update(articles)
            .where(a.id == bindparam("row_id"), a.topics != bindparam("labels"))
            .values(topics=bindparam("labels")),
            rows,
        )
