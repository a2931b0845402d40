# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Console, page, JSON, metrics and webhook say the same of one run of the engine."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import (
    VaultCorrupt,
    VaultDenied,
    VaultUnavailable,
)
from ansible_collections.tokenops.ionos.plugins.plugin_utils._notify.alerts import Alert, alerts
from ansible_collections.tokenops.ionos.plugins.plugin_utils._record.model import Job
from ansible_collections.tokenops.ionos.plugins.plugin_utils._report.console import failure_message, summarize
from ansible_collections.tokenops.ionos.plugins.plugin_utils._report.document import document
from ansible_collections.tokenops.ionos.plugins.plugin_utils._report.metrics import render_metrics
from ansible_collections.tokenops.ionos.plugins.plugin_utils._report.overview import overview
from ansible_collections.tokenops.ionos.plugins.plugin_utils._report.page import render_page
from ansible_collections.tokenops.ionos.plugins.plugin_utils._result.facts import account_facts, token_facts
from ansible_collections.tokenops.ionos.plugins.plugin_utils._result.model import (
    LEVEL_OF_STATUS,
    STATUS_WORDS,
    Status,
)
from emulator.users import User
from support.rotation_world import RotationWorld, declared

RECORD = "app/record"
REPLICA = "app/replica"
INBOX = "app/inbox"
TOKEN = declared(replicas=[{"path": REPLICA}])
ABSENT = {**TOKEN, "state": "absent"}
BADGE = re.compile(r'<span class="badge \w+"><span aria-hidden="true">.</span> ([^<]+)</span></td>\n<td class="ends">')


@dataclass(frozen=True)
class Said:
    """What every surface says of the one declared token of a run.

    :ivar statuses: by surface; of the webhook only if another run is not at work.
    """

    statuses: Mapping[str, Status]
    line: str
    duties: list[str]
    msg: str | None
    token: dict[str, Any]
    tasks: list[dict[str, Any]]
    metrics: str
    alert: Alert | None

    @property
    def console(self) -> str:
        return "\n".join([self.line, *self.duties])

    @property
    def kinds(self) -> list[str]:
        return [task["kind"] for task in self.tasks]


class Situation:
    """A world with one declared token in a vault of record and a replica.

    :ivar unreachable: what goes wrong at a path, by operation and path.
    """

    def __init__(self) -> None:
        self.world = RotationWorld()
        self.failures: dict[tuple[str, str], Callable[[str], Exception]] = {}
        self.world.store.before = self._fail
        self.user: User | None = None
        self.issuer: str | None = None
        self.account: dict[str, Any] = {}

    def _fail(self, operation: str, path: str) -> None:
        if (operation, path) in self.failures:
            raise self.failures[operation, path](path)

    def minted(self) -> Situation:
        """A token that the automation keeps fresh."""
        self.user, _token, self.issuer = self.world.bootstrap(role="owner")
        self.run()
        return self

    def made_by_a_person(self) -> Situation:
        """A token of an account with two-factor authentication, whose API refuses to mint and to delete."""
        self.user = self.world.emulator.add_user("ann@example.com", "correct horse", two_factor="enabled", role="owner")
        self.account = {"two_factor": "enabled"}
        self.offer(RECORD)
        self.run()
        return self

    def offer(self, path: str, lifetime: str = "30d") -> str:
        assert self.user is not None
        _token, value = self.world.emulator.dcd.signed_in(self.user).create_token(lifetime)
        self.world.store.put_token(path, value)
        return str(value)

    def days(self, days: float) -> Situation:
        self.world.emulator.clock.advance(days=days)
        return self

    def fails(self, operation: str, path: str, failure: Callable[[str], Exception]) -> Situation:
        self.failures[operation, path] = failure
        return self

    def revoke(self) -> Situation:
        self.world.emulator.revoke(str(self.world.held(RECORD)))
        return self

    def api_is_down(self) -> Situation:
        for operation in ("get", "list", "generate", "delete"):
            self.world.emulator.faults.add("status", operation, status=503, count=None)
        return self

    def run(self, token: dict[str, Any] = TOKEN, *, check_mode: bool = False, **arguments: Any) -> Said:
        outcomes = self.world.run(
            [token],
            self.issuer,
            check_mode=check_mode,
            account=self.account,
            with_accounts=True,
            **arguments,
        )
        entries = [outcome.as_result() for outcome in outcomes]
        return said(entries, self.world.accounts, int(self.world.emulator.clock.timestamp()))


