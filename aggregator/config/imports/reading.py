"""Which kind of list a file is, and its reading: bytes in, Imported out."""

from __future__ import annotations

import json
import re

import yaml

from aggregator.config.imports.addresses import ADDRESS, read_addresses
from aggregator.config.imports.attributes import with_settings
from aggregator.config.imports.funnel import read_funnel
from aggregator.config.imports.imported import Imported
from aggregator.config.imports.labels import line_of, text_of
from aggregator.config.imports.opml import read_opml
from aggregator.config.imports.osmosfeed import read_osmosfeed
from aggregator.config.imports.planet import read_planet
from aggregator.config.imports.records import read_records
from aggregator.config.problems import Complaints
from aggregator.config.yamlread import read_yaml
from aggregator.errors import ConfigurationError, Problem

_UNKNOWN = (
    "a list of no kind that is read: OPML, the INI of Planet, the YAML of osmosfeed or rss-funnel, "
    "the JSON of Miniflux or Feedbin, or addresses one a line"
)


def read_foreign(body: bytes, place: str) -> Imported:
    """Return what the list in *body* says, whichever program wrote it.

    Args:
        place: the file's name, for messages only.

    Raises:
        ConfigurationError: it is of no kind we know.
    """
    text = text_of(body)
    start = text.lstrip()
    if start.startswith("<"):
        return with_settings(read_opml(body, place))
    if re.match(r"\{|\[\s*[\[{\]\"]", start):
        return with_settings(read_records(_json(text, place), place))
    if re.search(r"(?m)^[ \t]*\[[^\]\n]+\][ \t\r]*$", text[:65_536]):
        return read_planet(text, place)
    if ADDRESS.search(start[:4096]):
        return read_addresses(text)
    document = _yaml(text, place)
    if isinstance(document, dict) and isinstance(document.get("endpoints"), list):
        return read_funnel(document, place)
    if isinstance(document, dict) and isinstance(document.get("sources"), list):
        return read_osmosfeed(document)
    raise ConfigurationError([Problem(place, 0, 0, "", _UNKNOWN)])


def _json(text: str, place: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _unreadable("JSON", error, place) from error


def _yaml(text: str, place: str) -> object:
    complaints = Complaints(place)
    # aliases of aliases make gigabytes of a few lines
    if read_yaml(text.encode("utf-8", "replace"), complaints) is None and complaints.found:
        first = complaints.found[0]
        message = f"{_UNKNOWN}; read as YAML: {first.message}"
        raise ConfigurationError([Problem(place, first.line, first.column, "", message)])
    try:
        return yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise _unreadable("YAML", error, place) from error


def _unreadable(kind: str, error: Exception, place: str) -> ConfigurationError:
    message = f"this {kind} cannot be read: {line_of(str(error), 200)}"
    return ConfigurationError([Problem(place, 0, 0, "", message)])
