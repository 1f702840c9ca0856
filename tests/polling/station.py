"""A polling station: a real store, the real client and pipeline, a scripted web, and a clock we turn.

Sources stand under public names (``http://paper.example/feed``); one scripted origin plays them all,
as the HTTP proxy that every source of the station goes through, and logs each request.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

from sqlalchemy import Engine

from aggregator.config.build import compute_digest
from aggregator.http.client import Client
from aggregator.http.shape import user_agent
from aggregator.model import (
    Budget,
    Claim,
    Configuration,
    Failed,
    FetchSettings,
    Outcome,
    Site,
    Source,
    SourceState,
)
from aggregator.parse.sandbox import Sandbox
from aggregator.pipeline.decision import Polled
from aggregator.pipeline.intake import rules_in_force, take_in
from aggregator.pipeline.polls import poll_source
from aggregator.store.articles.listing import list_articles
from aggregator.store.configurations import apply_configuration
from aggregator.store.engine import reading, writing
from aggregator.store.sources.claims import claim_due, claim_sources
from aggregator.store.sources.states import find_source, list_states
from tests.origin import Origin, Reply, Script, Seen

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
PATH = "/feed"


def rss(*entries: str, extra: str = "", title: str = "Paper") -> bytes:
    """A feed with an entry for each name, dated by its first letter; *extra* goes into the channel."""
    items = "".join(
        f"<item><guid isPermaLink='false'>{name}</guid><title>{name}</title>"
        f"<link>http://paper.example/{name}</link><pubDate>{_date(name)}</pubDate></item>"
        for name in entries
    )
    head = (
        "<rss version='2.0' xmlns:itunes='http://www.itunes.com/dtds/podcast-1.0.dtd' "
        "xmlns:podcast='https://podcastindex.org/namespace/1.0' "
        "xmlns:sy='http://purl.org/rss/1.0/modules/syndication/'>"
    )
    return f"{head}<channel><title>{title}</title>{extra}{items}</channel></rss>".encode()


def _date(name: str) -> str:
    return format_datetime(NOW - 30 * HOUR + (ord(name[0]) - ord("a")) * HOUR)


def tagged(body: bytes, etag: str = '"1"', **headers: str) -> Reply:
    """A 200 with an ETag."""
    pairs = [("ETag", etag), *((name.replace("_", "-"), value) for name, value in headers.items())]
    return Reply(200, pairs, body)


@dataclass
class Station:
    """Everything a poll needs; ``at`` is the clock."""

    engine: Engine
    origin: Origin
    at: datetime = NOW
    configuration: Configuration = field(default_factory=Configuration)

    def publish(self, script: Script, host: str = "paper.example", path: str = PATH) -> str:
        """Let *host* answer; returns the URL."""
        self.origin.on(f"http://{host}{path}", script)
        return f"http://{host}{path}"

    def configure(self, *sources: Source, **settings: Any) -> None:
        """Put these sources in force, asked through the scripted origin."""
        hosts = {"paper.example", "gone.example", *settings.pop("hosts", ())}
        hosts |= {source.url.split("/")[2].partition(":")[0] for source in sources}
        allowed = ("127.0.0.0/8", *(f"{host}:80" for host in sorted(hosts)))
        fetch = FetchSettings(allow_private=allowed, timeout_s=3, **settings)
        behind = tuple(
            replace(source, proxy=source.proxy or self.origin.url(""), where=source.where or f"a.yaml:{n}")
            for n, source in enumerate(sources, 3)
        )
        site = Site(contact="ed@gazette.example")
        self.configuration = Configuration(site=site, sources=behind, fetch=fetch)
        with writing(self.engine) as connection:
            digest = compute_digest(self.configuration)
            apply_configuration(connection, self.configuration, digest=digest, host="test", now=self.at)

    def poll(self, slug: str = "paper", after: timedelta = timedelta(0)) -> Outcome | None:
        """Ask one source, due or not, as a person would; None if that is not allowed now."""
        self.at += after
        with writing(self.engine) as connection:
            state = find_source(connection, slug)
            assert state is not None
            claims = claim_sources(connection, [state.source_id], self.at, seconds=60, respect_due=False)
        polled = self.work(claims)
        return polled[0].outcome if polled else None

    def tick(self, after: timedelta = timedelta(0), limit: int = 100, **budget: Any) -> list[str]:
        """Ask what is due, as a worker would; the slugs asked."""
        self.at += after
        limits = Budget(**{"per_host": 2} | budget)
        with writing(self.engine) as connection:
            claims = claim_due(connection, self.at, limits, limit=limit, seconds=60)
        self.work(claims)
        return [claim.slug for claim in claims]

    def work(self, claims: Sequence[Claim]) -> list[Polled]:
        """Poll *claims* and take the answers in, all at the present moment."""
        polled = asyncio.run(self._ask(claims)) if claims else []
        take_in(self.engine, polled, rules_in_force("", self.configuration), self.at)
        return polled

    async def _ask(self, claims: Sequence[Claim]) -> list[Polled]:
        sandbox = Sandbox(workers=0)
        agent = user_agent(self.configuration.fetch, self.configuration.site)
        async with Client(self.configuration.fetch, user_agent=agent) as client:
            asking = (poll_source(claim, client, sandbox, self.at) for claim in claims)
            return list(await asyncio.gather(*asking))

    def state(self, slug: str = "paper") -> SourceState:
        """The source as ``status`` shows it."""
        with reading(self.engine) as connection:
            found = find_source(connection, slug)
        assert found is not None
        return found

    def states(self) -> tuple[SourceState, ...]:
        with reading(self.engine) as connection:
            return list_states(connection)

    def wait(self, slug: str = "paper") -> timedelta:
        """How long until the source is due."""
        due = self.state(slug).next_poll
        assert due is not None
        return due - self.at

    def asked(self, host: str = "paper.example", path: str = PATH) -> list[Seen]:
        """The requests for a host, in order."""
        return self.origin.seen(f"http://{host}{path}")

    def titles(self) -> list[str]:
        """Titles of all stored articles, in order of arrival."""
        with reading(self.engine) as connection:
            return [article.entry.title for article in list_articles(connection, after_id=0, limit=1000)]


def paper(url: str = f"http://paper.example{PATH}", **settings: Any) -> Source:
    """The source that most tests poll."""
    return Source(**{"url": url, "name": "Paper", **settings})


def failed(outcome: Outcome | None) -> Failed:
    """The outcome, which must be a failure."""
    assert isinstance(outcome, Failed), outcome
    return outcome
