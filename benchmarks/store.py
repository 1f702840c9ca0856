"""What a store is asked all day, as operations to be timed: claims, saves, feed reads, search, expiry.

An engine flows in, operations flow out, or the median of each in milliseconds over made-up articles;
benchmarks.growth prints them. What is not measured: the network, parsing, rendering.
"""

from __future__ import annotations

import hashlib
import random
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache, partial

from sqlalchemy import select, text, update

from aggregator.model import (
    Admission,
    Budget,
    Claim,
    Configuration,
    Entry,
    Feed,
    FeedInfo,
    NextPoll,
    Placed,
    PollResult,
    Source,
    Target,
    Topic,
    Validators,
)
from aggregator.query.parse import parse_query
from aggregator.store.articles.knowing import Listed, load_known
from aggregator.store.articles.retention import maintain
from aggregator.store.articles.saving import save
from aggregator.store.articles.search import search
from aggregator.store.configurations import apply_configuration, load_applied
from aggregator.store.engine import Engine, open_engine, reading, writing
from aggregator.store.feeds.heads import find_feed
from aggregator.store.feeds.items import read_items
from aggregator.store.sources.claims import claim_due, release
from aggregator.store.tables import articles as stored
from aggregator.store.tables import sources

NOW = datetime(2026, 3, 1, tzinfo=UTC)
TOPICS = 12
SEARCHES = ("w7", "rare77", "w7 w8", '"w1 w2"', "w1* OR w2*", "w150", "w7 -w8", "nothing")
PER_POLL = 30
#: stands for the hash of what the last documents held
SAME = "same"
#: after it, articles were not seen in their documents for long
AGE = timedelta(days=50 * 365)
#: what every document says of itself
INFO = FeedInfo(title="A paper", link="https://site.example/", subtitle="News of the harbour")
BATCH = 50
#: polls written in one transaction
TOGETHER = 25
#: seconds; the processor's own where the database is in this process, so that a busy machine does not count
TIMER = time.perf_counter


def use_timer(database: str | None) -> None:
    """Count processor time on SQLite, the time on the wall where a server does the work."""
    global TIMER  # noqa: PLW0603 - one measurement a process
    TIMER = time.perf_counter if database else time.process_time


def measure(engine: Engine, articles: int, sources: int, repeat: int, figures: dict[str, float]) -> None:
    configuration = made_configuration(sources)
    with clock(figures, "apply, new"), writing(engine) as connection:
        apply_configuration(connection, configuration, digest="1", host="bench", now=NOW)
    with clock(figures, "apply, unchanged"), writing(engine) as connection:
        apply_configuration(connection, configuration, digest="1", host="bench", now=NOW)
    with clock(figures, "load the applied configuration"), reading(engine) as connection:
        load_applied(connection)
    claims = claim(engine, NOW, sources)
    give_back(engine, claims)
    with clock(figures, "fill") as spent:
        fill(engine, claims, articles)
    figures["fill, articles a second"] = round(articles / (spent() / 1000))
    _rest(engine)
    operations = [*polls(engine, NOW + timedelta(days=1)), *reads(engine)]
    operations.append(Operation("maintain, nothing to do", lambda: maintain(engine, NOW), times=3))
    for operation in operations:
        figures[operation.name] = often(operation, repeat)


def _rest(engine: Engine) -> None:
    """Let the documents be settled, and the tables of a server be as autovacuum leaves them."""
    with writing(engine) as connection:
        connection.execute(update(sources).values(settled=SAME, settled_until=NOW + AGE))
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM (ANALYZE)"))


@dataclass(frozen=True)
class Operation:
    """Something whose cost is asked for."""

    name: str
    work: Callable[..., object]
    #: its cost is divided by this
    per: int = 1
    #: how often it is done; None: as often as was asked for
    times: int | None = None
    #: gives what the work needs, at no cost to it
    prepare: Callable[[], object] | None = None


def polls(engine: Engine, later: datetime) -> Iterator[Operation]:
    """Claim and save as polls do, at an hour when every source is due."""
    # what the documents hold is looked up past the connections that are measured: their caches stay cold
    aside = open_engine(engine.url.render_as_string(hide_password=False))

    def poll(
        name: str, together: int, brought: Callable[[Claim], Brought], kind: str = "new", at: datetime = later
    ) -> Operation:
        return Operation(
            name,
            lambda polled: take_in(engine, polled, at, kind),
            per=together,
            prepare=lambda: [(one, brought(one)) for one in claim(engine, later, together)],
        )

    yield Operation("claim 100, give them back", lambda: give_back(engine, claim(engine, later, 100)))

    def nothing_new(claim: Claim) -> Brought:
        return _stored(aside, claim.source_id)

    yield poll("304", 100, lambda _: Brought(), "not-modified")
    yield poll("poll that brings nothing new", TOGETHER, lambda _: Brought(holds=SAME))
    yield poll("one that is compared with what is stored", TOGETHER, nothing_new)
    yield poll("the first such poll of a day", TOGETHER, nothing_new, at=later + AGE)
    yield poll("poll with 2 new entries", TOGETHER, lambda one: _two_new(aside, one.source_id, later))


def reads(engine: Engine) -> Iterator[Operation]:
    """Read feeds and search as the web does."""
    yield Operation("read a feed of 50", lambda: read(engine, "front"))
    yield Operation("read page 20 of a feed", lambda: read(engine, "front", skip=True))
    for asked in SEARCHES:
        yield Operation(f"search {asked}", partial(find, engine, asked))


def made_configuration(sources: int) -> Configuration:
    return Configuration(
        sources=tuple(
            Source(url=f"https://site{n // 2}.example/feed/{n}", name=f"Source {n}") for n in range(sources)
        ),
        topics=tuple(Topic(slug=f"topic-{n}", title=f"Topic {n}", query=f"w{n}") for n in range(TOPICS)),
        feeds=(Feed(slug="front", title="Front page"),),
    )


