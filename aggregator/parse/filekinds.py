"""What a document is that is no text at all: a kind of file, by its first bytes, for a message."""

from __future__ import annotations

import re

_IMAGE = rb"\x89PNG\r\n|\xff\xd8\xff|GIF8[79]a|RIFF....WEBP|\x00\x00\x01\x00|BM....\x00\x00"
_KINDS = (
    (re.compile(_IMAGE, re.DOTALL), "an image"),
    (re.compile(rb"%PDF-"), "a PDF"),
    (re.compile(rb"PK\x03\x04|PK\x05\x06|7z\xbc\xaf|Rar!\x1a"), "a zip archive or an office document"),
    (re.compile(rb"ID3[\x02-\x04]|\xff[\xf2\xf3\xfb]|OggS|fLaC|RIFF....WAVE", re.DOTALL), "an audio file"),
    (re.compile(rb"....ftyp|\x1aE\xdf\xa3|RIFF....AVI ", re.DOTALL), "a video"),
)
#: bytes that are looked at, and of them the controls that a text of one or two bytes a letter does not have
_SAMPLE, _CONTROLS = 2000, re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")


def file_kind(body: bytes) -> str | None:
    """Return what kind of file begins with these bytes, with its article; None for what may be a text."""
    return next((kind for beginning, kind in _KINDS if beginning.match(body)), None)


def is_binary(body: bytes) -> bool:
    """Tell whether bytes that are in no wide charset are no text in any other."""
    sample = body[:_SAMPLE]
    return len(_CONTROLS.findall(sample)) * 20 > len(sample)
