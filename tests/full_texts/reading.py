"""A station whose worker reads the pages of articles, and the pages."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from aggregator.curate.rewrite import PLAIN
from aggregator.daemon.page_reader import PageReader
from aggregator.daemon.storethread import StoreThread
from aggregator.http.client import Client
from aggregator.http.shape import user_agent
from aggregator.model import Budget, Configuration
from aggregator.model.pages import PageRead, PageState
from aggregator.parse.sandbox import Sandbox
from aggregator.pipeline.editions import publish_feed
from aggregator.pipeline.explaining import explain_article
from aggregator.store.articles.listing import list_articles
from aggregator.store.articles.page_texts import claim_pages, find_page, save_pages
from aggregator.store.engine import reading, writing
from aggregator.store.feeds.heads import find_feed
from tests.origin import Reply, Script
from tests.polling.station import Station, paper

HTML = (("Content-Type", "text/html; charset=utf-8"),)
HOST = "http://paper.example"


def sentences(about: str, count: int = 8) -> str:
    line = (
        f"The {about} lay quietly in the harbour of the old town while number {{n}} of the bells was rung. "
    )
    return "".join(f"<p>{line.format(n=n) * 2}</p>" for n in range(count))


def page(about: str, count: int = 8) -> Reply:
    html = (
        f"<html><head><title>{about}</title></head><body><nav><a href='/'>Home</a></nav>"
        f"<article><h1>{about}</h1>{sentences(about, count)}</article><footer>All rights</footer>"
        "</body></html>"
    )
    return Reply(200, HTML, html.encode())


@dataclass
class Reading(Station):
    """A station whose worker reads articles' pages, too."""

    reads: list[PageRead] = field(default_factory=list)

    def read(self, after: timedelta = timedelta(0), limit: int = 100) -> list[PageRead]:
        """Read what is due, as the worker would."""
        self.at += after
        with writing(self.engine) as connection:
            claims = claim_pages(connection, self.at, Budget(per_host=2), limit=limit, seconds=60)
        made = asyncio.run(self._read(claims)) if claims else []
        with writing(self.engine) as connection:
            save_pages(connection, made)
        self.reads += made
        return made

    async def _read(self, claims: Sequence[Any]) -> list[PageRead]:
        agent = user_agent(self.configuration.fetch, self.configuration.site)

        with StoreThread(self.engine) as store:
            async with Client(self.configuration.fetch, user_agent=agent) as client:
                reader = PageReader(store, client, Sandbox(workers=0), lambda: self.at)
                return [await reader.read(claim) for claim in claims]

    def page(self, name: str, script: Script, host: str = "paper.example") -> None:
        self.origin.on(f"http://{host}/{name}", script)

    def stands(self) -> dict[str, PageState | None]:
        """How the full text of each article stands, by title."""
        with reading(self.engine) as connection:
            return {
                article.entry.title: find_page(connection, article.id)
                for article in list_articles(connection, after_id=0, limit=100)
            }

    def stand(self, title: str = "a") -> PageState:
        found = self.stands()[title]
        assert found is not None
        return found

    def items(self, kind: str = "source", slug: str = "paper") -> dict[str, dict[str, Any]]:
        """The published items by title."""
        return {item["title"]: item for item in json.loads(self.published("json", kind, slug))["items"]}

    def published(self, form: str, kind: str = "source", slug: str = "paper") -> bytes:
        with reading(self.engine) as connection:
            head = find_feed(connection, kind, slug)  # type: ignore[arg-type]
            assert head is not None
            return publish_feed(connection, head, self.configuration.site, form, PLAIN).body

    def version(self) -> str:
        with reading(self.engine) as connection:
            head = find_feed(connection, "source", "paper")
            assert head is not None
            return head.version

    def explained(self, title: str = "a") -> str:
        with reading(self.engine) as connection:
            (found,) = (a for a in list_articles(connection, after_id=0, limit=100) if a.entry.title == title)
            return explain_article(connection, Configuration(), str(found.id)).full_text


def full(**settings: Any) -> Any:
    return paper(full_text=True, **settings)
