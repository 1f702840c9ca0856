"""What an answer means: statuses, moves, bot walls, and sentences a person can act on."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aggregator.model import Failed, FailureKind, Fetched, FetchSettings, Gone, NotModified, Validators
from tests.fetch.conftest import Poll
from tests.origin import Origin, Reply, redirect

FEED = b"<rss version='2.0'><channel><title>t</title></channel></rss>"

STATUSES = {
    204: FailureKind.HTTP,
    206: FailureKind.HTTP,
    226: FailureKind.HTTP,
    300: FailureKind.HTTP,
    400: FailureKind.HTTP,
    401: FailureKind.HTTP,
    403: FailureKind.HTTP,
    404: FailureKind.HTTP,
    418: FailureKind.HTTP,
    429: FailureKind.RATE_LIMITED,
    451: FailureKind.HTTP,
    500: FailureKind.HTTP,
    503: FailureKind.HTTP,
    599: FailureKind.HTTP,
    799: FailureKind.HTTP,
}


def sentence(outcome: object) -> str:
    """The reason of a failure, once it was seen to be a proper sentence."""
    assert isinstance(outcome, Failed)
    reason = outcome.reason
    assert reason[0].isupper() or not reason[0].isalpha()
    assert reason.endswith((".", "…"))
    assert reason.isprintable()
    assert len(reason) <= 301
    return reason


@pytest.mark.parametrize(("status", "kind"), STATUSES.items())
def test_every_other_status_is_a_named_failure(
    origin: Origin, poll: Poll, status: int, kind: FailureKind
) -> None:
    outcome = poll(origin.on("/feed", Reply(status, (), FEED)))
    assert str(status) in sentence(outcome)
    assert isinstance(outcome, Failed)
    assert (outcome.kind, outcome.status) == (kind, status)


def test_gone_is_gone(origin: Origin, poll: Poll) -> None:
    assert isinstance(poll(origin.on("/feed", Reply(410, (), b"no more"))), Gone)
    assert isinstance(poll(origin.on("/old", redirect("/feed", 301))), Gone)


@pytest.mark.parametrize("status", [200, 203])
def test_a_whole_answer_is_fetched(origin: Origin, poll: Poll, status: int) -> None:
    headers = (("Content-Type", "text/xml"), ("Link", "<a>; rel=hub"), ("Link", "<b>; rel=self"))
    url = origin.on("/feed", Reply(status, headers, FEED))
    outcome = poll(url)
    assert isinstance(outcome, Fetched)
    assert (outcome.url, outcome.body, outcome.wire_bytes) == (url, FEED, len(FEED))
    assert outcome.headers["link"] == "<a>; rel=hub, <b>; rel=self"
    assert outcome.moved_to is None


@pytest.mark.parametrize("body", [b"", b" \r\n\t"])
def test_an_empty_document_is_a_failure(origin: Origin, poll: Poll, body: bytes) -> None:
    assert "empty" in sentence(poll(origin.on("/feed", Reply(body=body))))


def test_only_a_wholly_permanent_chain_is_a_move(origin: Origin, poll: Poll) -> None:
    origin.on("/feed", Reply(body=FEED))
    for chain, is_move in (((301,), True), ((308, 301), True), ((301, 302), False), ((307, 308), False)):
        for number, status in enumerate(chain):
            target = "/feed" if number == len(chain) - 1 else f"/{number + 1}"
            origin.on(f"/{number}", redirect(target, status))
        outcome = poll(origin.url("/0"))
        assert isinstance(outcome, Fetched)
        assert outcome.moved_to == (origin.url("/feed") if is_move else None)
        assert outcome.url == origin.url("/feed")


def test_a_304_behind_a_permanent_redirect_is_a_move_too(origin: Origin, poll: Poll) -> None:
    origin.on("/old", redirect("/feed", 308))
    origin.on("/feed", Reply(304))
    outcome = poll(origin.url("/old"), Validators('"1"', None, origin.url("/feed")))
    assert isinstance(outcome, NotModified)
    assert outcome.moved_to == origin.url("/feed")


RETRIES = {
    "seconds with a 429": (429, "120", 120.0),
    "seconds with a 503": (503, "3600", 3600.0),
    "a date": (503, "Sun, 01 Mar 2026 13:00:00 GMT", 3600.0),
    "an old form of date": (429, "Sunday, 01-Mar-26 12:10:00 GMT", 600.0),
    "a date that has passed": (429, "Sun, 01 Mar 2026 11:00:00 GMT", -3600.0),
    "absurd": (429, "999999999", 999999999.0),
    "nonsense": (429, "soon", None),
}


@pytest.mark.parametrize(("status", "value", "seconds"), RETRIES.values(), ids=RETRIES.keys())
def test_retry_after_is_understood_in_both_forms(
    origin: Origin, poll: Poll, status: int, value: str, seconds: float | None
) -> None:
    outcome = poll(origin.on("/feed", Reply(status, (("Retry-After", value),))))
    assert isinstance(outcome, Failed)
    assert outcome.kind is FailureKind.RATE_LIMITED
    assert outcome.hints.retry_after_s == seconds
    assert ("the wait it states is kept" in outcome.reason) is ((seconds or 0) > 0)


WALLS = {
    "Cloudflare by its header": (403, (("cf-mitigated", "challenge"),), b"<html>"),
    "Cloudflare by its page": (503, (), b"<!DOCTYPE html><title>Just a moment...</title>"),
    "Cloudflare's block": (403, (), b"<!doctype html><title>Attention Required! | Cloudflare</title>"),
    "Cloudflare's script, blocking": (403, (), b"<html><script src=/cdn-cgi/challenge-platform/x.js>"),
    "Anubis with a 200": (200, (), b"<!doctype html><html><link href=/.within.website/x/xess.css>"),
    "Imperva with a 200": (200, (), b"<html><iframe src='/_Incapsula_Resource?x'>"),
    "AWS WAF with a 202": (202, (("x-amzn-waf-action", "challenge"),), b""),
    "SiteGround": (202, (("SG-Captcha", "challenge"),), b"<html>"),
    "Vercel": (429, (("x-vercel-mitigated", "challenge"),), b"<html>"),
    "DataDome": (403, (("X-DataDome", "protected"),), b"<html>"),
    "Sucuri": (403, (), b"<html><title>Sucuri WebSite Firewall - Access Denied</title>"),
}


@pytest.mark.parametrize(("status", "headers", "body"), WALLS.values(), ids=WALLS.keys())
def test_a_bot_wall_is_its_own_class(
    origin: Origin, poll: Poll, status: int, headers: tuple[tuple[str, str], ...], body: bytes
) -> None:
    outcome = poll(origin.on("/feed", Reply(status, headers, body)))
    assert "bot wall" in sentence(outcome)
    assert "user_agent, headers or proxy" in sentence(outcome)
    assert isinstance(outcome, Failed)
    assert outcome.kind is FailureKind.CHALLENGE


NO_WALLS = {
    "a feed that writes about walls": (200, (), b"<?xml version='1.0'?><rss>_Incapsula_Resource</rss>"),
    "a page behind Cloudflare": (200, (), b"<html><script src=/cdn-cgi/challenge-platform/x.js></script>"),
    "a feed with DataDome's header": (200, (("x-datadome", "protected"),), b"<rss/>"),
}


@pytest.mark.parametrize(("status", "headers", "body"), NO_WALLS.values(), ids=NO_WALLS.keys())
def test_what_only_mentions_a_wall_is_fetched(
    origin: Origin, poll: Poll, status: int, headers: tuple[tuple[str, str], ...], body: bytes
) -> None:
    assert isinstance(poll(origin.on("/feed", Reply(status, headers, body))), Fetched)


def test_a_plain_403_is_no_bot_wall(origin: Origin, poll: Poll) -> None:
    outcome = poll(origin.on("/feed", Reply(403, (), b"<html>Forbidden</html>")))
    assert isinstance(outcome, Failed)
    assert outcome.kind is FailureKind.HTTP


def test_errors_of_the_client_become_classes(origin: Origin, poll: Poll) -> None:
    hurried = FetchSettings(allow_private=(origin.at,), timeout_s=0.3, max_wire_bytes=1000)
    with Origin() as closed:
        nobody = closed.url("/")
    origin.on("/slow", Reply(is_held=True))
    origin.on("/big", Reply(body=b"x" * 2000))
    origin.on("/circle", redirect("/circle"))
    kinds = {
        "ftp://a.example/": FailureKind.REFUSED,
        "http://10.1.2.3/": FailureKind.REFUSED,
        "": FailureKind.REFUSED,
        "http://no-such-host.invalid/": FailureKind.DNS,
        origin.url("/slow"): FailureKind.TIMEOUT,
        origin.url("/big"): FailureKind.TOO_LARGE,
        origin.url("/circle"): FailureKind.REDIRECT,
        origin.on("/not-http", Reply(raw=b"hello\r\n\r\n")): FailureKind.TRANSFER,
    }
    for url, kind in kinds.items():
        outcome = poll(url, settings=hurried if origin.at in url else FetchSettings(timeout_s=5))
        sentence(outcome)
        assert isinstance(outcome, Failed)
        assert outcome.kind is kind, url
    refused = poll(nobody)
    assert isinstance(refused, Failed)
    assert refused.kind is FailureKind.CONNECT


def test_a_reason_never_shows_credentials(origin: Origin, poll: Poll) -> None:
    secret = f"ann:topsecret@{origin.at}"
    origin.on("/circle", redirect(f"http://{secret}/circle"))
    for url in (f"ftp://{secret}/", f"http://{secret}/circle", f"http://{secret}/404", f"http://{secret}:x/"):
        assert "topsecret" not in sentence(poll(url))


def test_html_is_handed_on_for_the_parser_to_judge(origin: Origin, poll: Poll) -> None:
    page = b"<!doctype html><html><link rel=alternate type=application/rss+xml href=/rss></html>"
    assert isinstance(poll(origin.on("/", Reply(body=page))), Fetched)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    head=st.sampled_from([b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 301 x\r\nLocation: ", b"HTTP/1.1 ", b""]),
    noise=st.binary(max_size=200),
    tail=st.sampled_from([b"", b"\r\n\r\n", b"\r\n\r\n<rss/>"]),
)
def test_any_bytes_for_an_answer_are_an_outcome(
    origin: Origin, poll: Poll, head: bytes, noise: bytes, tail: bytes
) -> None:
    outcome = poll(origin.on("/feed", Reply(raw=head + noise + tail)))
    if isinstance(outcome, Failed):
        sentence(outcome)
    else:
        assert isinstance(outcome, Fetched | Gone)


SPENT = {
    "a circle": ({"/a": redirect("/b"), "/b": redirect("/a")}, 2),
    "too many redirects": ({f"/{n}": redirect(f"/{n + 1}") for n in range(9)} | {"/a": redirect("/0")}, 6),
    "a redirect into the private network": ({"/a": redirect("http://10.0.0.1/")}, 1),
    "a redirect to a name that does not exist": ({"/a": redirect("http://no-such-host.invalid/")}, 1),
    "a redirect out of the web": ({"/a": redirect("gopher://a.example/")}, 1),
    "a redirect to who breaks off": ({"/a": redirect("/b"), "/b": Reply(body=FEED, length=999)}, 2),
}


@pytest.mark.parametrize("name", SPENT)
def test_a_failed_poll_says_how_often_sites_were_asked(origin: Origin, poll: Poll, name: str) -> None:
    replies, requests = SPENT[name]
    for path, reply in replies.items():
        origin.on(path, reply)
    settings = FetchSettings(allow_private=("127.0.0.0/8",))
    outcome = poll(origin.url("/a"), settings=settings)
    assert isinstance(outcome, Failed)
    assert outcome.requests == requests == len(origin.requests)
