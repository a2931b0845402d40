# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Deleting previous tokens: once nobody can still be using them (R4, R10, R14, R17), or at once where they have leaked.

A revocation waits for nothing: neither an overlap nor a vault that is down. It comes after the passes of all declared
tokens, so that several which shared a token can be revoked together.
"""

from __future__ import annotations

from dataclasses import replace

from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import ConfigurationError
from ansible_collections.tokenops.ionos.plugins.module_utils._minting.minter import (
    DELETED_BY_US,
    Deletion,
    looks,
)
from ansible_collections.tokenops.ionos.plugins.plugin_utils._declaration.tokens import DeclaredToken
from ansible_collections.tokenops.ionos.plugins.plugin_utils._record.model import Previous, Record
from ansible_collections.tokenops.ionos.plugins.plugin_utils._rotation.outcome import Outcome
from ansible_collections.tokenops.ionos.plugins.plugin_utils._rotation.remote import RemoteTokens
from ansible_collections.tokenops.ionos.plugins.plugin_utils._rotation.replicas import Replicas
from ansible_collections.tokenops.ionos.plugins.plugin_utils._run.run import Run, Use
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.record_keeper import RecordKeeper

_REVOKE_BUT: dict[Use, str] = {
    "issuer": "revoke_but_issuer",
    "shared": "revoke_but_shared",
    "unread": "revoke_but_unread",
}


class Retirement:
    """Deletes the previous tokens of one declared token, and keeps the list of what only a person can delete."""

    def __init__(
        self, declared: DeclaredToken, run: Run, records: RecordKeeper, remote: RemoteTokens, outcome: Outcome
    ) -> None:
        self._overlap = declared.overlap
        self._retires_adopted = declared.retire_adopted
        self._check_mode = run.check_mode
        self._registry = run.registry
        self._clock = run.clock
        self._records = records
        self._remote = remote
        self._outcome = outcome

    def due(self, *, in_sync: bool) -> tuple[Previous, ...]:
        """Return the previous tokens whose time has come.

        Each has a time of its own: the overlap counts from the moment at which the last vault held a successor of it
        (R10, R35). An expired one is of no use to anybody, whatever the vaults hold.

        :param in_sync: every vault is known to hold the current token.
        """
        now = self._clock.now()
        return tuple(
            item
            for item in self._records.record.previous
            if self._may_retire(item) and (_is_expired(item, now) or (in_sync and self._overlap_is_over(item, now)))
        )

    def retire(self, *, in_sync: bool, is_pending: bool = False) -> None:
        """Delete every previous token that is due, and write down what became of it.

        :param in_sync: every vault is known to hold the current token.
        :param is_pending: the others get it after this call, so nothing is held back yet.
        :raises VaultError: if that could not be written; the next run then finds the tokens gone.
        :raises ApiError: ``clock_skew`` if nothing may be deleted.
        """
        due = tuple(item for item in self.due(in_sync=in_sync) if self._can_be_asked_for(item))
        if due and self._records_are_unread():
            due = ()
        if due:
            self._clock.require_agreement()
        if not in_sync and not is_pending:
            self._warn_of_held_back()
        if self._check_mode:
            self._outcome.retired.extend(item.id for item in due)
            return
        fates = {item.id: self._delete(item) for item in due}
        self._outcome.retired.extend(token_id for token_id, fate in fates.items() if fate in DELETED_BY_US)
        record = self._without(self._records.record, fates)
        if record != self._records.record:
            self._records.commit(record)

    def tidy(self) -> None:
        """Drop from "delete in the DCD" what the API does not show any more.

        :raises VaultError: if that could not be written.
        """
        record = self._records.record
        if not record.delete_in_dcd or self._check_mode:
            return
        shown = self._remote.listed_ids()
        if shown is None:
            return
        left = tuple(item for item in record.delete_in_dcd if item.id in shown)
        if left != record.delete_in_dcd:
            self._records.commit(replace(record, delete_in_dcd=left))

    def _may_retire(self, item: Previous) -> bool:
        if item.origin == "adopted" and not self._retires_adopted:
            return False
        return not self._registry.is_in_use(item.id)

    def _overlap_is_over(self, item: Previous, now: int) -> bool:
        return item.synced_at is not None and now >= item.synced_at + self._overlap

    def _warn_of_held_back(self) -> None:
        now = self._clock.now()
        held_back = [
            item.id
            for item in self._records.record.previous
            if self._may_retire(item) and not _is_expired(item, now) and now >= item.replaced_at + self._overlap
        ]
        if held_back:
            self._outcome.warn(
                f"Previous tokens live on until every vault holds the current one: {', '.join(sorted(held_back))}."
            )

    def _records_are_unread(self) -> bool:
        unread = sorted(self._registry.unread)
        if unread:
            self._outcome.warn(
                "Previous tokens were not retired, since the records of other declared tokens could not be read: "
                + ", ".join(unread)
                + "."
            )
        return bool(unread)

    def _can_be_asked_for(self, item: Previous) -> bool:
        """Tell whether anybody can delete a token: an expired one cannot itself, and that nobody may is no refusal."""
        works = item.token is not None and not _is_expired(item, self._clock.now())
        return works or bool(self._remote.managers())

    def _delete(self, item: Previous) -> Deletion:
        works = not _is_expired(item, self._clock.now())
        deletion = self._remote.delete(item.id, item.token if works else None)
        if deletion == "unknown":
            self._outcome.warn(f"The previous token {item.id} could not be deleted yet; the next run tries again.")
        return deletion

    def _without(self, record: Record, fates: dict[str, Deletion]) -> Record:
        """Return the record without what has been dealt with; what the API will not delete is handed to a person."""
        now = self._clock.now()
        previous = tuple(
            item
            for item in record.previous
            if fates.get(item.id, "unknown") == "unknown" and not self._has_run_out(item, now)
        )
        refused = {item.id: item.expires_at for item in record.previous if fates.get(item.id) == "refused"}
        return replace(record, previous=previous).handed_to_person(refused, now)

    def _has_run_out(self, item: Previous, now: int) -> bool:
        """Tell whether an adopted token, which is not ours to delete, has expired by itself."""
        kept = item.origin == "adopted" and not self._retires_adopted
        return kept and _is_expired(item, now)


class Revocation:
    """Deletes every previous token of one declared token, whoever made it, if this run has made another current."""

    def __init__(
        self, name: str, run: Run, records: RecordKeeper, remote: RemoteTokens, replicas: Replicas, outcome: Outcome
    ) -> None:
        self._name = name
        self._run = run
        self._records = records
        self._remote = remote
        self._replicas = replicas
        self._outcome = outcome

    def revoke(self) -> None:
        """Delete the previous tokens, prove that the API refuses them, and note what did not become of that.

        :raises ConfigurationError: ``revoke_without_successor``, ``revoke_but_issuer``, ``revoke_but_shared``,
            ``revoke_but_unread``, ``revoke_needs_person``, ``revoke_not_proven``.
        :raises VaultError: if the record could not be written; the next run finds the tokens gone.
        :raises ApiError: ``clock_skew`` if nothing may be deleted.
        """
        if self._run.check_mode:
            self._predict()
            return
        self._require_successor()
        self._run.clock.require_agreement()
        targets = self._records.record.previous
        for item in targets:
            self._run.registry.require_unused(item.id, self._name, _REVOKE_BUT)
        fates = {item.id: self._remote.delete(item.id, item.token) for item in targets}
        dead = {item.id for item in targets if fates[item.id] != "refused" and self._is_refused_by_api(item)}
        self._write_down(targets, fates, dead)
        self._outcome.revoked.extend(sorted(dead))
        self._warn_of_replicas()
        self._require_all_dead(targets, fates, dead)

    def _predict(self) -> None:
        record = self._records.record
        ids = [item.id for item in record.previous]
        if self._outcome.action == "rotated" and record.current is not None:
            ids.append(record.current.id)
        self._outcome.revoked.extend(sorted(ids))

    def _require_successor(self) -> None:
        before = self._outcome.before
        current = self._records.record.current
        was_current = before.current.id if before and before.current else None
        if current is None or self._remote.live is None or current.id == was_current:
            raise ConfigurationError("revoke_without_successor", name=self._name)

    def _is_refused_by_api(self, item: Previous) -> bool:
        """Tell whether the API refuses the token, asking for as long as a deletion may need to be known."""
        return any(self._is_dead(item) for _look in looks(self._run.sleep, self._run.monotonic))

    def _is_dead(self, item: Previous) -> bool:
        if item.token is not None:
            return self._remote.is_dead(item.token)
        listed = self._remote.listed_ids()
        return listed is not None and item.id not in listed

    def _write_down(self, targets: tuple[Previous, ...], fates: dict[str, Deletion], dead: set[str]) -> None:
        record = self._records.record
        refused = {item.id: item.expires_at for item in targets if fates[item.id] == "refused"}
        left = tuple(item for item in record.previous if item.id not in dead | refused.keys())
        changed = replace(record, previous=left).handed_to_person(refused, self._run.clock.now())
        if changed != record:
            self._outcome.changed = True
            self._records.commit(changed)

    def _warn_of_replicas(self) -> None:
        behind = [
            replica.outcome.place
            for replica in self._replicas.places
            if not (replica.outcome.in_sync or replica.outcome.to_publish)
        ]
        if behind:
            self._outcome.warn(
                f"What reads the token in {', '.join(behind)} does not work any more: that place does not hold the new "
                "one yet. Make it reachable and run again."
            )

    def _require_all_dead(self, targets: tuple[Previous, ...], fates: dict[str, Deletion], dead: set[str]) -> None:
        refused = sorted(token_id for token_id, fate in fates.items() if fate == "refused")
        if refused:
            raise ConfigurationError("revoke_needs_person", name=self._name, ids=", ".join(refused))
        alive = sorted(item.id for item in targets if item.id not in dead)
        if alive:
            raise ConfigurationError("revoke_not_proven", name=self._name, ids=", ".join(alive))


def _is_expired(item: Previous, now: int) -> bool:
    return item.expires_at is not None and item.expires_at <= now
