"""Where the processor time of a cycle goes: one table of stages, each without the ones inside it.

    python -m benchmarks.stages [--feeds 300] [--folder WORLD]

The documents of a generated world are read and taken in by one thread of this process: a first
time, and again after an hour in which some sites published. Each function named in STAGES counts its own
time, without that of other stages it calls; the rest of what calls them stands as "between".
Timers cost about a microsecond a call, so that stages called for every entry look a little
dearer than they are. Nothing is fetched: see benchmarks.backends for what that costs.
"""

from __future__ import annotations

import argparse
import gc
import gzip
import hashlib
import importlib
import json
import pickle
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import update

from aggregator.cli import GARBAGE
from aggregator.config.load import load_configuration
from aggregator.model import Budget, Claim, Fetched, NotModified, Reading, Validators
from aggregator.parse.reading import read_document
from aggregator.parse.slim import pickled
from aggregator.pipeline.apply import put_in_force
from aggregator.pipeline.decision import Polled
from aggregator.pipeline.intake import RulesInForce, rules_in_force, take_in
from aggregator.pipeline.telling import Teller
from aggregator.store.engine import Engine, open_engine, writing
from aggregator.store.schema import migrate
from aggregator.store.sources.claims import claim_due
from aggregator.store.tables import sources
from benchmarks.world import World

#: stage -> the names under which its functions are called
STAGES = {
    "read: text of the bytes": [
        "aggregator.parse.charsets:to_text",
        "aggregator.parse.repair:fix_characters",
    ],
    "read: where entries stand": [
        "aggregator.parse.prefilter:cut",
        "aggregator.parse.prefilter:known_entries",
    ],
    "read: feedparser": ["aggregator.parse.document:read_xml"],
    "read: values of entries": ["aggregator.parse.document:map_feed"],
    "read: safe HTML": ["aggregator.parse.texts:sanitise"],
    "read: words counted": ["aggregator.query.wording:word_count"],
    "read: identity": ["aggregator.parse.document:identify"],
    "read: bounds": ["aggregator.parse.reading:bounded"],
    "read: its words": ["aggregator.parse.reading:worded"],
    "read: packing": ["aggregator.parse.reading:pack"],
    "claims": ["aggregator.store.sources.claims:claim_due"],
    "known": ["aggregator.pipeline.intake:load_known"],
    "gate": ["aggregator.pipeline.decision:admit"],
    "gate: fingerprints": ["aggregator.curate.gate:fingerprint"],
    "rules": ["aggregator.pipeline.decision:place"],
    "plan": ["aggregator.pipeline.decision:plan_next"],
    "rhythm": ["aggregator.pipeline.decision:learn_rhythm"],
    "save: sources": [
        "aggregator.store.articles.saving:write_polls",
        "aggregator.store.articles.saving:lock_sources",
    ],
    "save: article rows": [
        "aggregator.store.articles.arriving:_insert",
        "aggregator.store.articles.arriving:change_articles",
    ],
    "save: packing": ["aggregator.store.articles.arriving:pack"],
    "save: bodies": ["aggregator.store.articles.arriving:_store_bodies"],
    "save: search index": [
        "aggregator.store.articles.arriving:index_words",
        "aggregator.store.articles.arriving:unindex_words",
    ],
    "save: bylines": ["aggregator.store.articles.arriving:_write_bylines"],
    "save: placements": ["aggregator.store.articles.saving:place_arrivals"],
    "save: the rest": ["aggregator.pipeline.intake:save"],
    "stories": ["aggregator.pipeline.telling:Teller.tell"],
    "stories: read back": ["aggregator.pipeline.telling:untold"],
    "stories: sketch": ["aggregator.pipeline.telling:told_of"],
    "stories: stored": ["aggregator.pipeline.telling:save_members"],
    "review": ["aggregator.pipeline.intake:review_polled"],
}


