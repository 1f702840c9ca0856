"""What makes it a newspaper: its parts in their order, past editions, how it is shared, dressed and found."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from xml.etree import ElementTree

import lxml.html
import pytest
from sqlalchemy import update

from aggregator.model import Enclosure, Feed, Participant, Person, Podcast, RuleSet
from aggregator.query.examples import EXAMPLES
from aggregator.query.parse import parse_query
from aggregator.store.engine import writing
from aggregator.store.feeds.ranks import save_ranks
from aggregator.store.tables import articles
from tests.store.making import NOW, admission, arrive, claim_one, entry, placed, poll, store
from tests.web.paper import CONFIGURATION, SITE, open_paper

ROOT = Path(__file__).parent.parent.parent
STORY = (
    "<p>" + "The river rose. " * 60 + "</p><h2>The night</h2><p>" + "It fell again. " * 60 + "</p>"
    "<h2>The morning</h2><p>" + "Nobody saw it. " * 60 + "</p>"
)


@pytest.fixture
def filled(paper):
    """A paper with sixty short notices and a long story that can be heard."""
    notices = [
        entry(f"s{n}", title=f"Notice {n}", published=NOW - timedelta(days=1, hours=n)) for n in range(60)
    ]
    story = entry(
        "river",
        title="A river changes its mind",
        content=STORY,
        words=540,
        published=NOW,
        authors=(Person("Ada Lock"),),
        image="https://paper.example/river.jpg",
        enclosures=(Enclosure("https://paper.example/river.mp3", "audio/mpeg", 12),),
        podcast=Podcast(duration_s=754),
        rights="CC BY 4.0",
    )
    arrive(paper.engine, "harbour-herald", *notices, feeds=["front-page"])
    claim = claim_one(paper.engine, "harbour-herald")
    store(paper.engine, poll(claim, placed(admission(claim, story), "front-page", topics=["tide"])))
    paper.forget()
    return paper


def read(paper, address, status=200):
    response = paper.get(address)
    assert response.status_code == status, address
    return lxml.html.document_fromstring(response.data)


def text(element):
    return " ".join(element.text_content().split())


def article_address(paper):
    return read(paper, "/").xpath("//article[@class='lead']//h2/a/@href")[0]


#: the parts of the page in the order a reader meets them: name, where, what it says
PARTS = (
    ("masthead", "//*[contains(@class, 'name')]", "Thames Gazette"),
    ("tagline", "//p[@class='tagline']", "All that floats."),
    ("edition date", "//p[@class='edition']", "Sunday, Mar 1, 2026"),
    ("title", "//main//*[self::h1 or self::h2][contains(., 'changes its mind')]", "A river changes its mind"),
    ("crosshead", "//div[@class='text']//h2", "The night"),
    ("newsletter box", "//h2[@id='newsletter']", "Newsletter"),
    ("related articles", "//h2[@id='related']", "Related articles"),
    ("player", "//audio", ""),
    ("elapsed and whole time", "//p[@class='times']", "0:0012:34"),
    ("latest headlines", "//section[@class='latest']//h2", "Latest headlines"),
)


@pytest.mark.parametrize("where", ["front page", "article page"])
def test_a_page_has_every_part_of_the_newspaper_in_order(filled, where):
    page = read(filled, "/" if where == "front page" else article_address(filled))
    order = {element: place for place, element in enumerate(page.iter())}
    met = []
    # an article has related ones; on the front page the sections stand for them
    parts = [part for part in PARTS if where == "article page" or part[0] != "related articles"]
    for name, xpath, says in parts:
        found = page.xpath(xpath)
        assert found, name
        assert text(found[0]) == says, name
        met.append((order[found[0]], name))
    assert [name for _, name in sorted(met)] == [name for name, *_ in parts]
    titles = page.xpath("//main//*[self::h1 or self::h2 or self::h3][contains(., 'changes its mind')]")
    assert len(titles) == 1, "the title stands once"
    assert text(page.xpath("//details[@class='player']/summary")[0]).endswith("CloseOpen")
    assert len(page.xpath("//section[@class='latest']//li")) == 50


def test_related_articles_stand_between_newsletter_and_headlines(paper):
    page = read(paper, "/articles/4")
    headings = [text(one) for one in page.xpath("//main//h2")]
    assert (
        headings.index("Newsletter") < headings.index("Related articles") < headings.index("Latest headlines")
    )


def test_there_is_no_player_where_nothing_can_be_heard(paper):
    assert not read(paper, "/articles/1").xpath("//audio")


@pytest.mark.parametrize("lead", ['title:"barge 3"', "rule:chosen"])
def test_the_editors_choice_leads(sqlite_engine, lead):
    front, empty = CONFIGURATION.feeds
    rules = (RuleSet("chosen", 'title:"barge 3"'),)
    chosen = replace(CONFIGURATION, feeds=(replace(front, lead=lead), empty), rules=rules)
    page = read(open_paper(sqlite_engine, chosen), "/")
    assert "Barge 3" in text(page.xpath("//article[@class='lead']//h2")[0])


def test_what_editors_picked_leads_although_longer_stories_are_newer(filled):
    (href,) = read(filled, '/search?q="notice 7"').xpath("//div[@class='listed']//h2/a/@href")
    with writing(filled.engine) as connection:
        chosen = articles.c.id == int(href.rpartition("/")[2])
        connection.execute(update(articles).where(chosen).values(is_picked=True))
    filled.desk.forget()
    assert text(read(filled, "/").xpath("//article[contains(@class, 'lead')]//h2")[0]) == "Notice 7"


def test_a_long_story_further_down_leads_before_a_short_one_on_top(paper):
    words = "<p>" + "The river rose. " * 120 + "</p>"
    for number, words_count in ((1, 299), (2, 300)):
        one = entry(
            f"l{number}",
            title=f"Story of {words_count}",
            content=words,
            words=words_count,
            published=NOW - timedelta(minutes=number),
        )
        arrive(paper.engine, "harbour-herald", one, feeds=["front-page"])
    paper.forget()
    assert text(read(paper, "/").xpath("//article[contains(@class, 'lead')]//h2")[0]) == "Story of 300"


def test_where_no_story_is_long_the_first_with_a_picture_leads(paper):
    pictures = (None, "https://paper.example/tug.jpg", "https://paper.example/raft.jpg")
    for number, image in enumerate(pictures):
        at = NOW - timedelta(minutes=number)
        one = entry(f"p{number}", title=f"Short {number}", image=image, published=at)
        arrive(paper.engine, "harbour-herald", one, feeds=["front-page"])
    paper.forget()
    assert text(read(paper, "/").xpath("//article[contains(@class, 'lead')]//h2")[0]) == "Short 1"


def test_a_reader_turns_pages_to_the_oldest_article_of_a_source(filled):
    told = []
    page = read(filled, "/sources/harbour-herald")
    while True:
        told += page.xpath("//div[@class='listed']//h2/a/@href")
        older = page.xpath("//p[@class='more']/a[starts-with(@href, '/search')]/@href")
        if not older:
            break
        page = read(filled, older[0])
    assert len(told) == len(set(told)) > 60
    assert filled.get("/search?q=river&before=x").status_code == 200


def test_from_a_feed_with_the_best_on_top_a_reader_comes_to_all_it_left_out(sqlite_engine):
    best = Feed(slug="best", title="Best", query="best", order="top", limit=2)
    paper = open_paper(sqlite_engine, replace(CONFIGURATION, feeds=(best,)), is_filled=False)
    told = [entry(f"b{n}", title=f"Best {n}", published=NOW - timedelta(hours=n)) for n in range(4)]
    arrive(sqlite_engine, "harbour-herald", *told, feeds=["best"])
    head = paper.desk.find_head("feed", "best")
    with writing(sqlite_engine) as connection:
        save_ranks(connection, head.id, [(4, 1, "told by all"), (2, 2, "told by some")], NOW)
    paper.forget()
    page = read(paper, "/feeds/best")
    titles = page.xpath("//div[@class='listed']//h2/a/text()")
    assert titles == ["Best 3", "Best 1"]
    (more,) = page.xpath("//div[@class='listed']/p[@class='more']/a/@href")
    titles += read(paper, more).xpath("//div[@class='listed']//h2/a/text()")
    assert set(titles) == {f"Best {n}" for n in range(4)}


@pytest.mark.parametrize("looked_at", [40, 2])
def test_of_a_long_past_no_day_is_listed_with_fewer_stories_than_it_has(filled, monkeypatch, looked_at):
    whole = {text(day) for day in read(filled, "/editions").xpath("//ul[@class='days']/li")}
    monkeypatch.setattr("aggregator.web.editions.LISTED", looked_at)
    filled.desk.forget()
    *listed, last = read(filled, "/editions").xpath("//ul[@class='days']/li")
    assert {text(day) for day in listed} < whole
    assert "stor" not in text(last)
    assert read(filled, last.find("a").get("href")).xpath("//a[@rel='prev']")


def test_each_day_has_its_edition(filled):
    days = read(filled, "/editions").xpath("//ul[@class='days']//a/@href")
    assert days[:2] == ["/editions/2026-03-01", "/editions/2026-02-28"]
    page = read(filled, "/editions/2026-02-28")
    assert text(page.xpath("//p[@class='edition']")[0]) == "Saturday, Feb 28, 2026"
    told = {text(one) for one in page.xpath("//section[@class='latest']//a")}
    assert "Notice 0" in told
    assert "A river changes its mind" not in told
    assert page.xpath("//a[@rel='prev']/@href") == ["/editions/2026-02-27"]


@pytest.mark.parametrize("day", ["2025-01-01", "2026-13-01", "yesterday", "2026-3-1", "9999-12-31"])
def test_a_day_without_a_paper_is_not_found(paper, day):
    assert paper.get(f"/editions/{day}").status_code == 404


def test_sources_are_named_with_their_terms(paper):
    rows = {text(row.xpath("th")[0]): text(row) for row in read(paper, "/about/sources").xpath("//tbody/tr")}
    assert "a summary" in rows["Tide Tribune"]
    assert "the whole text" in rows["Harbour Herald"]


def test_a_feeds_page_leads_into_feed_readers(paper):
    page = read(paper, "/feeds/front-page")
    links = page.xpath("//details[@class='readers']//a/@href")
    assert links[0] == "feed:https://gazette.example/feeds/front-page.atom"
    assert any("https%3A%2F%2Fgazette.example%2Ffeeds%2Ffront-page.atom" in link for link in links[1:])
    raw = [text(one) for one in page.xpath("//dl[@class='addresses']//code")]
    assert raw == [f"https://gazette.example/feeds/front-page.{suffix}" for suffix in ("atom", "rss", "json")]


def test_the_search_page_explains_the_language_with_queries_that_can_be_read(paper):
    shown = [text(one) for one in read(paper, "/search").xpath("//details[@class='language']//code")]
    assert shown == [written for written, _ in EXAMPLES]
    for written in shown:
        parse_query(written)


def test_a_shared_article_says_what_and_whose_it_is(filled):
    address = article_address(filled)
    page = read(filled, address)
    said = dict(zip(page.xpath("//meta/@property"), page.xpath("//meta[@property]/@content"), strict=True))
    assert said["og:type"] == "article"
    assert said["og:title"] == "A river changes its mind"
    assert said["og:image"] == "https://paper.example/river.jpg"
    assert said["og:url"] == f"https://gazette.example{address}"
    data = json.loads(page.xpath("//script[@type='application/ld+json']")[0].text)
    assert data["@type"] == "NewsArticle"
    assert data["publisher"] == {"@type": "Organization", "name": "Harbour Herald"}
    assert data["isBasedOn"] == "https://paper.example/river"
    assert data["datePublished"] == "2026-03-01T12:00:00Z"


def test_nothing_an_article_says_ends_the_data_in_the_head(paper):
    arrive(
        paper.engine, "harbour-herald", entry("x", title="</script><script>alert(1)</script>", published=NOW)
    )
    page = read(paper, "/articles/6")
    blocks = page.xpath("//script")
    assert [block.get("type") for block in blocks] == ["application/ld+json"]
    assert json.loads(blocks[0].text)["headline"] == "</script><script>alert(1)</script>"


def test_the_site_map_lists_every_page(paper):
    answer = paper.get("/sitemap.xml")
    assert answer.mimetype == "application/xml"
    space = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
    listed = [one.text for one in ElementTree.fromstring(answer.data).iter(f"{space}loc")]
    assert {"https://gazette.example/", "https://gazette.example/topics/tide"} <= set(listed)
    assert sum("/articles/" in one for one in listed) == 5
    assert b"Sitemap: https://gazette.example/sitemap.xml" in paper.get("/robots.txt").data


@pytest.mark.parametrize(
    ("address", "begins"),
    [
        ("/favicon.ico", b"\x00\x00\x01\x00"),
        ("/apple-touch-icon.png", b"\x89PNG"),
        ("/static/icon.svg", b"<svg"),
    ],
)
def test_icons_are_where_browsers_look(paper, address, begins):
    assert paper.get(address).data.startswith(begins)


def test_a_face_stands_beside_its_articles(sqlite_engine):
    herald, tribune = CONFIGURATION.sources
    faced = replace(herald, face="https://paper.example/ada.jpg")
    page = read(open_paper(sqlite_engine, replace(CONFIGURATION, sources=(faced, tribune))), "/articles/1")
    assert page.xpath("//img[@class='face']/@src") == ["https://paper.example/ada.jpg"]


def test_a_missing_page_shows_what_is_news(paper):
    page = read(paper, "/nowhere", 404)
    assert len(page.xpath("//ul[@class='headlines']/li")) == 5


def themed(engine, folder):
    return open_paper(engine, replace(CONFIGURATION, site=replace(SITE, theme=str(folder))))


def test_the_documented_theme_dresses_every_page(sqlite_engine):
    paper = themed(sqlite_engine, ROOT / "docs" / "how-to" / "theme")
    page = read(paper, "/topics/tide")
    assert text(page.xpath("//p[@class='name']")[0]) == "Thames Gazette Evening"
    assert text(read(paper, "/").xpath("//h1[@class='name']")[0]) == "Thames Gazette Evening"
    assert "/static/evening.css" in page.xpath("//link[@rel='stylesheet']/@href")
    assert b"--paper: #fff4ea" in paper.get("/static/evening.css").data
    assert paper.get("/static/paper.css").status_code == 200
    manual = (ROOT / "docs" / "how-to" / "theme.md").read_text("utf-8")
    for name in ("base.html", "static/evening.css"):
        assert (ROOT / "docs" / "how-to" / "theme" / name).read_text("utf-8") in manual


def test_a_theme_replaces_files_and_serves_nothing_beside_them(sqlite_engine, tmp_path):
    (tmp_path / "static").mkdir()
    (tmp_path / "static" / "paper.css").write_text("body { color: teal }")
    (tmp_path / "static" / "secret.txt").write_text("no")
    (tmp_path / "error.html").write_text("<h1>Lost</h1>")
    paper = themed(sqlite_engine, tmp_path)
    assert paper.get("/static/paper.css").data == b"body { color: teal }"
    assert paper.get("/static/secret.txt").status_code == 404
    assert paper.get("/static/..%2Ferror.html").status_code == 404
    assert paper.get("/nowhere").data == b"<h1>Lost</h1>"
    (tmp_path / "error.html").unlink()
    assert b"Not found" in paper.get("/nowhere").data


def test_a_kept_page_is_made_again_when_something_arrives(paper):
    before = paper.get("/").data
    assert paper.get("/").data == before
    arrive(
        paper.engine,
        "harbour-herald",
        entry("late", title="Stop press", published=NOW),
        feeds=["front-page"],
        at=NOW + timedelta(hours=1),
    )
    paper.forget()
    assert b"Stop press" in paper.get("/").data


@pytest.mark.parametrize(
    ("language", "direction"),
    [("ar", "rtl"), ("he-IL", "rtl"), ("az-Arab", "rtl"), ("fr", "ltr"), ("ks-Latn", "ltr")],
)
def test_an_article_runs_as_its_language_does_whatever_its_source_is_called(paper, language, direction):
    title = "إغلاق الجسر" if direction == "rtl" else "Le pont"
    arrive(paper.engine, "harbour-herald", entry("far", title=title, language=language, published=NOW))
    (story,) = read(paper, "/articles/6").xpath("//article[contains(@class, 'story')]")
    (title,) = story.xpath("h1")
    assert (title.get("lang"), story.get("dir")) == (language, direction)
    assert story.get("lang") is None, "what we say around it is in the paper's language"


def test_a_paper_in_a_language_from_right_to_left_runs_so(sqlite_engine):
    page = read(open_paper(sqlite_engine, replace(CONFIGURATION, site=replace(SITE, language="ar"))), "/")
    assert (page.get("lang"), page.get("dir")) == ("ar", "rtl")


def test_an_article_shows_its_picture_its_people_and_its_comments(paper):
    door = "https://paper.example/door.jpg"
    fields = {
        "image": door,
        "image_credit": "Eve",
        "enclosures": (Enclosure(door, "image/jpeg", title="A red door"),),
        "podcast": Podcast(people=(Participant("Bob", "guest"), Participant("Ann"))),
        "comments": "https://paper.example/door#comments",
        "comment_count": 12,
    }
    bare = entry("d1", title="Door", content="<p>It is red.</p>", **fields)
    pictured = entry("d2", title="Door again", content=f'<p><img src="{door}"></p>', **fields)
    arrive(paper.engine, "harbour-herald", bare, pictured, feeds=["front-page"])
    paper.forget()
    first, second = (read(paper, f"/articles/{number}").xpath("//article")[0] for number in (6, 7))
    (picture,) = first.xpath(".//img")
    assert (picture.get("src"), picture.get("alt")) == (door, "A red door")
    assert "With Bob (guest), Ann" in text(first)
    assert "Comments (12)" in text(first)
    assert len(second.xpath(".//img")) == 1
    assert "Picture: Eve" in text(first)
    assert "Picture: Eve" in text(second)
