# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""In which state the result of a run puts each declared token, and what of that is to be told."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import ConfigurationError, VaultUnavailable
from ansible_collections.tokenops.ionos.plugins.plugin_utils._notify.alerts import (
    STATES,
    Alert,
    Event,
    Memory,
    State,
    alerts,
    mark_delivered,
    observe,
    pending,
)
from emulator.users import User
from support import report_entries
from support.jwts import ionos_jwt
from support.report_entries import current, handoff, place, token
from support.rotation_world import RotationWorld, declared

NOW = 1_772_366_400
SOURCE = "localhost"
TOKEN_ID = "0b6ae2b7-4d1a-4c63-bf0e-5a5f8a1d2c3e"
REPLICATED = declared(replicas=[{"path": "app/replica"}])


@pytest.fixture
def world() -> RotationWorld:
    return RotationWorld()


@pytest.fixture
def protected(world: RotationWorld) -> User:
    """A user with two-factor authentication whose declared token a person has made, for 30 days."""
    user = world.emulator.add_user("ann@example.com", "correct horse", two_factor="enabled", role="owner")
    _token, value = world.emulator.dcd.signed_in(user).create_token("30d")
    world.store.put_token("app/record", value)
    world.run([REPLICATED])
    return user


def found(world: RotationWorld, token: dict[str, Any] = REPLICATED, **run: Any) -> Alert | None:
    """Return how the one declared token stands after a run; None where nothing can be said."""
    results = [outcome.as_result() for outcome in world.run([token], **run)]
    now = int(world.emulator.clock.timestamp())
    of_tokens = [alert for alert in alerts(results, None, now) if alert.token is not None]
    return of_tokens[0] if of_tokens else None


def fail_writing(world: RotationWorld, path: str) -> None:
    def refuse(operation: str, where: str) -> None:
        if (operation, where) == ("write", path):
            raise VaultUnavailable("vault_unreachable", rejected=True, where=path)

    world.store.before = refuse


# The state of a token


def test_a_token_that_was_rotated_and_one_that_was_kept_are_in_order(world: RotationWorld) -> None:
    _user, _token, value = world.bootstrap()
    assert (
        found(world, issuer=value)
        == found(world)
        == Alert(account="default", token="app", state="ok", status="working")
    )


def test_a_handoff_says_what_to_do_until_when(world: RotationWorld, protected: User) -> None:
    world.emulator.clock.advance(days=24)
    alert = found(world)
    assert alert is not None
    assert (alert.state, alert.deadline) == ("handoff", 1_774_958_400)
    assert "until 31 Mar 2026, 12:00 UTC; only a person can make the next one." in alert.message
    assert any("Token Manager" in step for step in alert.steps)


def test_a_handoff_that_is_red_nears_its_end(world: RotationWorld, protected: User) -> None:
    world.emulator.clock.advance(days=28, hours=1)
    alert = found(world)
    assert alert is not None
    assert (alert.state, alert.error_codes) == ("handoff_ending", ("handoff_overdue",))


def test_a_handoff_without_a_working_token_has_no_deadline(world: RotationWorld, protected: User) -> None:
    world.emulator.clock.advance(days=31)
    alert = found(world, account={"two_factor": "enabled"})
    assert alert is not None
    assert (alert.state, alert.deadline) == ("handoff_ending", None)
    assert "It is expired; only a person can make the next one." in alert.message


def test_a_person_who_has_to_delete_the_last_token_is_a_handoff(world: RotationWorld, protected: User) -> None:
    alert = found(world, {**REPLICATED, "state": "absent"})
    assert alert is not None
    assert alert.state == "handoff"
    assert f"Delete the token {world.held('app/record')} in the Token Manager of the DCD" in alert.message


def test_a_replica_that_cannot_be_written_is_out_of_sync(world: RotationWorld) -> None:
    _user, _token, value = world.bootstrap()
    fail_writing(world, "app/replica")
    alert = found(world, issuer=value)
    assert alert is not None
    assert (alert.state, alert.error_codes) == ("out_of_sync", ("vault_unreachable",))
    assert alert.message.startswith("app/replica does not hold the current token. app/replica cannot be reached")


