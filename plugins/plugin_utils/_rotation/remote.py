# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The tokens of one declaration's user as the API shows, mints and deletes them."""

from __future__ import annotations

from collections.abc import Sequence

from ansible_collections.tokenops.ionos.plugins.module_utils._auth_api.answers import TokenEntry
from ansible_collections.tokenops.ionos.plugins.module_utils._auth_api.client import AuthApi, Probe
from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import (
    ApiError,
    ApiNotFound,
    ApiRefused,
    ConfigurationError,
    PolicyRefusal,
)
from ansible_collections.tokenops.ionos.plugins.module_utils._core.token import Token
from ansible_collections.tokenops.ionos.plugins.module_utils._minting.declaration_mark import DeclarationMark
from ansible_collections.tokenops.ionos.plugins.module_utils._minting.minter import (
    UNKNOWN_TO_THE_API,
    Deletion,
    Minter,
    delete_with,
)
from ansible_collections.tokenops.ionos.plugins.plugin_utils._record.model import Current, Origin, Previous
from ansible_collections.tokenops.ionos.plugins.plugin_utils._run.account import AccountAccess
from ansible_collections.tokenops.ionos.plugins.plugin_utils._run.run import Run
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.protocol import Reading
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.record_keeper import RecordKeeper

SETTLED_AFTER_SECONDS = 3600
"""From this age on, a token that the API does not know is gone (R32)."""


class RemoteTokens:
    """What one declared token may ask of the API, and as whom.

    :param mark: of the declaration, carried by what is minted for it.
    :ivar live: the current token, once the API has confirmed that it works.
    """

    def __init__(self, account: AccountAccess, records: RecordKeeper, run: Run, mark: DeclarationMark) -> None:
        self._account = account
        self._records = records
        self._run = run
        self._mark = mark
        self.live: Token | None = None

    def api_of(self, token: Token) -> AuthApi:
        """Return the client that acts as ``token``."""
        return self._account.api_of(token)

    def probe(self, token: Token) -> Probe:
        """Ask the API about a token, as that token itself."""
        return self.api_of(token).probe()

    def is_dead(self, token: Token) -> bool:
        """Tell whether a token certainly does not work any more; what the API leaves open is not dead (R9)."""
        return self.probe(token).state in ("refused", "gone")

    def holds_dead(self, reading: Reading) -> bool:
        """Tell whether the token in a place certainly does not work any more (R9).

        One of which only the id is known cannot be asked about as itself. The API shows the tokens of one user alone.
        So such a token is dead if it is listed as expired, or if the place says that it is of the record's user, and
        neither the list nor a second call knows it.
        """
        if reading.token is not None:
            return self.is_dead(reading.token)
        if reading.token_id is None:
            return False
        user_id = self._records.record.user_id
        return self._is_dead_by_id(reading.token_id, is_listed=user_id is not None and reading.token_user_id == user_id)

    def _is_dead_by_id(self, token_id: str, *, is_listed: bool) -> bool:
        for api in self.managers():
            try:
                listed = api.list_tokens()
                entry = next((entry for entry in listed if entry.id == token_id), None)
                if entry is not None:
                    return entry.expires_at <= self._run.clock.now()
                return is_listed and token_id not in listed.unreadable_ids and _is_confirmed_gone(token_id, [api])
            except (ApiError, PolicyRefusal):
                continue
        return False

    def issuers(self) -> list[AuthApi]:
        """Return the clients that may mint, the most obvious first.

        :raises ConfigurationError: ``issuer_missing``, ``issuer_of_another_user``, ``issuer_of_another_contract``.
        """
        record = self._records.record
        return self._account.issuers(self.live, record.user_id, record.contract_number)

    def is_spare_issuer(self, token: Token) -> bool:
        """Tell whether a token that is not the current one works, and is of the user and contract to mint for."""
        record = self._records.record
        try:
            self._account.issuers(token, record.user_id, record.contract_number)
        except ConfigurationError:
            return False
        return self.probe(token).state == "alive"

    @property
    def has_own_credential(self) -> bool:
        """Whether the account has a credential besides what is in vaults."""
        return self._account.account.credential is not None

    def minter(self, issuer: AuthApi) -> Minter:
        """Return what mints, and looks for mints, as the credential of ``issuer``."""
        return Minter(
            issuer,
            self._run.ledger,
            self._mark,
            holder=f"account {self._account.account.name}",
            sleep=self._run.sleep,
            monotonic=self._run.monotonic,
        )

    def managers(self) -> list[AuthApi]:
        """Return the clients that may list and delete tokens here: the current token, then the account's credential.

        To the API, tokens of other users and contracts do not exist: a client that is not known to be of the record's
        own would take them for gone.
        """
        own = self._account.own_api()
        apis = ([self.api_of(self.live)] if self.live else []) + ([own] if own else [])
        record = self._records.record
        return [api for api in apis if _may_be_of(api, record.user_id, record.contract_number)]

    def delete(self, token_id: str, token: Token | None) -> Deletion:
        """Delete a token with itself first, then with the others that may (R14).

        A token that does not work any more counts as gone if there is nobody else to delete it.

        :param token: its value, if that is known and may still work.
        """
        apis = [
            api for api in self.managers() if token is None or _may_be_of(api, token.user_id, token.contract_number)
        ]
        deletion = _delete_by_any(token_id, [self.api_of(token), *apis] if token else apis)
        if deletion == "refused" and token is not None and self.is_dead(token):
            return "gone"
        return deletion

    def listed_ids(self) -> set[str] | None:
        """Return the ids of all tokens that the API lists, or None if it cannot be asked."""
        for api in self.managers():
            try:
                listed = api.list_tokens()
                return {entry.id for entry in listed} | listed.unreadable_ids
            except (ApiError, PolicyRefusal):
                continue
        return None


