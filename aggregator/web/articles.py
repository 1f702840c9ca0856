"""One article for a page or a program: its number in, what may be shown of it out; else 404, or 410."""

from __future__ import annotations

from dataclasses import dataclass

from flask import abort

from aggregator.curate.rewrite import rewrite
from aggregator.model import Article, ArticleState, Item, SourceCard
from aggregator.store.articles.recall import find_article
from aggregator.store.engine import Connection
from aggregator.store.feeds.placements import feeds_of
from aggregator.store.sources.cards import load_cards
from aggregator.store.stories.coverage import Coverage, read_coverage
from aggregator.web.current import desk

#: the largest id of an article or a story that either database can hold
LARGEST_ID = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Found:
    """An article, as rewrite rules make it, with its source and the feeds it is in: (kind, slug, why)."""

    article: Article
    source: SourceCard
    feeds: tuple[tuple[str, str, str], ...]


def get_article(article_id: int) -> Found:
    """Return an article; end with 404 where there is none or it is held back, 410 once it was withdrawn."""
    return desk().read(lambda held: _get(held, article_id))


def get_covered(article_id: int, limit: int) -> tuple[Found, Coverage]:
    """Return what get_article() does, and what else is told about it: at most *limit* articles."""
    return desk().read(lambda held: (_get(held, article_id), read_coverage(held, article_id, limit)))


def _get(connection: Connection, article_id: int) -> Found:
    article = find_article(connection, article_id) if article_id <= LARGEST_ID else None
    if article is None or article.state in (ArticleState.HELD, ArticleState.REJECTED):
        abort(404)
    if article.state is ArticleState.WITHDRAWN:
        abort(410)
    card = load_cards(connection, [article.source_id])[article.source_id]
    (item,) = rewrite([Item(article, card, 0)], desk().looks.rewrites)
    return Found(item.article, item.source, tuple(feeds_of(connection, article_id)))
