"""What this process has rendered, counted for /metrics; prometheus_client adds the processes up."""

from __future__ import annotations

from prometheus_client import Counter

from aggregator.curate.rewrite import Looks
from aggregator.model import Archive, Edition, FeedHead, Rendered, Site
from aggregator.pipeline.editions import publish_feed
from aggregator.publish.render import render
from aggregator.store.engine import Connection

RENDERS = Counter("aggregator_renders", "Feed documents rendered.", ["format"])


def render_feed(
    connection: Connection,
    head: FeedHead,
    site: Site,
    suffix: str,
    looks: Looks,
    archive: Archive | None = None,
) -> Rendered:
    """Render one document of a feed, and count it."""
    RENDERS.labels(suffix).inc()
    return publish_feed(connection, head, site, suffix, looks, archive)


def render_edition(edition: Edition, suffix: str) -> Rendered:
    """Render what somebody asked of a feed or of the store, and count it."""
    RENDERS.labels(suffix).inc()
    return render(edition, suffix)
