"""The corpus of foreign feeds: where it lies, which files it holds, how entries are counted.

It is read from $AGGREGATOR_CORPUS (else ../shared/corpus beside the checkout) and never copied.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from tests.running import ROOT

CORPUS = (ROOT / (os.environ.get("AGGREGATOR_CORPUS") or "../shared/corpus")).resolve()
needs_corpus = pytest.mark.skipif(
    not CORPUS.is_dir(), reason=f"no corpus of foreign feeds at {CORPUS}; set AGGREGATOR_CORPUS"
)

_HIDDEN = re.compile(rb"<!--.*?-->|<!\[CDATA\[.*?\]\]>", re.DOTALL)
_ENTRY = re.compile(rb"<(?:[A-Za-z0-9_.-]+:)?(item|entry)(?=[\s>/])")


def captured_feeds() -> list[Path]:
    """Return the captured XML feeds of realistic size, sorted."""
    folders = ["fastfeedparser", "codehollow-feedreader", "picofeed", "rubycocos-feeds", "winds", "feedhq"]
    found = [p for folder in folders for p in (CORPUS / folder / "feeds").rglob("*") if p.is_file()]
    return sorted(p for p in found if p.stat().st_size > 4000 and b"<" in p.read_bytes()[:200])


def count_entries(document: bytes) -> int:
    """Return the number of item or entry start tags outside comments and CDATA."""
    return len(_ENTRY.findall(_HIDDEN.sub(b"", document)))
