"""When the issues of a digest are made: the words of a file in, the model's Timed out."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from aggregator.config.fields import read
from aggregator.model import Timed

#: stories in an issue where the file does not say
IN_DIGEST, IN_BEST = 30, 10
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_EVERY: dict[str, Literal["day", "week", "month"]] = {"daily": "day", "weekly": "week", "monthly": "month"}
PATTERN = rf"^(daily|weekly( on ({'|'.join(_DAYS)}))?|monthly)( at ([01]?[0-9]|2[0-3]):[0-5][0-9])?$"
_WORDS = re.compile(PATTERN)


def parse_digest(text: str) -> Timed:
    """Return when the issues of a digest are made: at seven, on Mondays, on the first, if it does not say.

    Raises:
        ValueError: *text* says no such time.
    """
    words = " ".join(text.lower().split())
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
        stories=IN_DIGEST,
    )


DigestText = Annotated[Timed, *read(parse_digest, PATTERN)]
