"""Bytes that parsers refuse are read all the same."""

from __future__ import annotations

import codecs
import tracemalloc

import pytest

from aggregator.errors import ParseError
from aggregator.parse.charsets import to_text
from aggregator.parse.document import parse_document

DOCUMENT = (
    "<rss version='2.0'><channel><title>Grüße – ž</title><item><title>Ünïcode</title></item></channel></rss>"
)
PROLOG = "<?xml version='1.0' encoding='{}'?>\n"


def title(body: bytes, **headers: str) -> str:
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    parsed = parse_document(body, url="https://test.example/feed", headers=names)
    assert len(parsed.entries) == 1
    return parsed.info.title


def written(encoding: str, declared: str | None = None) -> bytes:
    return ((PROLOG.format(declared) if declared else "") + DOCUMENT).encode(encoding, "replace")


BYTES = {
    "UTF-8 without a word": written("utf-8"),
    "UTF-8 declared": written("utf-8", "utf-8"),
    "UTF-8 with a byte order mark": codecs.BOM_UTF8 + written("utf-8", "iso-8859-1"),
    "UTF-16 with a mark": written("utf-16", "utf-16"),
    "UTF-16 little endian without a mark": written("utf-16-le", "utf-16"),
    "UTF-16 big endian without a mark or declaration": written("utf-16-be"),
    "UTF-32": written("utf-32", "utf-32"),
    "windows-1250 declared": written("cp1250", "windows-1250").replace(b"\xef", b"i"),
    "UTF-8 that says UTF-16": written("utf-8", "utf-16"),
    "UTF-8 that says Latin-1": written("utf-8", "iso-8859-1"),
    "UTF-8 that says us-ascii": written("utf-8", "us-ascii"),
    "an unknown charset": written("utf-8", "klingon"),
    "blanks before the declaration": b" \r\n\t\n" + written("utf-8", "utf-8"),
    "a mark, then blanks": codecs.BOM_UTF8 + b"\n\n" + written("utf-8", "utf-8"),
    "words before the document": b"Warning: something failed\n" + written("utf-8", "utf-8"),
    "words after the document": written("utf-8", "utf-8") + b"<!-- served by 7 --><p>and a footer</p>",
    "control characters": written("utf-8").replace(b"Gr", b"\x00\x01G\x1fr"),
    "a comment first": b"<!-- made by hand -->" + written("utf-8"),
    "a style sheet and a document type": b"<?xml-stylesheet href='x.xsl'?><!DOCTYPE rss SYSTEM 'x.dtd'>"
    + written("utf-8"),
}


@pytest.mark.parametrize("body", BYTES.values(), ids=BYTES.keys())
def test_the_title_survives(body: bytes) -> None:
    assert title(body) == "Grüße – ž"


def test_the_http_charset_beats_the_declaration() -> None:
    assert (
        title(
            written("cp1250", "koi8-r").replace(b"\xef", b"i"), content_type="text/xml; charset=windows-1250"
        )
        == "Grüße – ž"
    )


def test_a_server_default_does_not_spoil_utf_8() -> None:
    assert title(written("utf-8", "utf-8"), content_type="text/xml; charset=ISO-8859-1") == "Grüße – ž"


def test_text_xml_without_a_charset_is_not_ascii() -> None:
    assert title(written("utf-8"), content_type="text/xml") == "Grüße – ž"


@pytest.mark.parametrize(
    "kind",
    ["text/html", "text/plain", "application/octet-stream", "image/png", "", "application/json", "nonsense"],
)
def test_the_media_type_does_not_decide(kind: str) -> None:
    assert title(written("utf-8"), content_type=kind) == "Grüße – ž"


def test_one_bad_byte_costs_one_character() -> None:
    assert title(written("utf-8").replace(b" \xe2\x80\x93", b" \xff")) == "Grüße � ž"


def test_undeclared_latin_1_is_read() -> None:
    body = "<rss version='2.0'><channel><title>Café</title><item/></channel></rss>".encode("latin-1")
    assert title(body) == "Café"


