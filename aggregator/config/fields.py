"""The kinds of value that many settings have, and what others are made of: each with its check and schema.

Values arrive as the text that was typed (or None, a list, a dict); each kind says in one
sentence what it wants. Nothing here knows which setting it is for; a kind that only one
section has stands there.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, WithJsonSchema

from aggregator.config import addresses, durations, languages
from aggregator.config.problems import describe

SLUG_PATTERN = r"^[a-z0-9]+(-[a-z0-9]+)*$"
TAG_PATTERN = r"^[^\W_][\w.-]{0,59}$"
#: where an editor sees ``${…}`` it must not complain
_PLACEHOLDER_PATTERN = r"\$\{.+\}"
_LONGEST_TEXT = 2000
_SWITCH = {"on": True, "yes": True, "true": True, "off": False, "no": False, "false": False}


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(f"expected text, found {describe(value)}")
    return value.strip()


def _spoken(value: object, longest: int) -> str:
    text = _text(value)
    if not text:
        raise ValueError("is empty")
    if len(text) > longest:
        raise ValueError(f"longer than {longest} characters")
    return text


def read(
    parse: Callable[[str], Any], pattern: str = "", longest: int = _LONGEST_TEXT
) -> tuple[BeforeValidator, WithJsonSchema]:
    """Return what has *parse* read a text that is not empty, without blanks around it.

    Args:
        pattern: what an editor may know of such a text.
    """
    known = {"pattern": f"{pattern}|{_PLACEHOLDER_PATTERN}"} if pattern else {"minLength": 1}
    return (
        BeforeValidator(lambda value: parse(_spoken(value, longest))),
        WithJsonSchema({"type": "string", **known}),
    )


def whole(lowest: int, highest: int) -> tuple[BeforeValidator, WithJsonSchema]:
    """Return what reads a whole number between two others."""

    def parse(value: object) -> int:
        text = _text(value)
        if re.fullmatch(r"0[0-9]+", text, re.ASCII):
            raise ValueError(f"a number has no leading zeros: write {text.lstrip('0') or '0'}")
        if not re.fullmatch(r"-?[0-9]{1,12}", text, re.ASCII):
            raise ValueError(f"expected a whole number, found {describe(value)}")
        if not lowest <= int(text) <= highest:
            raise ValueError(f"{text} is outside {lowest} to {highest}")
        return int(text)

    schema = {
        "type": ["integer", "string"],
        "minimum": lowest,
        "maximum": highest,
        "pattern": "^[0-9]+$|\\$\\{",
    }
    return BeforeValidator(parse), WithJsonSchema(schema)


def lasting(lowest_s: int, highest_s: int) -> tuple[BeforeValidator, WithJsonSchema]:
    """Return what reads a duration between two others as seconds."""
    return read(lambda text: durations.parse_duration(text, lowest_s, highest_s), durations.PATTERN)


def _slug(text: str) -> str:
    if len(text) > 100 or not re.match(SLUG_PATTERN, text):
        plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
        free = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:50].rstrip("-")
        hint = f"; write {free}" if free and "://" not in text else ""
        raise ValueError(
            f"may hold lower-case letters a-z, digits and single hyphens between them, 100 at most{hint}"
        )
    return text


def _tag(text: str) -> str:
    if not re.match(TAG_PATTERN, text):
        raise ValueError(
            "a tag is one word, at most 60 letters, digits, hyphens and dots; write free-licence for example"
        )
    return text.lower()


def _user_agent(text: str) -> str:
    if len(text) > 300 or not re.fullmatch(r"[\x20-\x7e]+", text):
        raise ValueError("a User-Agent is one line of at most 300 plain ASCII characters")
    return text


def _untrimmed(value: object) -> str:
    if len(_text(value)) > _LONGEST_TEXT:
        raise ValueError(f"longer than {_LONGEST_TEXT} characters")
    return str(value)


def _switch(value: object) -> bool:
    text = value.strip().lower() if isinstance(value, str) else ""
    if text not in _SWITCH:
        raise ValueError("write on or off")
    return _SWITCH[text]


Text = Annotated[str, *read(str)]
#: text that may be empty; a query of that kind means every article
FreeText = Annotated[str, BeforeValidator(_text), WithJsonSchema({"type": "string"})]
#: text whose blanks at the ends count
Untrimmed = Annotated[str, BeforeValidator(_untrimmed), WithJsonSchema({"type": "string"})]
Url = Annotated[str, *read(addresses.check_url, "^[hH][tT][tT][pP][sS]?://")]
#: of a file or folder
Path = Annotated[str, *read(addresses.check_path)]
Language = Annotated[str, *read(languages.check_language, languages.LANGUAGE_PATTERN)]
UserAgent = Annotated[str, *read(_user_agent)]
Timeout = Annotated[int, *lasting(1, 600)]
Slug = Annotated[str, *read(_slug, SLUG_PATTERN)]
Tags = Annotated[list[Annotated[str, *read(_tag)]], Field(max_length=50)]
Switch = Annotated[
    bool,
    BeforeValidator(_switch),
    WithJsonSchema(
        {"type": ["boolean", "string"], "pattern": rf"^({'|'.join(_SWITCH)})$|{_PLACEHOLDER_PATTERN}"}
    ),
]
