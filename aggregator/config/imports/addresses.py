"""Plain lists: an address a line, as people keep them; newsboat's ``urls`` have tags behind."""

from __future__ import annotations

import re
import shlex

from aggregator.config.imports.imported import Imported, Subscription
from aggregator.config.imports.labels import line_of, tags_of

#: a line that begins a list of this kind
ADDRESS = re.compile(r"(?mi)^(?:feed:)?(?:https?:|(?<=feed:))//\S")


def read_addresses(text: str) -> Imported:
    """Return what a list of addresses says; lines that begin with # are left out.

    Of newsboat: words behind an address are tags, one that begins with ~ is its name; lines that are
    no address (``query:``, ``exec:``, ``filter:``) are named.
    """
    found: list[Subscription] = []
    lost: list[str] = []
    for line in text.splitlines():
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        url, *words = _words(line)
        if not ADDRESS.match(url):
            lost.append(f"{line_of(url, 80)}: no address of a feed")
            continue
        name = next((line_of(word[1:]) for word in words if word.startswith("~")), "")
        tags = tags_of(word for word in words if not word.startswith(("~", "!")))
        found.append(Subscription(url=url, name=name, tags=tags))
    return Imported(format="a list of addresses", subscriptions=tuple(found), lost=tuple(lost))


def _words(line: str) -> list[str]:
    try:
        return shlex.split(line) or [line]
    except ValueError:  # a quotation mark without its partner
        return line.split()
