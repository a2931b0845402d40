# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rotation: one pass for one declared token, from its record to the report of what was done.

The order of the steps is what keeps a working token in the vault of record at every moment: a new token is taken into
use before an old one is deleted, and nothing is deleted before every record of the run has been read (R4).
"""

from __future__ import annotations

from dataclasses import replace

from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import (
    ApiUnavailable,
    MintNotSent,
    TokenOpsError,
    VaultConflict,
    VaultError,
)
from ansible_collections.tokenops.ionos.plugins.module_utils._policy.rules import WITH_TWO_FACTOR
from ansible_collections.tokenops.ionos.plugins.plugin_utils._record.model import Current, Record
from ansible_collections.tokenops.ionos.plugins.plugin_utils._rotation.adopt import Adoption
from ansible_collections.tokenops.ionos.plugins.plugin_utils._rotation.context import RotationContext
from ansible_collections.tokenops.ionos.plugins.plugin_utils._rotation.decommission import Decommission
from ansible_collections.tokenops.ionos.plugins.plugin_utils._rotation.handoff import Handoff, needs_person
from ansible_collections.tokenops.ionos.plugins.plugin_utils._rotation.observe import Observation, TokenNotJudged
from ansible_collections.tokenops.ionos.plugins.plugin_utils._rotation.recover import Recovery
from ansible_collections.tokenops.ionos.plugins.plugin_utils._rotation.renew import LostRace, Renewal
from ansible_collections.tokenops.ionos.plugins.plugin_utils._rotation.retire import Retirement
from ansible_collections.tokenops.ionos.plugins.plugin_utils._rotation.take_in import Inbox, Intake


class Rotation:
    """One pass for one declared token, whose record has been read."""

    def __init__(self, context: RotationContext) -> None:
        declared, account, run = context.declared, context.account, context.run
        records, remote, outcome = context.records, context.remote, context.outcome
        self._declared = declared
        self._account = account
        self._run = run
        self._records = records
        self._remote = remote
        self._replicas = context.replicas
        self._outcome = outcome
        self._reports = context.reports
        self._inbox_place = context.inbox
        self._observation = Observation(declared, account, run, records, remote)
        self._recovery = Recovery(run, records, remote, outcome)
        self._adoption = Adoption(declared, account, run, records, remote)
        self._intake = Intake(
            declared,
            self._observation,
            self._adoption,
            records,
            remote,
            context.replicas,
            context.inbox,
            context.declared_places,
            run.registry,
            outcome,
        )
        self._renewal = Renewal(
            declared, account, run, context.vault, records, remote, self._intake.spare_tokens, outcome
        )
        self._handoff = Handoff(declared, run, records, remote, outcome)
        self._inbox = Inbox(context.inbox, records, outcome)
        self._retirement = Retirement(declared, run, records, remote, outcome)
        self._decommission = Decommission(declared.name, run, records, remote, context.replicas, outcome)

    def rotate(self) -> None:
        """Bring the declared token to its declared state as far as possible; what came of it is in the outcome."""
        try:
            self._take_steps()
        except LostRace:
            self._report_busy("another run took over while this one was at work; nothing of this one is left")
        except VaultConflict:
            self._report_busy("another run changed the record meanwhile")
        except TokenNotJudged as error:
            self._outcome.miss_answer(error, can_wait=self._can_wait())
        except TokenOpsError as error:
            self._outcome.fail(error)
        self._release_fence()
        self._report_record()

    def _take_steps(self) -> None:
        self._inherit_record()
        self._write_down_publications()
        probe = self._observation.observe()
        if not self._recover():
            return
        self._write_down_publications()
        if self._declared.state == "absent":
            self._outcome.works = self._remote.live is not None
            self._decommission.decommission()
            return
        if self._reports is not None:
            self._go_on()
            return
        reason = self._intake.take_in(probe) or self._asked_for()
        if reason is not None:
            self._make_room()
        if reason is not None and not self._renew(reason):
            return
        self._settle()

    def _write_down_publications(self) -> None:
        """Write down what the role has published, before anything else can fail.

        Not beside an intent: another run at work would lose its mint. The places are then published to again.
        """
        record = self._records.record
        if not self._reports or record.intent is not None:
            return
        noted = self._replicas.note(self._reports, record, self._run.clock.now())
        self._reports = ()
        if noted != record:
            self._records.commit(noted)

    def _go_on(self) -> None:
        """Finish what an earlier call has left until tokens are published."""
        if self._inbox_place is not None:
            self._inbox_place.read()
        self._settle()

    def _asked_for(self) -> str | None:
        """Return why a new token is needed although the current one is good: somebody asks for it."""
        offer = self._outcome.offer
        if not self._declared.renew_now or (offer is not None and offer["accepted"]):
            return None
        return "revoke" if self._declared.revoke else "renew_now"

    def _inherit_record(self) -> None:
        """Take over the record of a replica that was the vault of record before: it knows what is still to retire."""
        reading = self._records.reading
        if reading.record is not None:
            return
        for replica in self._replicas.places:
            theirs = replica.read()
            if theirs is None or theirs.record is None or not (theirs.record.current or theirs.record.intent):
                continue
            current = theirs.record.current
            same = reading.token is None or current is None or reading.token.id == current.id
            if same and (current is None or self._run.registry.claim(self._declared.name, current.id)):
                self._records.commit(theirs.record)
                if current is not None:
                    self._outcome.action = self._outcome.reason = "moved"
                return

    def _can_wait(self) -> bool:
        """Tell whether the next run is early enough to ask the API again: time is left, and no change was asked for."""
        current = None if self._records.holds_unmanaged_token else self._records.record.current
        has_time = current is not None and current.expires_at - self._run.clock.now() > self._declared.fail_before
        return has_time and self._declared.state == "present" and not self._intake.has_offer()

    def _recover(self) -> bool:
        """Deal with what earlier runs left behind; False if another run is at work."""
        record = self._records.record
        if record.intent is None and not record.unconfirmed:
            return True
        if self._recovery.is_busy():
            self._report_busy(self._recovery.busy_reason())
            return False
        if self._run.check_mode:
            return True
        if record.intent is not None and not self._recovery.fence():
            self._report_busy(self._recovery.busy_reason())
            return False
        self._recovery.search()
        return True

    def _make_room(self) -> None:
        """Retire what is due before a mint, which needs a slot and a lifetime (R35); what fails is met again later."""
        if self._run.check_mode or not self._retirement.due(in_sync=True):
            return
        current = self._records.record.current
        in_sync = (
            current is not None
            and self._remote.live is not None
            and self._replicas.hold(current, self._records.record, self._run.clock.now())
        )
        try:
            self._retirement.retire(in_sync=in_sync)
        except VaultConflict:
            raise
        except TokenOpsError:
            return

    def _renew(self, reason: str) -> bool:
        """Mint, or report why that is not possible; True if a working token is current afterwards."""
        error: TokenOpsError | None = None
        try:
            if self._run.check_mode:
                self._renewal.predict()
            else:
                self._renewal.renew(reason)
        except VaultConflict:
            raise
        except TokenOpsError as refusal:
            error = refusal
        self._outcome.policy = self._account.policy_of_minting()
        if error is not None:
            return self._report_not_renewed(reason, error)
        self._outcome.action, self._outcome.reason = "rotated", reason
        if self._run.check_mode:
            self._predict_writes()
        return not self._run.check_mode

    def _report_not_renewed(self, reason: str, error: TokenOpsError) -> bool:
        """Report a handoff or a failure; True if the rest of the pass can go on with the old token."""
        has_live = self._remote.live is not None
        if needs_person(error, self._account.two_factor):
            self._handoff.open(reason, error)
            return has_live
        self._outcome.reason = reason
        if has_live and isinstance(error, (ApiUnavailable, MintNotSent)):
            self._outcome.miss_answer(error, can_wait=self._can_wait())
        else:
            self._outcome.fail(error)
        return has_live and self._records.record.intent is None and not isinstance(error, VaultError)

    def _predict_writes(self) -> None:
        self._outcome.changed = True
        self._outcome.vaults[0].changed = True
        for replica in self._replicas.places:
            replica.outcome.changed = True
            replica.outcome.in_sync = False
            replica.outcome.to_publish = "publish" if replica.publishing else None

    def _settle(self) -> None:
        """Bring the replicas in line, and retire what nobody needs any more."""
        current = self._records.record.current
        if current is None or current.token is None:
            return
        self._release_fence()
        self._replicate(current)
        in_sync = self._replicas.all_in_sync
        self._forget_undeclared_places()
        if in_sync:
            self._mark_synchronized()
        if in_sync and not self._run.check_mode:
            self._inbox.empty()
        self._retire(in_sync=in_sync)

    def _replicate(self, current: Current) -> None:
        self._replicas.synchronize(
            current,
            self._records.record,
            self._remote.holds_dead,
            self._run.clock.now(),
            dry_run=self._run.check_mode,
        )
        if self._replicas.were_changed:
            self._outcome.changed = True
        if self._replicas.were_changed and self._outcome.action == "kept":
            self._outcome.action = "repaired"
            self._outcome.reason = "replica_differed"
        self._warn_of_unmanaged()

    def _warn_of_unmanaged(self) -> None:
        for replica in self._replicas.places:
            if replica.outcome.foreign:
                self._outcome.warn(
                    f"{replica.outcome.place} holds the token {replica.outcome.foreign}, which works or could not be "
                    "checked and which the record does not know. It was left there; offer it, or remove it."
                )

    def _forget_undeclared_places(self) -> None:
        """Forget where tokens were published that are not to be published there any more, saying so once."""
        declared = {publishing.spot for _replica, publishing in self._replicas.published}
        record = self._records.record
        gone = [item for item in record.published if item.spot not in declared]
        if not gone:
            return
        for item in gone:
            self._outcome.warn(
                f"{item.vault}: {item.target} is not declared any more: nothing is published there from now on, and "
                f"the token {item.token_id}, which stands there, stays."
            )
        self._records.commit(record.without_publications([item.spot for item in gone]))

    def _mark_synchronized(self) -> None:
        record = self._records.record
        synced = record.synced(self._run.clock.now(), self._replicas.held_before)
        if synced != record:
            self._records.commit(synced)

    def _retire(self, *, in_sync: bool) -> None:
        self._retirement.retire(in_sync=in_sync, is_pending=self._replicas.are_only_to_be_published)
        self._retirement.tidy()
        if self._outcome.retired:
            self._outcome.changed = True
        if self._outcome.retired and self._outcome.action == "kept":
            self._outcome.action = "retired"
            self._outcome.reason = "overlap_over"

    def _release_fence(self) -> None:
        """Let go of an intent that only kept others away during recovery."""
        record = self._records.record
        if self._run.check_mode or record.intent is None or record.intent.owner != self._run.owner:
            return
        if record.intent.ttl is None:
            try:
                self._records.commit(replace(record, intent=None))
            except VaultConflict:
                return
            except TokenOpsError as error:
                self._outcome.fail(error)

    def _report_busy(self, reason: str) -> None:
        # What was done before the other run came along stays what is reported.
        if self._outcome.action == "kept":
            self._outcome.action = "busy"
            self._outcome.reason = reason

    def _report_record(self) -> None:
        outcome = self._outcome
        warning = self._run.clock.warning()
        if warning is not None:
            outcome.warn(warning)
        if outcome.policy is None and self._account.two_factor in WITH_TWO_FACTOR:
            outcome.policy = self._account.policy_of_minting()
        outcome.record = self._records.record
        outcome.now = self._run.clock.now()
        of_record = outcome.vaults[0]
        of_record.in_sync = self._records.record.token is not None
        if not self._run.check_mode:
            if self._remote.live and outcome.reason != "absent":
                outcome.works = True
            of_record.changed = _lasting(outcome.before) != _lasting(outcome.record)
            outcome.changed = of_record.changed or self._has_changed_elsewhere()

    def _has_changed_elsewhere(self) -> bool:
        return bool(
            self._outcome.orphans_deleted
            or self._outcome.retired
            or self._inbox.was_emptied
            or any(vault.changed for vault in self._outcome.vaults[1:])
        )


def _lasting(record: Record | None) -> Record:
    """Return what of a record outlives a run: an intent that has come and gone is no change."""
    return replace(record, intent=None, write_id="") if record else Record()
