# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Renewal: minting a new token and making it current, so that the old one stays current until the new one is safe."""

from __future__ import annotations

from dataclasses import replace

from ansible_collections.tokenops.ionos.plugins.module_utils._auth_api.answers import TokenEntry
from ansible_collections.tokenops.ionos.plugins.module_utils._auth_api.client import AuthApi
from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import (
    ApiError,
    ApiRefused,
    MintError,
    PersonNeeded,
    TokenOpsError,
    VaultConflict,
    VaultDenied,
    VaultError,
)
from ansible_collections.tokenops.ionos.plugins.module_utils._core.token import Token
from ansible_collections.tokenops.ionos.plugins.module_utils._minting.minter import MintAttempt, verify_minted
from ansible_collections.tokenops.ionos.plugins.module_utils._minting.ttl_marker import CLOCK_SLACK_SECONDS
from ansible_collections.tokenops.ionos.plugins.plugin_utils._record import Record, Suspect, Undeletable
from ansible_collections.tokenops.ionos.plugins.plugin_utils._rotation.context import TokenPass
from ansible_collections.tokenops.ionos.plugins.plugin_utils._rotation.record_keeper import Fate, Write
from ansible_collections.tokenops.ionos.plugins.plugin_utils._rotation.run import SUSPECT_RETENTION


class LostRace(Exception):
    """Another run took this token over while we were at it; what we had minted is deleted, or in its record."""


