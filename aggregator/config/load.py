"""A path in, one valid configuration out, or ConfigurationError with everything that is wrong.

The order of the work: bytes, YAML, ``${…}``, schema, references between settings. Only a file
that cannot be read as YAML stops early; else all checks run and their problems come together.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from pydantic import ValidationError

from aggregator.config.build import build_configuration, compute_digest
from aggregator.config.declared import read_declared, said_in
from aggregator.config.duplicates import check_duplicates, check_every
from aggregator.config.env import expand
from aggregator.config.file import Loaded, look_of
from aggregator.config.needs import check_needs
from aggregator.config.positions import Node, Place, ScalarNode, plain_of
from aggregator.config.problems import Complaints, add_schema_errors, one_line
from aggregator.config.references import check_queries
from aggregator.config.schema import File, keys_at
from aggregator.config.yamlread import MAX_BYTES, read_yaml
from aggregator.errors import ConfigurationError


def load_configuration(path: Path, env: Mapping[str, str] = os.environ, body: bytes | None = None) -> Loaded:
    """Return the configuration in the file *path*.

    Args:
        env: what ``${NAME}`` is looked up in.
        body: what the file shall hold; None: what it holds.

    Raises:
        ConfigurationError: with every problem of the file, in file order; whatever the bytes are.
    """
    complaints = Complaints(one_line(str(path)))
    absolute = Path(os.path.abspath(path))
    look = look_of(absolute)
    body = _read_bytes(path, complaints) if body is None else body
    root = _read_section(body, complaints) if body is not None else None
    checked = None
    if root is not None:
        root = expand(root, env, absolute.parent, complaints)
        checked = _check(root, complaints)
    if root is None or checked is None or complaints.found:
        raise ConfigurationError(complaints.in_order())
    # Everything has been checked by now: building cannot fail.
    configuration = build_configuration(checked, root, absolute)
    return Loaded(configuration, compute_digest(configuration), absolute, look)


def _read_bytes(path: Path, complaints: Complaints) -> bytes | None:
    try:
        if path.exists() and not path.is_file():
            complaints.add(Place(0, 0), "this is no file")
            return None
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        complaints.add(Place(0, 0), "there is no such file; `aggregator init` writes one")
    except (OSError, ValueError) as error:
        complaints.add(Place(0, 0), f"the file cannot be read: {getattr(error, 'strerror', None) or error}")
    return None


def _read_section(body: bytes, complaints: Complaints) -> Node | None:
    root = read_yaml(body, complaints)
    if complaints.found and root is None:
        return None
    if root is None or (isinstance(root, ScalarNode) and root.is_null):
        complaints.add(Place(1, 1), "the file is empty; `aggregator init` writes one to start from")
        return None
    return root


def _check(root: Node, complaints: Complaints) -> File | None:
    complaints.root = root
    plain = plain_of(root)
    file = said_in(plain)
    declared = read_declared(file)
    check_duplicates(declared, complaints)
    check_every(declared, complaints)
    check_queries(declared, complaints)
    check_needs(file, complaints)
    try:
        return File.model_validate(plain)
    except ValidationError as error:
        add_schema_errors(error.errors(), complaints, keys_at)
        return None
