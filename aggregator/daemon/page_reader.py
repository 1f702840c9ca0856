"""Full texts: claims of articles' pages flow in, what each try brought flows out and is kept.

It strings the stages together for one page: the site's robots.txt, the request, the reading in a
process that can be killed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

from aggregator.daemon.storethread import StoreThread
from aggregator.errors import ParseError, ParseKilled
from aggregator.fetch.page import fetch_page, is_lasting
from aggregator.fetch.robots import fetch_robots, may_read, origin_of, product_token
from aggregator.fetch.shape import page_shape
from aggregator.http.errors import HttpError
from aggregator.http.shape import RequestShape
from aggregator.model import Failed, FailureKind
from aggregator.model.pages import PageClaim, PageRead, PageText
from aggregator.store.articles.robots import find_robots, keep_robots

if TYPE_CHECKING:  # a command that polls nothing starts without an HTTP client and without processes
    from aggregator.http.client import Client
    from aggregator.parse.sandbox import Sandbox


class _NotRead(Exception):
    """Why there is no text."""

    def __init__(self, failed: Failed, *, is_final: bool) -> None:
        super().__init__(failed.reason)
        self.failed, self.is_final = failed, is_final


class PageReader:
    """Reads articles' pages, and what their sites forbid; one event loop."""

    def __init__(
        self,
        store: StoreThread,
        client: Client,
        sandbox: Sandbox,
        clock: Callable[[], datetime],
    ) -> None:
        self._store, self._client, self._sandbox, self._clock = store, client, sandbox, clock
        #: one request for one robots.txt at a time
        self._asking: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def read(self, claim: PageClaim) -> PageRead:
        """Try one page; every failure is a value."""
        spent = _Spent()
        text: PageText | None = None
        failed: Failed | None = None
        is_final = False
        try:
            with self._client.room.share():
                text = await self._text(claim, spent)
        except _NotRead as error:
            failed, is_final = error.failed, error.is_final
        except HttpError as error:
            failed, is_final = Failed(kind=FailureKind.REFUSED, reason=error.reason), True
        except ParseError as error:
            kind = FailureKind.KILLED if isinstance(error, ParseKilled) else FailureKind.PARSE
            # what was stopped because we end is no fault of the page
            failed, is_final = Failed(kind=kind, reason=str(error)), str(error) != "Reading was stopped."
        return PageRead(
            claim=claim,
            at=self._clock(),
            text=text,
            failure=failed,
            is_final=is_final,
            requests=spent.requests,
            wire_bytes=spent.wire_bytes,
        )

    async def _text(self, claim: PageClaim, spent: _Spent) -> PageText:
        """Ask for the page and read it. Raises: _NotRead, HttpError, ParseError."""
        shape = page_shape(claim.source, claim.url)
        await self._check(claim.url, shape, spent)
        answer = await fetch_page(self._client, claim.url, shape, self._clock())
        spent.requests += answer.requests
        spent.wire_bytes += answer.wire_bytes
        if isinstance(answer, Failed):
            raise _NotRead(answer, is_final=is_lasting(answer))
        if answer.url != claim.url:
            # a redirect led elsewhere: what holds there counts, too
            await self._check(answer.url, shape, spent)
        extracting = self._sandbox.extract(answer.body, answer.url, answer.headers, claim.source.text)
        return await asyncio.wrap_future(extracting)

    async def _check(self, url: str, shape: RequestShape, spent: _Spent) -> None:
        """Obey the robots.txt of the page's site. Raises: _NotRead, HttpError."""
        origin = origin_of(url)
        lock = self._asking.setdefault(origin, asyncio.Lock())
        async with lock:
            document = await self._store.read(find_robots, origin, self._clock())
            if document is None:
                answer = await fetch_robots(self._client, origin, shape, self._clock())
                spent.requests += answer.requests
                spent.wire_bytes += answer.wire_bytes
                await self._store.write(keep_robots, origin, answer.document, answer.until)
                document = answer.document
        agent = product_token(shape.user_agent or self._client.user_agent)
        # a site may write rules that take a second: others are asked meanwhile
        if await asyncio.to_thread(may_read, document, url, agent):
            return
        if document.state == "closed":
            reason = f"The robots.txt of {origin} cannot be read, so nothing is read there (RFC 9309)."
            raise _NotRead(Failed(kind=FailureKind.HTTP, reason=reason), is_final=False)
        reason = f"The robots.txt of {origin} forbids it."
        raise _NotRead(Failed(kind=FailureKind.REFUSED, reason=reason), is_final=True)


class _Spent:
    """What one try has asked of sites so far."""

    def __init__(self) -> None:
        self.requests = self.wire_bytes = 0
