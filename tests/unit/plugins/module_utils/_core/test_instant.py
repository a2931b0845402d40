# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Points in time: one reader for the API's dates, one for HTTP's, and that writing and reading are inverse."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.tokenops.ionos.plugins.module_utils._core.instant import (
    EPOCH,
    LATEST,
    format_instant,
    parse_date,
    parse_http_date,
    parse_instant,
)

NOON = 1772366400


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-01T12:00:00Z",
        "2026-03-01T12:00:00z",
        "2026-03-01t12:00:00Z",
        "2026-03-01 12:00:00",
        "2026-03-01T12:00:00.999999999Z",
        "2026-03-01T12:00:00,5Z",
        "2026-03-01T12:00:00+00:00",
        "2026-03-01T14:00:00+0200",
        "2026-03-01T06:30:00-05:30",
        " 2026-03-01T12:00:00Z\n",
    ],
)
def test_r29_an_iso_8601_date_and_time_is_read_as_whole_seconds_in_utc(text):
    assert parse_instant(text) == NOON


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-03-01",
        "2026-03-01T12:00Z",
        "2026-02-30T12:00:00Z",
        "2026-13-01T12:00:00Z",
        "2026-03-01T24:00:00Z",
        "2026-03-01T12:00:61Z",
        "0000-03-01T12:00:00Z",
        "12026-03-01T12:00:00Z",
        "2026-03-01T12:00:00+99:99",
        "2026-03-01T12:00:00+24:00",
        "2026-03-01T12:00:00+01:60",
        "2026-03-01T12:00:00Z" + " " * 100,
        "2026-03-01T12:00:00Z; rm",
        "\u0662\u0660\u0662\u0666-03-01T12:00:00Z",
        None,
        NOON,
        b"2026-03-01T12:00:00Z",
    ],
)
def test_r29_anything_else_names_no_instant(text):
    assert parse_instant(text) is None


@given(st.integers(0, LATEST))
def test_r29_what_is_written_is_read_back(seconds):
    assert parse_instant(format_instant(seconds)) == seconds


OFFSETS = st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@given(st.datetimes(timezones=OFFSETS))
def test_r29_iso_dates_of_any_offset_mean_what_the_standard_library_says(moment):
    whole = moment.replace(microsecond=0)
    assert parse_instant(whole.isoformat()) == (whole - EPOCH) // timedelta(seconds=1)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(-1, "1970-01-01T00:00:00Z"), (LATEST + 1, "9999-12-31T23:59:59Z"), (10**30, "9999-12-31T23:59:59Z")],
)
def test_what_lies_outside_of_the_calendar_is_cut_to_it(seconds, text):
    assert format_instant(seconds) == text


@pytest.mark.parametrize(("text", "seconds"), [("2026-03-01", NOON - 43200), ("1970-01-01", 0)])
def test_a_date_is_the_first_second_of_its_day(text, seconds):
    assert parse_date(text) == seconds


@pytest.mark.parametrize("text", ["2026-3-1", "2026-02-30", "01.03.2026", "2026-03-01T", "", None, 20260301])
def test_what_is_no_date_names_none(text):
    assert parse_date(text) is None


@given(st.integers(0, LATEST))
def test_http_dates_are_read_back(seconds):
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    if moment.year >= 1000:
        assert parse_http_date(format_datetime(moment, usegmt=True)) == seconds


@pytest.mark.parametrize(
    "text", ["", "tomorrow", "Sun, 99 Mar 2026 12:00:00 GMT", "1772366400", None, NOON, "Sun, 01 Mar 2026 " * 9]
)
def test_what_is_no_http_date_names_none(text):
    assert parse_http_date(text) is None


@given(
    st.one_of(
        st.text(max_size=80),
        st.from_regex(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}.{0,8}"),
        st.from_regex(r"(Mon, )?[0-9]{1,3} (Jan|Feb) [0-9]{1,12} [0-9:]{0,9} ?[-+A-Z0-9]{0,6}"),
        st.integers(),
        st.none(),
    )
)
def test_whatever_is_given_ends_with_whole_seconds_or_none(value):
    for parse in (parse_instant, parse_date, parse_http_date):
        seconds = parse(value)
        assert seconds is None or seconds.__class__ is int
