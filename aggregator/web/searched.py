"""What a search through everything finds, as a feed to subscribe to: a question in, a document out."""

from __future__ import annotations

from aggregator.editions import rewritten
from aggregator.model import ArticleState, Edition, Item, Rendered
from aggregator.publish.render import etag_of
from aggregator.publish.whole import NEVER
from aggregator.query.parse import parse_query
from aggregator.store.articles.search import search
from aggregator.store.engine import Connection
from aggregator.web.counted import render_edition
from aggregator.web.desk import Desk
from aggregator.web.narrowing import Narrowing, search_head


def find_searched(desk: Desk, narrowing: Narrowing, suffix: str) -> Rendered:
    """Return what a search finds, rendered; the same until anything published changes."""
    head, site, looks = search_head(desk.standing.whole, narrowing), desk.site, desk.looks
    query = looks.glossary.expand(parse_query(narrowing.query))

    def make(held: Connection) -> Rendered:
        at = head.changed_at or NEVER
        found = search(held, query, limit=head.limit, now=at)
        # what was stored silently was never announced, and changes no version
        items = (
            Item(article, card, 0, why) for article, card, why in found if article.state is ArticleState.OUT
        )
        return render_edition(rewritten(Edition(site, head, tuple(items)), looks), suffix)

    return desk.keep_narrowed(etag_of(site, head, suffix), lambda: desk.read(make))