def said(entries: list[dict[str, Any]], accounts: list[dict[str, Any]], now: int) -> Said:
    seen = overview(
        [token_facts(entry, number) for number, entry in enumerate(entries)],
        [account_facts(entry, number) for number, entry in enumerate(accounts)],
        now,
    )
    report = json.loads(json.dumps(document(seen, "Tokens")))
    metrics = render_metrics(seen, {})
    line, *duties, _totals = summarize(seen)
    found = [alert for alert in alerts(entries, None, now) if alert.token is not None]
    [badge] = BADGE.findall(render_page(seen, "Tokens"))
    [metric] = re.findall(r'ionos_token_status\{.*status="(\w+)".*\} 1', metrics)
    status_of_word = {word.lower(): status for status, word in STATUS_WORDS.items()}
    word = re.split(r"[.,(]", line.partition(": ")[2])[0].strip().lower()
    statuses = {
        "console": status_of_word[word],
        "page": status_of_word[badge.lower()],
        "json": report["tokens"][0]["status"],
        "metrics": metric,
    }
    if found and found[0].status is not None:
        statuses["webhook"] = found[0].status
    return Said(
        statuses=statuses,
        line=line,
        duties=duties,
        msg=failure_message(seen),
        token=report["tokens"][0],
        tasks=[task for task in report["tasks"] if task["token"]],
        metrics=metrics,
        alert=found[0] if found else None,
    )


def unreachable(path: str) -> Exception:
    return VaultUnavailable("vault_unreachable", where=path)


def denied(path: str) -> Exception:
    return VaultDenied("vault_denied", where=path, status=403, path=path)


def not_a_token(path: str) -> Exception:
    return VaultCorrupt("vault_value_not_a_token", where=path)


def a_replica_is_down() -> Said:
    return Situation().minted().fails("read", REPLICA, unreachable).run()


def a_replica_is_down_at_the_first_mint() -> Said:
    situation = Situation()
    situation.user, _token, situation.issuer = situation.world.bootstrap()
    return situation.fails("read", REPLICA, unreachable).run()


def a_replica_is_down_in_check_mode() -> Said:
    return Situation().minted().fails("read", REPLICA, unreachable).run(check_mode=True)


def a_replica_denies_reading() -> Said:
    return Situation().minted().fails("read", REPLICA, denied).run()


def a_replica_denies_writing() -> Said:
    situation = Situation().minted().fails("write", REPLICA, denied)
    situation.world.store.entries.pop(REPLICA)
    return situation.run()


def a_replica_holds_something_else() -> Said:
    return Situation().minted().fails("read", REPLICA, not_a_token).run()


def a_replica_that_a_run_would_write() -> Said:
    situation = Situation().minted()
    situation.world.store.entries.pop(REPLICA)
    return situation.run(check_mode=True)


def a_person_is_overdue_and_a_replica_is_down() -> Said:
    return Situation().made_by_a_person().days(28.1).fails("read", REPLICA, unreachable).run()


def a_person_is_asked() -> Said:
    return Situation().made_by_a_person().days(24).run()


def a_person_is_asked_in_check_mode() -> Said:
    return Situation().made_by_a_person().days(24).run(check_mode=True)


def a_person_is_asked_and_no_token_works() -> Said:
    return Situation().made_by_a_person().revoke().run()


def an_offer_that_check_mode_would_take_for_a_token_that_is_due() -> Said:
    situation = Situation().made_by_a_person().days(24)
    return situation.run(check_mode=True, offers={"app": situation.offer(INBOX, "60d")})


def an_offer_that_check_mode_would_take_for_a_token_that_is_revoked() -> Said:
    situation = Situation().made_by_a_person().revoke()
    return situation.run(check_mode=True, offers={"app": situation.offer(INBOX, "60d")})


def the_api_refuses_the_deletion_of_an_absent_token() -> Said:
    return Situation().made_by_a_person().run(ABSENT)


def the_deletion_of_an_absent_token_is_still_open_later() -> Said:
    situation = Situation().made_by_a_person()
    situation.run(ABSENT)
    return situation.run(ABSENT)


