"""Whatever is asked: an answer below 500, with nothing of the request in it as markup."""

from __future__ import annotations

import threading
from contextlib import ExitStack
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from werkzeug.exceptions import ServiceUnavailable

from aggregator.publish.render import document
from aggregator.web.questions import AT_ONCE, MOST_WAITING, WAIT_S, Questions
from tests.running import wait_until
from tests.web.paper import open_paper

pieces = st.text(max_size=30) | st.sampled_from(
    [
        "<script>x</script>",
        "..",
        "%00",
        "\x00",
        "\ud800",
        "-1",
        "0",
        "9" * 30,
        "a" * 3000,
        "//evil.example",
        "é",
        "'\"",
        "*",
    ]
)
places = st.sampled_from(
    [
        *("/feeds/", "/topics/", "/sources/", "/authors/", "/articles/", "/opml/", "/static/", "/"),
        *("/search?q=", "/search.atom?q=", "/status?x=", "/feeds/front-page/archive/", "/feeds/"),
        *("/feeds/front-page.atom?q=", "/feeds/front-page.rss?limit=", "/feeds/front-page.json?token="),
        *("/authors/ada-lock?limit=", "/topics/tide?q=", "/sources/x/archive/1.atom?"),
    ]
)
headers = st.fixed_dictionaries(
    {},
    optional={
        name: st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=60)
        for name in (
            "Accept",
            "Accept-Encoding",
            "If-None-Match",
            "If-Modified-Since",
            "Range",
            "Host",
            "Cookie",
            "Authorization",
            "X-Forwarded-Host",
            "X-Forwarded-Prefix",
        )
    },
)


