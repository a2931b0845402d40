# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What may happen in the world of a rotation, element by element: each adds rules to a machine that inherits it.

An element that changes what rest is says so in the hooks of ``RotationMachine``.
"""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from ansible_collections.tokenops.ionos.plugins.plugin_utils._rotation.outcome import Outcome
from support.failure_points import WRITE_FAILURES
from support.rotation_machine import HOSTS, PAUSES, QUOTA, TROUBLES, RotationMachine, Trouble

DAY = 86400
NAMES = st.sampled_from(["app", "dns"])
LAGS = tuple(f"{operation}_delay_seconds" for operation in ("appearance", "list", "get", "delete", "use"))
SHORT_LAG = 5
READ, WRITE = frozenset({"read"}), frozenset({"write", "erase"})


class People(RotationMachine):
    """People delete what is in use, and empty places."""

    @rule(name=NAMES)
    def somebody_revokes_the_current_token(self, name: str) -> None:
        held = self.world.held(f"{name}/record")
        if held is not None and held != self.issuer_id and self.exists(held):
            self.revoke(held)

    @rule(name=NAMES)
    def somebody_empties_a_replica(self, name: str) -> None:
        self.world.store.entries.pop(f"{name}/replica", None)


class Offers(RotationMachine):
    """People offer tokens that they have made in the DCD."""

    @rule(name=NAMES, lifetime=st.sampled_from(["30d", "90d", "365d"]), trouble=st.none() | TROUBLES)
    def a_person_offers_a_token(self, name: str, lifetime: str, trouble: Trouble | None) -> None:
        if len(self.world.token_ids(self.user)) >= QUOTA:
            return
        token, value = self.world.emulator.dcd.signed_in(self.user).create_token(lifetime)
        self.foreign.add(token.id)
        self.rotate("host-a", self.ambush(trouble), offers={name: value})


class Outages(RotationMachine):
    """Vaults that stay down, or refuse to be written, for as long as nobody heals them."""

    @rule(
        name=NAMES, place=st.sampled_from(["replica", "replica", "record"]), down=st.sampled_from([READ, WRITE, None])
    )
    def a_vault_goes_down(self, name: str, place: str, down: frozenset[str] | None) -> None:
        self.world.store.outages[f"{name}/{place}"] = down or READ | WRITE

    @rule(name=NAMES, place=st.sampled_from(["replica", "record"]))
    @precondition(lambda self: self.world.store.outages)
    def a_vault_heals(self, name: str, place: str) -> None:
        self.world.store.outages.pop(f"{name}/{place}", None)

    def grow_quiet(self, heals: bool) -> None:
        super().grow_quiet(heals)
        outages = self.world.store.outages
        self.healed = {path for path in outages if heals or path.endswith("/record")}
        for path in self.healed:
            del outages[path]

    def assert_at_rest(self, outcomes: dict[str, Outcome]) -> None:
        super().assert_at_rest(outcomes)
        for path in self.healed:
            self.reach(f"rest after an outage of a {path.partition('/')[2]}")


class StrangeReplicas(RotationMachine):
    """Somebody writes a token in a replica that does not belong there."""

    @rule(name=NAMES, what=st.sampled_from(["working", "dead", "another user's", "sibling's", "previous"]))
    @precondition(lambda self: len(self.foreign) < 20)
    def somebody_writes_in_a_replica(self, name: str, what: str) -> None:
        value = self._value(name, what)
        if value is not None:
            self.world.store.put_token(f"{name}/replica", value)
            self.reach(f"written in a replica: {what}")

    def _value(self, name: str, what: str) -> str | None:
        if what == "sibling's":
            sibling = self.world.record("dns/record" if name == "app" else "app/record").token
            return str(sibling.value) if sibling else None
        if what == "previous":
            previous = [item.token for item in self.world.record(f"{name}/record").previous if item.token]
            return str(previous[-1].value) if previous else None
        if what == "another user's":
            users = self.world.emulator.state.users
            user = users.named("bob@example.com") or self.world.emulator.add_user("bob@example.com", "other horse")
            return self.world.emulator.mint(user)[1]
        token, value = self.world.emulator.mint(self.user, ttl=90 * DAY)
        self.foreign.add(token.id)
        if what == "dead":
            self.revoke(token.id)
        return value


class Purging(RotationMachine):
    """Runs that delete everything expired, with or without success."""

    @rule(host=HOSTS, pause=PAUSES, trouble=st.none() | TROUBLES)
    def run_with_a_purge(self, host: str, pause: int, trouble: Trouble | None) -> None:
        self.advance(minutes=pause)
        existed = {token.id for token in self.world.emulator.tokens() if token.expired(self.now)}
        self.rotate(host, self.ambush(trouble), purge_expired=True)
        if existed - {token.id for token in self.world.emulator.tokens()}:
            self.reach("expired tokens were purged")

    @rule(pause=st.sampled_from([1, 5, 11, 60]), status=st.sampled_from([403, 404, 500]))
    def run_with_a_purge_that_is_refused(self, pause: int, status: int) -> None:
        self.advance(minutes=pause)
        self.world.emulator.faults.add("status", "delete_by_criteria", status=status, count=None)
        outcomes = self.rotate("host-a", purge_expired=True)
        self.world.emulator.faults.clear()
        assert "failed" not in {outcome.action for outcome in outcomes if not self.is_hindered(outcome.name)}
        if any("Expired tokens were not deleted" in text for outcome in outcomes for text in outcome.warnings):
            self.reach("a purge was refused")


class Decommissioning(RotationMachine):
    """What is declared goes absent, and comes back."""

    @rule(name=NAMES)
    def is_declared_absent(self, name: str) -> None:
        self.absent.add(name)
        self.unserved.add(name)

    @rule(
        name=NAMES,
        skipped=st.integers(0, 1),
        failure=st.sampled_from(["is done long after the time-out", "is killed after", "drops after doing it"]),
        lag=st.sampled_from([0, 5, 40]),
    )
    def goes_absent_right_after_a_mint_that_failed(self, name: str, skipped: int, failure: str, lag: int) -> None:
        self.world.emulator.settings.update({"list_delay_seconds": lag, "delete_delay_seconds": lag})
        self.advance(days=24)
        self.rotate("host-a", self.ambush(("api GET generate", skipped, failure)))
        if self.world.record(f"{name}/record").unconfirmed:
            self.reach("declared absent while a suspect was open")
        self.is_declared_absent(name)
        self.advance(seconds=1)
        self.rotate("host-a")
        self.world.emulator.settings.update({"list_delay_seconds": 0, "delete_delay_seconds": 0})

    @rule(name=NAMES)
    @precondition(lambda self: self.absent)
    def is_declared_present(self, name: str) -> None:
        if name in self.absent:
            self.absent.remove(name)
            self.reach("declared present again")


class Sharing(RotationMachine):
    """Two declarations come to hold the same token: a record is copied, a token is copied, or is offered."""

    def arrange(self) -> None:
        super().arrange()
        self.lost: set[str] = set()
        """Tokens of ours that only an overwritten record knew: they are nobody's now."""
        self.lost_attempts: list[tuple[int, int]] = []

    @rule(source=NAMES, whole=st.booleans())
    def somebody_copies_a_vault(self, source: str, whole: bool) -> None:
        target = "dns" if source == "app" else "app"
        token = self.world.record(f"{source}/record").token
        if token is None:
            return
        store = self.world.store
        if whole:
            self._note_what_is_lost(target)
            store.entries[f"{target}/record"] = store.entry(f"{source}/record")
        else:
            store.put_token(f"{target}/record", str(token.value))
        self._take_back_what_is_known()
        self.no_vault_of_record_is_left_with_a_dead_token()
        self.reach("a vault was copied" if whole else "a token was copied")

    @rule(source=NAMES, trouble=st.none() | TROUBLES)
    def somebody_offers_the_token_of_the_other(self, source: str, trouble: Trouble | None) -> None:
        target = "dns" if source == "app" else "app"
        token = self.world.record(f"{source}/record").token
        if token is None:
            return
        self.rotate("host-a", self.ambush(trouble), offers={target: str(token.value)})

    @rule(name=NAMES, skipped=st.integers(0, 3), failure=st.sampled_from(WRITE_FAILURES), host=HOSTS, pause=PAUSES)
    def run_with_a_write_that_fails(self, name: str, skipped: int, failure: str, host: str, pause: int) -> None:
        self.advance(minutes=pause)
        self.rotate(host, self.ambush((f"vault write {name}/record", skipped, failure)))

    @rule(name=NAMES, skipped=st.integers(0, 1), failure=st.sampled_from(WRITE_FAILURES), pause=PAUSES)
    @precondition(lambda self: len(self.foreign) < 20)
    def an_offer_is_taken_with_a_write_that_fails(self, name: str, skipped: int, failure: str, pause: int) -> None:
        self.advance(minutes=pause)
        token, value = self.world.emulator.mint(self.user, ttl=60 * DAY)
        self.foreign.add(token.id)
        outcomes = self.rotate(
            "host-a", self.ambush((f"vault write {name}/record", skipped, failure)), offers={name: value}
        )
        failed = {outcome.name for outcome in outcomes if outcome.errors}
        if name in failed and self.is_shared(self._current_id(name) or ""):
            self.reach("the adoption of a sharer failed")

    @rule(source=NAMES, pause=st.sampled_from([0, 60, 13 * 60, 25 * 60]), skipped=st.integers(0, 1))
    def one_moves_on_and_the_other_fails_to_adopt(self, source: str, pause: int, skipped: int) -> None:
        """One sharer has let go of the shared token, so that only what the other still claims keeps it."""
        self.rotate("host-a")
        self.somebody_copies_a_vault(source, whole=True)
        self.advance(days=16)
        self.rotate("host-a")
        self.an_offer_is_taken_with_a_write_that_fails("app", skipped, "has no space left", pause)

    def _note_what_is_lost(self, name: str) -> None:
        """Remember what only the overwritten record knew: nobody may be expected to look for it any more (R19)."""
        record = self.world.record(f"{name}/record")
        lost = {token_id for token_id in record.known_ids if self.exists(token_id)} - self.foreign
        self.lost |= lost
        self.foreign |= lost
        self.lost_attempts += [(item.ttl, item.started_at) for item in record.unconfirmed]
        if record.intent and record.intent.ttl:
            self.lost_attempts.append((record.intent.ttl, record.intent.started_at))

    def _take_back_what_is_known(self) -> None:
        """Let what a record says to have been minted be ours again."""
        minted = set()
        for record in self.records():
            current = (record.current,) if record.current else ()
            minted |= {item.id for item in (*current, *record.previous) if item.origin == "minted"}
        found = self.lost & minted
        self.lost -= found
        self.foreign -= found

    def unknown_tokens(self) -> list[Any]:
        return [
            token
            for token in super().unknown_tokens()
            if not any(abs(token.ttl - ttl) <= 2 for ttl, _started_at in self.lost_attempts)
        ]

    def assert_cheap(self) -> None:
        if not any(self.expected_codes(name) for name in self.names):
            super().assert_cheap()

    def expected_codes(self, name: str) -> list[str]:
        held = self.world.held(f"{name}/record")
        current = self.world.record(f"{name}/record").current
        shares = held in self.held_by_others(name) and (current is None or current.id != held)
        return ["offer_held_elsewhere"] if shares else super().expected_codes(name)


