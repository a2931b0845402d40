# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The scale on which a report shows the lives of tokens."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.tokenops.ionos.plugins.plugin_utils._report.overview import overview
from ansible_collections.tokenops.ionos.plugins.plugin_utils._report.time_line import Bar, TimeLine
from ansible_collections.tokenops.ionos.plugins.plugin_utils._result.facts import account_facts, token_facts
from ansible_collections.tokenops.ionos.plugins.plugin_utils._result.model import TokenState
from support.report_entries import DAY, NOW, account, current, token

YEAR_AHEAD = ["+1 day", "+1 week", "+30 days", "+90 days", "+180 days", "+1 year"]
YEARS = st.integers(-3 * 365 * DAY, 3 * 365 * DAY)


def states(*tokens: dict[str, Any], two_factor: Any = "disabled") -> list[TokenState]:
    facts = [token_facts(entry, number) for number, entry in enumerate(tokens)]
    return list(overview(facts, [account_facts(account("shop", two_factor), 0)], NOW).tokens)


def time_line(*tokens: dict[str, Any]) -> TimeLine:
    return TimeLine(states(*tokens), NOW)


def bar_in(line: TimeLine, state: TokenState) -> Bar:
    found = line.bar_of(state)
    assert found is not None
    return found


def labels(*tokens: dict[str, Any]) -> list[str]:
    return [("-" if mark.is_past else "+") + mark.label for mark in time_line(*tokens).marks()]


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        (token(), ["-1 week", "+1 day", "+1 week", "+30 days"]),
        (token(token=current(0.1, 0.5)), ["-1 week", "+1 hour", "+4 hours", "+12 hours"]),
        (token(token=current(40, 365)), ["-90 days", "-30 days", "-1 week", *YEAR_AHEAD]),
        (token(token=current(5, 5)), ["-1 week", "+1 hour"]),
    ],
)
def test_the_scale_reaches_as_far_as_the_tokens_do(entry: dict[str, Any], expected: list[str]) -> None:
    assert labels(entry) == expected


def test_there_is_a_scale_without_any_token() -> None:
    assert labels(token(token=None)) == labels()


@given(YEARS, YEARS)
def test_what_is_later_is_never_further_left(first: int, second: int) -> None:
    line = time_line(token(token=current(40, 365)))
    earlier, later = sorted([first, second])
    assert 0 <= line.position(NOW + earlier) <= line.position(NOW + later) <= 100


def test_marks_of_a_side_are_at_equal_distances_with_now_between_the_sides() -> None:
    line = time_line(token(token=current(40, 365)))
    future = [line.now_position, *(mark.position for mark in line.marks() if not mark.is_past)]
    steps = {round(right - left, 1) for left, right in pairwise(future)}
    assert steps == {12.5}
    assert future[-1] == 100
    assert line.marks()[0].position == 0


@given(st.floats(0, 400), st.floats(0.01, 400), st.integers(0, 30 * DAY))
def test_a_bar_goes_from_creation_over_renewal_to_expiry(ago: float, lifetime: float, renew_before: int) -> None:
    (state,) = states(token(token=current(ago, lifetime), renew_before_seconds=renew_before))
    drawn = bar_in(TimeLine([state], NOW), state)
    assert 0 <= drawn.start <= drawn.renewal <= drawn.end <= 100


def test_only_a_token_that_a_person_renews_has_a_mark_of_failure() -> None:
    for two_factor, expected in [("disabled", False), ("enabled", True)]:
        (state,) = states(token(), two_factor=two_factor)
        drawn = bar_in(TimeLine([state], NOW), state)
        assert (drawn.failure is not None) is expected


def test_a_declaration_without_a_token_has_no_bar() -> None:
    (state,) = states(token(token=None))
    assert time_line().bar_of(state) is None
