# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Durations: what is read, what is refused, and that writing and reading are inverse."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.tokenops.ionos.plugins.module_utils._core.duration import (
    MAXIMUM_DURATION,
    format_duration,
    parse_duration,
)
from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import ConfigurationError


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        (3600, 3600),
        (0, 0),
        ("3600", 3600),
        ("0", 0),
        ("30d", 2592000),
        ("12h", 43200),
        ("1h30m", 5400),
        ("2w", 1209600),
        ("1w2d3h4m5s", 788645),
        (" 7d\n", 604800),
    ],
)
def test_a_duration_is_whole_seconds_or_numbers_with_units(text, seconds):
    assert parse_duration(text, "ttl") == seconds


@pytest.mark.parametrize(
    "value",
    [
        "",
        " ",
        "d",
        "1.5h",
        "1 h",
        "30m1h",
        "1h1h",
        "-5",
        "+5",
        "1y",
        "30D",
        "٣d",
        "1e3",
        "0x10",
        "infinity",
        None,
        True,
        3600.0,
        -1,
        10**12,
        pytest.param(10**5000, id="a number of 5000 digits"),
        "9" * 12,
        "999999999w",
        ["30d"],
        b"30d",
    ],
)
def test_anything_else_is_refused_without_showing_it(value):
    with pytest.raises(ConfigurationError) as caught:
        parse_duration(value, "ttl of external-dns")
    assert str(caught.value) == (
        "ttl of external-dns is not a duration. "
        "Give whole seconds, or a text such as 30d, 12h or 1h30m (units w, d, h, m, s)."
    )


@given(st.integers(0, MAXIMUM_DURATION))
def test_what_is_written_is_read_back(seconds):
    assert parse_duration(format_duration(seconds), "ttl") == seconds


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0s"), (59, "59s"), (5400, "1h30m"), (604800, "7d"), (86400 + 1, "1d1s")]
)
def test_a_duration_is_written_in_days_and_smaller_units(seconds, text):
    assert format_duration(seconds) == text


@given(st.one_of(st.text(max_size=40), st.from_regex(r"[0-9wdhms. ]{0,20}"), st.integers(), st.floats(), st.binary()))
def test_whatever_is_given_ends_with_seconds_in_bounds_or_the_one_error(value):
    seconds = 0
    with suppress(ConfigurationError):
        seconds = parse_duration(value, "ttl")
    assert 0 <= seconds <= MAXIMUM_DURATION