def test_a_replica_with_a_token_of_somebody_else_is_out_of_sync(world: RotationWorld) -> None:
    user, _token, value = world.bootstrap()
    world.run([REPLICATED], value)
    stranger, stranger_value = world.emulator.mint(user)
    world.store.put_token("app/replica", stranger_value)
    alert = found(world)
    assert alert is not None
    assert alert.state == "out_of_sync"
    assert f"app/replica holds the token {stranger.id}" in alert.message


def test_a_replica_that_check_mode_would_write_is_no_reason_to_call_anybody(world: RotationWorld) -> None:
    _user, _token, value = world.bootstrap()
    world.run([declared()], value)
    alert = found(world, check_mode=True)
    assert alert is not None
    assert alert.state == "ok"


def test_a_vault_of_record_that_cannot_be_written_is_a_failure(world: RotationWorld) -> None:
    _user, _token, value = world.bootstrap()
    fail_writing(world, "app/record")
    alert = found(world, issuer=value)
    assert alert is not None
    assert alert.state == "failed"


def test_a_failure_beside_a_replica_out_of_sync_is_a_failure(world: RotationWorld) -> None:
    user, _token, value = world.bootstrap()
    world.run([REPLICATED], value)
    world.emulator.clock.advance(days=24)
    world.store.entries.pop("app/replica")
    fail_writing(world, "app/replica")
    while len(world.token_ids(user)) < 100:
        world.emulator.mint(user)
    alert = found(world)
    assert alert is not None
    assert (alert.state, alert.error_codes) == ("failed", ("quota_reached", "vault_unreachable"))


def test_an_account_without_a_credential_is_a_failure_with_its_remedy(world: RotationWorld) -> None:
    alert = found(world)
    assert alert is not None
    assert (alert.state, alert.error_codes) == ("failed", ("issuer_missing",))
    assert "Give the account a token" in alert.message


def test_of_a_token_that_another_run_is_at_work_on_nothing_is_said() -> None:
    assert alerts([entry("busy")], None, NOW) == [RUN_IN_ORDER]


def test_a_run_that_failed_before_it_looked_at_any_token_is_a_failure_of_the_run() -> None:
    why = "The task lacks the option tokens."
    assert alerts([], why, NOW) == [Alert(account=None, token=None, state="failed", message=why, lines=(why,))]


def test_what_looks_like_a_token_is_masked_wherever_it_stands() -> None:
    value = ionos_jwt(TOKEN_ID)
    leaking = {
        **entry("handoff", name=f"app {value}"),
        "handoff": {"why": value, "steps": [f"Copy {value}"]},
        "unknown": value,
    }
    failing = {**entry("failed", name="other"), "message": f"It failed with {value}.", "error_codes": ["mint_refused"]}
    assert value.split(".")[1] not in str(alerts([leaking, failing], f"The run failed with {value}", NOW))


@pytest.mark.parametrize(
    "tokens",
    [[{}], [{"name": "app", "failed": "maybe"}], [{"name": "app", "vaults": {}}], [{"name": "app", "handoff": [1]}]],
)
def test_what_vaulted_tokens_never_returned_is_refused(tokens: list[dict[str, Any]]) -> None:
    with pytest.raises(ConfigurationError, match="is not what vaulted_tokens returns"):
        alerts(tokens, None, NOW)


def test_a_name_that_comes_twice_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="two entries with the name app"):
        alerts([entry("kept"), entry("failed")], None, NOW)


# What is told

RUN_IN_ORDER = Alert(account=None, token=None, state="ok")
NAMES = ("app", "dns")


def entry(action: str, name: str = "app") -> dict[str, Any]:
    return {"name": name, "account": "default", "action": action, "failed": action == "failed"}


def alerts_of(states: dict[str, State | None]) -> list[Alert]:
    """Return how tokens stand by name; None for one that another run is at work on."""
    return [Alert(account="shop", token=name, state=state) for name, state in states.items() if state is not None]


class Receiver:
    """Runs one after the other, and what the webhook accepts."""

    def __init__(self) -> None:
        self.memory: Memory = {}
        self.told: list[Event] = []
        self.now = 1_772_366_400

    def run(self, states: dict[str, State | None], *, accepts: bool = True) -> Sequence[Event]:
        self.now += 86400
        found = alerts_of(states)
        self.memory = observe(self.memory, SOURCE, found, self.now)
        events = pending(self.memory, SOURCE, found)
        if accepts:
            self.memory = mark_delivered(self.memory, events)
            self.told += events
        return events

    def states_told(self, name: str) -> list[State]:
        return [event.alert.state for event in self.told if event.alert.token == name]


