"""Newsletters go out: editions whose time has come are begun, and their messages handed to the mail server.

Looks into the store every few seconds; what is to be done is claimed there, so any number of workers
share it and none of it is done twice. Mail is handed over in a thread of its own.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cache, partial

from aggregator.config.cron import last_time, parse_cron
from aggregator.curate.arrange import arrange
from aggregator.curate.rewrite import looks_of
from aggregator.daemon.poller import utc_now
from aggregator.daemon.storethread import StoreThread
from aggregator.deliver.mail import Handed, Letter, hand_over, write_letter
from aggregator.http.target import parse_target
from aggregator.model import Configuration, Edition, Item
from aggregator.model.outgoing import Mailing, Newsletter
from aggregator.pipeline.editions import rewritten
from aggregator.pipeline.issuing import has_issue
from aggregator.publish.addresses import newsletter_url
from aggregator.publish.digest import digest, question
from aggregator.publish.headlines import moment, zone_of
from aggregator.publish.outgoing import within_rights
from aggregator.store.engine import Connection
from aggregator.store.feeds.heads import find_feed
from aggregator.store.feeds.items import read_placed
from aggregator.store.outgoing import newsletters as post
from aggregator.store.outgoing.entered import entered_between

log = logging.getLogger("aggregator.outgoing")

#: articles in an edition, and messages in one conversation with the mail server
ARTICLES, LETTERS = 30, 10
#: articles that entered since the edition before, among which copies are joined, newest first
CONSIDERED = 5000


class Newsletters:
    """Sends the messages that are due, each time it is asked to."""

    def __init__(self, store: StoreThread, clock: Callable[[], datetime] = utc_now) -> None:
        self._store, self._clock = store, clock

    async def send_due(self, configuration: Configuration) -> None:
        """Begin the editions that are due and send every message that waits."""
        if configuration.mail is not None:
            await self._begin_editions(configuration)
            while await self._send_letters(configuration):
                pass

    async def _begin_editions(self, configuration: Configuration) -> None:
        now, zone = self._clock(), zone_of(configuration.site.timezone)
        for newsletter in configuration.newsletters:
            due_at = last_time(parse_cron(newsletter.schedule), now, zone)
            if due_at is None:
                continue
            if not await self._store.read(post.has_edition, newsletter.slug, due_at, now):
                await self._store.write(_begin_edition, configuration, newsletter, due_at, now)

    async def _send_letters(self, configuration: Configuration) -> int:
        """Send the next messages; return how many were claimed."""
        mail = configuration.mail
        assert mail is not None
        known = {newsletter.slug: newsletter for newsletter in configuration.newsletters}
        mailings = await self._store.write(post.claim_mailings, self._clock(), known.keys(), LETTERS)
        if not mailings:
            return 0
        try:
            letters = await self._store.read(self._write_letters, configuration, known, mailings)
        except (
            Exception
        ):  # a mistake of ours, or the store: nothing was sent, so they wait for their next try
            unwritten = [Handed("failed", "the message could not be written")] * len(mailings)
            await self._store.write(_note_handed, mailings, unwritten, self._clock())
            raise
        handed = await asyncio.to_thread(hand_over, mail, letters)
        await self._store.write(_note_handed, mailings, handed, self._clock())
        for mailing, one in zip(mailings, handed, strict=True):
            if one.reason:
                log.warning("newsletter=%s outcome=%s reason=%r", mailing.newsletter, one.outcome, one.reason)
        return len(mailings)

    def _write_letters(
        self,
        connection: Connection,
        configuration: Configuration,
        known: Mapping[str, Newsletter],
        mailings: Sequence[Mailing],
    ) -> list[Letter]:
        # an edition has many letters
        items = cache(partial(_items, connection, configuration))
        return [self._letter(configuration, known[one.newsletter], one, items) for one in mailings]

    def _letter(
        self,
        configuration: Configuration,
        newsletter: Newsletter,
        mailing: Mailing,
        items: Callable[[str, int, int], tuple[Item, ...]],
    ) -> Letter:
        site, mail = configuration.site, configuration.mail
        assert mail is not None
        leave = newsletter_url(site, newsletter.slug, "unsubscribe", mailing.token)
        if mailing.due_at is None:
            message = question(
                site, newsletter.title, newsletter_url(site, newsletter.slug, "confirm", mailing.token)
            )
            leave = ""
        else:
            entries = items(newsletter.feed, mailing.since, mailing.until)
            message = digest(site, newsletter.title, moment(mailing.due_at, site), entries, leave)
        host = parse_target(site.url).host
        handle = hashlib.blake2b(f"{mailing.id} {mailing.token}".encode(), digest_size=12).hexdigest()
        return write_letter(
            mail,
            message,
            mailing.address,
            at=mailing.due_at or self._clock(),
            message_id=f"{handle}@{host}",
            list_id=f"{newsletter.slug}.{host}",
            unsubscribe_url=leave,
        )


def _begin_edition(
    connection: Connection,
    configuration: Configuration,
    newsletter: Newsletter,
    due_at: datetime,
    now: datetime,
) -> None:
    head = find_feed(connection, "feed", newsletter.feed)
    # the issue of this very minute may be in another worker's hands still
    if head is None or not has_issue(connection, head, due_at, configuration.site.timezone):
        return
    if post.begin_edition(connection, newsletter.slug, head, newsletter.recipients, due_at, now):
        log.info("newsletter=%s edition=%s begins", newsletter.slug, due_at.isoformat())


def _items(
    connection: Connection, configuration: Configuration, feed: str, since: int, until: int
) -> tuple[Item, ...]:
    head = find_feed(connection, "feed", feed)
    if head is None:
        return ()
    fresh = read_placed(connection, head, entered_between(connection, head, since, until, CONSIDERED))
    looks, site = looks_of(configuration), configuration.site
    # copies joined, sources capped and the best first, as the feed does
    shown = arrange(replace(head, limit=ARTICLES), fresh, site.timezone, glossary=looks.glossary)
    told = rewritten(Edition(site, head, shown), looks)
    return tuple(within_rights(head, item) for item in told.items)


def _note_handed(
    connection: Connection, mailings: Sequence[Mailing], handed: Sequence[Handed], now: datetime
) -> None:
    for mailing, one in zip(mailings, handed, strict=True):
        match one.outcome:
            case "ok":
                post.note_sent(connection, mailing)
            case "bounced":
                post.note_bounced(connection, mailing, one.reason, now)
            case "failed":
                post.note_failed(connection, mailing, one.reason, now)
