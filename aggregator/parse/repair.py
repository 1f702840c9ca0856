"""Bytes that XML parsers refuse become text that they accept.

Bytes and headers flow in, text flows out: charset found, byte order mark, leading blanks and
the XML declaration removed, illegal characters and references to them gone. The second
function repairs markup (undefined entities, bare ampersands, undeclared prefixes) and is
called only after a strict parser has refused. Nothing here ever raises.
"""

from __future__ import annotations

import codecs
import re
import zlib
from collections.abc import Mapping
from contextlib import suppress
from html.entities import html5

from aggregator.parse.charsets import codec_of, is_hardly_latin, looks_like, mended
from aggregator.parse.clean import clean, is_legal
from aggregator.parse.sections import joined

_DECLARATION = re.compile(r"\s*<\?xml\b[^>]*>", re.IGNORECASE)
#: characters before the root element; what is longer declares nothing that a feed needs
_LONGEST_HEAD = 200_000
_COMMENT_OR_TAG = re.compile(r"<!--.*?(?:-->|\Z)|<[A-Za-z]", re.DOTALL)
_NAME = re.compile(r"[A-Za-z][\w.:-]*")
_DECLARED_NAMES = re.compile(r"<!--.*?-->|<!(?:ELEMENT|ATTLIST|NOTATION)\b[^>]*>", re.DOTALL)
#: an entity as feedparser's filter does not know it
_SINGLE_QUOTED = re.compile(r"""(<!ENTITY\s+\w+\s+)'([^'"]*)'""")
_DOCTYPE_PARTS = re.compile(r"(<!(?:DOCTYPE|ENTITY)\b|\]\s*>)")
_DECLARED = re.compile(rb"<\?xml\b[^>]{0,200}?encoding\s*=\s*[\"']\s*([A-Za-z0-9._:-]+)", re.IGNORECASE)
_HTTP_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([A-Za-z0-9._:-]+)", re.IGNORECASE)
#: references that are written well, to characters that are legal: nearly all that there are
_SOUND = (
    "(?:3[2-9]|[4-9][0-9]|[1-9][0-9]{2,3}"
    "|x(?:[2-9a-fA-F][0-9a-fA-F]|[1-9a-fA-F][0-9a-fA-F]{2}|[1-9a-cA-C][0-9a-fA-F]{3}));"
)
_REFERENCE = re.compile(rf"&#(?!{_SOUND})(?:[xX]([0-9a-fA-F]+)|([0-9]+));?")
#: a character beyond U+FFFF as programs write it that think in UTF-16: two references, or three bytes twice
_TWO_REFERENCES = re.compile(
    r"&#(?:[xX][dD][89abAB][0-9a-fA-F]{2}|5[56][0-9]{3});&#(?:[xX][dD][c-fC-F][0-9a-fA-F]{2}|5[67][0-9]{3});"
)
_SIX_BYTES = re.compile(rb"\xed[\xa0-\xaf][\x80-\xbf]\xed[\xb0-\xbf][\x80-\xbf]")
_CDATA_OR_ENTITY = re.compile(
    r"(<!\[CDATA\[(?:.*?\]\]>|.*\Z)|<!--(?:.*?-->|.*\Z))|(?P<less><(?![A-Za-z_:/!?]))|&(?:(?P<name>[A-Za-z][A-Za-z0-9]*);|(?!#[0-9]+;|#x[0-9a-fA-F]+;|\w+;))",
    re.DOTALL,
)
#: where a feed begins behind junk, how far that is looked for, and what makes the junk a page
_BEGINNING = re.compile(r"<\?xml\s|<(?:rss|feed|rdf:RDF)[\s>]", re.IGNORECASE)
_MOST_JUNK = 20_000
_PAGE = re.compile(r"<(?:!doctype|html|head|body|title)\b", re.IGNORECASE)
#: bytes that a document sent as a gzip file may unpack to
_MOST_UNPACKED = 32_000_000
_OWN = frozenset({"lt", "gt", "amp", "quot", "apos"})
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
#: what windows-1252 (or Latin-1, where that has a hole) shows for each byte from 0x80 on
_BYTE_OF = {bytes([n]).decode("cp1252", "ignore") or chr(n): n for n in range(0x80, 0x100)}
_TRAIL = "".join(re.escape(character) for character, byte in _BYTE_OF.items() if byte < 0xC0)
#: UTF-8 sequences of two to four bytes as they look when read byte by byte; what has no such beginning
#: is passed over in a tenth of the time that three beginnings take
_TWICE = re.compile(f"[Â-ô](?:(?<=[Â-ß])[{_TRAIL}]|(?<=[à-ï])[{_TRAIL}]{{2}}|(?<=[ð-ô])[{_TRAIL}]{{3}})")
_SIGNS = ("â€", "Ã", "Â", "Ð", "å", "æ", "ã")
#: labels that tell nothing of what does not decode by them
_SAID_OF_EVERYTHING = frozenset({"utf-8", "cp1252", "windows-1252", "us-ascii", "ascii"})
_SINGLE_BYTE = re.compile(r"(?:cp|windows-)125\d|iso-?8859|us-ascii|ascii|latin|koi8|mac")
_KNOWN_PREFIXES = {
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "dcterms": "http://purl.org/dc/terms/",
    "media": "http://search.yahoo.com/mrss/",
    "itunes": "http://www.itunes.com/DTDs/PodCast-1.0.dtd",
    "atom": "http://www.w3.org/2005/Atom",
    "sy": "http://purl.org/rss/1.0/modules/syndication/",
    "slash": "http://purl.org/rss/1.0/modules/slash/",
    "wfw": "http://wellformedweb.org/CommentAPI/",
    "feedburner": "http://rssnamespace.org/feedburner/ext/1.0",
    "podcast": "https://podcastindex.org/namespace/1.0",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rss": "http://backend.userland.com/rss2",
    "a10": "http://www.w3.org/2005/Atom",
    "atom10": "http://www.w3.org/2005/Atom",
    "googleplay": "http://www.google.com/schemas/play-podcasts/1.0",
    "fh": "http://purl.org/syndication/history/1.0",
    "thr": "http://purl.org/syndication/thread/1.0",
}


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
        return _SIX_BYTES.sub(_join_bytes, body).decode("utf-8").lstrip("\ufeff"), "utf-8"
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


