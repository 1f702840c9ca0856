"""Pictures and sound of the demo world: in flows a name, out flow the bytes of a real PNG, WAV or MP3.

The same name always gives the same bytes; nothing is read from disk and nothing is random.
"""

from __future__ import annotations

import math
import struct
import zlib
from functools import lru_cache
from hashlib import blake2b

WIDTH, HEIGHT = 960, 540
RATE = 8000

#: sky top, sky bottom, sun, far, middle, near, water
_PALETTES = tuple(
    tuple(bytes.fromhex(colour) for colour in line.split())
    for line in (
        "263254 de967a fad6a0 6e627c 464260 22243a 605c7a",
        "7898b8 e2e4de fffae8 9cacb6 687c8a 344452 8ea4b2",
        "3a424a a8aeb0 d6d6ce 7a8082 545a5e 2c3034 687074",
        "141a34 404870 eee8c8 2e3456 202440 101224 262c4e",
        "84aa96 ece4be fff4ce 96aa8a 627e62 304c3e 84a8a0",
    )
)


def _numbers(name: str, count: int) -> list[int]:
    """Return *count* numbers 0-255 that depend on *name* alone."""
    out = b""
    block = name.encode()
    while len(out) < count:
        block = blake2b(block).digest()
        out += block
    return list(out[:count])


@lru_cache(maxsize=64)
def picture(name: str) -> bytes:
    """Return a PNG landscape of WIDTH x HEIGHT; ``hills-…``, ``sea-…``, ``chart-…`` or (else) a skyline."""
    n = _numbers(name, 400)
    palette = _PALETTES[n[0] % len(_PALETTES)]
    kind = name.split("-", 1)[0]
    if kind == "chart":
        layers = [(_chart(n), 5)]
    elif kind == "hills":
        layers = [(_hills(n[i * 9 :], 250 + 70 * i), 3 + i) for i in range(3)]
    elif kind == "sea":
        layers = [(_hills(n, 330), 3)]
    else:
        layers = [(_skyline(n[40 + i * 90 :], 270 + 60 * i, 30 + 14 * i), 3 + i) for i in range(3)]
    return _png(
        palette, layers, sun=(200 + n[1] * 2, 90 + n[2] // 2, 34 + n[3] // 12), water=kind in ("sea", "river")
    )


def _hills(n: list[int], base: int) -> list[int]:
    waves = [(n[i] % 4 + 1, n[i + 1] / 40, 10 + n[i + 2] % 40) for i in (0, 3, 6)]
    return [
        int(base + sum(a * math.sin(x / WIDTH * math.pi * f + p) for f, p, a in waves)) for x in range(WIDTH)
    ]


def _skyline(n: list[int], base: int, width: int) -> list[int]:
    tops: list[int] = []
    i = 0
    while len(tops) < WIDTH:
        top, wide = base + 60 - n[i % 88] * 2 // 3, width + n[(i + 7) % 88] % 34
        spire = n[(i + 3) % 88] % 6 == 0
        for x in range(wide):
            lift = max(0, 46 - 9 * abs(x - wide // 2)) if spire else 0
            tops.append(top - lift)
        i += 1
    return tops[:WIDTH]


def _chart(n: list[int]) -> list[int]:
    tops, level = [], 380.0
    for x in range(WIDTH):
        level += (n[x // 12 % 300] - 130) / 110
        tops.append(int(min(500, max(120, level))))
    return tops


def _png(palette: tuple, layers: list, *, sun: tuple[int, int, int], water: bool) -> bytes:
    """Return the picture as an indexed PNG: 64 shades of sky, then sun, three layers, water, ripple."""
    top, bottom = palette[0], palette[1]
    shades = [tuple(a + (b - a) * i // 63 for a, b in zip(top, bottom, strict=True)) for i in range(64)]
    colours = [*shades, *palette[2:], tuple(min(255, c + 18) for c in palette[6])]
    rows = bytearray()
    shore = 400
    for y in range(HEIGHT):
        row = bytearray([min(63, y * 64 // 420)]) * WIDTH
        reach = sun[2] ** 2 - (y - sun[1]) ** 2
        if reach > 0:
            half = math.isqrt(reach)
            row[sun[0] - half : sun[0] + half] = bytes([64]) * (2 * half)
        for tops, colour in layers:
            index = 62 + colour
            for x, edge in enumerate(tops):
                if y >= edge:
                    row[x] = index
        if water and y >= shore:
            row = bytearray([69 if (y * 7 // 5) % 9 in (0, 4) else 68]) * WIDTH
        rows += b"\0" + row
    return _assemble(rows, colours)


def _assemble(rows: bytes, colours: list) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 3, 0, 0, 0)
    table = b"".join(bytes(c) for c in colours)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"PLTE", table)
        + chunk(b"IDAT", zlib.compress(bytes(rows), 9)) + chunk(b"IEND", b"")
    )  # fmt: skip


@lru_cache(maxsize=8)
def wav(name: str, seconds: int) -> bytes:
    """Return *seconds* of a quiet tune as WAV: 8-bit mono, RATE samples a second."""
    data = (_phrase(name) * (seconds // 8 + 1))[: seconds * RATE]
    head = struct.pack("<4sI4s4sIHHIIHH4sI", b"RIFF", 36 + len(data), b"WAVE", b"fmt ", 16, 1, 1,
                       RATE, RATE, 1, 8, b"data", len(data))  # fmt: skip
    return head + data


def _phrase(name: str) -> bytes:
    """Return eight seconds: sixteen plucked notes of a five-note scale."""
    out = bytearray()
    for n in _numbers(name, 16):
        pitch = 196 * 2 ** ((0, 2, 4, 7, 9, 12)[n % 6] / 12)
        for i in range(RATE // 2):
            fade = math.exp(-i / 1400)
            out.append(128 + int(44 * fade * math.sin(2 * math.pi * pitch * i / RATE)))
    return bytes(out)


def mp3(seconds: int) -> bytes:
    """Return *seconds* of silence as MP3: MPEG-2 layer III frames, 8 kbit/s, 22,050 Hz, mono."""
    # 576 samples a frame; with all side information zero a decoder plays silence
    frame = b"\xff\xf3\x10\xc0" + bytes(22)
    return frame * math.ceil(seconds * 22050 / 576)
