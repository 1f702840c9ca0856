"""What podcast apps want to know of an episode: feedparser's raw entry in, a Podcast out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from aggregator.model import Enclosure, Participant, Podcast, Soundbite, Transcript
from aggregator.parse.links import absolute
from aggregator.parse.media import enclosure, seconds
from aggregator.parse.rawvalues import text_at
from aggregator.parse.texts import plain

_SECONDS = re.compile(r"\d{1,6}(?:\.\d{1,6})?\Z", re.ASCII)
#: what an entry has at least one of if it says anything to podcast apps
_OF_EPISODES = frozenset(
    (
        *("itunes_duration", "itunes_season", "itunes_episode", "itunes_episodetype", "itunes_explicit"),
        *("podcast_season", "podcast_episode", "podcast_chapters", "transcripts"),
        *("podcast_people", "alternates", "soundbites"),
    )
)


def podcast(entry: dict[str, Any], base: str, hosts: tuple[Participant, ...] = ()) -> Podcast | None:
    """Return what podcast apps want to know of an episode; None if the entry says nothing of it.

    Args:
        hosts: people of the whole channel, for an episode that names none.
    """
    if _OF_EPISODES.isdisjoint(entry):
        return None
    get = entry.get
    chapters = get("podcast_chapters")
    made = Podcast(
        duration_s=seconds(get("itunes_duration")),
        season=number(get("itunes_season") or get("podcast_season")),
        episode=number(get("itunes_episode") or get("podcast_episode")),
        episode_type=plain(text_at(entry, "itunes_episodetype")).lower() or None,
        explicit=_explicit(text_at(entry, "itunes_explicit")),
        chapters=absolute(chapters.get("url"), base) if isinstance(chapters, dict) else None,
        transcripts=_transcripts(get("transcripts") or (), base),
        people=participants(get("podcast_people") or (), base) or hosts,
        alternates=_alternates(get("alternates") or (), base),
        soundbites=_soundbites(get("soundbites") or ()),
    )
    return made if made != Podcast() else None


def _transcripts(raw: Iterable[Mapping[str, str]], base: str) -> tuple[Transcript, ...]:
    found: dict[str, Transcript] = {}
    for values in raw:
        url = absolute(values.get("url"), base)
        if url:
            found.setdefault(url, Transcript(url, values.get("type") or None, values.get("language") or None))
    return tuple(found.values())


def _soundbites(raw: Iterable[Mapping[str, str]]) -> tuple[Soundbite, ...]:
    made = [
        Soundbite(float(start), float(length), plain(values.get("title")) or None)
        for values in raw
        if _SECONDS.match(start := values.get("starttime") or "")
        and _SECONDS.match(length := values.get("duration") or "")
    ]
    return tuple(dict.fromkeys(made))


def participants(raw: Iterable[Mapping[str, str]], base: str) -> tuple[Participant, ...]:
    """Return the people that podcast:person elements name, none twice."""
    made = [
        Participant(
            name=name,
            role=plain(values.get("role")).lower() or None,
            group=plain(values.get("group")).lower() or None,
            url=absolute(values.get("href"), base),
            image=absolute(values.get("img"), base),
        )
        for values in raw
        if (name := plain(values.get("name")))
    ]
    return tuple(dict.fromkeys(made))


def _alternates(raw: Iterable[Mapping[str, str]], base: str) -> tuple[Enclosure, ...]:
    found = [enclosure(values.get("url"), values, base) for values in raw]
    return tuple({file.url: file for file in found if file}.values())


def number(value: Any) -> int | None:
    """Return a whole number written in digits; None for anything else."""
    match = re.match(r"\s*(\d{1,9})(?:\.0+)?\s*$", value if isinstance(value, str) else "")
    return int(match[1]) if match else None


def _explicit(text: str) -> bool | None:
    word = text.strip().lower()
    if word in {"yes", "true", "explicit", "1"}:
        return True
    return False if word in {"no", "false", "clean", "0"} else None