def the_deletion_of_an_absent_token_is_still_open_in_check_mode() -> Said:
    situation = Situation().made_by_a_person()
    situation.run(ABSENT)
    return situation.run(ABSENT, check_mode=True)


def an_absent_token_is_gone() -> Said:
    return Situation().minted().run(ABSENT)


def an_absent_token_is_gone_in_a_later_run() -> Said:
    situation = Situation().minted()
    situation.run(ABSENT)
    return situation.run(ABSENT)


def an_absent_token_is_gone_in_a_later_check() -> Said:
    situation = Situation().minted()
    situation.run(ABSENT)
    return situation.run(ABSENT, check_mode=True)


def an_absent_token_is_gone_for_months() -> Said:
    situation = Situation().minted()
    situation.run(ABSENT)
    return situation.days(60).run(ABSENT)


def an_absent_token_is_gone_and_the_api_does_not_answer() -> Said:
    situation = Situation().minted()
    situation.run(ABSENT)
    return situation.days(60).api_is_down().run(ABSENT)


def an_absent_token_is_gone_and_its_replica_is_down_later() -> Said:
    situation = Situation().minted()
    situation.run(ABSENT)
    return situation.days(60).fails("read", REPLICA, unreachable).run(ABSENT)


def an_absent_token_has_expired_in_its_vaults_in_check_mode() -> Said:
    return Situation().minted().days(31).run(ABSENT, check_mode=True)


def an_absent_token_has_expired_before_anybody_deleted_it_in_check_mode() -> Said:
    situation = Situation().made_by_a_person()
    situation.run(ABSENT)
    return situation.days(31).run(ABSENT, check_mode=True)


def an_absent_token_that_check_mode_would_delete() -> Said:
    return Situation().minted().run(ABSENT, check_mode=True)


def an_absent_token_whose_replica_is_down() -> Said:
    return Situation().minted().fails("read", REPLICA, unreachable).run(ABSENT)


def an_absent_token_whose_replica_stays_down() -> Said:
    situation = Situation().minted().fails("read", REPLICA, unreachable)
    situation.run(ABSENT)
    return situation.run(ABSENT)


def an_absent_token_whose_replica_is_down_in_a_later_check() -> Said:
    situation = Situation().minted().fails("read", REPLICA, unreachable)
    situation.run(ABSENT)
    return situation.run(ABSENT, check_mode=True)


def an_absent_token_whose_replica_holds_an_unmanaged_one() -> Said:
    situation = Situation().minted()
    situation.offer(REPLICA, "60d")
    return situation.run(ABSENT)


def an_absent_token_that_is_used_elsewhere() -> Said:
    situation = Situation().minted()
    held = situation.world.store.reading(RECORD).token
    assert held is not None
    situation.issuer = held.value
    return situation.run(ABSENT)


def the_token_has_expired_and_a_replica_is_down() -> Said:
    return Situation().made_by_a_person().days(31).fails("read", REPLICA, unreachable).run()


def the_token_is_revoked_in_check_mode() -> Said:
    return Situation().minted().revoke().run(check_mode=True)


def the_token_is_revoked_and_nothing_can_mint() -> Said:
    situation = Situation().minted().revoke()
    situation.issuer = None
    return situation.run()


def nothing_was_minted_yet_in_check_mode() -> Said:
    situation = Situation()
    situation.user, _token, situation.issuer = situation.world.bootstrap()
    return situation.run(check_mode=True)


def a_rotation_that_is_only_predicted() -> Said:
    return Situation().minted().days(24).run(check_mode=True)


def a_rotation_that_was_made() -> Said:
    return Situation().minted().days(24).run()


def an_unmanaged_token_in_a_replica() -> Said:
    situation = Situation().minted()
    assert situation.user is not None
    _token, value = situation.world.emulator.mint(situation.user)
    situation.world.store.put_token(REPLICA, value)
    return situation.run()


def the_vault_of_record_is_down() -> Said:
    return Situation().minted().fails("read", RECORD, unreachable).run()


def the_vault_of_record_cannot_be_written() -> Said:
    return Situation().minted().days(24).fails("write", RECORD, denied).run()


def the_api_does_not_answer() -> Said:
    return Situation().minted().api_is_down().run()


