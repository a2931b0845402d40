# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which status tokens and accounts have, and in which order they are shown."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.tokenops.ionos.plugins.plugin_utils._report.overview import Overview, overview
from ansible_collections.tokenops.ionos.plugins.plugin_utils._result.facts import account_facts, token_facts
from ansible_collections.tokenops.ionos.plugins.plugin_utils._result.model import LEVEL_OF_STATUS, LEVELS, TokenState
from support.report_entries import DAY, NOW, account, all_sorts, current, deletion, due, handoff, place, token
from support.rotation_world import RotationWorld, declared

DOWN = place("cluster", "replica", in_sync=None, message="It cannot be reached.", error_code="vault_unreachable")


def judged(
    tokens: list[dict[str, Any]],
    accounts: list[dict[str, Any]] | None = None,
    now: int = NOW,
    failure: str | None = None,
) -> Overview:
    facts = [token_facts(entry, number) for number, entry in enumerate(tokens)]
    return overview(facts, [account_facts(entry, number) for number, entry in enumerate(accounts or [])], now, failure)


def one(entry: dict[str, Any], *accounts: dict[str, Any], now: int = NOW) -> TokenState:
    (state,) = judged([entry], list(accounts), now).tokens
    return state


@pytest.mark.parametrize(
    ("entry", "status"),
    [
        (token(), "working"),
        (due(), "due"),
        (token(token=current(created_days_ago=26)), "due"),
        (token(token=current(created_days_ago=31)), "no_working_token"),
        (due(reason="missing", token=None), "no_working_token"),
        (due(reason="refused"), "no_working_token"),
        (due(reason="gone"), "no_working_token"),
        (due(reason="other_contract"), "due"),
        (token(failed=True, error_codes=["quota_reached"]), "failed"),
        (token(failed=True, error_codes=["quota_reached"], works=False), "no_working_token"),
        (token(failed=True, error_codes=["vault_sealed"], token=None), "failed"),
        (token(waits=True, error_codes=["token_not_judged"]), "unanswered"),
        (token(failed=True, error_codes=["token_not_judged"], token=current(29)), "failed"),
        (token(failed=True, error_codes=["token_not_judged"], token=None), "failed"),
        (token(failed=True, token=current(created_days_ago=31)), "no_working_token"),
        (handoff(), "handoff"),
        (handoff(token=current(created_days_ago=29)), "handoff_overdue"),
        (handoff(failed=True, error_codes=["handoff_overdue"]), "handoff_overdue"),
        (handoff(failed=True, error_codes=["handoff_overdue"], works=False, token=None), "no_working_token"),
        (handoff(reason="refused", works=False), "no_working_token"),
        (handoff(failed=True, error_codes=["vault_denied"]), "failed"),
        (token(action="busy", reason="another run is at work"), "busy"),
        (token(vaults=[place(), place("files", "replica", in_sync=False)]), "out_of_sync"),
        (token(failed=True, vaults=[place(), DOWN]), "unreachable"),
        (token(failed=True, vaults=[place(), DOWN, place("files", "replica", in_sync=False)]), "out_of_sync"),
        (handoff(failed=True, error_codes=["handoff_overdue"], vaults=[place(), DOWN]), "handoff_overdue"),
        (token(action="retired", reason="overlap_over"), "working"),
        (token(action="absent", reason="absent", token=None, vaults=[place(in_sync=False)]), "decommissioned"),
        (token(action="kept", reason="absent", token=None, vaults=[place(in_sync=False)]), "decommissioned"),
        (token(action="absent", reason="absent", predicted=True), "working"),
        (token(reason="absent", failed=True, error_codes=["absent_but_shared"]), "failed"),
        (token(action="absent", reason="absent", token=None, failed=True, vaults=[DOWN]), "unreachable"),
        (deletion(), "deletion_pending"),
        (deletion(action="absent", predicted=True), "deletion_pending"),
    ],
)
def test_the_status_of_a_token(entry: dict[str, Any], status: str) -> None:
    assert one(entry).status == status


def test_a_rotation_that_was_made_is_not_taken_for_a_prediction() -> None:
    done = due(reason="refused", predicted=False, works=True, token=current(0), vaults=[place(changed=True)])
    assert one(done).status == "working"


def test_a_replica_that_only_gets_the_next_token_is_not_out_of_sync() -> None:
    state = one(due())
    assert [item.state for item in state.places] == ["in_sync", "to_be_written"]


def test_a_replica_that_differs_while_nothing_is_due_is_out_of_sync() -> None:
    differing = place("files", "replica", in_sync=False, changed=True)
    state = one(token(action="repaired", reason="replica_differed", vaults=[place(), differing]))
    assert [item.state for item in state.places] == ["in_sync", "out_of_sync"]


def test_a_place_that_was_not_looked_at_is_neither() -> None:
    assert one(token(vaults=[place(in_sync=None)])).places[0].state == "unknown"


