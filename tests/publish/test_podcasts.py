"""What podcast apps look for, in RSS and in JSON Feed."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from lxml import etree

from aggregator.model import Category, Enclosure, Participant, Podcast, Soundbite, Transcript
from aggregator.publish.render import render
from tests.publish.editions import SITE, edition, item
from tests.publish.validity import check

ITUNES = "{http://www.itunes.com/dtds/podcast-1.0.dtd}"
PODCAST = "{https://podcastindex.org/namespace/1.0}"
TALK = (Enclosure("https://herald.example/talk.mp3", "audio/mpeg", 1200, duration_s=61),)
SAID = Podcast(
    season=2,
    episode=7,
    episode_type="bonus",
    explicit=False,
    chapters="https://herald.example/7.json",
    transcripts=(Transcript("https://herald.example/7.vtt", "text/vtt", "en"),),
    people=(Participant("Bob Guest", "guest", url="https://bob.example/"), Participant("Ann Host")),
    alternates=(Enclosure("https://herald.example/talk.opus", "audio/opus", 600, "Small"), TALK[0]),
    soundbites=(Soundbite(73.0, 60.25, "Why at dawn"), Soundbite(600.0, 30.0)),
)


def episode(number: int = 1, *labels: str, **fields: object):
    categories = tuple(Category(label) for label in labels)
    return item(number, enclosures=TALK, categories=categories, podcast=SAID, **fields)


def channel(*items, **fields):
    rendered = render(edition(*items, **fields), "rss")
    assert check(rendered.body, rendered.media_type) == []
    return etree.fromstring(rendered.body)[0]


def test_the_first_season_has_a_number_and_none_is_no_season():
    first, none = Podcast(season=1, episode=1), Podcast(season=0, episode=0)
    one, other = channel(item(1, podcast=first), item(2, podcast=none)).findall("item")
    assert (one.findtext(f"{PODCAST}season"), one.findtext(f"{PODCAST}episode")) == ("1", "1")
    assert other.find(f"{PODCAST}season") is other.find(f"{PODCAST}episode") is None


def test_an_episode_has_its_numbers_transcript_and_chapters():
    (one,) = channel(episode()).findall("item")
    assert (one.findtext(f"{PODCAST}season"), one.findtext(f"{PODCAST}episode")) == ("2", "7")
    assert (one.findtext(f"{ITUNES}season"), one.findtext(f"{ITUNES}episode")) == ("2", "7")
    assert one.findtext(f"{ITUNES}episodeType") == "bonus"
    assert one.findtext(f"{ITUNES}duration") == "61"
    assert one.find(f"{PODCAST}chapters").get("url") == "https://herald.example/7.json"
    transcript = one.find(f"{PODCAST}transcript")
    assert (transcript.get("type"), transcript.get("language")) == ("text/vtt", "en")
    people = one.findall(f"{PODCAST}person")
    assert [(who.text, who.get("role"), who.get("href")) for who in people] == [
        ("Bob Guest", "guest", "https://bob.example/"),
        ("Ann Host", None, None),
    ]
    small, _ = one.findall(f"{PODCAST}alternateEnclosure")
    assert dict(small.attrib) == {"type": "audio/opus", "length": "600", "title": "Small"}
    assert small.find(f"{PODCAST}source").get("uri") == "https://herald.example/talk.opus"
    parts = one.findall(f"{PODCAST}soundbite")
    assert [(part.get("startTime"), part.get("duration"), part.text or "") for part in parts] == [
        ("73", "60.25", "Why at dawn"),
        ("600", "30", ""),
    ]


def test_another_file_of_an_episode_has_the_type_that_the_namespace_wants():
    told = replace(SAID, alternates=(Enclosure("https://herald.example/talk"),))
    (one,) = channel(item(1, enclosures=TALK, podcast=told)).findall("item")
    assert one.find(f"{PODCAST}alternateEnclosure").get("type") == "application/octet-stream"


def test_other_qualities_of_a_recording_are_enclosures_in_atom():
    entry = etree.fromstring(render(edition(episode()), "atom").body).find("{*}entry")
    files = [link.get("href") for link in entry.findall("{*}link") if link.get("rel") == "enclosure"]
    assert files == ["https://herald.example/talk.mp3", "https://herald.example/talk.opus"]


@pytest.mark.parametrize(
    ("labels", "category"),
    [
        ((), "News"),
        (("Football",), "Sports"),
        (("unheard of",), "News"),
        (("tech", "programming", "Science"), "Science"),
        (("Health",), "Health & Fitness"),
    ],
)
def test_the_channel_says_the_category_its_episodes_are_labelled_with(labels, category):
    assert channel(episode(1, *labels)).find(f"{ITUNES}category").get("text") == category


def test_most_episodes_decide_the_category():
    shown = channel(episode(1, "music"), episode(2, "film"), episode(3, "cinema", "film"))
    assert shown.find(f"{ITUNES}category").get("text") == "TV & Film"


def test_a_podcast_keeps_its_guid_when_the_site_learns_https():
    guids = set()
    for url in ("http://gazette.example", "https://gazette.example"):
        body = render(edition(episode(), site=replace(SITE, url=url)), "rss").body
        guids.add(etree.fromstring(body)[0].findtext(f"{PODCAST}guid"))
    assert len(guids) == 1


def test_a_channel_without_recordings_is_no_podcast():
    plain = channel(item(1))
    assert [child.tag for child in plain if str(child.tag).startswith((ITUNES, PODCAST))] == []


def test_json_feed_carries_what_apps_may_want():
    (one,) = json.loads(render(edition(episode()), "json").body)["items"]
    assert one["attachments"][0]["duration_in_seconds"] == 61
    assert one["_aggregator"]["podcast"] == {
        "season": 2,
        "episode": 7,
        "type": "bonus",
        "explicit": False,
        "chapters": "https://herald.example/7.json",
        "transcripts": [{"url": "https://herald.example/7.vtt", "type": "text/vtt", "language": "en"}],
        "people": [
            {"name": "Bob Guest", "role": "guest", "url": "https://bob.example/"},
            {"name": "Ann Host"},
        ],
        "alternates": [
            {
                "url": "https://herald.example/talk.opus",
                "mime_type": "audio/opus",
                "title": "Small",
                "size_in_bytes": 600,
            },
            one["attachments"][0],
        ],
        "soundbites": [
            {"title": "Why at dawn", "start": 73.0, "duration": 60.25},
            {"start": 600.0, "duration": 30.0},
        ],
    }
