"""The client's manners: what it sends, what it follows, what it never shows to whom."""

from __future__ import annotations

import asyncio
import gzip
from datetime import UTC, datetime

import pytest

from aggregator import __version__
from aggregator.http.client import Client
from aggregator.http.errors import RedirectFailed
from aggregator.http.redirects import Hop
from aggregator.http.shape import RequestShape, user_agent
from aggregator.model import FetchSettings, Site
from tests.http.conftest import LOOPBACK, Ask
from tests.origin import Origin, Reply, redirect


def test_the_url_goes_out_byte_for_byte(origin: Origin, ask: Ask) -> None:
    for target in ("/%2d%7E%7e/a/../b//c?q=%20+%2B&&x", "/feed?", "/;p='(x)*!|^"):
        origin.on(target, Reply(body=b"x"))
        ask(origin.url(target) + "#fragment")
        assert origin.requests[-1].target == target


def test_no_cookie_is_kept_and_no_referer_sent(origin: Origin) -> None:
    origin.on("/a", Reply(302, (("Location", "/b"), ("Set-Cookie", "id=1; Path=/"))))
    origin.on("/b", Reply(200, (("Set-Cookie", "id=2; Path=/"),), b"x"))

    async def twice() -> None:
        async with Client(LOOPBACK, user_agent="x") as client:
            await client.request("GET", origin.url("/a"))
            await client.request("GET", origin.url("/a"))

    asyncio.run(twice())
    assert len(origin.requests) == 4
    for seen in origin.requests:
        assert seen.header("Cookie") is None
        assert seen.header("Referer") is None


def test_only_the_expected_header_fields_are_sent(origin: Origin, ask: Ask) -> None:
    ask(origin.on("/", Reply(body=b"x")))
    names = [name for name, _ in origin.requests[0].headers]
    assert names == ["Host", "User-Agent", "Accept", "Accept-Encoding"]
    assert origin.requests[0].header("Accept-Encoding") == "gzip, deflate, br, zstd"


def test_the_user_agent_names_product_version_and_contact() -> None:
    site = Site(url="https://paper.example", contact="ed@paper.example")
    assert user_agent(FetchSettings(), site) == f"aggregator/{__version__} (+ed@paper.example)"
    assert user_agent(FetchSettings(), Site(url="https://paper.example")).endswith(
        " (+https://paper.example)"
    )
    assert user_agent(FetchSettings(user_agent="Mine/1"), site) == "Mine/1"


@pytest.mark.parametrize(
    ("given", "sent"), [("Mine/1\r\nX: y", "Mine/1X: y"), ("Zeitung/1 (é)", "Zeitung/1 ()"), ("☕", None)]
)
def test_a_user_agent_that_no_header_can_carry_is_cleaned(
    origin: Origin, given: str, sent: str | None
) -> None:
    async def once() -> None:
        async with Client(LOOPBACK, user_agent=given) as client:
            await client.request("GET", origin.url("/"))

    asyncio.run(once())
    assert origin.requests[0].header("User-Agent") == (sent or f"aggregator/{__version__}")


def test_connections_are_reused(origin: Origin) -> None:
    origin.on("/from", redirect("/"))
    origin.on("/", Reply(body=b"x"))

    async def five_times() -> None:
        async with Client(LOOPBACK, user_agent="x") as client:
            for _ in range(5):
                await client.request("GET", origin.url("/from"))

    asyncio.run(five_times())
    assert len(origin.requests) == 10
    assert origin.connections == 1


def test_a_connection_closed_while_idle_costs_no_failure(origin: Origin) -> None:
    body = b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nConnection: keep-alive\r\n\r\nx"
    origin.on("/", Reply(raw=body))  # closes after an answer that promised to stay

    async def twice() -> list[bytes]:
        async with Client(LOOPBACK, user_agent="x") as client:
            return [(await client.request("GET", origin.url("/"))).body for _ in range(3)]

    assert asyncio.run(twice()) == [b"x"] * 3


def test_redirects_are_walked_and_permanent_chains_told_apart(origin: Origin, ask: Ask) -> None:
    origin.on("/1", redirect("/2", 301))
    origin.on("/2", redirect(origin.url("/3"), 308))
    origin.on("/3", Reply(body=b"there"))
    answer = ask(origin.url("/1"))
    assert (answer.url, answer.body, answer.moved_to) == (origin.url("/3"), b"there", origin.url("/3"))
    assert answer.hops == (Hop(origin.url("/1"), 301), Hop(origin.url("/2"), 308))
    for temporary in (302, 303, 307):
        origin.on("/2", redirect("/3", temporary))
        assert ask(origin.url("/1")).moved_to is None


