"""Moves and ends: what is believed of a new address, when, and how it is undone (RFC 9110 §15.4)."""

from __future__ import annotations

import pytest

from aggregator.model import Configuration, FailureKind, Fetched, Gone, Source
from aggregator.store.engine import writing
from aggregator.store.sources.claims import claim_sources
from tests.origin import Reply, document, redirect
from tests.polling.station import DAY, HOUR, NOW, Station, failed, paper, rss, tagged
from tests.store.making import apply

NEW = "http://new.example/feed"
OLD = "http://paper.example/feed"


def moved(station: Station, status: int = 301, target: str = NEW) -> None:
    """The paper stands at a new address now, and the old one says so."""
    station.publish(tagged(rss("a")), host="new.example")
    station.publish(redirect(target, status))
    station.configure(paper(), hosts=("new.example", "other.example"))


def see(station: Station, times: int = 4) -> None:
    """Poll once a day."""
    for _ in range(times):
        station.poll(after=DAY)


@pytest.mark.parametrize("status", [301, 308])
def test_a_permanent_redirect_is_believed_after_three_sightings_over_two_days(
    station: Station, status: int
) -> None:
    moved(station, status)
    see(station, 2)
    assert not station.state().is_moved
    see(station, 1)
    assert station.state().is_moved
    assert station.state().moved_to == NEW
    old_requests = len(station.asked())
    see(station, 1)
    assert len(station.asked()) == old_requests, "the new address is asked directly"


def test_many_sightings_on_one_day_are_a_captive_portal(station: Station) -> None:
    moved(station)
    for _ in range(10):
        station.poll(after=HOUR)
    assert not station.state().is_moved


@pytest.mark.parametrize("status", [302, 303, 307])
def test_a_temporary_redirect_is_followed_and_never_stored(station: Station, status: int) -> None:
    moved(station, status)
    see(station, 6)
    assert station.titles() == ["a"]
    assert station.state().moved_to is None


def test_one_temporary_hop_makes_the_chain_temporary(station: Station) -> None:
    moved(station, 301, "http://other.example/feed")
    station.publish(redirect(NEW, 302), host="other.example")
    see(station, 6)
    assert station.titles() == ["a"]
    assert station.state().moved_to is None


def test_a_permanent_redirect_to_something_else_is_never_believed(station: Station) -> None:
    moved(station)
    station.publish(Reply(200, (("Content-Type", "text/html"),), b"<html>Welcome</html>"), host="new.example")
    see(station, 6)
    assert station.state().moved_to is None


def test_a_redirect_that_changes_its_target_starts_to_count_again(station: Station) -> None:
    moved(station)
    see(station, 2)
    station.publish(tagged(rss("a")), host="other.example")
    station.publish(redirect("http://other.example/feed", 301))
    see(station, 2)
    assert not station.state().is_moved


def test_the_old_url_stays_an_alias_and_the_line_to_change_is_known(station: Station) -> None:
    moved(station)
    see(station)
    for handle in (OLD, NEW):
        assert station.state(handle).slug == "paper"
    assert station.state().source.url == OLD
    assert station.state().source.where == "a.yaml:3"


def test_changing_the_line_keeps_everything_and_ends_the_move(station: Station) -> None:
    moved(station)
    see(station)
    station.configure(paper(NEW), hosts=("new.example",))
    state = station.state()
    assert (state.slug, state.is_moved, state.moved_to) == ("paper", False, None)
    assert station.wait() > DAY * 0, "nothing is asked again because of the edit"
    see(station, 1)
    assert station.asked("new.example")[-1].header("If-None-Match") == '"1"'
    assert station.titles() == ["a"]


def test_when_the_new_address_dies_the_configured_one_is_asked_again(station: Station) -> None:
    moved(station)
    see(station)
    station.publish(Reply(404), host="new.example")
    station.publish(tagged(rss("b")))
    see(station, 4)
    assert station.titles() == ["a", "b"]
    assert not station.state().is_moved
    assert station.state().failures == 0


NEW_URL = f"<itunes:new-feed-url>{NEW}</itunes:new-feed-url>"


def test_a_podcast_s_own_word_of_its_new_address_is_tried_and_then_believed(station: Station) -> None:
    station.publish(document(rss("a", extra=NEW_URL), etag='"1"'))
    station.publish(tagged(rss("a", "b")), host="new.example")
    station.configure(paper(), hosts=("new.example",))
    see(station, 3)
    assert station.asked("new.example") == []
    see(station, 1)
    assert len(station.asked("new.example")) == 1
    assert station.state().is_moved
    assert station.state().moved_to == NEW


def test_a_new_address_that_is_no_feed_is_not_believed(station: Station) -> None:
    station.publish(document(rss("a", extra=NEW_URL), etag='"1"'))
    station.publish(Reply(404), host="new.example")
    station.configure(paper(), hosts=("new.example",))
    see(station, 5)
    state = station.state()
    assert (state.is_moved, state.failures) == (False, 0)
    assert len(station.asked("new.example")) == 1
    assert len(station.asked()) == 4


def test_a_feed_that_names_itself_has_not_moved(station: Station) -> None:
    own = f"<itunes:new-feed-url>{OLD}</itunes:new-feed-url>"
    station.publish(tagged(rss("a", extra=own)))
    station.configure(paper())
    see(station, 5)
    assert station.state().moved_to is None


