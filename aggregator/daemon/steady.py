"""Jobs that go on whatever happens: a store that is away is said once, and again when it is back.

In: a job that may fail. Out: the same job, which never does: its next turn comes as if nothing
had been. It retries nothing by itself; what is due stays due in the database.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from aggregator.errors import AggregatorError, StoreError

#: the same is said again after so long
REPEAT_S = 300.0


class StoreAway:
    """That the store is away, said once and not once a second."""

    def __init__(self, log: logging.Logger) -> None:
        self._log = log
        self._said = ""
        self._at = 0.0

    def note(self, error: StoreError) -> None:
        """Say what is wrong, unless that was just said."""
        said, now = str(error), time.monotonic()
        if said != self._said or now - self._at > REPEAT_S:
            self._log.error("store outcome=away reason=%r: trying again", said)
            self._said, self._at = said, now

    def over(self) -> None:
        """Say that it works again, if it did not."""
        if self._said:
            self._log.warning("store outcome=back")
            self._said = ""


def steady(
    job: Callable[[], Awaitable[None]], log: logging.Logger
) -> Callable[[], Coroutine[Any, Any, None]]:
    """Return *job* as one that never raises."""
    away = StoreAway(log)

    async def turn() -> None:
        try:
            await job()
        except StoreError as error:
            away.note(error)
        except asyncio.CancelledError:
            return  # the worker ends, and the scheduler would tell of a mistake
        except AggregatorError as error:
            log.error("job=%s failed: %s", _name(job), error)
        except Exception:  # the edge of the job: a mistake of ours must not end the others
            log.exception("job=%s failed", _name(job))
        else:
            away.over()

    return turn


def _name(job: object) -> str:
    return getattr(job, "__name__", "job").strip("_")


def surprises(log: logging.Logger, what: str) -> Callable[[asyncio.Task[None]], None]:
    """Return what tells of a task that failed, when it is done.

    A store that is away is none: the next turn of a steady job says it, and claims run out by themselves.
    """

    def ended(task: asyncio.Task[None]) -> None:
        error = None if task.cancelled() else task.exception()
        if error is not None and not isinstance(error, StoreError):
            log.error("%s failed", what, exc_info=error)

    return ended


async def quietly(log: logging.Logger, *endings: Awaitable[object]) -> None:
    """Wait for all of these; what fails while everything ends is said and holds up nothing."""
    for ended in await asyncio.gather(*endings, return_exceptions=True):
        if isinstance(ended, Exception):
            log.error("while stopping: %s", ended)
