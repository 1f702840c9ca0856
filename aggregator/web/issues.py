"""The pages of issues: what a time-shaped feed told at one set time, in its order. It only reads."""

from __future__ import annotations

from flask import Blueprint, Response, abort, request

from aggregator.pipeline.editions import issue_edition
from aggregator.publish import pages as values
from aggregator.publish.addresses import issue_url
from aggregator.web.access import refuse
from aggregator.web.answers import terms_for
from aggregator.web.current import desk, respond, show
from aggregator.web.pages import TERMS, page

issues = Blueprint("issues", __name__)


@issues.get("/feeds/<slug>/issues/<number(9):number>")
def issue(slug: str, number: int) -> Response:
    """Answer with the page of one issue."""
    head = desk().find_head("feed", slug)
    if head is None or head.slug != slug or head.timed is None:
        abort(404)
    if (refusal := refuse(desk(), head, request)) is not None:
        return respond(refusal)
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
