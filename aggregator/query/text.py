"""HTML or plain text flows in, folded words flow out; the same rule for articles and for queries.

A word is a run of letters and digits; everything else separates, hyphens and apostrophes
too: "king's" is the words "king" and "s", "covid-19" is "covid" and "19", so a query with
or without the mark finds both spellings (a query word that holds a mark is a phrase).
Languages written without blanks between words (Chinese, Japanese, Thai, Lao, Khmer,
Burmese), and Korean, whose particles are glued to the word, give one word per character:
a query in them matches wherever its characters stand side by side.
"""

from __future__ import annotations

import codecs
import html
import re
import unicodedata
from functools import lru_cache

#: letters that carry a stroke or are joined, which Unicode does not take apart
_STROKES = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe", "ð": "d"})
#: apostrophes that Unicode calls letters, in Ukrainian and Hawaiian: they separate like any other
_STROKES |= dict.fromkeys(range(0x2B9, 0x2C0), "'")
_STROKED = re.compile("[øłđħıæœð\u02b9-\u02bf]")
#: accents, points of Hebrew and Syriac, vowel signs of Arabic and the stroke that draws its words out; also
#: the invisible soft hyphen and joiners.
#: Vowel signs of the scripts of India and Japan's voicing marks are letters, they stay.
_ACCENTS = re.compile(
    "[\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u0640\u064b-\u0652\u0670\u0730-\u074a"
    "\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f\u00ad\u200c\u200d\u2060\ufeff]+"
)

#: scripts without blanks, and Hangul
_SINGLE = (
    "\u0e01-\u0e3a\u0e40-\u0edf\u1000-\u109f\u1100-\u11ff\u1780-\u17b3\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029"
    "\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u318f\u31a0-\u31bf\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\ua960-\ua97f\ua9e0-\ua9fe\uaa60-\uaa7a\uac00-\ud7ff\uf900-\ufaff\U0001b000-\U0001b16f\U00020000-\U0003ffff"
)
#: vowel and tone signs that belong to the character before them
_SIGNS = (
    "\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u0eb1\u0eb4-\u0ebc\u0ec8-\u0ece\u102b-\u103e\u1056-\u1059\u105e-\u1060"
    "\u1062-\u1064\u1067-\u106d\u1071-\u1074\u1082-\u108d\u108f\u109a-\u109d\u17b4-\u17d3\u17dd\u3099\u309a"
)
#: the scripts of India, with Thaana and Tibetan: vowel signs stand inside words, only the danda separates
_INDIC = "\u07a6-\u07b0\u0900-\u0963\u0966-\u096f\u0971-\u0dff\u0f71-\u0f84\u0f90-\u0fbc"

_WORD = re.compile(r"[^\W_]+")
_UNUSUAL = re.compile(f"[{_SINGLE}{_SIGNS}{_INDIC}]")
_SIGNED = re.compile(f"[{_SIGNS}{_INDIC}]")
_ANY_WORD = re.compile(
    f"[{_SINGLE}][{_SIGNS}]*|[{_SIGNS}]+|(?:(?![{_SINGLE}{_SIGNS}])(?:[^\\W_]|[{_INDIC}]))+",
)
#: several characters that are a word each, side by side; or a word
_SINGLES = re.compile(f"[{_SINGLE}]+")
_UNSIGNED = re.compile(f"{_SINGLES.pattern}|[^\\W_{_SINGLE}]+")

