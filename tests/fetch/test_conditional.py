"""Conditional requests: what goes out, when, and to whom."""

from __future__ import annotations

import gzip
from dataclasses import replace

import pytest

from aggregator import __version__
from aggregator.http.shape import RequestShape
from aggregator.model import Failed, FailureKind, Fetched, NotModified, Validators
from tests.fetch.conftest import Poll
from tests.origin import Origin, Reply, Seen, document, redirect

FEED = b"<rss version='2.0'><channel><title>t</title></channel></rss>"

ODD_ETAGS = {
    "quoted": '"abc"',
    "weak": 'W/"abc"',
    "unquoted": "abc",
    "with gzip's suffix": '"abc-gzip"',
    "with blanks and commas inside": '"a, b  c"',
    "a lone quote": '"',
    "UTF-8": '"ä"',
    "long": '"' + "x" * 2000 + '"',
}
ODD_DATES = {
    "an HTTP date": "Sat, 28 Feb 2026 10:00:00 GMT",
    "a wrong weekday": "Mon, 28 Feb 2026 10:00:00 GMT",
    "another zone": "Sat, 28 Feb 2026 10:00:00 +0100",
    "no date at all": "yesterday",
    "zero": "0",
}


@pytest.mark.parametrize("etag", ODD_ETAGS.values(), ids=ODD_ETAGS.keys())
def test_an_etag_goes_back_byte_for_byte(origin: Origin, poll: Poll, etag: str) -> None:
    url = origin.on("/feed", document(FEED, etag=etag))
    first = poll(url)
    assert isinstance(first, Fetched)
    assert isinstance(poll(url, first.validators), NotModified)
    assert origin.requests[1].header("If-None-Match") == etag
    assert origin.requests[1].header("If-Modified-Since") is None


@pytest.mark.parametrize("date", ODD_DATES.values(), ids=ODD_DATES.keys())
def test_a_last_modified_goes_back_byte_for_byte(origin: Origin, poll: Poll, date: str) -> None:
    url = origin.on("/feed", document(FEED, last_modified=date))
    first = poll(url)
    assert isinstance(first, Fetched)
    assert isinstance(poll(url, first.validators), NotModified)
    assert origin.requests[1].header("If-Modified-Since") == date
    assert origin.requests[1].header("If-None-Match") is None


def test_a_validator_that_no_server_would_take_back_is_none(origin: Origin, poll: Poll) -> None:
    def answer(seen: Seen) -> Reply:
        if len(seen.raw) > 8192:  # as Apache and nginx do
            return Reply(400)
        return Reply(200, (("ETag", '"' + "x" * 20_000 + '"'), ("Last-Modified", "then")), FEED)

    first = poll(origin.on("/feed", answer))
    assert isinstance(first, Fetched)
    assert isinstance(poll(origin.url("/feed"), first.validators), Fetched)
    assert origin.requests[1].header("If-Modified-Since") == "then"


def test_both_validators_go_out_when_both_came_and_none_at_first(origin: Origin, poll: Poll) -> None:
    url = origin.on("/feed", document(FEED, etag='"1"', last_modified="then"))
    first = poll(url)
    assert isinstance(first, Fetched)
    poll(url, first.validators)
    sent = [(seen.header("If-None-Match"), seen.header("If-Modified-Since")) for seen in origin.requests]
    assert sent == [(None, None), ('"1"', "then")]


def test_no_validator_is_made_up(origin: Origin, poll: Poll) -> None:
    url = origin.on("/feed", Reply(200, (("Date", "Sat, 28 Feb 2026 10:00:00 GMT"),), FEED))
    first = poll(url)
    assert isinstance(first, Fetched)
    assert (first.validators.etag, first.validators.last_modified) == (None, None)
    poll(url, first.validators)
    assert origin.requests[1].header("If-Modified-Since") is None


CHANGES = {
    "the ETag alone": ((("ETag", '"2"'), ("Last-Modified", "then")), ('"2"', "then")),
    "both, the body the same": ((("ETag", '"2"'), ("Last-Modified", "now")), ('"2"', "now")),
    "the ETag is gone": ((("Last-Modified", "then"),), (None, "then")),
    "both are gone": ((), (None, None)),
    "the ETag is empty": ((("ETag", ""),), (None, None)),
}


