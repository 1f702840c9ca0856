"""XPath of FreshRSS's page sources becomes CSS, where it goes down by names, attributes and places only."""

from __future__ import annotations

import re

from aggregator.query.selector import split_selector

_STEP = re.compile(r"(?P<name>[\w-]+|\*)(?P<tests>(?:\[[^\]]*\])*)")
_TESTS = (
    (r"(\d+)", ":nth-of-type({0})"),
    (r"last\(\)", ":last-of-type"),
    (r"@([\w-]+)", "[{0}]"),
    (r"@([\w-]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')", '[{0}="{1}"]'),
    (r"contains\(\s*@([\w-]+)\s*,\s*(?:\"([^\"]*)\"|'([^']*)')\s*\)", '[{0}*="{1}"]'),
    (r"starts-with\(\s*@([\w-]+)\s*,\s*(?:\"([^\"]*)\"|'([^']*)')\s*\)", '[{0}^="{1}"]'),
)


def css_of(xpath: str) -> str | None:
    """Return the selector that finds what *xpath* does; None if it cannot be said in CSS.

    Args:
        xpath: XPath 1.0, from the page or from one entry down; may end in ``/@attribute``.
    """
    path = re.sub(r"/text\(\)$", "", xpath.strip()).replace("descendant::", "//").replace("child::", "")
    path, attribute = match.groups() if (match := re.fullmatch(r"(.*?)/*@([\w-]+)", path)) else (path, None)
    path = re.sub(r"/{3,}", "//", path).removeprefix(".")
    made = "." if not path else _steps(path)
    if made is None:
        return None
    selector = f"{made}@{attribute}" if attribute else made
    try:
        split_selector(selector)
    except ValueError:
        return None
    return selector


def _steps(path: str) -> str | None:
    made, at = "", 0
    while at < len(path):
        slashes = re.compile("/*").match(path, at)
        step = _STEP.match(path, slashes.end()) if slashes else None
        if slashes is None or step is None:
            return None
        tests = [_test(each) for each in re.findall(r"\[([^\]]*)\]", step["tests"])]
        if None in tests:
            return None
        joint = " > " if slashes[0] == "/" else " "
        made += (joint if made else "") + step["name"] + "".join(filter(None, tests))
        at = step.end()
    return made


def _test(text: str) -> str | None:
    for form, template in _TESTS:
        if match := re.fullmatch(form, text.strip()):
            found = [group for group in match.groups() if group is not None]
            return template.format(*found, *[""] * (2 - len(found)))
    return None
