"""RSS 2.0: what feedgen gets wrong is right in the document."""

from __future__ import annotations

from lxml import etree

from aggregator.model import Category, Enclosure, Link, Person, Podcast, Transcript
from aggregator.publish.render import render
from tests.publish.editions import card, edition, item
from tests.publish.validity import check
from tests.publish.validity_parts import ATOM, CONTENT, DC, ITUNES, MEDIA

PODCAST = "{https://podcastindex.org/namespace/1.0}"


def channel_of(*items, **fields):
    body = render(edition(*items, **fields), "rss").body
    assert check(body, "application/rss+xml") == []
    return etree.fromstring(body)[0]


def item_of(one):
    return channel_of(one).find("item")


def test_the_channel_links_to_its_page_and_to_itself():
    channel = channel_of(item())
    assert channel.findtext("link") == "https://gazette.example/feeds/front-page"
    assert [dict(link.attrib) for link in channel.findall(f"{ATOM}link")] == [
        {"href": "https://gazette.example/feeds/front-page.rss", "rel": "self", "type": "application/rss+xml"}
    ]


def test_a_feed_of_several_sources_wears_nobodys_picture():
    other = card(id=8, slug="tide-tribune", icon="https://tribune.example/icon.png")
    assert channel_of(item(1), item(2, other)).find("image") is None
    assert channel_of(item(1), item(2)).findtext("image/url") == "https://herald.example/icon.png"


def test_a_guid_is_a_permalink_only_where_it_is_the_link():
    permalink = "https://herald.example/news/1"
    assert item_of(item(1)).find("guid").get("isPermaLink") == "false"
    assert item_of(item(1, id=permalink, link=permalink)).find("guid").get("isPermaLink") == "true"
    assert (
        item_of(item(1, id=permalink, link="https://herald.example/x")).find("guid").get("isPermaLink")
        == "false"
    )


def test_the_first_recording_is_the_enclosure_and_the_rest_is_media():
    found = item_of(
        item(
            1,
            enclosures=(
                Enclosure("https://herald.example/scan.pdf"),
                Enclosure("https://herald.example/talk.mp3", "audio/mpeg"),
                Enclosure("https://herald.example/unknown.zzz", None, -3),
            ),
        )
    )
    assert dict(found.find("enclosure").attrib) == {
        "url": "https://herald.example/talk.mp3",
        "length": "0",
        "type": "audio/mpeg",
    }
    assert [one.get("url") for one in found.findall(f"{MEDIA}content")] == [
        "https://herald.example/scan.pdf",
        "https://herald.example/unknown.zzz",
    ]
    assert found.find(f"{MEDIA}group") is None


def test_names_go_to_dc_creator_and_one_mailbox_to_author():
    assert item_of(item(1)).findtext("author") == "ada@herald.example (Ada Lock)"
    two = item_of(item(1, authors=(Person("Ada Lock", "ada@herald.example"), Person("Bo Barge"))))
    assert [one.text for one in two.findall(f"{DC}creator")] == ["Ada Lock", "Bo Barge"]
    assert two.find("author") is None
    nobody = item_of(item(1, authors=()))
    assert nobody.findtext(f"{DC}creator") == "Herald Newsroom"


def test_the_description_stands_before_the_content_and_is_shorter():
    found = item_of(item(1))
    assert found.findtext("description") == "<p>The barge with the number 1 passed.</p>"
    assert found.findtext(CONTENT).endswith("keeper says.</p>")
    longer = item_of(
        item(1, summary="<p>A summary that is longer than the content.</p>", content="<p>Short.</p>")
    )
    assert longer.findtext(CONTENT) == "<p>A summary that is longer than the content.</p>"
    assert longer.findtext("description") == "<p>Short.</p>"
    alone = item_of(item(1, summary="", content="<p>Short.</p>"))
    assert alone.findtext("description") == "<p>Short.</p>"
    assert alone.find(CONTENT) is None


def test_the_source_is_named_with_its_feed():
    source = item_of(item()).find("source")
    assert (source.get("url"), source.text) == ("https://herald.example/feed.xml", "The Harbour Herald")


def test_a_feed_that_names_nobody_was_written_by_whom_the_configuration_names():
    blog = card(name="Ada Byron", title="Notes from the engine room", authors=())
    found = item_of(item(1, blog, authors=()))
    assert found.findtext(f"{DC}creator") == "Ada Byron"
    assert found.findtext("source") == "Notes from the engine room"


def test_titles_use_hexadecimal_references():
    body = render(edition(item(1, title="Fish & chips <b>&amp;</b>"), title="Q & A"), "rss").body
    assert b"<title>Fish &#x26; chips &#x3C;b&gt;&#x26;amp;&#x3C;/b&gt;</title>" in body
    assert b"<title>Q &#x26; A</title>" in body


def test_categories_are_the_publishers_terms():
    found = item_of(
        item(1, categories=(Category("tide", "https://herald.example/tags", "Label"), Category("tide")))
    )
    assert [(one.text, one.get("domain")) for one in found.findall("category")] == [
        ("tide", "https://herald.example/tags"),
        ("tide", None),
    ]


def test_an_episode_carries_what_podcast_apps_ask_for():
    podcast = Podcast(
        duration_s=1834,
        season=2,
        episode=5,
        episode_type="full",
        explicit=True,
        chapters="https://herald.example/5.json",
        transcripts=(
            Transcript("https://herald.example/5.vtt", "text/vtt", "en"),
            Transcript("javascript:1"),
        ),
    )
    sound = Enclosure("https://herald.example/5.mp3", "audio/mpeg", 99)
    channel = channel_of(item(5, podcast=podcast, enclosures=(sound,), image="https://herald.example/5.jpg"))
    found = channel.find("item")
    told = {
        name: found.findtext(f"{ITUNES}{name}")
        for name in ("duration", "season", "episode", "episodeType", "explicit")
    }
    assert told == {
        "duration": "1834",
        "season": "2",
        "episode": "5",
        "episodeType": "full",
        "explicit": "true",
    }
    assert found.find(f"{ITUNES}image").get("href") == "https://herald.example/5.jpg"
    assert found.find(f"{PODCAST}chapters").get("type") == "application/json+chapters"
    assert [one.get("url") for one in found.findall(f"{PODCAST}transcript")] == [
        "https://herald.example/5.vtt"
    ]
    assert channel.findtext(f"{ITUNES}explicit") == "true"
    assert channel.findtext(f"{ITUNES}author") == "Harbour Herald"
    assert channel.find(f"{ITUNES}category").get("text")
    assert channel.find(f"{ITUNES}image").get("href") == "https://herald.example/icon.png"


def test_a_feed_without_episodes_has_no_podcast_channel():
    assert [child.tag for child in channel_of(item()) if child.tag.startswith(ITUNES)] == []


def test_what_surrounds_an_item_is_told():
    one = item_of(
        item(
            image="https://h.example/1.png",
            image_credit="Eve",
            point="51.5 -0.1",
            comment_count=12,
            links=(Link("https://herald.example/1/feed", "replies", "application/rss+xml"),),
        )
    )
    assert one.findtext("{http://search.yahoo.com/mrss/}credit") == "Eve"
    assert one.findtext("{http://www.georss.org/georss}point") == "51.5 -0.1"
    assert one.findtext("{http://purl.org/rss/1.0/modules/slash/}comments") == "12"
    replies = one.find("{http://www.w3.org/2005/Atom}link")
    assert (replies.get("rel"), replies.get("type")) == ("replies", "application/rss+xml")