@pytest.mark.parametrize(
    ("two_factor", "renewed_by", "status"),
    [("disabled", "automation", "due"), ("unknown", "automation", "due"), ("enabled", "person", "handoff")],
)
def test_who_renews_a_due_token_follows_from_the_policy_of_its_account(
    two_factor: Any, renewed_by: str, status: str
) -> None:
    state = one(due(), account("shop", two_factor), account("other", "enabled"))
    assert (state.renewed_by, state.status) == (renewed_by, status)


def test_a_predicted_handoff_is_overdue_once_less_than_fail_before_is_left() -> None:
    assert one(due(fail_before_seconds=5 * DAY), account("shop", "enabled")).status == "handoff_overdue"


def test_without_the_facts_of_the_account_it_is_not_known_who_renews() -> None:
    assert one(due()).renewed_by == "unknown"


@pytest.mark.parametrize(("renew_before", "days_before"), [(7 * DAY, 7), (29 * DAY, 15)])
def test_the_renewal_window_is_at_most_half_of_the_life(renew_before: int, days_before: int) -> None:
    """R17."""
    state = one(token(renew_before_seconds=renew_before))
    assert state.renews_at == NOW + (25 - days_before) * DAY


def test_time_alone_makes_a_token_due_and_then_ends_it() -> None:
    statuses = [one(token(), now=NOW + days * DAY).status for days in (17, 18, 24, 25)]
    assert statuses == ["working", "due", "due", "no_working_token"]


def test_the_worst_comes_first_and_among_equals_what_expires_first() -> None:
    found = judged([token("late"), token("soon", token=current(10)), handoff(), due(reason="missing", token=None)])
    assert [item.facts.name for item in found.tokens] == ["dns", "backup", "soon", "late"]
    assert [LEVELS.index(item.level) for item in found.tokens] == [0, 1, 3, 3]
    assert found.counts() == {"critical": 1, "warning": 1, "notice": 0, "ok": 2}


@pytest.mark.parametrize(
    ("entry", "level"),
    [
        (account(), "ok"),
        (account(two_factor="unknown"), "notice"),
        (account(two_factor="enabled"), "notice"),
        (account(quota={"used": 94, "limit": 100, "reserve": 5}), "ok"),
        (account(quota={"used": 95, "limit": 100, "reserve": 5}), "warning"),
        (account(quota={"used": 100, "limit": 100, "reserve": 5}), "critical"),
        (account(quota=None, message="The API cannot be reached."), "warning"),
    ],
)
def test_the_level_of_an_account(entry: dict[str, Any], level: str) -> None:
    assert judged([], [entry]).accounts[0].level == level


@pytest.mark.parametrize(
    ("tokens", "accounts", "failure", "level"),
    [
        ([], [], None, "ok"),
        ([token()], [account()], None, "ok"),
        ([token()], [account(quota=None, message="No.")], None, "warning"),
        ([token()], [account()], "The declaration is wrong.", "critical"),
    ],
)
def test_the_worst_of_all_is_the_level_of_the_report(
    tokens: list[dict[str, Any]], accounts: list[dict[str, Any]], failure: str | None, level: str
) -> None:
    assert judged(tokens, accounts, failure=failure).level == level


def test_every_status_is_among_all_sorts() -> None:
    statuses = {item.status for item in judged(**all_sorts()).tokens}
    assert statuses == set(LEVEL_OF_STATUS)


class ReportedWorld(RotationWorld):
    """A world whose runs are judged as a report does it, with one declared token in a vault of record and a replica."""

    def state(self, *, check_mode: bool = True, replica: str = "app/copy", **fields: Any) -> TokenState:
        tokens = [declared(replicas=[{"path": replica}])]
        outcomes = self.run(tokens, self.issuer, check_mode=check_mode, with_accounts=True, **fields)
        now = int(self.emulator.clock.timestamp())
        (state,) = judged([item.as_result() for item in outcomes], self.accounts, now).tokens
        return state

    def with_issuer(self) -> ReportedWorld:
        _user, _token, self.issuer = self.bootstrap()
        return self


@pytest.fixture
def world() -> ReportedWorld:
    return ReportedWorld().with_issuer()


def test_real_results_from_nothing_over_a_renewal_to_a_person(world: ReportedWorld) -> None:
    assert world.state().status == "no_working_token"
    assert world.state(check_mode=False).status == "working"
    assert world.state().status == "working"
    world.emulator.clock.advance(days=24)
    assert world.state().status == "due"
    assert world.state(account={"two_factor": "enabled"}).status == "handoff"
    world.emulator.clock.advance(days=4)
    assert world.state(account={"two_factor": "enabled"}).status == "handoff_overdue"
    assert world.state(check_mode=False).status == "working"


def test_real_results_with_a_replica_that_nothing_was_written_to(world: ReportedWorld) -> None:
    world.state(check_mode=False)
    assert world.state(replica="app/other").status == "out_of_sync"
    assert world.state(check_mode=False, replica="app/other").status == "working"
