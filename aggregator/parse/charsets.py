"""What bytes are: a kind of file that is no text, or text in the charset that a name or their looks say.

Bytes and headers flow in, text flows out. Nothing here ever raises.

The labels are those of the WHATWG Encoding Standard that Python knows by no name or by a
narrower one, with a few that people make up. What is not here is asked of Python's codecs.
"""

from __future__ import annotations

import codecs
import re
import zlib
from collections.abc import Mapping
from contextlib import suppress

from aggregator.parse.clean import joined_halves

_IMAGE = rb"\x89PNG\r\n|\xff\xd8\xff|GIF8[79]a|RIFF....WEBP|\x00\x00\x01\x00|BM....\x00\x00"
_KINDS = (
    (re.compile(_IMAGE, re.DOTALL), "an image"),
    (re.compile(rb"%PDF-"), "a PDF"),
    (re.compile(rb"PK\x03\x04|PK\x05\x06|7z\xbc\xaf|Rar!\x1a"), "a zip archive or an office document"),
    (re.compile(rb"ID3[\x02-\x04]|\xff[\xf2\xf3\xfb]|OggS|fLaC|RIFF....WAVE", re.DOTALL), "an audio file"),
    (re.compile(rb"....ftyp|\x1aE\xdf\xa3|RIFF....AVI ", re.DOTALL), "a video"),
)
#: bytes that are looked at, and of them the controls that a text of one or two bytes a letter does not have
_HEAD, _CONTROLS = 2000, re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
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
#: bytes that a document sent as a gzip file may unpack to
_MOST_UNPACKED = 32_000_000
_DECLARED = re.compile(rb"<\?xml\b[^>]{0,200}?encoding\s*=\s*[\"']\s*([A-Za-z0-9._:-]+)", re.IGNORECASE)
_HTTP_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([A-Za-z0-9._:-]+)", re.IGNORECASE)
#: a character beyond U+FFFF as programs write it that think in UTF-16: three bytes for each of its halves
_SIX_BYTES = re.compile(rb"\xed[\xa0-\xaf][\x80-\xbf]\xed[\xb0-\xbf][\x80-\xbf]")
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
#: how "<?xm", "<rss" and the like look in charsets that are no superset of ASCII
_PATTERNS = (
    (re.compile(rb"\x00\x00\x00<"), "utf-32-be"),
    (re.compile(rb"<\x00\x00\x00"), "utf-32-le"),
    (re.compile(rb"\x00<\x00[?!A-Za-z]"), "utf-16-be"),
    (re.compile(rb"<\x00[?!A-Za-z]\x00"), "utf-16-le"),
    (re.compile(rb"\x4c\x6f\xa7\x94"), "cp037"),
)
#: labels that tell nothing of what does not decode by them
_SAID_OF_EVERYTHING = frozenset({"utf-8", "cp1252", "windows-1252", "us-ascii", "ascii"})
_SINGLE_BYTE = re.compile(r"(?:cp|windows-)125\d|iso-?8859|us-ascii|ascii|latin|koi8|mac")


def unpacked(body: bytes) -> bytes:
    """Return a document that was sent as a gzip file without a word about it; any other unchanged."""
    if not body.startswith(b"\x1f\x8b\x08"):
        return body
    try:
        return zlib.decompressobj(31).decompress(body, _MOST_UNPACKED)
    except zlib.error:
        return body


def file_kind(body: bytes) -> str | None:
    """Return what kind of file begins with these bytes, with its article; None for what may be a text."""
    return next((kind for beginning, kind in _KINDS if beginning.match(body)), None)


def is_binary(body: bytes) -> bool:
    """Tell whether bytes that are in no wide charset are no text in any other."""
    sample = body[:_HEAD]
    return len(_CONTROLS.findall(sample)) * 20 > len(sample)


