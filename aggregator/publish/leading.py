"""The beginning of an article's text: whole blocks, so that no word, tag or crosshead is cut."""

from __future__ import annotations

from functools import lru_cache

from lxml import etree, html

from aggregator.query.text import plain_text

_WRAPPERS = frozenset({"div", "article", "section"})
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
#: pictures and frames stay on the article's own page
_LEFT_OUT = "//img | //picture | //figure | //video | //audio | //iframe | //table"


@lru_cache(maxsize=16)
def leading_blocks(text: str, words: int) -> tuple[str, bool]:
    """Return the first blocks of sanitised HTML with about *words* words, and whether more follows.

    A first crosshead that lies just beyond is still taken, with the block under it; the
    beginning never ends with a crosshead.
    """
    if not text.strip():
        return "", False
    root = html.fragment_fromstring(text, create_parent="div")
    for left_out in root.xpath(_LEFT_OUT):
        left_out.drop_tree()
    while (wrapped := _only_block(root)) is not None:
        root = wrapped
    if _has_own_words(root):
        return _opening(root, words)
    blocks = [block for block in root if block.text_content().strip()]
    taken = _count_taken(blocks, words)
    return "".join(_serialise(block) for block in blocks[:taken]), taken < len(blocks)


def _only_block(root: html.HtmlElement) -> html.HtmlElement | None:
    """Return what wraps the whole text, None if nothing does."""
    with_text = [child for child in root if child.text_content().strip()]
    is_wrapped = len(with_text) == 1 and with_text[0].tag in _WRAPPERS and not _has_own_words(root)
    return with_text[0] if is_wrapped else None


def _has_own_words(root: html.HtmlElement) -> bool:
    """Say whether words stand beside the elements in it."""
    return any(text and text.strip() for text in (root.text, *(child.tail for child in root)))


def _count_taken(blocks: list[html.HtmlElement], words: int) -> int:
    count, crossheads, taken = 0, 0, 0
    for index, block in enumerate(blocks):
        is_crosshead = block.tag in _HEADINGS
        enough = count >= words and (crossheads > 0 or count >= 2 * words)
        if enough and not (index and blocks[index - 1].tag in _HEADINGS):
            break
        crossheads += is_crosshead
        count += len(block.text_content().split())
        taken = index + 1
    while taken and blocks[taken - 1].tag in _HEADINGS:
        taken -= 1
    return taken


def _opening(root: html.HtmlElement, words: int) -> tuple[str, bool]:
    """Text that is not in blocks: one paragraph of whole words."""
    every = plain_text(_serialise(root)).split()
    paragraph = etree.Element("p")
    paragraph.text = " ".join(every[:words]) + (" …" if len(every) > words else "")
    return _serialise(paragraph), len(every) > words


def _serialise(block: html.HtmlElement) -> str:
    return str(etree.tostring(block, encoding="unicode", method="html", with_tail=False))
