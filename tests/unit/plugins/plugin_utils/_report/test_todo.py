# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who has to act on what, until when."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.tokenops.ionos.plugins.module_utils._core.instant import format_instant
from ansible_collections.tokenops.ionos.plugins.plugin_utils._report.standing import judge
from ansible_collections.tokenops.ionos.plugins.plugin_utils._report.todo import Task, tasks_of
from ansible_collections.tokenops.ionos.plugins.plugin_utils._result import account_facts, token_facts
from support.report_entries import DAY, NOW, account, all_sorts, current, due, handoff, place, token


def tasks(
    *tokens: dict[str, Any], accounts: list[dict[str, Any]] | None = None, failure: str | None = None
) -> list[Task]:
    facts = [token_facts(entry, number) for number, entry in enumerate(tokens)]
    known = [account_facts(entry, number) for number, entry in enumerate(accounts or [])]
    return list(tasks_of(judge(facts, known, NOW, failure)))


def kinds(found: list[Task]) -> list[tuple[str, str, str]]:
    return [(task.kind, task.actor, task.level) for task in found]


@pytest.mark.parametrize("entry", [token(), due(), token(action="busy", reason="another run is at work")])
def test_nobody_has_to_act_on_what_works_or_renews_itself(entry: dict[str, Any]) -> None:
    assert tasks(entry, accounts=[account()]) == []


def test_a_handoff_tells_the_person_what_to_do_until_when() -> None:
    (task,) = tasks(handoff())
    assert (task.kind, task.actor, task.level) == ("handoff", "account_user", "warning")
    assert (task.due_at, task.fails_at) == (NOW + 4 * DAY, NOW + 2 * DAY)
    assert "30 Days" in task.summary
    assert task.steps == ("Sign in to the DCD.", "Select Generate Token.")
    assert task.link == "https://dcd.ionos.com/latest/"


def test_an_overdue_handoff_is_one_critical_task_and_no_failure_besides() -> None:
    overdue = handoff(failed=True, error_codes=["handoff_overdue"], token=current(29))
    assert kinds(tasks(overdue)) == [("handoff", "account_user", "critical")]


def test_a_handoff_whose_record_cannot_be_written_is_a_persons_and_an_operators_task() -> None:
    broken = handoff(failed=True, error_codes=["handoff_overdue", "vault_denied"], message="The vault denies it.")
    assert [task.actor for task in tasks(broken)] == ["account_user", "operator"]


@pytest.mark.parametrize(("ttl", "lifetime"), [(30 * DAY, "30 Days"), (31 * DAY, "60 Days"), (3600, "1 Hour")])
def test_a_handoff_that_is_only_foreseen_names_the_lifetime_to_choose(ttl: int, lifetime: str) -> None:
    (task,) = tasks(due(ttl_seconds=ttl), accounts=[account("shop", "enabled")])
    assert task.summary == f"Create a token that lives for {lifetime} in the Token Manager and offer it."
    assert task.fails_at == NOW + 2 * DAY


def test_without_a_working_token_a_run_has_to_be_started_at_once() -> None:
    (task,) = tasks(due(reason="missing", token=None))
    assert (task.kind, task.actor, task.due_at) == ("no_working_token", "operator", None)


def test_without_a_working_token_on_an_account_with_two_factor_authentication_a_person_has_to_act_at_once() -> None:
    (task,) = tasks(due(reason="refused"), accounts=[account("shop", "enabled")])
    assert (task.kind, task.level, task.actor) == ("handoff", "critical", "account_user")


def test_a_failure_has_its_message_and_time_until_the_token_ends() -> None:
    (task,) = tasks(token(failed=True, message="The vault is sealed.", error_codes=["vault_sealed"]))
    assert (task.kind, task.detail, task.due_at) == ("failure", "The vault is sealed.", NOW + 25 * DAY)


def test_a_place_that_the_next_run_repairs_is_nobodys_work() -> None:
    differing = place("files", "replica", in_sync=False, changed=True)
    (task,) = tasks(token(action="repaired", reason="replica_differed", predicted=True, vaults=[place(), differing]))
    assert (task.kind, task.actor, task.level) == ("vault", "automation", "notice")


def test_a_foreign_token_is_an_operators_work_until_the_previous_one_ends() -> None:
    foreign = place("files", "replica", in_sync=False, foreign="0b6ae2b7-4d1a-4c63-bf0e-5a5f8a1d2c3e")
    previous = [{"id": "a", "expires_at": format_instant(NOW + 3 * DAY), "replaced_at": None}]
    (task,) = tasks(token(vaults=[place(), foreign], previous=previous))
    assert (task.actor, task.level, task.due_at) == ("operator", "warning", NOW + 3 * DAY)
    assert "0b6ae2b7-4d1a-4c63-bf0e-5a5f8a1d2c3e" in task.summary


def test_a_token_that_the_api_does_not_delete_is_a_persons_work_until_it_ends() -> None:
    left = {"id": "0b6ae2b7-4d1a-4c63-bf0e-5a5f8a1d2c3e", "expires_at": format_instant(NOW + 9 * DAY), "since": None}
    (task,) = tasks(token(delete_in_dcd=[left]))
    assert (task.kind, task.actor, task.level, task.due_at) == ("deletion", "account_user", "notice", NOW + 9 * DAY)


@pytest.mark.parametrize(("used", "level"), [(95, "warning"), (100, "critical")])
def test_a_quota_that_is_nearly_used_up_is_a_persons_work(used: int, level: str) -> None:
    found = tasks(accounts=[account(quota={"used": used, "limit": 100, "reserve": 5})])
    assert kinds(found) == [("quota", "account_user", level)]


def test_an_account_that_could_not_be_looked_at_is_an_operators_work() -> None:
    (task,) = tasks(accounts=[account(quota=None, message="The API cannot be reached.")])
    assert (task.kind, task.actor, task.detail) == ("account", "operator", "The API cannot be reached.")


def test_a_run_that_looked_at_nothing_comes_first() -> None:
    found = tasks(due(reason="missing", token=None), failure="The declaration is wrong.")
    assert [task.kind for task in found] == ["run", "no_working_token"]


def test_the_most_urgent_comes_first() -> None:
    sorts = all_sorts()
    found = tasks(*sorts["tokens"], accounts=sorts["accounts"])
    order = ["critical", "warning", "notice"]
    ranks = [(order.index(task.level), task.due_at or 0) for task in found]
    assert ranks == sorted(ranks)
    assert {task.kind for task in found} == {
        "no_working_token",
        "failure",
        "handoff",
        "vault",
        "deletion",
        "quota",
        "account",
    }
