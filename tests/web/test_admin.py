"""The editors' page: closed without the token, deaf to other sites' forms, and what it does lasts."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from itsdangerous import TimestampSigner
from lxml import html
from sqlalchemy import Engine

from aggregator.store.articles.listing import list_articles
from aggregator.store.articles.marks import newest_marks
from aggregator.store.engine import reading
from aggregator.web.app import create_app
from tests.web.paper import open_paper

TOKEN = "correct-horse-battery"


@pytest.fixture
def client(sqlite_engine: Engine) -> FlaskClient:
    open_paper(sqlite_engine)
    return create_app(sqlite_engine, admin_token=TOKEN).test_client()


def proof(client: FlaskClient) -> str:
    found = re.search(r'name="proof" value="([\w-]{20,})"', client.get("/admin").text)
    assert found is not None
    return found[1]


def sign_in(client: FlaskClient, token: str = TOKEN) -> Any:
    return client.post("/admin/login", data={"token": token, "who": "Ada <b>"})


def first_article(engine: Engine) -> Any:
    with reading(engine) as connection:
        return list_articles(connection, after_id=0, limit=1)[0]


def test_without_a_token_there_is_no_such_page(sqlite_engine: Engine) -> None:
    open_paper(sqlite_engine)
    client = create_app(sqlite_engine).test_client()
    answers = [client.get("/admin"), *(client.post(f"/admin/{p}") for p in ("login", "decide", "post"))]
    assert {answer.status_code for answer in answers} == {404}


def test_who_knows_the_token_sees_what_waits_and_decides(client: FlaskClient, sqlite_engine: Engine) -> None:
    assert "Decide about" not in client.get("/admin").text
    assert sign_in(client).status_code == 303
    page = client.get("/admin")
    assert "Ada &lt;b&gt;" in page.text
    assert page.headers["Cache-Control"] == "no-store"
    article = first_article(sqlite_engine)
    form = {"proof": proof(client), "kind": "pick", "article": str(article.id)}
    assert client.post("/admin/decide", data=form).status_code == 303
    assert first_article(sqlite_engine).is_picked
    with reading(sqlite_engine) as connection:
        (mark,) = newest_marks(connection, 5)
    assert (mark.kind, mark.who) == ("pick", "Ada <b>")
    assert client.post("/admin/decide", data=form).status_code == 409
    assert client.post("/admin/decide", data={**form, "kind": "undo"}).status_code == 303
    assert not first_article(sqlite_engine).is_picked


def test_a_posted_article_is_published(client: FlaskClient) -> None:
    sign_in(client)
    form = {"proof": proof(client), "title": "Closed", "text": "We are away.\r\n\r\nBack soon."}
    assert client.post("/admin/post", data=form).status_code == 303
    feed = client.get("/sources/desk.json").get_json()
    assert [item["title"] for item in feed["items"]] == ["Closed"]
    assert feed["items"][0]["content_html"] == "<p>We are away.</p><p>Back soon.</p>"


@pytest.mark.parametrize(
    "mistaken", [{"title": " "}, {"link": "javascript:alert(1)"}, {"link": "www.paper.example"}]
)
def test_what_was_written_is_not_lost_by_a_mistake(client: FlaskClient, mistaken: dict[str, str]) -> None:
    sign_in(client)
    written = {"title": "Low <water>", "text": "All day.\n\nAnd night.", "link": "", **mistaken}
    answer = client.post("/admin/post", data={"proof": proof(client), **written})
    assert answer.status_code == 409
    page = html.document_fromstring(answer.data)
    assert page.xpath("//*[@role='alert']")
    title, text, link = (page.get_element_by_id(name) for name in written)
    assert (title.value, text.value.lstrip("\n"), link.value) == tuple(written.values())


def test_a_wrong_token_opens_nothing_and_many_are_not_heard(client: FlaskClient) -> None:
    assert sign_in(client, "wrong").status_code == 403
    assert "Decide about" not in client.get("/admin").text
    answers = {sign_in(client, f"wrong{n}").status_code for n in range(30)}
    assert answers == {403, 429}
    assert sign_in(client).status_code == 429
    # nor does another process hear them
    other = create_app(client.application.extensions["editors"].engine, admin_token=TOKEN).test_client()
    assert sign_in(other).status_code == 429


@pytest.mark.parametrize("path", ["/admin/decide", "/admin/post", "/admin/logout"])
@pytest.mark.parametrize("sent", ["", "0" * 64, "é"])
def test_a_form_of_another_site_changes_nothing(
    client: FlaskClient, sqlite_engine: Engine, path: str, sent: str
) -> None:
    sign_in(client)
    article = first_article(sqlite_engine)
    form = {"proof": sent, "kind": "hide", "article": str(article.id), "title": "Forged"}
    assert client.post(path, data=form).status_code == 403
    assert first_article(sqlite_engine).state == "out"
    assert client.get("/sources/desk.json").status_code == 404


def test_only_post_changes_anything(client: FlaskClient) -> None:
    sign_in(client)
    for path in ("decide", "post", "login", "logout"):
        assert client.get(f"/admin/{path}").status_code == 405


def test_the_proof_of_one_sign_in_is_worthless_for_another(
    client: FlaskClient, sqlite_engine: Engine
) -> None:
    sign_in(client)
    old = proof(client)
    other = create_app(sqlite_engine, admin_token=TOKEN).test_client()
    sign_in(other)
    form = {"proof": old, "kind": "hide", "article": "1"}
    assert other.post("/admin/decide", data=form).status_code == 403


@pytest.mark.parametrize(
    "cookie", ["", "x", "9999999999.ab.Ada.00", "9999999999.ab.Ada." + "0" * 64, "...", "é.é"]
)
def test_a_forged_cookie_is_no_sign_in(client: FlaskClient, cookie: str) -> None:
    client.set_cookie("aggregator-editor", cookie, path="/admin")
    assert "Decide about" not in client.get("/admin").text


def test_a_sign_in_ends(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    editors, clock = client.application.extensions["editors"], [1000]
    monkeypatch.setattr(TimestampSigner, "get_timestamp", lambda _: clock[0])
    cookie = editors.cookie("Ada")
    clock[0] += 12 * 3600
    assert editors.find_name(cookie) == "Ada"
    clock[0] += 1
    assert editors.find_name(cookie) is None


def test_the_cookie_is_kept_from_scripts_and_other_sites(client: FlaskClient) -> None:
    cookie = sign_in(client).headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert "Secure" in cookie  # the paper of the test has an https address
