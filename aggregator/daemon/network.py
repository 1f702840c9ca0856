"""Our own network, as polls find it: finished polls flow in, and out as nobody's failure where it is down.

schedule.outage judges whether it is. Failures that were noted before that was known are taken back.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from aggregator.daemon.intake import Intake
from aggregator.daemon.storethread import StoreThread
from aggregator.model import Failed, FailureKind
from aggregator.pipeline.decision import Polled
from aggregator.schedule.outage import REASON, Reach, is_answer, is_unreached, note, plan_after_outage
from aggregator.store.sources.outages import forgive, resume

log = logging.getLogger("aggregator.poll")


class OwnNetwork:
    """Tells apart that a site is down and that we are offline."""

    def __init__(self, store: StoreThread, intake: Intake, clock: Callable[[], datetime]) -> None:
        self._store, self._intake, self._clock = store, intake, clock
        self._reach = Reach()
        #: polls that reached nobody since the last answer, by source id
        self._suspects: dict[int, Polled] = {}

    @property
    def is_down(self) -> bool:
        """Whether our own network seems to be down."""
        return self._reach.is_down

    async def judge(self, polled: Polled, *, is_last: bool) -> Polled:
        """Return the poll, as nobody's failure where it must be our own network.

        Args:
            is_last: nobody else is being asked now.

        Raises:
            StoreError: what this means for other sources could not be stored.
        """
        was_down = self._reach.is_down
        self._reach = note(self._reach, polled.claim, polled.outcome, polled.at, is_last=is_last)
        if is_answer(polled.outcome):
            self._suspects.clear()
        if was_down and not self._reach.is_down:
            log.warning("our own network is back")
            await self._store.write(resume, self._clock())
        if self._reach.is_down and not was_down:
            log.warning("our own network seems to be down: nobody can be reached")
            await self._forgive()
        if not is_unreached(polled.outcome):
            return polled
        if self._reach.is_down:
            return _as_offline(polled)
        self._suspects[polled.claim.source_id] = polled
        return polled

    async def _forgive(self) -> None:
        """Take back the failures before the one that showed that it is us."""
        suspects = list(self._suspects.values())
        self._suspects.clear()
        if stored := self._intake.excuse(suspects, _as_offline):
            now = self._clock()
            plans = {one.claim.source_id: plan_after_outage(one.claim, now) for one in stored}
            await self._store.write(forgive, plans, REASON)


def _as_offline(polled: Polled) -> Polled:
    return replace(polled, outcome=Failed(kind=FailureKind.OFFLINE, reason=REASON))
