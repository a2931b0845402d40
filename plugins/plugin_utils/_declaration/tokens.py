# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a user declares, checked before anything is touched: tokens, with the accounts and vaults that they name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from ansible_collections.tokenops.ionos.plugins.module_utils._core.duration import format_duration, parse_duration
from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import ConfigurationError, has_token
from ansible_collections.tokenops.ionos.plugins.module_utils._core.token import Token, parse_token
from ansible_collections.tokenops.ionos.plugins.module_utils._minting.due import (
    default_renew_before,
    effective_renew_before,
    least_lifetime_sent,
    require_renewable,
)
from ansible_collections.tokenops.ionos.plugins.module_utils._minting.spread import (
    require_spreadable,
    share_of_spread,
)
from ansible_collections.tokenops.ionos.plugins.module_utils._minting.ttl_marker import shortest_ttl
from ansible_collections.tokenops.ionos.plugins.plugin_utils._declaration.accounts import Account, parse_accounts
from ansible_collections.tokenops.ionos.plugins.plugin_utils._declaration.names import require_names
from ansible_collections.tokenops.ionos.plugins.plugin_utils._declaration.options import (
    DEFAULT_FAIL_BEFORE,
    DEFAULT_SPREAD,
    DEFAULT_TTL,
)
from ansible_collections.tokenops.ionos.plugins.plugin_utils._declaration.vaults import (
    DeclaredPlace,
    DeclaredPlaces,
    DeclaredVault,
    DeclaredVaults,
    require_places_unique,
)

LONGEST_DEFAULT_OVERLAP = 86400


@dataclass(frozen=True)
class DeclaredToken:
    """One declared token; durations are seconds.

    :ivar renew_before: how much of its life is left when it is due: what is declared, and its share of the spread.
    """

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
    renew_now: bool = False
    revoke: bool = False
    warnings: tuple[str, ...] = ()

    @property
    def places(self) -> DeclaredPlaces:
        """The places of this token: the vault of record, the replicas and the inbox."""
        return DeclaredPlaces(self.vault, self.replicas, self.inbox)


@dataclass(frozen=True)
class Declaration:
    """Everything one task declares.

    :ivar only: names of the tokens to work on, or None for all.
    """

    vaults: tuple[DeclaredVault, ...]
    tokens: tuple[DeclaredToken, ...]
    only: frozenset[str] | None = None

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
    vaults = DeclaredVaults(arguments.get("vaults") or [], place_options)
    accounts = parse_accounts(arguments.get("accounts") or [])
    parser = _TokenParser(vaults, accounts, default_account, arguments)
    entries = arguments.get("tokens") or []
    require_names("tokens", [str(entry["name"]) for entry in entries])
    tokens = tuple(parser.parse(entry) for entry in entries)
    names = [token.name for token in tokens]
    parser.require_offers_used(names)
    for option in ("only", "renew_now", "revoke"):
        _require_declared(option, arguments.get(option) or [], names)
    require_places_unique({token.name: token.places for token in tokens})
    only = arguments.get("only")
    return Declaration(
        vaults=vaults.used_by(place for token in tokens for place in token.places.all),
        tokens=tokens,
        only=None if only is None else frozenset(only),
    )


