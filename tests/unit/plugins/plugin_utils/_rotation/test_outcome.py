# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run reports of one declared token: complete, and without any secret."""

from __future__ import annotations

import json
from dataclasses import replace

from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import TokenOpsError
from ansible_collections.tokenops.ionos.plugins.plugin_utils._record.model import Previous, Record, Undeletable
from ansible_collections.tokenops.ionos.plugins.plugin_utils._rotation.outcome import Outcome, VaultOutcome
from support.records import CREATED_AT, EXPIRES_AT, new_token, record_of

DAY = 86400


def empty_outcome() -> Outcome:
    """Return the outcome of a token for which nothing was done yet."""
    return Outcome(name="app", account="shop", ttl=30 * DAY, renew_before=7 * DAY, fail_before=2 * DAY, predicted=False)


def full_outcome() -> Outcome:
    """Return an outcome of a rotation that has something in every field."""
    old, new = new_token(), new_token()
    record = replace(
        record_of(new),
        previous=(Previous(old.id, EXPIRES_AT, "adopted", CREATED_AT, token=old), Previous("p2", None, "minted", 0)),
        delete_in_dcd=(Undeletable("u1", EXPIRES_AT, CREATED_AT), Undeletable("u2", None, CREATED_AT)),
        contract_number=31711111,
    )
    outcome = replace(
        empty_outcome(),
        action="rotated",
        reason="renew_before",
        changed=True,
        before=record_of(old),
        record=record,
        now=EXPIRES_AT - 3600,
        retired=["r2", "r1"],
        orphans_deleted=["o2", "o1"],
        warnings=["a warning"],
    )
    outcome.vaults.append(VaultOutcome("bao", "bao (secret/app, key token)", "record", in_sync=True, changed=True))
    return outcome


def test_the_current_token_is_described_without_its_value() -> None:
    outcome = full_outcome()
    assert outcome.record is not None
    assert outcome.record.current is not None
    current = outcome.record.current
    assert outcome.as_result()["token"] == {
        "id": current.id,
        "fingerprint": current.fingerprint,
        "created_at": "2026-09-21T14:13:20Z",
        "expires_at": "2026-10-21T14:13:20Z",
        "remaining_seconds": 3600,
        "origin": "minted",
        "user_id": outcome.record.user_id,
        "contract_number": 31711111,
    }


def test_tokens_of_the_past_are_described_by_id_and_dates() -> None:
    result = full_outcome().as_result()
    assert result["previous"][1] == {
        "id": "p2",
        "expires_at": None,
        "replaced_at": "1970-01-01T00:00:00Z",
        "origin": "minted",
    }
    assert result["delete_in_dcd"] == [
        {"id": "u1", "expires_at": "2026-10-21T14:13:20Z", "since": "2026-09-21T14:13:20Z"},
        {"id": "u2", "expires_at": None, "since": "2026-09-21T14:13:20Z"},
    ]


def test_ids_come_in_an_order_that_does_not_change() -> None:
    result = full_outcome().as_result()
    assert (result["retired"], result["orphans_deleted"]) == (["r1", "r2"], ["o1", "o2"])


def test_without_a_record_there_is_no_token() -> None:
    result = empty_outcome().as_result()
    assert result["token"] is None
    assert (result["previous"], result["delete_in_dcd"], result["vaults"]) == ([], [], [])


def test_what_remains_of_a_token_that_has_expired_is_nothing() -> None:
    outcome = replace(full_outcome(), now=EXPIRES_AT + 60)
    assert outcome.as_result()["token"]["remaining_seconds"] == 0


def test_what_remains_is_unknown_where_the_time_is() -> None:
    assert replace(full_outcome(), now=None).as_result()["token"]["remaining_seconds"] is None


def test_a_failure_is_reported_with_every_error_and_its_remedy() -> None:
    outcome = empty_outcome()
    outcome.fail(TokenOpsError("interrupted"))
    outcome.fail(TokenOpsError("vault_sealed", where="bao"))
    result = outcome.as_result()
    assert (result["failed"], result["action"]) == (True, "failed")
    assert result["error_codes"] == ["interrupted", "vault_sealed"]
    assert result["message"] == (
        "The run was told to stop before this was done. Run again; nothing is lost. "
        "bao cannot be used: the vault is sealed. Unseal it and run again."
    )


def test_a_failure_after_something_was_done_leaves_reported_what_was_done() -> None:
    outcome = full_outcome()
    outcome.fail(TokenOpsError("interrupted"))
    result = outcome.as_result()
    assert (result["failed"], result["action"], result["changed"]) == (True, "rotated", True)


def test_a_warning_is_noted_once() -> None:
    outcome = empty_outcome()
    outcome.warn("the same")
    outcome.warn("the same")
    assert outcome.as_result()["warnings"] == ["the same"]


def test_the_diff_shows_ids_dates_and_fingerprints() -> None:
    outcome = full_outcome()
    assert outcome.before is not None
    assert outcome.before.current is not None
    old = outcome.before.current
    diff = outcome.as_diff()
    assert (diff["before_header"], diff["after_header"]) == ("app", "app")
    assert diff["before"] == {
        "token": {"id": old.id, "fingerprint": old.fingerprint, "expires_at": "2026-10-21T14:13:20Z"},
        "previous": [],
        "delete_in_dcd": [],
    }
    assert diff["after"]["previous"] == [old.id, "p2"]
    assert diff["after"]["delete_in_dcd"] == ["u1", "u2"]


def test_the_diff_of_a_first_token_starts_from_nothing() -> None:
    assert replace(full_outcome(), before=None).as_diff()["before"] == {}


def test_the_diff_to_no_token_ends_with_none() -> None:
    assert replace(full_outcome(), record=Record()).as_diff()["after"]["token"] is None


def test_no_value_of_any_token_is_in_result_or_diff() -> None:
    outcome = full_outcome()
    assert outcome.record is not None
    assert outcome.record.token is not None
    assert outcome.record.previous[0].token is not None
    shown = json.dumps([outcome.as_result(), outcome.as_diff()])
    for token in (outcome.record.token, outcome.record.previous[0].token):
        assert token.value not in shown
        assert token.value.split(".")[2] not in shown


def test_a_token_in_the_name_of_a_place_is_masked() -> None:
    value = new_token().value
    outcome = empty_outcome()
    outcome.vaults.append(VaultOutcome("bao", f"bao (secret/{value})", "record"))
    assert value not in json.dumps(outcome.as_result())