@given(
    place=places,
    rest=pieces,
    suffix=st.sampled_from(["", ".atom", ".rss", ".json", "?limit=x", "?q=%FF"]),
    asked=headers,
)
@settings(
    max_examples=150,
    deadline=None,
    phases=(Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_no_request_brings_the_server_down(paper, place, rest, suffix, asked):
    address = place + quote(rest.encode("utf-8", "surrogatepass")) + suffix
    response = paper.client.get(address, headers=asked, base_url="http://127.0.0.1")
    assert response.status_code < 500
    # scripts of our own are data for search engines alone
    assert response.data.count(b"<script") == response.data.count(b'<script type="application/ld+json"')
    assert "evil.example" not in response.headers.get("Location", "")


@pytest.mark.parametrize(
    "number", ["0", "-1", "9223372036854775807", "9223372036854775808", "1" * 100, "1e3"]
)
def test_article_numbers_that_cannot_be(paper, number):
    assert paper.get(f"/articles/{quote(number)}").status_code == 404


def test_a_large_body_is_not_read(paper):
    assert paper.client.get("/search", data=b"x" * 100_000).status_code in (200, 413)
    assert paper.client.post("/search", data=b"x" * 100_000).status_code == 405


def test_a_lost_database_is_503_with_a_sentence(sqlite_engine, monkeypatch):
    paper = open_paper(sqlite_engine)
    known = paper.get("/feeds/front-page.atom")
    sqlite_engine.dispose()
    database = sqlite_engine.url.database
    with open(database, "wb") as file:
        file.write(b"this is no database" * 1000)
    for leftover in ("-wal", "-shm"):
        open(database + leftover, "wb").close()
    for address in ("/feeds/front-page.rss", "/articles/1", "/status"):
        response = paper.get(address)
        assert response.status_code == 503
        assert response.headers["Retry-After"] == "60"
    # what is at hand goes on being served: nobody is to end this process for the store's sake
    assert paper.get("/healthz").status_code == 200
    assert paper.get("/readyz").status_code == 503
    assert paper.get("/feeds/front-page.atom").data == known.data


def test_questions_by_the_dozen_leave_everybody_else_alone(paper, monkeypatch):
    monkeypatch.setattr("aggregator.web.questions.WAIT_S", 0.01)
    known = paper.get("/feeds/front-page.atom?q=barge").status_code
    asked = [
        "/search?q=barge",
        "/search.atom?q=tide",
        "/feeds/front-page.atom?q=tide",
        "/feeds/front-page?q=tide",
    ]
    with ExitStack() as others:
        for _ in range(AT_ONCE):
            others.enter_context(paper.desk.questions.turn())
        for address in asked:
            response = paper.get(address)
            assert (response.status_code, response.headers["Retry-After"]) == (503, "10"), address
        for address in (
            "/",
            "/search",
            "/feeds/front-page.rss",
            "/feeds/front-page.atom?q=barge",
            "/feeds/front-page.atom?limit=2",
            "/feeds/front-page?limit=2",
            "/healthz",
        ):
            assert paper.get(address).status_code == known == 200, address
    assert [paper.get(address).status_code for address in asked] == [200] * len(asked)


def test_a_burst_of_questions_is_answered_in_turn_and_a_flood_turned_away():
    questions, answered, refused = Questions(), [], []

    def ask():
        try:
            with questions.turn():
                answered.append(1)
        except ServiceUnavailable as error:
            refused.append(error.retry_after)

    with ExitStack() as others:
        for _ in range(AT_ONCE):
            others.enter_context(questions.turn())
        burst = [threading.Thread(target=ask) for _ in range(24)]
        for thread in burst:
            thread.start()
        flood = [threading.Thread(target=ask) for _ in range(MOST_WAITING)]
        for thread in flood:
            thread.start()
        wait_until(lambda: len(refused) == 24, what="those beyond who may wait to be told so")
    for thread in (*burst, *flood):
        thread.join()
    assert (len(answered), set(refused)) == (MOST_WAITING, {10})


def test_who_asks_the_same_keeps_no_turn_from_other_questions(paper):
    begun, finish, made = threading.Event(), threading.Event(), []

    def slow():
        begun.set()
        assert finish.wait(60)
        made.append(1)
        return document(b"found", "text/plain")

    same = [
        threading.Thread(target=paper.desk.keep_narrowed, args=("same", slow)) for _ in range(AT_ONCE + 2)
    ]
    for thread in same:
        thread.start()
    assert begun.wait(60)
    other = threading.Thread(target=paper.desk.keep_narrowed, args=("other", lambda: document(b"", "text/x")))
    other.start()
    other.join(WAIT_S / 2)
    is_waiting = other.is_alive()
    finish.set()
    for thread in (*same, other):
        thread.join()
    assert (is_waiting, made) == (False, [1])


FORGED = {
    "Host": "evil.example",
    "X-Forwarded-Host": "evil.example",
    "X-Forwarded-Proto": "gopher",
    "X-Forwarded-Prefix": "/evil.example",
    "X-Forwarded-For": "evil.example",
    "Forwarded": "host=evil.example;proto=gopher",
    "X-Original-URL": "/evil.example",
    "X-Rewrite-URL": "/evil.example",
}
EVERYWHERE = [
    *("/", "/feeds/front-page", "/feeds/front-page.atom", "/feeds/front-page.rss", "/feeds/front-page.json"),
    *("/authors/ada-lock.atom", "/search.atom?q=barge", "/opml/feeds.opml", "/articles/1", "/nowhere"),
    *("/feeds/front-page.atom?q=barge", "/sources/harbour-herald", "/feeds/front-page/archive/1.atom"),
]


@pytest.mark.parametrize("path", EVERYWHERE)
def test_no_header_of_a_request_has_a_part_in_what_is_answered(paper, path):
    plain = paper.client.get(path)
    paper.desk.forget()
    forged = paper.client.get(path, headers=FORGED)
    assert (forged.status_code, forged.data) == (plain.status_code, plain.data)
    assert "evil.example" not in str(forged.headers)
    assert "gopher" not in str(forged.headers)


@pytest.mark.parametrize("place", ["/feeds/front-page.atom", "/authors/ada-lock.json", "/search.rss"])
@pytest.mark.parametrize(
    "asked", ["limit=0", "limit=201", "limit=-1", "limit=1e3", "q=(", "q=title:", "q=/(/"]
)
def test_a_parameter_that_makes_no_sense_is_answered_with_a_sentence(paper, place, asked):
    response = paper.get(f"{place}?{asked}{'' if 'q=' in asked else '&q=barge'}")
    assert response.status_code == 400
    assert response.data.count(b"<p") >= 1


def test_unknown_parameters_change_nothing(paper):
    plain = paper.get("/feeds/front-page.atom")
    more = paper.get("/feeds/front-page.atom?utm_source=x&x=%3Cscript%3E&page=9")
    assert (more.data, more.headers["ETag"]) == (plain.data, plain.headers["ETag"])
