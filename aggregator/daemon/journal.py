"""The journal: the one line that a finished poll leaves in the log.

A finished poll and what was new in it flow in; nothing else is read, and no text of a publisher
comes out but as a quoted value.
"""

from __future__ import annotations

import logging

from aggregator.model import Failed, FailureKind, Gone
from aggregator.pipeline.decision import Polled

log = logging.getLogger("aggregator.poll")


def log_poll(polled: Polled, new: int = 0) -> None:
    """Write the one line that a finished poll leaves in the log: loud only where something happened."""
    outcome, slug = polled.outcome, polled.claim.slug
    act = "poll" if polled.push_id is None else "push"
    if isinstance(outcome, Failed):
        # that our own network is down was said once, for all of them
        level = logging.DEBUG if outcome.kind is FailureKind.OFFLINE else logging.WARNING
        said = "%s source=%s outcome=failed kind=%s reason=%r id=%s"
        log.log(level, said, act, slug, outcome.kind, outcome.reason, polled.claim.poll_id)
        return
    entries = len(polled.parsed.entries) if polled.parsed else 0
    older = f" older={len(polled.parsed.older)}" if polled.parsed and polled.parsed.older else ""
    level = logging.WARNING if isinstance(outcome, Gone) else logging.INFO if new else logging.DEBUG
    word = type(outcome).__name__.lower()
    said = "%s source=%s outcome=%s entries=%d%s new=%d id=%s"
    log.log(level, said, act, slug, word, entries, older, new, polled.claim.poll_id)
