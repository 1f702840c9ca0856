"""A webhook and what it is told in, one POST through the guarded client, what became of it out.

With a secret, ``X-Signature: sha256=…`` is the HMAC of the body.
"""

from __future__ import annotations

from aggregator.deliver.hub import Sent, post
from aggregator.deliver.signature import sign
from aggregator.http.client import Client
from aggregator.model.outgoing import Webhook

SIGNATURE = "X-Signature"
#: tells one delivery from another; the same for every attempt
DELIVERY = "X-Delivery"


async def call(client: Client, webhook: Webhook, body: bytes, delivery: str) -> Sent:
    """Send *body* to *webhook*; nothing is raised for what the other side does."""
    headers = [(DELIVERY, delivery)]
    if webhook.secret:
        headers.append((SIGNATURE, sign(webhook.secret, body)))
    return await post(client, call_url(webhook), body, "application/json", tuple(headers))


def call_url(webhook: Webhook) -> str:
    """Return where to post: ntfy takes JSON at its root only, with the topic inside."""
    if webhook.shape == "ntfy":
        return webhook.url.rstrip("/").rpartition("/")[0] + "/"
    return webhook.url
