"""Lists of sources kept by somebody else: files and URLs, re-read, never lost to a broken one."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine, event

from aggregator.config.file import Loaded
from aggregator.config.load import load_configuration
from aggregator.http.client import Client
from aggregator.pipeline.apply import apply_loaded
from aggregator.pipeline.lists import complete, refresh_lists
from aggregator.store.engine import reading
from aggregator.store.sources.lists import load_lists
from aggregator.store.sources.states import list_states
from tests.origin import Origin, Reply, document
from tests.running import free_port, running, wait_until

NOW = datetime(2026, 1, 7, tzinfo=UTC)


def opml(*names: str, folder: str = "Sea") -> bytes:
    lines = "".join(
        f'<outline type="rss" text="{n}" xmlUrl="https://{n.lower()}.example/feed"/>' for n in names
    )
    return (
        f'<opml version="2.0"><head/><body><outline text="{folder}">{lines}</outline></body></opml>'.encode()
    )


def load(folder: Path, place: str, more: str = "", fetch: str = "{}") -> Loaded:
    path = folder / "aggregator.yaml"
    path.write_text(
        f"fetch: {fetch}\ndefaults: {{initial_items: 3}}\nsources:\n"
        f"  - {{opml: '{place}', tags: [planet], every: 2h}}\n{more}"
        "feeds: {all: {title: All, query: 'tag:sea'}}\n",
        "utf-8",
    )
    return load_configuration(path, {})


def put(engine: Engine, loaded: Loaded, now: datetime = NOW) -> bool:
    """Apply with lists; return whether anything changed."""
    return apply_loaded(engine, complete(engine, loaded, now), now).is_new


def names(engine: Engine) -> dict[str, bool]:
    with reading(engine) as connection:
        return {state.source.name or "": state.is_configured for state in list_states(connection)}


def test_a_list_in_a_file_gives_its_sources_the_lists_settings(engine: Engine, tmp_path: Path) -> None:
    (tmp_path / "list.opml").write_bytes(opml("Ann", "Bob"))
    own = "  - {url: https://bob.example/feed, name: My Bob}\n"
    put(engine, load(tmp_path, "list.opml", own))
    with reading(engine) as connection:
        found = {state.source.name: state.source for state in list_states(connection)}
    assert sorted(found, key=str) == ["Ann", "My Bob"]
    ann = found["Ann"]
    assert (ann.tags, ann.every_s, ann.initial_items) == (("planet", "sea"), 7200, 3)


def test_a_changed_list_is_followed_and_an_unreadable_one_is_not(engine: Engine, tmp_path: Path) -> None:
    place = tmp_path / "list.opml"
    place.write_bytes(opml("Ann", "Bob"))
    loaded = load(tmp_path, "list.opml")
    assert put(engine, loaded)
    assert not put(engine, loaded)
    place.write_bytes(opml("Ann", "Cid"))
    assert put(engine, loaded)
    assert names(engine) == {"Ann": True, "Cid": True, "Bob": False}
    for broken in (b"<html/>", b"", None):
        if broken is None:
            place.unlink()
        else:
            place.write_bytes(broken)
        assert not put(engine, loaded)
        assert names(engine) == {"Ann": True, "Cid": True, "Bob": False}
    with reading(engine) as connection:
        (known,) = load_lists(connection).values()
    assert known.reason == "No such file or directory"
    place.write_bytes(opml("Ann", "Cid"))
    assert not put(engine, loaded)
    with reading(engine) as connection:
        assert [each.reason for each in load_lists(connection).values()] == [None]


async def refresh(engine: Engine, loaded: Loaded, now: datetime) -> bool:
    configuration = loaded.configuration
    async with Client(configuration.fetch, user_agent="test") as client:
        return await refresh_lists(engine, configuration.lists, client, now)


def test_a_list_at_a_url_is_asked_hourly_and_conditionally(
    sqlite_engine: Engine, tmp_path: Path, origin: Origin
) -> None:
    import asyncio

    def ask(now: datetime) -> bool:
        return asyncio.run(refresh(sqlite_engine, loaded, now))

    url = origin.on("/list", document(opml("Ann"), etag='"1"'))
    loaded = load(tmp_path, url, fetch=f"{{allow_private: ['{origin.at}']}}")
    assert put(sqlite_engine, loaded)
    assert names(sqlite_engine) == {}
    assert ask(NOW)
    assert not ask(NOW + timedelta(minutes=30))
    assert put(sqlite_engine, loaded)
    assert not ask(NOW + timedelta(minutes=61))
    assert [seen.header("If-None-Match") for seen in origin.seen("/list")] == [None, '"1"']
    origin.on("/list", Reply(503))
    assert not ask(NOW + timedelta(hours=3))
    assert not put(sqlite_engine, loaded)
    assert names(sqlite_engine) == {"Ann": True}
    origin.on("/list", document(opml("Ann", "Bob"), etag='"2"'))
    assert ask(NOW + timedelta(hours=3, minutes=11))
    assert put(sqlite_engine, loaded)
    assert names(sqlite_engine) == {"Ann": True, "Bob": True}


def test_a_list_that_left_the_file_takes_its_sources_along(engine: Engine, tmp_path: Path) -> None:
    (tmp_path / "list.opml").write_bytes(opml("Ann"))
    loaded = load(tmp_path, "list.opml")
    put(engine, loaded)
    without = replace(loaded, configuration=replace(loaded.configuration, lists=()), digest="other")
    assert put(engine, without)
    assert names(engine) == {"Ann": False}


def test_a_running_aggregator_follows_a_list_that_is_edited_while_another_is_slow(
    tmp_path: Path, origin: Origin
) -> None:
    feed = (
        "<rss version='2.0'><channel><title>T</title><item><title>News of {0}</title></item></channel></rss>"
    )
    for each in ("ann", "bob"):
        origin.on(f"/{each}", Reply(200, (), feed.format(each).encode()))
    slow = origin.on("/slow", Reply(is_held=True))
    line = f"<outline type='rss' text='{{0}}' xmlUrl='{origin.url('/')}{{0}}'/>"
    (tmp_path / "list.opml").write_text(f"<opml><body>{line.format('ann')}</body></opml>", "utf-8")
    config, port = tmp_path / "aggregator.yaml", free_port()
    config.write_text(
        f"web: {{listen: '127.0.0.1:{port}'}}\nfetch: {{allow_private: ['{origin.at}'], timeout: 5m}}\n"
        f"database: sqlite:///a.db\nsources:\n  - opml: {slow}\n  - opml: list.opml\n"
        "feeds: {all: {title: All}}\n",
        "utf-8",
    )
    with running(config, f"http://127.0.0.1:{port}") as program:
        wait_until(lambda: b"News of ann" in program.get("/feeds/all.atom")[2])
        both = line.format("ann") + line.format("bob")
        (tmp_path / "list.opml").write_text(f"<opml><body>{both}</body></opml>", "utf-8")
        wait_until(lambda: b"News of bob" in program.get("/feeds/all.atom")[2])
        assert len(origin.seen("/slow")) == 1


def test_an_unchanged_list_of_thousands_costs_a_few_questions(sqlite_engine: Engine, tmp_path: Path) -> None:
    (tmp_path / "list.opml").write_bytes(opml(*(f"Boat{n}" for n in range(2000))))
    loaded = load(tmp_path, "list.opml")
    assert put(sqlite_engine, loaded)
    asked: list[str] = []
    event.listen(
        sqlite_engine, "before_cursor_execute", lambda _c, _k, statement, *_: asked.append(statement)
    )
    assert not put(sqlite_engine, loaded)
    assert len(asked) < 20
    assert len(names(sqlite_engine)) == 2000
