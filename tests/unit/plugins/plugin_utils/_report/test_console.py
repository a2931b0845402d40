# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The summary of a run, and the message of one that failed."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.tokenops.ionos.plugins.plugin_utils._report.console import failure_message, summarize
from ansible_collections.tokenops.ionos.plugins.plugin_utils._report.overview import Overview, overview
from ansible_collections.tokenops.ionos.plugins.plugin_utils._result.facts import token_facts
from support.jwts import ionos_jwt
from support.report_entries import NOW, all_sorts, current, deletion, due, handoff, place, token

TOKEN_ID = "0b6ae2b7-4d1a-4c63-bf0e-5a5f8a1d2c3e"
LIFE = "It works until 18 Apr 2026, 09:30 UTC; it renews itself from 11 Apr 2026, 09:30 UTC on."
ENDS = "It works until 28 Mar 2026, 09:30 UTC"


def seen(*entries: dict[str, Any]) -> Overview:
    return overview([token_facts(entry, number) for number, entry in enumerate(entries)], [], NOW)


def line(entry: dict[str, Any]) -> str:
    found, _totals = summarize(seen(entry))
    return found


def broken(name: str) -> dict[str, Any]:
    message = "The run was told to stop before this was done. Run again; nothing is lost."
    return token(name, action="failed", failed=True, message=message, error_codes=["interrupted"])


def test_nothing_declared_is_said() -> None:
    assert summarize(seen()) == ["0 declared"]


def test_a_token_that_was_kept_is_said_to_work_and_for_how_long() -> None:
    assert line(token()) == f"dns: working, 25 days left. {LIFE}"


@pytest.mark.parametrize(
    ("action", "reason", "predicted", "shown"),
    [
        ("rotated", "missing", False, "working, 25 days left (rotated: it was missing)"),
        ("rotated", "renew_before", False, "working, 25 days left (rotated: it was in its renewal window)"),
        ("rotated", "renew_before", True, "due, 25 days left (would be rotated: it is in its renewal window)"),
        ("adopted", "offered", False, "working, 25 days left (adopted: it was offered)"),
        ("repaired", "replica_differed", False, "working, 25 days left (repaired: a replica was out of sync)"),
        ("retired", "overlap_over", False, "working, 25 days left (retired: the overlap of a previous token was over)"),
        ("kept", "longer_than_ttl", False, "working, 25 days left (it is longer-lived than its declared ttl)"),
        ("busy", "busy until 2026-10-21T14:13:20Z", False, "at work, 25 days left (busy until 2026-10-21T14:13:20Z)"),
    ],
)
def test_what_was_done_stands_beside_the_status(action: str, reason: str, predicted: bool, shown: str) -> None:
    assert line(token(action=action, reason=reason, predicted=predicted)).startswith(f"dns: {shown}. It works")


def test_the_first_duty_is_said() -> None:
    assert line(handoff("backup")) == (
        f"backup: person needed, 4 days left. {ENDS}; only a person can make the next one. "
        "Create a token that lives for 30 Days in the Token Manager and offer it. "
        "Accounts with two-factor authentication cannot mint tokens through the API."
    )


def test_what_is_critical_is_in_capitals() -> None:
    assert line(broken("dns")).startswith("dns: FAILED, 25 days left. It works")
    assert line(due(reason="refused")).startswith("dns: NO WORKING TOKEN (would be rotated: it is refused by the API).")


def test_a_token_that_only_a_person_can_delete_is_named() -> None:
    entry = deletion()
    assert line(entry).startswith("old: deletion pending, 25 days left. It is declared absent and still works")
    assert f"Delete the token {entry['token']['id']} in the Token Manager of the DCD" in line(entry)


def test_the_worst_comes_first_and_equals_in_the_order_in_which_they_end() -> None:
    entries = [token("late"), token("soon", token=current(10)), due("due"), handoff("person"), broken("broken")]
    lines = summarize(seen(*entries))[:-1]
    assert [text.partition(":")[0] for text in lines] == ["broken", "person", "due", "soon", "late"]


def test_a_token_that_failed_after_it_was_rotated_counts_as_failed_and_as_rotated() -> None:
    failed = {**broken("a"), "action": "rotated", "reason": "missing"}
    assert summarize(seen(failed, token("b")))[-1] == "2 declared: 1 failed, 1 working; 1 rotated"


def test_in_check_mode_the_count_says_would() -> None:
    assert summarize(seen(due()))[-1] == "1 declared: 1 due; 1 would be rotated"


@given(st.permutations(all_sorts()["tokens"]))
def test_every_token_has_a_line_and_is_counted_once(entries: list[dict[str, Any]]) -> None:
    *lines, totals = summarize(seen(*entries))
    assert sorted(text.partition(":")[0] for text in lines) == sorted(entry["name"] for entry in entries)
    counts = [int(part.split()[0]) for part in totals.partition(": ")[2].partition("; ")[0].split(", ")]
    assert sum(counts) == len(entries)


def test_where_nothing_failed_there_is_no_message() -> None:
    assert failure_message(seen(token())) is None


def test_the_message_of_a_failure_names_each_token_that_failed_with_its_remedy() -> None:
    assert failure_message(seen(token("fine"), broken("a"), broken("b"))) == (
        "2 of 3 declared tokens need attention. "
        "[a] The run was told to stop before this was done. Run again; nothing is lost. "
        "[b] The run was told to stop before this was done. Run again; nothing is lost."
    )


def test_the_message_of_a_failure_says_what_is_wrong_with_places() -> None:
    down = place("cluster", "replica", in_sync=None, message="It cannot be reached.", error_code="vault_unreachable")
    assert failure_message(seen(token(failed=True, vaults=[place(), down]))) == (
        "1 of 1 declared tokens need attention. [dns] It cannot be reached."
    )


def test_no_value_of_a_token_is_in_the_summary() -> None:
    value = ionos_jwt(TOKEN_ID)
    entry = broken(value)
    assert value not in " ".join(summarize(seen({**entry, "message": f"see {value}"})))
