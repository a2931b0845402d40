# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a user declares: accounts, vaults and tokens, checked before anything is touched."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from ansible_collections.tokenops.ionos.plugins.module_utils._auth_api.credentials import (
    BasicCredential,
    BearerCredential,
    Credential,
)
from ansible_collections.tokenops.ionos.plugins.module_utils._core.duration import format_duration, parse_duration
from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import ConfigurationError
from ansible_collections.tokenops.ionos.plugins.module_utils._core.token import Token, parse_token
from ansible_collections.tokenops.ionos.plugins.module_utils._minting.due import default_renew_before, require_renewable

DEFAULT_VAULT_KIND = "ansible_vault_file"
DEFAULT_TTL = "30d"
DEFAULT_FAIL_BEFORE = "2d"
LONGEST_DEFAULT_OVERLAP = 86400
SHORTEST_TTL = 120
"""Seconds below which there is no room for telling mints apart by their lifetime (R2)."""

TwoFactorSetting = Literal["auto", "disabled", "configuring", "enabled", "forced"]


@dataclass(frozen=True)
class Account:
    """Who mints. ``credential`` is None where the vaults' own tokens have to do."""

    name: str
    contract_number: int | None = None
    user_id: str | None = None
    two_factor: TwoFactorSetting = "auto"
    credential: Credential | None = None


@dataclass(frozen=True)
class DeclaredVault:
    """A vault by name, its kind and its connection options."""

    name: str
    kind: str
    options: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True)
class DeclaredPlace:
    """Where in which vault; ``options`` are those of the vault's kind."""

    vault: str
    options: Mapping[str, Any]


@dataclass(frozen=True)
class DeclaredToken:
    """One declared token; durations are seconds."""

    name: str
    account: Account
    vault: DeclaredPlace
    replicas: tuple[DeclaredPlace, ...] = ()
    inbox: DeclaredPlace | None = None
    state: Literal["present", "absent"] = "present"
    ttl: int = 0
    renew_before: int = 0
    overlap: int = 0
    fail_before: int = 0
    enforce_ttl: bool = False
    retire_adopted: bool = False
    offer: Token | None = None
    warnings: tuple[str, ...] = ()

    @property
    def places(self) -> tuple[DeclaredPlace, ...]:
        """Every place of this token: the vault of record, the replicas and the inbox."""
        return (self.vault, *self.replicas, *([self.inbox] if self.inbox else []))


@dataclass(frozen=True)
class Declaration:
    """Everything one task declares."""

    vaults: tuple[DeclaredVault, ...]
    tokens: tuple[DeclaredToken, ...]

    @property
    def accounts(self) -> tuple[Account, ...]:
        """Every account that a declared token uses, each once."""
        return tuple({token.account.name: token.account for token in self.tokens}.values())


def parse_declaration(
    arguments: Mapping[str, Any], default_account: Account, place_options: Mapping[str, Mapping[str, Any]]
) -> Declaration:
    """Return the declaration that the task's arguments make.

    :param arguments: ``accounts``, ``vaults``, ``tokens`` and ``offers``, in the types of the argument spec.
    :param default_account: who mints for tokens that name no account: what the task or the environment gives (R7).
    :param place_options: by kind of vault, the argument spec of its places.
    :raises ConfigurationError: for unknown names, names or places used twice, options of another kind of vault,
        lifetimes that cannot work.
    :raises TokenFormatError: for an account's or an offered token that is none.
    """
    vaults = _parse_vaults(arguments.get("vaults") or [])
    accounts = _parse_accounts(arguments.get("accounts") or [])
    parser = _TokenParser(vaults, accounts, default_account, place_options, dict(arguments.get("offers") or {}))
    entries = arguments.get("tokens") or []
    _require_unique("tokens", [str(entry["name"]) for entry in entries])
    tokens = tuple(parser.parse(entry) for entry in entries)
    parser.require_offers_used(token.name for token in tokens)
    _require_places_unique(tokens)
    used = {place.vault for token in tokens for place in token.places}
    return Declaration(vaults=tuple(vault for vault in vaults.values() if vault.name in used), tokens=tokens)


