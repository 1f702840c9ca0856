"""Pushing at the web's side (WebSub): requests to our hub, and what hubs of others send to our callbacks.

A request is looked at, written down and answered; a worker does the rest. Answers are plain
text for whoever wrote the other side. These are the only routes of the web that write.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

from flask import Blueprint, Response, request

from aggregator.deliver.hub_form import HubRefusal, HubWish, read_form
from aggregator.deliver.signature import HEADER, is_signed
from aggregator.http.errors import clean_text
from aggregator.model import FeedHead
from aggregator.model.push import HubRequest
from aggregator.publish.addresses import FORMATS, KINDS, feed_url
from aggregator.store.engine import reading, writing
from aggregator.store.push.hub_requests import add_request
from aggregator.store.push.inbox import find_subscription, keep_delivery
from aggregator.store.push.subscriptions import note_denied, note_verified
from aggregator.web.current import desk, say

hub = Blueprint("hub", __name__)
_TOPIC = re.compile(rf"/({'|'.join(KINDS)})/([\w-]{{1,200}})\.({'|'.join(FORMATS)})\Z")
_LONGEST_TYPE = 200


@hub.post("/hub")
def ask() -> Response:
    """Take a subscriber's request (WebSub §5.1): 202, and its callback is asked soon."""
    if desk().configuration.websub.hub != "builtin":
        return say(404, "There is no hub here.")
    try:
        wish = read_form(request.form.to_dict(flat=False))
        if wish.mode == "publish":
            # our own feeds are watched anyway; those of others are not ours to push
            return say(202, "Our own feeds are pushed when they change.")
        head, suffix = _find_topic(wish.topics[0])
    except HubRefusal as error:
        return say(400, f"{error}.")
    with writing(desk().engine) as connection:
        is_kept = add_request(connection, _request(wish, head, suffix), datetime.now(UTC))
    if not is_kept:
        return say(
            503,
            "Too many callbacks are still to be asked, or yours are many; try later.",
            {"Retry-After": "300"},
        )
    return say(202, "Your callback will be asked in a moment.")


@hub.get("/websub/<callback>")
def verify(callback: str) -> Response:
    """Answer a hub that asks whether we want a subscription, or that denies one (§5.2, §5.3)."""
    said, topic = request.args, request.args.get("hub.topic", "")
    # guesses cost one look-up, and never the lock that writing takes
    with reading(desk().engine) as connection:
        if find_subscription(connection, callback) is None:
            return _unknown()
    with writing(desk().engine) as connection:
        if said.get("hub.mode") == "denied":
            reason = clean_text(said.get("hub.reason", ""), 200)
            is_ours = note_denied(connection, callback, topic, reason, datetime.now(UTC))
            return say(200, "Noted.") if is_ours else _unknown()
        challenge, lease = said.get("hub.challenge", ""), _lease(said.get("hub.lease_seconds", ""))
        # without a challenge there is nothing to confirm with: the hub would take our answer for a no
        is_ours = bool(challenge) and note_verified(
            connection, callback, said.get("hub.mode", ""), topic, lease, datetime.now(UTC)
        )
    return say(200, challenge) if is_ours else _unknown()


@hub.post("/websub/<callback>")
def receive(callback: str) -> Response:
    """Keep what a hub delivers for a worker (§7, §8): 202 at once, nothing is read here."""
    request.max_content_length = desk().configuration.fetch.max_decoded_bytes
    with reading(desk().engine) as connection:
        subscription = find_subscription(connection, callback)
    if subscription is None:
        return _unknown()
    if subscription.state in ("leaving", "denied"):
        return say(410, "This subscription has ended.")
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        return say(415, "Send the content as it is, without Content-Encoding.")
    body = request.get_data(cache=False)
    if not is_signed(subscription.secret, body, request.headers.get(HEADER)):
        return say(403, "The signature is missing or wrong.")
    kind = clean_text(request.headers.get("Content-Type", ""), _LONGEST_TYPE)
    with writing(desk().engine) as connection:
        is_kept = keep_delivery(connection, subscription, body, kind, datetime.now(UTC))
    if not is_kept:
        return say(503, "The inbox is full; try again later.", {"Retry-After": "60"})
    return say(202, "Thank you.")


def _find_topic(topic: str) -> tuple[FeedHead, str]:
    """Return the feed and the format whose own address *topic* is.

    Raises:
        HubRefusal: it is none of ours.
    """
    base = desk().site.url
    named = _TOPIC.match(topic[len(base) :]) if topic.startswith(base) else None
    head = desk().find_head(KINDS[named[1]], named[2]) if named else None
    if named is None or head is None or head.access != "public":
        raise HubRefusal("hub.topic is not the address of a feed of ours (its rel=self)")
    if feed_url(desk().site, head, named[3]) != topic:
        raise HubRefusal(f"hub.topic has moved to {feed_url(desk().site, head, named[3])}")
    return head, named[3]


def _request(wish: HubWish, head: FeedHead, suffix: str) -> HubRequest:
    return HubRequest(
        mode="subscribe" if wish.mode == "subscribe" else "unsubscribe",
        callback=wish.callback,
        topic=wish.topics[0],
        feed_id=head.id,
        suffix=suffix,
        lease_s=wish.lease_s,
        secret=wish.secret,
    )


def _lease(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else None


def _unknown() -> Response:
    return say(404, "Nothing of that kind was asked for.")
