"""One article: its page, the same as JSON, why it is where it is; 404 or 410 for what may not be shown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import orjson
from flask import Blueprint, Response, abort

from aggregator.curate.rewrite import rewrite
from aggregator.errors import NotFound
from aggregator.model import Article, ArticleState, FeedHead, Item, Rendered, SourceCard
from aggregator.publish import pages as values
from aggregator.publish.addresses import article_url, page_path, story_path
from aggregator.publish.headlines import Headline, headline, item_headline, moment
from aggregator.publish.render import document
from aggregator.publish.sharing import share_article
from aggregator.store.articles.recall import find_article
from aggregator.store.engine import Connection
from aggregator.store.feeds.items import feeds_of
from aggregator.store.sources.cards import load_cards
from aggregator.store.stories.coverage import Coverage, read_coverage
from aggregator.web.answers import JSON_TERMS
from aggregator.web.current import desk, remembered, show
from aggregator.web.pages import TERMS, find_front, headlines_now, page

articles = Blueprint("articles", __name__)
#: related articles on the page, and in JSON
RELATED, RELATED_IN_JSON = 6, 10


@dataclass(frozen=True, slots=True)
class Found:
    """An article, as rewrite rules make it, with its source and the feeds it is in: (kind, slug, why)."""

    article: Article
    source: SourceCard
    feeds: tuple[tuple[str, str, str], ...]


@articles.get("/articles/<number:article_id>")
@remembered(TERMS)
def article(article_id: int) -> Rendered:
    """Answer with the page of one article; 410 once its publisher withdrew it."""
    found, told = _get_covered(article_id, RELATED)
    site = desk().site
    shown = values.article_page(found.article, found.source, site)
    heads: dict[tuple[str, str], FeedHead] = {(head.kind, head.slug): head for head in desk().heads()}
    titles = {key: head.title for key, head in heads.items()}
    titles["source", found.source.slug] = found.source.name
    first = find_front()
    return page(
        "article.html",
        page=shown,
        noindex=found.source.noindex,
        feeds=[
            (page_path(kind, slug), titles[kind, slug], why)
            for kind, slug, why in found.feeds
            if (kind, slug) in titles
        ],
        canonical=article_url(site, article_id),
        sharing=share_article(site, shown, article_url(site, article_id)),
        story=(story_path(told.story_id), told.reports) if told.story_id and told.reports > 1 else None,
        related=tuple(headline(one, source, site) for one, source in told.others) or _related(found, heads),
        headlines_now=headlines_now(),
        front_subscriptions=values.subscriptions(site, first) if first else (),
    )


@articles.get("/articles/<number:article_id>.json")
def article_json(article_id: int) -> Response:
    """Answer with one article and its coverage as JSON; 410 once its publisher withdrew it."""
    found, told = _get_covered(article_id, RELATED_IN_JSON)
    open_to_all = {(head.kind, head.slug) for head in desk().heads()} | {("source", found.source.slug)}
    body = {
        **_summary(found.article, found.source),
        "content_html": values.readable(found.article.entry, found.source),
        "topics": list(found.article.topics),
        "feeds": [
            {"kind": kind, "slug": slug, "why": why}
            for kind, slug, why in found.feeds
            if (kind, slug) in open_to_all
        ],
        "related": [_summary(article, source) for article, source in told.others],
    }
    return show(document(orjson.dumps(body), "application/json"), JSON_TERMS)


@articles.get("/articles/<number:article_id>/why")
@remembered(TERMS)
def explanation(article_id: int) -> Rendered:
    """Answer with the explanation of an article that may be shown."""
    found = _get_article(article_id)
    try:
        explained = desk().explain(article_id)
    except NotFound:
        abort(404)
    site = desk().site
    history = [(moment(event.at, site), event.what) for event in explained.history]
    one = headline(found.article, found.source, site)
    open_to_all = {(head.kind, head.slug) for head in desk().heads()}
    verdicts = [verdict for verdict in explained.verdicts if (verdict.kind, verdict.slug) in open_to_all]
    return page("why.html", one=one, explained=explained, verdicts=verdicts, history=history)


def _get_article(article_id: int) -> Found:
    """Return an article; end with 404 where there is none or it is held back, 410 once it was withdrawn."""
    return desk().read(_get, article_id)


def _get_covered(article_id: int, limit: int) -> tuple[Found, Coverage]:
    """Return what _get_article() does, and what else is told about it: at most *limit* articles."""
    return desk().read(lambda store: (_get(store, article_id), read_coverage(store, article_id, limit)))


def _get(connection: Connection, article_id: int) -> Found:
    article = find_article(connection, article_id)
    if article is None or article.state in (ArticleState.HELD, ArticleState.REJECTED):
        abort(404)
    if article.state is ArticleState.WITHDRAWN:
        abort(410)
    card = load_cards(connection, [article.source_id])[article.source_id]
    item = rewrite(Item(article, card, 0), desk().looks)
    return Found(item.article, item.source, tuple(feeds_of(connection, article_id)))


def _related(found: Found, heads: Mapping[tuple[str, str], FeedHead]) -> tuple[Headline, ...]:
    """Return what else is told under the article's topics, most in common first, then newest."""
    items: dict[int, Item] = {}
    common: Counter[int] = Counter()
    for topic in found.article.topics:
        head = heads.get(("topic", topic))
        for item in desk().edition(head).items if head else ():
            items[item.article.id] = item
            common[item.article.id] += 1
    common.pop(found.article.id, None)
    newest = sorted(common, key=lambda one: (common[one], items[one].article.sort_date), reverse=True)
    return tuple(item_headline(items[one], desk().site) for one in newest[:RELATED])


def _summary(article: Article, source: SourceCard) -> dict[str, object]:
    one = headline(article, source, desk().site)
    return {
        "id": article.id,
        "published_id": article.published_id,
        "title": one.title,
        "url": one.link,
        "page": article_url(desk().site, article.id),
        "source": one.source,
        "published": article.sort_date.isoformat(),
    }
