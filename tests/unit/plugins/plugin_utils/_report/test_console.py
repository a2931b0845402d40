# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The summary of a run, and the message of one that failed."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.tokenops.ionos.plugins.module_utils._core.instant import format_instant
from ansible_collections.tokenops.ionos.plugins.plugin_utils._report.console import failure_message, summarize
from ansible_collections.tokenops.ionos.plugins.plugin_utils._report.overview import Overview, overview
from ansible_collections.tokenops.ionos.plugins.plugin_utils._result.facts import token_facts
from support.jwts import ionos_jwt
from support.report_entries import DAY, NOW, all_sorts, current, deletion, due, handoff, place, token

TOKEN_ID = "0b6ae2b7-4d1a-4c63-bf0e-5a5f8a1d2c3e"
LIFE = "It works until 18 Apr 2026, 09:30 UTC; it renews itself from 11 Apr 2026, 09:30 UTC on."
ENDS = "It works until 28 Mar 2026, 09:30 UTC"


def seen(*entries: dict[str, Any]) -> Overview:
    return overview([token_facts(entry, number) for number, entry in enumerate(entries)], [], NOW)


def line(entry: dict[str, Any]) -> str:
    return summarize(seen(entry))[0]


def headlines(lines: list[str]) -> list[str]:
    return [text for text in lines if not text.startswith(" ")]


def broken(name: str, **fields: Any) -> dict[str, Any]:
    message = "The run was told to stop before this was done. Run again; nothing is lost."
    fields = {"message": message, **fields}
    return token(name, action="failed", failed=True, error_codes=["interrupted"], **fields)


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


def test_a_handoff_prints_until_when_and_every_step() -> None:
    assert summarize(seen(handoff("backup")))[:-1] == [
        f"backup: person needed, 4 days left. {ENDS}; only a person can make the next one.",
        "  Create a token that lives for 30 Days in the Token Manager of the DCD and hand it over. "
        "Accounts with two-factor authentication cannot mint tokens through the API.",
        "  Do it before 28 Mar 2026, 09:30 UTC, when the current token ends; runs fail from 26 Mar 2026, 09:30 UTC on.",
        "  1. Sign in to the DCD.",
        "  2. Select Generate Token.",
    ]


def test_the_message_of_an_overdue_handoff_has_its_steps() -> None:
    entry = handoff("backup", failed=True, error_codes=["handoff_overdue"], message="Somebody has to act.")
    assert failure_message(seen(entry)) == (
        "1 of 1 declared tokens need attention. [backup] Somebody has to act. "
        "1. Sign in to the DCD. 2. Select Generate Token."
    )


def test_a_token_to_delete_is_named_with_the_reason_and_since_when() -> None:
    left = {"id": TOKEN_ID, "expires_at": format_instant(NOW + DAY), "since": format_instant(NOW - 4 * DAY)}
    assert summarize(seen(token(delete_in_dcd=[left])))[1] == (
        f"  Delete the token {TOKEN_ID} in the Token Manager of the DCD; "
        "the API has refused to do it since 20 Mar 2026, 09:30 UTC."
    )


def no_answer(name: str, days: float, **fields: Any) -> dict[str, Any]:
    fields = {"waits": True, "cause": "api.ionos.com did not answer in time.", **fields}
    return token(name, token=current(30 - days), message="No answer.", error_codes=["token_not_judged"], **fields)


def test_an_outage_is_one_line_for_all_tokens_of_the_same_cause() -> None:
    entries = [no_answer(f"t{number:02}", 20 + number) for number in range(12)]
    line, totals = summarize(seen(*entries))
    assert line == (
        "12 tokens: no answer. The API does not answer: api.ionos.com did not answer in time. As far as is known all "
        "still work; the first ends 13 Apr 2026, 09:30 UTC (t00). The next run asks again. "
        "They are t00, t01, t02, t03, t04, t05, t06, t07, t08, t09 and 2 more."
    )
    assert totals == "12 declared: 12 no answer"


def test_two_causes_of_an_outage_are_told_apart() -> None:
    other = no_answer("other", 20, cause="the name api.ionos.com does not resolve.")
    lines = headlines(summarize(seen(no_answer("a", 20), no_answer("b", 20), other)))
    assert [text.partition(":")[0] for text in lines[:-1]] == ["2 tokens", "other"]


