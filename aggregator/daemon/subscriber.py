"""The subscriber at work: hubs are asked to push, leases renewed, and what was pushed is taken in.

The web answers hubs; here is everything that takes time. What was pushed goes the way of polls:
read in the sandbox, judged at the gate, saved in a batch with others.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from typing import Any

from aggregator.config.addresses import is_admitted
from aggregator.daemon.poller import Poller
from aggregator.daemon.steady import surprises
from aggregator.deliver.subscriber import ask_hub, is_reachable
from aggregator.http.client import Client
from aggregator.model import Configuration, Failed, FailureKind
from aggregator.model.push import Delivery, Subscription
from aggregator.parse.sandbox import Sandbox
from aggregator.pipeline import Polled, read_push
from aggregator.store.engine import Engine, reading, writing
from aggregator.store.push import subscriptions as store
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
        engine: Engine,
        poller: Poller,
        client: Client,
        sandbox: Sandbox,
        configuration: Configuration,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._engine, self._poller, self._client, self._sandbox = engine, poller, client, sandbox
        self._configuration, self._clock = configuration, clock
        self._running: set[asyncio.Task[None]] = set()
        self._asking: dict[int, Subscription] = {}
        self._reading = 0

    async def follow(self, configuration: Configuration) -> None:
        """Use another configuration from now on: hubs that may not be asked any more are left."""
        self._configuration = configuration
        await self._poller.in_store(self._plan_anew)

    async def tick(self) -> None:
        """Begin whatever is due now: hubs to ask, deliveries to take in."""
        for delivery in await self._poller.in_store(self._claim_mail):
            self._reading += 1
            self._start(self._read(delivery))
        for subscription in await self._poller.in_store(self._claim_due):
            self._asking[subscription.id] = subscription
            self._start(self._attend(subscription))

    async def drain(self) -> None:
        """Abandon requests to hubs, and give back what they held; nothing is lost by it."""
        for task in list(self._running):
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)
        await self._poller.in_store(self._give_back, tuple(self._asking.values()))

    async def maintain(self) -> None:
        """Leave the hubs of sources that left."""
        await self._poller.in_store(self._retire)

    def may_ask(self, hub: str) -> bool:
        """Say whether we subscribe at *hub*: it must be wanted, and the hub be able to call us back."""
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
        self._poller.bring(polled)

    async def _attend(self, subscription: Subscription) -> None:
        """Do what is due about a subscription: ask, renew, leave."""
        in_store = self._poller.in_store
        if subscription.state == "asking":
            sent = await ask_hub(self._client, subscription, self._callback(subscription), "subscribe")
            log.info("push asked hub=%s topic=%s outcome=%s reason=%r",
                     subscription.hub, subscription.topic, sent.outcome, sent.reason)  # fmt: skip
            await in_store(self._note_sent, subscription, sent.outcome == "ok", sent.reason)
        elif subscription.state == "leaving":
            if subscription.failures < store.MOST_FAREWELLS:
                await ask_hub(self._client, subscription, self._callback(subscription), "unsubscribe")
            await in_store(self._note, store.retry_leaving, subscription)
        elif subscription.state == "denied":
            await in_store(self._note, store.ask_again, subscription)
        else:
            await in_store(self._note, store.renew, subscription)
        self._asking.pop(subscription.id, None)

    def _callback(self, subscription: Subscription) -> str:
        return f"{self._configuration.site.url}/websub/{subscription.callback}"

    def _start(self, doing: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(doing)
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        task.add_done_callback(surprises(log, "push"))

    def _claim_mail(self) -> tuple[Delivery, ...]:
        with reading(self._engine) as connection:
            if self._reading >= READ or not is_mail_waiting(connection):
                return ()
        with writing(self._engine) as connection:
            return claim_deliveries(connection, self._clock(), limit=READ - self._reading, seconds=CLAIM_S)

    def _claim_due(self) -> tuple[Subscription, ...]:
        now = self._clock()
        with reading(self._engine) as connection:
            if len(self._asking) >= ASKED or not store.is_any_due(connection, now):
                return ()
        with writing(self._engine) as connection:
            store.plan_subscriptions(connection, now, self.may_ask)
            limit = ASKED - len(self._asking)
            return store.claim_subscriptions(connection, now, limit=limit, seconds=CLAIM_S)

    def _note(self, what: Callable[..., None], subscription: Subscription) -> None:
        with writing(self._engine) as connection:
            what(connection, subscription, self._clock())

    def _note_sent(self, subscription: Subscription, is_taken: bool, reason: str) -> None:
        with writing(self._engine) as connection:
            if is_taken:
                store.note_asked(connection, subscription, self._clock())
            else:
                store.note_refused(connection, subscription, reason, self._clock())

    def _give_back(self, claimed: tuple[Subscription, ...]) -> None:
        with writing(self._engine) as connection:
            store.release_subscriptions(connection, claimed)

    def _plan_anew(self) -> None:
        with writing(self._engine) as connection:
            store.plan_anew(connection)
        self._retire()

    def _retire(self) -> None:
        with writing(self._engine) as connection:
            store.retire(connection, self._clock(), self.may_ask)
