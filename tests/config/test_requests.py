"""Settings that shape the requests of one source, and that their secrets stay secret."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.config.loading import complaints, load

WHOLE = """
fetch: {spacing: 3s, requests_per_hour: 600}
sources:
  - url: https://paper.example/feed
    headers: {X-Api-Key: "${KEY}", Accept-Language: en}
    auth: "reader:${KEY}"
    user_agent: a reader
    proxy: "http://me:${KEY}@proxy.example:3128"
    timeout: 10s
    insecure_tls: on
    ca_file: certs/ca.pem
    conditional: off
  - url: https://plain.example/feed
"""


def test_every_key_reaches_the_source(tmp_path: Path) -> None:
    made = load(tmp_path, WHOLE, {"KEY": "hunter2"}).configuration
    shaped, plain = made.sources
    assert shaped.headers == (("X-Api-Key", "hunter2"), ("Accept-Language", "en"))
    assert (shaped.auth, shaped.user_agent) == ("reader:hunter2", "a reader")
    assert (shaped.proxy, shaped.timeout_s) == ("http://me:hunter2@proxy.example:3128", 10.0)
    assert (shaped.insecure_tls, shaped.conditional) == (True, False)
    assert shaped.ca_file == str(tmp_path.resolve() / "certs/ca.pem")
    assert (plain.headers, plain.auth, plain.conditional, plain.timeout_s) == ((), None, True, None)
    assert (made.fetch.spacing_s, made.fetch.requests_per_hour) == (3.0, 600)


def test_secrets_do_not_show_in_a_source_s_text(tmp_path: Path) -> None:
    assert "hunter2" not in repr(load(tmp_path, WHOLE, {"KEY": "hunter2"}).configuration)


def test_every_wrong_header_field_is_named(tmp_path: Path) -> None:
    wrong = 'headers: {Host: a, X-Good: b, X-Two: "c\\nd", Range: e}'
    found = complaints(tmp_path, f"sources:\n  - url: https://paper.example/\n    {wrong}\n")
    assert [line.split(": ")[1] for line in found] == [
        "sources[0].headers.Host",
        "sources[0].headers.X-Two",
        "sources[0].headers.Range",
    ]


def test_what_a_variable_holds_is_not_quoted(tmp_path: Path) -> None:
    text = """
sources: [{url: "https://a.example/${KEY} x", weight: "${KEY}", content: "${KEY}", tags: "${KEY}"}]
topics: {unknown: "tag:${KEY}", unreadable: "${KEY}:x"}
webhooks: {w: {feed: "${KEY}", url: "ftp://a.example/${KEY}", shape: "${KEY}"}}
"""
    found = complaints(tmp_path, text, {"KEY": "hunter2"})
    assert len(found) == 9
    assert "hunter2" not in "".join(found)


@pytest.mark.parametrize(
    "text",
    [
        "sources: ['https://ann:hunter2@a.example/feed']",
        "webhooks: {w: https://hooks.example/hunter2}",
        "mail: 'smtp://ann:hunter2@mail.example'",
        "web: hunter2",
    ],
)
def test_a_secret_in_the_place_of_a_section_is_not_quoted(tmp_path: Path, text: str) -> None:
    (found,) = complaints(tmp_path, text)
    assert "expected a section of keys" in found
    assert "hunter2" not in found


WRONG = {
    "a field of conditional requests": ("headers: {If-None-Match: x}", "If-None-Match is not set here"),
    "credentials as a field": ("headers: {Authorization: x}", "write auth"),
    "the agent as a field": ("headers: {user-agent: x}", "write user_agent"),
    "a name with a blank": ("headers: {'X Y': z}", "letters, digits and hyphens"),
    "a value of two lines": ('headers: {X: "a\\nb"}', "one line of plain ASCII"),
    "a list of fields": ("headers: [a]", "expected names and values"),
    "a text for fields": ("headers: hunter2", "expected names and values"),
    "a token alone": ("auth: hunter2", "write user:password"),
    "a proxy of another kind": ("proxy: 'socks5://hunter2'", "a proxy is http://host:port"),
    "neither on nor off": ("conditional: maybe", "write on or off"),
    "too long a deadline": ("timeout: 1h", "longer than 10m"),
}


@pytest.mark.parametrize(("line", "sentence"), WRONG.values(), ids=WRONG.keys())
def test_what_cannot_be_sent_is_refused_without_quoting_it(tmp_path: Path, line: str, sentence: str) -> None:
    (found,) = complaints(tmp_path, f"sources:\n  - url: https://paper.example/\n    {line}\n")
    assert sentence in found
    assert "hunter2" not in found
