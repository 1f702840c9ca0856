"""What our schema takes of what another program says: a section and its value in, yes or no out."""

from __future__ import annotations

from pydantic import ValidationError

from aggregator.config.imports.labels import printable
from aggregator.config.schema import File


def is_accepted(section: str, value: object) -> bool:
    """Tell whether a file of ours may say *value* under *section*: ``{"title": "Quay"}`` under ``site``."""
    try:
        File.model_validate({section: _as_text(value)})
    except ValidationError:
        return False
    return True


def _as_text(value: object) -> object:
    """Return *value* as our file will have it: a number is text until a setting wants one."""
    match value:
        case dict():
            return {name: _as_text(each) for name, each in value.items()}
        case list():
            return [_as_text(each) for each in value]
        case _:
            return printable(str(value))
