"""A publisher corrects a date or the rights and nothing else, from the poll to the published feed."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from sqlalchemy import event

from aggregator.curate.rewrite import PLAIN
from aggregator.pipeline.editions import publish_feed
from aggregator.store.engine import reading
from aggregator.store.feeds.heads import find_feed
from tests.polling.station import HOUR, Station, paper, tagged


def atom(
    published: str = "", rights: str = "", updated: str = "2026-03-01T10:00:00Z", comments: int = 0
) -> bytes:
    said = f"<thr:total xmlns:thr='http://purl.org/syndication/thread/1.0'>{comments}</thr:total>"
    dated = f"<published>{published}</published>" if published else ""
    entries = (
        f"<entry><id>urn:{name}</id><title>{name}</title><updated>2026-03-01T10:00:00Z</updated></entry>"
        for name in "bc"
    )
    return (
        "<feed xmlns='http://www.w3.org/2005/Atom'><title>Paper</title><id>urn:paper</id>"
        f"<updated>{updated}</updated><entry><id>urn:a</id><title>a</title><updated>{updated}</updated>"
        f"{dated}<rights>{rights}</rights>{said if comments else ''}</entry>{''.join(entries)}</feed>"
    ).encode()


def shown(station: Station) -> dict[str, Any]:
    """The corrected entry as the feed of its source has it."""
    with reading(station.engine) as connection:
        head = find_feed(connection, "source", "paper")
        assert head is not None
        body = publish_feed(connection, head, station.configuration.site, "json", PLAIN).body
    (found,) = (item for item in json.loads(body)["items"] if item["id"] == "urn:a")
    return dict(found)


def changes(station: Station, after: timedelta = HOUR) -> list[str]:
    """Poll; return what was written of articles that changed."""
    written: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.startswith(("UPDATE feeds", "INSERT INTO events")):
            written.append(statement)

    event.listen(station.engine, "before_cursor_execute", note)
    station.poll(after=after)
    event.remove(station.engine, "before_cursor_execute", note)
    return written


def test_a_corrected_date_and_corrected_rights_reach_the_published_feed(station: Station) -> None:
    documents = [
        atom("2031-01-01T00:00:00Z"),
        atom("2026-03-01T08:00:00Z"),
        atom("2026-03-01T08:00:00Z", "CC BY"),
    ]
    station.publish([tagged(body, f'"{n}"') for n, body in enumerate(documents)])
    station.configure(paper())
    station.poll()
    assert shown(station)["date_published"] == "2026-03-02T12:00:00Z"
    assert changes(station)
    corrected = shown(station)
    assert corrected["date_published"] == "2026-03-01T08:00:00Z"
    assert changes(station)
    assert shown(station) == corrected | {"_aggregator": corrected["_aggregator"] | {"rights": "CC BY"}}


def test_a_date_stamped_at_every_fetch_writes_nothing(station: Station) -> None:
    stamps = [f"2026-03-02T1{hour}:00:00Z" for hour in range(6)]
    documents = [atom(stamp, updated=stamp) for stamp in stamps]
    station.publish([tagged(body, f'"{n}"') for n, body in enumerate(documents)])
    station.configure(paper())
    station.poll()
    before = shown(station)
    for _ in stamps[1:]:
        assert changes(station) == []
    assert shown(station) == before


def test_the_number_of_comments_is_told_again_when_it_has_doubled(station: Station) -> None:
    documents = [atom(comments=count) for count in (2, 3, 4)]
    station.publish([tagged(body, f'"{n}"') for n, body in enumerate(documents)])
    station.configure(paper())
    station.poll()
    assert shown(station)["_aggregator"]["comment_count"] == 2
    assert not changes(station)
    assert changes(station)
    assert shown(station)["_aggregator"]["comment_count"] == 4
    assert "date_modified" not in shown(station)
