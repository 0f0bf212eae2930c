"""Every way of saying "slow down", and for how long."""

from datetime import timedelta
from email.utils import format_datetime

import pytest
from builders import NOW
from hypothesis import given
from hypothesis import strategies as st

from papertrack.sources.limits import LONGEST_SECONDS, is_slow_down, pause_seconds

EPOCH = NOW.timestamp()
IN_TWO_MINUTES = NOW + timedelta(minutes=2)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, 0),
        # Retry-After: seconds, or one of three forms of a date
        ({"retry-after": "120"}, 120),
        ({"retry-after": " 120 "}, 120),
        ({"retry-after": "1.5"}, 1.5),
        ({"retry-after": "0"}, 0),
        ({"retry-after": "-5"}, 0),
        ({"retry-after": "soon"}, 0),
        ({"retry-after": "٣"}, 0),
        ({"retry-after": format_datetime(IN_TWO_MINUTES, usegmt=True)}, 120),
        ({"retry-after": IN_TWO_MINUTES.strftime("%A, %d-%b-%y %H:%M:%S GMT")}, 120),
        ({"retry-after": IN_TWO_MINUTES.strftime("%a %b %d %H:%M:%S %Y")}, 120),
        ({"retry-after": format_datetime(NOW - timedelta(days=1), usegmt=True)}, 0),
        ({"retry-after": "Mon, 99 Foo 2026 99:99:99 GMT"}, 0),
        # RateLimit of the IETF's draft 9: what remains, and when it is full again
        ({"ratelimit": '"api";r=0;t=55'}, 55),
        ({"ratelimit": '"api"; r=0; t=55'}, 55),
        ({"ratelimit": '"api";t=55;r=0'}, 55),
        ({"ratelimit": '"api";r=10;t=55'}, 0),
        ({"ratelimit": '"api";r=0'}, 0),
        ({"ratelimit": '"burst";r=0;t=5, "day";r=0;t=600, "other";r=3;t=900'}, 600),
        # GitHub names the moment, OpenAlex the seconds until then
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": f"{EPOCH + 90:.0f}"}, 90),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "90"}, 90),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": f"{EPOCH - 90:.0f}"}, 0),
        ({"x-ratelimit-remaining": "1", "x-ratelimit-reset": "90"}, 0),
        ({"x-ratelimit-remaining": "0"}, 0),
        ({"x-ratelimit-reset": "90"}, 0),
        # of several the longest, and none for ever
        ({"retry-after": "7", "ratelimit": '"api";r=0;t=55'}, 55),
        ({"retry-after": "9" * 5000}, LONGEST_SECONDS),
        ({"ratelimit": f'"api";r={"0" * 5000};t={"9" * 5000}'}, LONGEST_SECONDS),
    ],
)
def test_how_long_a_service_wants_to_be_left_alone(headers: dict[str, str], seconds: float) -> None:
    assert pause_seconds(headers, NOW) == seconds


@pytest.mark.parametrize(
    ("status", "body", "slow"),
    [
        (429, b"", True),
        (503, b"", True),
        (403, b"", True),
        (406, b"", True),
        (200, b"Rate exceeded.", True),
        (200, b"\n  RATE LIMIT EXCEEDED", True),
        (200, b'[{"title": "Rate exceeded."}]', False),
        (200, b"", False),
        (500, b"", False),
        (404, b"", False),
    ],
)
def test_what_means_slow_down(status: int, body: bytes, slow: bool) -> None:
    assert is_slow_down(status, body) is slow


NAMES = st.sampled_from(
    ["retry-after", "ratelimit", "x-ratelimit-remaining", "x-ratelimit-reset", "other"]
)


@given(headers=st.dictionaries(NAMES, st.text(max_size=30)))
def test_no_header_can_be_more_than_a_week_or_break_anything(headers: dict[str, str]) -> None:
    assert 0 <= pause_seconds(headers, NOW) <= LONGEST_SECONDS
