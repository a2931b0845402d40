# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Retirement: deleting previous tokens once nobody can still be using them (R4, R10, R14, R17)."""

from __future__ import annotations

from dataclasses import replace

from ansible_collections.tokenops.ionos.plugins.module_utils._minting.minter import DELETED_BY_US, Deletion
from ansible_collections.tokenops.ionos.plugins.plugin_utils._declaration.tokens import DeclaredToken
from ansible_collections.tokenops.ionos.plugins.plugin_utils._record import Previous, Record
from ansible_collections.tokenops.ionos.plugins.plugin_utils._rotation.outcome import Outcome
from ansible_collections.tokenops.ionos.plugins.plugin_utils._rotation.remote import RemoteTokens
from ansible_collections.tokenops.ionos.plugins.plugin_utils._run.run import Run
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.record_keeper import RecordKeeper


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

    def retire(self, *, in_sync: bool) -> None:
        """Delete every previous token that is due, and write down what became of it.

        :param in_sync: every vault is known to hold the current token.
        :raises VaultError: if that could not be written; the next run then finds the tokens gone.
        :raises ApiError: ``clock_skew`` if nothing may be deleted.
        """
        due = self.due(in_sync=in_sync)
        if due and self._records_are_unread():
            due = ()
        if due:
            self._clock.require_agreement()
        if not in_sync:
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


def _is_expired(item: Previous, now: int) -> bool:
    return item.expires_at is not None and item.expires_at <= now