def to_text(body: bytes, headers: Mapping[str, str]) -> tuple[str, str]:
    """Return the document as text and the charset it was read with.

    Order: byte order mark, the HTTP charset, the XML declaration, UTF-8 (RFC 7303 §3); each
    must decode without an error. What decodes as nothing is read as UTF-8 or as its label says where
    little is wrong, else as what it looks like, else as windows-1252.
    """
    candidates = _candidates(body, headers)
    for encoding in candidates:
        try:
            decoded = body.decode(encoding).lstrip("\ufeff")
        except (UnicodeError, LookupError):
            continue
        if encoding != "cp1252" or not is_hardly_latin(body):
            return decoded, encoding
    with suppress(UnicodeDecodeError):
        return _SIX_BYTES.sub(_whole, body).decode("utf-8").lstrip("\ufeff"), "utf-8"
    # one bad byte in a UTF-8 document must not turn the rest into mojibake
    as_utf8 = body.decode("utf-8", "replace")
    bad = as_utf8.count("\ufffd")
    wide = sum(1 for byte in body if byte > 0x7F) if bad else 0
    if bad and bad * 3 < wide:
        return mended(body).lstrip("\ufeff"), "utf-8"
    # nor a character cut in two, or one byte that stands for nothing, in a document of another charset
    for encoding in candidates:
        if encoding not in _SAID_OF_EVERYTHING and (text := _read_as(encoding, body, wide // 100)):
            return text, encoding
    likely = looks_like(body) or "cp1252"
    return body.decode(likely, "replace"), likely


def _whole(halves: re.Match[bytes]) -> bytes:
    return joined_halves(halves[0].decode("utf-8", "surrogatepass")).encode()


def _read_as(encoding: str, body: bytes, most: int) -> str | None:
    """Return the body in a charset if at most so many of its characters make no sense, and not none."""
    try:
        text = body.decode(encoding, "replace")
    except (UnicodeError, LookupError):
        return None
    return text if 0 < text.count("\ufffd") <= most else None


def _candidates(body: bytes, headers: Mapping[str, str]) -> list[str]:
    """Return the charsets to try, best first."""
    found = [name for bom, name in _BOMS if body.startswith(bom)][:1]
    head = body[:400].lstrip(b" \t\r\n")
    patterned = next((name for pattern, name in _PATTERNS if pattern.match(head)), None)
    if patterned:
        return [*found, patterned]
    http = _HTTP_CHARSET.search(headers.get("content-type", ""))
    declared = _DECLARED.search(body[:1000])
    names = [*found]
    if http:
        names.append(http[1])
    if declared:
        names.append(declared[1].decode("ascii", "replace"))
    names = [codec_of(name) for name in names]
    if http and declared and codec_of(http[1]) == "cp1252":
        names.reverse()  # Latin-1 is what servers say of everything
    if names and _SINGLE_BYTE.match(names[0]) and _is_utf8(body):
        names.insert(0, "utf-8")
    # what is read here byte by byte has no wide units, whatever its label says
    names = [name for name in names if found or not name.startswith(("utf-16", "utf-32", "ucs"))]
    return list(dict.fromkeys([*names, "utf-8"]))


def _is_utf8(body: bytes) -> bool:
    """Tell whether the body has characters beyond ASCII and all of them are UTF-8.

    Text in a single-byte charset practically never is: such a label is then a server's default.
    """
    if body.isascii():
        return False
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def codec_of(label: str) -> str:
    """Return the codec that a label stands for; the label in lower case where it stands for itself."""
    lowered = label.lower()
    return _CODECS.get(lowered, lowered)


#: what stands together beyond ASCII, those of it that are no punctuation in windows-1252, and markup
_RUN, _LETTERS = re.compile(rb"[\x80-\xff]+"), re.compile(rb"[\xa1-\xff]+")
_TAG = re.compile(rb"<(?!!\[CDATA\[)[^<>]*+>")
#: bytes that are looked at, and letters that are too few to tell
_SAMPLE, _FEWEST = 100_000, 20
#: what documents on the web were written in; of the others every guess is a wrong one
_LATIN = ("cp1250", "cp1252", "cp1254", "cp1257", "iso8859-2")
_OF_TWO_BYTES = ("gb18030", "big5hkscs", "cp932", "euc_jis_2004", "euc_kr", "cp949")
_OF_OTHER_LETTERS = (
    *("cp1251", "cp1253", "cp1255", "cp1256", "cp874"),
    *("iso8859-5", "iso8859-6", "iso8859-7", "koi8-r", "koi8-u"),
)
#: lead bytes of the letters of Western languages in UTF-8, and of its quotation marks and dashes
_LEADS = frozenset(b"\xc2\xc3\xc4\xc5\xe2")
_ASCII_LETTER = re.compile(rb"[A-Za-z]")
#: what is neither Latin nor punctuation
_OTHER = re.compile("[^\x00-\u024f\u2000-\u20ff\ufffd]+")


def looks_like(body: bytes) -> str | None:
    """Return the charset that the letters of a text without a label speak for; None if too few."""
    sample = _TAG.sub(b" ", body[: 4 * _SAMPLE])[:_SAMPLE]
    if sum(map(len, _LETTERS.findall(sample))) < _FEWEST or is_binary(body):
        return None
    # few documents need it, and it takes 35 MB: it comes with the first that does, and goes with the reader
    import chardet

    likely = (*_LATIN, *_OF_TWO_BYTES, *(_OF_OTHER_LETTERS if is_hardly_latin(body) else ()))
    return chardet.detect(sample, include_encodings=likely, compat_names=False)["encoding"]


def is_hardly_latin(body: bytes) -> bool:
    """Tell whether a text called Latin-1 is none: there, letters beyond ASCII stand alone or in pairs."""
    runs = [len(run) for run in _RUN.findall(body[:_SAMPLE])]
    return sum(runs) >= _FEWEST and sum(length for length in runs if length > 2) >= 0.7 * sum(runs)


def _stray(error: UnicodeError) -> tuple[str, int]:
    """Read a byte of a word in UTF-8 that is none as the letter it was before somebody put texts together."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    text, start, end = error.object, error.start, error.end
    before, behind = (bool(_ASCII_LETTER.match(text, place)) for place in (max(0, start - 1), end))
    is_letter = end == start + 1 and (behind or (before and text[start] not in _LEADS))
    return text[start:end].decode("cp1252", "replace") if is_letter else "\ufffd", end


codecs.register_error("stray-latin", _stray)


def mended(body: bytes) -> str:
    """Return a text in UTF-8 but for a few bytes: letters of Latin-1 among Latin ones, else U+FFFD."""
    text = body.decode("utf-8", "replace")
    other = sum(len(run[0]) for run in _OTHER.finditer(text))
    is_latin = other * 10 < len(text) - len(text.encode("ascii", "ignore"))
    return body.decode("utf-8", "stray-latin") if is_latin else text
