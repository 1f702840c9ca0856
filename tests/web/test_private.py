"""Private feeds: opened by a token of their own, hidden from everybody else, kept by no shared cache."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import replace

import pytest

from aggregator.model import Feed
from aggregator.store.engine import reading, writing
from aggregator.store.feeds.heads import find_feed
from aggregator.store.feeds.tokens import add_token, list_tokens, revoke_token
from tests.publish.validity import check
from tests.store.making import NOW, arrive, entry
from tests.web.paper import CONFIGURATION, Paper, open_paper

PRIVATE = replace(
    CONFIGURATION,
    feeds=(*CONFIGURATION.feeds, Feed(slug="desk", title="News desk", access="token", limit=2)),
)


#: addresses of everything that everybody may read, the article among it that is in the private feed
PUBLIC = (
    *("/", "/feeds", "/topics", "/sources", "/status", "/status.json", "/metrics", "/editions"),
    *(
        "/sitemap.xml",
        "/opml/feeds.opml",
        "/feeds/front-page",
        "/feeds/front-page.json",
        "/feeds/problems.json",
    ),
    *("/sources/harbour-herald.json", "/search?q=p3", "/search.json?q=p3", "/search?q=feed:desk"),
    *("/articles/6", "/articles/6.json", "/articles/6/why", "/nowhere", "/feeds/deskk"),
)


@pytest.fixture
def desk(sqlite_engine) -> tuple[Paper, str]:
    """A paper with a private feed, and a token of it."""
    paper = open_paper(sqlite_engine, PRIVATE)
    arrive(sqlite_engine, "harbour-herald", *(entry(f"p{n}") for n in range(5)), feeds=["desk"])
    paper.forget()
    return paper, make(paper)


def make(paper: Paper, slug: str = "desk") -> str:
    with writing(paper.engine) as connection:
        head = find_feed(connection, "feed", slug)
        assert head is not None
        return add_token(connection, head, "a reader", NOW)


PATHS = [
    "/feeds/desk.atom",
    "/feeds/desk.rss",
    "/feeds/desk.json",
    "/feeds/desk",
    "/feeds/desk/archive/1.atom",
]


@pytest.mark.parametrize("path", PATHS)
def test_without_a_token_there_is_a_sentence_and_a_way_to_show_one(desk, path):
    paper, token = desk
    for wrong in ("", "?token=", f"?token={token[:-1]}", "?token=" + "x" * 9999, "?token=%FF"):
        response = paper.get(path + wrong)
        assert response.status_code == 401
        assert response.headers["WWW-Authenticate"].startswith("Basic realm=")
        assert response.headers["Cache-Control"] == "no-store"
        assert b"takes a token" in response.data
        assert b"Barge" not in response.data


@pytest.mark.parametrize("path", PATHS)
def test_a_token_opens_it_as_parameter_password_or_bearer(desk, path):
    paper, token = desk
    basic = b64encode(f"anybody:{token}".encode()).decode()
    ways = (
        (f"?token={token}", {}),
        ("", {"Authorization": f"Basic {basic}"}),
        ("", {"Authorization": f"Bearer {token}"}),
    )
    for query, headers in ways:
        response = paper.get(path + query, **headers)
        assert response.status_code == 200
        assert response.headers["Cache-Control"].startswith("private, max-age=")
        assert "Access-Control-Allow-Origin" not in response.headers
        assert response.headers["X-Robots-Tag"] == "noindex"
        assert "Authorization" in response.headers["Vary"]


def test_who_is_sent_on_from_an_old_address_keeps_the_token(sqlite_engine):
    *others, private = PRIVATE.feeds
    moved = replace(PRIVATE, feeds=(*others, replace(private, aliases=("/old.xml",))))
    paper = open_paper(sqlite_engine, moved)
    token = make(paper)
    sent = paper.get(f"/old.xml?token={token}&limit=1")
    assert sent.status_code == 301
    assert sent.headers["Location"] == f"https://gazette.example/feeds/desk.rss?limit=1&token={token}"
    assert sent.headers["Cache-Control"].startswith("private"), "no shared cache keeps a token"
    assert paper.get(sent.headers["Location"].removeprefix("https://gazette.example")).status_code == 200
    assert token not in paper.get(f"/feeds/front-page?token={token}").data.decode()


def test_the_token_is_in_no_body_link_or_id(desk):
    paper, token = desk
    for path in PATHS:
        response = paper.get(f"{path}?token={token}")
        assert token not in response.data.decode()
        assert token not in str(response.headers)
        if "." in path:
            assert check(response.data, response.headers["Content-Type"]) == []


def test_what_was_answered_to_one_is_not_answered_to_all(desk):
    paper, token = desk
    assert paper.get(f"/feeds/desk.atom?token={token}").status_code == 200
    assert paper.get("/feeds/desk.atom").status_code == 401


def test_a_token_opens_its_own_feed_only(desk):
    paper, _ = desk
    other = make(paper, "front-page")
    assert paper.get(f"/feeds/desk.atom?token={other}").status_code == 401


def test_a_revoked_token_opens_nothing_a_second_later(desk):
    paper, token = desk
    paper.desk._hashes._clock = lambda: 0.0
    assert paper.get(f"/feeds/desk.atom?token={token}").status_code == 200
    with writing(paper.engine) as connection:
        (one,) = list_tokens(connection, "desk")
        assert revoke_token(connection, one.id)
        assert not revoke_token(connection, one.id)
    paper.desk._hashes._clock = lambda: 2.0
    assert paper.get(f"/feeds/desk.atom?token={token}").status_code == 401


def test_tokens_are_stored_as_hashes(desk):
    paper, token = desk
    with reading(paper.engine) as connection:
        stored = connection.exec_driver_sql("SELECT * FROM tokens").all()
    assert token not in str(stored)
    assert token.encode() not in b"".join(
        field for row in stored for field in row if isinstance(field, bytes)
    )


def test_a_private_feed_is_named_nowhere(desk):
    paper, _ = desk
    for path in PUBLIC:
        body = paper.get(path).data
        assert body
        assert [word for word in (b"feeds/desk", b"News desk", b'"desk"') if word in body] == [], path
