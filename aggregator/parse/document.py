"""One document: bytes, URL and headers flow in, a ParsedFeed of identified entries flows out.

Sniffs what the bytes are, whatever their media type says, and hands them to the reader of
that format. Whatever the bytes are, nothing but a ParseError is ever raised.
"""

from __future__ import annotations

from collections.abc import Mapping

from aggregator.errors import NotAFeed, ParseError, ParseKilled
from aggregator.model import ParsedFeed
from aggregator.parse import jsonfeed, repair
from aggregator.parse.identity import identify
from aggregator.parse.links import absolute
from aggregator.parse.mapping import map_feed
from aggregator.parse.newest import newest
from aggregator.parse.xmlfeed import read_xml

#: entries read from one document; of more the newest are kept
MAX_ENTRIES = 20_000

_ROOTS = frozenset({"rss", "feed", "rdf:rdf", "rdf", "channel"})


def parse_document(
    body: bytes, *, url: str, headers: Mapping[str, str], max_entries: int = MAX_ENTRIES
) -> ParsedFeed:
    """Return our reading of one feed document.

    Args:
        body: the document, content codings removed.
        url: where it came from, after redirects.
        headers: of the answer, names in lower case.
        max_entries: of a longer document the newest are kept.

    Raises:
        NotAFeed: it is a page, plain text, empty, or XML of another kind.
        ParseKilled: reading it took more memory than there is.
        ParseError: it is a feed that cannot be read.
    """
    try:
        return _read(body, url, headers, max_entries)
    except ParseError:
        raise
    except RecursionError as error:
        raise ParseError("The document nests too deeply to be read.") from error
    except MemoryError as error:
        raise ParseKilled("Reading the document took too much memory.") from error
    except Exception as error:
        # the last fence before arbitrary bytes from the web; the cause stays attached for the log
        raise ParseError(f"The document cannot be read ({type(error).__name__}).") from error


def _read(body: bytes, url: str, headers: Mapping[str, str], max_entries: int) -> ParsedFeed:
    if not body.strip():
        raise NotAFeed("The document is empty.")
    # RFC 9110 §8.7
    base = absolute(headers.get("content-location"), url) or url
    text, _ = repair.to_text(body, headers)
    text = text.lstrip()
    if text.startswith(("{", "[")):
        return jsonfeed.read_json(text, base, max_entries)
    return _read_markup(text, base, headers, max_entries)


def _read_markup(text: str, base: str, headers: Mapping[str, str], max_entries: int) -> ParsedFeed:
    text = repair.fix_characters(repair.strip_prolog(text))
    root = repair.leading_markup(text)
    if root == "html" or (root not in _ROOTS and text[:200].lstrip().lower().startswith("<!doctype html")):
        raise NotAFeed("The document is an HTML page, not a feed.")
    if not root:
        raise NotAFeed("The document is plain text, not a feed.")
    raw = read_xml(text, headers.get("content-language"))
    if not raw.version and not raw.entries and not (root == "channel" and raw.feed):
        if root in _ROOTS and raw.warnings:
            raise ParseError(f"The document begins as a feed but is damaged: {'; '.join(raw.warnings)}.")
        raise NotAFeed(f"The document is <{root}>, not a feed.")
    info, entries = map_feed(raw, base)
    return ParsedFeed(
        format=raw.version or ("cdf" if root == "channel" else "rss"),
        info=info,
        entries=identify(newest(entries, max_entries), info.link),
        warnings=raw.warnings,
    )
