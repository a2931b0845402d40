# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""G1 to G5 and G8 as invariants of a world in which everything happens: runs, failures, people, other tools, time."""

from __future__ import annotations

import os
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from ansible_collections.tokenops.ionos.plugins.plugin_utils._rotation.outcome import Outcome
from emulator.tokens import IssuedToken
from support.failure_points import API_FAILURES, DEATHS, WRITE_FAILURES, Killed, Saboteur
from support.rotation_world import RotationWorld, declared

TOKENS = {
    "app": declared("app", replicas=[{"path": "app/replica"}]),
    "dns": declared("dns", replicas=[{"path": "dns/replica"}], overlap="12h"),
}
HOSTS = st.sampled_from(["host-a", "host-b"])
NAMES = st.sampled_from(sorted(TOKENS))
FAILURES = st.sampled_from([*API_FAILURES, *WRITE_FAILURES, *DEATHS])
QUOTA = 100
EXAMPLES = int(os.environ.get("TOKENOPS_STATE_MACHINE_EXAMPLES", "15"))
STEPS = 30


class RotatorMachine(RuleBasedStateMachine):
    """One user with two declared tokens, two hosts that rotate them, other tools, people in the DCD, and trouble."""

    @initialize()
    def begin(self) -> None:
        self.world = RotationWorld()
        self.user, seed, self.issuer = self.world.bootstrap()
        self.foreign = {seed.id}
        self.taken = set(TOKENS)
        """Declared tokens that the world has taken away, or that there has never been one of."""
        self.messages: list[str] = []

    # What the rotators do

    @rule(host=HOSTS)
    def run(self, host: str) -> None:
        self._run(host)

    @rule(host=HOSTS, number=st.integers(0, 40), failure=FAILURES)
    def run_with_a_failure(self, host: str, number: int, failure: str) -> None:
        saboteur = Saboteur(self.world, fail_at=number, failure=failure, watch=self._watch)
        self._run(host, saboteur)
        self.world.emulator.faults.clear()

    @rule(number=st.integers(0, 40), minutes=st.sampled_from([0, 1, 11, 60]))
    def two_runs_meet(self, number: int, minutes: int) -> None:
        def second() -> None:
            self.world.emulator.clock.advance(minutes=minutes)
            self._run("host-b")

        self._run("host-a", Saboteur(self.world, interlude_at=number, interlude=second, watch=self._watch))

    @rule()
    def the_dead_are_known(self) -> None:
        """Nothing but a note: whoever was killed counts as dead on its own host at once."""
        assert self.world.dead_owners is not None

    # What time does

    @rule(minutes=st.integers(1, 50))
    def minutes_pass(self, minutes: int) -> None:
        self.world.emulator.clock.advance(minutes=minutes)
        self.world.store.carry_out_postponed()
        self._note_expiries()

    @rule(days=st.integers(1, 12))
    def days_pass(self, days: int) -> None:
        self.world.emulator.clock.advance(days=days)
        self.world.store.carry_out_postponed()
        self._note_expiries()

    # What other people and tools do

    @rule(ttl=st.sampled_from([3600, 86400, 30 * 86400, 30 * 86400 - 4321, 365 * 86400]))
    @precondition(lambda self: len(self.foreign) < 20)
    def another_tool_mints(self, ttl: int) -> None:
        token, _value = self.world.emulator.mint(self.user, ttl=ttl)
        self.foreign.add(token.id)

    @rule(name=NAMES)
    def somebody_revokes_the_current_token(self, name: str) -> None:
        held = self.world.held(f"{name}/record")
        if held is not None and held not in self.foreign and held in self.world.token_ids(self.user):
            self.world.emulator.revoke(held)
            self.taken.add(name)

    @rule(name=NAMES)
    def somebody_empties_a_replica(self, name: str) -> None:
        self.world.store.entries.pop(f"{name}/replica", None)

    @rule(name=NAMES)
    def a_person_offers_a_token(self, name: str) -> None:
        if len(self.world.token_ids(self.user)) >= QUOTA:
            return
        token, value = self.world.emulator.dcd.signed_in(self.user).create_token("365d")
        self.foreign.add(token.id)
        self._run("host-a", offers={name: value})

    # What must hold

    @invariant()
    def nothing_foreign_is_deleted(self) -> None:
        assert self.foreign <= self.world.token_ids(self.user)

    @invariant()
    def the_quota_is_kept(self) -> None:
        assert len(self.world.emulator.tokens(self.user)) <= QUOTA

    @invariant()
    def every_vault_of_record_holds_a_working_token(self) -> None:
        for name in TOKENS:
            assert name in self.taken or self.world.works(f"{name}/record"), name

    @invariant()
    def every_token_of_ours_is_accounted_for(self) -> None:
        for token in self._unknown_tokens():
            assert self._is_looked_for(token), f"{token.id} is an orphan that nobody looks for"

    @rule()
    def after_a_quiet_day_all_is_well(self) -> None:
        """Once every lease and suspicion is over, healthy runs lead to one current token each, and then to rest."""
        self.world.emulator.clock.advance(days=1, minutes=30)
        self.world.store.carry_out_postponed()
        self._note_expiries()
        self._run("host-a")
        self.world.emulator.clock.advance(days=1, minutes=30)
        self._run("host-a")
        self.world.emulator.clock.advance(minutes=1)
        self.world.emulator.journal.clear()
        self.world.store.calls.clear()
        outcomes = self._run("host-b")
        self._assert_at_rest(outcomes)

    def _assert_at_rest(self, outcomes: list[Outcome]) -> None:
        assert [outcome.message for outcome in outcomes if outcome.failed] == []
        assert [(outcome.action, outcome.changed) for outcome in outcomes] == [("kept", False)] * len(TOKENS)
        assert [entry.operation for entry in self.world.emulator.journal.entries()] == ["get"] * len(TOKENS)
        assert sorted(self.world.store.calls) == sorted(
            ("read", f"{name}/{place}") for name in TOKENS for place in ("record", "replica")
        )
        current = {self.world.held(f"{name}/record") for name in TOKENS}
        assert len(current) == len(TOKENS)
        assert all(self.world.held(f"{name}/record") == self.world.held(f"{name}/replica") for name in TOKENS)
        previous = {item.id for name in TOKENS for item in self.world.record(f"{name}/record").previous}
        assert self.world.token_ids(self.user) - previous - self.foreign == current - self.foreign

    def _run(self, host: str, saboteur: Saboteur | None = None, **arguments: Any) -> list[Outcome]:
        effects = saboteur.effects(host) if saboteur else self.world.effects(host)
        try:
            outcomes = self.world.run(list(TOKENS.values()), self.issuer, effects=effects, **arguments)
        except Killed:
            outcomes = []
        finally:
            if saboteur:
                saboteur.leave()
        for name in TOKENS:
            if self.world.works(f"{name}/record"):
                self.taken.discard(name)
        return outcomes

    def _watch(self, what: str) -> None:
        self.every_vault_of_record_holds_a_working_token()
        self.nothing_foreign_is_deleted()

    def _note_expiries(self) -> None:
        for name in TOKENS:
            if not self.world.works(f"{name}/record"):
                held = self.world.held(f"{name}/record")
                now = self.world.emulator.clock.now()
                expired = {token.id for token in self.world.emulator.tokens(self.user) if token.expired(now)}
                if held is None or held in expired or name in self.taken:
                    self.taken.add(name)

    def _unknown_tokens(self) -> list[IssuedToken]:
        known = set(self.foreign)
        for name in TOKENS:
            known |= self.world.record(f"{name}/record").known_ids
        return [token for token in self.world.emulator.tokens(self.user) if token.id not in known]

    def _is_looked_for(self, token: IssuedToken) -> bool:
        records = [self.world.record(f"{name}/record") for name in TOKENS]
        lifetimes = {unconfirmed.ttl for record in records for unconfirmed in record.unconfirmed}
        lifetimes |= {record.intent.ttl for record in records if record.intent and record.intent.ttl}
        return any(abs(token.ttl - lifetime) <= 2 for lifetime in lifetimes)


RotatorMachine.TestCase.settings = settings(
    max_examples=EXAMPLES,
    stateful_step_count=STEPS,
    deadline=timedelta(seconds=60),
    suppress_health_check=list(HealthCheck),
    derandomize=True,
)
TestRotatorMachine = RotatorMachine.TestCase
