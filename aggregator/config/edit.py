"""A person's file gets one more source: text in, text out, with every other byte as it was.

The lines are put behind the last source, in its indentation; comments, order and blanks stay.
The result is checked by loading it before it takes the file's place.
"""

from __future__ import annotations

import codecs
import os
import re
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import yaml

from aggregator.config.imports.wording import scalar
from aggregator.config.load import load_configuration
from aggregator.config.problems import Complaints
from aggregator.config.yamlread import read_yaml
from aggregator.errors import AggregatorError, ConfigurationError, Problem

#: where a line of YAML 1.1 ends
_LINE_END = re.compile("\r\n|[\n\r\x85\u2028\u2029]")


def add_source(path: Path, keys: Mapping[str, object], env: Mapping[str, str] = os.environ) -> None:
    """Append a source to the configuration file *path*.

    Args:
        keys: of the source, in order: texts, or lists of texts. ``url`` is among them.

    Raises:
        ConfigurationError: the file, or what it would become, cannot be used; it is unchanged.
        AggregatorError: the file cannot be written.
    """
    before = load_configuration(path, env).configuration
    body = path.read_bytes()
    mark = codecs.BOM_UTF8 if body.startswith(codecs.BOM_UTF8) else b""
    text = _insert(body.removeprefix(mark).decode("utf-8"), keys)
    changed = mark + (text or "").encode("utf-8")
    if text is None or read_yaml(changed, Complaints("")) is None:
        raise _by_hand(path)
    after = load_configuration(path, env, changed).configuration
    if [each.url for each in after.sources] != [*(each.url for each in before.sources), keys["url"]]:
        raise _by_hand(path)
    _replace(Path(os.path.realpath(path)), changed)


def _by_hand(path: Path) -> ConfigurationError:
    message = "`sources` is not written as a list with a dash on each line; add this source by hand"
    return ConfigurationError([Problem(str(path), 0, 0, "sources", message)])


def _replace(path: Path, body: bytes) -> None:
    """Put *body* in the place of a file at once, with its mode and owner; it may hold passwords."""
    beside = path.with_name(f".{path.name}.new")
    try:
        beside.touch(0o600)
        beside.write_bytes(body)
        before = path.stat()
        with suppress(PermissionError):  # only root gives files away
            os.chown(beside, before.st_uid, before.st_gid)
        os.chmod(beside, before.st_mode & 0o777)
        os.replace(beside, path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise AggregatorError(f"{path} cannot be written: {error.strerror}") from None


def _insert(text: str, keys: Mapping[str, object]) -> str | None:
    """Return *text* with one more source; None where its sources are laid out in another way."""
    line_end = "\r\n" if "\r\n" in text else "\n"
    text += "" if text.endswith(("\n", "\r")) else line_end
    events = _events_of_sources(text)
    if not events:
        return f"{text}{line_end}sources:{line_end}{_render(keys, '  ', line_end)}"
    first, last = events[0], events[-1]
    line = first.end_mark.line
    if isinstance(first, yaml.ScalarEvent) or len(events) == 2:  # nothing, or []
        text, indent = text[: first.start_mark.index].rstrip(" ") + text[last.end_mark.index :], "  "
        at = first.start_mark.index - 1
    elif isinstance(first, yaml.SequenceStartEvent) and not first.flow_style:
        dashed = re.match(r"\s*(?=-)", text.splitlines()[line])
        if dashed is None:
            return None
        indent = dashed[0]
        # the end of a block is where the next thing begins
        ends = (each.end_mark.index for each in events if _is_visible(each))
        at = len(text[: max(ends)].rstrip())
    else:
        return None
    found = _LINE_END.search(text, at)
    at = found.end() if found else len(text)
    return text[:at] + _render(keys, indent, line_end) + text[at:]


def _events_of_sources(text: str) -> list[Any]:
    """Return what the parser meets from the beginning to the end of what stands under ``sources``."""
    found: list[Any] = []  # the types do not know that events have their marks
    depth, key = 0, None
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth == 1 and key is None:
            key = getattr(event, "value", "")
        elif depth >= 1:
            found += [event] if key == "sources" else []
            if depth == 1 and not isinstance(event, yaml.CollectionStartEvent):
                key = None
        depth += isinstance(event, yaml.CollectionStartEvent)
    return found


def _is_visible(event: Any) -> bool:
    is_end = isinstance(event, yaml.CollectionEndEvent)
    return not is_end or bool(event.start_mark.index < event.end_mark.index)


def _render(keys: Mapping[str, object], indent: str, line_end: str) -> str:
    made: list[str] = []
    for key, value in keys.items():
        if value:
            shown = (
                f"[{', '.join(scalar(v, inside=True) for v in value)}]"
                if isinstance(value, list)
                else scalar(value)
            )
            made.append(f"{indent}{'  ' if made else '- '}{key}: {shown}{line_end}")
    return "".join(made)
