"""Pages for people: the desk's values in, HTML answers out. Every text is escaped by the templates;
only the article's text, sanitised when it came in, is written as HTML."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, abort, render_template, request

from aggregator.errors import StoreError
from aggregator.model import Edition, FeedHead, Item, Rendered
from aggregator.pipeline.editions import issue_edition
from aggregator.publish import pages as values
from aggregator.publish.addresses import feed_url, home_url, hub_url, issue_url, search_path
from aggregator.publish.frontpage import LATEST, front_page, newest_first
from aggregator.publish.headlines import Headline, Moment, item_headline, moment
from aggregator.publish.render import document
from aggregator.publish.sharing import share_site
from aggregator.query.document import document_of_item
from aggregator.query.match import compile_query
from aggregator.query.parse import parse_query
from aggregator.web.access import let_in
from aggregator.web.answers import Terms, terms_for
from aggregator.web.current import desk, remembered, show
from aggregator.web.narrowing import read_narrowing
from aggregator.web.roster import piece_of_cards

pages = Blueprint("pages", __name__)
#: our own style sheet; pictures and sound from wherever articles have them; nothing else, no script
POLICY = (
    "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self' http: https: data:; "
    "media-src http: https:; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
TERMS = Terms(max_age_s=60, policy=POLICY, is_shared=False)
NEGOTIATED = Terms(max_age_s=60, policy=POLICY, is_shared=False, vary=("Accept",))
#: rows read for a topic's section of the front page
SECTION_ROWS = 12


@pages.get("/")
@remembered(TERMS)
def front() -> Rendered:
    """Answer with the newspaper's front page."""
    configuration, site = desk().configuration, desk().site
    heads = {(head.kind, head.slug): head for head in desk().heads()}
    first = find_front()
    topics = [heads["topic", topic.slug] for topic in configuration.topics if ("topic", topic.slug) in heads]
    feeds = [heads["feed", feed.slug] for feed in configuration.feeds if ("feed", feed.slug) in heads]
    shown = front_page(
        site,
        desk().edition(first) if first else None,
        tuple(desk().edition(head, SECTION_ROWS) for head in topics),
        _may_lead(first),
    )
    subscribe = [(head, values.subscriptions(site, head)) for head in (*feeds, *topics)]
    every = [one for head, links in subscribe for one in (links if head is first else links[:1])]
    return page(
        "front.html",
        page=shown,
        autodiscovery=every,
        canonical=home_url(site),
        subscribe=[(head.title, values.page_href(site, head), links) for head, links in subscribe],
        front_subscriptions=values.subscriptions(site, first) if first else (),
        sharing=share_site(site),
    )


@pages.get("/<any(feeds, topics, sources):place>")
@remembered(TERMS)
def index(place: str) -> Rendered:
    """Answer with the list of what is published under one heading."""
    if place == "sources":
        cards, following = piece_of_cards(desk(), request.args.get("after", ""))
        return page("sources.html", cards=cards, following=following)
    kind = "feed" if place == "feeds" else "topic"
    heads = [head for head in desk().heads() if head.kind == kind]
    listed = [(head, values.subscriptions(desk().site, head)) for head in heads]
    return page("index.html", title=place.capitalize(), listed=listed, place=place)


def feed_page(head: FeedHead) -> Response:
    """Answer with the page of a feed, a topic, a source or an author; narrowed like the feed itself."""
    if head.access == "public":
        return remembered(NEGOTIATED)(_feed_page)(head)
    # what is kept in memory is answered to everybody
    return show(_feed_page(head), terms_for(head, NEGOTIATED))


