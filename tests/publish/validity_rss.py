"""An RSS 2.0 document in, everything a feed validator would say of it out."""

from __future__ import annotations

import re
from typing import Any

from tests.publish.validity_history import check_history
from tests.publish.validity_parts import (
    ATOM,
    CONTENT,
    DC,
    ITUNES,
    MAILBOX,
    MEDIA,
    RFC822,
    at_most_once,
    date,
    html,
    languages,
    media,
    media_type,
    once,
    parse_xml,
    texts,
    unique,
    web,
)


def check_rss(body: bytes) -> list[str]:
    """Check an RSS 2.0 document against the specification and the RSS Board's profile."""
    rss = parse_xml(body)
    if rss.tag != "rss" or rss.get("version") != "2.0" or len(rss) != 1:
        return [f"the root is {rss.tag} {rss.get('version')}"]
    channel = rss[0]
    found = [*once(channel, "channel", "title", "link", "description", "language", "generator", "ttl")]
    found += at_most_once(
        channel, "channel", "lastBuildDate", "pubDate", "copyright", "image", f"{ITUNES}explicit"
    )
    found += texts(channel, "channel", "title", "link", "description") + web(
        channel.findtext("link"), "channel link"
    )
    found += languages(channel) + _explicit(channel, "channel")
    if not re.match(r"\d+\Z", channel.findtext("ttl") or ""):
        found.append("channel: ttl is no number of minutes")
    if channel.find("lastBuildDate") is not None:
        found += date(channel.findtext("lastBuildDate"), RFC822, "lastBuildDate")
    own = [link for link in channel.findall(f"{ATOM}link") if link.get("rel") == "self"]
    found += (
        [f"channel: {len(own)} atom:link rel=self"] if len(own) != 1 else web(own[0].get("href"), "self link")
    )
    for name in ("textInput", "cloud", "managingEditor", "webMaster"):
        found += [f"channel: {name} is not for us"] if channel.find(name) is not None else []
    for image in channel.findall("image"):
        found += once(image, "image", "url", "title", "link") + web(image.findtext("url"), "image url")
    items = channel.findall("item")
    found += unique((item.findtext("guid") for item in items), "guid")
    found += check_history(channel, {item.findtext("guid") for item in items})
    for title in re.findall(rb"<title>(.*?)</title>", body, re.DOTALL):
        found += [f"title {title!r} in named references"] if b"&amp;" in title or b"&lt;" in title else []
    for number, item in enumerate(items):
        found += _rss_item(item, f"item {number}")
    return found


def _rss_item(item: Any, where: str) -> list[str]:
    found = [*once(item, where, "title", "link", "guid", "pubDate")]
    found += at_most_once(
        item, where, "description", CONTENT, "enclosure", "author", "comments", "source", f"{ITUNES}duration",
        f"{ITUNES}explicit", f"{ITUNES}image", f"{MEDIA}thumbnail", f"{DC}language", f"{DC}rights",
    )  # fmt: skip
    found += texts(item, where, "title", "link", "guid") + web(item.findtext("link"), f"{where} link")
    found += date(item.findtext("pubDate"), RFC822, f"{where} pubDate") + _explicit(item, where)
    guid = item.find("guid")
    if guid is not None and guid.get("isPermaLink") not in ("true", "false"):
        found.append(f"{where}: guid does not say whether it is a permalink")
    elif guid is not None and guid.get("isPermaLink") == "true":
        found += web(guid.text, f"{where} permalink")
    found += _rss_texts(item, where) + media(item, where) + _rss_people(item, where)
    for enclosure in item.findall("enclosure"):
        found += web(enclosure.get("url"), f"{where} enclosure") + media_type(
            enclosure.get("type"), f"{where} enclosure"
        )
        found += [] if (enclosure.get("length") or "").isdigit() else [f"{where}: enclosure without length"]
    for source in item.findall("source"):
        found += web(source.get("url"), f"{where} source") + (
            [] if source.text else [f"{where}: source without name"]
        )
    return found


def _rss_texts(item: Any, where: str) -> list[str]:
    found, names = [], [child.tag for child in item]
    description, encoded = item.findtext("description"), item.findtext(CONTENT)
    if encoded is not None:
        if description is None or names.index("description") > names.index(CONTENT):
            found.append(f"{where}: content:encoded without a description before it")
        elif len(description) >= len(encoded):
            found.append(f"{where}: the description is not shorter than content:encoded")
    return found + html(description, f"{where} description") + html(encoded, f"{where} content")


def _rss_people(item: Any, where: str) -> list[str]:
    author, creators = item.findtext("author"), item.findall(f"{DC}creator")
    found = (
        [f"{where}: author {author!r} is no address"]
        if author is not None and not MAILBOX.match(author)
        else []
    )
    found += [f"{where}: both author and dc:creator"] if author is not None and creators else []
    found += [f"{where}: nobody wrote it"] if author is None and not creators else []
    return found + [f"{where}: dc:creator without a name" for one in creators if not (one.text or "").strip()]


def _explicit(parent: Any, where: str) -> list[str]:
    values = [element.text for element in parent.findall(f"{ITUNES}explicit")]
    return [f"{where}: itunes:explicit is {value!r}" for value in values if value not in ("true", "false")]