class Lags(RotationMachine):
    """What answers the API's operations lags behind, each operation by itself, now more and now less."""

    @rule(lag=st.sampled_from(LAGS), seconds=st.sampled_from([0, 3, SHORT_LAG, 20, 40, 90]))
    def the_api_lags(self, lag: str, seconds: int) -> None:
        self.world.emulator.settings.update({lag: seconds})

    @rule(seconds=st.sampled_from([SHORT_LAG, 20, 40, 90]))
    def everything_lags(self, seconds: int) -> None:
        self.world.emulator.settings.update(dict.fromkeys(LAGS, seconds))

    @rule(lag=st.sampled_from(LAGS), seconds=st.sampled_from([SHORT_LAG, 20, 40, 90]), host=HOSTS, pause=PAUSES)
    def the_api_lags_during_a_run(self, lag: str, seconds: int, host: str, pause: int) -> None:
        self.advance(minutes=pause)
        self.world.emulator.settings.update({lag: seconds})
        self.rotate(host)
        self.world.emulator.settings.update({lag: 0})

    def grow_quiet(self, heals: bool) -> None:
        super().grow_quiet(heals)
        settings = self.world.emulator.settings.dump()
        shortened = {lag: min(value, SHORT_LAG) for lag, value in settings.items() if lag.endswith("_delay_seconds")}
        self.world.emulator.settings.update(shortened)


