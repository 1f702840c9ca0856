"""What this process has rendered, counted for /metrics; prometheus_client adds the processes up."""

from __future__ import annotations

from prometheus_client import Counter

from aggregator.model import Edition, Rendered
from aggregator.publish import render as documents

RENDERS = Counter("aggregator_renders", "Feed documents rendered.", ["format"])


def render(edition: Edition, suffix: str) -> Rendered:
    """Render a feed, an archive of it, or what somebody asked, and count it."""
    RENDERS.labels(suffix).inc()
    return documents.render(edition, suffix)
