"""Expected values that we do not follow, and why; docs/reading.md tells the same to people."""

from __future__ import annotations

import re

_ID = "an entry id is compared character by character and never resolved (RFC 4287 §4.2.6)"
_NO_PAGE = "urn: and tag: name things, they are no page that a reader can open"
_RELATIVE = "addresses are made absolute; that project leaves them relative"
_ORIGINAL = "feedburner:origLink names the page itself; the expected address counts clicks"
_TWINS = "entries without an id that say the same are one entry"
_FOREIGN = "MathML and SVG are outside the allow-list of elements"
_FRAME = "text inside an iframe is never shown by a browser, so it goes with the frame"
_BOGUS = "HTML reads this as a comment (WHATWG HTML §13.2.5.41), so there is no text"
_SERIALISED = "that project's XML writer moved text about; compare the feed itself"

#: (origin, pattern of the file name, field or "*", reason)
DEVIATIONS: tuple[tuple[str, str, str, str], ...] = (
    ("feedparser", r"base/http_entry_id_base", "id", _ID),
    (
        "feedparser",
        r"entities/[lr]ang\.xml",
        "feed title",
        "HTML 5 gives lang and rang other code points than HTML 4",
    ),
    (
        "feedparser",
        r"encoding/bozo_linenoise",
        "body",
        "the bytes are UTF-8 with one bad byte; the expectation is mojibake",
    ),
    ("feedparser", r"xml_lang_blank_3|node_precedence", "count", _TWINS),
    ("feedparser", r"namespace/.*(math|svg)", "body", _FOREIGN),
    ("feedparser", r"not_a_doctype", "body", _BOGUS),
    ("feedparser", r"sanitize/.*_iframe\.xml", "body", _FRAME),
    ("feedparser", r"nested_cdata", "body", "the edges of a CDATA section inside HTML are no text"),
    ("feedparser", r"xml_malicious_comment", "feed title", _BOGUS),
    ("reader", r"", "link", _NO_PAGE),
    ("reader", r"full\.atom", "enclosures", "an enclosure without an address is no file"),
    ("reader", r"invalid\.json", "enclosures", _RELATIVE),
    ("reader", r"relative\.rss", "id", _ID),
    ("rss-parser", r"feedburner\.atom|many-links\.rss", "link", _ORIGINAL),
    ("rss-parser", r"gulp-atom\.atom", "link", _RELATIVE),
    (
        "rss-parser",
        r"itunes-href\.rss",
        "id",
        "a line break around an id is layout; every other parser trims it",
    ),
    ("rss-parser", r"reddit", "body", _SERIALISED),
)


def reason_for(origin: str, file: str, field: str) -> str | None:
    """Return why we differ from this origin in this file; None if we should not."""
    for where, pattern, which, reason in DEVIATIONS:
        if where == origin and which in {field, "*"} and re.search(pattern, file):
            return reason
    return None
