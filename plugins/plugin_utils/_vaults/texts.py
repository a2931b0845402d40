# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Places in declared vaults for a text of ours that is no token."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import ConfigurationError
from ansible_collections.tokenops.ionos.plugins.plugin_utils._action.arguments import Plugin, check_arguments
from ansible_collections.tokenops.ionos.plugins.plugin_utils._declaration.options import declaration_options
from ansible_collections.tokenops.ionos.plugins.plugin_utils._declaration.vaults import DeclaredVaults
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.connections import connect_vaults
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.protocol import Controller, TextPlace, VaultKind


def text_place(
    option: str,
    place: object,
    vaults: object,
    *,
    default_key: str,
    kinds: Mapping[str, VaultKind],
    controller: Controller,
    plugin: Plugin,
) -> TextPlace:
    """Return the place that an option names, in a vault that is logged in to for it.

    :param option: its name, for messages.
    :param place: as a user writes the places of declared tokens.
    :param vaults: declared vaults as a user writes them.
    :param default_key: where the place names none.
    :param plugin: what messages call the action.
    :raises ConfigurationError: for what cannot be right, and ``vault_keeps_tokens_only``.
    """
    spec = declaration_options(kinds)
    own_spec = {"vaults": spec["vaults"], option: spec["tokens"]["options"]["vault"]}
    arguments: dict[str, Any] = check_arguments(own_spec, {"vaults": vaults or [], option: place}, plugin)
    declared_vaults = DeclaredVaults(arguments["vaults"], {name: kind.PLACE_OPTIONS for name, kind in kinds.items()})
    declared = declared_vaults.place(arguments[option], option)
    kind = declared_vaults.kind_of(declared)
    given = {name for name, value in arguments[option].items() if value is not None}
    defaults = {"key": default_key} if "key" in kinds[kind].PLACE_OPTIONS and "key" not in given else {}
    connected = connect_vaults(declared_vaults.used_by([declared]), kinds, controller)
    found = connected[declared.vault].place({**declared.options, **defaults})
    if not isinstance(found, TextPlace):
        raise ConfigurationError("vault_keeps_tokens_only", where=option, name=declared.vault, kind=kind)
    return found
