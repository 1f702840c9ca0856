"""When the worker reads its files again: touched, at rest, and later where they could not be applied."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path
from typing import cast

import pytest
from sqlalchemy import create_engine

from aggregator.config.file import Loaded, look_of
from aggregator.daemon import files
from aggregator.daemon.files import FollowedFiles
from aggregator.daemon.worker import Worker
from aggregator.errors import AggregatorError
from aggregator.http.client import Client
from aggregator.model import Configuration


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "aggregator.yaml"
    path.write_text("sources: []\n", "utf-8")
    return path


def is_due(followed: FollowedFiles) -> bool:
    return followed.is_due(followed.look(()))


def test_files_are_read_when_they_were_touched_and_are_at_rest(path: Path) -> None:
    followed = FollowedFiles(Loaded(Configuration(), "digest", path, look_of(path)))
    assert not any(is_due(followed) for _ in range(3))
    for length in range(3):  # somebody writes slowly
        path.write_text("sources: []\n" + "#" * length + "\n", "utf-8")
        assert not is_due(followed)
    assert is_due(followed)
    followed.note_read(followed.look(()))
    assert not is_due(followed)


def test_half_a_file_must_be_at_rest_for_longer(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = "sources: []\n" + "#\n" * 20
    path.write_text(whole, "utf-8")
    followed = FollowedFiles(Loaded(Configuration(), "digest", path, look_of(path)))
    is_due(followed)
    path.write_text(whole[:20], "utf-8")
    assert not any(is_due(followed) for _ in range(3)), "the rest of a copy may come yet"
    path.write_text(whole[:-3], "utf-8")
    assert not any(is_due(followed) for _ in range(3)), "a line was cut, near the end"
    path.write_text(whole[:-2], "utf-8")
    assert [is_due(followed) for _ in range(2)] == [False, True]
    path.write_text(whole[:20], "utf-8")
    assert not any(is_due(followed) for _ in range(2))
    monkeypatch.setattr(files, "SHORT_REST_S", 0.0)
    assert is_due(followed)


def test_what_was_refused_is_no_measure_of_what_comes_next(path: Path) -> None:
    whole = "sources: []\n" + "#\n" * 20
    path.write_text(whole, "utf-8")
    followed = FollowedFiles(Loaded(Configuration(), "digest", path, look_of(path)))
    path.unlink()  # somebody takes the old file away, and copies the new one slowly
    followed.note_read(followed.look(()), is_refused=True)
    path.write_text(whole[:20], "utf-8")
    assert not any(is_due(followed) for _ in range(3))
    path.write_text(whole, "utf-8")
    assert [is_due(followed) for _ in range(2)] == [False, True]


def test_a_list_that_changes_while_files_are_read_has_them_read_again(path: Path) -> None:
    followed = FollowedFiles(Loaded(Configuration(), "digest", path, look_of(path)))
    look = followed.look(())
    followed.note_changed()
    followed.note_read(look)
    assert [is_due(followed) for _ in range(2)] == [False, True]


def test_a_list_that_changed_does_not_have_half_a_file_read(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refreshed(*_: object) -> bool:
        return True

    read: list[Path] = []
    monkeypatch.setattr("aggregator.daemon.following.refresh_lists", refreshed)
    monkeypatch.setattr("aggregator.daemon.following.load_in_child", read.append)
    whole = path.read_text("utf-8")
    following = Worker(
        create_engine("sqlite://"), Loaded(Configuration(), "digest", path, look_of(path))
    )._following

    async def follow() -> None:
        await following.follow_lists(cast(Client, None))
        for _ in range(3):
            with suppress(AttributeError):  # what is read here is no configuration
                await following.follow_files()

    path.write_text("", "utf-8")
    asyncio.run(follow())
    assert not read
    path.write_text(whole, "utf-8")
    asyncio.run(follow())
    assert read == [path]


def test_what_could_not_be_applied_is_read_again_after_a_while(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    followed = FollowedFiles(Loaded(Configuration(), "digest", path, look_of(path)))
    is_due(followed)
    followed.note_failed()
    assert not any(is_due(followed) for _ in range(3))
    monkeypatch.setattr(files, "AGAIN_S", 0.0)
    followed.note_failed()
    assert is_due(followed)


@pytest.mark.parametrize(
    "error", [AggregatorError("the child was killed"), BlockingIOError("no process left")]
)
def test_files_that_cannot_be_read_for_now_take_no_process_every_second(
    path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    tries = []

    def fail(path: Path) -> Loaded:
        tries.append(path)
        raise error

    monkeypatch.setattr("aggregator.daemon.following.load_in_child", fail)
    loaded = Loaded(Configuration(), "digest", path, look_of(path))
    following = Worker(create_engine("sqlite://"), loaded)._following
    path.write_text("sources: []\nfeeds: {}\n", "utf-8")

    async def follow() -> None:
        for _ in range(4):
            with suppress(type(error)):
                await following.follow_files()

    asyncio.run(follow())
    assert tries == [path]
    monkeypatch.setattr(following._files, "_not_before", 0.0)
    asyncio.run(follow())
    assert tries == [path, path]
