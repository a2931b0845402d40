# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading tokens for the lookup: what is refused before a vault is asked."""

from __future__ import annotations

import pytest

from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import ConfigurationError
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.kinds import vault_kinds
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.protocol import Controller
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.reader import TokenReader

VAULTS = [{"name": "files", "ansible_vault_file": {}}, {"name": "spots", "tasks": {"publish": "publish.yml"}}]
TOKEN = {
    "name": "app",
    "vault": {"in": "files", "path": "ionos.yml", "variable": "ionos_token"},
    "replicas": [{"in": "spots", "target": "one"}],
}


def test_a_place_that_only_tasks_reach_cannot_be_read() -> None:
    reader = TokenReader(vault_kinds(), Controller(environ={}, base_directory="."))
    with pytest.raises(ConfigurationError) as error:
        reader.read_declared(["app"], tokens=[TOKEN], vaults=VAULTS, replica="spots")
    assert str(error.value).startswith("The vault spots is of the kind tasks, which never gives a token back. Read")
    with pytest.raises(ConfigurationError) as error:
        reader.read_place({"in": "spots", "target": "one"}, vault=None, vaults=VAULTS)
    assert error.value.code == "vault_gives_nothing_back"
