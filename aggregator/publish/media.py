"""The elements that podcast and picture readers look for: media, itunes and podcast namespaces."""

from __future__ import annotations

from collections import Counter
from typing import Any
from uuid import UUID, uuid5

from lxml import etree

from aggregator.model import Edition, Enclosure, Podcast
from aggregator.publish.addresses import feed_url
from aggregator.publish.characters import clean_line, language_tag, media_type, web_url
from aggregator.publish.outgoing import Outgoing

MEDIA = "http://search.yahoo.com/mrss/"
ITUNES = "http://www.itunes.com/dtds/podcast-1.0.dtd"
PODCAST = "https://podcastindex.org/namespace/1.0"
GEORSS = "http://www.georss.org/georss"
NAMESPACES = {"media": MEDIA, "georss": GEORSS, "itunes": ITUNES, "podcast": PODCAST}
_OWN = {namespace: {prefix: namespace} for prefix, namespace in NAMESPACES.items()}
_EPISODE_TYPES = frozenset({"full", "trailer", "bonus"})
#: podcast:guid is a name in this space (podcastindex.org, "guid")
_GUIDS = UUID("ead4c236-bf58-58c6-a2c6-a6b28d128cb6")
#: the categories podcast directories know, by the labels of publishers that mean them
_CATEGORIES = {
    "Arts": ("arts", "art", "books", "design", "fashion", "food", "theatre", "literature"),
    "Business": ("business", "economy", "economics", "finance", "money", "markets", "careers"),
    "Comedy": ("comedy", "humour", "humor", "satire"),
    "Education": ("education", "schools", "university", "learning", "language learning"),
    "Fiction": ("fiction", "drama"),
    "Government": ("government", "parliament", "law", "policy"),
    "Health & Fitness": ("health & fitness", "health", "medicine", "fitness", "nutrition"),
    "History": ("history",),
    "Kids & Family": ("kids & family", "kids", "family", "parenting"),
    "Leisure": ("leisure", "games", "gaming", "hobbies", "travel", "home & garden"),
    "Music": ("music",),
    "News": ("news", "politics", "world", "uk", "breaking news", "news & politics"),
    "Religion & Spirituality": ("religion & spirituality", "religion", "spirituality", "faith"),
    "Science": ("science", "nature", "environment", "space", "physics", "climate"),
    "Society & Culture": ("society & culture", "society", "culture", "philosophy", "documentary"),
    "Sports": ("sports", "sport", "football", "cricket", "rugby", "tennis"),
    "TV & Film": ("tv & film", "film", "television", "tv", "cinema"),
    "Technology": ("technology", "tech", "computing", "software", "programming", "internet"),
    "True Crime": ("true crime", "crime"),
}
_CATEGORY_OF = {label: category for category, labels in _CATEGORIES.items() for label in labels}


def picture_elements(item: Outgoing) -> list[Any]:
    """Return the picture of an entry, who made it, and where the entry happened."""
    found = [_element(MEDIA, "thumbnail", url=item.image)] if item.image else []
    found += [_texted(_element(MEDIA, "credit"), item.image_credit)] if item.image_credit else []
    return found + ([_texted(_element(GEORSS, "point"), item.point)] if item.point else [])


def media_content(enclosure: Enclosure) -> Any:
    """Return a media:content for an enclosure beyond the first; alone, never in a media:group of one."""
    content = _element(
        MEDIA,
        "content",
        url=enclosure.url,
        type=enclosure.type,
        fileSize=None if enclosure.length is None else str(enclosure.length),
        duration=None if enclosure.duration_s is None else str(enclosure.duration_s),
    )
    if enclosure.title:
        content.append(_texted(_element(MEDIA, "description"), enclosure.title))
    return content


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
    elements += _numbers(podcast) + _podcast_links(podcast) + _soundbites(podcast)
    return elements + _people(podcast) + _alternates(podcast)


def channel_elements(
    title: str, icon: str | None, edition: Edition, items: tuple[Outgoing, ...]
) -> list[Any]:
    """Return what podcast apps want of a channel that holds episodes; none for a channel without."""
    episodes = [item for item in items if item.podcast is not None or _has_recording(item)]
    if not episodes:
        return []
    is_explicit = any(item.podcast is not None and item.podcast.explicit for item in episodes)
    author, explicit = _text("author", title), _text("explicit", str(is_explicit).lower())
    picture = icon or next((item.image for item in episodes if item.image), None)
    category = _element(ITUNES, "category", text=_category(episodes))
    # without its scheme, so that a change from http to https makes no other podcast of it
    name = uuid5(_GUIDS, feed_url(edition.site, edition.feed, "rss").partition("://")[2].rstrip("/"))
    kind, guid = _text("type", "episodic"), _texted(_element(PODCAST, "guid"), str(name))
    image = [_element(ITUNES, "image", href=picture)] if picture else []
    return [author, explicit, category, kind, *image, guid]


def _category(episodes: list[Outgoing]) -> str:
    """Return the directories' category that most episodes are labelled with; News if none says."""
    counts = Counter(
        category
        for item in episodes
        for category in {
            _CATEGORY_OF.get((label.label or label.term).casefold()) for label in item.categories
        }
        if category
    )
    return min(counts, key=lambda category: (-counts[category], category), default="News")


def _numbers(podcast: Podcast) -> list[Any]:
    """Return podcast:season and podcast:episode, which newer podcast apps read."""
    found = []
    for name, number in (("season", podcast.season), ("episode", podcast.episode)):
        if (number or 0) > 0:
            found.append(_texted(_element(PODCAST, name), str(number)))
    return found


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


def _soundbites(podcast: Podcast) -> list[Any]:
    found = []
    for part in podcast.soundbites:
        start, duration = f"{part.start_s:.12g}", f"{part.duration_s:.12g}"
        soundbite = _element(PODCAST, "soundbite", startTime=start, duration=duration)
        found.append(_texted(soundbite, clean_line(part.title)))
    return found


def _people(podcast: Podcast) -> list[Any]:
    found = []
    for one in podcast.people:
        told = {"role": clean_line(one.role) or None, "group": clean_line(one.group) or None}
        person = _element(PODCAST, "person", **told, href=web_url(one.url), img=web_url(one.image))
        found.append(_texted(person, clean_line(one.name)))
    return found


def _alternates(podcast: Podcast) -> list[Any]:
    found = []
    for file in podcast.alternates:
        length = None if file.length is None else str(file.length)
        # the namespace wants a type; the same as of an enclosure without one
        kind = file.type or "application/octet-stream"
        alternate = _element(PODCAST, "alternateEnclosure", type=kind, length=length, title=file.title)
        alternate.append(_element(PODCAST, "source", uri=file.url))
        found.append(alternate)
    return found


def _has_recording(item: Outgoing) -> bool:
    return any((enclosure.type or "").startswith(("audio/", "video/")) for enclosure in item.enclosures)


def _text(name: str, value: object) -> Any:
    if value is None:
        return None
    return _texted(_element(ITUNES, name), str(value))


def _texted(element: Any, text: str) -> Any:
    element.text = text
    return element


def _element(namespace: str, name: str, **attributes: str | None) -> Any:
    written = {key: value for key, value in attributes.items() if value is not None}
    return etree.Element(f"{{{namespace}}}{name}", written, nsmap=_OWN[namespace])