@pytest.mark.parametrize("length", [1, 2, 3])
def test_a_circle_of_redirects_is_noticed(origin: Origin, ask: Ask, length: int) -> None:
    for number in range(length):
        origin.on(f"/{number}", redirect(f"/{(number + 1) % length}#{number}"))
    with pytest.raises(RedirectFailed, match="circle"):
        ask(origin.url("/0"))
    assert len(origin.requests) == length


def test_five_redirects_are_followed_and_six_are_not(origin: Origin, ask: Ask) -> None:
    for number in range(9):
        origin.on(f"/{number}", redirect(f"/{number + 1}", 301))
    origin.on("/5", Reply(body=b"there"))
    assert ask(origin.url("/0")).body == b"there"
    origin.on("/5", redirect("/6", 301))
    with pytest.raises(RedirectFailed, match="more than 5"):
        ask(origin.url("/0"))
    assert not origin.seen("/6")


def test_a_redirect_without_location_fails(origin: Origin, ask: Ask) -> None:
    with pytest.raises(RedirectFailed, match="did not say where"):
        ask(origin.on("/", Reply(301)))


def test_a_redirect_is_an_answer_where_none_may_be_followed(origin: Origin, ask: Ask) -> None:
    answer = ask(origin.on("/", redirect("/b", 307)), max_redirects=0)
    assert (answer.status, answer.headers["location"]) == (307, "/b")


def test_credentials_go_to_the_asked_origin_and_to_no_other(origin: Origin, ask: Ask) -> None:
    shape = RequestShape(headers=(("X-Key", "k"),), auth="ann:sec%ret", user_agent="Special/1")
    with Origin() as other:
        origin.on("/start", redirect("/same"))
        origin.on("/same", redirect(other.url("/feed")))
        other.on("/feed", redirect(origin.url("/back")))
        origin.on("/back", Reply(body=b"x"))
        ask(origin.url("/start"), shape=shape)
        for path in ("/start", "/same", "/back"):
            seen = origin.seen(path)[0]
            assert seen.header("Authorization") == "Basic YW5uOnNlYyVyZXQ="
            assert seen.header("X-Key") == "k"
        assert [name for name, _ in other.requests[0].headers] == [
            "Host",
            "User-Agent",
            "Accept",
            "Accept-Encoding",
        ]
        assert other.requests[0].header("User-Agent") == "Special/1"


def test_credentials_in_the_url_become_a_header_for_that_origin_only(origin: Origin, ask: Ask) -> None:
    with Origin() as other:
        origin.on("/feed", redirect(other.url("/feed")))
        other.on("/feed", Reply(body=b"x"))
        answer = ask(f"http://ann:pw@{origin.at}/feed")
        assert origin.requests[0].header("Authorization") == "Basic YW5uOnB3"
        assert other.requests[0].header("Authorization") is None
        assert "ann" not in answer.url


def test_a_bearer_token_is_sent_as_one(origin: Origin, ask: Ask) -> None:
    ask(origin.on("/", Reply(body=b"x")), shape=RequestShape(auth="bearer abc.def"))
    assert origin.requests[0].header("Authorization") == "Bearer abc.def"


def test_secrets_do_not_show_in_a_shape_s_text() -> None:
    shape = RequestShape(headers=(("X-Key", "secret"),), auth="ann:secret", proxy="http://a:secret@p/")
    assert "secret" not in repr(shape)
    assert "secret" not in shape.mark()


def test_posting_sends_the_body_and_follows_nothing_unasked(origin: Origin) -> None:
    origin.on("/hub", redirect("/elsewhere", 307))

    async def post(redirects: int) -> int:
        async with Client(LOOPBACK, user_agent="x") as client:
            fields = (("Content-Type", "application/x-www-form-urlencoded"),)
            answer = await client.request(
                "POST", origin.url("/hub"), headers=fields, body=b"a=1", max_redirects=redirects
            )
            return answer.status

    assert asyncio.run(post(0)) == 307
    assert origin.requests[0].body == b"a=1"
    assert origin.requests[0].header("Content-Type") == "application/x-www-form-urlencoded"
    assert asyncio.run(post(1)) == 404
    assert (origin.requests[-1].method, origin.requests[-1].body) == ("POST", b"a=1")


