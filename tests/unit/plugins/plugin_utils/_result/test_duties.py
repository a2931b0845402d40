# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who has to act on what, until when."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.tokenops.ionos.plugins.module_utils._core.instant import format_instant
from ansible_collections.tokenops.ionos.plugins.plugin_utils._report.overview import overview
from ansible_collections.tokenops.ionos.plugins.plugin_utils._result.facts import account_facts, token_facts
from ansible_collections.tokenops.ionos.plugins.plugin_utils._result.model import Duty
from support.report_entries import DAY, NOW, account, all_sorts, current, due, handoff, place, token


def duties(
    *tokens: dict[str, Any], accounts: list[dict[str, Any]] | None = None, failure: str | None = None
) -> list[Duty]:
    facts = [token_facts(entry, number) for number, entry in enumerate(tokens)]
    known = [account_facts(entry, number) for number, entry in enumerate(accounts or [])]
    return list(overview(facts, known, NOW, failure).duties())


def kinds(found: list[Duty]) -> list[tuple[str, str, str]]:
    return [(duty.kind, duty.actor, duty.level) for duty in found]


@pytest.mark.parametrize("entry", [token(), due(), token(action="busy", reason="another run is at work")])
def test_nobody_has_to_act_on_what_works_or_renews_itself(entry: dict[str, Any]) -> None:
    assert duties(entry, accounts=[account()]) == []


def test_a_handoff_tells_the_person_what_to_do_until_when() -> None:
    (duty,) = duties(handoff())
    assert (duty.kind, duty.actor, duty.level) == ("handoff", "account_user", "warning")
    assert (duty.due_at, duty.fails_at) == (NOW + 4 * DAY, NOW + 2 * DAY)
    assert "30 Days" in duty.sentence
    assert duty.steps == ("Sign in to the DCD.", "Select Generate Token.")
    assert duty.link == "https://dcd.ionos.com/latest/"


def test_an_overdue_handoff_is_one_critical_task_and_no_failure_besides() -> None:
    overdue = handoff(failed=True, error_codes=["handoff_overdue"], token=current(29))
    assert kinds(duties(overdue)) == [("handoff", "account_user", "critical")]


def test_a_handoff_whose_record_cannot_be_written_is_a_persons_and_an_operators_task() -> None:
    broken = handoff(failed=True, error_codes=["handoff_overdue", "vault_denied"], message="The vault denies it.")
    assert [duty.actor for duty in duties(broken)] == ["account_user", "operator"]


@pytest.mark.parametrize(("ttl", "lifetime"), [(30 * DAY, "30 Days"), (31 * DAY, "60 Days"), (3600, "1 Hour")])
def test_a_handoff_that_is_only_foreseen_names_the_lifetime_to_choose(ttl: int, lifetime: str) -> None:
    (duty,) = duties(due(ttl_seconds=ttl), accounts=[account("shop", "enabled")])
    assert duty.sentence.startswith(f"Create a token that lives for {lifetime} in the Token Manager of the DCD")
    assert duty.fails_at == NOW + 2 * DAY


def test_without_a_working_token_a_run_has_to_be_started_at_once() -> None:
    (duty,) = duties(due(reason="missing", token=None))
    assert (duty.kind, duty.actor, duty.due_at) == ("no_working_token", "operator", None)


def test_without_a_working_token_on_an_account_with_two_factor_authentication_a_person_has_to_act_at_once() -> None:
    (duty,) = duties(due(reason="refused"), accounts=[account("shop", "enabled")])
    assert (duty.kind, duty.level, duty.actor) == ("handoff", "critical", "account_user")


def test_a_failure_has_its_message_and_time_until_the_token_ends() -> None:
    (duty,) = duties(token(failed=True, message="The vault is sealed.", error_codes=["vault_sealed"]))
    assert (duty.kind, duty.detail, duty.due_at) == ("failure", "The vault is sealed.", NOW + 25 * DAY)


def test_a_place_that_the_next_run_repairs_is_nobodys_work() -> None:
    differing = place("files", "replica", in_sync=False, changed=True)
    (duty,) = duties(token(action="repaired", reason="replica_differed", predicted=True, vaults=[place(), differing]))
    assert (duty.kind, duty.actor, duty.level) == ("vault", "automation", "notice")


def test_a_foreign_token_is_an_operators_work_until_the_previous_one_ends() -> None:
    foreign = place("files", "replica", in_sync=False, foreign="0b6ae2b7-4d1a-4c63-bf0e-5a5f8a1d2c3e")
    previous = [{"id": "a", "expires_at": format_instant(NOW + 3 * DAY), "replaced_at": None}]
    (duty,) = duties(token(vaults=[place(), foreign], previous=previous))
    assert (duty.actor, duty.level, duty.due_at) == ("operator", "warning", NOW + 3 * DAY)
    assert "0b6ae2b7-4d1a-4c63-bf0e-5a5f8a1d2c3e" in duty.sentence


def test_a_token_that_the_api_does_not_delete_is_a_persons_work_until_it_ends() -> None:
    left = {"id": "0b6ae2b7-4d1a-4c63-bf0e-5a5f8a1d2c3e", "expires_at": format_instant(NOW + 9 * DAY), "since": None}
    (duty,) = duties(token(delete_in_dcd=[left]))
    assert (duty.kind, duty.actor, duty.level, duty.due_at) == ("deletion", "account_user", "notice", NOW + 9 * DAY)


@pytest.mark.parametrize(("used", "level"), [(95, "warning"), (100, "critical")])
def test_a_quota_that_is_nearly_used_up_is_a_persons_work(used: int, level: str) -> None:
    found = duties(accounts=[account(quota={"used": used, "limit": 100, "reserve": 5})])
    assert kinds(found) == [("quota", "account_user", level)]


def test_an_account_that_could_not_be_looked_at_is_an_operators_work() -> None:
    (duty,) = duties(accounts=[account(quota=None, message="The API cannot be reached.")])
    assert (duty.kind, duty.actor, duty.detail) == ("account", "operator", "The API cannot be reached.")


def test_a_run_that_looked_at_nothing_comes_first() -> None:
    found = duties(due(reason="missing", token=None), failure="The declaration is wrong.")
    assert [duty.kind for duty in found] == ["run", "no_working_token"]


def test_the_most_urgent_comes_first() -> None:
    sorts = all_sorts()
    found = duties(*sorts["tokens"], accounts=sorts["accounts"])
    order = ["critical", "warning", "notice"]
    ranks = [(order.index(duty.level), duty.due_at or 0) for duty in found]
    assert ranks == sorted(ranks)
    assert {duty.kind for duty in found} == {
        "no_working_token",
        "failure",
        "handoff",
        "vault",
        "deletion",
        "quota",
        "account",
    }
