# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who mints: the accounts that a user declares, and their credentials."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from ansible_collections.tokenops.ionos.plugins.module_utils._auth_api.credentials import (
    BasicCredential,
    BearerCredential,
    Credential,
)
from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import ConfigurationError
from ansible_collections.tokenops.ionos.plugins.module_utils._core.token import parse_token, plain_user_id
from ansible_collections.tokenops.ionos.plugins.plugin_utils._declaration.names import require_names

TwoFactorSetting = Literal["auto", "disabled", "configuring", "enabled", "forced"]


@dataclass(frozen=True)
class Account:
    """Who mints. ``credential`` is None if the vaults' own tokens have to do."""

    name: str
    contract_number: int | None = None
    user_id: str | None = None
    two_factor: TwoFactorSetting = "auto"
    credential: Credential | None = None


def parse_accounts(entries: Sequence[Mapping[str, Any]]) -> dict[str, Account]:
    """Return the accounts of ``accounts`` by their names.

    :raises ConfigurationError: for a name used twice or with a token in it, and as :func:`parse_account`.
    :raises TokenFormatError: for a token that is none.
    """
    require_names("accounts", [str(entry["name"]) for entry in entries])
    return {
        str(entry["name"]): parse_account(entry, str(entry["name"]), f"accounts[{entry['name']}]") for entry in entries
    }


def parse_account(entry: Mapping[str, Any], name: str, where: str) -> Account:
    """Return the account that one mapping of options describes; a token beats username and password.

    :raises ConfigurationError: ``credential_incomplete`` for a username without a password or the other way round.
    """
    return Account(
        name=name,
        contract_number=parse_contract_number(entry.get("contract_number"), f"{where}.contract_number"),
        user_id=plain_user_id(entry.get("user_id") or None),
        two_factor=entry.get("two_factor") or "auto",
        credential=_parse_credential(entry, where),
    )


def parse_contract_number(value: object, where: str) -> int | None:
    """Return the contract number, or None for nothing; raise ConfigurationError ``contract_number_invalid``."""
    if value is None or value == "":
        return None
    text = str(value).strip()
    if not (text.isascii() and text.isdigit() and 0 < int(text[:20]) < 2**63):
        raise ConfigurationError("contract_number_invalid", where=where)
    return int(text)


def _parse_credential(entry: Mapping[str, Any], where: str) -> Credential | None:
    if entry.get("token"):
        return BearerCredential(parse_token(str(entry["token"]), f"{where}.token"))
    username, password = entry.get("username"), entry.get("password")
    if not username and not password:
        return None
    if not (username and password):
        raise ConfigurationError("credential_incomplete", where=where)
    return BasicCredential(str(username), str(password))
