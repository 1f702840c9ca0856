"""How the sources fare, for people and for whatever watches the server."""

from __future__ import annotations

from flask import Blueprint, Response, request

from aggregator.errors import StoreError
from aggregator.publish.pages import moment
from aggregator.web.answers import FEED_POLICY, SECURITY, answer
from aggregator.web.current import desk, respond
from aggregator.web.pages import TERMS, page

status = Blueprint("status", __name__)


@status.get("/status")
def sources() -> Response:
    """Answer with a line for each source: its state, and why it is asked again when it is."""
    site = desk().site
    states = [
        (
            state,
            moment(state.last_success, site) if state.last_success else None,
            moment(state.next_poll, site) if state.next_poll else None,
        )
        for state in desk().states()
    ]
    return respond(answer(request.method, request.headers, page("status.html", states=states), TERMS))


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
