"""The two bridges between Flask and the rest: the running app's desk, and our answers as responses."""

from __future__ import annotations

from flask import Response, current_app

from aggregator.web.answers import Answer
from aggregator.web.desk import Desk

DESK = "desk"


def desk() -> Desk:
    """Return the desk of the running app."""
    found: Desk = current_app.extensions[DESK]
    return found


def respond(made: Answer) -> Response:
    """Return *made* as Flask wants it, with exactly its headers."""
    response = Response(made.body, status=made.status)
    response.headers.clear()
    response.headers.extend(made.headers)
    return response