def test_rel_self_never_rewrites_the_url(station: Station) -> None:
    self_link = f"<atom:link xmlns:atom='http://www.w3.org/2005/Atom' rel='self' href='{NEW}'/>"
    station.publish(tagged(rss("a", extra=self_link)))
    station.configure(paper(), hosts=("new.example",))
    see(station, 5)
    assert station.state().moved_to is None
    assert station.asked("new.example") == []


def test_validators_do_not_follow_a_move(station: Station) -> None:
    station.publish(tagged(rss("a"), '"old"'))
    station.configure(paper(), hosts=("new.example",))
    see(station, 1)
    moved(station)
    see(station, 1)
    assert station.asked()[-1].header("If-None-Match") == '"old"'
    assert station.asked("new.example")[0].header("If-None-Match") is None


def test_secrets_stay_with_the_configured_origin_after_a_move(station: Station) -> None:
    moved(station)
    secret = paper(headers=(("X-Key", "hush"),), auth="me:pw")
    station.configure(secret, hosts=("new.example",))
    see(station)
    assert station.asked()[0].header("X-Key") == "hush"
    assert station.asked()[0].header("Authorization")
    for seen in station.asked("new.example"):
        assert seen.header("X-Key") is None
        assert seen.header("Authorization") is None


def test_gone_ends_polling_until_a_person_changes_something(station: Station) -> None:
    station.publish(Reply(410))
    station.configure(paper())
    assert isinstance(station.poll(), Gone)
    assert station.state().state == "gone"
    assert station.tick(after=400 * DAY) == []
    apply(station.engine, Configuration(), station.at)
    station.configure(paper(where="a.yaml:9"))
    assert station.tick() == ["paper"]


def test_gone_by_mistake_is_polled_again_once_a_person_asked_for_it(station: Station) -> None:
    station.publish([Reply(410), tagged(rss("a"))])
    station.configure(paper())
    station.poll()
    with writing(station.engine) as connection:
        assert claim_sources(connection, None, station.at, seconds=60, respect_due=False) == (), "poll --all"
    assert isinstance(station.poll(after=DAY), Fetched)
    assert (station.state().state, station.titles()) == ("ok", ["a"])
    assert station.tick(after=2 * DAY) == ["paper"]


BACK_OFF = [401, 403, 404, 451, 500, 502, 503]


@pytest.mark.parametrize("status", BACK_OFF)
def test_failures_back_off_up_to_a_day_and_delete_nothing(station: Station, status: int) -> None:
    station.publish([tagged(rss("a")), Reply(status)])
    station.configure(paper())
    station.poll()
    waits = []
    for _ in range(8):
        station.at = station.state().next_poll or NOW
        assert station.tick() == ["paper"], "never given up"
        waits.append(station.wait())
    assert waits == sorted(waits) or max(waits) > 0.8 * DAY
    assert 0.8 * DAY < waits[-1] <= DAY
    assert station.titles() == ["a"]
    assert station.state().failures == 8


def test_success_ends_the_back_off(station: Station) -> None:
    station.publish([Reply(500), Reply(500), tagged(rss("a"))])
    station.configure(paper())
    for _ in range(3):
        station.poll(after=DAY)
    state = station.state()
    assert (state.failures, state.reason, state.state) == (0, None, "ok")


def test_a_bot_wall_is_a_class_of_its_own(station: Station) -> None:
    wall = Reply(403, (("cf-mitigated", "challenge"),), b"<!doctype html><title>Just a moment...</title>")
    station.publish([tagged(rss("a")), wall])
    station.configure(paper())
    station.poll()
    assert failed(station.poll(after=DAY)).kind is FailureKind.CHALLENGE
    assert "Cloudflare" in (station.state().reason or "")
    assert station.titles() == ["a"]


def test_html_where_a_feed_was_leaves_the_articles_alone(station: Station) -> None:
    page = b"<html><head><link rel='alternate' type='application/rss+xml' href='/real.xml'></head></html>"
    station.publish([tagged(rss("a")), Reply(200, (("Content-Type", "text/html"),), page)])
    station.origin.on("http://paper.example/real.xml", tagged(rss("b")))
    station.configure(paper())
    station.poll()
    answer = failed(station.poll(after=DAY))
    assert answer.kind is FailureKind.NOT_A_FEED
    assert "http://paper.example/real.xml" in answer.reason
    assert station.titles() == ["a"]
    assert station.asked()[1].header("If-None-Match") == '"1"'
    station.poll(after=DAY)
    assert station.asked()[2].header("If-None-Match") == '"1"', "the page's validators were not kept"


def test_a_page_of_another_address_is_named_without_its_query(station: Station) -> None:
    station.publish(redirect("http://paper.example/login?next=/feed&token=secret", 302))
    page = b"<html><title>Sign in</title></html>"
    station.origin.on("http://paper.example/login?next=/feed&token=secret", Reply(200, (), page))
    station.configure(paper())
    reason = failed(station.poll()).reason
    assert reason.endswith("A redirect led to http://paper.example/login.")


def test_a_moved_source_counts_against_the_site_it_is_asked_at(station: Station) -> None:
    moved(station)
    see(station)
    assert station.state().group == "new.example"
    station.configure(Source(url="http://other.example/feed", name="Paper"))
    assert station.state().group == "other.example"
