# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Accounts for which only a person may mint: from the first notice to the retired old token."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import ConfigurationError, VaultUnavailable
from ansible_collections.tokenops.ionos.plugins.plugin_utils._result.judge import judge
from emulator.users import User
from support.jwts import ionos_jwt
from support.rotation_world import RotationWorld, declared

PATH = "app/record"
INBOX = "app/inbox"
SECOND_CONTRACT = 31722222
TOKEN = declared(replicas=[{"path": "app/replica"}], inbox={"path": INBOX})


@pytest.fixture
def world() -> RotationWorld:
    return RotationWorld()


@pytest.fixture
def protected(world: RotationWorld) -> User:
    """A user with two-factor authentication whose declared token a person has made, for 30 days."""
    contracts = [31711111, SECOND_CONTRACT]
    user = world.emulator.add_user("ann@example.com", "correct horse", contracts, two_factor="enabled", role="owner")
    world.store.put_token(PATH, made_by_a_person(world, user))
    world.run([TOKEN])
    world.store.calls.clear()
    return user


def made_by_a_person(world: RotationWorld, user: User, lifetime: str = "30d", contract: int | None = None) -> str:
    _token, value = world.emulator.dcd.signed_in(user).create_token(lifetime, contract)
    return value


def test_while_nothing_is_due_nobody_is_asked(world: RotationWorld, protected: User) -> None:
    [outcome] = world.run([TOKEN], two_factor="enabled")
    assert (outcome.action, outcome.changed, outcome.handoff, outcome.warnings) == ("kept", False, None, [])
    assert judge(outcome.facts(), None, int(world.emulator.clock.timestamp())).life == (
        "It works until 31 Mar 2026, 12:00 UTC; a person has to make the next one, from 24 Mar 2026, 12:00 UTC on."
    )


def test_a_due_token_opens_a_handoff_that_is_green_at_first(world: RotationWorld, protected: User) -> None:
    world.emulator.clock.advance(days=24)
    [outcome] = world.run([TOKEN])
    assert (outcome.action, outcome.reason, outcome.failed) == ("handoff", "renew_before", False)
    assert outcome.handoff is not None
    told = outcome.as_result()["handoff"]
    assert told["deadline"] == "2026-03-31T12:00:00Z"
    assert told["fails_from"] == "2026-03-29T12:00:00Z"
    assert any("Token Manager" in step for step in told["steps"])
    assert any(INBOX in step for step in told["steps"])
    assert world.works(PATH)


def test_a_handoff_turns_red_when_too_little_is_left(world: RotationWorld, protected: User) -> None:
    world.emulator.clock.advance(days=28, hours=1)
    [outcome] = world.run([TOKEN])
    assert [error.code for error in outcome.errors] == ["handoff_overdue"]
    assert "1d23h" in str(outcome.message)


def test_a_handoff_for_a_token_that_somebody_has_deleted_is_red_at_once(world: RotationWorld, protected: User) -> None:
    world.emulator.revoke(str(world.held(PATH)))
    [outcome] = world.run([TOKEN], two_factor="enabled")
    assert (outcome.action, outcome.reason) == ("handoff", "refused")
    assert "no working token is left" in str(outcome.message)
    assert outcome.as_result()["handoff"]["deadline"] is None


def test_an_offer_need_not_outlive_a_token_that_does_not_work_any_more(world: RotationWorld, protected: User) -> None:
    world.emulator.revoke(str(world.held(PATH)))
    offer = made_by_a_person(world, protected, "7d")
    [outcome] = world.run([TOKEN], offers={"app": offer})
    assert (outcome.action, outcome.failed, outcome.offer and outcome.offer["accepted"]) == ("adopted", False, True)


def test_the_current_token_offered_again_after_its_end_is_said_not_to_work(
    world: RotationWorld, protected: User
) -> None:
    current = str(world.store.reading(PATH).token.value)
    world.emulator.revoke(str(world.held(PATH)))
    [outcome] = world.run([TOKEN], offers={"app": current})
    assert outcome.offer is not None
    assert not outcome.offer["accepted"]
    assert "is the current token already" not in outcome.offer["reason"]