def _feed_page(head: FeedHead) -> Rendered:
    narrowing = read_narrowing(request.args)
    edition = desk().narrowed(head, narrowing) if narrowing else desk().edition(head)
    shown = values.feed_page(edition)
    links = tuple(f'<{one.url}>; rel="alternate"; type="{one.media_type}"' for one in shown.subscriptions)
    # who is pushed to gets the feed as Atom, whichever of its addresses was found first
    hub = None if narrowing else hub_url(desk().site, head)
    pushed = feed_url(desk().site, head, "atom") if hub else None
    if hub:
        links = (f'<{hub}>; rel="hub"', f'<{pushed}>; rel="self"', *links)
    return page(
        "feed.html",
        links,
        noindex=head.noindex,
        page=shown,
        home=head.link,
        autodiscovery=shown.subscriptions,
        reader_links=values.reader_links(shown.subscriptions[0].url),
        beyond=None if narrowing else _beyond(edition),
        canonical=shown.url,
        hub=hub,
        pushed=pushed,
    )


def _beyond(edition: Edition) -> tuple[str, str] | None:
    """Return the words and the path of what a feed holds beyond its page; None where it shows everything."""
    head, items = edition.feed, edition.items
    if len(items) < head.limit or head.kind == "author" or any(item.roll for item in items):
        return None
    query = head.query or "*" if head.kind == "feed" else f"{head.kind}:{head.slug}"
    if head.order == "top":  # what it leaves out is no older than what it shows
        return "All, newest first", search_path(query, None)
    return "Older", search_path(query, newest_first(items)[-1].article.id)


@pages.get("/feeds/<slug:slug>/issues/<number(9):number>")
def issue(slug: str, number: int) -> Response:
    """Answer with the page of one issue."""
    head = desk().find_head("feed", slug)
    if head is None or head.slug != slug or head.timed is None:
        abort(404)
    let_in(head)
    site, looks = desk().site, desk().looks
    edition = desk().read(issue_edition, head, site, number, looks)
    if edition is None:
        abort(404)
    shown = page(
        "feed.html",
        noindex=head.noindex,
        page=values.feed_page(edition),
        home=None,
        autodiscovery=values.subscriptions(site, head),
        reader_links=(),
        canonical=issue_url(site, head, number),
    )
    return show(shown, terms_for(head, TERMS))


@pages.get("/about/sources")
@remembered(TERMS)
def about_sources() -> Rendered:
    """Answer with whose work the paper is made of, and on what terms it is shown."""
    cards, following = piece_of_cards(desk(), request.args.get("after", ""))
    return page("about_sources.html", cards=cards, following=following)


def edition_date() -> Moment | None:
    """Return when the paper last changed, for the masthead; None while it is empty or not to be read."""
    try:
        first = find_front()
        return moment(first.changed_at, desk().site) if first and first.changed_at else None
    except StoreError:
        return None


def page(template: str, links: tuple[str, ...] = (), **shown: Any) -> Rendered:
    """Return *template* filled in, with a tag made of its bytes."""
    body = render_template(template, **shown).encode("utf-8", "replace")
    return document(body, "text/html", links, noindex=shown.get("noindex", False))


def _may_lead(front: FeedHead | None) -> Callable[[Item], bool] | None:
    """Return what the configuration says of the lead story; None if it says nothing."""
    feeds = desk().configuration.feeds
    query = next((feed.lead for feed in feeds if front and feed.slug == front.slug), "")
    if front is None or not query:
        return None
    matches = compile_query(desk().looks.glossary.expand(parse_query(query)))
    at = front.changed_at
    return lambda item: matches(document_of_item(item), at) is not None


def headlines_now(count: int = LATEST) -> tuple[Headline, ...]:
    """Return the newest headlines of the paper, as they stand under every article."""
    front = find_front()
    items = desk().edition(front).items if front else ()
    return tuple(item_headline(item, desk().site) for item in newest_first(items)[:count])


def find_front() -> FeedHead | None:
    """Return the feed the front page is made of: "front-page", else the first that is configured."""
    slugs = ["front-page", *(feed.slug for feed in desk().configuration.feeds)]
    heads = {head.slug: head for head in desk().heads() if head.kind == "feed"}
    return next((heads[slug] for slug in slugs if slug in heads), None)
