"""Hand-made decisions in a real store: what they do, that they last, and that each can be taken back."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Engine

from aggregator.errors import NotFound
from aggregator.model import ArticleState, Configuration, Feed, Gate
from aggregator.pipeline.editing import CannotDecide, Draft, mark_article, post_article, release_due, undo
from aggregator.query.parse import parse_query
from aggregator.store.articles.events import events_of
from aggregator.store.articles.marks import marks_of, newest_marks
from aggregator.store.articles.search import search
from aggregator.store.engine import reading
from aggregator.store.feeds.heads import find_feed
from aggregator.store.feeds.items import read_items
from tests.curate.papers import NOON, PAPER, entry, identified
from tests.store.making import apply
from tests.stored import Stored

HOUR = timedelta(hours=1)
LATER = NOON + 5 * HOUR
REST = Configuration(
    feeds=(
        Feed(slug="all", title="All"),
        Feed(slug="best", title="Best", query="picked:true"),
        Feed(slug="rest", title="Rest", query="-picked:true"),
    )
)


def shown(engine: Engine, slug: str, kind: str = "feed") -> list[str]:
    with reading(engine) as connection:
        head = find_feed(connection, kind, slug)
        assert head is not None
        return [item.article.entry.title for item in read_items(connection, head, limit=100)]


def version(engine: Engine, slug: str) -> str:
    with reading(engine) as connection:
        head = find_feed(connection, "feed", slug)
        assert head is not None
        return head.version


@pytest.fixture
def paper(engine: Engine) -> Stored:
    stored = Stored(engine, PAPER, REST)
    stored.poll([entry("bridge"), entry("tower")], NOON)
    return stored


def mark(paper: Stored, number: int, kind: str, words: str = "") -> None:
    mark_article(paper.engine, str(paper.article(number).id), kind, who="Ada", now=LATER, words=words)


def take_back(paper: Stored, number: int) -> None:
    undo(paper.engine, str(paper.article(number).id), who="Ben", now=LATER + HOUR)


def test_a_pick_moves_the_article_between_feeds_and_undo_moves_it_back(paper: Stored) -> None:
    assert (shown(paper.engine, "best"), len(shown(paper.engine, "rest"))) == ([], 2)
    mark(paper, 1, "pick")
    title = paper.article(1).entry.title
    assert shown(paper.engine, "best") == [title]
    assert title not in shown(paper.engine, "rest")
    take_back(paper, 1)
    assert (shown(paper.engine, "best"), len(shown(paper.engine, "rest"))) == ([], 2)


@pytest.mark.parametrize(
    ("kind", "state"), [("hide", ArticleState.REJECTED), ("withdraw", ArticleState.WITHDRAWN)]
)
def test_what_is_hidden_or_withdrawn_is_in_no_feed_and_no_search(
    paper: Stored, kind: str, state: ArticleState
) -> None:
    title = paper.article(1).entry.title
    mark(paper, 1, kind, "by mistake")
    assert (paper.article(1).state, paper.article(1).reason.endswith("by hand: by mistake")) == (state, True)
    assert title not in shown(paper.engine, "all") + paper.out()
    with reading(paper.engine) as connection:
        found = search(connection, parse_query(""), limit=10, now=LATER)
    assert title not in [article.entry.title for article, _, _ in found]
    take_back(paper, 1)
    assert title in shown(paper.engine, "all")
    assert paper.article(1).state is ArticleState.OUT


def test_a_note_changes_what_readers_get_and_nothing_else(paper: Stored) -> None:
    before, place = version(paper.engine, "all"), shown(paper.engine, "all")
    mark(paper, 2, "note", "Corrected at noon.")
    assert paper.article(2).note == "Corrected at noon."
    assert version(paper.engine, "all") != before
    mark(paper, 2, "note", "Corrected twice.")
    take_back(paper, 2)
    assert paper.article(2).note == "Corrected at noon."
    take_back(paper, 2)
    assert (paper.article(2).note, shown(paper.engine, "all")) == ("", place)


def test_marks_tell_who_and_when_for_ever(paper: Stored) -> None:
    mark(paper, 1, "hide", "spam")
    take_back(paper, 1)
    with reading(paper.engine) as connection:
        (one,) = marks_of(connection, paper.article(1).id)
        assert newest_marks(connection, 5) == (one,)
    assert (one.kind, one.words, one.who, one.at) == ("hide", "spam", "Ada", LATER)
    assert (one.undone_by, one.undone_at) == ("Ben", LATER + HOUR)
    with pytest.raises(CannotDecide, match="can be undone"):
        take_back(paper, 1)


def test_marks_last_through_polls_new_ids_and_changed_rules(paper: Stored) -> None:
    mark(paper, 1, "pick")
    mark(paper, 1, "note", "Ours.")
    mark(paper, 2, "hide")
    old = [paper.article(n) for n in (1, 2)]
    # the publisher edits both, then gives both other ids and links
    edited = [identified(replace(a.entry, title=f"{a.entry.title} again")) for a in old]
    paper.poll(edited, LATER + HOUR)
    moved = [
        identified(replace(e, id=e.id.replace("https", "http"), link=str(e.link).replace("https", "http")))
        for e in edited
    ]
    paper.poll(moved, LATER + 2 * HOUR)
    paper.use(replace(REST, feeds=(*REST.feeds, Feed(slug="new", title="New", query="picked:true"))), LATER)
    assert len(paper.stored) == 2
    now = [paper.article(n) for n in (1, 2)]
    assert [a.entry.id.partition(":")[0] for a in now] == ["http", "http"]
    assert (now[0].is_picked, now[0].note, now[1].state) == (True, "Ours.", ArticleState.REJECTED)
    assert shown(paper.engine, "best") == [now[0].entry.title]
    assert now[1].entry.title not in shown(paper.engine, "all")


def test_what_is_decided_while_a_source_is_away_stands_in_its_feed_when_it_is_back(paper: Stored) -> None:
    mark(paper, 2, "hide")
    apply(paper.engine, REST, NOON)
    mark(paper, 1, "note", "Worth a look.")
    take_back(paper, 2)
    paper.use(REST, LATER)
    assert len(shown(paper.engine, paper.slug, "source")) == 2


def test_a_posted_article_is_published_like_any_other_and_undo_takes_it_back(paper: Stored) -> None:
    draft = Draft("Closed on Monday", "Dear readers,\n\nwe are away.", categories=("notice",), is_picked=True)
    article = post_article(paper.engine, draft, who="Ada", now=LATER)
    assert article.entry.content == "<p>Dear readers,</p><p>we are away.</p>"
    assert article.published_id.startswith("urn:uuid:")
    assert shown(paper.engine, "all")[0] == "Closed on Monday"
    assert shown(paper.engine, "best") == ["Closed on Monday"]
    assert shown(paper.engine, "desk", "source") == ["Closed on Monday"]
    second = post_article(paper.engine, Draft("Open <again>"), who="Ada", now=LATER + HOUR)
    assert second.source_id == article.source_id
    paper.use(REST, LATER)
    undo(paper.engine, str(article.id), who="Ben", now=LATER + 2 * HOUR)
    assert shown(paper.engine, "desk", "source") == ["Open <again>"]


def test_articles_are_found_by_id_link_published_id_and_page(paper: Stored) -> None:
    article = paper.article(1)
    for address in (str(article.id), str(article.entry.link), article.published_id):
        mark_article(paper.engine, address, "note", who="Ada", now=LATER, words=address)
        assert paper.article(1).note == address
    page = f"https://site.example/articles/{article.id}"
    mark_article(paper.engine, page, "note", who="Ada", now=LATER, words="page")
    assert paper.article(1).note == "page"
    for nowhere in ("999999", "https://nowhere.example/", "9" * 30, ""):
        with pytest.raises(NotFound):
            mark_article(paper.engine, nowhere, "pick", who="Ada", now=LATER)


@pytest.mark.parametrize(
    ("done", "kind"),
    [(("pick",), "pick"), ((), "release"), ((), "reject"), (("hide",), "hide"), (("withdraw",), "withdraw")],
)
def test_what_is_so_already_is_refused(paper: Stored, done: tuple[str, ...], kind: str) -> None:
    for before in done:
        mark(paper, 1, before)
    with pytest.raises(CannotDecide):
        mark(paper, 1, kind)


def test_a_note_without_words_is_refused(paper: Stored) -> None:
    with pytest.raises(CannotDecide, match="needs words"):
        mark(paper, 1, "note", " \n")


@pytest.fixture
def waiting(engine: Engine) -> Stored:
    stored = Stored(engine, replace(PAPER, gate=Gate(hold_s=7200)), REST)
    stored.poll([entry("bridge"), entry("tower")], NOON)
    return stored


def test_held_articles_go_out_when_their_time_comes_and_not_before(waiting: Stored) -> None:
    assert release_due(waiting.engine, NOON + HOUR) == 0
    assert shown(waiting.engine, "all") == []
    assert release_due(waiting.engine, NOON + 2 * HOUR) == 2
    assert len(shown(waiting.engine, "all")) == len(waiting.out()) == 2
    assert {article.sort_date for article in waiting.stored.values()} == {NOON}
    assert release_due(waiting.engine, LATER) == 0
    with reading(waiting.engine) as connection:
        (event,) = events_of(connection, waiting.article(1).id)
    assert event.at == NOON + 2 * HOUR
    assert "every new article of its source waits" in event.what


def test_a_person_releases_sooner_and_a_rejected_article_never_goes_out(waiting: Stored) -> None:
    mark(waiting, 1, "release")
    mark(waiting, 2, "reject", "spam")
    assert shown(waiting.engine, "all") == [waiting.article(1).entry.title]
    assert release_due(waiting.engine, LATER) == 0
    waiting.poll([identified(replace(waiting.article(2).entry, title="Edited"))], LATER)
    assert waiting.article(2).state is ArticleState.REJECTED
    take_back(waiting, 2)
    assert waiting.article(2).state is ArticleState.HELD
    assert release_due(waiting.engine, LATER) == 1


def test_silent_articles_of_a_first_import_can_be_released(engine: Engine) -> None:
    paper = Stored(engine, replace(PAPER, initial_items=0), REST)
    paper.poll([entry("bridge")], NOON)
    assert paper.article(1).state is ArticleState.SILENT
    mark(paper, 1, "release")
    assert paper.out() == [paper.article(1).entry.title]


def test_of_a_source_that_leads_elsewhere_what_is_let_out_lets_its_like_pass(engine: Engine) -> None:
    paper = Stored(engine, replace(PAPER, gate=Gate(takeover="hold")), REST)
    usual = [entry(f"bridge{number}") for number in range(6)]
    strange = [entry(name, link=f"https://moved.example/{name}") for name in ("ferry", "canal", "lock")]
    paper.poll(usual, NOON)
    paper.poll([*strange[:2], *usual], NOON + HOUR)
    assert [paper.article(n).state for n in (7, 8)] == [ArticleState.HELD] * 2
    mark(paper, 7, "reject")
    paper.poll([*strange[1:], *usual], LATER)
    assert paper.article(9).state is ArticleState.HELD
    mark(paper, 8, "release")
    paper.poll([entry("quay", link="https://moved.example/quay"), *usual], LATER + HOUR)
    assert paper.article(10).state is ArticleState.OUT
