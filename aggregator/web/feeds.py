"""The addresses feed readers ask: one of a feed's documents, or the page, by suffix or by Accept."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import Blueprint, Response, abort, request

from aggregator.model import FeedHead, FeedKind, Rendered
from aggregator.publish.addresses import KINDS, archive_url, feed_url, page_url, status_url
from aggregator.store.feeds.archives import count_archives
from aggregator.store.feeds.heads import is_removed
from aggregator.web.access import LONGEST_TOKEN, let_in
from aggregator.web.aliases import find_former
from aggregator.web.answers import FEED_TERMS, Terms, moved, terms_for
from aggregator.web.current import desk, respond, show
from aggregator.web.narrowing import narrow_head, read_narrowing
from aggregator.web.negotiation import PAGE, choose
from aggregator.web.pages import feed_page
from aggregator.web.roster import opml_of

feeds = Blueprint("feeds", __name__)
FORMAT = "<any(atom, rss, json):suffix>"


@feeds.get("/<any(feeds, topics, sources, authors):place>/<slug:slug>")
@feeds.get(f"/<any(feeds, topics, sources, authors):place>/<slug:slug>.{FORMAT}")
def feed_or_page(place: str, slug: str, suffix: str | None = None) -> Response:
    """Answer with the named document; without a suffix, with what Accept prefers."""
    head = _get_head(KINDS[place], slug)
    if head.is_own and suffix is None and choose(request.headers.get("Accept")) == PAGE:
        return respond(moved(status_url(desk().site)))
    if head.slug != slug:
        return _moved(head, _present_url(head, suffix))
    let_in(head)
    if suffix is not None:
        return _answer(head, _document(head, suffix))
    chosen = choose(request.headers.get("Accept"))
    if chosen != PAGE:
        location = _present_url(head, chosen)
        return _answer(head, _document(head, chosen), Terms(vary=("Accept",), content_location=location))
    return feed_page(head)


@feeds.get(f"/<any(feeds, topics, sources):place>/<slug:slug>/archive/<number(9):number>.{FORMAT}")
def archive(place: str, slug: str, number: int, suffix: str) -> Response:
    """Answer with a closed part of a feed's past; 410 once nothing is left of it."""
    head = _get_head(KINDS[place], slug)
    if head.slug != slug:
        return _moved(head, archive_url(desk().site, head, number, suffix))
    let_in(head)
    rendered = desk().find_archive(head, number, suffix)
    if rendered is None:
        abort(410 if number <= desk().read(count_archives, head) else 404)
    return _answer(head, rendered)


@feeds.get("/opml/<any(sources, feeds):name>.opml")
def opml(name: str) -> Response:
    """Answer with a list that feed readers import: what we read, or what we publish."""
    return show(opml_of(desk(), name), FEED_TERMS)


def find_moved(path: str) -> Response | None:
    """Return a 301 for a path that a feed had before, None for any other path that leads nowhere."""
    former = find_former(desk().configuration, path)
    head = desk().find_head(former.kind, former.slug) if former else None
    if former is None or head is None:
        return None
    if former.number is not None and former.suffix is not None:
        url = archive_url(desk().site, head, former.number, former.suffix)
        return _moved(head, url)
    return _moved(head, _present_url(head, former.suffix))


def _get_head(kind: FeedKind, slug: str) -> FeedHead:
    """Return a published feed; end with 410 for one that was removed, 404 for one that never was."""
    head = desk().find_head(kind, slug)
    if head is None:
        abort(410 if desk().read(is_removed, kind, slug) else 404)
    return head


def _present_url(head: FeedHead, suffix: str | None) -> str:
    """Return where what was asked for lives: the document or, without a suffix, the page."""
    narrowing = read_narrowing(request.args)
    located = narrow_head(head, narrowing) if narrowing else head
    site = desk().site
    return feed_url(site, located, suffix) if suffix else page_url(site, located)


def _moved(head: FeedHead, url: str) -> Response:
    """Answer with a 301 to *url*, and the token that was shown: a reader that is sent on has no other."""
    token = request.args.get("token") if head.access == "token" else None
    if not token or len(token) > LONGEST_TOKEN:
        return respond(moved(url))
    joined = f"{url}{'&' if '?' in url else '?'}{urlencode({'token': token})}"
    return respond(moved(joined, is_private=True))


def _document(head: FeedHead, suffix: str) -> Rendered:
    narrowing = read_narrowing(request.args)
    if narrowing is None:
        return desk().find_rendered(head, suffix)
    return desk().find_narrowed(head, narrowing, suffix)


def _answer(head: FeedHead, rendered: Rendered, terms: Terms = FEED_TERMS) -> Response:
    return show(rendered, terms_for(head, terms))