def parse_account(entry: Mapping[str, Any], name: str, where: str) -> Account:
    """Return the account that one mapping of options describes; a token beats username and password.

    :raises ConfigurationError: ``credential_incomplete`` for a username without a password or the other way round.
    """
    return Account(
        name=name,
        contract_number=parse_contract_number(entry.get("contract_number"), f"{where}.contract_number"),
        user_id=entry.get("user_id") or None,
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


def _parse_vaults(entries: Sequence[Mapping[str, Any]]) -> dict[str, DeclaredVault]:
    if not entries:
        return {DEFAULT_VAULT_KIND: DeclaredVault(DEFAULT_VAULT_KIND, DEFAULT_VAULT_KIND, {})}
    _require_unique("vaults", [str(entry["name"]) for entry in entries])
    vaults = [_parse_vault(entry) for entry in entries]
    return {vault.name: vault for vault in vaults}


def _parse_vault(entry: Mapping[str, Any]) -> DeclaredVault:
    kinds = [kind for kind, options in entry.items() if kind != "name" and options is not None]
    if len(kinds) != 1:
        raise ConfigurationError("vault_kind_not_one", where=f"vaults[{entry['name']}]")
    return DeclaredVault(name=str(entry["name"]), kind=kinds[0], options=entry[kinds[0]])


def _parse_accounts(entries: Sequence[Mapping[str, Any]]) -> dict[str, Account]:
    _require_unique("accounts", [str(entry["name"]) for entry in entries])
    return {
        str(entry["name"]): parse_account(entry, str(entry["name"]), f"accounts[{entry['name']}]") for entry in entries
    }


class _TokenParser:
    """Reads the entries of ``tokens`` against the accounts and vaults that they name."""

    def __init__(
        self,
        vaults: Mapping[str, DeclaredVault],
        accounts: Mapping[str, Account],
        default_account: Account,
        place_options: Mapping[str, Mapping[str, Any]],
        offers: Mapping[str, Any],
    ) -> None:
        self._vaults = vaults
        self._accounts = accounts
        self._default_account = default_account
        self._place_options = place_options
        self._offers = offers

    def parse(self, entry: Mapping[str, Any]) -> DeclaredToken:
        name = str(entry["name"])
        where = f"tokens[{name}]"
        ttl, renew_before = _parse_lifetime(entry, where)
        overlap, warnings = _parse_overlap(entry, where, renew_before)
        return DeclaredToken(
            name=name,
            account=self._account(entry.get("account"), where),
            vault=self._place(entry["vault"], f"{where}.vault"),
            replicas=tuple(
                self._place(replica, f"{where}.replicas[{number}]")
                for number, replica in enumerate(entry.get("replicas") or [])
            ),
            inbox=self._place(entry["inbox"], f"{where}.inbox") if entry.get("inbox") else None,
            state=entry.get("state") or "present",
            ttl=ttl,
            renew_before=renew_before,
            overlap=overlap,
            fail_before=_parse_duration(entry, "fail_before", where, DEFAULT_FAIL_BEFORE),
            enforce_ttl=bool(entry.get("enforce_ttl")),
            retire_adopted=bool(entry.get("retire_adopted")),
            offer=self._offer(name),
            warnings=warnings,
        )

    def require_offers_used(self, names: Iterable[str]) -> None:
        if set(self._offers) - set(names):
            raise ConfigurationError("offer_for_unknown_token")

    def _offer(self, name: str) -> Token | None:
        value = self._offers.get(name)
        return parse_token(str(value), f"offers[{name}]") if value else None

    def _account(self, name: str | None, where: str) -> Account:
        if not name:
            return self._default_account
        if name not in self._accounts:
            raise ConfigurationError("account_unknown", where=where, name=name)
        return self._accounts[name]

    def _place(self, entry: Mapping[str, Any], where: str) -> DeclaredPlace:
        vault = self._vault(entry.get("in"), where)
        given = {option: value for option, value in entry.items() if option != "in" and value is not None}
        allowed = self._place_options[vault.kind]
        for option in sorted(set(given) - set(allowed)):
            raise ConfigurationError("place_option_of_another_kind", where=where, option=option, kind=vault.kind)
        for option, spec in allowed.items():
            if spec.get("required") and not given.get(option):
                raise ConfigurationError("place_option_missing", where=where, option=option, kind=vault.kind)
        defaults = {option: spec.get("default") for option, spec in allowed.items()}
        return DeclaredPlace(vault=vault.name, options={**defaults, **given})

    def _vault(self, name: str | None, where: str) -> DeclaredVault:
        if name:
            if name not in self._vaults:
                raise ConfigurationError("vault_unknown", where=where, name=name)
            return self._vaults[name]
        if len(self._vaults) != 1:
            raise ConfigurationError("vault_not_named", where=where)
        return next(iter(self._vaults.values()))


def _parse_duration(entry: Mapping[str, Any], option: str, where: str, default: str | int) -> int:
    """Return the seconds that an option gives; empty counts as not given."""
    value = entry.get(option)
    return parse_duration(default if value is None or value == "" else value, f"{where}.{option}")


def _parse_lifetime(entry: Mapping[str, Any], where: str) -> tuple[int, int]:
    ttl = _parse_duration(entry, "ttl", where, DEFAULT_TTL)
    renew_before = _parse_duration(entry, "renew_before", where, default_renew_before(ttl))
    require_renewable(ttl, renew_before, ttl_where=f"{where}.ttl", where=f"{where}.renew_before")
    if ttl < SHORTEST_TTL:
        raise ConfigurationError("ttl_too_short_to_rotate", where=f"{where}.ttl", seconds=ttl)
    return ttl, renew_before


def _parse_overlap(entry: Mapping[str, Any], where: str, renew_before: int) -> tuple[int, tuple[str, ...]]:
    overlap = _parse_duration(entry, "overlap", where, min(LONGEST_DEFAULT_OVERLAP, renew_before))
    if overlap <= renew_before:
        return overlap, ()
    warning = (
        f"{where}.overlap is longer than renew_before ({format_duration(renew_before)}); by then the previous token "
        "has expired anyway. It is cut to that; shorten overlap or lengthen renew_before."
    )
    return renew_before, (warning,)


def _require_unique(what: str, names: Sequence[str]) -> None:
    for name in names:
        if not name:
            raise ConfigurationError("name_empty", where=what)
        if names.count(name) > 1:
            raise ConfigurationError("name_used_twice", where=what, name=name)


def _require_places_unique(tokens: Sequence[DeclaredToken]) -> None:
    holders: dict[tuple[Any, ...], str] = {}
    for token in tokens:
        for place in token.places:
            identity = (place.vault, *sorted((key, str(value)) for key, value in place.options.items()))
            if identity in holders:
                raise ConfigurationError("place_used_twice", where=f"tokens[{token.name}]", other=holders[identity])
            holders[identity] = token.name
