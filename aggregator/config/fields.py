"""The kinds of value a setting can have, each with its check and with what an editor may know of it.

Values arrive as the text that was typed (or None, a list, a dict); each kind says in one
sentence what it wants. Nothing here knows which setting it is for.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from importlib.util import find_spec
from typing import Annotated, Any, Literal, TypeVar, get_args

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from aggregator.config import addresses, databases, durations, languages, sizes
from aggregator.config.names import did_you_mean
from aggregator.config.problems import describe
from aggregator.model import ContentPolicy, PerSource, outgoing, settings
from aggregator.query.jsonpath import compile_path
from aggregator.query.selector import split_selector

T = TypeVar("T")

#: what a selector or path may be given for
FIELD_NAMES = (
    *("id", "title", "link", "date", "updated", "summary", "content", "author", "category", "image"),
)
SLUG_PATTERN = r"^[a-z0-9]+(-[a-z0-9]+)*$"
TAG_PATTERN = r"^[^\W_][\w.-]{0,59}$"
PER_SOURCE_PATTERN = r"^[1-9][0-9]{0,3}( per day)?$"
#: where an editor sees ``${…}`` it must not complain
_PLACEHOLDER_PATTERN = r"\$\{.+\}"
_LONGEST_TEXT = 2000


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


def read(parse: Callable[[str], T], longest: int = _LONGEST_TEXT) -> BeforeValidator:
    """Return what has *parse* read a text that is not empty, without blanks around it."""
    return BeforeValidator(lambda value: parse(_spoken(value, longest)))


def _number(lowest: int, highest: int) -> Callable[[object], int]:
    def parse(value: object) -> int:
        text = _text(value)
        if re.fullmatch(r"0[0-9]+", text, re.ASCII):
            raise ValueError(f"a number has no leading zeros: write {text.lstrip('0') or '0'}")
        if not re.fullmatch(r"-?[0-9]{1,12}", text, re.ASCII):
            raise ValueError(f"expected a whole number, found {describe(value)}")
        if not lowest <= int(text) <= highest:
            raise ValueError(f"{text} is outside {lowest} to {highest}")
        return int(text)

    return parse


def _weight(value: object) -> float:
    text = _text(value)
    if not re.fullmatch(r"[0-9]{1,3}(\.[0-9]{1,6})?", text, re.ASCII) or float(text) > 100:
        raise ValueError(f"a weight is a number from 0 to 100, found {describe(value)}")
    return float(text)


def _whole(lowest: int, highest: int) -> tuple[BeforeValidator, WithJsonSchema]:
    schema = {
        "type": ["integer", "string"],
        "minimum": lowest,
        "maximum": highest,
        "pattern": "^[0-9]+$|\\$\\{",
    }
    return BeforeValidator(_number(lowest, highest)), WithJsonSchema(schema)


def string_schema(pattern: str | None = None, **more: Any) -> WithJsonSchema:
    """Return what an editor may know of a text."""
    schema: dict[str, Any] = {"type": "string", **more}
    if pattern:
        schema["pattern"] = f"{pattern}|{_PLACEHOLDER_PATTERN}"
    return WithJsonSchema(schema)


def _duration(lowest_s: int, highest_s: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        seconds = durations.parse_duration(text)
        if seconds < lowest_s:
            raise ValueError(f"shorter than {durations.render_duration(lowest_s)}")
        if seconds > highest_s:
            raise ValueError(f"longer than {durations.render_duration(highest_s)}")
        return seconds

    return parse


def _every(text: str) -> int | None:
    return None if text == "auto" else _duration(1, 366 * 86_400)(text)


def _size(text: str) -> int:
    size = sizes.parse_size(text)
    if not 1000 <= size <= 1_000_000_000:
        raise ValueError("a size here is 1kB to 1GB")
    return size


def _slug(text: str) -> str:
    if len(text) > 100 or not re.match(SLUG_PATTERN, text):
        plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
        free = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:50].rstrip("-")
        hint = f"; write {free}" if free else ""
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


def _choice(*names: str) -> tuple[BeforeValidator, WithJsonSchema]:
    def parse(text: str) -> str:
        if text not in names:
            hint = did_you_mean(text, names) or f"; write {' or '.join(names)}"
            raise ValueError(f"{describe(text)} is not known here{hint}")
        return text

    return read(parse), WithJsonSchema({"type": "string", "enum": list(names)})


def _tracking(text: str) -> str:
    if not re.fullmatch(r"[^\s&=*?#]{1,100}\*?", text):
        raise ValueError(
            "the name of a query parameter, such as ref, or a beginning with a star, such as utm_*"
        )
    return text.lower()


def _frame_host(text: str) -> str:
    if text != "default" and not re.fullmatch(r"\.?[a-z0-9-]+(\.[a-z0-9-]+)+", text.lower()):
        raise ValueError("a host, such as player.example.org, or .example.org for all below it, too")
    return text.lower()


def _full_text(text: str) -> str:
    if text == "full-text" and find_spec("trafilatura") is None:
        raise ValueError("full-text needs the extra fulltext: pip install 'feed-aggregator[fulltext]'")
    return text


def _per_source(text: str) -> PerSource:
    match = re.fullmatch(r"([1-9][0-9]{0,3})(\s+per\s+day)?", text, re.ASCII)
    if match is None:
        raise ValueError("write a number of articles, such as 5 or 5 per day")
    return PerSource(count=int(match[1]), per_day=match[2] is not None)


def _local_path(text: str) -> str:
    if "\x00" in text or text.startswith(("http:", "https:")):
        raise ValueError("not the path of a local file")
    return text


def _list_place(text: str) -> str:
    is_url = re.match(r"[a-z]+://", text, re.IGNORECASE)
    return addresses.check_url(text) if is_url else _local_path(text)


def _alternatives(value: object) -> object:
    """One selector is short for a list of one."""
    return [value] if isinstance(value, str) else [] if value is None else value


def check_selectors(written: Iterable[str], *, is_json: bool) -> None:
    """Raise ValueError unless all are JSON paths, or all are CSS selectors."""
    for each in written:
        try:
            _ = compile_path(each) if is_json else split_selector(each)
        except ValueError as error:
            raise ValueError(f"{describe(each)} {error}") from error


def _contact(text: str) -> str:
    if re.fullmatch(r"[^\s@<>()]+@[^\s@<>()]+\.[^\s@<>()]+", text) and text.isascii():
        return text
    try:
        return addresses.check_url(text)
    except ValueError:
        raise ValueError("neither an e-mail address nor a web address") from None


def _user_agent(text: str) -> str:
    if len(text) > 300 or not re.fullmatch(r"[\x20-\x7e]+", text):
        raise ValueError("a User-Agent is one line of at most 300 plain ASCII characters")
    return text


def _hub(text: str) -> str:
    if text in ("builtin", "off"):
        return text
    try:
        return addresses.check_url(text)
    except ValueError as error:
        raise ValueError(f"write builtin, off, or the URL of a hub: {error}") from None


#: YAML 1.1 editors take on and off for booleans
_SWITCH_SCHEMA = WithJsonSchema({"enum": ["auto", "on", "off", True, False]})


def _untrimmed(value: object) -> str:
    if len(_text(value)) > _LONGEST_TEXT:
        raise ValueError(f"longer than {_LONGEST_TEXT} characters")
    return str(value)


def _token(value: object) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"[\x21-\x7e]{16,200}", value.strip()):
        raise ValueError("a token is 16 to 200 plain ASCII characters without blanks")
    return value.strip()


def _alias(text: str) -> str:
    if len(text) > 200 or not re.fullmatch(r"/[A-Za-z0-9._~/+-]+", text) or "//" in text:
        raise ValueError("an alias is a path on this site, such as /rss20.xml")
    return text.rstrip("/")


def _opt_out(text: str) -> str:
    if re.match(r"https?://", text, re.IGNORECASE):
        return addresses.check_url(text)
    host = text.lower().removeprefix("*.").rstrip(".")
    if len(host) > 253 or not re.fullmatch(r"[^\W_]([\w-]*[^\W_])?(\.[^\W_]([\w-]*[^\W_])?)+", host):
        raise ValueError("write a host, such as news.example, or an address that begins with https://")
    return host


Text = Annotated[str, read(str), string_schema(minLength=1)]
#: text that may be empty; a query of that kind means every article
FreeText = Annotated[str, BeforeValidator(_text), string_schema()]
Url = Annotated[str, read(addresses.check_url), string_schema("^[hH][tT][tT][pP][sS]?://")]
BaseUrl = Annotated[str, read(addresses.check_base_url), string_schema("^[hH][tT][tT][pP][sS]?://")]
Language = Annotated[str, read(languages.check_language), string_schema(languages.LANGUAGE_PATTERN)]
Timezone = Annotated[str, read(languages.check_timezone), string_schema(minLength=1)]
Contact = Annotated[str, read(_contact), string_schema(minLength=3)]
UserAgent = Annotated[str, read(_user_agent), string_schema(minLength=1, maxLength=300)]
Face = Annotated[str, read(addresses.check_face), string_schema(minLength=5)]
Folder = Annotated[str, read(addresses.check_path), string_schema(minLength=1)]
Listen = Annotated[tuple[str, int], read(addresses.parse_listen), string_schema(":[0-9]+$")]
Database = Annotated[str, read(databases.check_database), string_schema("^(sqlite|postgres)")]
Postgres = Annotated[str, read(databases.check_postgres), string_schema("^postgres")]
Admission = Annotated[str, read(addresses.check_admission), string_schema(minLength=1)]
Every = Annotated[int | None, read(_every), string_schema(f"^auto$|{durations.PATTERN}")]
Keep = Annotated[int, read(_duration(1, 100 * 365 * 86_400)), string_schema(durations.PATTERN)]
Timeout = Annotated[int, read(_duration(1, 600)), string_schema(durations.PATTERN)]
Spacing = Annotated[int, read(_duration(0, 300)), string_schema(durations.PATTERN)]
Size = Annotated[int, read(_size), string_schema(sizes.PATTERN)]
Slug = Annotated[str, read(_slug), WithJsonSchema({"type": "string", "pattern": SLUG_PATTERN})]
Tag = Annotated[str, read(_tag), WithJsonSchema({"type": "string", "minLength": 1, "maxLength": 60})]
Processes = Annotated[int, *_whole(1, 64)]
PerHost = Annotated[int, *_whole(1, 64)]
Concurrency = Annotated[int, *_whole(1, 1000)]
RequestsPerHour = Annotated[int, *_whole(1, 10_000_000)]
InitialItems = Annotated[int, *_whole(0, 10_000)]
Limit = Annotated[int, *_whole(1, 1000)]
Content = Annotated[ContentPolicy, *_choice(*get_args(ContentPolicy))]
SourceContent = Annotated[str, AfterValidator(_full_text), *_choice(*get_args(ContentPolicy), "full-text")]
Future = Annotated[str, *_choice("now", "hold")]
Edits = Annotated[str, *_choice("silent", "update", "bump")]
Hold = Annotated[int, read(_duration(0, 90 * 86_400)), string_schema(durations.PATTERN)]
Truncate = Annotated[int, *_whole(1, 100_000)]
#: text whose blanks at the ends count
Untrimmed = Annotated[str, BeforeValidator(_untrimmed), string_schema()]
#: a secret; no message quotes it
Token = Annotated[str, BeforeValidator(_token), string_schema(minLength=16)]
Access = Annotated[settings.Access, *_choice(*get_args(settings.Access))]
Port = Annotated[int, *_whole(1, 65_535)]
MailSecurity = Annotated[Literal["starttls", "tls", "none"], *_choice("starttls", "tls", "none")]
Subscribing = Annotated[str, *_choice("closed", "open")]
WebhookShape = Annotated[outgoing.WebhookShape, *_choice(*get_args(outgoing.WebhookShape))]
TrackingNames = Annotated[
    list[Annotated[str, read(_tracking), string_schema(minLength=1)]], Field(max_length=500)
]
FrameHosts = Annotated[
    list[Annotated[str, read(_frame_host), string_schema(minLength=4)]], Field(max_length=500)
]
Hub = Annotated[str, read(_hub), WithJsonSchema({"type": ["string", "boolean"]})]
Subscribe = Annotated[Literal["auto", "on", "off"], _choice("auto", "on", "off")[0], _SWITCH_SCHEMA]
Order = Annotated[Literal["newest", "top"], *_choice("newest", "top")]
Overflow = Annotated[str, *_choice("drop", "digest")]
Best = Annotated[Literal["day", "week", "month"], *_choice("day", "week", "month")]
Stories = Annotated[int, *_whole(1, 100)]
Duplicates = Annotated[settings.Duplicates, *_choice(*get_args(settings.Duplicates))]
MaxAge = Annotated[int, read(_duration(60, 100 * 365 * 86_400)), string_schema(durations.PATTERN)]
Weight = Annotated[
    float, BeforeValidator(_weight), WithJsonSchema({"type": "number", "minimum": 0, "maximum": 100})
]
PerSourceText = Annotated[
    PerSource,
    read(_per_source),
    WithJsonSchema({"type": ["string", "integer"], "minimum": 1, "pattern": PER_SOURCE_PATTERN}),
]
Tags = Annotated[list[Tag], Field(max_length=50)]
ListPlace = Annotated[str, read(_list_place), string_schema(minLength=1)]
LocalPath = Annotated[str, read(_local_path), string_schema(minLength=1)]
Selectors = Annotated[
    list[Annotated[str, read(str), string_schema(minLength=1)]],
    BeforeValidator(_alternatives),
    Field(max_length=20),
    WithJsonSchema({"type": ["string", "array"], "items": {"type": "string"}, "minLength": 1}),
]
FieldName = Annotated[str, *_choice(*FIELD_NAMES)]
Alias = Annotated[str, read(_alias), string_schema("^/.")]
Aliases = Annotated[list[Alias], Field(max_length=50)]
OptOut = Annotated[str, read(_opt_out), string_schema(minLength=3)]