def strip_prolog(text: str) -> str:
    """Return *text* from its first markup on: no blanks, no declarations, no stray words before it.

    Declarations of the document type are put on lines of their own, where feedparser's filter
    of entities looks for them; those of elements and attributes say nothing to us.
    """
    start = max(0, text.find("<"))
    while declared := _DECLARATION.match(text, start):
        start = declared.end()
    text = text[start:].lstrip()
    root = next((m.start() for m in _COMMENT_OR_TAG.finditer(text) if m[0][1] != "!"), 0)
    if "<!" not in text[:root]:
        return text
    if root > _LONGEST_HEAD:
        return text[root:]
    head = _DECLARED_NAMES.sub("", text[:root])
    head = _SINGLE_QUOTED.sub(r'\1"\2"', head)
    return _DOCTYPE_PARTS.sub(r"\n\1", head) + text[root:]


def fix_characters(text: str) -> str:
    """Return *text* decoded once more where it was encoded twice, and without illegal characters."""
    text = clean(_decode_twice_encoded(text))
    if "&#" not in text:
        return text
    return _REFERENCE.sub(_fix_reference, _TWO_REFERENCES.sub(_join_references, text))


def _decode_twice_encoded(text: str) -> str:
    """Undo "UTF-8 read as windows-1252 and written as UTF-8", if the whole document suffers from it.

    An article that merely shows such text has other characters beyond ASCII too and stays as it is.
    """
    if not any(sign in text for sign in _SIGNS):
        return text
    broken = sum(map(len, _TWICE.findall(text)))
    beyond_ascii = len(text) - len(text.encode("ascii", "ignore"))
    return _TWICE.sub(_decode_once_more, text) if broken * 10 >= beyond_ascii * 9 else text