def test_see_other_turns_a_post_into_a_get_without_its_body(origin: Origin, ask: Ask) -> None:
    origin.on("/form", redirect("/done", 303))
    ask(origin.url("/form"), method="POST", body=b"a=1", headers=(("Content-Type", "text/plain"),))
    done = origin.seen("/done")[0]
    assert (done.method, done.body, done.header("Content-Type")) == ("GET", b"", None)


def test_header_values_are_safe_to_store_and_validators_exact(origin: Origin, ask: Ask) -> None:
    head = b'HTTP/1.1 200 OK\r\nETag: "\xc3\xa9"\r\nX-Raw: caf\xe9 \xe2\x80\xae\r\nX-Two: a\r\nx-two: b\r\n'
    answer = ask(origin.on("/", Reply(raw=head + b"Last-Modified: \xff\xfe\r\nContent-Length: 1\r\n\r\nx")))
    assert answer.headers["x-two"] == "a, b"
    assert answer.exact("ETag") == '"é"'
    assert answer.exact("Last-Modified") is None, "it could not be sent back unchanged"
    for value in answer.headers.values():
        value.encode()
        assert value.isprintable()


def test_wire_bytes_count_what_was_transferred(origin: Origin, ask: Ask) -> None:
    packed = gzip.compress(b"<rss/>" * 1000)
    answer = ask(origin.on("/", Reply(headers=(("Content-Encoding", "gzip"),), body=packed)))
    assert (answer.wire_bytes, answer.body) == (len(packed), b"<rss/>" * 1000)


def test_a_closed_client_says_so(origin: Origin) -> None:
    async def ask_closed() -> None:
        async with Client(LOOPBACK, user_agent="x") as client:
            pass
        await client.request("GET", origin.url("/"))

    with pytest.raises(RuntimeError, match="not open"):
        asyncio.run(ask_closed())


def test_one_host_never_sees_more_than_its_share_at_once(origin: Origin) -> None:
    origin.on("/", Reply(body=b"x", is_held=True))

    async def many() -> int:
        async with Client(LOOPBACK, user_agent="x") as client:
            tasks = [asyncio.create_task(client.request("GET", origin.url("/"))) for _ in range(8)]
            await asyncio.to_thread(origin.wait_for, "/", 2)
            origin.release()
            return len(await asyncio.gather(*tasks))

    assert asyncio.run(many()) == 8
    assert origin.peak == 2


def test_waiting_for_a_turn_does_not_count_against_the_deadline(origin: Origin) -> None:
    settings = FetchSettings(allow_private=("127.0.0.1",), per_host=1, timeout_s=1.5)
    origin.on("/", Reply(body=b"x" * 12, drip=(20, 0.09)))

    async def many() -> int:
        async with Client(settings, user_agent="x") as client:
            return len(await asyncio.gather(*(client.request("GET", origin.url("/")) for _ in range(8))))

    start = datetime.now(UTC)
    assert asyncio.run(many()) == 8
    assert (datetime.now(UTC) - start).total_seconds() > 1.5


def test_ports_of_one_private_machine_do_not_wait_for_one_another(origin: Origin) -> None:
    """What else runs on an intranet's host is another service; two slow requests there hold up nobody."""
    origin.on("/held", Reply(is_held=True))
    with Origin() as other:
        quick = other.on("/quick", Reply(body=b"quick"))

        async def ask_three() -> bytes:
            settings = FetchSettings(allow_private=("127.0.0.0/8",), per_host=1, timeout_s=20)
            async with Client(settings, user_agent="aggregator/test") as client:
                held = asyncio.create_task(client.request("GET", origin.url("/held")))
                await asyncio.to_thread(origin.wait_for, "/held")
                answer = await client.request("GET", quick)
                assert not held.done()
                origin.release()
                await held
                return answer.body

        assert asyncio.run(ask_three()) == b"quick"


def test_credentials_in_the_url_stay_with_a_redirect_inside_that_origin(origin: Origin, ask: Ask) -> None:
    with Origin() as other:
        origin.on("/feed", redirect("/new"))
        origin.on("/new", redirect(other.url("/away")))
        other.on("/away", redirect(origin.url("/back")))
        origin.on("/back", Reply(body=b"x"))
        ask(f"http://ann:pw@{origin.at}/feed")
        for path in ("/feed", "/new", "/back"):
            assert origin.seen(path)[0].header("Authorization") == "Basic YW5uOnB3"
        assert other.requests[0].header("Authorization") is None
