"""Webhooks are called: each is told of every entry that came into its feed, in the order of their coming.

Looks into the store every few seconds; deliveries are claimed there, so any number of workers share them.
They are made on the event loop through the guarded client.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from aggregator.curate.rewrite import looks_of, rewrite
from aggregator.daemon.poller import utc_now
from aggregator.daemon.storethread import StoreThread
from aggregator.deliver.hub import LONGEST_WAIT_S, Sent
from aggregator.deliver.webhook import call
from aggregator.http.client import Client
from aggregator.model import ArticleState, Configuration, Item
from aggregator.model.outgoing import Call, Webhook
from aggregator.publish.calls import render_call
from aggregator.publish.outgoing import within_rights
from aggregator.store.articles.recall import find_article
from aggregator.store.engine import Connection
from aggregator.store.feeds.heads import find_feed
from aggregator.store.outgoing import webhooks as hooks
from aggregator.store.sources.cards import load_cards

log = logging.getLogger("aggregator.outgoing")

#: one webhook is called so long in a turn, in seconds; the others wait for the end of the turn
TURN_S = 10.0
#: a call waits for its turn at its host, and is answered, within so many seconds; its claim outlives it
CALL_S, CLAIM_S = 240.0, 300.0


class Webhooks:
    """Makes the deliveries that are due, each time it is asked to."""

    def __init__(self, store: StoreThread, client: Client, clock: Callable[[], datetime] = utc_now) -> None:
        self._store, self._client, self._clock = store, client, clock
        #: until when a webhook wishes to be left alone, by slug
        self._quiet_until: dict[str, datetime] = {}

    async def call_due(self, configuration: Configuration) -> None:
        """Note what entered the feeds of webhooks since, and make the calls that are due."""
        if configuration.webhooks:
            known = [webhook.slug for webhook in configuration.webhooks]
            await self._store.write(hooks.forget_calls, known)
            await asyncio.gather(
                *(self._attend(configuration, webhook) for webhook in configuration.webhooks)
            )

    async def _attend(self, configuration: Configuration, webhook: Webhook) -> None:
        """Call one webhook, until it was told everything, the turn is over, or it does not take a call."""
        write, loop = self._store.write, asyncio.get_running_loop()
        await write(_note_entered, webhook, self._clock())
        quiet_s = (self._quiet_until.get(webhook.slug, self._clock()) - self._clock()).total_seconds()
        if 0 < quiet_s <= LONGEST_WAIT_S:  # what is further off was told by a clock that was set back since
            return
        end = loop.time() + TURN_S
        while loop.time() < end:
            one = await write(hooks.claim_call, webhook.slug, self._clock(), seconds=CLAIM_S)
            if one is None:
                return
            called = await self._call(configuration, webhook, one)
            goes_on = await write(_note_called, one, called, self._clock())
            if called.reason:
                log.warning("webhook=%s goes_on=%s reason=%r", one.webhook, goes_on, called.reason)
            if called.wait_s:
                self._quiet_until[webhook.slug] = self._clock() + timedelta(seconds=called.wait_s)
            if goes_on:
                return

    async def _call(self, configuration: Configuration, webhook: Webhook, one: Call) -> Sent:
        item = await self._store.read(_find_item, configuration, webhook, one)
        if item is None:
            return Sent("refused", "there is nothing to tell any more")
        body = render_call(webhook, item, configuration.site)
        try:
            async with asyncio.timeout(CALL_S):
                return await call(self._client, webhook, body, f"{one.webhook}-{one.article_id}")
        except TimeoutError:
            return Sent("failed", f"no answer within {CALL_S:.0f} s, with the wait for a turn at its host")


def _note_entered(connection: Connection, webhook: Webhook, now: datetime) -> None:
    head = find_feed(connection, "feed", webhook.feed)
    if head is not None:
        hooks.note_entered(connection, webhook.slug, head, now)


def _find_item(
    connection: Connection, configuration: Configuration, webhook: Webhook, one: Call
) -> Item | None:
    head = find_feed(connection, "feed", webhook.feed)
    article = find_article(connection, one.article_id)
    if head is None or article is None or article.state is not ArticleState.OUT:
        return None
    card = load_cards(connection, [article.source_id])[article.source_id]
    item = rewrite(Item(article, card, 0), looks_of(configuration))
    return within_rights(head, item)


def _note_called(connection: Connection, one: Call, called: Sent, now: datetime) -> bool:
    """Note what came of a call; tell whether it is made again."""
    if called.outcome == "failed":
        return hooks.note_refused(connection, one, called.reason, now, called.wait_s)
    hooks.note_delivered(connection, one)
    return False
