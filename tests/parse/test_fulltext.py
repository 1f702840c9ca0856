"""The text of an article's own page, by two readers together."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.errors import ParseError
from aggregator.parse.html import to_text
from aggregator.parse.pages.fulltext import extract_text
from aggregator.parse.sandbox import Sandbox

PAGES = Path(__file__).parent.parent / "data" / "pages"
URL = "https://bay.example/sea/docks"
PROSE = "The harbour master walked along the mole in the evening and counted {n} lanterns, as ever. "

FERRIES = "".join(
    f"<p>{f'The {n}th ferry came in late, laden with wool and salt. ' * 3}</p>" for n in range(9)
)


def extract(html: str) -> str:
    return extract_text(html.encode(), URL, {"content-type": "text/html; charset=utf-8"}).content


def paragraphs(count: int) -> str:
    return "".join(f"<p>{PROSE.format(n=n) * 2}</p>" for n in range(count))


@pytest.mark.parametrize("form", ["semantic", "soup", "jsonld"])
def test_an_article_page_gives_its_paragraphs_and_crosshead_and_nothing_around_them(form: str) -> None:
    found = extract_text((PAGES / f"bay-{form}.html").read_bytes(), URL, {"content-type": "text/html"})
    text = to_text(found.content)
    assert text.startswith("Harbour Minister Odile Brandt")
    assert text.endswith("finish a meeting.")
    assert "HIGH WATER" in text
    assert text.count("HIGH WATER") == 1
    assert found.words == 218
    for noise in ("Minister claims", "Newsletter", "Related", "0:00", "Close", "Ferry Fares", "Dec 25"):
        assert noise not in text, noise


def test_a_text_is_sanitised_and_its_addresses_are_absolute() -> None:
    hostile = (
        f"<html><body><article><h1>Lanterns</h1>{paragraphs(4)}"
        "<p>More of it is told <a href='/more?utm_source=x' onclick='steal()'>on the next page</a>, and "
        "<a href='javascript:alert(1)'>elsewhere</a>, for whoever likes to read a little longer.</p>"
        "<script>alert(2)</script><img src=x onerror=alert(3)><iframe src='https://evil.example/'></iframe>"
        f"{paragraphs(2)}</article></body></html>"
    )
    content = extract(hostile)
    assert "counted 3 lanterns" in content
    assert 'href="https://bay.example/more"' in content
    for danger in ("script", "alert", "onclick", "onerror", "evil.example", "utm_source"):
        assert danger not in content, danger


def test_a_person_may_say_where_the_text_stands() -> None:
    html = (
        f"<html><body><article><h1>Lanterns</h1>{paragraphs(4)}</article>"
        "<div class='minutes'><p>Carried, <a href='/votes'>nine to two</a>.</p></div>"
        "<div class='minutes'><p onclick='steal()'>The meeting closed.</p></div></body></html>"
    ).encode()
    found = extract_text(html, URL, {}, ["div.protocol", "div.minutes"])
    assert to_text(found.content) == "Carried, nine to two. The meeting closed."
    assert 'href="https://bay.example/votes"' in found.content
    assert "steal" not in found.content
    parts = extract_text(html, URL, {}, [".minutes > p, h1"]).content.replace(
        ' rel="noopener noreferrer"', ""
    )
    assert parts == (
        '<h1>Lanterns</h1>\n<p>Carried, <a href="https://bay.example/votes">nine to two</a>.</p>\n'
        "<p>The meeting closed.</p>"
    )
    with pytest.raises(ParseError, match=r"Nothing in the page matches div.protocol or #text\."):
        extract_text(html, URL, {}, ["div.protocol", "#text"])


@pytest.mark.parametrize("part", ["div class='part'", "section", "div id='{n}' class='text'"])
def test_a_text_that_goes_on_behind_something_else_is_whole(part: str) -> None:
    blocks = [paragraphs(3), FERRIES, paragraphs(2).replace("lanterns", "gulls")]
    tag = part.split(maxsplit=1)[0]
    parts = [f"<{part.format(n=n)}>{block}</{tag}>" for n, block in enumerate(blocks)]
    offer = (
        "<div class='ad'><p>Buy two anchors now and get a third one for nothing at all, today only!</p></div>"
    )
    html = f"<html><body><main><h1>Lanterns</h1>{offer.join(parts)}</main></body></html>"
    text = to_text(extract(html))
    assert "counted 2 lanterns" in text
    assert "8th ferry" in text
    assert text.endswith("counted 1 gulls, as ever.")
    assert "anchors" not in text


@pytest.mark.parametrize(
    "html",
    [
        "",
        "<html></html>",
        "<html><body><p>Subscribe to read on.</p></body></html>",
        "<html><body><ul>"
        + "<li><a href='/x'>A headline of some length</a></li>" * 40
        + "</ul></body></html>",
        "<div>" * 5000,
    ],
)
def test_a_page_without_an_article_is_refused(html: str) -> None:
    with pytest.raises(ParseError):
        extract(html)


@settings(max_examples=60, deadline=None)
@given(st.one_of(st.binary(max_size=400), st.text("<>/ apdivbr=\"'&;!-\n", max_size=400).map(str.encode)))
def test_whatever_the_bytes_are_only_parse_errors_come_out(body: bytes) -> None:
    with suppress(ParseError):
        assert extract_text(body, URL, {}).words >= 30


def test_pages_are_read_in_processes_that_can_be_killed() -> None:
    html = f"<html><body><article><h1>Lanterns</h1>{paragraphs(5)}</article></body></html>".encode()
    with Sandbox(workers=1, timeout_s=60) as sandbox:
        assert sandbox.extract(html, URL, {}).result(timeout=60).words > 100
        text = sandbox.extract(html, URL, {}, ["h1"]).result(timeout=60)
        assert to_text(text.content) == "Lanterns"
        with pytest.raises(ParseError, match="No article"):
            sandbox.extract(b"<p>nothing</p>", URL, {}).result(timeout=60)


def test_the_words_under_a_picture_stay_beside_it() -> None:
    figure = "<figure><img src='/q.jpg'><figcaption>The quay at dusk</figcaption></figure>"
    text = paragraphs(3).replace("</p>", f"</p>{figure}", 1)
    content = extract(f"<article><h1>Quay</h1>{text}</article>")
    assert "<figcaption>The quay at dusk</figcaption>" in content


def test_paragraphs_in_chinese_are_shorter() -> None:
    paragraph = "港务局周一表示,经过四年的施工,新码头将于春季向渡轮开放,这比原计划晚了将近一年时间。"
    assert paragraph in extract(f"<article><h1>码头</h1>{f'<p>{paragraph}</p>' * 3}</article>")
