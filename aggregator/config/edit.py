"""A person's file gets one more source: text in, text out, with every other byte as it was.

The lines are put behind the last source, in its indentation; comments, order and blanks stay.
The result is checked by loading it before it takes the file's place.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import yaml

from aggregator.config.imports.wording import scalar
from aggregator.config.load import load_configuration
from aggregator.errors import ConfigurationError, Problem


def add_source(path: Path, keys: Mapping[str, object], env: Mapping[str, str] = os.environ) -> None:
    """Append a source to the configuration file *path*.

    Args:
        keys: of the source, in order: texts, or lists of texts.

    Raises:
        ConfigurationError: the file, or what it would become, cannot be used; it is unchanged.
    """
    load_configuration(path, env)
    text = path.read_bytes().decode("utf-8-sig")
    changed = _insert(text, keys, str(path))
    beside = path.with_name(f".{path.name}.new")
    try:
        # a new file beside the old one has its folder, so relative paths mean the same
        beside.write_bytes(changed.encode("utf-8"))
        os.chmod(beside, path.stat().st_mode & 0o777)
        load_configuration(beside, env)
        os.replace(beside, path.resolve())
    except ConfigurationError as error:
        # a person knows the file by its own name
        raise ConfigurationError([replace(one, file=str(path)) for one in error.problems]) from None
    finally:
        beside.unlink(missing_ok=True)


def _insert(text: str, keys: Mapping[str, object], name: str) -> str:
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    pairs = root.value if isinstance(root, yaml.MappingNode) else ()
    listed = next((value for key, value in pairs if key.value == "sources"), None)
    lines = text.splitlines(keepends=True)
    if lines and not lines[-1].endswith("\n"):
        lines[-1] += "\n"
    if listed is None:
        return "".join([*lines, "\nsources:\n", *_render(keys, "  ")])
    if not isinstance(listed, yaml.SequenceNode) or listed.flow_style or not listed.value:
        message = "`sources` is not written as a list with a dash on each line; add this source by hand"
        raise ConfigurationError([Problem(name, listed.start_mark.line + 1, 1, "sources", message)])
    dash = re.match(r"\s*", lines[listed.value[-1].start_mark.line])
    last = _last_line(listed.value[-1])
    return "".join([*lines[: last + 1], *_render(keys, dash[0] if dash else "  "), *lines[last + 1 :]])


def _last_line(node: yaml.Node) -> int:
    """Return the line that a node's last character stands on, 0-based; blanks behind it do not count."""
    if isinstance(node, yaml.MappingNode) and node.value and not node.flow_style:
        return _last_line(node.value[-1][1])
    if isinstance(node, yaml.SequenceNode) and node.value and not node.flow_style:
        return _last_line(node.value[-1])
    is_block = isinstance(node, yaml.ScalarNode) and node.style in {"|", ">"}
    return int(node.end_mark.line) - (1 if is_block else 0)


def _render(keys: Mapping[str, object], indent: str) -> list[str]:
    made: list[str] = []
    for key, value in keys.items():
        if value:
            shown = (
                f"[{', '.join(scalar(v, inside=True) for v in value)}]"
                if isinstance(value, list)
                else scalar(value)
            )
            made.append(f"{indent}{'  ' if made else '- '}{key}: {shown}\n")
    return made
