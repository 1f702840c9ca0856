"""The words of an entry: its texts flow in, what rules, search, the gate and stories ask of them flows out.

Taking markup out and splitting texts is the dearest part of judging an entry. It happens where the
entry is read, in a process of its own, and the entry carries what came of it. Of an entry that
carries nothing, a stored one, it is worked out when asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b

from aggregator.model import Entry, Wording, completed
from aggregator.query.sketch import LEAD_CHARS, dump_sketch, sketch_of
from aggregator.query.text import counted_text, markup_tokens, text_of, tokens, word_count

#: characters of markup that hold the first sentences with room to spare
_LEAD_MARKUP = 8 * LEAD_CHARS


def worded(entry: Entry) -> Entry:
    """Return *entry*, which nobody else holds yet, completed by its words and their number."""
    summary, summary_counted = counted_text(entry.summary)
    content, content_counted = counted_text(entry.content)
    words = max(word_count(summary_counted), word_count(content_counted))
    return completed(entry, words=words, wording=_wording(entry, summary, content))


def wording_of(entry: Entry) -> Wording:
    """Return the words of *entry*, as it carries them or worked out."""
    return entry.wording or _wording(entry, text_of(entry.summary), text_of(entry.content))


def fingerprint(entry: Entry) -> str:
    """Return 16 hexadecimal digits for the words of title and text in order; "" when it has none.

    Markup, links, case, punctuation and dates do not count; they change when a site moves, the
    words do not.
    """
    return entry.wording.fingerprint if entry.wording else _hash(told_words(entry))


def sketch(entry: Entry) -> str:
    """Return what stories know *entry* by, as load_sketch reads it."""
    return entry.wording.sketch if entry.wording else _sketch(entry)


def told_words(entry: Entry) -> list[str]:
    """Return the folded words of title and text, in order."""
    return [*tokens(entry.title), *markup_tokens(entry.content or entry.summary)]


def _wording(entry: Entry, summary: str, content: str) -> Wording:
    """Work out the words of an entry, of which the texts without markup are given."""
    title, first = tokens(entry.title), tokens(summary)
    told = title + (tokens(content) if entry.content else first)
    words = dict.fromkeys(told)
    if entry.content:
        words.update(dict.fromkeys(first))
    known = (title, first) if entry.summary else None
    return Wording(" ".join(words), _hash(told), _sketch(entry, summary if entry.summary else content, known))


def _sketch(entry: Entry, text: str | None = None, words: tuple[list[str], list[str]] | None = None) -> str:
    """Work out a sketch().

    Args:
        text: of the summary, else of the content, without markup; None: not at hand.
        words: tokens() of title and *text*; None: not at hand.
    """
    markup = entry.summary or entry.content
    if text is None or len(markup) > _LEAD_MARKUP:
        text, words = text_of(markup[:_LEAD_MARKUP]), None
    return dump_sketch(sketch_of(entry.title, " ".join(text.split()), words))


def _hash(words: Sequence[str]) -> str:
    """Return the fingerprint() of words in order."""
    data = " ".join(words).encode("utf-8", "replace")
    return blake2b(data, digest_size=8).hexdigest() if data else ""
