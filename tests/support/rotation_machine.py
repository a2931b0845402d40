# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every state machine of the rotation has in common: runs that fail, time that passes, and what must hold.

The elements of the world are in ``support.rotation_elements``; a machine is made of this and of the elements that it
is to have.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from ansible_collections.tokenops.ionos.plugins.module_utils._core.duration import parse_duration
from ansible_collections.tokenops.ionos.plugins.plugin_utils._record.model import Previous, Record
from ansible_collections.tokenops.ionos.plugins.plugin_utils._rotation.outcome import Outcome
from emulator.tokens import IssuedToken
from support.failure_points import DEATHS, Point, Saboteur
from support.rotation_world import RotationWorld, declared

QUOTA = 100
RUNS_BEFORE_REST = 5
LIKE_OURS = 30 * 86400 - 4321
"""A lifetime such as the tokens have that are minted for a month."""
Trouble = tuple[str, int, str]
"""How the effect that fails begins, how many of that kind are let pass, and how it fails."""
HOSTS = st.sampled_from(["host-a", "host-b"])
LATEST = timedelta(minutes=5)
"""Until then, everything is done that was to be done late."""
PAUSES = st.sampled_from([0, 0, 1, 11, 60, 13 * 60, 25 * 60, 16 * 1440, 24 * 1440])
"""The minutes that pass before a run: none, a lease, an overlap, the time in which a token comes to be due."""
TARGETS = {
    "api GET generate": 2,
    "api GET tokens": 8,
    "api GET token": 10,
    "api DELETE": 3,
    "vault read": 6,
    "vault write": 6,
    "vault erase": 2,
}
"""The effects that may fail, by how they begin, and how many of each there may be in a run."""
TROUBLES = st.one_of(
    [
        st.tuples(st.just(target), st.integers(0, most), st.sampled_from(failures))
        for target, most in TARGETS.items()
        # Deaths by themselves, or hardly any run would be killed beside the many shapes that an answer may have.
        for failures in (DEATHS, Point(0, target).failures)
    ]
)
EFFECTS = st.one_of([st.tuples(st.just(target), st.integers(0, most)) for target, most in TARGETS.items()])


@dataclass
class Ambush(Saboteur):
    """Finds the effect to fail at, or to stand still before, by what it is.

    :ivar target: what the effect begins with.
    :ivar skipped: how many of that kind are let pass.
    """

    target: str = ""
    skipped: int = 0
    stands_still: bool = False

    def begin(self, what: str) -> bool:
        """Count an effect, and fail or stand still if this is the one."""
        if self.target and what.startswith(self.target):
            if self.skipped == 0:
                self.target = ""
                self._spring()
            self.skipped -= 1
        return super().begin(what)

    def _spring(self) -> None:
        if self.stands_still:
            self.interlude_at = len(self.points)
        else:
            self.fail_at = len(self.points)


