"""What render() makes of an edition: valid documents, true validators, nothing lost on the way."""

from __future__ import annotations

import pytest

from aggregator.publish.addresses import FORMATS
from aggregator.publish.render import render
from tests.publish.editions import edition, item
from tests.publish.validity import check

every_format = pytest.mark.parametrize("suffix", FORMATS)


@every_format
def test_a_plain_edition_is_valid(suffix):
    rendered = render(edition(*(item(number) for number in range(1, 8))), suffix)
    assert check(rendered.body, rendered.media_type) == []


@every_format
def test_an_empty_feed_is_valid_and_has_no_date(suffix):
    rendered = render(edition(changed_at=None), suffix)
    assert check(rendered.body, rendered.media_type) == []
    assert rendered.last_modified is None
