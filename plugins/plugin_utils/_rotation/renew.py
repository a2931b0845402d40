# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Renewal: minting a new token and making it current, so that the old one stays current until the new one is safe."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import replace

from ansible_collections.tokenops.ionos.plugins.module_utils._auth_api.answers import TokenEntry
from ansible_collections.tokenops.ionos.plugins.module_utils._auth_api.client import AuthApi
from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import (
    ApiError,
    ApiRefused,
    ConfigurationError,
    MintError,
    PersonNeeded,
    TokenOpsError,
    VaultConflict,
    VaultDenied,
    VaultError,
)
from ansible_collections.tokenops.ionos.plugins.module_utils._core.token import Token
from ansible_collections.tokenops.ionos.plugins.module_utils._minting.minter import (
    UNKNOWN_TO_THE_API,
    MintAttempt,
    Minted,
    Sending,
    Unresolved,
    rounded_warning,
    verify_minted,
)
from ansible_collections.tokenops.ionos.plugins.module_utils._minting.ttl_marker import CLOCK_SLACK_SECONDS
from ansible_collections.tokenops.ionos.plugins.plugin_utils._declaration.tokens import DeclaredToken
from ansible_collections.tokenops.ionos.plugins.plugin_utils._record.model import Record, UnconfirmedMint
from ansible_collections.tokenops.ionos.plugins.plugin_utils._rotation.outcome import Outcome
from ansible_collections.tokenops.ionos.plugins.plugin_utils._rotation.remote import RemoteTokens, current_of
from ansible_collections.tokenops.ionos.plugins.plugin_utils._run.account import AccountAccess
from ansible_collections.tokenops.ionos.plugins.plugin_utils._run.run import UNCONFIRMED_RETENTION, Run
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.protocol import Vault
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.record_keeper import Fate, RecordKeeper, Write


class LostRace(Exception):
    """Another run took this token over while we were at it; what we had minted is deleted, or in its record."""


