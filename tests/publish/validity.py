"""Our own strict validator of what we publish: each function returns every complaint, empty if none.

It reads the bytes with plain parsers and knows nothing of the code that wrote them.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import lxml.html
from lxml import etree

ATOM = "{http://www.w3.org/2005/Atom}"
CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"
DC = "{http://purl.org/dc/elements/1.1/}"
ITUNES = "{http://www.itunes.com/dtds/podcast-1.0.dtd}"
MEDIA = "{http://search.yahoo.com/mrss/}"
XML = "{http://www.w3.org/XML/1998/namespace}"
RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)\Z")
RFC822 = re.compile(
    r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} "
    r"\d\d:\d\d:\d\d ([+-]\d{4}|GMT)\Z"
)
IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]+\Z")
MEDIA_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]+/[a-z0-9!#$&^_.+-]+\Z")
LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*\Z")
MAILBOX = re.compile(r"[^\s()<>]+@[^\s()<>]+( \(.+\))?\Z")
URL_ATTRIBUTES = ("href", "src", "poster", "cite", "action", "data")
FORBIDDEN_TAGS = ("script", "iframe", "object", "embed", "form", "input", "style", "link", "meta", "base")


def check(body: bytes, media_type: str) -> list[str]:
    """Return the complaints about a document of one of the published media types."""
    checkers = {
        "application/atom+xml": check_atom,
        "application/rss+xml": check_rss,
        "application/feed+json": check_json,
        "text/x-opml": check_opml,
    }
    return checkers[media_type.partition(";")[0]](body)


def check_atom(body: bytes) -> list[str]:
    """Check an Atom feed document (RFC 4287 §4.1.1)."""
    feed = _xml(body)
    if feed.tag != f"{ATOM}feed":
        return [f"the root is {feed.tag}"]
    found = [*_once(feed, "feed", *(f"{ATOM}{name}" for name in ("id", "title", "updated")))]
    found += _at_most_once(
        feed, "feed", *(f"{ATOM}{name}" for name in ("subtitle", "rights", "icon", "logo", "generator"))
    )
    found += _texts(feed, "feed", f"{ATOM}title", f"{ATOM}id", f"{ATOM}generator")
    found += _iri(feed.findtext(f"{ATOM}id"), "feed id") + _date(
        feed.findtext(f"{ATOM}updated"), RFC3339, "feed updated"
    )
    found += _atom_links(feed, "feed")
    rels = [link.get("rel", "alternate") for link in feed.findall(f"{ATOM}link")]
    found += [f"feed: {rels.count('self')} links rel=self"] if rels.count("self") != 1 else []
    found += ["feed: no link to its page"] if "alternate" not in rels else []
    found += _languages(feed)
    if XML + "lang" not in feed.attrib:
        found.append("feed: no xml:lang")
    entries = feed.findall(f"{ATOM}entry")
    found += _unique((entry.findtext(f"{ATOM}id") for entry in entries), "entry id")
    names = [child.tag for child in feed]
    if f"{ATOM}entry" in names and any(
        name != f"{ATOM}entry" for name in names[names.index(f"{ATOM}entry") :]
    ):
        found.append("feed: something follows the entries")
    for number, entry in enumerate(entries):
        found += _atom_entry(entry, f"entry {number}", has_feed_author=feed.find(f"{ATOM}author") is not None)
    return found


def _atom_entry(entry: Any, where: str, *, has_feed_author: bool) -> list[str]:
    found = [*_once(entry, where, *(f"{ATOM}{name}" for name in ("id", "title", "updated", "source")))]
    found += _at_most_once(
        entry, where, *(f"{ATOM}{name}" for name in ("published", "summary", "content", "rights"))
    )
    found += _texts(entry, where, f"{ATOM}title", f"{ATOM}id")
    found += _iri(entry.findtext(f"{ATOM}id"), f"{where} id")
    for name in ("published", "updated"):
        found += _date(entry.findtext(f"{ATOM}{name}"), RFC3339, f"{where} {name}")
    published, updated = entry.findtext(f"{ATOM}published"), entry.findtext(f"{ATOM}updated")
    if published and updated and updated < published:
        found.append(f"{where}: updated before it was published")
    found += _atom_links(entry, where)
    rels = [link.get("rel", "alternate") for link in entry.findall(f"{ATOM}link")]
    if entry.find(f"{ATOM}content") is None and "alternate" not in rels:
        found.append(f"{where}: neither content nor alternate link")
    for name in ("content", "summary", "title", "rights"):
        for element in entry.findall(f"{ATOM}{name}"):
            if element.get("type", "text") not in ("text", "html"):
                found.append(f"{where}: {name} of type {element.get('type')}")
            if element.get("type") == "html":
                found += _html(element.text, f"{where} {name}")
            elif name in ("content", "summary"):
                found.append(f"{where}: {name} does not say that it is HTML")
    found += _atom_people(entry, where, has_author=has_feed_author or bool(entry.findall(f".//{ATOM}author")))
    found += _atom_source(entry.find(f"{ATOM}source"), where) + _media(entry, where)
    for category in entry.findall(f"{ATOM}category"):
        found += [] if category.get("term") else [f"{where}: category without term"]
        found += _iri(category.get("scheme", "urn:x"), f"{where} category scheme")
    return found


def _atom_source(source: Any, where: str) -> list[str]:
    if source is None:
        return []
    where = f"{where} source"
    found = [*_once(source, where, *(f"{ATOM}{name}" for name in ("id", "title", "updated")))]
    found += _texts(source, where, f"{ATOM}id", f"{ATOM}title") + _iri(
        source.findtext(f"{ATOM}id"), f"{where} id"
    )
    found += _date(source.findtext(f"{ATOM}updated"), RFC3339, f"{where} updated") + _atom_links(
        source, where
    )
    found += _atom_people(source, where, has_author=source.find(f"{ATOM}author") is not None)
    if not any(link.get("rel") == "self" for link in source.findall(f"{ATOM}link")):
        found.append(f"{where}: no link to the feed itself")
    return found


def _atom_people(parent: Any, where: str, *, has_author: bool) -> list[str]:
    found = [] if has_author else [f"{where}: no author"]
    for person in parent.findall(f"{ATOM}author"):
        found += [] if (person.findtext(f"{ATOM}name") or "").strip() else [f"{where}: author without name"]
        uri = person.findtext(f"{ATOM}uri")
        found += _web(uri, f"{where} author uri") if uri is not None else []
    return found


def _atom_links(parent: Any, where: str) -> list[str]:
    found, links = [], parent.findall(f"{ATOM}link")
    for link in links:
        found += _web(link.get("href"), f"{where} link")
        found += _type(link.get("type"), f"{where} link") if link.get("type") is not None else []
        if link.get("length") is not None and not link.get("length").isdigit():
            found.append(f"{where}: length {link.get('length')!r}")
    alternates = [
        (ln.get("type"), ln.get("hreflang")) for ln in links if ln.get("rel", "alternate") == "alternate"
    ]
    found += _unique(map(str, alternates), f"{where} alternate link of one type")
    return found + _unique((str(sorted(link.attrib.items())) for link in links), f"{where} link")


def check_rss(body: bytes) -> list[str]:
    """Check an RSS 2.0 document against the specification and the RSS Board's profile."""
    rss = _xml(body)
    if rss.tag != "rss" or rss.get("version") != "2.0" or len(rss) != 1:
        return [f"the root is {rss.tag} {rss.get('version')}"]
    channel = rss[0]
    found = [*_once(channel, "channel", "title", "link", "description", "language", "generator", "ttl")]
    found += _at_most_once(
        channel, "channel", "lastBuildDate", "pubDate", "copyright", "image", f"{ITUNES}explicit"
    )
    found += _texts(channel, "channel", "title", "link", "description") + _web(
        channel.findtext("link"), "channel link"
    )
    found += _languages(channel) + _explicit(channel, "channel")
    if not re.match(r"\d+\Z", channel.findtext("ttl") or ""):
        found.append("channel: ttl is no number of minutes")
    if channel.find("lastBuildDate") is not None:
        found += _date(channel.findtext("lastBuildDate"), RFC822, "lastBuildDate")
    own = [link for link in channel.findall(f"{ATOM}link") if link.get("rel") == "self"]
    found += (
        [f"channel: {len(own)} atom:link rel=self"]
        if len(own) != 1
        else _web(own[0].get("href"), "self link")
    )
    for name in ("textInput", "cloud", "managingEditor", "webMaster"):
        found += [f"channel: {name} is not for us"] if channel.find(name) is not None else []
    for image in channel.findall("image"):
        found += _once(image, "image", "url", "title", "link") + _web(image.findtext("url"), "image url")
    items = channel.findall("item")
    found += _unique((item.findtext("guid") for item in items), "guid")
    for title in re.findall(rb"<title>(.*?)</title>", body, re.DOTALL):
        found += [f"title {title!r} in named references"] if b"&amp;" in title or b"&lt;" in title else []
    for number, item in enumerate(items):
        found += _rss_item(item, f"item {number}")
    return found


