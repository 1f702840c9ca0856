"""A plan says what applying does, entry by entry, and does nothing itself."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from aggregator.config.file import Loaded
from aggregator.config.load import load_configuration
from aggregator.model import Configuration
from aggregator.model.plan import Plan
from aggregator.pipeline.apply import apply_loaded
from aggregator.pipeline.issuing import make_issues
from aggregator.pipeline.planning import make_plan
from aggregator.store.configurations import judged_share, load_applied
from aggregator.store.engine import reading
from aggregator.store.feeds.heads import find_feed
from aggregator.store.feeds.items import feeds_of, read_items
from aggregator.store.tables import placements
from tests.running import printed
from tests.store.making import NOW, arrive, entry

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
OLD = """
database: sqlite:///unused.db
sources:
  - {url: https://paper.example/feed, name: Paper, tags: [uk]}
  - {url: https://other.example/feed, name: Other}
rules: {fruit: 'apples OR pears'}
topics:
  fruit: rule:fruit
  wood: {query: oak, title: Wood}
feeds:
  all: {}
  fruit-of-uk: {query: 'topic:fruit tag:uk'}
  old: {query: apples}
"""
NEW = """
database: sqlite:///unused.db
sources:
  - {url: https://paper.example/feed, name: The Paper}
  - {url: https://third.example/feed, name: Third, tags: [uk]}
rules: {fruit: 'plums'}
topics:
  fruit: rule:fruit
  wood: {query: oak, title: Timber}
feeds:
  all: {}
  fruit-of-uk: {query: 'topic:fruit -tag:uk'}
  apples: {query: apples}
"""


def load(folder: Path, text: str) -> Loaded:
    path = folder / "aggregator.yaml"
    path.write_text(text, "utf-8")
    return load_configuration(path)


def fill(engine: Engine, slug: str, *titles: str, at: timedelta = timedelta()) -> None:
    arrive(engine, slug, *(entry(f"{slug}-{t}", title=t, content="") for t in titles), at=NOW + at)


@pytest.fixture
def filled(engine: Engine, tmp_path: Path) -> Engine:
    """A store with the old configuration in force, everything placed by it."""
    apply_loaded(engine, load(tmp_path, OLD), NOW)
    fill(engine, "paper", "Apples", "Pears", "Plums", "Oak")
    fill(engine, "other", "Apples", "Oak")
    # what fill() brings stands nowhere: topics and feeds that come anew judge everything stored
    apply_loaded(engine, load(tmp_path, OLD.partition("rules:")[0]), NOW)
    apply_loaded(engine, load(tmp_path, OLD), NOW)
    return engine


def standing(engine: Engine) -> dict[tuple[str, str], set[int]]:
    """Return the articles of every topic and feed."""
    found: dict[tuple[str, str], set[int]] = {}
    with reading(engine) as connection:
        for kind, slug in [("topic", s) for s in ("fruit", "wood")] + [
            ("feed", s) for s in ("all", "fruit-of-uk", "old", "apples")
        ]:
            head = find_feed(connection, kind, slug)
            items = read_items(connection, head, limit=1000) if head else ()
            found[kind, slug] = {item.article.id for item in items}
    return found


def as_sets(plan: Plan) -> dict[tuple[str, str], tuple[set[int], set[int]]]:
    def ids(listed: Iterable[object]) -> set[int]:
        return {one.article_id for one in listed}  # type: ignore[attr-defined]

    return {(f.kind, f.slug): (ids(f.entering), ids(f.leaving)) for f in plan.feeds}


def test_plan_is_what_applying_does(filled: Engine, tmp_path: Path) -> None:
    new = load(tmp_path, NEW)
    before = standing(filled)
    plan = make_plan(filled, new, NOW + DAY)
    assert standing(filled) == before
    apply_loaded(filled, new, NOW + DAY)
    after = standing(filled)
    done = {
        address: (after[address] - before[address], before[address] - after[address]) for address in after
    }
    # a feed that goes is told by number
    (gone,) = [feed for feed in plan.feeds if feed.slug == "old"]
    assert (gone.enters, gone.leaves) == (0, len(done.pop(("feed", "old"))[1])) == (0, 2)
    told = as_sets(plan)
    told.pop(("feed", "old"))
    assert told == {address: moved for address, moved in done.items() if moved[0] or moved[1]}
    assert told["feed", "apples"][0]
    assert told["topic", "fruit"][1]


def test_plan_says_what_leaves_because_its_publisher_wants_out(filled: Engine, tmp_path: Path) -> None:
    new = load(tmp_path, OLD + "opt_out: [paper.example]\n")
    before = standing(filled)
    plan = make_plan(filled, new, NOW + DAY)
    apply_loaded(filled, new, NOW + DAY)
    after = standing(filled)
    told = as_sets(plan)
    assert plan.sources_removed == ("paper",)
    for address in before:
        gone = before[address] - after[address]
        assert told.get(address, (set(), set())) == (set(), gone), address
    assert told["feed", "all"][1]


def test_a_feed_whose_old_address_leads_to_it_keeps_its_articles_and_readers(
    filled: Engine, tmp_path: Path
) -> None:
    new = OLD.replace(
        "  old: {query: apples}", "  apples: {query: apples OR oak, aliases: [/feeds/old.atom]}"
    )
    before = standing(filled)["feed", "old"]
    plan = make_plan(filled, load(tmp_path, new), NOW)
    assert plan.followed == (("feed", "old", "apples"),)
    assert (plan.added, plan.removed, plan.moved) == ((), (), ())
    assert [(one.slug, one.enters, one.leaves) for one in plan.feeds] == [("apples", 2, 0)]
    apply_loaded(filled, load(tmp_path, new), NOW)
    assert len(before) == 2
    assert before < standing(filled)["feed", "apples"]


def test_a_feed_that_is_a_digest_under_another_address_loses_its_articles(
    filled: Engine, tmp_path: Path
) -> None:
    new = OLD.replace(
        "  old: {query: apples}", "  apples: {query: apples, digest: daily at 07:00, aliases: [/feeds/old]}"
    )
    plan = make_plan(filled, load(tmp_path, new), NOW)
    assert plan.followed == (("feed", "old", "apples"),)
    assert [(one.slug, one.enters, one.leaves) for one in plan.feeds] == [("apples", 0, 2)]
    apply_loaded(filled, load(tmp_path, new), NOW)
    assert standing(filled)["feed", "apples"] == set()


def test_plan_names_what_comes_goes_and_is_called_otherwise(filled: Engine, tmp_path: Path) -> None:
    plan = make_plan(filled, load(tmp_path, NEW), NOW)
    assert (plan.sources_added, plan.sources_removed) == (("third",), ("other",))
    assert plan.sources_renamed == (("paper", "Paper", "The Paper"),)
    assert (plan.added, plan.removed) == ((("feed", "apples"),), (("feed", "old"),))
    assert plan.renamed == (("topic", "wood", "Wood", "Timber"),)
    assert plan.moved == (("feed", "old", "apples"),)
    moved = make_plan(filled, load(tmp_path, OLD.replace("https://paper.", "https://www.paper.")), NOW)
    assert moved.sources_moved == (("paper", "https://paper.example/feed", "https://www.paper.example/feed"),)


def test_plan_of_what_is_in_force_is_nothing(filled: Engine, tmp_path: Path) -> None:
    assert make_plan(filled, load(tmp_path, OLD), NOW) == Plan(is_new=False)


def test_plan_writes_nothing(filled: Engine, tmp_path: Path) -> None:
    with reading(filled) as connection:
        before = load_applied(connection)
    make_plan(filled, load(tmp_path, NEW), NOW)
    with reading(filled) as connection:
        assert load_applied(connection) == before
        assert judged_share(connection) is None
        assert find_feed(connection, "feed", "apples") is None


def test_plan_for_an_empty_store_names_everything(engine: Engine, tmp_path: Path) -> None:
    plan = make_plan(engine, load(tmp_path, OLD), NOW)
    assert plan.sources_added == ("paper", "other")
    assert len(plan.added) == 5
    assert plan.feeds == ()


def test_few_entries_are_named_and_all_are_counted(filled: Engine, tmp_path: Path) -> None:
    plan = make_plan(filled, load(tmp_path, OLD.replace("all: {}", "all: {query: none}")), NOW, named=2)
    (feed,) = plan.feeds
    assert (feed.slug, feed.leaves, len(feed.leaving)) == ("all", 6, 2)


def test_what_enters_by_a_rule_is_not_news(filled: Engine, tmp_path: Path) -> None:
    fill(filled, "paper", "Cherries", at=DAY)
    apply_loaded(filled, load(tmp_path, NEW), NOW + 9 * DAY)
    with reading(filled) as connection:
        head = find_feed(connection, "feed", "apples")
        assert head is not None
        rows = connection.execute(
            select(placements.c.entered_at, placements.c.sort_date).where(placements.c.feed_id == head.id)
        ).all()
        items = read_items(connection, head, limit=9)
    assert {row.entered_at for row in rows} == {NOW}
    assert all(item.article.sort_date <= NOW for item in items)


def test_rules_that_change_while_they_are_applied_are_applied_last(
    filled: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aggregator.pipeline.apply.BATCH", 2)
    last = load(tmp_path, OLD.replace("query: apples", "query: oak"))
    first = load(tmp_path, NEW)

    def meanwhile(judged: int) -> None:
        if judged == 2:
            apply_loaded(filled, last, NOW)

    apply_loaded(filled, first, NOW, meanwhile)
    with reading(filled) as connection:
        assert judged_share(connection) is None
        head = find_feed(connection, "feed", "old")
        assert head is not None
        assert {i.article.entry.title for i in read_items(connection, head, limit=9)} == {"Oak"}
        for item in read_items(connection, head, limit=9):
            assert ("feed", "apples") not in [(k, s) for k, s, _ in feeds_of(connection, item.article.id)]


def test_plan_tells_what_issues_would_have(filled: Engine, tmp_path: Path) -> None:
    apply_loaded(filled, load(tmp_path, OLD), NOW)
    digest = OLD.replace("all: {}", "all: {digest: daily at 07:00, query: apples OR oak}")
    new = load(tmp_path, digest + "  best: {best: day}\n")
    plan = make_plan(filled, new, NOW + HOUR)
    # a stream that becomes a digest begins anew; at seven nothing had come yet
    assert [(feed.slug, feed.leaves) for feed in plan.feeds] == [("all", 6)]
    assert [(one.slug, one.stories) for one in plan.issues] == [("all", 0), ("best", 0)]
    apply_loaded(filled, new, NOW + HOUR)
    assert make_plan(filled, new, NOW + HOUR) == Plan(is_new=False)
    assert make_issues(filled, NOW + HOUR) == 0
    # the rule of a digest changes: its next issue would tell so much of what has come since
    changed = load(tmp_path, digest.replace("OR oak", "OR pears") + "  best: {best: day}\n")
    (issue,) = make_plan(filled, changed, NOW + 2 * HOUR, named=1).issues
    assert (issue.slug, issue.at, issue.stories) == ("all", NOW.replace(hour=7) + DAY, 3)
    assert [one.title for one in issue.telling] == ["Apples"]
    # once it is due, what would be made at once is told
    apply_loaded(filled, changed, NOW + 2 * HOUR)
    (due,) = [one for one in make_plan(filled, new, NOW + DAY).issues if one.slug == "all"]
    assert (due.at, due.stories) == (NOW.replace(hour=7) + DAY, 4)


def test_plan_command_tells_and_applies(tmp_path: Path) -> None:
    path = tmp_path / "aggregator.yaml"
    path.write_text(OLD.replace("unused.db", "paper.db"), "utf-8")
    assert "+ feed fruit-of-uk" in printed(path, "plan")
    path.write_text(path.read_text("utf-8") + "  morning: {digest: daily at 07:00}\n", "utf-8")
    assert "07:00 UTC would tell 0 stories so far" in printed(path, "plan")
    told = json.loads(printed(path, "plan", "--json"))
    assert (told["is_new"], told["sources_added"]) == (True, ["paper", "other"])
    assert [one["slug"] for one in told["issues"]] == ["morning"]
    assert "Applied." in printed(path, "plan", "--apply")
    assert printed(path, "plan") == "Nothing: this configuration is in force.\n"


def test_configuration_without_sources_can_be_planned(engine: Engine, tmp_path: Path) -> None:
    loaded = load(tmp_path, "database: sqlite:///unused.db\nfeeds: {all: {}}\n")
    empty = replace(loaded, configuration=replace(loaded.configuration, feeds=()))
    assert isinstance(empty.configuration, Configuration)
    assert make_plan(engine, empty, NOW).feeds == ()
