"""Status: sources as they stand, in the documented keys, for the command line and the web alike.

In: states and problems as stored, and the time. Out: plain values that JSON can hold. Secrets of a
source (header fields, credentials, proxies) never pass through here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from aggregator.model import ProblemEvent, SourceState
from aggregator.model.pages import PageCounts
from aggregator.model.push import PushCounts, PushView, SubscriptionLine, TopicLine
from aggregator.publish.dates import json_time
from aggregator.schedule.rhythm import load_rhythm
from aggregator.store.overview import Overview


def state_as_json(state: SourceState, now: datetime) -> dict[str, Any]:
    """Return a source's state; times are RFC 3339 in UTC, None if unknown."""
    rhythm = load_rhythm(state.rhythm)
    return {
        "source": state.slug,
        "name": state.source.name or state.info.title or None,
        "url": state.source.url,
        "state": state.state,
        "last_poll": json_time(state.last_poll),
        "last_success": json_time(state.last_success),
        "failures": state.failures,
        "kind": state.failure_kind,
        "reason": state.reason,
        "next_poll": json_time(state.next_poll),
        "why": state.next_why,
        "overdue_s": overdue_s(state, now),
        "late_s": None if state.late_s is None else round(state.late_s, 3),
        "host": state.group,
        "moved_to": state.moved_to,
        "is_moved": state.is_moved,
        "where": state.source.where or None,
        "articles": state.articles,
        "newest": json_time(state.newest),
        "entries_per_day": round(rhythm.per_day(now), 3) if rhythm.learnt_at else None,
        "gaps": rhythm.gaps,
        "last_gap": json_time(rhythm.last_gap),
        "full_texts": None if state.pages is None else asdict(state.pages),
    }


def told_pages(pages: PageCounts) -> str:
    """Return in words how the full texts of a source stand."""
    parts = [f"{pages.read} full texts read"]
    parts += [f"{pages.waiting} waited for"] if pages.waiting else []
    last = f" (the last: {pages.reason})" if pages.reason else ""
    parts += [f"{pages.given_up} given up{last}"] if pages.given_up else []
    return ", ".join(parts)


def report_as_json(
    overview: Overview,
    states: Sequence[SourceState],
    problems: Sequence[ProblemEvent],
    pushes: PushCounts,
    now: datetime,
    following: str | None,
) -> dict[str, Any]:
    """Return everything that ``/status.json`` says.

    Args:
        states: all sources or, where there are many, some of them.
        following: where the next ones are told; None if these are the last.
    """
    return {
        "at": json_time(now),
        "counts": {word: overview.counts.get(word, 0) for word in ("ok", "new", "failing", "gone")},
        "lateness": lateness_in(overview),
        "problems": [problem_as_json(problem) for problem in problems],
        "push": counts_as_json(pushes),
        "sources": [state_as_json(state, now) for state in states if state.is_configured],
        "next": following,
    }


def counts_as_json(pushes: PushCounts) -> dict[str, Any]:
    """Return how much is pushed in both directions."""
    return {
        "subscriptions": dict(pushes.subscriptions),
        "next_renewal": json_time(pushes.next_renewal),
        "subscribers": pushes.subscribers,
        "failing": pushes.failing,
        "waiting": pushes.waiting,
        "asked": pushes.asked,
        "next_end": json_time(pushes.next_end),
    }


def push_as_json(view: PushView) -> dict[str, Any]:
    """Return everything about pushing but secrets and callbacks."""
    times = ("expires_at", "due_at", "delivered_at", "next_end")

    def plain(line: SubscriptionLine | TopicLine) -> dict[str, Any]:
        return {key: json_time(value) if key in times else value for key, value in asdict(line).items()}

    return {
        **counts_as_json(view.counts),
        "from": [plain(line) for line in view.subscriptions],
        "to": [plain(line) for line in view.topics],
    }


def lateness_in(overview: Overview) -> dict[str, float | None]:
    """Return how late polls come: of the last ones, and of those that should have been made by now."""
    return {
        "median_s": None if overview.late_median_s is None else round(overview.late_median_s, 3),
        "longest_s": None if overview.late_longest_s is None else round(overview.late_longest_s, 3),
        "overdue_s": round(overview.overdue_s, 3),
    }


def problem_as_json(problem: ProblemEvent) -> dict[str, Any]:
    """Return a problem; closed is None while it lasts."""
    return {
        "id": problem.uid,
        "kind": problem.kind.value,
        "title": problem.title,
        "text": problem.text,
        "opened": json_time(problem.opened_at),
        "closed": json_time(problem.closed_at),
    }


def overdue_s(state: SourceState, now: datetime) -> float:
    """Return the seconds that the next poll is late already; 0 while it is not due."""
    if state.next_poll is None:
        return 0.0
    return round(max(0.0, (now - state.next_poll).total_seconds()), 3)
