# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What each contender is given, so that all meet the same."""

from __future__ import annotations

from collections import Counter

from bench import plan
from bench.session import ALL, NOTHING, ONE_IN_HUNDRED, by_kind, due_names, turned

NAMES = [f"token{number}" for number in range(200)]


def test_all_one_in_a_hundred_or_none_are_due() -> None:
    assert due_names(NAMES, ALL) == NAMES
    assert due_names(NAMES, ONE_IN_HUNDRED) == ["token99", "token199"]
    assert due_names(NAMES, NOTHING) == []


def test_another_contender_is_first_in_every_round() -> None:
    assert [turned(["a", "b", "c"], number) for number in range(4)] == [
        ["a", "b", "c"],
        ["b", "c", "a"],
        ["c", "a", "b"],
        ["a", "b", "c"],
    ]


def test_requests_are_counted_by_what_they_ask_for() -> None:
    token_id = "0d9c0a0e-0000-4000-8000-000000000000"
    of_api = Counter(
        {
            ("GET", "/auth/v1/tokens/generate?ttl=60"): 2,
            ("GET", "/auth/v1/tokens/" + token_id): 3,
            ("DELETE", "/auth/v1/tokens/" + token_id): 1,
        }
    )
    of_bao = Counter({("GET", "/v1/kv-1/data/ionos/a"): 4, ("GET", "/v1/kv-1/data/ionos/b"): 1})
    assert by_kind(of_api, of_bao) == {plan.GENERATE: 2, plan.GET: 3, plan.DELETE: 1, plan.READ: 5}
