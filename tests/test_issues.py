"""Time-shaped feeds from poll to document: digests, the best of a week, the rest of a day in one entry."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import lxml.html
import orjson
import pytest
from lxml import etree
from sqlalchemy import Engine

from aggregator.config.load import load_configuration
from aggregator.pipeline.apply import apply_loaded
from aggregator.pipeline.editing import mark_article
from aggregator.pipeline.issuing import make_issues
from aggregator.store.engine import reading, writing
from aggregator.store.feeds.heads import find_feed
from aggregator.store.feeds.issues import find_last_issue, save_issue
from aggregator.store.outgoing.newsletters import entered_between
from aggregator.web.app import create_app
from tests.newsroom import ATOM, BRIDGE, Newsroom
from tests.store.making import NOW

#: seven in the evening before the papers print, and in the morning after
EVENING, MORNING = NOW + timedelta(hours=7), NOW + timedelta(hours=19)
FERRY = "<p>Crossing to Candle Stairs costs more from May.</p>"
OWL = "<p>Visitors of the clock tower are asked to whisper.</p>"


@pytest.fixture
def newsroom(engine: Engine, tmp_path: Path) -> Newsroom:
    return Newsroom(engine, tmp_path, "{morning: {title: Morning, digest: daily at 07:00}, all: {}}")


def entries(newsroom: Newsroom, slug: str = "morning") -> list[etree._Element]:
    return etree.fromstring(newsroom.document("atom", slug)).findall(f"{ATOM}entry")


def print_a_day(newsroom: Newsroom) -> None:
    newsroom.print_bridge()
    newsroom.prints("courier", "Ferry fares go up", text=FERRY, hours=4)


def test_digest_is_one_entry_with_the_stories_of_the_day(newsroom: Newsroom) -> None:
    print_a_day(newsroom)
    assert entries(newsroom) == []
    assert make_issues(newsroom.engine, MORNING) == 1
    (entry,) = entries(newsroom)
    assert entry.findtext(f"{ATOM}title") == "Morning, Monday, 2 March 2026"
    assert entry.findtext(f"{ATOM}id", "").startswith("urn:uuid:")
    assert entry.findtext(f"{ATOM}published") == "2026-03-02T07:00:00Z"
    text = lxml.html.fromstring(entry.findtext(f"{ATOM}content", ""))
    assert [line.xpath("string(.//a)") for line in text.xpath("//li")] == [
        "Ferry fares go up",
        BRIDGE["gazette"][0],
    ]
    assert "Also at: courier, metropole." in text.text_content()


def test_every_format_tells_the_same_digest(newsroom: Newsroom) -> None:
    print_a_day(newsroom)
    make_issues(newsroom.engine, MORNING)
    (entry,) = entries(newsroom)
    (item,) = orjson.loads(newsroom.document("json", "morning"))["items"]
    rss = etree.fromstring(newsroom.document("rss", "morning"))
    assert item["id"] == rss.findtext("channel/item/guid") == entry.findtext(f"{ATOM}id")
    assert item["title"] == rss.findtext("channel/item/title") == entry.findtext(f"{ATOM}title")
    assert "Ferry fares go up" in item["content_html"]


def test_an_issue_is_made_once_and_stays_the_same_bytes(newsroom: Newsroom) -> None:
    print_a_day(newsroom)
    assert make_issues(newsroom.engine, MORNING) == 1
    before = [newsroom.document(form, "morning") for form in ("atom", "rss", "json")]
    assert make_issues(newsroom.engine, MORNING) == 0
    assert make_issues(newsroom.engine, MORNING + timedelta(hours=9)) == 0
    newsroom.prints("gazette", "Owl nests in clock tower", text=OWL, hours=20)
    assert [newsroom.document(form, "morning") for form in ("atom", "rss", "json")] == before


def test_of_two_workers_that_notice_the_time_one_makes_the_issue(newsroom: Newsroom) -> None:
    print_a_day(newsroom)
    make_issues(newsroom.engine, MORNING)
    with writing(newsroom.engine) as connection:
        head = find_feed(connection, "feed", "morning")
        assert head is not None
        made = find_last_issue(connection, head.id)
        assert made is not None
        assert save_issue(connection, head, made.since, made.at, [], MORNING) is None
        assert find_last_issue(connection, head.id) == made


def test_a_day_without_news_has_no_entry(newsroom: Newsroom) -> None:
    print_a_day(newsroom)
    make_issues(newsroom.engine, MORNING)
    assert make_issues(newsroom.engine, MORNING + timedelta(days=1)) == 0
    assert len(entries(newsroom)) == 1
    newsroom.prints("gazette", "Owl nests in clock tower", text=OWL, hours=45)
    assert make_issues(newsroom.engine, MORNING + timedelta(days=2)) == 1
    titles = [entry.findtext(f"{ATOM}title") for entry in entries(newsroom)]
    assert titles == ["Morning, Wednesday, 4 March 2026", "Morning, Monday, 2 March 2026"]


def test_days_slept_through_have_their_issues(newsroom: Newsroom) -> None:
    print_a_day(newsroom)
    make_issues(newsroom.engine, MORNING)
    newsroom.prints("gazette", "Owl nests in clock tower", text=OWL, hours=20)
    newsroom.prints("courier", "Bakers vote to strike", text="<p>Ovens stay cold on Friday.</p>", hours=44)
    assert make_issues(newsroom.engine, MORNING + timedelta(days=3)) == 2
    assert len(entries(newsroom)) == 3


def test_what_was_told_yesterday_is_not_told_again_when_coverage_grows(newsroom: Newsroom) -> None:
    newsroom.print_bridge("courier")
    make_issues(newsroom.engine, MORNING)
    newsroom.prints("gazette", *BRIDGE["gazette"], hours=20)
    assert make_issues(newsroom.engine, MORNING + timedelta(days=1)) == 0
    assert len(entries(newsroom)) == 1


def test_seven_is_seven_on_the_clocks_of_the_site(engine: Engine, tmp_path: Path) -> None:
    newsroom = Newsroom(engine, tmp_path, "{morning: {digest: daily at 07:00}}")
    path = tmp_path / "aggregator.yaml"
    path.write_text("site: {timezone: Europe/London}\n" + path.read_text("utf-8"), "utf-8")
    newsroom.loaded = load_configuration(path)
    apply_loaded(engine, newsroom.loaded, NOW)
    spring = datetime(2026, 3, 28, 12, tzinfo=UTC)
    for day, title in enumerate(("Ferry fares go up", "Owl nests in clock tower")):
        at = spring + timedelta(days=day)
        newsroom.prints("courier", title, text=FERRY if day else OWL, hours=(at - NOW).total_seconds() / 3600)
        make_issues(engine, at + timedelta(days=1))
    dates = [entry.findtext(f"{ATOM}published") for entry in entries(newsroom)]
    # the clocks went forward in the night to the 29th
    assert dates == ["2026-03-30T06:00:00Z", "2026-03-29T06:00:00Z"]


def test_what_an_editor_hides_leaves_the_digest(newsroom: Newsroom) -> None:
    print_a_day(newsroom)
    make_issues(newsroom.engine, MORNING)
    hidden = str(newsroom.ids()["Ferry fares go up"])
    mark_article(newsroom.engine, hidden, "hide", who="desk", now=NOW + timedelta(days=1))
    assert b"Ferry fares" not in newsroom.document("atom", "morning")
    assert b"Bridge" in newsroom.document("atom", "morning")


def test_best_of_the_week_has_what_most_outlets_told_first(engine: Engine, tmp_path: Path) -> None:
    newsroom = Newsroom(engine, tmp_path, "{best: {best: week, stories: 2}}")
    print_a_day(newsroom)
    newsroom.prints("gazette", "Owl nests in clock tower", text=OWL, hours=-1)
    monday = datetime(2026, 3, 2, 0, 0, 5, tzinfo=UTC)
    assert make_issues(engine, monday - timedelta(minutes=1)) == 0
    assert make_issues(engine, monday) == 1
    first, second = newsroom.edition("best").items
    assert [copy.source for copy in first.also] == ["courier", "metropole"]
    assert second.article.entry.title == "Ferry fares go up"
    assert "3 outlets" in first.why
    assert len(entries(newsroom, "best")) == 2


def test_newest_issue_of_the_best_comes_first(engine: Engine, tmp_path: Path) -> None:
    newsroom = Newsroom(engine, tmp_path, "{best: {best: day}}")
    print_a_day(newsroom)
    make_issues(engine, NOW + timedelta(days=1))
    newsroom.prints("gazette", "Owl nests in clock tower", text=OWL, hours=20)
    make_issues(engine, NOW + timedelta(days=2))
    titles = [item.article.entry.title for item in newsroom.edition("best").items]
    assert titles == ["Owl nests in clock tower", BRIDGE["gazette"][0], "Ferry fares go up"]


def test_a_changed_article_stays_in_its_issue(newsroom: Newsroom) -> None:
    newsroom.print_bridge("courier")
    make_issues(newsroom.engine, MORNING)
    newsroom.prints("courier", *BRIDGE["courier"], text=TEXT_NOW, hours=21)
    (entry,) = entries(newsroom)
    assert BRIDGE["courier"][0] in entry.findtext(f"{ATOM}content", "")


TEXT_NOW = "<p>Engineers now say the bridge over the Thames may stay closed for all of the spring.</p>"


def test_pages_lead_to_the_issue_and_feeds_are_found(newsroom: Newsroom) -> None:
    print_a_day(newsroom)
    make_issues(newsroom.engine, MORNING)
    client = create_app(newsroom.engine).test_client()
    page = client.get("/feeds/morning", headers={"Accept": "text/html"}).text
    assert 'href="/feeds/morning/issues/1"' in page
    issue = client.get("/feeds/morning/issues/1")
    assert issue.status_code == 200
    assert "Ferry fares go up" in issue.text
    assert 'type="application/atom+xml"' in issue.text
    for missing in ("morning/issues/2", "all/issues/1", f"morning/issues/{2**70}", "none/issues/1"):
        assert client.get(f"/feeds/{missing}").status_code == 404
    assert b"/feeds/morning.atom" in client.get("/opml/feeds.opml").data


def test_a_newsletter_finds_the_stories_of_an_issue(newsroom: Newsroom) -> None:
    print_a_day(newsroom)
    make_issues(newsroom.engine, MORNING)
    with reading(newsroom.engine) as connection:
        head = find_feed(connection, "feed", "morning")
        assert head is not None
        assert len(entered_between(connection, head, 0, 99, 30)) == 4


def narrowed(newsroom: Newsroom, form: str, question: str, slug: str = "morning") -> bytes:
    answer = create_app(newsroom.engine).test_client().get(f"/feeds/{slug}.{form}?q={question}")
    assert answer.status_code == 200
    return answer.data


def test_a_question_narrows_what_a_digest_tells(newsroom: Newsroom) -> None:
    print_a_day(newsroom)
    make_issues(newsroom.engine, MORNING)
    newsroom.prints("gazette", "Owl nests in clock tower", text=OWL, hours=20)
    make_issues(newsroom.engine, MORNING + timedelta(days=1))
    whole = {one.findtext(f"{ATOM}id") for one in entries(newsroom)}
    assert len(whole) == 2
    (entry,) = etree.fromstring(narrowed(newsroom, "atom", "ferry")).findall(f"{ATOM}entry")
    assert entry.findtext(f"{ATOM}title") == "Morning: ferry, Monday, 2 March 2026"
    assert "Ferry fares" in entry.findtext(f"{ATOM}content", "")
    assert "Bridge" not in entry.findtext(f"{ATOM}content", "")
    assert entry.findtext(f"{ATOM}id") not in whole, "what tells less is another entry"
    rss = etree.fromstring(narrowed(newsroom, "rss", "ferry"))
    assert rss.findtext("channel/item/guid") == entry.findtext(f"{ATOM}id")
    assert orjson.loads(narrowed(newsroom, "json", "zebra"))["items"] == []
    assert len(orjson.loads(narrowed(newsroom, "json", "clock+OR+ferry&limit=1"))["items"]) == 1


def test_a_question_joins_the_copies_that_the_whole_feed_joins(engine: Engine, tmp_path: Path) -> None:
    newsroom = Newsroom(engine, tmp_path, "{front: {duplicates: story}}")
    newsroom.print_bridge()
    (item,) = orjson.loads(narrowed(newsroom, "json", "lambourne", "front"))["items"]
    assert len(item["_sources"]) == 2


def test_digests_of_the_past_are_in_archives_whole(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aggregator.store.feeds.configured.DIGEST_SPAN", 3)
    newsroom = Newsroom(engine, tmp_path, "{morning: {digest: daily at 07:00, limit: 1}}")
    print_a_day(newsroom)
    make_issues(engine, MORNING)
    (told,) = entries(newsroom)
    newsroom.prints("gazette", "Owl nests in clock tower", text=OWL, hours=20)
    newsroom.prints("metropole", "Bakers vote to strike", text="<p>Ovens stay cold on Friday.</p>", hours=21)
    make_issues(engine, MORNING + timedelta(days=1))
    client = create_app(engine).test_client()
    archived = etree.fromstring(client.get("/feeds/morning/archive/1.atom").data)
    assert [one.findtext(f"{ATOM}id") for one in archived.findall(f"{ATOM}entry")] == [
        told.findtext(f"{ATOM}id")
    ]
    assert "Ferry fares go up" in str(etree.tostring(archived, encoding="unicode"))


def test_a_feed_that_becomes_a_digest_and_back_loses_nothing(newsroom: Newsroom, tmp_path: Path) -> None:
    print_a_day(newsroom)
    path = tmp_path / "aggregator.yaml"
    text = path.read_text("utf-8")
    for feeds, count in (("all: {digest: daily}", 0), ("all: {}", 4)):
        path.write_text(text.replace("all: {}", feeds), "utf-8")
        apply_loaded(newsroom.engine, load_configuration(path), MORNING)
        assert len(newsroom.edition("all").items) == count


def test_the_rest_of_a_day_is_one_entry(engine: Engine, tmp_path: Path) -> None:
    newsroom = Newsroom(engine, tmp_path, "{front: {per_source: 2 per day, overflow: digest}}")
    for hour, title in enumerate(("First", "Second", "Third", "Fourth")):
        newsroom.prints("courier", f"{title} of many", text=f"<p>{title} text.</p>", hours=hour)
    newsroom.prints("gazette", "Owl nests in clock tower", text=OWL, hours=1)
    shown = [item.article.entry.title for item in newsroom.edition("front").items]
    assert shown == [
        "Fourth of many",
        "Third of many",
        "Owl nests in clock tower",
        "More from courier, Sunday, 1 March 2026",
    ]
    (rest,) = [one for one in entries(newsroom, "front") if "More from" in one.findtext(f"{ATOM}title", "")]
    assert "First of many" in rest.findtext(f"{ATOM}content", "")
    newsroom.prints("courier", "Fifth of many", text="<p>Fifth text.</p>", hours=5)
    (grown,) = [one for one in entries(newsroom, "front") if "More from" in one.findtext(f"{ATOM}title", "")]
    assert "Third of many" in grown.findtext(f"{ATOM}content", "")
    for name in ("id", "published", "title"):
        assert grown.findtext(ATOM + name) == rest.findtext(ATOM + name)
    assert {item["id"] for item in orjson.loads(newsroom.document("json"))["items"]} == {
        one.findtext(f"{ATOM}id") for one in entries(newsroom, "front")
    }
