"""A changed configuration meets stored articles and polls under way: nothing is placed by old rules."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from aggregator.config.file import Loaded
from aggregator.config.load import load_configuration
from aggregator.model import FeedInfo, Fetched, ParsedFeed, Validators
from aggregator.pipeline.apply import apply_loaded, put_in_force, settle
from aggregator.pipeline.decision import Polled
from aggregator.pipeline.intake import rules_in_force, take_in
from aggregator.store.articles.listing import list_articles
from aggregator.store.engine import reading
from aggregator.store.feeds.heads import find_feed
from aggregator.store.feeds.items import feeds_of, read_items
from tests.store.making import NOW, claim_one, entry

SOURCES = "database: sqlite:///unused.db\nsources: [{url: 'https://paper.example/feed', name: paper}]\n"


def load(folder: Path, rest: str) -> Loaded:
    path = folder / "aggregator.yaml"
    path.write_text(SOURCES + rest, "utf-8")
    return load_configuration(path)


def brought(engine: Engine, *titles: str) -> Polled:
    """A poll that has brought entries and is not yet taken in."""
    claim = claim_one(engine, "paper")
    entries = tuple(entry(title, title=title, content="") for title in titles)
    answer = Fetched(url=claim.url, status=200, headers={}, body=b"", validators=Validators())
    return Polled(claim, NOW, answer, ParsedFeed(format="rss20", info=FeedInfo(), entries=entries), "hash")


def titles(engine: Engine, kind: str, slug: str) -> list[str]:
    with reading(engine) as connection:
        head = find_feed(connection, kind, slug)
        assert head is not None
        return sorted(item.article.entry.title for item in read_items(connection, head, limit=100))


def test_a_poll_under_way_is_placed_by_the_rules_in_force_when_it_is_stored(
    engine: Engine, tmp_path: Path
) -> None:
    old = load(tmp_path, "feeds: {picked: {query: apples}}\n")
    apply_loaded(engine, old, NOW)
    polled = brought(engine, "Apples today", "Pears today")
    new = load(tmp_path, "feeds: {picked: {query: pears}}\n")
    apply_loaded(engine, new, NOW)
    take_in(engine, [polled], rules_in_force(old.digest, old.configuration), NOW)
    assert titles(engine, "feed", "picked") == ["Pears today"]


@pytest.mark.parametrize(
    "rest", ["feeds: {picked: {query: pears}}\n", "feeds: {picked: {query: 'topic:fruit'}}\n"]
)
def test_a_changed_rule_is_applied_to_stored_articles_as_if_it_had_always_been(
    engine: Engine, tmp_path: Path, rest: str
) -> None:
    topics = "topics: {fruit: 'apples OR pears'}\n"
    old = load(tmp_path, topics + "feeds: {picked: {query: apples}}\n")
    apply_loaded(engine, old, NOW)
    take_in(
        engine,
        [brought(engine, "Apples", "Pears", "Plums")],
        rules_in_force(old.digest, old.configuration),
        NOW,
    )
    seen: list[int] = []
    apply_loaded(engine, load(tmp_path, topics + rest), NOW + timedelta(hours=1), seen.append)
    assert titles(engine, "feed", "picked") == (["Apples", "Pears"] if "topic" in rest else ["Pears"])
    assert seen == [2]  # nothing of the rules is in the third
    with reading(engine) as connection:
        stored = list_articles(connection, after_id=0, limit=10)
        assert len(stored) == 3
        plums = next(article for article in stored if article.entry.title == "Plums")
        assert [kind for kind, _, _ in feeds_of(connection, plums.id)] == ["source"]


def test_an_apply_that_was_interrupted_is_finished_by_the_next(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = load(tmp_path, "feeds: {picked: {query: apples}}\n")
    apply_loaded(engine, old, NOW)
    take_in(engine, [brought(engine, "Apples", "Pears")], rules_in_force(old.digest, old.configuration), NOW)
    new = load(tmp_path, "feeds: {picked: {query: pears}}\n")
    with monkeypatch.context() as broken:
        broken.setattr("aggregator.pipeline.apply.replace_placements", _die)
        with pytest.raises(KeyboardInterrupt):
            apply_loaded(engine, new, NOW)
    apply_loaded(engine, new, NOW)
    assert titles(engine, "feed", "picked") == ["Pears"]


def _die(*_: object) -> None:
    raise KeyboardInterrupt


def labels(engine: Engine) -> list[tuple[str, tuple[str, ...]]]:
    with reading(engine) as connection:
        return sorted((one.entry.title, one.topics) for one in list_articles(connection, after_id=0, limit=9))


@pytest.mark.parametrize(
    ("rest", "label"),
    [
        ("", ()),
        ("topics: {fruit: {query: apples}, pips: {query: apples}}\n", ("fruit", "pips")),
        ("topics: {fruit: {query: apples, aliases: [/topics/food]}}\n", ("fruit",)),
    ],
    ids=["removed", "removed as another came", "renamed"],
)
def test_a_topic_that_went_is_nobodys_label_any_more(
    engine: Engine, tmp_path: Path, rest: str, label: tuple[str, ...]
) -> None:
    old = load(tmp_path, "topics: {food: {query: apples}}\n")
    apply_loaded(engine, old, NOW)
    take_in(engine, [brought(engine, "Apples", "Pears")], rules_in_force(old.digest, old.configuration), NOW)
    assert labels(engine) == [("Apples", ("food",)), ("Pears", ())]
    apply_loaded(engine, load(tmp_path, rest), NOW)
    assert labels(engine) == [("Apples", label), ("Pears", ())]
    assert settle(engine, NOW) == 0


def test_only_what_has_the_label_of_a_removed_topic_is_judged_again(engine: Engine, tmp_path: Path) -> None:
    old = load(tmp_path, "topics: {food: {query: apples}}\n")
    apply_loaded(engine, old, NOW)
    take_in(engine, [brought(engine, "Apples", "Pears")], rules_in_force(old.digest, old.configuration), NOW)
    put_in_force(engine, load(tmp_path, ""), NOW)
    assert settle(engine, NOW) == 1


def test_a_topic_renamed_with_another_query_is_no_label_of_what_is_held(
    engine: Engine, tmp_path: Path
) -> None:
    held = "defaults: {gate: {hold: 2h}}\n"
    old = load(tmp_path, f"{held}topics: {{food: {{query: apples}}}}\n")
    apply_loaded(engine, old, NOW)
    take_in(engine, [brought(engine, "Apples", "Pears")], rules_in_force(old.digest, old.configuration), NOW)
    assert labels(engine) == [("Apples", ("food",)), ("Pears", ())]
    renamed = "topics: {fruit: {query: pears, aliases: [/topics/food]}}\n"
    apply_loaded(engine, load(tmp_path, held + renamed), NOW)
    assert labels(engine) == [("Apples", ()), ("Pears", ("fruit",))]
    assert settle(engine, NOW) == 0
