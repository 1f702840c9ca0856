"""Answers that nobody asked for: the next request does not take them for its own, and few of them wait.

A server may say something before it is asked, after it has answered, or while one waits for the
answer (interim answers, RFC 9110 §15.2), without end. In come what the parser of a connection finds;
out goes what a request may see.
"""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any

import aiohttp
from aiohttp.client_proto import ResponseHandler
from aiohttp.connector import Connection
from aiohttp.http_parser import RawResponseMessage
from aiohttp.streams import StreamReader

#: answers of one connection that wait to be looked at; interim answers are one or two
MOST_WAITING = 16


class PromptedResponse(aiohttp.ClientResponse):
    """An answer to what was asked: what a server said before is none, and its connection is dropped."""

    async def start(self, connection: Connection) -> aiohttp.ClientResponse:
        if connection.protocol is not None and connection.protocol.should_close:
            raise aiohttp.ServerDisconnectedError("it answered before it was asked")
        if isinstance(connection.protocol, _FewAnswers):
            connection.add_callback(connection.protocol.rest)
        return await super().start(connection)


class _FewAnswers(ResponseHandler):
    """A connection that is closed when answers come faster than they are looked at, or while none is awaited.

    Megabytes of them may come before anybody is asked whether to go on; each takes a kilobyte.
    """

    def rest(self) -> None:
        """Let go of the answer that was read: where many sites are asked, many connections wait a while."""
        if not self.should_close:
            self._parser = self._payload = None

    def data_received(self, data: bytes) -> None:
        if data and self._parser is None and self.transport is not None:
            self.transport.abort()
        else:
            super().data_received(data)

    def feed_data(self, data: tuple[RawResponseMessage, StreamReader], size: int = 0) -> None:
        if len(self) < MOST_WAITING:
            super().feed_data(data, size)
        elif self.transport is not None:
            self.transport.abort()


def let_few_wait(connector: aiohttp.BaseConnector, loop: asyncio.AbstractEventLoop) -> None:
    """Have all connections of *connector* closed on which more than MOST_WAITING answers wait."""
    made: Any = connector
    made._factory = partial(_FewAnswers, loop=loop)  # there is no public way to say which
