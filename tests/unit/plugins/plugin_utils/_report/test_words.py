# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Times and states as a report says them."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.tokenops.ionos.plugins.plugin_utils._report import words as words
from ansible_collections.tokenops.ionos.plugins.plugin_utils._report.standing import LEVEL_OF_STATUS, judge
from ansible_collections.tokenops.ionos.plugins.plugin_utils._result import account_facts, token_facts
from support.report_entries import DAY, NOW, account, current, due, handoff, token

RENEWAL = "11 Apr 2026, 09:30 UTC"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "1 minute"),
        (119, "1 minute"),
        (120, "2 minutes"),
        (7199, "119 minutes"),
        (7200, "2 hours"),
        (2 * DAY - 1, "47 hours"),
        (2 * DAY, "2 days"),
        (400 * DAY, "400 days"),
    ],
)
def test_durations(seconds: int, said: str) -> None:
    assert words.approximately(seconds) == said


def test_what_is_to_come_and_what_is_over() -> None:
    assert words.relative(NOW + 3 * DAY, NOW) == "in 3 days"
    assert words.relative(NOW - 3 * DAY, NOW) == "3 days ago"


def test_dates_have_their_zone() -> None:
    assert words.date_and_time(NOW) == "24 Mar 2026, 09:30 UTC"


@pytest.mark.parametrize(
    ("entry", "two_factor", "said"),
    [
        (token(), "disabled", f"Works for another 25 days. Renews itself from {RENEWAL} on."),
        (token(), "enabled", f"Works for another 25 days. A person has to make the next one, from {RENEWAL} on."),
        (due(), "disabled", "Works for another 4 days. The next run makes a new one."),
        (due(), "enabled", "Works for another 4 days. Only a person can make the next one."),
        (handoff(account="shop"), "enabled", "Works for another 4 days. Only a person can make the next one."),
        (due(reason="refused"), "disabled", "The API refuses it. The next run tries to make a new one."),
        (due(reason="refused"), "enabled", "The API refuses it. Only a person can make the next one."),
        (due(reason="missing", token=None), "disabled", "There is none yet. The next run tries to make a new one."),
        (token(token=current(31)), "disabled", "It has expired. The next run tries to make a new one."),
        (token(action="retired", reason="absent", token=None), "disabled", "It is declared absent."),
        (token(failed=True, token=None), "disabled", ""),
    ],
)
def test_how_a_token_stands_and_what_comes_next(entry: dict[str, Any], two_factor: Any, said: str) -> None:
    (standing,) = judge([token_facts(entry, 0)], [account_facts(account("shop", two_factor), 0)], NOW).tokens
    assert words.explanation(standing, NOW) == said


def test_every_status_has_a_word() -> None:
    assert list(words.STATUS_WORDS) == list(LEVEL_OF_STATUS)


@pytest.mark.parametrize(
    ("two_factor", "operation", "said", "level"),
    [
        ("disabled", "mint", "Allowed", "ok"),
        ("enabled", "mint", "Not allowed", "warning"),
        ("unknown", "mint", "Not certain", "notice"),
        ("disabled", "basic", "Not allowed", "notice"),
    ],
)
def test_what_the_policy_says(two_factor: Any, operation: str, said: str, level: str) -> None:
    decision = account_facts(account("shop", two_factor), 0).policy[operation]
    assert (words.answer(decision), words.answer_level(operation, decision)) == (said, level)
