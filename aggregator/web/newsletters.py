"""Subscribing to newsletters and leaving them: forms that post, links that only one person gets.

Nothing changes by a GET: programs that look at links in mail subscribe nobody and take nobody off.
There are no cookies, so nobody's browser can be made to act for them: the token in the address is
all the right there is. An address gets one question, and nothing more unless it says yes.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

from flask import Blueprint, Response, abort, request

from aggregator.model.outgoing import ADDRESS, LONGEST_ADDRESS, Newsletter
from aggregator.store.engine import reading, writing
from aggregator.store.outgoing.newsletters import ask_to_subscribe, find_subscriber, set_state
from aggregator.web.current import desk
from aggregator.web.pages import page

newsletters = Blueprint("newsletters", __name__)
_TOKEN = re.compile(r"[\w-]{20,64}\Z")


@newsletters.get("/newsletters/<slug>")
def newsletter(slug: str) -> Response:
    """Answer with the form to subscribe with."""
    return _show(_find_open(slug), "ask")


@newsletters.post("/newsletters/<slug>")
def subscribe(slug: str) -> Response:
    """Note the wish; the answer is the same whether the address was known or not."""
    found = _find_open(slug)
    address = request.form.get("email", "").strip()
    if len(address) > LONGEST_ADDRESS or not ADDRESS.fullmatch(address):
        return _show(found, "ask", complaint="That is not an e-mail address.", status=400)
    with writing(desk().engine) as connection:
        is_kept = ask_to_subscribe(connection, slug, address, datetime.now(UTC))
    if not is_kept:
        return _show(
            found, "ask", complaint="Too many people ask at the moment; please try tomorrow.", status=503
        )
    return _show(found, "asked", status=202)


@newsletters.route("/newsletters/<slug>/<any(confirm, unsubscribe):what>/<token>", methods=["GET", "POST"])
def change(slug: str, what: str, token: str) -> Response:
    """Show the one button there is, or do what it says; mail readers post without showing (RFC 8058)."""
    found = _find(slug)
    if not _TOKEN.match(token):
        abort(404)
    with reading(desk().engine) as connection:
        subscriber = find_subscriber(connection, slug, token)
    if subscriber is None:
        abort(404)
    if request.method != "POST":
        return _show(found, what)
    if what == "confirm" and subscriber.state == "bounced":
        abort(410)
    state = "subscribed" if what == "confirm" else "unsubscribed"
    with writing(desk().engine) as connection:
        set_state(connection, slug, token, state, datetime.now(UTC))
    return _show(found, state)


def _find(slug: str) -> Newsletter:
    found = next((one for one in desk().configuration.newsletters if one.slug == slug), None)
    return found or abort(404)


def _find_open(slug: str) -> Newsletter:
    found = _find(slug)
    return found if found.is_open else abort(404)


def _show(found: Newsletter, step: str, *, complaint: str = "", status: int = 200) -> Response:
    shown = page("newsletter.html", newsletter=found, step=step, complaint=complaint)
    response = Response(shown.body, status=status, mimetype="text/html")
    # the address of the page holds the token
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response