def current_of(token: Token, entry: TokenEntry, origin: Origin) -> Current:
    """Return what the record says of a token that becomes the current one.

    :param entry: what the API says of it.
    """
    return Current(
        id=token.id,
        fingerprint=token.fingerprint,
        created_at=entry.created_at,
        expires_at=entry.expires_at,
        origin=origin,
        token=token,
    )


def is_unsettled(deletion: Deletion, minted_at: int, now: int) -> bool:
    """Tell whether a token that what deletes does not know may be one that it does not know yet (R32).

    :param minted_at: seconds since the epoch, by the API's clock.
    """
    return deletion in UNKNOWN_TO_THE_API and now - minted_at < SETTLED_AFTER_SECONDS


def minted_by(item: Previous) -> int:
    """Return the instant at which a previous token was there at the latest: when it was issued, if that is known."""
    issued_at = item.token.issued_at if item.token else None
    return item.replaced_at if issued_at is None else issued_at


def _may_be_of(api: AuthApi, user_id: str | None, contract_number: int | None) -> bool:
    """Tell whether a client acts for a user on a contract, as far as both sides are known."""
    return api.user_id in (None, user_id or api.user_id) and (
        api.contract_number in (None, contract_number or api.contract_number)
    )


def _delete_by_any(token_id: str, apis: Sequence[AuthApi]) -> Deletion:
    """Delete a token with the first client that can; that it is gone counts once a second call confirms it (R9)."""
    deletion = delete_with(token_id, apis)
    if deletion in UNKNOWN_TO_THE_API and not _is_confirmed_gone(token_id, apis):
        return "unknown"
    return deletion


def _is_confirmed_gone(token_id: str, apis: Sequence[AuthApi]) -> bool:
    for api in apis:
        try:
            api.get_token(token_id)
        except ApiNotFound:
            return True
        except (ApiRefused, PolicyRefusal):
            # The token itself, which cannot authenticate any more.
            continue
        except ApiError:
            pass
        return False
    return True
