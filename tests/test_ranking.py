"""The top of a feed as a reader gets it: outlets, names in queries, and the cap on sources."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from aggregator.pipeline.explaining import explain_article
from aggregator.pipeline.ranking import age_feeds, rank_feeds
from aggregator.store.articles.retention import forget
from aggregator.store.engine import reading, writing
from aggregator.store.feeds.ranks import find_rank, save_ranks
from tests.newsroom import PAPERS, Newsroom
from tests.store.making import NOW

OWL = ("Owl nests in clock tower", 30, "<p>Visitors of the clock tower are asked to whisper.</p>")


def test_top_is_what_most_outlets_tell(engine: Engine, tmp_path: Path) -> None:
    newsroom = Newsroom(engine, tmp_path, "{front: {duplicates: story, order: top}}")
    newsroom.print_bridge()
    newsroom.prints(
        "courier", "Ferry fares go up", text="<p>Crossing to Candle Stairs costs more.</p>", hours=3
    )
    now: datetime = NOW + timedelta(hours=3)
    assert rank_feeds(engine, now) == 1
    top = newsroom.edition().items
    assert [len(item.also) for item in top] == [2, 0]
    assert rank_feeds(engine, now) == 0
    newsroom.prints(
        "gazette", "Owl nests in clock tower", text="<p>Visitors are asked to whisper.</p>", hours=3.1
    )
    assert newsroom.edition().items[-1].article.entry.title == "Owl nests in clock tower"


def test_rank_is_explained(engine: Engine, tmp_path: Path) -> None:
    newsroom = Newsroom(engine, tmp_path, "{front: {duplicates: story, order: top}}")
    newsroom.print_bridge()
    rank_feeds(engine, NOW + timedelta(hours=6))
    shown = newsroom.edition().items[0].article.id
    with reading(engine) as connection:
        told = explain_article(connection, newsroom.loaded.configuration, str(shown))
    (front,) = [one for one in told.verdicts if one.slug == "front"]
    assert "ranked 1: 3 outlets, weight 3, 6.0 h old" in front.because


def test_two_feeds_of_one_broadcaster_are_one_outlet(engine: Engine, tmp_path: Path) -> None:
    papers = ("uk@feeds.tideradio.co.uk", "world@www.tideradio.co.uk", "gazette@gazette.example")
    newsroom = Newsroom(engine, tmp_path, "{front: {duplicates: story, order: top}}", *papers)
    for hour, paper in enumerate(("uk", "world")):
        newsroom.prints(paper, *OWL, hours=hour)
    newsroom.prints(
        "gazette", "Ferry fares go up", text="<p>Crossing to Candle Stairs costs more.</p>", hours=2
    )
    rank_feeds(engine, NOW + timedelta(hours=2))
    first, second = newsroom.edition().items
    assert first.article.entry.title == "Ferry fares go up"
    assert [copy.source for copy in second.also] == ["world"]
    with reading(engine) as connection:
        told = explain_article(connection, newsroom.loaded.configuration, str(second.article.id))
    (front,) = [one for one in told.verdicts if one.slug == "front"]
    assert "ranked 2: 1 outlet, weight 1, 2.0 h old" in front.because


def test_a_query_that_names_rules_is_ranked(engine: Engine, tmp_path: Path) -> None:
    newsroom = Newsroom(
        engine,
        tmp_path,
        "{front: {query: 'rule:town age:[0h TO 30h]', order: top}}",
        more="rules: {town: 'bridge OR owl'}\n",
    )
    newsroom.print_bridge("courier")
    assert rank_feeds(engine, NOW) == 1
    assert newsroom.edition().items[0].rank == 1


def test_what_the_cap_leaves_out_brings_no_third_of_an_outlet_among_the_first_ten(
    engine: Engine, tmp_path: Path
) -> None:
    loud = [f"loud{number}@n{number}.tideradio.co.uk" for number in range(3)]
    others = [f"paper{number}@paper{number}.example" for number in range(8)]
    newsroom = Newsroom(engine, tmp_path, "{front: {order: top, per_source: 1}}", *loud, *others)
    newsroom.prints("paper7", "Words of paper7", text="<p>Only paper7 has them.</p>", hours=-1)
    newsroom.prints("paper0", "Words of paper0 again", text="<p>More of paper0.</p>", hours=-0.1)
    for name in (one.partition("@")[0] for one in (*loud, *others[:-1])):
        newsroom.prints(name, f"Words of {name}", text=f"<p>Only {name} has them.</p>")
    rank_feeds(engine, NOW)
    names = [item.source.name for item in newsroom.edition().items]
    assert sum(name.startswith("loud") for name in names[:10]) == 2
    assert len(names) == 11


@pytest.mark.parametrize(
    "settings", ["duplicates: story", "order: top", "per_source: 2 per day", "per_source: 2"]
)
def test_time_gives_a_feed_another_version_exactly_when_it_shows_something_else(
    engine: Engine, tmp_path: Path, settings: str
) -> None:
    newsroom = Newsroom(engine, tmp_path, f"{{front: {{limit: 3, {settings}}}}}")
    subjects = ("owl", "tide", "mill", "tram", "ferry", "vicar", "goose", "clock", "piano", "hedge", "kiln")
    for number, subject in enumerate(subjects):
        text = f"<p>{subject} {' '.join(f'{subject}{n}' for n in range(30))}</p>"
        newsroom.prints(PAPERS[number % 3], f"The {subject} of the year", text=text, hours=number * 3)
    rank_feeds(engine, NOW + timedelta(hours=36))
    changes = []
    for hour in range(36, 100):
        before = (newsroom.head().version, newsroom.document("atom"))
        age_feeds(engine, NOW + timedelta(hours=hour))
        after = (newsroom.head().version, newsroom.document("atom"))
        changes.append((before[0] != after[0], before[1] != after[1]))
    assert {version == document for version, document in changes} == {True}
    assert any(document for _, document in changes)


def test_another_order_is_another_document_and_leaves_the_archives_what_they_are(
    engine: Engine, tmp_path: Path
) -> None:
    newsroom = Newsroom(engine, tmp_path, "{front: {order: top}}")
    for paper in PAPERS:
        newsroom.prints(paper, paper)
    numbers, before = list(newsroom.ids().values()), newsroom.head()
    for order in (numbers, numbers[::-1]):
        with writing(engine) as connection:
            assert save_ranks(connection, before.id, [(n, place, "") for place, n in enumerate(order)], NOW)
        assert newsroom.head().look == before.look
    assert len({before.version, newsroom.head().version}) == 2
    assert newsroom.head().changed_at == NOW


def test_what_leaves_while_it_is_ranked_has_no_place(engine: Engine, tmp_path: Path) -> None:
    newsroom = Newsroom(engine, tmp_path, "{front: {order: top}}")
    for paper in PAPERS:
        newsroom.prints(paper, paper)
    places = [(number, place, "") for place, number in enumerate(newsroom.ids().values(), 1)]
    left = newsroom.edition().items[1].article
    forget(engine, left.source_id, NOW)
    with writing(engine) as connection:
        feed_id = newsroom.head().id
        assert save_ranks(connection, feed_id, places, NOW)
        ranked = [number for number, _, _ in places if find_rank(connection, feed_id, number)]
    assert ranked == [number for number, _, _ in places if number != left.id]
