# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``auth_token_info``: the tokens of a user, the account, and what the policy says of it."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any, Mapping

from ansible_collections.tokenops.ionos.plugins.module_utils._auth_api.answers import TokenEntry
from ansible_collections.tokenops.ionos.plugins.module_utils._auth_api.client import AuthApi
from ansible_collections.tokenops.ionos.plugins.module_utils._auth_api.connection import ApiConnection
from ansible_collections.tokenops.ionos.plugins.module_utils._auth_api.credentials import BearerCredential
from ansible_collections.tokenops.ionos.plugins.module_utils._core.duration import parse_duration
from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import ConfigurationError
from ansible_collections.tokenops.ionos.plugins.module_utils._core.instant import EPOCH, parse_date
from ansible_collections.tokenops.ionos.plugins.module_utils._core.token import Token, parse_token, require_token_id
from ansible_collections.tokenops.ionos.plugins.module_utils._minting.ledger import QUOTA
from ansible_collections.tokenops.ionos.plugins.module_utils._modules.base import TokenOpsModule
from ansible_collections.tokenops.ionos.plugins.module_utils._modules.facts import (
    entry_facts,
    remaining_facts,
)
from ansible_collections.tokenops.ionos.plugins.module_utils._policy.facts import policy_facts
from ansible_collections.tokenops.ionos.plugins.module_utils._policy.rules import TwoFactor


@dataclass(frozen=True)
class InfoOptions:
    """What the task asks for.

    :ivar current: the one token to show, or None.
    :ivar token_id: its id, or None for every token.
    :ivar expiring_within: seconds, or None for no filter.
    :ivar on: the day that the policy is asked about, or None for today.
    :ivar two_factor: what the user says of the account, or None to ask the Cloud API.
    """

    current: Token | None
    token_id: str | None
    expiring_within: int | None
    on: datetime.date | None
    two_factor: TwoFactor | None

    @classmethod
    def from_params(cls, params: Mapping[str, Any]) -> InfoOptions:
        """Return the options of a task, checked before the API is asked.

        :raises ConfigurationError: for an option that cannot be right.
        :raises TokenFormatError: if ``current`` is no token.
        """
        if params["token_id"] and params["current"] is not None:
            raise ConfigurationError("options_exclusive", first="current", second="token_id")
        current = None if params["current"] is None else parse_token(params["current"], "current")
        within = params["expiring_within"]
        return cls(
            current=current,
            token_id=current.id if current else _token_id(params["token_id"]),
            expiring_within=None if within is None else parse_duration(within, "expiring_within"),
            on=None if params["date"] is None else _date(params["date"]),
            two_factor=None if params["two_factor"] == "auto" else params["two_factor"],
        )


def auth_token_info(module: TokenOpsModule, connection: ApiConnection) -> dict[str, Any]:
    """Return the result of a task.

    :raises TokenOpsError: with a message for the user.
    """
    options = InfoOptions.from_params(module.params)
    api = connection.issuer()
    if api is None and options.current is not None:
        api = connection.api_of(options.current)
    if api is None:
        raise ConfigurationError("credential_missing")
    return gather(options, api)


def gather(options: InfoOptions, api: AuthApi) -> dict[str, Any]:
    """Return the result: tokens, quota, account and policy, without any secret.

    :raises TokenOpsError: if the tokens cannot be listed.
    """
    listed = api.list_tokens()
    now = api.clock.confirmed_now(api.host)
    two_factor = options.two_factor or api.two_factor()
    shown = [entry for entry in listed if _is_asked_for(entry, options, now)]
    tokens = [_token_facts(entry, now) for entry in sorted(shown, key=lambda entry: (entry.expires_at, entry.id))]
    return {
        "changed": False,
        "tokens": tokens,
        "count": len(tokens),
        "quota": {"limit": QUOTA, "used": listed.slots, "remaining": max(QUOTA - listed.slots, 0)},
        "account": _account_facts(api, two_factor),
        "policy": policy_facts(two_factor, options.on or api.clock.today()),
    }


def _is_asked_for(entry: TokenEntry, options: InfoOptions, now: int) -> bool:
    if options.token_id is not None and entry.id != options.token_id:
        return False
    return options.expiring_within is None or entry.expires_at - now <= options.expiring_within


def _token_facts(entry: TokenEntry, now: int) -> dict[str, Any]:
    return {**entry_facts(entry), **remaining_facts(entry, now), "expired": entry.expires_at <= now}


def _account_facts(api: AuthApi, two_factor: TwoFactor) -> dict[str, Any]:
    token = api.credential.token if isinstance(api.credential, BearerCredential) else None
    return {
        "user_id": api.user_id,
        "contract_number": api.contract_number,
        "role": token.role if token else None,
        "method": api.credential.method,
        "two_factor": two_factor,
    }


def _token_id(text: str | None) -> str | None:
    return require_token_id(text, "token_id") if text else None


def _date(text: str) -> datetime.date:
    seconds = parse_date(text.strip())
    if seconds is None:
        raise ConfigurationError("date_unreadable", where="date")
    return (EPOCH + datetime.timedelta(seconds=seconds)).date()