class Renewal:
    """Mints for one declared token: intent, generate, verify, record, each only after the one before is safe."""

    def __init__(self, token_pass: TokenPass) -> None:
        self._pass = token_pass
        self._unresolved: list[Suspect] = []
        self._lease_started_at: float | None = None
        self._reason = ""

    def renew(self, reason: str) -> None:
        """Mint a token and make it the current one.

        :param reason: why the old one is due.
        :raises LostRace: where another run was faster; nothing of ours is left.
        :raises TokenOpsError: where there is no new token; what is left where is said in it.
        """
        run = self._pass.run
        run.require_agreeing_clocks()
        if not self._pass.vault.outlasts(run.lease):
            raise VaultDenied("vault_login_too_short", where=self._pass.outcome.vaults[0].place, seconds=run.lease)
        record = self._pass.record
        issuers = self._pass.access.issuers(self._pass.live, record.user_id, record.contract_number)
        self._reason = reason
        issuer, minted = self._mint_with_first_allowed(issuers)
        entry = self._verify(issuer, minted)
        self._make_current(minted, entry)

    def starting(self, attempt: MintAttempt) -> None:
        """Write the intent of one attempt, before anything of it is sent (R3)."""
        # The API has answered by now, also where this run had nothing to ask it before.
        self._pass.run.require_agreeing_clocks()
        started = self._pass.run.monotonic()
        record = self._pass.record
        suspects = (*record.suspects, *self._unresolved)
        intent = replace(self._pass.intent(attempt.ttl), started_at=attempt.started_at)
        self._pass.commit(replace(record, intent=intent, suspects=suspects))
        self._unresolved = []
        self._lease_started_at = started

    def resolved(self, attempt: MintAttempt) -> None:
        """Take in that an attempt left nothing behind."""

    def unresolved(self, attempt: MintAttempt) -> None:
        """Keep an attempt of unknown outcome as a suspect, which the next commit writes down."""
        self._unresolved.append(Suspect(attempt.ttl, attempt.started_at, attempt.started_at + SUSPECT_RETENTION))

    def may_send(self) -> bool:
        """Tell whether generate may be sent: no stop was asked for, and the lease outlasts the deadline twice."""
        run = self._pass.run
        if run.stop.is_set() or self._lease_started_at is None:
            return False
        return run.lease - (run.monotonic() - self._lease_started_at) >= 2 * run.deadline

    def _mint_with_first_allowed(self, issuers: list[AuthApi]) -> tuple[AuthApi, Token]:
        """Mint with the first issuer that is not refused; the last one's refusal counts."""
        for number, issuer in enumerate(issuers):
            try:
                return issuer, self._mint(issuer)
            except (ApiRefused, PersonNeeded):
                if number == len(issuers) - 1:
                    raise
        raise AssertionError("there is always an issuer")

    def _mint(self, issuer: AuthApi) -> Token:
        self._require_not_lost(issuer)
        if self._pass.run.purge_expired:
            self._pass.access.purge_expired_once(issuer)
        try:
            minted = self._pass.minter(issuer, self.may_send).mint(self._pass.token.ttl, self)
        except VaultConflict:
            raise LostRace from None
        except ApiRefused as refusal:
            self._clear_intent()
            if refusal.status == 403 and self._lease_started_at is not None:
                raise PersonNeeded("mint_refused", account=self._pass.access.account.name) from None
            raise
        except TokenOpsError:
            self._require_not_overtaken()
            self._clear_intent()
            raise
        self._pass.run.registry.note_minted(minted.token.id)
        return minted.token

    def _require_not_lost(self, issuer: AuthApi) -> None:
        """Refuse the first mint for a place where records keep getting lost (R19).

        A record whose current token is refused before its time may be an older one, restored from a backup: then what
        is alive may be unknown to it, and that is said.
        """
        is_lost = self._pass.keeper.reading.record is None
        if not is_lost and self._reason not in ("refused", "gone"):
            return
        # What is newer than the records that were read may stand in one by now: another run may be at work.
        newest = self._pass.run.began_at() - CLOCK_SLACK_SECONDS
        unrecorded = self._pass.minter(issuer).unrecorded(self._pass.token.ttl)
        lost = [entry for entry in unrecorded if entry.created_at < newest]
        if not lost:
            return
        ids = ", ".join(sorted(entry.id for entry in lost))
        if is_lost and 0 < self._pass.run.max_lost <= len(lost):
            raise MintError("record_lost_too_often", count=len(lost), ids=ids)
        self._pass.outcome.warn(
            f"The API lists tokens that look like earlier ones of this declaration, and no record knows them: {ids}. "
            "They are left alone; delete in the DCD what nobody uses."
        )

    def _verify(self, issuer: AuthApi, minted: Token) -> TokenEntry:
        record = self._pass.record
        intent = record.intent
        error: TokenOpsError
        try:
            return verify_minted(
                self._pass.access.api_of(minted),
                minted,
                ttl=intent.ttl if intent and intent.ttl else self._pass.token.ttl,
                user_id=self._pass.access.account.user_id or record.user_id or issuer.user_id,
                contract_number=self._pass.access.account.contract_number
                or record.contract_number
                or issuer.contract_number,
                sleep=self._pass.run.sleep,
                monotonic=self._pass.run.monotonic,
            )
        except ApiError as unverified:
            error = unverified
        if error.code == "minted_token_foreign":
            self._suspect_another_mint()
        else:
            self._undo(minted)
        self._require_not_overtaken()
        raise error

    def _suspect_another_mint(self) -> None:
        """Leave a token of somebody else alone; if the attempt made one of ours as well, it is looked for (R3)."""
        intent = self._pass.record.intent
        if intent is not None and intent.ttl is not None:
            self.unresolved(MintAttempt(intent.ttl, intent.started_at))
        self._clear_intent()

    def _make_current(self, minted: Token, entry: TokenEntry) -> None:
        before = replace(self._pass.record, intent=None)
        write = self._pass.keeper.try_commit(self._pass.succeeded_by(before, minted, entry, "minted"))
        if write.fate is Fate.OVERTAKEN:
            self._require_current(minted)
        elif write.fate is not Fate.LANDED and not self._landed_after_all(write, before, minted):
            self._undo(minted, intent_is_cleared=write.fate is Fate.UNKNOWN)
            if isinstance(write.error, VaultConflict):
                raise LostRace
            raise write.error or MintError("mint_not_recorded", token_id=minted.id)
        self._pass.live = minted
        self._pass.noted()

    def _require_current(self, minted: Token) -> None:
        """Raise LostRace unless the other run, which wrote on top of ours, took over our token as the current one."""
        record = self._pass.keeper.refresh().record
        if record is None or record.current is None or record.current.id != minted.id:
            raise LostRace

    def _landed_after_all(self, write: Write, before: Record, minted: Token) -> bool:
        """Find out about a write that was not proven either way (R1).

        :returns: True if the vault holds the new token; False once it is certain that it never will.
        :raises MintError: ``mint_left_in_doubt`` where neither can be had: nothing is deleted, the intent stays.
        """
        if write.fate is Fate.REJECTED or self._pass.keeper.withdraw(before):
            return False
        version = self._pass.keeper.reading.version
        try:
            reading = self._pass.keeper.refresh()
        except VaultError:
            reading = None
        if reading is not None and reading.record is not None and minted.id in reading.record.known_ids:
            return True
        if reading is None or reading.version == version:
            raise MintError("mint_left_in_doubt", token_id=minted.id, where=self._pass.outcome.vaults[0].place)
        return False

    def _require_not_overtaken(self) -> None:
        """Raise LostRace where the intent that we wrote is not the record's any more: then our failure is no news."""
        ours = self._pass.record.intent
        try:
            theirs = self._pass.keeper.refresh().record
        except VaultError:
            return
        if ours is not None and (theirs is None or theirs.intent != ours):
            raise LostRace

    def _undo(self, minted: Token, *, intent_is_cleared: bool = False) -> None:
        """Delete what was minted, with itself first; where that is not possible, leave the intent to find it again."""
        deletion = self._pass.delete(minted.id, minted)
        if deletion == "unknown":
            self._pass.outcome.warn(
                f"The token {minted.id} was minted but not taken into use, and could not be deleted: "
                "the next run does it."
            )
            return
        if deletion == "refused":
            self._hand_to_person(minted)
        if not intent_is_cleared:
            self._clear_intent()

    def _hand_to_person(self, minted: Token) -> None:
        self._pass.outcome.warn(f"The token {minted.id} was minted but not taken into use: delete it in the DCD.")
        record = self._pass.record
        item = Undeletable(id=minted.id, expires_at=minted.expires_at, since=self._pass.run.now())
        self._try_commit(replace(record, delete_in_dcd=(*record.delete_in_dcd, item)))

    def _clear_intent(self) -> None:
        """Give the token free for other runs; where that fails, the intent runs out by itself."""
        record = self._pass.record
        if record.intent is None and not self._unresolved:
            return
        cleared = replace(record, intent=None, suspects=(*record.suspects, *self._unresolved))
        if self._try_commit(cleared):
            self._unresolved = []

    def _try_commit(self, record: Record) -> bool:
        if self._pass.keeper.try_commit(record).fate is not Fate.LANDED:
            return False
        self._pass.noted()
        return True
