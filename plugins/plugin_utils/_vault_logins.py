# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Effects on a vault whose login may have run out meanwhile (R20)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from ansible_collections.tokenops.ionos.plugins.module_utils._errors import VaultDenied
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults import Vault

Result = TypeVar("Result")


def once_more_after_denial(vault: Vault, effect: Callable[[], Result]) -> Result:
    """Return what ``effect`` returns; where the vault denies it, log in anew and try once more.

    :raises VaultError: what the effect raises in the end.
    """
    denial: VaultDenied
    try:
        return effect()
    except VaultDenied as denied:
        denial = denied
    if not vault.login_again():
        raise denial
    return effect()