def test_nothing_is_ever_sent_to_mint_for_a_protected_account(world: RotationWorld, protected: User) -> None:
    world.emulator.clock.advance(days=24)
    world.run([TOKEN])
    assert world.emulator.journal.entries("generate") == []


@pytest.mark.parametrize("way", ["inbox", "offers"])
def test_an_offered_token_is_taken_in_and_written_to_every_vault(
    world: RotationWorld, protected: User, way: str
) -> None:
    world.emulator.clock.advance(days=24)
    old = world.held(PATH)
    arguments = _offered(world, way, made_by_a_person(world, protected))
    [outcome] = world.run([TOKEN], **arguments)
    assert (outcome.action, outcome.reason, outcome.message) == ("adopted", "offered", None)
    assert world.held(PATH) == world.held("app/replica") != old
    assert world.held(INBOX) is None
    assert world.works(PATH)


@pytest.mark.parametrize("way", ["inbox", "offers"])
def test_the_old_token_is_listed_until_a_person_has_deleted_it(world: RotationWorld, protected: User, way: str) -> None:
    world.emulator.clock.advance(days=24)
    old = str(world.held(PATH))
    token = {**TOKEN, "retire_adopted": True}
    world.run([token], **_offered(world, way, made_by_a_person(world, protected)))
    world.emulator.clock.advance(days=1, minutes=1)
    [listed] = world.run([token])
    assert [item["id"] for item in listed.as_result()["delete_in_dcd"]] == [old]
    world.emulator.dcd.signed_in(protected).delete_token(old)
    [gone] = world.run([token])
    assert gone.as_result()["delete_in_dcd"] == []
    [rest] = world.run([token])
    assert (rest.action, rest.changed) == ("kept", False)


def test_the_inbox_is_emptied_only_after_every_vault_holds_the_token(world: RotationWorld, protected: User) -> None:
    world.emulator.clock.advance(days=24)
    world.store.put_token(INBOX, made_by_a_person(world, protected))
    world.store.put_token("app/replica", made_by_a_person(world, protected))
    [outcome] = world.run([TOKEN])
    assert outcome.action == "adopted"
    assert world.held(INBOX) == world.held(PATH)


def test_a_run_that_ended_before_the_inbox_was_emptied_is_finished_by_the_next(
    world: RotationWorld, protected: User
) -> None:
    world.emulator.clock.advance(days=24)
    world.store.put_token(INBOX, made_by_a_person(world, protected))

    def die(operation: str, path: str) -> None:
        if operation == "erase":
            raise KeyboardInterrupt

    world.store.before = die
    world.run([TOKEN])
    world.store.before = lambda operation, path: None
    assert world.held(INBOX) == world.held(PATH)
    [outcome] = world.run([TOKEN])
    assert outcome.message is None
    assert world.held(INBOX) is None


def test_an_inbox_that_cannot_be_emptied_is_said_and_emptied_by_the_next_run(
    world: RotationWorld, protected: User
) -> None:
    world.emulator.clock.advance(days=24)
    world.store.put_token(INBOX, made_by_a_person(world, protected))
    world.break_vault("erase", INBOX, VaultUnavailable("vault_unreachable", where="a vault"))
    [outcome] = world.run([TOKEN])
    assert (outcome.action, outcome.failed) == ("adopted", False)
    [warning] = outcome.warnings
    assert warning.startswith("The inbox could not be emptied; the next run tries again. a vault ")
    world.mend_vault()
    [outcome] = world.run([TOKEN])
    assert (outcome.changed, outcome.warnings, world.held(INBOX)) == (True, [], None)


