"""The order of the top: outlets, weight, age, picks, and no outlet takes it all."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from aggregator.curate.order import AMONG, OF_ONE_OUTLET, Ranked, rank
from aggregator.model import Item, Membership
from tests.curate.papers import NOON
from tests.curate.test_arrange import item

HOUR = timedelta(hours=1)


def told(number: int, outlets: int = 1, hours: float = 0, source: int = 0, *, picked: bool = False) -> Item:
    """An entry of a story that so many outlets tell."""
    one = item(number, NOON - hours * HOUR, source or number)
    story = Membership(story_id=number, text_id=number, link_id=number, tie="first", score=0)
    return replace(one, article=replace(one.article, is_picked=picked), story=story)


def ranked(*items: tuple[Item, int], weight: float = 1.0, fades: bool = True) -> list[int]:
    outlets = {one.article.id: {f"o{n}": weight for n in range(count)} for one, count in items}
    own = {one.source.id: f"outlet {one.source.id}" for one, _ in items}
    return [r.article_id for r in rank([one for one, _ in items], outlets, own, NOON, fades=fades)]


def test_more_outlets_come_first_and_each_six_hours_count_half() -> None:
    assert ranked((told(1), 1), (told(2), 3)) == [2, 1]
    assert ranked((told(1), 2), (told(2, hours=7), 4)) == [1, 2]
    assert ranked((told(1), 2), (told(2, hours=5), 4)) == [2, 1]
    assert ranked((told(1), 2), (told(2, hours=70), 4), fades=False) == [2, 1]


def test_weight_of_a_source_counts_like_outlets() -> None:
    light, heavy = told(1), told(2)
    outlets = {1: {"a": 1.0, "b": 1.0}, 2: {"c": 2.5}}
    places = rank([light, heavy], outlets, {1: "a", 2: "c"}, NOON)
    assert [one.article_id for one in places] == [2, 1]
    assert places[0] == Ranked(2, 1, "1 outlet, weight 2.5, 0.0 h old")


def test_what_editors_picked_goes_first() -> None:
    assert ranked((told(1), 9), (told(2, hours=20, picked=True), 1)) == [2, 1]


def test_of_the_first_ten_two_at_most_are_of_one_outlet() -> None:
    loud = [(told(number, source=1), 5) for number in range(1, 9)]
    others = [(told(number), 1) for number in range(11, 31)]
    places = ranked(*loud, *others)
    assert sum(number < 9 for number in places[:10]) == 2
    assert set(places[:2]) <= set(range(1, 9))
    assert [number for number in places[10:] if number < 9] == places[10:16]


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(1, 5), st.integers(0, 48)), max_size=40))
def test_no_outlet_takes_the_top_while_others_are_there(kinds: list[tuple[int, int, int]]) -> None:
    items = [
        (told(number, hours=hours, source=source + 1), count)
        for number, (source, count, hours) in enumerate(kinds, 1)
    ]
    places = ranked(*items)
    assert sorted(places) == [one.article.id for one, _ in items]
    sources = {one.article.id: one.source.id for one, _ in items}
    enough = sum(min(OF_ONE_OUTLET, list(sources.values()).count(s)) for s in set(sources.values()))
    first = [sources[number] for number in places[: min(AMONG, enough)]]
    assert all(first.count(source) <= OF_ONE_OUTLET for source in first)
