"""An edition in, a JSON Feed 1.1 document out (jsonfeed.org), written by orjson. It never asks the clock."""

from __future__ import annotations

from typing import Any

import orjson

from aggregator.model import Edition, Enclosure, Person, Podcast
from aggregator.publish.addresses import document_url, hub_of, page_url, past_links
from aggregator.publish.characters import clean_line, language_tag, web_url
from aggregator.publish.dates import rfc3339
from aggregator.publish.history import withdrawn
from aggregator.publish.outgoing import Outgoing, OutgoingSource
from aggregator.publish.titles import excerpt, feed_author, feed_subtitle, feed_title
from aggregator.publish.whole import only_source, write_entries

VERSION = "https://jsonfeed.org/version/1.1"


def render_json(edition: Edition, items: tuple[Outgoing, ...]) -> bytes:
    """Return the JSON Feed of *edition* with *items*, in their order; entries that fail are left out."""
    site, head = edition.site, edition.feed
    card, past = only_source(edition), dict(past_links(edition, "json"))
    document = _given(
        version=VERSION,
        title=feed_title(head),
        home_page_url=page_url(site, head),
        feed_url=document_url(edition, "json"),
        next_url=past.get("prev-archive"),
        description=feed_subtitle(head, site),
        icon=web_url(card.source.icon) if card else None,
        language=language_tag(head.language or site.language),
        authors=[{"name": feed_author(site)}],
        hubs=[{"type": "WebSub", "url": hub}] if (hub := hub_of(edition)) else None,
        _aggregator=_given(
            rights=clean_line(head.rights),
            archive=edition.archive.number if edition.archive else None,
            current=past.get("current"),
            newer=past.get("next-archive"),
            withdrawn=[{"id": one.published_id, "at": rfc3339(one.at)} for one in withdrawn(edition)],
        ),
    )
    written = [orjson.Fragment(one) for one in write_entries(items, _write)]
    return orjson.dumps({**document, "items": written}, option=orjson.OPT_INDENT_2)


def _write(item: Outgoing) -> bytes:
    return orjson.dumps(_item(item))


def _item(item: Outgoing) -> dict[str, Any]:
    text = item.content or item.summary
    return _given(
        id=item.id,
        url=item.link,
        title=item.title,
        content_html=text,
        # an item must have a text; of an article whose text is not ours to give, the title is all there is
        content_text=None if text else item.title,
        summary=excerpt(item.summary) if item.content else None,
        image=item.image,
        date_published=rfc3339(item.published),
        date_modified=rfc3339(item.updated) if item.updated != item.published else None,
        authors=[_author(person) for person in item.authors or item.source.authors],
        tags=list(dict.fromkeys(category.term for category in item.categories)),
        language=item.language,
        attachments=[_attachment(enclosure) for enclosure in item.enclosures],
        _sources=[_given(name=link.title, url=link.href) for link in item.also],
        _aggregator=_given(
            source=_source(item.source),
            rights=item.rights,
            comments=item.comments,
            comment_count=item.comment_count,
            image_credit=item.image_credit,
            point=item.point,
            links=[
                _given(rel=link.rel, url=link.href, type=link.type, title=link.title, id=link.ref)
                for link in item.links
            ],
            note=item.note,
            story=item.story,
            podcast=_podcast(item.podcast) if item.podcast else None,
        ),
    )


def _author(person: Person) -> dict[str, Any]:
    mail = f"mailto:{person.email}" if person.email else None
    return _given(name=person.name, url=person.url or mail)


def _attachment(enclosure: Enclosure) -> dict[str, Any]:
    return _given(
        url=enclosure.url,
        mime_type=enclosure.type or "application/octet-stream",
        title=enclosure.title,
        size_in_bytes=enclosure.length,
        duration_in_seconds=enclosure.duration_s,
    )


def _podcast(podcast: Podcast) -> dict[str, Any]:
    return _given(
        season=podcast.season,
        episode=podcast.episode,
        type=podcast.episode_type,
        explicit=podcast.explicit,
        chapters=podcast.chapters,
        transcripts=[
            _given(url=one.url, type=one.type, language=one.language) for one in podcast.transcripts
        ],
        people=[
            _given(name=one.name, role=one.role, group=one.group, url=one.url, image=one.image)
            for one in podcast.people
        ],
        alternates=[_attachment(file) for file in podcast.alternates],
        soundbites=[
            _given(title=one.title, start=one.start_s, duration=one.duration_s) for one in podcast.soundbites
        ],
    )


def _source(source: OutgoingSource) -> dict[str, Any]:
    return _given(title=source.title, url=source.link, feed_url=source.feed_url, id=source.id)


def _given(**fields: Any) -> dict[str, Any]:
    """Return the fields that say something: JSON Feed has no use for null, "" or []."""
    return {name: value for name, value in fields.items() if value not in (None, "", [], {})}
