"""Sockets that only connect where the guard allows.

aiohttp asks for a socket with the very address it is about to connect to; what happens here
therefore holds on every hop and for every answer of a name server. The request in progress is
known through a context variable, so that a ``host:port`` of the allow-list can be honoured.
"""

from __future__ import annotations

import asyncio
import socket
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import lru_cache, partial
from typing import Any

from aggregator.http.addresses import AllowList, refusal


@dataclass(slots=True)
class Attempt:
    """One request's tries to connect."""

    host: str
    #: the operator's own proxy: its address is not judged, the target's was
    is_proxied: bool = False
    refusals: list[str] = field(default_factory=list)
    #: addresses that the guard let pass
    admitted: int = 0
    #: somebody took the connection, or answered; that one was open still proves nobody
    is_connected: bool = False
    #: when the answer must be complete
    deadline: asyncio.Timeout = field(default_factory=lambda: asyncio.timeout(None))

    def seconds_left(self) -> float | None:
        """Return the seconds until the deadline; None where there is none."""
        end = self.deadline.when()
        return None if end is None else end - asyncio.get_running_loop().time()


current_attempt: ContextVar[Attempt | None] = ContextVar("current_attempt", default=None)


class AddressRefused(OSError):
    """The guard does not let a socket connect to this address."""


class GuardedSockets:
    """A socket factory for aiohttp's connector; admit() comes before the first socket."""

    def admit(self, allow: AllowList) -> None:
        """Judge by *allow* from now on."""
        #: the verdict on (address, port, host): the same few are asked for again and again
        self._judge = lru_cache(maxsize=4096)(partial(refusal, allow=allow))

    def __call__(self, addr_info: tuple[Any, ...]) -> socket.socket:
        """Return a fresh socket for *addr_info* (as getaddrinfo gives it).

        Raises:
            AddressRefused: its address is not to be contacted.
        """
        family, kind, protocol, _, sockaddr = addr_info
        attempt = current_attempt.get() or Attempt(host="")
        if not attempt.is_proxied:
            reason = self._judge(str(sockaddr[0]), int(sockaddr[1]), host=attempt.host)
            if reason is not None:
                attempt.refusals.append(reason)
                raise AddressRefused(reason)
        attempt.admitted += 1
        return socket.socket(family=family, type=kind, proto=protocol)
