"""One document: bytes, URL and headers flow in, a ParsedFeed of identified entries flows out.

Sniffs what the bytes are, whatever their media type says, and hands them to the reader of
that format.
"""

from __future__ import annotations

from collections.abc import Mapping

from aggregator.errors import NotAFeed, ParseError
from aggregator.model import DocumentTrace, ParsedFeed
from aggregator.parse import jsonfeed, prefilter, repair
from aggregator.parse.charsets import file_kind, is_binary, to_text
from aggregator.parse.feedinfo import older_page
from aggregator.parse.identity import MAX_ENTRIES, identify, left_out, withdrawn_keys
from aggregator.parse.links import absolute
from aggregator.parse.mapping import map_feed
from aggregator.parse.xmlfeed import read_xml

_ROOTS = frozenset({"rss", "feed", "rdf:rdf", "rdf", "channel"})


def parse_document(
    body: bytes,
    *,
    url: str,
    headers: Mapping[str, str],
    trace: DocumentTrace | None = None,
) -> ParsedFeed:
    """Return our reading of one feed document.

    Args:
        body: the document, content codings removed.
        url: where it came from, after redirects.
        headers: of the answer, names in lower case.
        trace: of the last reading of this source; entries with the same bytes are not read again,
            their keys stand in ``unchanged``. None: everything is read.

    Raises:
        NotAFeed: it is a page, plain text, a file of another kind, empty, or XML of another kind.
        ParseError: it is a feed that cannot be read.
    """
    if not body.strip():
        raise NotAFeed("The document is empty.")
    # RFC 9110 §8.7
    base = absolute(headers.get("content-location"), url) or url
    if kind := file_kind(body):
        raise NotAFeed(f"The document is {kind}, not a feed.")
    text, charset = to_text(body, headers)
    text = text.lstrip()
    if text.startswith(("{", "[")):
        return jsonfeed.read_json(text, base)
    try:
        return _read_markup(text, base, headers, trace)
    except NotAFeed:
        if charset == "cp1252" and is_binary(body):
            raise NotAFeed("The document is binary data, not a feed.") from None
        raise


def _read_markup(text: str, base: str, headers: Mapping[str, str], trace: DocumentTrace | None) -> ParsedFeed:
    text = repair.fix_characters(repair.strip_prolog(text))
    root = repair.leading_markup(text)
    if root not in _ROOTS:
        text = repair.strip_prolog(repair.without_junk(text))
        root = repair.leading_markup(text)
    if root == "html" or (root not in _ROOTS and text[:200].lstrip().lower().startswith("<!doctype html")):
        raise NotAFeed("The document is an HTML page, not a feed.")
    if not root:
        raise NotAFeed("The document is plain text, not a feed.")
    language = headers.get("content-language")
    if trace is not None and trace.context and root in _ROOTS:
        parsed = _read_fresh(text, base, language, trace)
        if parsed is not None:
            return parsed
    raw = read_xml(text, language)
    if not raw.version and not raw.entries and not (root == "channel" and raw.feed):
        if root in _ROOTS and raw.warnings:
            raise ParseError(f"The document begins as a feed but is damaged: {'; '.join(raw.warnings)}.")
        raise NotAFeed(f"The document is <{root}>, not a feed.")
    info, listed = map_feed(raw, base)
    entries = identify(listed, info.link)
    withdrawn = withdrawn_keys(raw.feed.get("withdrawn", ()), entries)
    own_trace = None
    if raw.cut is not None and root in _ROOTS:
        context = prefilter.context_of(raw.cut, info, raw.version, base, language)
        own_trace = prefilter.trace_of(raw.cut, context, len(listed), entries)
    return ParsedFeed(
        format=raw.version or ("cdf" if root == "channel" else "rss"),
        info=info,
        entries=entries,
        trace=own_trace,
        withdrawn=withdrawn,
        older_url=older_page(raw.feed, base),
        warnings=raw.warnings + left_out(listed),
    )


def _read_fresh(text: str, base: str, language: str | None, trace: DocumentTrace) -> ParsedFeed | None:
    """Read only the entries that *trace* does not know; None where everything must be read."""
    found = prefilter.cut(text)
    if found is None or len(found.spans) > MAX_ENTRIES:
        return None
    same = prefilter.known_entries(found, trace)
    if not same:
        return None
    raw = read_xml(found.without(set(same)), language)
    info, listed = map_feed(raw, base)
    entries = identify(listed, info.link)
    if raw.warnings or trace.context != prefilter.context_of(found, info, raw.version, base, language):
        return None
    joined = prefilter.join_trace(found, trace, same, entries)
    if joined is None:
        return None
    unchanged = tuple(same[number].key for number in sorted(same))
    return ParsedFeed(
        format=raw.version or "rss",
        info=info,
        entries=entries,
        unchanged=unchanged,
        trace=joined,
        withdrawn=withdrawn_keys(raw.feed.get("withdrawn", ()), joined.entries),
        older_url=older_page(raw.feed, base),
    )
