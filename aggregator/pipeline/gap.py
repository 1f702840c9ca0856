"""The gap between two polls: a poll that found nothing of the one before becomes one with what came between.

A short document of a busy feed may be another altogether at the next poll. Where it names a page of
the same feed with older entries (RFC 5005 §3 and §4, ``next_url`` of JSON Feed), that page is asked
for, and the one after it, until one reaches back to what the source had. What they hold is taken in
as if the document had been longer; of nothing else do they tell: not of the feed, of what was
deleted, of the next poll. One attempt is made: after a gap that could not be filled none is
filled until a document holds something known again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from aggregator.http.groups import group_of, is_shared
from aggregator.model import Claim, Entry, Failed, Fetched, ParsedFeed, Validators
from aggregator.parse.prefilter import load_trace
from aggregator.pipeline.decision import Polled
from aggregator.schedule.rhythm import load_rhythm

#: what one gap may cost: requests, entries, and bytes of documents beyond which no more is asked for
MOST_PAGES, MOST_ENTRIES, MOST_BYTES = 5, 500, 8_000_000
#: seconds in all, waiting for turns included; with the poll itself less than a claim holds
LONGEST_S = 60.0
#: an entry that claims to be so much older than the last poll was not missed since
OLD = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class _Before:
    """What the source had at its last poll."""

    #: of the entries of its document
    keys: frozenset[str]
    #: what claims to be older is not news
    old: datetime

    def is_past(self, entry: Entry) -> bool:
        return entry.key in self.keys or (entry.published is not None and entry.published < self.old)

    def is_reached_by(self, parsed: ParsedFeed) -> bool:
        """Tell whether a document goes back to the last poll, so that no page after it holds news."""
        return not self.keys.isdisjoint(entry.key for entry in parsed.entries) or all(
            map(self.is_past, parsed.entries)
        )


async def fill_gap(polled: Polled, ask: Callable[[Claim], Awaitable[Polled]], spacing_s: float) -> Polled:
    """Return the poll with the entries that came and went since the one before, as far as pages have them.

    Args:
        ask: reads the document at a claim's URL; a failure is a value.
        spacing_s: seconds between two requests to a public site.
    """
    before = _before(polled)
    if before is None:
        return polled
    pages: list[Polled] = []
    with suppress(TimeoutError):
        async with asyncio.timeout(LONGEST_S):
            await _walk(polled, before, ask, spacing_s, pages)
    return _joined(polled, before, pages) if pages else polled


def _before(polled: Polled) -> _Before | None:
    """Return what the source had, where nothing of it is left and pages may tell what came since."""
    claim, parsed = polled.claim, polled.parsed
    if parsed is None or parsed.older_url is None or parsed.unchanged or parsed.info.is_complete:
        return None
    trace = load_trace(claim.trace) if claim.trace else None
    # what a hub delivered is stored, and not in the trace
    if trace is None or claim.last_success is None or claim.pushed_until is not None:
        return None
    before = _Before(frozenset(row.key for row in trace.entries), claim.last_success - OLD)
    rhythm = load_rhythm(claim.rhythm)
    is_tried = rhythm.last_gap is not None and rhythm.last_gap == rhythm.learnt_at
    return None if is_tried or before.is_reached_by(parsed) else before


async def _walk(
    polled: Polled,
    before: _Before,
    ask: Callable[[Claim], Awaitable[Polled]],
    spacing_s: float,
    pages: list[Polled],
) -> None:
    """Ask for one page after the other, newest first, and put them into *pages*."""
    claim = replace(polled.claim, validators=Validators(), body_hash=None, trace=None)
    asked = {claim.url, _url(polled)}
    site = group_of(_url(polled))
    parsed = polled.parsed
    while parsed is not None and parsed.older_url is not None and len(pages) < MOST_PAGES:
        url = parsed.older_url.partition("#")[0]
        if url in asked or group_of(url) != site or sum(page.size for page in pages) > MOST_BYTES:
            return
        asked.add(url)
        await asyncio.sleep(spacing_s if is_shared(site) else 0)
        page = await ask(replace(claim, url=url))
        parsed = page.parsed if group_of(_url(page)) == site else None
        pages.append(replace(page, parsed=parsed))
        if parsed is not None and before.is_reached_by(parsed):
            return


def _url(polled: Polled) -> str:
    """Return where a document came from, after redirects; empty if there is none."""
    return polled.outcome.url if isinstance(polled.outcome, Fetched) else ""


def _joined(polled: Polled, before: _Before, pages: Sequence[Polled]) -> Polled:
    """Return the poll with what its pages hold and what they cost."""
    parsed, answer = polled.parsed, polled.outcome
    assert parsed is not None
    here = {*parsed.withdrawn, *(entry.key for entry in parsed.entries)}
    older: dict[str, Entry] = {}
    for page in pages:
        for entry in page.parsed.entries if page.parsed else ():
            if entry.key not in here and (entry.key in before.keys or not before.is_past(entry)):
                older.setdefault(entry.key, entry)
    last = pages[-1].outcome
    busy = last.hints.retry_after_s if isinstance(last, Failed) else None
    outcome = replace(
        answer,
        requests=sum((page.outcome.requests for page in pages), answer.requests),
        wire_bytes=sum((page.outcome.wire_bytes for page in pages), answer.wire_bytes),
    )
    if busy is not None and isinstance(outcome, Fetched):
        outcome = replace(outcome, hints=replace(outcome.hints, retry_after_s=busy))
    return replace(
        polled,
        outcome=outcome,
        parsed=replace(parsed, older=tuple(older.values())[:MOST_ENTRIES]),
        size=polled.size + sum(page.size for page in pages),
    )
