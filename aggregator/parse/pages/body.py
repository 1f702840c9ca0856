"""The text of an article page: paragraphs, crossheads, lists and figures, nothing that stands around them.

A tree and the title flow in, HTML (not yet sanitised) flows out. The text is where the most
paragraphs stand together. It begins with the first and ends with the last of them, so that
newsletter boxes, players and lists of headlines behind it fall off even in pages whose
elements have no names; a short line between two paragraphs is a crosshead.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from aggregator.parse.pages.tree import (
    Element,
    elements,
    inner_html,
    is_aside,
    is_furniture,
    length_of,
    outer_html,
    text_of,
)

_ATOMS = frozenset("p pre blockquote ul ol dl table figure picture img video h1 h2 h3 h4 h5 h6".split())  # noqa: SIM905
_BLOCKS = _ATOMS | frozenset("div section article main header center td tr tbody li".split())  # noqa: SIM905
_SENTENCE_END = (".", "!", "?", "…", "”", '"', "’", "»", ":", "。", "」", "'", ")")
_PARAGRAPH = 60
_CROSSHEAD = 80
#: the mean length of paragraphs, which headlines do not reach
_PROSE = 100
#: lines that stand in texts without being part of them
_NOISE = re.compile(
    r"(?:\d{1,2}:\d\d(?:\s*/\s*\d{1,2}:\d\d)?|newsletter|related(?: articles?| stories)?|close|share|"
    r"advertisements?|"
    r"read more|sign up.*|subscribe.*|comments?|listen|play|print|email|follow us.*)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Block:
    """One block of a text."""

    html: str
    text: str
    tag: str
    #: characters that stand in links
    linked: int = 0

    @property
    def is_paragraph(self) -> bool:
        """Running text: long enough, ending like a sentence, and not made of links."""
        if self.linked * 2 > len(self.text):
            return False
        if self.tag in {"blockquote", "pre"}:
            return bool(self.text)
        return self.tag == "p" and _is_running(self.text)


def find_container(root: Element) -> Element | None:
    """Return the element that holds the article's text; None if there are no paragraphs."""
    stated = [
        each for each in root.iterfind(".//*[@itemprop='articleBody']") if _weight(each) >= _PARAGRAPH * 2
    ]
    if stated:
        return max(stated, key=_weight)
    scores: dict[Element, float] = defaultdict(float)
    lengths: dict[Element, list[int]] = defaultdict(list)
    for element, length in _paragraphs(root):
        lengths[element].append(length)
        scores[element] += length
        parent = element.getparent()
        if parent is not None:
            scores[parent] += length / 2
    if not scores:
        return None
    best = max(scores, key=lambda element: scores[element])
    return best.getparent() if _is_part(best, lengths) else best


def _is_part(best: Element, lengths: Mapping[Element, Sequence[int]]) -> bool:
    """Tell whether the text goes on in another element of the same make, as around advertisements.

    Headlines that end like sentences are no text: they are short.
    """
    if best.tag in {"body", "main", "article", "td"} or best.getparent() is None:
        return False
    others = (each for each in best.getparent() if each is not best and each in lengths)
    alike = (each for each in others if (each.tag, each.get("class")) == (best.tag, best.get("class")))
    return any(sum(lengths[each]) >= len(lengths[each]) * _PROSE for each in alike)


def read_body(container: Element, title: str) -> str:
    """Return the text in *container* as HTML; the title is not repeated in it."""
    blocks = [each for each in _blocks(container) if _letters(each.text) != _letters(title) or not title]
    places = [index for index, block in enumerate(blocks) if block.is_paragraph]
    if not places:
        return ""
    kept = [
        blocks[index]
        for index in range(places[0], places[-1] + 1)
        if _belongs(blocks[index], next_is_text=index in places or index + 1 in places)
    ]
    before = [b for b in blocks[: places[0]] if b.tag in {"figure", "picture", "img", "video"}]
    return "\n".join(block.html for block in (*before, *kept))


