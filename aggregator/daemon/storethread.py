"""The one thread of a process that speaks SQL: calls flow in from the event loop, what they return flows out.

Who waits for a lock waits there, while the event loop goes on. Calls are made one after the other, in the
order in which they were asked for.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from types import TracebackType
from typing import Concatenate, ParamSpec, Self, TypeVar

from aggregator.store.engine import Connection, Engine, reading, writing

P = ParamSpec("P")
T = TypeVar("T")


class StoreThread:
    """Makes calls to one database on a thread of its own; a context manager that waits for the last of them.

    Args:
        name: of the thread, as tracebacks show it.
    """

    def __init__(self, engine: Engine, name: str = "store") -> None:
        self.engine = engine
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=name)
        self._is_closed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Wait for the calls that were asked for, and take no more."""
        self._is_closed = True
        self._thread.shutdown(wait=True)

    async def call(self, work: Callable[P, T], *args: P.args, **more: P.kwargs) -> T:
        """Return what *work* returns, which opens its transactions itself.

        Raises:
            asyncio.CancelledError: it was closed, for everything ends.
        """
        if self._is_closed:
            raise asyncio.CancelledError
        return await asyncio.get_running_loop().run_in_executor(self._thread, partial(work, *args, **more))

    async def read(self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **more: P.kwargs) -> T:
        """Return what *work* returns of one unchanging state of the database. Raises: StoreError."""
        return await self.call(self._read, lambda connection: work(connection, *args, **more))

    async def write(
        self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **more: P.kwargs
    ) -> T:
        """Return what *work* returns, done in one transaction that writes. Raises: StoreError."""
        return await self.call(self._write, lambda connection: work(connection, *args, **more))

    def _read(self, work: Callable[[Connection], T]) -> T:
        with reading(self.engine) as connection:
            return work(connection)

    def _write(self, work: Callable[[Connection], T]) -> T:
        with writing(self.engine) as connection:
            return work(connection)