runs = st.lists(
    st.tuples(
        st.fixed_dictionaries({name: st.one_of(st.none(), st.sampled_from(STATES)) for name in NAMES}), st.booleans()
    ),
    max_size=30,
)


@given(runs)
def test_every_state_is_told_once_whenever_the_webhook_accepts(
    sequence: list[tuple[dict[str, State | None], bool]],
) -> None:
    receiver = Receiver()
    for states, accepts in sequence:
        receiver.run(states, accepts=accepts)
        for name, state in states.items():
            told = receiver.states_told(name)
            if accepts and state is not None:
                assert (told[-1] if told else "ok") == state
            assert all(one != other for one, other in pairwise(["ok", *told]))


@given(runs)
def test_an_event_names_the_state_that_was_told_before_it(
    sequence: list[tuple[dict[str, State | None], bool]],
) -> None:
    receiver = Receiver()
    for states, accepts in sequence:
        receiver.run(states, accepts=accepts)
    for name in NAMES:
        told = [event for event in receiver.told if event.alert.token == name]
        assert [event.previous_state for event in told] == ["ok", *receiver.states_told(name)][: len(told)]


@given(runs)
def test_once_everything_is_in_order_and_told_nothing_is_remembered(
    sequence: list[tuple[dict[str, State | None], bool]],
) -> None:
    receiver = Receiver()
    for states, accepts in sequence:
        receiver.run(states, accepts=accepts)
    receiver.run(dict.fromkeys(NAMES, "ok"))
    assert receiver.memory == {}
    assert receiver.run(dict.fromkeys(NAMES, "ok")) == []


def test_a_state_that_nobody_heard_of_is_told_in_the_next_run_as_the_same_event() -> None:
    receiver = Receiver()
    [missed] = receiver.run({"app": "failed"}, accepts=False)
    [told] = receiver.run({"app": "failed"})
    assert (told.id, told.since) == (missed.id, missed.since)


def test_a_state_that_came_and_went_unheard_is_not_told() -> None:
    receiver = Receiver()
    receiver.run({"app": "failed"}, accepts=False)
    assert receiver.run({"app": "ok"}) == []
    assert receiver.memory == {}


def test_a_state_that_begins_again_is_another_event() -> None:
    receiver = Receiver()
    [first] = receiver.run({"app": "failed"})
    receiver.run({"app": "ok"})
    [second] = receiver.run({"app": "failed"})
    assert first.id != second.id


def test_while_another_run_is_at_work_a_state_goes_on_unheard() -> None:
    receiver = Receiver()
    receiver.run({"app": "failed"})
    assert receiver.run({"app": None}) == []
    assert receiver.run({"app": "failed"}) == []
    [over] = receiver.run({"app": "ok"})
    assert (over.alert.state, over.previous_state) == ("ok", "failed")


def test_a_token_that_a_run_does_not_declare_stays_as_it_was() -> None:
    receiver = Receiver()
    receiver.run({"app": "failed"})
    assert receiver.run({"dns": "ok"}) == []
    assert receiver.run({"app": "failed"}) == []


def test_sources_do_not_mix() -> None:
    found = alerts_of({"app": "failed"})
    memory = mark_delivered(observe({}, "shop", found, 1), pending(observe({}, "shop", found, 1), "shop", found))
    memory = observe(memory, "bank", alerts_of({"app": "ok"}), 2)
    assert pending(memory, "bank", alerts_of({"app": "ok"})) == []


def test_of_one_level_what_ends_first_is_told_first() -> None:
    entries = [
        {**handoff("late", token=current(24)), "failed": False},
        token("replica", token=current(29), vaults=[place(), place("files", "replica", in_sync=False)]),
        handoff("soon", token=current(27)),
        token("refused", failed=True, works=False, message="It is refused.", error_codes=["token_refused"]),
    ]
    found = alerts(entries, None, report_entries.NOW)
    told = pending(observe({}, SOURCE, found, 1), SOURCE, found)
    assert [event.alert.token for event in told] == ["refused", "replica", "soon", "late"]


def test_the_most_urgent_comes_first() -> None:
    states: dict[str, State | None] = {"a": "out_of_sync", "b": "handoff", "c": "failed", "d": "handoff_ending"}
    assert [event.alert.token for event in Receiver().run(states)] == ["c", "d", "b", "a"]
