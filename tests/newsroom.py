"""A store with three papers that report the same events: what they print goes in as polls bring it."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine

from aggregator.config.file import Loaded
from aggregator.config.load import load_configuration
from aggregator.curate.rewrite import looks_of
from aggregator.model import Edition, Entry, FeedHead, FeedInfo, Fetched, ParsedFeed, Site, Validators
from aggregator.pipeline.apply import apply_loaded
from aggregator.pipeline.decision import Polled
from aggregator.pipeline.editions import edition_of, publish_feed
from aggregator.pipeline.intake import rules_in_force, take_in
from aggregator.pipeline.telling import Teller
from aggregator.store.articles.listing import list_articles
from aggregator.store.engine import reading
from aggregator.store.feeds.heads import find_feed
from tests.store.making import NOW, claim_one, entry

ATOM = "{http://www.w3.org/2005/Atom}"
PAPERS = ("courier", "metropole", "gazette")
BRIDGE = {
    "courier": ("Lambourne Bridge closed after cracks found in hinge", 400),
    "metropole": ("Cracked hinge shuts Lambourne Bridge to all traffic", 120),
    "gazette": ("Lambourne Bridge shut: hinge cracks alarm inspectors", 900),
}
TEXT = "<p>Inspectors found hairline cracks in an iron hinge of Lambourne Bridge over the Thames.</p>"


class Newsroom:
    """A store with three papers, and what they print."""

    def __init__(self, engine: Engine, folder: Path, feeds: str, *papers: str, more: str = "") -> None:
        """Args:
        papers: name@host of each; none: the three papers.
        more: further lines of the configuration.
        """
        self.engine = engine
        path = folder / "aggregator.yaml"
        named = [paper.split("@") for paper in papers or [f"{name}@{name}.example" for name in PAPERS]]
        sources = ", ".join(f"{{url: 'https://{host}/{name}', name: {name}}}" for name, host in named)
        path.write_text(
            f"database: sqlite:///unused.db\nsources: [{sources}]\nfeeds: {feeds}\n{more}", "utf-8"
        )
        self.loaded: Loaded = load_configuration(path)
        apply_loaded(engine, self.loaded, NOW)
        self.teller: Teller | None = Teller()

    def prints(
        self, paper: str, title: str, words: int = 50, text: str = TEXT, hours: float = 0, link: str = ""
    ) -> None:
        at = NOW + timedelta(hours=hours)
        link = link or f"https://{paper}.example/{title[:9].replace(' ', '-')}"
        one = entry(title, title=title, content=text, words=words, link=link, published=at)
        self.brings(paper, at, one)

    def brings(self, paper: str, at: datetime, *entries: Entry) -> None:
        claim = claim_one(self.engine, paper, at)
        answer = Fetched(url=claim.url, status=200, headers={}, body=b"", validators=Validators())
        parsed = ParsedFeed(format="rss20", info=FeedInfo(), entries=entries)
        rules = rules_in_force(self.loaded.digest, self.loaded.configuration)
        polled = Polled(claim, at, answer, parsed, entries[0].key)
        take_in(self.engine, [polled], rules, at, teller=self.teller)

    def print_bridge(self, *papers: str) -> None:
        for hour, paper in enumerate(papers or PAPERS):
            self.prints(paper, *BRIDGE[paper], hours=hour)

    def head(self, slug: str = "front") -> FeedHead:
        with reading(self.engine) as connection:
            head = find_feed(connection, "feed", slug)
        assert head is not None
        return head

    def edition(self, slug: str = "front") -> Edition:
        with reading(self.engine) as connection:
            looks = looks_of(self.loaded.configuration)
            return edition_of(connection, self.head(slug), Site(), looks=looks)

    def document(self, form: str, slug: str = "front") -> bytes:
        with reading(self.engine) as connection:
            return publish_feed(connection, self.head(slug), Site(), form).body

    def ids(self) -> dict[str, int]:
        with reading(self.engine) as connection:
            return {a.entry.title: a.id for a in list_articles(connection, after_id=0, limit=99)}
