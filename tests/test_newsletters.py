"""Newsletters from the form on the page to the mailbox: a real mail server, real databases, two workers."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
from sqlalchemy import Engine, select

from aggregator.daemon.newsletters import Newsletters
from aggregator.daemon.storethread import StoreThread
from aggregator.model import Configuration, Feed, Site, Timed
from aggregator.model.outgoing import Mail, Newsletter
from aggregator.pipeline.issuing import make_issues
from aggregator.pipeline.telling import Teller
from aggregator.store.clock import plan_by
from aggregator.store.engine import writing
from aggregator.store.outgoing.newsletters import (
    ask_to_subscribe,
    bounce_address,
    forget_old_mail,
    list_subscribers,
)
from aggregator.store.tables import mailings
from aggregator.web.app import create_app
from tests.mailserver import mail_server
from tests.store.making import apply, arrive, count, entry, source

SITE = Site(title="Thames Gazette", url="https://gazette.example", timezone="Europe/London", language="en-GB")
#: a Wednesday, before the edition of seven o'clock
EVE = datetime(2026, 3, 3, 12, 0, tzinfo=UTC)
MORNING = datetime(2026, 3, 4, 7, 0, 20, tzinfo=UTC)


class Press:
    """A paper with a newsletter, its worker's clock, and a reader's browser."""

    def __init__(
        self, engine: Engine, port: int, feed: dict[str, object] | None = None, **newsletter: object
    ) -> None:
        self.now = EVE
        self.engine = engine
        settings = {"recipients": ("ann@a.example",), "is_open": True, **newsletter}
        self.configuration = Configuration(
            site=SITE,
            sources=(source("Harbour Herald"), source("Tide Tribune", content="link")),
            feeds=(Feed(slug="front-page", title="Front page", **(feed or {})),),
            mail=Mail(host="127.0.0.1", port=port, security="none", sender="Gazette <paper@gazette.example>"),
            newsletters=(
                Newsletter(
                    slug="daily", title="The Daily", feed="front-page", schedule="0 7 * * *", **settings
                ),
            ),
        )
        apply(engine, self.configuration)
        self.web = create_app(engine).test_client()

    def tick(self) -> None:
        with StoreThread(self.engine) as store:
            asyncio.run(Newsletters(store, lambda: self.now).send_due(self.configuration))

    def publish(self, *titles: str, slug: str = "harbour-herald") -> None:
        entries = [entry(title.replace(" ", "-"), title=title, published=self.now) for title in titles]
        saved = arrive(self.engine, slug, *entries, feeds=["front-page"], at=self.now)
        with writing(self.engine) as connection:
            Teller().tell(connection, saved.arrived)

    def states(self) -> dict[str, str]:
        with writing(self.engine) as connection:
            return {one.address: one.state for one in list_subscribers(connection)}


@pytest.fixture
def box():
    with mail_server() as running:
        yield running


@pytest.fixture
def press(engine, box):
    """A paper whose newsletter was first seen on the eve."""
    made = Press(engine, box.port)
    made.tick()
    return made


def link(message, word):
    found = re.search(
        rf"https://gazette\.example(/newsletters/daily/{word}/\S+)",
        message.get_body(("plain",)).get_content(),
    )
    assert found, word
    return found[1]


def test_an_edition_brings_what_is_new_once_whatever_workers_there_are(press, box):
    press.publish("High water", "Low bridge")
    press.publish("Elsewhere", slug="tide-tribune")
    press.tick()
    assert box.taken == [], "it is not time yet"
    press.now = MORNING
    press.tick()
    press.tick()
    press.now += timedelta(minutes=5)
    press.tick()
    (message,) = box.to("ann@a.example")
    text, html = (message.get_body((kind,)).get_content() for kind in ("plain", "html"))
    for title in ("High water", "Low bridge", "Elsewhere"):
        assert title in text
        assert title in html
    assert "Words about High-water" in text
    assert "Words about Elsewhere" not in text, "its source allows the headline alone"
    assert message["Subject"].startswith("The Daily: ")
    assert "Wednesday, Mar 4, 2026" in text
    assert "<style" not in html
    assert 'style="' in html


def test_a_paper_with_letters_of_its_own_in_its_address_sends_mail(press, box):
    site = replace(SITE, url="https://bücher.example:8443")
    press.configuration = replace(press.configuration, site=site)
    press.publish("High water")
    press.now = MORNING
    press.tick()
    (message,) = box.to("ann@a.example")
    assert message["Message-ID"].endswith("@xn--bcher-kva.example>")
    assert message["List-ID"] == "<daily.xn--bcher-kva.example>"


def test_the_next_edition_has_only_what_came_since_and_none_is_sent_without_news(press, box):
    press.publish("High water")
    press.now = MORNING
    press.tick()
    press.publish("Low bridge")
    press.now = MORNING + timedelta(days=1)
    press.tick()
    second = box.to("ann@a.example")[1].get_body(("plain",)).get_content()
    assert "Low bridge" in second
    assert "High water" not in second
    press.now = MORNING + timedelta(days=2)
    press.tick()
    assert len(box.taken) == 2


def report(press, slug, number, title="Lambourne Bridge shut after hinge cracks alarm inspectors", words=50):
    """One of many reports of one thing: the same words under another id."""
    one = entry(
        f"r{number}",
        title=title,
        link=f"https://{slug}.example/{number}",
        content="<p>"
        + "Inspectors found hairline cracks in the iron hinge of Lambourne Bridge. " * 9
        + "</p>",
        words=words,
        published=press.now,
    )
    saved = arrive(press.engine, slug, one, feeds=["front-page"], at=press.now)
    with writing(press.engine) as connection:
        Teller().tell(connection, saved.arrived)


def test_a_story_is_told_once_by_its_best_copy_and_not_again_when_coverage_grows(engine, box):
    press = Press(engine, box.port, feed={"duplicates": "story"})
    press.tick()
    report(press, "harbour-herald", 1, words=90)
    report(press, "tide-tribune", 2, words=900)
    press.publish("High water")
    press.now = MORNING
    press.tick()
    text = box.to("ann@a.example")[0].get_body(("plain",)).get_content()
    assert text.count("Lambourne") == 1
    assert "Tide Tribune" in text, "the fullest copy stands for the story"
    report(press, "harbour-herald", 3)
    press.now = MORNING + timedelta(days=1)
    press.tick()
    assert len(box.to("ann@a.example")) == 1, "nothing new was told, so nothing is sent"


def test_what_came_late_is_in_the_edition_however_much_of_the_feed_is_newer(press, box):
    many = [entry(f"n{number}", published=EVE - timedelta(minutes=number)) for number in range(250)]
    arrive(press.engine, "harbour-herald", *many, feeds=["front-page"], at=press.now)
    press.now = MORNING
    press.tick()
    late = entry("late", title="Found in the archive", published=EVE - timedelta(days=30))
    arrive(press.engine, "tide-tribune", late, feeds=["front-page"], at=press.now)
    press.now += timedelta(days=1)
    press.tick()
    second = box.to("ann@a.example")[1].get_body(("plain",)).get_content()
    assert "Found in the archive" in second
    assert "Title of n0" not in second


def test_editions_of_a_clock_that_was_a_month_ahead_stop_none_and_nothing_is_told_twice(press, box):
    press.tick()
    press.publish("First report")
    press.now = MORNING + timedelta(days=30)
    box.busy = "451 not now"
    press.tick()
    press.now, box.busy = MORNING, ""
    with writing(press.engine) as connection:
        plan_by(connection, press.now)
    press.tick()
    press.publish("Second report")
    press.now += timedelta(days=1)
    press.tick()
    told = [message.get_body(("plain",)).get_content() for message in box.to("ann@a.example")]
    assert [("First report" in text, "Second report" in text) for text in told] == [
        (True, False),
        (False, True),
    ]


def test_an_edition_that_was_missed_for_long_is_not_sent_late(press, box):
    press.publish("High water")
    press.now = MORNING + timedelta(hours=13)
    press.tick()
    assert box.taken == []


def test_who_reads_already_gets_no_late_edition_and_its_news_in_the_next(press, box):
    press.publish("High water")
    press.now = MORNING
    press.tick()
    press.publish("Low bridge")
    press.now = MORNING + timedelta(days=1, hours=13)
    press.tick()
    assert len(box.taken) == 1
    press.publish("New pier")
    press.now = MORNING + timedelta(days=2)
    press.tick()
    text = box.to("ann@a.example")[1].get_body(("plain",)).get_content()
    assert "Low bridge" in text
    assert "New pier" in text
    assert "High water" not in text


def test_a_newsletter_that_was_away_for_days_sends_no_edition_of_before(press, box):
    box.busy = "451 not now"
    press.publish("High water")
    press.now = MORNING
    press.tick()
    box.busy, kept = "", press.configuration
    press.configuration = replace(kept, newsletters=())
    press.now += timedelta(hours=1)
    press.tick()
    with writing(press.engine) as connection:
        assert connection.scalars(select(mailings.c.state)).all() == ["waiting"]
    press.configuration = kept
    press.tick()
    assert len(box.taken) == 1, "it is back in time"
    box.busy = "451 not now"
    press.publish("Low bridge")
    press.now = MORNING + timedelta(days=1)
    press.tick()
    box.busy, press.configuration = "", replace(kept, newsletters=())
    press.now += timedelta(days=3)
    press.tick()
    press.configuration = kept
    press.tick()
    assert len(box.taken) == 1, "nobody wants the paper of three days ago"


def test_anybody_subscribes_with_two_yeses_and_leaves_with_one_click(press, box):
    asked = press.web.post("/newsletters/daily", data={"email": "bob@b.example"})
    assert asked.status_code == 202
    press.web.post("/newsletters/daily", data={"email": "bob@b.example"})
    press.now = datetime.now(UTC)  # the pages have a clock of their own
    press.tick()
    (question,) = box.to("bob@b.example")
    yes = link(question, "confirm")
    assert press.web.get(yes).status_code == 200
    assert press.states()["bob@b.example"] == "asked", "looking at the link changes nothing"
    assert "from the next edition on" in press.web.post(yes).text
    press.publish("High water")
    # soon after an edition, whatever hour it is now
    press.now = (press.now + timedelta(days=1)).replace(hour=8)
    press.tick()
    edition = box.to("bob@b.example")[1]
    leave = urlsplit(edition["List-Unsubscribe"].strip("<>")).path
    assert edition["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert press.web.get(leave).status_code == 200
    assert press.states()["bob@b.example"] == "subscribed"
    assert press.web.post(leave, data={"List-Unsubscribe": "One-Click"}).status_code == 200
    press.publish("Low bridge")
    press.now += timedelta(days=1)
    press.tick()
    assert len(box.to("bob@b.example")) == 2
    assert len(box.to("ann@a.example")) == 2


def test_who_unsubscribed_stays_out_although_the_configuration_names_them(press, box):
    press.publish("High water")
    press.now = MORNING
    press.tick()
    press.web.post(link(box.to("ann@a.example")[0], "unsubscribe"))
    press.publish("Low bridge")
    press.now = MORNING + timedelta(days=1)
    press.tick()
    assert len(box.taken) == 1
    assert press.states() == {"ann@a.example": "unsubscribed"}


def test_an_address_that_bounced_gets_nothing_more(press, box):
    box.refused["ann@a.example"] = "550 no such user"
    press.publish("High water")
    press.now = MORNING
    press.tick()
    assert press.states() == {"ann@a.example": "bounced"}
    box.refused.clear()
    press.publish("Low bridge")
    press.now = MORNING + timedelta(days=1)
    press.tick()
    assert box.taken == []


def test_a_bounce_that_came_later_counts_too(press, box):
    press.publish("High water")
    press.now = MORNING
    press.tick()
    with writing(press.engine) as connection:
        assert bounce_address(connection, "ANN@a.example", press.now, "returned") == 1
    assert press.states() == {"ann@a.example": "bounced"}


def test_a_busy_server_gets_the_message_later_and_once(press, box):
    box.busy = "451 not now"
    press.publish("High water")
    press.now = MORNING
    press.tick()
    press.tick()
    box.busy = ""
    press.now = MORNING + timedelta(minutes=2)
    press.tick()
    press.tick()
    assert len(box.to("ann@a.example")) == 1


def test_a_message_that_could_not_be_written_is_tried_again(press, box, monkeypatch):
    press.publish("High water")
    press.now = MORNING
    with monkeypatch.context() as broken:
        broken.setattr("aggregator.daemon.newsletters.digest", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            press.tick()
    assert box.taken == []
    press.now += timedelta(minutes=2)
    press.tick()
    press.tick()
    assert len(box.to("ann@a.example")) == 1


@pytest.mark.parametrize(
    "address",
    ["", "ann", "ann@", "a b@c.example", "ann@c.example\nBcc: x@y.example", "x" * 300 + "@c.example"],
)
def test_what_is_no_address_is_refused(press, address):
    assert press.web.post("/newsletters/daily", data={"email": address}).status_code == 400
    assert press.states() == {}


def test_too_many_questions_close_the_form_for_a_day_and_not_for_ever(press, monkeypatch):
    monkeypatch.setattr("aggregator.store.outgoing.newsletters.MOST_ASKED", 2)

    def ask(address: str) -> bool:
        with writing(press.engine) as connection:
            return ask_to_subscribe(connection, "daily", address, press.now)

    assert [ask("bob@b.example"), ask("cy@c.example"), ask("di@d.example")] == [True, True, False]
    press.now += timedelta(days=2)
    assert ask("di@d.example")


def test_one_mailbox_gets_few_questions_a_day_whatever_names_it_is_given(press, box):
    names = [*(f"Bob+{n}" for n in range(9)), "bob", "b.o.b", "b.ob+%", "BO.B"]
    for address in (*(f"{name}@c.example" for name in names), "bobby@c.example", "bob@d.example"):
        with writing(press.engine) as connection:
            assert ask_to_subscribe(connection, "daily", address, press.now)
    press.tick()
    sent = {address for address in press.states() if box.to(address)}
    assert len([address for address in sent if address.lower().startswith("b") and "+" in address]) == 3
    assert sent >= {"bobby@c.example", "bob@d.example"}
    assert len(sent) == 5


def test_a_wish_of_a_clock_that_was_ahead_is_heard_by_the_true_one(press, box):
    with writing(press.engine) as connection:
        ask_to_subscribe(connection, "daily", "bob@b.example", press.now + timedelta(days=300))
        ask_to_subscribe(connection, "daily", "bob@b.example", press.now)
        ask_to_subscribe(connection, "daily", "bob@b.example", press.now)
    press.tick()
    assert len(box.to("bob@b.example")) == 1


def test_who_never_answers_is_forgotten_and_so_is_what_was_sent_long_ago(press, box):
    press.publish("High water")
    with writing(press.engine) as connection:
        ask_to_subscribe(connection, "daily", "bob@b.example", press.now)
    press.now = MORNING
    press.tick()
    assert len(box.taken) == 2
    for days, people, messages in ((25, {"ann@a.example", "bob@b.example"}, 2), (10, {"ann@a.example"}, 0)):
        press.now += timedelta(days=days)
        with writing(press.engine) as connection:
            forget_old_mail(connection, press.now)
            assert count(connection, mailings) == messages
        assert press.states().keys() == people
    press.publish("Low bridge")
    press.tick()
    assert len(box.to("ann@a.example")) == 2


def test_a_link_that_nobody_was_sent_does_nothing(press):
    for path in ("confirm/" + "x" * 32, "unsubscribe/" + "x" * 32, "confirm/short", "delete/" + "x" * 32):
        assert press.web.post(f"/newsletters/daily/{path}").status_code == 404
    assert press.web.post("/newsletters/weekly", data={"email": "a@b.example"}).status_code == 404


def test_a_closed_newsletter_has_no_form(engine, box):
    press = Press(engine, box.port, is_open=False)
    assert press.web.post("/newsletters/daily", data={"email": "bob@b.example"}).status_code == 404
    assert b"/newsletters/daily" not in press.web.get("/").data


def test_an_open_newsletter_has_its_form_in_the_box(press):
    assert b'action="/newsletters/daily"' in press.web.get("/").data
    assert press.web.get("/newsletters/daily").status_code == 200


def test_a_newsletter_of_the_same_minute_waits_for_the_issue(engine, box):
    press = Press(engine, box.port, {"timed": Timed(form="digest", every="day", hour=7)})
    make_issues(engine, EVE)
    press.tick()
    press.publish("High water")
    press.now = MORNING
    # another worker is still at the issue
    press.tick()
    assert box.taken == []
    make_issues(engine, MORNING)
    press.tick()
    (message,) = box.to("ann@a.example")
    assert "High water" in message.get_body(("plain",)).get_content()
    press.now = MORNING + timedelta(days=1)
    make_issues(engine, press.now)
    press.tick()
    assert len(box.taken) == 1, "no news, no letter"
