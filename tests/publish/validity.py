"""Our own strict validator of what we publish: each function returns every complaint, empty if none.

It reads the bytes with plain parsers and knows nothing of the code that wrote them.
"""

from __future__ import annotations

from tests.publish.validity_atom import check_atom
from tests.publish.validity_json import check_json, check_opml
from tests.publish.validity_rss import check_rss

_CHECKERS = {
    "application/atom+xml": check_atom,
    "application/rss+xml": check_rss,
    "application/feed+json": check_json,
    "text/x-opml": check_opml,
}


def check(body: bytes, media_type: str) -> list[str]:
    """Return the complaints about a document of one of the published media types."""
    return _CHECKERS[media_type.partition(";")[0]](body)
