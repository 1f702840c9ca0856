"""Publishers who want no part in the paper: gone at once, gone with the next poll, and back on request."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from aggregator.config.file import Loaded
from aggregator.config.load import load_configuration
from aggregator.curate.opt_out import compile_opt_out
from aggregator.errors import ConfigurationError
from aggregator.model import ArticleState, Budget, Entry, FeedInfo, Fetched, ParsedFeed, Validators
from aggregator.pipeline.apply import apply_loaded
from aggregator.pipeline.decision import Polled
from aggregator.pipeline.editing import release_due
from aggregator.pipeline.intake import rules_in_force, take_in
from aggregator.pipeline.planning import make_plan
from aggregator.store.articles.listing import list_articles
from aggregator.store.engine import reading, writing
from aggregator.store.feeds.archives import read_withdrawn
from aggregator.store.feeds.heads import find_feed, is_removed
from aggregator.store.feeds.items import read_items
from aggregator.store.sources.claims import claim_due
from tests.store.making import NOW, claim_one, entry

SOURCES = """
database: sqlite:///unused.db
sources:
  - {url: "https://planet.example/feed", name: planet}
  - {url: "https://blog.herald.example/feed", name: herald}
feeds: {all: {}}
"""
LATER = NOW + timedelta(hours=1)


def load(folder: Path, rest: str = "") -> Loaded:
    path = folder / "aggregator.yaml"
    path.write_text(SOURCES + rest, "utf-8")
    return load_configuration(path)


def bring(
    engine: Engine, loaded: Loaded, *entries: Entry, source: str = "planet", at=NOW, deleted=()
) -> None:
    claim = claim_one(engine, source, at)
    answer = Fetched(url=claim.url, status=200, headers={}, body=b"", validators=Validators())
    parsed = ParsedFeed(format="rss20", info=FeedInfo(), entries=entries, withdrawn=deleted)
    polled = Polled(claim, at, answer, parsed, str(at))
    take_in(engine, [polled], rules_in_force(loaded.digest, loaded.configuration), at)


def shown(engine: Engine, slug: str = "all") -> list[str]:
    with reading(engine) as connection:
        head = find_feed(connection, "feed", slug)
        assert head is not None
        return sorted(item.article.entry.key for item in read_items(connection, head, limit=100))


HERALD = entry("herald", link="https://www.herald.example/news/1")
GAZETTE = entry("gazette", link="https://gazette.example/1")


def test_stored_articles_leave_every_feed_when_their_host_opts_out(engine: Engine, tmp_path: Path) -> None:
    before = load(tmp_path)
    apply_loaded(engine, before, NOW)
    bring(engine, before, HERALD, GAZETTE)
    bring(engine, before, entry("own", link=None), source="herald")
    assert shown(engine) == ["gazette", "herald", "own"]
    apply_loaded(engine, load(tmp_path, "opt_out: [herald.example]\n"), LATER)
    assert shown(engine) == ["gazette"]
    with reading(engine) as connection:
        head = find_feed(connection, "feed", "all")
        assert head is not None
        told = {one.published_id for one in read_withdrawn(connection, head)}
        states = {a.entry.key: (a.state, a.reason) for a in list_articles(connection, after_id=0, limit=9)}
    assert told == {"tag:test,2026:herald", "tag:test,2026:own"}
    assert states["own"] == (ArticleState.WITHDRAWN, "its publisher opted out: herald.example")
    assert len(states) == 3


def test_a_source_of_theirs_is_polled_no_more_and_its_feed_is_gone(engine: Engine, tmp_path: Path) -> None:
    apply_loaded(engine, load(tmp_path, "opt_out: [herald.example]\n"), NOW)
    apply_loaded(engine, load(tmp_path), NOW)
    apply_loaded(engine, load(tmp_path, "opt_out: [herald.example]\n"), LATER)
    with writing(engine) as connection:
        due = claim_due(connection, LATER, Budget(per_host=9), limit=9, seconds=60)
        assert [claim.slug for claim in due] == ["planet"]
        assert is_removed(connection, "source", "herald")


def test_the_next_poll_brings_nothing_of_theirs(engine: Engine, tmp_path: Path) -> None:
    asked = load(tmp_path, "opt_out: ['https://gazette.example/1', herald.example]\n")
    apply_loaded(engine, asked, NOW)
    bring(engine, asked, HERALD, GAZETTE, entry("other", link="https://gazette.example/12"))
    assert shown(engine) == ["other"]
    bring(engine, asked, entry("herald", title="Edited", link=HERALD.link), at=LATER)
    assert shown(engine) == ["other"]


def test_what_was_out_is_back_at_its_place_when_it_is_taken_off_the_list_again(
    engine: Engine, tmp_path: Path
) -> None:
    free = load(tmp_path, "defaults: {initial_items: 2}\n")
    apply_loaded(engine, free, NOW)
    bring(engine, free, HERALD, GAZETTE, entry("old", link=HERALD.link))
    before = standing(engine)
    asked = load(tmp_path, "defaults: {initial_items: 2}\nopt_out: [herald.example]\n")
    apply_loaded(engine, asked, LATER)
    bring(engine, asked, entry("late", title="Late", content="late words", link=HERALD.link), at=LATER)
    assert shown(engine) == ["gazette"]
    (planned,) = [one for one in make_plan(engine, free, LATER).feeds if one.kind == "feed"]
    assert (planned.slug, planned.enters) == ("all", 2)
    apply_loaded(engine, free, LATER)
    assert release_due(engine, LATER) == 2
    bring(
        engine,
        free,
        entry("new", title="New", content="new words", link="https://herald.example/2"),
        at=LATER,
    )
    assert shown(engine) == ["gazette", "herald", "late", "new"]
    assert before.items() <= standing(engine).items()
    assert before["old"][0] is ArticleState.SILENT


def test_what_is_listed_and_taken_off_twice_before_it_is_let_out_is_back(
    engine: Engine, tmp_path: Path
) -> None:
    apply_loaded(engine, load(tmp_path), NOW)
    bring(engine, load(tmp_path), HERALD, GAZETTE)
    for _ in range(2):
        apply_loaded(engine, load(tmp_path, "opt_out: [herald.example]\n"), LATER)
        apply_loaded(engine, load(tmp_path), LATER)
    assert release_due(engine, LATER) == 1
    assert shown(engine) == ["gazette", "herald"]


def test_what_was_held_waits_on_when_its_publisher_opts_out_no_longer(engine: Engine, tmp_path: Path) -> None:
    free = load(tmp_path, "defaults: {gate: {hold: 2h}}\n")
    apply_loaded(engine, free, NOW)
    bring(engine, free, HERALD, GAZETTE)
    before = standing(engine)
    asked = load(tmp_path, "defaults: {gate: {hold: 2h}}\nopt_out: [herald.example]\n")
    apply_loaded(engine, asked, LATER)
    bring(engine, asked, entry("herald", title="Edited", link=HERALD.link), at=LATER)
    assert standing(engine)["herald"][0] is ArticleState.WITHDRAWN
    apply_loaded(engine, free, LATER)
    assert standing(engine)["herald"][:2] == before["herald"][:2]
    assert release_due(engine, LATER) == 0
    assert release_due(engine, NOW + timedelta(hours=2)) == 2
    assert shown(engine) == ["gazette", "herald"]


@pytest.mark.parametrize("hold", ["0s", "2h"])
def test_what_was_deleted_meanwhile_stays_away_until_it_is_there_again(
    engine: Engine, tmp_path: Path, hold: str
) -> None:
    rest = f"defaults: {{gate: {{hold: {hold}}}}}\n"
    free, asked = load(tmp_path, rest), load(tmp_path, rest + "opt_out: [herald.example]\n")
    apply_loaded(engine, free, NOW)
    bring(engine, free, HERALD, GAZETTE)
    before = standing(engine)
    apply_loaded(engine, asked, LATER)
    bring(engine, asked, GAZETTE, at=LATER, deleted=("herald",))
    apply_loaded(engine, free, LATER)
    assert standing(engine)["herald"][0] is ArticleState.WITHDRAWN
    bring(engine, free, HERALD, GAZETTE, at=LATER)
    assert standing(engine)["herald"][:2] == before["herald"][:2]


def standing(engine: Engine) -> dict[str, tuple[object, ...]]:
    """Where each article stands, by key, and since when readers were told of it."""
    with reading(engine) as connection:
        rows = list_articles(connection, after_id=0, limit=9)
    return {a.entry.key: (a.state, a.reason, a.sort_date, a.changed_at) for a in rows}


@pytest.mark.parametrize(
    ("listed", "url", "is_covered"),
    [
        ("herald.example", "https://herald.example/x", True),
        ("herald.example", "http://www.Herald.Example:8080/x", True),
        ("herald.example", "https://blog.herald.example/x", True),
        ("herald.example", "https://notherald.example/x", False),
        ("blog.herald.example", "https://herald.example/x", False),
        ("https://herald.example/", "https://herald.example/any", True),
        ("https://herald.example/news", "https://herald.example/news/1?x=y", True),
        ("https://herald.example/news", "https://herald.example/newsletter", False),
        ("https://herald.example/news", "http://herald.example/news", True),
        ("https://herald.example/?p=1", "https://herald.example/?p=12", False),
        ("herald.example", None, False),
        ("herald.example", "https://[broken", False),
    ],
)
def test_a_host_covers_all_below_it_and_an_address_all_that_begins_so(
    listed: str, url: str | None, is_covered: bool
) -> None:
    assert (compile_opt_out([listed]).find(url) is not None) == is_covered


@pytest.mark.parametrize("wrong", ["'not a host'", "localhost", "ftp://x.example/", "'*'"])
def test_what_is_no_host_and_no_address_is_refused(tmp_path: Path, wrong: str) -> None:
    with pytest.raises(ConfigurationError, match="opt_out"):
        load(tmp_path, f"opt_out: [{wrong}]\n")
