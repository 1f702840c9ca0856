"""Content codings taken off a body: gzip, deflate (zlib and raw), br, zstd.

In come the bytes of the wire and the Content-Encoding field, out comes the plain body or an
HttpError. Output is made in small steps and counted, so a bomb costs at most the limit; a body
that ends early is an error, because half a feed must never pass for a whole one. At most
MAX_CODINGS codings in a row are taken off, each of at most MAX_PIECES. Nothing is read from the network here.
"""

from __future__ import annotations

import contextlib
import zlib
from collections.abc import Callable
from typing import Protocol, cast

import brotli  # type: ignore[import-untyped]
import zstandard
from isal import isal_zlib
from isal.igzip_lib import IsalError

from aggregator.http.errors import TooLarge, TransferBroken

#: what Accept-Encoding offers; nothing that is not decoded below
ACCEPT_ENCODING = "gzip, deflate, br, zstd"
#: codings applied one after the other that we take off; more is an attack, not a feed
MAX_CODINGS = 2
#: gzip members or zstd frames in a row; a body of ten megabytes may have a million that hold nothing
MAX_PIECES = 1000
_TOO_MANY_PIECES = f"the answer is packed in more than {MAX_PIECES} pieces"
_STEP = 64 * 1024
_GZIP, _GZIP_MAGIC = ("gzip", "x-gzip"), b"\x1f\x8b\x08"
#: RFC 9659: a zstd content coding needs a window of at most 8 MB
_ZSTD_WINDOW = 8 * 1024 * 1024
#: isal's stub says its error is an instance
_DAMAGE: tuple[type[Exception], ...] = (
    cast("type[Exception]", IsalError),
    zlib.error,
    brotli.error,
    zstandard.ZstdError,
    MemoryError,
)
#: values of Content-Encoding that servers send for "none"
_NO_CODING = frozenset({"", "identity", "none", "utf-8", "utf8", "binary", "8bit", "7bit", "text", "plain"})


class _Inflater(Protocol):
    eof: bool
    unconsumed_tail: bytes
    unused_data: bytes

    def decompress(self, data: bytes, max_length: int = ..., /) -> bytes: ...


def decode(body: bytes, content_encoding: str, max_bytes: int) -> bytes:
    """Return *body* without its content codings (RFC 9110 §8.4).

    A body that is plain although labelled as coded is returned as it is, and one that is gzip
    although not labelled, or labelled as something else, is unpacked: servers do all three.

    Raises:
        TooLarge: more than *max_bytes* decoded bytes.
        TransferBroken: cut short, damaged, an unknown coding, more than MAX_CODINGS or MAX_PIECES.
    """
    codings = _codings(content_encoding)
    if len(codings) > MAX_CODINGS:
        raise TransferBroken(
            f"the answer is packed {len(codings)} times over; at most {MAX_CODINGS} are taken"
        )
    for coding in reversed(codings):
        body = _undo(coding, body, max_bytes)
    if body.startswith(_GZIP_MAGIC) and len(codings) < MAX_CODINGS:
        body = _undo_strictly("gzip", body, max_bytes)
    if len(body) > max_bytes:
        raise TooLarge(f"the answer is larger than {max_bytes} bytes")
    return body


def decode_beginning(body: bytes, content_encoding: str, max_bytes: int) -> bytes:
    """Return at most *max_bytes* of what *body* unpacks to, however much of it is there or whole."""
    for coding in reversed(_codings(content_encoding)[:MAX_CODINGS]):
        undo, whole = _DECODERS.get(coding), bytearray()
        if undo is not None:
            with contextlib.suppress(TooLarge, TransferBroken, *_DAMAGE):
                undo(body, whole, max_bytes)
        body = bytes(whole) or body
    return body[:max_bytes]


def is_coded(body: bytes | bytearray, content_encoding: str) -> bool:
    """Tell whether decode() would unpack a body that begins as *body* does."""
    return bool(_codings(content_encoding)) or body.startswith(_GZIP_MAGIC)


def _codings(content_encoding: str) -> list[str]:
    codings = [coding.strip().lower() for coding in content_encoding.split(",")]
    return [coding for coding in codings if coding not in _NO_CODING]


def _undo(coding: str, body: bytes, max_bytes: int) -> bytes:
    if not body:
        return body
    try:
        return _undo_strictly(coding, body, max_bytes)
    except TransferBroken:
        if looks_plain(body) or (coding not in _GZIP and body.startswith(_GZIP_MAGIC)):
            return body
        raise


