"""The event loop of the processes that poll: uvloop where it is installed (the extra `fast`), else asyncio's.

A coroutine flows in, its result out. On uvloop a cycle of polls takes a fifth less processor time;
nothing else differs, so nobody else needs to know which of the two runs.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run *work* to its end on a loop of its own and return what it returns."""
    with asyncio.Runner(loop_factory=_factory()) as runner:
        return runner.run(work)


def _factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        from uvloop import new_event_loop
    except ImportError:
        return None
    return new_event_loop
