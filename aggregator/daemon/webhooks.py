"""Webhooks are called: each is told of every entry that came into its feed, in the order of their coming.

Looks into the store every few seconds; deliveries are claimed there, so any number of workers share them.
They are made on the event loop through the guarded client.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime

from aggregator.curate.rewrite import compile_rewrites, rewrite
from aggregator.daemon.poller import utc_now
from aggregator.daemon.storethread import StoreThread
from aggregator.deliver.hub import Sent
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

#: webhooks called at once
CALLS = 20
#: a claim outlives every call
CLAIM_S = 120


class Webhooks:
    """Makes the deliveries that are due, each time it is asked to."""

    def __init__(self, store: StoreThread, client: Client, clock: Callable[[], datetime] = utc_now) -> None:
        self._store, self._client, self._clock = store, client, clock

    async def call_due(self, configuration: Configuration) -> None:
        """Note what entered the feeds of webhooks since, and make the calls that are due."""
        if configuration.webhooks:
            for webhook in configuration.webhooks:
                await self._store.write(_note_entered, webhook, self._clock())
            await self._call_webhooks(configuration)

    async def _call_webhooks(self, configuration: Configuration) -> None:
        known = {webhook.slug: webhook for webhook in configuration.webhooks}
        calls = await self._store.write(hooks.claim_calls, self._clock(), limit=CALLS, seconds=CLAIM_S)
        lanes: dict[str, list[Call]] = defaultdict(list)
        for one in calls:
            lanes[one.webhook].append(one)
        await asyncio.gather(
            *(self._call_each(configuration, known.get(slug), lane) for slug, lane in lanes.items())
        )

    async def _call_each(
        self, configuration: Configuration, webhook: Webhook | None, calls: Sequence[Call]
    ) -> None:
        """Make one webhook's calls, one after the other, in the order its articles came."""
        for one in calls:
            item = await self._store.read(_find_item, configuration, webhook, one) if webhook else None
            if webhook is None or item is None:
                called = Sent("refused", "there is nothing to tell any more")
            else:
                body = render_call(webhook, item, configuration.site)
                called = await call(self._client, webhook, body, f"{one.webhook}-{one.article_id}")
            goes_on = await self._store.write(_note_called, one, called, self._clock())
            if called.reason:
                log.warning("webhook=%s goes_on=%s reason=%r", one.webhook, goes_on, called.reason)


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
    (item,) = rewrite([Item(article, card, 0)], compile_rewrites(configuration))
    return within_rights(head, item)


def _note_called(connection: Connection, one: Call, called: Sent, now: datetime) -> bool:
    """Note what came of a call; tell whether it is made again."""
    if called.outcome == "failed":
        return hooks.note_refused(connection, one, called.reason, now)
    hooks.note_delivered(connection, one)
    return False