def the_api_does_not_answer_and_little_time_is_left() -> Said:
    return Situation().minted().days(28.5).api_is_down().run()


def an_adopted_token_lives_too_long() -> Said:
    situation = Situation()
    situation.user, _token, _value = situation.world.bootstrap()
    situation.offer(RECORD, "365d")
    return situation.run()


def another_run_is_at_work(job: Job | None = None) -> Said:
    situation = Situation().minted().days(24)
    situation.world.job = job
    met: list[Said] = []

    def meet(operation: str, path: str) -> None:
        is_at_work = situation.world.record(RECORD).intent is not None
        if (operation, path) == ("write", RECORD) and is_at_work and not met:
            met.append(situation.run())

    situation.world.store.before = meet
    situation.run()
    return met[0]


SITUATIONS: list[tuple[Callable[[], Said], Status, list[str]]] = [
    (a_replica_is_down, "unreachable", ["vault"]),
    (a_replica_is_down_at_the_first_mint, "unreachable", ["vault"]),
    (a_replica_is_down_in_check_mode, "unreachable", ["vault"]),
    (a_replica_denies_reading, "unreachable", ["vault"]),
    (a_replica_denies_writing, "out_of_sync", ["vault"]),
    (a_replica_holds_something_else, "out_of_sync", ["vault"]),
    (a_replica_that_a_run_would_write, "out_of_sync", ["vault"]),
    (an_unmanaged_token_in_a_replica, "out_of_sync", ["vault"]),
    (a_person_is_overdue_and_a_replica_is_down, "handoff_overdue", ["handoff", "vault"]),
    (a_person_is_asked, "handoff", ["handoff"]),
    (a_person_is_asked_in_check_mode, "handoff", ["handoff"]),
    (a_person_is_asked_and_no_token_works, "no_working_token", ["handoff"]),
    (an_offer_that_check_mode_would_take_for_a_token_that_is_due, "handoff", ["handoff"]),
    (an_offer_that_check_mode_would_take_for_a_token_that_is_revoked, "no_working_token", ["handoff"]),
    (the_api_refuses_the_deletion_of_an_absent_token, "deletion_pending", ["deletion"]),
    (the_deletion_of_an_absent_token_is_still_open_later, "deletion_pending", ["deletion"]),
    (the_deletion_of_an_absent_token_is_still_open_in_check_mode, "deletion_pending", ["deletion"]),
    (an_absent_token_is_gone, "decommissioned", []),
    (an_absent_token_is_gone_in_a_later_run, "decommissioned", []),
    (an_absent_token_is_gone_in_a_later_check, "decommissioned", []),
    (an_absent_token_is_gone_for_months, "decommissioned", []),
    (an_absent_token_is_gone_and_the_api_does_not_answer, "decommissioned", []),
    (an_absent_token_is_gone_and_its_replica_is_down_later, "unreachable", ["vault"]),
    (an_absent_token_has_expired_in_its_vaults_in_check_mode, "decommissioned", []),
    (an_absent_token_has_expired_before_anybody_deleted_it_in_check_mode, "decommissioned", []),
    (an_absent_token_that_check_mode_would_delete, "working", []),
    (an_absent_token_whose_replica_is_down, "unreachable", ["vault"]),
    (an_absent_token_whose_replica_stays_down, "unreachable", ["vault"]),
    (an_absent_token_whose_replica_is_down_in_a_later_check, "unreachable", ["vault"]),
    (an_absent_token_whose_replica_holds_an_unmanaged_one, "out_of_sync", ["vault"]),
    (an_absent_token_that_is_used_elsewhere, "failed", ["failure"]),
    (the_token_has_expired_and_a_replica_is_down, "no_working_token", ["handoff"]),
    (the_token_is_revoked_in_check_mode, "no_working_token", ["no_working_token"]),
    (the_token_is_revoked_and_nothing_can_mint, "no_working_token", ["failure"]),
    (nothing_was_minted_yet_in_check_mode, "no_working_token", ["no_working_token"]),
    (a_rotation_that_is_only_predicted, "due", []),
    (a_rotation_that_was_made, "working", []),
    (the_vault_of_record_is_down, "unreachable", ["vault"]),
    (the_vault_of_record_cannot_be_written, "failed", ["failure"]),
    (the_api_does_not_answer, "unanswered", ["failure"]),
    (the_api_does_not_answer_and_little_time_is_left, "failed", ["failure"]),
    (an_adopted_token_lives_too_long, "working", []),
    (another_run_is_at_work, "busy", []),
]


