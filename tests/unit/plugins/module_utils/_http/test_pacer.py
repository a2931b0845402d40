# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Requests to one host begin at a pace, and nobody begins one while the host wants a pause."""

from __future__ import annotations

import math
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.tokenops.ionos.plugins.module_utils._http.pacer import Pacer
from support.trace import FakeTime
from support.virtual_time import VirtualTime, gaps

NEVER_LATE = math.inf
ROUNDING = 1e-6
RATES = st.floats(0.05, 100)
SECONDS = st.floats(0, 5)
MANY_THREADS = settings(max_examples=40, deadline=None)


def pacer_of(time, rate=None):
    return Pacer(rate, sleep=time.sleep, monotonic=time.monotonic)


def begin(pacer, times, begun):
    """Begin requests one after the other and note when."""
    for _number in range(times):
        begun.append(pacer.await_turn(NEVER_LATE))


def test_without_a_rate_requests_begin_at_once():
    time = FakeTime()
    pacer, begun = pacer_of(time), []
    begin(pacer, 100, begun)
    assert (begun, time.pauses) == ([0.0] * 100, [])


def test_those_who_come_at_once_begin_evenly_and_not_one_is_saved_up():
    time = VirtualTime()
    pacer, begun = pacer_of(time, rate=4), []
    time.run_many(8, lambda _number: begin(pacer, 1, begun))
    assert sorted(begun) == [number / 4 for number in range(8)]

    time.run(lambda: time.sleep(60), lambda: None)
    later = []
    time.run_many(3, lambda _number: begin(pacer, 1, later))
    assert gaps(later) == [0.25, 0.25]


@given(rate=RATES, pauses=st.lists(st.lists(SECONDS, max_size=5), min_size=1, max_size=8), seed=st.integers(0, 99))
@MANY_THREADS
def test_no_two_requests_are_nearer_than_the_rate_allows_and_all_are_served(rate, pauses, seed):
    """Whatever the threads do in between, and however late each of them wakes."""
    random = Random(seed)  # noqa: S311 - a test wants to be repeatable
    time = VirtualTime(lambda _wake: random.choice([0, 0, random.random() / rate]))
    pacer, begun = pacer_of(time, rate), []

    def work(number):
        for pause in pauses[number]:
            time.sleep(pause)
            begin(pacer, 1, begun)

    time.run_many(len(pauses), work)
    assert len(begun) == sum(map(len, pauses))
    assert all(gap >= 1 / rate - ROUNDING for gap in gaps(begun))


def test_a_thread_that_wakes_late_delays_the_others_and_costs_no_turn():
    time = VirtualTime(lambda wake: 0.09 if wake == 0.1 else 0.0)
    pacer, begun = pacer_of(time, rate=10), []
    time.run_many(4, lambda _number: begin(pacer, 1, begun))
    assert sorted(begun) == pytest.approx([0.0, 0.19, 0.29, 0.39])


def test_nobody_is_overtaken_however_late_the_others_wake():
    """Whoever comes back waits for the others once each, also after hours in which each was a little late."""
    random = Random(1)  # noqa: S311 - a test wants to be repeatable
    time = VirtualTime(lambda _wake: random.random() / 100)
    pacer, waits = pacer_of(time, rate=10), []

    def work(_number):
        for _request in range(100):
            asked = time.monotonic()
            waits.append(pacer.await_turn(NEVER_LATE) - asked)
            time.sleep(0.01)

    time.run_many(8, work)
    assert len(waits) == 800
    assert max(waits) < 8 * (1 / 10 + 2 / 100)


def test_a_request_that_could_not_begin_in_time_is_told_at_once_and_takes_no_turn_from_others():
    time = FakeTime()
    pacer = pacer_of(time, rate=0.1)
    pacer.await_turn(NEVER_LATE)
    assert [pacer.await_turn(latest) for latest in (0.0, 5.0, 10.0)] == [None] * 3
    assert time.pauses == []
    assert pacer.await_turn(10.1) == 10.0


# What the host wants


@given(
    rate=st.none() | RATES,
    threads=st.integers(1, 8),
    complaints=st.lists(st.tuples(SECONDS, st.floats(0, 30)), min_size=1, max_size=4),
)
@MANY_THREADS
def test_nobody_begins_a_request_in_a_pause_and_all_are_served_after_it(rate, threads, complaints):
    time = VirtualTime()
    pacer, begun, held = pacer_of(time, rate), [], []

    def complain():
        for wait, seconds in complaints:
            time.sleep(wait)
            now = time.monotonic()
            held.append((now, now + seconds))
            pacer.complain(429, seconds, now)

    time.run(complain, *([lambda: begin(pacer, 5, begun)] * threads))
    assert len(begun) == 5 * threads
    for moment in begun:
        assert not [pause for pause in held if pause[0] < moment < pause[1] - ROUNDING]
    if rate is not None:
        assert all(gap >= 1 / rate - ROUNDING for gap in gaps(begun))