def _belongs(block: Block, *, next_is_text: bool) -> bool:
    if block.is_paragraph or block.tag in {"figure", "picture", "img", "video", "table", "dl"}:
        return True
    if _NOISE.fullmatch(block.text) or block.linked * 2 > len(block.text):
        return False
    if block.tag in {"ul", "ol"} or block.tag.startswith("h"):
        return True
    if block.tag == "crosshead":
        return next_is_text
    return bool(block.text)


def _paragraphs(root: Element) -> Iterator[tuple[Element, int]]:
    """Yield containers with the length of each paragraph that stands directly in them."""
    for element in root.iter():
        if not isinstance(element.tag, str) or element.tag in {"li", "a", "td"} or is_aside(element):
            continue
        if element.tag in {"p", "blockquote", "pre"} or _is_leaf(element):
            text, parent = text_of(element), element.getparent()
            if parent is not None and _is_running(text) and _linked(element) * 2 < len(text):
                yield parent, len(text)
        elif element.tag in _BLOCKS and (own := _own_text(element)) >= _PARAGRAPH:
            yield element, own


def _is_running(text: str) -> bool:
    """Tell running text from a headline: it is long, and ends like a sentence."""
    length = length_of(text)
    return length >= 240 or (length >= _PARAGRAPH and text.endswith(_SENTENCE_END))


def _is_leaf(element: Element) -> bool:
    return element.tag in {"div", "section"} and not any(
        x.tag in _BLOCKS or x.tag == "br" for x in element.iterdescendants()
    )


def _own_text(element: Element) -> int:
    return len((element.text or "").strip()) + sum(len((child.tail or "").strip()) for child in element)


def _weight(element: Element) -> int:
    return len(text_of(element))


def _blocks(container: Element) -> Iterator[Block]:
    """Yield the blocks of a text in order; runs of inline text count as paragraphs, cut at double breaks."""
    run: list[str] = [escape(container.text or "", quote=False)]
    for child in container:
        if isinstance(child.tag, str) and not is_furniture(child):
            if child.tag in _BLOCKS or _has_blocks(child):
                yield from _split(run)
                run = []
                yield from [_atom(child)] if child.tag in _ATOMS else _inside(child)
            else:
                run.append(outer_html(child))
        run.append(escape(child.tail or "", quote=False))
    yield from _split(run)


def _inside(element: Element) -> Iterator[Block]:
    if _is_leaf(element):
        yield from _split([inner_html(element)], linked=_linked(element))
    else:
        yield from _blocks(element)


def _has_blocks(element: Element) -> bool:
    return any(each.tag in _BLOCKS for each in element.iterdescendants())


def _atom(element: Element) -> Block:
    text = text_of(element)
    tag = element.tag
    if tag == "p" and _is_crosshead(text):
        return Block(outer_html(element), text, "crosshead", _linked(element))
    # the page's own headline is the only h1; a text's headings stand below the title
    html = f"<h2>{inner_html(element)}</h2>" if tag == "h1" else outer_html(element)
    return Block(html, text, tag, _linked(element))


def _split(run: list[str], linked: int = 0) -> Iterator[Block]:
    for part in re.split(r"(?:<br\s*/?>\s*){2,}", "".join(run)):
        piece = re.sub(r"^(?:\s|<br\s*/?>)+|(?:\s|<br\s*/?>)+$", "", part)
        text = " ".join(re.sub(r"<[^>]*>", " ", piece).split())
        if not text:
            continue
        if _is_crosshead(text):
            yield Block(f"<h3>{piece}</h3>", text, "crosshead", linked)
        else:
            yield Block(f"<p>{piece}</p>", text, "p", linked)


def _is_crosshead(text: str) -> bool:
    return len(text) <= _CROSSHEAD and len(text.split()) <= 10 and not text.endswith(_SENTENCE_END)


def _linked(element: Element) -> int:
    return sum(len(text_of(a)) for a in elements(element, "a"))


def _letters(text: str) -> str:
    return re.sub(r"\W+", "", text.casefold())
