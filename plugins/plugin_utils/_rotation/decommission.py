# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Decommissioning: a declared token with ``state: absent`` (R25)."""

from __future__ import annotations

from dataclasses import replace

from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import ConfigurationError, VaultError
from ansible_collections.tokenops.ionos.plugins.module_utils._core.instant import format_instant
from ansible_collections.tokenops.ionos.plugins.module_utils._core.token import Token
from ansible_collections.tokenops.ionos.plugins.module_utils._minting.minter import DELETED_BY_US, Deletion
from ansible_collections.tokenops.ionos.plugins.plugin_utils._record.model import Record, Undeletable
from ansible_collections.tokenops.ionos.plugins.plugin_utils._rotation.outcome import Outcome
from ansible_collections.tokenops.ionos.plugins.plugin_utils._rotation.remote import (
    RemoteTokens,
    is_unsettled,
    minted_by,
)
from ansible_collections.tokenops.ionos.plugins.plugin_utils._rotation.replicas import Replica, Replicas
from ansible_collections.tokenops.ionos.plugins.plugin_utils._run.run import Run, Use
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.protocol import Reading
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.record_keeper import RecordKeeper

_ABSENT_BUT: dict[Use, str] = {
    "issuer": "absent_but_issuer",
    "shared": "absent_but_shared",
    "unread": "absent_but_unread",
}


