"""The bridges between Flask and the rest: the running app's desk, and our answers as responses."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Response, current_app, request

from aggregator.model import Rendered
from aggregator.web.answers import FEED_POLICY, Answer, Terms, answer
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


def show(rendered: Rendered, terms: Terms) -> Response:
    """Answer the request of the moment with *rendered*, under *terms*."""
    return respond(answer(request.method, request.headers, rendered, terms))


def say(status: int, text: str, headers: Mapping[str, str] | None = None) -> Response:
    """Answer with plain text that no cache keeps; *headers* stand in for what it says else."""
    response = Response(text, status=status, mimetype="text/plain")
    response.headers["Cache-Control"] = "no-store"
    response.headers["Content-Security-Policy"] = FEED_POLICY
    response.headers.update(headers or {})
    return response
