"""How the sources fare, for people and for whatever watches the server."""

from __future__ import annotations

from datetime import UTC, datetime

import orjson
from flask import Blueprint, Response, request

from aggregator.errors import StoreError
from aggregator.publish.pages import moment, subscriptions
from aggregator.schedule.glance import glance
from aggregator.status import lateness_of, report_as_json
from aggregator.store.problems import list_open
from aggregator.store.sources import list_states
from aggregator.web.answers import FEED_POLICY, SECURITY, answer
from aggregator.web.current import desk, respond
from aggregator.web.documents import document
from aggregator.web.pages import TERMS, page

status = Blueprint("status", __name__)


@status.get("/status")
def sources() -> Response:
    """Answer with a line for each source: its state, and why it is asked again when it is."""
    site, now = desk().site, datetime.now(UTC)
    states = [
        (
            state,
            moment(state.last_success, site) if state.last_success else None,
            moment(state.next_poll, site) if state.next_poll else None,
            glance(state.rhythm),
        )
        for state in desk().read(list_states)
    ]
    problems = [(problem, moment(problem.opened_at, site)) for problem in desk().read(list_open)]
    head = desk().find_head("feed", "problems")
    shown = page(
        "status.html",
        states=states,
        problems=problems,
        lateness=lateness_of([state for state, *_ in states], now),
        now=now,
        autodiscovery=subscriptions(site, head) if head else (),
    )
    return respond(answer(request.method, request.headers, shown, TERMS))


@status.get("/status.json")
def report() -> Response:
    """Answer with the same for machines."""
    body = orjson.dumps(report_as_json(desk().read(list_states), desk().read(list_open), datetime.now(UTC)))
    return respond(answer(request.method, request.headers, document(body, "application/json"), TERMS))


@status.get("/healthz")
def health() -> Response:
    """Answer 200 while pages and feeds can be served, 503 with the reason otherwise."""
    try:
        desk().ask()
        text, code = "ok\n", 200
    except StoreError as error:
        text, code = f"{error}\n", 503
    response = Response(text, status=code, mimetype="text/plain")
    response.headers.extend(
        [("Cache-Control", "no-store"), ("Content-Security-Policy", FEED_POLICY), *SECURITY]
    )
    return response
