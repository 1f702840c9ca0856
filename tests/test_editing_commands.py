"""What editors type: each command that decides by hand, on a real store, with its errors, who and when."""

from __future__ import annotations

import io
import json
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from aggregator.cli import main
from aggregator.config.load import load_configuration
from aggregator.model import Gate
from aggregator.pipeline.apply import apply_loaded
from aggregator.store.engine import reading
from aggregator.store.feeds.heads import find_feed
from aggregator.store.feeds.items import read_items
from tests.curate.papers import NOON, PAPER, entry
from tests.running import aggregator
from tests.stored import Stored

CONFIGURATION = """\
database: {database}
sources: [{{url: '{url}', id: {slug}, gate: {{hold: 2h}}}}]
feeds:
  all: {{}}
  best: {{query: 'picked:true'}}
  ours: {{query: 'source:desk'}}
"""


class Desk:
    """A store with three held articles, and the command line."""

    def __init__(
        self,
        engine: Engine,
        folder: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        self.engine, self._monkeypatch, self._capsys = engine, monkeypatch, capsys
        self.paper = Stored(engine, replace(PAPER, gate=Gate(hold_s=7200)))
        self.paper.poll([entry(name) for name in ("bridge", "tower", "quay")], NOON)
        self.ids = {article.entry.title: str(article.id) for article in self.paper.stored.values()}
        self.config = folder / "aggregator.yaml"
        text = CONFIGURATION.format(database=engine.url, url=self.paper.source.url, slug=self.paper.slug)
        self.config.write_text(text, "utf-8")
        apply_loaded(engine, load_configuration(self.config), NOON)

    def run(self, *words: str, code: int = 0, typed: str = "") -> tuple[str, str]:
        """Run one command in this process; return what it wrote to standard output and error."""
        self._monkeypatch.setattr(sys, "argv", ["aggregator", "--config", str(self.config), *words])
        self._monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
        with pytest.raises(SystemExit) as ended:
            main()
        written = self._capsys.readouterr()
        assert (ended.value.code or 0) == code, written
        return written.out, written.err

    def json(self, *words: str) -> list[dict[str, Any]]:
        """Run a command with --json and return its lines."""
        return [json.loads(line) for line in self.run(*words, "--json")[0].splitlines()]

    def shown(self, slug: str) -> list[str]:
        """Return the titles in a feed."""
        with reading(self.engine) as connection:
            head = find_feed(connection, "feed", slug)
            assert head is not None
            return [item.article.entry.title for item in read_items(connection, head, limit=100)]

    def marks(self) -> list[tuple[str, ...]]:
        """Return (kind, words, who, undone by) of every decision, oldest first."""
        listed = self.json("marks")[::-1]
        for mark in listed:
            at = datetime.fromisoformat(mark["at"])
            assert abs(datetime.now(UTC) - at) < timedelta(minutes=10)
        return [tuple(mark[name] or "" for name in ("kind", "words", "who", "undone_by")) for mark in listed]


@pytest.fixture
def desk(
    sqlite_engine: Engine,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Desk:
    return Desk(sqlite_engine, tmp_path, monkeypatch, capsys)


def test_held_lists_what_waits_with_the_reason_and_the_time(desk: Desk) -> None:
    listed = desk.json("held")
    assert [one["title"] for one in listed] == ["About quay", "About tower", "About bridge"]
    assert {one["reason"] for one in listed} == {"every new article of its source waits for a while"}
    assert {datetime.fromisoformat(one["release_at"]) for one in listed} == {NOON + timedelta(hours=2)}
    shown, _ = desk.run("held", "--limit", "1")
    assert f"{desk.paper.slug}: every new article of its source waits" in shown
    assert len(shown.splitlines()) == 2
    desk.run("release", "--all")
    assert desk.run("held") == ("", "Nothing is held.\n")
    assert desk.run("release", "--all") == ("", "Nothing is held.\n")


def test_release_and_reject_decide_sooner(desk: Desk) -> None:
    bridge, tower = desk.ids["About bridge"], desk.ids["About tower"]
    assert desk.run("release", bridge, "--by", "Ada")[0] == f"{bridge}: released: About bridge\n"
    assert desk.run("reject", tower, "--because", "spam", "--by", "Ben")[0].startswith(f"{tower}: rejected")
    assert desk.shown("all") == ["About bridge"]
    assert [one["title"] for one in desk.json("held")] == ["About quay"]
    assert "1 article held at the gate" in desk.run("status")[0]
    assert desk.marks() == [("release", "", "Ada", ""), ("reject", "spam", "Ben", "")]


def test_undo_takes_decisions_back_one_by_one_and_says_whose(desk: Desk) -> None:
    bridge = desk.ids["About bridge"]
    for words in (("release",), ("pick",), ("hide", "--because", "a doublet")):
        desk.run(words[0], bridge, *words[1:], "--by", "Ada")
    assert desk.shown("all") == []
    assert desk.run("undo", bridge, "--by", "Ben")[0].startswith(f"{bridge}: hide of Ada, ")
    assert (desk.shown("all"), desk.shown("best")) == (["About bridge"], ["About bridge"])
    desk.run("undo", bridge, "--by", "Ben")
    assert desk.shown("best") == []
    desk.run("undo", bridge, "--by", "Cleo")
    assert desk.shown("all") == []
    assert "can be undone" in desk.run("undo", bridge, code=1)[1]
    assert [mark[3] for mark in desk.marks()] == ["Cleo", "Ben", "Ben"]
    assert "hide" in desk.run("marks")[0]
    assert "(undone by Ben, " in desk.run("marks")[0]


def test_pick_note_and_withdraw_by_id_link_and_page(desk: Desk) -> None:
    bridge = desk.ids["About bridge"]
    desk.run("release", "https://paper.example/bridge.html")
    desk.run("pick", f"https://site.example/articles/{bridge}")
    desk.run("note", "https://paper.example/bridge", "Worth a\nlook.", "--by", "Ada")
    assert desk.paper.article(3).note == "Worth a look."
    told = json.loads(desk.run("explain", bridge, "--json")[0])
    assert (told["picked"], told["note"]) == (True, "Worth a look.")
    assert [event["what"] for event in told["history"]][-1] == "Ada: note: Worth a look."
    desk.run("withdraw", bridge, "--because", "wrong")
    assert (desk.shown("all"), desk.shown("best")) == ([], [])
    assert "withdrawn by hand: wrong" in desk.run("explain", bridge)[0]


def test_post_publishes_and_the_desk_is_a_source_for_queries(desk: Desk) -> None:
    words = ("--link", "https://site.example/party", "--category", "notice", "--pick", "--by", "Ada")
    shown, _ = desk.run("post", "Summer party", "-", *words, typed="Come all.\n\nBring cake.")
    number = shown.partition(":")[0]
    assert (desk.shown("ours"), desk.shown("best")) == (["Summer party"], ["Summer party"])
    (posted,) = desk.json("search", "source:desk")
    assert (posted["title"], posted["link"]) == ("Summer party", "https://site.example/party")
    assert str(posted["article"]) == number
    assert "Ada: post" in desk.run("explain", number)[0]
    desk.run("undo", number)
    assert desk.shown("ours") == []


def test_what_makes_no_sense_is_refused_and_the_rest_is_done(desk: Desk) -> None:
    bridge, tower = desk.ids["About bridge"], desk.ids["About tower"]
    out, err = desk.run("release", "999999", bridge, "https://nowhere.example/", tower, code=1)
    assert (len(out.splitlines()), len(err.splitlines())) == (2, 2)
    assert "no article has the id or address '999999'" in err
    assert len(desk.shown("all")) == 2
    assert "is not held: it is out; `hide`" in desk.run("reject", bridge, code=1)[1]
    assert "needs words" in desk.run("note", bridge, " ", code=1)[1]
    assert "name articles, or --all" in desk.run("release", code=2)[1]
    assert "--link is an http" in desk.run("post", "x", "--link", "javascript:alert(1)", code=2)[1]
    assert "needs a title" in desk.run("post", "  ", code=1)[1]
    for command in ("reject", "pick", "hide", "withdraw", "undo", "note"):
        assert "Missing argument" in desk.run(command, code=2)[1]


def test_who_decides_is_the_one_at_the_terminal(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGNAME", "grace")
    desk.run("release", desk.ids["About bridge"])
    assert desk.marks() == [("release", "", "grace", "")]


def test_the_installed_command_decides_too(desk: Desk) -> None:
    bridge = desk.ids["About bridge"]
    assert "released: About bridge" in aggregator(desk.config, "release", bridge, "--by", "Ada").stdout
    assert "is not held" in aggregator(desk.config, "release", bridge, code=1).stderr
    assert desk.shown("all") == ["About bridge"]


def test_other_articles_with_the_same_link_are_named(desk: Desk) -> None:
    again = entry("bridge-again", link="https://paper.example/bridge.html", title="The bridge, once more")
    desk.paper.poll([again], NOON + timedelta(hours=1))
    (other,) = [str(one.id) for one in desk.paper.stored.values() if one.entry.title == again.title]
    bridge = desk.ids["About bridge"]
    assert f"the same link is in {other} ({desk.paper.slug})" in desk.run("hide", bridge)[0]
    assert "the same link" not in desk.run("hide", desk.ids["About quay"])[0]
    assert f"the same link is in {other} ({desk.paper.slug})" in desk.run("explain", bridge)[0]
    (told,) = desk.json("explain", bridge)
    assert told["same_link"] == [{"article": int(other), "source": desk.paper.slug}]
