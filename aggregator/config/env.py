"""Secrets and settings from outside the file: ``${NAME}``, ``${NAME:-default}`` and ``${file:path}``.

A tree of nodes in, the same tree with the texts filled in out. What is filled in is text: it
can bring no new keys, lists or further ``${…}``. ``$${`` stands for a literal ``${``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from aggregator.config.positions import CONTROL, KeyPath, MappingNode, Node, ScalarNode, SequenceNode
from aggregator.config.problems import Complaints

#: a secret is short; a wrong path may be a huge file
_MAX_FILE_BYTES = 65_536

_PLACEHOLDER = re.compile(r"\$?\$\{([^{}]*)\}?")
_NAME = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)(?::-(.*))?", re.DOTALL)


def expand(root: Node, env: Mapping[str, str], folder: Path, complaints: Complaints) -> Node:
    """Return *root* with every placeholder in its values replaced; keys stay as they are.

    Args:
        env: the environment variables.
        folder: what the relative paths of ``${file:…}`` count from.
        complaints: gets what cannot be replaced; the text then stays as typed.
    """

    def walk(node: Node, path: KeyPath) -> Node:
        match node:
            case ScalarNode():
                return _fill(node, lambda body: _look_up(body, env, folder), complaints, path)
            case SequenceNode():
                items = tuple(walk(item, (*path, index)) for index, item in enumerate(node.items))
                return replace(node, items=items)
            case MappingNode():
                entries = {
                    name: (key, walk(value, (*path, name))) for name, (key, value) in node.entries.items()
                }
                return replace(node, entries=entries)

    return walk(root, ())


def _fill(
    node: ScalarNode, look_up: Callable[[str], str], complaints: Complaints, path: KeyPath
) -> ScalarNode:
    if "${" not in node.text:
        return node

    def fill_one(match: re.Match[str]) -> str:
        if match[0].startswith("$$"):
            return match[0][1:]
        try:
            if not match[0].endswith("}"):
                raise ValueError("${ without its }; write $${ for a literal ${")
            return look_up(match[1])
        except ValueError as error:
            complaints.add(node.place, str(error), path)
            return match[0]

    return replace(node, text=_PLACEHOLDER.sub(fill_one, node.text), is_plain=False, template=node.text)


def _look_up(body: str, env: Mapping[str, str], folder: Path) -> str:
    if body.startswith("file:"):
        return _read_secret(body.removeprefix("file:"), folder)
    match = _NAME.fullmatch(body)
    if match is None:
        raise ValueError(f"${{{body[:60]}}} is no ${{NAME}}, ${{NAME:-default}} or ${{file:path}}")
    name, default = match[1], match[2]
    # An empty variable counts as unset, as in a shell's ${NAME:-default}.
    value = env.get(name) or default
    if value is None:
        raise ValueError(
            f"the environment variable {name} is not set or empty; ${{{name}:-…}} gives a default"
        )
    if CONTROL.search(value):
        raise ValueError(f"the environment variable {name} holds control characters or is not UTF-8")
    return value


def _read_secret(name: str, folder: Path) -> str:
    try:
        path = folder / name
        if not path.is_file():
            raise ValueError(f"the file {name} of ${{file:…}} is not there, or is no file")
        with path.open("rb") as file:
            body = file.read(_MAX_FILE_BYTES + 1)
        text = body.decode("utf-8-sig").rstrip("\r\n")
    except OSError as error:
        raise ValueError(f"the file {name} of ${{file:…}} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ValueError(f"the file {name} of ${{file:…}} is not UTF-8 text") from None
    if len(body) > _MAX_FILE_BYTES or CONTROL.search(text):
        raise ValueError(f"the file {name} of ${{file:…}} holds no short text")
    return text
