# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One account in one run: as which of its credentials requests are sent, and which may mint."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any

from ansible_collections.tokenops.ionos.plugins.module_utils._auth_api.answers import TokenList
from ansible_collections.tokenops.ionos.plugins.module_utils._auth_api.client import AuthApi
from ansible_collections.tokenops.ionos.plugins.module_utils._auth_api.credentials import BearerCredential, Credential
from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import ConfigurationError, TokenOpsError
from ansible_collections.tokenops.ionos.plugins.module_utils._core.instant import format_instant
from ansible_collections.tokenops.ionos.plugins.module_utils._core.token import Token
from ansible_collections.tokenops.ionos.plugins.module_utils._minting.ledger import QUOTA
from ansible_collections.tokenops.ionos.plugins.module_utils._policy.facts import policy_facts
from ansible_collections.tokenops.ionos.plugins.module_utils._policy.gate import PolicyGate
from ansible_collections.tokenops.ionos.plugins.module_utils._policy.rules import TwoFactor
from ansible_collections.tokenops.ionos.plugins.plugin_utils._declaration.accounts import Account
from ansible_collections.tokenops.ionos.plugins.plugin_utils._run.run import Run

Connect = Callable[[Credential, int | None, PolicyGate], AuthApi]
"""Makes the client that sends its requests as a credential, on a contract, past a policy."""


class AccountAccess:
    """The clients of one account.

    :param gate: the policy for this account; it finds out the account's two-factor state at most once per run (R21).
    """

    def __init__(self, account: Account, gate: PolicyGate, connect: Connect) -> None:
        self.account = account
        self.gate = gate
        self._connect = connect
        self._lock = threading.Lock()
        self._purged = False

    def api(self, credential: Credential) -> AuthApi:
        """Return a client that acts as ``credential``, on the contract of the token itself or of the account."""
        return self._connect(credential, credential.contract_number or self.account.contract_number, self.gate)

    def api_of(self, token: Token) -> AuthApi:
        """Return a client that acts as ``token``."""
        return self.api(BearerCredential(token))

    def own_api(self) -> AuthApi | None:
        """Return a client that acts as the account's own credential, or None if it has none."""
        return None if self.account.credential is None else self.api(self.account.credential)

    def clients(self, tokens: Sequence[Token]) -> list[AuthApi]:
        """Return the clients that act as each of these tokens, and then as the account's own credential."""
        own = self.own_api()
        return [*(self.api_of(token) for token in tokens), *([own] if own else [])]

    def issuers(self, live: Token | None, pinned_user_id: str | None, pinned_contract: int | None) -> list[AuthApi]:
        """Return the clients that may mint for this account, the most obvious first.

        :param live: the current token, if it works: a token renews itself.
        :param pinned_user_id: the user that the record names; an issuer of another user is left out unless the account
            names that user (R7).
        :param pinned_contract: the contract that the record names, which the account may override.
        :raises ConfigurationError: ``issuer_missing``, ``issuer_of_another_user``, ``issuer_of_another_contract``.
        """
        given: list[Credential] = [BearerCredential(live)] if live else []
        if self.account.credential is not None:
            given.append(self.account.credential)
        user_id = self.account.user_id or pinned_user_id
        contract = self.account.contract_number or pinned_contract
        of_user = [item for item in given if not user_id or item.user_id in (None, user_id)]
        fitting = [item for item in of_user if not contract or item.contract_number in (None, contract)]
        if not fitting:
            raise ConfigurationError(_why_no_issuer(given, of_user), account=self.account.name)
        return [self.api(item) for item in fitting]

    @property
    def two_factor(self) -> TwoFactor:
        """The account's two-factor state, as far as it has been declared or asked for."""
        return self.gate.two_factor or "unknown"

    def policy_of_minting(self) -> dict[str, Any]:
        """Return what the policy says today of minting with a token of this account, without asking anybody."""
        decision = self.gate.decide("bearer", "mint", lambda: "unknown")
        return {"two_factor": self.two_factor, **decision.as_dict()}

    def purge_expired_once(self, api: AuthApi) -> None:
        """Delete the expired tokens of the account's user by criteria, at most once per run (R11)."""
        with self._lock:
            if self._purged:
                return
            self._purged = True
        api.delete_by_criteria("expired")


def _why_no_issuer(given: list[Credential], of_user: list[Credential]) -> str:
    if not given:
        return "issuer_missing"
    return "issuer_of_another_contract" if of_user else "issuer_of_another_user"


def account_facts(access: AccountAccess, tokens: Sequence[Token], run: Run, quota_reserve: int) -> dict[str, Any]:
    """Return the facts of one account; what cannot be found out is None, and ``message`` says why.

    :param tokens: tokens of the account from its vaults, those that are known to work first.
    """
    api, listed, message = _list(access.clients(tokens))
    two_factor = access.two_factor if api is None or message else api.two_factor()
    return {
        "name": access.account.name,
        "user_id": (api.user_id if api else None) or access.account.user_id,
        "contract_number": (api.contract_number if api else None) or access.account.contract_number,
        "two_factor": two_factor,
        "quota": None if listed is None else {"used": listed.slots, "limit": QUOTA, "reserve": quota_reserve},
        "tokens": None if listed is None else _tokens(listed, run),
        "policy": policy_facts(two_factor, run.clock.today()),
        "message": message,
    }


def _list(apis: Sequence[AuthApi]) -> tuple[AuthApi | None, TokenList | None, str | None]:
    """Return the first client that can list the tokens, with the list; or the first one, and why it cannot."""
    message = None
    for api in apis:
        try:
            return api, api.list_tokens(), None
        except TokenOpsError as error:
            message = message or str(error)
    if not apis:
        return None, None, "There is no working token and no credential to ask with."
    return apis[0], None, message


def _tokens(listed: TokenList, run: Run) -> list[dict[str, Any]]:
    """Return each token of a user with the declared token that it belongs to, what ends first at the top."""
    entries = []
    for entry in sorted(listed, key=lambda entry: (entry.expires_at, entry.id)):
        belonging = run.registry.belonging(entry.id)
        is_credential = entry.id in run.registry.issuer_ids
        entries.append(
            {
                "id": entry.id,
                "created_at": format_instant(entry.created_at),
                "expires_at": format_instant(entry.expires_at),
                "expired": entry.expires_at <= run.clock.now(),
                "declared": belonging[0] if belonging else None,
                "role": belonging[1] if belonging else "credential" if is_credential else None,
            }
        )
    return entries
