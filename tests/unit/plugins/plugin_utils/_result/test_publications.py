# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One result of two calls: what was done before the publications, and what is the case after them."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.tokenops.ionos.plugins.plugin_utils._result.facts import TokenFacts, token_facts
from ansible_collections.tokenops.ionos.plugins.plugin_utils._result.publications import continued
from support.report_entries import current, place, token

TROUBLE = {"message": "It failed.", "error_codes": ["quota_reached"], "failed": True}


def facts(**fields: Any) -> TokenFacts:
    return token_facts(token("app", **fields), 0)


@pytest.mark.parametrize(
    ("earlier", "later", "told"),
    [
        ("rotated", "repaired", "rotated"),
        ("rotated", "kept", "rotated"),
        ("kept", "repaired", "repaired"),
        ("kept", "retired", "retired"),
        ("retired", "repaired", "repaired"),
        ("failed", "repaired", "repaired"),
        ("absent", "absent", "absent"),
        ("handoff", "repaired", "handoff"),
    ],
)
def test_the_most_that_was_done_is_told(earlier: str, later: str, told: str) -> None:
    assert continued(facts(action=earlier), facts(action=later)).action == told


def test_a_mint_that_failed_stays_failed_after_a_publication() -> None:
    after = continued(facts(action="failed", **TROUBLE), facts(action="repaired", changed=True))
    assert (after.failed, after.message, after.error_codes) == (True, "It failed.", ("quota_reached",))
    assert after.changed


def test_a_failed_place_is_judged_by_the_later_call_alone() -> None:
    down = place("files", "replica", in_sync=None, message="It is down.", error_code="vault_unreachable")
    up = place("files", "replica", changed=True)
    after = continued(facts(failed=True, vaults=[place(), down]), facts(vaults=[place(), up]))
    assert (after.failed, after.places[1].message, after.places[1].changed) == (False, None, True)


def test_an_outage_that_can_wait_does_not_hide_a_failure() -> None:
    waits = {"waits": True, "message": "No answer.", "error_codes": ["token_not_judged"], "cause": "No answer."}
    after = continued(facts(**TROUBLE), facts(**waits))
    assert (after.failed, after.waits, after.message) == (True, False, "It failed. No answer.")
    after = continued(facts(**waits), facts(**waits))
    assert (after.failed, after.waits, after.message) == (False, True, "No answer.")


def test_what_was_changed_and_deleted_before_stays_told() -> None:
    earlier = facts(changed=True, retired=["a"], revoked=["c"], vaults=[place(changed=True)], warnings=["Look."])
    after = continued(earlier, facts(retired=["b"], vaults=[place()], warnings=["Look."]))
    assert (after.changed, after.retired, after.revoked, after.places[0].changed) == (True, ("a", "b"), ("c",), True)
    assert after.warnings == ("Look.",)


def test_a_record_that_cannot_be_read_any_more_leaves_what_was_known() -> None:
    unread = place(in_sync=None, message="It is down.", error_code="vault_unreachable")
    after = continued(facts(token=current(20), works=True), facts(token=None, vaults=[unread]))
    assert (after.current is not None, after.works, after.failed) == (True, True, True)


def test_a_record_that_was_erased_is_gone() -> None:
    assert continued(facts(token=current(20)), facts(token=None)).current is None
