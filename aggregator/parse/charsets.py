"""Names of charsets as documents write them, and the codec each stands for in practice.

A table alone: the labels of the WHATWG Encoding Standard that Python knows by no name or by a
narrower one, with a few that people make up. What is not here is asked of Python's codecs.
"""

from __future__ import annotations

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
