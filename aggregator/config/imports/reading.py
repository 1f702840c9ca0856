"""Which kind of list a file is, and its reading: bytes in, Imported out."""

from __future__ import annotations

import re

from aggregator.config.imports.addresses import ADDRESS, read_addresses
from aggregator.config.imports.imported import Imported
from aggregator.config.imports.opml import read_opml
from aggregator.config.imports.osmosfeed import read_osmosfeed
from aggregator.config.imports.planet import read_planet


def read_foreign(body: bytes, place: str) -> Imported:
    """Return what the list in *body* says, whichever program wrote it.

    Args:
        place: the file's name, for messages only.

    Raises:
        ConfigurationError: it is of no kind we know.
    """
    start = body[:4096].decode("utf-8", "replace").lstrip("\ufeff \t\r\n")
    if start.startswith("<"):
        return read_opml(body, place)
    if re.search(r"(?m)^\s*\[[^\]\n]+\]\s*$", body[:65_536].decode("utf-8", "replace")):
        return read_planet(body, place)
    if ADDRESS.search(start):
        return read_addresses(body)
    return read_osmosfeed(body, place)