class Renewal:
    """Mints for one declared token: intent, generate, verify, record, each only after the one before is safe.

    :param vault: the vault of record, whose login has to outlast the lease.
    :param spare_tokens: gives what may mint if neither the current token nor the account can (R37).
    """

    def __init__(
        self,
        declared: DeclaredToken,
        account: AccountAccess,
        run: Run,
        vault: Vault,
        records: RecordKeeper,
        remote: RemoteTokens,
        spare_tokens: Callable[[], Iterable[Token]],
        outcome: Outcome,
    ) -> None:
        self._declared = declared
        self._account = account
        self._run = run
        self._clock = run.clock
        self._vault = vault
        self._records = records
        self._remote = remote
        self._spare_tokens = spare_tokens
        self._outcome = outcome
        self._attempt: MintAttempt | None = None
        self._unresolved: list[UnconfirmedMint] = []
        self._lease_started_at: float | None = None

    def predict(self) -> None:
        """Raise what would keep a run from minting, as far as it can be told without trying.

        :raises ConfigurationError: ``issuer_missing``, ``issuer_of_another_user``, ``issuer_of_another_contract``.
        :raises PolicyRefusal: minting is forbidden.
        """
        self._issuers()[0].require_allowed("mint")

    def renew(self, reason: str) -> None:
        """Mint a token and make it the current one.

        :param reason: why the old one is due.
        :raises LostRace: another run was faster; nothing of ours is left.
        :raises TokenOpsError: there is no new token; what is left is said in it.
        """
        self._clock.require_agreement()
        if not self._vault.outlasts(self._run.lease):
            raise VaultDenied("vault_login_too_short", where=self._records.place, seconds=self._run.lease)
        issuer, minted = self._mint_with_first_allowed(self._issuers(), reason)
        entry = self._verify(issuer, minted)
        self._make_current(minted, entry)

    def _issuers(self) -> list[AuthApi]:
        """Return the clients that may mint; if there is none, the first other token that works rescues (R37)."""
        try:
            return self._remote.issuers()
        except ConfigurationError as error:
            failure = error
        if failure.code == "issuer_missing":
            rescuer = next((token for token in self._spare_tokens() if self._remote.is_spare_issuer(token)), None)
            if rescuer is not None:
                return [self._remote.api_of(rescuer)]
        raise failure

    def _mint_with_first_allowed(self, issuers: list[AuthApi], reason: str) -> tuple[AuthApi, Token]:
        """Mint with the first issuer that is not refused; the last one's refusal counts."""
        for number, issuer in enumerate(issuers):
            try:
                return issuer, self._mint(issuer, reason)
            except (ApiRefused, PersonNeeded):
                if number == len(issuers) - 1:
                    raise
        raise AssertionError("there is always an issuer")

    def _mint(self, issuer: AuthApi, reason: str) -> Token:
        self._require_not_lost(issuer, reason)
        self._purge_expired(issuer)
        try:
            return self._minted(issuer)
        except VaultConflict:
            raise LostRace from None
        except (ApiRefused, PersonNeeded):
            self._clear_intent()
            raise
        except TokenOpsError:
            self._require_not_overtaken()
            self._clear_intent()
            raise

    def _purge_expired(self, issuer: AuthApi) -> None:
        """Clean up, if that is wanted; a mint does not depend on it (R35)."""
        if not self._run.purge_expired:
            return
        try:
            self._account.purge_expired_once(issuer)
        except TokenOpsError as error:
            self._outcome.warn(f"Expired tokens were not deleted. {error}")

    def _minted(self, issuer: AuthApi) -> Token:
        """Go through the events of minting, each written down before the next one is let happen."""
        with closing(self._remote.minter(issuer).mint(self._declared.ttl, self._may_send)) as events:
            for event in events:
                if isinstance(event, Minted):
                    return event.token
                if isinstance(event, Unresolved):
                    self._keep_unconfirmed(event.attempt)
                    if event.rounded:
                        self._outcome.warn(rounded_warning(event.rounded))
                else:
                    self._prepare(event)
        raise AssertionError("minting ends with a token or an error")

    def _prepare(self, sending: Sending) -> None:
        """Write the intent of an attempt before anything of it is sent (R3), and see that it still may be sent."""
        if sending.number == 1:
            if sending.below_reserve:
                self._outcome.warn(
                    "The user's last tokens of the quota are being used; delete those that nobody needs."
                )
            self._write_intent(sending.attempt)
        if not self._may_send():
            raise MintError("mint_stopped")

    def _write_intent(self, attempt: MintAttempt) -> None:
        # The API has answered by now, also if this run had nothing to ask it before.
        self._clock.require_agreement()
        started = self._run.monotonic()
        record = self._records.record
        intent = replace(self._run.new_intent(attempt.ttl), started_at=attempt.started_at)
        self._records.commit(replace(record, intent=intent, unconfirmed=(*record.unconfirmed, *self._unresolved)))
        self._unresolved = []
        self._attempt = attempt
        self._lease_started_at = started

    def _keep_unconfirmed(self, attempt: MintAttempt, token_id: str | None = None) -> None:
        """Keep an attempt of unknown outcome; the next commit writes it down.

        :param token_id: of its token, if only the deletion of that is of unknown outcome.
        """
        forget_at = attempt.started_at + UNCONFIRMED_RETENTION
        self._unresolved.append(UnconfirmedMint(attempt.ttl, attempt.started_at, forget_at, token_id))

    def _may_send(self) -> bool:
        """Tell whether generate may be sent: no stop was asked for, and the lease outlasts the deadline twice."""
        run = self._run
        if run.stop.is_set() or self._lease_started_at is None:
            return False
        return run.lease - (run.monotonic() - self._lease_started_at) >= 2 * run.deadline

    def _require_not_lost(self, issuer: AuthApi, reason: str) -> None:
        """Refuse the first mint for a place where records keep getting lost (R19).

        A record whose current token is refused before its time may be an older one, restored from a backup: then what
        is alive may be unknown to it, and that is said.
        """
        is_lost = self._records.reading.record is None
        if not is_lost and reason not in ("refused", "gone"):
            return
        # What is newer than the records that were read may stand in one by now: another run may be at work.
        newest = self._run.began_at() - CLOCK_SLACK_SECONDS
        unrecorded = self._remote.minter(issuer).unrecorded(self._declared.ttl)
        lost = [entry.id for entry in unrecorded.marked if entry.created_at < newest]
        others = [entry.id for entry in unrecorded.others if entry.created_at < newest]
        if is_lost and 0 < self._run.max_lost <= len(lost):
            raise MintError("record_lost_too_often", count=len(lost), ids=_listed(lost))
        if lost:
            self._outcome.warn(
                f"The API lists tokens that this declaration has minted, and no record knows them: {_listed(lost)}. "
                "They are left alone; delete in the DCD what nobody uses."
            )
        if others:
            self._outcome.warn(
                f"The API lists tokens with a lifetime as it is minted here: {_listed(others)}. Other declarations of "
                "this user may have minted them, so they are left alone."
            )

    def _verify(self, issuer: AuthApi, minted: Token) -> TokenEntry:
        record = self._records.record
        account = self._account.account
        error: TokenOpsError
        try:
            return verify_minted(
                self._remote.api_of(minted),
                minted,
                ttl=record.intent.ttl if record.intent and record.intent.ttl else self._declared.ttl,
                user_id=account.user_id or record.user_id or issuer.user_id,
                contract_number=account.contract_number or record.contract_number or issuer.contract_number,
                sleep=self._run.sleep,
                monotonic=self._run.monotonic,
            )
        except ApiError as unverified:
            error = unverified
        if error.code == "minted_token_foreign":
            self._leave_to_its_owner()
        else:
            self._undo(minted)
        self._require_not_overtaken()
        raise error

    def _leave_to_its_owner(self) -> None:
        """Leave a token of somebody else alone; if the attempt made one of ours as well, it is looked for (R3)."""
        if self._attempt is not None:
            self._keep_unconfirmed(self._attempt)
        self._clear_intent()

    def _make_current(self, minted: Token, entry: TokenEntry) -> None:
        before = replace(self._records.record, intent=None)
        write = self._records.try_commit(self._succeeded(before, minted, entry))
        if write.fate is Fate.OVERTAKEN:
            self._require_current(minted)
        elif write.fate is not Fate.LANDED and not self._landed_after_all(write, before, minted):
            self._undo(minted)
            if isinstance(write.error, VaultConflict):
                raise LostRace
            raise write.error or MintError("mint_not_recorded", token_id=minted.id)
        self._remote.live = minted
        self._records.announce()

    def _succeeded(self, before: Record, minted: Token, entry: TokenEntry) -> Record:
        now = self._clock.now()
        current = current_of(minted, entry, "minted")
        return before.succeeded_by(current, now=now, synced_at=None if self._declared.replicas else now)

    def _require_current(self, minted: Token) -> None:
        """Raise LostRace unless the other run, which wrote on top of ours, took over our token as the current one."""
        record = self._records.refresh().record
        if record is None or record.current is None or record.current.id != minted.id:
            raise LostRace

    def _landed_after_all(self, write: Write, before: Record, minted: Token) -> bool:
        """Find out about a write that was not proven either way (R1).

        :returns: True if the vault holds the new token; False once it is certain that it never will.
        :raises MintError: ``mint_left_in_doubt`` if neither can be had: nothing is deleted, the intent stays.
        """
        if write.fate is Fate.REJECTED or self._records.withdraw(before):
            return False
        version = self._records.reading.version
        try:
            reading = self._records.refresh()
        except VaultError:
            reading = None
        if reading is not None and reading.record is not None and minted.id in reading.record.known_ids:
            return True
        if reading is None or reading.version == version:
            raise MintError("mint_left_in_doubt", token_id=minted.id, where=self._records.place)
        return False

    def _require_not_overtaken(self) -> None:
        """Raise LostRace if the record's intent is not ours any more: from then on the other run reports."""
        ours = self._records.record.intent
        try:
            theirs = self._records.refresh().record
        except VaultError:
            return
        if ours is not None and (theirs is None or theirs.intent != ours):
            raise LostRace

    def _undo(self, minted: Token) -> None:
        """Delete what was minted, with itself first; what was not seen to be deleted is looked for later (R32)."""
        deletion = self._remote.delete(minted.id, minted)
        if deletion == "refused":
            self._hand_to_person(minted)
        elif deletion != "deleted" and self._attempt is not None:
            self._keep_unconfirmed(self._attempt, minted.id)
            why = "the API does not know it" if deletion in UNKNOWN_TO_THE_API else "it could not be deleted"
            self._outcome.warn(
                f"The token {minted.id} was minted but not taken into use, and {why}: "
                "the next runs look for it and delete it."
            )
        self._clear_intent()

    def _hand_to_person(self, minted: Token) -> None:
        self._outcome.warn(f"The token {minted.id} was minted but not taken into use: delete it in the DCD.")
        handed = {minted.id: minted.expires_at}
        self._records.try_commit(self._records.record.handed_to_person(handed, self._clock.now()))

    def _clear_intent(self) -> None:
        """Let other runs at this token; if that fails, the intent runs out by itself."""
        record = self._records.record
        if record.intent is None and not self._unresolved:
            return
        cleared = replace(record, intent=None, unconfirmed=(*record.unconfirmed, *self._unresolved))
        if self._records.try_commit(cleared).fate is Fate.LANDED:
            self._unresolved = []


def _listed(ids: Iterable[str]) -> str:
    return ", ".join(sorted(ids))
