"""The elements that podcast and picture readers look for: media, itunes and podcast namespaces.

They are added to elements of a document that declares these namespaces.
"""

from __future__ import annotations

from collections import Counter
from typing import Any
from uuid import UUID, uuid5

from aggregator.model import Edition, Enclosure, Podcast
from aggregator.publish.addresses import feed_url
from aggregator.publish.feedgen_parts import add
from aggregator.publish.outgoing import Outgoing

MEDIA = "http://search.yahoo.com/mrss/"
ITUNES = "http://www.itunes.com/dtds/podcast-1.0.dtd"
PODCAST = "https://podcastindex.org/namespace/1.0"
GEORSS = "http://www.georss.org/georss"
NAMESPACES = {"media": MEDIA, "georss": GEORSS, "itunes": ITUNES, "podcast": PODCAST}
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


def add_picture(entry: Any, item: Outgoing) -> None:
    """Append the picture of an entry, who made it, and where the entry happened."""
    if item.image:
        add(entry, f"{{{MEDIA}}}thumbnail", url=item.image)
    if item.image_credit:
        add(entry, f"{{{MEDIA}}}credit", item.image_credit)
    if item.point:
        add(entry, f"{{{GEORSS}}}point", item.point)


def add_media_content(entry: Any, enclosure: Enclosure) -> None:
    """Append a media:content for an enclosure beyond the first; alone, never in a media:group of one."""
    content = add(
        entry,
        f"{{{MEDIA}}}content",
        url=enclosure.url,
        type=enclosure.type,
        fileSize=None if enclosure.length is None else str(enclosure.length),
        duration=None if enclosure.duration_s is None else str(enclosure.duration_s),
    )
    if enclosure.title:
        add(content, f"{{{MEDIA}}}description", enclosure.title)


def add_podcast(entry: Any, item: Outgoing) -> None:
    """Append the itunes and podcast elements of an episode; none for an entry that is no episode."""
    podcast = item.podcast or Podcast()
    duration = podcast.duration_s
    if duration is None and item.enclosures:
        duration = item.enclosures[0].duration_s
    said = {
        "duration": duration,
        "season": podcast.season,
        "episode": podcast.episode,
        "episodeType": podcast.episode_type,
        "explicit": None if podcast.explicit is None else str(podcast.explicit).lower(),
    }
    told = {name: str(value) for name, value in said.items() if value is not None}
    for name, text in told.items():
        add(entry, f"{{{ITUNES}}}{name}", text)
    if told and item.image:
        add(entry, f"{{{ITUNES}}}image", href=item.image)
    # what newer podcast apps read
    for name in ("season", "episode"):
        if name in told:
            add(entry, f"{{{PODCAST}}}{name}", told[name])
    _add_parts(entry, podcast)


def _add_parts(entry: Any, podcast: Podcast) -> None:
    if podcast.chapters:
        add(entry, f"{{{PODCAST}}}chapters", url=podcast.chapters, type="application/json+chapters")
    for one in podcast.transcripts:
        kind = one.type or "text/plain"
        add(entry, f"{{{PODCAST}}}transcript", url=one.url, type=kind, language=one.language)
    for part in podcast.soundbites:
        start, duration = f"{part.start_s:.12g}", f"{part.duration_s:.12g}"
        add(entry, f"{{{PODCAST}}}soundbite", part.title, startTime=start, duration=duration)
    for person in podcast.people:
        about = {"role": person.role, "group": person.group, "href": person.url, "img": person.image}
        add(entry, f"{{{PODCAST}}}person", person.name, **about)
    for file in podcast.alternates:
        length = None if file.length is None else str(file.length)
        # the namespace wants a type; the same as of an enclosure without one
        kind = file.type or "application/octet-stream"
        other = add(entry, f"{{{PODCAST}}}alternateEnclosure", type=kind, length=length, title=file.title)
        add(other, f"{{{PODCAST}}}source", uri=file.url)


def add_channel(
    channel: Any, title: str, icon: str | None, edition: Edition, items: tuple[Outgoing, ...]
) -> None:
    """Append what podcast apps want of a channel that holds episodes; nothing for a channel without."""
    episodes = [item for item in items if item.podcast is not None or _has_recording(item)]
    if not episodes:
        return
    is_explicit = any(item.podcast is not None and item.podcast.explicit for item in episodes)
    add(channel, f"{{{ITUNES}}}author", title)
    add(channel, f"{{{ITUNES}}}explicit", str(is_explicit).lower())
    add(channel, f"{{{ITUNES}}}category").set("text", _category(episodes))
    add(channel, f"{{{ITUNES}}}type", "episodic")
    if picture := icon or next((item.image for item in episodes if item.image), None):
        add(channel, f"{{{ITUNES}}}image", href=picture)
    # without its scheme, so that a change from http to https makes no other podcast of it
    name = feed_url(edition.site, edition.feed, "rss").partition("://")[2].rstrip("/")
    add(channel, f"{{{PODCAST}}}guid", str(uuid5(_GUIDS, name)))


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


def _has_recording(item: Outgoing) -> bool:
    return any((enclosure.type or "").startswith(("audio/", "video/")) for enclosure in item.enclosures)
