"""An archive of any size in minutes: rows written straight into an empty SQLite file.

    python -m benchmarks.bulk FILE [--articles 1000000] [--sources 100000] [--words 120]

The sources are applied as any configuration is. The articles of one year are then written by bulk
statements: rows, bodies, words, placements (front page, one topic, own source) and archives, as polls
would leave them. What is simplified: texts come from a pool, every source has as many articles, and
no article is part of a story.
"""

from __future__ import annotations

import argparse
import hashlib
import itertools
import json
import random
import sqlite3
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from aggregator.model import Entry
from aggregator.model.packing import pack
from aggregator.query.text import plain_text, tokens
from aggregator.store.articles.hashes import hash_of
from aggregator.store.configurations import apply_configuration
from aggregator.store.engine import Engine, open_engine, writing
from aggregator.store.schema import migrate
from aggregator.store.types import micros
from benchmarks.store import NOW, SAME, TOPICS, made_configuration

#: texts that articles share
POOL = 5000
SPAN = 50
YEAR = timedelta(days=365)
#: until when articles were seen in their documents, which are settled: no later poll need note it again
SEEN = NOW + 30 * YEAR
BATCH = 20_000
ARTICLE = """INSERT INTO articles (id, source_id, key, identity, published_id, published_hash, link,
 link_hash, published, updated, first_seen, changed_at, sort_date, state, reason, digest, topics,
 last_in_document, edits, fingerprint, past_digests, is_picked, note)
 VALUES (?,?,?,?,?,?,?,?,?,NULL,?,?,?,'out','',?,?,?,0,'','',0,'')"""
#: the second of the hour in which a source is polled; neighbours in the table have different ones
SECOND = "(id * 2654435761 % 3600)"
PLACEMENT = "INSERT INTO placements VALUES (?,?,?,?,?,?,?)"
ROW_PLACES = "(feed_id, article_id, sort_date, entered, entered_at, touched_at, why)"


@dataclass(frozen=True, slots=True)
class Text:
    """A body that several articles have, ready to be written."""

    body: bytes
    indexed: str


