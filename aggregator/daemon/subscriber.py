"""The subscriber at work: hubs are asked to push, leases renewed, and what was pushed is taken in.

The web answers hubs; here is everything that takes time. What was pushed goes the way of polls:
read in the sandbox, judged at the gate, saved in a batch with others.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from datetime import datetime
from typing import Any

from aggregator.config.addresses import is_admitted
from aggregator.daemon.intake import Intake
from aggregator.daemon.poller import utc_now
from aggregator.daemon.steady import surprises
from aggregator.daemon.storethread import StoreThread
from aggregator.deliver.subscriber import ask_hub, is_reachable
from aggregator.http.client import Client
from aggregator.model import Configuration, Failed, FailureKind
from aggregator.model.push import Delivery, Subscription
from aggregator.parse.sandbox import Sandbox
from aggregator.pipeline.decision import Polled
from aggregator.pipeline.polls import read_push
from aggregator.store.engine import Connection
from aggregator.store.push import subscriptions
from aggregator.store.push.inbox import claim_deliveries, is_mail_waiting

log = logging.getLogger("aggregator.push")

#: hubs asked at the same time
ASKED = 16
#: deliveries read at the same time
READ = 16
CLAIM_S = 120


class Subscriber:
    """Keeps our subscriptions, and takes in what they bring."""

    def __init__(
        self,
        store: StoreThread,
        intake: Intake,
        client: Client,
        sandbox: Sandbox,
        configuration: Configuration,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._store, self._intake, self._client, self._sandbox = store, intake, client, sandbox
        self._configuration, self._clock = configuration, clock
        self._running: set[asyncio.Task[None]] = set()
        self._asking: dict[int, Subscription] = {}
        self._reading = 0

    async def follow(self, configuration: Configuration) -> None:
        """Use another configuration from now on: hubs that may not be asked any more are left."""
        self._configuration = configuration
        await self._store.write(subscriptions.plan_anew)
        await self.maintain()

    async def tick(self) -> None:
        """Begin whatever is due now: hubs to ask, deliveries to take in."""
        if self._reading < READ and await self._store.read(is_mail_waiting):
            for delivery in await self._store.write(self._claim_mail):
                self._reading += 1
                self._start(self._read(delivery))
        if len(self._asking) < ASKED and await self._store.read(subscriptions.is_any_due, self._clock()):
            for subscription in await self._store.write(self._claim_due):
                self._asking[subscription.id] = subscription
                self._start(self._attend(subscription))

    async def drain(self) -> None:
        """Abandon requests to hubs, and give back what they held; nothing is lost by it."""
        given_up = tuple(self._asking.values())
        for task in list(self._running):
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)
        await self._store.write(subscriptions.release_subscriptions, given_up)

    async def maintain(self) -> None:
        """Leave the hubs of sources that left."""
        await self._store.write(subscriptions.retire, self._clock(), self.may_ask)

    def may_ask(self, hub: str) -> bool:
        """Tell whether we subscribe at *hub*: it must be wanted, and the hub be able to call us back."""
        match self._configuration.websub.subscribe:
            case "on":
                return True
            case "off":
                return False
            case _:
                admissions = self._configuration.fetch.allow_private
                return is_reachable(self._configuration.site.url) or is_admitted(hub, admissions)

    async def _read(self, delivery: Delivery) -> None:
        try:
            polled = await read_push(delivery, self._sandbox, self._clock())
        except Exception as error:  # the stage's edge: a mistake of ours costs one delivery, by name
            log.exception("push source=%s stage=read", delivery.claim.slug)
            failed = Failed(kind=FailureKind.INTERNAL, reason=f"internal error: {type(error).__name__}")
            polled = Polled(delivery.claim, self._clock(), failed, push_id=delivery.id)
        finally:
            self._reading -= 1
        self._intake.add(polled)

    async def _attend(self, subscription: Subscription) -> None:
        try:
            await self._do_what_is_due(subscription)
        finally:
            self._asking.pop(subscription.id, None)

    async def _do_what_is_due(self, subscription: Subscription) -> None:
        """Ask, renew, or leave."""
        write = self._store.write
        if subscription.state == "asking":
            sent = await ask_hub(self._client, subscription, self._callback(subscription), "subscribe")
            log.info("push asked hub=%s topic=%s outcome=%s reason=%r",
                     subscription.hub, subscription.topic, sent.outcome, sent.reason)  # fmt: skip
            if sent.outcome == "ok":
                await write(subscriptions.note_asked, subscription, self._clock())
            else:
                await write(subscriptions.note_refused, subscription, sent.reason, self._clock(), sent.wait_s)
        elif subscription.state == "leaving":
            if subscription.failures < subscriptions.MOST_FAREWELLS:
                await ask_hub(self._client, subscription, self._callback(subscription), "unsubscribe")
            await write(subscriptions.retry_leaving, subscription, self._clock())
        elif subscription.state == "denied":
            await write(subscriptions.ask_again, subscription, self._clock())
        else:
            await write(subscriptions.renew, subscription, self._clock())

    def _callback(self, subscription: Subscription) -> str:
        return f"{self._configuration.site.url}/websub/{subscription.callback}"

    def _start(self, doing: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(doing)
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        task.add_done_callback(surprises(log, "push"))

    def _claim_mail(self, connection: Connection) -> tuple[Delivery, ...]:
        return claim_deliveries(connection, self._clock(), limit=READ - self._reading, seconds=CLAIM_S)

    def _claim_due(self, connection: Connection) -> tuple[Subscription, ...]:
        now, limit = self._clock(), ASKED - len(self._asking)
        subscriptions.plan_subscriptions(connection, now, self.may_ask)
        return subscriptions.claim_subscriptions(connection, now, limit=limit, seconds=CLAIM_S)
