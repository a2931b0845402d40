# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Revocation: deleting at once what somebody may have read, once another token is current, and proof that it is dead.

Nothing is waited for: neither an overlap nor a vault that is down. It comes after the passes of all declared tokens, so
that several which shared a token can be revoked together.
"""

from __future__ import annotations

from dataclasses import replace

from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import ConfigurationError
from ansible_collections.tokenops.ionos.plugins.module_utils._minting.minter import (
    APPEARANCE_SECONDS,
    LISTING_PAUSE_SECONDS,
    Deletion,
)
from ansible_collections.tokenops.ionos.plugins.plugin_utils._record import Previous
from ansible_collections.tokenops.ionos.plugins.plugin_utils._rotation.outcome import Outcome
from ansible_collections.tokenops.ionos.plugins.plugin_utils._rotation.remote import RemoteTokens
from ansible_collections.tokenops.ionos.plugins.plugin_utils._rotation.replicas import Replicas
from ansible_collections.tokenops.ionos.plugins.plugin_utils._run.run import Run
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.record_keeper import RecordKeeper


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
            self._require_unused(item.id)
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

    def _require_unused(self, token_id: str) -> None:
        registry = self._run.registry
        if token_id in registry.issuer_ids:
            raise ConfigurationError("revoke_but_issuer", name=self._name, token_id=token_id)
        other = registry.holder(token_id)
        if other is not None:
            raise ConfigurationError("revoke_but_shared", name=self._name, token_id=token_id, other=other)
        if registry.unread:
            raise ConfigurationError("revoke_but_unread", name=self._name, others=", ".join(sorted(registry.unread)))

    def _is_refused_by_api(self, item: Previous) -> bool:
        """Tell whether the API refuses the token, asking for as long as a deletion may need to be known."""
        end = self._run.monotonic() + APPEARANCE_SECONDS
        while True:
            last = self._run.monotonic() >= end
            if self._is_dead(item):
                return True
            if last:
                return False
            self._run.sleep(LISTING_PAUSE_SECONDS)

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
        behind = [replica.outcome.place for replica in self._replicas.places if not replica.outcome.in_sync]
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
