# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Recovery: what a run does about an intent or an unconfirmed mint that an earlier run left behind (R3, R13, R14)."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

from ansible_collections.tokenops.ionos.plugins.module_utils._auth_api.answers import TokenEntry
from ansible_collections.tokenops.ionos.plugins.module_utils._auth_api.client import AuthApi
from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import (
    ApiError,
    ConfigurationError,
    PolicyRefusal,
    VaultConflict,
    VaultError,
)
from ansible_collections.tokenops.ionos.plugins.module_utils._core.instant import format_instant
from ansible_collections.tokenops.ionos.plugins.module_utils._minting.minter import DELETED_BY_US, rounded_warning
from ansible_collections.tokenops.ionos.plugins.plugin_utils._record.model import UnconfirmedMint
from ansible_collections.tokenops.ionos.plugins.plugin_utils._rotation.outcome import Outcome
from ansible_collections.tokenops.ionos.plugins.plugin_utils._rotation.remote import RemoteTokens, is_unsettled
from ansible_collections.tokenops.ionos.plugins.plugin_utils._run.run import UNCONFIRMED_RETENTION, Run
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.record_keeper import RecordKeeper


class Recovery:
    """Takes over the intent of a run that is gone, and deletes the orphans that it may have left."""

    def __init__(self, run: Run, records: RecordKeeper, remote: RemoteTokens, outcome: Outcome) -> None:
        self._run = run
        self._clock = run.clock
        self._records = records
        self._remote = remote
        self._outcome = outcome
        self._fenced: UnconfirmedMint | None = None

    def is_busy(self) -> bool:
        """Tell whether another run is at work on this token: its lease is not over and it is not provably dead."""
        intent = self._records.record.intent
        if intent is None or self._run.owner_is_dead(intent.owner):
            return False
        return self._clock.now() < intent.lease_until

    def busy_reason(self) -> str:
        """Say until when the other run may be at work, and where it runs."""
        intent = self._records.record.intent
        if intent is None:
            return "another run took over"
        owner = intent.owner
        who = f"another run ({owner.host.partition('/')[0]})" if owner.job is None else str(owner.job)
        return f"busy until {format_instant(intent.lease_until)}: {who}"

    def fence(self) -> bool:
        """Put our own intent over the old one, and keep what it was about to mint as an unconfirmed mint.

        The fence comes before the search: a run that was merely slow then loses its check-and-set, and cannot promote a
        token that the search has deleted.

        :returns: False if somebody else was faster.
        """
        record = self._records.record
        intent = record.intent
        if intent is not None and intent.ttl is not None:
            forget_at = max(self._clock.now(), intent.started_at) + UNCONFIRMED_RETENTION
            self._fenced = UnconfirmedMint(intent.ttl, intent.started_at, forget_at)
        unconfirmed = (*record.unconfirmed, *([self._fenced] if self._fenced else []))
        try:
            self._records.commit(replace(record, intent=self._run.new_intent(None), unconfirmed=unconfirmed))
        except VaultConflict:
            self._read_anew()
            return False
        return True

    def _read_anew(self) -> None:
        """Have the intent of the run that was faster, so that its lease is the one that is told."""
        with suppress(VaultError):
            self._records.refresh()

    def search(self) -> None:
        """Look for the token of every unconfirmed mint, and delete it.

        The mint that has just been fenced may be seconds old, so it is looked for as long as a fresh token may need
        to appear. Nothing that goes wrong in here keeps the pass from going on (R14).
        """
        record = self._records.record
        if self._run.registry.unread:
            self._warn_unread(record.unconfirmed)
            return
        api = self._searcher() if record.unconfirmed else None
        left = tuple(item for item in record.unconfirmed if api is None or not self._settle(api, item))
        if left != record.unconfirmed:
            self._records.commit(replace(self._records.record, unconfirmed=left))

    def _searcher(self) -> AuthApi | None:
        apis = self._remote.managers()
        if not apis:
            self._outcome.warn(
                "An earlier mint may have left a token behind, and there is no credential to look for it. "
                "Give the account a token; until then look for an unexpected token in the Token Manager."
            )
            return None
        return apis[0]

    def _settle(self, api: AuthApi, mint: UnconfirmedMint) -> bool:
        """Return True once a mint's token has been dealt with, or was looked for in vain for long enough (R3)."""
        minter = self._remote.minter(api)
        try:
            found = minter.search(mint.ttl, mint.started_at, mint.token_id, patiently=mint == self._fenced)
        except (ApiError, PolicyRefusal, ConfigurationError) as error:
            self._outcome.warn(f"The token of an interrupted mint could not be looked for. {error}")
            return False
        if len(found.minted) > 1:
            self._outcome.warn(
                "More than one token matches an interrupted mint, so none was deleted: "
                + ", ".join(sorted(entry.id for entry in found.minted))
                + ". Delete in the DCD what nobody uses."
            )
            return False
        if len(found.minted) == 1:
            return self._delete(found.minted[0])
        if found.rounded:
            self._outcome.warn(rounded_warning(found.rounded))
        return mint.forget_at <= self._clock.now()

    def _delete(self, orphan: TokenEntry) -> bool:
        self._clock.require_agreement()
        deletion = self._remote.delete(orphan.id, None)
        # The list shows it, but what deletes tokens may not know it yet.
        if deletion == "unknown" or is_unsettled(deletion, orphan.created_at, self._clock.now()):
            self._outcome.warn(f"The orphan {orphan.id} could not be deleted yet; the next run tries again.")
            return False
        if deletion == "refused":
            self._hand_to_person(orphan)
        elif deletion in DELETED_BY_US:
            self._outcome.orphans_deleted.append(orphan.id)
        return True

    def _hand_to_person(self, orphan: TokenEntry) -> None:
        handed = {orphan.id: orphan.expires_at}
        self._records.commit(self._records.record.handed_to_person(handed, self._clock.now()))

    def _warn_unread(self, pending: tuple[UnconfirmedMint, ...]) -> None:
        if pending:
            self._outcome.warn(
                "An interrupted mint was not cleaned up, since the records of other declared tokens could not be read: "
                + ", ".join(sorted(self._run.registry.unread))
                + "."
            )
