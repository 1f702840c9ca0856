"""Names of charsets as documents write them, the codec each stands for, and what bytes look like.

The labels are those of the WHATWG Encoding Standard that Python knows by no name or by a
narrower one, with a few that people make up. What is not here is asked of Python's codecs.
"""

from __future__ import annotations

import re

_LABELS = {
    "gb18030": "gb2312 gb_2312 gb_2312-80 gbk x-gbk cp936 ms936 windows-936 chinese csgb2312 csiso58gb231280",
    "big5hkscs": "big5 big5-hkscs cn-big5 x-x-big5 csbig5",
    "cp949": "euc-kr euckr ks_c_5601-1987 ks_c_5601-1989 ksc5601 ksc_5601 korean windows-949 "
    "csksc56011987 cseuckr",
    "cp932": "shift_jis shift-jis sjis x-sjis windows-31j csshiftjis ms_kanji",
    "euc-jp": "x-euc-jp cseucpkdfmtjapanese",
    "cp1252": "iso-8859-1 iso8859-1 iso_8859-1 iso_8859-1:1987 iso88591 latin1 latin-1 l1 x-cp1252 "
    "win-1252 ansi",
    "cp1250": "x-cp1250 win-1250 cp-1250",
    "cp1251": "x-cp1251 win-1251 cp-1251 windows1251",
    "cp1254": "iso-8859-9 iso8859-9 latin5 x-cp1254",
    "cp874": "tis-620 windows-874 dos-874",
    "iso-8859-8": "iso-8859-8-i iso-8859-8-e csiso88598i csiso88598e logical visual",
    "koi8-u": "koi8-ru",
    "mac-roman": "x-mac-roman mac csmacintosh",
    "mac-cyrillic": "x-mac-cyrillic x-mac-ukrainian",
    "utf-8": "utf8 utf8mb4 unicode-1-1-utf-8 x-unicode20utf8",
    "utf-16": "unicode",
}
_CODECS = {label: codec for codec, labels in _LABELS.items() for label in labels.split()}


def codec_of(label: str) -> str:
    """Return the codec that a label stands for; the label in lower case where it stands for itself."""
    lowered = label.lower()
    return _CODECS.get(lowered, lowered)


#: letters beyond ASCII that stand together
_RUN = re.compile(rb"[\x80-\xff]+")
#: bytes that are looked at, and letters that are too few to tell
_SAMPLE, _FEWEST = 100_000, 20
#: where a byte of GB 2312 begins a character of everyday Chinese; small and capital letters of windows-1251
_EVERYDAY, _SMALL, _CAPITAL = range(0xB0, 0xD8), range(0xE0, 0x100), range(0xC0, 0xE0)


def looks_like(body: bytes) -> str | None:
    """Return the charset of a Chinese or Cyrillic text that is not what its label says; None for any other.

    In languages that write Latin letters, those beyond ASCII stand alone or in pairs.
    """
    runs = _RUN.findall(body[:_SAMPLE])
    letters = b"".join(runs)
    if len(letters) < _FEWEST or sum(len(run) for run in runs if len(run) > 2) < 0.7 * len(letters):
        return None
    everyday = sum(byte in _EVERYDAY for run in runs for byte in run[::2])
    if everyday > 0.25 * len(letters) and _is_chinese(body):
        return "gb18030"
    small, capital = (sum(byte in kind for byte in letters) for kind in (_SMALL, _CAPITAL))
    if small + capital < 0.8 * len(letters):
        return None
    # what is small in windows-1251 is a capital in KOI8
    return "cp1251" if small > capital else "koi8-u"


def _is_chinese(body: bytes) -> bool:
    """Tell whether all bytes are pairs as GB 18030 makes them, which words in one byte a letter never are."""
    try:
        body.decode("gb18030")
    except UnicodeDecodeError:
        return False
    return True
