"""A new entry in, the JSON that a webhook is sent out: plain, or as ntfy, Slack and Discord want it."""

from __future__ import annotations

from typing import Any

import orjson

from aggregator.model import Item, Site
from aggregator.model.outgoing import Webhook
from aggregator.publish.addresses import article_url
from aggregator.publish.headlines import item_headline

#: the longest text that Discord takes
_DISCORD_CHARS = 1900


def render_call(webhook: Webhook, item: Item, site: Site) -> bytes:
    """Return the JSON that *webhook* is sent for *item*."""
    one, page = item_headline(item, site), article_url(site, item.article.id)
    link = one.link if one.link.startswith("http") else page
    said: dict[str, Any]
    match webhook.shape:
        case "json":
            entry = item.article.entry
            said = {
                "feed": webhook.feed,
                "id": item.article.published_id,
                "title": one.title,
                "url": link,
                "page": page,
                "source": one.source,
                "authors": [author.name for author in one.authors],
                "summary": one.excerpt,
                "published": one.at.iso,
                "image": one.image,
                "language": one.language,
                "topics": list(item.article.topics),
                "categories": [category.term for category in entry.categories],
            }
        case "ntfy":
            topic = webhook.url.rstrip("/").rpartition("/")[2]
            said = {"topic": topic, "title": one.title, "message": one.excerpt or one.source, "click": link}
        case "slack":
            text = "".join({"&": "&amp;", "<": "&lt;", ">": "&gt;"}.get(char, char) for char in one.title)
            said = {"text": f"<{link.replace('>', '%3E').replace('|', '%7C')}|{text}> ({one.source})"}
        case "discord":
            address = link if len(link) < _DISCORD_CHARS // 2 else page
            text = f"**{one.title}** ({one.source})"[: _DISCORD_CHARS - len(address)]
            said = {"content": f"{text}\n{address}", "allowed_mentions": {"parse": []}}
    return orjson.dumps(said)