def test_an_outage_that_cannot_wait_fails_with_one_sentence() -> None:
    late = [no_answer(name, 1, waits=False, failed=True, fail_before_seconds=2 * DAY) for name in ("a", "b")]
    message = failure_message(seen(*late, no_answer("fine", 20)))
    assert message is not None
    assert message.startswith("2 of 3 declared tokens need attention. 2 tokens: FAILED. The API does not answer:")
    assert message.endswith("run again before that. They are a, b.")


@pytest.mark.parametrize(
    "why", ["It is the current token already.", "It was taken before, and has been replaced since."]
)
def test_a_token_that_was_handed_over_again_is_said_to_be_no_news(why: str) -> None:
    offer = {"token_id": TOKEN_ID, "source": "offers", "accepted": False, "reason": why}
    assert line(token(offer=offer)).endswith(f"A token was handed over in offers: {why}")


def test_a_token_under_the_wrong_name_is_said_where_it_is_waited_for() -> None:
    why = "inbox/dns holds none, but there is one under value: rename that."
    offer = {"token_id": "", "source": "inbox/dns", "accepted": False, "reason": why}
    assert any(text.endswith(why) for text in summarize(seen(handoff("backup", offer=offer))))


def test_a_new_token_says_why_it_lives_a_little_shorter_than_declared() -> None:
    entry = token(action="rotated", reason="missing", token=current(5, 29.5), ttl_seconds=30 * DAY)
    explained = " Its life is 12 hours shorter than its ttl: by that the API's list tells it from others."
    assert line(entry).endswith(explained)
    assert "shorter" not in line({**entry, "action": "kept"})


def test_what_is_critical_is_in_capitals() -> None:
    assert line(broken("dns")).startswith("dns: FAILED, 25 days left. It works")
    assert line(due(reason="refused")).startswith("dns: NO WORKING TOKEN (would be rotated: it is refused by the API).")


def test_a_token_that_only_a_person_can_delete_is_named() -> None:
    entry = deletion()
    assert line(entry).startswith("old: deletion pending, 25 days left. It is declared absent and still works")
    assert f"Delete the token {entry['token']['id']} in the Token Manager of the DCD" in summarize(seen(entry))[1]


def test_the_worst_comes_first_and_equals_in_the_order_in_which_they_end() -> None:
    entries = [token("late"), token("soon", token=current(10)), due("due"), handoff("person"), broken("broken")]
    lines = headlines(summarize(seen(*entries)))[:-1]
    assert [text.partition(":")[0] for text in lines] == ["broken", "person", "due", "soon", "late"]


def test_a_token_that_failed_after_it_was_rotated_counts_as_failed_and_as_rotated() -> None:
    failed = {**broken("a"), "action": "rotated", "reason": "missing"}
    assert summarize(seen(failed, token("b")))[-1] == "2 declared: 1 failed, 1 working; 1 rotated"


def test_in_check_mode_the_count_says_would() -> None:
    assert summarize(seen(due()))[-1] == "1 declared: 1 due; 1 would be rotated"


@given(st.permutations(all_sorts()["tokens"]))
def test_every_token_has_a_line_and_is_counted_once(entries: list[dict[str, Any]]) -> None:
    *lines, totals = headlines(summarize(seen(*entries)))
    assert sorted(text.partition(":")[0] for text in lines) == sorted(entry["name"] for entry in entries)
    counts = [int(part.split()[0]) for part in totals.partition(": ")[2].partition("; ")[0].split(", ")]
    assert sum(counts) == len(entries)


def test_where_nothing_failed_there_is_no_message() -> None:
    assert failure_message(seen(token())) is None


def test_the_message_of_a_failure_names_each_token_that_failed_with_its_remedy() -> None:
    assert failure_message(seen(token("fine"), broken("a"), broken("b", message="It is full."))) == (
        "2 of 3 declared tokens need attention. "
        "[a] The run was told to stop before this was done. Run again; nothing is lost. [b] It is full."
    )


def test_equal_troubles_are_one_line_and_one_sentence_of_the_message() -> None:
    entries = [broken(name, token=current(10 + number)) for number, name in enumerate("ab")]
    line, _totals = summarize(seen(*entries))
    assert line == (
        "2 tokens: FAILED. The run was told to stop before this was done. Run again; nothing is lost. "
        "As far as is known all still work; the first ends 12 Apr 2026, 09:30 UTC (b). They are b, a."
    )
    assert failure_message(seen(*entries)) == f"2 of 2 declared tokens need attention. {line}"


