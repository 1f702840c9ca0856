"""One worker for one SQLite file: a lock beside the file, and a word in it from a worker that is ending.

In: the engine. Out: the right to be its worker. A second worker is refused; one that comes while the
first is ending waits for it, so that stopping, or killing, and starting again simply works.
"""

from __future__ import annotations

import fcntl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from aggregator.errors import StoreBusy
from aggregator.store.engine import Engine

#: how long a worker waits for one that runs: its parent may have been killed just now, unknown to it
NOTICE_S = 3.0
#: how long it waits for one that says it is ending; none takes that long
ENDING_S = 15.0
_ENDING = "ending"


@contextmanager
def own_worker(engine: Engine, notice_s: float = NOTICE_S) -> Iterator[Callable[[], None]]:
    """Be the only worker of an SQLite file; on PostgreSQL any number may work.

    Yields what the worker calls when it begins to end. The lock ends with the process, however it ends.

    Raises:
        StoreBusy: another worker runs on this file.
    """
    path = engine.url.database
    if engine.dialect.name != "sqlite" or not path:
        yield lambda: None
        return
    with Path(f"{path}.worker-lock").open("a+", encoding="ascii") as lock:
        if not _take(lock, notice_s):
            raise StoreBusy(f"a worker already runs on {path}; stop it first, or use PostgreSQL for several")
        _say(lock, "")
        yield lambda: _say(lock, _ENDING)


def _take(lock: IO[str], notice_s: float) -> bool:
    began = time.monotonic()
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            patience_s = ENDING_S if lock.read() == _ENDING else notice_s
            if time.monotonic() - began >= patience_s:
                return False
            time.sleep(0.05)
        else:
            return True


def _say(lock: IO[str], word: str) -> None:
    lock.truncate(0)
    lock.write(word)
    lock.flush()
