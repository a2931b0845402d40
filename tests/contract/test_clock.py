# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The clock that tests move, and the ``Date`` header that shows it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from emulator.clock import Clock, format_instant


class Seconds:
    def __init__(self) -> None:
        self.value = 1_000_000_000.0

    def __call__(self) -> float:
        return self.value


def test_the_date_header_shows_the_clock(emulator, connect):
    emulator.clock.freeze()
    emulator.clock.set("2024-03-15T07:08:09Z")
    assert connect(emulator).list().headers["Date"] == "Fri, 15 Mar 2024 07:08:09 GMT"

    emulator.clock.advance(days=30)

    assert connect(emulator).list().headers["Date"] == "Sun, 14 Apr 2024 07:08:09 GMT"


def test_the_skew_shifts_the_date_header_alone(emulator, connect):
    emulator.clock.freeze()
    emulator.clock.set("2024-03-15T07:08:09Z")
    emulator.clock.date_header_skew = timedelta(hours=-2)

    assert connect(emulator).list().headers["Date"] == "Fri, 15 Mar 2024 05:08:09 GMT"
    assert emulator.journal.entries()[0].at == "2024-03-15T07:08:09Z"


def test_the_date_header_is_sent_once_and_with_errors_too(emulator, connect):
    response = connect(emulator).call("GET", "/nowhere")

    assert response.status_code == 404
    assert response.headers["Date"].count("GMT") == 1


def test_a_clock_ticks_on_from_where_it_was_set():
    source = Seconds()
    clock = Clock("2024-03-15", source)

    source.value += 60

    assert format_instant(clock.now()) == "2024-03-15T00:01:00Z"


def test_a_frozen_clock_stands_but_can_be_moved():
    source = Seconds()
    clock = Clock("2024-03-15", source)
    clock.freeze()
    source.value += 60
    assert format_instant(clock.now()) == "2024-03-15T00:00:00Z"

    clock.advance(hours=1)

    assert format_instant(clock.now()) == "2024-03-15T01:00:00Z"


def test_a_resumed_clock_ticks_from_where_it_stood():
    source = Seconds()
    clock = Clock("2024-03-15", source)
    clock.freeze()
    source.value += 60
    clock.resume()

    source.value += 1

    assert format_instant(clock.now()) == "2024-03-15T00:00:01Z"


def test_an_instant_with_an_offset_is_understood():
    clock = Clock("2024-03-15T01:30:00+01:00", Seconds())

    assert format_instant(clock.now()) == "2024-03-15T00:30:00Z"


def test_an_unreadable_instant_is_refused():
    with pytest.raises(ValueError, match="isoformat"):
        Clock("soon")
