# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every kind of vault there is. A new vault is one new package beside this file, and its entry in this tuple.

The options of all kinds are needed to read a declaration; the rest of a package is loaded once a vault of its kind is
connected to. Ansible compiles every file of a collection anew in every run, so what is not loaded is time saved.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Protocol

from ansible_collections.tokenops.ionos.plugins.module_utils._core.options import Options
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.ansible_vault_file import (
    options as ansible_vault_file,
)
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.awx_credential import options as awx_credential
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.hashi_vault import options as hashi_vault
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.ionos_config import options as ionos_config
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.kubernetes_secret import (
    options as kubernetes_secret,
)
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.protocol import Controller, Vault, VaultKind
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.tasks import options as tasks


class _Description(Protocol):
    """What the module ``options`` of each kind says of it."""

    KIND: str
    DESCRIPTION: str
    CONNECTION_OPTIONS: Options
    PLACE_OPTIONS: Options
    READABLE: bool


def _described(description: _Description, load: Callable[[], VaultKind]) -> VaultKind:
    class Kind:
        """A kind of vault that is loaded once a vault is connected to."""

        KIND: ClassVar[str] = description.KIND
        DESCRIPTION: ClassVar[str] = description.DESCRIPTION
        CONNECTION_OPTIONS: ClassVar[Options] = description.CONNECTION_OPTIONS
        PLACE_OPTIONS: ClassVar[Options] = description.PLACE_OPTIONS
        READABLE: ClassVar[bool] = description.READABLE

        def connect(self, name: str, options: Mapping[str, Any], controller: Controller) -> Vault:
            """Log in and return the vault; see the protocol."""
            return load().connect(name, options, controller)

    return Kind()


def _ansible_vault_file() -> VaultKind:
    from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.ansible_vault_file.vault import Kind

    return Kind()


def _awx_credential() -> VaultKind:
    from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.awx_credential.vault import Kind

    return Kind()


def _hashi_vault() -> VaultKind:
    from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.hashi_vault.vault import Kind

    return Kind()


def _ionos_config() -> VaultKind:
    from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.ionos_config.vault import Kind

    return Kind()


def _kubernetes_secret() -> VaultKind:
    from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.kubernetes_secret.vault import Kind

    return Kind()


def _tasks() -> VaultKind:
    from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.tasks.vault import Kind

    return Kind()


_KINDS: tuple[VaultKind, ...] = (
    _described(ansible_vault_file, _ansible_vault_file),
    _described(awx_credential, _awx_credential),
    _described(hashi_vault, _hashi_vault),
    _described(ionos_config, _ionos_config),
    _described(kubernetes_secret, _kubernetes_secret),
    _described(tasks, _tasks),
)


def vault_kinds() -> dict[str, VaultKind]:
    """Return every kind of vault by its name."""
    return {kind.KIND: kind for kind in _KINDS}
