"""What every check of a published document needs: each function returns its complaints."""

from __future__ import annotations

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


def parse_xml(body: bytes) -> Any:
    if not body.startswith(b"<?xml version='1.0' encoding='UTF-8'?>"):
        raise AssertionError(f"no XML declaration with the encoding: {body[:60]!r}")
    return etree.fromstring(body, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True))


def once(parent: Any, where: str, *names: str) -> list[str]:
    counts = Counter(child.tag for child in parent)
    return [f"{where}: {counts[name]} × {name}" for name in names if counts[name] != 1]


def at_most_once(parent: Any, where: str, *names: str) -> list[str]:
    counts = Counter(child.tag for child in parent)
    return [f"{where}: {counts[name]} × {name}" for name in names if counts[name] > 1]


def texts(parent: Any, where: str, *names: str) -> list[str]:
    return [
        f"{where}: {name} is blank"
        for name in names
        for one in parent.findall(name)
        if not (one.text or "").strip()
    ]


def languages(root: Any) -> list[str]:
    tags = [element.get(f"{XML}lang") for element in root.iter() if element.get(f"{XML}lang") is not None]
    tags += [element.text or "" for element in root.iter("language", f"{DC}language")]
    return [f"language {tag!r}" for tag in tags if not LANGUAGE.match(tag)]


def unique(values: Any, what: str) -> list[str]:
    return [f"{count} × {what} {value}" for value, count in Counter(values).items() if count > 1]


def iri(text: str | None, where: str) -> list[str]:
    return [] if text and IRI.match(text) else [f"{where}: {text!r} is no IRI"]


def web(url: str | None, where: str) -> list[str]:
    is_web = bool(url) and bool(IRI.match(url)) and urlsplit(url).scheme.lower() in ("http", "https")
    return [] if is_web and urlsplit(url).hostname else [f"{where}: {url!r} is no absolute address"]


def media_type(kind: str | None, where: str) -> list[str]:
    return [] if kind and MEDIA_TYPE.match(kind) else [f"{where}: {kind!r} is no media type"]


def date(text: str | None, shape: re.Pattern[str], where: str) -> list[str]:
    if text is None:
        return []
    if not shape.match(text):
        return [f"{where}: date {text!r}"]
    moment = datetime.fromisoformat(text) if shape is RFC3339 else parsedate_to_datetime(text)
    weekday = text[:3]
    return [f"{where}: {text!r} was no {weekday}"] if shape is RFC822 and f"{moment:%a}" != weekday else []


def html(html: str | None, where: str) -> list[str]:
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


def media(parent: Any, where: str) -> list[str]:
    found = []
    for group in parent.findall(f"{MEDIA}group"):
        if len(group.findall(f"{MEDIA}content")) < 2:
            found.append(f"{where}: media:group of fewer than two")
    for element in parent.iter(f"{MEDIA}content", f"{MEDIA}thumbnail"):
        found += web(element.get("url"), f"{where} {element.tag}")
    return found