_TAG = re.compile(
    r"<!--.*?(?:-->|\Z)|<[!?][^>]*+(?:>|\Z)"
    r"""|</?([a-zA-Z][a-zA-Z0-9]*+)(?:[^>"']++|"[^"]*+(?:"|\Z)|'[^']*+(?:'|\Z))*+(?:>|\Z)""",
    re.DOTALL,
)
#: elements that do not end a word: "<b>w</b>ord" reads "word"
_INLINE = frozenset(
    (
        *("a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em"),
        *("font", "i", "ins", "kbd", "mark", "q", "rp", "rt", "ruby", "s", "samp", "small", "span"),
        *("strike", "strong", "sub", "sup", "time", "tt", "u", "var", "wbr"),
    )
)
#: all bytes but those that CJK and Thai characters begin with in UTF-8
_NO_CJK = bytes({*range(256)} - {0xE0, *range(0xE3, 0xEE)})
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\u0e00-\u0e7f]+")
#: elements whose content is no text
_SILENT = frozenset(["script", "style", "template", "noscript", "iframe", "object", "svg", "math"])
#: longer texts are not remembered, so that a few hostile ones cannot fill the memory
_REMEMBERED_LENGTH = 40_000
#: what often separates words in Latin texts and is not in Latin-1
_MARKS = "\u2019\u2018\u201c\u201d\u2013\u2014\u2026"
#: letters of Latin-1 that no one letter of ASCII is the folding of
_SPELT = (("ß", "ss"), ("æ", "ae"), ("Æ", "ae"), ("¼", "1 4"), ("½", "1 2"), ("¾", "3 4"))
_SOFT_HYPHEN = b"\xad"
#: what folding changes, beyond case, in runs: mostly a single letter, or a word of another script
_BEYOND_ASCII = re.compile("([^\x00-\x7f]+)")
#: longer runs are not remembered
_RUN = 24


def fold(text: str) -> str:
    """Return *text* with case and accents taken away: "Café" and "CAFE" give "cafe"."""
    if text.isascii():
        return text.lower()
    # each run by itself: no mark that stays joins with a letter of ASCII
    pieces = _BEYOND_ASCII.split(text.lower())
    pieces[1::2] = [_fold_run(run) if len(run) < _RUN else _fold_whole(run) for run in pieces[1::2]]
    return "".join(pieces)


def _fold_whole(text: str) -> str:
    text = unicodedata.normalize("NFKD", text).casefold()
    apart = unicodedata.normalize("NFKD", text)
    if apart != text:
        text = apart.casefold()
    if _STROKED.search(text):
        text = text.translate(_STROKES)  # slow on long texts that need it nowhere
    text = _ACCENTS.sub("", text)
    return unicodedata.normalize("NFC", text)


_fold_run = lru_cache(maxsize=1024)(_fold_whole)


def tokens(text: str) -> list[str]:
    """Return the folded words of plain *text* in order; [] when it has none."""
    try:
        written = text.encode("latin-1")
    except UnicodeEncodeError:
        for mark in _MARKS:
            text = text.replace(mark, " ")
        written = text.encode("latin-1", _FOLDING)
    latin = written.translate(_LATIN, _SOFT_HYPHEN)
    if _UNSPELT in latin:
        for letter, spelling in _SPELT:
            text = text.replace(letter, spelling)
        latin = text.encode("latin-1", _FOLDING).translate(_LATIN, _SOFT_HYPHEN)
    if _UNSPELT not in latin:
        return latin.decode("ascii").split()
    cyrillic = codecs.charmap_encode(text, _FOLDING, _TO_CYRILLIC)[0].translate(_CYRILLIC)
    if _UNSPELT not in cyrillic:
        return codecs.charmap_decode(cyrillic, "strict", _LETTERS)[0].split()
    return _foreign_tokens(text)


def _foreign_tokens(text: str) -> list[str]:
    """Return the words of a text in any script."""
    text = _fold_whole(text)
    if _UNUSUAL.search(text) is None:
        return _WORD.findall(text)
    if _SIGNED.search(text):
        return _ANY_WORD.findall(text)
    words: list[str] = []
    for run in _UNSIGNED.findall(text):
        words += run if _SINGLES.match(run) else [run]  # characters, or a word
    return words


@lru_cache(maxsize=1024)
def _part(run: str) -> str:
    """Fold a run; where it only separates words (quotation marks, dashes), a blank does too."""
    folded = _fold_whole(run)
    return folded if not folded or _WORD.search(folded) or _UNUSUAL.search(folded) else " "


