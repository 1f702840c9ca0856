"""The guarded client: every request that leaves this program goes through it.

In come a method, a URL and header fields, out comes one Answer with a decoded body, or an
HttpError whose reason is a sentence. It walks redirects itself, connects only where the guard
allows, keeps the limits on time and size, and takes turns per host. It never sends cookies or a
Referer, never re-encodes a URL, and never shows one origin's credentials to another.
"""

from __future__ import annotations

import asyncio
import ipaddress
import ssl
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import aiohttp

from aggregator.http.addresses import parse_allow_list, refusal
from aggregator.http.answer import Answer, clean_headers
from aggregator.http.body import ACCEPT_ENCODING, decode, decode_beginning
from aggregator.http.errors import DnsFailed, HttpError, Refused, TimedOut, TlsFailed, TooLarge
from aggregator.http.exchange import (
    BEGINNING_BYTES,
    OURS,
    PATIENCE,
    Reply,
    Wire,
    connection_watch,
    exchange,
    is_needed_whole,
    refused,
)
from aggregator.http.groups import group_of, is_shared
from aggregator.http.politeness import Turns
from aggregator.http.redirects import REDIRECTS, Step, next_step
from aggregator.http.resolver import Resolver
from aggregator.http.room import LARGE_BYTES, Room, Share
from aggregator.http.shape import ORDINARY, Headers, RequestShape, sendable
from aggregator.http.sockets import Attempt, GuardedSockets
from aggregator.http.target import Target, parse_target
from aggregator.http.unasked import PromptedResponse, let_few_wait
from aggregator.model import FetchSettings

_DNS_CACHE_S = 60
_KEEP_ALIVE_S = 15.0
#: bytes of one header field and of the status line; there are at most 128 fields
_FIELD_BYTES = 32 * 1024
_LINE_BYTES = 8 * 1024


@dataclass(frozen=True, slots=True)
class _Wish:
    """One call of request(), as every hop needs it."""

    origin: tuple[str, str, int]
    headers: Headers
    private: Headers
    headers_at: Mapping[str, Headers]
    shape: RequestShape
    enough_bytes: int | None


