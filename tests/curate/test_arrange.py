"""The order and the caps of a feed's items."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from aggregator.curate.arrange import arrange, first_rows_for, rows_for
from aggregator.model import Article, FeedHead, Item, PerSource, SourceCard
from tests.curate.papers import NOON, entry

HOUR = timedelta(hours=1)


def item(number: int, sort_date: datetime = NOON, source: int = 1, published_id: str = "") -> Item:
    article = Article(
        id=number,
        source_id=source,
        entry=entry(str(number)),
        published_id=published_id or f"urn:x:{number}",
        first_seen=sort_date,
        changed_at=sort_date,
        sort_date=sort_date,
    )
    return Item(article, SourceCard(id=source, slug=f"s{source}", name="S", url="https://s.example/"), number)


def head(**fields: object) -> FeedHead:
    plain: dict[str, object] = {
        "id": 1,
        "kind": "feed",
        "slug": "f",
        "uid": "urn:f",
        "title": "F",
        "version": "1",
    }
    return FeedHead(**(plain | fields))  # type: ignore[arg-type]


def numbers(items: tuple[Item, ...]) -> list[int]:
    return [shown.article.id for shown in items]


def test_newest_first_and_equal_dates_by_number() -> None:
    items = [item(1), item(3, NOON - HOUR), item(2), item(4, NOON - 2 * HOUR)]
    assert numbers(arrange(head(), items, "UTC")) == [2, 1, 3, 4]


def test_at_most_limit() -> None:
    assert numbers(arrange(head(limit=2), [item(n) for n in range(1, 9)], "UTC")) == [8, 7]


def test_no_two_with_one_published_id() -> None:
    items = [item(1, published_id="urn:same"), item(2, published_id="urn:same"), item(3)]
    assert numbers(arrange(head(), items, "UTC")) == [3, 2]


def test_at_most_so_many_of_one_source() -> None:
    items = [item(n, source=1) for n in (1, 2, 3)] + [item(4, NOON - HOUR, source=2)]
    assert numbers(arrange(head(per_source=PerSource(count=2)), items, "UTC")) == [3, 2, 4]


def test_days_of_the_cap_are_counted_in_the_sites_zone() -> None:
    # both 23:30 and 00:30 UTC are the eleventh of July in London, one hour ahead
    late = datetime(2026, 7, 10, 23, 30, tzinfo=UTC)
    items = [item(1, late - HOUR), item(2, late), item(3, late + HOUR)]
    cap = PerSource(count=1, per_day=True)
    assert numbers(arrange(head(per_source=cap), items, "UTC")) == [3, 2]
    assert numbers(arrange(head(per_source=cap), items, "Europe/London")) == [3, 1]


def test_capped_items_make_room_for_others() -> None:
    items = [item(n, source=1) for n in (2, 3, 4)] + [item(1, NOON - HOUR, source=2)]
    assert numbers(arrange(head(limit=2, per_source=PerSource(count=1)), items, "UTC")) == [4, 1]


def test_age_is_judged_at_the_given_instant() -> None:
    items = [item(1, NOON - 3 * HOUR), item(2, NOON - HOUR)]
    feed = head(query="age:<2h")
    assert numbers(arrange(feed, items, "UTC", at=NOON)) == [2]
    assert numbers(arrange(feed, items, "UTC", at=NOON + 5 * HOUR)) == []
    assert numbers(arrange(head(query="age:<2h", changed_at=NOON), items, "UTC")) == [2]


@given(st.permutations([item(n, NOON - (n % 3) * HOUR, n % 2) for n in range(9)]))
def test_order_of_arrival_does_not_matter(items: list[Item]) -> None:
    feed = head(limit=5, per_source=PerSource(count=3, per_day=True))
    assert arrange(feed, items, "UTC") == arrange(feed, sorted(items, key=lambda i: i.article.id), "UTC")


@given(
    st.lists(st.tuples(st.integers(0, 40), st.integers(1, 4)), max_size=40),
    st.integers(1, 6),
    st.booleans(),
)
def test_rows_that_fill_a_feed_give_what_all_rows_give(
    made: list[tuple[int, int]], limit: int, per_day: bool
) -> None:
    every = [item(n, NOON - hours * HOUR, source) for n, (hours, source) in enumerate(made)]
    every.sort(key=lambda one: (one.article.sort_date, one.article.id), reverse=True)
    feed = head(limit=limit, per_source=PerSource(count=2, per_day=per_day))
    first = arrange(feed, every[: first_rows_for(feed)], "UTC")
    if len(first) == limit:
        assert first == arrange(feed, every[: rows_for(feed)], "UTC")


def test_where_later_articles_change_entries_all_are_read_at_once() -> None:
    cap = PerSource(count=2)
    assert first_rows_for(head(limit=10, per_source=cap)) < rows_for(head(limit=10, per_source=cap))
    rolled = PerSource(count=2, per_day=True, rolls_up=True)
    for fields in ({"duplicates": "story"}, {"order": "top"}, {"per_source": rolled}):
        feed = head(**({"limit": 10, "per_source": cap} | fields))
        assert first_rows_for(feed) == rows_for(feed)
