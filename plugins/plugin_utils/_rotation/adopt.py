# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Adoption: taking in a token that this collection did not mint (R4, R5, R7, R17)."""

from __future__ import annotations

from ansible_collections.tokenops.ionos.plugins.module_utils._auth_api.answers import TokenEntry
from ansible_collections.tokenops.ionos.plugins.module_utils._auth_api.client import Probe
from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import ConfigurationError
from ansible_collections.tokenops.ionos.plugins.module_utils._core.token import Token
from ansible_collections.tokenops.ionos.plugins.plugin_utils._declaration.tokens import DeclaredToken
from ansible_collections.tokenops.ionos.plugins.plugin_utils._record.model import Origin, Record
from ansible_collections.tokenops.ionos.plugins.plugin_utils._rotation.remote import RemoteTokens, current_of
from ansible_collections.tokenops.ionos.plugins.plugin_utils._run.account import AccountAccess
from ansible_collections.tokenops.ionos.plugins.plugin_utils._run.run import Run
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.record_keeper import RecordKeeper


class Adoption:
    """Judges and takes in tokens that the record of one declared token does not know."""

    def __init__(
        self, declared: DeclaredToken, account: AccountAccess, run: Run, records: RecordKeeper, remote: RemoteTokens
    ) -> None:
        self._name = declared.name
        self._is_replicated = bool(declared.replicas)
        self._account = account.account
        self._registry = run.registry
        self._clock = run.clock
        self._records = records
        self._remote = remote

    def objection(self, token: Token, probe: Probe, *, better_than: int | None) -> ConfigurationError | None:
        """Return why ``token`` must not become current, or None.

        :param probe: what the API says of it.
        :param better_than: the expiry that it has to outlive, in seconds since the epoch, or None for any.
        """
        name = self._name
        holder = self._registry.holder(token.id, besides=name)
        if holder is not None:
            return ConfigurationError("offer_held_elsewhere", name=name, token_id=token.id, other=holder)
        if self._belongs_to_another("user_id", token.user_id):
            return ConfigurationError("offer_of_another_user", name=name, token_id=token.id)
        if self._belongs_to_another("contract_number", token.contract_number):
            return ConfigurationError("offer_of_another_contract", name=name, token_id=token.id)
        if probe.state != "alive" or probe.entry is None:
            code = "offer_not_checked" if probe.state == "unknown" else "offer_not_alive"
            return ConfigurationError(code, name=name, token_id=token.id)
        if better_than is not None and probe.entry.expires_at <= better_than:
            return ConfigurationError("offer_not_longer_lived", name=name, token_id=token.id)
        return None

    def adopt(self, token: Token, entry: TokenEntry) -> None:
        """Make ``token`` the current one in the vault of record.

        :raises ConfigurationError: ``offer_held_elsewhere`` if another declared token was faster.
        :raises VaultError: if that did not provably land.
        """
        if not self._registry.claim(self._name, token.id):
            other = self._registry.holder(token.id, besides=self._name)
            raise ConfigurationError("offer_held_elsewhere", name=self._name, token_id=token.id, other=other)
        now = self._clock.now()
        record = self._records.record
        current = current_of(token, entry, _origin(record, token))
        self._records.commit(record.succeeded_by(current, now=now, synced_at=None if self._is_replicated else now))
        self._remote.live = token

    def _belongs_to_another(self, what: str, value: object) -> bool:
        wanted = getattr(self._account, what) or getattr(self._records.record, what)
        return bool(wanted) and value is not None and value != wanted


def _origin(record: Record, token: Token) -> Origin:
    """Return where a token came from; one that the record knows keeps what it says."""
    known: dict[str, Origin] = {item.id: item.origin for item in record.previous}
    if record.current is not None:
        known[record.current.id] = record.current.origin
    return known.get(token.id, "adopted")
