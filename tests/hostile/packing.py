"""Bodies that unpack to more than anybody can hold, or to nothing."""

from __future__ import annotations

import gzip
import random
import zlib
from collections.abc import Callable, Iterator
from functools import cache

import brotli
import zstandard

from tests.hostile.cases import OK, Case, kinds
from tests.hostile.documents import item, rss
from tests.hostile.server import answer
from tests.hostile.transport import FEED, say

ZEROS = 60_000_000


def deflated(data: bytes, bits: int) -> bytes:
    """Data in zlib (15), raw deflate (-15) or gzip (31)."""
    packer = zlib.compressobj(6, zlib.DEFLATED, bits)
    return packer.compress(data) + packer.flush()


@cache
def bomb(how: str) -> bytes:
    """Sixty megabytes of nothing, packed."""
    match how:
        case "gzip":
            return deflated(bytes(ZEROS), 31)
        case "zlib":
            return deflated(bytes(ZEROS), 15)
        case "raw":
            return deflated(bytes(ZEROS), -15)
        case "br":
            packer = brotli.Compressor(quality=1)
            return b"".join(packer.process(bytes(10_000_000)) for _ in range(6)) + packer.finish()
        case _:
            return zstandard.ZstdCompressor().compress(bytes(ZEROS))


def packed(coding: str, body: Callable[[], bytes]) -> Callable[..., None]:
    """A play that sends a body under a label."""
    made = answer(body(), f"Content-Encoding: {coding}")
    return lambda line: line.send(made)


def twice(times: int) -> bytes:
    """A feed, packed several times over."""
    body = FEED
    for _ in range(times):
        body = gzip.compress(body)
    return body


def matryoshka() -> bytes:
    """A bomb in a bomb: a few hundred bytes of gzip hold sixty thousand, which hold sixty million."""
    return gzip.compress(bomb("gzip"))


def wide_window() -> bytes:
    """A zstd frame that wants two gigabytes of memory to be read in."""
    return b"\x28\xb5\x2f\xfd\x00\xa8" + b"\x01\x00\x00" * 1000


def long_name() -> bytes:
    """A gzip whose file name is a megabyte long (RFC 1952 section 2.3)."""
    plain = gzip.compress(FEED)
    return plain[:3] + b"\x08" + plain[4:10] + b"n" * 1_000_000 + b"\0" + plain[10:]


def noise() -> bytes:
    """Bytes that mean nothing, the same each time."""
    return random.Random(7).randbytes(50_000)


def packing() -> Iterator[Case]:
    """Bombs, chains, wrong labels."""
    large, wrong = kinds("too-large"), kinds("transfer")
    for coding, how in {"gzip": "gzip", "deflate": "zlib", "br": "br", "zstd": "zstd"}.items():
        yield Case(f"a bomb in {coding}", packed(coding, lambda how=how: bomb(how)), large)
    yield Case("a bomb in raw deflate", packed("deflate", lambda: bomb("raw")), large)
    yield Case("a bomb without a label", say(answer(bomb("gzip"))), large)
    yield Case("a bomb in a bomb", packed("gzip, gzip", matryoshka), large)
    yield Case("a bomb in a bomb with half its labels", packed("gzip", matryoshka), large)
    yield Case("bombs in a row", packed("gzip", lambda: gzip.compress(bytes(3_000_000)) * 50), large)
    yield Case("frames in a row", packed("zstd", lambda: zstandard.compress(bytes(3_000_000)) * 50), large)
    yield Case("a brotli bomb in a gzip", packed("br, gzip", lambda: gzip.compress(bomb("br"))), large)
    yield Case("a zstd frame with a wide window", packed("zstd", wide_window), wrong)
    yield Case(
        "empty members", packed("gzip", lambda: gzip.compress(b"") * 100_000), kinds("transfer", "not-a-feed")
    )
    yield Case("packed twice", packed("gzip, gzip", lambda: twice(2)), kinds(OK))
    yield Case("packed three times", packed("gzip, gzip, gzip", lambda: twice(3)), wrong)
    yield Case("fifty labels", packed(", ".join(["gzip"] * 50), lambda: FEED), wrong)
    yield Case("a label of ten thousand letters", packed("x" * 10_000, lambda: deflated(FEED, 31)),
               kinds("transfer", OK))  # fmt: skip
    yield Case("a label that is not true", packed("gzip", lambda: FEED), kinds(OK))
    yield Case("a truth without label", packed("identity", lambda: gzip.compress(FEED)), kinds(OK))
    for coding in ("gzip", "deflate", "br", "zstd", "compress", "bzip2"):
        yield Case(f"noise labelled {coding}", packed(coding, noise), wrong)
    yield Case("a gzip cut short", packed("gzip", lambda: gzip.compress(FEED)[:-20]), wrong)
    yield Case("a gzip with a false sum", packed("gzip", lambda: gzip.compress(FEED)[:-8] + b"\0" * 8), wrong)
    yield Case("a gzip with a name of a megabyte", packed("gzip", long_name), kinds(OK))
    yield Case("a brotli cut short", packed("br", lambda: brotli.compress(FEED)[:-9]), wrong)
    yield Case("a zstd cut short", packed("zstd", lambda: zstandard.compress(FEED)[:-9]), wrong)
    yield Case("a feed of nearly sixteen megabytes in a gzip", packed("gzip", lambda: gzip.compress(
        rss(item("", title="w " * 7_900_000)))), kinds(OK))  # fmt: skip
    yield Case("an empty body with a label", packed("gzip", lambda: b""), wrong)