class Client:
    """An HTTP client for untrusted servers; an async context manager, one event loop each."""

    def __init__(self, settings: FetchSettings, *, user_agent: str) -> None:
        """Prepare; nothing is opened before ``async with``.

        Raises:
            ValueError: settings.allow_private has an item that is no network and no host:port.
        """
        self._sockets = GuardedSockets()
        self.follow(settings, user_agent=user_agent)
        self._contexts: dict[str, ssl.SSLContext] = {}
        self._session: aiohttp.ClientSession | None = None
        #: what large answers take until they are read; who reads them holds a share
        self.room = Room()

    def follow(self, settings: FetchSettings, *, user_agent: str) -> None:
        """Ask by other settings from the next request on; errors as for a new client."""
        self._allow = parse_allow_list(settings.allow_private)
        self._sockets.admit(self._allow)
        self._settings = settings
        self._user_agent = sendable(user_agent)
        self._turns = Turns(settings.per_host, settings.concurrency)

    @property
    def user_agent(self) -> str:
        """How we introduce ourselves where a request says nothing else."""
        return self._user_agent

    @property
    def max_bytes(self) -> int:
        """The most a document may hold once decoded, in bytes."""
        return self._settings.max_decoded_bytes

    @property
    def spacing_s(self) -> float:
        """Seconds between two visits of a public site, which whoever makes them keeps to."""
        return self._settings.spacing_s

    async def __aenter__(self) -> Self:
        self._resolver = Resolver()
        self._unpacking = ThreadPoolExecutor(1, thread_name_prefix="unpack")
        connector = aiohttp.TCPConnector(
            resolver=self._resolver,
            socket_factory=self._sockets,
            limit=0,  # turns bound the requests, room the large answers beside them
            ttl_dns_cache=_DNS_CACHE_S,
            keepalive_timeout=_KEEP_ALIVE_S,
        )
        let_few_wait(connector, asyncio.get_running_loop())
        self._session = aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            skip_auto_headers=OURS,
            timeout=PATIENCE,
            trust_env=False,
            max_field_size=_FIELD_BYTES,
            max_line_size=_LINE_BYTES,
            trace_configs=[connection_watch()],
            response_class=PromptedResponse,
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        session, self._session = self._session, None
        if session is not None:
            await session.close()
            await self._resolver.close()
            self._unpacking.shutdown(wait=False)

    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: Headers = (),
        headers_at: Mapping[str, Headers] | None = None,
        body: bytes | None = None,
        timeout_s: float | None = None,
        max_redirects: int = 5,
        enough_bytes: int | None = None,
        shape: RequestShape = ORDINARY,
    ) -> Answer:
        """Ask *url* and follow its redirects to the last answer, whatever its status.

        Args:
            headers: fields for every hop; they replace the client's own of the same name.
            headers_at: fields only for a hop to exactly that URL (as Answer.url spells it).
            timeout_s: for everything but waiting for a turn; None: shape's, else the settings'.
            max_redirects: 0 returns the redirect itself as the answer.
            enough_bytes: of a good answer that is longer the beginning is taken; None: it must be whole.

        Raises:
            HttpError: one of its children when there is no whole, acceptable answer.
        """
        target = parse_target(url)
        own = (("Authorization", target.authorization),) if target.authorization else ()
        private = (*own, *shape.private_headers())
        wish = _Wish(target.origin, headers, private, headers_at or {}, shape, enough_bytes)
        budget = timeout_s or shape.timeout_s or self._settings.timeout_s
        step, answered = Step(method, target, body), 0
        with self.room.share() as share:
            try:
                while True:
                    reply, budget = await self._hop(step, wish, budget)
                    answered += 1
                    if reply.status not in REDIRECTS or not max_redirects:
                        return await self._answer(step, reply, wish, share)
                    step = next_step(step, reply.status, reply.location, max_redirects)
            except HttpError as error:
                is_unsent = isinstance(error, Refused | DnsFailed) or answered > len(step.hops)
                error.requests = answered + (not is_unsent)
                error.is_reached |= answered > 0
                raise

    async def _hop(self, step: Step, wish: _Wish, budget: float) -> tuple[Reply, float]:
        """Return the answer to one request and the seconds that are left."""
        if self._session is None:
            raise RuntimeError("the client is not open: use it in an async with block")
        loop = asyncio.get_running_loop()
        async with self._turns.turn(_place(step.target)):
            start = loop.time()
            attempt = Attempt(step.target.host)
            try:
                async with asyncio.timeout(budget) as attempt.deadline:
                    wire = await self._wire(step.target, wish)
                    reply = await exchange(self._session, step, self._fields(step, wish), wire, attempt)
            except HttpError as error:
                error.is_reached = attempt.is_connected
                raise
            except TimeoutError:
                reason = f"{step.target.host} did not finish its answer within {budget:.3g} s"
                late = TimedOut(reason, step.target.url)
                late.is_reached = attempt.is_connected
                raise late from None
            return reply, max(0.001, budget - (loop.time() - start))

    def _fields(self, step: Step, wish: _Wish) -> Headers:
        """Return the header fields this hop may see; later ones replace earlier ones of their name."""
        fields: list[tuple[str, str]] = [
            ("User-Agent", wish.shape.user_agent or self._user_agent),
            ("Accept", "*/*"),
            ("Accept-Encoding", ACCEPT_ENCODING),
            *wish.headers,
        ]
        if step.target.authorization:
            fields.append(("Authorization", step.target.authorization))
        if step.target.origin == wish.origin:
            fields += wish.private
        fields += wish.headers_at.get(step.target.url, ())
        if step.body is None:
            fields = [pair for pair in fields if pair[0].lower() != "content-type"]
        return tuple({name.lower(): (name, value) for name, value in fields}.values())

    async def _wire(self, target: Target, wish: _Wish) -> Wire:
        shape = wish.shape
        tls: ssl.SSLContext | bool = True
        if shape.insecure_tls and target.host == wish.origin[1]:
            tls = False
        elif shape.ca_file:
            tls = self._context(shape.ca_file)
        if shape.proxy:
            await self._vet_for_proxy(target)
        return Wire(tls, shape.proxy, self._settings, wish.enough_bytes)

    def _context(self, ca_file: str) -> ssl.SSLContext:
        if ca_file not in self._contexts:
            context = ssl.create_default_context()
            try:
                context.load_verify_locations(cafile=ca_file)
            except (OSError, ssl.SSLError):
                raise TlsFailed(f"the ca_file {ca_file} cannot be read as PEM certificates") from None
            self._contexts[ca_file] = context
        return self._contexts[ca_file]

    async def _vet_for_proxy(self, target: Target) -> None:
        """Judge every address of the target ourselves: the proxy will not.

        What the proxy resolves a moment later is its own affair (rebinding cannot be seen from here).
        """
        if (target.host, target.port) in self._allow.hosts:
            return
        try:
            addresses = [str(ipaddress.ip_address(target.host))]
        except ValueError:
            try:
                addresses = [
                    found["host"] for found in await self._resolver.resolve_all(target.host, target.port)
                ]
            except OSError:
                raise DnsFailed(f"the name {target.host} has no address here", target.url) from None
        for address in addresses:
            reason = refusal(address, target.port, self._allow, target.host)
            if reason is not None:
                raise refused(target.host, reason, target.url)

    async def _answer(self, step: Step, reply: Reply, wish: _Wish, share: Share) -> Answer:
        headers = clean_headers(reply.raw_headers)
        body = await self._body(step, reply, headers.get("content-encoding", ""), wish.enough_bytes, share)
        share.keep(len(body))
        return Answer(
            url=step.target.url,
            status=reply.status,
            headers=headers,
            raw_headers=reply.raw_headers,
            body=body,
            wire_bytes=len(reply.body),
            hops=step.hops,
            moved_to=step.moved_to,
            sent_headers_at=bool(wish.headers_at.get(step.target.url)),
        )

    async def _body(
        self, step: Step, reply: Reply, content_encoding: str, enough: int | None, share: Share
    ) -> bytes:
        """Take the codings off; where the beginning is enough, whatever breaks off behind it is nothing."""
        if not is_needed_whole(step.method, reply.status):
            return decode_beginning(reply.body, content_encoding, BEGINNING_BYTES)
        if enough is not None and len(reply.body) >= enough:
            return decode_beginning(reply.body, content_encoding, enough)
        try:
            return await self._unpacked(reply.body, content_encoding, share)
        except TooLarge as error:
            if enough is not None:
                return decode_beginning(reply.body, content_encoding, enough)
            raise TooLarge(error.reason, step.target.url) from None
        except HttpError as error:
            raise type(error)(error.reason, step.target.url) from None

    async def _unpacked(self, body: bytes, content_encoding: str, share: Share) -> bytes:
        """Return the body whole; what unpacks to much takes room, and a thread, so that others go on."""
        limit = self._settings.max_decoded_bytes
        if len(body) <= LARGE_BYTES:
            try:
                return decode(body, content_encoding, min(limit, LARGE_BYTES))
            except TooLarge:
                if limit <= LARGE_BYTES:
                    raise
            await share.need(limit)
        return await asyncio.get_running_loop().run_in_executor(
            self._unpacking, decode, body, content_encoding, limit
        )


def _place(target: Target) -> str:
    """Return who answers there, for taking turns: a host, or one port of a private machine."""
    group = group_of(target.url)
    return target.host if is_shared(group) else group