class Decommission:
    """Deletes every token of the record, the current one with itself and last, and then empties the vaults."""

    def __init__(
        self,
        name: str,
        run: Run,
        records: RecordKeeper,
        remote: RemoteTokens,
        replicas: Replicas,
        outcome: Outcome,
    ) -> None:
        self._name = name
        self._check_mode = run.check_mode
        self._registry = run.registry
        self._clock = run.clock
        self._records = records
        self._remote = remote
        self._replicas = replicas
        self._outcome = outcome

    def decommission(self) -> None:
        """Bring the declared token to ``absent``.

        :raises ConfigurationError: ``absent_but_issuer``, ``absent_but_shared``, ``absent_but_unknown_token``,
            ``absent_but_unread``.
        :raises VaultError: if the record cannot be written or erased.
        """
        outcome = self._outcome
        outcome.reason = "absent"
        self._require_ours()
        if self._is_absent():
            return
        if self._check_mode:
            outcome.action = "absent"
            outcome.changed = True
            return
        self._clock.require_agreement()
        self._records.commit(replace(self._records.record, state="retiring"))
        if self._is_needed_to_look():
            self._wait()
        elif self._delete_all():
            self._empty_vaults()

    def _is_needed_to_look(self) -> bool:
        """Tell whether only the current token can look for what an interrupted mint may have left (R33)."""
        return bool(self._records.record.unconfirmed) and not self._remote.has_own_credential

    def _wait(self) -> None:
        until = format_instant(max(mint.forget_at for mint in self._records.record.unconfirmed))
        self._outcome.warn(
            "The token is kept to look for what an interrupted mint may have left, until that is found "
            f"or {until} has passed; a run after that deletes it."
        )

    def _require_ours(self) -> None:
        record = self._records.record
        token = self._records.reading.token
        name = self._name
        if token is not None and token.id not in record.known_ids:
            raise ConfigurationError("absent_but_unknown_token", name=name, token_id=token.id)
        if record.current is not None:
            self._registry.require_unused(record.current.id, name, _ABSENT_BUT, besides=name)

    def _is_absent(self) -> bool:
        erasable = self._erasable_replicas()
        return self._records.reading.record is None and not erasable

    def _erasable_replicas(self) -> list[Replica]:
        """Return the replicas that hold a token of ours, or a dead one; a working one of somebody else stays (R5)."""
        found = []
        for replica in self._replicas.places:
            reading = replica.read()
            if reading is None and replica.error is not None:
                replica.outcome.fail(replica.error, in_sync=None)
            elif reading is not None and self._may_erase(replica, reading):
                found.append(replica)
        return found

    def _may_erase(self, replica: Replica, reading: Reading) -> bool:
        held_id = reading.held_id
        if held_id is None:
            return False
        if held_id in self._records.record.known_ids or self._remote.holds_dead(reading):
            return True
        replica.outcome.foreign = held_id
        replica.outcome.in_sync = False
        return False

    def _delete_all(self) -> bool:
        """Return True once no token of the record is left; what the API will not delete is handed to a person."""
        record = self._records.record
        registry = self._registry
        fates = {
            item.id: self._delete(item.id, item.token, minted_by(item))
            for item in record.previous
            if not registry.is_in_use(item.id)
        }
        if "unknown" not in fates.values() and record.current is not None:
            fates[record.current.id] = self._delete(record.current.id, record.token, record.current.created_at)
        self._outcome.retired.extend(token_id for token_id, fate in fates.items() if fate in DELETED_BY_US)
        if self._outcome.retired:
            self._outcome.action = "retired"
        if record.current is not None and fates.get(record.current.id) in {*DELETED_BY_US, "gone"}:
            self._outcome.works = False
            self._outcome.action = "absent"
        left = self._write_down(fates)
        if any(fate == "unknown" for fate in fates.values()):
            self._outcome.fail(ConfigurationError("absent_not_finished", name=self._name))
            return False
        if left.delete_in_dcd:
            self._hand_to_person(left)
            return False
        return True

    def _delete(self, token_id: str, token: Token | None, minted_at: int) -> Deletion:
        """Delete a token; one that may still appear is not gone while there is anybody to look for it (R32)."""
        deletion = self._remote.delete(token_id, token)
        if not is_unsettled(deletion, minted_at, self._clock.now()):
            return deletion
        return deletion if self._is_proven_gone(token_id, token) or not self._remote.managers() else "unknown"

    def _is_proven_gone(self, token_id: str, token: Token | None) -> bool:
        """Tell whether the API both refuses a token and does not list it: no single lag looks like that."""
        if token is None:
            return False
        listed = self._remote.listed_ids()
        return listed is not None and token_id not in listed and self._remote.probe(token).state == "refused"

    def _write_down(self, fates: dict[str, Deletion]) -> Record:
        record = self._records.record
        now = self._clock.now()
        expiries = {item.id: item.expires_at for item in record.previous}
        if record.current is not None:
            expiries[record.current.id] = record.current.expires_at
        known = {item.id for item in record.delete_in_dcd}
        refused = {
            token_id: expiries[token_id]
            for token_id, fate in fates.items()
            if fate == "refused" and token_id not in known
        }
        previous = tuple(item for item in record.previous if fates.get(item.id) == "unknown")
        kept = replace(record, previous=previous, delete_in_dcd=self._still_shown(record, now), intent=None)
        changed = kept.handed_to_person(refused, now)
        if changed != record:
            self._records.commit(changed)
        return changed

    def _still_shown(self, record: Record, now: int) -> tuple[Undeletable, ...]:
        living = tuple(item for item in record.delete_in_dcd if item.expires_at is None or item.expires_at > now)
        shown = self._remote.listed_ids() if living else None
        return living if shown is None else tuple(item for item in living if item.id in shown)

    def _hand_to_person(self, record: Record) -> None:
        self._outcome.action = "handoff"
        self._outcome.warn(
            "The API will not delete these tokens; delete them in the Token Manager of the DCD and run again: "
            + ", ".join(sorted(item.id for item in record.delete_in_dcd))
            + "."
        )

    def _empty_vaults(self) -> None:
        """Empty the replicas first: while the record is there, an interrupted run is taken up again."""
        for replica in self._erasable_replicas():
            self._empty(replica)
        self._unpublish()
        if self._outcome.failed or self._outcome.publications():
            return
        if self._records.record.unconfirmed:
            self._outcome.warn(
                f"The record in {self._records.place} is kept, since an interrupted mint may have left a token: "
                "runs look for it during a day."
            )
            self._outcome.action = "absent" if self._outcome.retired else "kept"
            return
        self._records.erase()
        self._outcome.record = None
        self._outcome.action = "absent"

    def _unpublish(self) -> None:
        """Ask for what tasks of the user have to take away: the record stays until they have."""
        record = self._records.record
        kept = set()
        for replica, publishing in self._replicas.published:
            publication = record.publication(publishing.spot)
            if publication is not None and publishing.unpublish:
                kept.add(publishing.spot)
                replica.outcome.in_sync = False
                replica.outcome.to_publish = "unpublish"
                replica.outcome.token_id = publication.token_id
        left = [item for item in record.published if item.spot not in kept]
        for item in left:
            self._outcome.warn(
                f"{item.vault}: {item.target} still holds the deleted token {item.token_id}: no unpublish file is "
                "declared for it. Remove it there by hand."
            )
        if left:
            self._records.commit(record.without_publications([item.spot for item in left]))

    @staticmethod
    def _empty(replica: Replica) -> None:
        reading = replica.read()
        if reading is None:
            return
        try:
            replica.place.erase(reading.version)
        except VaultError as error:
            replica.outcome.fail(error, in_sync=False)
            return
        replica.outcome.changed = True
        replica.outcome.in_sync = True
