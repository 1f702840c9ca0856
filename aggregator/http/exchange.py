"""One request and its one answer over aiohttp: sent, read within limits, errors named.

In comes a session and what to ask, out comes a Reply with undecoded bytes, or an HttpError that
says at which point it broke. Redirects, decoding and turns are the client's business.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import re
import ssl
from dataclasses import dataclass

import aiohttp
from yarl import URL

from aggregator.http.answer import RawHeaders, first_value
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
from aggregator.http.redirects import Step
from aggregator.http.room import LARGE_BYTES, share_of_room
from aggregator.http.shape import Headers
from aggregator.http.sockets import Attempt, current_attempt
from aggregator.http.target import Target
from aggregator.model import FetchSettings

#: where the status says it all, so much is read of the body, and waited for it, in bytes and seconds: enough
#: to recognise a bot wall, and mostly to the end, so that the connection can be used again
BEGINNING_BYTES, BEGINNING_S = 64 * 1024, 3.0
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
    tls: ssl.SSLContext | bool
    proxy: str | None
    limits: FetchSettings
    #: a good answer need not be read further than that; None: it must be whole
    enough_bytes: int | None


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer as it came over the wire."""

    status: int
    raw_headers: RawHeaders
    #: where is_needed_whole() says no, what came of it
    body: bytes

    @property
    def location(self) -> str:
        """Where a redirect leads, raw bytes kept as surrogate escapes; empty if it does not say."""
        return first_value(self.raw_headers, "Location").decode("utf-8", "surrogateescape")


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
        raise _named(error, step.target.url, step.target.host, attempt) from error
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
        attempt.is_connected = True
        try:
            body = await _read(response, step.method, wire, attempt)
        except (HttpError, TimeoutError):
            raise
        except (aiohttp.ClientError, ConnectionError):
            raise TransferBroken("the answer broke off before its end", step.target.url) from None
        return Reply(response.status, response.raw_headers, body)


def wire_url(target: Target) -> URL:
    """Return *target* for aiohttp such that its bytes go out unchanged.

    The query travels as part of the path: yarl would drop the question mark of an empty one.
    """
    authority = target.url[len(target.scheme) + 3 :].removesuffix(target.path)
    return URL.build(scheme=target.scheme, authority=authority, path=target.path, encoded=True)


def is_needed_whole(method: str, status: int) -> bool:
    """Tell whether an answer is none without its whole body; redirects, errors and what a POST brings are."""
    return method != "POST" and status < 300


async def _read(response: aiohttp.ClientResponse, method: str, wire: Wire, attempt: Attempt) -> bytes:
    if method == "HEAD" or response.status in _BODYLESS:
        return b""
    if not is_needed_whole(method, response.status):
        return await _read_beginning(response, attempt)
    body, is_large = bytearray(), False
    if wire.enough_bytes is not None:
        await _read_up_to(response, wire.enough_bytes, body)
        return bytes(body)
    length, max_bytes = response.content_length, wire.limits.max_wire_bytes
    if length is not None and length > max_bytes:
        raise TooLarge(f"the answer is {length} bytes; at most {max_bytes} are taken", str(response.url))
    async for part in response.content.iter_any():
        body += part
        if len(body) > max_bytes:
            raise TooLarge(f"the answer has more than {max_bytes} bytes", str(response.url))
        if len(body) > LARGE_BYTES and not is_large:
            is_large = True
            packed = max_bytes if length is None else length
            is_packed = is_coded(body, response.headers.get("Content-Encoding", ""))
            await _make_room(packed + is_packed * wire.limits.max_decoded_bytes, attempt)
    return bytes(body)


async def _make_room(size: int, attempt: Attempt) -> None:
    """Wait for room for a large answer; the request's deadline waits, too."""
    left = attempt.seconds_left()
    attempt.deadline.reschedule(None)
    await share_of_room().need(size)
    attempt.deadline.reschedule(None if left is None else asyncio.get_running_loop().time() + left)


async def _read_beginning(response: aiohttp.ClientResponse, attempt: Attempt) -> bytes:
    """Return what comes of a body, soon; one that breaks off or never comes is as good as a whole one."""
    body, left = bytearray(), attempt.seconds_left()
    with contextlib.suppress(aiohttp.ClientError, ConnectionError, TimeoutError):
        async with asyncio.timeout(BEGINNING_S if left is None else min(BEGINNING_S, left / 4)):
            await _read_up_to(response, BEGINNING_BYTES, body)
    return bytes(body[:BEGINNING_BYTES])


async def _read_up_to(response: aiohttp.ClientResponse, count: int, body: bytearray) -> None:
    """Add to *body* what comes, until *count* bytes are there."""
    async for part in response.content.iter_any():
        body += part
        if len(body) >= count:
            break


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
            kind, reason = ConnectFailed, _connect_reason(error, host)
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


def _connect_reason(error: aiohttp.ClientConnectorError, host: str) -> str:
    match error.errno:
        case errno.ECONNREFUSED:
            detail = f"nothing listens at port {error.port}, or a firewall refuses us"
        case errno.ENETUNREACH | errno.EHOSTUNREACH | errno.EADDRNOTAVAIL:
            detail = "there is no way to it from here: check the network and the firewall of this machine"
        case errno.EMFILE | errno.ENFILE:
            return f"{host} was not asked: this machine allows no more open files"
        case None if str(error.os_error):
            detail = "each of its addresses fails in a way of its own"
        case errno.ECONNRESET | None:
            detail = "it closes them before TLS is agreed on"
        case number:
            detail = os.strerror(number).lower()
    return f"{host} does not take connections: {detail}"


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
