"""Texts of any kind reach the store, to be kept or to be looked for; none breaks it, on either engine."""

from __future__ import annotations

import random
import string

import pytest
from sqlalchemy import Engine

from aggregator.model import Configuration, Validators
from aggregator.model.push import HubRequest
from aggregator.store.articles.listing import find_by_address
from aggregator.store.articles.page_texts import find_page
from aggregator.store.engine import reading, writing
from aggregator.store.feeds.bylines import find_author
from aggregator.store.feeds.heads import find_feed, is_removed
from aggregator.store.feeds.tokens import add_token, list_tokens
from aggregator.store.outgoing.newsletters import ask_to_subscribe, bounce_address, find_subscriber, set_state
from aggregator.store.push.hub_requests import add_request, claim_requests, confirm
from aggregator.store.push.inbox import find_subscription
from aggregator.store.push.subscriptions import note_denied
from aggregator.store.sources.lists import load_lists, save_list
from aggregator.store.sources.states import find_source
from tests.store.making import NOW, apply, arrive, entry, head_of, source

ODD = {"NUL": "a\x00b", "a lone surrogate": "a\ud800b", "nothing else": "\x00\udfff", "quotes": "'\"%_\\\n"}
#: cannot be compressed, and no index of PostgreSQL takes as much
LONG = "".join(random.Random(3).choices(string.ascii_lowercase, k=6000))


@pytest.mark.parametrize("name", ODD)
def test_what_no_database_stores_can_be_looked_for(paper: Engine, name: str) -> None:
    odd = ODD[name]
    with reading(paper) as connection:
        assert find_source(connection, odd) is None
        assert find_feed(connection, "feed", odd) is find_feed(connection, "source", odd) is None
        assert find_author(connection, odd) is find_by_address(connection, odd) is None
        assert find_subscriber(connection, odd, odd) is find_subscription(connection, odd) is None
        assert not is_removed(connection, "source", odd)


@pytest.mark.parametrize("name", ODD)
def test_what_no_database_stores_is_left_out_of_what_is_kept(paper: Engine, name: str) -> None:
    odd = ODD[name]
    with writing(paper) as connection:
        add_token(connection, head_of(paper), odd, NOW)
        assert len(list_tokens(connection, "front")) == 1
        assert ask_to_subscribe(connection, "weekly", f"{odd}@reader.example", NOW)
        assert bounce_address(connection, f"{odd}@reader.example", NOW, odd) == 0
        assert not set_state(connection, odd, odd, odd, NOW, odd)
        assert not note_denied(connection, odd, odd, odd, NOW)
        save_list(connection, f"https://list.example/{odd}", b"", Validators(odd, odd, odd), NOW)
        assert len(load_lists(connection)) == 1


def test_a_callback_at_a_host_that_no_network_has_costs_nobody_an_error(paper: Engine) -> None:
    with writing(paper) as connection:
        for callback in (f"http://{LONG}/", f"http://a.{LONG}/", f"http://{LONG}.example.com/{LONG}"):
            wish = HubRequest(
                mode="subscribe",
                callback=callback,
                topic=LONG,
                feed_id=head_of(paper).id,
                suffix="atom",
                lease_s=60,
            )
            assert add_request(connection, wish, NOW)
        for asked in claim_requests(connection, NOW, limit=9, seconds=60):
            confirm(connection, asked, NOW)


def test_a_page_at_a_host_that_no_network_has_is_not_asked_for(engine: Engine) -> None:
    apply(engine, Configuration(sources=(source("Paper", full_text=True),)))
    arrive(engine, "paper", entry("far", link=f"http://a.{LONG}/"), entry("near", link="http://a.example/"))
    with reading(engine) as connection:
        ids = [find_by_address(connection, f"tag:test,2026:{key}") for key in ("far", "near")]
        pages = [find_page(connection, article.id) for article in ids if article]
    assert [page is not None for page in pages] == [False, True]
