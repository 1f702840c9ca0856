"""The id an article carries in our published feeds: an entry and what is taken flow in, an IRI flows out.

The publisher's own id is kept character by character, so that a reader who also
subscribes to the source sees one article. Our own address is never part of an id.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Set as AbstractSet

from aggregator.model import Entry

#: scheme, colon and something; no blank, no control and none of <>"{}|\^` (RFC 3987 §2.2)
_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:[^\s\x00-\x20\x7f-\x9f<>\"{}|\\^`\ufffe\uffff]+")
#: longer ids are legal, but readers cut or refuse them
MAX_ID = 2000


def published_id(entry: Entry, first_url: str, taken: AbstractSet[str]) -> str:
    """Return the publisher's id (RFC 4287 §4.2.6) where it is an IRI and free, else a urn:uuid.

    The urn follows from the source's first URL and the entry's key (RFC 9562 §5.5):
    the same in every process and on every machine.

    Args:
        first_url: the URL the source was first configured with.
        taken: ids that other articles already hold.
    """
    if is_iri(entry.id) and entry.id not in taken:
        return entry.id
    source = uuid.uuid5(uuid.NAMESPACE_URL, first_url)
    minted = uuid.uuid5(source, entry.key)
    while minted.urn in taken:
        # an article that had this key is known under another one by now, and keeps its id
        minted = uuid.uuid5(minted, entry.key)
    return minted.urn


def is_iri(text: str) -> bool:
    """Tell whether *text* is an absolute IRI of a sane length."""
    return len(text) <= MAX_ID and _IRI.fullmatch(text) is not None
