"""Conditional requests, from the first poll to the stored row and back (RFC 9110 §13, RFC 9111 §4.3)."""

from __future__ import annotations

import gzip

import pytest

from aggregator.model import FailureKind, Fetched, NotModified
from tests.origin import Reply, Seen, document
from tests.polling.station import DAY, HOUR, Station, failed, paper, rss, tagged

ETAGS = ['"plain"', 'W/"weak"', "unquoted", '"a, b"', '"with-gzip"', '"ä"']
DATES = ["Sat, 28 Feb 2026 10:00:00 GMT", "Saturday, 28-Feb-26 10:00:00 GMT", "yesterday", "0"]


def sent(seen: Seen) -> tuple[str | None, str | None]:
    return seen.header("If-None-Match"), seen.header("If-Modified-Since")


@pytest.mark.parametrize("etag", ETAGS)
def test_an_etag_comes_back_byte_for_byte_out_of_the_store(station: Station, etag: str) -> None:
    station.publish(document(rss("a"), etag=etag))
    station.configure(paper())
    station.poll()
    assert isinstance(station.poll(after=DAY), NotModified)
    assert [sent(seen) for seen in station.asked()] == [(None, None), (etag, None)]


@pytest.mark.parametrize("date", DATES)
def test_a_last_modified_comes_back_byte_for_byte_and_none_is_made_up(station: Station, date: str) -> None:
    station.publish(document(rss("a"), last_modified=date))
    station.configure(paper())
    station.poll()
    assert isinstance(station.poll(after=DAY), NotModified)
    assert [sent(seen) for seen in station.asked()] == [(None, None), (None, date)]


def test_dates_of_the_answer_and_the_feed_are_no_validators(station: Station) -> None:
    station.publish(Reply(200, (("Date", "Sat, 28 Feb 2026 10:00:00 GMT"),), rss("a")))
    station.configure(paper())
    station.poll()
    station.poll(after=DAY)
    assert sent(station.asked()[1]) == (None, None)


def test_both_validators_go_out_when_both_came(station: Station) -> None:
    station.publish(document(rss("a"), etag='"1"', last_modified="then"))
    station.configure(paper())
    station.poll()
    station.poll(after=DAY)
    assert sent(station.asked()[1]) == ('"1"', "then")


REPLACED = {
    "the ETag moved, the date stayed": ((("ETag", '"2"'), ("Last-Modified", "then")), ('"2"', "then")),
    "both moved though the body is the same": ((("ETag", '"2"'), ("Last-Modified", "now")), ('"2"', "now")),
    "a 200 without validators clears them": ((), (None, None)),
}


@pytest.mark.parametrize(("headers", "next_sent"), REPLACED.values(), ids=REPLACED.keys())
def test_every_200_replaces_both_validators(
    station: Station, headers: tuple[tuple[str, str], ...], next_sent: tuple[str | None, str | None]
) -> None:
    first = Reply(200, (("ETag", '"1"'), ("Last-Modified", "then")), rss("a"))
    station.publish([first, Reply(200, headers, rss("a"))])
    station.configure(paper())
    for _ in range(3):
        station.poll(after=DAY)
    assert sent(station.asked()[1]) == ('"1"', "then")
    assert sent(station.asked()[2]) == next_sent


def test_a_304_refreshes_validators_and_freshness_and_touches_no_entry(station: Station) -> None:
    later = Reply(304, (("ETag", '"2"'), ("Cache-Control", "max-age=36000")))
    station.publish([tagged(rss("a")), later])
    station.configure(paper())
    station.poll()
    before = station.state()
    station.poll(after=DAY)
    assert station.wait() >= 10 * HOUR
    station.poll(after=DAY)
    assert sent(station.asked()[2]) == ('"2"', None)
    assert station.titles() == ["a"]
    assert station.state().info == before.info


def test_validators_belong_to_one_url_and_one_shape_of_request(station: Station) -> None:
    station.publish(document(rss("a"), etag='"1"'))
    station.publish(document(rss("a"), etag='"1"'), path="/other")
    station.configure(paper())
    station.poll()
    station.configure(paper(auth="me:pw"))
    station.poll(after=DAY)
    assert sent(station.asked()[1]) == (None, None), "other credentials"
    station.poll(after=DAY)
    assert sent(station.asked()[2]) == ('"1"', None), "the same again"
    station.configure(paper("http://paper.example/other", auth="me:pw"))
    station.poll(after=DAY)
    assert sent(station.asked(path="/other")[0]) == (None, None), "another URL"


def test_the_mark_of_a_second_accept_survives_the_store(station: Station) -> None:
    def answer(seen: Seen) -> Reply:
        if seen.header("Accept") != "*/*":
            return Reply(406)
        return document(rss("a"), etag='"1"')(seen)

    station.publish(answer)
    station.configure(paper())
    station.poll()
    assert isinstance(station.poll(after=DAY), NotModified)
    assert [seen.header("Accept") == "*/*" for seen in station.asked()] == [False, True, True]


BROKEN = {
    "a short Content-Length": Reply(200, (("ETag", '"2"'),), rss("b"), length=10_000),
    "an unfinished chunk": Reply(200, (("ETag", '"2"'),), rss("b"), chunk=50, close_after=200),
    "gzip that ends early": Reply(
        200, (("ETag", '"2"'), ("Content-Encoding", "gzip")), gzip.compress(rss("b"))[:-12]
    ),
    "something that is no feed": Reply(200, (("ETag", '"2"'),), b"<html><body>Hello</body></html>"),
    "nothing": Reply(200, (("ETag", '"2"'),), b""),
}


@pytest.mark.parametrize("reply", BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_answer_commits_no_validators(station: Station, reply: Reply) -> None:
    station.publish([tagged(rss("a")), reply, tagged(rss("b"), '"2"')])
    station.configure(paper())
    station.poll()
    failed(station.poll(after=DAY))
    station.poll(after=DAY)
    assert sent(station.asked()[2]) == ('"1"', None)
    assert station.titles() == ["a", "b"]


def test_conditional_off_always_asks_for_the_whole_document(station: Station) -> None:
    station.publish(document(rss("a"), etag='"1"'))
    station.configure(paper(conditional=False))
    for _ in range(3):
        assert isinstance(station.poll(after=DAY), Fetched)
    assert {sent(seen) for seen in station.asked()} == {(None, None)}


def test_unconditional_refreshes_never_happen_by_themselves(station: Station) -> None:
    station.publish(document(rss("a"), etag='"1"'))
    station.configure(paper())
    for _ in range(60):
        station.poll(after=DAY)
    assert all(sent(seen) == ('"1"', None) for seen in station.asked()[1:])


def test_a_304_to_an_unconditional_request_is_a_failure(station: Station) -> None:
    station.publish(Reply(304))
    station.configure(paper())
    assert failed(station.poll()).kind is FailureKind.HTTP
