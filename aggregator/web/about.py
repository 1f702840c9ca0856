"""How we fetch, for the people whose sites we fetch: rules, figures, and how to make us stop."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, Response

from aggregator.http.shape import user_agent
from aggregator.publish.headlines import moment
from aggregator.store.sources.hosts import load_hosts
from aggregator.web.current import desk, show
from aggregator.web.pages import TERMS, page

about = Blueprint("about", __name__)
#: days that the figures cover
DAYS = 7


@about.get("/about/fetching")
def fetching() -> Response:
    """Answer with what a publisher wants to know of our requests."""
    configuration = desk().configuration
    site, settings = configuration.site, configuration.fetch
    lines = [
        (line, moment(line.not_before, site) if line.not_before else None)
        for line in desk().read(load_hosts, datetime.now(UTC), DAYS)
    ]
    shown = page(
        "fetching.html",
        agent=user_agent(settings, site),
        contact=site.contact or site.url,
        settings=settings,
        lines=lines,
        days=DAYS,
    )
    return show(shown, TERMS)
