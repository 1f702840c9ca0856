"""Newsletters by the command line: who reads them, who bounced, what is refused."""

from __future__ import annotations

from datetime import UTC, datetime

from aggregator.store.engine import open_engine, writing
from aggregator.store.outgoing.newsletters import ask_to_subscribe, list_subscribers, set_state
from tests.running import json_lines, printed, refused

EVE = datetime(2026, 3, 3, 12, 0, tzinfo=UTC)


def test_the_command_line_lists_readers_and_takes_a_bounced_address_off(tmp_path):
    config = tmp_path / "aggregator.yaml"
    config.write_text(
        "database: sqlite:///paper.db\n"
        "feeds: {front-page: {title: Front page}}\n"
        'mail: {host: mail.example, from: "Gazette <paper@gazette.example>", password: "${PASSWORD:-x}"}\n'
        'newsletters: {daily: {feed: front-page, schedule: "0 7 * * *", subscribe: open}}\n'
    )
    assert printed(config, "subscribers") == ""
    assert "there is no newsletter 'dayly'; there are daily" in refused(config, "subscribers", "dayly")
    engine = open_engine(f"sqlite:///{tmp_path / 'paper.db'}")
    with writing(engine) as connection:
        ask_to_subscribe(connection, "daily", "bob@b.example", EVE)
        (bob,) = list_subscribers(connection, "daily")
        set_state(connection, "daily", bob.token, "subscribed", EVE)
    engine.dispose()
    assert printed(config, "bounced", "bob@b.example") == "bob@b.example is off 1 newsletter.\n"
    assert json_lines(config, "subscribers") == [
        {"newsletter": "daily", "address": "bob@b.example", "state": "bounced"}
    ]
    assert "gets no newsletter" in refused(config, "bounced", "bob@b.example")


def test_a_newsletter_without_mail_server_or_feed_is_refused(tmp_path):
    config = tmp_path / "aggregator.yaml"
    config.write_text(
        'feeds: {front-page: {title: F}}\nnewsletters: {daily: {feed: front-page, schedule: "0 7 * * *"}}\n'
    )
    assert "newsletters need a mail server" in refused(config, "check")
    config.write_text(
        "feeds: {front-page: {title: F}}\nwebhooks: {x: {feed: nowhere, url: 'https://a.example/'}}\n"
    )
    assert "there is no feed nowhere" in refused(config, "check")
