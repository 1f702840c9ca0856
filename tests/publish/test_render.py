"""What render() makes of an edition: valid documents, true validators, nothing lost on the way."""

from __future__ import annotations

import gzip
import json
import locale
import logging
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta

import brotli
import feedparser
import pytest

from aggregator.model import Enclosure, Person
from aggregator.publish.addresses import FORMATS, MEDIA_TYPES
from aggregator.publish.atom import render_atom
from aggregator.publish.jsonfeed import render_json
from aggregator.publish.render import etag_of, render
from aggregator.publish.rss import render_rss
from aggregator.publish.whole import items_of
from tests.publish.editions import NOON, SITE, card, edition, item
from tests.publish.validity import check

every_format = pytest.mark.parametrize("suffix", FORMATS)


def rendered(made, suffix):
    """Render and insist on validity: no test here publishes a document that is not checked."""
    result = render(made, suffix)
    assert check(result.body, result.media_type) == []
    return result


def ids(body, suffix):
    if suffix == "json":
        return [one["id"] for one in json.loads(body)["items"]]
    return [one.id for one in feedparser.parse(body).entries]


@every_format
def test_a_plain_edition_is_valid(suffix):
    rendered(edition(*(item(number) for number in range(1, 8))), suffix)


@every_format
def test_an_empty_feed_is_valid_and_has_no_date(suffix):
    assert rendered(edition(changed_at=None), suffix).last_modified is None


@every_format
def test_the_same_edition_gives_the_same_bytes_in_another_process(suffix):
    made = edition(*(item(number) for number in range(1, 4)))
    code = (
        "import sys; from tests.publish.editions import edition, item;"
        "from aggregator.publish.render import render;"
        f"r = render(edition(*(item(n) for n in range(1, 4))), {suffix!r});"
        "sys.stdout.buffer.write(r.etag.encode() + r.body + r.encoded['gzip'] + r.encoded['br'])"
    )
    env = {"PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo", "PATH": ""}
    other = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, env=env).stdout
    here = render(made, suffix)
    assert other == here.etag.encode() + here.body + here.encoded["gzip"] + here.encoded["br"]


@every_format
def test_codings_hold_the_same_body(suffix):
    result = rendered(edition(item()), suffix)
    assert gzip.decompress(result.encoded["gzip"]) == result.body == brotli.decompress(result.encoded["br"])


@pytest.mark.parametrize(
    "change",
    [
        {"version": "v2"},
        {"title": "Other"},
        {"uid": "urn:uuid:00000000-0000-4000-8000-000000000000"},
        {"content": "link"},
        {"narrowing": (("q", "tide"),)},
    ],
)
def test_the_entity_tag_changes_with_what_shapes_the_bytes(change):
    assert etag_of(SITE, edition().feed, "atom") != etag_of(SITE, edition(**change).feed, "atom")


def test_the_entity_tag_is_another_for_each_format_and_address():
    head = edition().feed
    tags = {etag_of(SITE, head, suffix) for suffix in FORMATS}
    tags.add(etag_of(replace(SITE, url="https://elsewhere.example"), head, "atom"))
    assert len(tags) == 4


def test_the_entity_tag_is_known_before_rendering():
    made = edition(item())
    assert render(made, "rss").etag == etag_of(made.site, made.feed, "rss")


@every_format
def test_one_poisoned_entry_never_costs_the_feed(suffix, caplog):
    poisoned = item(2, published_id="no iri at all")
    with caplog.at_level(logging.WARNING):
        result = rendered(edition(item(1), poisoned, item(3)), suffix)
    assert len(ids(result.body, suffix)) == 2
    assert "article 2" in caplog.text


@every_format
def test_an_entry_that_only_the_writer_refuses_is_left_out_alone(suffix, caplog):
    made = edition(*(item(number) for number in (1, 2, 3)))
    first, second, third = items_of(made)
    write = {"atom": render_atom, "rss": render_rss, "json": render_json}[suffix]
    body = write(made, (first, replace(second, title="\ud800"), third))
    assert check(body, MEDIA_TYPES[suffix]) == []
    assert ids(body, suffix) == [first.id, third.id]
    assert "left out of the feed: entry 'tag:herald.example,2025:2'" in caplog.text


@every_format
def test_characters_no_document_may_carry_are_dropped(suffix):
    hostile = "a\x00b\x0bc\ud800d\ufffee\uffff\x9ff"
    made = item(
        1, title=hostile, summary=hostile, content=f"<p>{hostile * 3}</p>", authors=(Person(name=hostile),)
    )
    result = rendered(edition(made, title=hostile, description=hostile), suffix)
    assert b"abcdef" in result.body


@every_format
def test_two_articles_with_one_id_are_published_once(suffix):
    twin = item(2, published_id="tag:herald.example,2025:1")
    assert ids(rendered(edition(item(1), twin), suffix).body, suffix) == ["tag:herald.example,2025:1"]


@every_format
def test_what_a_source_forbids_is_not_published(suffix):
    text = "<p>" + "The lock gate sticks again and again. " * 40 + "SECRET</p>"
    cards = {policy: card(content=policy) for policy in ("full", "summary", "link")}
    for feed_wish in (None, "full", "summary", "link"):
        for source_wish, source in cards.items():
            made = item(1, source, summary="", content=text)
            body = rendered(edition(made, content=feed_wish), suffix).body
            wishes = {feed_wish, source_wish}
            assert (b"SECRET" in body) == wishes.isdisjoint({"summary", "link"})
            assert (b"lock gate" in body) == ("link" not in wishes)


@every_format
def test_everything_links_to_the_configured_address(suffix):
    site = replace(SITE, url="https://gazette.example/planet")
    result = rendered(edition(item(), site=site), suffix)
    assert f"https://gazette.example/planet/feeds/front-page.{suffix}".encode() in result.body
    assert result.links[0].startswith(
        f'<https://gazette.example/planet/feeds/front-page.{suffix}>; rel="self"'
    )


def test_dates_never_touch_the_locale_of_the_process(monkeypatch):
    def refuse(*_):
        raise AssertionError("the locale belongs to every thread")

    monkeypatch.setattr(locale, "setlocale", refuse)
    assert (
        b"<lastBuildDate>Thu, 25 Dec 2025 12:00:00 +0000</lastBuildDate>"
        in render(edition(item()), "rss").body
    )


@every_format
def test_a_date_from_the_future_is_not_passed_on(suffix):
    made = item(1, published=NOON + timedelta(days=400), updated=NOON + timedelta(days=500))
    assert b"2026" not in rendered(edition(made), suffix).body
    assert b"2027" not in render(edition(made), suffix).body


@every_format
def test_an_entry_without_anything_but_an_id_is_published(suffix):
    bare = item(1, title="", link=None, authors=(), published=None, summary="", content="")
    source = card(authors=(), title="", feed_id=None, link=None, rights=None, icon=None, language=None)
    result = rendered(edition(replace(bare, source=source)), suffix)
    assert b"https://gazette.example/articles/1" in result.body


@every_format
def test_relative_and_dangerous_addresses_are_dropped(suffix):
    made = item(
        1,
        link="javascript:alert(1)",
        image="/relative.png",
        comments="//no-scheme.example/",
        enclosures=(
            Enclosure("data:text/html,x"),
            Enclosure("file:///etc/passwd"),
            Enclosure("http://[bad/"),
        ),
    )
    body = rendered(edition(made), suffix).body
    for bad in (b"javascript:", b"relative.png", b"no-scheme", b"data:", b"passwd", b"[bad"):
        assert bad not in body