@pytest.mark.parametrize(("situation", "status", "kinds"), SITUATIONS, ids=[item[0].__name__ for item in SITUATIONS])
def test_all_surfaces_say_the_same_status_and_duties(
    situation: Callable[[], Said], status: Status, kinds: list[str]
) -> None:
    run = situation()
    assert run.statuses == dict.fromkeys(run.statuses, status)
    assert run.token["level"] == LEVEL_OF_STATUS[status]
    assert run.kinds == kinds
    assert run.token["life"] in run.line
    if run.tasks:
        assert run.tasks[0]["summary"] in run.duties[0]
    if run.alert is not None and run.alert.state != "ok":
        assert run.tasks[0]["summary"] in run.alert.message


def test_every_status_is_met() -> None:
    assert {status for _situation, status, _kinds in SITUATIONS} == set(LEVEL_OF_STATUS)


def test_a_replica_that_is_down_is_named_and_no_failure_of_the_rotation() -> None:
    run = a_replica_is_down_at_the_first_mint()
    assert run.line.startswith("app: unreachable, 29 days left (rotated: it was missing). It works until")
    assert "app/replica cannot be reached" in run.console
    assert run.msg == (
        "1 of 1 declared tokens need attention. [app] app/replica cannot be reached: no connection, or no answer in "
        "time. Check that the server runs, its address, and the network and proxy between here and there."
    )
    assert (run.token["message"], run.token["error_codes"], run.token["failed"]) == (None, [], True)
    assert [place["error_code"] for place in run.token["places"]] == [None, "vault_unreachable"]
    assert 'ionos_token_failed{account="default",token="app"} 0' in run.metrics
    assert run.alert is not None
    assert (run.alert.state, run.alert.error_codes) == ("unreachable", ("vault_unreachable",))


def test_a_person_who_is_late_is_called_before_the_replica_that_is_down() -> None:
    run = a_person_is_overdue_and_a_replica_is_down()
    assert "Create a token that lives for 30 Days in the Token Manager of the DCD" in run.duties[0]
    assert run.msg is not None
    assert "Only a person can create the next token of app" in run.msg
    assert "app/replica cannot be reached" in run.msg
    assert run.alert is not None
    assert (run.alert.state, run.alert.deadline is None) == ("handoff_ending", False)
    assert any("Token Manager" in step for step in run.alert.steps)


@pytest.mark.parametrize(
    "situation",
    [
        the_api_refuses_the_deletion_of_an_absent_token,
        the_deletion_of_an_absent_token_is_still_open_later,
        the_deletion_of_an_absent_token_is_still_open_in_check_mode,
    ],
)
def test_nobody_is_asked_to_create_a_token_that_is_declared_absent(situation: Callable[[], Said]) -> None:
    run = situation()
    assert run.alert is not None
    [left] = run.token["delete_in_dcd"]
    for text in (run.console, run.tasks[0]["summary"], run.alert.message):
        assert f"Delete the token {left['id']} in the Token Manager of the DCD" in text
        assert "Create a token" not in text
    assert run.alert.state == "handoff"
    assert any(left["id"] in step for step in run.alert.steps)
    assert not any("Generate Token" in step for step in run.alert.steps)


@pytest.mark.parametrize(
    "situation",
    [
        an_absent_token_whose_replica_is_down,
        an_absent_token_whose_replica_stays_down,
        an_absent_token_whose_replica_holds_an_unmanaged_one,
    ],
)
def test_a_token_that_was_deleted_is_not_said_to_work(situation: Callable[[], Said]) -> None:
    assert situation().token["life"] == "It is declared absent."


@pytest.mark.parametrize(
    "situation", [item[0] for item in SITUATIONS if "absent_token" in item[0].__name__], ids=lambda item: item.__name__
)
def test_no_rule_on_metrics_takes_a_token_that_is_declared_absent_for_one_that_ended(
    situation: Callable[[], Said],
) -> None:
    metrics = situation().metrics
    assert not re.search(r"^ionos_token_working\{.*\} 0$", metrics, re.MULTILINE)
    for metric in ("expiry", "renewal", "handoff_failure"):
        assert f"ionos_token_{metric}_timestamp_seconds{{" not in metrics