@pytest.mark.parametrize(("headers", "kept"), CHANGES.values(), ids=CHANGES.keys())
def test_every_200_replaces_both_validators(
    origin: Origin, poll: Poll, headers: tuple[tuple[str, str], ...], kept: tuple[str | None, str | None]
) -> None:
    url = origin.on("/feed", Reply(200, headers, FEED))
    second = poll(url, Validators('"1"', "then", url))
    assert isinstance(second, Fetched)
    assert second.validators == Validators(*kept, url)


def test_a_304_refreshes_what_it_carries_and_keeps_the_rest(origin: Origin, poll: Poll) -> None:
    url = origin.on("/feed", Reply(304, (("ETag", '"2"'), ("Cache-Control", "max-age=600"))))
    outcome = poll(url, Validators('"1"', "then", url))
    assert isinstance(outcome, NotModified)
    assert outcome.validators == Validators('"2"', "then", url)
    assert outcome.hints.fresh_s == 600


def test_a_304_to_an_unconditional_request_is_a_failure(origin: Origin, poll: Poll) -> None:
    outcome = poll(origin.on("/feed", Reply(304)))
    assert isinstance(outcome, Failed)
    assert (outcome.kind, outcome.status) == (FailureKind.HTTP, 304)


def test_validators_of_another_url_are_not_sent(origin: Origin, poll: Poll) -> None:
    url = origin.on("/feed", document(FEED, etag='"1"'))
    for stranger in (origin.url("/feed?new"), "https://elsewhere.example/feed", "no url", None):
        assert isinstance(poll(url, Validators('"1"', "then", stranger)), Fetched)
    assert all(seen.header("If-None-Match") is None for seen in origin.requests)


def test_validators_go_through_a_redirect_only_to_the_url_that_sent_them(origin: Origin, poll: Poll) -> None:
    asked = origin.on("/feed", redirect("/v1"))
    origin.on("/v1", document(FEED, etag='"1"'))
    origin.on("/v2", document(FEED, etag='"1"'))
    first = poll(asked)
    assert isinstance(first, Fetched)
    assert first.validators == Validators('"1"', None, origin.url("/v1"))
    assert isinstance(poll(asked, first.validators), NotModified)
    origin.on("/feed", redirect("/v2"))
    assert isinstance(poll(asked, first.validators), Fetched)
    assert [seen.header("If-None-Match") for seen in origin.seen("/feed")] == [None, None, None]
    assert [seen.header("If-None-Match") for seen in origin.seen("/v1")] == [None, '"1"']
    assert [seen.header("If-None-Match") for seen in origin.seen("/v2")] == [None]


def test_a_304_after_a_redirect_that_carried_no_validators_is_a_failure(origin: Origin, poll: Poll) -> None:
    asked = origin.on("/feed", redirect("/other"))
    origin.on("/other", Reply(304))
    assert isinstance(poll(asked, Validators('"1"', None, asked)), Failed)
    assert origin.seen("/feed")[0].header("If-None-Match") == '"1"'
    assert origin.seen("/other")[0].header("If-None-Match") is None


def test_validators_survive_the_move_to_the_url_that_sent_them(origin: Origin, poll: Poll) -> None:
    old = origin.on("/old", redirect("/new", 301))
    new = origin.on("/new", document(FEED, etag='"1"'))
    first = poll(old)
    assert isinstance(first, Fetched)
    assert first.moved_to == new
    assert isinstance(poll(new, first.validators), NotModified)