def _rss_item(item: Any, where: str) -> list[str]:
    found = [*_once(item, where, "title", "link", "guid", "pubDate")]
    found += _at_most_once(
        item, where, "description", CONTENT, "enclosure", "author", "comments", "source", f"{ITUNES}duration",
        f"{ITUNES}explicit", f"{ITUNES}image", f"{MEDIA}thumbnail", f"{DC}language", f"{DC}rights",
    )  # fmt: skip
    found += _texts(item, where, "title", "link", "guid") + _web(item.findtext("link"), f"{where} link")
    found += _date(item.findtext("pubDate"), RFC822, f"{where} pubDate") + _explicit(item, where)
    guid = item.find("guid")
    if guid is not None and guid.get("isPermaLink") not in ("true", "false"):
        found.append(f"{where}: guid does not say whether it is a permalink")
    elif guid is not None and guid.get("isPermaLink") == "true":
        found += _web(guid.text, f"{where} permalink")
    found += _rss_texts(item, where) + _media(item, where) + _rss_people(item, where)
    for enclosure in item.findall("enclosure"):
        found += _web(enclosure.get("url"), f"{where} enclosure") + _type(
            enclosure.get("type"), f"{where} enclosure"
        )
        found += [] if (enclosure.get("length") or "").isdigit() else [f"{where}: enclosure without length"]
    for source in item.findall("source"):
        found += _web(source.get("url"), f"{where} source") + (
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
    return found + _html(description, f"{where} description") + _html(encoded, f"{where} content")


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


def _media(parent: Any, where: str) -> list[str]:
    found = []
    for group in parent.findall(f"{MEDIA}group"):
        if len(group.findall(f"{MEDIA}content")) < 2:
            found.append(f"{where}: media:group of fewer than two")
    for element in parent.iter(f"{MEDIA}content", f"{MEDIA}thumbnail"):
        found += _web(element.get("url"), f"{where} {element.tag}")
    return found


def check_json(body: bytes) -> list[str]:
    """Check a JSON Feed 1.1 document."""
    feed = json.loads(body)
    found = [] if feed.get("version") == "https://jsonfeed.org/version/1.1" else ["wrong version"]
    found += [f"feed: no {name}" for name in ("title", "items", "authors", "language") if name not in feed]
    for name in ("home_page_url", "feed_url"):
        found += _web(feed.get(name), f"feed {name}")
    found += _web(feed["icon"], "feed icon") if "icon" in feed else []
    if feed.get("next_url") is not None and feed["next_url"] == feed.get("feed_url"):
        found.append("next_url is the document itself")
    found += _json_blanks(feed, "feed") + _json_people(feed, "feed")
    found += _unique((item.get("id") for item in feed["items"]), "item id")
    for number, item in enumerate(feed["items"]):
        found += _json_item(item, f"item {number}")
    return found


def _json_item(item: Any, where: str) -> list[str]:
    found = [] if isinstance(item.get("id"), str) and item["id"] else [f"{where}: id is no string"]
    found += _web(item.get("url"), f"{where} url") + _json_people(item, where) + _json_blanks(item, where)
    if not isinstance(item.get("content_html", item.get("content_text")), str):
        found.append(f"{where}: neither content_html nor content_text")
    found += _html(item.get("content_html"), where)
    for name in ("date_published", "date_modified"):
        found += _date(item[name], RFC3339, f"{where} {name}") if name in item else []
    for name in ("image", "external_url", "banner_image"):
        found += _web(item[name], f"{where} {name}") if name in item else []
    if "language" in item and not LANGUAGE.match(item["language"]):
        found.append(f"{where}: language {item['language']!r}")
    if not all(isinstance(tag, str) and tag for tag in item.get("tags", [])):
        found.append(f"{where}: tags {item['tags']!r}")
    for attachment in item.get("attachments", []):
        found += _web(attachment.get("url"), f"{where} attachment")
        found += _type(attachment.get("mime_type"), f"{where} attachment")
        sizes = [attachment.get(name, 0) for name in ("size_in_bytes", "duration_in_seconds")]
        found += (
            [f"{where}: sizes {sizes}"] if not all(type(size) is int and size >= 0 for size in sizes) else []
        )
    return found


def _json_people(parent: Any, where: str) -> list[str]:
    people = parent.get("authors", [])
    return [
        f"{where}: author {person!r}" for person in people if not (set(person) & {"name", "url", "avatar"})
    ]


def _json_blanks(parent: Any, where: str) -> list[str]:
    found = [
        f"{where}: {name} is {value!r}"
        for name, value in parent.items()
        if name != "items" and value in (None, "", [], {})
    ]
    return found + [f"{where}: extension {name}" for name in parent if name.startswith("_") and "." in name]


def check_opml(body: bytes) -> list[str]:
    """Check an OPML 2.0 subscription list."""
    opml = _xml(body)
    if opml.tag != "opml" or opml.get("version") != "2.0" or [part.tag for part in opml] != ["head", "body"]:
        return ["not an OPML 2.0 document of head and body"]
    found = _texts(opml[0], "head", "title", "dateCreated") + _date(
        opml[0].findtext("dateCreated"), RFC822, "dateCreated"
    )
    for outline in opml.iter("outline"):
        where = f"outline {outline.get('text')!r}"
        found += [] if (outline.get("text") or "").strip() else [f"{where}: no text"]
        if outline.get("xmlUrl") is None:
            found += [] if len(outline) else [f"{where}: neither a feed nor a group"]
            continue
        found += (
            [] if outline.get("type") == "rss" and outline.get("title") else [f"{where}: no type or title"]
        )
        for name in ("xmlUrl", "htmlUrl"):
            found += _web(outline.get(name), f"{where} {name}") if name in outline.attrib else []
    return found


def _xml(body: bytes) -> Any:
    if not body.startswith(b"<?xml version='1.0' encoding='UTF-8'?>"):
        raise AssertionError(f"no XML declaration with the encoding: {body[:60]!r}")
    return etree.fromstring(body, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True))


