"""For whatever watches the server: does this process live, and do articles flow? A line of text each."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, Response

from aggregator.errors import StoreError
from aggregator.store.integrity import find_hindrance
from aggregator.web.current import desk, say

health = Blueprint("health", __name__)
#: a source that waits so long beyond its time is waiting for a worker that does not come, in seconds
NOT_READY_LATENESS_S = 900.0


@health.get("/healthz")
def alive() -> Response:
    """Answer 200: this process lives. That the store is away is told by ``/readyz``; no restart mends it."""
    return say(200, "ok\n")


@health.get("/readyz")
def ready() -> Response:
    """Answer 200 while articles flow: the store takes them, no source waits long, no feed has gone stale."""
    if hindrance := find_hindrance(desk().engine):
        return say(503, f"{hindrance}\n")
    try:
        pulse = desk().pulse(datetime.now(UTC))
    except StoreError as error:
        return say(503, f"{error}\n")
    overview = pulse.overview
    if overview.overdue_s > NOT_READY_LATENESS_S:
        minutes = int(overview.overdue_s // 60)
        return say(503, f"no worker: {overview.due} sources are due, one for {minutes} minutes\n")
    ended = overview.last_poll
    last = f"last poll {ended:%Y-%m-%dT%H:%M:%SZ}" if ended else "nothing polled yet"
    if stale := pulse.problems.get("stale", 0):
        feeds = "1 feed is" if stale == 1 else f"{stale} feeds are"
        return say(503, f"{feeds} stale (see /feeds/problems.atom); {last}\n")
    return say(200, f"ready: {last}, {pulse.articles} articles\n")
