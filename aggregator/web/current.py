"""The bridges between Flask and the rest: the running app's desk, answers as responses, kept pages.

A page is made again when anything published has changed, or after a minute. Only addresses without a
question are kept; what people search for is never the same for long.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import ParamSpec

from flask import Response, current_app, request

from aggregator.model import Rendered
from aggregator.web.answers import FEED_POLICY, Answer, Terms, answer
from aggregator.web.desk import Desk

DESK = "desk"
P = ParamSpec("P")


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


def remembered(terms: Terms) -> Callable[[Callable[P, Rendered]], Callable[P, Response]]:
    """Return a decorator that answers with the page of a view under *terms*, from memory if it can."""

    def decorate(view: Callable[P, Rendered]) -> Callable[P, Response]:
        @wraps(view)
        def answering(*args: P.args, **kwargs: P.kwargs) -> Response:
            if request.query_string:
                shown = view(*args, **kwargs)
            else:
                shown = desk().find_page(request.path, terms, lambda: view(*args, **kwargs))
            return show(shown, terms)

        return answering

    return decorate


def say(status: int, text: str, headers: Mapping[str, str] | None = None) -> Response:
    """Answer with plain text that no cache keeps; *headers* stand in for what it says else."""
    response = Response(text, status=status, mimetype="text/plain")
    response.headers["Cache-Control"] = "no-store"
    response.headers["Content-Security-Policy"] = FEED_POLICY
    response.headers.update(headers or {})
    return response
