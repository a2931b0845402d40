# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rotation: one pass for one declared token, from its record to the report of what was done.

The order of the steps is what keeps a working token in the vault of record at every moment: a new token is taken into
use before an old one is deleted, and nothing is deleted before every record of the run has been read (R4).
"""

from __future__ import annotations

from dataclasses import replace

from ansible_collections.tokenops.ionos.plugins.module_utils._auth_api.client import Probe
from ansible_collections.tokenops.ionos.plugins.module_utils._core.duration import format_duration
from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import (
    ApiError,
    ApiUnavailable,
    PolicyRefusal,
    TokenOpsError,
    VaultConflict,
    VaultError,
)
from ansible_collections.tokenops.ionos.plugins.module_utils._core.token import Token
from ansible_collections.tokenops.ionos.plugins.module_utils._minting.due import renewal_reason
from ansible_collections.tokenops.ionos.plugins.module_utils._minting.ttl_marker import LIFETIME_TOLERANCE_SECONDS
from ansible_collections.tokenops.ionos.plugins.plugin_utils._record import Current, Record
from ansible_collections.tokenops.ionos.plugins.plugin_utils._rotation.adopt import Adoption
from ansible_collections.tokenops.ionos.plugins.plugin_utils._rotation.context import TokenPass, standing
from ansible_collections.tokenops.ionos.plugins.plugin_utils._rotation.decommission import Decommission
from ansible_collections.tokenops.ionos.plugins.plugin_utils._rotation.handoff import Handoff, needs_person
from ansible_collections.tokenops.ionos.plugins.plugin_utils._rotation.recover import Recovery
from ansible_collections.tokenops.ionos.plugins.plugin_utils._rotation.renew import LostRace, Renewal
from ansible_collections.tokenops.ionos.plugins.plugin_utils._rotation.retire import Retirement

DEAD_REASONS = ("missing", "refused", "gone", "expired")


class Rotation:
    """One pass for one declared token, whose record has been read."""

    def __init__(self, token_pass: TokenPass) -> None:
        self._pass = token_pass
        self._recovery = Recovery(token_pass)
        self._adoption = Adoption(token_pass)
        self._retirement = Retirement(token_pass)
        self._inbox_emptied = False

    def rotate(self) -> None:
        """Bring the declared token to its declared state, as far as that can be had; the outcome tells all."""
        try:
            self._rotate()
        except LostRace:
            self._report_busy("another run took over while this one was at work; nothing of this one is left")
        except VaultConflict:
            self._report_busy("another run changed the record meanwhile")
        except TokenOpsError as error:
            self._pass.outcome.fail(error)
        self._release_fence()
        self._report_record()

    def _rotate(self) -> None:
        self._inherit_record()
        probe = self._observe()
        if probe is not None and probe.state == "unknown" and not self._has_run_out():
            raise self._unknown(probe)
        if not self._recover():
            return
        if self._pass.token.state == "absent":
            Decommission(self._pass).decommission()
            return
        reason = self._take_in(probe)
        if reason is not None and not self._renew(reason):
            return
        self._settle()

    def _inherit_record(self) -> None:
        """Take over the record of a replica that was the vault of record before: it knows what is still to retire."""
        reading = self._pass.keeper.reading
        if reading.record is not None:
            return
        name = self._pass.token.name
        for replica in self._pass.replicas.places:
            theirs = replica.read()
            if theirs is None or theirs.record is None or not (theirs.record.current or theirs.record.intent):
                continue
            record = theirs.record
            same = reading.token is None or record.current is None or reading.token.id == record.current.id
            if same and (record.current is None or self._pass.run.registry.claim(name, record.current.id)):
                self._pass.commit(record)
                return

    def _observe(self) -> Probe | None:
        """Ask the API about the token that the vault of record holds; None where it holds none."""
        held = self._pass.keeper.reading.token
        if held is None:
            self._ask_the_time()
            return None
        probe = self._pass.probe(held)
        if probe.state == "alive" and not self._holds_stranger():
            self._pass.live = held
        return probe

    def _ask_the_time(self) -> None:
        """Get an answer of any status before a lease is judged, since the API's clock decides (R8)."""
        if self._pass.record.intent is None or self._pass.run.clock.now() is not None:
            return
        for api in self._pass.deletion_apis():
            try:
                api.list_tokens()
            except (ApiError, PolicyRefusal):
                continue
            return

    def _holds_stranger(self) -> bool:
        """Tell whether the vault of record holds a token that its record does not know as current (R5)."""
        return self._pass.keeper.reading.token is not None and self._pass.record.token is None

    def _has_run_out(self) -> bool:
        """Tell whether the token has expired by what was known before, so that an outage protects nothing (R9)."""
        current = self._pass.record.current
        return current is not None and not self._holds_stranger() and current.expires_at <= self._pass.run.now()

    def _unknown(self, probe: Probe) -> ApiUnavailable:
        current = self._pass.record.current
        known = current is not None and not self._holds_stranger()
        left = format_duration(max(0, current.expires_at - self._pass.run.now())) if known and current else "unknown"
        why = probe.error.problem if probe.error else ""
        return ApiUnavailable("token_not_judged", name=self._pass.token.name, left=left, why=why)

    def _recover(self) -> bool:
        """Deal with what earlier runs left behind; False where another run is at work."""
        record = self._pass.record
        if record.intent is None and not record.suspects:
            return True
        if self._recovery.is_busy():
            self._report_busy(self._recovery.busy_reason())
            return False
        if self._pass.run.check_mode:
            return True
        if record.intent is not None and not self._recovery.fence():
            self._report_busy(self._recovery.busy_reason())
            return False
        self._recovery.search()
        return True

    def _take_in(self, probe: Probe | None) -> str | None:
        """Adopt a token that is there already, wherever it is; return why a new one is needed all the same."""
        held = self._pass.keeper.reading.token
        reason: str | None
        if held is not None and probe is not None and self._holds_stranger() and probe.state == "alive":
            reason = self._adopt(held, probe, must=True)
        else:
            reason = self._judge(held, probe)
        if reason in DEAD_REASONS:
            reason = self._take_from_replicas(reason)
        for source, offer in self._offers():
            reason = self._take_offer(source, offer, reason)
        return reason

    def _adopt(self, token: Token, probe: Probe, *, must: bool = False, better_than: int | None = None) -> str | None:
        """Make ``token`` current and return why it is due all the same.

        :param must: the token stands in the vault of record, so that an objection is an error: it is never overwritten.
        :raises ConfigurationError: the objection to it.
        """
        objection = self._adoption.objection(token, probe, better_than=better_than)
        if objection is not None or probe.entry is None:
            raise objection or AssertionError("a live token has an entry")
        was_current = self._pass.record.current
        restored = was_current is not None and was_current.id == token.id
        self._adoption.adopt(token, probe.entry)
        self._pass.outcome.action = "repaired" if restored else "adopted"
        self._pass.outcome.reason = "restored" if restored else ("found_in_vault" if must else "offered")
        return self._judge(token, probe)

    def _judge(self, token: Token | None, probe: Probe | None) -> str | None:
        """Return why ``token`` has to be replaced, or None."""
        account = self._pass.access.account
        record = self._pass.record
        known = None if token is None or probe is None else standing(token, probe)
        if known is not None and known.expires_at is None and record.current is not None:
            known = replace(known, created_at=record.current.created_at, expires_at=record.current.expires_at)
        reason = renewal_reason(
            known,
            now=self._pass.run.now(),
            renew_before=self._pass.token.renew_before,
            user_id=account.user_id or record.user_id,
            contract_number=account.contract_number or record.contract_number,
        )
        return reason or self._too_long_lived(probe)

    def _too_long_lived(self, probe: Probe | None) -> str | None:
        """Rotate or just report a token that lives longer than it is declared to (R17)."""
        entry = probe.entry if probe else None
        if entry is None or entry.lifetime <= self._pass.token.ttl + LIFETIME_TOLERANCE_SECONDS:
            return None
        if self._pass.token.enforce_ttl:
            return "longer_than_ttl"
        self._pass.outcome.reason = self._pass.outcome.reason or "longer_than_ttl"
        return None

    def _take_from_replicas(self, reason: str) -> str | None:
        """Before minting for a token that is gone, ask the replicas for one that works (R5)."""
        record = self._pass.record
        candidates = []
        if record.current is not None:
            kept = self._pass.replicas.holding(record.current.id)
            held = self._pass.keeper.reading.token
            if kept is not None and (held is None or held.fingerprint != kept.fingerprint):
                candidates.append(kept)
        candidates += [
            token for _place, token in self._pass.replicas.strangers(lambda token: token.id in record.known_ids)
        ]
        for token in candidates:
            probe = self._pass.probe(token)
            if self._adoption.objection(token, probe, better_than=None) is None:
                return self._adopt(token, probe)
        return reason

    def _offers(self) -> list[tuple[str, Token]]:
        """Return the tokens that a person has made for this declaration, and where each was found."""
        offers = [("offers", self._pass.token.offer)] if self._pass.token.offer else []
        inbox = self._pass.inbox
        reading = inbox.read() if inbox else None
        if inbox is not None and inbox.error is not None:
            self._pass.outcome.warn(f"The inbox could not be taken in. {inbox.error}")
        if inbox is not None and reading is not None and reading.token is not None:
            offers.append((inbox.outcome.place, reading.token))
        return offers

    def _take_offer(self, source: str, offer: Token, reason: str | None) -> str | None:
        current = self._pass.record.current
        if self._pass.live is not None and current is not None and offer.id == current.id:
            self._note_offer(source, offer, accepted=False, why="It is the current token already.")
            return reason
        probe = self._pass.probe(offer)
        better_than = current.expires_at if current is not None and self._pass.live is not None else None
        objection = self._adoption.objection(offer, probe, better_than=better_than)
        if objection is not None:
            self._note_offer(source, offer, accepted=False, why=str(objection))
            self._pass.outcome.warn(str(objection))
            return reason
        reason = self._adopt(offer, probe, better_than=better_than)
        self._note_offer(source, offer, accepted=True, why="")
        return reason

    def _note_offer(self, source: str, offer: Token, *, accepted: bool, why: str) -> None:
        if self._pass.outcome.offer is None or accepted:
            self._pass.outcome.offer = {"token_id": offer.id, "source": source, "accepted": accepted, "reason": why}

    def _empty_inbox(self) -> None:
        """Remove the token from the inbox once it is safe in every vault (R27)."""
        inbox = self._pass.inbox
        reading = inbox.reading if inbox else None
        current = self._pass.record.current
        if inbox is None or reading is None or reading.token is None or current is None:
            return
        if reading.token.id == current.id and not self._pass.run.check_mode:
            try:
                inbox.place.erase(reading.version)
                self._inbox_emptied = True
            except VaultError as error:
                self._pass.outcome.warn(f"The inbox could not be emptied; the next run tries again. {error}")

    def _renew(self, reason: str) -> bool:
        """Mint, or report what keeps from it; True where a working token is current afterwards."""
        outcome = self._pass.outcome
        check_mode = self._pass.run.check_mode
        error: TokenOpsError | None = None
        try:
            if check_mode:
                self._require_issuer()
            else:
                Renewal(self._pass).renew(reason)
        except VaultConflict:
            raise
        except TokenOpsError as refusal:
            error = refusal
        outcome.policy = self._pass.access.policy_of_minting()
        if error is None:
            outcome.action, outcome.reason = "rotated", reason
            if check_mode:
                self._predict_writes()
            return not check_mode
        if not needs_person(error, self._pass.access.two_factor):
            outcome.reason = reason
            outcome.fail(error)
            is_free = self._pass.record.intent is None and not isinstance(error, VaultError)
            return self._pass.live is not None and is_free
        Handoff(self._pass).open(reason, error)
        return self._pass.live is not None

    def _require_issuer(self) -> None:
        """Raise what would keep a run from minting, as far as it can be told without trying."""
        record = self._pass.record
        issuers = self._pass.access.issuers(self._pass.live, record.user_id, record.contract_number)
        issuers[0].require_allowed("mint")

    def _predict_writes(self) -> None:
        self._pass.outcome.changed = True
        self._pass.outcome.vaults[0].changed = True
        for replica in self._pass.replicas.places:
            replica.outcome.changed = True
            replica.outcome.in_sync = False

    def _settle(self) -> None:
        """Bring the replicas in line, and retire what nobody needs any more."""
        current = self._pass.record.current
        if current is None or current.token is None:
            return
        self._release_fence()
        self._replicate(current)
        if not self._pass.replicas.all_in_sync:
            return
        self._mark_synchronized()
        self._empty_inbox()
        self._retire()

    def _replicate(self, current: Current) -> None:
        check_mode = self._pass.run.check_mode
        errors = self._pass.replicas.synchronize(current, self._pass.record, self._pass.liveness, dry_run=check_mode)
        for error in errors:
            self._pass.outcome.fail(error)
        changed = [replica for replica in self._pass.replicas.places if replica.outcome.changed]
        if changed:
            self._pass.outcome.changed = True
        if changed and self._pass.outcome.action == "kept":
            self._pass.outcome.action = "repaired"
            self._pass.outcome.reason = "replica_differed"
        self._warn_of_foreign()

    def _warn_of_foreign(self) -> None:
        for replica in self._pass.replicas.places:
            if replica.outcome.foreign:
                self._pass.outcome.warn(
                    f"{replica.outcome.place} holds the token {replica.outcome.foreign}, which works or could not be "
                    "checked and which the record does not know. It was left there; offer it, or remove it."
                )

    def _mark_synchronized(self) -> None:
        record = self._pass.record
        just_now = any(replica.outcome.changed for replica in self._pass.replicas.places)
        if just_now or record.synced_at is None or record.state != "active":
            synced_at = self._pass.run.now() if just_now or record.synced_at is None else record.synced_at
            self._pass.commit(replace(record, synced_at=synced_at, state="active"))

    def _retire(self) -> None:
        outcome = self._pass.outcome
        self._retirement.retire()
        self._retirement.tidy()
        if outcome.retired:
            outcome.changed = True
        if outcome.retired and outcome.action == "kept":
            outcome.action = "retired"
            outcome.reason = "overlap_over"

    def _release_fence(self) -> None:
        """Let go of an intent that only kept others away during recovery."""
        record = self._pass.record
        if self._pass.run.check_mode or record.intent is None or record.intent.owner != self._pass.run.owner:
            return
        if record.intent.ttl is None:
            try:
                self._pass.commit(replace(record, intent=None))
            except VaultConflict:
                return
            except TokenOpsError as error:
                self._pass.outcome.fail(error)

    def _warn_of_clocks(self) -> None:
        warning = self._pass.run.clock_warning()
        if warning is not None:
            self._pass.outcome.warn(warning)

    def _report_busy(self, reason: str) -> None:
        # What was done before the other run came along stays what is reported.
        if self._pass.outcome.action == "kept":
            self._pass.outcome.action = "busy"
            self._pass.outcome.reason = reason

    def _report_record(self) -> None:
        outcome = self._pass.outcome
        self._warn_of_clocks()
        outcome.record = self._pass.record
        outcome.now = self._pass.run.now()
        of_record = outcome.vaults[0]
        of_record.in_sync = self._pass.record.token is not None
        if not self._pass.run.check_mode:
            of_record.changed = _lasting(outcome.before) != _lasting(outcome.record)
            outcome.changed = of_record.changed or self._has_changed_elsewhere()

    def _has_changed_elsewhere(self) -> bool:
        outcome = self._pass.outcome
        return bool(
            outcome.orphans_deleted
            or outcome.retired
            or self._inbox_emptied
            or any(vault.changed for vault in outcome.vaults[1:])
        )


def _lasting(record: Record | None) -> Record:
    """Return what of a record outlives a run: an intent that has come and gone is no change."""
    return replace(record, intent=None, write_id="") if record else Record()
