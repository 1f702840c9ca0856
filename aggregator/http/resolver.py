"""Names to addresses: c-ares without threads, the C library where c-ares cannot help.

In comes a host name, out come its addresses for aiohttp; OSError when there are none. c-ares
knows DNS and the hosts file; single-label names and .local may live in other name services, and
a machine without a name server c-ares can read is left to getaddrinfo in a thread. Judging the
addresses is not done here: that happens when a socket connects.
"""

from __future__ import annotations

import socket
from collections import Counter

from aiohttp import AsyncResolver, ThreadedResolver
from aiohttp.abc import AbstractResolver, ResolveResult

#: c-ares: no server could be asked at all (ARES_ECONNREFUSED, EFILE, ENOTINITIALIZED, ENOSERVER)
_NO_SERVER = frozenset({11, 14, 21, 26})

#: addresses of one family that one request may try, of thousands that a name server may list: aiohttp tries
#: n dead ones n * (n + 1) / 2 times
MOST_OF_A_FAMILY = 4


class Resolver(AbstractResolver):
    """Asynchronous look-ups with getaddrinfo as the second way; belongs to one event loop."""

    def __init__(self) -> None:
        self._threaded = ThreadedResolver()
        self._ares: AsyncResolver | None
        try:
            self._ares = AsyncResolver()
        except Exception:  # no aiodns, no socket for it, or an event loop it cannot serve
            self._ares = None

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Return the first addresses of each family; raises OSError when there are none."""
        few, seen = [], Counter[int]()
        for found in await self.resolve_all(host, port, family):
            seen[found["family"]] += 1
            if seen[found["family"]] <= MOST_OF_A_FAMILY:
                few.append(found)
        return few

    async def resolve_all(
        self, host: str, port: int, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Return every address of *host*; raises OSError when it has none."""
        name = host.rstrip(".")
        if self._ares is None or "." not in name or name.endswith(".local"):
            return await self._threaded.resolve(name, port, family)
        try:
            return await self._ares.resolve(host, port, family)
        except OSError as error:
            if not _nobody_to_ask(error):
                raise
        return await self._threaded.resolve(host, port, family)

    async def close(self) -> None:
        """Release the sockets of the look-ups."""
        if self._ares is not None:
            await self._ares.close()


def _nobody_to_ask(error: OSError) -> bool:
    cause = error.__cause__
    return bool(cause is not None and cause.args and cause.args[0] in _NO_SERVER)