def _once(parent: Any, where: str, *names: str) -> list[str]:
    counts = Counter(child.tag for child in parent)
    return [f"{where}: {counts[name]} × {name}" for name in names if counts[name] != 1]


def _at_most_once(parent: Any, where: str, *names: str) -> list[str]:
    counts = Counter(child.tag for child in parent)
    return [f"{where}: {counts[name]} × {name}" for name in names if counts[name] > 1]


def _texts(parent: Any, where: str, *names: str) -> list[str]:
    return [
        f"{where}: {name} is blank"
        for name in names
        for one in parent.findall(name)
        if not (one.text or "").strip()
    ]


def _languages(root: Any) -> list[str]:
    tags = [element.get(f"{XML}lang") for element in root.iter() if element.get(f"{XML}lang") is not None]
    tags += [element.text or "" for element in root.iter("language", f"{DC}language")]
    return [f"language {tag!r}" for tag in tags if not LANGUAGE.match(tag)]


def _unique(values: Any, what: str) -> list[str]:
    return [f"{count} × {what} {value}" for value, count in Counter(values).items() if count > 1]


def _iri(text: str | None, where: str) -> list[str]:
    return [] if text and IRI.match(text) else [f"{where}: {text!r} is no IRI"]


def _web(url: str | None, where: str) -> list[str]:
    is_web = bool(url) and bool(IRI.match(url)) and urlsplit(url).scheme.lower() in ("http", "https")
    return [] if is_web and urlsplit(url).hostname else [f"{where}: {url!r} is no absolute address"]