def _folded_part(error: UnicodeError) -> tuple[str, int]:
    """Give an encoder ASCII for what it lacks; at letters of another script let it skip the rest."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    if error.end - error.start < _RUN:
        folded = _part(error.object[error.start : error.end])
        if folded.isascii():
            return folded, error.end
    return _THORN, len(error.object)


def _latin(letter: str) -> int:
    """Return the byte that a letter of Latin-1 becomes: ASCII in lower case, a blank, else _UNSPELT."""
    folded = _part(letter)
    return ord(folded) if len(folded) == 1 and folded.isascii() else _UNSPELT


def _cyrillic(letter: str) -> int:
    """Return the byte in _LETTERS that a letter becomes: its folding, a blank, else _UNSPELT."""
    folded = _part(letter)
    return _LETTERS.index(folded) if len(folded) == 1 and folded != _THORN else _UNSPELT


_FOLDING = "aggregator.query.text"
codecs.register_error(_FOLDING, _folded_part)
#: stands for letters that are written with several, or with none of ASCII, as the thorn is
_UNSPELT = 0
_THORN = "þ"
_LATIN = bytes(_latin(chr(code)) for code in range(256))
#: ASCII and Cyrillic by their bytes in a charset of ours, and the bytes that they become
_LETTERS = "".join(map(chr, (*range(128), *range(0x400, 0x460), 0x490, 0x491))) + "«»„№" + _THORN
_TO_CYRILLIC = codecs.charmap_build(_LETTERS.ljust(256, "\ufffe"))
_CYRILLIC = bytes(_cyrillic(letter) for letter in _LETTERS).ljust(256, bytes([_UNSPELT]))


def plain_text(markup: str) -> str:
    """Return the text of *markup* on one line: tags out, entities decoded, blocks kept apart.

    Takes time in proportion to the length, whatever the markup is.
    """
    if len(markup) > _REMEMBERED_LENGTH:
        return _plain_text(markup)
    return _remembered_text(markup)


def markup_tokens(markup: str) -> list[str]:
    """Return tokens() of the text of *markup*, which nobody needs on one line for that."""
    return tokens(text_of(markup))


def _plain_text(markup: str) -> str:
    return " ".join(text_of(markup).split())


def text_of(markup: str) -> str:
    """Return the text of *markup* with its line breaks and blanks as they are."""
    return counted_text(markup)[0]


#: stories, patterns and pages ask for the text of the same few entries one after the other
_remembered_text = lru_cache(maxsize=128)(_plain_text)


def counted_text(markup: str) -> tuple[str, str]:
    """Return text_of() *markup*, and its text for word_count(): a blank for a tag, entities as they are."""
    if "<" not in markup:
        return html.unescape(markup) if "&" in markup else markup, markup
    # text, name, text, name, …: one call instead of one for each tag
    pieces = _TAG.split(markup)
    counted = " ".join(pieces[::2])
    gaps = list(map(_gap, pieces[1::2]))
    if None in gaps:
        text = _without_silent_elements(markup)
    else:
        pieces[1::2] = gaps
        text = "".join(pieces)
    return html.unescape(text) if "&" in text else text, counted


def word_count(text: str) -> int:
    """Return how many words stand in the second text of counted_text(); each CJK character is one more."""
    count = len(text.split())
    # few texts have any: their bytes are looked through in a fraction of the time
    if text.isascii() or not text.encode("utf-8", "replace").translate(None, _NO_CJK):
        return count
    return count + sum(map(len, _CJK.findall(text)))


@lru_cache(maxsize=512)
def _gap(name: str | None) -> str | None:
    """Return what a tag of that name leaves between words; None where it has no text inside."""
    name = (name or "").lower()
    if name in _SILENT:
        return None
    return "" if not name or name in _INLINE else " "


def _without_silent_elements(markup: str) -> str:
    parts: list[str] = []
    position = 0
    silent = ""
    for tag in _TAG.finditer(markup):
        name = (tag[1] or "").lower()
        if not silent:
            parts.append(markup[position : tag.start()])
            if name and name not in _INLINE:
                parts.append(" ")
        position = tag.end()
        if not silent and name in _SILENT and not tag[0].startswith("</") and not tag[0].endswith("/>"):
            silent = name
        elif name == silent:
            silent = ""
    if not silent:
        parts.append(markup[position:])
    return "".join(parts)
