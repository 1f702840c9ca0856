"""Language tags and time zones: names that other standards keep, checked and nothing more."""

from __future__ import annotations

import re
from functools import cache
from zoneinfo import available_timezones

from aggregator.config.names import did_you_mean

#: RFC 5646 §2.1 without grandfathered tags; four to eight letters as a first part are reserved there
LANGUAGE_PATTERN = (
    r"^[A-Za-z]{2,3}(-[A-Za-z]{3}){0,3}(-[A-Za-z]{4})?(-([A-Za-z]{2}|[0-9]{3}))?"
    r"(-([A-Za-z0-9]{5,8}|[0-9][A-Za-z0-9]{3}))*(-[A-WY-Za-wy-z0-9](-[A-Za-z0-9]{2,8})+)*"
    r"(-[xX](-[A-Za-z0-9]{1,8})+)?$"
)
_LANGUAGE = re.compile(LANGUAGE_PATTERN, re.ASCII)
#: longer tags are well-formed and useless
_LONGEST_TAG = 60


def check_language(text: str) -> str:
    """Return *text* when it is a well-formed BCP 47 tag (RFC 5646 §2.1); else raise ValueError."""
    if len(text) > _LONGEST_TAG:
        raise ValueError("a language tag is not that long")
    if "_" in text and _LANGUAGE.match(text.replace("_", "-")):
        raise ValueError(f"a language tag has hyphens: write {text.replace('_', '-')}")
    if not _LANGUAGE.match(text):
        raise ValueError("not a language tag: write one such as en, en-GB or zh-Hant (BCP 47)")
    return text


def find_language(text: str) -> str | None:
    """Return *text* as check_language() does; None if it is empty or no such tag."""
    try:
        return check_language(text) if text else None
    except ValueError:
        return None


def check_timezone(text: str) -> str:
    """Return *text* when it names an IANA time zone; else raise ValueError with the nearest name."""
    if not _zones():
        raise ValueError("this machine has no time zone data: pip install tzdata")
    if text not in _zones():
        # an abbreviation such as BST is near to that of another continent
        named = (zone for zone in _zones() if "/" in zone and not zone.startswith("Etc/"))
        hint = did_you_mean(text, named) or "; write one such as Europe/London"
        raise ValueError(f"unknown time zone{hint}")
    return text


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())
