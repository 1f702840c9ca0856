"""The addresses feed readers ask: one of a feed's documents, or the page, by suffix or by Accept.

``answer`` is the one function that makes HTTP answers for feeds; it is offered here.
"""

from __future__ import annotations

import re

from flask import Blueprint, Response, abort, request

from aggregator.errors import QueryError
from aggregator.model import FeedHead, FeedKind
from aggregator.publish.addresses import PLACES, feed_url, page_url
from aggregator.publish.opml import MEDIA_TYPE as OPML_TYPE
from aggregator.publish.opml import render_feeds_opml, render_sources_opml
from aggregator.web.answers import FEED_TERMS, Answer, Terms, answer, moved
from aggregator.web.current import desk, respond
from aggregator.web.documents import document
from aggregator.web.narrowing import narrow_head, read_narrowing
from aggregator.web.negotiation import PAGE, choose
from aggregator.web.pages import feed_page

__all__ = ["KINDS", "Answer", "answer", "feeds", "split_name"]

feeds = Blueprint("feeds", __name__)
KINDS: dict[str, FeedKind] = {place: kind for kind, place in PLACES.items()}
_NAME = re.compile(r"(?P<slug>[\w-]{1,200})(?:\.(?P<suffix>atom|rss|json))?\Z")


def split_name(name: str) -> tuple[str, str | None] | None:
    """Return (slug, suffix) of the last part of a path; the suffix is None for the page."""
    found = _NAME.match(name)
    return (found["slug"], found["suffix"]) if found else None


@feeds.get("/<any(feeds, topics, sources):place>/<name>")
def feed_or_page(place: str, name: str) -> Response:
    """Answer with the named document; without a suffix, with what Accept prefers."""
    split = split_name(name)
    if split is None:
        abort(404)
    slug, suffix = split
    head = desk().find_head(KINDS[place], slug)
    if head is None:
        abort(404)
    if head.slug != slug:
        return _moved(head, suffix)
    if suffix is not None:
        return _feed(head, suffix, FEED_TERMS)
    chosen = choose(request.headers.get("Accept"))
    if chosen != PAGE:
        narrowing = read_narrowing(request.args)
        located = narrow_head(head, narrowing) if narrowing else head
        location = feed_url(desk().site, located, chosen)
        return _feed(head, chosen, Terms(vary=("Accept",), content_location=location))
    return feed_page(head)


@feeds.get("/search.<any(atom, rss, json):suffix>")
def searched(suffix: str) -> Response:
    """Answer with what ``?q=`` finds, as a feed to subscribe to."""
    narrowing = read_narrowing(request.args)
    if narrowing is None or not narrowing.query:
        raise QueryError("A feed of search results needs a question: add ?q= with what to look for.")
    rendered = desk().find_searched(narrowing, suffix)
    return respond(answer(request.method, request.headers, rendered, FEED_TERMS))


@feeds.get("/opml/<any('sources.opml', 'feeds.opml'):name>")
def opml(name: str) -> Response:
    """Answer with a list that feed readers import: what we read, or what we publish."""
    site, heads = desk().site, desk().heads()
    changed = max((head.changed_at for head in heads if head.changed_at), default=None)
    if name == "sources.opml":
        body = render_sources_opml(site, desk().cards(), changed)
    else:
        body = render_feeds_opml(site, heads, changed)
    return respond(answer(request.method, request.headers, document(body, OPML_TYPE), FEED_TERMS))


def _moved(head: FeedHead, suffix: str | None) -> Response:
    """Answer 301: the feed lives under its present name, and readers should remember that."""
    site = desk().site
    target = feed_url(site, head, suffix) if suffix else page_url(site, head)
    return respond(moved(target))


def _feed(head: FeedHead, suffix: str, terms: Terms) -> Response:
    narrowing = read_narrowing(request.args)
    if narrowing is None:
        rendered = desk().find_rendered(head, suffix)
    else:
        rendered = desk().find_narrowed(head, narrowing, suffix)
    return respond(answer(request.method, request.headers, rendered, terms))