class Unaccompanied(RotationMachine):
    """An account without a credential of its own: only what stands in the vaults can mint (R37)."""

    def arrange(self) -> None:
        super().arrange()
        self.credential = self.issuer
        self.rotate("host-a")
        self.issuer = None

    @rule(name=NAMES)
    def somebody_revokes_what_is_current(self, name: str) -> None:
        held = self.world.held(f"{name}/record")
        if held is not None and held != self.issuer_id and self.exists(held):
            self.revoke(held)
            if any(self.is_alive(item.id) for item in self.world.record(f"{name}/record").previous):
                self.reach("the current token was deleted while a previous one was alive")

    @rule(pause=PAUSES)
    def everything_current_is_revoked(self, pause: int) -> None:
        self.advance(minutes=pause)
        self.rotate("host-a")
        for name in self.names:
            self.somebody_revokes_what_is_current(name)

    @rule(name=NAMES)
    def the_account_gets_its_credential_for_a_run(self, name: str) -> None:
        self.issuer = self.credential
        self.rotate("host-b")
        self.issuer = None

    def before_the_quiet_runs(self) -> None:
        super().before_the_quiet_runs()
        is_served = all(self.world.works(f"{name}/record") for name in self.names)
        if is_served:
            return
        if self._can_be_rescued():
            self.reach("a living token rescued")
            return
        self.reach("nobody could mint")
        for name, outcome in zip(self.names, self.rotate("host-a"), strict=True):
            codes = [error.code for error in outcome.errors]
            assert self.world.works(f"{name}/record") or codes == ["issuer_missing"], codes
        self.the_account_gets_its_credential_for_a_run("app")

    def _can_be_rescued(self) -> bool:
        """Tell whether anything works that a declaration may use."""
        places = [f"{name}/{place}" for name in self.names for place in ("record", "replica")]
        held = {self.world.held(path) for path in places if self.can(path, "read")}
        previous = {item.id for record in self.records() for item in record.previous if item.token}
        return any(
            self.is_alive(token_id) and self.token(token_id).user_id == self.user.user_id
            for token_id in held | previous
            if token_id is not None
        )
