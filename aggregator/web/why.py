"""The page that tells why an article is where it is, feed by feed, and what happened to it."""

from __future__ import annotations

from flask import Blueprint, abort

from aggregator.errors import NotFound
from aggregator.model import Rendered
from aggregator.publish.headlines import headline, moment
from aggregator.web.articles import get_article
from aggregator.web.current import desk
from aggregator.web.pages import TERMS, page
from aggregator.web.remembered import remembered

why = Blueprint("why", __name__)


@why.get("/articles/<int:article_id>/why")
@remembered(TERMS)
def explanation(article_id: int) -> Rendered:
    """Answer with the explanation of an article that may be shown."""
    found = get_article(article_id)
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
