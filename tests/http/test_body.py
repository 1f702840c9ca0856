"""Content codings: what is unpacked, what is refused, and at what size."""

from __future__ import annotations

import contextlib
import gzip
import zlib
from collections.abc import Callable

import brotli
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from aggregator.http.body import ACCEPT_ENCODING, MAX_CODINGS, decode
from aggregator.http.errors import HttpError, TooLarge, TransferBroken

FEED = b"<rss><channel>" + b"".join(b"<item>%d</item>" % i for i in range(2000)) + b"</channel></rss>"
LIMIT = 1_000_000


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


PACKERS: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "gzip": ("gzip", gzip.compress),
    "x-gzip": ("X-GZip", gzip.compress),
    "deflate by the standard": ("deflate", zlib.compress),
    "deflate as old servers do it": ("deflate", raw_deflate),
    "br": ("br", brotli.compress),
    "zstd": ("zstd", zstandard.compress),
}
every_packer = pytest.mark.parametrize(("coding", "pack"), PACKERS.values(), ids=PACKERS.keys())


@every_packer
def test_every_coding_is_taken_off(coding: str, pack: Callable[[bytes], bytes]) -> None:
    assert decode(pack(FEED), coding, LIMIT) == FEED


@every_packer
def test_a_cut_body_is_never_taken_for_a_whole_one(coding: str, pack: Callable[[bytes], bytes]) -> None:
    packed = pack(FEED)
    for end in (1, 2, 3, len(packed) // 2, len(packed) - 1):
        with pytest.raises(TransferBroken):
            decode(packed[:end], coding, LIMIT)


@every_packer
def test_a_bomb_stops_at_the_limit(coding: str, pack: Callable[[bytes], bytes]) -> None:
    bomb = pack(bytes(16_000_000))
    assert len(bomb) < 100_000
    with pytest.raises(TooLarge):
        decode(bomb, coding, LIMIT)


@every_packer
def test_the_limit_itself_is_allowed(coding: str, pack: Callable[[bytes], bytes]) -> None:
    assert len(decode(pack(bytes(LIMIT)), coding, LIMIT)) == LIMIT
    with pytest.raises(TooLarge):
        decode(pack(bytes(LIMIT + 1)), coding, LIMIT)


def test_a_bomb_inside_a_bomb_stops_at_the_limit() -> None:
    with pytest.raises(TooLarge):
        decode(gzip.compress(gzip.compress(bytes(16_000_000))), "gzip, gzip", LIMIT)


def test_two_codings_are_taken_off_last_one_first() -> None:
    assert decode(gzip.compress(brotli.compress(FEED)), "br, gzip", LIMIT) == FEED


def test_a_chain_longer_than_two_is_refused() -> None:
    body = FEED
    for _ in range(MAX_CODINGS + 1):
        body = gzip.compress(body)
    with pytest.raises(TransferBroken, match="packed 3 times"):
        decode(body, "gzip, gzip, gzip", LIMIT)


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd", "compress", "gzip, br"])
def test_a_plain_body_with_a_wrong_label_is_read_as_it_is(coding: str) -> None:
    for plain in (
        FEED,
        b"\xef\xbb\xbf<?xml version='1.0'?><rss/>",
        b'\n {"version": "https://jsonfeed.org"}',
    ):
        assert decode(plain, coding, LIMIT) == plain


@pytest.mark.parametrize("label", ["", "deflate", "br", "gzip, aws-chunked"])
def test_gzip_is_unpacked_whatever_its_label(label: str) -> None:
    assert decode(gzip.compress(FEED), label, LIMIT) == FEED
    with pytest.raises(TransferBroken):
        decode(gzip.compress(FEED)[:-9], label, LIMIT)


@pytest.mark.parametrize("coding", ["", "identity", "none", "UTF-8", "identity, identity"])
def test_words_that_mean_no_coding_change_nothing(coding: str) -> None:
    assert decode(FEED, coding, LIMIT) == FEED


def test_members_in_a_row_are_one_body_and_padding_is_ignored() -> None:
    assert decode(gzip.compress(b"<a>") + gzip.compress(b"</a>") + bytes(8), "gzip", LIMIT) == b"<a></a>"
    assert decode(zstandard.compress(b"<a>") + zstandard.compress(b"</a>"), "zstd", LIMIT) == b"<a></a>"


def test_many_members_share_one_limit() -> None:
    with pytest.raises(TooLarge):
        decode(gzip.compress(bytes(100_000)) * 11, "gzip", LIMIT)


@pytest.mark.parametrize(
    ("coding", "piece"),
    [
        pytest.param("gzip", gzip.compress(b""), id="gzip"),  # it holds the time: no name of a test
        pytest.param("zstd", zstandard.compress(b""), id="zstd"),
    ],
)
def test_more_pieces_than_any_document_has_are_refused(coding: str, piece: bytes) -> None:
    with pytest.raises(TransferBroken, match="pieces"):
        decode(piece * 100_000, coding, LIMIT)


def test_a_wrong_checksum_is_noticed() -> None:
    packed = bytearray(gzip.compress(FEED))
    packed[-6] ^= 0xFF
    with pytest.raises(TransferBroken):
        decode(bytes(packed), "gzip", LIMIT)


def test_a_zstd_window_beyond_eight_megabytes_is_refused() -> None:
    parameters = zstandard.ZstdCompressionParameters(window_log=27)
    packer = zstandard.ZstdCompressor(compression_params=parameters).compressobj()
    with pytest.raises(TransferBroken):
        decode(packer.compress(FEED) + packer.flush(), "zstd", LIMIT)


def test_a_coding_nobody_asked_for_is_named() -> None:
    with pytest.raises(TransferBroken, match="compress"):
        decode(b"\x1f\x9d\x90\x00", "compress", LIMIT)


def test_everything_offered_is_decodable() -> None:
    decodable = {coding for coding, _ in PACKERS.values()}
    assert set(ACCEPT_ENCODING.split(", ")) <= decodable


@given(st.binary(max_size=300), st.sampled_from(["gzip", "deflate", "br", "zstd", "br, gzip", ""]))
def test_any_bytes_are_a_body_or_a_named_error(body: bytes, coding: str) -> None:
    with contextlib.suppress(HttpError):
        assert len(decode(body, coding, 5000)) <= 5000


def test_an_unlabelled_gzip_with_a_false_sum_is_damaged() -> None:
    packed = gzip.compress(b"<rss/>" * 100)
    with pytest.raises(TransferBroken):
        decode(packed[:-8] + b"\0" * 8, "", 10_000)
