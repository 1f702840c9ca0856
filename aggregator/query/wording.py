"""The words of an entry: its texts flow in, what rules, search, the gate and stories ask of them flows out.

Taking markup out and splitting texts is the dearest part of judging an entry. It happens where the
entry is read, in a process of its own, and the entry carries what came of it. Of an entry that
carries nothing, a stored one, it is worked out when asked for.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from hashlib import blake2b

from aggregator.model import Entry, Wording
from aggregator.query.sketch import LEAD_CHARS, dump_sketch, sketch_of
from aggregator.query.text import markup_tokens, plain_text, text_of, tokens

#: characters of markup that hold the first sentences with room to spare
_LEAD_MARKUP = 8 * LEAD_CHARS


def worded(entry: Entry) -> Entry:
    """Return *entry* carrying its words."""
    return replace(entry, wording=wording_of(entry))


def wording_of(entry: Entry) -> Wording:
    """Return the words of *entry*, as it carries them or worked out."""
    return entry.wording or _wording(entry)


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


def _wording(entry: Entry) -> Wording:
    summary, content = text_of(entry.summary), text_of(entry.content)
    told = [*tokens(entry.title), *tokens(content if entry.content else summary)]
    words = set(told)
    if entry.content and entry.summary:
        words.update(tokens(summary))
    return Wording(" ".join(sorted(words)), _hash(told), _sketch(entry))


def _sketch(entry: Entry) -> str:
    lead = plain_text((entry.summary or entry.content)[:_LEAD_MARKUP])
    return dump_sketch(sketch_of(entry.title, lead))


def _hash(words: Iterable[str]) -> str:
    text = " ".join(words)
    return blake2b(text.encode("utf-8", "replace"), digest_size=8).hexdigest() if text else ""
