"""Prometheus metrics: what the store says of everybody's work, and what we served.

Polls, articles and deliveries are counted in the store, in the transaction that made them, so
that they are right however many workers there are. Requests are counted by each web process
and joined by prometheus_client's files.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime

from flask import Blueprint, Response, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, generate_latest, multiprocess
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from aggregator import __version__
from aggregator.errors import StoreError
from aggregator.model.problem import TroubleKind
from aggregator.store.pulse import Pulse
from aggregator.web.counted import RENDERS
from aggregator.web.current import desk, say

metrics = Blueprint("metrics", __name__)
#: name -> (label, what it counts)
_COUNTED = {
    "polls": ("outcome", "Finished polls."),
    "failures": ("kind", "Failed polls by class; kind killed: parsing was ended by force."),
    "articles": ("change", "Articles that arrived or changed."),
    "page_texts": ("outcome", "Pages of articles that were read for their full texts, or not."),
    "deliveries": ("outcome", "Deliveries to hubs' subscribers, mailboxes and webhooks."),
}

_REQUESTS = Counter("aggregator_requests", "Requests answered by Flask.", ["status"])


class StoreCollector(Collector):
    """Makes metrics of one look at the store."""

    def __init__(self, pulse: Pulse) -> None:
        self._pulse = pulse

    def collect(self) -> Iterator[Metric]:
        pulse, overview = self._pulse, self._pulse.overview
        yield GaugeMetricFamily("aggregator_up", f"1 while the store answers; version {__version__}.", 1)
        yield GaugeMetricFamily("aggregator_stored_articles", "Articles in the store.", pulse.articles)
        yield GaugeMetricFamily("aggregator_due_sources", "Sources whose time has come.", overview.due)
        late = "How long the most overdue source waits, in seconds."
        yield GaugeMetricFamily("aggregator_lateness_seconds", late, overview.overdue_s)
        if overview.last_poll:
            at = "When a poll last ended, in seconds since 1970."
            yield GaugeMetricFamily("aggregator_last_poll_seconds", at, overview.last_poll.timestamp())
        states = GaugeMetricFamily("aggregator_sources", "Configured sources by state.", labels=["state"])
        for state in ("ok", "new", "failing", "gone"):
            states.add_metric([state], overview.counts.get(state, 0))
        yield states
        problems = GaugeMetricFamily("aggregator_problems", "Open problems by kind.", labels=["kind"])
        for kind in TroubleKind:
            problems.add_metric([kind.value], pulse.problems.get(kind.value, 0))
        yield problems
        yield from self._pushed()
        yield from self._counted()

    def _pushed(self) -> Iterator[Metric]:
        pushes = self._pulse.pushes
        ours = GaugeMetricFamily(
            "aggregator_subscriptions", "Our subscriptions at hubs by state.", labels=["state"]
        )
        for state, count in pushes.subscriptions.items():
            ours.add_metric([state], count)
        yield ours
        theirs = GaugeMetricFamily("aggregator_subscribers", "Subscribers of our hub.", labels=["state"])
        theirs.add_metric(["ok"], pushes.subscribers - pushes.failing)
        theirs.add_metric(["failing"], pushes.failing)
        yield theirs
        due = "Deliveries to subscribers that are due now."
        yield GaugeMetricFamily("aggregator_waiting_deliveries", due, pushes.waiting)

    def _counted(self) -> Iterator[Metric]:
        for name, (label, text) in _COUNTED.items():
            family = CounterMetricFamily(f"aggregator_{name}", text, labels=[label])
            for (counted, value), total in sorted(self._pulse.counts.items()):
                if counted == name:
                    family.add_metric([value], total)
            yield family


@metrics.get("/metrics")
def numbers() -> Response:
    """Answer with everything Prometheus may want to know."""
    try:
        pulse = desk().pulse(datetime.now(UTC))
    except StoreError as error:
        return say(503, f"# {error}\n")
    registry = CollectorRegistry()
    registry.register(StoreCollector(pulse))
    parts = [generate_latest(registry), generate_latest(_requests())]
    return say(200, b"".join(parts).decode(), {"Content-Type": CONTENT_TYPE_LATEST})


def count_request(response: Response) -> Response:
    """Count an answer by its status; for ``after_request``."""
    if request.endpoint not in {"metrics.numbers", "health.alive", "health.ready"}:
        _REQUESTS.labels(str(response.status_code)).inc()
    return response


def _requests() -> CollectorRegistry:
    registry = CollectorRegistry()
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    else:
        registry.register(_REQUESTS)
        registry.register(RENDERS)
    return registry
