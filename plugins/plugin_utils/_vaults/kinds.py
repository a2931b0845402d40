# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every kind of vault there is. A new vault is one new package beside this file, and its ``Kind`` in this tuple."""

from __future__ import annotations

from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.ansible_vault_file.vault import (
    Kind as AnsibleVaultFile,
)
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.awx_credential.vault import Kind as AwxCredential
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.hashi_vault.vault import Kind as HashiVault
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.ionos_config.vault import Kind as IonosConfig
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.kubernetes_secret.vault import (
    Kind as KubernetesSecret,
)
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.protocol import VaultKind
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.tasks.vault import Kind as Tasks

_KINDS: tuple[VaultKind, ...] = (
    AnsibleVaultFile(),
    AwxCredential(),
    HashiVault(),
    IonosConfig(),
    KubernetesSecret(),
    Tasks(),
)


def vault_kinds() -> dict[str, VaultKind]:
    """Return every kind of vault by its name."""
    return {kind.KIND: kind for kind in _KINDS}