class _TokenParser:
    """Reads the entries of ``tokens`` against the accounts and vaults that they name."""

    def __init__(
        self,
        vaults: DeclaredVaults,
        accounts: Mapping[str, Account],
        default_account: Account,
        arguments: Mapping[str, Any],
    ) -> None:
        self._vaults = vaults
        self._accounts = accounts
        self._default_account = default_account
        self._spread = parse_duration(arguments.get("spread") or DEFAULT_SPREAD, "spread")
        self._offers = dict(arguments.get("offers") or {})
        self._revoke = frozenset(arguments.get("revoke") or [])
        self._renew_now = frozenset(arguments.get("renew_now") or []) | self._revoke

    def parse(self, entry: Mapping[str, Any]) -> DeclaredToken:
        name = str(entry["name"])
        where = f"tokens[{name}]"
        ttl, renew_before = _parse_lifetime(entry, where)
        spread = _parse_duration(entry, "spread", where, self._spread)
        require_spreadable(ttl, renew_before, spread, where=f"{where}.spread")
        overlap, warnings = _parse_overlap(entry, where, renew_before)
        _require_room(where, ttl, renew_before, overlap)
        account = self._account(entry.get("account"), where)
        places = self._vaults.places(entry, where)
        return DeclaredToken(
            name=name,
            account=account,
            vault=places.vault,
            replicas=places.replicas,
            inbox=places.inbox,
            state=entry.get("state") or "present",
            ttl=ttl,
            renew_before=renew_before + share_of_spread(spread, _identity(account, name)),
            overlap=overlap,
            fail_before=_parse_duration(entry, "fail_before", where, DEFAULT_FAIL_BEFORE),
            enforce_ttl=bool(entry.get("enforce_ttl")),
            retire_adopted=bool(entry.get("retire_adopted")),
            offer=self._offer(name),
            renew_now=name in self._renew_now,
            revoke=name in self._revoke,
            warnings=warnings,
        )

    def require_offers_used(self, names: Iterable[str]) -> None:
        declared = list(names)
        unknown = sorted(set(self._offers) - set(declared))
        if unknown:
            # Whoever mixed up name and value finds the value as a name.
            shown = [name for name in unknown if has_token(str(self._offers[name]))]
            raise ConfigurationError(
                "offer_for_unknown_token", names=", ".join(shown) or "a token", declared=", ".join(sorted(declared))
            )

    def _offer(self, name: str) -> Token | None:
        value = self._offers.get(name)
        return parse_token(str(value), f"offers[{name}]") if value else None

    def _account(self, name: str | None, where: str) -> Account:
        if not name:
            return self._default_account
        if name not in self._accounts:
            raise ConfigurationError("account_unknown", where=where, name=name)
        return self._accounts[name]


def _require_declared(where: str, names: Iterable[str], declared: Sequence[str]) -> None:
    unknown = sorted(set(names) - set(declared))
    if unknown:
        raise ConfigurationError(
            "name_not_declared", where=where, names=", ".join(unknown), declared=", ".join(sorted(declared))
        )


def _parse_duration(entry: Mapping[str, Any], option: str, where: str, default: str | int) -> int:
    """Return the seconds that an option gives; empty counts as not given."""
    value = entry.get(option)
    return parse_duration(default if value is None or value == "" else value, f"{where}.{option}")


def _parse_lifetime(entry: Mapping[str, Any], where: str) -> tuple[int, int]:
    ttl = _parse_duration(entry, "ttl", where, DEFAULT_TTL)
    renew_before = _parse_duration(entry, "renew_before", where, default_renew_before(ttl))
    require_renewable(ttl, renew_before, ttl_where=f"{where}.ttl", where=f"{where}.renew_before")
    return ttl, renew_before


def _identity(account: Account, name: str) -> tuple[str, str, str]:
    """Return what tells a declared token from all others, and is declared: the same wherever a run takes place."""
    return account.name, str(account.contract_number or ""), name


def _require_room(where: str, ttl: int, renew_before: int, overlap: int) -> None:
    """Refuse a lifetime that leaves no room to tell the tokens of one declaration apart (R36).

    A spread takes no room: with one, a token is renewed after half of its life at the earliest, and the overlap is over
    before its successor is.
    """
    lifetime = least_lifetime_sent(ttl)
    interval = lifetime - effective_renew_before(renew_before, lifetime)
    shortest = shortest_ttl(2 + -(-overlap // max(interval, 1)))
    if ttl < shortest:
        raise ConfigurationError("ttl_too_short_to_rotate", where=f"{where}.ttl", seconds=ttl, minimum=shortest)


def _parse_overlap(entry: Mapping[str, Any], where: str, renew_before: int) -> tuple[int, tuple[str, ...]]:
    overlap = _parse_duration(entry, "overlap", where, min(LONGEST_DEFAULT_OVERLAP, renew_before))
    if overlap <= renew_before:
        return overlap, ()
    warning = (
        f"{where}.overlap is longer than renew_before ({format_duration(renew_before)}); by then the previous token "
        "has expired anyway. It is cut to that; shorten overlap or lengthen renew_before."
    )
    return renew_before, (warning,)
