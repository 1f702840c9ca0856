"""Which stored articles changed rules may move: rules flow in, ids flow out; nothing is judged here."""

from __future__ import annotations

from array import array
from collections.abc import Collection, Sequence
from itertools import chain, compress

from sqlalchemy import Connection, false, func, literal, or_, select

from aggregator.query.nodes import Node
from aggregator.store.articles.word_index import ROWS_AT_ONCE, WordIndex
from aggregator.store.feeds.configured import former_addresses, read_settings
from aggregator.store.feeds.placing import feed_ids
from aggregator.store.tables import articles, feeds, placements

#: where more rules changed, or went, every article is judged: most would be anyway
FEW_RULES = 50
_STREAMED = {"yield_per": ROWS_AT_ONCE}
a, f, p = articles.c, feeds.c, placements.c


def list_affected(
    connection: Connection, rules: Collection[tuple[str, str]], condition: Node | None
) -> Sequence[int]:
    """Return the ids of the articles that may enter or leave these feeds, or change their labels; ascending.

    Args:
        rules: (kind, slug) of the topics and feeds whose rule changed.
        condition: every article that they take now meets it; None: any article may be taken.
    """
    labels = _labels(connection)
    if condition is None or len(rules) + len(labels) > FEW_RULES:
        every = select(a.id).order_by(a.id)
        return array("q", connection.scalars(every, execution_options=_STREAMED))
    # what comes meanwhile is judged by the changed rules already
    highest = connection.scalar(select(func.max(a.id))) or 0
    # a byte for each article: a set of a million numbers takes a hundred times as much
    is_affected = bytearray(highest + 1)
    placed = select(p.article_id).where(p.feed_id.in_(list(feed_ids(connection, rules).values())))
    # not all that have a label stand in its topic: some are not out
    said = literal(" ") + a.topics + " "
    labelled = select(a.id).where(
        or_(false(), *(said.contains(f" {label} ", autoescape=True) for label in labels))
    )
    for article_id in chain(
        WordIndex(connection, condition).descending(),
        connection.scalars(placed, execution_options=_STREAMED),
        connection.scalars(labelled, execution_options=_STREAMED),
    ):
        if article_id <= highest:
            is_affected[article_id] = True
    return array("q", compress(range(highest + 1), is_affected))


def _labels(connection: Connection) -> set[str]:
    """Return the topics whose rule changed, or who went, and what those were called before."""
    query = select(f.slug, f.settings).where(f.is_pending, f.kind == "topic")
    found = set()
    for row in connection.execute(query):
        former = former_addresses("topic", read_settings("topic", row.settings))
        found |= {row.slug, *(slug for _, slug in former)}
    return found