def test_a_token_that_has_expired_says_so_although_a_replica_is_down_too() -> None:
    run = the_token_has_expired_and_a_replica_is_down()
    assert run.line.startswith("app: NO WORKING TOKEN. It is expired;")
    assert (run.token["level"], run.tasks[0]["level"]) == ("critical", "critical")
    assert 'ionos_token_working{account="default",token="app"} 0' in run.metrics
    assert run.alert is not None
    assert "It is expired;" in run.alert.message


def test_what_is_left_of_a_token_that_was_deleted_is_said() -> None:
    life = an_absent_token_whose_replica_is_down_in_a_later_check().token["life"]
    assert life == "It is declared absent; the next run empties its vaults."


def test_check_mode_says_what_would_be_done_beside_what_is_the_case() -> None:
    revoked = the_token_is_revoked_in_check_mode()
    assert revoked.line.startswith("app: NO WORKING TOKEN (would be rotated: it is ")
    assert "the next run tries to make a new one" in revoked.line
    due = a_rotation_that_is_only_predicted()
    assert due.line.startswith("app: due, 5 days left (would be rotated: it is in its renewal window).")
    absent = an_absent_token_that_check_mode_would_delete()
    assert absent.line.startswith("app: working, 29 days left (would be deleted).")
    assert "the next run deletes it" in absent.line


def test_an_offer_that_would_be_taken_is_not_shown_as_the_current_token() -> None:
    situation = Situation().made_by_a_person().days(24)
    held = situation.world.held(RECORD)
    run = situation.run(check_mode=True, offers={"app": situation.offer(INBOX, "60d")})
    assert run.token["current"]["id"] == held
    assert "would be adopted" in run.line


def test_an_unmanaged_token_is_named_on_the_console_too() -> None:
    run = an_unmanaged_token_in_a_replica()
    assert re.search(
        r"app/replica holds the token [0-9a-f-]{36}, which no record knows; offer it, or remove it", run.console
    )


def test_an_outage_with_time_left_wakes_nobody() -> None:
    run = the_api_does_not_answer()
    assert run.duties == [
        "  The API does not answer, so the token stays in use; the next run asks again: "
        "api.example.com reports a failure of its own (HTTP status 503)."
    ]
    assert run.msg is None
    assert run.alert is not None
    assert run.alert.state == "ok"
    assert 'ionos_token_working{account="default",token="app"} 1' in run.metrics


def test_an_outage_close_to_the_end_of_a_token_fails_the_run() -> None:
    run = the_api_does_not_answer_and_little_time_is_left()
    assert run.msg is not None
    assert run.alert is not None
    assert run.alert.state == "failed"


@pytest.mark.parametrize("asked", ["offers", "absent"])
def test_an_outage_fails_a_run_that_was_asked_for_a_change(asked: str) -> None:
    situation = Situation().made_by_a_person()
    offers = {"app": situation.offer(INBOX, "60d")} if asked == "offers" else {}
    run = situation.api_is_down().run(ABSENT if asked == "absent" else TOKEN, offers=offers)
    assert run.msg is not None
    assert run.line.startswith("app: FAILED")


def test_a_vault_of_record_that_is_down_is_shown_as_unreachable_and_told_once() -> None:
    run = the_vault_of_record_is_down()
    assert [place["state"] for place in run.token["places"]] == ["unreachable", "unknown"]
    assert run.msg is not None
    assert run.msg.count("app/record cannot be reached") == 1
    assert "ionos_token_working{" not in run.metrics


def test_of_a_token_that_another_run_is_at_work_on_the_webhook_says_nothing() -> None:
    run = another_run_is_at_work()
    assert run.statuses == dict.fromkeys(("console", "page", "json", "metrics"), "busy")
    assert run.alert is None
    assert "(busy until 2026-03-25T12:10:00Z: another run (host-a))" in run.line
    assert "if that was cancelled or killed, the first run after its lease takes over" in run.line


def test_a_job_of_awx_that_is_at_work_is_named_as_people_know_it() -> None:
    run = another_run_is_at_work(Job(36, "awx.example.com"))
    assert "(busy until 2026-03-25T12:10:00Z: job 36 of awx.example.com)" in run.line
