"""How commands speak: JSON a line for programs, local times for people, progress on a terminal alone."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any, TypeVar

import click

from aggregator.publish.dates import json_time

T = TypeVar("T")
#: what steers a terminal, what turns the direction that text is read in, and halves of characters
_STEERING = (
    *(range(9), range(11, 32), range(127, 160)),
    *(range(0x2028, 0x202F), range(0x2066, 0x206A), range(0xD800, 0xE000)),
)
#: such a character -> how it is shown, which JSON reads as that character
SHOWN = {code: f"\\u{code:04x}" for codes in _STEERING for code in codes}
#: for commands that list, and for commands that tell of one thing
json_lines = click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
json_object = click.option("--json", "as_json", is_flag=True, help="One JSON object.")


def say(text: str = "", *, err: bool = False, nl: bool = True) -> None:
    """Print *text*, whatever publishers wrote into it.

    Args:
        err: on standard error.
        nl: with a line break behind it.
    """
    click.echo(text.translate(SHOWN), err=err, nl=nl)


def counted(count: int, what: str) -> str:
    """Return *count* and what it counts: ``1 article``, ``2 articles``, ``2 stories``."""
    several = f"{what[:-1]}ies" if what.endswith("y") else f"{what}s"
    return f"{count} {what if count == 1 else several}"


def print_json(value: object) -> None:
    """Print *value* as JSON on one line, times in UTC."""
    say(json.dumps(value, ensure_ascii=False, default=json_time))


def print_each(
    found: Iterable[T],
    as_json: bool,
    values: Callable[[T], dict[str, Any]],
    text: Callable[[T], str],
    nothing: str,
) -> None:
    """Print *text* of each of what was found, or its *values* as JSON.

    Args:
        nothing: what a person is told on standard error where nothing was found.
    """
    is_any = False
    for one in found:
        is_any = True
        if as_json:
            print_json(values(one))
        else:
            say(text(one))
    if not is_any and not as_json:
        say(nothing, err=True)


def limit_option(default: int, most: int = 100_000) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return the option that bounds what a command lists."""
    kind = click.IntRange(1, most)
    return click.option(
        "--limit", metavar="N", default=default, show_default=True, type=kind, help="At most so many."
    )


def local_time(time: datetime, *, seconds: bool = True) -> str:
    """Return *time* as people at this machine read it."""
    return f"{time.astimezone():%Y-%m-%d %H:%M:%S}" if seconds else f"{time.astimezone():%Y-%m-%d %H:%M}"


def show_progress(text: str) -> None:
    """Put *text* in place of what was shown before, where standard error is a terminal."""
    if sys.stderr.isatty():
        click.echo(f"\r{text} ", nl=False, err=True)


def counting(what: str) -> Callable[[int], None]:
    """Return what shows how far something has come: a number, then *what*."""
    return lambda count: show_progress(f"{count} {what}")


def clear_progress() -> None:
    """Take away what show_progress() showed."""
    if sys.stderr.isatty():
        click.echo("\r\x1b[K", nl=False, err=True)


def told_twins(twins: Sequence[tuple[int, str]]) -> str:
    """Return the sentence that names other articles with the same link: their ids and sources."""
    return "the same link is in " + ", ".join(f"{number} ({slug})" for number, slug in twins)
