"""Decisions about stored articles become rows: state, marks' effects, and where each stands from now on.

In: articles as they should be, placed by the present rules. Out: rows and new versions of the
feeds. What their publishers say is not touched. The caller holds the configuration lock, so that
no poll and no change of rules decides about the same articles at the same time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, update

from aggregator.model import ArticleState, Placed
from aggregator.store.articles.page_texts import want_texts
from aggregator.store.feeds.placing import Standing, feed_ids, wanted_feeds, write_placements
from aggregator.store.rows import write_rows
from aggregator.store.stories.telling import name_stories
from aggregator.store.tables import articles

a = articles.c
_DECIDE = (
    update(articles)
    .where(a.id == bindparam("row_id"))
    .values({n: bindparam(n) for n in ("state", "reason", "release_at", "is_picked", "note", "topics")})
)


@dataclass(frozen=True, slots=True)
class Decision:
    """A stored article as it is to be."""

    placed: Placed
    note: str
    #: it is news to readers who follow where it enters
    is_news: bool


def decide(connection: Connection, decisions: Sequence[Decision], now: datetime) -> None:
    """Write states, picks and notes, and place the articles anew in every feed."""
    rows = [
        {
            "row_id": one.placed.admission.article_id,
            "state": one.placed.admission.state.value,
            "reason": one.placed.admission.reason,
            "release_at": one.placed.admission.release_at,
            "is_picked": one.placed.admission.is_picked,
            "note": one.note,
            "topics": " ".join(one.placed.topics),
        }
        for one in decisions
    ]
    if not rows:
        return
    write_rows(connection, _DECIDE, rows)
    targets = {(t.kind, t.slug) for one in decisions for t in one.placed.targets}
    of_feeds = feed_ids(connection, targets)
    standings = [_standing(one, of_feeds, now) for one in decisions]
    write_placements(connection, standings)
    ids = [standing.article_id for standing in standings]
    want_texts(connection, ids, now)
    name_stories(connection, ids)


def _standing(one: Decision, ids: dict[tuple[str, str], int], now: datetime) -> Standing:
    admission = one.placed.admission
    assert admission.article_id is not None
    return Standing(
        article_id=admission.article_id,
        sort_date=admission.sort_date,
        # what was decided has a part in the version of every feed that holds it
        digest=f"{admission.entry.digest} {admission.is_picked} {one.note}",
        at=now,
        since=None if one.is_news else admission.first_seen,
        feeds=wanted_feeds(one.placed.targets, ids),
        is_changed=True,
        touched_at=now if one.is_news else None,
        withdrawn_id=admission.published_id if admission.state is ArticleState.WITHDRAWN else None,
    )