def unreachable(name: str, vault: str = "bao") -> dict[str, Any]:
    where = f"{vault} (secret/{name}, key token)"
    down = place(vault, place=where, in_sync=None, message=f"{where} is down.", error_code="vault_unreachable")
    return token(name, token=None, works=None, failed=True, vaults=[down])


def test_a_vault_that_does_not_answer_is_one_line_for_all_tokens_in_it() -> None:
    entries = [unreachable("a"), unreachable("b"), unreachable("other", "cluster")]
    lines = headlines(summarize(seen(*entries)))
    assert lines[0] == "2 tokens: unreachable. bao is down. They are a, b."
    assert lines[1].startswith("other: unreachable.")


def test_a_token_with_news_of_its_own_has_a_line_of_its_own() -> None:
    rotated = {**broken("a"), "action": "rotated", "reason": "missing"}
    lines = headlines(summarize(seen(rotated, broken("b"), broken("c"))))
    assert [text.partition(":")[0] for text in lines[:-1]] == ["a", "2 tokens"]


def test_the_message_of_a_failure_says_what_is_wrong_with_places() -> None:
    down = place("cluster", "replica", in_sync=None, message="It cannot be reached.", error_code="vault_unreachable")
    assert failure_message(seen(token(failed=True, vaults=[place(), down]))) == (
        "1 of 1 declared tokens need attention. [dns] It cannot be reached."
    )


def test_no_value_of_a_token_is_in_the_summary() -> None:
    value = ionos_jwt(TOKEN_ID)
    entry = broken(value)
    assert value not in " ".join(summarize(seen({**entry, "message": f"see {value}"})))


@pytest.mark.parametrize(("ids", "they"), [(["a"], "it"), (["a", "b"], "them")])
def test_what_was_revoked_is_named(ids: list[str], they: str) -> None:
    assert line(token(revoked=ids)).endswith(f"Revoked: {', '.join(ids)}; the API refuses {they}.")
    assert line(token(revoked=ids, predicted=True)).endswith(f"Would be revoked: {', '.join(ids)}.")


def published(**fields: Any) -> dict[str, Any]:
    """Return a place that tasks of the user have yet to publish to."""
    return place("gitlab", "replica", in_sync=False, to_publish="publish", **fields)


def test_without_the_role_it_is_said_that_the_role_publishes() -> None:
    [headline, duty, _count] = summarize(seen(token(vaults=[place(), published()])))
    assert headline.startswith("dns: out of sync")
    assert duty == "  To be published by the role, which runs the task file of gitlab (replica)."


def test_check_mode_says_where_the_current_token_and_where_a_new_one_would_be_published() -> None:
    current_one = token(vaults=[place(), published(changed=True)], predicted=True, action="repaired")
    assert "  The next run publishes the token in gitlab (replica), which does not hold the current one." in summarize(
        seen(current_one)
    )
    new_one = token(vaults=[place(), published(changed=True)], predicted=True, action="rotated", reason="renew_before")
    assert line(new_one).endswith("The new one would be published in gitlab (replica).")


def test_a_publication_that_failed_says_until_when_the_previous_token_works() -> None:
    former = {"id": "a", "expires_at": "2026-04-01T10:00:00Z", "replaced_at": None, "origin": "minted"}
    failed = published(message="The task failed. Look.", error_code="publication_failed")
    entry = token(failed=True, vaults=[place(), failed], previous=[former])
    kept = "The previous token is kept until then; it works until 1 Apr 2026, 10:00 UTC at the latest."
    assert summarize(seen(entry))[1] == f"  The task failed. Look. {kept}"
    assert failure_message(seen(entry)) == f"1 of 1 declared tokens need attention. [dns] The task failed. Look. {kept}"


def test_a_place_to_unpublish_still_holds_the_deleted_token() -> None:
    still = place("gitlab", "replica", in_sync=False, to_publish="unpublish")
    entry = token(reason="absent", action="absent", works=False, vaults=[place(), still])
    assert summarize(seen(entry))[1] == (
        "  gitlab (replica) still holds the deleted token; the role runs the task file that takes it away."
    )
