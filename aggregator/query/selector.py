"""Selectors of page sources: CSS, then perhaps ``@`` and an attribute; text in, its two parts out."""

from __future__ import annotations

import re

import cssselect

_ATTRIBUTE = re.compile(r"^(?P<css>.*?)\s*@(?P<name>[A-Za-z_][\w:.-]*)$", re.DOTALL)


def split_selector(text: str) -> tuple[str, str | None]:
    """Return the CSS (empty: the block itself) and the attribute (None: not stated) of a selector.

    Raises:
        ValueError: the CSS cannot be read; one sentence.
    """
    match = _ATTRIBUTE.match(text.strip())
    css, attribute = (match["css"], match["name"]) if match else (text.strip(), None)
    if css in {"", "."}:
        return "", attribute
    # a block's own children: a combinator needs something before it
    css = re.sub(r"^(?=[>+~])", ":scope ", css)
    try:
        cssselect.HTMLTranslator().css_to_xpath(css)
    except (cssselect.SelectorError, NotImplementedError, RecursionError) as error:
        raise ValueError(f"is no CSS selector: {' '.join(str(error).split())[:120]}") from error
    return css, attribute
