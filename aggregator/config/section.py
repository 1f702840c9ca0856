"""The base of all sections of the file, and how an empty one is read."""

from __future__ import annotations

from pydantic import BaseModel, BeforeValidator, ConfigDict


class Section(BaseModel):
    """Base of all sections: no unknown keys, never changed."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=False)


def _section(value: object) -> object:
    """A section whose lines are all commented out is an empty section."""
    return {} if value is None else value


def _listed(value: object) -> object:
    return [] if value is None else value


EMPTY_SECTION = BeforeValidator(_section)
EMPTY_LIST = BeforeValidator(_listed)
