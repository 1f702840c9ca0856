"""Text that XML parsers refuse becomes text that they accept.

Leading blanks and the XML declaration are removed, illegal characters and references to them too.
What repairs markup (undefined entities, bare ampersands, undeclared prefixes) is called only after
a strict parser has refused. Nothing here ever raises.
"""

from __future__ import annotations

import re
import sys
from html.entities import html5

from aggregator.parse.clean import clean, joined_references

_DECLARATION = re.compile(r"\s*<\?xml\b[^>]*>", re.IGNORECASE)
#: characters before the root element; what is longer declares nothing that a feed needs
_LONGEST_HEAD = 200_000
_COMMENT_OR_TAG = re.compile(r"<!--.*?(?:-->|\Z)|<[A-Za-z]", re.DOTALL)
_NAME = re.compile(r"[A-Za-z][\w.:-]*")
_DECLARED_NAMES = re.compile(r"<!--.*?-->|<!(?:ELEMENT|ATTLIST|NOTATION)\b[^>]*>", re.DOTALL)
#: an entity as feedparser's filter does not know it
_SINGLE_QUOTED = re.compile(r"""(<!ENTITY\s+\w+\s+)'([^'"]*)'""")
_DOCTYPE_PARTS = re.compile(r"(<!(?:DOCTYPE|ENTITY)\b|\]\s*>)")
#: references that are written well, to characters that are legal: nearly all that there are
_SOUND = (
    "(?:3[2-9]|[4-9][0-9]|[1-9][0-9]{2,3}"
    "|x(?:[2-9a-fA-F][0-9a-fA-F]|[1-9a-fA-F][0-9a-fA-F]{2}|[1-9a-cA-C][0-9a-fA-F]{3}));"
)
_REFERENCE = re.compile(rf"&#(?!{_SOUND})(?:[xX]([0-9a-fA-F]+)|([0-9]+));?")
_CDATA_OR_ENTITY = re.compile(
    r"(<!\[CDATA\[(?:.*?\]\]>|.*\Z)|<!--(?:.*?-->|.*\Z))|(?P<less><(?![A-Za-z_:/!?]))|&(?:(?P<name>[A-Za-z][A-Za-z0-9]*);|(?!#[0-9]+;|#x[0-9a-fA-F]+;|\w+;))",
    re.DOTALL,
)
#: where a feed begins behind junk, how far that is looked for, and what makes the junk a page
_BEGINNING = re.compile(r"<\?xml\s|<(?:rss|feed|rdf:RDF)[\s>]", re.IGNORECASE)
_MOST_JUNK = 20_000
_PAGE = re.compile(r"<(?:!doctype|html|head|body|title)\b", re.IGNORECASE)
_OWN = frozenset({"lt", "gt", "amp", "quot", "apos"})
#: what windows-1252 (or Latin-1, where that has a hole) shows for each byte from 0x80 on
_BYTE_OF = {bytes([n]).decode("cp1252", "ignore") or chr(n): n for n in range(0x80, 0x100)}
_TRAIL = "".join(re.escape(character) for character, byte in _BYTE_OF.items() if byte < 0xC0)
#: UTF-8 sequences of two to four bytes as they look when read byte by byte; what has no such beginning
#: is passed over in a tenth of the time that three beginnings take
_TWICE = re.compile(f"[Â-ô](?:(?<=[Â-ß])[{_TRAIL}]|(?<=[à-ï])[{_TRAIL}]{{2}}|(?<=[ð-ô])[{_TRAIL}]{{3}})")
_SIGNS = ("â€", "Ã", "Â", "Ð", "å", "æ", "ã")
#: what prefixes mean whose elements have another in feedparser; the rest are known by their own
_UNDECLARED = {
    **dict.fromkeys(("atom", "atom10", "a10"), "http://www.w3.org/2005/Atom"),
    "rss": "http://backend.userland.com/rss2",
}
#: marks of CDATA sections, which XML cannot nest
_SECTION, _SECTION_END = "<![CDATA[", "]]>"
_SECTION_MARKS = re.compile(r"(?:<!\[CDATA\[\s*+)++")
#: ends of inner sections that are looked through for the end of the outer one
_MOST_SECTIONS = 50


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
    text = joined_references(clean(_decode_twice_encoded(text)))
    return _REFERENCE.sub(_fix_reference, text) if "&#" in text else text


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


def _fix_reference(match: re.Match[str]) -> str:
    digits = match[1] or match[2]
    if len(digits) > 8:
        return "\ufffd"
    code = int(match[1], 16) if match[1] else int(match[2])
    if code > sys.maxunicode or not clean(chr(code)):
        return "" if code < 0x80 else "\ufffd"
    whole = match[0] if match[0].endswith(";") else match[0] + ";"
    return whole.replace("&#X", "&#x")


def repair_markup(text: str) -> str:
    """Return *text* with HTML entities as characters, bare "&" and "<" escaped, prefixes declared,
    and no section in another.
    """
    return _declare_prefixes(_CDATA_OR_ENTITY.sub(_fix_entity, without_inner_sections(text)))


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
    added = "".join(f' xmlns:{name}="{_UNDECLARED.get(name, "urn:x:" + name)}"' for name in missing[:50])
    return text[: root.end()] + added + text[root.end() :] if added else text


def leading_markup(text: str) -> str:
    """Return the lower-case name of the document's first element; empty if there is none."""
    for match in _COMMENT_OR_TAG.finditer(text):
        if match[0][1] != "!":
            name = _NAME.match(text, match.start() + 1)
            return name[0].lower() if name else ""
    return ""


def without_junk(text: str) -> str:
    """Return *text* from where a feed begins, if something that is no page stands before it: warnings of
    the publisher's server, say.
    """
    found = _BEGINNING.search(text[:_MOST_JUNK])
    if found is None or _PAGE.search(text[: found.start()]):
        return text
    return text[found.start() :]


def without_section_marks(value: str) -> str:
    """Return a value that begins with marks of sections without them and their ends."""
    found = _SECTION_MARKS.match(value)
    if found is None:
        return value
    return value[found.end() :].replace(_SECTION_END, "", found[0].count(_SECTION)).strip()


def without_inner_sections(text: str) -> str:
    """Return a document in which outer sections hold the texts of their inner ones.

    Scripts in the HTML of a section often bring one. Without an end of its own, a mark is a word.
    """
    parts = text.split(_SECTION_END)
    made: list[str] = []
    position = 0
    while position < len(parts):
        end = _end_of_outer(parts, position)
        outside, mark, inside = "".join(parts[position : end + 1]).partition(_SECTION)
        made.append(outside + mark + (inside.replace(_SECTION, "") if end > position else inside))
        position = end + 1
    return _SECTION_END.join(made)


def _end_of_outer(parts: list[str], first: int) -> int:
    """Return the part with which the outermost section that is open in the first one ends."""
    depth = parts[first].count(_SECTION) - 1
    for number in range(first + 1, min(first + _MOST_SECTIONS, len(parts) - 1)):
        if depth < 1:
            break
        depth += parts[number].count(_SECTION) - 1
        if "</item>" in parts[number] or "</entry>" in parts[number]:
            break
        if depth < 1:
            return number
    return first
