# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One declared token in one run: what the steps of a rotation share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from ansible_collections.tokenops.ionos.plugins.module_utils._auth_api.answers import TokenEntry
from ansible_collections.tokenops.ionos.plugins.module_utils._auth_api.client import AuthApi, Probe
from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import (
    ApiError,
    ApiNotFound,
    ApiRefused,
    PolicyRefusal,
)
from ansible_collections.tokenops.ionos.plugins.module_utils._core.token import Token
from ansible_collections.tokenops.ionos.plugins.module_utils._minting.due import Standing
from ansible_collections.tokenops.ionos.plugins.module_utils._minting.minter import Minter, delete_with
from ansible_collections.tokenops.ionos.plugins.plugin_utils._declaration import DeclaredToken
from ansible_collections.tokenops.ionos.plugins.plugin_utils._record import Current, Intent, Origin, Record
from ansible_collections.tokenops.ionos.plugins.plugin_utils._rotation.account import AccountAccess
from ansible_collections.tokenops.ionos.plugins.plugin_utils._rotation.outcome import Outcome
from ansible_collections.tokenops.ionos.plugins.plugin_utils._rotation.record_keeper import RecordKeeper
from ansible_collections.tokenops.ionos.plugins.plugin_utils._rotation.replicas import Liveness, Replica, Replicas
from ansible_collections.tokenops.ionos.plugins.plugin_utils._rotation.run import Run
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.protocol import Vault

Deletion = Literal["deleted", "gone", "refused", "unknown"]


@dataclass
class TokenPass:
    """The state of one pass for one declared token."""

    token: DeclaredToken
    run: Run
    access: AccountAccess
    vault: Vault
    keeper: RecordKeeper
    replicas: Replicas
    outcome: Outcome
    inbox: Replica | None = None
    live: Token | None = None
    """The current token, once the API has confirmed that it works."""

    @property
    def record(self) -> Record:
        """The record as last read or committed."""
        return self.keeper.record

    def commit(self, record: Record) -> None:
        """Write the record with check-and-set.

        :raises VaultError: where it did not provably land.
        """
        if self.run.check_mode:
            self.keeper.assume(record)
        else:
            self.keeper.commit(record)
        self.noted()

    def noted(self) -> None:
        """Take over what the vault of record now holds into the run's registry and the outcome."""
        self.run.registry.note(self.token.name, self.record)
        self.outcome.record = self.record
        self.outcome.changed = True

    def intent(self, ttl: int | None) -> Intent:
        """Return an intent of this process that starts now."""
        now = self.run.now()
        return Intent(owner=self.run.owner, started_at=now, lease_until=now + self.run.lease, ttl=ttl)

    def succeeded_by(self, record: Record, token: Token, entry: TokenEntry, origin: Origin) -> Record:
        """Return ``record`` with ``token`` as the current one from now on."""
        now = self.run.now()
        current = Current(
            id=token.id,
            fingerprint=token.fingerprint,
            created_at=entry.created_at,
            expires_at=entry.expires_at,
            origin=origin,
            token=token,
        )
        return record.succeeded_by(current, now=now, synced_at=None if self.token.replicas else now)

    def probe(self, token: Token) -> Probe:
        """Ask the API about a token, as that token itself."""
        return self.access.api_of(token).probe()

    def liveness(self, token: Token) -> Liveness:
        """Tell whether a token works; what the API leaves open is unknown (R9)."""
        state = self.probe(token).state
        if state in ("refused", "gone"):
            return "dead"
        return "alive" if state == "alive" else "unknown"

    def deletion_apis(self) -> list[AuthApi]:
        """Return the clients that may delete tokens here: the current token, then the account's credential.

        To the API, tokens of other users and contracts do not exist: a client that is not known to be of the record's
        own would take them for gone.
        """
        own = self.access.own_api()
        apis = ([self.access.api_of(self.live)] if self.live else []) + ([own] if own else [])
        record = self.record
        return [
            api
            for api in apis
            if record.user_id in (None, api.user_id or record.user_id)
            and record.contract_number in (None, api.contract_number or record.contract_number)
        ]

    def minter(self, api: AuthApi, may_send: Callable[[], bool] = lambda: False) -> Minter:
        """Return what mints, and looks for mints, as the credential of ``api``."""
        return Minter(
            api,
            self.run.ledger,
            sleep=self.run.sleep,
            monotonic=self.run.monotonic,
            known_ids=lambda: self.run.registry.known_ids,
            may_send=may_send,
            on_warning=self.outcome.warn,
        )

    def delete(self, token_id: str, token: Token | None) -> Deletion:
        """Delete a token with itself first, then with the others that may (R14).

        A token that does not work any more counts as gone where there is nobody else to delete it.

        :param token: its value, where that is known and may still work.
        """
        apis = [api for api in self.deletion_apis() if _sees(api, token)]
        deletion = delete_by_any(token_id, [self.access.api_of(token), *apis] if token else apis)
        if deletion == "refused" and token is not None and self.liveness(token) == "dead":
            return "gone"
        return deletion

    def is_listed(self, token_id: str) -> bool:
        """Tell whether the API still shows a token; where it cannot be asked, it may."""
        ids = self.listed_ids()
        return ids is None or token_id in ids

    def listed_ids(self) -> set[str] | None:
        """Return the ids of all tokens that the API lists, or None where it cannot be asked."""
        for api in self.deletion_apis():
            try:
                return {entry.id for entry in api.list_tokens()}
            except (ApiError, PolicyRefusal):
                continue
        return None


def _sees(api: AuthApi, token: Token | None) -> bool:
    """Tell whether a client sees the tokens of the same user and contract as ``token``."""
    if token is None:
        return True
    same_user = None in (api.user_id, token.user_id) or api.user_id == token.user_id
    return same_user and (
        None in (api.contract_number, token.contract_number) or api.contract_number == token.contract_number
    )


def delete_by_any(token_id: str, apis: Sequence[AuthApi]) -> Deletion:
    """Delete a token with the first client that can; ``refused`` only where all are refused or there is none.

    That a token is gone counts once a second call confirms it (R9).
    """
    try:
        deletion: Deletion = delete_with(token_id, apis)
    except PolicyRefusal:
        return "refused"
    except ApiError:
        return "unknown"
    return _confirmed_gone(token_id, apis) if deletion == "gone" else deletion


def _confirmed_gone(token_id: str, apis: Sequence[AuthApi]) -> Deletion:
    for api in apis:
        try:
            api.get_token(token_id)
        except ApiNotFound:
            return "gone"
        except (ApiRefused, PolicyRefusal):
            # The token itself, which cannot authenticate any more.
            continue
        except ApiError:
            pass
        return "unknown"
    return "gone"


def standing(token: Token, probe: Probe) -> Standing:
    """Return what is known of ``token`` after asking the API."""
    entry = probe.entry
    return Standing(
        liveness=probe.state,
        created_at=entry.created_at if entry else token.issued_at,
        expires_at=entry.expires_at if entry else token.expires_at,
        user_id=token.user_id,
        contract_number=token.contract_number,
    )
