"""One tag stands for the same bytes, whatever was done to the store in between (RFC 9110 §8.8.1)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select

from aggregator.errors import AggregatorError
from aggregator.model import Configuration, Entry, Feed, Gate, Person, PerSource, Timed, Topic
from aggregator.pipeline.editing import mark_article, undo
from aggregator.pipeline.issuing import make_issues
from aggregator.pipeline.ranking import age_feeds, rank_feeds
from aggregator.store.articles.retention import expire
from aggregator.store.engine import reading, writing
from aggregator.store.feeds.heads import PUBLISHED, list_feeds
from aggregator.store.stories.corrections import join_stories, split_story
from aggregator.store.tables import articles
from aggregator.web.desk import Desk
from tests.curate.papers import NOON, identified
from tests.store.making import DAY, entry, source
from tests.stored import Stored

SHAPES = Configuration(
    topics=(Topic(slug="bridges", title="Bridges", query="bridge"),),
    feeds=(
        Feed(slug="front", title="Front", limit=2),
        Feed(slug="told", title="Told", limit=2, duplicates="story"),
        Feed(slug="top", title="Top", limit=2, order="top", duplicates="link"),
        Feed(
            slug="rolled", title="Rolled", limit=2, per_source=PerSource(count=1, per_day=True, rolls_up=True)
        ),
        Feed(slug="picked", title="Picked", limit=2, max_age_s=86400, query="picked:true OR topic:bridges"),
        Feed(slug="digest", title="Digest", limit=2, timed=Timed(form="digest", every="day")),
    ),
)
WHAT = (
    *("poll", "poll", "poll", "time", "rank", "issue", "split", "join"),
    *("note", "pick", "hide", "withdraw", "release", "undo"),
)
#: what is done, and to what; and how many hours later
STEPS = st.lists(
    st.tuples(
        st.sampled_from(WHAT),
        st.integers(0, 7),
        st.sampled_from((0, 1, 12, 30)),
    ),
    min_size=10,
    max_size=30,
)
Documents = dict[tuple[str, str], bytes]


@settings(
    max_examples=6,
    # a store for every example takes its time: what fails is shown as it was found
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(STEPS)
def test_one_tag_stands_for_the_same_bytes(sqlite_engine: Engine, steps: list[tuple[str, int, int]]) -> None:
    gate = Gate(edits="bump", rekey=False)
    paper = Stored(sqlite_engine, source("Paper", gate=gate, keep_s=4 * 86400, initial_items=9), SHAPES)
    now, said = NOON, Documents()
    for turn, (what, number, hours) in enumerate(steps):
        now += timedelta(hours=hours, seconds=1)
        try:
            _do(paper, what, number, turn, now)
        except AggregatorError:
            continue  # there is no such article, or it is so already
        for address, body in documents(sqlite_engine).items():
            assert said.setdefault(address, body) == body, f"{address} after {what}"


def _do(paper: Stored, what: str, number: int, turn: int, now: datetime) -> None:
    chores: dict[str, Callable[[Engine, datetime], object]] = {"rank": rank_feeds, "issue": make_issues}
    if what == "poll":
        paper.poll([_entry(k, turn if k == number else k, now) for k in {number, turn % 5, 3}], now)
    elif what in chores:
        chores[what](paper.engine, now)
    elif what in ("time", "split", "join"):
        if what == "time":
            age_feeds(paper.engine, now)
        with writing(paper.engine) as connection:
            if what == "time":
                expire(connection, now - DAY * (number % 2))
            elif what == "split":
                split_story(connection, _number(paper.engine, number), now)
            else:
                join_stories(connection, _number(paper.engine, number), _number(paper.engine, turn), now)
    elif what == "undo":
        undo(paper.engine, str(_number(paper.engine, number)), who="Ada", now=now)
    else:
        address = str(_number(paper.engine, number))
        mark_article(paper.engine, address, what, who="Ada", now=now, words=f"words {turn}")


def _entry(key: int, text: int, now: datetime) -> Entry:
    said = ("The bridge is closed", "The tide turns", "A mill burns down")[text % 3]
    return identified(
        entry(
            f"k{key}",
            title=f"{said} {text % 2}",
            content=f"<p>{said} {text}: what there is to say about it.</p>",
            link=f"https://shared.example/{key // 2}",
            published=None if key % 3 else now - key * DAY,
            authors=(Person("Ada" if key % 2 else "Bo"),),
        )
    )


def _number(engine: Engine, number: int) -> int:
    """The id of one of the stored articles."""
    with reading(engine) as connection:
        ids = list(connection.scalars(select(articles.c.id).order_by(articles.c.id)))
    return ids[number % len(ids)] if ids else 0


def documents(engine: Engine) -> Documents:
    """Everything that is published, by address and tag, as a process says that has just begun."""
    desk, found = Desk(engine), Documents()
    with reading(engine) as connection:
        heads = list_feeds(connection, PUBLISHED)
    authors = (desk.find_head("author", name) for name in ("ada", "bo"))
    for head in (*heads, *(one for one in authors if one)):
        live = desk.find_rendered(head, "json")
        found[f"{head.kind} {head.slug}", live.etag] = live.body
        for number in range(1, (head.newest_archive or 0) + 1):
            if (archive := desk.find_archive(head, number, "json")) is not None:
                found[f"{head.kind} {head.slug} {number}", archive.etag] = archive.body
    return found