SHAPES = {
    "credentials": RequestShape(auth="ann:two"),
    "an own header": RequestShape(headers=(("X-Edition", "uk"),)),
    "another user agent": RequestShape(user_agent="Special/1"),
}


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES.keys())
def test_validators_belong_to_the_shape_of_their_request(
    origin: Origin, poll: Poll, shape: RequestShape
) -> None:
    url = origin.on("/feed", document(FEED, etag='"1"'))
    plain = poll(url)
    assert isinstance(plain, Fetched)
    shaped = poll(url, plain.validators, shape=shape)
    assert isinstance(shaped, Fetched), "what came to one shape is not sent in another"
    assert isinstance(poll(url, shaped.validators, shape=shape), NotModified)
    assert isinstance(poll(url, shaped.validators), Fetched)
    other = replace(shape, auth="ann:changed")
    assert isinstance(poll(url, shaped.validators, shape=other), Fetched)


def test_no_credential_is_kept_with_the_validators(origin: Origin, poll: Poll) -> None:
    origin.on("/feed", document(FEED, etag='"1"'))
    url = f"http://ann:topsecret@{origin.at}/feed"
    first = poll(url)
    assert isinstance(first, Fetched)
    assert isinstance(poll(url, first.validators), NotModified)
    assert isinstance(poll(url.replace("topsecret", "changed"), first.validators), Fetched)
    for text in (first.url, str(first.validators.url)):
        assert "ann" not in text
        assert "topsecret" not in text


def test_conditional_off_sends_no_validators(origin: Origin, poll: Poll) -> None:
    url = origin.on("/feed", document(FEED, etag='"1"'))
    shape = RequestShape(conditional=False)
    assert isinstance(poll(url, Validators('"1"', None, url), shape=shape), Fetched)
    assert origin.requests[0].header("If-None-Match") is None


def test_accept_names_the_feed_formats_and_the_agent_is_honest(origin: Origin, poll: Poll) -> None:
    poll(origin.on("/feed", Reply(body=FEED)))
    seen = origin.requests[0]
    accepted = str(seen.header("Accept")).split(", ")
    assert accepted[:3] == ["application/atom+xml", "application/rss+xml", "application/feed+json"]
    assert accepted[-1].startswith("*/*;q=")
    assert seen.header("User-Agent") == f"aggregator/{__version__} (+ed@paper.example)"
    assert {name for name, _ in seen.headers} == {"Host", "User-Agent", "Accept", "Accept-Encoding"}


def test_not_acceptable_is_asked_once_more_for_anything(origin: Origin, poll: Poll) -> None:
    def picky(seen: Seen) -> Reply:
        if seen.header("Accept") != "*/*":
            return Reply(406)
        return document(FEED, etag='"1"')(seen)

    url = origin.on("/feed", picky)
    first = poll(url)
    assert isinstance(first, Fetched)
    assert [seen.header("Accept") == "*/*" for seen in origin.requests] == [False, True]
    assert isinstance(poll(url, first.validators), NotModified)
    assert len(origin.requests) == 3, "what worked is remembered with the validators"
    assert origin.requests[2].header("If-None-Match") == '"1"'


def test_a_lasting_406_is_two_requests_and_a_failure(origin: Origin, poll: Poll) -> None:
    outcome = poll(origin.on("/feed", Reply(406)))
    assert isinstance(outcome, Failed)
    assert (outcome.kind, outcome.status, len(origin.requests)) == (FailureKind.HTTP, 406, 2)


def test_a_poll_is_one_request(origin: Origin, poll: Poll) -> None:
    poll(origin.on("/feed", document(FEED, etag='"1"')))
    assert [seen.method for seen in origin.requests] == ["GET"]


BROKEN = {
    "a short body": Reply(200, (("ETag", '"9"'),), FEED, length=len(FEED) + 9),
    "an unfinished chunk": Reply(200, (("ETag", '"9"'),), FEED, chunk=10, close_after=150),
    "gzip that ends early": Reply(
        200, (("ETag", '"9"'), ("Content-Encoding", "gzip")), gzip.compress(FEED)[:-8]
    ),
}


@pytest.mark.parametrize("reply", BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_transfer_hands_no_validators_on(origin: Origin, poll: Poll, reply: Reply) -> None:
    outcome = poll(origin.on("/feed", reply))
    assert isinstance(outcome, Failed), "and a Failed carries none"
    assert outcome.kind is FailureKind.TRANSFER
