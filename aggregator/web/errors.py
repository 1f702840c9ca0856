"""What is said when an address does not work: one helpful page, nothing of the request in it."""

from __future__ import annotations

import logging
from html import escape

from flask import Flask, Response, render_template, request
from werkzeug.exceptions import HTTPException

from aggregator.errors import QueryError, StoreError
from aggregator.web.answers import PREFLIGHT, SECURITY
from aggregator.web.feeds import find_moved
from aggregator.web.pages import POLICY, headlines_now

log = logging.getLogger(__name__)
_SENTENCES = {
    400: "The request cannot be read.",
    403: "This is for editors who are signed in; the form may be too old. Sign in again.",
    404: "There is nothing at this address. Look among the feeds, the topics or the sources, or search.",
    405: "This address can only be read: use GET or HEAD.",
    408: "The request did not come to an end in time.",
    410: "This was here once and is gone for good.",
    413: "The request is too large.",
    414: "The address is too long.",
    429: "There were too many tokens. Please try again in a minute.",
    503: "Too much is asked at the moment. Please try again in a few seconds.",
}
_TITLES = {400: "Bad request", 404: "Not found", 405: "Method not allowed", 410: "Gone", 503: "Not available"}


def install(app: Flask) -> None:
    """Make every failure of *app* end in one of our pages."""
    app.register_error_handler(HTTPException, _expected)
    app.register_error_handler(StoreError, _store_away)
    app.register_error_handler(QueryError, _unreadable)
    app.register_error_handler(Exception, _surprise)


def _expected(error: HTTPException) -> Response:
    code = error.code or 500
    if code in (404, 410) and (found := _find_moved()) is not None:
        # leave to ask is not given by a redirect (fetch.spec.whatwg.org, CORS-preflight)
        return Response(headers=PREFLIGHT) if request.method == "OPTIONS" else found
    kept = {name: value for name, value in error.get_headers() if name in ("Allow", "Retry-After")}
    if code == 408:  # what is still to come of the request is not waited for
        kept["Connection"] = "close"
    sentence = _SENTENCES.get(code, "The request cannot be answered.")
    if code == 503:  # so many ask that a page is too much
        return _answer(code, _bare(_title(code), sentence), kept)
    return _page(code, sentence, kept)


def _find_moved() -> Response | None:
    """Return where what is gone from this path lives now, if the configuration says so."""
    try:
        return find_moved(request.path)
    except StoreError:
        return None


def _unreadable(error: QueryError) -> Response:
    return _page(400, f"The query cannot be read: {error.message}", {})


def _store_away(error: StoreError) -> Response:
    log.error("the store does not answer: %s", error)
    return _page(503, "The database does not answer. Please try again in a minute.", {"Retry-After": "60"})


def _surprise(error: Exception) -> Response:
    log.error("a request failed", exc_info=error)
    return _page(500, "Something went wrong on our side; it has been noted in the log.", {})


def _page(code: int, sentence: str, headers: dict[str, str]) -> Response:
    title = _title(code)
    try:
        body = render_template("error.html", title=title, sentence=sentence, latest=headlines_now(10))
    # the masthead needs the store; without it a bare page must do
    except Exception:
        body = _bare(title, sentence)
    return _answer(code, body, headers)


def _title(code: int) -> str:
    return _TITLES.get(code, "This did not work")


def _bare(title: str, sentence: str) -> str:
    return f"<!doctype html><html lang=en><title>{title}</title><h1>{title}</h1><p>{escape(sentence)}</p>"


def _answer(code: int, body: str, headers: dict[str, str]) -> Response:
    response = Response(body, status=code, mimetype="text/html")
    response.headers.extend(headers)
    response.headers.extend([("Cache-Control", "no-cache"), ("Content-Security-Policy", POLICY), *SECURITY])
    return response
