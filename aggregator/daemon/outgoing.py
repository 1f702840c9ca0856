"""What goes out by itself: editions whose time has come, messages, and calls of webhooks.

Looks into the store every few seconds; what is to be done is claimed there, so any number of
workers share it and none of it is done twice. Mail is handed over in a thread, webhooks are called
on the event loop through the guarded client.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from aggregator.config.cron import last_time, parse_cron
from aggregator.curate.arrange import arrange
from aggregator.curate.rewrite import compile_rewrites, rewrite
from aggregator.deliver.hub import Sent
from aggregator.deliver.mail import Handed, Letter, hand_over, write_letter
from aggregator.deliver.webhook import call
from aggregator.editions import looks_of, rewritten
from aggregator.http.client import Client
from aggregator.issuing import has_issue
from aggregator.model import ArticleState, Configuration, Edition, FeedHead, Item
from aggregator.model.outgoing import Call, Mailing, Newsletter, Webhook
from aggregator.publish.addresses import newsletter_url
from aggregator.publish.calls import render_call
from aggregator.publish.digest import digest, question
from aggregator.publish.headlines import moment, zone_of
from aggregator.publish.outgoing import stricter
from aggregator.store.articles.recall import find_article
from aggregator.store.engine import Engine, reading, writing
from aggregator.store.feeds.placements import find_feed, read_placed
from aggregator.store.outgoing import newsletters as post
from aggregator.store.outgoing import webhooks as hooks
from aggregator.store.outgoing.entered import entered_between
from aggregator.store.sources.cards import load_cards

log = logging.getLogger("aggregator.outgoing")
T = TypeVar("T")

#: how often the worker looks, in seconds: how late a newsletter or a webhook may be
OUTGOING_S = 5.0
#: an edition that is so late is not sent any more: nobody wants the morning paper at night
LATEST = timedelta(hours=12)
#: articles in an edition, messages in one conversation, webhooks called at once
ARTICLES, LETTERS, CALLS = 30, 10, 20
#: articles that entered since the edition before, among which copies are joined, newest first
CONSIDERED = 5000
#: a webhook call outlives no claim
CLAIM_S = 120


class Outgoing:
    """Sends what is due, each time it is asked to."""

    def __init__(
        self,
        engine: Engine,
        client: Client,
        in_store: Callable[..., Awaitable[Any]],
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Args:
        in_store: runs a call on the thread that speaks SQL.
        """
        self._engine, self._client, self._in_store, self._clock = engine, client, in_store, clock

    async def mail(self, configuration: Configuration) -> None:
        """Send the messages that are due now."""
        if configuration.mail is not None:
            await self._in_store(self._begin_editions, configuration)
            while await self._send_letters(configuration):
                pass

    async def tell(self, configuration: Configuration) -> None:
        """Tell webhooks what is due now."""
        if configuration.webhooks:
            await self._in_store(self._note_entered, configuration)
            await self._call_webhooks(configuration)

    def _begin_editions(self, configuration: Configuration) -> None:
        now, zone = self._clock(), zone_of(configuration.site.timezone)
        for newsletter in configuration.newsletters:
            due_at = last_time(parse_cron(newsletter.schedule), now, zone)
            if due_at is None or self._is_made(newsletter, due_at):
                continue
            with writing(self._engine) as connection:
                head = find_feed(connection, "feed", newsletter.feed)
                recipients = newsletter.recipients if now - due_at < LATEST else ()
                # the issue of this very minute may be in another worker's hands still
                if head and not has_issue(connection, head, due_at, configuration.site.timezone):
                    continue
                if head and post.begin_edition(connection, newsletter.slug, head, recipients, due_at, now):
                    log.info("newsletter=%s edition=%s begins", newsletter.slug, due_at.isoformat())

    def _is_made(self, newsletter: Newsletter, due_at: datetime) -> bool:
        with reading(self._engine) as connection:
            return post.has_edition(connection, newsletter.slug, due_at, self._clock())

    async def _send_letters(self, configuration: Configuration) -> int:
        """Send the next messages; return how many were claimed."""
        mail = configuration.mail
        assert mail is not None
        mailings = await self._in_store(self._claim_mailings)
        if not mailings:
            return 0
        known = {newsletter.slug: newsletter for newsletter in configuration.newsletters}
        wanted = [one for one in mailings if one.newsletter in known]
        letters = await self._in_store(self._write_letters, configuration, known, wanted)
        handed = await asyncio.to_thread(hand_over, mail, letters)
        await self._in_store(self._note_handed, wanted, handed)
        return len(mailings)

    def _claim_mailings(self) -> tuple[Mailing, ...]:
        with writing(self._engine) as connection:
            return post.claim_mailings(connection, self._clock(), LETTERS)

    def _write_letters(
        self, configuration: Configuration, known: dict[str, Newsletter], mailings: Sequence[Mailing]
    ) -> list[Letter]:
        items: dict[tuple[str, int, int], tuple[Item, ...]] = {}
        for one in mailings:
            key = (one.newsletter, one.since, one.until)
            if one.due_at is not None and key not in items:
                items[key] = self._items(configuration, known[one.newsletter].feed, one.since, one.until)
        return [
            self._letter(
                configuration,
                known[one.newsletter],
                one,
                items.get((one.newsletter, one.since, one.until), ()),
            )
            for one in mailings
        ]

    def _letter(
        self, configuration: Configuration, newsletter: Newsletter, mailing: Mailing, items: tuple[Item, ...]
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
            message = digest(site, newsletter.title, moment(mailing.due_at, site), items, leave)
        host = site.url.partition("://")[2].partition("/")[0].partition(":")[0]
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

    def _items(self, configuration: Configuration, feed: str, since: int, until: int) -> tuple[Item, ...]:
        with reading(self._engine) as connection:
            head = find_feed(connection, "feed", feed)
            if head is None:
                return ()
            wanted = entered_between(connection, head, since, until, CONSIDERED)
            fresh = read_placed(connection, head, wanted)
        looks, site = looks_of(configuration), configuration.site
        # copies joined, sources capped and the best first, as the feed does
        shown = arrange(replace(head, limit=ARTICLES), fresh, site.timezone, glossary=looks.glossary)
        told = rewritten(Edition(site, head, shown), looks)
        return tuple(_within(head, item) for item in told.items)

    def _note_handed(self, mailings: Sequence[Mailing], handed: Sequence[Handed]) -> None:
        now = self._clock()
        with writing(self._engine) as connection:
            for mailing, one in zip(mailings, handed, strict=True):
                match one.outcome:
                    case "ok":
                        post.note_sent(connection, mailing)
                    case "bounced":
                        post.note_bounced(connection, mailing, one.reason, now)
                    case "failed":
                        post.note_failed(connection, mailing, one.reason, now)
        for mailing, one in zip(mailings, handed, strict=True):
            if one.reason:
                log.warning("newsletter=%s outcome=%s reason=%r", mailing.newsletter, one.outcome, one.reason)

    def _note_entered(self, configuration: Configuration) -> None:
        for webhook in configuration.webhooks:
            with writing(self._engine) as connection:
                head = find_feed(connection, "feed", webhook.feed)
                if head is not None:
                    hooks.note_entered(connection, webhook.slug, head, self._clock())

    async def _call_webhooks(self, configuration: Configuration) -> None:
        known = {webhook.slug: webhook for webhook in configuration.webhooks}
        calls = await self._in_store(self._claim_calls)
        lanes: dict[str, list[Call]] = defaultdict(list)
        for one in calls:
            lanes[one.webhook].append(one)
        await asyncio.gather(
            *(self._call_each(configuration, known.get(slug), lane) for slug, lane in lanes.items())
        )

    def _claim_calls(self) -> tuple[Call, ...]:
        with writing(self._engine) as connection:
            return hooks.claim_calls(connection, self._clock(), limit=CALLS, seconds=CLAIM_S)

    async def _call_each(
        self, configuration: Configuration, webhook: Webhook | None, calls: Sequence[Call]
    ) -> None:
        """Make one webhook's calls, one after the other, in the order its articles came."""
        for one in calls:
            item = await self._in_store(self._find_item, configuration, webhook, one) if webhook else None
            if webhook is None or item is None:
                called = Sent("refused", "there is nothing to tell any more")
            else:
                body = render_call(webhook, item, configuration.site)
                called = await call(self._client, webhook, body, f"{one.webhook}-{one.article_id}")
            await self._in_store(self._note_called, one, called)

    def _find_item(self, configuration: Configuration, webhook: Webhook, one: Call) -> Item | None:
        with reading(self._engine) as connection:
            head = find_feed(connection, "feed", webhook.feed)
            article = find_article(connection, one.article_id)
            if head is None or article is None or article.state is not ArticleState.OUT:
                return None
            card = load_cards(connection, [article.source_id])[article.source_id]
            (item,) = rewrite([Item(article, card, 0)], compile_rewrites(configuration))
            return _within(head, item)

    def _note_called(self, one: Call, called: Sent) -> None:
        with writing(self._engine) as connection:
            if called.outcome == "failed":
                goes_on = hooks.note_refused(connection, one, called.reason, self._clock())
            else:
                hooks.note_delivered(connection, one)
                goes_on = False
        if called.reason:
            log.warning("webhook=%s goes_on=%s reason=%r", one.webhook, goes_on, called.reason)


def _within(head: FeedHead, item: Item) -> Item:
    """Return *item* as much as the feed may say of it."""
    return replace(item, source=replace(item.source, content=stricter(head, item.source)))
