"""The editors' page: what waits and what was decided, and forms to decide; the only pages that write.

Off without a token. Who sends the token gets a signed cookie that holds the name and its time; every
form carries a second signature of that cookie, so that no other site can send one (CSRF). Only POST
changes anything. Nothing about sessions is stored.
"""

from __future__ import annotations

import hmac
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from secrets import token_hex

from flask import Blueprint, Response, abort, current_app, redirect, render_template, request
from itsdangerous import BadData, Signer, URLSafeTimedSerializer

from aggregator.errors import AggregatorError, StoreError
from aggregator.pipeline.editing import CHANGES, Draft, mark_article, post_article, undo
from aggregator.publish.addresses import prefix
from aggregator.publish.characters import web_url
from aggregator.store.articles.listing import held_articles
from aggregator.store.articles.marks import newest_marks
from aggregator.store.articles.recall import find_article
from aggregator.store.engine import Engine, reading
from aggregator.store.sources.cards import load_cards
from aggregator.store.turns import take_one_of
from aggregator.web.current import desk

admin = Blueprint("admin", __name__)
EDITORS = "editors"
COOKIE = "aggregator-editor"
#: how long a sign-in lasts
SESSION_S = 12 * 3600
#: tokens, right or wrong, that all processes together hear in a minute
TOKENS_PER_MINUTE = 20
#: how long a process that may hear no more asks no further, in seconds
DEAF_S = 1.0
HELD, MARKS = 200, 50


@dataclass
class Editors:
    """Who may decide: those who know the token."""

    engine: Engine
    token: str
    #: time.monotonic() until which nothing is heard: guesses by the thousand are no writes by the thousand
    deaf_until: float = 0.0

    def knows(self, token: str) -> bool:
        """Tell whether this is the token; in constant time, and not too often a minute."""
        if time.monotonic() < self.deaf_until:
            abort(429)
        if not take_one_of(self.engine, "token", TOKENS_PER_MINUTE, 60, datetime.now(UTC)):
            self.deaf_until = time.monotonic() + DEAF_S
            abort(429)
        return hmac.compare_digest(token.encode(), self.token.encode())

    def cookie(self, who: str) -> str:
        """Return the cookie of somebody who knows the token; no two sign-ins have the same."""
        return str(self._cookies().dumps((who, token_hex(8))))

    def find_name(self, cookie: str) -> str | None:
        """Return whose cookie it is; None if it is not ours or is older than SESSION_S."""
        try:
            who, _ = self._cookies().loads(cookie, max_age=SESSION_S)
        except BadData:
            return None
        return str(who)

    def proof(self, cookie: str) -> str:
        """Return what the forms of the sign-in with this cookie carry."""
        return self._forms().get_signature(cookie).decode()

    def is_proof(self, cookie: str, sent: str) -> bool:
        """Tell whether *sent* is the proof() of that sign-in; in constant time."""
        return self._forms().verify_signature(cookie, sent)

    def _cookies(self) -> URLSafeTimedSerializer:
        return URLSafeTimedSerializer(self.token, "cookie")

    def _forms(self) -> Signer:
        return Signer(self.token, "form")


def _editors() -> Editors:
    found: Editors | None = current_app.extensions.get(EDITORS)
    if found is None:
        abort(404)
    return found


def _cookie() -> str:
    return request.cookies.get(COOKIE, "")


def _who() -> str | None:
    return _editors().find_name(_cookie())


@admin.get("/admin")
def overview() -> Response:
    """Answer with the editors' page, or with the question for the token."""
    who = _who()
    if who is None:
        return _private(render_template("admin_login.html", complaint=""))
    return _overview(who, "")


@admin.post("/admin/login")
def login() -> Response:
    """Answer a right token with a cookie."""
    editors = _editors()
    if not editors.knows(request.form.get("token", "")):
        answer = _private(render_template("admin_login.html", complaint="This is not the token."))
        answer.status_code = 403
        return answer
    who = " ".join(request.form.get("who", "").split())[:100] or "editor"
    answer = _back()
    answer.set_cookie(
        COOKIE,
        editors.cookie(who),
        max_age=SESSION_S,
        path=prefix(desk().site) + "/admin",
        secure=desk().site.url.startswith("https:"),
        httponly=True,
        samesite="Strict",
    )
    return answer


@admin.post("/admin/logout")
def logout() -> Response:
    """Take the cookie back."""
    _signed_in()
    answer = _back()
    answer.delete_cookie(COOKIE, path=prefix(desk().site) + "/admin")
    return answer


@admin.post("/admin/decide")
def decide() -> Response:
    """Carry out one wish about one article."""
    who = _signed_in()
    kind, article = request.form.get("kind", ""), request.form.get("article", "")
    words, now = request.form.get("words", ""), datetime.now(UTC)
    if kind not in (*CHANGES, "undo"):
        abort(400)
    try:
        if kind == "undo":
            undo(_editors().engine, article, who=who, now=now)
        else:
            mark_article(_editors().engine, article, kind, who=who, now=now, words=words)
    except StoreError:
        raise
    except AggregatorError as error:
        return _overview(who, str(error), 409)
    return _back()


@admin.post("/admin/post")
def post() -> Response:
    """Store and place a hand-written article."""
    who, form = _signed_in(), request.form
    text, given = form.get("text", "").replace("\r\n", "\n"), form.get("link", "").strip()
    link = web_url(given)
    if given and not link:
        return _overview(who, "the link is no address of a page: it begins with https://", 409)
    draft = Draft(form.get("title", ""), text, link, is_picked="pick" in form)
    try:
        post_article(_editors().engine, draft, who=who, now=datetime.now(UTC))
    except StoreError:
        raise
    except AggregatorError as error:
        return _overview(who, str(error), 409)
    return _back()


def _signed_in() -> str:
    """Return who sends the form; anybody else, and any other site's form, ends here."""
    editors, who = _editors(), _who()
    if who is None or not editors.is_proof(_cookie(), request.form.get("proof", "")):
        abort(403)
    return who


def _overview(who: str, complaint: str, status: int = 200) -> Response:
    editors = _editors()
    with reading(editors.engine) as connection:
        held = held_articles(connection, limit=HELD)
        marks = newest_marks(connection, MARKS)
        titles = {
            mark.article_id: found.entry.title
            for mark in marks
            if (found := find_article(connection, mark.article_id))
        }
        names = {card.id: card.name for card in load_cards(connection, {a.source_id for a in held}).values()}
    shown = render_template(
        "admin.html",
        who=who,
        proof=editors.proof(_cookie()),
        held=held,
        marks=marks,
        titles=titles,
        names=names,
        complaint=complaint,
    )
    answer = _private(shown)
    answer.status_code = status
    return answer


def _private(body: str) -> Response:
    response = Response(body, mimetype="text/html")
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _back() -> Response:
    response = redirect(prefix(desk().site) + "/admin", 303)
    assert isinstance(response, Response)
    response.headers["Cache-Control"] = "no-store"
    return response
