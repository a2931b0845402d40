# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads the tokens that declared places hold; nothing is written, and the Auth API is not asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import ConfigurationError, VaultUnavailable
from ansible_collections.tokenops.ionos.plugins.plugin_utils._action.arguments import (
    VAULTED_TOKEN,
    check_arguments,
    plain,
)
from ansible_collections.tokenops.ionos.plugins.plugin_utils._declaration.options import declaration_options
from ansible_collections.tokenops.ionos.plugins.plugin_utils._declaration.vaults import (
    DeclaredPlace,
    DeclaredPlaces,
    DeclaredVaults,
    require_places_unique,
)
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.connections import connect_vaults
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.protocol import Controller, VaultKind

_PLACE_OPTIONS_OF_A_TOKEN = ("name", "vault", "replicas")
_UNNAMED_VAULT = "vault"
_UNNAMED_PLACE = "place"


class TokenReader:
    """Reads tokens for one lookup.

    :param kinds: every kind of vault by its name.
    """

    def __init__(self, kinds: Mapping[str, VaultKind], controller: Controller) -> None:
        self._kinds = kinds
        self._controller = controller

    def read_declared(
        self, names: Sequence[str], *, tokens: object, vaults: object, replica: str | None = None
    ) -> list[str]:
        """Return the values of declared tokens, in the order of ``names``.

        :param tokens: declared tokens as a user writes them; only their names and places matter here.
        :param vaults: declared vaults as a user writes them.
        :param replica: the vault whose replica is read instead of the vault of record.
        :raises ConfigurationError: for an unknown name, for a declaration that cannot be right, and for a kind of vault
            that never gives a token back.
        :raises VaultError: if the vault does not answer, denies, or holds something that is not ours, and
            ``vault_place_empty`` if there is no token.
        """
        entries = {str(entry["name"]): entry for entry in _named_entries(tokens)}
        for name in names:
            if name not in entries:
                raise ConfigurationError("declared_token_unknown", name=name)
        wanted = [_places_of(entries[name]) for name in dict.fromkeys(names)]
        declared_vaults, places = self._declared(wanted, vaults)
        chosen = {name: _chosen_place(name, of_token, replica) for name, of_token in places.items()}
        return self._values(declared_vaults, [chosen[name] for name in names])

    def read_place(self, place: object, *, vault: object, vaults: object) -> str:
        """Return the value of the token in a place that no declared token has to name.

        :param place: options of the place, with ``in`` if ``vaults`` are given.
        :param vault: a mapping of one kind of vault to its options, or None for one of ``vaults``.
        :raises ConfigurationError, VaultError: as :meth:`read_declared`.
        """
        if isinstance(vault, Mapping):
            vaults = [{**vault, "name": _UNNAMED_VAULT}]
        declared_vaults, places = self._declared([{"name": _UNNAMED_PLACE, "vault": place}], vaults)
        return self._values(declared_vaults, [places[_UNNAMED_PLACE].vault])[0]

    def _declared(self, tokens: Sequence[object], vaults: object) -> tuple[DeclaredVaults, dict[str, DeclaredPlaces]]:
        """Return the declared vaults, and the places of ``tokens`` by the name of the token."""
        places = {name: kind.PLACE_OPTIONS for name, kind in self._kinds.items()}
        spec = declaration_options(self._kinds)
        token_options = {name: spec["tokens"]["options"][name] for name in _PLACE_OPTIONS_OF_A_TOKEN}
        own_spec = {"vaults": spec["vaults"], "tokens": {**spec["tokens"], "options": token_options}}
        arguments = check_arguments(own_spec, {"vaults": vaults or [], "tokens": list(tokens)}, VAULTED_TOKEN)
        declared_vaults = DeclaredVaults(arguments["vaults"], places)
        places_of = {
            str(entry["name"]): declared_vaults.places(entry, f"tokens[{entry['name']}]")
            for entry in arguments["tokens"]
        }
        require_places_unique(places_of)
        return declared_vaults, places_of

    def _values(self, vaults: DeclaredVaults, places: Sequence[DeclaredPlace]) -> list[str]:
        used = vaults.used_by(places)
        for vault in used:
            if not self._kinds[vault.kind].READABLE:
                raise ConfigurationError("vault_gives_nothing_back", name=vault.name, kind=vault.kind)
        connected = connect_vaults(used, self._kinds, self._controller)
        values = []
        for declared_place in places:
            place = connected[declared_place.vault].place(declared_place.options)
            token = place.read().token
            if token is None:
                raise VaultUnavailable("vault_place_empty", where=place.describe())
            values.append(str(token.value))
        return values


def _named_entries(tokens: object) -> list[Mapping[str, Any]]:
    entries = plain(tokens)
    if not isinstance(entries, list):
        return []
    return [entry for entry in entries if isinstance(entry, Mapping) and "name" in entry]


def _places_of(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {option: entry[option] for option in _PLACE_OPTIONS_OF_A_TOKEN if option in entry}


def _chosen_place(name: str, places: DeclaredPlaces, replica: str | None) -> DeclaredPlace:
    if replica is None:
        return places.vault
    for place in places.replicas:
        if place.vault == replica:
            return place
    known = ", ".join(place.vault for place in places.replicas) or "(it has no replicas)"
    raise ConfigurationError("declared_token_not_in_vault", name=name, vault=replica, known=known)
