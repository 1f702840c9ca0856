"""What came and went between two polls is read from the feed's further pages, where it has any."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from email.utils import format_datetime

import orjson
import pytest

from aggregator.daemon.journal import log_poll
from aggregator.model import Budget, TroubleKind
from aggregator.pipeline import gap
from aggregator.schedule.rhythm import load_rhythm
from aggregator.schedule.trouble import troubles_of_state
from aggregator.store.engine import writing
from aggregator.store.sources.claims import claim_due
from tests.origin import Reply, redirect
from tests.polling.station import DAY, HOUR, NOW, PATH, Station, paper, tagged

HOST = "http://paper.example"
#: of entry 0; each later one is ten minutes newer
FIRST, STEP = NOW - 2 * HOUR, timedelta(minutes=10)


def _rss(
    numbers: Sequence[int], older: str | None = None, *, relation: str = "next", dated: bool = True
) -> bytes:
    items = "".join(
        f"<item><guid isPermaLink='false'>n{n}</guid><title>n{n}</title><link>{HOST}/{n}</link>"
        + (f"<pubDate>{format_datetime(FIRST + n * STEP)}</pubDate>" if dated else "")
        + "</item>"
        for n in numbers
    )
    link = f'<atom:link rel="{relation}" href="{older}"/>' if older else ""
    return (
        "<rss version='2.0' xmlns:atom='http://www.w3.org/2005/Atom'><channel><title>Paper</title>"
        f"<link>{HOST}/</link>{link}{items}</channel></rss>"
    ).encode()


def _atom(numbers: Sequence[int], older: str | None = None) -> bytes:
    entries = "".join(
        f"<entry><id>tag:paper.example,2026:{n}</id><title>n{n}</title><link href='/{n}'/>"
        f"<updated>{(FIRST + n * STEP).isoformat()}</updated></entry>"
        for n in numbers
    )
    link = f'<link rel="prev-archive" href="{older}"/>' if older else ""
    return (
        f"<feed xmlns='http://www.w3.org/2005/Atom'><id>tag:paper.example,2026:f</id><title>Paper</title>"
        f"<updated>2026-03-02T00:00:00Z</updated>{link}{entries}</feed>"
    ).encode()


def _json(numbers: Sequence[int], older: str | None = None) -> bytes:
    items = [
        {"id": f"n{n}", "title": f"n{n}", "content_text": f"text {n}", "url": f"{HOST}/{n}"} for n in numbers
    ]
    feed = {"version": "https://jsonfeed.org/version/1.1", "title": "Paper", "items": items}
    return orjson.dumps(feed | ({"next_url": older} if older else {}))


def _down(first: int, last: int) -> range:
    """Numbers from *first* down to *last*, as feeds list them."""
    return range(first, last - 1, -1)


def _names(numbers: Sequence[int]) -> set[str]:
    return {f"n{n}" for n in numbers}


@pytest.fixture
def site(station: Station) -> Station:
    """A source whose document is read once: entries 0 to 2 and a page before them."""
    station.publish(tagged(_rss(_down(2, 0), f"{HOST}/p0")))
    station.configure(paper(), spacing_s=0)
    station.poll()
    return station


def _gaps(station: Station) -> int:
    return load_rhythm(station.state().rhythm).gaps


def _pages(station: Station) -> list[str]:
    """What was asked besides the document, in order."""
    targets = [seen.target for seen in station.origin.requests]
    return [target.removeprefix(HOST) for target in targets if not target.endswith(PATH)]


def _page(station: Station, path: str, reply: Reply | bytes) -> None:
    station.publish(reply if isinstance(reply, Reply) else Reply(200, (), reply), path=path)


def _turn_over(station: Station, older: str = f"{HOST}/p1", numbers: Sequence[int] = _down(12, 10)) -> None:
    station.publish(tagged(_rss(numbers, older), '"2"'))
    station.poll(after=HOUR)


def test_what_came_and_went_between_two_polls_is_taken_in_once_and_nothing_is_lost(site: Station) -> None:
    _page(site, "/p1", _rss(_down(10, 6), f"{HOST}/p2"))
    _page(site, "/p2", _rss(_down(5, 1), f"{HOST}/p3"))
    _turn_over(site)
    assert sorted(site.titles()) == sorted(_names(range(13)))
    assert _pages(site) == ["/p1", "/p2"]
    assert _gaps(site) == 0
    assert site.state().entry_count == 3
    troubles = troubles_of_state(site.state(), site.at)
    assert TroubleKind.LOSSY not in {trouble.kind for trouble in troubles}


def test_the_articles_stand_in_the_feed_of_the_source_newest_last_in_order_of_arrival(site: Station) -> None:
    _page(site, "/p1", _rss(_down(9, 2)))
    _turn_over(site)
    assert site.titles()[3:] == [f"n{n}" for n in range(3, 13)]


@pytest.mark.parametrize("relation", ["next", "prev-archive"])
@pytest.mark.parametrize("dated", [True, False], ids=["dated", "undated"])
def test_rss_names_its_pages_by_atom_links(station: Station, relation: str, dated: bool) -> None:
    station.configure(paper(), spacing_s=0)
    station.publish(tagged(_rss(_down(2, 0), dated=dated)))
    station.poll()
    station.publish(tagged(_rss(_down(8, 6), "/p1", relation=relation, dated=dated), '"2"'))
    _page(station, "/p1", _rss(_down(5, 0), dated=dated))
    station.poll(after=HOUR)
    assert sorted(station.titles()) == sorted(_names(range(9)))
    assert _gaps(station) == 0


def test_an_archived_atom_feed_is_followed(station: Station) -> None:
    station.configure(paper(), spacing_s=0)
    station.publish(tagged(_atom(_down(2, 0), "/archive/0")))
    station.poll()
    station.publish(tagged(_atom(_down(8, 6), "/archive/1"), '"2"'))
    # archives may list what is oldest first
    _page(station, "/archive/1", _atom(range(6), "/archive/0"))
    station.poll(after=HOUR)
    assert sorted(station.titles()) == sorted(_names(range(9)))
    assert _pages(station) == ["/archive/1"]


def test_the_next_url_of_a_json_feed_is_followed(station: Station) -> None:
    station.configure(paper(), spacing_s=0)
    station.publish(tagged(_json(_down(2, 0), "/feed?page=2")))
    station.poll()
    station.publish(tagged(_json(_down(8, 6), "/feed?page=2"), '"2"'))
    _page(station, "/feed?page=2", _json(_down(5, 0), "/feed?page=3"))
    station.poll(after=HOUR)
    assert sorted(station.titles()) == sorted(_names(range(9)))
    assert _gaps(station) == 0
    assert _pages(station) == ["/feed?page=2"]


def test_a_first_poll_asks_for_no_page(site: Station) -> None:
    assert _pages(site) == []
    assert sorted(site.titles()) == ["n0", "n1", "n2"]


def test_without_a_gap_nothing_else_is_asked(site: Station) -> None:
    for number, newest in enumerate((3, 5, 7), 2):
        site.publish(tagged(_rss(_down(newest, newest - 2), f"{HOST}/p1"), f'"{number}"'))
        site.poll(after=HOUR)
    site.publish(Reply(304, (("ETag", '"4"'),)))
    site.poll(after=HOUR)
    assert _pages(site) == []
    assert len(site.asked()) == 5


def test_a_filled_gap_costs_its_pages_once_and_the_next_poll_is_conditional(site: Station) -> None:
    _page(site, "/p1", Reply(200, (("ETag", '"page"'),), _rss(_down(9, 2))))
    _turn_over(site)
    site.publish(Reply(304, (("ETag", '"2"'),)))
    site.poll(after=HOUR)
    assert site.asked()[-1].header("If-None-Match") == '"2"'
    assert _pages(site) == ["/p1"]
    assert site.asked(path="/p1")[0].header("If-None-Match") is None


@pytest.mark.parametrize("older", [f"{HOST}{PATH}", f"{HOST}{PATH}#top", "/p1"])
def test_pages_that_lead_back_are_asked_once(site: Station, older: str) -> None:
    _page(site, "/p1", _rss(_down(9, 7), f"{HOST}/p2"))
    _page(site, "/p2", _rss(_down(6, 4), f"{HOST}/p1"))
    _turn_over(site, older)
    assert _pages(site) == (["/p1", "/p2"] if older == "/p1" else [])
    assert _gaps(site) == 1


@pytest.mark.parametrize(
    "older", ["http://foreign.example/p1", "ftp://paper.example/p1", "file:///etc/passwd"]
)
def test_pages_elsewhere_are_not_asked_for(site: Station, older: str) -> None:
    site.publish(Reply(200, (), _rss(_down(9, 2))), host="foreign.example", path="/p1")
    _turn_over(site, older)
    assert _pages(site) == []
    assert _gaps(site) == 1


def test_a_page_that_is_sent_elsewhere_is_not_taken_in(station: Station) -> None:
    station.configure(paper(), spacing_s=0, hosts=["foreign.example"])
    station.publish(tagged(_rss(_down(2, 0))))
    station.poll()
    station.publish(Reply(200, (), _rss(_down(9, 2))), host="foreign.example", path="/p1")
    _page(station, "/p1", redirect("http://foreign.example/p1"))
    _turn_over(station)
    assert sorted(station.titles()) == sorted(_names([0, 1, 2, 10, 11, 12]))


BAD_PAGES = {
    "missing": Reply(404),
    "broken": Reply(500),
    "gone": Reply(410),
    "not modified": Reply(304),
    "a page for people": Reply(200, (), b"<html><body><a href='/x'>n</a></body></html>"),
    "leads to a feed": Reply(
        200,
        (),
        b"<html><head><link rel='alternate' type='application/rss+xml' href='/other'></head></html>",
    ),
    "damaged": Reply(200, (), b"<rss><channel"),
    "cut off": Reply(200, (), b"<rss", length=100, close_after=150),
    "too large": Reply(200, (), b"<rss><!--" + b"x" * 17_000_000),
}


@pytest.mark.parametrize("bad", BAD_PAGES)
def test_a_page_that_fails_ends_the_walk_and_harms_nothing(site: Station, bad: str) -> None:
    _page(site, "/p1", _rss(_down(9, 7), f"{HOST}/p2"))
    _page(site, "/p2", BAD_PAGES[bad])
    _page(site, "/p3", _rss(_down(6, 2)))
    _turn_over(site)
    assert sorted(site.titles()) == sorted(_names([*range(3), *range(7, 13)]))
    assert (site.state().state, site.state().failures) == ("ok", 0)
    assert _gaps(site) == 1
    assert set(_pages(site)) == {"/p1", "/p2"}


def test_an_endless_archive_is_left_after_a_few_pages(site: Station) -> None:
    def page(number: int) -> None:
        low = 1000 - number * 3
        _page(site, f"/p{number}", _rss(_down(low + 2, low), f"{HOST}/p{number + 1}"))

    for number in range(1, 30):
        page(number)
    _turn_over(site, numbers=_down(2002, 2000))
    assert len(_pages(site)) == gap.MOST_PAGES
    assert len(site.titles()) == 3 + 3 + 3 * gap.MOST_PAGES
    assert _gaps(site) == 1


def test_a_page_of_thousands_is_taken_in_as_far_as_a_gap_may_bring(site: Station) -> None:
    _page(site, "/p1", _rss(_down(5000, 3)))
    _turn_over(site, numbers=_down(6002, 6000))
    assert len(site.titles()) == 6 + gap.MOST_ENTRIES


def test_a_slow_archive_costs_no_more_than_its_time(site: Station, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gap, "LONGEST_S", 0.5)
    _page(site, "/p1", _rss(_down(9, 7), f"{HOST}/p2"))
    _page(site, "/p2", Reply(is_held=True))
    _turn_over(site)
    assert sorted(site.titles()) == sorted(_names([*range(3), *range(7, 13)]))


def test_a_gap_that_cannot_be_filled_is_tried_once(site: Station) -> None:
    _page(site, "/p1", Reply(404))
    _turn_over(site)
    _turn_over(site, numbers=_down(22, 20))
    _turn_over(site, numbers=_down(32, 30))
    assert _pages(site) == ["/p1"]
    assert _gaps(site) == 3
    # the document holds something known again: the next gap is another
    _turn_over(site, numbers=_down(33, 31))
    _turn_over(site, numbers=_down(42, 40))
    assert _pages(site) == ["/p1", "/p1"]


def test_what_is_older_than_the_last_poll_is_not_fetched_after_all(site: Station) -> None:
    """New ids for old entries are no gap, and an archive holds what the source never had."""
    month = 30 * DAY // STEP
    _turn_over(site, numbers=_down(-month, -month - 2))
    assert _pages(site) == []
    _page(site, "/p1", _rss([*_down(9, 2), *_down(-month - 10, -month - 40)]))
    _turn_over(site, numbers=_down(-month - 3, -month - 5))
    assert _pages(site) == []


@pytest.mark.parametrize("older", [None, f"{HOST}/p1"])
def test_known_articles_under_ids_and_links_made_anew_are_no_gap_but_where_pages_could_tell(
    station: Station, older: str | None
) -> None:
    station.configure(paper(), spacing_s=0)
    for poll in range(4):
        document = _rss(_down(poll + 2, poll), older)
        for before in (b"'false'>", b"<link>%s/" % HOST.encode()):
            document = document.replace(before, before + b"%d-" % poll)
        station.publish(tagged(document, f'"{poll}"'))
        station.poll(after=HOUR * bool(poll))
    assert sorted(station.titles()) == sorted(_names(range(6)))
    assert _gaps(station) == (3 if older else 0)
    assert _pages(station) == (["/p1"] if older else [])


def test_a_document_that_breaks_off_behind_its_news_is_no_gap(site: Station) -> None:
    whole = _rss(_down(3, 0))
    site.publish(tagged(whole[: whole.index(b"<title>n2")], '"2"'))
    site.poll(after=HOUR)
    assert site.titles()[-1] == "n3"
    assert _gaps(site) == 0


def test_an_archive_brings_nothing_from_before_the_source_was_known(site: Station) -> None:
    month = 30 * DAY // STEP
    _page(site, "/p1", _rss([*_down(9, 2), *_down(-month, -month - 40)]))
    _turn_over(site)
    assert sorted(site.titles()) == sorted(_names(range(13)))


def test_an_old_state_of_a_stored_entry_in_an_archive_is_no_edit(site: Station) -> None:
    stale = _rss(_down(9, 1)).replace(b"<title>n2</title>", b"<title>as it was once</title>")
    _page(site, "/p1", stale)
    _turn_over(site)
    assert sorted(site.titles()) == sorted(_names([*range(13)]))


def test_a_page_that_asks_to_wait_is_obeyed(site: Station) -> None:
    _page(site, "/p1", Reply(429, (("Retry-After", "86000"),)))
    _turn_over(site)
    assert site.wait() >= timedelta(seconds=86000)
    assert site.state().failures == 0


def test_a_complete_feed_has_no_further_pages(site: Station) -> None:
    complete = b"<fh:complete xmlns:fh='http://purl.org/syndication/history/1.0'/><title>Paper</title>"
    body = _rss(_down(12, 10), f"{HOST}/p1").replace(b"<title>Paper</title>", complete)
    site.publish(tagged(body, '"2"'))
    site.poll(after=HOUR)
    assert _pages(site) == []


def test_an_archive_that_says_it_is_complete_withdraws_nothing(site: Station) -> None:
    complete = b"<fh:complete xmlns:fh='http://purl.org/syndication/history/1.0'/><title>Paper</title>"
    _page(site, "/p1", _rss(_down(9, 2)).replace(b"<title>Paper</title>", complete))
    _turn_over(site)
    assert sorted(site.titles()) == sorted(_names(range(13)))


def test_requests_to_a_public_site_keep_their_distance(
    site: Station, monkeypatch: pytest.MonkeyPatch
) -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    _page(site, "/p1", _rss(_down(9, 2)))
    site.configure(paper(), spacing_s=7.0)
    monkeypatch.setattr(gap.asyncio, "sleep", sleep)
    _turn_over(site)
    assert 7.0 in slept
    assert len(site.titles()) == 13


def test_the_log_says_how_many_older_entries_were_read(
    site: Station, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    _page(site, "/p1", _rss(_down(9, 2)))
    site.publish(tagged(_rss(_down(12, 10), "/p1"), '"2"'))
    site.at += 2 * HOUR
    with writing(site.engine) as connection:
        (claim,) = claim_due(connection, site.at, Budget(per_host=2), limit=1, seconds=60)
    (polled,) = site.work([claim])
    log_poll(polled, 10)
    assert "entries=3 older=8 new=10" in caplog.text
    assert polled.outcome.requests == 2


def test_another_host_of_the_site_is_asked_without_the_source_s_password(station: Station) -> None:
    station.configure(paper(auth="me:secret"), spacing_s=0, hosts=["archive.paper.example"])
    station.publish(tagged(_rss(_down(2, 0))))
    station.poll()
    station.publish(Reply(200, (), _rss(_down(9, 5), "/p2")), host="archive.paper.example", path="/p1")
    station.publish(Reply(200, (), _rss(_down(4, 2))), host="archive.paper.example", path="/p2")
    _turn_over(station, "http://archive.paper.example/p1")
    (page,) = station.asked("archive.paper.example", "/p1")
    assert page.header("Authorization") is None
    assert station.asked()[-1].header("Authorization") is not None
    assert sorted(station.titles()) == sorted(_names(range(13)))


def test_a_source_that_a_hub_pushes_is_asked_for_no_page(site: Station) -> None:
    site.publish(tagged(_rss(_down(12, 10), f"{HOST}/p1"), '"2"'))
    site.at += 2 * HOUR
    with writing(site.engine) as connection:
        (claim,) = claim_due(connection, site.at, Budget(per_host=2), limit=1, seconds=60)
    site.work([replace(claim, pushed_until=site.at + DAY)])
    assert _pages(site) == []