class RotationMachine(RuleBasedStateMachine):
    """One user, two hosts that rotate the declared tokens, other tools, and trouble.

    :cvar TOKENS: what is declared, by name; each has a record at ``NAME/record`` and a replica at ``NAME/replica``.
    :cvar reached: how often each situation came about, over all examples.
    """

    TOKENS: ClassVar[dict[str, dict[str, Any]]] = {
        "app": declared("app", replicas=[{"path": "app/replica"}]),
        "dns": declared("dns", replicas=[{"path": "dns/replica"}], overlap="12h"),
    }
    MUST_REACH: ClassVar[frozenset[str]] = frozenset()
    reached: ClassVar[Counter[str]]

    def __init_subclass__(cls, **arguments: Any) -> None:
        super().__init_subclass__(**arguments)
        cls.reached = Counter()

    @initialize(heals=st.booleans())
    def begin(self, heals: bool) -> None:
        self.heals_in_the_end = heals
        self.world = RotationWorld()
        self.user, seed, value = self.world.bootstrap()
        self.issuer: str | None = value
        self.issuer_id = seed.id
        self.names = sorted(self.TOKENS)
        self.foreign = {seed.id}
        """Tokens that this collection has not minted; what the world itself has deleted is none any more."""
        self.absent: set[str] = set()
        """The declared tokens that are declared absent at the moment."""
        self.surrendered: set[str] = set()
        """Foreign tokens in the record of what was declared absent: they were given to be deleted."""
        self.revoked: set[str] = set()
        """Tokens that the world has deleted."""
        self.unserved = set(self.names)
        """Declared tokens whose vault of record is without a working one by the world's doing."""
        self.arguments: dict[str, Any] = {}
        self.has_purged = False
        self.runs_since_rest = 0
        self.broken: list[AssertionError] = []
        """What did not hold while a run was at work."""
        self.arrange()

    def arrange(self) -> None:
        """Prepare what an element needs."""

    def reach(self, situation: str) -> None:
        """Count that a situation has come about."""
        type(self).reached[situation] += 1

    # What the rotators do

    @rule(host=HOSTS, pause=PAUSES)
    def run(self, host: str, pause: int) -> None:
        self.advance(minutes=pause)
        self.rotate(host)

    @rule(host=HOSTS, pause=PAUSES, trouble=TROUBLES)
    def run_with_a_failure(self, host: str, pause: int, trouble: Trouble) -> None:
        self.advance(minutes=pause)
        self.rotate(host, self.ambush(trouble))

    @rule(pause=PAUSES, effect=EFFECTS, minutes=st.sampled_from([0, 1, 11, 60]))
    def two_runs_meet(self, pause: int, effect: tuple[str, int], minutes: int) -> None:
        self.advance(minutes=pause)

        def second() -> None:
            self.advance(minutes=minutes)
            self.rotate("host-b")
            self.reach("two runs met")

        def guarded_second() -> None:
            self._keep_broken(second)

        target, skipped = effect
        self.rotate(
            "host-a",
            Ambush(
                self.world,
                interlude=guarded_second,
                watch=self._watch,
                target=target,
                skipped=skipped,
                stands_still=True,
            ),
        )

    # What time and others do

    @rule(minutes=st.integers(1, 50), days=st.sampled_from([0, 0, 1, 12]))
    def time_passes(self, minutes: int, days: int) -> None:
        self.advance(minutes=minutes, days=days)

    @rule(ttl=st.sampled_from([600, 3600, 86400, 30 * 86400, LIKE_OURS, 365 * 86400]))
    @precondition(lambda self: len(self.foreign) < 20)
    def another_tool_mints(self, ttl: int) -> None:
        # Three that look like ours are enough to be taken for lost ones (R19).
        if ttl == LIKE_OURS and sum(1 for token_id in self.foreign if self.token(token_id).ttl == ttl) > 1:
            return
        token, _value = self.world.emulator.mint(self.user, ttl=ttl)
        self.foreign.add(token.id)

    def advance(self, **parts: float) -> None:
        """Let time pass; what was to be done a few minutes later is done then, however long it is."""
        whole = timedelta(**parts)
        first = min(whole, LATEST)
        for part in (first, whole - first):
            self.world.emulator.clock.advance(seconds=part.total_seconds())
            self.world.store.carry_out_postponed()

    # What must hold

    @invariant()
    def nothing_foreign_is_deleted(self) -> None:
        for token_id in self.foreign - self.surrendered:
            token = self.token(token_id)
            may_be_purged = self.has_purged and token.expired(self.world.emulator.clock.now())
            assert not token.revoked or may_be_purged, f"{token_id} was deleted"

    @invariant()
    def the_quota_is_kept(self) -> None:
        assert len(self.world.emulator.tokens(self.user)) <= QUOTA

    @invariant()
    def no_vault_of_record_is_left_with_a_dead_token(self) -> None:
        for name in self.names:
            held = self.world.held(f"{name}/record")
            if held is not None and self.is_alive(held):
                self.unserved -= {name} - self.absent
            elif held is not None and (held in self.revoked or self.token(held).expired(self.now)):
                self.unserved.add(name)
            assert name in self.unserved or (held is not None and self.is_alive(held)), f"{name} holds {held}"

    @invariant()
    def every_token_of_ours_is_accounted_for(self) -> None:
        for token in self.unknown_tokens():
            assert self.is_looked_for(token), f"{token.id} is an orphan that nobody looks for"

    # The end of the day

    @rule(heals=st.booleans())
    @precondition(lambda self: self.runs_since_rest >= RUNS_BEFORE_REST)
    def a_quiet_day_comes(self, heals: bool) -> None:
        self.after_a_quiet_day_all_is_well(heals)

    def after_a_quiet_day_all_is_well(self, heals: bool) -> None:
        """Once every lease and suspicion is over, healthy runs lead to one current token each, and then to rest."""
        self.grow_quiet(heals)
        self.advance(days=1, minutes=30)
        self.before_the_quiet_runs()
        self.rotate("host-a")
        self.advance(days=1, minutes=30)
        self.rotate("host-a")
        self.advance(minutes=2)
        self.rotate("host-a")
        self.advance(seconds=1)
        self.world.emulator.journal.clear()
        self.world.store.calls.clear()
        outcomes = dict(zip(self.names, self.rotate("host-b"), strict=True))
        self.assert_at_rest(outcomes)
        self.runs_since_rest = 0
        self.reach("rest")

    def teardown(self) -> None:
        """Let each example end with a quiet day, unless it has failed."""
        if sys.exc_info()[0] is None and hasattr(self, "broken"):
            self.after_a_quiet_day_all_is_well(self.heals_in_the_end)

    def grow_quiet(self, heals: bool) -> None:
        """Let what an element does to the world end; ``heals`` False leaves what may last."""

    def before_the_quiet_runs(self) -> None:
        """Check or arrange what an element needs for runs to be able to come to rest."""

    def assert_at_rest(self, outcomes: dict[str, Outcome]) -> None:
        for name, outcome in outcomes.items():
            if not self.can(f"{name}/record"):
                assert outcome.failed
            elif name in self.absent:
                self._assert_gone(name, outcome)
            else:
                self._assert_well(name, outcome)
        assert self.unknown_tokens() == []
        if not self.world.store.outages:
            self.assert_cheap()

    def _assert_well(self, name: str, outcome: Outcome) -> None:
        assert outcome.message is None or self.expected_codes(name) == [error.code for error in outcome.errors]
        assert (outcome.action, outcome.changed) == ("failed" if outcome.errors else "kept", False)
        assert outcome.errors or self.world.works(f"{name}/record")
        record = self.world.record(f"{name}/record")
        assert record.intent is None
        assert record.unconfirmed == ()
        self._assert_replica(name, outcome)
        if not outcome.errors and all(self.can(f"{other}/record", "read") for other in self.names):
            assert [item.id for item in record.previous if not self._may_stay(name, item)] == []

    def _assert_replica(self, name: str, outcome: Outcome) -> None:
        path = f"{name}/replica"
        [replica] = outcome.vaults[1:]
        if not self.can(path, "read"):
            assert (replica.in_sync, replica.changed, outcome.failed) == (None, False, True)
            self.reach("rest with a replica that is down")
        elif self.holds_what_is_not_ours(name):
            assert (replica.in_sync, replica.foreign) == (False, self.world.held(path))
            self.reach("rest with a foreign token in a replica")
        elif not self.can(path) and not replica.in_sync:
            assert outcome.failed
        elif not outcome.errors:
            assert replica.in_sync
            assert self.world.held(path) == self.world.held(f"{name}/record")

    def _assert_gone(self, name: str, outcome: Outcome) -> None:
        ours = self.world.record(f"{name}/record").known_ids - self.held_by_others(name)
        assert [token_id for token_id in ours if self.exists(token_id)] == []
        if not self.can(f"{name}/replica"):
            return
        assert (outcome.action, outcome.changed, outcome.message) == ("kept", False, None)
        assert self.world.store.entry(f"{name}/record").is_empty
        assert self.world.store.entry(f"{name}/replica").is_empty or self.holds_what_is_not_ours(name)
        self.reach("rest of what is absent")

    def assert_cheap(self) -> None:
        """G5: one request a token that is there, one a token in a replica that may not be overwritten; only reads.

        A list is asked for as long as a person has to delete something in the DCD (R14).
        """
        expected = sum(1 for name in self.names if name not in self.absent)
        expected += sum(1 for name in self.names if self.holds_what_is_not_ours(name))
        handed = [name for name in self.names if self.world.record(f"{name}/record").delete_in_dcd]
        operations = sorted(str(entry.operation) for entry in self.world.emulator.journal.entries())
        assert operations == ["get"] * expected + ["list"] * len(handed)
        assert sorted(self.world.store.calls) == sorted(
            ("read", f"{name}/{place}") for name in self.names for place in ("record", "replica")
        )

    def _may_stay(self, name: str, item: Previous) -> bool:
        """Tell whether a previous token may still be there at rest (R35)."""
        now = self.world.emulator.clock.timestamp()
        if item.expires_at is not None and item.expires_at <= now:
            return False
        if item.origin == "adopted" or item.id in self.held_by_others(name):
            return True
        path = f"{name}/replica"
        in_sync = self.can(path, "read") and self.world.held(path) == self.world.held(f"{name}/record")
        overlap = parse_duration(self.TOKENS[name]["overlap"], "overlap")
        return not in_sync or (item.synced_at is not None and now < item.synced_at + overlap)

    def expected_codes(self, name: str) -> list[str]:
        """Return the codes of the errors that a declared token has even at rest."""
        return []

    # What there is

    @property
    def now(self) -> Any:
        return self.world.emulator.clock.now()

    def token(self, token_id: str) -> IssuedToken:
        """Return a token, deleted or not."""
        token = self.world.emulator.state.tokens.get(token_id)
        assert token is not None
        return token

    def exists(self, token_id: str) -> bool:
        return not self.token(token_id).revoked

    def is_alive(self, token_id: str) -> bool:
        return self.exists(token_id) and not self.token(token_id).expired(self.now)

    def can(self, path: str, *operations: str) -> bool:
        """Tell whether operations of a place, or all of them, can be done at the moment."""
        down = self.world.store.outages.get(path, frozenset())
        return down.isdisjoint(operations) if operations else not down

    def is_hindered(self, name: str) -> bool:
        """Tell whether the world keeps a run from doing what it has to do for a declared token."""
        lags = any(
            value for key, value in self.world.emulator.settings.dump().items() if key.endswith("_delay_seconds")
        )
        return lags or not all(self.can(f"{name}/{place}") for place in ("record", "replica"))

    def held_by_others(self, name: str) -> set[str | None]:
        """Return the ids of which another declaration or the account makes use."""
        places = {self.world.held(f"{other}/record") for other in self.names if other != name}
        currents = {self._current_id(other) for other in self.names if other != name}
        return {self.issuer_id, *places, *currents}

    def _current_id(self, name: str) -> str | None:
        current = self.world.record(f"{name}/record").current
        return current.id if current else None

    def holds_what_is_not_ours(self, name: str) -> bool:
        """Tell whether a replica holds a working token that the record does not know (R5)."""
        held = self.world.held(f"{name}/replica")
        known = self.world.record(f"{name}/record").known_ids
        return held is not None and held not in known and self.is_alive(held)

    def revoke(self, token_id: str) -> None:
        """Delete a token as somebody who may do so, behind everybody's back."""
        self.world.emulator.revoke(token_id)
        self.revoked.add(token_id)
        self.foreign.discard(token_id)
        self.no_vault_of_record_is_left_with_a_dead_token()

    def records(self) -> Iterator[Record]:
        for name in self.names:
            yield self.world.record(f"{name}/record")

    def unknown_tokens(self) -> list[IssuedToken]:
        """Return the tokens of ours that no record names."""
        known = self.foreign.union(*(record.known_ids for record in self.records()))
        return [token for token in self.world.emulator.tokens(self.user) if token.id not in known]

    def is_looked_for(self, token: IssuedToken) -> bool:
        """Tell whether a token looks like one of an attempt that a record remembers."""
        attempts = [(item.ttl, item.started_at) for record in self.records() for item in record.unconfirmed]
        attempts += [
            (record.intent.ttl, record.intent.started_at)
            for record in self.records()
            if record.intent and record.intent.ttl
        ]
        return any(
            abs(token.ttl - ttl) <= 2 and token.created.timestamp() >= started_at - 60 for ttl, started_at in attempts
        )

    # How a run is made

    def ambush(self, trouble: Trouble | None) -> Ambush | None:
        """Return what makes a run fail, if it has to."""
        if trouble is None:
            return None
        target, skipped, failure = trouble
        return Ambush(self.world, failure=failure, watch=self._watch, target=target, skipped=skipped)

    def rotate(self, host: str, saboteur: Saboteur | None = None, **arguments: Any) -> list[Outcome]:
        """Run once on a host, note what came about, and return the outcomes."""
        self.runs_since_rest += 1
        effects = saboteur.effects(host) if saboteur else self.world.effects(host)
        tokens = [{**self.TOKENS[name], "state": "absent" if name in self.absent else "present"} for name in self.names]
        for name in self.absent:
            self.surrendered |= self.world.record(f"{name}/record").known_ids
        self.unserved |= self.absent
        self.has_purged = self.has_purged or bool({**self.arguments, **arguments}.get("purge_expired"))
        before = {name: self.world.record(f"{name}/record") for name in self.names}
        in_replicas = self._alive_in_replicas()
        try:
            outcomes = self.world.run(tokens, self.issuer, effects=effects, **{**self.arguments, **arguments})
        finally:
            if saboteur:
                saboteur.leave()
                self.world.emulator.faults.clear()
        self._raise_broken()
        if saboteur and saboteur.fail_at is not None:
            self.reach(f"failed: {saboteur.failure} at {saboteur.points[saboteur.fail_at].what}")
        if not (saboteur and saboteur.killed):
            self._note_outcomes(outcomes, before)
            self._assert_retired_in_sync(outcomes, before)
            errors = [error for outcome in outcomes for error in outcome.errors]
            assert [str(error) for error in errors if error.code == "internal_error"] == []
        if saboteur is None:
            self._assert_truthful(outcomes)
        self.no_vault_of_record_is_left_with_a_dead_token()
        self._assert_replicas_kept(in_replicas, before)
        return outcomes

    def _alive_in_replicas(self) -> dict[str, str]:
        held = {name: self.world.held(f"{name}/replica") for name in self.names if name not in self.absent}
        return {name: token_id for name, token_id in held.items() if token_id is not None and self.is_alive(token_id)}

    def _assert_replicas_kept(self, alive: dict[str, str], before: dict[str, Record]) -> None:
        """Nothing was deleted that a replica still holds (R10), nothing overwritten that nobody knows (R5)."""
        for name, token_id in alive.items():
            held = self.world.held(f"{name}/replica")
            if token_id in before[name].known_ids and held == token_id and not self.is_shared(token_id):
                was_deleted = not self.exists(token_id) and token_id not in self.revoked
                assert not was_deleted or self.token(token_id).expired(self.now), f"{name}/replica holds {token_id}"
            if self.is_alive(token_id) and token_id not in self.world.record(f"{name}/record").known_ids:
                assert held == token_id or token_id in before[name].known_ids, f"{token_id} was overwritten"

    def is_shared(self, token_id: str) -> bool:
        """Tell whether more than one record names a token."""
        return sum(1 for record in self.records() if token_id in record.known_ids) > 1

    def _assert_truthful(self, outcomes: list[Outcome]) -> None:
        """Of an undisturbed run, what is said to be well is well."""
        for name, outcome in zip(self.names, outcomes, strict=True):
            is_well = not outcome.failed and not outcome.waits
            if name not in self.absent and is_well and outcome.action not in ("busy", "handoff"):
                assert self.world.works(f"{name}/record"), f"{name} was {outcome.action}"

    def _assert_retired_in_sync(self, outcomes: list[Outcome], before: dict[str, Record]) -> None:
        """While a token is retired that is still alive, no replica holds anything older than what is current (R10)."""
        for name, outcome in zip(self.names, outcomes, strict=True):
            alive = [token_id for token_id in outcome.retired if not self.token(token_id).expired(self.now)]
            earlier = before[name].current
            if alive and name not in self.absent:
                in_sync = {self._current_id(name), earlier.id if earlier else None}
                assert self.world.held(f"{name}/replica") in in_sync, f"{alive} were retired out of sync"

    def _note_outcomes(self, outcomes: list[Outcome], before: dict[str, Record]) -> None:
        for name, outcome in zip(self.names, outcomes, strict=True):
            self.reach(f"action {outcome.action}")
            for error in outcome.errors:
                self.reach(f"error {error.code}")
            record = self.world.record(f"{name}/record")
            situations = {
                "a previous token was retired": name not in self.absent and outcome.retired,
                "an expired token was retired": any(self.token(item).expired(self.now) for item in outcome.retired),
                "a decommissioning was finished": name in self.absent and before[name].current and not record.current,
                "an orphan was deleted": outcome.orphans_deleted,
                "a suspect was kept": record.unconfirmed,
                "a suspect was forgotten": before[name].unconfirmed and not record.unconfirmed,
                "a previous token was held back": any("live on until" in warning for warning in outcome.warnings),
                "several tokens matched": any("More than one token" in warning for warning in outcome.warnings),
                "an intent was taken over": before[name].intent and outcome.action != "busy",
            }
            for situation, came_about in situations.items():
                if came_about:
                    self.reach(situation)

    def _watch(self, what: str) -> None:
        self._keep_broken(self.no_vault_of_record_is_left_with_a_dead_token)
        self._keep_broken(self.nothing_foreign_is_deleted)

    def _keep_broken(self, check: Callable[[], None]) -> None:
        """Check something while a run is at work, which would take what is raised for trouble of its own."""
        try:
            check()
        except AssertionError as error:
            self.broken.append(error)

    def _raise_broken(self) -> None:
        if self.broken:
            raise self.broken[0]
