# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every error that a user can cause, as one catalogue: a sentence on what is wrong and one on what to do.

Each package has a part of its own in ``messages``.
"""

from __future__ import annotations

from ansible_collections.tokenops.ionos.plugins.module_utils._core.messages import (
    action,
    auth_api,
    basic_auth_audit,
    core,
    declaration,
    files,
    http,
    minting,
    modules,
    notify,
    policy,
    report,
    rotation,
    vaults,
)
from ansible_collections.tokenops.ionos.plugins.module_utils._core.messages.entry import Entry

PARTS = (
    action.ENTRIES,
    auth_api.ENTRIES,
    basic_auth_audit.ENTRIES,
    core.ENTRIES,
    declaration.ENTRIES,
    files.ENTRIES,
    http.ENTRIES,
    minting.ENTRIES,
    modules.ENTRIES,
    notify.ENTRIES,
    policy.ENTRIES,
    report.ENTRIES,
    rotation.ENTRIES,
    vaults.ENTRIES,
)

CATALOGUE: dict[str, Entry] = {code: entry for part in PARTS for code, entry in part.items()}
