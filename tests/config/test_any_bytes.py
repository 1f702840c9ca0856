"""Whatever bytes a file holds, it loads or it is refused with places and sentences; never anything else."""

from __future__ import annotations

import tempfile
from pathlib import Path

import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aggregator.config.load import load_configuration
from aggregator.config.schema import File
from aggregator.errors import ConfigurationError

#: scraps that a configuration is made of, and some that it should not be
WORDS = [
    *File.model_fields,
    *("url", "name", "id", "tags", "every", "content", "query", "title", "limit", "per_source"),
    *("allow_private", "listen", "timezone", "language", "http://a.example/", "127.0.0.1:80"),
    *("a:", "-", "[", "]", "{", "}", ",", "'", '"', "|", ">", "&", "*", "!", "%", "#", "?", ":"),
    *("<<:", "*a", "&a", "---", "...", "~", "null", "no", "12:30", "1h", "5", "é", "\\"),
    *(
        "${",
        "${A}",
        "${A:-b}",
        "${file:x}",
        "AND",
        "and",
        "OR",
        "tag:x",
        "topic:a",
        "source:x",
        "(",
        ")",
        "/[/",
    ),
    *("\t", "\n", "\ufeff", "\x85", "\0", "\n  ", "\n    ", ": ", "\n  - "),
]
VALUES = st.recursive(
    st.none() | st.text(max_size=20) | st.sampled_from(WORDS) | st.integers() | st.booleans(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(WORDS) | st.text(max_size=8), inner, max_size=5)
    ),
    max_leaves=20,
)
WITH_EXAMPLES = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def load_or_refuse(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "aggregator.yaml"
        path.write_bytes(content)
        try:
            load_configuration(path, {"A": "x"})
        except ConfigurationError as error:
            problems = error.problems
        else:
            return
    # what YAML 1.1 takes as the end of a line
    ends = sum(content.count(end) for end in (b"\n", b"\r", b"\xc2\x85", b"\xe2\x80\xa8", b"\xe2\x80\xa9"))
    assert problems
    for problem in problems:
        assert 1 <= problem.line <= ends + 2
        assert problem.column >= 1
        assert str(problem).isprintable()


@WITH_EXAMPLES
@given(st.binary(max_size=200))
def test_any_bytes(content: bytes) -> None:
    load_or_refuse(content)


@WITH_EXAMPLES
@given(st.text(max_size=200))
def test_any_text(content: str) -> None:
    load_or_refuse(content.encode("utf-8", "surrogatepass"))


@WITH_EXAMPLES
@given(st.lists(st.sampled_from(WORDS), max_size=40))
def test_any_scraps_of_configuration(scraps: list[str]) -> None:
    load_or_refuse("".join(scraps).encode())


@WITH_EXAMPLES
@given(st.dictionaries(st.sampled_from(list(File.model_fields)), VALUES, max_size=6))
def test_any_values_in_the_sections(value: dict[str, object]) -> None:
    load_or_refuse(yaml.safe_dump(value, allow_unicode=True).encode("utf-8", "surrogatepass"))
