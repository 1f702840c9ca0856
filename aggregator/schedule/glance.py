"""A glance at a rhythm: its stored text flows in, rates and gaps flow out, without the profile.

Lists of a thousand sources show how often each posts; making every profile for that would take
seconds.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime

from aggregator.schedule.rhythm import Rhythm


def glance(text: str | None) -> Rhythm:
    """Return what load_rhythm() returns, but for the weekly profile, a hundred times cheaper."""
    try:
        state = json.loads(text or "{}")
        return Rhythm(
            learnt_at=_moment(state.get("learnt_at")),
            since=_moment(state.get("since")),
            newest=_moment(state.get("newest")),
            count=float(state.get("count", 0)),
            recent=float(state.get("recent", 0)),
            window=int(state.get("window", 0)),
            gaps=int(state.get("gaps", 0)),
            last_gap=_moment(state.get("last_gap")),
        )
    except (ValueError, TypeError, AttributeError):
        return Rhythm()


def _moment(seconds: float | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
