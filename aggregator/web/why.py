"""The page that tells why an article is where it is, feed by feed, and what happened to it."""

from __future__ import annotations

from flask import Blueprint, Response, abort, request

from aggregator.errors import NotFound
from aggregator.model import ArticleState
from aggregator.publish import pages as values
from aggregator.web.answers import answer
from aggregator.web.current import desk, respond
from aggregator.web.pages import TERMS, page

why = Blueprint("why", __name__)


@why.get("/articles/<int:article_id>/why")
def explanation(article_id: int) -> Response:
    """Answer with the explanation of an article that may be shown."""
    try:
        found = desk().get_article(article_id)
        if found.article.state is ArticleState.WITHDRAWN:
            abort(410)
        explained = desk().explain(article_id)
    except NotFound:
        abort(404)
    site = desk().site
    history = [(values.moment(event.at, site), event.what) for event in explained.history]
    headline = values.headline(found.article, found.source, site)
    rendered = page("why.html", one=headline, explained=explained, history=history)
    return respond(answer(request.method, request.headers, rendered, TERMS))
