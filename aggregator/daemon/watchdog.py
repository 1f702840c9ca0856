"""The watchdog: a worker whose turns stop coming ends itself, so that whoever started it starts it again.

A thread of its own looks at a clock that every finished turn winds up; it needs neither the
event loop nor the store. Before it ends the process it writes down where each thread stands.
"""

from __future__ import annotations

import faulthandler
import logging
import os
import sys
import threading
import time
from collections.abc import Callable

log = logging.getLogger("aggregator.worker")

#: exit status of a worker that hung (EX_SOFTWARE)
HUNG = 70


class Watchdog:
    """Ends the process when beat() was not called for *limit_s* seconds.

    Args:
        end: called with the exit status instead of ending the process (tests).
    """

    def __init__(self, limit_s: float, end: Callable[[int], object] = os._exit) -> None:
        self._limit_s, self._end = limit_s, end
        self._last = time.monotonic()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="watchdog", daemon=True)

    def start(self) -> None:
        """Begin to watch."""
        self.beat()
        self._thread.start()

    def beat(self) -> None:
        """Say that a turn has finished."""
        self._last = time.monotonic()

    def stop(self) -> None:
        """Watch no longer."""
        self._stop.set()

    def _watch(self) -> None:
        step_s, looked = min(1.0, self._limit_s / 4), time.monotonic()
        while not self._stop.wait(step_s):
            before, looked = looked, time.monotonic()
            if looked - before > self._limit_s / 2:
                self.beat()  # the whole process was halted, and so was this look
            silent_s = looked - self._last
            if silent_s > self._limit_s:
                log.critical(
                    "worker hangs: no turn finished for %d s, ending; the threads stood at:", silent_s
                )
                faulthandler.dump_traceback(sys.stderr)
                sys.stderr.flush()
                self._end(HUNG)
                return


def end_within(seconds: float) -> threading.Timer:
    """End the process with success after *seconds*, however far its drain has come by then.

    Nothing is lost: what was stored is stored, and claims free themselves.
    """

    def end() -> None:
        log.warning("worker drained for %g s: ending with what is stored", seconds)
        os._exit(0)

    timer = threading.Timer(seconds, end)
    timer.daemon = True
    timer.start()
    return timer