@pytest.mark.parametrize(
    "written", ["&#55357;&#56832;", "&#xD83D;&#xde00;", "&amp;#55357;&amp;#xDE00;", "\ud83d\ude00"]
)
def test_the_two_halves_of_a_character_in_utf_16_are_one_character(written: str) -> None:
    body = DOCUMENT.replace("ž", written).encode("utf-8", "surrogatepass")
    assert title(body) == "Grüße – 😀"


def test_text_encoded_twice_is_repaired() -> None:
    twice = DOCUMENT.replace("Grüße – ž", "Grüße").encode().decode("latin-1").encode()
    assert title(twice) == "Grüße"


def test_windows_1252_encoded_twice_is_repaired() -> None:
    assert (
        title("<rss version='2.0'><channel><title>Itâ€™s Ã¼</title><item/></channel></rss>".encode())
        == "It’s ü"
    )


def test_an_article_that_shows_broken_text_is_left_alone() -> None:
    shown = "Why “â€™” — and Grüße, naïvely – appear: «é»"
    assert (
        title(f"<rss version='2.0'><channel><title>{shown}</title><item/></channel></rss>".encode()) == shown
    )


def test_an_entity_bomb_stays_small() -> None:
    bomb = "<!DOCTYPE r [<!ENTITY a 'xxxxxxxxxx'>" + "".join(
        f"<!ENTITY {chr(98 + n)} '{('&' + chr(97 + n) + ';') * 10}'>" for n in range(9)
    )
    body = (
        bomb + "]><rss version='2.0'><channel><title>&j;</title><item><title>x</title></item></channel></rss>"
    )
    assert len(title(body.encode())) < 100


def test_a_long_entity_used_again_and_again_is_refused() -> None:
    body = f'<!DOCTYPE rss [<!ENTITY a "{"x" * 50_000}">]>' + DOCUMENT.replace("ž", "&a;" * 20_000)
    with pytest.raises(ParseError, match="entities"):
        title(body.encode())


def test_external_entities_are_not_fetched(tmp_path: object) -> None:
    body = (
        "<!DOCTYPE r [<!ENTITY x SYSTEM 'file:///etc/hostname'>]>"
        "<rss version='2.0'><channel><title>[&x;]</title><item><title>x</title></item></channel></rss>"
    )
    assert title(body.encode()) in {"[&x;]", "[]"}


def test_harmless_entities_of_the_document_are_used() -> None:
    body = (
        "<?xml version='1.0'?>\n<!DOCTYPE rss [\n<!ENTITY paper \"The Paper\">\n]>\n"
        "<rss version='2.0'><channel><title>&paper;</title><item/></channel></rss>"
    )
    assert title(body.encode()) == "The Paper"


@pytest.mark.parametrize(
    ("label", "charset", "text"),
    [
        ("win-1251", "cp1251", "Привет"),
        ("windows-31j", "cp932", "日本語①"),
        ("x-euc-jp", "euc-jp", "日本語"),
        ("cp936", "gb18030", "中文€"),
        ("Big5", "big5hkscs", "香港嘅"),
        ("windows-949", "cp949", "한국어"),
        ("ISO_8859-1", "cp1252", "“é”"),
        ("iso-8859-8-e", "iso-8859-8", "שלום"),
    ],
)
def test_a_charset_may_go_by_names_that_python_does_not_know(label: str, charset: str, text: str) -> None:
    body = f"<?xml version='1.0' encoding='{label}'?><rss/>{text}".encode(charset)
    assert to_text(body, {})[0].endswith(text)


