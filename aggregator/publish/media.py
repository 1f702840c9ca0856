"""The elements that podcast and picture readers look for: media, itunes and podcast namespaces."""

from __future__ import annotations

from typing import Any

from lxml import etree

from aggregator.model import Enclosure, Podcast
from aggregator.publish.characters import language_tag, media_type, web_url
from aggregator.publish.outgoing import Outgoing

MEDIA = "http://search.yahoo.com/mrss/"
ITUNES = "http://www.itunes.com/dtds/podcast-1.0.dtd"
PODCAST = "https://podcastindex.org/namespace/1.0"
NAMESPACES = {"media": MEDIA, "itunes": ITUNES, "podcast": PODCAST}
_EPISODE_TYPES = frozenset({"full", "trailer", "bonus"})


def thumbnail(url: str) -> Any:
    """Return the media:thumbnail of an entry."""
    return _element(MEDIA, "thumbnail", url=url)


def media_content(enclosure: Enclosure) -> Any:
    """Return a media:content for an enclosure beyond the first; alone, never in a media:group of one."""
    return _element(
        MEDIA,
        "content",
        url=enclosure.url,
        type=enclosure.type,
        fileSize=None if enclosure.length is None else str(enclosure.length),
        duration=None if enclosure.duration_s is None else str(enclosure.duration_s),
    )


def podcast_elements(item: Outgoing) -> list[Any]:
    """Return the itunes and podcast elements of an episode; none for an entry that is no episode."""
    podcast = item.podcast or Podcast()
    duration = podcast.duration_s
    if duration is None and item.enclosures:
        duration = item.enclosures[0].duration_s
    found = [
        _text("duration", duration),
        _text("season", podcast.season if (podcast.season or 0) > 0 else None),
        _text("episode", podcast.episode if (podcast.episode or 0) > 0 else None),
        _text("episodeType", podcast.episode_type if podcast.episode_type in _EPISODE_TYPES else None),
        _text("explicit", None if podcast.explicit is None else str(podcast.explicit).lower()),
    ]
    elements = [element for element in found if element is not None]
    if elements and item.image:
        elements.append(_element(ITUNES, "image", href=item.image))
    return elements + _podcast_links(podcast)


def channel_elements(title: str, icon: str | None, items: tuple[Outgoing, ...]) -> list[Any]:
    """Return what podcast apps want of a channel that holds episodes; none for a channel without."""
    episodes = [item for item in items if item.podcast is not None or _has_recording(item)]
    if not episodes:
        return []
    is_explicit = any(item.podcast is not None and item.podcast.explicit for item in episodes)
    author, explicit = _text("author", title), _text("explicit", str(is_explicit).lower())
    picture = icon or next((item.image for item in episodes if item.image), None)
    category = _element(ITUNES, "category", text="News")
    return [author, explicit, category, *([_element(ITUNES, "image", href=picture)] if picture else [])]


def _podcast_links(podcast: Podcast) -> list[Any]:
    found = []
    chapters = web_url(podcast.chapters)
    if chapters:
        found.append(_element(PODCAST, "chapters", url=chapters, type="application/json+chapters"))
    for transcript in podcast.transcripts:
        url, kind = web_url(transcript.url), media_type(transcript.type) or "text/plain"
        if url:
            language = language_tag(transcript.language)
            found.append(_element(PODCAST, "transcript", url=url, type=kind, language=language))
    return found


def _has_recording(item: Outgoing) -> bool:
    return any((enclosure.type or "").startswith(("audio/", "video/")) for enclosure in item.enclosures)


def _text(name: str, value: object) -> Any:
    if value is None:
        return None
    element = _element(ITUNES, name)
    element.text = str(value)
    return element


def _element(namespace: str, name: str, **attributes: str | None) -> Any:
    written = {key: value for key, value in attributes.items() if value is not None}
    return etree.Element(f"{{{namespace}}}{name}", written, nsmap=NAMESPACES)
