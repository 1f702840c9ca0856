"""When the issues of a time-shaped feed are made: the words of a file in, the model's Timed out."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Annotated, Literal, Protocol

from pydantic import BeforeValidator, WithJsonSchema

from aggregator.model import PerSource, Timed

#: stories in an issue where the file does not say
_IN_DIGEST, _IN_BEST = 30, 10
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_EVERY: dict[str, Literal["day", "week", "month"]] = {"daily": "day", "weekly": "week", "monthly": "month"}
PATTERN = rf"^(daily|weekly( on ({'|'.join(_DAYS)}))?|monthly)( at ([01]?[0-9]|2[0-3]):[0-5][0-9])?$"
_WORDS = re.compile(PATTERN)


def parse_digest(text: object) -> Timed:
    """Return when the issues of a digest are made: at seven, on Mondays, on the first, if it does not say.

    Raises:
        ValueError: *text* says no such time.
    """
    words = " ".join(text.lower().split()) if isinstance(text, str) else ""
    match = _WORDS.match(words)
    if match is None:
        raise ValueError("write daily at 07:00, weekly on monday at 07:00, or monthly at 07:00")
    hour, _, minute = (match[4] or " at 7:00").removeprefix(" at ").partition(":")
    return Timed(
        form="digest",
        every=_EVERY[words.split()[0]],
        weekday=_DAYS.index(match[3]) if match[3] else 0,
        hour=int(hour),
        minute=int(minute),
        stories=_IN_DIGEST,
    )


DigestText = Annotated[
    Timed, BeforeValidator(parse_digest), WithJsonSchema({"type": "string", "pattern": PATTERN})
]


class FeedTimes(Protocol):
    """What a feed's section says of its times."""

    @property
    def limit(self) -> int: ...
    @property
    def digest(self) -> Timed | None: ...
    @property
    def best(self) -> Literal["day", "week", "month"] | None: ...
    @property
    def stories(self) -> int | None: ...
    @property
    def per_source(self) -> PerSource | None: ...
    @property
    def max_age(self) -> int | None: ...
    @property
    def overflow(self) -> str: ...


def check(feed: FeedTimes) -> None:
    """Refuse what contradicts itself.

    Raises:
        ValueError: it does.
    """
    timed = build_timed(feed)
    if feed.digest and feed.best:
        raise ValueError("write `digest` or `best`, not both")
    if feed.stories and not timed:
        raise ValueError("`stories` is for feeds with `digest` or `best`; others have `limit`")
    if timed and (feed.per_source or feed.max_age):
        raise ValueError("a feed with `digest` or `best` takes no `per_source` and no `max_age`")
    if timed and timed.form == "best" and timed.stories > feed.limit:
        raise ValueError(f"an issue of {timed.stories} stories needs a `limit` of as many")
    if feed.overflow == "digest" and not (feed.per_source and feed.per_source.per_day):
        raise ValueError("`overflow: digest` needs `per_source: N per day`")


def build_timed(feed: FeedTimes) -> Timed | None:
    """Return when a feed's issues are made; None where articles enter as they come."""
    if feed.best:
        return Timed(form="best", every=feed.best, stories=feed.stories or min(_IN_BEST, feed.limit))
    return feed.digest and replace(feed.digest, stories=feed.stories or feed.digest.stories)
