"""Searching everything stored: the page that asks and shows, and what is found as a feed to subscribe to."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime

from flask import Blueprint, Response, request

from aggregator.errors import QueryError
from aggregator.model import Article, ArticleState, Edition, FeedHead, Item, Rendered, SourceCard
from aggregator.pipeline.editions import rewritten
from aggregator.publish import pages as values
from aggregator.publish.addresses import search_path
from aggregator.publish.characters import clean_line
from aggregator.publish.headlines import headline
from aggregator.publish.render import etag_of
from aggregator.publish.whole import NEVER
from aggregator.query.examples import EXAMPLES
from aggregator.query.nodes import Node
from aggregator.query.parse import parse_query
from aggregator.store.articles.search import search
from aggregator.store.engine import Connection
from aggregator.web.answers import FEED_TERMS
from aggregator.web.counted import render
from aggregator.web.current import desk, show
from aggregator.web.narrowing import Narrowing, narrow_head, read_narrowing
from aggregator.web.pages import TERMS, page

searching = Blueprint("searching", __name__)
#: articles on the page, and in the feed where nothing else is asked
RESULTS = 50


@searching.get("/search")
def search_page() -> Response:
    """Answer with the articles that match ``?q=``; a query that cannot be read is explained.

    ``?before=`` names the article behind which to go on; what is no number begins with the newest.
    """
    text, before = clean_line(request.args.get("q", "")), request.args.get("before", "")
    older_than = int(before) if before.isascii() and before.isdigit() and len(before) < 16 else None
    found: tuple[tuple[Article, SourceCard, str], ...] = ()
    complaint = ""
    if text:
        try:
            query, now = _read(text), datetime.now(UTC)
            with desk().questions.turn():
                found = desk().read(search, query, limit=RESULTS, now=now, older_than=older_than)
        except QueryError as error:
            complaint = error.message
    site = desk().site
    headlines = tuple(headline(article, source, site) for article, source, _ in found)
    links = values.subscriptions(site, _head(Narrowing(text, None))) if found else ()
    shown = page(
        "search.html",
        query=text,
        headlines=headlines,
        complaint=complaint,
        language=EXAMPLES,
        older=search_path(text, found[-1][0].id) if len(found) == RESULTS else None,
        is_older=older_than is not None,
        autodiscovery=links,
    )
    response = show(shown, TERMS)
    if complaint and response.status_code == 200:
        response.status_code = 400
    return response


@searching.get("/search.<any(atom, rss, json):suffix>")
def search_feed(suffix: str) -> Response:
    """Answer with what ``?q=`` finds, as a feed to subscribe to."""
    narrowing = read_narrowing(request.args)
    if narrowing is None or not narrowing.query:
        raise QueryError("A feed of search results needs a question: add ?q= with what to look for.")
    return show(_rendered(narrowing, suffix), FEED_TERMS)


def _rendered(narrowing: Narrowing, suffix: str) -> Rendered:
    """Return what a search finds, rendered; the same until anything published changes."""
    head, site, looks, query = _head(narrowing), desk().site, desk().looks, _read(narrowing.query)

    def make(connection: Connection) -> Rendered:
        at = head.changed_at or NEVER
        # what was stored silently was never announced, and changes no version
        found = search(connection, query, limit=head.limit, now=at, states=(ArticleState.OUT,))
        items = (Item(article, card, 0, why) for article, card, why in found)
        return render(rewritten(Edition(site, head, tuple(items)), looks), suffix)

    return desk().keep_narrowed(etag_of(site, head, suffix), lambda: desk().read(make))


def _head(narrowing: Narrowing) -> FeedHead:
    """Return the head of a search through everything; it changes when any feed does."""
    whole = desk().standing.whole
    everything = FeedHead(
        id=0,
        kind="search",
        slug="search",
        uid=whole.uid or uuid.UUID(int=0).urn,
        title="Search",
        limit=RESULTS,
        version=whole.stamp,
        changed_at=whole.changed_at,
    )
    return narrow_head(everything, narrowing)


def _read(text: str) -> Node:
    return desk().looks.glossary.expand(parse_query(text))
