"""Connections between requests: what nobody asked for is no answer, and few of them rest.

A server may say something before it is asked, after it has answered, or while one waits for the
answer (interim answers, RFC 9110 §15.2), without end. In come what the parser of a connection finds;
out goes what a request may see. A connection that rests after an answer takes six kilobytes, an encrypted
one a tenth of a megabyte and more, so the one that has rested longest gives way to the next.
"""

from __future__ import annotations

import asyncio
import re
from collections import OrderedDict
from functools import partial
from typing import Any

import aiohttp
from aiohttp.client_proto import ResponseHandler
from aiohttp.connector import Connection
from aiohttp.http_parser import RawResponseMessage
from aiohttp.streams import StreamReader

from aggregator.http.sockets import current_attempt

#: answers of one connection that wait to be looked at; interim answers are one or two
MOST_WAITING = 16
#: connections that rest; most sites are asked for one thing, and an hour later for the next
MOST_RESTING = 64
#: the beginning of an answer that has no body, whatever follows (RFC 9112 §6.3)
_BODYLESS = re.compile(rb"HTTP/1\.[01] [23]04 ")


class PromptedResponse(aiohttp.ClientResponse):
    """An answer to what was asked: what a server said before is none, and its connection is dropped."""

    async def start(self, connection: Connection) -> aiohttp.ClientResponse:
        if connection.protocol is not None and connection.protocol.should_close:
            raise aiohttp.ServerDisconnectedError("it answered before it was asked")
        if isinstance(connection.protocol, _Connection):
            connection.protocol.wake()
            connection.add_callback(connection.protocol.rest)
        return await super().start(connection)


class _Connection(ResponseHandler):
    """A connection that is closed when answers come faster than they are looked at, or while none is awaited.

    Megabytes of them may come before anybody is asked whether to go on; each takes a kilobyte.

    Args:
        resting: those of the same client that rest.
    """

    def __init__(self, resting: _Resting, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(loop)
        self._resting = resting
        attempt = current_attempt.get()
        # made when somebody has taken the connection, before TLS; that may be the proxy
        if attempt is not None and not attempt.is_proxied:
            attempt.is_connected = True

    def wake(self) -> None:
        """Be used again."""
        self._resting.remove(self)

    def rest(self) -> None:
        """Let go of the answer that was read: where many sites are asked, many connections wait a while."""
        if self.should_close or self.transport is None:
            return
        self._parser = self._payload = None
        self._resting.add(self)

    def connection_lost(self, exc: BaseException | None) -> None:
        self.wake()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if data and self._parser is None and self.transport is not None:
            self.transport.abort()
            return
        head, end, rest = data.partition(b"\r\n\r\n") if _BODYLESS.match(data) else (data, b"", b"")
        super().data_received(head + end)
        if rest:
            self.force_close()

    def feed_data(self, data: tuple[RawResponseMessage, StreamReader], size: int = 0) -> None:
        if len(self) < MOST_WAITING:
            super().feed_data(data, size)
        elif self.transport is not None:
            self.transport.abort()


class _Resting:
    """The connections of one client that rest; the one that has rested longest gives way."""

    def __init__(self, connector: Any) -> None:
        self._connector = connector
        self._longest_first: OrderedDict[_Connection, None] = OrderedDict()
        #: closed here, and still in the connector's memory
        self._closed = 0

    def add(self, connection: _Connection) -> None:
        self._longest_first[connection] = None
        if len(self._longest_first) <= MOST_RESTING:
            return
        longest, _ = self._longest_first.popitem(last=False)
        longest.close()
        self._closed += 1
        if self._closed >= MOST_RESTING:
            # else it forgets them a quarter of a minute later, thousands at once: three kilobytes each
            self._closed = 0
            self._connector._cleanup()

    def remove(self, connection: _Connection) -> None:
        self._longest_first.pop(connection, None)


def let_few_wait(connector: aiohttp.BaseConnector, loop: asyncio.AbstractEventLoop) -> None:
    """Bound what waits in *connector*: MOST_WAITING answers on a connection, MOST_RESTING connections."""
    made: Any = connector
    made._factory = partial(_Connection, _Resting(connector), loop)  # there is no public way to say which
