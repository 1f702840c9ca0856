"""Who wrote it: feedparser's author values become Person values.

Raw dictionaries flow in; people with a name or an address flow out, in document order, no
one twice. Names are never guessed from addresses.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from aggregator.model import Person
from aggregator.parse.links import absolute
from aggregator.parse.texts import plain

_EMAIL = r"[A-Za-z0-9._%+'-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+"
_MAIL_NAME = re.compile(rf"({_EMAIL})\s*\((.*)\)\s*$", re.DOTALL)
_NAME_MAIL = re.compile(rf"(.*?)\s*[<(\[]\s*(?:mailto:)?({_EMAIL})\s*[>)\]]\s*$", re.DOTALL)
_MAIL = re.compile(rf"(?:mailto:)?({_EMAIL})$")


def people(raw: Iterable[Mapping[str, Any]], base: str) -> tuple[Person, ...]:
    """Return the people of feedparser's ``authors`` list; what is told twice of one is put together."""
    found: dict[str, Person] = {}
    for author in raw:
        person = _person(author, base)
        if person is None:
            continue
        key = person.name or person.email or ""
        known = found.get(key)
        if known is not None and known.email and person.email and known.email != person.email:
            key = f"{key} {person.email}"
            known = found.get(key)
        if known is not None:
            person = Person(person.name, known.email or person.email, known.url or person.url)
        found[key] = person
    return tuple(found.values())


def _person(author: Mapping[str, Any], base: str) -> Person | None:
    name = plain(author.get("name"))
    email = (author.get("email") or "").strip() or None
    if email is None:
        name, email = split_author(name)
    elif email:
        email = email.removeprefix("mailto:")
    if email and not _MAIL.match(email):
        name, email = name or plain(email), None
    if not name and not email:
        return None
    return Person(name=name, email=email, url=absolute(author.get("href"), base))


def split_author(text: str) -> tuple[str, str | None]:
    """Split ``mail (Name)``, ``Name <mail>`` and plain addresses into name and address."""
    if "@" not in text:
        return text, None
    if match := _MAIL_NAME.match(text):
        return match[2].strip(), match[1]
    if match := _NAME_MAIL.match(text):
        return match[1].strip(" \"'"), match[2]
    if match := _MAIL.match(text):
        return "", match[1]
    return text, None
