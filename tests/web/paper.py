"""A small newspaper in a real store, and a client to read it with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import Engine

from aggregator.model import Configuration, Enclosure, Entry, Feed, Person, Site, Topic
from aggregator.web.app import create_app
from aggregator.web.desk import Desk
from tests.store.making import NOW, apply, arrive, claim_one, entry, placed, poll, source, store
from tests.store.making import admission as admit

SITE = Site(
    title="Thames Gazette",
    tagline="All that floats.",
    url="https://gazette.example",
    language="en-GB",
    timezone="Europe/London",
)
CONFIGURATION = Configuration(
    site=SITE,
    sources=(source("Harbour Herald", tags=("national",)), source("Tide Tribune", content="summary")),
    topics=(Topic(slug="tide", title="The tide", query="tide*"),),
    feeds=(
        Feed(slug="front-page", title="Front page", description="What matters."),
        Feed(slug="empty", title="Nothing", query="nothing"),
    ),
)


@dataclass
class Paper:
    """The store, the app on it and a client; *forget* makes the app look at the store again."""

    engine: Engine
    desk: Desk
    client: FlaskClient

    def get(self, path: str, **headers: str) -> Any:
        """Ask with headers given as Accept_Encoding="gzip"; no coding is asked for by default."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.get(path, headers=named)

    def forget(self) -> None:
        """Let time pass: what was remembered for a second is read again."""
        self.desk.forget_moments()

    @property
    def memories(self) -> tuple[Any, ...]:
        """What the app remembers for a second. Here time stands still until it is told to pass."""
        return (self.desk._standing, self.desk._heads)


def open_paper(
    engine: Engine, configuration: Configuration = CONFIGURATION, *, is_filled: bool = True
) -> Paper:
    """Return a paper with five articles of two sources, or with none."""
    apply(engine, configuration)
    if is_filled:
        fill(engine)
    return reopen_paper(engine)


def reopen_paper(engine: Engine) -> Paper:
    """Return the paper that is in a store already."""
    app = create_app(engine)
    app.testing = False
    paper = Paper(engine, app.extensions["desk"], app.test_client())
    for memory in paper.memories:
        memory._clock = lambda: 0.0
    return paper


def fill(engine: Engine) -> None:
    """Let both sources bring what they have."""
    arrive(engine, "harbour-herald", *(_article(number) for number in (1, 2, 3)), feeds=["front-page"])
    claim = claim_one(engine, "tide-tribune")
    tides = [admit(claim, _article(number, words="The tide turns. " * 60)) for number in (4, 5)]
    store(engine, poll(claim, *(placed(one, "front-page", topics=["tide"]) for one in tides)))


def _article(number: int, words: str = "It passed the bridge.") -> Entry:
    return entry(
        f"n{number}",
        title=f"Barge {number} <passes> & goes",
        authors=(Person("Ada Lock", "ada@paper.example"),),
        published=NOW - timedelta(hours=number),
        content=f'<p>{words} <a href="https://paper.example/more">more</a></p>',
        image=f"https://paper.example/{number}.jpg" if number == 2 else None,
        enclosures=(Enclosure("https://paper.example/talk.mp3", "audio/mpeg", 12),) if number == 3 else (),
        rights="CC BY 4.0",
    )