@pytest.mark.parametrize("way", ["inbox", "offers"])
@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ("expired", "offer_not_alive"),
        ("revoked", "offer_not_alive"),
        ("another user", "offer_of_another_user"),
        ("another contract", "offer_of_another_contract"),
        ("shorter-lived", "offer_not_longer_lived"),
        ("invented", "offer_not_alive"),
    ],
)
def test_a_wrong_offer_is_refused_with_its_reason_and_left_where_it_is(
    world: RotationWorld, protected: User, way: str, wrong: str, code: str
) -> None:
    value = _wrong_offer(world, protected, wrong)
    world.emulator.clock.advance(days=24)
    before = world.store.entry(PATH)
    [outcome] = world.run([TOKEN], **_offered(world, way, value))
    assert outcome.action == "handoff"
    assert [error.code for error in outcome.errors] == [code]
    assert outcome.offer is not None
    assert outcome.offer["accepted"] is False
    assert outcome.offer["reason"] == str(ConfigurationError(code, name="app", token_id=outcome.offer["token_id"]))
    assert world.store.entry(PATH) == before
    assert world.store.entry(INBOX).value == (value if way == "inbox" else None)


def test_the_current_token_is_no_offer(world: RotationWorld, protected: User) -> None:
    value = world.store.reading(PATH).token
    assert value is not None
    [outcome] = world.run([TOKEN], offers={"app": value.value})
    assert outcome.offer is not None
    assert (outcome.changed, outcome.offer["accepted"]) == (False, False)
    assert "already" in outcome.offer["reason"]


@pytest.mark.parametrize("garbage", ["a" * 32 + "." + "b" * 40, "hello", "eyJ.half"])
def test_what_is_no_token_in_the_inbox_is_said_and_left_there(
    world: RotationWorld, protected: User, garbage: str
) -> None:
    world.store.put_token(INBOX, garbage)
    [outcome] = world.run([TOKEN])
    assert (outcome.action, outcome.failed) == ("kept", True)
    assert INBOX in str(outcome.message)
    assert world.store.entry(INBOX).value == garbage


def test_an_inbox_that_is_down_fails_nobody(world: RotationWorld, protected: User) -> None:
    def down(operation: str, path: str) -> None:
        if path == INBOX:
            raise VaultUnavailable("vault_unreachable", where=path)

    world.store.before = down
    [outcome] = world.run([TOKEN])
    assert (outcome.action, outcome.failed) == ("kept", False)
    assert any(INBOX in warning for warning in outcome.warnings)


def test_a_rejected_offer_keeps_nothing_else_from_being_done(world: RotationWorld) -> None:
    _user, _seed, value = world.bootstrap()
    world.run([TOKEN], value)
    world.emulator.clock.advance(days=24)
    stranger = made_by_a_person(world, world.emulator.add_user("bob@example.com", "other horse"), "60d")
    [outcome] = world.run([TOKEN], value, offers={"app": stranger})
    assert (outcome.action, [error.code for error in outcome.errors]) == ("rotated", ["offer_of_another_user"])
    assert world.held(PATH) == world.held("app/replica")


def test_a_token_that_was_left_in_the_inbox_and_replaced_since_is_removed_from_there(world: RotationWorld) -> None:
    user, _seed, value = world.bootstrap()
    _token, offer = world.emulator.mint(user, ttl=30 * 86400)
    world.run([TOKEN], value, offers={"app": offer})
    world.emulator.clock.advance(days=24)
    world.store.put_token(INBOX, offer)
    [outcome] = world.run([TOKEN], value)
    assert (outcome.action, outcome.failed) == ("rotated", False)
    [later] = world.run([TOKEN], value)
    assert (later.failed, world.held(INBOX)) == (False, None)


def test_a_token_beside_the_name_of_the_inbox_is_said_where_it_is(world: RotationWorld, protected: User) -> None:
    world.emulator.clock.advance(days=24)
    world.store.put_token("app/inbx", made_by_a_person(world, protected))
    [outcome] = world.run([TOKEN])
    assert outcome.offer is not None
    assert outcome.offer["reason"] == "app/inbox holds none, but there is one under inbx: rename that."