@pytest.mark.parametrize(
    ("label", "charset", "text", "bad"),
    [
        ("gb2312", "gb18030", "政府今天宣布了新的经济措施", b"\xd5"),
        ("big5", "big5hkscs", "政府今天宣布了新的經濟措施", b"\xb8"),
        ("windows-1253", "windows-1253", "Η κυβέρνηση ανακοίνωσε σήμερα νέα μέτρα", b"\xd2"),
        ("windows-1255", "windows-1255", "הממשלה הודיעה היום על צעדים חדשים", b"\xd9"),
    ],
)
def test_a_byte_that_makes_no_sense_does_not_make_another_charset(
    label: str, charset: str, text: str, bad: bytes
) -> None:
    """A title that was cut inside a character, in a document whose label is right."""
    body = f"<?xml version='1.0' encoding='{label}'?><rss>".encode() + (text * 20).encode(charset)
    found, encoding = to_text(body + bad + b"</rss>", {})
    assert encoding == charset
    assert text in found
    assert found.endswith("</rss>")


@pytest.mark.parametrize("label", ["utf-8", "iso-8859-1", "gb2312", "windows-1253"])
def test_a_charset_that_is_not_its_label_s_is_told_from_the_bytes(label: str) -> None:
    text = "Правительство объявило сегодня о новых мерах, и я знаю о том. "
    body = f"<?xml version='1.0' encoding='{label}'?><rss>".encode() + (text * 20).encode("cp1251")
    assert text in to_text(body, {})[0]


@pytest.mark.parametrize(
    ("charset", "text"),
    [
        ("cp1253", "Το πλοίο φεύγει από το λιμάνι στις οκτώ το πρωί"),
        ("iso8859-7", "Το πλοίο φεύγει από το λιμάνι στις οκτώ το πρωί"),
        ("cp1255", "הספינה יוצאת מן הנמל בשמונה בבוקר ושבה בערב"),
        ("cp1256", "تغادر السفينة الميناء في الثامنة صباحا وتعود مساء"),
        ("cp874", "เรือออกจากท่าเวลาแปดโมงเช้าและกลับมาตอนเย็น"),
        ("cp949", "배는 아침 여덟 시에 항구를 떠나 저녁에 돌아온다"),
        ("cp932", "船は朝の八時に港を出て、夕方には戻ってきます"),
        ("euc-jp", "船は朝の八時に港を出て、夕方には戻ってきます"),
        ("big5", "渡船早上八點離開港口，傍晚才會回來"),
        ("koi8-r", "Паром уходит из порта в восемь утра и возвращается вечером"),
        ("cp1250", "Příliš žluťoučký trajekt vyplouvá v osm ráno a vrací se večer. " * 9),
        ("cp1252", "La gare fermée dès l’été : « à côté », où naît déjà l’idée. " * 9),
        ("cp1252", "“It’s – ‘naïve’ – café…” " * 3),
    ],
)
@pytest.mark.parametrize("label", ["", " encoding='utf-8'"])
def test_a_charset_without_a_true_label_is_told_from_the_letters(charset: str, text: str, label: str) -> None:
    items = f"<item><title>{text}</title><link>https://test.example/</link></item>" * 2
    body = f"<?xml version='1.0'{label}?><rss><channel>{items}</channel></rss>".encode(charset)
    assert text in to_text(body, {})[0]


def test_tags_that_never_end_do_not_keep_a_charset_from_being_told() -> None:
    text = "Правительство объявило сегодня о новых мерах. " * 9
    body = text.encode("cp1251") + b"<" * 300_000
    assert to_text(body, {})[0].startswith(text)


def test_one_bad_byte_in_a_long_text_takes_little_memory() -> None:
    body = ("Паром уходит из порта в восемь утра. " * 5000).encode() + b"\xff"
    tracemalloc.start()
    try:
        assert to_text(body, {})[1] == "utf-8"
        assert tracemalloc.get_traced_memory()[1] < 10 * len(body)
    finally:
        tracemalloc.stop()


def test_sections_written_as_text_a_hundred_thousand_times_are_a_value_like_any_other() -> None:
    marks = "&lt;![CDATA[" * 100_000
    body = f"<rss><channel><title>{marks}Reed]]&gt;</title><item/></channel></rss>"
    assert title(body.encode()) == "Reed"
