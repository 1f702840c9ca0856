"""The settings of curation: the gate's switches and the rewrite rules.

Typed text goes in, checked sections come out, and from them the model's Gate and Rewrite.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from cssselect import SelectorError
from lxml.cssselect import CSSSelector
from pydantic import AfterValidator, Field, model_validator

from aggregator.config import fields
from aggregator.config.section import EMPTY_LIST, Section, taken_as_is
from aggregator.errors import QueryError
from aggregator.model import ContentPolicy, Gate, Replacement, Rewrite
from aggregator.query.regex import check_replacement


def _selector(text: str) -> str:
    try:
        CSSSelector(text, translator="html")
    except (SelectorError, ValueError) as error:
        raise ValueError(f"no CSS selector: {error}") from None
    return text


Selector = Annotated[fields.Text, AfterValidator(_selector)]


class GateSection(Section):
    """The switches of the gate; see docs/curation.md."""

    rekey: fields.Switch | None = Field(
        None, description="off: articles under new ids are new ones; on if left out."
    )
    drift: fields.Switch | None = Field(
        None, description="off: dates stamped at every fetch are believed; on if left out."
    )
    future: Literal["now", "hold"] | None = Field(
        None, description="Entries dated in the future: now, or hold until then; now if left out."
    )
    burst: fields.Switch | None = Field(
        None, description="off: a sudden flood goes out at once; on if left out."
    )
    hold: Annotated[int, *fields.lasting(0, 90 * 86_400)] | None = Field(
        None, description="How long every new article waits, so that a person can reject it; 0s if left out."
    )
    takeover: Literal["now", "hold"] | None = Field(
        None,
        description="New entries unlike all before, which lead to another site or speak another language: "
        "now, or hold until a person decides; now if left out.",
    )
    edits: Literal["silent", "update", "bump"] | None = Field(
        None, description="Real edits: silent, update (a new date of change) or bump (back on top)."
    )


class ReplacementEntry(Section):
    """One pattern and what stands in its place."""

    pattern: fields.Untrimmed = Field(description="A pattern (RE2); (?i) at its start ignores case.")
    replacement: fields.Untrimmed = Field(
        "", description="What stands in its place, \\1 for the first group; nothing if left out."
    )

    @model_validator(mode="after")
    def _check(self) -> Self:
        try:
            check_replacement(self.pattern, self.replacement)
        except QueryError as error:
            raise ValueError(error.message) from None
        return self


class RewriteEntry(Section):
    """How articles are changed on their way out; what is stored stays as it came."""

    name: fields.Text | None = Field(None, description="What explanations call the rule.")
    query: fields.FreeText = Field("", description="Which articles, in the query language; all if left out.")
    drop: Annotated[list[Selector], EMPTY_LIST] = Field(
        [], description="CSS selectors of elements that leave the text."
    )
    replace_content: Annotated[list[ReplacementEntry], EMPTY_LIST] = Field(
        [], description="Replacements in the text, never inside tags."
    )
    replace_title: Annotated[list[ReplacementEntry], EMPTY_LIST] = Field(
        [], description="Replacements in the title."
    )
    prefix: fields.Untrimmed = Field("", description="Before the title; {source} is the source's name.")
    author: fields.Text | None = Field(None, description="Instead of the authors.")
    language: fields.Language | None = Field(None, description="Instead of the language, a BCP 47 tag.")
    categories: Annotated[list[fields.Text], EMPTY_LIST] = Field([], description="Added to the publisher's.")
    truncate: Annotated[int, *fields.whole(1, 100_000)] | None = Field(
        None, description="Words kept of the text, 1 to 100000."
    )
    content: ContentPolicy | None = Field(
        None, description="full, summary or link; the strictest of rule, source and feed."
    )
    rights: fields.Text | None = Field(None, description="Instead of the article's licence or notice.")


def merge_gate(defaults: GateSection, own: GateSection | None) -> Gate:
    """Return the switches of a source: its own, else the defaults', else the built-in ones."""
    said: dict[str, Any] = defaults.model_dump(exclude_none=True)
    said |= own.model_dump(exclude_none=True) if own else {}
    if "hold" in said:
        said["hold_s"] = said.pop("hold")
    return Gate(**said)


def build_rewrite(entry: RewriteEntry, name: str) -> Rewrite:
    """Return the rule that a section says.

    Args:
        name: what it is called if it has no name.
    """
    made = {
        "name": entry.name or name,
        "replace_content": tuple(Replacement(r.pattern, r.replacement) for r in entry.replace_content),
        "replace_title": tuple(Replacement(r.pattern, r.replacement) for r in entry.replace_title),
    }
    return Rewrite(**{**taken_as_is(entry, Rewrite), **made})
