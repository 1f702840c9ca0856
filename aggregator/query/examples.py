"""The query language in a few examples, as pages show it; docs/queries.md has the whole of it."""

from __future__ import annotations

#: (what one writes, what it finds), each a query that can be read
EXAMPLES = (
    ("mortgage rates", "articles with both words, whatever their case and accents"),
    ('"bank of england"', "the words side by side"),
    ("mortgage*", "words that begin so"),
    ("rent OR mortgage", "one or both; AND is what a blank means"),
    ("budget -sport", "budget, but not sport"),
    ("title:(rent OR mortgage)", "in the title only"),
    ("author:smith", "by somebody of that name"),
    ("category:politics", "with the publisher's label"),
    ("site:example.org", "linking to that host or one under it"),
    ("lang:en", "in that language"),
    ("has:audio", "with something to hear; also image, video, comments, author"),
    ("words:[300 TO 900]", "of that length; * leaves an end open"),
    ("published:2026-03", "dated by the publisher within that time"),
    ("age:<2d", "of the last two days"),
)
