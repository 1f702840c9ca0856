"""Atom: what feedgen gets wrong is right in the document."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from lxml import etree

from aggregator.model import Category, Enclosure, Link, Origin, Person
from aggregator.publish.render import render
from tests.publish.editions import NOON, card, edition, item
from tests.publish.validity import check
from tests.publish.validity_parts import ATOM, MEDIA, XML


def feed_of(made):
    body = render(made, "atom").body
    assert check(body, "application/atom+xml") == []
    return etree.fromstring(body)


def entry_of(made_item):
    return feed_of(edition(made_item)).find(f"{ATOM}entry")


def links(element):
    return [dict(link.attrib) for link in element.findall(f"{ATOM}link")]


def test_entry_links_keep_rel_type_title_and_length():
    entry = entry_of(
        item(
            1,
            enclosures=(Enclosure("https://herald.example/a.mp3", "audio/mpeg", 1234, title="Listen"),),
            links=(Link("https://wire.example/1", "via", "text/html", "The wire"),),
            comments="https://herald.example/news/1#comments",
        )
    )
    assert links(entry) == [
        {"rel": "alternate", "href": "https://herald.example/news/1"},
        {
            "rel": "enclosure",
            "href": "https://herald.example/a.mp3",
            "type": "audio/mpeg",
            "length": "1234",
            "title": "Listen",
        },
        {"rel": "replies", "href": "https://herald.example/news/1#comments", "type": "text/html"},
        {"rel": "via", "href": "https://wire.example/1", "type": "text/html", "title": "The wire"},
    ]


def test_what_is_no_media_type_is_not_passed_on():
    sound = Enclosure("https://herald.example/a.mp3", "<script>alert(1)</script>")
    via = Link("https://wire.example/1", "via", "not a type")
    assert [link.get("type") for link in links(entry_of(item(1, enclosures=(sound,), links=(via,))))] == [
        None,
        "audio/mpeg",
        None,
    ]


def test_the_source_is_told_in_full():
    source = entry_of(item()).find(f"{ATOM}source")
    assert source.findtext(f"{ATOM}id") == "tag:herald.example,2020:feed"
    assert source.findtext(f"{ATOM}title") == "The Harbour Herald"
    assert source.findtext(f"{ATOM}updated") == "2025-12-25T12:00:00Z", "when the article last changed"
    assert links(source) == [
        {"rel": "self", "href": "https://herald.example/feed.xml"},
        {"rel": "alternate", "href": "https://herald.example/"},
    ]
    assert source.findtext(f"{ATOM}author/{ATOM}name") == "Herald Newsroom"
    assert source.findtext(f"{ATOM}rights") == "CC BY 4.0"
    assert source.findtext(f"{ATOM}icon") == "https://herald.example/icon.png"


def test_an_entry_copied_from_elsewhere_keeps_its_first_source():
    origin = Origin(title="Small Blog", id="urn:small", feed_url="https://small.example/feed", updated=NOON)
    source = entry_of(item(1, origin=origin)).find(f"{ATOM}source")
    assert source.findtext(f"{ATOM}id") == "urn:small"
    assert source.findtext(f"{ATOM}updated") == "2025-12-25T12:00:00Z"
    assert source.findtext(f"{ATOM}author/{ATOM}name") == "Small Blog"


def test_a_source_whose_id_is_no_iri_is_known_by_its_address():
    source = entry_of(item(1, card(feed_id="not an iri"))).find(f"{ATOM}source")
    assert source.findtext(f"{ATOM}id") == "https://herald.example/feed.xml"


def test_each_entry_says_its_language():
    feed = feed_of(edition(item(1, language="cy"), item(2), item(3, language="not a tag at all")))
    assert [entry.get(f"{XML}lang") for entry in feed.findall(f"{ATOM}entry")] == ["cy", "en", None]
    assert feed.get(f"{XML}lang") == "en-GB"


def test_the_feed_is_as_old_as_its_newest_change():
    assert feed_of(edition(item())).findtext(f"{ATOM}updated")[:19] == "2025-12-25T12:00:00"
    later = replace(item(1), article=replace(item(1).article, changed_at=NOON + timedelta(hours=3)))
    assert feed_of(edition(later)).findtext(f"{ATOM}updated")[:19] == "2025-12-25T15:00:00"
    fraction = item(changed_at=NOON + timedelta(hours=3, microseconds=7))
    assert "." not in feed_of(edition(fraction)).findtext(f"{ATOM}updated")


def test_order_is_the_editions():
    feed = feed_of(edition(item(3), item(1), item(2)))
    assert [entry.findtext(f"{ATOM}id")[-1] for entry in feed.findall(f"{ATOM}entry")] == ["3", "1", "2"]


def test_people_keep_name_address_and_page():
    people = (
        Person("Ada Lock", "ada@herald.example", "https://ada.example/"),
        Person(email="bob@herald.example"),
    )
    authors = entry_of(item(1, authors=people)).findall(f"{ATOM}author")
    assert [[child.text for child in author] for author in authors] == [
        ["Ada Lock", "ada@herald.example", "https://ada.example/"],
        ["bob", "bob@herald.example"],
    ]


def test_categories_keep_scheme_and_label():
    entry = entry_of(
        item(1, categories=(Category("tide", "https://herald.example/tags", "The tide"), Category("lock")))
    )
    assert [dict(one.attrib) for one in entry.findall(f"{ATOM}category")] == [
        {"term": "tide", "scheme": "https://herald.example/tags", "label": "The tide"},
        {"term": "lock"},
    ]


def test_titles_are_plain_text_and_never_blank():
    assert entry_of(item(1, title="a < b & <i>c</i>")).findtext(f"{ATOM}title") == "a < b & <i>c</i>"
    assert entry_of(item(1, title=" \n ")).findtext(f"{ATOM}title").startswith("The barge with")


def test_a_picture_is_a_thumbnail():
    thumbnail = entry_of(item(1, image="https://herald.example/1.jpg")).find(f"{MEDIA}thumbnail")
    assert thumbnail.get("url") == "https://herald.example/1.jpg"


def test_what_an_entry_answers_is_told_with_its_id():
    answered = Link("https://h.example/9", "in-reply-to", "text/html", ref="tag:h.example,2026:9")
    for form, path in (("atom", "{*}entry"), ("rss", "{*}channel/{*}item")):
        made = etree.fromstring(render(edition(item(links=(answered,))), form).body).find(path)
        told = made.find("{http://purl.org/syndication/thread/1.0}in-reply-to")
        assert dict(told.attrib) == {
            "ref": "tag:h.example,2026:9",
            "href": "https://h.example/9",
            "type": "text/html",
        }


def test_what_an_entry_answers_goes_by_its_address_where_its_id_is_no_iri():
    answered = Link("https://h.example/9", "in-reply-to", ref="comment 9")
    told = entry_of(item(links=(answered,))).find("{http://purl.org/syndication/thread/1.0}in-reply-to")
    assert told.get("ref") == "https://h.example/9"


def test_what_surrounds_an_entry_is_told():
    made = entry_of(
        item(image="https://h.example/1.png", image_credit="Eve", point="51.5 -0.1", comment_count=12)
    )
    assert made.findtext("{http://search.yahoo.com/mrss/}credit") == "Eve"
    assert made.findtext("{http://www.georss.org/georss}point") == "51.5 -0.1"
    assert made.findtext("{http://purl.org/syndication/thread/1.0}total") == "12"
