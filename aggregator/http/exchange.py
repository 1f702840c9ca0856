"""One request and its one answer over aiohttp: sent, read within limits, errors named.

In comes a session and what to ask, out comes a Reply with undecoded bytes, or an HttpError that
says at which point it broke. Redirects, decoding and turns are the client's business.
"""

from __future__ import annotations

import asyncio
import re
import ssl
from dataclasses import dataclass

import aiohttp
from yarl import URL

from aggregator.http.answer import RawHeaders
from aggregator.http.body import is_coded
from aggregator.http.errors import (
    ConnectFailed,
    DnsFailed,
    HttpError,
    Refused,
    TimedOut,
    TlsFailed,
    TooLarge,
    TransferBroken,
)
from aggregator.http.redirects import REDIRECTS, Step
from aggregator.http.room import LARGE_BYTES, share_of_room
from aggregator.http.shape import Headers
from aggregator.http.sockets import Attempt, current_attempt
from aggregator.http.target import Target

#: bytes of an error page that are read: enough to recognise a bot wall
ERROR_BODY_BYTES = 64 * 1024
_REDIRECT_BODY_BYTES = 16 * 1024
#: in seconds; the total deadline is the client's
PATIENCE = aiohttp.ClientTimeout(total=None, sock_connect=10.0, sock_read=20.0)
#: header fields that a request has from us or not at all
OURS = ("User-Agent", "Accept", "Accept-Encoding", "Content-Type")
#: what aiohttp says of header fields beyond its limits
_OVERSIZED = re.compile(r"(?i)got more than|too many")
_BODYLESS = frozenset({204, 205, 304})


@dataclass(frozen=True, slots=True)
class Wire:
    """How a request travels."""

    #: True: verify with the system's authorities; False: do not verify
    tls: ssl.SSLContext | bool = True
    proxy: str | None = None
    max_wire_bytes: int = 10_000_000
    #: what a body may hold once unpacked
    max_decoded_bytes: int = 16_000_000


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer as it came over the wire."""

    status: int
    raw_headers: RawHeaders
    body: bytes
    #: False: only the beginning of an error page
    is_whole: bool = True

    def first(self, name: str) -> str | None:
        """Return the first value of a header field, raw bytes kept as surrogate escapes; None if absent."""
        wanted = name.lower().encode("ascii")
        for key, value in self.raw_headers:
            if key.lower() == wanted:
                return value.decode("utf-8", "surrogateescape")
        return None


async def exchange(
    session: aiohttp.ClientSession, step: Step, headers: Headers, wire: Wire, attempt: Attempt
) -> Reply:
    """Send one request, read its answer; *attempt* tells how far it came, even when it is abandoned.

    Raises:
        HttpError: no whole answer; the kind says how far it got.
    """
    attempt.is_proxied = wire.proxy is not None
    token = current_attempt.set(attempt)
    try:
        return await _send(session, step, headers, wire, attempt)
    except (aiohttp.ClientError, OSError, ValueError) as error:  # TimeoutError is an OSError
        named = _named(error, step.target.url, step.target.host, attempt)
        named.is_reached = attempt.is_connected
        raise named from error
    finally:
        current_attempt.reset(token)


def connection_watch() -> aiohttp.TraceConfig:
    """Return what a session needs so that attempts know of their connections."""
    watch = aiohttp.TraceConfig()
    watch.on_connection_create_end.append(_note_connection)
    return watch


async def _note_connection(_session: object, _context: object, _about: object) -> None:
    if attempt := current_attempt.get():
        attempt.is_connected = True


async def _send(
    session: aiohttp.ClientSession, step: Step, headers: Headers, wire: Wire, attempt: Attempt
) -> Reply:
    async with session.request(
        step.method,
        wire_url(step.target),
        headers=headers,
        data=step.body,
        allow_redirects=False,
        ssl=wire.tls,
        proxy=URL(wire.proxy, encoded=True) if wire.proxy else None,
    ) as response:
        try:
            body, is_whole = await _read(response, step.method, wire, attempt)
        except (HttpError, TimeoutError):
            raise
        except (aiohttp.ClientError, ConnectionError):
            raise TransferBroken("the answer broke off before its end", step.target.url) from None
        return Reply(response.status, response.raw_headers, body, is_whole)


def wire_url(target: Target) -> URL:
    """Return *target* for aiohttp such that its bytes go out unchanged.

    The query travels as part of the path: yarl would drop the question mark of an empty one.
    """
    authority = target.url[len(target.scheme) + 3 :].removesuffix(target.path)
    return URL.build(scheme=target.scheme, authority=authority, path=target.path, encoded=True)


async def _read(
    response: aiohttp.ClientResponse, method: str, wire: Wire, attempt: Attempt
) -> tuple[bytes, bool]:
    """Return the body and whether it is whole; redirects' bodies are only read to reuse the connection."""
    if method == "HEAD" or response.status in _BODYLESS:
        return b"", True
    length, max_bytes = response.content_length, wire.max_wire_bytes
    if response.status in REDIRECTS:
        if length is not None and length <= _REDIRECT_BODY_BYTES:
            await response.read()
        return b"", False
    if response.status >= 400:
        return await _read_beginning(response, min(ERROR_BODY_BYTES, max_bytes))
    if length is not None and length > max_bytes:
        raise TooLarge(f"the answer is {length} bytes; at most {max_bytes} are taken", str(response.url))
    body, is_large = bytearray(), False
    async for part in response.content.iter_any():
        body += part
        if len(body) > max_bytes:
            raise TooLarge(f"the answer has more than {max_bytes} bytes", str(response.url))
        if len(body) > LARGE_BYTES and not is_large:
            is_large = True
            packed = max_bytes if length is None else length
            is_packed = is_coded(body, response.headers.get("Content-Encoding", ""))
            await _make_room(packed + is_packed * wire.max_decoded_bytes, attempt)
    return bytes(body), True