def made_entry(source_id: int, number: int) -> Entry:
    words = " ".join(f"w{int(random.paretovariate(0.7))}" for _ in range(250))
    key = f"tag:site{source_id}.example,2026:{number}"
    return Entry(
        id=key,
        key=key,
        title=f"Title {number} w{int(random.paretovariate(1))} rare{number % 1000}",
        link=f"https://site{source_id}.example/{number}",
        content=f"<p>{words}</p>",
        published=NOW - timedelta(minutes=number % 500_000),
        words=250,
        digest=hashlib.blake2b(key.encode(), digest_size=16).hexdigest(),
    )


def _first(source_id: int, start: int) -> tuple[Entry, ...]:
    return tuple(made_entry(source_id, start + n) for n in range(PER_POLL))


def made_poll(claim: Claim, brought: Brought, at: datetime, kind: str = "new") -> PollResult:
    placed = []
    for entry in brought.new:
        topic = f"topic-{random.randrange(TOPICS)}"
        admission = Admission(
            source_id=claim.source_id,
            entry=entry,
            article_id=None,
            published_id=entry.id,
            first_seen=at,
            sort_date=min(entry.published or at, at),
        )
        targets = (Target("topic", topic, "w"), Target("feed", "front", "all"))
        placed.append(Placed(admission, (topic,), targets))
    return PollResult(
        claim=claim,
        at=at,
        kind=kind,
        next_poll=NextPoll(at, "an hour later"),
        validators=Validators('"1"', None, claim.url) if kind == "new" else claim.validators,
        info=INFO if kind == "new" else None,
        placed=tuple(placed),
        seen_ids=brought.known_ids,
        trace=random.randbytes(600) if brought.new else None,
    )


def claim(engine: Engine, now: datetime, limit: int) -> list[Claim]:
    with writing(engine) as connection:
        return list(claim_due(connection, now, Budget(per_host=2), limit=limit, seconds=60))


def give_back(engine: Engine, claims: list[Claim]) -> None:
    with writing(engine) as connection:
        release(connection, claims)


def fill(engine: Engine, all_claims: list[Claim], articles: int) -> None:
    made = 0
    while made < articles:
        claims = claim(engine, NOW, BATCH)
        results = [
            made_poll(c, Brought(new=_first(c.source_id, made + n * PER_POLL)), NOW)
            for n, c in enumerate(claims)
        ]
        with writing(engine) as connection:
            saved = save(connection, results)
        made += len(saved.new)


@dataclass(frozen=True)
class Brought:
    """What a document holds: entries that are stored, with the ids of their articles, and new ones."""

    known: tuple[Entry, ...] = ()
    known_ids: tuple[int, ...] = ()
    new: tuple[Entry, ...] = ()
    #: a hash of all of it
    holds: str = ""


def take_in(engine: Engine, polled: list[tuple[Claim, Brought]], at: datetime, kind: str) -> None:
    """Ask what is known and save, several polls in a transaction as a worker writes them."""
    with writing(engine) as connection:
        if kind == "new":
            listed = {
                one.source_id: Listed([*held.known, *held.new], holds=held.holds) for one, held in polled
            }
            load_known(connection, listed, at)
        save(connection, [made_poll(one, held, at, kind) for one, held in polled])


def _stored(engine: Engine, source_id: int) -> Brought:
    """The document of a source that holds the newest of its articles and nothing else."""
    c = stored.c
    newest = select(c.id, c.key, c.digest).where(c.source_id == source_id)
    with reading(engine) as connection:
        rows = connection.execute(newest.order_by(c.sort_date.desc()).limit(PER_POLL)).all()
    known = tuple(Entry(key=row.key, digest=row.digest) for row in rows)
    return Brought(known, tuple(row.id for row in rows))


def _two_new(engine: Engine, source_id: int, at: datetime) -> Brought:
    new = (renamed(n, source_id, random.randrange(10**9, 10**12)) for n in range(2))
    return replace(_stored(engine, source_id), new=tuple(replace(entry, published=at) for entry in new))


@cache
def _made_once(number: int) -> Entry:
    return made_entry(0, number)


def renamed(pattern: int, source_id: int, number: int) -> Entry:
    """An entry of this source that costs nothing to make: its text is that of another."""
    key = f"tag:site{source_id}.example,2026:{number}"
    return replace(_made_once(pattern), id=key, key=key, link=f"https://site{source_id}.example/{number}")


def read(engine: Engine, slug: str, skip: bool = False) -> None:
    with reading(engine) as connection:
        head = find_feed(connection, "feed", slug)
        assert head is not None
        before = (NOW - timedelta(minutes=1000), 0) if skip else None
        read_items(connection, head, limit=50, before=before)


def find(engine: Engine, text: str) -> None:
    with reading(engine) as connection:
        search(connection, parse_query(text), limit=20, now=NOW)


def often(operation: Operation, repeat: int) -> float:
    """Return the median of what an operation takes, in milliseconds."""
    return statistics.median(timed(operation) for _ in range(operation.times or repeat))


def timed(operation: Operation) -> float:
    """Return what an operation took just now, in milliseconds."""
    given = () if operation.prepare is None else (operation.prepare(),)
    start = TIMER()
    operation.work(*given)
    return (TIMER() - start) * 1000 / operation.per


@contextmanager
def clock(figures: dict[str, float], name: str) -> Iterator[Callable[[], float]]:
    start = TIMER()
    yield lambda: (TIMER() - start) * 1000
    figures[name] = round((TIMER() - start) * 1000, 1)