class Stages:
    """Exclusive processor seconds of named functions."""

    def __init__(self) -> None:
        self.seconds: Counter[str] = Counter()
        self.calls: Counter[str] = Counter()
        self._inside: list[str] = []
        self._since = 0.0

    def watch(self) -> None:
        """Time every function of STAGES from now on."""
        for stage, places in STAGES.items():
            for place in places:
                module, _, path = place.partition(":")
                *owners, name = path.split(".")
                owner: Any = importlib.import_module(module)
                for each in owners:
                    owner = getattr(owner, each)
                setattr(owner, name, self._timed(stage, getattr(owner, name)))

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Count what happens inside for *name*, but for the stages in it."""
        self._note()
        self._inside.append(name)
        self.calls[name] += 1
        try:
            yield
        finally:
            self._note()
            self._inside.pop()

    def _timed(self, stage: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def timed(*args: Any, **named: Any) -> Any:
            with self.stage(stage):
                return call(*args, **named)

        return timed

    def _note(self) -> None:
        now = time.process_time()
        if self._inside:
            self.seconds[self._inside[-1]] += now - self._since
        self._since = now


class Cycle:
    """A store, and documents read into it as a worker would."""

    def __init__(self, folder: Path, world: World) -> None:
        config = folder / "stages.yaml"
        listed = "".join(f"  - url: {url}\n" for url in world.urls(80))
        config.write_text(
            f"database: sqlite:///{folder}/stages.db\n"
            "defaults: {every: auto, keep: 1y, initial_items: 50}\n"
            'topics:\n  music: {title: Music, query: "music OR musique OR Musik"}\n'
            f'feeds: {{all: {{query: ""}}}}\nsources:\n{listed}'
        )
        loaded = load_configuration(config)
        self.engine: Engine = open_engine(loaded.configuration.database)
        migrate(self.engine)
        put_in_force(self.engine, loaded, datetime.now(UTC))
        self.rules: RulesInForce = rules_in_force(loaded.digest, loaded.configuration)
        self.folder, self.count = folder, len(world.sites)
        self.teller = Teller()

    def run(self, stages: Stages) -> None:
        """Claim everything, read every document and take it in, in batches of a thousand entries."""
        with writing(self.engine) as connection:
            claims = claim_due(
                connection, datetime.now(UTC), Budget(per_host=2), limit=self.count, seconds=600
            )
        batch: list[Polled] = []
        waiting = 0
        for claim in claims:
            polled = self._poll(stages, claim)
            batch.append(polled)
            waiting += len(polled.parsed.entries) if polled.parsed else 0
            if waiting >= 1000 or len(batch) >= 128 or claim is claims[-1]:
                with stages.stage("between"):
                    take_in(self.engine, batch, self.rules, datetime.now(UTC), teller=self.teller)
                batch, waiting = [], 0

    def _poll(self, stages: Stages, claim: Claim) -> Polled:
        address = claim.url.split("/")[2].partition(":")[0]
        path = self.folder / "www" / address / "feed.xml.gz"
        now, etag = datetime.now(UTC), f'"{path.stat().st_mtime_ns}"'
        validators = Validators(etag, None, claim.url)
        if claim.validators.etag == etag:
            return Polled(claim, now, NotModified(validators=validators))
        with stages.stage("fetch: gzip, hash"):
            body = gzip.decompress(path.read_bytes())
            body_hash = hashlib.blake2b(body, digest_size=16).hexdigest()
        outcome = Fetched(url=claim.url, status=200, headers={}, body=b"", validators=validators)
        how = Reading(kind="feed", usual=claim.entry_count, trace=claim.trace, now=now)
        with stages.stage("read: the rest"):
            parsed = read_document(body, url=claim.url, headers={}, reading=how)
        with stages.stage("between processes"):
            pickle.loads(pickle.dumps((body, how)))
            parsed = pickle.loads(pickled(parsed))
        return Polled(claim, now, outcome, parsed, body_hash)

    def make_due(self) -> None:
        """Make every source due now."""
        with writing(self.engine) as connection:
            connection.execute(update(sources).values(due_at=datetime.now(UTC), not_before=None))


def table(stages: Stages, feeds: int) -> list[dict[str, object]]:
    """Return the stages, the dearest first."""
    return [
        {
            "stage": stage,
            "seconds": round(seconds, 3),
            "calls": stages.calls[stage],
            "ms a feed": round(1000 * seconds / feeds, 3),
        }
        for stage, seconds in stages.seconds.most_common()
    ]


def main() -> None:
    """Measure and print JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--feeds", type=int, default=300)
    options = parser.parse_args()
    result: dict[str, object] = {"date": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC", "feeds": options.feeds}
    with tempfile.TemporaryDirectory() as name:
        world = World(Path(name), options.feeds)
        cycle = Cycle(Path(name), world)
        result["entries"] = sum(len(site.posts) for site in world.sites)
        gc.set_threshold(*GARBAGE)  # as the program runs
        stages = Stages()
        stages.watch()
        for what in ("cold", "typical"):
            stages.seconds.clear()
            stages.calls.clear()
            cycle.make_due()
            cycle.run(stages)
            result[what] = {
                "seconds": round(stages.seconds.total(), 2),
                "stages": table(stages, options.feeds),
            }
            world.advance()
        cycle.engine.dispose()
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