def _type(kind: str | None, where: str) -> list[str]:
    return [] if kind and MEDIA_TYPE.match(kind) else [f"{where}: {kind!r} is no media type"]


def _date(text: str | None, shape: re.Pattern[str], where: str) -> list[str]:
    if text is None:
        return []
    if not shape.match(text):
        return [f"{where}: date {text!r}"]
    moment = datetime.fromisoformat(text) if shape is RFC3339 else parsedate_to_datetime(text)
    weekday = text[:3]
    return [f"{where}: {text!r} was no {weekday}"] if shape is RFC822 and f"{moment:%a}" != weekday else []


def _html(html: str | None, where: str) -> list[str]:
    """Complain about what does not belong into somebody else's page: active content, relative URLs."""
    if html is None or not html.strip():
        return [] if html is None else [f"{where}: blank text"]
    found = []
    for element in lxml.html.fragment_fromstring(html, create_parent="div").iter():
        if not isinstance(element.tag, str):
            continue
        found += [f"{where}: <{element.tag}>"] if element.tag in FORBIDDEN_TAGS else []
        found += [f"{where}: {name}" for name in element.attrib if name.lower().startswith("on")]
        urls = [element.get(name) for name in URL_ATTRIBUTES if element.get(name) is not None]
        urls += [one.split()[0] for one in (element.get("srcset") or "").split(", ") if one.strip()]
        found += [
            f"{where}: {url!r} in <{element.tag}>"
            for url in urls
            if not re.match(r"(https?://|mailto:|tel:)", url, re.I)
        ]
    return found