def _decode_once_more(match: re.Match[str]) -> str:
    try:
        return bytes(map(_BYTE_OF.__getitem__, match[0])).decode("utf-8")
    except UnicodeDecodeError:
        return match[0]


def _join_references(match: re.Match[str]) -> str:
    halves = match[0][2:-1].lower().split(";&#")
    return _joined_units("".join(chr(int(half[1:], 16) if half[0] == "x" else int(half)) for half in halves))


def _join_bytes(match: re.Match[bytes]) -> bytes:
    return _joined_units(match[0].decode("utf-8", "surrogatepass")).encode()


def _joined_units(units: str) -> str:
    """Return the character that two code units of UTF-16 are together."""
    return units.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _fix_reference(match: re.Match[str]) -> str:
    digits = match[1] or match[2]
    if len(digits) > 8:
        return "\ufffd"
    code = int(match[1], 16) if match[1] else int(match[2])
    if not is_legal(code):
        return "" if code < 0x20 else "\ufffd"
    whole = match[0] if match[0].endswith(";") else match[0] + ";"
    return whole.replace("&#X", "&#x")


def repair_markup(text: str) -> str:
    """Return *text* with HTML entities as characters, bare "&" and "<" escaped, prefixes declared,
    and no section in another.
    """
    return _declare_prefixes(_CDATA_OR_ENTITY.sub(_fix_entity, joined(text)))


def _fix_entity(match: re.Match[str]) -> str:
    if match[1]:
        return match[1]
    if match["less"]:
        return "&lt;"
    name = match["name"]
    if name is None:
        return "&amp;"
    if name in _OWN:
        return match[0]
    character = html5.get(name + ";")
    if character is None:
        return match[0] if match.string.find(f"<!ENTITY {name}", 0, 5000) >= 0 else f"&amp;{name};"
    return "".join(f"&#{ord(c)};" for c in character)


def _declare_prefixes(text: str) -> str:
    root = re.search(r"<[A-Za-z][\w.-]*(?::[\w.-]+)?", text)
    if root is None:
        return text
    used = dict.fromkeys(re.findall(r"<([A-Za-z][\w.-]*):", text))
    declared = {"xml", *re.findall(r"xmlns:([A-Za-z][\w.-]*)", text)}
    missing = [name for name in used if name not in declared]
    added = "".join(f' xmlns:{name}="{_KNOWN_PREFIXES.get(name, "urn:x:" + name)}"' for name in missing[:50])
    return text[: root.end()] + added + text[root.end() :] if added else text


def is_cut_off(problem: str) -> bool:
    """Tell whether expat stopped because the document ended too early."""
    return problem.startswith(("no element found", "unclosed token", "unclosed CDATA"))


def is_after_the_end(problem: str) -> bool:
    """Tell whether expat stopped behind the end of a complete document."""
    return problem.startswith("junk after document element")


def leading_markup(text: str) -> str:
    """Return the lower-case name of the document's first element; empty if there is none."""
    for match in _COMMENT_OR_TAG.finditer(text):
        if match[0][1] != "!":
            name = _NAME.match(text, match.start() + 1)
            return name[0].lower() if name else ""
    return ""


def unpacked(body: bytes) -> bytes:
    """Return a document that was sent as a gzip file without a word about it; any other unchanged."""
    if not body.startswith(b"\x1f\x8b\x08"):
        return body
    try:
        return zlib.decompressobj(31).decompress(body, _MOST_UNPACKED)
    except zlib.error:
        return body


def without_junk(text: str) -> str:
    """Return *text* from where a feed begins, if something that is no page stands before it: warnings of
    the publisher's server, say.
    """
    found = _BEGINNING.search(text[:_MOST_JUNK])
    if found is None or _PAGE.search(text[: found.start()]):
        return text
    return text[found.start() :]
