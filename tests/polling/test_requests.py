"""The request itself: what stands on the wire, and what never does."""

from __future__ import annotations

import gzip
import zlib

import brotli
import pytest
import zstandard

from aggregator import __version__
from aggregator.model import FailureKind, Fetched
from tests.origin import Reply, document, redirect
from tests.polling.station import DAY, Station, failed, paper, rss, tagged

ODD = "http://paper.example/%7efeed%2d/a%2Fb;c?q=%e4&x=a+b&&y"


def test_the_url_goes_out_byte_for_byte(station: Station) -> None:
    station.origin.on(ODD, document(rss("a"), etag='"1"'))
    station.configure(paper(ODD))
    assert isinstance(station.poll(), Fetched)
    assert station.origin.requests[0].target == ODD


def test_no_cookie_no_referer_nothing_added(station: Station) -> None:
    setting = (("Set-Cookie", "id=1; Path=/"),)
    station.publish(Reply(301, (("Location", "/other"), *setting)))
    station.publish([Reply(200, (("ETag", '"1"'), *setting), rss("a")), Reply(304)], path="/other")
    station.configure(paper())
    station.poll()
    station.poll(after=DAY)
    allowed = {"host", "accept", "accept-encoding", "user-agent", "if-none-match", "connection"}
    for seen in station.origin.requests:
        assert {name.lower() for name, _ in seen.headers} <= allowed
    targets = {seen.target for seen in station.origin.requests}
    assert targets == {"http://paper.example/feed", "http://paper.example/other"}


def test_the_user_agent_is_ours_with_a_contact_and_settable_for_all_and_for_one(station: Station) -> None:
    station.publish(tagged(rss("a")))
    station.configure(paper())
    station.poll()
    station.configure(paper(), user_agent="Gazette bot (+https://gazette.example)")
    station.poll()
    station.configure(paper(user_agent="just for you"))
    station.poll()
    agents = [seen.header("User-Agent") for seen in station.asked()]
    ours = f"aggregator/{__version__} (+ed@gazette.example)"
    assert agents == [ours, "Gazette bot (+https://gazette.example)", "just for you"]


def test_accept_prefers_feeds_and_a_406_is_tried_once_with_anything(station: Station) -> None:
    station.publish(Reply(406))
    station.configure(paper())
    failed(station.poll())
    first, second = (seen.header("Accept") or "" for seen in station.asked())
    names = [part.partition(";")[0].strip() for part in first.split(",")]
    assert names[:3] == ["application/atom+xml", "application/rss+xml", "application/feed+json"]
    assert "application/rdf+xml" in names
    assert names[-1] == "*/*"
    assert second == "*/*"


CODINGS = {
    "gzip": ("gzip", gzip.compress(rss("a"))),
    "br": ("br", brotli.compress(rss("a"))),
    "zstd": ("zstd", zstandard.compress(rss("a"))),
    "zlib deflate": ("deflate", zlib.compress(rss("a"))),
    "raw deflate": ("deflate", zlib.compress(rss("a"), wbits=-15)),
    "plain though called gzip": ("gzip", rss("a")),
}


@pytest.mark.parametrize(("coding", "body"), CODINGS.values(), ids=CODINGS.keys())
def test_every_coding_we_offer_is_read(station: Station, coding: str, body: bytes) -> None:
    station.publish(Reply(200, (("Content-Encoding", coding), ("ETag", '"1"')), body))
    station.configure(paper())
    station.poll()
    assert station.titles() == ["a"]
    offered = station.asked()[0].header("Accept-Encoding") or ""
    assert set(offered.replace(" ", "").split(",")) <= {"gzip", "deflate", "br", "zstd"}


def test_a_bomb_costs_one_failed_poll(station: Station) -> None:
    bomb = gzip.compress(b"\0" * 40_000_000)
    station.publish(Reply(200, (("Content-Encoding", "gzip"),), bomb))
    station.configure(paper())
    assert failed(station.poll()).kind is FailureKind.TOO_LARGE


def test_a_source_s_own_deadline_ends_a_slow_answer(station: Station) -> None:
    station.publish(Reply(200, (), rss("a"), drip=(1, 0.05)))
    station.configure(paper(timeout_s=0.3))
    assert failed(station.poll()).kind is FailureKind.TIMEOUT


FORBIDDEN = ["http://10.0.0.1/", "http://[::1]/", "http://169.254.169.254/latest", "ftp://a.example/"]


@pytest.mark.parametrize("target", FORBIDDEN)
def test_no_redirect_leads_where_we_must_not_go(station: Station, target: str) -> None:
    station.publish(redirect(target))
    station.configure(paper())
    assert failed(station.poll()).kind in {FailureKind.REFUSED, FailureKind.REDIRECT}
    assert len(station.origin.requests) == 1


def test_secrets_never_follow_a_redirect_to_another_origin(station: Station) -> None:
    station.publish(redirect("http://other.example/feed", 302))
    station.publish(tagged(rss("a")), host="other.example")
    station.configure(paper(auth="me:pw", headers=(("X-Key", "hush"),)), hosts=("other.example",))
    station.poll()
    (here,), (there,) = station.asked(), station.asked("other.example")
    assert (here.header("X-Key"), bool(here.header("Authorization"))) == ("hush", True)
    assert (there.header("X-Key"), there.header("Authorization")) == (None, None)


def test_a_circle_of_redirects_ends(station: Station) -> None:
    station.publish(redirect("http://paper.example/feed"))
    station.configure(paper())
    assert failed(station.poll()).kind is FailureKind.REDIRECT


def test_six_redirects_are_too_many(station: Station) -> None:
    station.publish(redirect("http://paper.example/1"))
    for n in range(1, 8):
        station.publish(redirect(f"http://paper.example/{n + 1}"), path=f"/{n}")
    station.configure(paper())
    assert failed(station.poll()).kind is FailureKind.REDIRECT
    assert len(station.origin.requests) <= 6