def test_those_who_were_waiting_when_the_pause_was_asked_for_wait_on():
    time = VirtualTime()
    pacer, begun = pacer_of(time, rate=1), []

    def complain():
        time.sleep(0.5)
        pacer.complain(429, 7, 0.5)

    time.run(complain, *([lambda: begin(pacer, 1, begun)] * 4))
    assert sorted(begun) == [0.0, 7.5, 8.5, 9.5]


def test_a_pause_changes_nothing_of_who_comes_first():
    time = VirtualTime()
    pacer, begun = pacer_of(time, rate=1), {}

    def work(number):
        time.sleep(number / 10)
        begun[number] = pacer.await_turn(NEVER_LATE)

    def complain():
        time.sleep(0.5)
        pacer.complain(429, 2, 0.5)

    time.run(complain, *[lambda number=number: work(number) for number in range(4)])
    assert begun == {0: 0.0, 1: 2.5, 2: 3.5, 3: 4.5}


def test_after_a_pause_they_do_not_come_all_at_once():
    time = VirtualTime()
    pacer, begun = pacer_of(time), []
    pacer.complain(429, 3, 0.0)
    time.run_many(8, lambda _number: begin(pacer, 1, begun))
    assert min(begun) == 3.0
    assert all(1 / 11 < gap < 1 / 10 + ROUNDING for gap in gaps(begun))


def test_a_pause_is_never_shortened_by_a_later_one():
    time = FakeTime()
    pacer = pacer_of(time)
    pacer.complain(429, 9, 0.0)
    pacer.complain(429, 1, 0.0)
    assert pacer.await_turn(NEVER_LATE) == 9.0


def test_the_pause_that_is_on_is_told_with_its_status_until_it_is_over():
    time = FakeTime()
    pacer = pacer_of(time)
    assert pacer.pause is None
    pacer.complain(503, 9, 0.0)
    pacer.complain(429, 1, 0.0)
    time.sleep(4)
    assert pacer.pause == (503, 5.0)
    time.sleep(5)
    assert pacer.pause is None


def interval(pacer):
    """Return the seconds between two requests, as things are."""
    return -pacer.await_turn(NEVER_LATE) + pacer.await_turn(NEVER_LATE)


@pytest.mark.parametrize(("complaints", "expected"), [(1, 0.1), (2, 0.2), (3, 0.4), (4, 0.5), (9, 0.5)])
def test_each_complaint_halves_the_pace_down_to_two_a_second(complaints, expected):
    time = FakeTime()
    pacer = pacer_of(time)
    for _number in range(complaints):
        pacer.complain(429, 0, time.monotonic())
        time.seconds += 1e-6
    assert interval(pacer) == pytest.approx(expected, rel=0.001)


def test_complaints_about_requests_that_were_under_way_are_one():
    time = FakeTime()
    pacer = pacer_of(time)
    time.seconds = 1.0
    for _number in range(8):
        pacer.complain(429, 0, 0.9)
    assert interval(pacer) == pytest.approx(0.1)


def test_the_pace_grows_by_one_a_second_and_never_above_the_rate():
    for rate, expected in ((None, 1 / 40), (25, 1 / 25)):
        time = FakeTime()
        pacer = pacer_of(time, rate)
        pacer.complain(429, 0, 0.0)
        if rate:
            assert interval(pacer) == pytest.approx(1 / 12.5)
        time.seconds = 30.0
        assert interval(pacer) == pytest.approx(expected, rel=0.01)


def test_the_pace_grows_only_after_the_pause():
    time = FakeTime()
    pacer = pacer_of(time)
    pacer.complain(429, 30, 0.0)
    assert pacer.await_turn(NEVER_LATE) == 30.0
    assert interval(pacer) == pytest.approx(0.1, rel=0.02)


def test_a_rate_below_two_a_second_is_kept_as_it_is():
    time = FakeTime()
    pacer = pacer_of(time, rate=0.5)
    pacer.complain(429, 0, 0.0)
    assert interval(pacer) == 2.0
