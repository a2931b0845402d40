# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where tokens live: the vaults that a user declares, and the places in them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import ConfigurationError
from ansible_collections.tokenops.ionos.plugins.plugin_utils._declaration.names import require_names

DEFAULT_VAULT_KIND = "ansible_vault_file"


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
class DeclaredPlaces:
    """The places of one declared token."""

    vault: DeclaredPlace
    replicas: tuple[DeclaredPlace, ...]
    inbox: DeclaredPlace | None

    @property
    def all(self) -> tuple[DeclaredPlace, ...]:
        """The vault of record, the replicas and the inbox."""
        return (self.vault, *self.replicas, *([self.inbox] if self.inbox else []))


class DeclaredVaults:
    """The vaults of one declaration; reads the places that name them.

    :param entries: ``vaults``, in the types of the argument spec; without any there is one of the default kind.
    :param place_options: by kind of vault, the argument spec of its places.
    :raises ConfigurationError: as :func:`require_names`, and ``vault_kind_not_one``.
    """

    def __init__(
        self, entries: Sequence[Mapping[str, Any]], place_options: Mapping[str, Mapping[str, Mapping[str, Any]]]
    ) -> None:
        require_names("vaults", [str(entry["name"]) for entry in entries])
        vaults = [_parse_vault(entry) for entry in entries]
        self._vaults = {vault.name: vault for vault in vaults or [_DEFAULT_VAULT]}
        self._place_options = place_options

    def places(self, entry: Mapping[str, Any], where: str) -> DeclaredPlaces:
        """Return the places of an entry of ``tokens``.

        :param where: the entry, for messages.
        :raises ConfigurationError: for an unknown vault, and for options that the vault's kind lacks or needs.
        """
        return DeclaredPlaces(
            vault=self.place(entry["vault"], f"{where}.vault"),
            replicas=tuple(
                self.place(replica, f"{where}.replicas[{number}]")
                for number, replica in enumerate(entry.get("replicas") or [])
            ),
            inbox=self.place(entry["inbox"], f"{where}.inbox") if entry.get("inbox") else None,
        )

    def kind_of(self, place: DeclaredPlace) -> str:
        """Return the kind of the vault that a place is in."""
        return self._vaults[place.vault].kind

    def used_by(self, places: Iterable[DeclaredPlace]) -> tuple[DeclaredVault, ...]:
        """Return the vaults in which ``places`` are, each once."""
        used = {place.vault for place in places}
        return tuple(vault for vault in self._vaults.values() if vault.name in used)

    def place(self, entry: Mapping[str, Any], where: str) -> DeclaredPlace:
        """Return one place; parameters and errors as in :meth:`places`."""
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


def require_places_unique(places: Mapping[str, DeclaredPlaces]) -> None:
    """Raise ConfigurationError ``place_used_twice`` if one place is declared twice.

    :param places: by the name of the declared token.
    """
    holders: dict[tuple[Any, ...], str] = {}
    for name, of_token in places.items():
        for place in of_token.all:
            identity = (place.vault, *sorted((key, str(value)) for key, value in place.options.items()))
            if identity in holders:
                raise ConfigurationError("place_used_twice", where=f"tokens[{name}]", other=holders[identity])
            holders[identity] = name


_DEFAULT_VAULT = DeclaredVault(DEFAULT_VAULT_KIND, DEFAULT_VAULT_KIND, {})


def _parse_vault(entry: Mapping[str, Any]) -> DeclaredVault:
    kinds = [kind for kind, options in entry.items() if kind != "name" and options is not None]
    if len(kinds) != 1:
        raise ConfigurationError("vault_kind_not_one", where=f"vaults[{entry['name']}]")
    return DeclaredVault(name=str(entry["name"]), kind=kinds[0], options=entry[kinds[0]])
