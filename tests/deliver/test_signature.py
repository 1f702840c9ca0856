"""Signatures of what is pushed."""

from __future__ import annotations

import pytest

from aggregator.deliver.signature import is_signed, sign
from aggregator.deliver.subscriber import is_reachable
from tests.pushing import signature

BODY = b"<feed>\xff</feed>"


@pytest.mark.parametrize("method", ["sha1", "sha256", "sha384", "sha512"])
def test_a_true_signature_is_believed(method: str) -> None:
    assert is_signed("secret", BODY, signature("secret", BODY, method))
    assert is_signed("secret", BODY, signature("secret", BODY, method).upper())


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "=",
        "sha256",
        "sha256=",
        "md5=0",
        "sha256=é",
        signature("other", BODY),
        signature("secret", b""),
    ],
)
def test_any_other_is_not(header: str | None) -> None:
    assert not is_signed("secret", BODY, header)


def test_ours_are_sha256() -> None:
    assert sign("secret", BODY) == signature("secret", BODY)


@pytest.mark.parametrize(
    ("url", "is_public"),
    [
        ("https://news.example.org/planet", True),
        ("http://93.184.215.14:8000", True),
        ("http://127.0.0.1:8000", False),
        ("http://[::1]:8000", False),
        ("http://10.1.2.3", False),
        ("http://localhost", False),
        ("http://newsbox", False),
        ("http://newsbox.local", False),
    ],
)
def test_an_address_tells_whether_hubs_can_call_it(url: str, is_public: bool) -> None:
    assert is_reachable(url) is is_public
