# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The summary of a run, and the message of one that failed."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import TokenOpsError
from ansible_collections.tokenops.ionos.plugins.plugin_utils._rotation.outcome import Outcome, VaultOutcome
from ansible_collections.tokenops.ionos.plugins.plugin_utils._rotation.summary import failure_message, summarize
from support.records import EXPIRES_AT, new_token, record_of

ACTIONS = ["kept", "rotated", "adopted", "repaired", "retired", "busy", "handoff", "failed"]
DAY = 86400


def outcome(name: str = "app", left: int | None = None, **fields: object) -> Outcome:
    """Return an outcome; with ``left``, of a token that lives for so many seconds more."""
    made = Outcome(name=name, account="default", **fields)  # type: ignore[arg-type]
    if left is not None:
        made.record = record_of(new_token())
        made.now = EXPIRES_AT - left
    return made


def broken(name: str) -> Outcome:
    made = outcome(name)
    made.fail(TokenOpsError("interrupted"))
    return made


def test_nothing_declared_is_said() -> None:
    assert summarize([]) == ["0 declared"]


def test_a_token_that_was_kept_is_said_to_be_and_for_how_long_it_lives() -> None:
    line, _totals = summarize([outcome(left=29 * DAY + 12 * 3600 + 59)])
    assert line == "app: kept, 29d12h left until 2026-10-21T14:13:20Z"


@pytest.mark.parametrize(
    ("left", "shown"),
    [
        (DAY, "1d left"),
        (DAY - 1, "23h59m left"),
        (3600 + 59, "1h left"),
        (60, "1m left"),
        (59, "59s left"),
        (0, "expired since 2026-10-21T14:13:20Z"),
        (-60, "expired since 2026-10-21T14:13:20Z"),
    ],
)
def test_what_is_left_is_shown_as_exactly_as_it_matters(left: int, shown: str) -> None:
    line, _totals = summarize([outcome(left=left)])
    assert line.startswith(f"app: kept, {shown}")


@pytest.mark.parametrize(
    ("action", "reason", "shown"),
    [
        ("rotated", "missing", "app: rotated (there was none)"),
        ("rotated", "renew_before", "app: rotated (the old one was in its renewal window)"),
        ("adopted", "offered", "app: adopted (it was offered)"),
        ("retired", "overlap_over", "app: retired (the overlap of the previous token is over)"),
        ("busy", "busy until 2026-10-21T14:13:20Z", "app: busy (busy until 2026-10-21T14:13:20Z)"),
    ],
)
def test_the_reason_is_put_in_words(action: str, reason: str, shown: str) -> None:
    line, _totals = summarize([outcome(action=action, reason=reason)])
    assert line == shown


def test_vaults_that_are_out_of_sync_are_named() -> None:
    made = outcome(action="kept")
    for name, in_sync in (("record", True), ("bao", False), ("unknown", None), ("files", False)):
        made.vaults.append(VaultOutcome(name=name, place=name, role="replica", in_sync=in_sync))
    line, _totals = summarize([made])
    assert line == "app: kept, out of sync: bao, files"


def test_the_worst_comes_first_and_equals_are_in_the_order_of_their_names() -> None:
    made = [outcome("b"), outcome("a"), outcome("r", action="rotated"), outcome("h", action="handoff"), broken("z")]
    assert [line.partition(":")[0] for line in summarize(made)[:-1]] == ["z", "h", "r", "a", "b"]


def test_a_token_that_failed_after_it_was_rotated_counts_as_failed() -> None:
    made = outcome("a", action="rotated", reason="missing")
    made.fail(TokenOpsError("interrupted"))
    assert summarize([made, outcome("b")]) == ["a: FAILED (there was none)", "b: kept", "2 declared: 1 failed, 1 kept"]


@given(st.lists(st.sampled_from(ACTIONS), max_size=20))
def test_every_token_has_a_line_and_is_counted_once(actions: list[str]) -> None:
    *lines, totals = summarize([outcome(f"t{number}", action=action) for number, action in enumerate(actions)])
    assert sorted(line.partition(":")[0] for line in lines) == sorted(f"t{number}" for number in range(len(actions)))
    counts = [int(part.split()[0]) for part in totals.partition(": ")[2].split(", ") if part]
    assert sum(counts) == len(actions)


def test_where_nothing_failed_there_is_no_message() -> None:
    assert failure_message([outcome()]) is None


def test_the_message_of_a_failure_names_each_token_that_failed_with_its_remedy() -> None:
    assert failure_message([outcome("fine"), broken("a"), broken("b")]) == (
        "2 of 3 declared tokens need attention. "
        "[a] The run was told to stop before this was done. Run again; nothing is lost. "
        "[b] The run was told to stop before this was done. Run again; nothing is lost."
    )


def test_no_value_of_a_token_is_in_the_summary() -> None:
    made = outcome(left=DAY)
    assert made.record is not None
    assert made.record.token is not None
    made.before = replace(made.record)
    assert made.record.token.value not in " ".join(summarize([made]))