def _undo_strictly(coding: str, body: bytes, max_bytes: int) -> bytes:
    undo, whole = _DECODERS.get(coding), bytearray()
    if undo is None:
        raise TransferBroken(f"the answer is in a coding nobody asked for ({coding[:40]})")
    try:
        undo(body, whole, max_bytes)
    except _DAMAGE:
        raise TransferBroken(f"the answer's {coding} coding is damaged") from None
    return bytes(whole)


def looks_plain(body: bytes) -> bool:
    """Say whether *body* begins as a text document in markup or JSON does."""
    start = body[:64].removeprefix(b"\xef\xbb\xbf").lstrip(b" \t\r\n")
    is_text = all(octet >= 0x20 or octet in b"\t\r\n" for octet in start)
    return start[:1] in {b"<", b"{", b"["} and len(start) >= 16 and is_text and start[:16].isascii()


def _gunzip(body: bytes, whole: bytearray, max_bytes: int) -> None:
    if not body.startswith(_GZIP_MAGIC[:2]):
        raise TransferBroken("the answer is labelled gzip and is not")
    for _ in range(MAX_PIECES):  # RFC 1952 §2.2: members in a row; what else follows is padding
        member = isal_zlib.decompressobj(wbits=31)
        _inflate(member, body, whole, max_bytes)
        body = member.unused_data
        if not body.startswith(_GZIP_MAGIC[:2]):
            return
    raise TransferBroken(_TOO_MANY_PIECES)


def _inflate(inflater: _Inflater, body: bytes, whole: bytearray, max_bytes: int) -> None:
    """Append what *body* unpacks to."""
    pending = body
    while not inflater.eof:
        part = inflater.decompress(pending, _STEP)
        pending = inflater.unconsumed_tail
        _append(whole, part, max_bytes)
        if not part and not pending and not inflater.eof:
            raise TransferBroken("the answer's compressed body ends early")


def _append(whole: bytearray, part: bytes, max_bytes: int) -> None:
    free = max_bytes - len(whole)
    whole += part[:free]
    if len(part) > free:
        raise TooLarge(f"the answer unpacks to more than {max_bytes} bytes")


def _undo_deflate(body: bytes, whole: bytearray, max_bytes: int) -> None:
    """Take off "deflate": zlib by the standard, raw by the habit of old servers."""
    is_zlib = len(body) > 1 and body[0] & 0x0F == 8 and (body[0] << 8 | body[1]) % 31 == 0
    if is_zlib:
        # two bytes of raw deflate can look like a zlib header
        with contextlib.suppress(*_DAMAGE):
            return _inflate(isal_zlib.decompressobj(wbits=15), body, whole, max_bytes)
        whole.clear()
    return _inflate(isal_zlib.decompressobj(wbits=-15), body, whole, max_bytes)


def _undo_brotli(body: bytes, whole: bytearray, max_bytes: int) -> None:
    stream = brotli.Decompressor()
    pending = body
    while not stream.is_finished():
        part = stream.process(pending, output_buffer_limit=_STEP)
        pending = b""
        _append(whole, part, max_bytes)
        if not part and not stream.is_finished():
            raise TransferBroken("the answer's compressed body ends early")


def _undo_zstd(body: bytes, whole: bytearray, max_bytes: int) -> None:
    # A reader can be stopped at the limit but takes a cut stream for a whole one; the object tells.
    decompressor = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW)
    with decompressor.stream_reader(body, read_across_frames=True) as reader:
        while step := reader.read(_STEP):
            _append(whole, step, max_bytes)
    for _ in range(MAX_PIECES):
        frame = decompressor.decompressobj()
        frame.decompress(body)
        if not frame.eof:
            raise TransferBroken("the answer's compressed body ends early")
        body = frame.unused_data
        if not body:
            return
    raise TransferBroken(_TOO_MANY_PIECES)


#: each appends what a body unpacks to, and raises with what came before in place
_DECODERS: dict[str, Callable[[bytes, bytearray, int], None]] = {
    **dict.fromkeys(_GZIP, _gunzip),
    "deflate": _undo_deflate,
    "x-deflate": _undo_deflate,
    "br": _undo_brotli,
    "zstd": _undo_zstd,
}