def test_the_declared_places_beside_an_inbox_are_no_mistake(world: RotationWorld, protected: User) -> None:
    world.emulator.clock.advance(days=24)
    [outcome] = world.run([TOKEN])
    assert outcome.offer is None


def test_an_api_that_refuses_although_the_policy_allows_asks_a_person(world: RotationWorld) -> None:
    _user, _seed, value = world.bootstrap()
    world.run([TOKEN], value)
    world.emulator.clock.advance(days=24)
    world.emulator.faults.add("status", "generate", status=403, count=None)
    [outcome] = world.run([TOKEN])
    assert (outcome.action, outcome.failed) == ("handoff", False)
    assert outcome.handoff is not None
    assert "refuses to mint" in str(outcome.handoff.why)
    assert outcome.changed is False
    assert world.record(PATH).intent is None


def test_two_factor_that_is_turned_on_between_two_runs_asks_a_person_from_then_on(world: RotationWorld) -> None:
    user, _seed, value = world.bootstrap(role="owner")
    world.run([TOKEN], value, two_factor="auto")
    world.emulator.clock.advance(days=24)
    world.emulator.dcd.set_two_factor(user.name, "enabled")
    [outcome] = world.run([TOKEN], made_by_a_person(world, user))
    assert outcome.action == "handoff"
    assert outcome.policy is not None
    assert (outcome.policy["two_factor"], outcome.policy["allowed"]) == ("enabled", False)
    assert world.emulator.journal.entries("generate")[1:] == []


def test_two_factor_that_a_task_declares_is_believed_without_asking(world: RotationWorld) -> None:
    _user, _seed, value = world.bootstrap(role="owner")
    [outcome] = world.run([TOKEN], value, two_factor="enabled")
    assert (outcome.action, world.held(PATH)) == ("handoff", None)
    assert [entry.operation for entry in world.emulator.journal.entries()] == ["list"]


def test_check_mode_predicts_the_handoff(world: RotationWorld, protected: User) -> None:
    world.emulator.clock.advance(days=24)
    [outcome] = world.run([TOKEN], check_mode=True)
    assert (outcome.action, outcome.reason, outcome.failed) == ("handoff", "renew_before", False)
    assert outcome.changed is False


def test_two_factor_is_asked_for_once_an_account_and_run(world: RotationWorld) -> None:
    _user, _seed, value = world.bootstrap(role="owner")
    world.run([declared(f"app{number}") for number in range(4)], value, workers=4)
    assert len(world.emulator.journal.entries("get_user")) == 1


def test_an_account_without_any_token_and_with_two_factor_gets_a_handoff_that_is_red(world: RotationWorld) -> None:
    account = {"name": "shop", "two_factor": "forced"}
    [outcome] = world.run([declared(account="shop")], accounts=[account])
    assert outcome.action == "handoff"
    assert [error.code for error in outcome.errors] == ["handoff_overdue"]


def _offered(world: RotationWorld, way: str, value: str) -> dict[str, Any]:
    if way == "inbox":
        world.store.put_token(INBOX, value)
        return {}
    return {"offers": {"app": value}}


def _wrong_offer(world: RotationWorld, user: User, wrong: str) -> str:
    if wrong == "expired":
        return made_by_a_person(world, user, "1h")
    if wrong == "shorter-lived":
        return made_by_a_person(world, user, "30d")
    if wrong == "another contract":
        return made_by_a_person(world, user, "60d", SECOND_CONTRACT)
    if wrong == "another user":
        return made_by_a_person(world, world.emulator.add_user("bob@example.com", "other horse"), "60d")
    if wrong == "revoked":
        return _revoked(world, user)
    return ionos_jwt("11111111-2222-3333-4444-555555555555", user_id=user.user_id)


def _revoked(world: RotationWorld, user: User) -> str:
    token, value = world.emulator.dcd.signed_in(user).create_token("60d")
    world.emulator.revoke(token.id)
    return value