async def _make_room(size: int, attempt: Attempt) -> None:
    """Wait for room for a large answer; the request's deadline waits, too."""
    loop = asyncio.get_running_loop()
    end = attempt.deadline.when()
    left = None if end is None else end - loop.time()
    attempt.deadline.reschedule(None)
    await share_of_room().need(size)
    attempt.deadline.reschedule(None if left is None else loop.time() + left)


async def _read_beginning(response: aiohttp.ClientResponse, max_bytes: int) -> tuple[bytes, bool]:
    """Return up to *max_bytes* of an error page; one that breaks off is as good as a whole one."""
    parts: list[bytes] = []
    size = 0
    try:
        async for part in response.content.iter_any():
            parts.append(part)
            size += len(part)
            if size >= max_bytes:
                return b"".join(parts)[:max_bytes], False
    except (aiohttp.ClientError, ConnectionError):
        return b"".join(parts), False
    return b"".join(parts), True


def _named(error: Exception, url: str, host: str, attempt: Attempt) -> HttpError:
    """Return what aiohttp raised as an error of our tree."""
    if attempt.refusals and not attempt.admitted:
        return refused(host, attempt.refusals[0], url)
    kind: type[HttpError]
    match error:
        case aiohttp.ClientProxyConnectionError() | aiohttp.ClientHttpProxyError():
            kind, reason = ConnectFailed, f"the proxy does not let us reach {host}"
        case aiohttp.ClientConnectorDNSError():
            kind, reason = (
                DnsFailed,
                f"the name {host} has no address: check its spelling, or this network's DNS",
            )
        case aiohttp.ClientSSLError() | ssl.SSLError():
            kind, reason = TlsFailed, _tls_reason(error, host)
        case TimeoutError():
            kind, reason = TimedOut, f"{host} did not answer in time"
        case aiohttp.ClientConnectorError():
            detail = error.os_error.strerror or str(error.os_error) or "it closes them at once"
            kind, reason = ConnectFailed, f"{host} does not take connections: {detail}"
        case aiohttp.InvalidURL():
            kind, reason = Refused, "the URL cannot be asked"
        case aiohttp.ClientPayloadError():
            kind, reason = TransferBroken, "the answer broke off before its end"
        case aiohttp.ClientResponseError() if _OVERSIZED.search(error.message):
            kind, reason = TooLarge, f"{host} sends oversized headers"
        case aiohttp.ServerDisconnectedError() | OSError():
            kind, reason = ConnectFailed, f"the connection to {host} ended before the answer came"
        case ValueError():
            kind, reason = Refused, "the request has a header field that cannot be sent"
        case _:
            kind, reason = TransferBroken, f"{host} does not answer in proper HTTP"
    return kind(reason, url)


def refused(host: str, detail: str, url: str) -> Refused:
    """Return the guard's refusal as a sentence with its remedy."""
    return Refused(
        f"{host} is not contacted because {detail}: list it in fetch.allow_private if you trust it", url
    )


def _tls_reason(error: Exception, host: str) -> str:
    cause = getattr(error, "certificate_error", None) or getattr(error, "os_error", None) or error
    if isinstance(cause, ssl.SSLCertVerificationError):
        return f"the TLS certificate of {host} is not acceptable: {cause.verify_message}"
    detail = str(getattr(cause, "reason", "") or cause).replace("_", " ").lower()
    return f"{host} and we do not agree on TLS: {detail}"
