"""Backup, restore and move keep ids, dates and published bytes, between both engines."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from aggregator.errors import StoreError
from aggregator.model import Budget, Configuration, Failed, FailureKind, Feed, Site
from aggregator.model.pages import PageRead, PageText
from aggregator.pipeline.editions import publish_feed
from aggregator.query.parse import parse_query
from aggregator.store.articles.events import events_of, note_events
from aggregator.store.articles.listing import list_articles
from aggregator.store.articles.marks import Before, add_mark, marks_of
from aggregator.store.articles.page_texts import claim_pages, find_page, save_pages
from aggregator.store.articles.retention import forget
from aggregator.store.articles.search import search
from aggregator.store.backup import backup, restore
from aggregator.store.counters import add
from aggregator.store.engine import open_engine, reading, writing
from aggregator.store.feeds.heads import PUBLISHED, list_feeds
from aggregator.store.sources.states import list_states
from aggregator.store.transfer import copy_store
from tests.databases import Databases
from tests.store.making import NOW, apply, arrive, entry, source

LONG_TEXT = "Words that stand on the page alone. " * 60


@pytest.fixture
def filled(engine: Engine) -> Engine:
    """A store with two sources, a feed and articles, one of them removed again, and texts of pages."""
    sources = (source("a", full_text=True), source("b"))
    apply(engine, Configuration(sources=sources, feeds=(Feed(slug="all", title="All"),)))
    arrive(engine, "a", *(entry(f"a{n}", title=f"Brücke {n} 橋") for n in range(30)), feeds=["all"])
    arrive(engine, "b", *(entry(f"b{n}") for n in range(5)), feeds=["all"])
    with reading(engine) as connection:
        second = next(state for state in list_states(connection) if state.slug == "b")
    forget(engine, second.source_id, NOW)
    read_two_pages(engine)
    return engine


def read_two_pages(engine: Engine) -> None:
    """Have one page read and one fail; the other 28 wait."""
    with writing(engine) as connection:
        good, bad = claim_pages(connection, NOW, Budget(per_host=2), limit=2, seconds=60)
        text = PageText(f"<p>{LONG_TEXT}</p>", 400)
        failure = Failed(kind=FailureKind.HTTP, reason="The server answers 500.")
        save_pages(
            connection,
            [PageRead(claim=good, at=NOW, text=text), PageRead(claim=bad, at=NOW, failure=failure)],
        )


def everything(engine: Engine) -> list[object]:
    """All that a reader or an operator can see of a store."""
    with reading(engine) as connection:
        heads = list_feeds(connection, PUBLISHED)
        return [
            list_articles(connection, after_id=0, limit=100),
            heads,
            list_states(connection),
            [find_page(connection, number) for number in range(1, 36)],
            [publish_feed(connection, head, Site(), form).body for head in heads for form in ("atom", "rss")],
            [a.id for a, _, _ in search(connection, parse_query("brucke"), limit=50, now=NOW)],
        ]


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, databases: Databases) -> Iterator[Engine]:
    """Another database, migrated and empty."""
    opened = open_engine(databases.url(request.param))
    yield opened
    opened.dispose()


def test_a_moved_store_shows_the_same(filled: Engine, empty: Engine) -> None:
    assert copy_store(filled, empty) > 60
    assert everything(empty) == everything(filled)


def test_texts_of_pages_come_along_and_are_waited_for_where_they_were(filled: Engine, empty: Engine) -> None:
    copy_store(filled, empty)
    *_, pages, documents, _ = everything(empty)
    assert [page.words for page in pages if page and page.fetched_at] == [400]
    assert [page.reason for page in pages if page and page.reason] == ["The server answers 500."]
    assert sum(LONG_TEXT.encode() in body for body in documents) == 4, (
        "in both forms of the feed and its source"
    )
    with writing(empty) as connection:
        assert len(claim_pages(connection, NOW, Budget(per_host=100), limit=100, seconds=60)) == 28


def test_ids_of_what_was_removed_are_not_given_again_after_a_move(filled: Engine, empty: Engine) -> None:
    copy_store(filled, empty)
    for engine in (filled, empty):
        arrive(engine, "a", entry("later"), feeds=["all"])
    assert everything(empty)[0] == everything(filled)[0]


def test_what_is_noted_goes_on_after_a_move(filled: Engine, empty: Engine) -> None:
    def note(engine: Engine) -> None:
        with writing(engine) as connection:
            note_events(connection, {1: "moved to another key"}, {1: NOW})
            add_mark(connection, 1, "pick", words="", who="Ada", at=NOW, before=Before(state="out"))

    note(filled)
    copy_store(filled, empty)
    for engine in (filled, empty):
        note(engine)
        with reading(engine) as connection:
            assert [mark.id for mark in marks_of(connection, 1)] == [1, 2]
            assert len(events_of(connection, 1)) == 2


def test_a_backup_restores_the_same(filled: Engine, empty: Engine, tmp_path: Path) -> None:
    backup(filled, tmp_path / "deep" / "paper.backup")
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["paper.backup"]
    restore(tmp_path / "deep" / "paper.backup", empty)
    assert everything(empty) == everything(filled)


def test_a_backup_ends_however_much_is_written_meanwhile(
    sqlite_engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aggregator.store.backup.PAGES", 10)
    copied: list[int] = []

    def write(pages: int) -> None:
        copied.append(pages)
        with writing(sqlite_engine) as connection:
            add(connection, {("polls", "new"): 1})
        assert len(copied) < 1000, "it begins anew each time"

    backup(sqlite_engine, tmp_path / "paper.backup", write)
    assert copied == sorted(set(copied))
    assert len(copied) > 5


def test_databases_and_backups_are_nobody_else_s_to_read(filled: Engine, tmp_path: Path) -> None:
    backup(filled, tmp_path / "paper.backup")
    link = tmp_path / "link.db"
    link.symlink_to("restored.db")
    restored = open_engine(f"sqlite:///{link}")
    restore(tmp_path / "paper.backup", restored)
    restored.dispose()
    files = sorted(path for path in tmp_path.iterdir() if path.is_file())
    assert {path.name for path in files} >= {"paper.backup", "restored.db"}
    assert [path.name for path in files if path.stat().st_mode & 0o007] == []


def test_only_an_empty_database_is_filled(filled: Engine, tmp_path: Path) -> None:
    backup(filled, tmp_path / "paper.backup")
    before = everything(filled)
    with pytest.raises(StoreError, match="only an empty database"):
        restore(tmp_path / "paper.backup", filled)
    assert everything(filled) == before


def test_what_is_no_backup_is_refused(sqlite_engine: Engine, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no backup"):
        restore(tmp_path / "nothing", sqlite_engine)
    (tmp_path / "words").write_text("not a database, just words" * 100)
    with pytest.raises(StoreError):
        restore(tmp_path / "words", sqlite_engine)


def test_a_broken_backup_leaves_the_good_one(
    filled: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "paper.backup"
    backup(filled, path)
    good = path.read_bytes()
    monkeypatch.setattr("aggregator.store.backup._settle", _fail)
    with pytest.raises(StoreError, match="cannot be written"):
        backup(filled, path)
    assert path.read_bytes() == good
    assert [one.name for one in tmp_path.iterdir()] == ["paper.backup"]


def _fail(_: object) -> None:
    raise OSError(28, "No space left on device")


def test_a_backup_is_restored_from_where_nobody_may_write(
    filled: Engine, empty: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "paper.backup"
    backup(filled, path)
    touched: list[str] = []
    with monkeypatch.context() as patch:
        # root may write everywhere: it is looked at where files are made and removed
        patch.setattr("aggregator.store.backup._remove", lambda name: touched.append(str(name.parent)))
        restore(path, empty)
    assert everything(empty) == everything(filled)
    assert str(tmp_path) not in touched
    assert [one.name for one in tmp_path.iterdir()] == ["paper.backup"]


def test_what_a_killed_backup_or_restore_left_goes_with_the_next(filled: Engine, tmp_path: Path) -> None:
    target = open_engine(f"sqlite:///{tmp_path / 'new' / 'paper.db'}")
    endings = ("", "-wal", "-shm", "-journal")
    (tmp_path / "kept").mkdir()
    for ending in endings:
        (tmp_path / "kept" / f".paper.backup.part{ending}").write_bytes(b"half")
        (tmp_path / "new" / f".paper.db.restoring{ending}").write_bytes(b"half")
    backup(filled, tmp_path / "kept" / "paper.backup")
    restore(tmp_path / "kept" / "paper.backup", target)
    assert everything(target) == everything(filled)
    target.dispose()
    assert [one.name for one in (tmp_path / "kept").iterdir()] == ["paper.backup"]
    assert [one.name for one in (tmp_path / "new").iterdir()] == ["paper.db"]


def test_a_folder_that_takes_no_backup_is_named(filled: Engine, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StoreError, match="cannot be written"):
        backup(filled, tmp_path / "file" / "paper.backup")


def test_a_damaged_database_takes_the_place_of_no_backup(tmp_path: Path, databases: Databases) -> None:
    engine = open_engine(databases.url("sqlite"))
    backup(engine, tmp_path / "paper.backup")
    good = (tmp_path / "paper.backup").read_bytes()
    engine.dispose()
    file = Path(str(engine.url.database))
    pages = file.read_bytes()
    first, last = 3 * 4096, 40 * 4096
    file.write_bytes(pages[:first] + b"\xff" * (last - first) + pages[last:])
    damaged = open_engine(engine.url)
    with pytest.raises(StoreError, match="is damaged"):
        backup(damaged, tmp_path / "paper.backup")
    damaged.dispose()
    assert (tmp_path / "paper.backup").read_bytes() == good


def test_a_forgotten_source_does_not_come_back(filled: Engine) -> None:
    arrive(filled, "b", *(entry(f"b{n}") for n in range(5)), feeds=["all"])
    with reading(filled) as connection:
        states = {state.slug: state.articles for state in list_states(connection)}
    assert states["a"] == 30
