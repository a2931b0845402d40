# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How the calls of a run are told apart and spread over its tokens."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench import plan


def test_what_every_token_costs_is_told_from_what_a_renewed_one_costs_and_from_the_rest() -> None:
    calls = {plan.READ: 212, plan.GET: 202, plan.GENERATE: 2, plan.LIST: 3, plan.OTHER: 1}
    assert plan.plan(calls, tokens=200, due=2) == {
        "each": {plan.READ: 1, plan.GET: 1},
        "due": {plan.READ: 6, plan.GET: 1, plan.GENERATE: 1, plan.LIST: 1},
        "besides": {plan.LIST: 1, plan.OTHER: 1},
    }


@given(st.dictionaries(st.sampled_from([*plan.OF_API, *plan.OF_VAULT]), st.integers(0, 5000)), st.data())
def test_no_call_is_lost_or_added(calls: dict[str, int], data: st.DataObject) -> None:
    tokens = data.draw(st.integers(1, 300))
    due = data.draw(st.integers(0, tokens))
    spread = plan.plan(calls, tokens, due)
    made: Counter[str] = Counter()
    for part, times in (("each", tokens), ("due", due), ("besides", 1)):
        for kind, count in spread[part].items():
            made[kind] += count * times
    assert made == Counter(calls)


@pytest.mark.parametrize(
    ("method", "path", "kind"),
    [
        ("GET", "/v1/kv-1/data/ionos/a?version=2", plan.READ),
        ("POST", "/v1/kv-1/data/ionos/a", plan.WRITE),
        ("GET", "/v1/kv-1/metadata/ionos/a", plan.READ_METADATA),
        ("PATCH", "/v1/kv-1/metadata/ionos/a", plan.WRITE_METADATA),
        ("GET", "/v1/auth/token/lookup-self", plan.OTHER),
        ("POST", "/v1/auth/data/login", plan.OTHER),
        ("GET", "/v1/sys/internal/ui/mounts/kv-1", plan.OTHER),
    ],
)
def test_a_call_of_openbao_is_told_by_its_path(method: str, path: str, kind: str) -> None:
    assert plan.vault_kind(method, path) == kind


def test_calls_a_token_are_counted_by_server() -> None:
    assert plan.per_token({plan.READ: 10, plan.OTHER: 2, plan.GET: 10, plan.LIST: 5}, tokens=10) == (1.5, 1.2)
