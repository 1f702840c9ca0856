"""Stories from poll to page: three papers, one event, one entry."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import cycle, repeat
from pathlib import Path

import orjson
import pytest
from lxml import etree
from sqlalchemy import Engine, delete, select

from aggregator.config.load import load_configuration
from aggregator.curate.arrange import why_left_out
from aggregator.curate.stories.index import StoryIndex
from aggregator.curate.stories.told import Decision, Told
from aggregator.pipeline.apply import apply_loaded
from aggregator.pipeline.explaining import explain_article
from aggregator.pipeline.telling import Teller
from aggregator.store.articles.recall import find_article
from aggregator.store.configurations import load_applied
from aggregator.store.engine import open_engine, reading, writing
from aggregator.store.feeds.heads import find_feed
from aggregator.store.feeds.items import read_items
from aggregator.store.stories.corrections import join_stories, split_story
from aggregator.store.stories.coverage import read_coverage, read_story
from aggregator.store.tables import story_members
from benchmarks.stories import lookalikes
from tests.databases import Databases
from tests.newsroom import ATOM, BRIDGE, PAPERS, TEXT, Newsroom
from tests.running import printed, refused
from tests.store.making import NOW, entry


@pytest.fixture
def newsroom(engine: Engine, tmp_path: Path) -> Newsroom:
    return Newsroom(engine, tmp_path, "{front: {duplicates: story}, all: {}}")


def test_one_event_in_three_papers_is_one_entry_with_the_fullest_text(newsroom: Newsroom) -> None:
    newsroom.print_bridge()
    (item,) = newsroom.edition().items
    assert item.article.entry.title == BRIDGE["gazette"][0]
    assert [copy.source for copy in item.also] == ["courier", "metropole"]
    assert len(newsroom.edition("all").items) == 3


def test_growing_coverage_alerts_nobody_again(newsroom: Newsroom) -> None:
    newsroom.print_bridge("courier")
    (before,) = etree.fromstring(newsroom.document("atom")).findall(f"{ATOM}entry")
    newsroom.print_bridge("courier", "metropole", "gazette")
    (after,) = etree.fromstring(newsroom.document("atom")).findall(f"{ATOM}entry")
    for name in ("id", "published", "updated"):
        assert after.findtext(ATOM + name) == before.findtext(ATOM + name)


def test_every_format_names_the_others(newsroom: Newsroom) -> None:
    newsroom.print_bridge()
    (atom,) = etree.fromstring(newsroom.document("atom")).findall(f"{ATOM}entry")
    links = [link.get("title") for link in atom.findall(f"{ATOM}link") if link.get("rel") == "related"]
    assert links == ["courier", "metropole", "All reports"]
    page = f"http://127.0.0.1:8000/stories/{newsroom.ids()[BRIDGE['courier'][0]]}"
    assert atom.xpath("*[@title='All reports']/@href") == [page]
    assert b"Also at: " in newsroom.document("rss")
    assert page.encode() in newsroom.document("rss")
    (item,) = orjson.loads(newsroom.document("json"))["items"]
    assert item["_aggregator"]["story"] == page
    assert [one["name"] for one in item["_sources"]] == ["courier", "metropole"]


def test_workers_that_share_nothing_but_the_store_know_the_same_stories(newsroom: Newsroom) -> None:
    first, second = Teller(), Teller()
    for teller, paper in zip((first, second, first), PAPERS, strict=True):
        newsroom.teller = teller
        newsroom.prints(paper, *BRIDGE[paper])
    assert len(newsroom.edition().items) == 1


def test_workers_old_and_new_decide_alike_whatever_they_saw_themselves(
    databases: Databases, tmp_path: Path
) -> None:
    def decided(tellers: Iterator[Teller]) -> list[tuple[object, ...]]:
        engine = open_engine(databases.url("sqlite"))
        try:
            return decisions(Newsroom(engine, tmp_path, "{front: {}}"), tellers)
        finally:
            engine.dispose()

    steady = decided(repeat(Teller()))
    assert decided(iter(Teller, None)) == steady
    assert decided(cycle([Teller(), Teller()])) == steady
    assert sum(row[0] != row[1] for row in steady) > 20


def decisions(newsroom: Newsroom, tellers: Iterator[Teller]) -> list[tuple[object, ...]]:
    """Let twelve polls bring reports that are much alike, each told by the next of *tellers*."""
    reports = sorted(lookalikes("kinds"), key=lambda report: report.at)
    working = set[Teller]()
    for number in range(12):  # over ten days, so that the first leave the memory
        newsroom.teller = next(tellers)
        at = NOW + timedelta(hours=20 * number)
        some = [
            entry(f"{number}-{one.title}", title=one.title, content=one.text, published=at)
            for one in reports[5 * number : 5 * number + 8]
        ]
        newsroom.brings(PAPERS[number % 3], at, *some)
        working.add(newsroom.teller)
        with reading(newsroom.engine) as connection:
            for teller in working:
                teller.keep_up(connection)
    with reading(newsroom.engine) as connection:
        c = story_members.c
        rows = connection.execute(select(c.article_id, c.story_id, c.text_id, c.tie, c.score, c.sketch))
        return sorted(tuple(row) for row in rows)


def print_an_owl_of_today_and_an_old_bridge(newsroom: Newsroom) -> dict[str, int]:
    owl = "<p>Rangers ring three owlets.</p>"
    newsroom.prints("courier", "Owl nests in clock tower", text=owl, hours=300)
    for hour, paper in enumerate(("courier", "metropole")):
        newsroom.teller = Teller()
        newsroom.prints(paper, *BRIDGE[paper], hours=hour)
    return newsroom.ids()


def test_no_report_waits_for_a_memory_that_begins_a_day_too_early(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[int] = []
    remember = StoryIndex.remember

    def note(index: StoryIndex, told: Told, decision: Decision) -> None:
        read.append(told.article_id)
        remember(index, told, decision)

    monkeypatch.setattr(StoryIndex, "remember", note)
    for hour in (0, 24, 25):
        newsroom.prints("courier", f"Owl rings at hour {hour}", hours=hour)
    assert not read
    with reading(newsroom.engine) as connection:
        assert newsroom.teller is not None
        newsroom.teller.keep_up(connection)
        assert len(read) == 3
        newsroom.teller.keep_up(connection)
    newsroom.prints("courier", "Nobody kept up for two days", hours=73)
    assert len(read) == 3
    newsroom.prints("courier", "Owls are back", hours=74)
    assert len(read) == 3 + 4


def test_old_reports_that_come_late_are_told_like_others(newsroom: Newsroom) -> None:
    ids = print_an_owl_of_today_and_an_old_bridge(newsroom)
    with reading(newsroom.engine) as connection:
        assert len(read_story(connection, ids[BRIDGE["courier"][0]])) == 2


def test_a_first_poll_reads_nothing_back_however_far_it_reaches(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr("aggregator.curate.stories.index.StoryIndex.remember")
    newsroom.prints(
        "gazette", "Owl nests in clock tower", text="<p>Rangers ring three owlets.</p>", hours=300
    )
    for hour, paper in enumerate(("courier", "metropole")):
        newsroom.prints(paper, *BRIDGE[paper], hours=hour)
    with reading(newsroom.engine) as connection:
        assert len(read_story(connection, newsroom.ids()[BRIDGE["courier"][0]])) == 2


def test_what_lies_behind_thousands_of_newer_articles_is_known_by_its_link_alone(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aggregator.pipeline.telling.REACH", 1)
    ids = print_an_owl_of_today_and_an_old_bridge(newsroom)
    with reading(newsroom.engine) as connection:
        for paper in ("courier", "metropole"):
            assert len(read_story(connection, ids[BRIDGE[paper][0]])) == 1
    page = "https://wire.example/bridge"
    newsroom.teller = Teller()
    for paper in ("gazette", "metropole"):
        newsroom.prints(paper, f"{paper} has it", hours=2, link=page)
    ids = newsroom.ids()
    with reading(newsroom.engine) as connection:
        assert len(read_story(connection, ids["gazette has it"])) == 2


def test_what_a_failed_transaction_told_is_forgotten(newsroom: Newsroom) -> None:
    class FailureError(Exception):
        pass

    def fail(teller: Teller, article_id: int) -> None:
        with teller.or_forget(), writing(newsroom.engine) as connection:
            connection.execute(delete(story_members).where(story_members.c.article_id == article_id))
            told = find_article(connection, article_id)
            assert told is not None
            assert teller.tell(connection, {article_id: told.entry}) == (article_id,)
            raise FailureError

    newsroom.prints("courier", *BRIDGE["courier"])
    assert newsroom.teller is not None
    with pytest.raises(FailureError):
        fail(newsroom.teller, newsroom.ids()[BRIDGE["courier"][0]])
    newsroom.print_bridge("metropole")
    (item,) = newsroom.edition().items
    assert len(item.also) == 1


def test_an_article_taken_out_of_its_story_stays_out(newsroom: Newsroom) -> None:
    newsroom.print_bridge("courier", "metropole")
    out = newsroom.ids()[BRIDGE["metropole"][0]]
    before = newsroom.edition()
    with writing(newsroom.engine) as connection:
        assert split_story(connection, out, NOW) == out
    assert len(newsroom.edition().items) == 2
    assert newsroom.edition().feed.version != before.feed.version
    newsroom.prints("gazette", *BRIDGE["gazette"], hours=2)
    assert len(newsroom.edition().items) == 2
    published = [item.article.published_id for item in newsroom.edition().items]
    assert len(set(published)) == 2


def test_the_article_that_opened_a_story_can_leave_it(newsroom: Newsroom) -> None:
    newsroom.print_bridge()
    first = newsroom.ids()[BRIDGE["courier"][0]]
    with writing(newsroom.engine) as connection:
        split_story(connection, first, NOW)
    alone, rest = sorted(newsroom.edition().items, key=lambda item: len(item.also))
    assert alone.article.id == first
    assert len(rest.also) == 1
    assert alone.article.published_id != rest.article.published_id


def test_two_stories_made_one_keep_the_older_entry(newsroom: Newsroom) -> None:
    newsroom.prints("courier", "Ferry fares go up", text="<p>Crossing to Candle Stairs costs more.</p>")
    newsroom.prints("gazette", "Harbour tolls rise", text="<p>Skippers complain of a dear year.</p>", hours=1)
    older, newer = newsroom.edition().items[1], newsroom.edition().items[0]
    with writing(newsroom.engine) as connection:
        join_stories(connection, newer.article.id, older.article.id, NOW)
    (item,) = newsroom.edition().items
    assert item.article.published_id == older.article.published_id


def test_related_coverage_has_other_reports_of_the_event_first(newsroom: Newsroom) -> None:
    newsroom.print_bridge()
    ids = newsroom.ids()
    with reading(newsroom.engine) as connection:
        found = read_coverage(connection, ids[BRIDGE["courier"][0]], 5).others
        story = read_story(connection, ids[BRIDGE["courier"][0]])
    assert [card.name for _, card in found] == ["metropole", "gazette"]
    assert [card.name for _, card, _ in story] == list(PAPERS)


def test_max_age_counts_from_the_feeds_last_change(engine: Engine, tmp_path: Path) -> None:
    newsroom = Newsroom(engine, tmp_path, "{front: {max_age: 2h}}")
    newsroom.prints("courier", "Ferry fares go up", text="<p>Crossing costs more.</p>")
    assert len(newsroom.edition().items) == 1
    newsroom.prints("gazette", "Owl nests in clock tower", text="<p>Whisper.</p>", hours=3)
    assert [item.article.entry.title for item in newsroom.edition().items] == ["Owl nests in clock tower"]


def test_what_does_not_lead_the_feed_is_explained_by_the_copy_that_stands_for_it(newsroom: Newsroom) -> None:
    newsroom.print_bridge()
    with reading(newsroom.engine) as connection:
        head = find_feed(connection, "feed", "front")
        assert head is not None
        items = read_items(connection, head, limit=10)
    hidden = newsroom.ids()[BRIDGE["metropole"][0]]
    why = why_left_out(head, items, hidden, "UTC")
    assert why is not None
    assert why.instead is not None
    assert why.reason == "another copy stands for it (duplicates: story)"
    assert why.instead.article.id in {item.article.id for item in items} - {hidden}
    assert why_left_out(head, items, newsroom.ids()[BRIDGE["gazette"][0]], "UTC") is None
    with reading(newsroom.engine) as connection:
        applied = load_applied(connection)
        assert applied is not None
        verdicts = explain_article(connection, applied.configuration, str(hidden)).verdicts
    (copy,) = (verdict.instead for verdict in verdicts if verdict.slug == "front")
    assert copy is not None
    shown = why.instead.article
    assert (copy.article_id, copy.link, copy.title) == (shown.id, shown.entry.link, shown.entry.title)


def test_of_copies_as_full_the_first_source_of_the_file_is_shown_whatever_came_first(
    newsroom: Newsroom, tmp_path: Path
) -> None:
    texts = {
        "gazette": "<p>Cracked hinge: the Thames crossing at Lambourne Bridge stays shut, divers said.</p>",
        "courier": "<p>Inspectors of Lambourne Bridge found hairline cracks in a hinge, so it is shut.</p>",
    }
    for hour, (paper, text) in enumerate(texts.items()):
        newsroom.prints(paper, BRIDGE[paper][0], words=100, text=text, hours=hour)
    (item,) = newsroom.edition().items
    assert item.source.name == "courier"
    before = item.article.published_id, newsroom.edition().feed.version
    path = tmp_path / "aggregator.yaml"
    lines = path.read_text("utf-8")
    turned = ", ".join(f"{{url: 'https://{name}.example/{name}', name: {name}}}" for name in reversed(PAPERS))
    start, end = lines.index("sources: ["), lines.index("]\nfeeds")
    path.write_text(f"{lines[:start]}sources: [{turned}{lines[end:]}", "utf-8")
    apply_loaded(newsroom.engine, load_configuration(path), NOW)
    (item,) = newsroom.edition().items
    assert item.source.name == "gazette"
    assert item.article.published_id == before[0]
    assert newsroom.edition().feed.version != before[1]


def test_an_article_that_waits_for_an_issue_is_explained(engine: Engine, tmp_path: Path) -> None:
    newsroom = Newsroom(engine, tmp_path, "{morning: {digest: daily at 07:00}}")
    newsroom.print_bridge("courier")
    with reading(engine) as connection:
        told = explain_article(connection, newsroom.loaded.configuration, "1")
    (morning,) = [one for one in told.verdicts if one.slug == "morning"]
    assert not morning.is_in
    assert "the next is still to come" in morning.because[0]


def test_corrections_on_the_command_line_are_remembered_by_every_later_poll(
    sqlite_engine: Engine, tmp_path: Path
) -> None:
    newsroom = Newsroom(sqlite_engine, tmp_path, "{front: {duplicates: story}}")
    path = tmp_path / "aggregator.yaml"
    path.write_text(path.read_text("utf-8").replace("unused.db", str(sqlite_engine.url.database)), "utf-8")
    newsroom.print_bridge("courier", "metropole")
    first, second = sorted(newsroom.ids().values())
    assert f"article {second} is story {second} now" in printed(path, "story", "split", str(second))
    # the same document again, a changed one, a new report, and a worker that knows nothing yet
    newsroom.print_bridge("courier", "metropole")
    newsroom.prints("metropole", BRIDGE["metropole"][0], text=TEXT + "<p>More soon.</p>", hours=2)
    newsroom.teller = Teller()
    newsroom.prints("gazette", *BRIDGE["gazette"], hours=3)
    assert len(newsroom.edition().items) == 2
    printed(path, "story", "join", str(second), str(first))
    newsroom.teller = Teller()
    newsroom.print_bridge("courier", "metropole")
    assert len(newsroom.edition().items) == 1
    told = printed(path, "story", "show", str(first))
    assert all(paper in told for paper in PAPERS)
    assert "999" in refused(path, "story", "split", "999")
    assert "name two articles" in refused(path, "story", "join", str(first), str(first))