def fill_fast(engine: Engine, articles: int, sources: int, words: int = 120) -> None:
    """Fill an empty SQLite store that has *sources* applied with a year of *articles*.

    Args:
        words: different words of an article, about.
    """
    path = engine.url.database
    assert path
    chance = random.Random(7)
    pool = [_made_text(chance, number, words) for number in range(min(POOL, articles))]
    with sqlite3.connect(path, isolation_level=None) as raw:
        for setting in ("synchronous=OFF", "cache_size=-800000", "wal_autocheckpoint=100000"):
            raw.execute(f"PRAGMA {setting}")
        ids = [row[0] for row in raw.execute("SELECT id FROM sources ORDER BY id LIMIT ?", (sources,))]
        own = dict(raw.execute("SELECT source_id, id FROM feeds WHERE kind = 'source'"))
        shared = dict(raw.execute("SELECT slug, id FROM feeds WHERE kind IN ('feed', 'topic')"))
        turns = _turns(chance, ids)
        for start in range(0, articles, BATCH):
            numbers = range(start, min(start + BATCH, articles))
            raw.execute("BEGIN")
            _write(raw, list(itertools.islice(turns, len(numbers))), numbers, articles, own, shared, pool)
            raw.execute("COMMIT")
        raw.execute("BEGIN")
        _write_feeds(raw)
        _write_sources(raw, articles // len(ids))
        raw.execute("COMMIT")
        raw.execute("ANALYZE")
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    raw.close()


def _made_text(chance: random.Random, number: int, words: int) -> Text:
    # the few hundred commonest words are in most texts, as in any language
    text = " ".join(f"w{int(chance.paretovariate(0.7))}" for _ in range(2 * words))
    title = f"Title {number} w{int(chance.paretovariate(1))} rare{number % 1000}"
    link = f"https://site.example/{number}"
    entry = Entry(
        id=f"tag:site.example,2026:{number}",
        key=f"tag:site.example,2026:{number}",
        title=title,
        link=link,
        content=f"<p>{text}</p>",
        published=NOW,
        words=2 * words,
        digest=hashlib.blake2b(title.encode(), digest_size=16).hexdigest(),
    )
    indexed = {*tokens(title), *tokens(plain_text(entry.content))}
    return Text(pack(entry), " ".join(sorted(indexed)))


def _turns(chance: random.Random, ids: list[int]) -> Iterator[tuple[int, int]]:
    """Yield whose article is next, and his how manieth: all sources once, then again in another order."""
    for nth in itertools.count(1):
        yield from ((source_id, nth) for source_id in chance.sample(ids, len(ids)))


def _write(
    raw: sqlite3.Connection,
    turns: list[tuple[int, int]],
    numbers: range,
    articles: int,
    own: dict[int, int],
    shared: dict[str, int],
    pool: list[Text],
) -> None:
    seen = micros(SEEN)
    rows: list[tuple[Any, ...]] = []
    places: list[tuple[Any, ...]] = []
    for number, (source_id, nth) in zip(numbers, turns, strict=True):
        row, at = number + 1, micros(NOW - YEAR + YEAR * (number + 1) / articles)
        key, topic = f"tag:site{source_id}.example,2026:{number}", number % TOPICS
        digest = hashlib.blake2b(key.encode(), digest_size=12).digest()
        link = f"https://site{source_id}.example/{number}"
        identity = source_id.to_bytes(8, "big") + digest
        rows.append(
            (
                *(row, source_id, key, identity, key, digest, link, hash_of(link)),
                *(at, at, at, at, digest.hex(), f"topic-{topic}", seen),
            )
        )
        places.append((shared["front"], row, at, row, at, at, "all"))
        places.append((shared[f"topic-{topic}"], row, at, number // TOPICS + 1, at, at, f"w{topic}"))
        places.append((own[source_id], row, at, nth, at, at, f"source: source-{source_id}"))
    raw.executemany(ARTICLE, rows)
    raw.executemany(
        "INSERT INTO bodies (article_id, entry) VALUES (?,?)",
        ((n + 1, pool[n % len(pool)].body) for n in numbers),
    )
    raw.executemany(
        "INSERT INTO article_words (rowid, words) VALUES (?,?)",
        ((n + 1, pool[n % len(pool)].indexed) for n in numbers),
    )
    raw.executemany(PLACEMENT.replace("placements ", f"placements {ROW_PLACES} "), sorted(places))


def _write_feeds(raw: sqlite3.Connection) -> None:
    """Let the heads say what their placements are, and close archives behind them."""
    raw.execute(
        "UPDATE feeds SET (last_entered, changed_at) = (SELECT coalesce(max(entered), 0), max(sort_date) "
        f"FROM placements WHERE feed_id = feeds.id), span = {SPAN}, "
        "version = lower(hex(randomblob(16)))"
    )
    raw.execute(
        f"UPDATE feeds SET recent_from = changed_at - 172800000000, archive_count = last_entered / {SPAN}, "
        f"archived_to = last_entered / {SPAN} * {SPAN}"
    )
    counted = raw.execute(
        "SELECT id, archive_count, changed_at FROM feeds WHERE archive_count > 0"
    ).fetchall()
    raw.executemany(
        "INSERT INTO archives (feed_id, number, first, last, closed_at, changed_at, changes) "
        "VALUES (?,?,?,?,?,?,0)",
        (
            (feed_id, n + 1, n * SPAN + 1, (n + 1) * SPAN, at, at)
            for feed_id, count, at in counted
            for n in range(count)
        ),
    )


def _write_sources(raw: sqlite3.Connection, each: int) -> None:
    """Let the sources have been polled within the last hour, and be due within the next."""
    now, hour = micros(NOW), 3_600_000_000
    info = '{"title":"A paper","link":"https://site.example/","subtitle":"News of the harbour"}'
    raw.execute(
        "UPDATE sources SET info = ?, entry_count = ?, imported_at = ?, "
        f"document_at = ? - {SECOND} * 1000000, "
        "settled = ?, settled_until = ?, "
        "etag = '\"' || id || '\"', validators_url = url, body_hash = hex(id), "
        f"last_poll = ? - {SECOND} * 1000000, last_success = ? - {SECOND} * 1000000, "
        f"due_at = ? + ? - {SECOND} * 1000000, next_why = 'an hour later'",
        (info, min(each, 30), micros(NOW - YEAR), now, SAME, micros(SEEN), now, now, now, hour),
    )
    raw.execute("INSERT INTO traces (source_id, trace) SELECT id, randomblob(600) FROM sources")


def timed() -> Iterator[float]:
    """Yield processor seconds since the call before."""
    before = time.process_time()
    for _ in itertools.count():
        now = time.process_time()
        yield round(now - before, 1)
        before = now


def build(path: Path, articles: int, sources: int, words: int) -> dict[str, float]:
    """Make the file; return what the steps cost in processor seconds."""
    engine = open_engine(f"sqlite:///{path}")
    clock = timed()
    migrate(engine)
    spent = {"migrate": next(clock)}
    configuration = made_configuration(sources)
    configuration = replace(configuration, sources=configuration.sources[:sources])
    with writing(engine) as connection:
        apply_configuration(connection, configuration, digest="1", host="bench", now=NOW - YEAR)
    spent["apply new sources"] = next(clock)
    fill_fast(engine, articles, sources, words)
    spent["fill"] = next(clock)
    engine.dispose()
    return spent


def main() -> None:
    """Make a file and print what it cost."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--articles", type=int, default=1_000_000)
    parser.add_argument("--sources", type=int, default=100_000)
    parser.add_argument("--words", type=int, default=120, help="different words of an article, about")
    options = parser.parse_args()
    spent = build(options.file, options.articles, options.sources, options.words)
    print(json.dumps(spent | {"megabytes": round(options.file.stat().st_size / 1e6, 1)}))


if __name__ == "__main__":
    main()
